"""moto enforcing IAM: with exactly the printed policy everything is read and repaired, without an action it is not."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.aws import Cloud, Settings
from reconciler.model import Operation, Provider
from reconciler.resources.permissions import policy
from reconciler.sandbox.aws_endpoint import AwsEndpoint
from tests.aws.conftest import REGION
from tests.aws.test_faults import TYPES, client, complete, estate

__all__ = ["estate"]


# moto takes the sides of a bucket that it has no action for (replication, object lock ...) for this one.
MOTOS_NAMES = ["s3:ListBucket"]


class Enforced:
    """The endpoint once it checks every call against the policy of one user."""

    def __init__(self, endpoint: AwsEndpoint, seeded: Provider) -> None:
        self._endpoint = endpoint
        self._iam = client(endpoint.url, seeded, "iam")
        self._iam.create_user(UserName="reconciler")
        self._key = self._iam.create_access_key(UserName="reconciler")["AccessKey"]

    def allow(self, document: Any) -> Provider:
        self.enforce("inf")
        self._iam.put_user_policy(UserName="reconciler", PolicyName="p", PolicyDocument=json.dumps(document))
        self.enforce("0")
        return Provider(
            region=REGION,
            access_key=self._key["AccessKeyId"],
            secret_key=self._key["SecretAccessKey"],
            s3_use_path_style=True,
        )

    def enforce(self, after: str) -> None:
        url, plain = f"{self._endpoint.url}/moto-api/reset-auth", {"Content-Type": "text/plain"}
        request = urllib.request.Request(url, after.encode(), plain, method="POST")  # noqa: S310
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310


@pytest.fixture
def enforced(moto: AwsEndpoint, estate: Provider) -> Iterator[Enforced]:
    user = Enforced(moto, estate)
    yield user
    user.enforce("inf")


def read(endpoint: AwsEndpoint, provider: Provider) -> Any:
    with Cloud(Settings(endpoint_url=endpoint.url)) as cloud:
        listing = cloud.list(TYPES, provider)
        reading = cloud.describe(listing.stubs)
    return reading, (*listing.gaps, *reading.gaps)


def test_the_policy_is_enough_to_read(moto: AwsEndpoint, enforced: Enforced) -> None:
    document: Any = policy(TYPES)
    document["Statement"].append({"Effect": "Allow", "Action": MOTOS_NAMES, "Resource": "*"})
    reading, gaps = read(moto, enforced.allow(document))
    assert gaps == ()
    assert complete(reading)


@pytest.mark.parametrize(
    ("action", "hidden"),
    [
        ("sqs:ListQueues", "aws_sqs_queue"),
        ("sqs:GetQueueAttributes", "aws_sqs_queue"),
        ("iam:ListRoles", "aws_iam_role"),
        ("iam:GetAccountAuthorizationDetails", "aws_iam_role_policy"),
        ("events:ListTargetsByRule", "aws_cloudwatch_event_target"),
        ("s3:ListAllMyBuckets", "aws_s3_bucket"),
        ("s3:GetBucketCORS", "aws_s3_bucket"),
    ],
)
def test_nothing_in_the_policy_is_idle(moto: AwsEndpoint, enforced: Enforced, action: str, hidden: str) -> None:
    document: Any = policy(TYPES)
    for statement in document["Statement"]:
        statement["Action"] = [name for name in statement["Action"] if name != action]
    document["Statement"] = [statement for statement in document["Statement"] if statement["Action"]]
    _, gaps = read(moto, enforced.allow(document))
    assert hidden in {gap.type for gap in gaps}


def test_reading_is_not_enough_to_write(moto: AwsEndpoint, enforced: Enforced) -> None:
    given = {"QueueUrl": f"{moto.url}/123456789012/queue-0", "Attributes": {"DelaySeconds": "3"}}
    change = Operation("sqs", "SetQueueAttributes", given)
    with Cloud(Settings(endpoint_url=moto.url)) as cloud, pytest.raises(Exception, match="AccessDenied"):
        cloud.run(change, enforced.allow(policy(TYPES)))
    with Cloud(Settings(endpoint_url=moto.url)) as cloud:
        cloud.run(change, enforced.allow(policy(TYPES, write=True)))
