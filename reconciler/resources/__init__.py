"""Resource types: one entry each, one file per AWS service, loaded only when asked for.

How to add a type
-----------------
1. Put `ResourceType(name="aws_...", ...)` into the service's file and its `TYPES` tuple. A new file: add its type name
   prefixes to `MODULES` below (the longest prefix wins). `spec.py` explains each field; `sqs.py` is the plain
   example, `security_groups.py` the one with inline and standalone parts, `s3.py` one bucket with many resources,
   `iam.py` bulk reads, `events.py` nested reads and targets.
2. Every attribute of the provider's schema goes into `attributes` (a path, `At("Timeout")`, with a converter from
   `convert.py` where AWS writes it differently), `config_only` or `unchecked`. Values are those of Terraform's state.
3. Prefer one bulk read to a read per resource: `Bulk`, `expand`; let types share reads (module constants).
4. Name the error codes that say "there is none" in `absent`; name no others: they become gaps.
5. `writes`: for every mutable attribute the operations that set it, pure, from `subject.before` and `subject.after`;
   swapping the two must undo it. Link-like types (rules, attachments, policies, targets) also `create` and `delete`.
6. Write `tests/resources/golden/<type>/main.tf` and run `python -m tests.resources.record <type>`: real Terraform
   applies it to the sandbox, our reading is compared with its state, and `aws.json` and `expected.json` are written.
   Writes are proven there and back by rows in `tests/aws/test_round_trips.py` (`tests/support/round_trip.py`).
   Then `pytest tests/resources` holds the schema coverage, the operations' names and parameters, and the golden folder.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Final

from reconciler.resources.spec import ResourceType

MODULES: Final = {
    "aws_vpc": "vpc",
    "aws_subnet": "vpc",
    "aws_security_group": "security_groups",
    "aws_vpc_security_group": "security_groups",
    "aws_default_vpc": "vpc_defaults",
    "aws_default_subnet": "vpc_defaults",
    "aws_default_security_group": "vpc_defaults",
    "aws_route": "routing",
    "aws_route_table": "routing",
    "aws_default_route_table": "routing",
    "aws_main_route_table_association": "routing",
    "aws_internet_gateway": "gateways",
    "aws_nat_gateway": "gateways",
    "aws_eip": "gateways",
    "aws_vpc_peering_connection": "gateways",
    "aws_vpc_peering_connection_accepter": "peerings",
    "aws_vpc_peering_connection_options": "peerings",
    "aws_network_acl": "network_acls",
    "aws_default_network_acl": "network_acls",
    "aws_vpc_endpoint": "vpc_endpoints",
    "aws_vpc_endpoint_service": "vpc_endpoints",
    "aws_vpc_endpoint_policy": "endpoint_parts",
    "aws_vpc_endpoint_route_table_association": "endpoint_parts",
    "aws_vpc_endpoint_security_group_association": "endpoint_parts",
    "aws_vpc_endpoint_subnet_association": "endpoint_parts",
    "aws_ec2_managed_prefix_list": "transit",
    "aws_ec2_transit_gateway": "transit",
    "aws_eip_association": "interfaces",
    "aws_network_interface_sg_attachment": "edges",
    "aws_vpc_ipv4_cidr_block_association": "edges",
    "aws_egress_only_internet_gateway": "edges",
    "aws_vpn_gateway": "edges",
    "aws_customer_gateway": "edges",
    "aws_flow_log": "edges",
    "aws_key_pair": "volumes",
    "aws_ebs_volume": "volumes",
    "aws_volume_attachment": "volumes",
    "aws_instance": "instances",
    "aws_launch_template": "launching",
    "aws_autoscaling_group": "launching",
    "aws_network_interface": "interfaces",
    "aws_iam_user": "iam_principals",
    "aws_iam_group": "iam_principals",
    "aws_iam_policy_attachment": "iam_principals",
    "aws_iam_access_key": "iam_principals",
    "aws_iam_account_alias": "iam_trust",
    "aws_iam_account_password_policy": "iam_account",
    "aws_iam_saml_provider": "iam_account",
    "aws_iam_server_certificate": "iam_account",
    "aws_iam_user_login_profile": "iam_account",
    "aws_iam_role_policies_exclusive": "iam_exclusive",
    "aws_iam_role_policy_attachments_exclusive": "iam_exclusive",
    "aws_iam_user_policies_exclusive": "iam_exclusive",
    "aws_iam_user_policy_attachments_exclusive": "iam_exclusive",
    "aws_iam_group_policies_exclusive": "iam_exclusive",
    "aws_iam_group_policy_attachments_exclusive": "iam_exclusive",
    "aws_iam_instance_profile": "iam_trust",
    "aws_iam_openid_connect_provider": "iam_trust",
    "aws_iam_service_linked_role": "iam_trust",
    "aws_lb": "elb",
    "aws_lb_listener": "elb_listeners",
    "aws_lb_target_group": "elb_targets",
    "aws_route53_zone": "route53",
    "aws_route53_record": "route53",
    "aws_service_discovery": "discovery",
    "aws_apigatewayv2": "apigatewayv2",
    "aws_apigatewayv2_integration_response": "apigatewayv2_parts",
    "aws_apigatewayv2_model": "apigatewayv2_parts",
    "aws_apigatewayv2_route_response": "apigatewayv2_parts",
    "aws_apigatewayv2_vpc_link": "apigatewayv2_parts",
    "aws_api_gateway": "apigateway",
    "aws_api_gateway_account": "apigateway_domains",
    "aws_api_gateway_api_key": "apigateway_keys",
    "aws_api_gateway_authorizer": "apigateway_parts",
    "aws_api_gateway_base_path_mapping": "apigateway_domains",
    "aws_api_gateway_domain_name": "apigateway_domains",
    "aws_api_gateway_gateway_response": "apigateway_parts",
    "aws_api_gateway_method_settings": "apigateway_parts",
    "aws_api_gateway_model": "apigateway_parts",
    "aws_api_gateway_request_validator": "apigateway_parts",
    "aws_api_gateway_rest_api_policy": "apigateway_parts",
    "aws_apigatewayv2_api_mapping": "apigatewayv2_domains",
    "aws_apigatewayv2_domain_name": "apigatewayv2_domains",
    "aws_api_gateway_usage_plan": "apigateway_keys",
    "aws_api_gateway_vpc_link": "apigateway_domains",
    "aws_appsync_graphql_api": "appsync",
    "aws_glue_registry": "schemas",
    "aws_glue_schema": "schemas",
    "aws_iot_thing": "iot",
    "aws_ses_domain_identity": "mail",
    "aws_sesv2_configuration_set": "mail",
    "aws_sesv2_email_identity": "mail",
    "aws_vpclattice": "lattice",
    "aws_s3_bucket_lifecycle_configuration": "s3_sides",
    "aws_s3_bucket_logging": "s3_sides",
    "aws_s3_bucket_cors_configuration": "s3_sides",
    "aws_s3_bucket_notification": "s3_sides",
    "aws_s3_bucket_ownership_controls": "s3_sides",
    "aws_s3_bucket_acl": "s3_sides",
    "aws_s3_bucket_accelerate_configuration": "s3_rare",
    "aws_s3_bucket_website_configuration": "s3_rare",
    "aws_s3_bucket_replication_configuration": "s3_rare",
    "aws_s3_bucket_object_lock_configuration": "s3_rare",
    "aws_s3_bucket_inventory": "s3_rare",
    "aws_sqs": "sqs",
    "aws_sns": "sns",
    "aws_iam": "iam",
    "aws_lambda": "lambda_",
    "aws_lambda_alias": "lambda_links",
    "aws_lambda_event_source_mapping": "lambda_links",
    "aws_lambda_function_url": "lambda_links",
    "aws_lambda_function_event_invoke_config": "lambda_settings",
    "aws_lambda_layer_version": "lambda_links",
    "aws_lambda_permission": "lambda_links",
    "aws_cloudwatch_event": "events",
    "aws_cloudwatch_event_api_destination": "event_buses",
    "aws_cloudwatch_event_archive": "event_buses",
    "aws_cloudwatch_event_bus": "event_buses",
    "aws_cloudwatch_event_connection": "event_buses",
    "aws_cloudwatch_event_permission": "event_buses",
    "aws_acm_certificate": "certificates",
    "aws_cloudwatch_log": "logs",
    "aws_cloudwatch_metric_alarm": "alarms",
    "aws_cloudwatch_dashboard": "watching",
    "aws_guardduty_detector": "watching",
    "aws_config_configuration_recorder": "watching",
    "aws_config_delivery_channel": "watching",
    "aws_config_config_rule": "watching",
    "aws_athena_workgroup": "analysis",
    "aws_glue_catalog_database": "analysis",
    "aws_dynamodb_table": "dynamodb",
    "aws_dynamodb_resource_policy": "data_policies",
    "aws_kinesis_resource_policy": "data_policies",
    "aws_appautoscaling": "autoscaling",
    "aws_cognito": "cognito",
    "aws_db_instance": "databases",
    "aws_db_parameter_group": "databases",
    "aws_db_subnet_group": "subnet_groups",
    "aws_rds_cluster": "databases",
    "aws_rds_cluster_parameter_group": "databases",
    "aws_elasticache_subnet_group": "subnet_groups",
    "aws_ecr_lifecycle_policy": "ecr",
    "aws_ecr_repository": "ecr",
    "aws_efs": "efs",
    "aws_lb_listener_certificate": "elb_certificates",
    "aws_route53_health_check": "health_checks",
    "aws_vpc_dhcp_options": "dhcp",
    "aws_default_vpc_dhcp_options": "dhcp",
    "aws_wafv2_ip_set": "waf",
    "aws_ecs_cluster": "ecs",
    "aws_ecs_service": "ecs",
    "aws_ecs_task_definition": "ecs",
    "aws_kinesis": "kinesis",
    "aws_kinesis_firehose": "firehose",
    "aws_kms": "kms",
    "aws_secretsmanager": "secrets",
    "aws_sfn": "step_functions",
    "aws_ssm_parameter": "parameters",
    "aws_mq_broker": "mq",
    "aws_msk_cluster": "msk",
    "aws_msk_cluster_policy": "msk",
    "aws_msk_serverless_cluster": "msk",
    "aws_pipes": "pipes",
    "aws_scheduler": "scheduler",
    "aws_sns_topic_policy": "sns_policies",
    "aws_sns_platform_application": "sns_applications",
    "aws_s3_bucket": "s3",
}


class _Types(Mapping[str, ResourceType]):
    """Looks one type up by importing the one file that may hold it; iterating imports all of them."""

    def __getitem__(self, name: str) -> ResourceType:
        if name not in _found:
            prefix = max((p for p in MODULES if name == p or name.startswith(f"{p}_")), key=len, default=None)
            _found[name] = load(MODULES[prefix]).get(name) if prefix is not None else None
        entry = _found[name]
        if entry is None:
            raise KeyError(name)
        return entry

    def __iter__(self) -> Iterator[str]:
        for module in dict.fromkeys(MODULES.values()):
            yield from load(module)

    def __len__(self) -> int:
        return sum(1 for _ in self)


_found: dict[str, ResourceType | None] = {}
_loaded: dict[str, dict[str, ResourceType]] = {}


def load(module: str) -> dict[str, ResourceType]:
    """The types of one service's file, by name."""
    if module not in _loaded:
        types: tuple[ResourceType, ...] = importlib.import_module(f"{__name__}.{module}").TYPES
        _loaded[module] = {entry.name: entry for entry in types}
    return _loaded[module]


