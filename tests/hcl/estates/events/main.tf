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

locals {
  config = yamldecode(file("${path.module}/config/rules.yaml"))
  people = csvdecode(file("config/people.csv"))
  rules  = { for r in local.config.rules : r.name => r }
  notice = <<-EOT
    Rules:
    %{~for name, r in local.rules}
    - ${name} %{if r.enabled}(on)%{else}(off)%{endif}
    %{~endfor}
    Total: ${length(local.rules)}
  EOT
}

resource "aws_cloudwatch_event_bus" "bus" {
  name = local.config.bus
}

resource "aws_cloudwatch_event_rule" "rule" {
  for_each            = local.rules
  name                = each.key
  event_bus_name      = aws_cloudwatch_event_bus.bus.name
  state               = each.value.enabled ? "ENABLED" : "DISABLED"
  event_pattern       = can(each.value.pattern) ? jsonencode(each.value.pattern) : null
  schedule_expression = lookup(each.value, "schedule", null)
  description         = format("%-8s|%05.1f|%s", each.key, each.value.weight, join(",", [for p in local.people : p.name if p.team == each.key]))
}

resource "aws_cloudwatch_event_target" "target" {
  for_each       = { for k, r in local.rules : k => r if r.enabled }
  rule           = aws_cloudwatch_event_rule.rule[each.key].name
  event_bus_name = aws_cloudwatch_event_bus.bus.name
  arn            = "arn:aws:sqs:eu-west-1:123456789012:${each.key}"
  dynamic "input_transformer" {
    for_each = try([each.value.transform], [])
    content {
      input_paths    = input_transformer.value.paths
      input_template = input_transformer.value.template
    }
  }
  dynamic "sqs_target" {
    for_each = try(each.value.group, null)[*]
    content {
      message_group_id = sqs_target.value
    }
  }
}

resource "aws_lambda_function" "f" {
  function_name    = "f"
  role             = "arn:aws:iam::123456789012:role/f"
  handler          = "index.handler"
  runtime          = "python3.12"
  filename         = "${path.module}/config/rules.yaml"
  source_code_hash = filebase64sha256("${path.module}/config/rules.yaml")
  timeout          = 15
  environment {
    variables = {
      NOTICE = trimspace(local.notice)
      BODY   = templatefile("${path.module}/config/body.tftpl", { rules = local.rules, title = "Rules & <more>" })
      HASH   = md5(local.notice)
      LIST   = join("|", reverse(sort(keys(local.rules))))
    }
  }
}

resource "aws_ssm_parameter" "files" {
  for_each = fileset(path.module, "config/*.{yaml,csv}")
  name     = "/files/${basename(each.value)}"
  type     = "String"
  value    = base64encode(file(each.value))
}

output "notice" {
  value = local.notice
}

output "people" {
  value = { for p in local.people : p.team => p.name... }
}
