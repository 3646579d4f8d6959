# Sides of buckets that few have: shared by the golden folders of these types (links to this file).
resource "aws_s3_bucket" "main" {
  count  = 3
  bucket = "rare-${count.index}"
}

resource "aws_s3_bucket" "locked" {
  bucket              = "rare-locked"
  object_lock_enabled = true
}

resource "aws_s3_bucket_versioning" "main" {
  count  = 2
  bucket = aws_s3_bucket.main[count.index].id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_accelerate_configuration" "main" {
  bucket = aws_s3_bucket.main[0].id
  status = "Enabled"
}

resource "aws_s3_bucket_website_configuration" "full" {
  bucket = aws_s3_bucket.main[0].id
  index_document {
    suffix = "index.html"
  }
  error_document {
    key = "error.html"
  }
  routing_rule {
    condition {
      key_prefix_equals = "docs/"
    }
    redirect {
      replace_key_prefix_with = "documents/"
    }
  }
}

resource "aws_s3_bucket_website_configuration" "elsewhere" {
  bucket = aws_s3_bucket.main[1].id
  redirect_all_requests_to {
    host_name = "example.com"
    protocol  = "https"
  }
}

resource "aws_s3_bucket_website_configuration" "plain" {
  bucket = aws_s3_bucket.main[2].id
  index_document {
    suffix = "index.html"
  }
}

resource "aws_iam_role" "copier" {
  name = "copier"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "s3.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_s3_bucket_replication_configuration" "main" {
  bucket     = aws_s3_bucket.main[0].id
  role       = aws_iam_role.copier.arn
  depends_on = [aws_s3_bucket_versioning.main]
  rule {
    id       = "in"
    priority = 1
    status   = "Enabled"
    filter {}
    delete_marker_replication {
      status = "Disabled"
    }
    destination {
      bucket        = aws_s3_bucket.main[1].arn
      storage_class = "STANDARD_IA"
    }
  }
  rule {
    id       = "out"
    priority = 2
    status   = "Disabled"
    filter {}
    delete_marker_replication {
      status = "Disabled"
    }
    destination {
      bucket = aws_s3_bucket.main[1].arn
    }
  }
}

resource "aws_s3_bucket_object_lock_configuration" "main" {
  bucket = aws_s3_bucket.locked.id
  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = 5
    }
  }
}

resource "aws_s3_bucket_inventory" "full" {
  bucket                   = aws_s3_bucket.main[0].id
  name                     = "all"
  included_object_versions = "All"
  schedule {
    frequency = "Daily"
  }
  filter {
    prefix = "in/"
  }
  destination {
    bucket {
      format     = "ORC"
      bucket_arn = aws_s3_bucket.main[1].arn
      prefix     = "inventory"
    }
  }
}

resource "aws_s3_bucket_inventory" "plain" {
  bucket                   = aws_s3_bucket.main[0].id
  name                     = "plain"
  enabled                  = false
  included_object_versions = "All"
  schedule {
    frequency = "Weekly"
  }
  destination {
    bucket {
      format     = "CSV"
      bucket_arn = aws_s3_bucket.main[1].arn
    }
  }
}
