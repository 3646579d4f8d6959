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
from reconciler.schema.shape import Attribute, NestedBlock
from reconciler.semantics import Shape, element_shape, kind_of, members
from tests.oracle.hints import HINTS, NEEDED, WHERE_THERE
from tests.oracle.near import Near
from tests.oracle.wholes import WHOLES


@dataclass(frozen=True, slots=True)
class Other:
    """A new value of a top-level attribute; `names` is what differs in it."""

    value: Any
    names: str
    how: str


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes values for one resource: by its entry, by chance, of what is near."""

    spec: ResourceType
    chance: random.Random
    near: Near


def others(spec: ResourceType, name: str, shape: Shape, there: Any, chance: random.Random, near: Near) -> list[Other]:
    """Values that differ from `there` in one thing each; none that equals it."""
    maker = _Maker(spec, chance, near)
    found = [*_others(maker, name, shape, there), *_unset(spec, name, shape, there)]
    unique: dict[str, Other] = {}
    for other in found:
        key = json.dumps(other.value, sort_keys=True, default=str)
        if key != json.dumps(there, sort_keys=True, default=str):
            unique.setdefault(key, other)
    return list(unique.values())


def _unset(spec: ResourceType, at: str, shape: Shape, there: Any) -> Iterator[Other]:
    """What may be left out is left out."""
    name = f"{spec.name}.{at}"
    if there in (None, "", [], {}, False, 0) or kind_of(shape) == "map" or name in NEEDED or HINTS.get(name) == []:
        return
    if isinstance(shape, NestedBlock):
        if not shape.min_items:
            yield Other(None if kind_of(shape) == "object" else [], at, "emptied")
    elif isinstance(shape, Attribute) and not shape.required:
        yield Other([] if kind_of(shape) in ("list", "set") else None, at, "unset")


def _others(maker: _Maker, at: str, shape: Shape, there: Any) -> Iterator[Other]:
    spec = maker.spec
    if any(at == name or at.startswith(f"{name}.") for name in spec.config_only | spec.unchecked):
        return
    if not there and f"{spec.name}.{at}" in WHERE_THERE:
        return
    hinted = HINTS.get(f"{spec.name}.{at}")
    if hinted is not None:
        for value in hinted:
            for filled in maker.near.filled(value, there):
                yield Other(filled, at, "set")
        return
    match kind_of(shape):
        case "bool":
            yield Other(not there, at, "flipped")
        case "number":
            yield Other((there or 0) + 1, at, "changed")
        case "string" | "dynamic":
            yield from _texts(maker, at, there)
        case "map":
            yield from _maps(at, cast("dict[str, Any]", there or {}))
        case "list" | "set" | "tuple":
            yield from _lists(maker, at, shape, cast("list[Any]", there or []))
        case _ if isinstance(there, dict):
            yield from _objects(maker, at, shape, cast("dict[str, Any]", there))
        case _:
            return


def _texts(maker: _Maker, at: str, there: Any) -> Iterator[Other]:
    rule = maker.spec.semantics.get(at)
    like = maker.near.like(there)
    if isinstance(there, str) and there.startswith(("{", "[")):
        for text in _documents(there, rule):
            yield Other(text, at, "changed")
    elif isinstance(there, str) and re.fullmatch(r"\d+", there):
        yield Other(str(int(there) + 1), at, "changed")
    elif isinstance(there, str) and re.fullmatch(r"\d+s", there):
        yield Other(f"{int(there[:-1]) + 1}s", at, "changed")
    elif like:
        yield Other(like[0], at, "another")
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


def _lists(maker: _Maker, at: str, shape: Shape, there: list[Any]) -> Iterator[Other]:
    inner = element_shape(shape) or "dynamic"
    if members(inner):
        yield from _blocks(maker, at, shape, inner, there)
        return
    if not there:
        yield Other([1 if kind_of(inner) == "number" else "other"], at, "element added")
    else:
        there_too = maker.chance.choice(there)
        for other in _others(maker, f"{at}[]", inner, there_too):
            if other.value not in there:
                yield Other([*there, other.value], at, "element added")
    if len(there) > 1:
        yield Other(there[1:], at, "element removed")


def _blocks(maker: _Maker, at: str, shape: Shape, inner: Shape, there: list[Any]) -> Iterator[Other]:
    for index, element in enumerate(there):
        for other in _objects(maker, at, inner, element):
            yield Other([*there[:index], other.value, *there[index + 1 :]], other.names, other.how)
    if len(there) > 1:
        yield Other(there[1:], at, "block removed")
    room = not isinstance(shape, NestedBlock) or not shape.max_items or len(there) < shape.max_items
    if room:
        for whole in WHOLES.get(f"{maker.spec.name}.{at}", ()):
            for filled in maker.near.filled(whole):
                yield Other([*there, _complete(inner, filled)], at, "block added")


def _complete(shape: Shape, value: Mapping[str, Any]) -> dict[str, Any]:
    """The block with all its members, those that a hint leaves out as Terraform's state has them."""
    found: dict[str, Any] = {}
    for name, member in members(shape).items():
        inner = element_shape(member)
        if name not in value:
            empty = [] if kind_of(member) in ("list", "set") else None
            found[name] = member.default if isinstance(member, Attribute) and member.default is not None else empty
        elif inner is not None and members(inner):
            found[name] = [_complete(inner, item) for item in value[name]]
        else:
            found[name] = value[name]
    return found


def _objects(maker: _Maker, at: str, shape: Shape, there: Mapping[str, Any]) -> Iterator[Other]:
    for name, member in members(shape).items():
        if isinstance(member, Attribute) and (member.read_only or member.write_only):
            continue
        value, known = there.get(name), f"{maker.spec.name}.{at}.{name}"
        if value in (None, "", [], {}, 0) and known not in HINTS and known not in WHOLES:
            continue  # what a block leaves out has no value that fits the rest of it
        for other in (
            *_others(maker, f"{at}.{name}", member, value),
            *_unset(maker.spec, f"{at}.{name}", member, value),
        ):
            yield Other({**there, name: other.value}, other.names, other.how)
