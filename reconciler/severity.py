"""How bad a difference is: one explicit table, read from the worst down.

critical  live is open to the world, or to everything, where the code does not say so
high      who may do what, network rules, keys and secrets; whatever is missing
medium    everything else
low       names for people: tags and descriptions; deploys that are due
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final, cast

from reconciler import iam_policy
from reconciler.model import Change, Json, Path, Plain, Severity, Status

ORDER: Final[tuple[Severity, ...]] = ("low", "medium", "high", "critical")

_WORLD = frozenset({"0.0.0.0/0", "::/0"})
_LOW = frozenset({"tags", "tags_all", "description", "comment", "display_name", "tag"})
_HIGH_TYPES = (
    "aws_iam_",
    "aws_security_group",
    "aws_vpc_security_group_",
    "aws_default_security_group",
    "aws_network_acl",
    "aws_default_network_acl",
    "aws_kms_",
    "aws_secretsmanager_",
    "aws_lambda_permission",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_acl",
    "aws_acm_",
    "aws_cloudwatch_event_permission",
)
_HIGH_NAMES = (
    "policy",
    "assume_role",
    "kms_",
    "encrypt",
    "role",
    "principal",
    "security_group",
    "authoriz",
    "public",
    "secret",
    "password",
    "certificate",
    "redrive",
    "permissions_boundary",
    "auth",
)
_NARROWER = ("source_arn", "source_account", "principal_org_id", "condition")
_INBOUND_RULES = frozenset({"aws_vpc_security_group_ingress_rule", "aws_security_group_rule"})


def worst(severities: Iterable[Severity]) -> Severity:
    """The highest; "low" for none."""
    return ORDER[max(map(ORDER.index, severities), default=0)]


def of_change(type_name: str, change: Change) -> Severity:
    """How bad it is that live differs there."""
    if opens(type_name, change.path, change.live) and not opens(type_name, change.path, change.code):
        return "critical"
    name = str(change.path[0])
    if name in _LOW or (isinstance(change.path[-1], str) and change.path[-1] in _LOW):
        return "low"
    if change.sensitive or type_name.startswith(_HIGH_TYPES) or any(part in name for part in _HIGH_NAMES):
        return "high"
    return "medium"


def of_finding(
    status: Status, type_name: str, changes: Iterable[Change], live: Mapping[str, Json] | None = None
) -> Severity:
    match status:
        case "in_sync" | "pending":
            return "low"
        case "missing":
            return "high"
        case "unverified":
            return "medium"
        case "unmanaged":
            found = live or {}
            if any(opens(type_name, (name,), value, found) for name, value in found.items()):
                return "critical"
            return "high" if type_name.startswith(_HIGH_TYPES) else "medium"
        case "drifted" | "conflict":
            return worst(of_change(type_name, change) for change in changes)


def opens(type_name: str, path: Path, value: Plain | Json, beside: Mapping[str, Json] | None = None) -> bool:
    """`value` at `path` lets everybody in, or everything be done."""
    name = str(path[0])
    if "security_group" in type_name and _inbound(type_name, name, beside):
        return any(text in _WORLD for text in _texts(value))
    if name in ("policy", "assume_role_policy", "inline_policy", "access_policy", "resource_policy"):
        return any(_wide(text) for text in _texts(value))
    if name == "principal" and value == "*":
        return not any((beside or {}).get(narrower) for narrower in _NARROWER)
    return name == "publicly_accessible" and value is True


def _inbound(type_name: str, name: str, beside: Mapping[str, Json] | None) -> bool:
    if type_name == "aws_security_group_rule" and (beside or {}).get("type", "ingress") != "ingress":
        return False
    return name == "ingress" or (type_name in _INBOUND_RULES and name.startswith(("cidr", "ipv6_cidr")))


def _texts(value: Plain | Json) -> Iterable[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _texts(item)
        case dict():
            for item in value.values():
                yield from _texts(item)
        case _:
            return


def _wide(text: str) -> bool:
    """An Allow without a condition to everybody, or of every action, or of all that a service does to everything."""
    document = iam_policy.parse(text)
    canonical = iam_policy.canonical(document) if document else None
    if not isinstance(canonical, dict):
        return False
    statements = cast("list[Json]", canonical["Statement"])
    return any(isinstance(s, dict) and _wide_statement(s) for s in statements)


def _wide_statement(statement: dict[str, Json]) -> bool:
    if statement.get("Effect") != "Allow":
        return False
    actions, resources = (_texts(statement.get(name)) for name in ("Action", "Resource"))
    least = "*" if "*" in resources else "\0"
    everything = "NotAction" in statement or any(a == "*" or a.endswith(f":{least}") for a in actions)
    everybody = '"*"' in json.dumps(statement.get("Principal")) and "Condition" not in statement
    return everything or everybody
