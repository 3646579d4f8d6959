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

  default_tags {
    tags = { From = "base" }
  }
}

variable "timeout" {
  type    = number
  default = 30
}

locals {
  name  = "base"
  other = "kept"
}

resource "aws_sqs_queue" "q" {
  name                       = local.name
  visibility_timeout_seconds = var.timeout
  delay_seconds              = 1
  tags                       = { A = "base", B = local.other }
}

resource "aws_dynamodb_table" "t" {
  name         = "t"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "gone"
    type = "N"
  }
  lifecycle {
    ignore_changes = [tags]
  }
}

module "m" {
  source = "./m"
  name   = "base"
  size   = 1
}

output "m" {
  value = module.m.text
}
