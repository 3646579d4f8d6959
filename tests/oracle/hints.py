"""What the oracle has to know of services: values they take, what moves together, what cannot be tried and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.oracle.by_hand import POOL
from tests.oracle.near import Ref

_ACCOUNT: Final = "123456789012"

# "type.path" without indices -> values; those that are live already are left out.
HINTS: Final[Mapping[str, Sequence[Any]]] = {
    "aws_apigatewayv2_integration.passthrough_behavior": ["NEVER", "WHEN_NO_TEMPLATES"],
    "aws_api_gateway_base_path_mapping.api_id": [Ref("aws_api_gateway_rest_api.id")],
    "aws_autoscaling_group.launch_configuration": [],
    "aws_autoscaling_group.target_group_arns": [[Ref("aws_lb_target_group.arn")]],
    "aws_autoscaling_group.enabled_metrics": [["GroupMinSize", "GroupMaxSize"]],
    "aws_cognito_user_pool_domain.certificate_arn": [Ref("aws_acm_certificate.arn")],
    "aws_config_config_rule.input_parameters": ['{"maxDays":"7"}'],
    "aws_config_config_rule.source.source_identifier": ["S3_BUCKET_SSL_REQUESTS_ONLY"],
    "aws_cloudwatch_event_target.input": ['{"kind":"other"}'],
    "aws_cloudwatch_log_subscription_filter.distribution": ["Random", "ByLogStream"],
    "aws_cloudwatch_log_subscription_filter.role_arn": [Ref("aws_iam_role.arn")],
    "aws_cognito_user_pool.mfa_configuration": ["OPTIONAL", "ON"],
    "aws_db_instance.backup_window": ["04:10-04:50"],
    "aws_db_instance.db_subnet_group_name": [Ref("aws_db_subnet_group.name")],
    "aws_db_instance.maintenance_window": ["sun:05:00-sun:05:40"],
    "aws_db_instance.max_allocated_storage": [500],
    "aws_db_instance.monitoring_role_arn": [Ref("aws_iam_role.arn")],
    "aws_db_instance.parameter_group_name": [Ref("aws_db_parameter_group.name")],
    "aws_db_instance.performance_insights_kms_key_id": [Ref("aws_kms_key.arn")],
    "aws_default_network_acl.subnet_ids[]": [Ref("aws_subnet.id")],
    "aws_default_subnet.ipv6_cidr_block": [],
    "aws_iam_instance_profile.role": [Ref("aws_iam_role.name")],
    "aws_iam_group_policies_exclusive.policy_names[]": ["other"],
    "aws_iam_role_policies_exclusive.policy_names[]": ["other"],
    "aws_iam_user_policies_exclusive.policy_names[]": ["other"],
    "aws_instance.iam_instance_profile": [Ref("aws_iam_instance_profile.name")],
    "aws_instance.instance_initiated_shutdown_behavior": ["terminate", "stop"],
    "aws_iot_thing.thing_type_name": [],
    "aws_kms_alias.target_key_id": [Ref("aws_kms_key.key_id")],
    "aws_lambda_alias.function_version": ["1", "$LATEST"],
    "aws_lambda_function.architectures": [["arm64"]],
    "aws_launch_template.ebs_optimized": ["true", "false"],
    "aws_network_acl.subnet_ids[]": [Ref("aws_subnet.id")],
    "aws_network_interface.ipv6_addresses": [["2001:db8::7"]],
    "aws_network_interface.private_ips[]": [],
    "aws_rds_cluster.iam_roles": [[Ref("aws_iam_role.arn")]],
    "aws_rds_cluster.monitoring_role_arn": [Ref("aws_iam_role.arn")],
    "aws_rds_cluster.performance_insights_kms_key_id": [Ref("aws_kms_key.arn")],
    "aws_route.egress_only_gateway_id": [Ref("aws_egress_only_internet_gateway.id")],
    "aws_s3_bucket_logging.target_bucket": [Ref("aws_s3_bucket.id")],
    "aws_sns_topic.archive_policy": ['{"MessageRetentionPeriod":"30"}'],
    "aws_sns_topic_subscription.delivery_policy": ['{"healthyRetryPolicy":{"numRetries":4}}'],
    "aws_sns_topic_subscription.replay_policy": [
        '{"PointType":"Timestamp","StartingPoint":"2030-01-01T00:00:00.000Z"}'
    ],
    "aws_subnet.ipv6_cidr_block": [],
    "aws_lb_target_group.target_failover": [[{"on_deregistration": "rebalance", "on_unhealthy": "rebalance"}]],
    "aws_lb_target_group.target_group_health": [
        [
            {
                "dns_failover": [{"minimum_healthy_targets_count": "2", "minimum_healthy_targets_percentage": "off"}],
                "unhealthy_state_routing": [
                    {"minimum_healthy_targets_count": 2, "minimum_healthy_targets_percentage": "off"}
                ],
            }
        ]
    ],
    "aws_lb_target_group.target_health_state": [
        [{"enable_unhealthy_connection_termination": False, "unhealthy_draining_interval": 60}]
    ],
    "aws_acm_certificate.options.certificate_transparency_logging_preference": ["DISABLED", "ENABLED"],
    "aws_api_gateway_rest_api.api_key_source": ["HEADER", "AUTHORIZER"],
    "aws_cloudwatch_event_permission.principal": ["222222222222"],
    "aws_cloudwatch_event_rule.schedule_expression": ["rate(7 minutes)"],
    "aws_cloudwatch_event_rule.state": ["ENABLED", "DISABLED"],
    "aws_cloudwatch_metric_alarm.evaluate_low_sample_count_percentiles": ["ignore", "evaluate"],
    "aws_cloudwatch_metric_alarm.comparison_operator": ["LessThanThreshold"],
    "aws_cloudwatch_metric_alarm.statistic": ["Maximum", "Sum"],
    "aws_cloudwatch_metric_alarm.treat_missing_data": ["breaching"],
    "aws_default_route_table.route.cidr_block": ["172.20.0.0/16"],
    # A key of its own in it is dropped by the provider and refused by AWS.
    "aws_ecr_lifecycle_policy.policy": [
        '{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":7},"action":{"type":"expire"}}]}'
    ],
    "aws_ecr_repository.image_tag_mutability": ["IMMUTABLE", "MUTABLE"],
    "aws_ecs_service.propagate_tags": ["SERVICE", "TASK_DEFINITION"],
    "aws_iam_access_key.status": ["Inactive", "Active"],
    "aws_iam_policy_attachment.roles": [],
    "aws_iam_role.max_session_duration": [5400, 43200],
    "aws_iam_role.permissions_boundary": [f"arn:aws:iam::{_ACCOUNT}:policy/main"],
    "aws_iam_user.permissions_boundary": [f"arn:aws:iam::{_ACCOUNT}:policy/main"],
    "aws_kinesis_stream.retention_period": [25, 48],
    **{
        f"{name}.{direction}.{attribute}": value
        for name in ("aws_network_acl", "aws_default_network_acl")
        for direction in ("ingress", "egress")
        for attribute, value in {"protocol": ["17"], "action": ["deny", "allow"], "rule_no": [77]}.items()
    },
    # Another stream has another ARN, which replaces what listens to it.
    "aws_dynamodb_table.stream_enabled": [],
    "aws_dynamodb_table.stream_view_type": [],
    # Terraform refuses to plan with another mode than the code's.
    "aws_dynamodb_table.billing_mode": [],
    "aws_kinesis_stream.stream_mode_details.stream_mode": [],
    "aws_kms_key.rotation_period_in_days": [120],
    "aws_lambda_alias.routing_config.additional_version_weights.1": [0.4],
    "aws_lambda_function.runtime": ["python3.11", "python3.13"],
    "aws_lambda_function.tracing_config.mode": ["Active", "PassThrough"],
    "aws_lambda_function_url.authorization_type": ["NONE", "AWS_IAM"],
    "aws_lb.desync_mitigation_mode": ["monitor", "strictest"],
    "aws_lb.ip_address_type": ["dualstack", "ipv4"],
    "aws_lb.xff_header_processing_mode": ["preserve", "remove"],
    "aws_lb_listener.ssl_policy": ["ELBSecurityPolicy-TLS13-1-2-2021-06"],
    "aws_lb_listener_rule.action.fixed_response.content_type": ["text/html", "application/json"],
    "aws_lb_listener_rule.action.redirect.status_code": ["HTTP_301", "HTTP_302"],
    "aws_lb_listener_rule.condition.http_request_method.values": [["PUT"]],
    "aws_lb_listener_rule.condition.source_ip.values": [["10.9.0.0/16"]],
    "aws_lb_target_group.health_check.protocol": ["HTTPS"],
    # Each type has a duration of its own.
    "aws_lb_target_group.stickiness.type": [],
    "aws_route53_health_check.ip_address": ["10.9.9.9"],
    # moto loses what makes it the second version of rules.
    "aws_s3_bucket_replication_configuration.rule.filter": [],
    # UpdatePipe does not take the position to start at; moto forgets it over any other.
    "aws_pipes_pipe.source_parameters.kinesis_stream_parameters": [],
    "aws_s3_bucket_cors_configuration.cors_rule.allowed_methods": [["GET"], ["PUT", "POST"]],
    "aws_s3_bucket_notification.lambda_function.events": [["s3:ObjectRemoved:*"]],
    "aws_s3_bucket_notification.queue.events": [["s3:ObjectRemoved:*"]],
    "aws_s3_bucket_notification.topic.events": [["s3:ObjectRemoved:*"]],
    "aws_s3_bucket_ownership_controls.rule.object_ownership": ["ObjectWriter", "BucketOwnerPreferred"],
    "aws_s3_bucket_server_side_encryption_configuration.rule.apply_server_side_encryption_by_default.sse_algorithm": [
        "AES256",
        "aws:kms",
    ],
    "aws_s3_bucket_versioning.versioning_configuration.status": ["Suspended", "Enabled"],
    "aws_scheduler_schedule.end_date": ["2033-01-01T00:00:00Z"],
    "aws_scheduler_schedule.flexible_time_window.mode": [],
    "aws_scheduler_schedule.schedule_expression": ["rate(7 hours)"],
    "aws_scheduler_schedule.start_date": ["2032-01-01T00:00:00Z"],
    "aws_scheduler_schedule.state": ["DISABLED", "ENABLED"],
    "aws_security_group.egress.cidr_blocks": [["10.77.0.0/16"]],
    "aws_security_group.egress.ipv6_cidr_blocks": [["fd00::/8"]],
    "aws_security_group.egress.security_groups": [],
    "aws_security_group.ingress.cidr_blocks": [["10.77.0.0/16"], ["0.0.0.0/0"]],
    "aws_security_group.ingress.ipv6_cidr_blocks": [["fd00::/8"]],
    "aws_security_group.ingress.protocol": ["udp"],
    "aws_security_group.ingress.security_groups": [],
    "aws_sns_topic_subscription.filter_policy": ['{"kind":["other"]}'],
    "aws_sns_topic_subscription.filter_policy_scope": ["MessageBody", "MessageAttributes"],
    "aws_vpc.instance_tenancy": [],
    "aws_vpc_security_group_egress_rule.cidr_ipv4": ["10.78.0.0/16"],
    "aws_vpc_security_group_ingress_rule.cidr_ipv4": ["10.78.0.0/16"],
}

# "type.path" that the schema would let be left out, and no service does.
NEEDED: Final[frozenset[str]] = frozenset(
    (
        "aws_lb_listener.default_action.order",
        "aws_lb_listener_rule.action.order",
        "aws_cloudwatch_event_connection.auth_parameters.oauth.oauth_http_parameters.body.value",
        "aws_cloudwatch_event_connection.auth_parameters.oauth.oauth_http_parameters.header.value",
        "aws_cloudwatch_event_connection.auth_parameters.oauth.oauth_http_parameters.query_string.value",
        "aws_pipes_pipe.enrichment_parameters",
        "aws_pipes_pipe.source_parameters",
        "aws_pipes_pipe.source_parameters.filter_criteria",
        "aws_pipes_pipe.source_parameters.filter_criteria.filter",
        "aws_scheduler_schedule.state",
        "aws_cloudwatch_event_connection.auth_parameters.invocation_http_parameters.body.value",
        "aws_cloudwatch_event_connection.auth_parameters.invocation_http_parameters.header.value",
        "aws_cloudwatch_event_connection.auth_parameters.invocation_http_parameters.query_string.value",
        "aws_cloudwatch_event_connection.auth_parameters.oauth.client_parameters",
        "aws_lambda_event_source_mapping.filter_criteria.filter.pattern",
        "aws_s3_bucket_acl.access_control_policy.grant",
        "aws_s3_bucket_lifecycle_configuration.rule",
        "aws_s3_bucket_website_configuration.index_document",
        "aws_s3_bucket_website_configuration.redirect_all_requests_to",
    )
)

# "type.path" that some resources of the type have, and others may not be given.
WHERE_THERE: Final[frozenset[str]] = frozenset(
    (
        "aws_dynamodb_table.read_capacity",
        "aws_dynamodb_table.write_capacity",
        "aws_dynamodb_table.global_secondary_index.read_capacity",
        "aws_dynamodb_table.global_secondary_index.write_capacity",
    )
)

# Attributes of a type that a service changes together: a mutation of one may show on the others as well.
COUPLED: Final[Mapping[str, Sequence[frozenset[str]]]] = {
    "aws_autoscaling_group": [frozenset({"launch_template.id", "launch_template.name"})],
    "aws_cognito_user_pool": [  # moto forgets what UpdateUserPool cannot be given
        frozenset({name, "alias_attributes", "username_attributes", "username_configuration"})
        for name in (*POOL, "password_policy", "sign_in_policy")
    ],
    "aws_default_vpc": [frozenset({"assign_generated_ipv6_cidr_block", "ipv6_cidr_block"})],
    "aws_lb": [frozenset({"subnets", "subnet_mapping"})],
    "aws_service_discovery_service": [
        frozenset({"dns_config.namespace_id", "dns_config.routing_policy", "dns_config.dns_records"})
    ],
    "aws_network_interface": [
        frozenset({"ipv6_addresses", "ipv6_address_count", "ipv6_address_list"}),
        frozenset({"private_ips", "private_ips_count", "private_ip_list"}),
    ],
    "aws_vpc": [frozenset({"assign_generated_ipv6_cidr_block", "ipv6_cidr_block"})],
    "aws_api_gateway_stage": [frozenset({"cache_cluster_enabled", "cache_cluster_size"})],
    "aws_appautoscaling_target": [frozenset({"suspended_state", "min_capacity", "max_capacity", "role_arn"})],
    "aws_cloudwatch_event_rule": [frozenset({"state", "is_enabled"})],
    "aws_cloudwatch_metric_alarm": [
        frozenset({"threshold", "threshold_metric_id"}),
        frozenset({"statistic", "extended_statistic", "metric_query", "metric_name", "namespace", "period"}),
    ],
    "aws_dynamodb_table": [
        frozenset({"billing_mode", "read_capacity", "write_capacity", "global_secondary_index"}),
        frozenset({"stream_enabled", "stream_view_type"}),
    ],
    "aws_ecs_service": [  # moto keeps of the deployment configuration what was given last
        frozenset({"deployment_maximum_percent", "deployment_minimum_healthy_percent", "deployment_circuit_breaker"})
    ],
    "aws_iam_account_password_policy": [frozenset({"max_password_age", "expire_passwords"})],
    "aws_kinesis_stream": [
        frozenset({"encryption_type", "kms_key_id"}),
        frozenset({"stream_mode_details", "shard_count"}),
    ],
    "aws_kms_key": [frozenset({"enable_key_rotation", "rotation_period_in_days"})],
    "aws_s3_bucket_website_configuration": [frozenset({"routing_rule", "routing_rules"})],
    "aws_route53_health_check": [  # moto forgets the regions and the children over any other change
        frozenset({"regions", "child_healthchecks", name})
        for name in (
            "child_health_threshold",
            "child_healthchecks",
            "disabled",
            "enable_sni",
            "failure_threshold",
            "fqdn",
            "insufficient_data_health_status",
            "invert_healthcheck",
            "ip_address",
            "port",
            "resource_path",
            "search_string",
        )
    ],
    "aws_secretsmanager_secret_rotation": [frozenset({"rotation_lambda_arn", "rotation_rules"})],
    "aws_sns_topic_subscription": [frozenset({"filter_policy", "filter_policy_scope"})],
    "aws_sqs_queue": [frozenset({"kms_master_key_id", "sqs_managed_sse_enabled"})],
}

# "type.attribute" -> why the oracle does not try it, or why nothing is to be seen of it. Everything else is exercised.
LISTED: Final[Mapping[str, str]] = {
    "aws_lb_listener.protocol": "moto takes the other certificates away with it",
    "aws_lb_listener.certificate_arn": "moto takes the other certificates away with it",
    "aws_main_route_table_association.route_table_id": "another table is another association, as Terraform says",
    "aws_route_table_association.route_table_id": "another table is another association, as Terraform says",
    "aws_api_gateway_usage_plan.quota_settings": "moto keeps numbers as text, which Terraform cannot read",
    "aws_api_gateway_usage_plan.throttle_settings": "moto keeps numbers as text, which Terraform cannot read",
    "aws_autoscaling_group.default_cooldown": "moto takes it and keeps nothing",
    "aws_autoscaling_group.desired_capacity": "machines start, and moto leaves their disks behind",
    "aws_autoscaling_group.min_size": "machines start, and moto leaves their disks behind",
    "aws_cloudwatch_log_metric_filter.metric_transformation": "moto keeps the old beside the new",
    "aws_cloudwatch_log_metric_filter.pattern": "moto keeps the old beside the new",
    "aws_instance.instance_type": "a machine has to be stopped for it",
    "aws_instance.monitoring": "moto has no such operation",
    "aws_lambda_function_event_invoke_config.destination_config": "moto keeps the old beside the new",
    "aws_lambda_function_event_invoke_config.maximum_event_age_in_seconds": "moto keeps the old beside the new",
    "aws_lambda_function_event_invoke_config.maximum_retry_attempts": "moto keeps the old beside the new",
    "aws_launch_template.default_version": "there is one version to choose from",
    "aws_launch_template.tags": "moto takes it and keeps nothing",
    "aws_s3_bucket_inventory.optional_fields": "moto's listing names none",
    "aws_cloudwatch_event_archive.description": "no operation takes it away again",
    "aws_service_discovery_service.dns_config": "moto forgets the namespace over a change of the records",
    "aws_service_discovery_instance.attributes": "moto registers an instance twice where AWS changes it",
    "aws_api_gateway_base_path_mapping.base_path": "another path is another mapping",
    "aws_db_subnet_group.description": "moto loses the group over it",
    "aws_db_subnet_group.subnet_ids": "moto loses the group over it",
    "aws_elasticache_subnet_group.description": "moto loses the group over it",
    "aws_elasticache_subnet_group.subnet_ids": "moto loses the group over it",
    "aws_kinesis_firehose_delivery_stream.extended_s3_configuration": "moto mixes it up with its backup's settings",
    "aws_mq_broker.maintenance_window_start_time": "moto has a day that is none, which cannot be put back",
    "aws_route53_health_check.regions": "moto forgets it over any other change",
    "aws_secretsmanager_secret_rotation.rotation_lambda_arn": "rotating makes new versions of the secret",
    "aws_secretsmanager_secret_rotation.rotation_rules": "rotating makes new versions of the secret",
    "aws_iam_group.name": "another name is another identity: everything in the group goes with it",
    "aws_iam_user.name": "another name is another identity: everything of the user goes with it",
    "aws_iam_group.path": "moto keeps the first path",
    "aws_iam_user.path": "moto keeps the first path",
    "aws_internet_gateway.vpc_id": "routes and addresses depend on it: another network takes them away",
}
