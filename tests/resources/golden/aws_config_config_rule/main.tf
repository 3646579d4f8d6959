# What watches an account and asks its data: shared by the golden folders of these types (links to this file).
resource "aws_cloudwatch_dashboard" "main" {
  dashboard_name = "ledger"
  dashboard_body = jsonencode({
    widgets = [{ type = "text", x = 0, y = 0, width = 3, height = 3, properties = { markdown = "Hello" } }]
  })
}

resource "aws_s3_bucket" "trail" {
  bucket = "trail-of-all"
}


resource "aws_guardduty_detector" "main" {
  enable                       = true
  finding_publishing_frequency = "ONE_HOUR"
  tags                         = { Team = "core" }
}

resource "aws_iam_role" "watching" {
  name = "watching"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "config.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_config_configuration_recorder" "main" {
  name     = "default"
  role_arn = aws_iam_role.watching.arn
}

resource "aws_config_delivery_channel" "main" {
  name           = "default"
  s3_bucket_name = aws_s3_bucket.trail.id
  depends_on     = [aws_config_configuration_recorder.main]
}

resource "aws_config_config_rule" "main" {
  name = "versioned"
  source {
    owner             = "AWS"
    source_identifier = "S3_BUCKET_VERSIONING_ENABLED"
  }
  depends_on = [aws_config_configuration_recorder.main]
}

resource "aws_athena_workgroup" "main" {
  name        = "analysts"
  description = "of analysts"
  configuration {
    enforce_workgroup_configuration = true
    result_configuration {
      output_location = "s3://${aws_s3_bucket.trail.bucket}/out/"
    }
  }
  tags = { Team = "core" }
}

resource "aws_glue_catalog_database" "main" {
  name        = "ledger"
  description = "of the ledger"
}
