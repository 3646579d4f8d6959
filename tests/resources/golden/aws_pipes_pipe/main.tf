resource "aws_iam_role" "this" {
  name = "pipes-pipe"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "pipes.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_sqs_queue" "this" {
  for_each = toset(["source", "target"])
  name     = "pipes-${each.key}"
}

resource "aws_pipes_pipe" "queue" {
  name               = "orders"
  description        = "orders to the ledger"
  desired_state      = "STOPPED"
  role_arn           = aws_iam_role.this.arn
  source             = aws_sqs_queue.this["source"].arn
  target             = aws_sqs_queue.this["target"].arn
  enrichment         = "arn:aws:events:eu-west-1:123456789012:api-destination/enrich/11111111-1111-1111-1111-111111111111"
  kms_key_identifier = "arn:aws:kms:eu-west-1:123456789012:key/11111111-1111-1111-1111-111111111111"

  enrichment_parameters {
    input_template = "{\"id\": <$.body.id>}"

    http_parameters {
      path_parameter_values   = ["orders"]
      header_parameters       = { "x-tenant" = "acme" }
      query_string_parameters = { "v" = "2" }
    }
  }

  source_parameters {
    filter_criteria {
      filter {
        pattern = jsonencode({ body = { kind = ["order", "refund"] } })
      }
    }

    sqs_queue_parameters {
      batch_size                         = 5
      maximum_batching_window_in_seconds = 10
    }
  }

  target_parameters {
    input_template = "{\"order\": <$.body>}"

    sqs_queue_parameters {
      message_group_id         = "orders"
      message_deduplication_id = "$.messageId"
    }
  }

  log_configuration {
    level                  = "ERROR"
    include_execution_data = ["ALL"]

    cloudwatch_logs_log_destination {
      log_group_arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/vendedlogs/pipes/orders"
    }
  }

  tags = {
    Owner = "orders"
  }
}

resource "aws_pipes_pipe" "stream" {
  name_prefix = "stream-"
  role_arn    = aws_iam_role.this.arn
  source      = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders"
  target      = "arn:aws:ecs:eu-west-1:123456789012:cluster/orders"

  source_parameters {
    kinesis_stream_parameters {
      starting_position                  = "TRIM_HORIZON"
      batch_size                         = 50
      maximum_batching_window_in_seconds = 5
      maximum_record_age_in_seconds      = 3600
      maximum_retry_attempts             = 3
      on_partial_batch_item_failure      = "AUTOMATIC_BISECT"
      parallelization_factor             = 2

      dead_letter_config {
        arn = aws_sqs_queue.this["target"].arn
      }
    }
  }

  target_parameters {
    ecs_task_parameters {
      task_definition_arn     = "arn:aws:ecs:eu-west-1:123456789012:task-definition/orders:1"
      task_count              = 2
      launch_type             = "FARGATE"
      platform_version        = "LATEST"
      enable_ecs_managed_tags = true
      propagate_tags          = "TASK_DEFINITION"
      tags                    = { Job = "orders" }

      network_configuration {
        aws_vpc_configuration {
          assign_public_ip = "DISABLED"
          security_groups  = ["sg-11111111"]
          subnets          = ["subnet-11111111", "subnet-22222222"]
        }
      }

      overrides {
        cpu = "512"

        container_override {
          name    = "api"
          command = ["run", "now"]

          environment {
            name  = "MODE"
            value = "fast"
          }
        }
      }
    }
  }
}

resource "aws_pipes_pipe" "plain" {
  name     = "plain"
  role_arn = aws_iam_role.this.arn
  source   = aws_sqs_queue.this["source"].arn
  target   = aws_sqs_queue.this["target"].arn
}
