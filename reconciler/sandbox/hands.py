"""What people do at the console at 2 a.m.: the drift of the tour, each change with what it is in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

Client = Callable[[str], Any]


def drift(client: Client) -> Iterator[str]:
    """Make every change over boto3; yields a line of words for each that is done."""
    for change in _CHANGES:
        change(client)
        yield (change.__doc__ or "").strip()


def _slow_ledger(client: Client) -> None:
    """The ledger's queue hides messages for 300 s instead of 120 s"""
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName="payments-prod-ledger")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "300"})


def _audit_kept_too_short(client: Client) -> None:
    """The audit queue keeps messages for a day instead of 14"""
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName="payments-prod-audit")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": "86400"})


def _debug_everywhere(client: Client) -> None:
    """Every function logs at debug level"""
    functions = client("lambda")
    for name in ("gateway", "ledger", "reports"):
        found = functions.get_function_configuration(FunctionName=f"payments-prod-{name}")
        variables = {**found["Environment"]["Variables"], "LOG_LEVEL": "debug"}
        functions.update_function_configuration(
            FunctionName=f"payments-prod-{name}", Environment={"Variables": variables}
        )


def _more_memory(client: Client) -> None:
    """The reports function has 2,048 MB instead of 1,024"""
    client("lambda").update_function_configuration(FunctionName="payments-prod-reports", MemorySize=2048)


def _open_ssh(client: Client) -> None:
    """The gateway's security group lets SSH in from the whole internet"""
    ec2 = client("ec2")
    ec2.authorize_security_group_ingress(
        GroupId=_group(ec2, "payments-prod-gateway"),
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 22,
                "ToPort": 22,
                "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "just for a minute"}],
            }
        ],
    )


def _cut_off_operators(client: Client) -> None:
    """The rule that lets operators reach the database over the VPN is gone"""
    ec2 = client("ec2")
    group = _group(ec2, "payments-prod-database")
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    vpn = [rule["SecurityGroupRuleId"] for rule in rules if rule.get("CidrIpv4") == "10.99.0.0/16"]
    ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=vpn)


def _group(ec2: Any, name: str) -> str:
    return ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [name]}])["SecurityGroups"][0][
        "GroupId"
    ]


def _everything_allowed(client: Client) -> None:
    """The reports role may do anything to any queue"""
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}],
    }
    client("iam").put_role_policy(
        RoleName="payments-prod-reports", PolicyName="access", PolicyDocument=json.dumps(document)
    )


def _no_more_logs(client: Client) -> None:
    """The gateway's role has lost its logs policy"""
    iam = client("iam")
    attached = iam.list_attached_role_policies(RoleName="payments-prod-gateway")["AttachedPolicies"]
    for policy in attached:
        iam.detach_role_policy(RoleName="payments-prod-gateway", PolicyArn=policy["PolicyArn"])


def _versions_off(client: Client) -> None:
    """The ledger's archive keeps no versions any more"""
    client("s3").put_bucket_versioning(Bucket="payments-prod-ledger", VersioningConfiguration={"Status": "Suspended"})


def _public_statements(client: Client) -> None:
    """The statements archive may be made public"""
    client("s3").put_public_access_block(
        Bucket="payments-prod-statements",
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": False,
            "BlockPublicPolicy": False,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
    )


def _schedule_off(client: Client) -> None:
    """The hourly reports no longer run: their rule is disabled"""
    client("events").disable_rule(Name="payments-prod-reports-schedule")


def _renamed_topic(client: Client) -> None:
    """The topic's display name is another"""
    sns = client("sns")
    topics = [t["TopicArn"] for t in sns.list_topics()["Topics"]]
    arn = next(arn for arn in topics if arn.endswith(":payments-prod-events"))
    sns.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="Payments (prod)")


_CHANGES: tuple[Callable[[Client], None], ...] = (
    _slow_ledger,
    _audit_kept_too_short,
    _debug_everywhere,
    _more_memory,
    _open_ssh,
    _cut_off_operators,
    _everything_allowed,
    _no_more_logs,
    _versions_off,
    _public_statements,
    _schedule_off,
    _renamed_topic,
)
