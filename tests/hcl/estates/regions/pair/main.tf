
terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.source, aws.target]
    }
  }
}

data "aws_region" "source" {
  provider = aws.source
}

resource "aws_sns_topic" "source" {
  provider = aws.source
  name     = "source"
  tags     = { Name = "source" }
}

resource "aws_sns_topic" "target" {
  provider = aws.target
  name     = "target"
}

module "site" {
  source = "../site"
  providers = {
    aws = aws.target
  }
}

output "regions" {
  value = [data.aws_region.source.name, module.site.region]
}
