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

variable "groups" {
  type = map(object({
    description = string
    rules = list(object({
      ports = list(number)
      cidrs = optional(list(string))
      peers = optional(list(string), [])
      note  = optional(string)
    }))
  }))
  default = {
    web = {
      description = "front"
      rules = [
        { ports = [80, 443], cidrs = ["0.0.0.0/0"], note = "public" },
        { ports = [22], cidrs = ["10.0.0.0/8", "192.168.0.0/16"] },
      ]
    }
    db = {
      description = "back"
      rules       = [{ ports = [5432], peers = ["web"] }]
    }
    none = { description = "empty", rules = [] }
  }
}

locals {
  flat = merge([
    for name, group in var.groups : {
      for pair in setproduct(range(length(group.rules)), ["ingress", "egress"]) :
      "${name}-${pair[0]}-${pair[1]}" => {
        group = name
        type  = pair[1]
        rule  = group.rules[pair[0]]
      }
    }
  ]...)
}

resource "aws_security_group" "this" {
  for_each    = var.groups
  name        = each.key
  description = each.value.description
  vpc_id      = "vpc-1"

  dynamic "ingress" {
    for_each = flatten([for r in each.value.rules : [for p in r.ports : merge(r, { port = p })]])
    iterator = rule
    content {
      from_port   = rule.value.port
      to_port     = rule.value.port
      protocol    = "tcp"
      cidr_blocks = rule.value.cidrs
      description = rule.value.note != null ? "${rule.key}: ${rule.value.note}" : null
    }
  }

  egress {
    from_port        = 0
    to_port          = 0
    protocol         = "-1"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [description, tags["Owner"]]
  }
}

resource "aws_security_group" "attributes" {
  name = "attributes"
  ingress = [for port in [8080, 8081] : {
    description      = "p${port}"
    from_port        = port
    to_port          = port
    protocol         = "tcp"
    cidr_blocks      = null
    ipv6_cidr_blocks = null
    prefix_list_ids  = null
    security_groups  = [for name in ["web", "db"] : aws_security_group.this[name].id]
    self             = false
  }]
}

resource "aws_security_group_rule" "flat" {
  for_each          = { for k, v in local.flat : k => v if v.rule.cidrs != null }
  security_group_id = aws_security_group.this[each.value.group].id
  type              = each.value.type
  protocol          = "tcp"
  from_port         = min(each.value.rule.ports...)
  to_port           = max(each.value.rule.ports...)
  cidr_blocks       = each.value.rule.cidrs
}

resource "aws_lb_listener_rule" "paths" {
  listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/x/1/2"
  priority     = 10

  dynamic "action" {
    for_each = [["a", 1], ["b", 3]]
    content {
      type  = "forward"
      order = action.key + 1
      forward {
        dynamic "target_group" {
          for_each = { for i in range(action.value[1]) : "t${i}" => i }
          content {
            arn    = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/${action.value[0]}-${target_group.key}/1"
            weight = target_group.value * 10
          }
        }
        stickiness {
          enabled  = action.key == 0
          duration = 60
        }
      }
    }
  }

  condition {
    host_header {
      values = ["b.example.com", "a.example.com"]
    }
  }
  dynamic "condition" {
    for_each = [["/x", "/y"]]
    content {
      path_pattern {
        values = condition.value
      }
    }
  }
}

output "flat" {
  value = keys(local.flat)
}
