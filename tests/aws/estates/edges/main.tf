# What is written in more than one way, and what AWS does not keep apart. Nothing here waits in the provider.

locals {
  trust = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "main", Stage = "test" }
}

resource "aws_security_group" "inline" {
  name   = "inline"
  vpc_id = aws_vpc.main.id
  ingress {
    description = "one"
    from_port   = 443
    to_port     = 443
    protocol    = "TCP"
    cidr_blocks = ["192.168.0.0/16", "10.0.0.0/8"]
  }
  ingress {
    description = "two"
    from_port   = 443
    to_port     = 443
    protocol    = "6"
    cidr_blocks = ["172.16.0.0/12"]
  }
  ingress {
    from_port        = 8
    to_port          = 0
    protocol         = "icmp"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = []
  }
  ingress {
    from_port = 0
    to_port   = 65535
    protocol  = "tcp"
    self      = true
  }
  tags = { Team = "core", Own = "yes" }
}

resource "aws_security_group" "apart" {
  name                   = "apart"
  description            = "rules beside"
  vpc_id                 = aws_vpc.main.id
  revoke_rules_on_delete = true
}

resource "aws_security_group" "other" {
  name   = "other"
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "icmp" {
  security_group_id = aws_security_group.apart.id
  cidr_ipv4         = "10.0.0.0/8"
  from_port         = -1
  to_port           = -1
  ip_protocol       = "icmp"
}

resource "aws_vpc_security_group_ingress_rule" "everything" {
  security_group_id            = aws_security_group.apart.id
  referenced_security_group_id = aws_security_group.apart.id
  ip_protocol                  = "-1"
}

resource "aws_vpc_security_group_egress_rule" "number" {
  security_group_id = aws_security_group.apart.id
  cidr_ipv4         = "10.0.0.0/8"
  from_port         = 53
  to_port           = 53
  ip_protocol       = "17"
  description       = "names"
}

resource "aws_security_group_rule" "own" {
  security_group_id        = aws_security_group.other.id
  type                     = "ingress"
  from_port                = 1
  to_port                  = 2
  protocol                 = "tcp"
  source_security_group_id = aws_security_group.other.id
}

resource "aws_security_group_rule" "all" {
  security_group_id = aws_security_group.other.id
  type              = "egress"
  from_port         = 0
  to_port           = 0
  protocol          = "all"
  cidr_blocks       = ["10.9.0.0/16"]
}

resource "aws_security_group_rule" "both" {
  security_group_id = aws_security_group.other.id
  type              = "ingress"
  from_port         = 443
  to_port           = 443
  protocol          = "tcp"
  cidr_blocks       = ["10.1.0.0/16", "10.0.0.0/16"]
  ipv6_cidr_blocks  = ["2001:db8::/32"]
}

resource "aws_iam_role" "inline" {
  name_prefix         = "inline-"
  assume_role_policy  = local.trust
  managed_policy_arns = [aws_iam_policy.main.arn]
  inline_policy {
    name   = "one"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["sqs:*"], Resource = ["*"] }] })
  }
  inline_policy {
    name   = "two"
    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sns:*", Resource = "*" }] })
  }
}

resource "aws_iam_policy" "main" {
  name_prefix = "main-"
  policy      = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }] })
  tags        = { Own = "yes" }
}

resource "aws_iam_role_policy" "unnamed" {
  role   = aws_iam_role.inline2.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*", Condition = { StringEquals = { "aws:PrincipalTag/a&b" = "<x>" } } }] })
}

resource "aws_iam_role" "inline2" {
  name               = "inline2"
  path               = "/a/b/"
  assume_role_policy = local.trust
  tags               = {}
}

resource "aws_sns_topic" "policed" {
  name   = "policed"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "123456789012" }, Action = "sns:Publish", Resource = "*" }] })
}

resource "aws_sns_topic" "prefixed" {
  name_prefix                           = "prefixed-"
  sqs_success_feedback_sample_rate      = 50
  lambda_failure_feedback_role_arn      = aws_iam_role.inline.arn
  http_success_feedback_role_arn        = aws_iam_role.inline.arn
  application_success_feedback_role_arn = aws_iam_role.inline.arn
}

resource "aws_cloudwatch_event_rule" "prefixed" {
  name_prefix   = "prefixed-"
  event_pattern = <<-JSON
    {
      "source": ["b", "a"],
      "detail": {"amount": [{"numeric": [">", 0, "<=", 5]}]}
    }
  JSON
}

resource "aws_cloudwatch_event_target" "literal" {
  rule  = aws_cloudwatch_event_rule.prefixed.name
  arn   = aws_sns_topic.policed.arn
  input = jsonencode({ b = 1, a = [1, 2] })
}

resource "aws_s3_bucket" "inline" {
  bucket_prefix = "inline-"
}

resource "aws_s3_bucket_versioning" "suspended" {
  bucket = aws_s3_bucket.inline.bucket
  versioning_configuration { status = "Suspended" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "plain" {
  bucket = aws_s3_bucket.inline.bucket
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
  }
}

resource "aws_s3_bucket_public_access_block" "none" {
  bucket = aws_s3_bucket.inline.bucket
}

resource "aws_s3_bucket_cors_configuration" "some" {
  bucket = aws_s3_bucket.inline.bucket
  cors_rule {
    allowed_methods = ["GET", "PUT"]
    allowed_origins = ["https://example.com"]
    expose_headers  = ["ETag"]
    max_age_seconds = 300
  }
}

resource "aws_s3_bucket_website_configuration" "some" {
  bucket = aws_s3_bucket.inline.bucket
  index_document { suffix = "index.html" }
  error_document { key = "error.html" }
}
