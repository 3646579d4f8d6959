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
    tags = local.tags
  }
}

locals {
  env  = "prod"
  tags = { Env = local.env, System = "msg" }
  topology = {
    orders   = { publishes = ["created", "paid"], consumes = [] }
    billing  = { publishes = ["invoiced"], consumes = ["paid"], timeout = 90 }
    shipping = { publishes = [], consumes = ["created", "paid"], fifo = true }
  }
  topics = toset(flatten(values(local.topology)[*].publishes))
  edges = {
    for e in flatten([
      for service, t in local.topology : [
        for topic in t.consumes : { service = service, topic = topic }
      ]
    ]) : "${e.topic}->${e.service}" => e
  }
  consumers = { for topic in local.topics : topic => [for e in local.edges : e.service if e.topic == topic] }
  widest    = max([for c in local.consumers : length(c)]...)
}

resource "aws_kms_key" "k" {
  description             = "messages"
  deletion_window_in_days = 7
  enable_key_rotation     = true
}

resource "aws_kms_alias" "k" {
  name          = "alias/${local.env}-messages"
  target_key_id = aws_kms_key.k.key_id
}

resource "aws_sns_topic" "topic" {
  for_each          = local.topics
  name              = "${local.env}-${each.key}"
  kms_master_key_id = aws_kms_alias.k.name
  tags              = { Consumers = join(" ", local.consumers[each.key]) }
}

resource "aws_sqs_queue" "queue" {
  for_each                   = { for s, t in local.topology : s => t if length(t.consumes) > 0 }
  name                       = "${local.env}-${each.key}${try(each.value.fifo, false) ? ".fifo" : ""}"
  fifo_queue                 = try(each.value.fifo, null)
  visibility_timeout_seconds = try(each.value.timeout, null)
  kms_master_key_id          = aws_kms_alias.k.name
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dlq[each.key].arn
    maxReceiveCount     = local.widest + 1
  })
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for topic in each.value.consumes : {
        Effect    = "Allow"
        Principal = { Service = "sns.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = "*"
        Condition = { ArnEquals = { "aws:SourceArn" = "arn:aws:sns:eu-west-1:123456789012:${local.env}-${topic}" } }
      }
    ]
  })
}

resource "aws_sqs_queue" "dlq" {
  for_each                  = { for s, t in local.topology : s => try(t.fifo, false) if length(t.consumes) > 0 }
  name                      = "${local.env}-${each.key}-dlq${each.value ? ".fifo" : ""}"
  fifo_queue                = each.value
  message_retention_seconds = 14 * 24 * 60 * 60
}

resource "aws_sns_topic_subscription" "edge" {
  for_each             = local.edges
  topic_arn            = aws_sns_topic.topic[each.value.topic].arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.queue[each.value.service].arn
  raw_message_delivery = each.value.service == "billing"
  filter_policy        = each.value.topic == "paid" ? jsonencode({ amount = [{ numeric = [">=", 1.5] }], kind = ["a", "b"] }) : null
}

resource "aws_cloudwatch_metric_alarm" "dlq" {
  for_each            = aws_sqs_queue.dlq
  alarm_name          = "${each.value.name}-not-empty"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  threshold           = 0
  metric_query {
    id          = "sum"
    expression  = "a+b"
    return_data = true
  }
  dynamic "metric_query" {
    for_each = { a = "ApproximateNumberOfMessagesVisible", b = "ApproximateNumberOfMessagesNotVisible" }
    content {
      id = metric_query.key
      metric {
        metric_name = metric_query.value
        namespace   = "AWS/SQS"
        period      = 300
        stat        = "Maximum"
        dimensions  = { QueueName = each.value.name }
      }
    }
  }
  alarm_actions = [for t in ["created"] : aws_sns_topic.topic[t].arn]
}

output "consumers" {
  value = local.consumers
}

output "edges" {
  value = sort(keys(local.edges))
}

output "dlqs" {
  value = { for k, q in aws_sqs_queue.dlq : k => { name = q.name, fifo = q.fifo_queue, retention = q.message_retention_seconds } }
}
