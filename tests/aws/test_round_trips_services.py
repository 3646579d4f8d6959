"""Writes of the services between machines: changed through us, read again, undone through us, read again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from botocore.session import Session

from reconciler.aws import Cloud, Settings
from reconciler.model import Provider
from reconciler.sandbox.aws_endpoint import AwsEndpoint
from tests.aws.conftest import REGION
from tests.support.round_trip import RoundTrip

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/worker"
OTHER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/other"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:work"
DEAD = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"
TAGS = {"Team": "other", "New": "yes"}
TAG_LIST = [{"Key": "Team", "Value": "core"}]
Client = Callable[[str], Any]


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def policy(action: str, principal: Any = "*", sid: str = "") -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **({"Sid": sid} if sid else {})}]})


TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
        ],
    }
)


@pytest.fixture(scope="module")
def made() -> Iterator[tuple[RoundTrip, dict[str, Any]]]:
    """One estate for all: every round trip leaves it as it found it, which is itself a test."""
    with AwsEndpoint() as endpoint, Cloud(Settings(endpoint_url=endpoint.url)) as cloud:
        session = Session()
        session.set_credentials("test", "test")
        ids = seed(lambda name: session.create_client(name, region_name=REGION, endpoint_url=endpoint.url))
        provider = Provider(region=REGION, access_key="test", secret_key="test", s3_use_path_style=True)
        yield RoundTrip(cloud, provider), ids


def seed(client: Client) -> dict[str, Any]:
    for name in ("worker", "other"):
        client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    for name in ("work", "dead"):
        client("sqs").create_queue(QueueName=name)
    ids = _keys(client("kms"))
    _events(client("events"))
    _schedules(client("scheduler"))
    _streams(client)
    _function(client("lambda"))
    ids |= _watching(client)
    ids |= _secrets(client, ids["key"])
    ids |= _containers(client)
    _table(client("dynamodb"))
    return ids | _rest(client)


def _keys(kms: Any) -> dict[str, Any]:
    keys = {
        name: kms.create_key(Description=name, Tags=[{"TagKey": "Team", "TagValue": "core"}])["KeyMetadata"]["KeyId"]
        for name in ("key", "spare")
    }
    kms.create_alias(AliasName="alias/main", TargetKeyId=keys["key"])
    kms.create_grant(KeyId=keys["key"], GranteePrincipal=ROLE, Operations=["Decrypt"], Name="reader")
    return {**keys, **{f"{name}_arn": arn("kms", f"key/{id_}") for name, id_ in keys.items()}}


def _events(events: Any) -> None:
    events.create_event_bus(Name="orders", Tags=TAG_LIST)
    events.create_event_bus(Name="shared")
    events.put_permission(
        EventBusName="orders", StatementId="partner", Principal="111111111111", Action="events:PutEvents"
    )
    resource = {"Resource": arn("events", "event-bus/shared")}
    shared = json.loads(policy("events:PutEvents", {"AWS": "arn:aws:iam::111111111111:root"}, "all"))
    shared["Statement"][0] |= resource
    events.put_permission(EventBusName="shared", Policy=json.dumps(shared))
    events.create_archive(
        ArchiveName="kept",
        EventSourceArn=arn("events", "event-bus/orders"),
        RetentionDays=3,
        Description="short",
        EventPattern='{"source": ["b"]}',
    )
    key = {"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"}}
    events.create_connection(Name="partner", AuthorizationType="API_KEY", AuthParameters=key)
    connection = events.describe_connection(Name="partner")["ConnectionArn"]
    events.create_api_destination(
        Name="hook",
        ConnectionArn=connection,
        InvocationEndpoint="https://example.com/a",
        HttpMethod="POST",
        InvocationRateLimitPerSecond=10,
    )


def _schedules(scheduler: Any) -> None:
    scheduler.create_schedule_group(Name="nightly", Tags=TAG_LIST)
    scheduler.create_schedule(
        Name="close",
        GroupName="nightly",
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": QUEUE, "RoleArn": ROLE},
    )


def _streams(client: Client) -> None:
    client("kinesis").create_stream(StreamName="orders", ShardCount=1)
    client("kinesis").add_tags_to_stream(StreamName="orders", Tags={"Team": "core"})
    client("kinesis").register_stream_consumer(StreamARN=arn("kinesis", "stream/orders"), ConsumerName="audit")
    client("s3").create_bucket(Bucket="landing", CreateBucketConfiguration={"LocationConstraint": REGION})
    client("firehose").create_delivery_stream(
        DeliveryStreamName="orders",
        ExtendedS3DestinationConfiguration={
            "RoleARN": ROLE,
            "BucketARN": "arn:aws:s3:::landing",
            "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 300},
            "CompressionFormat": "UNCOMPRESSED",
            "CloudWatchLoggingOptions": {"Enabled": False},
            "S3BackupMode": "Disabled",
        },
        Tags=TAG_LIST,
    )
    client("pipes").create_pipe(Name="orders", RoleArn=ROLE, Source=QUEUE, Target=DEAD, Tags={"Team": "core"})


def _function(lambda_: Any) -> None:
    image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/app:1"
    lambda_.create_function(
        FunctionName="worker", Role=ROLE, PackageType="Image", Code={"ImageUri": image}, Publish=True
    )
    lambda_.create_alias(FunctionName="worker", Name="live", FunctionVersion="1", Description="first")
    lambda_.add_permission(
        FunctionName="worker",
        StatementId="topic",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
        SourceArn=arn("sns", "orders"),
    )
    lambda_.create_event_source_mapping(EventSourceArn=QUEUE, FunctionName="worker", BatchSize=5, Tags={"Team": "core"})
    lambda_.create_function_url_config(FunctionName="worker", AuthType="AWS_IAM", Cors={"AllowMethods": ["PUT"]})


def _watching(client: Client) -> dict[str, Any]:
    logs, topic = client("logs"), client("sns").create_topic(Name="orders")["TopicArn"]
    logs.create_log_group(logGroupName="/orders", tags={"Team": "core"})
    stream = arn("kinesis", "stream/orders")
    logs.put_subscription_filter(
        logGroupName="/orders", filterName="all", filterPattern="", destinationArn=stream, roleArn=ROLE
    )
    metric = {"metricName": "Errors", "metricNamespace": "Orders", "metricValue": "1"}
    logs.put_metric_filter(
        logGroupName="/orders", filterName="errors", filterPattern="ERROR", metricTransformations=[metric]
    )
    logs.put_resource_policy(policyName="events", policyDocument=policy("logs:PutLogEvents"))
    client("cloudwatch").put_metric_alarm(
        AlarmName="age",
        Namespace="AWS/SQS",
        MetricName="Age",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=300,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="missing",
        Tags=TAG_LIST,
    )
    client("stepfunctions").create_state_machine(
        name="orders",
        roleArn=ROLE,
        definition='{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}',
        tags=[{"key": "Team", "value": "core"}],
    )
    return {"topic": topic}


def _secrets(client: Client, key: str) -> dict[str, Any]:
    secrets = client("secretsmanager")
    secret = secrets.create_secret(Name="orders", SecretString="first", Tags=TAG_LIST, Description="login")["ARN"]
    secrets.put_resource_policy(SecretId=secret, ResourcePolicy=policy("secretsmanager:GetSecretValue"))
    secrets.rotate_secret(SecretId=secret, RotationRules={"AutomaticallyAfterDays": 30})
    client("ssm").put_parameter(Name="/orders/limit", Value="100", Type="String", Tags=TAG_LIST)
    client("ssm").put_parameter(Name="/orders/token", Value="s3cret", Type="SecureString", KeyId=key)
    certificate = client("acm").request_certificate(DomainName="orders.example.com", Tags=TAG_LIST)
    return {"secret": secret, "certificate": certificate["CertificateArn"]}


def _containers(client: Client) -> dict[str, Any]:
    ecs, ec2 = client("ecs"), client("ec2")
    client("ecr").create_repository(repositoryName="orders", tags=TAG_LIST)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    tags = [{"key": "Team", "value": "core"}]
    cluster = ecs.create_cluster(clusterName="orders", tags=tags)["cluster"]["clusterArn"]
    container = {"name": "api", "image": "nginx", "memory": 128}
    for _ in range(2):
        ecs.register_task_definition(family="orders", containerDefinitions=[container], tags=tags)
    group = ec2.create_security_group(GroupName="api", Description="api", VpcId=vpc)["GroupId"]
    network = {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": [group], "assignPublicIp": "DISABLED"}}
    ecs.create_service(
        cluster=cluster,
        serviceName="api",
        taskDefinition="orders:1",
        desiredCount=1,
        networkConfiguration=network,
        tags=tags,
    )
    return {"cluster": cluster, "subnet": subnet, "task": arn("ecs", "task-definition/orders:1")}


def _table(dynamodb: Any) -> None:
    dynamodb.create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 2, "WriteCapacityUnits": 2},
        Tags=TAG_LIST,
    )
    dynamodb.update_time_to_live(
        TableName="orders", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )


def _rest(client: Client) -> dict[str, Any]:
    broker = client("mq").create_broker(
        BrokerName="orders",
        AutoMinorVersionUpgrade=False,
        DeploymentMode="SINGLE_INSTANCE",
        EngineType="RabbitMQ",
        EngineVersion="3.13",
        HostInstanceType="mq.t3.micro",
        PubliclyAccessible=False,
        Users=[],
        Tags={"Team": "core"},
    )
    return {"broker": broker["BrokerId"]}


SCHEDULE = {"name": "close", "group_name": "nightly"}
LIMIT = {"name": "/orders/limit"}
STREAM = arn("kinesis", "stream/orders")
MAPPING = {"event_source_arn": QUEUE}
MACHINE = {"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}
GROUP = {"log_group_name": "/orders"}

CHANGES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("aws_sns_topic_policy", {"arn": "{topic}"}, {"policy": policy("sns:Publish")}),
    ("aws_kms_key", {"description": "key"}, {"enable_key_rotation": True, "tags": TAGS}),
    ("aws_kms_key", {"description": "spare"}, {"policy": policy("kms:*")}),
    ("aws_kms_key", {"description": "spare"}, {"is_enabled": False}),
    ("aws_kms_key_policy", {"key_id": "{spare}"}, {"policy": policy("kms:Decrypt")}),
    (
        "aws_kms_alias",
        {"name": "alias/main"},
        {"target_key_id": "{spare}"},
    ),
    ("aws_cloudwatch_event_bus", {"name": "orders"}, {"tags": TAGS}),
    (
        "aws_cloudwatch_event_bus_policy",
        {"event_bus_name": "shared"},
        {
            "policy": json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "all",
                            "Effect": "Allow",
                            "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
                            "Action": "events:PutEvents",
                            "Resource": arn("events", "event-bus/shared"),
                        }
                    ],
                }
            )
        },
    ),
    (
        "aws_cloudwatch_event_archive",
        {"name": "kept"},
        {"retention_days": 30, "description": "longer", "event_pattern": '{"source": ["a"]}'},
    ),
    (
        "aws_cloudwatch_event_api_destination",
        {"name": "hook"},
        {
            "invocation_endpoint": "https://example.com/b",
            "http_method": "PUT",
            "description": "changed",
            "invocation_rate_limit_per_second": 5,
        },
    ),
    ("aws_cloudwatch_event_connection", {"name": "partner"}, {"description": "changed"}),
    ("aws_scheduler_schedule_group", {"name": "nightly"}, {"tags": TAGS}),
    (
        "aws_scheduler_schedule",
        SCHEDULE,
        {
            "description": "closes",
            "schedule_expression": "rate(2 hours)",
            "schedule_expression_timezone": "Europe/Berlin",
            "state": "DISABLED",
            "flexible_time_window": [{"mode": "FLEXIBLE", "maximum_window_in_minutes": 5}],
        },
    ),
    ("aws_kinesis_stream", {"name": "orders"}, {"retention_period": 48, "tags": TAGS}),
    ("aws_kinesis_stream", {"name": "orders"}, {"shard_level_metrics": ["IncomingBytes"]}),
    ("aws_kinesis_stream", {"name": "orders"}, {"encryption_type": "KMS", "kms_key_id": "{key_arn}"}),
    ("aws_kinesis_stream", {"name": "orders"}, {"shard_count": 2}),
    ("aws_pipes_pipe", {"name": "orders"}, {"description": "x", "role_arn": OTHER_ROLE, "tags": TAGS}),
    ("aws_lambda_alias", {"name": "live"}, {"description": "", "function_version": "$LATEST"}),
    ("aws_lambda_alias", {"name": "live"}, {"routing_config": [{"additional_version_weights": {"1": 0.5}}]}),
    (
        "aws_lambda_permission",
        {"statement_id": "topic"},
        {"principal": "events.amazonaws.com", "source_arn": arn("events", "rule/tick"), "source_account": ACCOUNT},
    ),
    (
        "aws_lambda_event_source_mapping",
        MAPPING,
        {
            "batch_size": 7,
            "maximum_batching_window_in_seconds": 3,
            "function_response_types": ["ReportBatchItemFailures"],
        },
    ),
    ("aws_lambda_event_source_mapping", MAPPING, {"enabled": False}),
    ("aws_lambda_event_source_mapping", MAPPING, {"filter_criteria": [{"filter": [{"pattern": '{"a": ["b"]}'}]}]}),
    (
        "aws_lambda_function_url",
        {"function_name": "worker", "qualifier": ""},
        {
            "authorization_type": "NONE",
            "cors": [
                {
                    "allow_credentials": True,
                    "allow_headers": ["date"],
                    "allow_methods": ["GET"],
                    "allow_origins": ["https://example.com"],
                    "expose_headers": [],
                    "max_age": 5,
                }
            ],
        },
    ),
    ("aws_cloudwatch_log_group", {"name": "/orders"}, {"retention_in_days": 14, "tags": TAGS}),
    ("aws_cloudwatch_log_subscription_filter", GROUP, {"filter_pattern": "ERROR", "role_arn": OTHER_ROLE}),
    ("aws_cloudwatch_log_resource_policy", {"policy_name": "events"}, {"policy_document": policy("logs:*")}),
    (
        "aws_cloudwatch_metric_alarm",
        {"alarm_name": "age"},
        {
            "threshold": 5,
            "evaluation_periods": 2,
            "datapoints_to_alarm": 2,
            "comparison_operator": "LessThanThreshold",
            "alarm_actions": [arn("sns", "orders")],
            "alarm_description": "changed",
            "dimensions": {"QueueName": "work"},
            "actions_enabled": False,
            "tags": TAGS,
        },
    ),
    (
        "aws_sfn_state_machine",
        {"name": "orders"},
        {"definition": json.dumps(MACHINE), "role_arn": OTHER_ROLE, "tags": TAGS},
    ),
    ("aws_sfn_state_machine", {"name": "orders"}, {"tracing_configuration": [{"enabled": True}]}),
    ("aws_secretsmanager_secret", {"name": "orders"}, {"description": "changed", "tags": TAGS}),
    ("aws_secretsmanager_secret", {"name": "orders"}, {"kms_key_id": "{key_arn}"}),
    ("aws_secretsmanager_secret", {"name": "orders"}, {"policy": ""}),
    ("aws_secretsmanager_secret_policy", {"secret_arn": "{secret}"}, {"policy": policy("secretsmanager:*")}),
    ("aws_ssm_parameter", LIMIT, {"value": "200", "description": "more", "allowed_pattern": "^[0-9]+$"}),
    ("aws_ssm_parameter", LIMIT, {"tags": TAGS}),
    ("aws_acm_certificate", {"domain_name": "orders.example.com"}, {"tags": TAGS}),
    ("aws_ecr_repository", {"name": "orders"}, {"image_tag_mutability": "IMMUTABLE", "tags": TAGS}),
    ("aws_ecr_repository", {"name": "orders"}, {"image_scanning_configuration": [{"scan_on_push": True}]}),
    (
        "aws_ecs_cluster",
        {"name": "orders"},
        {"setting": [{"name": "containerInsights", "value": "enhanced"}], "tags": TAGS},
    ),
    ("aws_ecs_service", {"name": "api"}, {"desired_count": 3, "tags": TAGS}),
    ("aws_ecs_service", {"name": "api"}, {"task_definition": arn("ecs", "task-definition/orders:2")}),
    ("aws_ecs_task_definition", {"arn": "{task}"}, {"tags": TAGS}),
    ("aws_dynamodb_table", {"name": "orders"}, {"read_capacity": 5, "write_capacity": 4, "tags": TAGS}),
    (
        "aws_dynamodb_table",
        {"name": "orders"},
        {"billing_mode": "PAY_PER_REQUEST"},
    ),
    ("aws_dynamodb_table", {"name": "orders"}, {"stream_enabled": True, "stream_view_type": "KEYS_ONLY"}),
    ("aws_dynamodb_table", {"name": "orders"}, {"deletion_protection_enabled": True}),
    ("aws_dynamodb_table", {"name": "orders"}, {"ttl": [{"attribute_name": "expires", "enabled": False}]}),
    (
        "aws_dynamodb_table",
        {"name": "orders"},
        {"point_in_time_recovery": [{"enabled": True, "recovery_period_in_days": 35}]},
    ),
    ("aws_mq_broker", {"broker_name": "orders"}, {"auto_minor_version_upgrade": True, "tags": TAGS}),
    (
        "aws_mq_broker",
        {"broker_name": "orders"},
        {"engine_version": "3.12", "host_instance_type": "mq.m5.large"},
    ),
    ("aws_kinesis_firehose_delivery_stream", {"name": "orders"}, {"tags": TAGS}),
    (
        "aws_kinesis_firehose_delivery_stream",
        {"name": "orders"},
        {
            "extended_s3_configuration": [
                {
                    "bucket_arn": "arn:aws:s3:::landing",
                    "buffering_interval": 60,
                    "buffering_size": 9,
                    "cloudwatch_logging_options": [
                        {"enabled": True, "log_group_name": "/orders", "log_stream_name": "s3"}
                    ],
                    "compression_format": "GZIP",
                    "prefix": "orders/",
                    "role_arn": ROLE,
                    "s3_backup_mode": "Disabled",
                }
            ]
        },
    ),
    (
        "aws_kinesis_firehose_delivery_stream",
        {"name": "orders"},
        {"server_side_encryption": [{"enabled": True, "key_arn": "", "key_type": "AWS_OWNED_CMK"}]},
    ),
]


def filled(value: Any, ids: dict[str, Any]) -> Any:
    """ "{key}" -> the id of what the seed made."""
    match value:
        case str() if value.startswith("{") and value.endswith("}") and value[1:-1] in ids:
            return ids[value[1:-1]]
        case dict():
            return {name: filled(part, ids) for name, part in cast("dict[str, Any]", value).items()}
        case list():
            return [filled(part, ids) for part in cast("list[Any]", value)]
        case _:
            return value


@pytest.mark.parametrize(("type_name", "where", "wanted"), CHANGES, ids=[f"{t}-{'-'.join(w)}" for t, _, w in CHANGES])
def test_change_and_undo(made: Any, type_name: str, where: dict[str, Any], wanted: dict[str, Any]) -> None:
    trip, ids = made
    trip.change(type_name, filled(where, ids), filled(wanted, ids))


LINKS: list[tuple[str, dict[str, Any]]] = [
    ("aws_kms_alias", {"name": "alias/main"}),
    ("aws_kms_grant", {"name": "reader"}),
    ("aws_cloudwatch_event_permission", {"statement_id": "partner"}),
    ("aws_cloudwatch_event_bus_policy", {"event_bus_name": "shared"}),
    ("aws_kinesis_stream_consumer", {"name": "audit"}),
    ("aws_lambda_permission", {"statement_id": "topic"}),
    ("aws_lambda_alias", {"name": "live"}),
    ("aws_cloudwatch_log_subscription_filter", GROUP),
    ("aws_cloudwatch_log_resource_policy", {"policy_name": "events"}),
    ("aws_secretsmanager_secret_policy", {"secret_arn": "{secret}"}),
]


@pytest.mark.parametrize(("type_name", "where"), LINKS, ids=[name for name, _ in LINKS])
def test_remove_and_restore(made: Any, type_name: str, where: dict[str, Any]) -> None:
    trip, ids = made
    trip.remove_and_restore(type_name, filled(where, ids))
