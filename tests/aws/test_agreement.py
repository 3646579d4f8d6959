"""Real Terraform applies a configuration; our attributes are those of its refreshed state, one by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.model import Provider
from reconciler.resources import TYPES
from tests.aws.test_faults import client
from tests.support.agreement import REGION, Estate, applied, read
from tests.support.terraform import needs_provider

ESTATES = Path(__file__).with_name("estates")


PROVIDER = Provider(
    region=REGION,
    access_key="test",
    secret_key="test",
    s3_use_path_style=True,
    default_tags=(("Stage", "live"), ("Team", "core")),
    ignore_tags=("Ignored",),
    ignore_tag_prefixes=("kubernetes.io/",),
)


def expect_agreement(estate: Estate) -> None:
    found = estate.disagreements()
    assert not found, "\n".join(map(str, found))
    compared = {resource["type"] for resource in estate.managed()} - set(estate.unsupported())
    assert len(compared) > 10


@needs_provider
@pytest.mark.terraform
def test_what_is_written_in_more_than_one_way_and_then_drifts() -> None:
    """Terraform's refreshed state after the drift, too: it is what its own plan compares with."""
    with applied(ESTATES / "edges", provider=PROVIDER) as estate:
        expect_agreement(estate)
        before = {resource["address"]: resource for resource in estate.managed()}
        drift(estate)
        estate.refresh()
        expect_agreement(estate)
        gone = before.keys() - {resource["address"] for resource in estate.managed()}
        assert gone == {
            "aws_cloudwatch_event_target.literal",
            "aws_s3_bucket_cors_configuration.some",
            "aws_vpc_security_group_ingress_rule.icmp",
        }
        with estate.cloud() as cloud:
            missing = [before[address] for address in sorted(gone) if before[address]["type"] in TYPES]
            lives, gaps = read(cloud, missing, PROVIDER)
        assert (gaps, lives) == ([], [None] * len(missing)), "what Terraform misses, we miss"


def drift(estate: Estate) -> None:
    """By hand, as people do: changed, added, deleted, and tags that nobody should see."""
    at = {resource["address"]: resource["values"] for resource in estate.managed()}
    ec2, iam, sns, events, s3 = (
        client(estate.endpoint.url, PROVIDER, name) for name in ("ec2", "iam", "sns", "events", "s3")
    )
    inline, apart = (at[f"aws_security_group.{name}"]["id"] for name in ("inline", "apart"))
    opened = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    for group in (inline, apart):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[opened])
    web = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    ec2.revoke_security_group_ingress(GroupId=inline, IpPermissions=[web])
    gone = at["aws_vpc_security_group_ingress_rule.icmp"]["id"]
    ec2.revoke_security_group_ingress(GroupId=apart, SecurityGroupRuleIds=[gone])
    ec2.modify_vpc_attribute(VpcId=at["aws_vpc.main"]["id"], EnableDnsHostnames={"Value": True})
    tags = {"Team": "other", "New": "yes", "Ignored": "x", "kubernetes.io/a": "x"}
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    ec2.create_tags(Resources=[inline, at["aws_vpc.main"]["id"]], Tags=listed)
    role = at["aws_iam_role.inline"]["name"]
    iam.tag_role(RoleName=role, Tags=listed)
    iam.update_role(RoleName=role, Description="changed", MaxSessionDuration=7200)
    iam.delete_role_policy(RoleName=role, PolicyName="one")
    iam.detach_role_policy(RoleName=role, PolicyArn=at["aws_iam_policy.main"]["arn"])
    document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    iam.put_role_policy(RoleName=role, PolicyName="admin", PolicyDocument=document)
    iam.create_policy_version(PolicyArn=at["aws_iam_policy.main"]["arn"], PolicyDocument=document, SetAsDefault=True)
    topic = at["aws_sns_topic.policed"]["arn"]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="Changed")
    sns.tag_resource(ResourceArn=topic, Tags=listed)
    rule = at["aws_cloudwatch_event_rule.prefixed"]["name"]
    events.disable_rule(Name=rule)
    events.remove_targets(Rule=rule, Ids=[at["aws_cloudwatch_event_target.literal"]["target_id"]])
    bucket = at["aws_s3_bucket.inline"]["bucket"]
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": listed})
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    s3.delete_bucket_cors(Bucket=bucket)


@needs_provider
@pytest.mark.oracle
def test_the_first_slice() -> None:
    """Queues, functions and IPv6 networks take the provider half a minute each."""
    with applied(ESTATES / "first") as estate:
        expect_agreement(estate)
