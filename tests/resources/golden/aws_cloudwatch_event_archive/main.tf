resource "aws_cloudwatch_event_bus" "this" {
  name = "event-archive"
}

resource "aws_cloudwatch_event_archive" "full" {
  name             = "orders"
  description      = "a year of orders"
  event_source_arn = aws_cloudwatch_event_bus.this.arn
  retention_days   = 365
  event_pattern    = jsonencode({ source = ["orders", "payments"], detail = { state = ["placed"] } })
}

resource "aws_cloudwatch_event_archive" "plain" {
  name             = "plain"
  event_source_arn = aws_cloudwatch_event_bus.this.arn
}
