"""Secrets never leave."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler import schema
from reconciler.redaction import UNKEYED, Redactor, Secrecy, mentions_secret, secret_by_name
from reconciler.resources.spec import Semantics


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "x"),
        ("password", "x"),
        ("apiKey", "x"),
        ("API_KEY", "x"),
        ("CLIENT_SECRET", "x"),
        ("GITHUB_TOKEN", "x"),
        ("token", "x"),
        ("SENTRY_DSN", "x"),
        ("URL", "postgres://user:pass@host/db"),
        ("CERT", "-----BEGIN RSA PRIVATE KEY-----\nx"),
        ("ANYTHING", "AKIAABCDEFGHIJKLMNOP"),
    ],
)
def test_taken_for_a_secret(name: str, value: str) -> None:
    assert secret_by_name(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODE", "strict"),
        ("SECRET_ARN", "x"),
        ("DB_PASSWORD_SECRET_NAME", "x"),
        ("DB_PASSWORD", "arn:aws:secretsmanager:eu-west-1:1:secret:x"),
        ("DB_PASSWORD", "{{resolve:secretsmanager:x}}"),
        ("TOKEN_URL", "https://example.com"),
        ("DB_PASSWORD", ""),
        ("MAX_TOKENS", "5"),
        ("PASSWORD_MIN_LENGTH", "12"),
        ("QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/1/q"),
    ],
)
def test_not_taken_for_a_secret(name: str, value: str) -> None:
    assert not secret_by_name(name, value)


def shown(kind: str, name: str, value: Any, **changes: Any) -> Any:
    described = schema.resource(kind)
    assert described is not None
    shape = {**described.block.attributes, **described.block.blocks}[name]
    return Secrecy(Redactor.of(b"k"), {}, changes.get("marks", frozenset())).shown(shape, (name,), value)


def test_what_the_schema_calls_sensitive() -> None:
    hidden = shown("aws_db_instance", "password", "hunter2")
    assert mentions_secret(hidden) and "hunter2" not in json.dumps(hidden)


def test_what_the_code_marks() -> None:
    assert mentions_secret(shown("aws_sqs_queue", "name", "x", marks=frozenset({("name",)})))
    block = [{"variables": {"A": "1", "B": "2"}}]
    found = shown("aws_lambda_function", "environment", block, marks=frozenset({("environment", 0, "variables", "A")}))
    assert found[0]["variables"]["B"] == "2" and mentions_secret(found[0]["variables"]["A"])


def test_secrets_inside_json_documents() -> None:
    definition = json.dumps([{"name": "app", "environment": [{"name": "DB_PASSWORD", "value": "hunter2"}]}])
    found = shown("aws_ecs_task_definition", "container_definitions", definition)
    assert isinstance(found, str) and "hunter2" not in found and "DB_PASSWORD" in found and mentions_secret(found)
    harmless = '{"a":   1}'
    assert shown("aws_sqs_queue", "policy", harmless) == harmless


def test_hashes_need_the_key() -> None:
    one, two = Redactor.of(b"one"), Redactor.of(b"two")
    assert one.redacted("x") == Redactor.of(b"one").redacted("x") != two.redacted("x")
    assert one.redacted("x") != one.redacted("y")
    assert one.same(one.recorded("x"), "x") is True and one.same(one.recorded("x"), "y") is False


def test_without_a_key_nothing_lasts() -> None:
    run = Redactor.of(None)
    assert run.recorded("x") == UNKEYED and run.same(UNKEYED, "x") is None
    assert run.redacted("x") != Redactor.of(None).redacted("x")
    assert "key" not in repr(Redactor.of(b"the key itself")).replace("keyed", "")


def test_equal_secrets_have_equal_hashes_however_they_are_written() -> None:
    described = schema.resource("aws_db_instance")
    assert described is not None
    secrecy = Secrecy(Redactor.of(b"k"), {"password": Semantics.JSON})
    shape = described.block.attributes["password"]
    assert secrecy.shown(shape, ("password",), '{"a": 1}') == secrecy.shown(shape, ("password",), '{"a":1}')
