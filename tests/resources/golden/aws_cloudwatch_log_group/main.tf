resource "aws_kms_key" "this" {
  description = "log-group"
}

resource "aws_cloudwatch_log_group" "full" {
  name              = "/services/orders"
  retention_in_days = 30
  kms_key_id        = aws_kms_key.this.arn
  skip_destroy      = true

  tags = {
    Owner = "orders"
  }
}

resource "aws_cloudwatch_log_group" "plain" {
  name_prefix = "plain-"
}
