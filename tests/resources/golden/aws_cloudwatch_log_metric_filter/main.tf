resource "aws_cloudwatch_log_group" "this" {
  name = "metric-filter"
}

resource "aws_cloudwatch_log_metric_filter" "errors" {
  name           = "errors"
  log_group_name = aws_cloudwatch_log_group.this.name
  pattern        = "ERROR"

  metric_transformation {
    name          = "ErrorCount"
    namespace     = "Orders"
    value         = "1"
    default_value = "0"
    unit          = "Count"
  }
}

resource "aws_cloudwatch_log_metric_filter" "latency" {
  name           = "latency"
  log_group_name = aws_cloudwatch_log_group.this.name
  pattern        = "{ $.latency = * }"

  metric_transformation {
    name       = "Latency"
    namespace  = "Orders"
    value      = "$.latency"
    dimensions = { Route = "$.route" }
  }
}
