variable "name" {
  type = string
}

variable "settings" {
  type = any
}

locals {
  groups = { for name, group in var.settings.groups : name => merge({ kind = "instance", protocol = "HTTP" }, group) }
  logs   = lookup(var.settings, "logs", null)
}

resource "aws_lb" "this" {
  name                             = var.name
  internal                         = true
  load_balancer_type               = var.settings.kind
  subnets                          = ["subnet-1", "subnet-2"]
  idle_timeout                     = 30
  enable_http2                     = false
  enable_cross_zone_load_balancing = true
  drop_invalid_header_fields       = true
  preserve_host_header             = true
  desync_mitigation_mode           = "strictest"

  dynamic "access_logs" {
    for_each = local.logs[*]
    content {
      bucket  = access_logs.value.bucket
      prefix  = try(access_logs.value.prefix, null)
      enabled = try(access_logs.value.on, false)
    }
  }
}

resource "aws_lb_target_group" "this" {
  for_each           = local.groups
  name               = each.key
  target_type        = each.value.kind
  port               = each.value.kind == "lambda" ? null : each.value.port
  protocol           = each.value.kind == "lambda" ? null : each.value.protocol
  protocol_version   = lookup(each.value, "version", null)
  preserve_client_ip = lookup(each.value, "client_ip", null)
  vpc_id             = each.value.kind == "lambda" ? null : "vpc-1"

  dynamic "health_check" {
    for_each = try([each.value.check], [])
    content {
      path     = try(health_check.value.path, null)
      matcher  = try(health_check.value.matcher, null)
      interval = try(health_check.value.interval, null)
    }
  }

  dynamic "stickiness" {
    for_each = [for on in [lookup(each.value, "sticky", false)] : on if on]
    content {
      type            = "lb_cookie"
      enabled         = stickiness.value
      cookie_duration = 3600
    }
  }
}

resource "aws_lb_listener" "this" {
  count             = length(var.settings.actions)
  load_balancer_arn = aws_lb.this.arn
  port              = var.settings.kind == "gateway" ? null : 8000 + count.index
  protocol          = { application = "HTTP", network = "TCP" }[var.settings.kind]

  dynamic "default_action" {
    for_each = [var.settings.actions[count.index]]
    iterator = action
    content {
      type             = action.value.type
      target_group_arn = try(aws_lb_target_group.this[action.value.to].arn, null)

      dynamic "redirect" {
        for_each = try(action.value.redirect, null)[*]
        content {
          port        = redirect.value.port
          protocol    = redirect.value.protocol
          status_code = redirect.value.status_code
        }
      }

      dynamic "fixed_response" {
        for_each = try(action.value.fixed_response, null)[*]
        content {
          content_type = fixed_response.value.content_type
          message_body = try(fixed_response.value.message_body, null)
          status_code  = fixed_response.value.status_code
        }
      }

      dynamic "forward" {
        for_each = try(action.value.weights, null)[*]
        content {
          dynamic "target_group" {
            for_each = forward.value
            content {
              arn    = aws_lb_target_group.this[target_group.key].arn
              weight = target_group.value
            }
          }
        }
      }
    }
  }
}

output "groups" {
  value = { for name, group in aws_lb_target_group.this : name => { port = group.port, arn = group.arn, check = group.health_check } }
}
