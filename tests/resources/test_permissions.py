"""The policies are exact: with them everything works, without any one action of them something is a gap."""

from __future__ import annotations

import pytest

from reconciler.resources import TYPES
from reconciler.resources.permissions import action_of, policy, read_actions, write_actions
from reconciler.resources.spec import Read
from tests.resources.golden import every_type, replayed
from tests.resources.test_entries import reads_of


def actions(document: dict[str, object]) -> set[str]:
    return {action for statement in document["Statement"] for action in statement["Action"]}  # type: ignore


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("sqs:ListQueues", "sqs:ListQueues"),
        ("elbv2:DescribeTags", "elasticloadbalancing:DescribeTags"),
        ("stepfunctions:ListStateMachines", "states:ListStateMachines"),
        ("apigatewayv2:GetApis", "apigateway:GET"),
        ("apigateway:UpdateStage", "apigateway:PATCH"),
        ("apigateway:TagResource", "apigateway:POST"),
    ],
)
def test_names_of_actions(operation: str, action: str) -> None:
    assert action_of(operation) == action


def test_reading_a_queue() -> None:
    assert policy(["aws_sqs_queue"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ReconcileSqs",
                "Effect": "Allow",
                "Action": ["sqs:GetQueueAttributes", "sqs:ListQueueTags", "sqs:ListQueues"],
                "Resource": "*",
            },
            {"Sid": "ReconcileSts", "Effect": "Allow", "Action": ["sts:GetCallerIdentity"], "Resource": "*"},
            {"Sid": "ReconcileTag", "Effect": "Allow", "Action": ["tag:GetResources"], "Resource": "*"},
        ],
    }


def test_repairing_takes_reading_too() -> None:
    both = actions(policy(["aws_lambda_function"], write=True))
    assert actions(policy(["aws_lambda_function"])) < both
    assert {"lambda:UpdateFunctionConfiguration", "iam:PassRole"} <= both


def test_s3_names_its_actions_otherwise() -> None:
    found = actions(policy(["aws_s3_bucket"]))
    assert {"s3:ListAllMyBuckets", "s3:GetEncryptionConfiguration", "s3:GetBucketObjectLockConfiguration"} <= found
    assert "s3:ListBuckets" not in found


def test_unknown_types_ask_for_nothing() -> None:
    assert actions(policy(["aws_no_such_thing"])) == {"sts:GetCallerIdentity"}


@pytest.mark.parametrize("type_name", every_type())
def test_every_call_of_a_reading_is_covered(type_name: str) -> None:
    entry = TYPES[type_name]
    allowed = read_actions(entry)
    assert all(":" in action and "*" not in action for action in allowed | write_actions(entry))
    declared = {read.operation: set(_actions(read)) for read in reads_of(entry)}
    for operation in replayed(type_name)[1].asked:
        assert declared[operation] <= allowed


def _actions(read: Read) -> tuple[str, ...]:
    return (read.action,) if isinstance(read.action, str) else read.action or (action_of(read.operation),)