TYPES: Final[Mapping[str, ResourceType]] = _Types()

WITH_CHILDREN: Final = (
    "aws_api_gateway_rest_api",
    "aws_apigatewayv2_api",
    "aws_cloudwatch_event_bus_policy",
    "aws_cloudwatch_event_permission",
    "aws_default_network_acl",
    "aws_default_route_table",
    "aws_default_security_group",
    "aws_eip",
    "aws_iam_group",
    "aws_iam_group_policies_exclusive",
    "aws_iam_group_policy_attachments_exclusive",
    "aws_iam_role",
    "aws_iam_role_policies_exclusive",
    "aws_iam_role_policy_attachments_exclusive",
    "aws_iam_user",
    "aws_iam_user_policies_exclusive",
    "aws_iam_user_policy_attachments_exclusive",
    "aws_instance",
    "aws_kms_key",
    "aws_network_acl",
    "aws_network_interface",
    "aws_route_table",
    "aws_s3_bucket",
    "aws_secretsmanager_secret",
    "aws_security_group",
    "aws_sns_topic",
    "aws_sqs_queue",
    "aws_vpc_endpoint",
    "aws_vpc_peering_connection",
    "aws_vpc_peering_connection_accepter",
)
"""Every type with `children`, so that asking whose child a type is takes no import of all files."""
