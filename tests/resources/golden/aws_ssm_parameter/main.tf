resource "aws_kms_key" "this" {
  description = "parameter"
}

resource "aws_ssm_parameter" "text" {
  name            = "/orders/limit"
  description     = "orders a minute"
  type            = "String"
  value           = "100"
  allowed_pattern = "^\\d+$"
  data_type       = "text"
  tier            = "Standard"

  tags = {
    Owner = "orders"
  }
}

resource "aws_ssm_parameter" "secret" {
  name   = "/orders/token"
  type   = "SecureString"
  value  = "s3cret"
  key_id = aws_kms_key.this.arn
}

resource "aws_ssm_parameter" "list" {
  name  = "regions"
  type  = "StringList"
  value = "eu-west-1,eu-central-1"
}
