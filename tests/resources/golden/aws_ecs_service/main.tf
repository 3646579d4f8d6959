resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "this" {
  for_each   = toset(["10.0.1.0/24", "10.0.2.0/24"])
  vpc_id     = aws_vpc.this.id
  cidr_block = each.key
}

resource "aws_security_group" "this" {
  name   = "ecs-service"
  vpc_id = aws_vpc.this.id
}

resource "aws_ecs_cluster" "this" {
  name = "services"
}

resource "aws_ecs_task_definition" "this" {
  family                = "service"
  container_definitions = jsonencode([{ name = "api", image = "nginx", memory = 128 }])
}

resource "aws_ecs_service" "full" {
  name                              = "orders"
  cluster                           = aws_ecs_cluster.this.id
  task_definition                   = aws_ecs_task_definition.this.arn
  desired_count                     = 2
  launch_type                       = "FARGATE"
  platform_version                  = "1.4.0"
  enable_ecs_managed_tags           = true
  enable_execute_command            = true
  health_check_grace_period_seconds = 30
  propagate_tags                    = "SERVICE"

  load_balancer {
    target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/orders/1111111111111111"
    container_name   = "api"
    container_port   = 8080
  }

  network_configuration {
    subnets          = [for subnet in aws_subnet.this : subnet.id]
    security_groups  = [aws_security_group.this.id]
    assign_public_ip = false
  }

  service_registries {
    registry_arn = "arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-1111111111111111"
    port         = 8080
  }

  tags = {
    Owner = "orders"
  }
}

resource "aws_ecs_service" "plain" {
  name            = "plain"
  cluster         = aws_ecs_cluster.this.name
  task_definition = "${aws_ecs_task_definition.this.family}:${aws_ecs_task_definition.this.revision}"

  # Without one the emulator's answer makes the provider panic.
  network_configuration {
    subnets = [aws_subnet.this["10.0.1.0/24"].id]
  }

  ordered_placement_strategy {
    type  = "binpack"
    field = "cpu"
  }
}
