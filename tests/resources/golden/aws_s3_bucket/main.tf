resource "aws_s3_bucket" "plain" {
  bucket = "agreement-plain"
}

resource "aws_s3_bucket" "full" {
  bucket        = "agreement-full"
  force_destroy = true
  tags          = { Team = "core" }
}
