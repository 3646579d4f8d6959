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
