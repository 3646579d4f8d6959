# What HTTP and WebSocket APIs have beside their routes: shared by the golden folders of these types.
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "main" {
  count      = 2
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.${count.index}.0/24"
}

resource "aws_security_group" "main" {
  name   = "main"
  vpc_id = aws_vpc.main.id
}

resource "aws_apigatewayv2_api" "main" {
  name                       = "main"
  protocol_type              = "WEBSOCKET"
  route_selection_expression = "$request.body.action"
}

resource "aws_apigatewayv2_model" "main" {
  api_id       = aws_apigatewayv2_api.main.id
  name         = "order"
  content_type = "application/json"
  description  = "an order"
  schema       = jsonencode({ type = "object" })
}

resource "aws_apigatewayv2_integration" "main" {
  api_id           = aws_apigatewayv2_api.main.id
  integration_type = "MOCK"
}

resource "aws_apigatewayv2_integration_response" "main" {
  api_id                   = aws_apigatewayv2_api.main.id
  integration_id           = aws_apigatewayv2_integration.main.id
  integration_response_key = "/200/"
}

resource "aws_apigatewayv2_route" "main" {
  api_id    = aws_apigatewayv2_api.main.id
  route_key = "$default"
}

resource "aws_apigatewayv2_route_response" "main" {
  api_id             = aws_apigatewayv2_api.main.id
  route_id           = aws_apigatewayv2_route.main.id
  route_response_key = "$default"
}

resource "aws_apigatewayv2_vpc_link" "plain" {
  name               = "plain"
  security_group_ids = []
  subnet_ids         = [aws_subnet.main[0].id]
}

resource "aws_apigatewayv2_vpc_link" "full" {
  name               = "full"
  security_group_ids = [aws_security_group.main.id]
  subnet_ids         = aws_subnet.main[*].id
  tags               = { Team = "core" }
}

resource "aws_apigatewayv2_stage" "main" {
  api_id = aws_apigatewayv2_api.main.id
  name   = "live"
}

resource "aws_apigatewayv2_domain_name" "main" {
  domain_name = "socket.example.com"
  domain_name_configuration {
    certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
  tags = { Team = "core" }
}

resource "aws_apigatewayv2_api_mapping" "plain" {
  api_id      = aws_apigatewayv2_api.main.id
  domain_name = aws_apigatewayv2_domain_name.main.id
  stage       = aws_apigatewayv2_stage.main.name
}

resource "aws_apigatewayv2_api_mapping" "full" {
  api_id          = aws_apigatewayv2_api.main.id
  domain_name     = aws_apigatewayv2_domain_name.main.id
  stage           = aws_apigatewayv2_stage.main.name
  api_mapping_key = "v1"
}
