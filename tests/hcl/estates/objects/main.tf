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

variable "queues" {
  type = map(object({
    timeout = optional(number, 30)
    fifo    = optional(bool, false)
    tags    = optional(map(string), {})
    dlq = optional(object({
      enabled = optional(bool, true)
      max     = optional(number, 5)
      extra   = optional(list(object({ k = string, v = optional(string, "none") })), [{ k = "a" }])
    }), {})
  }))
  default = {}
}

variable "fallback" {
  type     = string
  default  = "fallback"
  nullable = false
}

variable "size" {
  type = number
  validation {
    condition     = var.size > 0 && var.size < 100
    error_message = "size is ${var.size}"
  }
}

variable "anything" {
  type    = any
  default = { a = [1, "two", true] }
}

variable "pairs" {
  type    = list(tuple([string, number]))
  default = [["x", 1]]
}

variable "secret" {
  type      = string
  sensitive = true
  default   = "hunter2"
}

variable "flags" {
  type    = set(string)
  default = ["b", "a", "b"]
}

locals {
  defaults = { retention = 345600, delay = 0 }
  merged   = { for name, q in var.queues : name => merge(local.defaults, q, { name = name }) }
  fifo     = { for name, q in local.merged : name => q if q.fifo }
  plain    = { for name, q in local.merged : name => q if !q.fifo }
}

resource "aws_sqs_queue" "q" {
  for_each                   = local.merged
  name                       = each.value.fifo ? "${each.key}.fifo" : each.key
  fifo_queue                 = each.value.fifo
  visibility_timeout_seconds = each.value.timeout
  message_retention_seconds  = lookup(each.value, "retention", 60)
  delay_seconds              = try(each.value.missing, local.defaults.delay)
  redrive_policy = each.value.dlq.enabled ? jsonencode({
    deadLetterTargetArn = "arn:aws:sqs:eu-west-1:123456789012:${each.key}-dlq"
    maxReceiveCount     = each.value.dlq.max
  }) : null
  tags = merge({ for e in each.value.dlq.extra : e.k => e.v }, each.value.tags, { Fallback = var.fallback })
}

resource "aws_ssm_parameter" "secret" {
  name  = "/secret"
  type  = "SecureString"
  value = var.secret
}

resource "aws_ssm_parameter" "flags" {
  for_each = var.flags
  name     = "/flags/${each.key}"
  type     = "String"
  value    = "${var.size}/${var.pairs[0][0]}${var.pairs[0][1]}/${var.anything.a[1]}"
}

output "merged" {
  value = local.merged
}

output "kinds" {
  value = [keys(local.fifo), keys(local.plain)]
}

output "secret" {
  value     = "x-${var.secret}"
  sensitive = true
}

output "anything" {
  value = var.anything
}
