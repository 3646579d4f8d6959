# What the provider makes of a configuration before it asks AWS anything.

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "x"
  secret_key                  = "x"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

variable "domains" {
  type = map(object({
    also   = optional(list(string))
    method = optional(string, "DNS")
  }))
  default = {
    "acme.example"  = { also = ["*.acme.example", "shop.acme.example"] }
    "Plain.example" = {}
    "mail.example"  = { method = "EMAIL" }
    "empty.example" = { also = [] }
    "same.example"  = { also = ["same.example"] }
  }
}

resource "terraform_data" "later" {}

resource "aws_acm_certificate" "each" {
  for_each                  = var.domains
  domain_name               = each.key
  subject_alternative_names = each.value.also
  validation_method         = each.value.method
}

resource "aws_acm_certificate" "later" {
  domain_name               = "later.example"
  subject_alternative_names = [terraform_data.later.id, "known.later.example"]
  validation_method         = "DNS"
}

resource "aws_acm_certificate" "of_a_name_to_come" {
  domain_name       = terraform_data.later.id
  validation_method = "DNS"
}

resource "aws_route53_record" "validation" {
  for_each = {
    for option in aws_acm_certificate.each["acme.example"].domain_validation_options : option.domain_name => option
  }
  zone_id         = "Z123"
  name            = each.value.resource_record_name
  type            = each.value.resource_record_type
  records         = [each.value.resource_record_value]
  ttl             = 60
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "acme" {
  certificate_arn         = aws_acm_certificate.each["acme.example"].arn
  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]
}

resource "aws_lambda_function" "bare" {
  for_each      = { none = {}, nothing = null, some = { MODE = "x" }, later = { ID = terraform_data.later.id } }
  function_name = each.key
  role          = "arn:aws:iam::123456789012:role/f"
  handler       = "f.f"
  runtime       = "python3.12"
  filename      = "${path.module}/main.tf"
  architectures = []
  environment {
    variables = each.value
  }
}

resource "aws_sqs_queue" "reuse" {
  for_each                          = { plain = null, empty = "", alias = "alias/aws/sqs", key = aws_kms_key.k.arn }
  name                              = each.key
  kms_master_key_id                 = each.value
  kms_data_key_reuse_period_seconds = 600
}

resource "aws_sqs_queue" "encrypted" {
  for_each                          = { nothing = null, given = 600 }
  name                              = each.key
  kms_master_key_id                 = null
  sqs_managed_sse_enabled           = true
  kms_data_key_reuse_period_seconds = each.value
}

output "reuse" {
  value = { for name, queue in merge(aws_sqs_queue.encrypted, aws_sqs_queue.reuse) : name => queue.kms_data_key_reuse_period_seconds }
}

resource "aws_kms_key" "k" {}

resource "aws_ecs_service" "rolling" {
  for_each             = toset(["true", "false"])
  name                 = each.key
  task_definition      = "app:1"
  force_new_deployment = tobool(each.key)
  triggers             = { redeployment = "1" }
}

resource "aws_ecs_service" "everywhere" {
  name                = "agent"
  task_definition     = "agent:1"
  scheduling_strategy = "DAEMON"
  desired_count       = 3
}

resource "aws_dynamodb_table" "sessions" {
  for_each     = toset(["true", "false"])
  name         = each.key
  hash_key     = "id"
  billing_mode = "PAY_PER_REQUEST"
  attribute {
    name = "id"
    type = "S"
  }
  ttl {
    attribute_name = "until"
    enabled        = tobool(each.key)
  }
}

resource "aws_iam_openid_connect_provider" "ci" {
  url             = "https://ci.example"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = []
}

resource "aws_sns_topic" "archived" {
  name           = "a.fifo"
  fifo_topic     = true
  archive_policy = "{ \"MessageRetentionPeriod\": 30 }"
}

resource "aws_cloudformation_stack" "s" {
  for_each      = { json = "{ \"Resources\": {}, \"A\": 1.0 }", yaml = "Resources: {}\nA: 1\n" }
  name          = each.key
  template_body = each.value
}

resource "aws_opensearch_domain" "search" {
  for_each    = toset(["true", "false"])
  domain_name = "d${each.key}"
  cluster_config {
    dedicated_master_enabled = tobool(each.key)
    dedicated_master_count   = 3
    dedicated_master_type    = "m5.large.search"
  }
  domain_endpoint_options {
    custom_endpoint_enabled = tobool(each.key)
    custom_endpoint         = "search.acme.example"
  }
}

