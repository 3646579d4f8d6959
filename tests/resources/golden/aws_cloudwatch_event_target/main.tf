locals {
  trust = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = ["lambda.amazonaws.com", "events.amazonaws.com"] }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_sqs_queue" "plain" {
  name = "plain"
}

resource "aws_sqs_queue" "dead" {
  name                      = "dead"
  message_retention_seconds = 1209600
}

resource "aws_iam_role" "plain" {
  name               = "plain"
  assume_role_policy = local.trust
}

resource "aws_lambda_function" "plain" {
  function_name = "plain"
  role          = aws_iam_role.plain.arn
  runtime       = "python3.12"
  handler       = "index.handler"
  filename      = "handler.zip"
}

resource "aws_cloudwatch_event_rule" "plain" {
  name                = "plain"
  schedule_expression = "rate(5 minutes)"
}

resource "aws_cloudwatch_event_rule" "full" {
  name          = "full"
  description   = "does it all"
  event_pattern = jsonencode({ source = ["app"], detail = { kind = ["a"] } })
  state         = "DISABLED"
  role_arn      = aws_iam_role.plain.arn
  tags          = { Team = "core" }
}

resource "aws_cloudwatch_event_target" "plain" {
  rule = aws_cloudwatch_event_rule.plain.name
  arn  = aws_sqs_queue.plain.arn
}

resource "aws_cloudwatch_event_target" "full" {
  rule      = aws_cloudwatch_event_rule.full.name
  target_id = "full"
  arn       = aws_lambda_function.plain.arn
  input_transformer {
    input_paths    = { kind = "$.detail.kind" }
    input_template = "{\"kind\": <kind>}"
  }
  retry_policy {
    maximum_event_age_in_seconds = 600
    maximum_retry_attempts       = 3
  }
  dead_letter_config { arn = aws_sqs_queue.dead.arn }
}
