resource "aws_vpc" "plain" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_security_group" "apart" {
  name   = "apart"
  vpc_id = aws_vpc.plain.id
}

resource "aws_vpc_security_group_egress_rule" "all" {
  security_group_id = aws_security_group.apart.id
  cidr_ipv6         = "::/0"
  ip_protocol       = "-1"
}
