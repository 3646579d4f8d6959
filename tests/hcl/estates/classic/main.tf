terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
}

variable "names" {
  default = "alpha,beta,gamma"
}

variable "ports" {
  type = map(string)
  default = {
    alpha = "80"
    beta  = "443"
  }
}

variable "azs" {
  type    = list(string)
  default = ["eu-west-1a", "eu-west-1b"]
}

variable "enable" {
  default = "1"
}

locals {
  names = split(",", var.names)
}

resource "aws_vpc" "main" {
  cidr_block           = "10.1.0.0/16"
  enable_dns_hostnames = true
  tags = {
    Name = "main"
  }
}

resource "aws_subnet" "private" {
  count             = length(local.names) * length(var.azs)
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
  availability_zone = element(var.azs, count.index)
  tags = merge(
    aws_vpc.main.tags,
    { Name = format("private-%s-%02d", element(local.names, floor(count.index / length(var.azs))), count.index + 1) }
  )
}

resource "aws_network_acl" "acl" {
  count  = var.enable == "1" ? 1 : 0
  vpc_id = aws_vpc.main.id

  dynamic "ingress" {
    for_each = local.names
    content {
      rule_no    = 100 + ingress.key * 10
      action     = contains(keys(var.ports), ingress.value) ? "allow" : "deny"
      protocol   = "tcp"
      cidr_block = cidrhost("10.0.0.0/8", 256) == "10.0.1.0" ? "10.0.0.0/8" : "0.0.0.0/0"
      from_port  = lookup(var.ports, ingress.value, "0")
      to_port    = lookup(var.ports, ingress.value, "0")
    }
  }
}

resource "aws_lb_target_group" "tg" {
  count    = length(local.names)
  name     = "tg-${local.names[count.index]}"
  port     = lookup(var.ports, local.names[count.index], 8080)
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
  health_check {
    path     = "/${local.names[count.index]}"
    matcher  = "200-299"
    interval = 30
  }
  stickiness {
    type            = "lb_cookie"
    cookie_duration = 86400
    enabled         = false
  }
}

resource "aws_instance" "web" {
  count                  = 2
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = element(aws_subnet.private.*.id, count.index)
  vpc_security_group_ids = []
  root_block_device {
    volume_size = 20
    volume_type = "gp3"
  }
  ebs_block_device {
    device_name = "/dev/sdb"
    volume_size = 5 * (count.index + 1)
  }
  ebs_block_device {
    device_name = "/dev/sda9"
    encrypted   = true
  }
  tags = {
    Name = "web-${count.index}"
  }
  volume_tags = {
    Name = "web-${count.index}"
  }
}

output "subnets" {
  value = zipmap(aws_subnet.private.*.cidr_block, aws_subnet.private.*.availability_zone)
}

output "names" {
  value = aws_subnet.private.*.tags.Name
}
