resource "aws_vpc" "plain" {
  cidr_block = "10.0.0.0/16"
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
