resource "aws_kms_key" "this" {
  description = "cluster"
}

resource "aws_cloudwatch_log_group" "this" {
  name = "ecs-cluster"
}

resource "aws_ecs_cluster" "full" {
  name = "orders"

  setting {
    name  = "containerInsights"
    value = "enabled"
  }

  configuration {
    execute_command_configuration {
      kms_key_id = aws_kms_key.this.arn
      logging    = "OVERRIDE"

      log_configuration {
        cloud_watch_encryption_enabled = true
        cloud_watch_log_group_name     = aws_cloudwatch_log_group.this.name
      }
    }
  }

  service_connect_defaults {
    namespace = "arn:aws:servicediscovery:eu-west-1:123456789012:namespace/ns-1111111111111111"
  }

  tags = {
    Owner = "orders"
  }
}

resource "aws_ecs_cluster" "plain" {
  name = "plain"
}
