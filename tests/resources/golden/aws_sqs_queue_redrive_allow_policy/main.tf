resource "aws_sqs_queue" "plain" {
  name = "plain"
}

resource "aws_sqs_queue" "source" {
  name = "source"
}

resource "aws_sqs_queue_redrive_allow_policy" "plain" {
  queue_url            = aws_sqs_queue.plain.id
  redrive_allow_policy = jsonencode({ redrivePermission = "byQueue", sourceQueueArns = [aws_sqs_queue.source.arn] })
}
