# The payments platform: three services that talk over queues, topics and a schedule.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region            = var.region
  s3_use_path_style = true

  default_tags {
    tags = {
      System      = local.system
      Environment = var.environment
      ManagedBy   = "terraform"
    }
  }
}

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

module "network" {
  source = "../../modules/network"

  name     = local.prefix
  cidr     = var.vpc_cidr
  zones    = [for letter in ["a", "b"] : "${data.aws_region.current.name}${letter}"]
  partners = var.partners
}

module "messaging" {
  source = "../../modules/messaging"

  prefix  = local.prefix
  account = data.aws_caller_identity.current.account_id
  region  = data.aws_region.current.name
  queues  = { for name, service in local.services : name => service.queue }

  audit_retention_days = 14
}

module "service" {
  source   = "../../modules/service"
  for_each = local.services

  name      = each.key
  prefix    = local.prefix
  queue_arn = module.messaging.queue_arns[each.key]
  topic_arn = module.messaging.topic_arn
  memory    = each.value.memory
  timeout   = lookup(each.value, "timeout", 10)
  schedule  = try(each.value.schedule, null)

  environment = merge(local.common_environment, {
    QUEUE_URL = module.messaging.queue_urls[each.key]
    MODE      = each.value.mode
  })
}

module "archive" {
  source = "../../modules/archive"

  for_each = toset(["ledger", "statements"])
  bucket   = "${local.prefix}-${each.key}"
}

# Operators may reach the ledger database from the VPN, and from nowhere else.
resource "aws_vpc_security_group_ingress_rule" "vpn" {
  security_group_id = module.network.database_security_group_id
  description       = "Operators over the VPN"
  cidr_ipv4         = "10.99.0.0/16"
  from_port         = 5432
  to_port           = 5432
  ip_protocol       = "tcp"
}

resource "aws_iam_policy" "break_glass" {
  name        = "${local.prefix}-break-glass"
  description = "What the on-call engineer may do to the ledger by hand"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "InspectQueues"
        Effect   = "Allow"
        Action   = ["sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        Resource = values(module.messaging.queue_arns)
      },
    ]
  })
}
