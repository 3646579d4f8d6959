"""Every write of the first slice: changed through us, read again, undone through us, read again."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.session import Session

from reconciler.aws import Cloud, Settings
from reconciler.model import Provider
from reconciler.sandbox.aws_endpoint import AwsEndpoint
from tests.aws.conftest import REGION
from tests.support.round_trip import RoundTrip

ACCOUNT = "123456789012"
DEAD = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"


def policy(action: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def open_to_all(action: str) -> str:
    return policy(action, Principal="*", Resource="arn:aws:s3:::data-1/*")


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


def seed(client: Any) -> dict[str, Any]:
    made = {**_network(client("ec2")), **_messaging(client), **_identity(client("iam"))}
    _function(client("lambda"))
    _bucket(client("s3"))
    return made


def _network(ec2: Any) -> dict[str, Any]:
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": "main"}])
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.1.0/24")["Subnet"]["SubnetId"]
    groups = {}
    for name in ("inline", "apart", "other"):
        groups[name] = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    web = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    ranges = [{"CidrIp": "10.0.0.0/8", "Description": "inside"}, {"CidrIp": "192.168.0.0/16"}]
    for name in ("inline", "apart"):
        ec2.authorize_security_group_ingress(GroupId=groups[name], IpPermissions=[{**web, "IpRanges": ranges}])
    pair = {**web, "UserIdGroupPairs": [{"GroupId": groups["other"]}]}
    ec2.authorize_security_group_ingress(GroupId=groups["apart"], IpPermissions=[pair])
    return {"vpc": vpc, "subnet": subnet, **groups}


def _messaging(client: Any) -> dict[str, Any]:
    sqs, sns, events = client("sqs"), client("sns"), client("events")
    queue = sqs.create_queue(QueueName="work", tags={"Team": "core"})["QueueUrl"]
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy("sqs:SendMessage", Principal="*")})
    topic = sns.create_topic(Name="news", Tags=[{"Key": "Team", "Value": "core"}])["TopicArn"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:work"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    events.put_rule(Name="tick", ScheduleExpression="rate(1 hour)", Tags=[{"Key": "Team", "Value": "core"}])
    events.put_targets(Rule="tick", Targets=[{"Id": "queue", "Arn": arn, "Input": '{"a": 1}'}])
    return {"queue": queue, "dead": dead, "topic": topic, "queue_arn": arn}


def _identity(iam: Any) -> dict[str, Any]:
    made = [iam.create_policy(PolicyName=name, PolicyDocument=policy("sqs:*")) for name in ("first", "second")]
    first, second = (answer["Policy"]["Arn"] for answer in made)
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "Team", "Value": "core"}])
    iam.put_role_policy(RoleName="worker", PolicyName="send", PolicyDocument=policy("sqs:SendMessage"))
    iam.attach_role_policy(RoleName="worker", PolicyArn=first)
    return {"first": first, "second": second}


def _function(lambda_: Any) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): pass")
    lambda_.create_function(
        FunctionName="worker",
        Runtime="python3.12",
        Role=f"arn:aws:iam::{ACCOUNT}:role/worker",
        Handler="index.handler",
        Code={"ZipFile": buffer.getvalue()},
        Tags={"Team": "core"},
    )


def _bucket(s3: Any) -> None:
    s3.create_bucket(Bucket="data-1", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket="data-1", VersioningConfiguration={"Status": "Enabled"})
    s3.put_public_access_block(Bucket="data-1", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    s3.put_bucket_policy(
        Bucket="data-1", Policy=policy("s3:GetObject", Principal="*", Resource="arn:aws:s3:::data-1/*")
    )
    s3.put_bucket_tagging(Bucket="data-1", Tagging={"TagSet": [{"Key": "Team", "Value": "core"}]})
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(Bucket="data-1", ServerSideEncryptionConfiguration={"Rules": [default]})


TAGS = {"Team": "other", "New": "yes"}


def rule(**given: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"cidr_blocks": [], "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": []}
    return {"description": "", "protocol": "tcp", "self": False, **empty, **given}


CHANGES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("aws_vpc", {"tags.Name": "main"}, {"enable_dns_hostnames": True, "enable_dns_support": False}),
    ("aws_vpc", {"cidr_block": "10.7.0.0/16"}, {"tags": TAGS}),
    ("aws_subnet", {"cidr_block": "10.7.1.0/24"}, {"map_public_ip_on_launch": True, "tags": TAGS}),
    (
        "aws_security_group",
        {"name": "inline"},
        {
            "tags": TAGS,
            "egress": [],
            "ingress": [
                rule(from_port=443, to_port=443, cidr_blocks=["10.0.0.0/8"], description="changed"),
                rule(from_port=443, to_port=443, cidr_blocks=["192.168.0.0/16"], ipv6_cidr_blocks=["::/0"]),
                rule(from_port=0, to_port=0, protocol="-1", self=True),
                rule(from_port=22, to_port=23, security_groups=["{other}"]),
            ],
        },
    ),
    ("aws_sqs_queue", {"name": "work"}, {"visibility_timeout_seconds": 5, "delay_seconds": 1, "tags": TAGS}),
    ("aws_sqs_queue", {"name": "work"}, {"policy": ""}),
    (
        "aws_sqs_queue",
        {"name": "work"},
        {
            "redrive_policy": json.dumps(
                {"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead", "maxReceiveCount": 3}
            )
        },
    ),
    ("aws_sqs_queue_policy", {"queue_url": "{queue}"}, {"policy": policy("sqs:*", Principal="*")}),
    ("aws_sns_topic", {"name": "news"}, {"display_name": "News", "tags": TAGS}),
    (
        "aws_sns_topic_subscription",
        {"endpoint": "{queue_arn}"},
        {"raw_message_delivery": False, "filter_policy": '{"kind": ["a"]}', "filter_policy_scope": "MessageAttributes"},
    ),
    ("aws_iam_role", {"name": "worker"}, {"assume_role_policy": TRUST.replace("lambda", "events")}),
    (
        "aws_iam_role",
        {"name": "worker"},
        {
            "description": "does it",
            "max_session_duration": 7200,
            "permissions_boundary": "{second}",
            "managed_policy_arns": ["{second}"],
            "inline_policy": [{"name": "all", "policy": policy("*")}],
            "tags": TAGS,
        },
    ),
    ("aws_iam_role_policy", {"role": "worker", "name": "send"}, {"policy": policy("sqs:*")}),
    ("aws_iam_policy", {"name": "second"}, {"policy": policy("sns:*"), "tags": TAGS}),
    (
        "aws_lambda_function",
        {"function_name": "worker"},
        {
            "timeout": 30,
            "memory_size": 512,
            "description": "changed",
            "environment": [{"variables": {"MODE": "live"}}],
            "reserved_concurrent_executions": 3,
            "tags": TAGS,
        },
    ),
    (
        "aws_lambda_function",  # its VPC is computed, and moto makes it up
        {"function_name": "worker"},
        {"vpc_config": [{"subnet_ids": ["{subnet}"], "security_group_ids": ["{other}"], "vpc_id": "vpc-123abc"}]},
    ),
    (
        "aws_cloudwatch_event_rule",
        {"name": "tick"},
        {
            "schedule_expression": "rate(2 hours)",
            "description": "x",
            "state": "DISABLED",
            "is_enabled": False,
            "tags": TAGS,
        },
    ),
    (
        "aws_cloudwatch_event_target",
        {"target_id": "queue"},
        {
            "input": "",
            "input_transformer": [{"input_paths": {"k": "$.k"}, "input_template": '"<k>"'}],
            "retry_policy": [{"maximum_event_age_in_seconds": 60, "maximum_retry_attempts": 2}],
        },
    ),
    ("aws_s3_bucket", {"bucket": "data-1"}, {"tags": TAGS}),
    ("aws_s3_bucket", {"bucket": "data-1"}, {"tags": {}}),
    (
        "aws_s3_bucket_versioning",
        {"bucket": "data-1"},
        {"versioning_configuration": [{"status": "Suspended", "mfa_delete": ""}]},
    ),
    (
        "aws_s3_bucket_public_access_block",
        {"bucket": "data-1"},
        {"block_public_acls": False, "ignore_public_acls": True, "restrict_public_buckets": True},
    ),
    (
        "aws_s3_bucket_policy",
        {"bucket": "data-1"},
        {"policy": open_to_all("s3:PutObject")},
    ),
    (
        "aws_s3_bucket_server_side_encryption_configuration",
        {"bucket": "data-1"},
        {
            "rule": [
                {
                    "bucket_key_enabled": True,
                    "apply_server_side_encryption_by_default": [
                        {"sse_algorithm": "aws:kms", "kms_master_key_id": "alias/x"}
                    ],
                }
            ]
        },
    ),
]


def filled(value: Any, ids: dict[str, Any]) -> Any:
    """ "{vpc}" -> the id of what the seed made."""
    match value:
        case str() if value.startswith("{") and value.endswith("}") and value[1:-1] in ids:
            return ids[value[1:-1]]
        case dict():
            return {name: filled(part, ids) for name, part in value.items()}
        case list():
            return [filled(part, ids) for part in value]
        case _:
            return value


@pytest.mark.parametrize(("type_name", "where", "wanted"), CHANGES, ids=[f"{t}-{'-'.join(w)}" for t, _, w in CHANGES])
def test_change_and_undo(made: Any, type_name: str, where: dict[str, Any], wanted: dict[str, Any]) -> None:
    trip, ids = made
    trip.change(type_name, filled(where, ids), filled(wanted, ids))


LINKS: list[tuple[str, dict[str, Any], dict[str, Any] | None]] = [
    ("aws_vpc_security_group_ingress_rule", {"security_group_id": "{apart}", "cidr_ipv4": "10.0.0.0/8"}, None),
    (
        "aws_vpc_security_group_ingress_rule",
        {"security_group_id": "{apart}", "referenced_security_group_id": "{other}"},
        None,
    ),
    ("aws_vpc_security_group_egress_rule", {"security_group_id": "{apart}"}, None),
    (
        "aws_security_group_rule",
        {"security_group_id": "{apart}"},
        {
            "type": "ingress",
            "protocol": "tcp",
            "from_port": 443,
            "to_port": 443,
            "cidr_blocks": ["10.0.0.0/8", "192.168.0.0/16"],
            "source_security_group_id": "{other}",
        },
    ),
    ("aws_sqs_queue_policy", {"queue_url": "{queue}"}, None),
    ("aws_sns_topic_subscription", {"endpoint": "{queue_arn}"}, None),
    ("aws_iam_role_policy", {"role": "worker", "name": "send"}, None),
    ("aws_iam_role_policy_attachment", {"role": "worker"}, None),
    ("aws_cloudwatch_event_target", {"target_id": "queue"}, None),
    ("aws_s3_bucket_policy", {"bucket": "data-1"}, None),
    ("aws_s3_bucket_public_access_block", {"bucket": "data-1"}, None),
]


@pytest.mark.parametrize(("type_name", "where", "wanted"), LINKS, ids=[f"{t}-{'-'.join(w)}" for t, w, _ in LINKS])
def test_remove_and_restore(made: Any, type_name: str, where: dict[str, Any], wanted: dict[str, Any] | None) -> None:
    trip, ids = made
    trip.remove_and_restore(type_name, filled(where, ids), filled(wanted, ids))


def test_a_standalone_rule_keeps_its_id(made: Any) -> None:
    trip, ids = made
    where = {"security_group_id": ids["apart"], "cidr_ipv4": "192.168.0.0/16"}
    trip.change("aws_vpc_security_group_ingress_rule", where, {"description": "changed", "tags": TAGS})
