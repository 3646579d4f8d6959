variable "name" {
  type = string
}

variable "cidr" {
  type = string
}

variable "zones" {
  type = list(string)
}

variable "partners" {
  type = map(object({ cidr = string, port = number }))
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

resource "aws_subnet" "private" {
  count = length(var.zones)

  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(var.cidr, 8, count.index)
  availability_zone = var.zones[count.index]

  tags = { Name = "${var.name}-private-${count.index}" }
}

# The gateway: partners come in, each on the port agreed with them.
resource "aws_security_group" "gateway" {
  name        = "${var.name}-gateway"
  description = "Partners to the gateway"
  vpc_id      = aws_vpc.this.id

  dynamic "ingress" {
    for_each = var.partners

    content {
      description = "Partner ${ingress.key}"
      from_port   = ingress.value.port
      to_port     = ingress.value.port
      protocol    = "tcp"
      cidr_blocks = [ingress.value.cidr]
    }
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }

  tags = { Name = "${var.name}-gateway" }
}

resource "aws_security_group" "workers" {
  name        = "${var.name}-workers"
  description = "Functions and their helpers"
  vpc_id      = aws_vpc.this.id

  ingress {
    description     = "Only what comes through the gateway"
    from_port       = 8080
    to_port         = 8080
    protocol        = "tcp"
    security_groups = [aws_security_group.gateway.id]
  }

  egress {
    description = "TLS to AWS"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# Rules of the database are resources of their own, so that teams can add theirs.
resource "aws_security_group" "database" {
  name        = "${var.name}-database"
  description = "The ledger database"
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "workers_to_database" {
  security_group_id            = aws_security_group.database.id
  referenced_security_group_id = aws_security_group.workers.id
  from_port                    = 5432
  to_port                      = 5432
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "database_replication" {
  security_group_id = aws_security_group.database.id
  cidr_ipv4         = var.cidr
  description       = "Replication stays in the VPC"
  from_port         = 5432
  to_port           = 5432
  ip_protocol       = "tcp"
}

output "database_security_group_id" {
  value = aws_security_group.database.id
}

output "subnet_ids" {
  value = aws_subnet.private[*].id
}
