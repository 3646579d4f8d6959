# Namespaces and services: shared by the golden folders of these types (links to this file).
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_vpc" "other" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_service_discovery_private_dns_namespace" "full" {
  name        = "svc.local"
  description = "services"
  vpc         = aws_vpc.main.id
  tags        = { Team = "core" }
}

resource "aws_service_discovery_private_dns_namespace" "plain" {
  name = "plain.local"
  vpc  = aws_vpc.other.id
}

resource "aws_service_discovery_http_namespace" "full" {
  name        = "full"
  description = "services"
  tags        = { Team = "core" }
}

resource "aws_service_discovery_http_namespace" "plain" {
  name = "plain"
}

resource "aws_service_discovery_service" "dns" {
  name        = "dns"
  description = "orders"
  dns_config {
    namespace_id   = aws_service_discovery_private_dns_namespace.full.id
    routing_policy = "WEIGHTED"
    dns_records {
      ttl  = 10
      type = "A"
    }
    dns_records {
      ttl  = 20
      type = "SRV"
    }
  }
  health_check_custom_config {
    failure_threshold = 1
  }
  tags = { Team = "core" }
}

resource "aws_service_discovery_service" "http" {
  name         = "http"
  namespace_id = aws_service_discovery_http_namespace.full.id
}
