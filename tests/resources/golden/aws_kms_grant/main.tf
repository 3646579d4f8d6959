resource "aws_iam_role" "this" {
  name = "kms-grant"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_kms_key" "this" {
  description = "grant"
}

resource "aws_kms_grant" "full" {
  name               = "orders"
  key_id             = aws_kms_key.this.key_id
  grantee_principal  = aws_iam_role.this.arn
  retiring_principal = aws_iam_role.this.arn
  operations         = ["Encrypt", "Decrypt", "GenerateDataKey"]

  constraints {
    encryption_context_equals = {
      Department = "Orders"
    }
  }
}

resource "aws_kms_grant" "plain" {
  key_id            = aws_kms_key.this.key_id
  grantee_principal = aws_iam_role.this.arn
  operations        = ["DescribeKey"]
}
