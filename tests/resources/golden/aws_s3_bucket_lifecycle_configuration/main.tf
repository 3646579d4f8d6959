# Sides of buckets: shared by the golden folders of these types (links to this file).
resource "aws_s3_bucket" "main" {
  count  = 3
  bucket = "sides-${count.index}"
}

resource "aws_s3_bucket" "logs" {
  bucket = "sides-logs"
}

resource "aws_s3_bucket_lifecycle_configuration" "full" {
  bucket = aws_s3_bucket.main[0].id
  rule {
    id     = "scratch"
    status = "Disabled"
    filter {
      prefix = "tmp/"
    }
    expiration {
      days = 1
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "plain" {
  bucket = aws_s3_bucket.main[1].id
  rule {
    id     = "expire"
    status = "Enabled"
    filter {
      tag {
        key   = "Kind"
        value = "scratch"
      }
    }
    expiration {
      days = 7
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "whole" {
  bucket = aws_s3_bucket.main[2].id
  rule {
    id     = "for everything"
    status = "Enabled"
    expiration {
      days = 400
    }
  }
  rule {
    id     = "for everything, said"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
  }
}

resource "aws_s3_bucket_ownership_controls" "main" {
  count  = 3
  bucket = aws_s3_bucket.main[count.index].id
  rule {
    object_ownership = ["BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"][count.index]
  }
}

resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    object_ownership = "BucketOwnerPreferred"
  }
}

resource "aws_s3_bucket_acl" "canned" {
  bucket     = aws_s3_bucket.main[0].id
  acl        = "private"
  depends_on = [aws_s3_bucket_ownership_controls.main]
}

resource "aws_s3_bucket_acl" "logs" {
  bucket     = aws_s3_bucket.logs.id
  acl        = "log-delivery-write"
  depends_on = [aws_s3_bucket_ownership_controls.logs]
}

resource "aws_s3_bucket_logging" "main" {
  bucket        = aws_s3_bucket.main[0].id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "main/"
  depends_on    = [aws_s3_bucket_acl.logs]
}

resource "aws_s3_bucket_cors_configuration" "full" {
  bucket = aws_s3_bucket.main[0].id
  cors_rule {
    allowed_headers = ["Authorization"]
    allowed_methods = ["GET", "PUT"]
    allowed_origins = ["https://example.com", "https://example.org"]
    expose_headers  = ["ETag"]
    max_age_seconds = 300
  }
  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["*"]
  }
}

resource "aws_sqs_queue" "main" {
  name = "events"
}

resource "aws_sqs_queue" "other" {
  name = "other"
}

resource "aws_sns_topic" "main" {
  name = "events"
}

resource "aws_s3_bucket_notification" "full" {
  bucket      = aws_s3_bucket.main[0].id
  eventbridge = true
  queue {
    id            = "created"
    queue_arn     = aws_sqs_queue.main.arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "in/"
    filter_suffix = ".csv"
  }
  queue {
    id        = "removed"
    queue_arn = aws_sqs_queue.other.arn
    events    = ["s3:ObjectRemoved:*", "s3:ObjectRestore:Completed"]
  }
  topic {
    topic_arn     = aws_sns_topic.main.arn
    events        = ["s3:ReducedRedundancyLostObject"]
    filter_suffix = ".log"
  }
}

resource "aws_s3_bucket_notification" "plain" {
  bucket = aws_s3_bucket.main[1].id
  queue {
    queue_arn = aws_sqs_queue.main.arn
    events    = ["s3:ObjectCreated:Put"]
  }
}
