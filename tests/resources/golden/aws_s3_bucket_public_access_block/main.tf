resource "aws_s3_bucket" "full" {
  bucket        = "agreement-full"
  force_destroy = true
  tags          = { Team = "core" }
}

resource "aws_s3_bucket_public_access_block" "full" {
  bucket              = aws_s3_bucket.full.id
  block_public_acls   = true
  block_public_policy = true
}
