locals {
  open = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "sns.amazonaws.com" }, Action = "sqs:SendMessage", Resource = "*" }]
  })
}

resource "aws_sqs_queue" "plain" {
  name = "plain"
}

resource "aws_sqs_queue" "dead" {
  name                      = "dead"
  message_retention_seconds = 1209600
}

resource "aws_sqs_queue" "full" {
  name                       = "full"
  delay_seconds              = 5
  max_message_size           = 2048
  message_retention_seconds  = 86400
  receive_wait_time_seconds  = 10
  visibility_timeout_seconds = 60
  policy                     = local.open
  redrive_policy             = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 4 })
  sqs_managed_sse_enabled    = true
  tags                       = { Team = "core" }
}

resource "aws_sns_topic" "plain" {
  name = "plain"
}

resource "aws_sns_topic" "full" {
  name              = "full"
  display_name      = "Full"
  kms_master_key_id = "alias/aws/sns"
  tracing_config    = "Active"
  tags              = { Team = "core" }
  delivery_policy   = jsonencode({ http = { defaultHealthyRetryPolicy = { minDelayTarget = 20, maxDelayTarget = 20, numRetries = 3 } } })
}

resource "aws_sns_topic_subscription" "plain" {
  topic_arn = aws_sns_topic.plain.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.plain.arn
}

resource "aws_sns_topic_subscription" "full" {
  topic_arn            = aws_sns_topic.full.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.full.arn
  raw_message_delivery = true
  filter_policy        = jsonencode({ kind = ["a", "b"] })
  redrive_policy       = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn })
}
