resource "aws_kms_key" "full" {
  description              = "signs nothing, encrypts orders"
  deletion_window_in_days  = 7
  enable_key_rotation      = true
  rotation_period_in_days  = 180
  multi_region             = true
  customer_master_key_spec = "SYMMETRIC_DEFAULT"
  key_usage                = "ENCRYPT_DECRYPT"

  policy = jsonencode({
    Version = "2012-10-17"
    Id      = "orders"
    Statement = [
      {
        Sid       = "account"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::123456789012:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "queues"
        Effect    = "Allow"
        Principal = { Service = ["sqs.amazonaws.com", "sns.amazonaws.com"] }
        Action    = ["kms:GenerateDataKey*", "kms:Decrypt"]
        Resource  = "*"
      },
    ]
  })

  tags = {
    Owner = "orders"
  }
}

resource "aws_kms_key" "plain" {
  description = "plain"
}

resource "aws_kms_key" "off" {
  description = "off"
  is_enabled  = false
}

resource "aws_kms_key" "signing" {
  description              = "signs releases"
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
}
