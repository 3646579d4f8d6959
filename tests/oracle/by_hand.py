"""What somebody changes at a terminal and no entry repairs: for drift alone."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from reconciler.model import Operation
from reconciler.resources.spec import Subject
from tests.oracle.by_hand_ec2 import (
    acl_subnets,
    addresses,
    instance_profile,
    ipv6_of_subnet,
    ipv6_of_vpc,
    prefix_list_entries,
    shutdown,
    volume,
)
from tests.oracle.hand import Hand, Sets, news, side
from tests.oracle.hands import Hands, Refused
from tests.oracle.spelling import spelled

# -- one by one -----------------------------------------------------------------------------------------------


def _ip_set(hands: Hands, subject: Subject) -> Iterator[Operation]:
    after = dict(subject.after or {})
    named = {"Name": after["name"], "Scope": after["scope"], "Id": subject.id}
    token = hands.ask("wafv2", "get_ip_set", **named)["LockToken"]
    told = {"Addresses": after["addresses"] or []} | (
        {"Description": after["description"]} if after["description"] else {}
    )
    yield Operation("wafv2", "UpdateIPSet", {**named, **told, "LockToken": token})


def _profile_role(_hands: Hands, subject: Subject) -> Iterator[Operation]:
    before, after = side(subject, "role")
    for verb, role in (("Remove", before), ("Add", after)):
        if role:
            action = f"{verb}RoleToInstanceProfile" if verb == "Add" else f"{verb}RoleFromInstanceProfile"
            yield Operation("iam", action, {"InstanceProfileName": subject.id, "RoleName": role})


def _inline(kind: str) -> Hand:
    """Inline policies by their names: one more comes and goes; those that are there have documents of their own."""
    document = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}'

    def hand(_hands: Hands, subject: Subject) -> Iterator[Operation]:
        new, gone = news(subject, "policy_names")
        owner = {f"{kind}Name": (subject.after or {})[f"{kind.lower()}_name"]}
        for name in new:
            yield Operation("iam", f"Put{kind}Policy", {**owner, "PolicyName": name, "PolicyDocument": document})
        for name in gone:
            if not name.startswith("other"):
                raise Refused(f"{name} could not be put back")
            yield Operation("iam", f"Delete{kind}Policy", {**owner, "PolicyName": name})

    return hand


def _metrics(_hands: Hands, subject: Subject) -> Iterator[Operation]:
    new, gone = news(subject, "enabled_metrics")
    named = {"AutoScalingGroupName": subject.id}
    if new:
        yield Operation(
            "autoscaling", "EnableMetricsCollection", {**named, "Metrics": list(new), "Granularity": "1Minute"}
        )
    if gone:
        yield Operation("autoscaling", "DisableMetricsCollection", {**named, "Metrics": list(gone)})


def _indexes(_hands: Hands, subject: Subject) -> Iterator[Operation]:
    before, after = (
        {index["name"]: index for index in cast("list[dict[str, Any]]", one or [])}
        for one in side(subject, "global_secondary_index")
    )
    table, changes = dict(subject.after or {}), list[Any]()
    changes += [{"Delete": {"IndexName": name}} for name in sorted(before.keys() - after.keys())]
    for name, index in after.items():
        keys = [(index["hash_key"], "HASH"), (index["range_key"], "RANGE")]
        throughput = {"ReadCapacityUnits": index["read_capacity"], "WriteCapacityUnits": index["write_capacity"]}
        made: dict[str, Any] = {"IndexName": name}
        if index["read_capacity"]:
            made["ProvisionedThroughput"] = throughput
        if name not in before:
            made["KeySchema"] = [{"AttributeName": key, "KeyType": kind} for key, kind in keys if key]
            made["Projection"] = {"ProjectionType": index["projection_type"]}
            if index["non_key_attributes"]:
                made["Projection"]["NonKeyAttributes"] = index["non_key_attributes"]
            changes.append({"Create": made})
        elif index != before[name]:
            changes.append({"Update": made})
    attributes = [{"AttributeName": a["name"], "AttributeType": a["type"]} for a in table["attribute"]]
    given = {"TableName": table["name"], "AttributeDefinitions": attributes, "GlobalSecondaryIndexUpdates": changes}
    yield Operation("dynamodb", "UpdateTable", given)


def _response_parameters(_hands: Hands, subject: Subject) -> Iterator[Operation]:
    """What is gone from it has to be named as well."""
    before, after = (
        {p["status_code"]: p["mappings"] for p in cast("list[dict[str, Any]]", one or [])}
        for one in side(subject, "response_parameters")
    )
    given = {**{status: {} for status in before}, **after}
    named = {"ApiId": (subject.after or {})["api_id"], "IntegrationId": subject.id}
    yield Operation("apigatewayv2", "UpdateIntegration", {**named, "ResponseParameters": given})


def _firehose(kind: str) -> Hand:
    """The settings of one kind of destination."""
    attribute, member = f"{kind}_configuration", {"http_endpoint": "HttpEndpoint", "redshift": "Redshift"}[kind]

    def hand(hands: Hands, subject: Subject) -> Iterator[Operation]:
        known = hands.ask("firehose", "describe_delivery_stream", DeliveryStreamName=(subject.after or {})["name"])
        stream = known["DeliveryStreamDescription"]
        shape = hands.input_of("firehose", "UpdateDestination").members[f"{member}DestinationUpdate"]
        names = {
            f"{attribute}.s3_configuration": "S3Update",
            f"{attribute}.buffering_size": "",
            f"{attribute}.cluster_jdbcurl": "ClusterJDBCURL",
        }
        _, after = side(subject, attribute)
        made = spelled(shape, after, names, attribute)
        given = {
            "DeliveryStreamName": stream["DeliveryStreamName"],
            "CurrentDeliveryStreamVersionId": stream["VersionId"],
            "DestinationId": stream["Destinations"][0]["DestinationId"],
        }
        yield Operation("firehose", "UpdateDestination", {**given, f"{member}DestinationUpdate": made})

    return hand


def _definition(_hands: Hands, subject: Subject) -> Iterator[Operation]:
    _, after = side(subject, "schema_definition")
    yield Operation("glue", "RegisterSchemaVersion", {"SchemaId": {"SchemaArn": subject.id}, "SchemaDefinition": after})


def _code(_hands: Hands, subject: Subject) -> Iterator[Operation]:
    after = dict(subject.after or {})
    code = {"ImageUri": after["image_uri"]} if after["image_uri"] else {"ZipFile": Hands.archive()}
    if "architectures" in subject.changed:
        code["Architectures"] = after["architectures"]
    elif not after["image_uri"]:
        raise Refused("code is no image")
    yield Operation("lambda", "UpdateFunctionCode", {"FunctionName": subject.id, **code})


def _authorized(hands: Hands, subject: Subject) -> Iterator[Operation]:
    """Nobody can read the secret parts: others take their place."""
    (made,) = _CONNECTION(hands, subject)
    given = copy.deepcopy(dict(made.parameters["AuthParameters"]))
    given.get("ApiKeyAuthParameters", {}).setdefault("ApiKeyValue", "other")
    given.get("BasicAuthParameters", {}).setdefault("Password", "other")
    signed = given.get("OAuthParameters", {})
    signed.get("ClientParameters", {}).setdefault("ClientSecret", "other")
    for kind in ("Body", "Header", "QueryString"):
        for holder in (signed.get("OAuthHttpParameters", {}), given.get("InvocationHttpParameters", {})):
            for parameter in holder.get(f"{kind}Parameters", ()):
                parameter.setdefault("Value", "other")
    yield Operation(made.service, made.operation, {**made.parameters, "AuthParameters": given})


def _identifier(_hands: Hands, subject: Subject) -> Iterator[Operation]:
    before, after = side(subject, "identifier")
    given = {"DBInstanceIdentifier": before, "NewDBInstanceIdentifier": after, "ApplyImmediately": True}
    yield Operation("rds", "ModifyDBInstance", given)


# -- all of them ----------------------------------------------------------------------------------------------

_TEMPLATE_DATA: Final = (
    "block_device_mappings cpu_options credit_specification disable_api_stop disable_api_termination ebs_optimized"
    " enclave_options hibernation_options iam_instance_profile image_id instance_initiated_shutdown_behavior"
    " instance_type kernel_id key_name license_specification maintenance_options metadata_options monitoring placement"
    " private_dns_name_options ram_disk_id security_group_names tag_specifications user_data vpc_security_group_ids"
)
_TEMPLATE: Final = Sets(
    "ec2:CreateLaunchTemplateVersion",
    {"LaunchTemplateId": "id", "VersionDescription": "description"},
    "LaunchTemplateData",
    {
        "security_group_names": "SecurityGroups",
        "vpc_security_group_ids": "SecurityGroupIds",
        "license_specification": "LicenseSpecifications",
    },
    whole=tuple(_TEMPLATE_DATA.split()),
)


def _described(hands: Hands, subject: Subject) -> Iterator[Operation]:
    """The next version is described in another way."""
    told = Subject(subject.id, subject.before, subject.after, frozenset(), subject.scope)
    (made,) = _TEMPLATE(hands, told)
    given = {**made.parameters, "VersionDescription": (subject.after or {}).get("description")}
    yield Operation(made.service, made.operation, {k: v for k, v in given.items() if v})


POOL: Final = (
    "account_recovery_setting",
    "admin_create_user_config",
    "auto_verified_attributes",
    "deletion_protection",
    "device_configuration",
    "email_configuration",
    "email_verification_message",
    "email_verification_subject",
    "lambda_config",
    "mfa_configuration",
    "sms_authentication_message",
    "sms_configuration",
    "sms_verification_message",
    "user_attribute_update_settings",
    "user_pool_add_ons",
    "user_pool_tier",
    "verification_message_template",
)
_UPDATE_POOL: Final = Sets(
    "cognito-idp:UpdateUserPool",
    {"UserPoolId": "id"},
    names={
        "account_recovery_setting.recovery_mechanism": "RecoveryMechanisms",
        "email_configuration.from_email_address": "From",
    },
    whole=POOL,
)


def _pool(hands: Hands, subject: Subject) -> Iterator[Operation]:
    """All at once: the operation resets what it is not given."""
    shape = hands.input_of("cognito-idp", "UpdateUserPool").members["Policies"]
    after = dict(subject.after or {})
    policies = spelled(shape, {name: after.get(name) for name in ("password_policy", "sign_in_policy")}, {})
    changed = subject.changed & {*POOL}
    (whole,) = _UPDATE_POOL(hands, Subject(subject.id, subject.before, subject.after, changed, subject.scope))
    yield Operation("cognito-idp", "UpdateUserPool", {**whole.parameters, "Policies": policies})


_FACTORS: Final = Sets(
    "cognito-idp:SetUserPoolMfaConfig",
    {"UserPoolId": "id"},
    whole=(
        "email_mfa_configuration",
        "mfa_configuration",
        "software_token_mfa_configuration",
        "web_authn_configuration",
    ),
)
_DATABASE: Final = Sets(
    "rds:ModifyDBInstance",
    {"DBInstanceIdentifier": "identifier"},
    names={
        "port": "DBPortNumber",
        "performance_insights_enabled": "EnablePerformanceInsights",
        "customer_owned_ip_enabled": "EnableCustomerOwnedIp",
    },
    fixed={"ApplyImmediately": True},
)
_CLUSTER: Final = Sets(
    "rds:ModifyDBCluster",
    {"DBClusterIdentifier": "id"},
    names={
        "performance_insights_enabled": "EnablePerformanceInsights",
        "serverlessv2_scaling_configuration": "ServerlessV2ScalingConfiguration",
    },
    fixed={"ApplyImmediately": True},
)


def _log_exports(operation: str, parameter: str) -> Hand:
    def hand(_hands: Hands, subject: Subject) -> Iterator[Operation]:
        new, gone = news(subject, "enabled_cloudwatch_logs_exports")
        name = (subject.before or {}).get("identifier") or subject.id
        logs: dict[str, Any] = {"EnableLogTypes": list(new), "DisableLogTypes": list(gone)}
        given = {parameter: name, "CloudwatchLogsExportConfiguration": logs, "ApplyImmediately": True}
        yield Operation("rds", operation, given)

    return hand


def _cluster_roles(_hands: Hands, subject: Subject) -> Iterator[Operation]:
    new, gone = news(subject, "iam_roles")
    for verb, roles in (("AddRoleTo", new), ("RemoveRoleFrom", gone)):
        for role in roles:
            yield Operation("rds", f"{verb}DBCluster", {"DBClusterIdentifier": subject.id, "RoleArn": role})


_GROUP: Final = Sets(
    "autoscaling:UpdateAutoScalingGroup",
    {"AutoScalingGroupName": "id"},
    names={"launch_configuration": "LaunchConfigurationName"},
)
_LIST: Final = Sets(
    "ec2:ModifyManagedPrefixList", {"PrefixListId": "id"}, names={"name": "PrefixListName"}, whole=("name",)
)
_HTTP: Final = Sets("apigatewayv2:UpdateStage", {"ApiId": "api_id", "StageName": "id"})
_CATALOG: Final = Sets(
    "glue:UpdateDatabase",
    {"Name": "name", "CatalogId": "catalog_id"},
    "DatabaseInput",
    whole=("name", "description", "location_uri", "parameters"),
)
_RECORDER: Final = Sets(
    "config:PutConfigurationRecorder",
    {},
    "ConfigurationRecorder",
    {"role_arn": "roleARN"},
    whole=("name", "role_arn", "recording_group", "recording_mode"),
)
_CONNECTION: Final = Sets(
    "events:UpdateConnection",
    {"Name": "name"},
    names={
        "auth_parameters.api_key": "ApiKeyAuthParameters",
        "auth_parameters.api_key.key": "ApiKeyName",
        "auth_parameters.api_key.value": "ApiKeyValue",
        "auth_parameters.basic": "BasicAuthParameters",
        "auth_parameters.oauth": "OAuthParameters",
        "auth_parameters.oauth.oauth_http_parameters": "OAuthHttpParameters",
        "auth_parameters.oauth.client_parameters.client_id": "ClientID",
        **{
            f"auth_parameters.{holder}.{kind}": member
            for holder in ("invocation_http_parameters", "oauth.oauth_http_parameters")
            for kind, member in (
                ("body", "BodyParameters"),
                ("header", "HeaderParameters"),
                ("query_string", "QueryStringParameters"),
            )
        },
    },
    whole=("authorization_type", "auth_parameters"),
)
_ENDPOINT: Final = Sets("ec2:ModifyVpcEndpoint", {"VpcEndpointId": "id"})
_APPLE: Final = Sets("sns:SetPlatformApplicationAttributes", {"PlatformApplicationArn": "arn"}, "Attributes")
_WORKGROUP: Final = Sets(
    "athena:UpdateWorkGroup", {"WorkGroup": "name"}, names={"configuration": "ConfigurationUpdates"}
)
_CERTIFICATE: Final = Sets(
    "iam:UpdateServerCertificate", {"ServerCertificateName": "name"}, names={"name": "NewServerCertificateName"}
)


def _each(names: str, hand: Hand) -> dict[str, Hand]:
    return dict.fromkeys(names.split(), hand)


BY_HAND: Final[Mapping[str, Mapping[str, Hand]]] = {
    "aws_apigatewayv2_integration": _each("response_parameters", _response_parameters),
    "aws_apigatewayv2_stage": _each("access_log_settings route_settings", _HTTP),
    "aws_athena_workgroup": _each("configuration", _WORKGROUP),
    "aws_autoscaling_group": {
        **_each(
            "availability_zones context default_instance_warmup desired_capacity_type instance_maintenance_policy"
            " launch_configuration placement_group service_linked_role_arn",
            _GROUP,
        ),
        **_each("enabled_metrics", _metrics),
    },
    "aws_cloudwatch_event_connection": _each("authorization_type auth_parameters", _authorized),
    "aws_cognito_user_pool": {
        **_each(" ".join(POOL), _pool),
        **_each("password_policy sign_in_policy", _pool),
        **_each(" ".join(_FACTORS.whole), _FACTORS),
    },
    "aws_config_configuration_recorder": _each("recording_mode", _RECORDER),
    "aws_db_instance": {
        **_each(
            "allocated_storage customer_owned_ip_enabled db_subnet_group_name dedicated_log_volume iops license_model"
            " engine_lifecycle_support monitoring_role_arn network_type performance_insights_enabled port replica_mode"
            " performance_insights_kms_key_id performance_insights_retention_period storage_throughput storage_type",
            _DATABASE,
        ),
        **_each("enabled_cloudwatch_logs_exports", _log_exports("ModifyDBInstance", "DBInstanceIdentifier")),
        **_each("identifier", _identifier),
    },
    "aws_default_network_acl": _each("subnet_ids", acl_subnets),
    "aws_default_subnet": _each("ipv6_cidr_block", ipv6_of_subnet),
    "aws_default_vpc": _each("assign_generated_ipv6_cidr_block", ipv6_of_vpc),
    "aws_dynamodb_table": _each("global_secondary_index", _indexes),
    "aws_ebs_volume": _each("size", volume),
    "aws_ec2_managed_prefix_list": {**_each("entry", prefix_list_entries), **_each("max_entries name", _LIST)},
    "aws_glue_catalog_database": _each("description location_uri parameters", _CATALOG),
    "aws_glue_schema": _each("schema_definition", _definition),
    "aws_iam_group_policies_exclusive": _each("policy_names", _inline("Group")),
    "aws_iam_instance_profile": _each("role", _profile_role),
    "aws_iam_role_policies_exclusive": _each("policy_names", _inline("Role")),
    "aws_iam_server_certificate": _each("name", _CERTIFICATE),
    "aws_iam_user_policies_exclusive": _each("policy_names", _inline("User")),
    "aws_instance": {
        **_each("iam_instance_profile", instance_profile),
        **_each("instance_initiated_shutdown_behavior", shutdown),
    },
    "aws_lambda_function": _each("architectures image_uri", _code),
    "aws_kinesis_firehose_delivery_stream": _each("http_endpoint_configuration", _firehose("http_endpoint")),
    "aws_launch_template": {
        **_each(_TEMPLATE_DATA, _TEMPLATE),
        **_each("description", _described),
    },
    "aws_network_acl": _each("subnet_ids", acl_subnets),
    "aws_network_interface": {
        **_each("ipv6_addresses", addresses("ipv6_addresses", "Ipv6Addresses", "Ipv6Addresses")),
        **_each("private_ips", addresses("private_ips", "PrivateIpAddresses", "PrivateIpAddresses")),
    },
    "aws_rds_cluster": {
        **_each(
            "allocated_storage backtrack_window db_cluster_instance_class enable_http_endpoint iops"
            " engine_lifecycle_support monitoring_interval monitoring_role_arn network_type"
            " performance_insights_enabled performance_insights_kms_key_id performance_insights_retention_period"
            " serverlessv2_scaling_configuration",
            _CLUSTER,
        ),
        **_each("enabled_cloudwatch_logs_exports", _log_exports("ModifyDBCluster", "DBClusterIdentifier")),
        **_each("iam_roles", _cluster_roles),
    },
    "aws_subnet": _each("ipv6_cidr_block", ipv6_of_subnet),
    "aws_vpc": _each("assign_generated_ipv6_cidr_block", ipv6_of_vpc),
    "aws_vpc_endpoint": _each("dns_options subnet_configuration", _ENDPOINT),
    "aws_wafv2_ip_set": _each("addresses description", _ip_set),
}
