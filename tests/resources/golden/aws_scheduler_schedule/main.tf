resource "aws_iam_role" "this" {
  name = "scheduler-schedule"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "scheduler.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_sqs_queue" "this" {
  name = "scheduler-schedule"
}

resource "aws_kms_key" "this" {
  description = "scheduler-schedule"
}

resource "aws_scheduler_schedule_group" "this" {
  name = "scheduler-schedule"
}

resource "aws_scheduler_schedule" "nightly" {
  name                         = "nightly"
  group_name                   = aws_scheduler_schedule_group.this.name
  description                  = "closes the books"
  schedule_expression          = "cron(0 3 * * ? *)"
  schedule_expression_timezone = "Europe/Berlin"
  start_date                   = "2040-01-01T00:00:00Z"
  end_date                     = "2041-01-01T00:00:00Z"
  state                        = "DISABLED"
  kms_key_arn                  = aws_kms_key.this.arn

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 15
  }

  target {
    arn      = aws_sqs_queue.this.arn
    role_arn = aws_iam_role.this.arn
    input    = jsonencode({ job = "close" })

    dead_letter_config {
      arn = aws_sqs_queue.this.arn
    }

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 3
    }

    sqs_parameters {
      message_group_id = "books"
    }
  }
}

resource "aws_scheduler_schedule" "plain" {
  name_prefix         = "plain-"
  schedule_expression = "rate(1 hour)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_sqs_queue.this.arn
    role_arn = aws_iam_role.this.arn
  }
}

resource "aws_scheduler_schedule" "task" {
  name                = "task"
  schedule_expression = "at(2040-11-20T13:00:00)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:aws:ecs:eu-west-1:123456789012:cluster/main"
    role_arn = aws_iam_role.this.arn

    ecs_parameters {
      task_definition_arn     = "arn:aws:ecs:eu-west-1:123456789012:task-definition/report:1"
      task_count              = 2
      launch_type             = "FARGATE"
      platform_version        = "LATEST"
      enable_ecs_managed_tags = true
      enable_execute_command  = false
      group                   = "reports"
      propagate_tags          = "TASK_DEFINITION"
      reference_id            = "nightly"
      tags                    = { Job = "report" }

      network_configuration {
        assign_public_ip = true
        security_groups  = ["sg-11111111", "sg-22222222"]
        subnets          = ["subnet-11111111"]
      }

      placement_constraints {
        type       = "memberOf"
        expression = "attribute:ecs.os-type == linux"
      }

      placement_strategy {
        type  = "spread"
        field = "instanceId"
      }

      capacity_provider_strategy {
        capacity_provider = "FARGATE_SPOT"
        base              = 1
        weight            = 3
      }
    }
  }
}

resource "aws_scheduler_schedule" "bus" {
  name                = "bus"
  schedule_expression = "rate(5 minutes)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:aws:events:eu-west-1:123456789012:event-bus/default"
    role_arn = aws_iam_role.this.arn

    eventbridge_parameters {
      detail_type = "tick"
      source      = "scheduler"
    }
  }
}

resource "aws_scheduler_schedule" "stream" {
  name                = "stream"
  schedule_expression = "rate(5 minutes)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:aws:kinesis:eu-west-1:123456789012:stream/ticks"
    role_arn = aws_iam_role.this.arn

    kinesis_parameters {
      partition_key = "tick"
    }
  }
}

resource "aws_scheduler_schedule" "pipeline" {
  name                = "pipeline"
  schedule_expression = "rate(1 day)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/score"
    role_arn = aws_iam_role.this.arn

    sagemaker_pipeline_parameters {
      pipeline_parameter {
        name  = "depth"
        value = "3"
      }
      pipeline_parameter {
        name  = "mode"
        value = "full"
      }
    }
  }
}
