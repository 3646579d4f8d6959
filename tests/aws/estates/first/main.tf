# Every type of the first slice, each in its plain form and with most of its attributes set.

locals {
  trust = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = ["lambda.amazonaws.com", "events.amazonaws.com"] }, Action = "sts:AssumeRole" }]
  })
  send = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Send", Effect = "Allow", Action = ["sqs:SendMessage", "sqs:GetQueueAttributes"], Resource = "*" }]
  })
  open = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "sns.amazonaws.com" }, Action = "sqs:SendMessage", Resource = "*" }]
  })
}

# -- network

resource "aws_vpc" "plain" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc" "full" {
  cidr_block                           = "10.1.0.0/16"
  assign_generated_ipv6_cidr_block     = true
  enable_dns_hostnames                 = true
  enable_dns_support                   = false
  enable_network_address_usage_metrics = true
  tags                                 = { Name = "full", Team = "core" }
}

resource "aws_subnet" "plain" {
  vpc_id     = aws_vpc.plain.id
  cidr_block = "10.0.0.0/24"
}

resource "aws_subnet" "full" {
  vpc_id                  = aws_vpc.full.id
  cidr_block              = "10.1.1.0/24"
  availability_zone       = "eu-west-1b"
  map_public_ip_on_launch = true
  tags                    = { Name = "full" }
}

resource "aws_security_group" "plain" {
  name = "plain"
}

resource "aws_security_group" "inline" {
  name        = "inline"
  description = "rules inside"
  vpc_id      = aws_vpc.plain.id
  ingress {
    description = "web"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8", "192.168.0.0/16"]
    self        = true
  }
  ingress {
    from_port        = 443
    to_port          = 443
    protocol         = "tcp"
    ipv6_cidr_blocks = ["::/0"]
    security_groups  = [aws_security_group.prefixed.id]
  }
  ingress {
    from_port   = -1
    to_port     = -1
    protocol    = "icmp"
    cidr_blocks = ["10.0.0.0/8"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
  tags = { Name = "inline" }
}

resource "aws_security_group" "prefixed" {
  name_prefix = "prefixed-"
  vpc_id      = aws_vpc.plain.id
}

resource "aws_security_group" "apart" {
  name   = "apart"
  vpc_id = aws_vpc.plain.id
}

resource "aws_vpc_security_group_ingress_rule" "cidr" {
  security_group_id = aws_security_group.apart.id
  cidr_ipv4         = "10.9.0.0/16"
  from_port         = 5432
  to_port           = 5432
  ip_protocol       = "tcp"
  description       = "database"
  tags              = { Name = "database" }
}

resource "aws_vpc_security_group_ingress_rule" "group" {
  security_group_id            = aws_security_group.apart.id
  referenced_security_group_id = aws_security_group.prefixed.id
  from_port                    = 8080
  to_port                      = 8090
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "all" {
  security_group_id = aws_security_group.apart.id
  cidr_ipv6         = "::/0"
  ip_protocol       = "-1"
}

resource "aws_security_group_rule" "several" {
  security_group_id = aws_security_group.prefixed.id
  type              = "ingress"
  from_port         = 80
  to_port           = 81
  protocol          = "tcp"
  cidr_blocks       = ["10.2.0.0/16", "10.1.0.0/16"]
  description       = "several"
}

resource "aws_security_group_rule" "self" {
  security_group_id = aws_security_group.prefixed.id
  type              = "ingress"
  from_port         = 0
  to_port           = 0
  protocol          = "-1"
  self              = true
}

resource "aws_security_group_rule" "group" {
  security_group_id        = aws_security_group.prefixed.id
  type                     = "egress"
  from_port                = 53
  to_port                  = 53
  protocol                 = "udp"
  source_security_group_id = aws_security_group.apart.id
}

# -- queues and topics

resource "aws_sqs_queue" "plain" {
  name = "plain"
}

resource "aws_sqs_queue" "dead" {
  name                      = "dead"
  message_retention_seconds = 1209600
}

resource "aws_sqs_queue" "full" {
  name                       = "full"
  delay_seconds              = 5
  max_message_size           = 2048
  message_retention_seconds  = 86400
  receive_wait_time_seconds  = 10
  visibility_timeout_seconds = 60
  policy                     = local.open
  redrive_policy             = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 4 })
  sqs_managed_sse_enabled    = true
  tags                       = { Team = "core" }
}

resource "aws_sqs_queue" "ordered" {
  name                        = "ordered.fifo"
  fifo_queue                  = true
  content_based_deduplication = true
}

resource "aws_sqs_queue" "prefixed" {
  name_prefix = "prefixed-"
}

resource "aws_sns_topic" "plain" {
  name = "plain"
}

resource "aws_sns_topic" "full" {
  name              = "full"
  display_name      = "Full"
  kms_master_key_id = "alias/aws/sns"
  tracing_config    = "Active"
  tags              = { Team = "core" }
  delivery_policy   = jsonencode({ http = { defaultHealthyRetryPolicy = { minDelayTarget = 20, maxDelayTarget = 20, numRetries = 3 } } })
}

resource "aws_sns_topic" "ordered" {
  name                        = "ordered.fifo"
  fifo_topic                  = true
  content_based_deduplication = true
}

resource "aws_sns_topic_subscription" "plain" {
  topic_arn = aws_sns_topic.plain.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.plain.arn
}

resource "aws_sns_topic_subscription" "full" {
  topic_arn            = aws_sns_topic.full.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.full.arn
  raw_message_delivery = true
  filter_policy        = jsonencode({ kind = ["a", "b"] })
  redrive_policy       = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn })
}

