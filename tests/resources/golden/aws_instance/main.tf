# Machines and what they are made from: shared by the golden folders of these types (links to this file).
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "main" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.0.0/24"
  availability_zone = "eu-west-1a"
}

resource "aws_security_group" "main" {
  name   = "machines"
  vpc_id = aws_vpc.main.id
}

resource "aws_key_pair" "main" {
  key_name   = "deploy"
  public_key = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQD3F6tyPEFEzV0LX3X8BsXdMsQz1x2cEikKDEY0aIj41qgxMCP/iteneqXSIFZBp5vizPvaoIR3Um9xK7PGoW8giupGn+EPuxIA4cDM4vzOqOkiMPhz5XK0whEjkVzTo4+S0puvDZuwIsdiW9mxhJc7tgBNL0cYlWSYVkz4G/fslNfRPW5mYAM49f4fhtxPb5ok4Q2Lg9dPKVHO/Bgeu5woMc7RY0p1ej6D4CKFE6lymSDJpW0YHX/wqE9+cfEauh7xZcG0q9t2ta6F6fmX0agvpFyZo8aFbXeUBr7osSCJNgvavWbM/06niWrOvYX2xwWdhXmXSrbX8ZbabVohBK41"
  tags       = { Team = "core" }
}

resource "aws_launch_template" "plain" {
  name = "plain"
}

resource "aws_launch_template" "full" {
  name                   = "full"
  description            = "of workers"
  image_id               = "ami-12c6146b"
  instance_type          = "t3.micro"
  key_name               = aws_key_pair.main.key_name
  vpc_security_group_ids = [aws_security_group.main.id]
  user_data              = base64encode("#!/bin/sh")
  ebs_optimized          = true
  block_device_mappings {
    device_name = "/dev/sda1"
    ebs {
      volume_size = 20
      volume_type = "gp3"
      encrypted   = true
    }
  }
  iam_instance_profile {
    name = "worker"
  }
  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }
  monitoring {
    enabled = true
  }
  tag_specifications {
    resource_type = "instance"
    tags          = { Team = "core" }
  }
  tags = { Team = "core" }
}

resource "aws_instance" "plain" {
  ami           = "ami-12c6146b"
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.main.id
}

resource "aws_instance" "full" {
  ami                    = "ami-12c6146b"
  instance_type          = "t3.small"
  subnet_id              = aws_subnet.main.id
  key_name               = aws_key_pair.main.key_name
  vpc_security_group_ids = [aws_security_group.main.id]
  source_dest_check      = false
  user_data              = "#!/bin/sh"
  tags                   = { Name = "worker" }
}

resource "aws_ebs_volume" "plain" {
  availability_zone = "eu-west-1a"
  size              = 10
}

resource "aws_ebs_volume" "full" {
  availability_zone = "eu-west-1a"
  size              = 20
  type              = "gp3"
  iops              = 4000
  throughput        = 200
  encrypted         = true
  tags              = { Name = "data" }
}

resource "aws_volume_attachment" "main" {
  device_name = "/dev/sdh"
  volume_id   = aws_ebs_volume.full.id
  instance_id = aws_instance.full.id
}

resource "aws_network_interface" "main" {
  subnet_id = aws_subnet.main.id
}

resource "aws_security_group" "extra" {
  name   = "extra"
  vpc_id = aws_vpc.main.id
}

resource "aws_network_interface_sg_attachment" "main" {
  security_group_id    = aws_security_group.extra.id
  network_interface_id = aws_network_interface.main.id
}

resource "aws_autoscaling_group" "plain" {
  name                = "plain"
  min_size            = 0
  max_size            = 0
  vpc_zone_identifier = [aws_subnet.main.id]
  launch_template {
    id      = aws_launch_template.full.id
    version = "$Latest"
  }
}

resource "aws_autoscaling_group" "full" {
  name                      = "full"
  min_size                  = 0
  max_size                  = 2
  desired_capacity          = 0
  default_cooldown          = 60
  health_check_grace_period = 100
  health_check_type         = "EC2"
  termination_policies      = ["OldestInstance"]
  vpc_zone_identifier       = [aws_subnet.main.id]
  launch_template {
    name    = aws_launch_template.full.name
    version = "1"
  }
  tag {
    key                 = "Team"
    value               = "core"
    propagate_at_launch = true
  }
}
