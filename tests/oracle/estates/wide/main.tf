locals {
  trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = ["lambda.amazonaws.com", "states.amazonaws.com", "pipes.amazonaws.com"] }, Action = "sts:AssumeRole" }] })
  pol   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["sqs:*"], Resource = "*" }] })
  qpol  = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "sns.amazonaws.com" }, Action = "sqs:SendMessage", Resource = "*" }] })
}
resource "aws_vpc" "x" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "x" {
  count             = 2
  vpc_id            = aws_vpc.x.id
  cidr_block        = "10.0.${count.index}.0/24"
  availability_zone = "us-east-1${["a", "b"][count.index]}"
}
resource "aws_internet_gateway" "x" { vpc_id = aws_vpc.x.id }
resource "aws_route_table" "x" { vpc_id = aws_vpc.x.id }
resource "aws_route" "x" {
  route_table_id         = aws_route_table.x.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.x.id
}
resource "aws_route_table_association" "x" {
  subnet_id      = aws_subnet.x[0].id
  route_table_id = aws_route_table.x.id
}
resource "aws_eip" "x" { domain = "vpc" }
resource "aws_nat_gateway" "x" {
  allocation_id = aws_eip.x.id
  subnet_id     = aws_subnet.x[0].id
}
resource "aws_network_acl" "x" { vpc_id = aws_vpc.x.id }
resource "aws_security_group" "x" {
  name   = "x"
  vpc_id = aws_vpc.x.id
}
resource "aws_security_group_rule" "x" {
  security_group_id = aws_security_group.x.id
  type              = "ingress"
  from_port         = 80
  to_port           = 80
  protocol          = "tcp"
  cidr_blocks       = ["10.0.0.0/8"]
}
resource "aws_vpc_security_group_ingress_rule" "x" {
  security_group_id = aws_security_group.x.id
  cidr_ipv4         = "10.9.0.0/16"
  from_port         = 5432
  to_port           = 5432
  ip_protocol       = "tcp"
}
resource "aws_vpc_security_group_egress_rule" "x" {
  security_group_id = aws_security_group.x.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}
