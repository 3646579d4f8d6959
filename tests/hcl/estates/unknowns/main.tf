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

resource "aws_vpc" "v" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_sqs_queue" "q" {
  count = 2
  name  = "q${count.index}"
}

locals {
  arns    = aws_sqs_queue.q[*].arn
  by_name = { for q in aws_sqs_queue.q : q.name => q.arn }
  either  = aws_vpc.v.enable_dns_hostnames ? "yes" : "no"
  sizes   = [for a in local.arns : length(a)]
}

resource "aws_sqs_queue" "names" {
  for_each                   = local.by_name
  name                       = "copy-${each.key}"
  visibility_timeout_seconds = aws_sqs_queue.q[0].visibility_timeout_seconds + 5
  redrive_policy             = jsonencode({ deadLetterTargetArn = each.value, maxReceiveCount = 3 })
  tags                       = { Name = each.key }
}

resource "aws_sns_topic" "t" {
  name              = "t-${local.either}"
  display_name      = "${aws_vpc.v.cidr_block} ${length(local.arns)}"
  kms_master_key_id = aws_vpc.v.arn != "" ? "alias/x" : null
  tags              = { Vpc = aws_vpc.v.id, Other = "x" }
}

resource "aws_security_group" "g" {
  name   = "g"
  vpc_id = aws_vpc.v.id
  dynamic "ingress" {
    for_each = local.arns
    content {
      from_port   = 80 + ingress.key
      to_port     = 80 + ingress.key
      protocol    = "tcp"
      description = ingress.value
      cidr_blocks = [cidrsubnet(aws_vpc.v.cidr_block, 8, ingress.key)]
    }
  }
}

resource "aws_security_group" "h" {
  name = "h"
  dynamic "ingress" {
    for_each = toset(local.arns)
    content {
      from_port = 1
      to_port   = 1
      protocol  = "tcp"
      self      = true
    }
  }
}

resource "aws_lambda_function" "f" {
  function_name = "f"
  role          = "arn:aws:iam::123456789012:role/f"
  handler       = "index.handler"
  runtime       = "python3.12"
  s3_bucket     = "b"
  s3_key        = "k-${uuid()}"
  layers        = [aws_vpc.v.arn, "arn:aws:lambda:eu-west-1:123456789012:layer:x:1"]
  environment {
    variables = {
      QUEUE = aws_sqs_queue.q[1].url
      NAME  = aws_sqs_queue.q[1].name
    }
  }
  vpc_config {
    subnet_ids         = ["subnet-1"]
    security_group_ids = [aws_security_group.g.id, "sg-1"]
  }
}

resource "aws_route_table" "r" {
  vpc_id = aws_vpc.v.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_vpc.v.id
  }
  route {
    cidr_block                = aws_vpc.v.cidr_block
    vpc_peering_connection_id = "pcx-1"
  }
}

resource "aws_vpc_security_group_ingress_rule" "r" {
  for_each                     = { web = 80, db = 5432 }
  security_group_id            = aws_security_group.g.id
  referenced_security_group_id = aws_security_group.h.id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  tags                         = { Name = each.key, Vpc = aws_vpc.v.id }
}

resource "terraform_data" "d" {
  input            = { known = 1, unknown = aws_vpc.v.id, list = [timestamp(), "x"] }
  triggers_replace = [aws_vpc.v.cidr_block]
}

output "arns" {
  value = local.arns
}

output "by_name" {
  value = local.by_name
}

output "either" {
  value = [local.either, local.sizes, aws_vpc.v.id == "x", aws_vpc.v.id == null, can(aws_vpc.v.id), coalesce(aws_vpc.v.id, "x")]
}

output "data" {
  value = terraform_data.d.output
}

output "input" {
  value = terraform_data.d.input
}
