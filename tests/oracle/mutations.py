"""Drift made by hand: what differs on a live resource from now on, and how a finding has to name it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from reconciler import schema
from reconciler.model import LiveResource, Operation, Provider
from reconciler.resources import TYPES
from reconciler.resources.spec import ResourceType, Scope, Subject
from reconciler.schema.shape import Attribute, NestedBlock
from tests.oracle.by_hand import BY_HAND
from tests.oracle.hands import Hands, Refused
from tests.oracle.hints import LISTED
from tests.oracle.looking import Seen
from tests.oracle.near import Near, Pool
from tests.oracle.values import Other, others


@dataclass(frozen=True, slots=True)
class Mutation:
    """What to do to one attribute of one resource, and what it is then."""

    address: str
    type: str
    attribute: str
    other: Other

    def __str__(self) -> str:
        return f"{self.address}.{self.other.names} {self.other.how}"


def shapes(type_name: str) -> dict[str, Attribute | NestedBlock]:
    known = schema.resource(type_name)
    assert known is not None
    return {**known.block.attributes, **known.block.blocks}


def mutable(spec: ResourceType) -> list[str]:
    """The mapped attributes that change in place: neither computed alone nor a reason for replacement."""
    found: list[str] = []
    for name, shape in shapes(spec.name).items():
        if name in ("id", "tags_all", "timeouts") or name not in spec.attributes:
            continue
        if isinstance(shape, Attribute) and (shape.read_only or shape.write_only or shape.deprecated):
            continue
        if isinstance(shape, NestedBlock) and shape.block.deprecated and shape.computed:
            continue
        if not shape.forces_replacement:
            found.append(name)
    return found


def settable(spec: ResourceType, attribute: str) -> bool:
    """Something sets it: an operation of the entry, or somebody's hand."""
    return attribute in BY_HAND.get(spec.name, {}) or any(attribute in write.attributes for write in spec.writes)


def possible(address: str, seen: Seen, chance: random.Random, hands: Hands, scope: Scope, pool: Pool) -> list[Mutation]:
    """In random order: what can be done to the resource as it is live."""
    spec = TYPES[seen.finding.type]
    assert seen.live is not None
    near = Near.to(pool, address, seen.live)
    found: list[Mutation] = []
    for name in mutable(spec):
        if f"{spec.name}.{name}" in LISTED or not settable(spec, name):
            continue
        made = others(spec, name, shapes(spec.name)[name], seen.live.attributes.get(name), chance, near)
        chance.shuffle(made)
        for other in made:
            mutation = Mutation(address, spec.name, name, other)
            found.append(_with_choice(mutation, seen.live, hands, scope, seen.resource.provider))
    return found


def _with_choice(mutation: Mutation, live: LiveResource, hands: Hands, scope: Scope, provider: Provider) -> Mutation:
    """A made-up text becomes one of those that AWS's own description of the operation lists, where it lists any."""
    try:
        operations = planned(mutation, live, hands, scope, provider)
    except Refused:
        return mutation
    there = set(_texts(live.attributes.get(mutation.attribute)))
    value = mutation.other.value
    for operation in operations:
        for bad, choices in hands.bad_choices(operation):
            if bad in there:
                continue  # the emulator's own
            better = [choice for choice in choices if choice not in there] or choices
            value = _replaced(value, bad, better[0])
    return Mutation(
        mutation.address, mutation.type, mutation.attribute, Other(value, mutation.other.names, mutation.other.how)
    )


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in cast("list[Any]", value):
                yield from _texts(item)
        case dict():
            yield from _texts(list(cast("dict[str, Any]", value).values()))
        case _:
            return


def _replaced(value: Any, bad: str, better: str) -> Any:
    match value:
        case list():
            return [_replaced(item, bad, better) for item in cast("list[Any]", value)]
        case dict():
            return {name: _replaced(item, bad, better) for name, item in cast("dict[str, Any]", value).items()}
        case _:
            return better if value == bad else value


def carry_out(mutation: Mutation, live: LiveResource, hands: Hands, scope: Scope, provider: Provider) -> None:
    """Through the operations of the type's entry. Raises Refused."""
    operations = planned(mutation, live, hands, scope, provider)
    if not operations:
        raise Refused("the entry has nothing to do for it")
    for done, operation in enumerate(operations):
        try:
            hands.run(operation)
        except Refused as refused:
            raise Refused(str(refused), nothing=not done and "500" not in str(refused)) from refused


def is_final(mutation: Mutation, live: LiveResource, scope: Scope) -> bool:
    """The entry itself says that its operations do not get there."""
    spec, name = TYPES[mutation.type], mutation.attribute
    subject = Subject(
        live.id, live.attributes, {**live.attributes, name: mutation.other.value}, frozenset((name,)), scope
    )
    by_hand = name in BY_HAND.get(spec.name, {})
    return not by_hand and any(name in write.stuck(subject) for write in spec.writes if name in write.attributes)


def planned(mutation: Mutation, live: LiveResource, hands: Hands, scope: Scope, provider: Provider) -> list[Operation]:
    """What somebody's hands do to make the mutation, else the type's entry. Raises Refused."""
    spec = TYPES[mutation.type]
    name = mutation.attribute
    writes = [write for write in spec.writes if name in write.attributes]
    hand = BY_HAND.get(spec.name, {}).get(name)
    if not writes and hand is None:
        raise Refused("no operation of the entry sets it")
    after = {**live.attributes, name: mutation.other.value}
    changed = frozenset((name,))
    before: dict[str, Any] = dict(live.attributes)
    if name == "tags":
        default = dict(provider.default_tags)
        before = {**before, "tags_all": {**default, **(before["tags"] or {})}}
        after |= {"tags_all": {**default, **(mutation.other.value or {})}}
        changed |= {"tags_all"}
    subject = Subject(live.id, before, after, changed, scope)
    try:
        if hand is not None:
            return list(hand(hands, subject))
        return [operation for write in writes for operation in write.build(subject)]
    except Refused:
        raise
    except Exception as error:
        raise Refused(f"the entry cannot write it: {type(error).__name__}: {error}") from error
