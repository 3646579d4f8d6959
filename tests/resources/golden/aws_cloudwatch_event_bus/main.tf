resource "aws_sqs_queue" "this" {
  name = "event-bus"
}

resource "aws_kms_key" "this" {
  description = "event-bus"
}

resource "aws_cloudwatch_event_bus" "full" {
  name               = "orders"
  description        = "everything about orders"
  kms_key_identifier = aws_kms_key.this.arn

  dead_letter_config {
    arn = aws_sqs_queue.this.arn
  }

  tags = {
    Owner = "orders"
  }
}

resource "aws_cloudwatch_event_bus" "plain" {
  name = "plain"
}
