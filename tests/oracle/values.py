"""Other values for what is live: seeded, by the provider's schema and what the services take.

A value comes with the names of what it changes ("ingress.cidr_blocks"), as findings are expected to name it.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from reconciler.resources.spec import ResourceType, Semantics
from reconciler.schema.shape import Attribute
from reconciler.semantics import Shape, element_shape, kind_of, members
from tests.oracle.hints import HINTS


@dataclass(frozen=True, slots=True)
class Other:
    """A new value of a top-level attribute; `names` is what differs in it."""

    value: Any
    names: str
    how: str


def others(spec: ResourceType, name: str, shape: Shape, there: Any, chance: random.Random) -> list[Other]:
    """Values that differ from `there` in one thing each; none that equals it."""
    found = list(_others(spec, name, shape, there, chance, top=True))
    unique: dict[str, Other] = {}
    for other in found:
        key = json.dumps(other.value, sort_keys=True, default=str)
        if key != json.dumps(there, sort_keys=True, default=str):
            unique.setdefault(key, other)
    return list(unique.values())


def _others(
    spec: ResourceType, at: str, shape: Shape, there: Any, chance: random.Random, *, top: bool = False
) -> Iterator[Other]:
    if any(at == name or at.startswith(f"{name}.") for name in spec.config_only | spec.unchecked):
        return
    hinted = HINTS.get(f"{spec.name}.{at}")
    if hinted is not None:
        for value in hinted:
            yield Other(value, at, "set")
        return
    match kind_of(shape):
        case "bool":
            yield Other(not there, at, "flipped")
        case "number":
            yield Other((there or 0) + 1, at, "changed")
        case "string" | "dynamic":
            yield from _texts(spec, at, there)
        case "map":
            yield from _maps(at, cast("dict[str, Any]", there or {}))
        case "list" | "set" | "tuple":
            yield from _lists(spec, at, shape, cast("list[Any]", there or []), chance)
        case _ if isinstance(there, dict):
            yield from _objects(spec, at, shape, cast("dict[str, Any]", there), chance)
        case _:
            return


def _texts(spec: ResourceType, at: str, there: Any) -> Iterator[Other]:
    rule = spec.semantics.get(at)
    if isinstance(there, str) and there.startswith(("{", "[")):
        for text in _documents(there, rule):
            yield Other(text, at, "changed")
    elif isinstance(there, str) and re.fullmatch(r"\d+", there):
        yield Other(str(int(there) + 1), at, "changed")
    elif isinstance(there, str) and re.fullmatch(r"\d+s", there):
        yield Other(f"{int(there[:-1]) + 1}s", at, "changed")
    elif there:
        yield Other(f"{there}x", at, "changed")
    elif rule not in (Semantics.POLICY, Semantics.EVENT_PATTERN, Semantics.REDRIVE, Semantics.JSON):
        yield Other("other", at, "set")


def _documents(text: str, rule: Semantics | None) -> Iterator[str]:
    try:
        found = json.loads(text)
    except ValueError:
        return
    match rule:
        case Semantics.POLICY if isinstance(found.get("Statement"), list) and found["Statement"]:
            more = copy.deepcopy(found)
            extra = copy.deepcopy(more["Statement"][0])
            extra |= {"Sid": "Another", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
            more["Statement"].append(extra)
            yield json.dumps(more)
            narrower = copy.deepcopy(found)
            narrower["Statement"][0]["Condition"] = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
            yield json.dumps(narrower)
        case Semantics.EVENT_PATTERN:
            yield json.dumps({**found, "source": ["another"]})
        case Semantics.REDRIVE if "maxReceiveCount" in found:
            yield json.dumps({**found, "maxReceiveCount": int(found["maxReceiveCount"]) + 1})
        case Semantics.REDRIVE if "redrivePermission" in found:
            yield json.dumps(
                {"redrivePermission": "denyAll" if found["redrivePermission"] != "denyAll" else "allowAll"}
            )
        case _ if isinstance(found, dict):
            yield json.dumps({**found, "Another": "x"})
        case _:
            return


def _maps(at: str, there: Mapping[str, Any]) -> Iterator[Other]:
    yield Other({**there, "Another": "yes"}, f"{at}.Another", "key added")
    for key in sorted(there)[:1]:
        yield Other({**there, key: f"{there[key]}x"}, f"{at}.{key}", "key changed")
        yield Other({k: v for k, v in there.items() if k != key}, f"{at}.{key}", "key removed")


def _lists(spec: ResourceType, at: str, shape: Shape, there: list[Any], chance: random.Random) -> Iterator[Other]:
    inner = element_shape(shape) or "dynamic"
    blocks = bool(members(inner))
    if not blocks:
        if not there:
            yield Other([1 if kind_of(inner) == "number" else "other"], at, "element added")
        for other in _others(spec, f"{at}[]", inner, chance.choice(there), chance) if there else ():
            yield Other([*there, other.value], at, "element added")
        if len(there) > 1:
            yield Other(there[1:], at, "element removed")
        return
    for index, element in enumerate(there):
        for other in _objects(spec, at, inner, element, chance):
            yield Other([*there[:index], other.value, *there[index + 1 :]], other.names, other.how)
    if there and len(there) > 1:
        yield Other(there[1:], at, "block removed")


def _objects(
    spec: ResourceType, at: str, shape: Shape, there: Mapping[str, Any], chance: random.Random
) -> Iterator[Other]:
    for name, member in members(shape).items():
        if isinstance(member, Attribute) and (member.read_only or member.write_only):
            continue
        value = there.get(name)
        if value in (None, "", [], {}, 0) and f"{spec.name}.{at}.{name}" not in HINTS:
            continue  # what a block leaves out has no value that fits the rest of it
        for other in _others(spec, f"{at}.{name}", member, value, chance):
            yield Other({**there, name: other.value}, other.names, other.how)
