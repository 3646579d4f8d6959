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

data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account = "123456789012"
  buckets = ["logs", "data"]
}

data "aws_iam_policy_document" "assume" {
  for_each = { lambda = "lambda", states = "states" }
  statement {
    sid     = "Assume${title(each.key)}"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["${each.value}.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "base" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = [for b in local.buckets : "arn:${data.aws_partition.current.partition}:s3:::${b}/*"]
    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [data.aws_region.current.name]
    }
  }
  dynamic "statement" {
    for_each = local.buckets
    content {
      sid         = "Deny${statement.key}"
      effect      = "Deny"
      not_actions = ["s3:Get*"]
      resources   = ["arn:aws:s3:::${statement.value}"]
    }
  }
}

data "aws_iam_policy_document" "merged" {
  source_policy_documents   = [data.aws_iam_policy_document.base.json, file("${path.module}/extra.json")]
  override_policy_documents = [templatefile("${path.module}/override.json.tftpl", { actions = ["kms:Decrypt", "kms:Encrypt"], account = local.account })]
  statement {
    actions   = ["sqs:SendMessage"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "late" {
  statement {
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.q.arn]
  }
}

resource "aws_iam_role" "this" {
  for_each           = data.aws_iam_policy_document.assume
  name               = "role-${each.key}"
  assume_role_policy = each.value.json
}

resource "aws_iam_role_policy" "inline" {
  for_each = aws_iam_role.this
  name     = "inline"
  role     = each.value.name
  policy   = data.aws_iam_policy_document.merged.json
}

resource "aws_iam_policy" "merged" {
  name   = "merged"
  policy = data.aws_iam_policy_document.merged.minified_json
}

resource "aws_iam_policy" "heredoc" {
  name   = "heredoc"
  policy = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": [
        %{ for i, b in local.buckets ~}
        { "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${b}" }${i < length(local.buckets) - 1 ? "," : ""}
        %{ endfor ~}
      ]
    }
  JSON
}

resource "aws_sqs_queue" "q" {
  name = "q"
}

resource "aws_sqs_queue_policy" "q" {
  queue_url = aws_sqs_queue.q.id
  policy    = data.aws_iam_policy_document.late.json
}

resource "aws_iam_role_policy_attachment" "a" {
  for_each   = { for pair in setproduct(["lambda", "states"], ["ReadOnlyAccess", "AWSXRayDaemonWriteAccess"]) : join("/", pair) => pair }
  role       = aws_iam_role.this[each.value[0]].name
  policy_arn = "arn:aws:iam::aws:policy/${each.value[1]}"
}

output "merged" {
  value = data.aws_iam_policy_document.merged.json
}

output "late" {
  value = data.aws_iam_policy_document.late.json
}

# Conditions and principals that come together, and documents that are read again.
data "aws_iam_policy_document" "odd" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "AWS"
      identifiers = ["b"]
    }
    principals {
      type        = "AWS"
      identifiers = ["a", "c"]
    }
    dynamic "condition" {
      for_each = { sub = ["a:*"], again = ["b:*"], many = ["b:*", "c"], none = [] }
      content {
        test     = "StringLike"
        variable = condition.key == "again" ? "x:sub" : "x:${condition.key}"
        values   = condition.value
      }
    }
  }
}

data "aws_iam_policy_document" "read_again" {
  for_each = {
    odd   = [data.aws_iam_policy_document.odd.json]
    base  = [data.aws_iam_policy_document.base.json]
    plain = [jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Condition = { Bool = { a = true, b = ["c"], d = "e" } } }] })]
    none  = [jsonencode({ Statement = [{ Effect = "Allow", Action = [], Principal = "*", Condition = { Bool = { a = [] }, Null = {} } }] })]
  }
  source_policy_documents = each.value
}

output "read_again" {
  value = { for name, document in data.aws_iam_policy_document.read_again : name => document.minified_json }
}

output "arns" {
  value = {
    parts = provider::aws::arn_parse("arn:aws:sqs:eu-west-1:123456789012:a:b")
    built = provider::aws::arn_build("aws", "s3", "", "", "bucket/key")
    short = [for arn in ["arn:aws:iam::1:role/a/b", "arn:aws:iam::1:role", "arn:aws:s3::1:role/a"] : try(provider::aws::trim_iam_role_path(arn), "no role")]
    later = provider::aws::arn_parse(aws_sqs_queue.q.arn).region
  }
}
