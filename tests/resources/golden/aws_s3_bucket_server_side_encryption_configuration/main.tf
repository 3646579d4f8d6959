resource "aws_s3_bucket" "full" {
  bucket        = "agreement-full"
  force_destroy = true
  tags          = { Team = "core" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "full" {
  bucket = aws_s3_bucket.full.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "aws:kms" }
    bucket_key_enabled = true
  }
}
