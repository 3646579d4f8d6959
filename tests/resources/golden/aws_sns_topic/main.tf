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

resource "aws_sns_topic" "ordered" {
  name                        = "ordered.fifo"
  fifo_topic                  = true
  content_based_deduplication = true
}