resource "aws_s3_bucket" "b" {
  bucket = "lifecycle"
}

resource "aws_s3_bucket_lifecycle_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  rule {
    id     = "one"
    status = "Enabled"
    filter {
      and {
        prefix = "logs/"
        tags   = { keep = "no" }
      }
    }
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
  }
  rule {
    id     = "two"
    status = "Disabled"
    filter {}
    transition {
      days          = 30
      storage_class = "GLACIER"
    }
  }
}

output "rules" {
  value = try(aws_s3_bucket_lifecycle_configuration.b.rule, [])
}

output "names" {
  value = { for name, certificate in aws_acm_certificate.each : name => certificate.subject_alternative_names }
}

output "validations" {
  value = { for name, certificate in aws_acm_certificate.each : name => certificate.domain_validation_options }
}

output "how_many" {
  value = [length(aws_acm_certificate.later.domain_validation_options), aws_lambda_function.bare["none"].environment]
}

resource "aws_security_group_rule" "protocols" {
  for_each          = toset(["6", "17", "1", "58", "06", "-1", "ALL", "50", "99999"])
  type              = "ingress"
  security_group_id = "sg-1"
  from_port         = 0
  to_port           = 0
  protocol          = each.key
  cidr_blocks       = ["10.0.0.0/8"]
}

resource "aws_security_group" "protocols" {
  for_each = { number = 6, text = "TCP" }
  ingress {
    from_port = 0
    to_port   = 0
    protocol  = each.value
  }
}

# Whatever their order and the case of their names, and with nothing in many places.
resource "aws_ecs_task_definition" "app" {
  for_each = {
    order = [
      { name = "b", Environment = [{ name = "z", value = "1" }, { name = "a", Value = "2" }], SECRETS = [{ name = "z", valuefrom = "1" }, { name = "a", valueFrom = "2" }] },
      { name = "a", command = ["", "x", null], entrypoint = [], unknown = 1 },
    ]
    nothing = [{
      name             = "a", cpu = 0, memory = 0, user = "", image = null, versionConsistency = "", dockerlabels = { a = "", B = null }
      logConfiguration = { logdriver = "", options = null, secretOptions = [{}, null] }
      linuxParameters  = { devices = [{}], tmpfs = [{}, null, { containerPath = "/x" }], capabilities = { add = ["", null] } }
      restartPolicy    = { ignoredExitCodes = [null, 0] }
    }]
    elements = [{
      name        = "a", dependsOn = [{}, null, { condition = "" }], environment = [{}, { name = "" }, { name = null, value = "x" }]
      mountPoints = [{}, { readOnly = false, containerPath = null }], ulimits = [{ name = "" }, { hardLimit = 0 }, { name = "nofile", softLimit = 5 }]
    }]
    text = [{ name = "<&>\u00e9", image = "a\"b" }]
    none = []
  }
  family                = each.key
  container_definitions = jsonencode(each.value)
}

# What is the default anyway, and what means nothing for the protocol, is not planned.
resource "aws_api_gateway_rest_api" "spelt_out" {
  for_each          = toset(["overwrite", "merge"])
  name              = each.key
  body              = "{}"
  put_rest_api_mode = each.key
}

resource "aws_apigatewayv2_integration" "spelt_out" {
  for_each             = toset(["WHEN_NO_MATCH", "NEVER"])
  api_id               = "x"
  integration_type     = "AWS"
  passthrough_behavior = each.key
}

resource "aws_dynamodb_table" "spelt_out" {
  for_each     = { on = true, off = false }
  name         = each.key
  hash_key     = "id"
  billing_mode = "PAY_PER_REQUEST"
  table_class  = each.value ? "STANDARD" : "STANDARD_INFREQUENT_ACCESS"
  attribute {
    name = "id"
    type = "S"
  }
  point_in_time_recovery {
    enabled                 = each.value
    recovery_period_in_days = 5
  }
}

resource "aws_ecs_service" "percents" {
  for_each                           = { most = [200, 100], some = [150, 0] }
  name                               = each.key
  task_definition                    = "app:1"
  scheduling_strategy                = "DAEMON"
  deployment_maximum_percent         = each.value[0]
  deployment_minimum_healthy_percent = each.value[1]
}

resource "aws_ecs_service" "unsaid" {
  for_each            = toset(["DAEMON", "REPLICA"])
  name                = each.key
  task_definition     = "app:1"
  scheduling_strategy = each.key
}

