# REST APIs, from resource to stage: shared by the golden folders of these types (links to this file).
resource "aws_api_gateway_rest_api" "plain" {
  name = "plain"
}

resource "aws_api_gateway_rest_api" "full" {
  name                         = "full"
  description                  = "orders"
  binary_media_types           = ["image/png", "image/jpeg"]
  minimum_compression_size     = 1024
  api_key_source               = "HEADER"
  disable_execute_api_endpoint = true
  endpoint_configuration {
    types = ["REGIONAL"]
  }
  tags = { Team = "core" }
}

resource "aws_api_gateway_resource" "orders" {
  rest_api_id = aws_api_gateway_rest_api.full.id
  parent_id   = aws_api_gateway_rest_api.full.root_resource_id
  path_part   = "orders"
}

resource "aws_api_gateway_resource" "order" {
  rest_api_id = aws_api_gateway_rest_api.full.id
  parent_id   = aws_api_gateway_resource.orders.id
  path_part   = "{id}"
}

resource "aws_api_gateway_method" "plain" {
  rest_api_id   = aws_api_gateway_rest_api.full.id
  resource_id   = aws_api_gateway_resource.orders.id
  http_method   = "POST"
  authorization = "AWS_IAM"
}

resource "aws_api_gateway_method" "full" {
  rest_api_id        = aws_api_gateway_rest_api.full.id
  resource_id        = aws_api_gateway_resource.order.id
  http_method        = "GET"
  authorization      = "NONE"
  api_key_required   = true
  operation_name     = "GetOrder"
  request_models     = { "application/json" = "Empty" }
  request_parameters = { "method.request.header.X-Team" = true, "method.request.querystring.page" = false }
}

resource "aws_api_gateway_integration" "mock" {
  rest_api_id       = aws_api_gateway_rest_api.full.id
  resource_id       = aws_api_gateway_resource.orders.id
  http_method       = aws_api_gateway_method.plain.http_method
  type              = "MOCK"
  request_templates = { "application/json" = "{\"statusCode\": 200}" }
}

resource "aws_api_gateway_integration" "http" {
  rest_api_id             = aws_api_gateway_rest_api.full.id
  resource_id             = aws_api_gateway_resource.order.id
  http_method             = aws_api_gateway_method.full.http_method
  type                    = "HTTP"
  integration_http_method = "GET"
  uri                     = "https://example.com/orders/{id}"
  passthrough_behavior    = "WHEN_NO_MATCH"
  timeout_milliseconds    = 5000
  request_parameters      = { "integration.request.header.X-Team" = "method.request.header.X-Team" }
}

resource "aws_api_gateway_method_response" "ok" {
  rest_api_id         = aws_api_gateway_rest_api.full.id
  resource_id         = aws_api_gateway_resource.order.id
  http_method         = aws_api_gateway_method.full.http_method
  status_code         = "200"
  response_models     = { "application/json" = "Empty" }
  response_parameters = { "method.response.header.X-Total" = true }
}

resource "aws_api_gateway_method_response" "plain" {
  rest_api_id = aws_api_gateway_rest_api.full.id
  resource_id = aws_api_gateway_resource.orders.id
  http_method = aws_api_gateway_method.plain.http_method
  status_code = "200"
}

resource "aws_api_gateway_integration_response" "ok" {
  rest_api_id         = aws_api_gateway_rest_api.full.id
  resource_id         = aws_api_gateway_resource.order.id
  http_method         = aws_api_gateway_integration.http.http_method
  status_code         = aws_api_gateway_method_response.ok.status_code
  selection_pattern   = "2\\d\\d"
  response_templates  = { "application/json" = "$input.body" }
  response_parameters = { "method.response.header.X-Total" = "integration.response.header.Total" }
}

resource "aws_api_gateway_integration_response" "plain" {
  rest_api_id = aws_api_gateway_rest_api.full.id
  resource_id = aws_api_gateway_resource.orders.id
  http_method = aws_api_gateway_integration.mock.http_method
  status_code = aws_api_gateway_method_response.plain.status_code
}

resource "aws_api_gateway_deployment" "main" {
  rest_api_id = aws_api_gateway_rest_api.full.id
  description = "first"
  triggers    = { redeployment = "1" }
  depends_on  = [aws_api_gateway_integration.mock, aws_api_gateway_integration.http]
}

resource "aws_api_gateway_stage" "plain" {
  rest_api_id   = aws_api_gateway_rest_api.full.id
  deployment_id = aws_api_gateway_deployment.main.id
  stage_name    = "plain"
}

resource "aws_api_gateway_stage" "full" {
  rest_api_id          = aws_api_gateway_rest_api.full.id
  deployment_id        = aws_api_gateway_deployment.main.id
  stage_name           = "live"
  description          = "for everybody"
  variables            = { queue = "orders" }
  xray_tracing_enabled = true
  tags                 = { Team = "core" }
}
