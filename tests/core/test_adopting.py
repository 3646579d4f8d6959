"""Adopt: from a finding to an edit of the code that is proven by evaluating it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from reconciler.adopting import candidates, why_not
from reconciler.drift import compare, unmanaged
from reconciler.hcl.evaluate import Inputs, evaluate
from reconciler.hcl.tree import MemoryTree, Overlay
from reconciler.model import LiveResource, Resource
from reconciler.planning import Cause, Drifted, causes, proves
from reconciler.resources.spec import At, Semantics
from tests.core.support import SCOPE, context, entry, live

SEMANTICS = {
    "policy": Semantics.POLICY,
    "redrive_policy": Semantics.REDRIVE,
    "event_pattern": Semantics.EVENT_PATTERN,
    "ingress.cidr_blocks": Semantics.UNORDERED,
}


def drifted(resource: Resource, there: Mapping[str, Any] | None) -> Drifted:
    """The resource, with live as the code has it but for `there` (None: gone)."""
    spec = entry(resource.type, semantics=SEMANTICS)
    found: LiveResource | None = None
    if there is not None:
        tags = {"tags": {**dict(resource.values.get("tags") or {}), **there.get("tags", {})}}  # pyright: ignore
        values = {k: v for k, v in resource.values.items() if k != "tags_all"}
        merged = {**values, **there, **({} if there.get("tags", 0) is None else tags)}
        found = live(resource.type, merged)
    ctx = context(recorded=True)
    return Drifted(compare(resource, None, found, spec, ctx), resource, None, found, spec, ctx, SCOPE)


@dataclass(frozen=True)
class Case:
    name: str
    files: dict[str, str]
    there: dict[str, dict[str, Any] | None]  # address -> what live has instead
    wanted: dict[str, tuple[str, str]]  # file -> text that goes, text that comes


def case(name: str, text: str, there: dict[str, Any], old: str, new: str) -> Case:
    return Case(name, {"main.tf": text}, there, {"main.tf": (old, new)})


QUEUE = 'resource "aws_sqs_queue" "q" {\n  name = "q"\n%s}\n'
GROUP = """resource "aws_security_group" "g" {
  name = "g"
  # the office
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"] # keep
  }
}
"""
RULE = {
    "from_port": 443,
    "to_port": 443,
    "protocol": "tcp",
    "cidr_blocks": ["10.0.0.0/8"],
    "description": "",
    "ipv6_cidr_blocks": [],
    "prefix_list_ids": [],
    "security_groups": [],
    "self": False,
}
SSH = {**RULE, "from_port": 22, "to_port": 22, "cidr_blocks": ["192.0.2.1/32"]}

EACH = """locals {
  queues = {
    a = { delay = 1 } # the first
    b = { delay = 2 }
  }
}
resource "aws_sqs_queue" "q" {
  for_each      = local.queues
  name          = each.key
  delay_seconds = each.value.delay
}
"""

MODULE = """variable "delay" {
  type    = number
  default = 3
}
resource "aws_sqs_queue" "q" {
  name          = "q"
  delay_seconds = var.delay
}
"""

POLICY = """resource "aws_sqs_queue" "q" {
  name = "q"
}
resource "aws_sqs_queue_policy" "p" {
  queue_url = "u"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "A" # ours
      Effect   = "Allow"
      Action   = "sqs:SendMessage"
      Resource = local.arn
    }]
  })
}
locals {
  arn = "arn:aws:sqs:eu-west-1:1:q"
}
"""

OPTIONAL = """variable "queues" {
  type = map(object({
    delay = optional(number, 3)
    tags  = optional(map(string), { A = "0" })
  }))
  default = {
    a = {}
    b = { tags = { A = "1" } }
  }
}
resource "aws_sqs_queue" "q" {
  for_each      = var.queues
  name          = each.key
  delay_seconds = each.value.delay
  tags          = each.value.tags
}
"""


def statement(**changes: Any) -> dict[str, Any]:
    return {
        "Sid": "A",
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Resource": "arn:aws:sqs:eu-west-1:1:q",
        **changes,
    }


Q = "aws_sqs_queue.q"
ACTIONS = ["sqs:SendMessage", "sqs:ReceiveMessage"]
WIDER = json.dumps({"Statement": [statement(Action=ACTIONS)], "Version": "2012-10-17"})

CASES = [
    case("a literal", QUEUE % "  delay_seconds = 5 # five\n", {Q: {"delay_seconds": 9}}, "5 # five", "9 # five"),
    case("a number in quotes", QUEUE % '  delay_seconds = "5"\n', {Q: {"delay_seconds": 9}}, '"5"', '"9"'),
    case(
        "an attribute that was not set",
        QUEUE % "",
        {Q: {"delay_seconds": 9}},
        '  name = "q"\n',
        '  name          = "q"\n  delay_seconds = 9\n',
    ),
    case(
        "an attribute unset",
        QUEUE % '  policy = ""\n  kms_master_key_id = "k"\n',
        {Q: {"kms_master_key_id": None}},
        '  kms_master_key_id = "k"\n',
        "",
    ),
    case(
        "an attribute emptied",
        QUEUE % '  kms_master_key_id = "k"\n',
        {Q: {"kms_master_key_id": ""}},
        '  kms_master_key_id = "k"\n',
        "",
    ),
    case("a tag changed", QUEUE % '  tags = { A = "1" }\n', {Q: {"tags": {"A": "2"}}}, '"1"', '"2"'),
    case(
        "a tag added",
        QUEUE % '  tags = { A = "1" }\n',
        {Q: {"tags": {"B": "2"}}},
        '{ A = "1" }',
        '{ A = "1", B = "2" }',
    ),
    case(
        "the first tag",
        QUEUE % "",
        {Q: {"tags": {"B": "2"}}},
        '  name = "q"\n',
        '  name = "q"\n  tags = {\n    B = "2"\n  }\n',
    ),
    case(
        "through a local",
        "locals {\n  d = 5\n}\n" + QUEUE % "  delay_seconds = local.d\n",
        {Q: {"delay_seconds": 9}},
        "d = 5",
        "d = 9",
    ),
    case("an entry of for_each", EACH, {'aws_sqs_queue.q["a"]': {"delay_seconds": 7}}, "delay = 1", "delay = 7"),
    case(
        "an element of a set",
        GROUP,
        {"aws_security_group.g": {"ingress": [{**RULE, "cidr_blocks": ["10.1.0.0/16", "10.0.0.0/8"]}]}},
        '["10.0.0.0/8"] # keep',
        '["10.0.0.0/8", "10.1.0.0/16"] # keep',
    ),
    case("a rule removed", GROUP, {"aws_security_group.g": {"ingress": []}}, GROUP[GROUP.index("  ingress") :], "}\n"),
    Case(
        "a tfvars file",
        {"main.tf": 'variable "d" {}\n' + QUEUE % "  delay_seconds = var.d\n", "terraform.tfvars": "d = 5\n"},
        {Q: {"delay_seconds": 9}},
        {"terraform.tfvars": ("5", "9")},
    ),
    Case(
        "an argument of a module",
        {"main.tf": 'module "m" {\n  source = "./m"\n  delay  = 5\n}\n', "m/main.tf": MODULE},
        {f"module.m.{Q}": {"delay_seconds": 9}},
        {"main.tf": ("5", "9")},
    ),
    Case(
        "a default of a module that another call shares",
        {"main.tf": 'module "m" {\n  source = "./m"\n}\nmodule "n" {\n  source = "./m"\n}\n', "m/main.tf": MODULE},
        {f"module.m.{Q}": {"delay_seconds": 9}},
        {"main.tf": ('module "m" {\n  source = "./m"\n}', 'module "m" {\n  source = "./m"\n  delay  = 9\n}')},
    ),
    case(
        "the default of an optional attribute that an entry leaves out",
        OPTIONAL,
        {'aws_sqs_queue.q["b"]': {"delay_seconds": 7}},
        'b = { tags = { A = "1" } }',
        'b = { tags = { A = "1" }, delay = 7 }',
    ),
    case(
        "a tag of an entry that leaves its tags out",
        OPTIONAL,
        {'aws_sqs_queue.q["a"]': {"tags": {"B": "2"}}},
        "a = {}",
        'a = {\n      tags = {\n        A = "0"\n        B = "2"\n      }\n    }',
    ),
    case(
        "the default of an optional attribute that all have moved away from",
        OPTIONAL,
        {'aws_sqs_queue.q["a"]': {"delay_seconds": 7}, 'aws_sqs_queue.q["b"]': {"delay_seconds": 7}},
        "optional(number, 3)",
        "optional(number, 7)",
    ),
    case(
        "a statement's action in jsonencode keeps what did not change",
        POLICY,
        {"aws_sqs_queue_policy.p": {"policy": WIDER}},
        'Action   = "sqs:SendMessage"',
        'Action   = ["sqs:SendMessage", "sqs:ReceiveMessage"]',
    ),
]


def setting(found: Case) -> tuple[MemoryTree, list[Cause], Any]:
    tree = MemoryTree({path: text.encode() for path, text in found.files.items()})
    before = evaluate(tree, ".")
    assert not before.failed, before.diagnostics
    entries = [drifted(r, found.there.get(str(r.address), {})) for r in before.resources]
    return tree, causes("s", [d for d in entries if d.finding.status != "in_sync"]), before


def adopted(tree: MemoryTree, cause: Cause, before: Any) -> Mapping[str, bytes] | None:
    for candidate in candidates(cause, tree, "."):
        after = evaluate(Overlay(tree, candidate.files), ".")
        if proves(before, after, cause.drifted) is None:
            return candidate.files
    return None


@pytest.mark.parametrize("found", CASES, ids=lambda c: c.name)
def test_the_code_says_what_is_live(found: Case) -> None:
    tree, (cause,), before = setting(found)
    files = adopted(tree, cause, before)
    assert files is not None, why_not(cause)
    wanted = {path: found.files[path].replace(old, new, 1) for path, (old, new) in found.wanted.items()}
    assert {path: content.decode() for path, content in files.items()} == wanted


def test_a_rule_added_by_hand_becomes_a_block() -> None:
    found = case("", GROUP, {"aws_security_group.g": {"ingress": [RULE, SSH]}}, "", "")
    tree, (cause,), before = setting(found)
    files = adopted(tree, cause, before)
    assert files is not None
    text = files["main.tf"].decode()
    assert text.startswith(GROUP[: GROUP.rindex("}")].rstrip()[:-1].rstrip())
    assert text.count("ingress {") == 2 and '"192.0.2.1/32"' in text and "self" not in text


def test_a_block_that_is_gone_takes_the_resource_with_it() -> None:
    files = 'resource "aws_sqs_queue" "a" {\n  name = "a"\n}\n\n' + QUEUE % ""
    tree, (cause,), before = setting(case("", files, {"aws_sqs_queue.a": None}, "", ""))
    edited = adopted(tree, cause, before)
    assert edited is not None and edited["main.tf"].decode() == QUEUE % ""


OTHER = 'resource "aws_sqs_queue" "other" {\n  delay_seconds = local.d\n}\n'
HELD = [
    (
        "the literal has other users",
        "locals {\n  d = 5\n}\n" + QUEUE % "  delay_seconds = local.d\n" + OTHER,
        {Q: {"delay_seconds": 9}},
    ),
    (
        "the value is computed",
        "locals {\n  d = 5\n}\n" + QUEUE % "  delay_seconds = local.d * 2\n",
        {Q: {"delay_seconds": 9}},
    ),
    ("one of several instances is gone", EACH, {'aws_sqs_queue.q["a"]': None}),
    (
        "live does not say what it is",
        'resource "aws_cognito_user_pool" "p" {\n  name = "p"\n}\n',
        {"aws_cognito_user_pool.p": {"deletion_protection": ""}},
    ),
]


@pytest.mark.parametrize(("name", "text", "there"), HELD, ids=[h[0] for h in HELD])
def test_what_cannot_be_proven_is_held_with_a_reason(name: str, text: str, there: dict[str, Any]) -> None:
    tree, (cause,), before = setting(case(name, text, there, "", ""))
    assert adopted(tree, cause, before) is None
    assert why_not(cause)


def test_a_secret_never_gets_into_code() -> None:
    block = '  environment {\n    variables = { DB_PASSWORD = "old-one" }\n  }\n'
    text = f'resource "aws_lambda_function" "f" {{\n  function_name = "f"\n  role = "r"\n{block}}}\n'
    there = {"aws_lambda_function.f": {"environment": [{"variables": {"DB_PASSWORD": "new-one"}}]}}
    tree, (cause,), _ = setting(case("", text, there, "", ""))
    assert list(candidates(cause, tree, ".")) == []
    assert "secret" in why_not(cause) and "new-one" not in why_not(cause)


def test_resources_that_share_a_literal_and_a_value_are_one_cause() -> None:
    text = "locals {\n  d = 5\n}\n" + "".join(
        f'resource "aws_sqs_queue" "{n}" {{\n  name = "{n}"\n  delay_seconds = local.d\n}}\n' for n in "abc"
    )
    there: dict[str, Any] = {f"aws_sqs_queue.{n}": {"delay_seconds": 9} for n in "abc"}
    tree, (cause,), before = setting(case("", text, there, "", ""))
    assert len(cause.drifted) == 3 and cause.literal is not None and cause.literal.span.line == 2
    files = adopted(tree, cause, before)
    assert files is not None and files["main.tf"].decode() == text.replace("d = 5", "d = 9")
    apart = {**there, "aws_sqs_queue.c": {"delay_seconds": 8}}
    _, found, _ = setting(case("", text, apart, "", ""))
    assert sorted(len(c.drifted) for c in found) == [1, 2]


def test_a_proof_fails_where_anything_else_moves() -> None:
    found = case("", EACH, {'aws_sqs_queue.q["a"]': {"delay_seconds": 7}}, "", "")
    tree, (cause,), before = setting(found)
    wrong = Overlay(
        tree, {"main.tf": EACH.replace("delay = 1", "delay = 7").replace("delay = 2", "delay = 3").encode()}
    )
    assert 'q["b"]' in str(proves(before, evaluate(wrong, "."), cause.drifted))
    broken = Overlay(tree, {"main.tf": EACH.replace("each.key", "each.nothing").encode()})
    assert proves(before, evaluate(broken, "."), cause.drifted)
    fewer = Overlay(tree, {"main.tf": EACH.replace("    b = { delay = 2 }\n", "").encode()})
    assert "adds or removes" in str(proves(before, evaluate(fewer, "."), cause.drifted))
    assert "still differs" in str(proves(before, before, cause.drifted))


def test_ids_of_causes_hold_still_while_values_move() -> None:
    one = setting(case("", QUEUE % "", {"aws_sqs_queue.q": {"delay_seconds": 7}}, "", ""))[1][0]
    two = setting(case("", QUEUE % "", {"aws_sqs_queue.q": {"delay_seconds": 8}}, "", ""))[1][0]
    assert one.id == two.id and one.fingerprint != two.fingerprint
    assert replace(one, stack="t").id == one.id and "delay_seconds" in one.title


def loose(type_name: str, attributes: dict[str, Any], id_: str, **changes: Any) -> Cause:
    spec = entry(type_name, semantics=SEMANTICS, **changes)
    blank = dict.fromkeys(spec.attributes)
    found, ctx = live(type_name, {**blank, **attributes}, id_), context()
    (cause,) = causes("s", [Drifted(unmanaged(found, ctx), None, None, found, spec, ctx, SCOPE)])
    return cause


def test_what_nobody_manages_is_written_down_and_imported() -> None:
    tree = MemoryTree({"main.tf": (QUEUE % "").encode(), "b.tf": b'resource "aws_sqs_queue" "new_work" {}\n'})
    there = {
        "name": "new-work",
        "delay_seconds": 5,
        "visibility_timeout_seconds": 30,
        "message_retention_seconds": 345600,
        "max_message_size": 262144,
        "receive_wait_time_seconds": 0,
        "tags": {"A": "1"},
        "tags_all": {"A": "1"},
        "arn": "arn:aws:sqs:eu-west-1:1:new-work",
    }
    before = evaluate(tree, ".")
    files = adopted(tree, loose("aws_sqs_queue", there, "https://q/new-work", natural_keys=(("name",),)), before)
    assert files is not None
    assert (
        files["main.tf"].decode()
        == (QUEUE % "")
        + """
