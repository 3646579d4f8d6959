# Small parts of many services: shared by the golden folders of these types (links to this file).
resource "aws_ecr_repository" "main" {
  name = "main"
}

resource "aws_ecr_lifecycle_policy" "main" {
  repository = aws_ecr_repository.main.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "the newest ten"
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 10 }
      action       = { type = "expire" }
    }]
  })
}

resource "aws_ecr_repository_policy" "main" {
  repository = aws_ecr_repository.main.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Pull"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::123456789012:root" }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }]
  })
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "main" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.${count.index}.0/24"
  availability_zone = "eu-west-1${["a", "b"][count.index]}"
}

resource "aws_security_group" "main" {
  name   = "main"
  vpc_id = aws_vpc.main.id
}

resource "aws_db_subnet_group" "plain" {
  name       = "plain"
  subnet_ids = aws_subnet.main[*].id
}

resource "aws_db_subnet_group" "full" {
  name_prefix = "full-"
  description = "of the ledger"
  subnet_ids  = aws_subnet.main[*].id
  tags        = { Team = "core" }
}

resource "aws_elasticache_subnet_group" "plain" {
  name       = "plain"
  subnet_ids = aws_subnet.main[*].id
}

resource "aws_elasticache_subnet_group" "full" {
  name        = "full"
  description = "of the sessions"
  subnet_ids  = [aws_subnet.main[0].id]
  tags        = { Team = "core" }
}

resource "aws_efs_file_system" "plain" {}

resource "aws_efs_file_system" "full" {
  creation_token                  = "full"
  encrypted                       = true
  performance_mode                = "generalPurpose"
  throughput_mode                 = "provisioned"
  provisioned_throughput_in_mibps = 64
  lifecycle_policy {
    transition_to_ia = "AFTER_30_DAYS"
  }
  tags = { Name = "full", Team = "core" }
}

resource "aws_efs_mount_target" "plain" {
  file_system_id = aws_efs_file_system.plain.id
  subnet_id      = aws_subnet.main[0].id
}

resource "aws_efs_mount_target" "full" {
  file_system_id  = aws_efs_file_system.full.id
  subnet_id       = aws_subnet.main[1].id
  ip_address      = "10.0.1.77"
  security_groups = [aws_security_group.main.id]
}

resource "aws_efs_access_point" "plain" {
  file_system_id = aws_efs_file_system.plain.id
}

resource "aws_efs_access_point" "full" {
  file_system_id = aws_efs_file_system.full.id
  posix_user {
    uid            = 1000
    gid            = 1001
    secondary_gids = [1002]
  }
  root_directory {
    path = "/data"
    creation_info {
      owner_uid   = 1000
      owner_gid   = 1001
      permissions = "755"
    }
  }
  tags = { Name = "full" }
}

resource "aws_wafv2_ip_set" "plain" {
  name               = "plain"
  scope              = "REGIONAL"
  ip_address_version = "IPV4"
}

resource "aws_wafv2_ip_set" "full" {
  name               = "full"
  description        = "partners"
  scope              = "REGIONAL"
  ip_address_version = "IPV4"
  addresses          = ["10.0.0.0/8", "192.0.2.1/32"]
  tags               = { Team = "core" }
}

resource "aws_route53_health_check" "plain" {
  fqdn              = "a.example.com"
  port              = 80
  type              = "HTTP"
  request_interval  = 30
  failure_threshold = 5
}

resource "aws_route53_health_check" "full" {
  fqdn               = "b.example.com"
  port               = 443
  type               = "HTTPS_STR_MATCH"
  resource_path      = "/health"
  search_string      = "ok"
  request_interval   = 10
  failure_threshold  = 2
  measure_latency    = true
  invert_healthcheck = true
  enable_sni         = true
  regions            = ["us-east-1", "us-west-1", "eu-west-1"]
  tags               = { Name = "b" }
}

resource "aws_route53_health_check" "calculated" {
  type                   = "CALCULATED"
  child_health_threshold = 1
  child_healthchecks     = [aws_route53_health_check.plain.id, aws_route53_health_check.full.id]
}

resource "aws_iam_account_alias" "main" {
  account_alias = "recon-example"
}

resource "aws_vpc_dhcp_options" "plain" {
  domain_name_servers = ["AmazonProvidedDNS"]
}