resource "aws_vpc_endpoint" "x" {
  vpc_id       = aws_vpc.x.id
  service_name = "com.amazonaws.us-east-1.s3"
}
resource "aws_vpc_endpoint_service" "x" {
  acceptance_required        = false
  network_load_balancer_arns = [aws_lb.nlb.arn]
}
resource "aws_vpc_peering_connection" "x" {
  vpc_id      = aws_vpc.x.id
  peer_vpc_id = aws_vpc.y.id
  auto_accept = true
}
resource "aws_vpc" "y" { cidr_block = "10.1.0.0/16" }
resource "aws_ec2_transit_gateway" "x" {}
resource "aws_ec2_transit_gateway_vpc_attachment" "x" {
  subnet_ids         = [aws_subnet.x[0].id]
  transit_gateway_id = aws_ec2_transit_gateway.x.id
  vpc_id             = aws_vpc.x.id
}
resource "aws_ec2_managed_prefix_list" "x" {
  name           = "x"
  address_family = "IPv4"
  max_entries    = 5
}
resource "aws_sqs_queue" "x" { name = "x" }
resource "aws_sqs_queue_policy" "x" {
  queue_url = aws_sqs_queue.x.id
  policy    = local.qpol
}
resource "aws_sqs_queue_redrive_policy" "x" {
  queue_url      = aws_sqs_queue.x.id
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.d.arn, maxReceiveCount = 4 })
}
resource "aws_sqs_queue" "d" { name = "d" }
resource "aws_sns_topic" "x" { name = "x" }
resource "aws_sns_topic_policy" "x" {
  arn    = aws_sns_topic.x.arn
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "events.amazonaws.com" }, Action = "sns:Publish", Resource = aws_sns_topic.x.arn }] })
}
resource "aws_sns_topic_subscription" "x" {
  topic_arn = aws_sns_topic.x.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.x.arn
}
resource "aws_cloudwatch_event_bus" "x" { name = "x" }
resource "aws_cloudwatch_event_rule" "x" {
  name           = "x"
  event_bus_name = aws_cloudwatch_event_bus.x.name
  event_pattern  = jsonencode({ source = ["a"] })
}
resource "aws_cloudwatch_event_target" "x" {
  rule           = aws_cloudwatch_event_rule.x.name
  event_bus_name = aws_cloudwatch_event_bus.x.name
  target_id      = "q"
  arn            = aws_sqs_queue.x.arn
}
resource "aws_cloudwatch_event_permission" "x" {
  principal    = "123456789013"
  statement_id = "s"
}
resource "aws_cloudwatch_event_archive" "x" {
  name             = "x"
  event_source_arn = aws_cloudwatch_event_bus.x.arn
}
resource "aws_cloudwatch_event_connection" "x" {
  name               = "x"
  authorization_type = "API_KEY"
  auth_parameters {
    api_key {
      key   = "k"
      value = "v"
    }
  }
}
resource "aws_cloudwatch_event_api_destination" "x" {
  name                = "x"
  invocation_endpoint = "https://example.com/hook"
  http_method         = "POST"
  connection_arn      = aws_cloudwatch_event_connection.x.arn
}
resource "aws_scheduler_schedule_group" "x" { name = "x" }
resource "aws_scheduler_schedule" "x" {
  name                = "x"
  group_name          = aws_scheduler_schedule_group.x.name
  schedule_expression = "rate(1 hour)"
  flexible_time_window { mode = "OFF" }
  target {
    arn      = aws_sqs_queue.x.arn
    role_arn = aws_iam_role.x.arn
  }
}
resource "aws_pipes_pipe" "x" {
  name     = "x"
  role_arn = aws_iam_role.x.arn
  source   = aws_sqs_queue.x.arn
  target   = aws_sqs_queue.d.arn
}
resource "aws_lambda_function" "x" {
  function_name = "x"
  role          = aws_iam_role.x.arn
  runtime       = "python3.12"
  handler       = "index.handler"
  filename      = "x.zip"
}
resource "aws_lambda_permission" "x" {
  function_name = aws_lambda_function.x.function_name
  action        = "lambda:InvokeFunction"
  principal     = "sns.amazonaws.com"
  statement_id  = "s"
}
resource "aws_lambda_alias" "x" {
  name             = "live"
  function_name    = aws_lambda_function.x.function_name
  function_version = "$LATEST"
}
resource "aws_lambda_event_source_mapping" "x" {
  event_source_arn = aws_sqs_queue.x.arn
  function_name    = aws_lambda_function.x.arn
}
resource "aws_lambda_function_url" "x" {
  function_name      = aws_lambda_function.x.function_name
  authorization_type = "AWS_IAM"
}
resource "aws_lambda_layer_version" "x" {
  layer_name = "x"
  filename   = "x.zip"
}
resource "aws_iam_role" "x" {
  name               = "x"
  assume_role_policy = local.trust
}
resource "aws_iam_role_policy" "x" {
  role   = aws_iam_role.x.id
  name   = "x"
  policy = local.pol
}
resource "aws_iam_policy" "x" {
  name   = "x"
  policy = local.pol
}
resource "aws_iam_role_policy_attachment" "x" {
  role       = aws_iam_role.x.name
  policy_arn = aws_iam_policy.x.arn
}
resource "aws_iam_user" "x" { name = "x" }
resource "aws_iam_user_policy" "x" {
  user   = aws_iam_user.x.name
  name   = "x"
  policy = local.pol
}
resource "aws_iam_access_key" "x" { user = aws_iam_user.x.name }
resource "aws_iam_group" "x" { name = "x" }
resource "aws_iam_instance_profile" "x" {
  name = "x"
  role = aws_iam_role.x.name
}
resource "aws_iam_openid_connect_provider" "x" {
  url             = "https://token.actions.githubusercontent.com"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["cf23df2207d99a74fbe169e3eba035e633b65d94"]
}
resource "aws_dynamodb_table" "x" {
  name             = "x"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "pk"
  stream_enabled   = true
  stream_view_type = "NEW_IMAGE"
  attribute {
    name = "pk"
    type = "S"
  }
}
resource "aws_s3_bucket" "x" { bucket = "e2e-x" }
resource "aws_s3_bucket_policy" "x" {
  bucket = aws_s3_bucket.x.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "${aws_s3_bucket.x.arn}/*", Condition = { Bool = { "aws:SecureTransport" = "false" } } }] })
}
resource "aws_s3_bucket_notification" "x" {
  bucket = aws_s3_bucket.x.id
  queue {
    queue_arn = aws_sqs_queue.x.arn
    events    = ["s3:ObjectCreated:*"]
  }
}
resource "aws_s3_bucket_versioning" "x" {
  bucket = aws_s3_bucket.x.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_public_access_block" "x" {
  bucket              = aws_s3_bucket.x.id
  block_public_acls   = true
  block_public_policy = true
}
resource "aws_s3_bucket_server_side_encryption_configuration" "x" {
  bucket = aws_s3_bucket.x.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
  }
}
resource "aws_kms_key" "x" { description = "x" }
resource "aws_kms_alias" "x" {
  name          = "alias/x"
  target_key_id = aws_kms_key.x.id
}
resource "aws_kms_grant" "x" {
  key_id            = aws_kms_key.x.id
  grantee_principal = aws_iam_role.x.arn
  operations        = ["Decrypt"]
}
resource "aws_kinesis_stream" "x" {
  name        = "x"
  shard_count = 1
}
resource "aws_kinesis_stream_consumer" "x" {
  name       = "x"
  stream_arn = aws_kinesis_stream.x.arn
}
resource "aws_kinesis_firehose_delivery_stream" "x" {
  name        = "x"
  destination = "extended_s3"
  extended_s3_configuration {
    role_arn   = aws_iam_role.x.arn
    bucket_arn = aws_s3_bucket.x.arn
  }
}
resource "aws_sfn_state_machine" "x" {
  name       = "x"
  role_arn   = aws_iam_role.x.arn
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Pass", End = true } } })
}
resource "aws_ssm_parameter" "x" {
  name  = "/x"
  type  = "String"
  value = "v"
}
resource "aws_secretsmanager_secret" "x" { name = "x" }
resource "aws_secretsmanager_secret_version" "x" {
  secret_id     = aws_secretsmanager_secret.x.id
  secret_string = "s"
}
resource "aws_secretsmanager_secret_policy" "x" {
  secret_arn = aws_secretsmanager_secret.x.arn
  policy     = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::123456789012:root" }, Action = "secretsmanager:GetSecretValue", Resource = "*" }] })
}
resource "aws_cloudwatch_log_group" "x" { name = "x" }
resource "aws_cloudwatch_log_subscription_filter" "x" {
  name            = "x"
  log_group_name  = aws_cloudwatch_log_group.x.name
  filter_pattern  = ""
  destination_arn = aws_lambda_function.x.arn
}
resource "aws_cloudwatch_metric_alarm" "x" {
  alarm_name          = "x"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "m"
  namespace           = "n"
  period              = 60
  statistic           = "Sum"
  threshold           = 1
}
resource "aws_api_gateway_rest_api" "x" { name = "x" }
resource "aws_api_gateway_resource" "x" {
  rest_api_id = aws_api_gateway_rest_api.x.id
  parent_id   = aws_api_gateway_rest_api.x.root_resource_id
  path_part   = "p"
}
resource "aws_api_gateway_method" "x" {
  rest_api_id   = aws_api_gateway_rest_api.x.id
  resource_id   = aws_api_gateway_resource.x.id
  http_method   = "GET"
  authorization = "NONE"
}
resource "aws_api_gateway_integration" "x" {
  rest_api_id             = aws_api_gateway_rest_api.x.id
  resource_id             = aws_api_gateway_resource.x.id
  http_method             = aws_api_gateway_method.x.http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = aws_lambda_function.x.invoke_arn
}
resource "aws_api_gateway_deployment" "x" {
  rest_api_id = aws_api_gateway_rest_api.x.id
  depends_on  = [aws_api_gateway_integration.x]
}
resource "aws_api_gateway_stage" "x" {
  rest_api_id   = aws_api_gateway_rest_api.x.id
  deployment_id = aws_api_gateway_deployment.x.id
  stage_name    = "s"
}
resource "aws_apigatewayv2_api" "x" {
  name          = "x"
  protocol_type = "HTTP"
}
resource "aws_apigatewayv2_integration" "x" {
  api_id           = aws_apigatewayv2_api.x.id
  integration_type = "AWS_PROXY"
  integration_uri  = aws_lambda_function.x.invoke_arn
}
resource "aws_apigatewayv2_route" "x" {
  api_id    = aws_apigatewayv2_api.x.id
  route_key = "GET /x"
  target    = "integrations/${aws_apigatewayv2_integration.x.id}"
}
resource "aws_apigatewayv2_stage" "x" {
  api_id = aws_apigatewayv2_api.x.id
  name   = "$default"
}
resource "aws_lb" "x" {
  name            = "x"
  internal        = true
  subnets         = aws_subnet.x[*].id
  security_groups = [aws_security_group.x.id]
}
resource "aws_lb" "nlb" {
  name               = "nlb"
  internal           = true
  load_balancer_type = "network"
  subnets            = aws_subnet.x[*].id
}
resource "aws_lb_target_group" "x" {
  name     = "x"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.x.id
}
resource "aws_lb_listener" "x" {
  load_balancer_arn = aws_lb.x.arn
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.x.arn
  }
}
resource "aws_lb_listener_rule" "x" {
  listener_arn = aws_lb_listener.x.arn
  priority     = 10
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.x.arn
  }
  condition {
    path_pattern { values = ["/x"] }
  }
}
resource "aws_route53_zone" "x" { name = "x.internal" }
resource "aws_route53_record" "x" {
  zone_id = aws_route53_zone.x.id
  name    = "a.x.internal"
  type    = "A"
  ttl     = 60
  records = ["10.0.0.1"]
}
resource "aws_route53_health_check" "x" {
  fqdn = "a.x.internal"
  port = 80
  type = "HTTP"
}
resource "aws_service_discovery_private_dns_namespace" "x" {
  name = "svc.local"
  vpc  = aws_vpc.x.id
}
resource "aws_service_discovery_service" "x" {
  name         = "x"
  namespace_id = aws_service_discovery_private_dns_namespace.x.id
  dns_config {
    namespace_id = aws_service_discovery_private_dns_namespace.x.id
    dns_records {
      ttl  = 10
      type = "A"
    }
  }
}
resource "aws_ecs_cluster" "x" { name = "x" }
resource "aws_ecs_task_definition" "x" {
  family                = "x"
  container_definitions = jsonencode([{ name = "c", image = "nginx", memory = 128, essential = true }])
}
resource "aws_ecs_service" "x" {
  name            = "x"
  cluster         = aws_ecs_cluster.x.id
  task_definition = aws_ecs_task_definition.x.arn
  desired_count   = 1
  network_configuration { subnets = [aws_subnet.x[0].id] }
}
resource "aws_ecr_repository" "x" { name = "x" }
resource "aws_db_subnet_group" "x" {
  name       = "x"
  subnet_ids = aws_subnet.x[*].id
}
resource "aws_elasticache_subnet_group" "x" {
  name       = "x"
  subnet_ids = aws_subnet.x[*].id
}
resource "aws_mq_broker" "x" {
  broker_name                = "x"
  engine_type                = "RabbitMQ"
  engine_version             = "3.13"
  host_instance_type         = "mq.t3.micro"
  auto_minor_version_upgrade = true
  user {
    username = "user1"
    password = "passwordpassword"
  }
}
resource "aws_cognito_user_pool" "x" { name = "x" }
resource "aws_cognito_resource_server" "x" {
  user_pool_id = aws_cognito_user_pool.x.id
  identifier   = "api"
  name         = "api"
}
resource "aws_cognito_user_pool_client" "x" {
  name         = "x"
  user_pool_id = aws_cognito_user_pool.x.id
}
resource "aws_acm_certificate" "x" {
  domain_name       = "x.example.com"
  validation_method = "DNS"
}
resource "aws_iot_thing" "x" { name = "x" }
resource "aws_appsync_graphql_api" "x" {
  name                = "x"
  authentication_type = "API_KEY"
}
resource "aws_wafv2_ip_set" "x" {
  name               = "x"
  scope              = "REGIONAL"
  ip_address_version = "IPV4"
  addresses          = ["10.0.0.0/8"]
}
resource "aws_vpclattice_service_network" "x" { name = "xnet" }
resource "aws_efs_file_system" "x" { creation_token = "x" }
resource "aws_ses_domain_identity" "x" { domain = "x.example.com" }
resource "aws_glue_registry" "x" { registry_name = "x" }
resource "aws_glue_schema" "x" {
  schema_name       = "x"
  registry_arn      = aws_glue_registry.x.arn
  data_format       = "AVRO"
  compatibility     = "NONE"
  schema_definition = "{\"type\":\"record\",\"name\":\"r1\",\"fields\":[{\"name\":\"f1\",\"type\":\"int\"}]}"
}
