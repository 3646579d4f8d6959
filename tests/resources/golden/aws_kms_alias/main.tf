resource "aws_kms_key" "this" {
  description = "alias"
}

resource "aws_kms_alias" "named" {
  name          = "alias/orders"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_kms_alias" "prefixed" {
  name_prefix   = "alias/orders-"
  target_key_id = aws_kms_key.this.arn
}
