locals {
  trust = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = ["lambda.amazonaws.com", "events.amazonaws.com"] }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_vpc" "plain" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "plain" {
  vpc_id     = aws_vpc.plain.id
  cidr_block = "10.0.0.0/24"
}

resource "aws_security_group" "inline" {
  name        = "inline"
  description = "rules inside"
  vpc_id      = aws_vpc.plain.id
  ingress {
    description = "web"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8", "192.168.0.0/16"]
    self        = true
  }
  ingress {
    from_port        = 443
    to_port          = 443
    protocol         = "tcp"
    ipv6_cidr_blocks = ["::/0"]
    security_groups  = [aws_security_group.prefixed.id]
  }
  ingress {
    from_port   = -1
    to_port     = -1
    protocol    = "icmp"
    cidr_blocks = ["10.0.0.0/8"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
  tags = { Name = "inline" }
}

resource "aws_security_group" "prefixed" {
  name_prefix = "prefixed-"
  vpc_id      = aws_vpc.plain.id
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

resource "aws_lambda_function" "full" {
  function_name                  = "full"
  description                    = "does it all"
  role                           = aws_iam_role.plain.arn
  runtime                        = "python3.12"
  handler                        = "index.handler"
  filename                       = "handler.zip"
  architectures                  = ["arm64"]
  memory_size                    = 256
  timeout                        = 30
  reserved_concurrent_executions = 5
  publish                        = true
  environment { variables = { MODE = "live" } }
  ephemeral_storage { size = 1024 }
  tracing_config { mode = "Active" }
  dead_letter_config { target_arn = aws_sqs_queue.dead.arn }
  vpc_config {
    subnet_ids         = [aws_subnet.plain.id]
    security_group_ids = [aws_security_group.inline.id]
  }
  tags = { Team = "core" }
}
