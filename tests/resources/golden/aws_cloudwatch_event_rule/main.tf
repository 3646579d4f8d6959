locals {
  trust = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = ["lambda.amazonaws.com", "events.amazonaws.com"] }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role" "plain" {
  name               = "plain"
  assume_role_policy = local.trust
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
