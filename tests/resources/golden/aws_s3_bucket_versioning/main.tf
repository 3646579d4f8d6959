resource "aws_s3_bucket" "full" {
  bucket        = "agreement-full"
  force_destroy = true
  tags          = { Team = "core" }
}

resource "aws_s3_bucket_versioning" "full" {
  bucket = aws_s3_bucket.full.id
  versioning_configuration { status = "Enabled" }
}
