resource "aws_iam_role" "this" {
  name = "sfn-state-machine"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "states.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_kms_key" "this" {
  description = "sfn-state-machine"
}

resource "aws_cloudwatch_log_group" "this" {
  name = "/aws/vendedlogs/states/orders"
}

resource "aws_sfn_state_machine" "full" {
  name     = "orders"
  role_arn = aws_iam_role.this.arn
  type     = "EXPRESS"
  publish  = true
  definition = jsonencode({
    Comment = "takes an order through"
    StartAt = "Reserve"
    States = {
      Reserve = { Type = "Pass", Next = "Charge" }
      Charge  = { Type = "Wait", Seconds = 5, End = true }
    }
  })

  logging_configuration {
    log_destination        = "${aws_cloudwatch_log_group.this.arn}:*"
    include_execution_data = true
    level                  = "ERROR"
  }

  tracing_configuration {
    enabled = true
  }

  encryption_configuration {
    type                              = "CUSTOMER_MANAGED_KMS_KEY"
    kms_key_id                        = aws_kms_key.this.arn
    kms_data_key_reuse_period_seconds = 900
  }

  tags = {
    Owner = "orders"
  }
}

resource "aws_sfn_state_machine" "plain" {
  name_prefix = "plain-"
  role_arn    = aws_iam_role.this.arn
  definition  = jsonencode({ StartAt = "Done", States = { Done = { Type = "Succeed" } } })
}
