"""What comes with what the code has is not unmanaged; what somebody made beside it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import REGION, World, world

CODE = f"""
provider "aws" {{
  region = "{REGION}"
}}
resource "aws_vpc" "v" {{
  cidr_block = "10.0.0.0/16"
  tags       = {{ Name = "v" }}
}}
resource "aws_route_table" "main" {{
  vpc_id = aws_vpc.v.id
  tags   = {{ Name = "main" }}
}}
resource "aws_main_route_table_association" "m" {{
  vpc_id         = aws_vpc.v.id
  route_table_id = aws_route_table.main.id
}}
resource "aws_network_acl" "n" {{
  vpc_id = aws_vpc.v.id
}}
resource "aws_default_security_group" "d" {{
  vpc_id = aws_vpc.v.id
}}
resource "aws_service_discovery_private_dns_namespace" "n" {{
  name = "svc.local"
  vpc  = aws_vpc.v.id
}}
"""


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[tuple[World, str]]:
    """The estate as a deploy leaves it, and the id of its VPC."""
    with world(tmp_path) as made:
        ec2 = made.client("ec2")

        def named(kind: str, name: str) -> list[dict[str, Any]]:
            return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]

        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=named("vpc", "v"))["Vpc"]["VpcId"]
        table = ec2.create_route_table(VpcId=vpc, TagSpecifications=named("route-table", "main"))["RouteTable"]
        tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
        (main,) = (a["RouteTableAssociationId"] for t in tables for a in t["Associations"] if a["Main"])
        ec2.replace_route_table_association(AssociationId=main, RouteTableId=table["RouteTableId"])
        acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
        assert acl
        group = default_group(made, vpc)
        everything: list[Any] = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        ec2.revoke_security_group_egress(GroupId=group, IpPermissions=everything)
        made.client("servicediscovery").create_private_dns_namespace(Name="svc.local", Vpc=vpc)
        made.commit({"main.tf": CODE}, "code")
        yield made, vpc


def default_group(made: World, vpc: str) -> str:
    groups = made.client("ec2").describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    return next(g["GroupId"] for g in groups["SecurityGroups"] if g["GroupName"] == "default")


def loose(report: dict[str, Any]) -> list[str]:
    return [r["type"] for r in report["stacks"][0]["resources"] if r["status"] == "unmanaged"]


def test_what_came_along_is_not_unmanaged_and_what_was_added_is(estate: tuple[World, str]) -> None:
    made, vpc = estate
    report = made.scan(code=0)
    assert {r["status"] for r in report["stacks"][0]["resources"]} == {"in_sync"}

    ec2 = made.client("ec2")
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_tags(Resources=[table], Tags=[{"Key": "Name", "Value": "beside"}])
    made.client("route53").create_hosted_zone(Name="beside.example.com", CallerReference="1")
    assert loose(made.scan(code=2)) == ["aws_route_table"], "the code has no zones to begin with"


def test_a_rule_in_a_group_is_told_once(estate: tuple[World, str]) -> None:
    """With its group where that was recorded with its rules, else as what nobody manages."""
    made, vpc = estate
    made.reconcile("baseline", "record", code=0)
    made.commit({}, "baseline")
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    made.client("ec2").authorize_security_group_ingress(GroupId=default_group(made, vpc), IpPermissions=[rule])
    report = made.scan(code=2)
    found = [r for r in report["stacks"][0]["resources"] if r["status"] != "in_sync"]
    assert [(r["address"], r["severity"]) for r in found] == [("aws_default_security_group.d", "critical")]


GROUPS = f"""
provider "aws" {{
  region = "{REGION}"
}}
resource "aws_security_group" "plain" {{
  name = "plain"
}}
resource "aws_security_group" "apart" {{
  name = "apart"
}}
resource "aws_vpc_security_group_egress_rule" "apart" {{
  security_group_id = aws_security_group.apart.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}}
