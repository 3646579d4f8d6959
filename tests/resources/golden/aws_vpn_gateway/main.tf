# Edges of networks: shared by the golden folders of these types (links to this file).
resource "aws_vpc" "edge" {
  cidr_block                       = "10.1.0.0/16"
  assign_generated_ipv6_cidr_block = true
}

resource "aws_vpc_ipv4_cidr_block_association" "main" {
  vpc_id     = aws_vpc.edge.id
  cidr_block = "10.2.0.0/16"
}

resource "aws_egress_only_internet_gateway" "main" {
  vpc_id = aws_vpc.edge.id
  tags   = { Name = "out" }
}

resource "aws_vpn_gateway" "main" {
  vpc_id          = aws_vpc.edge.id
  amazon_side_asn = "64620"
  tags            = { Name = "office" }
}

resource "aws_customer_gateway" "main" {
  bgp_asn    = 65000
  ip_address = "198.51.100.1"
  type       = "ipsec.1"
  tags       = { Name = "office" }
}

resource "aws_s3_bucket" "flows" {
  bucket = "edge-flows"
}

resource "aws_cloudwatch_log_group" "flows" {
  name = "/flows"
}

resource "aws_iam_role" "flows" {
  name = "flows"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "vpc-flow-logs.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_flow_log" "bucket" {
  vpc_id                   = aws_vpc.edge.id
  traffic_type             = "REJECT"
  log_destination_type     = "s3"
  log_destination          = aws_s3_bucket.flows.arn
  max_aggregation_interval = 60
  tags                     = { Name = "rejected" }
}

resource "aws_flow_log" "group" {
  vpc_id          = aws_vpc.edge.id
  traffic_type    = "ALL"
  log_destination = aws_cloudwatch_log_group.flows.arn
  iam_role_arn    = aws_iam_role.flows.arn
}