resource "aws_sqs_queue" "new_work_2" {
  delay_seconds = 5
  name          = "new-work"
  tags = {
    A = "1"
  }
}

import {
  to = aws_sqs_queue.new_work_2
  id = "https://q/new-work"
}
"""
    )


def test_it_is_imported_by_what_terraform_takes() -> None:
    """Where that is not the id of the state, it has to be known."""
    tree = MemoryTree({"main.tf": b"locals {}\n"})
    there = {"api_id": "a1", "route_key": "GET /x", "api_key_required": False, "authorization_type": "NONE"}
    cause = loose("aws_apigatewayv2_route", there, "r1", natural_keys=(("api_id", "route_key"),), import_id=At("id"))
    (entry_,) = cause.drifted
    assert entry_.live is not None
    before = evaluate(tree, ".")
    assert adopted(tree, cause, before) is None
    known = replace(cause, drifted=(replace(entry_, live=replace(entry_.live, import_id="a1/r1")),))
    files = adopted(tree, known, before)
    assert files is not None and b'id = "a1/r1"' in files["main.tf"]


def test_a_group_with_rules_is_written_with_blocks() -> None:
    tree = MemoryTree({"main.tf": b"locals {}\n"})
    everything = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"], "self": False}
    there = {"name": "g", "vpc_id": "vpc-1", "description": "d", "ingress": [SSH], "egress": [everything]}
    cause = loose("aws_security_group", there, "sg-1", natural_keys=(("vpc_id", "name"),))
    files = adopted(tree, cause, evaluate(tree, "."))
    assert files is not None
    text = files["main.tf"].decode()
    assert "  ingress {\n" in text and 'vpc_id      = "vpc-1"' in text and 'id = "sg-1"' in text
    # The provider requires the ports, which its schema does not say.
    ports = '    from_port   = 0\n    protocol    = "-1"\n    to_port     = 0\n'
    assert f'  egress {{\n    cidr_blocks = ["0.0.0.0/0"]\n{ports}  }}\n' in text


def test_what_holds_a_secret_is_not_written_down() -> None:
    tree = MemoryTree({"main.tf": b"locals {}\n"})
    block = [{"variables": {"DB_PASSWORD": "hunter2"}}]
    cause = loose("aws_lambda_function", {"function_name": "f", "role": "r", "environment": block}, "f")
    assert adopted(tree, cause, evaluate(tree, ".")) is None


def test_a_proof_fails_where_a_new_resource_says_too_little() -> None:
    tree = MemoryTree({"main.tf": b"locals {}\n"})
    topic = b'resource "aws_sns_topic" "t" {\n  name = "t"\n'
    tags = b'provider "aws" {\n  default_tags {\n    tags = { A = "b" }\n  }\n}\n'
    cause = loose("aws_sns_topic", {"name": "t", "display_name": "T", "tags": {}, "tags_all": {}}, "arn")

    def why(text: bytes) -> str:
        return str(proves(evaluate(tree, "."), evaluate(Overlay(tree, {"main.tf": text}), "."), cause.drifted))

    assert (
        why(topic + b"}\n") == "the new resource does not say all that aws_sns_topic arn is: display_name would differ"
    )
    assert why(topic + b'  display_name = "T"\n}\n' + tags).endswith("arn is: its provider would add default tags")
    assert proves(evaluate(tree, "."), evaluate(tree, "."), cause.drifted)


# -- modules that are not ours --------------------------------------------------------------------------------

FOREIGN = {
    "main.tf": 'module "m" {\n  source = "git::https://h.example/r//queue"\n  name   = "q"\n}\n',
    "far/queue/main.tf": 'variable "name" {}\nvariable "delay" {\n  default = 5\n}\n'
    'module "deep" {\n  source = "./deep"\n}\n'
    'resource "aws_sqs_queue" "q" {\n  name = var.name\n  delay_seconds = var.delay\n'
    "  visibility_timeout_seconds = 77\n}\n",
    "far/queue/deep/main.tf": 'variable "delay" {\n  default = 5\n}\n'
    'resource "aws_sqs_queue" "q" {\n  delay_seconds = var.delay\n}\n',
}


def foreign(there: dict[str, dict[str, Any]]) -> tuple[list[Mapping[str, bytes]], str]:
    """The proven edits, and the reason where there is none."""
    tree = MemoryTree({path: text.encode() for path, text in FOREIGN.items()})
    own = MemoryTree({"main.tf": FOREIGN["main.tf"].encode()})
    inputs = Inputs(installed={"m": "far/queue"})
    before = evaluate(tree, ".", inputs)
    assert not before.failed and not before.gaps, (before.diagnostics, before.gaps)
    entries = [drifted(r, there.get(str(r.address), {})) for r in before.resources]
    (cause,) = causes("s", [d for d in entries if d.finding.status != "in_sync"])
    found = list(candidates(cause, tree, ".", own, inputs.installed))
    assert all(set(candidate.files) == {"main.tf"} for candidate in found)
    proven = [
        c.files for c in found if not proves(before, evaluate(Overlay(tree, c.files), ".", inputs), cause.drifted)
    ]
    return proven, why_not(cause, own)


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ({"name": "p"}, 'name   = "p"'),
        ({"delay_seconds": 9}, 'name   = "q"\n  delay  = 9'),
    ],
)
def test_the_argument_of_a_call_is_ours(there: dict[str, Any], expected: str) -> None:
    proven, _ = foreign({"module.m.aws_sqs_queue.q": there})
    assert proven[0]["main.tf"].decode() == FOREIGN["main.tf"].replace('name   = "q"', expected)


@pytest.mark.parametrize(
    ("address", "there", "place"),
    [
        ("module.m.aws_sqs_queue.q", {"visibility_timeout_seconds": 30}, "far/queue/main.tf:11"),
        ("module.m.aws_sqs_queue.q", {"max_message_size": 2048}, "far/queue/main.tf:8"),
        ("module.m.module.deep.aws_sqs_queue.q", {"delay_seconds": 9}, "far/queue/deep/main.tf:2"),
    ],
)
def test_what_a_foreign_module_says_is_not_edited(address: str, there: dict[str, Any], place: str) -> None:
    proven, reason = foreign({address: there})
    assert proven == []
    assert f"is set at {place}, in a module that is not in this repository" in reason
