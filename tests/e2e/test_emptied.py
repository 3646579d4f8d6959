"""A secret's policy that was taken away: Terraform, where it knows the resource, calls it emptied, and not gone."""

from __future__ import annotations

import json
from pathlib import Path

from tests.aws.faulty import Faulty
from tests.support.world import REGION, world

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "*",
        }
    ],
}
CODE = f"""
provider "aws" {{
  region = "{REGION}"
}}
resource "aws_secretsmanager_secret" "s" {{
  name = "db"
}}
resource "aws_secretsmanager_secret_policy" "s" {{
  secret_arn = aws_secretsmanager_secret.s.arn
  policy     = <<-JSON
    {json.dumps(POLICY)}
  JSON
}}
"""
ADDRESS = "aws_secretsmanager_secret_policy.s"


def test_a_policy_that_was_taken_away_is_set_back(tmp_path: Path) -> None:
    with world(tmp_path) as made:
        secrets = made.client("secretsmanager")
        arn = secrets.create_secret(Name="db")["ARN"]
        made.commit({"main.tf": CODE}, "code")

        def verdict() -> str:
            (stack,) = made.scan()["stacks"]
            return next(r["status"] for r in stack["resources"] if r["address"] == ADDRESS)

        assert verdict() == "missing"  # nobody knows that it was ever there
        secrets.put_resource_policy(SecretId=arn, ResourcePolicy=json.dumps(POLICY))
        made.reconcile("baseline", "record", code=0)
        made.commit({}, "the baseline")
        assert verdict() == "in_sync"

        secrets.delete_resource_policy(SecretId=arn)
        assert verdict() == "drifted"
        with Faulty(made.aws.url) as faulty:
            faulty.add("GetResourcePolicy", "error", status=400, code="AccessDeniedException")
            made.extra = {"AWS_ENDPOINT_URL": faulty.url}
            assert verdict() == "unverified"
        made.extra = {}
        made.reconcile("propose", code=0)
        for pull in made.repository().get_pulls(state="open"):
            pull.merge(merge_method="squash")
        made.git("pull", "--quiet", "origin", "main")
        made.reconcile("apply", code=0)
        assert verdict() == "in_sync"

        secrets.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
        assert verdict() in ("missing", "unverified")  # with the secret it is gone
