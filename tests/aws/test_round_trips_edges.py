"""Writes at the edges of services: APIs' keys and domains, buckets' rarer sides, machines, databases, watchers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

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
TAGS = {"Team": "other", "New": "yes"}
TAG_LIST = [{"Key": "Team", "Value": "core"}]
Client = Callable[[str], Any]


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def policy(action: str) -> str:
    principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
        ],
    }
)


@pytest.fixture(scope="module")
def trip() -> Iterator[RoundTrip]:
    """One estate for all: every round trip leaves it as it found it, which is itself a test."""
    with AwsEndpoint() as endpoint, Cloud(Settings(endpoint_url=endpoint.url)) as cloud:
        session = Session()
        session.set_credentials("test", "test")
        seed(lambda name: session.create_client(name, region_name=REGION, endpoint_url=endpoint.url))
        yield RoundTrip(cloud, Provider(region=REGION, access_key="test", secret_key="test", s3_use_path_style=True))


def seed(client: Client) -> None:
    _principals(client("iam"))
    _data(client)
    _rest_api(client("apigateway"))
    _messages(client)
    _network(client("ec2"), client("autoscaling"))
    _databases(client("rds"))
    _watchers(client)


def _principals(iam: Any) -> None:
    for name in ("worker", "other"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    reading = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
    iam.create_policy(PolicyName="reading", PolicyDocument=json.dumps(reading))
    iam.attach_role_policy(RoleName="worker", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/reading")
    iam.update_account_password_policy(MinimumPasswordLength=14, RequireSymbols=True)
    iam.create_saml_provider(Name="directory", SAMLMetadataDocument="a" * 1000)


def _data(client: Client) -> None:
    client("kinesis").create_stream(StreamName="orders", ShardCount=1)
    stream = arn("kinesis", "stream/orders")
    client("kinesis").put_resource_policy(ResourceARN=stream, Policy=policy("kinesis:PutRecord"))
    client("dynamodb").create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    table = arn("dynamodb", "table/orders")
    client("dynamodb").put_resource_policy(ResourceArn=table, Policy=policy("dynamodb:GetItem"))
    s3 = client("s3")
    place = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket="site", CreateBucketConfiguration=place)
    s3.create_bucket(Bucket="locked", CreateBucketConfiguration=place, ObjectLockEnabledForBucket=True)
    s3.put_bucket_accelerate_configuration(Bucket="site", AccelerateConfiguration={"Status": "Enabled"})
    s3.put_bucket_website(Bucket="site", WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    retention = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 5}}}
    s3.put_object_lock_configuration(Bucket="locked", ObjectLockConfiguration=retention)


def _rest_api(api: Any) -> None:
    made = api.create_rest_api(name="orders")["id"]
    root = api.get_resources(restApiId=made)["items"][0]["id"]
    method = {"restApiId": made, "resourceId": root, "httpMethod": "GET"}
    api.put_method(**method, authorizationType="NONE")
    api.put_integration(**method, type="MOCK")
    api.create_deployment(restApiId=made, stageName="live")
    settings = [{"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"}]
    api.update_stage(restApiId=made, stageName="live", patchOperations=settings)
    api.create_authorizer(
        restApiId=made,
        name="function",
        type="TOKEN",
        authorizerUri="arn:aws:apigateway:a",
        identitySource="method.request.header.X",
        authorizerResultTtlInSeconds=60,
    )
    api.create_request_validator(restApiId=made, name="body", validateRequestBody=True)
    api.put_gateway_response(restApiId=made, responseType="UNAUTHORIZED", statusCode="401")
    patch = [{"op": "replace", "path": "/policy", "value": policy("execute-api:Invoke")}]
    api.update_rest_api(restApiId=made, patchOperations=patch)
    key = api.create_api_key(name="partner", enabled=True)["id"]
    plan = api.create_usage_plan(name="partners", quota={"limit": 20, "offset": 2, "period": "WEEK"})["id"]
    api.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
    api.create_domain_name(domainName="api.example.com")
    api.create_base_path_mapping(domainName="api.example.com", basePath="v1", restApiId=made, stage="live")


def _messages(client: Client) -> None:
    client("appsync").create_graphql_api(name="orders", authenticationType="AWS_IAM", xrayEnabled=True)
    client("glue").create_registry(RegistryName="orders")
    client("glue").create_schema(
        RegistryId={"RegistryName": "orders"},
        SchemaName="order",
        DataFormat="AVRO",
        Compatibility="NONE",
        SchemaDefinition='{"type":"record","name":"r1","fields":[{"name":"f1","type":"int"}]}',
    )
    client("iot").create_thing(thingName="sensor", attributePayload={"attributes": {"place": "roof"}})
    client("sns").create_platform_application(
        Name="phones", Platform="GCM", Attributes={"PlatformCredential": "x", "SuccessFeedbackSampleRate": "10"}
    )


def _network(ec2: Any, autoscaling: Any) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="10.2.0.0/16")
    gateway = ec2.create_vpn_gateway(
        Type="ipsec.1",
        TagSpecifications=[{"ResourceType": "vpn-gateway", "Tags": [{"Key": "Name", "Value": "office"}]}],
    )["VpnGateway"]["VpnGatewayId"]
    ec2.attach_vpn_gateway(VpcId=vpc, VpnGatewayId=gateway)
    named = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "worker"}]}]
    image = {"ImageId": "ami-12c6146b", "InstanceType": "t3.micro"}
    machine = ec2.run_instances(**image, MinCount=1, MaxCount=1, SubnetId=subnet, TagSpecifications=named)
    disk = ec2.create_volume(
        AvailabilityZone=machine["Instances"][0]["Placement"]["AvailabilityZone"],
        Size=10,
        VolumeType="gp3",
        Iops=3000,
        TagSpecifications=[{"ResourceType": "volume", "Tags": [{"Key": "Name", "Value": "data"}]}],
    )["VolumeId"]
    ec2.attach_volume(Device="/dev/sdh", InstanceId=machine["Instances"][0]["InstanceId"], VolumeId=disk)
    ec2.create_launch_template(LaunchTemplateName="workers", LaunchTemplateData=image)
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="workers",
        MinSize=0,
        MaxSize=2,
        VPCZoneIdentifier=subnet,
        LaunchTemplate={"LaunchTemplateName": "workers", "Version": "1"},
    )


def _databases(rds: Any) -> None:
    rds.create_db_parameter_group(DBParameterGroupName="own", DBParameterGroupFamily="mysql8.0", Description="own")
    given = [{"ParameterName": "max_connections", "ParameterValue": "100", "ApplyMethod": "pending-reboot"}]
    rds.modify_db_parameter_group(DBParameterGroupName="own", Parameters=given)
    rds.create_db_instance(
        DBInstanceIdentifier="ledger",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="ledger",
        MasterUserPassword="not-a-secret",
        BackupRetentionPeriod=7,
        Tags=TAG_LIST,
    )
    rds.create_db_cluster(
        DBClusterIdentifier="orders",
        Engine="aurora-postgresql",
        MasterUsername="orders",
        MasterUserPassword="not-a-secret",
        BackupRetentionPeriod=5,
        Tags=TAG_LIST,
    )


def _watchers(client: Client) -> None:
    client("cloudwatch").put_dashboard(DashboardName="orders", DashboardBody='{"widgets":[{"type":"text"}]}')
    client("guardduty").create_detector(Enable=True, FindingPublishingFrequency="ONE_HOUR")
    recorder = {"name": "default", "roleARN": ROLE, "recordingGroup": {"allSupported": True}}
    client("config").put_configuration_recorder(ConfigurationRecorder=recorder)
    source = {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"}
    client("config").put_config_rule(ConfigRule={"ConfigRuleName": "versioned", "Source": source})


REMAINING = {"days": 7, "mode": "COMPLIANCE", "years": 0}
CHANGES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("aws_iam_role_policy_attachments_exclusive", {"role_name": "worker"}, {"policy_arns": []}),
    ("aws_iam_account_password_policy", {}, {"minimum_password_length": 20, "require_symbols": False}),
    ("aws_iam_saml_provider", {"name": "directory"}, {"saml_metadata_document": "b" * 1000}),
    ("aws_kinesis_resource_policy", {}, {"policy": policy("kinesis:GetRecords")}),
    ("aws_dynamodb_resource_policy", {}, {"policy": policy("dynamodb:Query")}),
    ("aws_s3_bucket_accelerate_configuration", {"bucket": "site"}, {"status": "Suspended"}),
    ("aws_s3_bucket_website_configuration", {"bucket": "site"}, {"error_document": [{"key": "x.html"}]}),
    ("aws_s3_bucket_object_lock_configuration", {"bucket": "locked"}, {"rule": [{"default_retention": [REMAINING]}]}),
    ("aws_api_gateway_authorizer", {}, {"authorizer_result_ttl_in_seconds": 10, "name": "other"}),
    ("aws_api_gateway_account", {}, {"cloudwatch_role_arn": OTHER_ROLE}),
    ("aws_api_gateway_request_validator", {}, {"validate_request_body": False}),
    ("aws_api_gateway_gateway_response", {}, {"status_code": "403", "response_templates": {"a/b": "c"}}),
    ("aws_api_gateway_rest_api_policy", {}, {"policy": policy("execute-api:*")}),
    ("aws_api_gateway_api_key", {}, {"description": "of a partner", "enabled": False}),
    (
        "aws_api_gateway_usage_plan",
        {},
        {"description": "few", "quota_settings": [{"limit": 30, "offset": 1, "period": "MONTH"}]},
    ),
    ("aws_appsync_graphql_api", {}, {"xray_enabled": False, "authentication_type": "API_KEY"}),
    ("aws_appsync_graphql_api", {}, {"tags": TAGS}),
    ("aws_glue_schema", {}, {"compatibility": "FULL"}),
    ("aws_iot_thing", {}, {"attributes": {"place": "cellar"}}),
    ("aws_sns_platform_application", {}, {"success_feedback_sample_rate": "50"}),
    ("aws_ebs_volume", {"tags.Name": "data"}, {"iops": 4000}),
    ("aws_vpn_gateway", {"tags.Name": "office"}, {"vpc_id": ""}),
    ("aws_instance", {"tags.Name": "worker"}, {"source_dest_check": False}),
    ("aws_instance", {"tags.Name": "worker"}, {"disable_api_termination": True}),
    ("aws_autoscaling_group", {}, {"max_size": 3, "health_check_grace_period": 10, "protect_from_scale_in": True}),
    ("aws_autoscaling_group", {}, {"tag": [{"key": "A", "value": "b", "propagate_at_launch": False}]}),
    ("aws_autoscaling_group", {}, {"suspended_processes": ["Launch"]}),
    ("aws_db_instance", {}, {"backup_retention_period": 3, "deletion_protection": True, "tags": TAGS}),
]


@pytest.mark.parametrize(("type_name", "where", "wanted"), CHANGES, ids=[f"{t}-{'-'.join(w)}" for t, _, w in CHANGES])
def test_change_and_undo(trip: RoundTrip, type_name: str, where: dict[str, Any], wanted: dict[str, Any]) -> None:
    trip.change(type_name, where, wanted)
