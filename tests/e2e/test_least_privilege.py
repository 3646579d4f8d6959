"""The whole loop with an endpoint that enforces IAM: `reconcile permissions` prints what is enough, and no more."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.hcl.evaluate import Evaluation, Inputs, evaluate
from reconciler.hcl.tree import MemoryTree
from reconciler.sandbox import hands
from reconciler.sandbox.demo import estate_files
from reconciler.sandbox.seed import Prior, seed
from tests.support.world import REGION, World, world

STACK = "infra/payments"
BACKEND = f"""
terraform {{
  backend "s3" {{
    bucket         = "acme-terraform-state"
    key            = "payments/terraform.tfstate"
    region         = "{REGION}"
    use_path_style = true
  }}
}}
"""
SETTINGS = """
ignore: [{type: aws_s3_bucket, name: acme-terraform-state}, {type: "aws_iam_user*"}]
pull_requests: {open: 100, per_hour: 100}
"""
STATE: dict[str, Any] = {
    "version": 4,
    "terraform_version": "1.11.4",
    "serial": 1,
    "lineage": "a",
    "outputs": {},
    "resources": [],
}

# What moto takes reads and writes of those sides of a bucket for that it has no action for (replication, the public
# access block ...).
MOTOS_NAMES = ["s3:ListBucket", "s3:CreateBucket"]


class User:
    """The account's only other user, once the endpoint checks every call against its policy."""

    def __init__(self, made: World) -> None:
        self._world = made
        self._iam = made.client("iam")
        self._iam.create_user(UserName="reconciler")
        self._key = self._iam.create_access_key(UserName="reconciler")["AccessKey"]

    def may(self, document: Any, *names: str) -> None:
        """From now on the command runs as this user, who may do what `document` says and `names`."""
        allowed = {**document, "Statement": [*document["Statement"]]}
        if names:
            allowed["Statement"].append({"Effect": "Allow", "Action": list(names), "Resource": "*"})
        self.anybody()
        self._iam.put_user_policy(UserName="reconciler", PolicyName="p", PolicyDocument=json.dumps(allowed))
        self._enforce("0")
        self._world.extra |= {
            "AWS_ACCESS_KEY_ID": self._key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": self._key["SecretAccessKey"],
        }

    def anybody(self) -> None:
        self._enforce("inf")

    def _enforce(self, after: str) -> None:
        url, plain = f"{self._world.aws.url}/moto-api/reset-auth", {"Content-Type": "text/plain"}
        request = urllib.request.Request(url, after.encode(), plain, method="POST")  # noqa: S310
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310


@pytest.fixture
def payments(tmp_path: Path) -> Iterator[World]:
    """The sandbox's estate, live and committed, its (empty) state in S3."""
    with world(tmp_path) as made:
        tree = MemoryTree(dict(estate_files()))

        def evaluated(prior: Prior) -> Evaluation:
            caller = {"data.aws_caller_identity.current": {"account_id": "123456789012"}}
            return evaluate(tree, STACK, Inputs(prior=prior, data=caller))

        seed(evaluated, made.client, tree, STACK)
        s3 = made.client("s3")
        s3.create_bucket(Bucket="acme-terraform-state", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket="acme-terraform-state", Key="payments/terraform.tfstate", Body=json.dumps(STATE).encode())
        made.commit(
            {**dict(estate_files()), f"{STACK}/backend.tf": BACKEND, "reconcile.yaml": SETTINGS}, "The payments system"
        )
        yield made


def test_the_printed_policies_are_enough_and_no_more(payments: World) -> None:
    reading = json.loads(payments.reconcile("permissions", code=0).stdout)
    writing = json.loads(payments.reconcile("permissions", "--write", code=0).stdout)
    assert {
        "Sid": "ReconcileState",
        "Effect": "Allow",
        "Action": ["s3:GetObject"],
        "Resource": ["arn:aws:s3:::acme-terraform-state/payments/terraform.tfstate"],
    } in reading["Statement"]
    user = User(payments)

    user.may(reading, *MOTOS_NAMES)
    clean = payments.scan(code=0)
    assert clean["complete"], clean["stacks"][0]["gaps"]
    assert {r["status"] for r in clean["stacks"][0]["resources"]} == {"in_sync"}

    stateless = {**reading, "Statement": [s for s in reading["Statement"] if s["Sid"] != "ReconcileState"]}
    user.may(stateless, *MOTOS_NAMES)
    blind = payments.scan(code=3)
    assert any("s3://acme-terraform-state" in gap["reason"] for gap in blind["stacks"][0]["gaps"])

    user.anybody()
    list(hands.drift(payments.client))
    user.may(reading, *MOTOS_NAMES)
    payments.reconcile("baseline", "record", code=0)
    payments.reconcile("propose", code=0)
    for pull in payments.repository().get_pulls(state="open"):
        pull.merge(merge_method="squash")
    payments.git("pull", "--quiet", "origin", "main")
    refused = payments.reconcile("apply")
    assert refused.returncode == 1
    assert "AccessDenied" in refused.stdout + refused.stderr

    user.may(writing, *MOTOS_NAMES)
    payments.reconcile("apply", code=0)
    assert payments.scan(code=0)["complete"]
