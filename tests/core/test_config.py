"""reconcile.yaml: small, strict, and precise about what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from reconciler import config
from reconciler.config import Config, IgnoreRule, StackConfig, parse
from reconciler.errors import ConfigError
from tests.core.support import live

SCHEMA = Path(__file__).parents[2] / "docs/schemas/config-v1.json"

FULL = b"""
version: 1
stacks:
  - name: payments
    path: infra/payments/
    workspace: production
    var_files: [production.tfvars]
    vars: {region: eu-west-1, size: 3, big: true}
  - path: infra/other
ignore:
  - {type: "aws_cloudwatch_*", name: "/aws/lambda/*"}
  - tags: {owner: "k8s-*"}
baselines: snapshots
unmanaged: {enabled: false}
pull_requests: {open: 3, per_hour: 1, prefer: adopt}
plans: {days: 7, operations: 9}
modules: {fetch: [git.acme.example, "ssh://git.acme.example:22/infra"]}
"""


def test_everything_that_can_be_said() -> None:
    assert parse(FULL) == Config(
        (
            StackConfig(
                "payments",
                "infra/payments",
                "production",
                ("production.tfvars",),
                {"region": "eu-west-1", "size": "3", "big": "true"},
            ),
            StackConfig("other", "infra/other"),
        ),
        (IgnoreRule("aws_cloudwatch_*", "/aws/lambda/*"), IgnoreRule(tags={"owner": "k8s-*"})),
        "snapshots",
        unmanaged=False,
        open_pull_requests=3,
        pull_requests_per_hour=1,
        prefer="adopt",
        plan_days=7,
        plan_operations=9,
        fetch=("git.acme.example", "ssh://git.acme.example:22/infra"),
    )


def test_modules_may_come_from_everywhere() -> None:
    assert parse(b"modules: {fetch: true}").fetch == ("https://", "ssh://")


@pytest.mark.parametrize("text", [b"", b"# nothing\n", b"{}", b"version: 1", b"modules: {fetch: false}"])
def test_nothing_said_is_the_default(text: bytes) -> None:
    assert parse(text) == Config()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: [", 1, "YAML"),
        ("stacks:\n  - pth: x\n", 2, "stacks[0].pth: no such key"),
        ("stacks:\n  - name: x\n", 2, "needs a path"),
        ("stacks: 5\n", 1, "a list is wanted"),
        ("stacks:\n  - path: ../x\n", 2, "leads out"),
        ("stacks:\n  - path: /x\n", 2, "leads out"),
        ("stacks:\n  - path: a/x\n  - path: b/x\n", 3, "already"),
        ("version: 2\n", 1, "version"),
        ("\nplans:\n  days: 0\n", 3, "from 1 to 365"),
        ("plans:\n  days: soon\n", 2, "a number"),
        ("pull_requests: {prefer: maybe}\n", 1, "one of adopt"),
        ("unmanaged: {enabled: 5}\n", 1, "true or false"),
        ("ignore:\n  - {}\n", 2, "ignore everything"),
        ("version: 1\nversion: 1\n", 2, "twice"),
        ("- 1\n", 1, "keys and values"),
        ("modules: {fetch: maybe}\n", 1, "modules.fetch: true or false"),
        ("modules:\n  fetch:\n    - a.example\n    - ext::sh\n", 4, "modules.fetch[1]: 'ext::sh' is no host"),
        ("ignore: [{type: [a]}]\n", 1, "a text"),
        ("stacks: [{path: x, vars: {a: [1]}}]\n", 1, "stacks[0].vars.a"),
    ],
)
def test_errors_name_file_line_and_key(text: str, line: int, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text.encode())
    assert str(caught.value).startswith(f"reconcile.yaml:{line}: ") and words in str(caught.value)
    assert caught.value.hint


def test_the_published_schema_is_the_one_in_the_code_and_takes_the_example() -> None:
    published = json.loads(SCHEMA.read_text())
    assert published == config.json_schema()
    jsonschema.Draft202012Validator.check_schema(published)
    jsonschema.Draft202012Validator(published).validate(yaml.safe_load(FULL))
    example = str(config.__doc__).partition("\n\n")[2]
    jsonschema.Draft202012Validator(published).validate(yaml.safe_load(example))
    assert parse(example.encode()).stacks


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (IgnoreRule("aws_sqs_queue"), True),
        (IgnoreRule("aws_sqs_*", "legacy-*"), True),
        (IgnoreRule("aws_sqs_*", "other-*"), False),
        (IgnoreRule("aws_sns_topic"), False),
        (IgnoreRule(tags={"Team": "a"}), True),
        (IgnoreRule(tags={"Team": "a", "X": "*"}), False),
        (IgnoreRule(arn="arn:aws:sqs:*:legacy-q"), True),
        (IgnoreRule(arn="arn:aws:sns:*"), False),
    ],
)
def test_rules_for_what_nobody_manages(rule: IgnoreRule, fits: bool) -> None:
    there = live(
        "aws_sqs_queue", {"name": "legacy-q", "arn": "arn:aws:sqs:eu-west-1:1:legacy-q", "tags": {"Team": "a"}}
    )
    assert rule.fits(there) is fits
    assert Config(ignore=(rule,)).ignored(there) is fits
