# Settings beside functions and layers: shared by the golden folders of these types (links to this file).
resource "aws_iam_role" "function" {
  name = "function"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_lambda_function" "setting" {
  count         = 2
  function_name = "setting-${count.index}"
  role          = aws_iam_role.function.arn
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1"
}

resource "aws_lambda_function_event_invoke_config" "plain" {
  function_name          = aws_lambda_function.setting[0].function_name
  maximum_retry_attempts = 0
}

resource "aws_sns_topic" "failed" {
  name = "failed"
}

resource "aws_lambda_function_event_invoke_config" "full" {
  function_name                = aws_lambda_function.setting[1].function_name
  maximum_event_age_in_seconds = 120
  maximum_retry_attempts       = 1
  destination_config {
    on_failure {
      destination = aws_sns_topic.failed.arn
    }
    on_success {
      destination = aws_sns_topic.failed.arn
    }
  }
}
