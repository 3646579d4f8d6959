resource "aws_mq_broker" "rabbit" {
  broker_name                = "orders"
  engine_type                = "RabbitMQ"
  engine_version             = "3.13"
  host_instance_type         = "mq.t3.micro"
  auto_minor_version_upgrade = true
  publicly_accessible        = false
  deployment_mode            = "SINGLE_INSTANCE"

  user {
    username = "orders"
    password = "correcthorsebattery"
  }

  logs {
    general = true
  }

  maintenance_window_start_time {
    day_of_week = "MONDAY"
    time_of_day = "03:00"
    time_zone   = "UTC"
  }

  tags = {
    Owner = "orders"
  }
}

resource "aws_mq_broker" "active" {
  broker_name             = "legacy"
  engine_type             = "ActiveMQ"
  engine_version          = "5.18"
  host_instance_type      = "mq.t3.micro"
  authentication_strategy = "simple"
  storage_type            = "ebs"

  encryption_options {
    use_aws_owned_key = true
  }

  user {
    username       = "admin"
    password       = "correcthorsebattery"
    console_access = true
    groups         = ["operators", "writers"]
  }
}
