resource "aws_iam_role" "this" {
  name = "lambda-alias"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_lambda_function" "this" {
  function_name = "lambda-alias"
  role          = aws_iam_role.this.arn
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1"
  publish       = true
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "what callers use"
  function_name    = aws_lambda_function.this.arn
  function_version = aws_lambda_function.this.version
}

resource "aws_lambda_alias" "canary" {
  name             = "canary"
  function_name    = aws_lambda_function.this.function_name
  function_version = "$LATEST"

  routing_config {
    additional_version_weights = {
      "1" = 0.25
    }
  }
}
