resource "aws_iam_role" "this" {
  name = "lambda-permission"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_lambda_function" "this" {
  function_name = "lambda-permission"
  role          = aws_iam_role.this.arn
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1"
  publish       = true
}

resource "aws_lambda_alias" "this" {
  name             = "live"
  function_name    = aws_lambda_function.this.function_name
  function_version = "$LATEST"
}

resource "aws_lambda_permission" "topic" {
  statement_id   = "topic"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.this.function_name
  principal      = "sns.amazonaws.com"
  source_arn     = "arn:aws:sns:eu-west-1:123456789012:orders"
  source_account = "123456789012"
}

resource "aws_lambda_permission" "account" {
  statement_id_prefix = "account-"
  action              = "lambda:GetFunction"
  function_name       = aws_lambda_function.this.arn
  principal           = "arn:aws:iam::111111111111:root"
}

resource "aws_lambda_permission" "alias" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this.function_name
  qualifier     = aws_lambda_alias.this.name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "arn:aws:execute-api:eu-west-1:123456789012:api/*/*"
}

resource "aws_lambda_permission" "organization" {
  statement_id     = "organization"
  action           = "lambda:InvokeFunction"
  function_name    = aws_lambda_function.this.function_name
  principal        = "*"
  principal_org_id = "o-1234567890"
}

resource "aws_lambda_permission" "url" {
  statement_id           = "url"
  action                 = "lambda:InvokeFunctionUrl"
  function_name          = aws_lambda_function.this.function_name
  principal              = "*"
  function_url_auth_type = "NONE"
}

resource "aws_lambda_permission" "token" {
  statement_id       = "token"
  action             = "lambda:InvokeFunction"
  function_name      = aws_lambda_function.this.function_name
  principal          = "alexa-appkit.amazon.com"
  event_source_token = "amzn1.ask.skill.1"
}

resource "aws_lambda_permission" "version" {
  statement_id  = "version"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this.function_name
  qualifier     = aws_lambda_function.this.version
  principal     = "events.amazonaws.com"
}
