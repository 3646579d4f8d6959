resource "aws_kms_key" "this" {
  description = "key-policy"
}

resource "aws_kms_key_policy" "this" {
  key_id = aws_kms_key.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "account"
        Effect    = "Allow"
        Principal = { AWS = "123456789012" }
        Action    = ["kms:*"]
        Resource  = ["*"]
      },
    ]
  })
}
