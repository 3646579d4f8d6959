# A service estate as people write it, with what makes text hard to edit.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0" }
  }
}

variable "environment" {
  type        = string
  description = "Where this runs: \"prod\" or \"test\"" # quoted
  default     = "test"
  validation {
    condition     = contains(["prod", "test"], var.environment)
    error_message = "No such environment: ${var.environment}."
  }
}

variable "queues" {
  type = map(object({
    timeout = optional(number, 30)
    fifo    = optional(bool)
  }))
  default = {}
}

locals {
  prefix  = "${var.environment}-payments" # used everywhere
  timeout = 60                            # seconds
  # own line
  queues = { ledger = 60, mail = 30 }
  tags = {
    Owner       = "payments" # the team
    "cost:unit" = ["p", "q"] /* two */
    # last
    nested = { z = [] }
  }
  empty    = {}
  nothing  = []
  services = ["lambda.amazonaws.com", "states.amazonaws.com"]
  cidrs = [
    "10.0.0.0/16", # office
    # partners
    "10.1.0.0/16",
    "10.2.0.0/16"
  ]
  rules = [
    { port = 443, from = "10.0.0.0/16" },
    {
      port = 80
      from = "0.0.0.0/0"
    },
  ]
  script = <<-EOT
    #!/bin/sh
    %{for name, timeout in local.queues~}
    echo ${name}=${timeout}
    %{endfor~}
      exit 0
  EOT
  plain  = <<EOT
first
second $${not} interpolated
EOT
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["sqs:SendMessage", "sqs:ReceiveMessage"]
      Resource = "*"
    }]
  })
  written = <<EOT
{
  "Version": "2012-10-17",
  "Statement": []
}
EOT
  port    = "443"
  chosen = (
    var.environment == "prod" ? 5 : -1
  )
}

resource "aws_sqs_queue" "work" {
  for_each = local.queues

  name                       = "${local.prefix}-${each.key}"
  visibility_timeout_seconds = each.value
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead["${each.key}"].arn
    maxReceiveCount     = 5
  })

  tags = merge(local.tags, { Name = each.key })

  lifecycle {
    ignore_changes = [tags["At"], policy]
  }
}

resource "aws_sqs_queue" "dead" {
  for_each = toset([for name, timeout in local.queues : name if timeout > 0])
  name     = "${local.prefix}-${each.key}-dead"
}

resource "aws_security_group" "api" {
  name_prefix = "api"
  dynamic "ingress" {
    for_each = { for i, rule in local.rules : i => rule... }
    iterator = each_rule
    content {
      from_port   = each_rule.value[0].port
      to_port     = each_rule.value.*.port[0]
      protocol    = "tcp"
      cidr_blocks = each_rule.value[*].from
    }
  }

  egress {
    from_port = 0
    to_port   = 0
    protocol  = "-1"

    cidr_blocks = ["0.0.0.0/0"]
  }
  depends_on = [aws_sqs_queue.work]
}

resource "aws_sns_topic" "one_line" { name = "one" }
resource "aws_sns_topic" "no_lines" {}

module "reader" {
  source    = "./reader"
  providers = { aws = aws.west }
  queues    = aws_sqs_queue.work
  arns      = provider::aws::arn_parse(aws_sns_topic.one_line.arn).region
  all       = concat(local.services, local.cidrs...)
}

output "ümlaut" {
  value     = element(values(aws_sqs_queue.work).*.arn, 0)
  sensitive = !true
}
