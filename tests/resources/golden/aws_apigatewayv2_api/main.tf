# HTTP and WebSocket APIs: shared by the golden folders of these types (links to this file).
resource "aws_apigatewayv2_api" "plain" {
  name          = "plain"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_api" "full" {
  name                         = "full"
  protocol_type                = "HTTP"
  description                  = "orders"
  disable_execute_api_endpoint = true
  version                      = "1.2"
  cors_configuration {
    allow_credentials = true
    allow_headers     = ["Authorization", "X-Team"]
    allow_methods     = ["GET", "POST"]
    allow_origins     = ["https://example.com"]
    expose_headers    = ["X-Request"]
    max_age           = 300
  }
  tags = { Team = "core" }
}

resource "aws_apigatewayv2_api" "socket" {
  name                       = "socket"
  protocol_type              = "WEBSOCKET"
  route_selection_expression = "$request.body.action"
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.plain.id
  name        = "$default"
  auto_deploy = true
}

resource "aws_apigatewayv2_stage" "full" {
  api_id          = aws_apigatewayv2_api.full.id
  name            = "live"
  description     = "for everybody"
  stage_variables = { queue = "orders" }
  access_log_settings {
    destination_arn = "arn:aws:logs:eu-west-1:123456789012:log-group:access"
    format          = "$context.requestId"
  }
  default_route_settings {
    detailed_metrics_enabled = true
    throttling_burst_limit   = 10
    throttling_rate_limit    = 20.5
  }
  route_settings {
    route_key              = "GET /orders"
    throttling_burst_limit = 5
    throttling_rate_limit  = 6
  }
  tags = { Team = "core" }
}

resource "aws_apigatewayv2_stage" "socket" {
  api_id = aws_apigatewayv2_api.socket.id
  name   = "live"
}

resource "aws_apigatewayv2_integration" "http" {
  api_id                 = aws_apigatewayv2_api.full.id
  integration_type       = "HTTP_PROXY"
  integration_method     = "ANY"
  integration_uri        = "https://example.com/{proxy}"
  description            = "behind"
  payload_format_version = "1.0"
  timeout_milliseconds   = 5000
  request_parameters     = { "append:header.x" = "y" }
  response_parameters {
    status_code = "403"
    mappings    = { "append:header.auth" = "$context.authorizer.authorizerResponse" }
  }
  tls_config {
    server_name_to_verify = "example.com"
  }
}

resource "aws_apigatewayv2_integration" "queue" {
  api_id              = aws_apigatewayv2_api.plain.id
  integration_type    = "AWS_PROXY"
  integration_subtype = "SQS-SendMessage"
  credentials_arn     = "arn:aws:iam::123456789012:role/api"
  request_parameters  = { QueueUrl = "$request.header.queueUrl", MessageBody = "$request.body.message" }
}

resource "aws_apigatewayv2_integration" "mock" {
  api_id                        = aws_apigatewayv2_api.socket.id
  integration_type              = "MOCK"
  template_selection_expression = "200"
  request_templates             = { "200" = "{\"statusCode\":200}" }
}

resource "aws_apigatewayv2_authorizer" "jwt" {
  api_id           = aws_apigatewayv2_api.full.id
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]
  name             = "jwt"
  jwt_configuration {
    audience = ["one", "two"]
    issuer   = "https://issuer.example.com"
  }
}

resource "aws_apigatewayv2_authorizer" "request" {
  api_id                            = aws_apigatewayv2_api.plain.id
  authorizer_type                   = "REQUEST"
  authorizer_uri                    = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:auth/invocations"
  authorizer_payload_format_version = "2.0"
  authorizer_result_ttl_in_seconds  = 60
  enable_simple_responses           = true
  identity_sources                  = ["$request.header.Authorization"]
  name                              = "request"
}

resource "aws_apigatewayv2_route" "plain" {
  api_id    = aws_apigatewayv2_api.plain.id
  route_key = "$default"
}

resource "aws_apigatewayv2_route" "authorized" {
  api_id               = aws_apigatewayv2_api.full.id
  route_key            = "GET /orders"
  operation_name       = "ListOrders"
  authorization_type   = "JWT"
  authorizer_id        = aws_apigatewayv2_authorizer.jwt.id
  authorization_scopes = ["orders.read"]
  target               = "integrations/${aws_apigatewayv2_integration.http.id}"
}

resource "aws_apigatewayv2_route" "socket" {
  api_id                              = aws_apigatewayv2_api.socket.id
  route_key                           = "send"
  api_key_required                    = true
  route_response_selection_expression = "$default"
  target                              = "integrations/${aws_apigatewayv2_integration.mock.id}"
}
