resource "aws_kms_key" "this" {
  description = "secret"
}

resource "aws_secretsmanager_secret" "full" {
  name                    = "orders/database"
  description             = "what the orders service logs in with"
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = 0

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "reader"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::123456789012:root" }
        Action    = "secretsmanager:GetSecretValue"
        Resource  = "*"
      },
    ]
  })

  tags = {
    Owner = "orders"
  }
}

resource "aws_secretsmanager_secret" "plain" {
  name_prefix = "plain-"
}
