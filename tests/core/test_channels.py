"""Who reaches whom, and what a finding does to it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from reconciler.channels import annotated, build, effect
from reconciler.drift import unmanaged
from reconciler.model import UNKNOWN, Address, LiveResource, Resource
from tests.core.support import changes_of, compared, context, live, resource

ARN = "arn:aws:{}:eu-west-1:1:{}"
TOPIC, QUEUE, DEAD = ARN.format("sns", "events"), ARN.format("sqs", "work"), ARN.format("sqs", "dead")
FUNCTION, ROLE = ARN.format("lambda", "function:ledger"), "arn:aws:iam::1:role/ledger"

LIVE: dict[str, LiveResource] = {
    "aws_sns_topic.events": live("aws_sns_topic", {"arn": TOPIC}, TOPIC),
    "aws_sqs_queue.work": live("aws_sqs_queue", {"arn": QUEUE, "url": "https://work"}, "https://work"),
    "aws_sqs_queue.dead": live("aws_sqs_queue", {"arn": DEAD, "url": "https://dead"}, "https://dead"),
    "aws_lambda_function.ledger": live("aws_lambda_function", {"arn": FUNCTION}, "ledger"),
    "aws_iam_role.ledger": live("aws_iam_role", {"arn": ROLE}, "ledger"),
}
CODE: dict[str, dict[str, Any]] = {
    "aws_sns_topic.events": {"name": "events"},
    "aws_sqs_queue.work": {"name": "work", "redrive_policy": json.dumps({"deadLetterTargetArn": DEAD})},
    "aws_sqs_queue.dead": {"name": "dead"},
    "aws_sns_topic_subscription.s": {"topic_arn": TOPIC, "protocol": "sqs", "endpoint": QUEUE},
    "aws_lambda_function.ledger": {"function_name": "ledger", "role": ROLE},
    "aws_lambda_event_source_mapping.m": {"event_source_arn": QUEUE, "function_name": f"{FUNCTION}:live"},
    "aws_iam_role.ledger": {"name": "ledger"},
    "aws_iam_role_policy.p": {"role": "ledger", "policy": "{}"},
    "aws_sqs_queue_policy.p": {"queue_url": "https://work"},
    "aws_cloudwatch_event_rule.hourly": {"name": "hourly"},
    "aws_cloudwatch_event_target.t": {"rule": "hourly", "arn": FUNCTION},
    "aws_lambda_permission.events": {"function_name": "ledger", "source_arn": UNKNOWN},
}
RESOURCES: list[Resource] = [resource(address, values) for address, values in CODE.items()]
GRAPH = build(RESOURCES, LIVE)

LONG, DLQ, HOURLY = (
    "sns:events -> sqs:work -> lambda:ledger",
    "sns:events -> sqs:work -> sqs:dead",
    "rule:hourly -> lambda:ledger",
)


def test_all_channels() -> None:
    assert GRAPH.channels() == sorted([LONG, DLQ, HOURLY])


@pytest.mark.parametrize(
    ("address", "through"),
    [
        ("aws_sns_topic_subscription.s", {LONG, DLQ}),
        ("aws_lambda_event_source_mapping.m", {LONG}),
        ("aws_sqs_queue.dead", {DLQ}),
        ("aws_lambda_function.ledger", {LONG, HOURLY}),
        ("aws_iam_role.ledger", {LONG, HOURLY}),
        ("aws_iam_role_policy.p", {LONG, HOURLY}),
        ("aws_lambda_permission.events", {LONG, HOURLY}),
        ("aws_sqs_queue_policy.p", {LONG, DLQ}),
        ("aws_cloudwatch_event_target.t", {HOURLY}),
        ("aws_nothing.x", set()),
    ],
)
def test_what_a_resource_is_a_part_of(address: str, through: set[str]) -> None:
    assert set(GRAPH.through(address)) == through


def test_circles_end() -> None:
    ring = [
        resource("aws_sns_topic.a", {"name": "a", "arn": "arn:a"}),
        resource("aws_sqs_queue.b", {"name": "b", "arn": "arn:b"}),
        resource("aws_sns_topic_subscription.ab", {"topic_arn": "arn:a", "endpoint": "arn:b"}),
        resource("aws_pipes_pipe.ba", {"name": "p", "source": "arn:b", "target": "arn:a"}),
    ]
    found = build(ring, {}).channels()
    assert found and all(text.count("->") == 2 for text in found)


def test_findings_name_their_channels() -> None:
    gone = compared("aws_sns_topic_subscription", CODE["aws_sns_topic_subscription.s"], {}, None)
    gone = replace(gone, address=Address.parse("aws_sns_topic_subscription.s"))
    fine = compared("aws_sqs_queue", {"name": "x"}, None, {"name": "x"})
    loose = unmanaged(live("aws_sqs_queue", {}), context())
    found = annotated([gone, fine, loose], GRAPH)
    assert set(found[0].channels) == {LONG, DLQ} and found[1].channels == found[2].channels == ()


def test_effects() -> None:
    assert effect(compared("aws_sqs_queue", {"name": "x"}, {"name": "x"}, None)) == "breaks"
    assert effect(compared("aws_sqs_queue", {"delay_seconds": 1}, None, {"delay_seconds": 2})) == "weakens"
    off = compared("aws_cloudwatch_event_rule", {"state": "ENABLED"}, None, {"state": "DISABLED"})
    assert effect(off) == "breaks" and changes_of(off)
    wide = {"cidr_ipv4": "0.0.0.0/0"}
    assert effect(compared("aws_vpc_security_group_ingress_rule", {"cidr_ipv4": "10.0.0.0/8"}, None, wide)) == "opens"
