# Zones and records: shared by the golden folders of these types (links to this file).
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_route53_zone" "public" {
  name          = "example.com"
  comment       = "for people"
  force_destroy = true
  tags          = { Team = "core" }
}

resource "aws_route53_zone" "plain" {
  name = "Plain.example.org."
}

resource "aws_route53_zone" "private" {
  name = "internal"
  vpc {
    vpc_id = aws_vpc.main.id
  }
}

resource "aws_route53_health_check" "main" {
  fqdn = "a.example.com"
  port = 80
  type = "HTTP"
}

resource "aws_route53_record" "address" {
  zone_id = aws_route53_zone.public.zone_id
  name    = "a.example.com"
  type    = "A"
  ttl     = 60
  records = ["10.0.0.1", "10.0.0.2"]
}

resource "aws_route53_record" "short" {
  zone_id = aws_route53_zone.public.zone_id
  name    = "short"
  type    = "CNAME"
  ttl     = 300
  records = ["a.example.com"]
}

resource "aws_route53_record" "wildcard" {
  zone_id = aws_route53_zone.public.zone_id
  name    = "*.Wild"
  type    = "TXT"
  ttl     = 300
  records = ["v=spf1 -all", "two\"\"parts"]
}

resource "aws_route53_record" "apex" {
  zone_id = aws_route53_zone.public.zone_id
  name    = ""
  type    = "MX"
  ttl     = 300
  records = ["10 mail.example.com"]
}

resource "aws_route53_record" "alias" {
  zone_id = aws_route53_zone.public.zone_id
  name    = "alias.example.com"
  type    = "A"
  alias {
    name                   = "Main-1.eu-west-1.elb.amazonaws.com"
    zone_id                = "Z32O12XQLNTSW2"
    evaluate_target_health = true
  }
}

resource "aws_route53_record" "weighted" {
  count           = 2
  zone_id         = aws_route53_zone.public.zone_id
  name            = "weighted"
  type            = "A"
  ttl             = 60
  records         = ["10.0.1.${count.index}"]
  set_identifier  = "set-${count.index}"
  health_check_id = aws_route53_health_check.main.id
  weighted_routing_policy {
    weight = count.index * 10
  }
}

resource "aws_route53_record" "latency" {
  zone_id        = aws_route53_zone.public.zone_id
  name           = "latency"
  type           = "A"
  ttl            = 60
  records        = ["10.0.2.1"]
  set_identifier = "west"
  latency_routing_policy {
    region = "eu-west-1"
  }
}

resource "aws_route53_record" "failover" {
  zone_id         = aws_route53_zone.public.zone_id
  name            = "failover"
  type            = "A"
  ttl             = 60
  records         = ["10.0.3.1"]
  set_identifier  = "first"
  health_check_id = aws_route53_health_check.main.id
  failover_routing_policy {
    type = "PRIMARY"
  }
}

resource "aws_route53_record" "geo" {
  zone_id        = aws_route53_zone.public.zone_id
  name           = "geo"
  type           = "A"
  ttl            = 60
  records        = ["10.0.4.1"]
  set_identifier = "de"
  geolocation_routing_policy {
    country = "DE"
  }
}

resource "aws_route53_record" "multi" {
  zone_id                          = aws_route53_zone.public.zone_id
  name                             = "multi"
  type                             = "A"
  ttl                              = 60
  records                          = ["10.0.5.1"]
  set_identifier                   = "one"
  multivalue_answer_routing_policy = true
}

resource "aws_route53_record" "private" {
  zone_id = aws_route53_zone.private.zone_id
  name    = "db.internal"
  type    = "A"
  ttl     = 60
  records = ["10.0.0.9"]
}
