resource "aws_iam_role" "this" {
  name = "task-definition"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_ecs_task_definition" "full" {
  family                   = "orders"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 512
  memory                   = 1024
  execution_role_arn       = aws_iam_role.this.arn
  task_role_arn            = aws_iam_role.this.arn
  pid_mode                 = "task"

  container_definitions = jsonencode([
    {
      name      = "proxy"
      image     = "envoy:1"
      essential = false
      user      = "1337"
    },
    {
      name  = "api"
      image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:7"
      cpu   = 0
      portMappings = [
        { containerPort = 8080, protocol = "tcp", name = "http" },
      ]
      environment = [
        { name = "MODE", value = "fast" },
        { name = "LEVEL", value = "info" },
      ]
      secrets = [
        { name = "TOKEN", valueFrom = "arn:aws:ssm:eu-west-1:123456789012:parameter/orders/token" },
      ]
      mountPoints = [
        { sourceVolume = "shared", containerPath = "/shared" },
      ]
      healthCheck = {
        command = ["CMD-SHELL", "curl -f localhost:8080"]
      }
      logConfiguration = {
        logDriver = "awslogs"
        options   = { "awslogs-group" = "/orders", "awslogs-region" = "eu-west-1" }
      }
      dockerLabels = { "Team" = "orders" }
    },
  ])

  volume {
    name = "shared"

    efs_volume_configuration {
      file_system_id          = "fs-11111111"
      root_directory          = "/orders"
      transit_encryption      = "ENABLED"
      transit_encryption_port = 2999

      authorization_config {
        access_point_id = "fsap-11111111"
        iam             = "ENABLED"
      }
    }
  }

  volume {
    name      = "host"
    host_path = "/var/orders"
  }

  ephemeral_storage {
    size_in_gib = 30
  }

  runtime_platform {
    cpu_architecture        = "ARM64"
    operating_system_family = "LINUX"
  }

  proxy_configuration {
    type           = "APPMESH"
    container_name = "proxy"
    properties = {
      AppPorts         = "8080"
      IgnoredUID       = "1337"
      ProxyIngressPort = 15000
    }
  }

  tags = {
    Owner = "orders"
  }
}

resource "aws_ecs_task_definition" "plain" {
  family                = "plain"
  container_definitions = jsonencode([{ name = "one", image = "nginx", memory = 128 }])

  volume {
    name = "local"

    docker_volume_configuration {
      scope         = "shared"
      autoprovision = true
      driver        = "local"
      driver_opts   = { type = "tmpfs" }
      labels        = { Use = "cache" }
    }
  }

  placement_constraints {
    type       = "memberOf"
    expression = "attribute:ecs.availability-zone in [eu-west-1a]"
  }
}
