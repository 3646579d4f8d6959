"""When two values mean the same, and when they do not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler import schema
from reconciler.model import UNKNOWN
from reconciler.resources.spec import Semantics
from reconciler.semantics import canonical, equivalent, normalised, token

POLICY = {"x": Semantics.POLICY}


def statement(**changes: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", **changes}


def policy(*statements: Any, **changes: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **changes})


SAME: list[tuple[Any, Any, Any, Semantics | None]] = [
    ("string", "", None, None),
    ("string", "60", 60, None),
    ("string", "true", True, None),
    ("number", 60, "60", None),
    ("number", 60.0, 60, None),
    ("number", "6e1", 60, None),
    ("number", 0, None, None),
    ("bool", False, None, None),
    ("bool", "true", True, None),
    (("list", "string"), [], None, None),
    (("map", "string"), {}, None, None),
    (("set", "string"), ["a", "b"], ["b", "a"], None),
    (("set", "string"), ["a", "a"], ["a"], None),
    (("set", ("object", {"a": "number", "b": "string"})), [{"a": 1, "b": ""}], [{"a": "1"}], None),
    (("list", "string"), ["a", "b"], ["b", "a"], Semantics.UNORDERED),
    (("map", "string"), {"Accept": "x"}, {"accept": "x"}, Semantics.CASELESS),
    ("string", "AB", "ab", Semantics.CASELESS),
    ("string", "Example.COM.", "example.com", Semantics.DNS_NAME),
    ("string", "\\052.example.com", "*.example.com", Semantics.DNS_NAME),
    ("string", "60", "60.0", Semantics.NUMBER),
    ("string", "90s", "1m30s", Semantics.DURATION),
    ("string", "24h0m0s", "24h", Semantics.DURATION),
    ("number", -1, None, Semantics.PORT),
    ("string", "6", "tcp", Semantics.PROTOCOL),
    ("string", "all", "-1", Semantics.PROTOCOL),
    ("string", "arn:aws:lambda:eu-west-1:1:function:f", "f", Semantics.NAME_OR_ARN),
    ("string", "alias/a", "arn:aws:kms:eu-west-1:1:alias/a", Semantics.NAME_OR_ARN),
    ("string", "15", "15.4", Semantics.VERSION),
    ("string", "8.0.mysql_aurora.3.04.0", "8.0", Semantics.VERSION),
    ("string", '{"a": 1, "b": [1.0]}', '{"b":[1],"a":1}', Semantics.JSON),
    ("string", "{}", "", Semantics.JSON),
    ("string", '{"source": ["a", "b"]}', '{"source":["b","a"]}', Semantics.EVENT_PATTERN),
    (
        "string",
        '{"maxReceiveCount": "5", "deadLetterTargetArn": "x"}',
        '{"deadLetterTargetArn":"x","maxReceiveCount":5}',
        Semantics.REDRIVE,
    ),
    ("string", '{"sourceQueueArns": ["a", "b"]}', '{"sourceQueueArns": ["b", "a"]}', Semantics.REDRIVE),
]

DIFFERENT: list[tuple[Any, Any, Any, Semantics | None]] = [
    ("string", "a", "A", None),
    ("string", "60", "060", None),
    ("string", "a", "a.", None),
    ("number", 60, 61, None),
    ("number", 1.5, 1, None),
    ("number", 10**30, 10**30 + 1, None),
    ("bool", True, False, None),
    (("list", "string"), ["a", "b"], ["b", "a"], None),
    (("list", "string"), ["a"], ["a", "a"], None),
    (("list", "string"), [""], [], None),
    (("map", "string"), {"a": "1"}, {"A": "1"}, None),
    (("map", "string"), {"a": "1"}, {"b": "1"}, None),
    ("string", '{"a": 1}', '{"a": "1"}', Semantics.JSON),
    ("string", '{"a": [1, 2]}', '{"a": [2, 1]}', Semantics.JSON),
    ("string", '"a"', "a", Semantics.JSON),
    ("string", '{"a": [{"numeric": [">", 0]}]}', '{"a": [{"numeric": ["<", 0]}]}', Semantics.EVENT_PATTERN),
    (
        "string",
        '{"a": [{"numeric": [">", 0, "<", 9]}]}',
        '{"a": [{"numeric": [">", 9, "<", 0]}]}',
        Semantics.EVENT_PATTERN,
    ),
    ("string", '{"maxReceiveCount": 5}', '{"maxReceiveCount": 6}', Semantics.REDRIVE),
    ("string", "90s", "90m", Semantics.DURATION),
    ("string", "a.example.com", "b.example.com", Semantics.DNS_NAME),
    ("string", "arn:aws:lambda:eu-west-1:1:function:f", "g", Semantics.NAME_OR_ARN),
    ("string", "arn:aws:lambda:eu-west-1:1:function:f", "arn:aws:lambda:us-east-1:1:function:f", Semantics.NAME_OR_ARN),
    ("string", "arn:aws:lambda:eu-west-1:1:function:af", "f", Semantics.NAME_OR_ARN),
    ("string", "tcp", "udp", Semantics.PROTOCOL),
    ("string", "15", "16.1", Semantics.VERSION),
    ("string", "15.4", "15.5", Semantics.VERSION),
    ("string", "1", "15.4", Semantics.VERSION),
    ("string", "", "15.4", Semantics.VERSION),
]


def rules(semantics: Semantics | None) -> dict[str, Semantics]:
    return {"x": semantics} if semantics else {}


@pytest.mark.parametrize(("shape", "a", "b", "semantics"), SAME)
def test_means_the_same(shape: Any, a: Any, b: Any, semantics: Semantics | None) -> None:
    assert equivalent(shape, a, b, rules(semantics), "x")
    assert equivalent(shape, b, a, rules(semantics), "x")


@pytest.mark.parametrize(("shape", "a", "b", "semantics"), DIFFERENT)
def test_means_something_else(shape: Any, a: Any, b: Any, semantics: Semantics | None) -> None:
    assert not equivalent(shape, a, b, rules(semantics), "x")
    assert not equivalent(shape, b, a, rules(semantics), "x")


SAME_POLICIES: list[tuple[str, str]] = [
    (policy(statement(Sid="a"), statement(Sid="b")), policy(statement(Sid="b"), statement(Sid="a"))),
    (policy(statement()), json.dumps({"Version": "2012-10-17", "Statement": statement()})),
    (policy(statement(Action=["sqs:A", "sqs:B"])), policy(statement(Action=["sqs:B", "sqs:A"]))),
    (policy(statement(Action="sqs:A")), policy(statement(Action=["SQS:a"]))),
    (policy(statement(Resource="a")), policy(statement(Resource=["a", "a"]))),
    (policy(statement(Principal="*")), policy(statement(Principal={"AWS": "*"}))),
    (
        policy(statement(Principal={"AWS": "123456789012"})),
        policy(statement(Principal={"AWS": ["arn:aws:iam::123456789012:root"]})),
    ),
    (policy(statement(Sid="")), policy(statement())),
    (policy(statement(Condition={})), policy(statement())),
    (
        policy(statement(Condition={"Bool": {"aws:SecureTransport": False}})),
        policy(statement(Condition={"Bool": {"aws:securetransport": ["false"]}})),
    ),
    (
        policy(statement(Condition={"NumericLessThan": {"s3:max-keys": 10}})),
        policy(statement(Condition={"NumericLessThan": {"s3:max-keys": "10"}})),
    ),
    (json.dumps({"Statement": [statement()]}), json.dumps({"Version": "2008-10-17", "Statement": [statement()]})),
    (policy(statement()), policy(statement()).replace("{", "%7B").replace("}", "%7D").replace('"', "%22")),
]

DIFFERENT_POLICIES: list[tuple[str, str]] = [
    (policy(statement()), policy(statement(Effect="Deny"))),
    (policy(statement(Action="sqs:A")), policy(statement(NotAction="sqs:A"))),
    (policy(statement(Resource="a")), policy(statement(Resource="A"))),
    (policy(statement(Sid="a")), policy(statement(Sid="b"))),
    (policy(statement(), Id="a"), policy(statement(), Id="b")),
    (json.dumps({"Statement": [statement()]}), policy(statement())),
    (policy(statement(Principal={"AWS": "1"})), policy(statement(Principal={"Service": "1"}))),
    (
        policy(statement(Principal={"AWS": "arn:aws:iam::123456789012:root"})),
        policy(statement(Principal={"AWS": "arn:aws:iam::123456789012:role/root"})),
    ),
    (
        policy(statement(Condition={"StringEquals": {"a": "x"}})),
        policy(statement(Condition={"StringLike": {"a": "x"}})),
    ),
    (
        policy(statement(Condition={"StringEquals": {"a": "x"}})),
        policy(statement(Condition={"StringEquals": {"a": "X"}})),
    ),
    (policy(statement()), policy(statement(), statement(Sid="more"))),
]


@pytest.mark.parametrize(("a", "b"), SAME_POLICIES)
def test_iam_sees_no_difference(a: str, b: str) -> None:
    assert equivalent("string", a, b, POLICY, "x")


@pytest.mark.parametrize(("a", "b"), DIFFERENT_POLICIES)
def test_iam_sees_a_difference(a: str, b: str) -> None:
    assert not equivalent("string", a, b, POLICY, "x")


@pytest.mark.parametrize(
    "text", ["", "{", "null", "[]", "{}", '"x"', "%7B", "%zz", '{"Statement": 5}', '{"Statement": [1]}']
)
def test_what_is_no_policy_breaks_nothing(text: str) -> None:
    assert canonical("string", text, POLICY, "x") == canonical("string", text, POLICY, "x")
    assert isinstance(normalised("string", text, POLICY, "x"), str)


def test_unknown_equals_nothing_known() -> None:
    assert not equivalent("string", UNKNOWN, "a")
    assert canonical(("list", "string"), ["a", UNKNOWN]) == ["a", UNKNOWN]


def test_rules_go_by_the_path_of_names_in_nested_blocks() -> None:
    described = schema.resource("aws_lb_listener_rule")
    assert described is not None
    by_path = {"condition.host_header.values": Semantics.CASELESS}
    shape = described.block.blocks["condition"]
    upper = [{"host_header": [{"values": ["A.example.com"]}]}]
    lower = [{"host_header": [{"values": ["a.example.com"]}]}]
    assert equivalent(shape, upper, lower, by_path, "condition")
    assert not equivalent(shape, upper, lower)


def test_snapshots_keep_what_people_read() -> None:
    text = policy(statement(Action=["sqs:SendMessage", "sqs:GetQueueUrl"]))
    found = json.loads(str(normalised("string", text, POLICY, "x")))
    assert found["Statement"][0]["Action"] == ["sqs:GetQueueUrl", "sqs:SendMessage"]
    assert normalised(("set", "string"), ["b", "a"]) == ["a", "b"]
    assert normalised(("list", "string"), ["b", ""]) == ["b", ""]


def test_tokens_of_equal_text_and_of_zero() -> None:
    assert token("string", "") is None
    assert token("number", "5") == token("number", 5) == "5"
