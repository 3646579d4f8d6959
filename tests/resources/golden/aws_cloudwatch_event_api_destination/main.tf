resource "aws_cloudwatch_event_connection" "this" {
  name               = "api-destination"
  authorization_type = "API_KEY"

  auth_parameters {
    api_key {
      key   = "x-signature"
      value = "s3cret"
    }
  }
}

resource "aws_cloudwatch_event_api_destination" "full" {
  name                             = "hook"
  description                      = "tells the partner"
  invocation_endpoint              = "https://example.com/hook"
  http_method                      = "PUT"
  invocation_rate_limit_per_second = 20
  connection_arn                   = aws_cloudwatch_event_connection.this.arn
}

resource "aws_cloudwatch_event_api_destination" "plain" {
  name                = "plain"
  invocation_endpoint = "https://example.com/plain"
  http_method         = "POST"
  connection_arn      = aws_cloudwatch_event_connection.this.arn
}
