# Load balancers, from listener to target: shared by the golden folders of these types (links to this file).
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

resource "aws_lb" "plain" {
  name            = "plain"
  internal        = true
  subnets         = aws_subnet.main[*].id
  security_groups = [aws_security_group.main.id]
}

resource "aws_lb" "full" {
  name                             = "full"
  internal                         = true
  subnets                          = aws_subnet.main[*].id
  security_groups                  = [aws_security_group.main.id]
  idle_timeout                     = 30
  enable_deletion_protection       = true
  drop_invalid_header_fields       = true
  preserve_host_header             = true
  desync_mitigation_mode           = "strictest"
  xff_header_processing_mode       = "preserve"
  enable_http2                     = false
  enable_cross_zone_load_balancing = true
  access_logs {
    bucket  = "logs"
    prefix  = "lb"
    enabled = true
  }
  tags = { Name = "full" }
}

resource "aws_lb" "network" {
  name                             = "network"
  internal                         = true
  load_balancer_type               = "network"
  enable_cross_zone_load_balancing = true
  subnet_mapping {
    subnet_id = aws_subnet.main[0].id
  }
}

resource "aws_lb_target_group" "plain" {
  name     = "plain"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
}

resource "aws_lb_target_group" "full" {
  name                          = "full"
  port                          = 8080
  protocol                      = "HTTP"
  target_type                   = "ip"
  vpc_id                        = aws_vpc.main.id
  deregistration_delay          = 15
  slow_start                    = 60
  load_balancing_algorithm_type = "least_outstanding_requests"
  health_check {
    path                = "/health"
    matcher             = "200-299"
    interval            = 15
    timeout             = 4
    healthy_threshold   = 2
    unhealthy_threshold = 4
    port                = "8081"
  }
  stickiness {
    type            = "lb_cookie"
    cookie_duration = 600
  }
  tags = { Name = "full" }
}

resource "aws_lb_target_group" "network" {
  name              = "network"
  port              = 5432
  protocol          = "TCP"
  vpc_id            = aws_vpc.main.id
  proxy_protocol_v2 = true
}

resource "aws_lb_target_group" "function" {
  name                               = "function"
  target_type                        = "lambda"
  lambda_multi_value_headers_enabled = true
}

resource "aws_lb_target_group_attachment" "address" {
  target_group_arn = aws_lb_target_group.full.arn
  target_id        = "10.0.0.5"
  port             = 9000
}

resource "aws_lb_target_group_attachment" "default" {
  target_group_arn = aws_lb_target_group.full.arn
  target_id        = "10.0.0.6"
}

resource "aws_lb_listener" "plain" {
  load_balancer_arn = aws_lb.plain.arn
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.plain.arn
  }
}

resource "aws_lb_listener" "redirect" {
  load_balancer_arn = aws_lb.full.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type = "redirect"
    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
  tags = { Name = "redirect" }
}

resource "aws_lb_listener" "fixed" {
  load_balancer_arn = aws_lb.full.arn
  port              = 8080
  protocol          = "HTTP"
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      message_body = "nothing here"
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener" "weighted" {
  load_balancer_arn = aws_lb.full.arn
  port              = 8081
  protocol          = "HTTP"
  default_action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.plain.arn
        weight = 80
      }
      target_group {
        arn    = aws_lb_target_group.full.arn
        weight = 20
      }
      stickiness {
        enabled  = true
        duration = 600
      }
    }
  }
}

resource "aws_lb_listener" "network" {
  load_balancer_arn = aws_lb.network.arn
  port              = 5432
  protocol          = "TCP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.network.arn
  }
}

resource "aws_lb_listener_rule" "path" {
  listener_arn = aws_lb_listener.plain.arn
  priority     = 10
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.full.arn
  }
  condition {
    path_pattern {
      values = ["/api/*", "/v1/*"]
    }
  }
}

resource "aws_lb_listener_rule" "everything" {
  listener_arn = aws_lb_listener.plain.arn
  priority     = 20
  action {
    type = "redirect"
    redirect {
      host        = "other.example.com"
      path        = "/#{path}"
      query       = "a=b"
      status_code = "HTTP_302"
    }
  }
  condition {
    host_header {
      values = ["a.example.com"]
    }
  }
  condition {
    http_header {
      http_header_name = "X-Team"
      values           = ["core", "edge"]
    }
  }
  condition {
    query_string {
      key   = "version"
      value = "2"
    }
    query_string {
      value = "x"
    }
  }
  tags = { Name = "everything" }
}

resource "aws_lb_listener_rule" "weighted" {
  listener_arn = aws_lb_listener.plain.arn
  priority     = 30
  action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.plain.arn
        weight = 1
      }
      target_group {
        arn    = aws_lb_target_group.full.arn
        weight = 2
      }
    }
  }
  condition {
    source_ip {
      values = ["10.0.0.0/8"]
    }
  }
  condition {
    http_request_method {
      values = ["GET", "HEAD"]
    }
  }
}

resource "aws_lb_listener_rule" "fixed" {
  listener_arn = aws_lb_listener.redirect.arn
  action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      message_body = "no"
      status_code  = "403"
    }
  }
  condition {
    path_pattern {
      values = ["/admin"]
    }
  }
}
