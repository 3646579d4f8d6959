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
