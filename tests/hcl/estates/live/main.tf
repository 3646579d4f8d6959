terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

variable "ep" {
  default = "http://127.0.0.1:5000"
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
  s3_use_path_style           = true
  max_retries                 = 1
  default_tags {
    tags = { Team = "core" }
  }
  endpoints {
    cloudwatch = var.ep
    dynamodb   = var.ep
    ec2        = var.ep
    events     = var.ep
    iam        = var.ep
    lambda     = var.ep
    logs       = var.ep
    s3         = var.ep
    sns        = var.ep
    sqs        = var.ep
    ssm        = var.ep
    sts        = var.ep
  }
}

data "aws_caller_identity" "me" {}

locals {
  services = {
    orders  = { timeout = 30, ports = [80, 443] }
    billing = { timeout = 60, ports = [5432] }
  }
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "main" }
}

resource "aws_subnet" "a" {
  count      = 2
  vpc_id     = aws_vpc.main.id
  cidr_block = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
}

resource "aws_security_group" "svc" {
  for_each = local.services
  name     = each.key
  vpc_id   = aws_vpc.main.id
  dynamic "ingress" {
    for_each = each.value.ports
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "TCP"
      cidr_blocks = aws_subnet.a[*].cidr_block
    }
  }
  tags = { Vpc = aws_vpc.main.id }
}

resource "aws_security_group" "db" {
  name   = "db"
  vpc_id = aws_vpc.main.id
  ingress {
    from_port       = 5432
    to_port         = 5432
    protocol        = "tcp"
    security_groups = [for g in aws_security_group.svc : g.id]
  }
}

resource "aws_sqs_queue" "dlq" {
  for_each = local.services
  name     = "${each.key}-dlq"
}

resource "aws_sqs_queue" "q" {
  for_each                   = local.services
  name                       = each.key
  visibility_timeout_seconds = each.value.timeout
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dlq[each.key].arn
    maxReceiveCount     = 3
  })
}

resource "aws_sns_topic" "t" {
  name = "events-${data.aws_caller_identity.me.account_id}"
}

resource "aws_sns_topic_subscription" "s" {
  for_each  = aws_sqs_queue.q
  topic_arn = aws_sns_topic.t.arn
  protocol  = "sqs"
  endpoint  = each.value.arn
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "use" {
  depends_on = [aws_sns_topic.t]
  statement {
    sid       = "Queues"
    actions   = ["sqs:SendMessage", "sqs:ReceiveMessage"]
    resources = [for q in aws_sqs_queue.q : q.arn]
  }
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.t.arn]
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.me.account_id]
    }
  }
}

resource "aws_iam_role" "r" {
  name               = "worker"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy" "p" {
  role   = aws_iam_role.r.id
  policy = data.aws_iam_policy_document.use.json
}

resource "aws_lambda_function" "f" {
  function_name = "worker"
  role          = aws_iam_role.r.arn
  handler       = "index.handler"
  runtime       = "python3.12"
  filename      = "code.zip"
  timeout       = aws_sqs_queue.q["orders"].visibility_timeout_seconds / 6
  environment {
    variables = { for k, q in aws_sqs_queue.q : upper(k) => q.url }
  }
}

resource "aws_lambda_event_source_mapping" "m" {
  event_source_arn = aws_sqs_queue.q["orders"].arn
  function_name    = aws_lambda_function.f.arn
  batch_size       = 5
}

resource "aws_cloudwatch_event_rule" "r" {
  name          = "r"
  event_pattern = jsonencode({ source = ["orders"], resources = [aws_sns_topic.t.arn] })
}

resource "aws_cloudwatch_event_target" "t" {
  rule = aws_cloudwatch_event_rule.r.name
  arn  = aws_sqs_queue.q["billing"].arn
}

resource "aws_s3_bucket" "b" {
  bucket = "estate-live-${data.aws_caller_identity.me.account_id}"
}

resource "aws_s3_bucket_versioning" "b" {
  bucket = aws_s3_bucket.b.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_dynamodb_table" "t" {
  name         = "t"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  range_key    = "sk"
  dynamic "attribute" {
    for_each = { pk = "S", sk = "N", gsi = "S" }
    content {
      name = attribute.key
      type = attribute.value
    }
  }
  global_secondary_index {
    name            = "g"
    hash_key        = "gsi"
    projection_type = "ALL"
  }
}

resource "aws_ssm_parameter" "arns" {
  name  = "/arns"
  type  = "StringList"
  value = join(",", sort([for q in aws_sqs_queue.q : q.arn]))
}

output "arns" {
  value = { for k, q in aws_sqs_queue.q : k => q.arn }
}
