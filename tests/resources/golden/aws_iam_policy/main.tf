locals {
  send = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Send", Effect = "Allow", Action = ["sqs:SendMessage", "sqs:GetQueueAttributes"], Resource = "*" }]
  })
}

resource "aws_iam_policy" "plain" {
  name   = "plain"
  policy = local.send
}

resource "aws_iam_policy" "full" {
  name        = "full"
  path        = "/service/"
  description = "sends"
  policy      = local.send
  tags        = { Team = "core" }
}
