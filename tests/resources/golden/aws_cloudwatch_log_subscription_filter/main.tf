resource "aws_iam_role" "this" {
  name = "subscription-filter"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_lambda_function" "this" {
  function_name = "subscription-filter"
  role          = aws_iam_role.this.arn
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1"
}

resource "aws_cloudwatch_log_group" "this" {
  name = "subscription-filter"
}

resource "aws_kinesis_stream" "this" {
  name        = "subscription-filter"
  shard_count = 1
}

resource "aws_cloudwatch_log_subscription_filter" "stream" {
  name            = "stream"
  log_group_name  = aws_cloudwatch_log_group.this.name
  filter_pattern  = "[ip, user, time, request, status = 5*, size]"
  destination_arn = aws_kinesis_stream.this.arn
  role_arn        = aws_iam_role.this.arn
}

resource "aws_cloudwatch_log_subscription_filter" "function" {
  name            = "function"
  log_group_name  = aws_cloudwatch_log_group.this.name
  filter_pattern  = ""
  destination_arn = aws_lambda_function.this.arn
}
