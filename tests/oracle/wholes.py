"""Blocks to add where a resource has room for one more: what the schema alone cannot say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.oracle.near import Ref

_ROLE: Final = Ref("aws_iam_role.arn")
_FUNCTION: Final = Ref("aws_lambda_function.arn")
_GROUP: Final = Ref("aws_cloudwatch_log_group.arn")

# "type.path" without indices -> blocks; what one leaves out is as Terraform's state has it where nobody sets it.
WHOLES: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "aws_api_gateway_stage.access_log_settings": [{"destination_arn": _GROUP, "format": "$context.requestId"}],
    "aws_apigatewayv2_stage.access_log_settings": [{"destination_arn": _GROUP, "format": "$context.requestId"}],
    "aws_appsync_graphql_api.enhanced_metrics_config": [
        {
            "data_source_level_metrics_behavior": "PER_DATA_SOURCE_METRICS",
            "operation_level_metrics_config": "ENABLED",
            "resolver_level_metrics_behavior": "PER_RESOLVER_METRICS",
        }
    ],
    "aws_appsync_graphql_api.lambda_authorizer_config": [{"authorizer_uri": _FUNCTION}],
    "aws_appsync_graphql_api.openid_connect_config": [{"issuer": "https://issuer.example.com"}],
    "aws_appsync_graphql_api.user_pool_config": [
        {"aws_region": "eu-west-1", "default_action": "ALLOW", "user_pool_id": Ref("aws_cognito_user_pool.id")}
    ],
    "aws_autoscaling_group.instance_maintenance_policy": [
        {"max_healthy_percentage": 120, "min_healthy_percentage": 90}
    ],
    "aws_autoscaling_group.tag": [{"key": "Another", "propagate_at_launch": True, "value": "yes"}],
    "aws_cloudwatch_event_connection.invocation_connectivity_parameters": [
        {
            "resource_parameters": [
                {"resource_configuration_arn": "arn:aws:vpc-lattice:eu-west-1:1:resourceconfiguration/x"}
            ]
        }
    ],
    "aws_cloudwatch_event_target.appsync_target": [{"graphql_operation": "mutation M { m }"}],
    "aws_cloudwatch_event_target.batch_target": [{"job_definition": "nightly", "job_name": "one", "array_size": 3}],
    "aws_cloudwatch_event_target.dead_letter_config": [{"arn": Ref("aws_sqs_queue.arn")}],
    "aws_cloudwatch_event_target.ecs_target": [
        {"task_definition_arn": Ref("aws_ecs_task_definition.arn"), "task_count": 2, "launch_type": "FARGATE"}
    ],
    "aws_cloudwatch_event_target.http_target": [
        {
            "header_parameters": {"X-Kind": "one"},
            "query_string_parameters": {"page": "1"},
            "path_parameter_values": ["a"],
        }
    ],
    "aws_cloudwatch_event_target.input_transformer": [
        {"input_paths": {"who": "$.detail.who"}, "input_template": '"<who>"'}
    ],
    "aws_cloudwatch_event_target.kinesis_target": [{"partition_key_path": "$.detail.id"}],
    "aws_cloudwatch_event_target.redshift_target": [{"database": "events", "db_user": "writer", "sql": "select 1"}],
    "aws_cloudwatch_event_target.retry_policy": [{"maximum_event_age_in_seconds": 600, "maximum_retry_attempts": 3}],
    "aws_cloudwatch_event_target.run_command_targets": [{"key": "tag:Team", "values": ["core"]}],
    "aws_cloudwatch_event_target.sagemaker_pipeline_target": [
        {"pipeline_parameter_list": [{"name": "kind", "value": "one"}]}
    ],
    "aws_cloudwatch_event_target.sqs_target": [{"message_group_id": "one"}],
    "aws_cognito_user_pool.email_mfa_configuration": [{"message": "Your code: {####}", "subject": "Your code"}],
    "aws_cognito_user_pool.lambda_config": [{"pre_sign_up": _FUNCTION}],
    "aws_cognito_user_pool.sign_in_policy": [{"allowed_first_auth_factors": ["PASSWORD", "EMAIL_OTP"]}],
    "aws_cognito_user_pool.sms_configuration": [
        {"external_id": "one", "sns_caller_arn": _ROLE, "sns_region": "eu-west-1"}
    ],
    "aws_cognito_user_pool.user_pool_add_ons": [{"advanced_security_mode": "AUDIT"}],
    "aws_cognito_user_pool.web_authn_configuration": [
        {"relying_party_id": "login.example.com", "user_verification": "preferred"}
    ],
    "aws_cognito_user_pool_client.analytics_configuration": [
        {"application_id": "abc", "external_id": "one", "role_arn": _ROLE, "user_data_shared": True}
    ],
    "aws_cognito_user_pool_client.refresh_token_rotation": [{"feature": "ENABLED", "retry_grace_period_seconds": 10}],
    "aws_config_config_rule.evaluation_mode": [{"mode": "DETECTIVE"}],
    "aws_config_config_rule.scope": [{"compliance_resource_types": ["AWS::S3::Bucket"]}],
    "aws_config_configuration_recorder.recording_mode": [{"recording_frequency": "DAILY"}],
    "aws_config_delivery_channel.snapshot_delivery_properties": [{"delivery_frequency": "Six_Hours"}],
    "aws_default_network_acl.egress": [
        {"action": "deny", "cidr_block": "10.9.0.0/16", "from_port": 0, "to_port": 0, "protocol": "-1", "rule_no": 77}
    ],
    "aws_default_network_acl.ingress": [
        {"action": "deny", "cidr_block": "10.9.0.0/16", "from_port": 22, "to_port": 22, "protocol": "6", "rule_no": 78}
    ],
    "aws_default_route_table.route": [{"cidr_block": "172.21.0.0/16", "gateway_id": Ref("aws_internet_gateway.id")}],
    "aws_default_security_group.egress": [
        {
            "cidr_blocks": ["10.9.0.0/16"],
            "from_port": 443,
            "to_port": 443,
            "protocol": "tcp",
            "description": "",
            "self": False,
        }
    ],
    "aws_default_security_group.ingress": [
        {
            "cidr_blocks": ["10.9.0.0/16"],
            "from_port": 443,
            "to_port": 443,
            "protocol": "tcp",
            "description": "",
            "self": False,
        }
    ],
    "aws_dynamodb_table.on_demand_throughput": [{"max_read_request_units": 100, "max_write_request_units": 50}],
    "aws_ecs_service.alarms": [{"alarm_names": ["main"], "enable": True, "rollback": False}],
    "aws_ecs_service.capacity_provider_strategy": [{"base": 1, "capacity_provider": "FARGATE", "weight": 2}],
    "aws_ecs_service.deployment_circuit_breaker": [{"enable": True, "rollback": True}],
    "aws_ecs_service.ordered_placement_strategy": [{"field": "memory", "type": "binpack"}],
    "aws_ecs_service.placement_constraints": [{"type": "distinctInstance"}],
    "aws_efs_file_system.lifecycle_policy": [{"transition_to_archive": "AFTER_90_DAYS"}],
    "aws_efs_file_system.protection": [{"replication_overwrite": "DISABLED"}],
    "aws_lambda_event_source_mapping.destination_config": [
        {"on_failure": [{"destination_arn": Ref("aws_sqs_queue.arn")}]}
    ],
    "aws_lambda_event_source_mapping.filter_criteria": [{"filter": [{"pattern": '{"body":{"kind":["x"]}}'}]}],
    "aws_lambda_event_source_mapping.document_db_event_source_config": [{"database_name": "orders"}],
    "aws_lambda_event_source_mapping.metrics_config": [{"metrics": ["EventCount"]}],
    "aws_lambda_event_source_mapping.provisioned_poller_config": [{"maximum_pollers": 5, "minimum_pollers": 2}],
    "aws_lambda_event_source_mapping.scaling_config": [{"maximum_concurrency": 5}],
    "aws_lambda_event_source_mapping.source_access_configuration": [
        {"type": "BASIC_AUTH", "uri": Ref("aws_secretsmanager_secret.arn")}
    ],
    "aws_lambda_alias.routing_config": [{"additional_version_weights": {"1": 0.2}}],
    "aws_lambda_function.dead_letter_config": [{"target_arn": Ref("aws_sqs_queue.arn")}],
    "aws_lambda_function.environment": [{"variables": {"MODE": "other"}}],
    "aws_lambda_function.file_system_config": [
        {"arn": Ref("aws_efs_access_point.arn"), "local_mount_path": "/mnt/one"}
    ],
    "aws_lambda_function.logging_config": [
        {
            "log_format": "JSON",
            "application_log_level": "DEBUG",
            "system_log_level": "WARN",
            "log_group": "/aws/lambda/one",
        }
    ],
    "aws_lambda_function.snap_start": [{"apply_on": "PublishedVersions"}],
    "aws_lambda_function.vpc_config": [
        {"security_group_ids": [Ref("aws_security_group.id")], "subnet_ids": [Ref("aws_subnet.id")]}
    ],
    "aws_lambda_function_url.cors": [{"allow_origins": ["https://one.example.com"], "allow_methods": ["GET"]}],
    "aws_launch_template.cpu_options": [{"core_count": 2, "threads_per_core": 1}],
    "aws_launch_template.credit_specification": [{"cpu_credits": "unlimited"}],
    "aws_launch_template.enclave_options": [{"enabled": True}],
    "aws_launch_template.hibernation_options": [{"configured": True}],
    "aws_launch_template.license_specification": [
        {"license_configuration_arn": "arn:aws:license-manager:eu-west-1:123456789012:license-configuration:lic-1"}
    ],
    "aws_launch_template.maintenance_options": [{"auto_recovery": "disabled"}],
    "aws_launch_template.metadata_options": [{"http_tokens": "required"}],
    "aws_launch_template.monitoring": [{"enabled": True}],
    "aws_launch_template.placement": [{"tenancy": "dedicated", "availability_zone": "eu-west-1a"}],
    "aws_launch_template.private_dns_name_options": [
        {"enable_resource_name_dns_a_record": True, "hostname_type": "resource-name"}
    ],
    "aws_lb.access_logs": [{"bucket": Ref("aws_s3_bucket.id"), "enabled": True, "prefix": "logs"}],
    "aws_lb_listener.mutual_authentication": [{"mode": "passthrough"}],
    "aws_lb_listener_rule.condition": [{"http_header": [{"http_header_name": "X-Kind", "values": ["one"]}]}],
    "aws_network_acl.egress": [
        {"action": "deny", "cidr_block": "10.9.0.0/16", "from_port": 0, "to_port": 0, "protocol": "-1", "rule_no": 77}
    ],
    "aws_network_acl.ingress": [
        {"action": "deny", "cidr_block": "10.9.0.0/16", "from_port": 22, "to_port": 22, "protocol": "6", "rule_no": 78}
    ],
    "aws_rds_cluster.serverlessv2_scaling_configuration": [{"max_capacity": 4, "min_capacity": 1}],
    "aws_rds_cluster_parameter_group.parameter": [
        {"apply_method": "pending-reboot", "name": "max_connections", "value": "200"}
    ],
    "aws_route_table.route": [{"cidr_block": "172.21.0.0/16", "gateway_id": Ref("aws_internet_gateway.id")}],
    "aws_s3_bucket_cors_configuration.cors_rule": [
        {"allowed_methods": ["DELETE"], "allowed_origins": ["https://x.example.com"]}
    ],
    "aws_s3_bucket_lifecycle_configuration.rule": [
        {"id": "another", "status": "Enabled", "filter": [{"prefix": "x/"}], "expiration": [{"days": 7}]}
    ],
    "aws_s3_bucket_logging.target_grant": [
        {
            "permission": "READ",
            "grantee": [{"type": "Group", "uri": "http://acs.amazonaws.com/groups/s3/LogDelivery"}],
        }
    ],
    "aws_s3_bucket_logging.target_object_key_format": [
        {"partitioned_prefix": [{"partition_date_source": "EventTime"}]}
    ],
    "aws_s3_bucket_notification.lambda_function": [
        {"events": ["s3:ObjectCreated:*"], "id": "another", "lambda_function_arn": _FUNCTION, "filter_prefix": "in/"}
    ],
    "aws_security_group.egress": [
        {
            "cidr_blocks": ["10.9.0.0/16"],
            "from_port": 443,
            "to_port": 443,
            "protocol": "tcp",
            "description": "more",
            "self": False,
        }
    ],
    "aws_security_group.ingress": [
        {
            "cidr_blocks": ["0.0.0.0/0"],
            "from_port": 22,
            "to_port": 22,
            "protocol": "tcp",
            "description": "",
            "self": False,
        },
        {"from_port": 22, "to_port": 22, "protocol": "tcp", "description": "", "self": True},
    ],
    "aws_secretsmanager_secret.replica": [{"region": "eu-central-1"}],
    "aws_service_discovery_service.health_check_config": [
        {"failure_threshold": 2, "resource_path": "/health", "type": "HTTP"}
    ],
    "aws_sesv2_configuration_set.suppression_options": [{"suppressed_reasons": ["BOUNCE"]}],
    "aws_vpc_endpoint.dns_options": [{"dns_record_ip_type": "ipv4"}],
}
