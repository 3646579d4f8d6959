# What REST APIs have beside their methods: shared by the golden folders of these types (links to this file).
resource "aws_iam_role" "main" {
  name = "main"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_cognito_user_pool" "main" {
  name = "main"
}

resource "aws_lambda_function" "main" {
  function_name = "main"
  role          = aws_iam_role.main.arn
  package_type  = "Image"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1"
  publish       = true
}

resource "aws_api_gateway_rest_api" "main" {
  name = "main"
}

resource "aws_api_gateway_resource" "main" {
  rest_api_id = aws_api_gateway_rest_api.main.id
  parent_id   = aws_api_gateway_rest_api.main.root_resource_id
  path_part   = "p"
}

resource "aws_api_gateway_method" "main" {
  rest_api_id   = aws_api_gateway_rest_api.main.id
  resource_id   = aws_api_gateway_resource.main.id
  http_method   = "GET"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "main" {
  rest_api_id = aws_api_gateway_rest_api.main.id
  resource_id = aws_api_gateway_resource.main.id
  http_method = aws_api_gateway_method.main.http_method
  type        = "MOCK"
}

resource "aws_api_gateway_deployment" "main" {
  rest_api_id = aws_api_gateway_rest_api.main.id
  depends_on  = [aws_api_gateway_integration.main]
}

resource "aws_api_gateway_stage" "main" {
  rest_api_id   = aws_api_gateway_rest_api.main.id
  deployment_id = aws_api_gateway_deployment.main.id
  stage_name    = "s"
}

resource "aws_api_gateway_method_settings" "all" {
  rest_api_id = aws_api_gateway_rest_api.main.id
  stage_name  = aws_api_gateway_stage.main.stage_name
  method_path = "*/*"
  settings {
    metrics_enabled        = true
    logging_level          = "INFO"
    throttling_burst_limit = 10
    throttling_rate_limit  = 5.5
  }
}

resource "aws_api_gateway_authorizer" "pool" {
  name          = "pool"
  type          = "COGNITO_USER_POOLS"
  rest_api_id   = aws_api_gateway_rest_api.main.id
  provider_arns = [aws_cognito_user_pool.main.arn]
}

resource "aws_api_gateway_authorizer" "function" {
  name                             = "function"
  rest_api_id                      = aws_api_gateway_rest_api.main.id
  authorizer_uri                   = aws_lambda_function.main.invoke_arn
  authorizer_credentials           = aws_iam_role.main.arn
  authorizer_result_ttl_in_seconds = 60
  identity_source                  = "method.request.header.X-Key"
}

resource "aws_api_gateway_api_key" "plain" {
  name = "plain"
}

resource "aws_api_gateway_api_key" "full" {
  name        = "full"
  description = "of a partner"
  enabled     = false
  value       = "0123456789012345678901"
  tags        = { Team = "core" }
}

resource "aws_api_gateway_usage_plan" "plain" {
  name = "plain"
}

resource "aws_api_gateway_usage_plan" "full" {
  name        = "full"
  description = "of partners"
  api_stages {
    api_id = aws_api_gateway_rest_api.main.id
    stage  = aws_api_gateway_stage.main.stage_name
  }
  quota_settings {
    limit  = 20
    offset = 2
    period = "WEEK"
  }
  throttle_settings {
    burst_limit = 5
    rate_limit  = 10
  }
  tags = { Team = "core" }
}

resource "aws_api_gateway_usage_plan_key" "main" {
  key_id        = aws_api_gateway_api_key.full.id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.full.id
}

resource "aws_api_gateway_request_validator" "main" {
  name                        = "main"
  rest_api_id                 = aws_api_gateway_rest_api.main.id
  validate_request_body       = true
  validate_request_parameters = false
}

resource "aws_api_gateway_gateway_response" "main" {
  rest_api_id         = aws_api_gateway_rest_api.main.id
  status_code         = "401"
  response_type       = "UNAUTHORIZED"
  response_templates  = { "application/json" = "{\"message\":$context.error.messageString}" }
  response_parameters = { "gatewayresponse.header.Authorization" = "'Basic'" }
}

resource "aws_api_gateway_model" "main" {
  rest_api_id  = aws_api_gateway_rest_api.main.id
  name         = "order"
  description  = "an order"
  content_type = "application/json"
  schema       = jsonencode({ type = "object" })
}

resource "aws_api_gateway_domain_name" "regional" {
  domain_name              = "api.example.com"
  regional_certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
  security_policy          = "TLS_1_2"
  endpoint_configuration {
    types = ["REGIONAL"]
  }
  tags = { Team = "core" }
}

resource "aws_api_gateway_base_path_mapping" "root" {
  api_id      = aws_api_gateway_rest_api.main.id
  stage_name  = aws_api_gateway_stage.main.stage_name
  domain_name = aws_api_gateway_domain_name.regional.domain_name
}

resource "aws_api_gateway_base_path_mapping" "below" {
  api_id      = aws_api_gateway_rest_api.main.id
  stage_name  = aws_api_gateway_stage.main.stage_name
  domain_name = aws_api_gateway_domain_name.regional.domain_name
  base_path   = "v1"
}

resource "aws_api_gateway_account" "main" {
  cloudwatch_role_arn = aws_iam_role.main.arn
}

resource "aws_api_gateway_vpc_link" "plain" {
  name        = "plain"
  target_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/a/0123456789abcdef"]
}

resource "aws_api_gateway_vpc_link" "full" {
  name        = "full"
  description = "to the ledger"
  target_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/a/0123456789abcdef"]
  tags        = { Team = "core" }
}

resource "aws_api_gateway_rest_api_policy" "main" {
  rest_api_id = aws_api_gateway_rest_api.main.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = "*" }]
  })
}
