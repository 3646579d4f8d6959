
variable "prefix" {}
variable "name" {}
variable "config" {
  type = object({
    timeout   = number
    consumers = optional(list(string), [])
    batch     = optional(number, 10)
  })
}
variable "topic" {
  type = object({ arn = string, name = string })
}

locals {
  full = join("-", [var.prefix, var.name])
}

resource "aws_sqs_queue" "work" {
  name                       = local.full
  visibility_timeout_seconds = var.config.timeout
  tags = {
    Consumers = join(",", var.config.consumers)
    Topic     = var.topic.name
  }
}

resource "aws_sns_topic_subscription" "this" {
  topic_arn = var.topic.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.work.arn
  filter_policy = jsonencode({
    consumer = length(var.config.consumers) > 0 ? var.config.consumers : ["none"]
  })
}

resource "aws_cloudwatch_metric_alarm" "age" {
  for_each            = toset(var.config.consumers)
  alarm_name          = "${local.full}-${each.key}-age"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 3
  metric_name         = "ApproximateAgeOfOldestMessage"
  namespace           = "AWS/SQS"
  period              = 60
  statistic           = "Maximum"
  threshold           = var.config.timeout * var.config.batch
  dimensions = {
    QueueName = aws_sqs_queue.work.name
  }
}

output "queue" {
  value = aws_sqs_queue.work.name
}

output "timeout" {
  value = aws_sqs_queue.work.visibility_timeout_seconds
}
