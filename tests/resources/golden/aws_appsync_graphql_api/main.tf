# Messages, schemas and things: shared by the golden folders of these types (links to this file).
resource "aws_iam_role" "logs" {
  name = "logs"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "appsync.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_ses_domain_identity" "main" {
  domain = "mail.example.com"
}

resource "aws_sesv2_email_identity" "main" {
  email_identity = "post.example.com"
}

resource "aws_glue_registry" "plain" {
  registry_name = "plain"
}

resource "aws_glue_registry" "full" {
  registry_name = "full"
  description   = "of the ledger"
  tags          = { Team = "core" }
}

resource "aws_glue_schema" "plain" {
  schema_name       = "plain"
  registry_arn      = aws_glue_registry.plain.arn
  data_format       = "AVRO"
  compatibility     = "NONE"
  schema_definition = "{\"type\":\"record\",\"name\":\"r1\",\"fields\":[{\"name\":\"f1\",\"type\":\"int\"}]}"
}

resource "aws_glue_schema" "full" {
  schema_name       = "full"
  registry_arn      = aws_glue_registry.full.arn
  description       = "of orders"
  data_format       = "JSON"
  compatibility     = "BACKWARD"
  schema_definition = "{\"$id\":\"https://example.com/o.json\",\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"type\":\"object\",\"properties\":{\"f1\":{\"type\":\"string\"}}}"
  tags              = { Team = "core" }
}


resource "aws_iot_thing" "plain" {
  name = "plain"
}

resource "aws_iot_thing" "full" {
  name            = "full"

  attributes      = { place = "roof" }
}

resource "aws_appsync_graphql_api" "plain" {
  name                = "plain"
  authentication_type = "API_KEY"
}

resource "aws_appsync_graphql_api" "full" {
  name                = "full"
  authentication_type = "AWS_IAM"
  xray_enabled        = true
  visibility          = "GLOBAL"
  additional_authentication_provider {
    authentication_type = "API_KEY"
  }
  log_config {
    cloudwatch_logs_role_arn = aws_iam_role.logs.arn
    field_log_level          = "ERROR"
  }
  tags = { Team = "core" }
}

resource "aws_vpclattice_service_network" "plain" {
  name = "plain"
}

resource "aws_vpclattice_service_network" "full" {
  name      = "full"
  auth_type = "AWS_IAM"
  tags      = { Team = "core" }
}


resource "aws_vpclattice_service" "plain" {
  name = "plain"
}

resource "aws_vpclattice_service" "full" {
  name               = "full"
  auth_type          = "AWS_IAM"
  custom_domain_name = "ledger.example.com"
  tags               = { Team = "core" }
}

resource "aws_sns_platform_application" "main" {
  name                = "phones"
  platform            = "GCM"
  platform_credential = "secret"
}

resource "aws_sesv2_configuration_set" "full" {
  configuration_set_name = "full"
  delivery_options {
    tls_policy = "REQUIRE"
  }
  reputation_options {
    reputation_metrics_enabled = true
  }
  sending_options {
    sending_enabled = true
  }
  suppression_options {
    suppressed_reasons = ["BOUNCE"]
  }
  tags = { Team = "core" }
}
