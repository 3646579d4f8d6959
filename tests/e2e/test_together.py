"""What is settled with something else: by one literal, or by the plan of another resource."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import REGION, World, world

PROVIDER = f'provider "aws" {{\n  region = "{REGION}"\n}}\n'
SHARED = f"""{PROVIDER}
locals {{
  tags = {{ App = "ledger", Built = "by hand" }}
}}
resource "aws_sqs_queue" "q" {{
  name = "q"
  tags = local.tags
}}
resource "aws_sqs_queue" "other" {{
  name = "other"
  tags = local.tags
}}
resource "aws_s3_bucket" "b" {{
  bucket = "ledger-files"
  tags   = local.tags
  versioning {{
    enabled = true
  }}
}}
"""
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
HELD_TWICE = f"""{PROVIDER}
resource "aws_iam_role" "app" {{
  name                = "app"
  assume_role_policy  = jsonencode({TRUST})
  managed_policy_arns = []
}}
resource "aws_iam_role" "batch" {{
  name               = "batch"
  assume_role_policy = jsonencode({TRUST})
}}
resource "aws_iam_policy" "p" {{
  name   = "p"
  policy = jsonencode({ALLOW})
}}
resource "aws_iam_policy_attachment" "p" {{
  name       = "p"
  roles      = [aws_iam_role.batch.name]
  policy_arn = aws_iam_policy.p.arn
}}
"""


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def test_of_what_one_literal_settles_each_is_settled_alone_where_not_all_can_be(made: World) -> None:
    """No operation turns a bucket's inline versioning on, and another queue has the tags: the literal has to stay."""
    size = {"MaximumMessageSize": "262144"}
    for name, tags in (("q", {"App": "ledger"}), ("other", {"App": "ledger", "Built": "by hand"})):
        made.client("sqs").create_queue(QueueName=name, Attributes=size, tags=tags)
    s3 = made.client("s3")
    s3.create_bucket(Bucket="ledger-files", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_tagging(Bucket="ledger-files", Tagging={"TagSet": [{"Key": "App", "Value": "ledger"}]})
    made.commit({"main.tf": SHARED}, "code")
    told = made.reconcile("propose").stdout
    opened = [line for line in told.splitlines() if line.startswith("opened")]
    assert len(opened) == 1 and "aws_sqs_queue.q" in opened[0], told
    assert any(line.startswith("held") and "aws_s3_bucket.b" in line for line in told.splitlines()), told


def test_what_another_plan_settled_already_is_no_failure(made: World) -> None:
    """An attachment is told with its policy and with its role; the second that takes it away finds nothing."""
    iam = made.client("iam")
    for role in ("app", "batch"):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=TRUST)
    arn = iam.create_policy(PolicyName="p", PolicyDocument=ALLOW)["Policy"]["Arn"]
    for role in ("app", "batch"):
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    made.commit({"main.tf": HELD_TWICE}, "code")
    told = made.reconcile("propose", code=0).stdout
    pulls = sorted(made.repository().get_pulls(state="open"), key=lambda pull: pull.number)
    assert len(pulls) == 2, told
    for pull in pulls:
        pull.merge(merge_method="squash")
    made.git("pull", "-q", "origin", "main")
    done = made.reconcile("apply", code=0).stdout
    assert sorted(line.split()[0] for line in done.splitlines() if line) == ["already", "applied"], done
    made.scan(code=0)
    assert "nothing to apply" in made.reconcile("apply", code=0).stdout
