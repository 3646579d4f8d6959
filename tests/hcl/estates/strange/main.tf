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

variable "legacy" {
  type    = map
  default = { "a b" = "1", "ключ" = "ж", "quote\"d" = "q" }
}

variable "list" {
  type    = list
  default = ["x", "y"]
}

resource "aws_ssm_parameter" "strange" {
  for_each = "${var.legacy}"
  name     = "/p/${md5(each.key)}"
  type     = "String"
  value    = each.value
  tags     = { "key:${each.key}" = "" == "" ? "e\u0301" : "" }
}

resource "aws_ssm_parameter" "numbers" {
  count = 4
  name  = "/n/${count.index}"
  type  = "String"
  value = [1e3, 0.1 + 0.2, 10 / 3, 1234567890123456789][count.index]
}

resource "aws_ssm_parameter" "none" {
  count = 0
  name  = "none"
  type  = "String"
  value = "none"
}

resource "aws_ssm_parameter" "bools" {
  name        = "/bool"
  type        = "String"
  value       = true
  overwrite   = "false"
  description = null
  tags        = { t = true, n = 5, s = "${false}" }
}

resource "aws_dynamodb_table" "t" {
  name           = "t"
  read_capacity  = "5"
  write_capacity = 4 + 1
  hash_key       = "k"
  attribute {
    name = "k"
    type = "S"
  }
  dynamic "ttl" {
    for_each = []
    content {
      attribute_name = "x"
    }
  }
  dynamic "replica" {
    for_each = null == null ? [] : ["x"]
    content {
      region_name = replica.value
    }
  }
}

resource "aws_s3_bucket_cors_configuration" "c" {
  bucket = "b"
  cors_rule {
    allowed_methods = ["PUT", "GET", "GET"]
    allowed_origins = concat([], [for o in ["b", "a"] : "https://${o}"])
  }
  cors_rule {
    allowed_methods = toset(["GET"])
    allowed_origins = ["*"]
    max_age_seconds = "3000"
  }
}

output "legacy_index" {
  value = [var.list.0, var.list[1], "${var.list[0]}-${var.legacy["a b"]}", element(var.list, 3)]
}

output "empties" {
  value = [aws_ssm_parameter.none[*].name, length(aws_ssm_parameter.none), one(aws_ssm_parameter.none)]
}

output "attributes" {
  value = values(aws_ssm_parameter.strange)[*].type
}

output "numbers" {
  value = [for i in range(4) : nonsensitive(aws_ssm_parameter.numbers[i].value)]
}

output "heredocs" {
  value = [
    <<A
  kept
    as is
A
    , <<-B
    cut
      down
    B
  ]
}