"""


def test_a_rule_that_was_recorded_with_its_group_is_not_unmanaged(tmp_path: Path) -> None:
    """It would be removed as what nobody manages, and be missed as what was recorded, for ever."""
    with world(tmp_path) as made:
        ec2 = made.client("ec2")
        groups = {
            name: ec2.create_security_group(GroupName=name, Description="Managed by Terraform")["GroupId"]
            for name in ("plain", "apart")
        }
        rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
        ec2.authorize_security_group_egress(GroupId=groups["apart"], IpPermissions=[rule])
        made.commit({"main.tf": GROUPS}, "code")

        def found() -> list[tuple[str | None, str]]:
            (stack,) = made.scan()["stacks"]
            return [(r["address"], r["type"]) for r in stack["resources"] if r["status"] not in ("in_sync", "pending")]

        alone = (None, "aws_vpc_security_group_egress_rule")
        assert found() == [alone, alone]
        made.reconcile("baseline", "record", code=0)
        made.commit({}, "baseline")
        assert found() == [alone]  # beside rules that are resources of their own
        ec2.authorize_security_group_egress(GroupId=groups["plain"], IpPermissions=[rule])
        assert found() == [("aws_security_group.plain", "aws_security_group"), alone]


DOCUMENT = '{"openapi": "3.0.1", "info": {"title": "doc", "version": "1"}, "paths": {"/a": {"get": {"responses": {}}}}}'
APIS = f"""
provider "aws" {{
  region = "{REGION}"
}}
resource "aws_api_gateway_rest_api" "doc" {{
  name = "doc"
  body = jsonencode({DOCUMENT})
}}
resource "aws_api_gateway_rest_api" "hand" {{
  name = "hand"
}}
resource "aws_api_gateway_resource" "b" {{
  rest_api_id = aws_api_gateway_rest_api.hand.id
  parent_id   = aws_api_gateway_rest_api.hand.root_resource_id
  path_part   = "b"
}}
resource "aws_service_discovery_private_dns_namespace" "n" {{
  name = "svc.local"
  vpc  = "vpc-1"
}}
resource "aws_route53_zone" "z" {{
  name = "example.com"
}}
"""


def test_what_a_document_describes_and_what_a_namespace_made_is_not_unmanaged(tmp_path: Path) -> None:
    with world(tmp_path) as made:
        api = made.client("apigateway")
        doc = api.create_rest_api(name="doc")["id"]
        api.put_rest_api(restApiId=doc, body=DOCUMENT.encode())
        hand = api.create_rest_api(name="hand")
        for part in ("b", "c"):
            api.create_resource(restApiId=hand["id"], parentId=hand["rootResourceId"], pathPart=part)
        vpc = made.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        made.client("servicediscovery").create_private_dns_namespace(Name="svc.local", Vpc=vpc)
        comment = {"Comment": "Managed by Terraform", "PrivateZone": False}
        made.client("route53").create_hosted_zone(Name="example.com", CallerReference="1", HostedZoneConfig=comment)
        made.commit({"main.tf": APIS}, "code")
        report = made.scan(code=2)
        assert loose(report) == ["aws_api_gateway_resource"], "c, which was added by hand"


REGIONS = f"""
provider "aws" {{
  region = "{REGION}"
}}
provider "aws" {{
  alias  = "there"
  region = "eu-central-1"
}}
resource "aws_cloudwatch_log_group" "here" {{
  name = "/app"
}}
resource "aws_cloudwatch_log_group" "there" {{
  provider = aws.there
  name     = "/other"
}}
resource "aws_vpc" "v" {{
  cidr_block = "10.0.0.0/16"
}}
resource "aws_vpc" "w" {{
  provider   = aws.there
  cidr_block = "10.1.0.0/16"
}}
resource "aws_vpc_peering_connection" "p" {{
  vpc_id      = aws_vpc.v.id
  peer_vpc_id = aws_vpc.w.id
  peer_region = "eu-central-1"
}}
resource "aws_vpc_peering_connection_accepter" "p" {{
  provider                  = aws.there
  vpc_peering_connection_id = aws_vpc_peering_connection.p.id
}}
"""


def test_of_two_with_one_name_in_two_regions_each_is_told(tmp_path: Path) -> None:
    """A peering is one, though both its regions show it."""
    with world(tmp_path) as made:
        here, there = (made.client_in("ec2", region) for region in (REGION, "eu-central-1"))
        v = here.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        w = there.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        here.create_vpc_peering_connection(VpcId=v, PeerVpcId=w, PeerRegion="eu-central-1")
        for region, name in ((REGION, "/app"), ("eu-central-1", "/other")):
            made.client_in("logs", region).create_log_group(logGroupName=name)
        made.commit({"main.tf": REGIONS}, "code")
        made.scan(code=0)
        made.client_in("logs", "eu-central-1").create_log_group(logGroupName="/app")
        assert loose(made.scan(code=2)) == ["aws_cloudwatch_log_group"]
        made.reconcile("baseline", "record", code=0)
        made.commit({}, "baseline")
        assert loose(made.scan(code=2)) == ["aws_cloudwatch_log_group"]


BUCKETS = f"""
provider "aws" {{
  region = "{REGION}"
}}
resource "aws_s3_bucket" "b" {{
  for_each = toset(["usual", "other", "said"])
  bucket   = each.key
}}
resource "aws_s3_bucket_public_access_block" "said" {{
  bucket                  = aws_s3_bucket.b["said"].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}}
