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
    tags = { Workspace = terraform.workspace }
  }
}

locals {
  settings = {
    default = { size = 1, extra = false }
    staging = { size = 2, extra = true }
  }
  mine = local.settings[terraform.workspace]
}

resource "aws_kinesis_stream" "s" {
  name        = "s-${terraform.workspace}"
  shard_count = local.mine.size
}

resource "aws_sqs_queue" "extra" {
  count = local.mine.extra ? 1 : 0
  name  = "extra-${terraform.workspace}"
}

resource "aws_sqs_queue" "never" {
  count = terraform.workspace == "default" ? 1 : 0
  name  = "never"
}

output "queue" {
  value = one(aws_sqs_queue.extra[*].name)
}

output "never" {
  value = try(aws_sqs_queue.never[0].name, "absent")
}
