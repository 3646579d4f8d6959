"""Properties of the comparison, over values that the provider's own schema allows."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler import schema
from reconciler.model import Path
from reconciler.schema.shape import Attribute, Block, NestedBlock
from reconciler.semantics import Shape, canonical, element_shape, equivalent, kind_of, members, normalised
from tests.core.support import compared

TYPES = (
    "aws_sqs_queue",
    "aws_security_group",
    "aws_lambda_function",
    "aws_cloudwatch_event_target",
    "aws_lb_listener_rule",
    "aws_dynamodb_table",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_ecs_service",
)
DEPTH = 3
LEFT_OUT = frozenset({"id", "tags_all", "timeouts"})

words = st.text("abcxyz-_./:é ", min_size=1, max_size=6)
numbers = st.integers(1, 10**6)


def values(shape: Shape, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of a schema's attribute, block or type; null only where nothing stands for null."""
    match kind_of(shape):
        case "number":
            return numbers
        case "bool":
            return st.booleans()
        case "object":
            return objects(shape, depth)
        case "map":
            return st.dictionaries(words, values(element_shape(shape) or "dynamic", depth + 1), max_size=3)
        case ("list" | "set") as kind:
            most = shape.max_items or 3 if isinstance(shape, NestedBlock) else 3
            inner = values(element_shape(shape) or "dynamic", depth + 1)
            return st.lists(inner, max_size=min(most, 3), unique_by=_key if kind == "set" else None)
        case _:
            return words


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def objects(shape: Shape, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for name, member in members(shape).items():
        if depth == 0 and name in LEFT_OUT:
            continue
        if isinstance(member, NestedBlock) and depth >= DEPTH:
            continue
        if isinstance(member, Attribute) and (member.read_only or member.write_only or member.sensitive):
            continue
        certain = not isinstance(member, Attribute) or member.required or member.default is not None
        fields[name] = values(member, depth + 1) if certain else st.none() | values(member, depth + 1)
    return st.fixed_dictionaries(fields)


def block_of(type_name: str) -> Block:
    described = schema.resource(type_name)
    assert described is not None
    return described.block


@st.composite
def resources(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    type_name = draw(st.sampled_from(TYPES))
    return type_name, draw(objects(block_of(type_name), 0))


def leaves(shape: Shape, value: Any, path: Path = ()) -> list[tuple[Path, bool]]:
    """The paths of what can be changed, and whether a set of objects is on the way."""
    found: list[tuple[Path, bool]] = []
    match value:
        case dict():
            for name, item in value.items():
                inner = members(shape).get(name) or element_shape(shape) or "dynamic"
                found += leaves(inner, item, (*path, name))
        case list() if value and isinstance(value[0], dict):
            inside = kind_of(shape) == "set"
            for index, item in enumerate(value):
                found += [(p, inside or s) for p, s in leaves(element_shape(shape) or "dynamic", item, (*path, index))]
        case None:
            return []
        case [] if members(element_shape(shape) or "dynamic"):
            return []
        case _:
            return [(path, False)]
    return found


def mutated(value: Any, path: Path) -> Any:
    out = copy.deepcopy(value)
    holder = out
    for step in path[:-1]:
        holder = holder[step]
    old = holder[path[-1]]
    match old:
        case bool():
            new: Any = not old
        case int():
            new = old + 1
        case list():
            new = [*old, 77 if old and isinstance(old[0], int) else "added"]
        case _:
            new = f"{old}+"
    holder[path[-1]] = new
    return out


def shuffled(shape: Shape, value: Any, chance: random.Random) -> Any:
    """The same value with sets and maps in another order."""
    match value:
        case dict():
            names = list(value)
            chance.shuffle(names)
            inside, inner = members(shape), element_shape(shape) or "dynamic"
            return {name: shuffled(inside.get(name, inner), value[name], chance) for name in names}
        case list():
            items = [shuffled(element_shape(shape) or "dynamic", item, chance) for item in value]
            if kind_of(shape) == "set":
                chance.shuffle(items)
            return items
        case _:
            return value


@settings(max_examples=60, deadline=None)
@given(resources(), st.randoms(use_true_random=False))
def test_what_is_the_same_on_all_sides_is_in_sync(drawn: tuple[str, dict[str, Any]], chance: random.Random) -> None:
    type_name, code = drawn
    there = shuffled(block_of(type_name), code, chance)
    base = shuffled(block_of(type_name), code, chance)
    for recorded in (base, None):
        found = compared(type_name, code, recorded, there)
        assert (found.status, found.changes) == ("in_sync", ())


@settings(max_examples=150, deadline=None)
@given(resources(), st.data())
def test_one_change_is_found_and_nothing_else(drawn: tuple[str, dict[str, Any]], data: st.DataObject) -> None:
    type_name, code = drawn
    places = leaves(block_of(type_name), code)
    if not places:
        return
    path, in_set = data.draw(st.sampled_from(places))
    there = mutated(code, path)
    if equivalent(block_of(type_name), code, there):
        return  # false for true where nothing is said: one value
    found = compared(type_name, code, code, there)
    assert found.status == "drifted"
    assert {c.cause for c in found.changes} == {"live_changed"}
    if in_set:
        assert {c.path[0] for c in found.changes} == {path[0]}
    else:
        assert [c.path for c in found.changes] == [path]
    moved = compared(type_name, there, code, code)
    assert moved.status == "pending" and {c.path for c in moved.changes} and not moved.unchecked


@settings(max_examples=40, deadline=None)
@given(resources(), st.data(), st.randoms(use_true_random=False))
def test_fingerprints_do_not_depend_on_order(
    drawn: tuple[str, dict[str, Any]], data: st.DataObject, chance: random.Random
) -> None:
    type_name, code = drawn
    places = [place for place, in_set in leaves(block_of(type_name), code) if not in_set]
    if not places:
        return
    there = mutated(code, data.draw(st.sampled_from(places)))
    one = compared(type_name, code, None, there)
    two = compared(
        type_name, shuffled(block_of(type_name), code, chance), None, shuffled(block_of(type_name), there, chance)
    )
    assert one.fingerprint == two.fingerprint


@settings(max_examples=60, deadline=None)
@given(resources(), st.randoms(use_true_random=False))
def test_canonical_and_normal_forms_are_final(drawn: tuple[str, dict[str, Any]], chance: random.Random) -> None:
    type_name, value = drawn
    shape = block_of(type_name)
    final = canonical(shape, value)
    assert canonical(shape, final) == final
    normal = normalised(shape, value)
    assert normalised(shape, normal) == normal == normalised(shape, shuffled(shape, value, chance))
    assert equivalent(shape, value, normal)  # pyright: ignore[reportArgumentType]
