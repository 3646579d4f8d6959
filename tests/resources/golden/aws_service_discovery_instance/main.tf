# Policies of streams and tables, instances of services: shared by the golden folders of these types.
resource "aws_service_discovery_public_dns_namespace" "main" {
  name        = "example.com"
  description = "outside"
  tags        = { Team = "core" }
}

resource "aws_service_discovery_public_dns_namespace" "plain" {
  name = "example.org"
}

resource "aws_service_discovery_service" "main" {
  name = "ledger"
  dns_config {
    namespace_id = aws_service_discovery_public_dns_namespace.main.id
    dns_records {
      ttl  = 10
      type = "A"
    }
  }
}

resource "aws_service_discovery_instance" "main" {
  instance_id = "one"
  service_id  = aws_service_discovery_service.main.id
  attributes  = { AWS_INSTANCE_IPV4 = "10.0.0.1", shard = "a" }
}

resource "aws_kinesis_stream" "main" {
  name        = "orders"
  shard_count = 1
}

resource "aws_kinesis_resource_policy" "main" {
  resource_arn = aws_kinesis_stream.main.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "write"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::123456789012:root" }
      Action    = ["kinesis:PutRecord", "kinesis:PutRecords"]
      Resource  = aws_kinesis_stream.main.arn
    }]
  })
}

resource "aws_dynamodb_table" "main" {
  count        = 2
  name         = "orders-${count.index}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_dynamodb_resource_policy" "main" {
  resource_arn = aws_dynamodb_table.main[0].arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "read"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::123456789012:root" }
      Action    = "dynamodb:GetItem"
      Resource  = aws_dynamodb_table.main[0].arn
    }]
  })
}

