# What stands for a part of something else in a network: shared by the golden folders of these types.
# The emulator has no set to start with.
resource "aws_vpc_dhcp_options" "start" {
  domain_name         = "eu-west-1.compute.internal"
  domain_name_servers = ["AmazonProvidedDNS"]
  lifecycle {
    ignore_changes = [tags]
  }
}

resource "aws_default_vpc_dhcp_options" "main" {
  tags       = { Name = "default" }
  depends_on = [aws_vpc_dhcp_options.start]
}

resource "aws_vpc" "main" {
  count                = 3
  cidr_block           = "10.${count.index}.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_vpc_peering_connection" "main" {
  count       = 2
  vpc_id      = aws_vpc.main[0].id
  peer_vpc_id = aws_vpc.main[count.index + 1].id
  tags        = count.index == 0 ? { Kind = "near" } : {}
}

resource "aws_vpc_peering_connection_accepter" "main" {
  vpc_peering_connection_id = aws_vpc_peering_connection.main[0].id
  auto_accept               = true
  tags                      = { Kind = "near" }
}

resource "aws_vpc_peering_connection_accepter" "plain" {
  vpc_peering_connection_id = aws_vpc_peering_connection.main[1].id
  auto_accept               = true
}

resource "aws_vpc_peering_connection_options" "main" {
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.main.id
  accepter {
    allow_remote_vpc_dns_resolution = true
  }
  requester {
    allow_remote_vpc_dns_resolution = true
  }
}
