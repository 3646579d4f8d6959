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
    tags = {
      Stage = "prod"
      Owner = var.owner
    }
  }
}

variable "owner" {
  default = "platform"
}

locals {
  domains = {
    orders = {
      services = {
        intake = { timeout = 30, consumers = ["billing", "shipping"] }
        export = { timeout = 120, consumers = [] }
      }
      retention = 7
    }
    ledger = {
      services  = { post = { timeout = 60, consumers = ["audit"] } }
      retention = 30
    }
  }
}

module "domain" {
  source   = "../../modules/domain"
  for_each = local.domains

  name      = each.key
  services  = each.value.services
  retention = each.value.retention
}

module "spare" {
  source   = "../../modules/domain"
  count    = 2
  name     = "spare-${count.index}"
  services = {}
}

module "alone" {
  source = "../../modules/domain"
  name   = "alone"
  services = {
    only = { timeout = 5, consumers = ["x"] }
  }
}

resource "aws_cloudwatch_log_group" "all" {
  for_each          = toset(flatten([for d in module.domain : d.queue_names]))
  name              = "/queues/${each.value}"
  retention_in_days = module.domain[split("-", each.key)[0]].retention
}

resource "aws_cloudwatch_log_group" "spares" {
  count = length(module.spare)
  name  = "/spare/${module.spare[count.index].name}"
}

output "names" {
  value = { for key, d in module.domain : key => d.queue_names }
}

output "first" {
  value = module.domain["orders"].timeouts
}

output "topics" {
  value = module.alone.topic
}

output "spares" {
  value = module.spare[*].name
}

locals {
  parts = split("/", "a/${basename(path.cwd)}")
}

resource "aws_sqs_queue" "placed" {
  name                      = "${basename(path.cwd)}-${element(split("/", path.cwd), length(split("/", path.cwd)) - 2)}"
  message_retention_seconds = length(file("${path.cwd}/main.tf")) > 10 ? 60 : 90

  tags = {
    Folder = replace(basename(abspath(path.root)), "_", "-")
    Parent = basename(dirname(path.cwd))
    Module = basename(abspath("${path.module}/../../modules/domain/service"))
    Part   = local.parts[1]
    From   = trimprefix(abspath("../../modules/domain"), dirname(dirname(path.cwd)))
    Last   = regex("[^/]+$", path.cwd)
    There  = tostring(fileexists("${path.cwd}/main.tf"))
    Files  = join(",", fileset(path.cwd, "*.tf"))
  }
}