resource "aws_lb_listener" "protocols" {
  for_each                                                = toset(["HTTP", "HTTPS", "TCP", "UDP"])
  load_balancer_arn                                       = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/x/1"
  port                                                    = 80
  protocol                                                = each.key
  certificate_arn                                         = each.key == "HTTPS" ? "arn:aws:acm:eu-west-1:123456789012:certificate/x" : null
  tcp_idle_timeout_seconds                                = 100
  routing_http_request_x_amzn_mtls_clientcert_header_name = "cert"
  routing_http_request_x_amzn_tls_version_header_name     = "version"
  routing_http_response_server_enabled                    = false
  routing_http_response_x_frame_options_header_value      = "DENY"
  default_action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/x/1"
  }
}

resource "aws_instance" "volumes" {
  for_each      = { gp2 = 0, gp3 = 0, io1 = 100 }
  ami           = "ami-1"
  instance_type = "t3.micro"
  user_data     = each.key == "gp2" ? base64encode("#!/bin/sh") : each.key == "gp3" ? "True" : "#!/bin/sh"
  root_block_device {
    volume_type = each.key
    iops        = each.value
    throughput  = 0
  }
  ebs_block_device {
    device_name = "/dev/sdf"
    volume_type = each.key
    iops        = each.value
    throughput  = 0
  }
}

resource "aws_launch_configuration" "encoded" {
  for_each      = toset([base64encode("#!/bin/sh\n"), "#!/bin/sh\n"])
  image_id      = "ami-1"
  instance_type = "t3.micro"
  user_data     = each.key
}

resource "aws_lb" "kinds" {
  for_each           = { application = "application", network = "network", gateway = "gateway", unsaid = null }
  load_balancer_type = each.value
  subnets            = ["subnet-1"]
}

output "unsaid" {
  value = [
    { for name, service in aws_ecs_service.unsaid : name => [service.deployment_maximum_percent, service.deployment_minimum_healthy_percent] },
    { for name, balancer in aws_lb.kinds : name => [balancer.idle_timeout, balancer.enable_cross_zone_load_balancing, balancer.xff_header_processing_mode] },
  ]
}

resource "aws_ecr_lifecycle_policy" "text" {
  repository = "r"
  policy     = <<-JSON
    { "rules": [ { "rulePriority": 1.0, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 5},
      "action": { "type": "expire" } } ] }
  JSON
}

resource "aws_cognito_user_pool" "people" {
  name = "people"
  schema {
    name                = "shoe"
    attribute_data_type = "Number"
  }
}

resource "aws_docdb_cluster" "spelt_out" {
  for_each        = toset(["standard", "iopt1"])
  master_username = "root"
  master_password = "correct horse"
  storage_type    = each.key
}

resource "aws_amplify_app" "locked" {
  for_each               = { locked = true, open = false, unsaid = null }
  name                   = each.key
  enable_basic_auth      = each.value
  basic_auth_credentials = "YTpi"
}

output "in_sets" {
  value = [aws_cognito_user_pool.people.schema, aws_security_group.protocols["text"].ingress]
}

resource "aws_lb_target_group" "sticky" {
  for_each = { HTTP = 100, TCP = 100, UDP = null }
  name     = lower(each.key)
  port     = 80
  protocol = each.key
  vpc_id   = "vpc-1"
  stickiness {
    type            = each.key == "HTTP" ? "lb_cookie" : "source_ip"
    cookie_duration = each.value
  }
}

resource "aws_instance" "attached" {
  for_each      = { own = [], given = [1] }
  ami           = "ami-1"
  instance_type = "t3.micro"
  dynamic "network_interface" {
    for_each = each.value
    content {
      device_index         = 0
      network_interface_id = "eni-1"
    }
  }
}

output "attached" {
  value = [for machine in aws_instance.attached : machine.source_dest_check]
}

resource "aws_opensearch_domain_saml_options" "sign_on" {
  for_each    = { on = true, off = false }
  domain_name = each.key
  saml_options {
    enabled                 = each.value
    session_timeout_minutes = 100
    subject_key             = "mail"
    idp {
      entity_id        = "https://example.com"
      metadata_content = "<xml/>"
    }
  }
}

resource "aws_appconfig_configuration_profile" "validated" {
  application_id = "abcdefg"
  location_uri   = "hosted"
  name           = "profile"
  validator {
    type = "LAMBDA"
  }
}

# It routes: the interface is not the code's, but the provider's.
resource "aws_instance" "routing" {
  ami               = "ami-1"
  instance_type     = "t3.small"
  source_dest_check = false
}
