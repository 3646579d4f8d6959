resource "aws_sqs_queue" "plain" {
  name = "plain"
}

resource "aws_sqs_queue" "dead" {
  name = "dead"
}

resource "aws_sqs_queue_redrive_policy" "plain" {
  queue_url      = aws_sqs_queue.plain.id
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 4 })
}
