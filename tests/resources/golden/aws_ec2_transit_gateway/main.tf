# What joins networks and what is in them: shared by the golden folders of these types (links to this file).
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
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

resource "aws_subnet" "other" {
  vpc_id     = aws_vpc.other.id
  cidr_block = "10.1.0.0/24"
}

resource "aws_security_group" "main" {
  name   = "main"
  vpc_id = aws_vpc.main.id
}

resource "aws_ec2_transit_gateway" "plain" {}

resource "aws_ec2_transit_gateway" "full" {
  amazon_side_asn                    = 64999
  auto_accept_shared_attachments     = "enable"
  default_route_table_association    = "disable"
  default_route_table_propagation    = "disable"
  description                        = "between all"
  dns_support                        = "disable"
  multicast_support                  = "enable"
  security_group_referencing_support = "enable"
  transit_gateway_cidr_blocks        = ["10.200.0.0/24"]
  vpn_ecmp_support                   = "disable"
  tags                               = { Name = "full" }
}

resource "aws_ec2_transit_gateway_vpc_attachment" "plain" {
  subnet_ids         = [aws_subnet.main[0].id]
  transit_gateway_id = aws_ec2_transit_gateway.plain.id
  vpc_id             = aws_vpc.main.id
}

resource "aws_ec2_transit_gateway_vpc_attachment" "full" {
  subnet_ids                                      = aws_subnet.main[*].id
  transit_gateway_id                              = aws_ec2_transit_gateway.full.id
  vpc_id                                          = aws_vpc.main.id
  appliance_mode_support                          = "enable"
  dns_support                                     = "disable"
  ipv6_support                                    = "enable"
  transit_gateway_default_route_table_association = false
  transit_gateway_default_route_table_propagation = false
  tags                                            = { Name = "full" }
}

resource "aws_ec2_managed_prefix_list" "plain" {
  name           = "plain"
  address_family = "IPv4"
  max_entries    = 5
}

resource "aws_ec2_managed_prefix_list" "full" {
  name           = "full"
  address_family = "IPv6"
  max_entries    = 2
  entry {
    cidr        = "2001:db8::/64"
    description = "office"
  }
  entry {
    cidr = "2001:db8:1::/64"
  }
  tags = { Team = "core" }
}

resource "aws_vpc_dhcp_options" "plain" {
  domain_name_servers = ["AmazonProvidedDNS"]
}

resource "aws_vpc_dhcp_options" "full" {
  domain_name          = "internal.example"
  domain_name_servers  = ["10.0.0.2", "127.0.0.1"]
  netbios_name_servers = ["127.0.0.1"]
  netbios_node_type    = "2"
  ntp_servers          = ["10.0.0.3", "127.0.0.1"]
  tags                 = { Name = "full" }
}

resource "aws_vpc_dhcp_options_association" "main" {
  vpc_id          = aws_vpc.main.id
  dhcp_options_id = aws_vpc_dhcp_options.full.id
}

resource "aws_network_interface" "plain" {
  subnet_id = aws_subnet.main[0].id
}

resource "aws_network_interface" "full" {
  subnet_id         = aws_subnet.main[1].id
  description       = "a fixed address"
  private_ips       = ["10.0.1.50"]
  security_groups   = [aws_security_group.main.id]
  source_dest_check = false
  tags              = { Name = "full" }
}

resource "aws_instance" "main" {
  ami           = "ami-12c6146b"
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.main[0].id
}

resource "aws_eip" "interface" {}

resource "aws_eip" "instance" {}

resource "aws_eip" "inline" {
  network_interface = aws_network_interface.full.id
}

resource "aws_eip_association" "interface" {
  allocation_id        = aws_eip.interface.id
  network_interface_id = aws_network_interface.plain.id
}

resource "aws_eip_association" "instance" {
  allocation_id = aws_eip.instance.id
  instance_id   = aws_instance.main.id
}

resource "aws_vpc_endpoint" "gateway" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-1.s3"
}

resource "aws_vpc_endpoint" "interface" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.eu-west-1.sqs"
  vpc_endpoint_type = "Interface"
}

resource "aws_vpc_endpoint_policy" "gateway" {
  vpc_endpoint_id = aws_vpc_endpoint.gateway.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "*" }]
  })
}

resource "aws_route_table" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc_endpoint_route_table_association" "main" {
  route_table_id  = aws_route_table.main.id
  vpc_endpoint_id = aws_vpc_endpoint.gateway.id
}

resource "aws_vpc_endpoint_subnet_association" "main" {
  subnet_id       = aws_subnet.main[0].id
  vpc_endpoint_id = aws_vpc_endpoint.interface.id
}

resource "aws_vpc_endpoint_security_group_association" "main" {
  security_group_id = aws_security_group.main.id
  vpc_endpoint_id   = aws_vpc_endpoint.interface.id
}
