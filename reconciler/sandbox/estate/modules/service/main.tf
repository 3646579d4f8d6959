variable "name" {
  type = string
}

variable "prefix" {
  type = string
}

variable "queue_arn" {
  type = string
}

variable "topic_arn" {
  type = string
}

variable "memory" {
  type = number
}

variable "timeout" {
  type = number
}

variable "schedule" {
  type    = string
  default = null
}

variable "environment" {
  type = map(string)
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "access" {
  statement {
    sid       = "ConsumeOwnQueue"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    resources = [var.queue_arn]
  }

  statement {
    sid       = "PublishEvents"
    actions   = ["sns:Publish"]
    resources = [var.topic_arn]
  }
}

resource "aws_iam_role" "this" {
  name                 = "${var.prefix}-${var.name}"
  description          = "Runs the ${var.name} function"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "access" {
  name   = "access"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.access.json
}

resource "aws_iam_policy" "logs" {
  name = "${var.prefix}-${var.name}-logs"

  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
          "Resource": "arn:aws:logs:*:*:log-group:/aws/lambda/${var.prefix}-${var.name}:*"
        }
      ]
    }
  EOT
}

resource "aws_iam_role_policy_attachment" "logs" {
  role       = aws_iam_role.this.name
  policy_arn = aws_iam_policy.logs.arn
}

resource "aws_lambda_function" "this" {
  function_name    = "${var.prefix}-${var.name}"
  role             = aws_iam_role.this.arn
  runtime          = "python3.12"
  handler          = "handler.main"
  filename         = "${path.module}/handler.zip"
  source_code_hash = filebase64sha256("${path.module}/handler.zip")
  memory_size      = var.memory
  timeout          = var.timeout

  environment {
    variables = var.environment
  }

  tags = { Service = var.name }
}

resource "aws_cloudwatch_event_rule" "schedule" {
  count = var.schedule == null ? 0 : 1

  name                = "${var.prefix}-${var.name}-schedule"
  schedule_expression = var.schedule
}

resource "aws_cloudwatch_event_target" "schedule" {
  count = var.schedule == null ? 0 : 1

  rule = aws_cloudwatch_event_rule.schedule[0].name
  arn  = aws_lambda_function.this.arn
  # Without it the provider makes one up, and nobody can tell which target is ours.
  target_id = var.name
}

output "function_name" {
  value = aws_lambda_function.this.function_name
}
