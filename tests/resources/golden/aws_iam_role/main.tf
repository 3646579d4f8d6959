locals {
  trust = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = ["lambda.amazonaws.com", "events.amazonaws.com"] }, Action = "sts:AssumeRole" }]
  })
  send = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Send", Effect = "Allow", Action = ["sqs:SendMessage", "sqs:GetQueueAttributes"], Resource = "*" }]
  })
}

resource "aws_iam_role" "plain" {
  name               = "plain"
  assume_role_policy = local.trust
}

resource "aws_iam_role" "full" {
  name                 = "full"
  path                 = "/service/"
  description          = "does it all"
  max_session_duration = 7200
  assume_role_policy   = local.trust
  permissions_boundary = aws_iam_policy.plain.arn
  tags                 = { Team = "core" }
}

resource "aws_iam_policy" "plain" {
  name   = "plain"
  policy = local.send
}
