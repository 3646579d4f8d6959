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