# -- roles and policies

resource "aws_iam_role" "plain" {
  name               = "plain"
  assume_role_policy = local.trust
}

resource "aws_iam_role" "full" {
  name                 = "full"
  path                 = "/service/"
  description          = "does it all"
  max_session_duration = 7200
  assume_role_policy   = local.trust
  permissions_boundary = aws_iam_policy.plain.arn
  tags                 = { Team = "core" }
}

resource "aws_iam_role_policy" "plain" {
  role   = aws_iam_role.plain.id
  name   = "send"
  policy = local.send
}

resource "aws_iam_policy" "plain" {
  name   = "plain"
  policy = local.send
}

resource "aws_iam_policy" "full" {
  name        = "full"
  path        = "/service/"
  description = "sends"
  policy      = local.send
  tags        = { Team = "core" }
}

resource "aws_iam_role_policy_attachment" "plain" {
  role       = aws_iam_role.plain.name
  policy_arn = aws_iam_policy.full.arn
}

# -- functions and events

resource "aws_lambda_function" "plain" {
  function_name = "plain"
  role          = aws_iam_role.plain.arn
  runtime       = "python3.12"
  handler       = "index.handler"
  filename      = "handler.zip"
}

resource "aws_lambda_function" "full" {
  function_name                  = "full"
  description                    = "does it all"
  role                           = aws_iam_role.plain.arn
  runtime                        = "python3.12"
  handler                        = "index.handler"
  filename                       = "handler.zip"
  architectures                  = ["arm64"]
  memory_size                    = 256
  timeout                        = 30
  reserved_concurrent_executions = 5
  publish                        = true
  environment { variables = { MODE = "live" } }
  ephemeral_storage { size = 1024 }
  tracing_config { mode = "Active" }
  dead_letter_config { target_arn = aws_sqs_queue.dead.arn }
  vpc_config {
    subnet_ids         = [aws_subnet.plain.id]
    security_group_ids = [aws_security_group.inline.id]
  }
  tags = { Team = "core" }
}

resource "aws_cloudwatch_event_rule" "plain" {
  name                = "plain"
  schedule_expression = "rate(5 minutes)"
}

resource "aws_cloudwatch_event_rule" "full" {
  name          = "full"
  description   = "does it all"
  event_pattern = jsonencode({ source = ["app"], detail = { kind = ["a"] } })
  state         = "DISABLED"
  role_arn      = aws_iam_role.plain.arn
  tags          = { Team = "core" }
}

resource "aws_cloudwatch_event_target" "plain" {
  rule = aws_cloudwatch_event_rule.plain.name
  arn  = aws_sqs_queue.plain.arn
}

resource "aws_cloudwatch_event_target" "full" {
  rule      = aws_cloudwatch_event_rule.full.name
  target_id = "full"
  arn       = aws_lambda_function.plain.arn
  input_transformer {
    input_paths    = { kind = "$.detail.kind" }
    input_template = "{\"kind\": <kind>}"
  }
  retry_policy {
    maximum_event_age_in_seconds = 600
    maximum_retry_attempts       = 3
  }
  dead_letter_config { arn = aws_sqs_queue.dead.arn }
}

# -- buckets

resource "aws_s3_bucket" "plain" {
  bucket = "agreement-plain"
}

resource "aws_s3_bucket" "full" {
  bucket        = "agreement-full"
  force_destroy = true
  tags          = { Team = "core" }
}

resource "aws_s3_bucket_versioning" "full" {
  bucket = aws_s3_bucket.full.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_public_access_block" "full" {
  bucket              = aws_s3_bucket.full.id
  block_public_acls   = true
  block_public_policy = true
}

resource "aws_s3_bucket_policy" "full" {
  bucket = aws_s3_bucket.full.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "${aws_s3_bucket.full.arn}/*", Condition = { Bool = { "aws:SecureTransport" = "false" } } }]
  })
}

resource "aws_s3_bucket_server_side_encryption_configuration" "full" {
  bucket = aws_s3_bucket.full.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "aws:kms" }
    bucket_key_enabled = true
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "some" {
  bucket = aws_s3_bucket.full.bucket
  rule {
    id     = "old"
    status = "Enabled"
    filter { prefix = "logs/" }
    expiration { days = 30 }
    noncurrent_version_expiration { noncurrent_days = 7 }
    abort_incomplete_multipart_upload { days_after_initiation = 3 }
    transition {
      days          = 10
      storage_class = "GLACIER"
    }
  }
}