resource "aws_s3_bucket_server_side_encryption_configuration" "said" {{
  bucket = aws_s3_bucket.b["said"].id
  rule {{
    apply_server_side_encryption_by_default {{
      sse_algorithm = "AES256"
    }}
  }}
}}
"""


def test_what_every_new_bucket_has_is_not_unmanaged(tmp_path: Path) -> None:
    with world(tmp_path) as made:
        s3 = made.client("s3")
        for name, algorithm, closed in (
            ("usual", "AES256", True),
            ("other", "aws:kms", False),
            ("said", "AES256", True),
        ):
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
            default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}, "BucketKeyEnabled": False}
            s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [default]})
            sides = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
            block = {**dict.fromkeys(sides, True), "BlockPublicAcls": closed}
            s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
        made.commit({"main.tf": BUCKETS}, "code")
        (stack,) = made.scan()["stacks"]
        assert {(r["type"], r["id"]) for r in stack["resources"] if r["status"] == "unmanaged"} == {
            ("aws_s3_bucket_public_access_block", "other"),
            ("aws_s3_bucket_server_side_encryption_configuration", "other"),
        }
        assert [r["status"] for r in stack["resources"] if r["address"]] == ["in_sync"] * 5


HERE = f"""
provider "aws" {{
  region = "{REGION}"
}}
resource "aws_security_group" "g" {{
  name = "shared"
}}
resource "aws_vpc_security_group_ingress_rule" "own" {{
  security_group_id = aws_security_group.g.id
  cidr_ipv4         = "10.0.0.0/8"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}}
resource "aws_vpc_security_group_egress_rule" "out" {{
  security_group_id = aws_security_group.g.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}}
"""
THERE = f"""
provider "aws" {{
  region = "{REGION}"
}}
data "aws_security_group" "g" {{
  name = "shared"
}}
resource "aws_security_group_rule" "r" {{
  security_group_id = data.aws_security_group.g.id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 8080
  to_port           = 8080
  cidr_blocks       = ["10.0.0.0/8", "172.16.0.0/12"]
}}
"""


def test_a_rule_of_another_stack_in_a_group_of_this_is_managed(tmp_path: Path) -> None:
    """Two rules of AWS's are one resource there, under another type's name."""
    with world(tmp_path) as made:
        ec2 = made.client("ec2")
        group = ec2.create_security_group(GroupName="shared", Description="Managed by Terraform")["GroupId"]

        def allow(port: int, *cidrs: str) -> None:
            ranges: list[Any] = [{"CidrIp": cidr} for cidr in cidrs]
            rule: Any = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": ranges}
            ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])

        allow(443, "10.0.0.0/8")
        allow(8080, "10.0.0.0/8", "172.16.0.0/12")
        made.commit({"here/main.tf": HERE, "there/main.tf": THERE}, "code")
        made.scan(code=0)
        alone = made.scan("--stack", "here", code=0)
        assert loose(alone) == []
        allow(22, "0.0.0.0/0")
        assert loose(made.scan(code=2)) == ["aws_vpc_security_group_ingress_rule"]


PEOPLE = f"""
provider "aws" {{
  region = "{REGION}"
}}
resource "aws_iam_group" "g" {{
  for_each = toset(["admins", "auditors", "closed"])
  name     = each.key
}}
resource "aws_iam_user" "u" {{
  for_each = toset(["ada", "grace"])
  name     = each.key
}}
resource "aws_iam_user_group_membership" "u" {{
  user   = aws_iam_user.u["grace"].name
  groups = [aws_iam_group.g["auditors"].name]
}}
resource "aws_iam_group_membership" "closed" {{
  name  = "closed"
  group = aws_iam_group.g["closed"].name
  users = [aws_iam_user.u["ada"].name]
}}
"""


def test_who_was_put_into_a_group_by_hand_is_told_and_taken_out(tmp_path: Path) -> None:
    """Terraform does not see it: a membership is about the groups that it names."""
    with world(tmp_path) as made:
        iam = made.client("iam")
        for group in ("admins", "auditors", "closed"):
            iam.create_group(GroupName=group)
        for user in ("ada", "grace", "stranger"):
            iam.create_user(UserName=user)
        for user, group in (("grace", "auditors"), ("ada", "closed")):
            iam.add_user_to_group(UserName=user, GroupName=group)
        made.commit({"main.tf": PEOPLE, "reconcile.yaml": "version: 1\nignore: [{name: stranger}]\n"}, "code")
        made.scan(code=0)
        for user, group in (("grace", "admins"), ("stranger", "admins"), ("grace", "closed")):
            iam.add_user_to_group(UserName=user, GroupName=group)
        found = [r for r in made.scan(code=2)["stacks"][0]["resources"] if r["status"] != "in_sync"]
        assert [(r["address"] or r["id"], r["status"]) for r in found] == [
            ("aws_iam_group_membership.closed", "drifted"),
            ("grace/admins", "unmanaged"),
        ]
        made.reconcile("propose", code=0)
        for pull in made.repository().get_pulls(state="open"):
            pull.merge(merge_method="squash")
        made.git("pull", "-q", "origin", "main")
        made.reconcile("apply", code=0)
        made.scan(code=0)
        assert [g["GroupName"] for g in iam.list_groups_for_user(UserName="grace")["Groups"]] == ["auditors"]
