resource "aws_acm_certificate" "full" {
  domain_name               = "orders.example.com"
  subject_alternative_names = ["www.orders.example.com", "*.orders.example.com"]
  validation_method         = "DNS"
  key_algorithm             = "EC_prime256v1"

  options {
    certificate_transparency_logging_preference = "DISABLED"
  }

  tags = {
    Owner = "orders"
  }
}

resource "aws_acm_certificate" "email" {
  domain_name       = "mail.example.com"
  validation_method = "EMAIL"
}
