resource "aws_iam_role" "this" {
  name = "event-source-mapping"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_lambda_function" "this" {
  function_name = "event-source-mapping"
  role          = aws_iam_role.this.arn
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1"
}

resource "aws_sqs_queue" "this" {
  name                       = "event-source-mapping"
  visibility_timeout_seconds = 60
}

resource "aws_kinesis_stream" "this" {
  name        = "event-source-mapping"
  shard_count = 1
}

resource "aws_dynamodb_table" "this" {
  name             = "event-source-mapping"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "id"
  stream_enabled   = true
  stream_view_type = "NEW_IMAGE"

  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_lambda_event_source_mapping" "queue" {
  event_source_arn                   = aws_sqs_queue.this.arn
  function_name                      = aws_lambda_function.this.arn
  batch_size                         = 5
  maximum_batching_window_in_seconds = 20
  function_response_types            = ["ReportBatchItemFailures"]

  filter_criteria {
    filter {
      pattern = jsonencode({ body = { kind = ["order"] } })
    }
    filter {
      pattern = jsonencode({ body = { amount = [{ numeric = [">", 100] }] } })
    }
  }

  scaling_config {
    maximum_concurrency = 10
  }

  tags = {
    Owner = "orders"
  }
}

resource "aws_lambda_event_source_mapping" "stream" {
  event_source_arn                   = aws_kinesis_stream.this.arn
  function_name                      = aws_lambda_function.this.function_name
  starting_position                  = "TRIM_HORIZON"
  enabled                            = false
  bisect_batch_on_function_error     = true
  maximum_record_age_in_seconds      = 3600
  maximum_retry_attempts             = 4
  parallelization_factor             = 2
  tumbling_window_in_seconds         = 30
  maximum_batching_window_in_seconds = 5

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.this.arn
    }
  }
}

resource "aws_lambda_event_source_mapping" "table" {
  event_source_arn  = aws_dynamodb_table.this.stream_arn
  function_name     = aws_lambda_function.this.arn
  starting_position = "LATEST"
}
