variable "prefix" {
  type = string
}

variable "account" {
  type = string
}

variable "region" {
  type = string
}

variable "audit_retention_days" {
  type    = number
  default = 4
}

variable "queues" {
  type = map(object({
    visibility_timeout = number
    max_receive_count  = number
  }))
}

locals {
  arn_of = { for name, _ in var.queues : name => "arn:aws:sqs:${var.region}:${var.account}:${var.prefix}-${name}" }
}

resource "aws_sns_topic" "events" {
  name         = "${var.prefix}-events"
  display_name = "Payment events"
}

resource "aws_sqs_queue" "work" {
  for_each = var.queues

  name                       = "${var.prefix}-${each.key}"
  visibility_timeout_seconds = each.value.visibility_timeout
  message_retention_seconds  = 4 * 24 * 60 * 60

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead[each.key].arn
    maxReceiveCount     = each.value.max_receive_count
  })

  # Only our own topic may send.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "FromTopic"
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = local.arn_of[each.key]
      Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.events.arn } }
    }]
  })

  tags = { Service = each.key }
}

resource "aws_sqs_queue" "dead" {
  for_each = var.queues

  name                      = "${var.prefix}-${each.key}-dead"
  message_retention_seconds = 1209600
}

resource "aws_sns_topic_subscription" "work" {
  for_each = var.queues

  topic_arn            = aws_sns_topic.events.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.work[each.key].arn
  raw_message_delivery = true
  filter_policy        = jsonencode({ service = [each.key, "all"] })
}

# Everything that happens is kept for the auditors.
resource "aws_sqs_queue" "audit" {
  name                      = "${var.prefix}-audit"
  message_retention_seconds = var.audit_retention_days * 86400
  sqs_managed_sse_enabled   = true
}

data "aws_iam_policy_document" "audit" {
  statement {
    sid       = "Collect"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.audit.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}

resource "aws_sqs_queue_policy" "audit" {
  queue_url = aws_sqs_queue.audit.id
  policy    = data.aws_iam_policy_document.audit.json
}

resource "aws_cloudwatch_event_rule" "audit" {
  name        = "${var.prefix}-audit"
  description = "What people do to our queues"

  event_pattern = jsonencode({
    source      = ["aws.sqs"]
    detail-type = ["AWS API Call via CloudTrail"]
  })
}

resource "aws_cloudwatch_event_target" "audit" {
  rule      = aws_cloudwatch_event_rule.audit.name
  target_id = "audit-queue"
  arn       = aws_sqs_queue.audit.arn
}

output "topic_arn" {
  value = aws_sns_topic.events.arn
}

output "queue_arns" {
  value = { for name, queue in aws_sqs_queue.work : name => queue.arn }
}

output "queue_urls" {
  value = { for name, queue in aws_sqs_queue.work : name => queue.url }
}
