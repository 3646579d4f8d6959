resource "aws_s3_bucket" "this" {
  bucket = "lambda-layer-version"
}

resource "aws_s3_object" "this" {
  bucket         = aws_s3_bucket.this.bucket
  key            = "layer.zip"
  content_base64 = "UEsDBBQAAAAAAAAAIQAAAAAAAAAAAAAAAAAEAAAAYS5weVBLAQIUAxQAAAAAAAAAIQAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAACAAQAAAABhLnB5UEsFBgAAAAABAAEAMgAAACIAAAAAAA=="
}

resource "aws_lambda_layer_version" "full" {
  layer_name               = "tools"
  description              = "what every handler needs"
  s3_bucket                = aws_s3_bucket.this.bucket
  s3_key                   = aws_s3_object.this.key
  compatible_runtimes      = ["python3.12", "python3.13"]
  compatible_architectures = ["arm64", "x86_64"]
  license_info             = "MIT"
}

resource "aws_lambda_layer_version" "plain" {
  layer_name = "plain"
  s3_bucket  = aws_s3_bucket.this.bucket
  s3_key     = aws_s3_object.this.key
}
