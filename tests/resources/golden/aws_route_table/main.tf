# Everything that routes: shared by the golden folders of these types (links to this file).
resource "aws_vpc" "main" {
  cidr_block                       = "10.0.0.0/16"
  assign_generated_ipv6_cidr_block = true
  enable_dns_hostnames             = true
}

resource "aws_vpc" "other" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_subnet" "main" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.${count.index}.0/24"
  availability_zone = "eu-west-1${["a", "b"][count.index]}"
}

resource "aws_internet_gateway" "attached" {
  vpc_id = aws_vpc.main.id
  tags   = { Name = "attached" }
}

resource "aws_internet_gateway" "loose" {}

resource "aws_egress_only_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_eip" "gateway" {
  domain = "vpc"
  tags   = { Name = "gateway" }
}

resource "aws_eip" "plain" {}

resource "aws_eip" "interface" {
  network_interface = aws_network_interface.main.id
}

resource "aws_network_interface" "main" {
  subnet_id = aws_subnet.main[0].id
}

resource "aws_nat_gateway" "public" {
  allocation_id = aws_eip.gateway.id
  subnet_id     = aws_subnet.main[0].id
  tags          = { Name = "public" }
}

resource "aws_nat_gateway" "private" {
  connectivity_type = "private"
  subnet_id         = aws_subnet.main[1].id
}

resource "aws_vpc_peering_connection" "accepted" {
  vpc_id      = aws_vpc.main.id
  peer_vpc_id = aws_vpc.other.id
  auto_accept = true
  accepter {
    allow_remote_vpc_dns_resolution = true
  }
  tags = { Name = "accepted" }
}

resource "aws_route_table" "plain" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table" "inline" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.attached.id
  }
  route {
    ipv6_cidr_block        = "::/0"
    egress_only_gateway_id = aws_egress_only_internet_gateway.main.id
  }
  route {
    cidr_block                = "10.1.0.0/16"
    vpc_peering_connection_id = aws_vpc_peering_connection.accepted.id
  }
  tags = { Name = "inline" }
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.plain.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.public.id
}

resource "aws_route" "ipv6" {
  route_table_id              = aws_route_table.plain.id
  destination_ipv6_cidr_block = "::/0"
  gateway_id                  = aws_internet_gateway.attached.id
}

resource "aws_route" "interface" {
  route_table_id         = aws_route_table.plain.id
  destination_cidr_block = "10.9.0.0/16"
  network_interface_id   = aws_network_interface.main.id
}

resource "aws_ec2_managed_prefix_list" "main" {
  name           = "main"
  address_family = "IPv4"
  max_entries    = 1
  entry {
    cidr = "10.8.0.0/16"
  }
}

resource "aws_route" "prefixes" {
  route_table_id             = aws_route_table.plain.id
  destination_prefix_list_id = aws_ec2_managed_prefix_list.main.id
  vpc_peering_connection_id  = aws_vpc_peering_connection.accepted.id
}

resource "aws_route_table_association" "subnet" {
  subnet_id      = aws_subnet.main[0].id
  route_table_id = aws_route_table.plain.id
}

resource "aws_route_table_association" "other" {
  subnet_id      = aws_subnet.main[1].id
  route_table_id = aws_route_table.inline.id
}

resource "aws_default_route_table" "main" {
  default_route_table_id = aws_vpc.main.default_route_table_id
  route {
    cidr_block = "10.7.0.0/16"
    gateway_id = aws_internet_gateway.attached.id
  }
  tags = { Name = "default" }
}

resource "aws_route_table" "first" {
  vpc_id = aws_vpc.other.id
}

resource "aws_main_route_table_association" "other" {
  vpc_id         = aws_vpc.other.id
  route_table_id = aws_route_table.first.id
}
