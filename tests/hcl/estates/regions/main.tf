terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
}

provider "aws" {
  alias = "west"
  region                      = "us-west-2"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true

  default_tags {
    tags = { Where = "west" }
  }
}

provider "aws" {
  alias = "tagged"
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true

  default_tags {
    tags = { Where = "tagged", Name = "default" }
  }
}

data "aws_region" "here" {}

data "aws_region" "there" {
  provider = aws.west
}

resource "aws_sns_topic" "here" {
  name = "t-${data.aws_region.here.name}"
}

resource "aws_sns_topic" "there" {
  provider = aws.west
  name     = "t-${data.aws_region.there.name}"
  tags     = { Where = "own" }
}

module "inherited" {
  source = "./site"
}

module "mapped" {
  source = "./site"
  providers = {
    aws = aws.west
  }
}

module "pair" {
  source = "./pair"
  providers = {
    aws.source = aws.tagged
    aws.target = aws.west
  }
}

output "regions" {
  value = [module.inherited.region, module.mapped.region, module.pair.regions]
}