resource "aws_vpc_dhcp_options" "full" {
  domain_name          = "internal.example"
  domain_name_servers  = ["10.0.0.2", "127.0.0.1"]
  netbios_name_servers = ["127.0.0.1"]
  netbios_node_type    = "2"
  ntp_servers          = ["10.0.0.3", "127.0.0.1"]
}

resource "aws_vpc_dhcp_options_association" "main" {
  vpc_id          = aws_vpc.main.id
  dhcp_options_id = aws_vpc_dhcp_options.full.id
}

resource "aws_iam_role" "main" {
  name = "main"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_dynamodb_table" "main" {
  name           = "main"
  hash_key       = "pk"
  read_capacity  = 1
  write_capacity = 1
  attribute {
    name = "pk"
    type = "S"
  }
}

resource "aws_ecs_cluster" "main" {
  name = "main"
}

resource "aws_ecs_task_definition" "main" {
  family                = "main"
  container_definitions = jsonencode([{ name = "c", image = "nginx", memory = 128, essential = true }])
}

resource "aws_ecs_service" "main" {
  name            = "main"
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.main.arn
  desired_count   = 1
  network_configuration {
    subnets = [aws_subnet.main[0].id]
  }
}

resource "aws_appautoscaling_target" "table" {
  max_capacity       = 4
  min_capacity       = 1
  resource_id        = "table/${aws_dynamodb_table.main.name}"
  scalable_dimension = "dynamodb:table:ReadCapacityUnits"
  service_namespace  = "dynamodb"
}

resource "aws_appautoscaling_target" "service" {
  max_capacity       = 3
  min_capacity       = 0
  resource_id        = "service/${aws_ecs_cluster.main.name}/${aws_ecs_service.main.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  service_namespace  = "ecs"
  suspended_state {
    scheduled_scaling_suspended = true
  }
}

resource "aws_appautoscaling_policy" "tracking" {
  name               = "tracking"
  policy_type        = "TargetTrackingScaling"
  resource_id        = aws_appautoscaling_target.table.resource_id
  scalable_dimension = aws_appautoscaling_target.table.scalable_dimension
  service_namespace  = aws_appautoscaling_target.table.service_namespace
  target_tracking_scaling_policy_configuration {
    target_value       = 70
    scale_in_cooldown  = 60
    scale_out_cooldown = 30
    predefined_metric_specification {
      predefined_metric_type = "DynamoDBReadCapacityUtilization"
    }
  }
}

resource "aws_appautoscaling_policy" "custom" {
  name               = "custom"
  policy_type        = "TargetTrackingScaling"
  resource_id        = aws_appautoscaling_target.service.resource_id
  scalable_dimension = aws_appautoscaling_target.service.scalable_dimension
  service_namespace  = aws_appautoscaling_target.service.service_namespace
  target_tracking_scaling_policy_configuration {
    target_value     = 5.5
    disable_scale_in = true
    customized_metric_specification {
      metric_name = "Backlog"
      namespace   = "Work"
      statistic   = "Average"
      unit        = "Count"
      dimensions {
        name  = "Queue"
        value = "work"
      }
    }
  }
}

resource "aws_appautoscaling_policy" "steps" {
  name               = "steps"
  policy_type        = "StepScaling"
  resource_id        = aws_appautoscaling_target.service.resource_id
  scalable_dimension = aws_appautoscaling_target.service.scalable_dimension
  service_namespace  = aws_appautoscaling_target.service.service_namespace
  step_scaling_policy_configuration {
    adjustment_type         = "ChangeInCapacity"
    cooldown                = 60
    metric_aggregation_type = "Maximum"
    step_adjustment {
      metric_interval_upper_bound = 0
      scaling_adjustment          = -1
    }
    step_adjustment {
      metric_interval_lower_bound = 0
      scaling_adjustment          = 1
    }
  }
}

resource "aws_lb" "main" {
  name            = "main"
  internal        = true
  subnets         = aws_subnet.main[*].id
  security_groups = [aws_security_group.main.id]
}

resource "aws_acm_certificate" "main" {
  count             = 2
  domain_name       = "s${count.index}.example.com"
  validation_method = "DNS"
}

resource "aws_lb_listener" "main" {
  load_balancer_arn = aws_lb.main.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = aws_acm_certificate.main[0].arn
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener_certificate" "main" {
  listener_arn    = aws_lb_listener.main.arn
  certificate_arn = aws_acm_certificate.main[1].arn
}
