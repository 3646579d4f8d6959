# Every data source that is read live, over what tests/aws/data_fixtures.py makes; one output each.

data "aws_caller_identity" "it" {}

data "aws_availability_zones" "it" {
  state         = "available"
  exclude_names = ["eu-west-1c"]
}

data "aws_availability_zone" "it" {
  name = "eu-west-1a"
}

data "aws_regions" "it" {}

data "aws_vpc" "it" {
  tags = { Name = "acme" }
}

data "aws_vpcs" "it" {
  tags = { Stage = "live" }
}

data "aws_subnet" "it" {
  vpc_id            = data.aws_vpc.it.id
  availability_zone = data.aws_availability_zones.it.names[0]
}

data "aws_subnets" "it" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.it.id]
  }
}

data "aws_security_group" "it" {
  name   = "acme-web"
  vpc_id = data.aws_vpc.it.id
}

data "aws_security_groups" "it" {
  filter {
    name   = "group-name"
    values = ["acme-*"]
  }
}

data "aws_route_table" "it" {
  subnet_id = data.aws_subnet.it.id
}

data "aws_route_tables" "it" {
  vpc_id = data.aws_vpc.it.id
  tags   = { Stage = "live" }
}

data "aws_internet_gateway" "it" {
  filter {
    name   = "attachment.vpc-id"
    values = [data.aws_vpc.it.id]
  }
}

data "aws_ec2_managed_prefix_list" "it" {
  name = "acme"
}

data "aws_ami" "it" {
  most_recent = true
  owners      = ["amazon"]
  name_regex  = "^amzn-ami-minimal-pv"
}

data "aws_lb" "it" {
  name = "acme"
}

data "aws_lb_target_group" "it" {
  name = "acme"
}

data "aws_iam_account_alias" "it" {}

data "aws_iam_role" "it" {
  name = "acme"
}

data "aws_iam_policy" "it" {
  name = "acme"
}

data "aws_iam_user" "it" {
  user_name = "ada"
}

data "aws_kms_alias" "it" {
  name = "alias/acme"
}

data "aws_kms_key" "it" {
  key_id = "alias/acme"
}

data "aws_secretsmanager_secret" "it" {
  name = "acme/db"
}

data "aws_secretsmanager_secret_version" "it" {
  secret_id = data.aws_secretsmanager_secret.it.id
}

data "aws_sqs_queue" "it" {
  name = "acme"
}

data "aws_sns_topic" "it" {
  name = "acme"
}

data "aws_ssm_parameter" "it" {
  name = "/acme/url"
}

data "aws_ssm_parameter" "secret" {
  name = "/acme/token"
}

data "aws_ssm_parameters_by_path" "it" {
  path = "/acme"
}

data "aws_route53_zone" "it" {
  name = "acme.example."
}

data "aws_lambda_function" "it" {
  function_name = "acme"
}

data "aws_s3_bucket" "it" {
  bucket = "acme-files"
}

data "aws_dynamodb_table" "it" {
  name = "acme"
}

data "aws_cloudwatch_log_group" "it" {
  name = "/acme/app"
}

data "aws_cloudwatch_event_bus" "it" {
  name = "acme"
}

data "aws_ecs_cluster" "it" {
  cluster_name = "acme"
}

data "aws_ecr_repository" "it" {
  name = "acme"
}

data "aws_acm_certificate" "it" {
  domain   = "acme.example"
  statuses = ["PENDING_VALIDATION", "ISSUED"]
}

output "caller_identity" {
  value = data.aws_caller_identity.it
}

output "availability_zones" {
  value = data.aws_availability_zones.it
}

output "availability_zone" {
  value = data.aws_availability_zone.it
}

output "regions" {
  value = data.aws_regions.it
}

output "vpc" {
  value = data.aws_vpc.it
}

output "vpcs" {
  value = data.aws_vpcs.it
}

output "subnet" {
  value = data.aws_subnet.it
}

output "subnets" {
  value = data.aws_subnets.it
}

output "security_group" {
  value = data.aws_security_group.it
}

output "security_groups" {
  value = data.aws_security_groups.it
}

output "route_table" {
  value = data.aws_route_table.it
}

output "route_tables" {
  value = data.aws_route_tables.it
}

output "internet_gateway" {
  value = data.aws_internet_gateway.it
}

output "ec2_managed_prefix_list" {
  value = data.aws_ec2_managed_prefix_list.it
}

output "ami" {
  value = data.aws_ami.it
}

output "lb" {
  value = data.aws_lb.it
}

output "lb_target_group" {
  value = data.aws_lb_target_group.it
}

output "iam_account_alias" {
  value = data.aws_iam_account_alias.it
}

output "iam_role" {
  value = data.aws_iam_role.it
}

output "iam_policy" {
  value = data.aws_iam_policy.it
}

output "iam_user" {
  value = data.aws_iam_user.it
}

output "kms_alias" {
  value = data.aws_kms_alias.it
}

output "kms_key" {
  value = data.aws_kms_key.it
}

output "secretsmanager_secret" {
  value = data.aws_secretsmanager_secret.it
}

output "secretsmanager_secret_version" {
  value     = data.aws_secretsmanager_secret_version.it
  sensitive = true
}

output "sqs_queue" {
  value = data.aws_sqs_queue.it
}

output "sns_topic" {
  value = data.aws_sns_topic.it
}

output "ssm_parameter" {
  value     = data.aws_ssm_parameter.it
  sensitive = true
}

output "ssm_parameter_secret" {
  value     = data.aws_ssm_parameter.secret
  sensitive = true
}

output "ssm_parameters_by_path" {
  value     = data.aws_ssm_parameters_by_path.it
  sensitive = true
}

output "route53_zone" {
  value = data.aws_route53_zone.it
}

output "lambda_function" {
  value = data.aws_lambda_function.it
}

output "s3_bucket" {
  value = data.aws_s3_bucket.it
}

output "dynamodb_table" {
  value = data.aws_dynamodb_table.it
}

output "cloudwatch_log_group" {
  value = data.aws_cloudwatch_log_group.it
}

output "cloudwatch_event_bus" {
  value = data.aws_cloudwatch_event_bus.it
}

output "ecs_cluster" {
  value = data.aws_ecs_cluster.it
}

output "ecr_repository" {
  value = data.aws_ecr_repository.it
}

output "acm_certificate" {
  value = data.aws_acm_certificate.it
}
