resource "aws_kms_key" "this" {
  description = "repository"
}

resource "aws_ecr_repository" "full" {
  name                 = "orders/api"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = true

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.this.arn
  }

  tags = {
    Owner = "orders"
  }
}

resource "aws_ecr_repository" "plain" {
  name = "plain"
}
