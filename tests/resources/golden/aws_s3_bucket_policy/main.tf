resource "aws_s3_bucket" "full" {
  bucket        = "agreement-full"
  force_destroy = true
  tags          = { Team = "core" }
}

resource "aws_s3_bucket_policy" "full" {
  bucket = aws_s3_bucket.full.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "${aws_s3_bucket.full.arn}/*", Condition = { Bool = { "aws:SecureTransport" = "false" } } }]
  })
}
