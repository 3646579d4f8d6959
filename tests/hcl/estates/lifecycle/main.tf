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

moved {
  from = aws_sqs_queue.old
  to   = aws_sqs_queue.new
}

moved {
  from = module.a.aws_sqs_queue.x["k"]
  to   = module.b[0].aws_sqs_queue.x
}

removed {
  from = aws_sqs_queue.gone
  lifecycle {
    destroy = false
  }
}

variable "limit" {
  default = 10
  validation {
    condition     = var.limit <= local.max
    error_message = "at most ${local.max}"
  }
}

locals {
  max = 20
}

resource "aws_sqs_queue" "new" {
  name          = "new"
  delay_seconds = var.limit
  lifecycle {
    ignore_changes = [tags, delay_seconds]
    precondition {
      condition     = var.limit > 0
      error_message = "positive"
    }
    postcondition {
      condition     = self.name == "new" && self.delay_seconds < local.max
      error_message = "named ${self.name}"
    }
    replace_triggered_by = [terraform_data.version]
  }
  provisioner "local-exec" {
    command = "echo ${self.name}"
  }
  timeouts {
    create = "5m"
  }
}

resource "aws_sqs_queue" "all" {
  name = "all"
  lifecycle {
    ignore_changes = all
  }
}

resource "terraform_data" "version" {
  input = var.limit
}

data "aws_iam_policy_document" "now" {
  statement {
    actions   = ["sqs:*"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "later" {
  depends_on = [aws_sqs_queue.new]
  statement {
    actions   = ["sqs:*"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "later_by_module" {
  depends_on = [module.waits]
  statement {
    actions   = ["sns:*"]
    resources = ["*"]
  }
}

module "waits" {
  source     = "./waits"
  depends_on = [aws_sqs_queue.new]
}

resource "aws_iam_policy" "now" {
  name   = "now"
  policy = data.aws_iam_policy_document.now.json
}

resource "aws_iam_policy" "later" {
  name   = "later"
  policy = data.aws_iam_policy_document.later.json
}

resource "aws_iam_policy" "module" {
  name   = "module"
  policy = data.aws_iam_policy_document.later_by_module.json
}

check "sizes" {
  assert {
    condition     = aws_sqs_queue.new.delay_seconds == 10
    error_message = "delay is ${aws_sqs_queue.new.delay_seconds}"
  }
}

output "later" {
  value = module.waits.json
  precondition {
    condition     = var.limit == 10
    error_message = "ten"
  }
}
