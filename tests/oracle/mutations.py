"""Drift made by hand: what differs on a live resource from now on, and how a finding has to name it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from botocore.session import Session

from reconciler import schema
from reconciler.model import LiveResource, Operation, Provider
from reconciler.resources import TYPES
from reconciler.resources.spec import ResourceType, Scope, Subject
from reconciler.schema.shape import Attribute, NestedBlock
from tests.oracle.hints import LISTED
from tests.oracle.looking import Seen
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


class Refused(Exception):
    """AWS (the emulator) does not take the mutation; `nothing` was changed by it, as far as one can know."""

    def __init__(self, text: str, *, nothing: bool = True) -> None:
        super().__init__(text)
        self.nothing = nothing


@dataclass(slots=True)
class Hands:
    """Plain botocore clients, as somebody at a terminal has them: nothing of the product but an entry's operations."""

    url: str
    region: str
    _clients: dict[str, Any] = field(default_factory=dict[str, Any])
    _session: Session = field(default_factory=Session)

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._session.set_credentials("test", "test")
            once = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
            self._clients[service] = self._session.create_client(
                service, region_name=self.region, endpoint_url=self.url, config=once
            )
        return self._clients[service]

    def bad_choices(self, operation: Operation) -> Iterator[tuple[str, list[str]]]:
        """Texts in the parameters that AWS takes no such value for, with those that it takes."""
        model = self._session.get_service_model(operation.service).operation_model(operation.operation)
        if model.input_shape is not None:
            yield from _bad_choices(model.input_shape, operation.parameters)

    def run(self, operation: Operation) -> None:
        client = self.client(operation.service)
        method = {v: k for k, v in client.meta.method_to_api_mapping.items()}[operation.operation]
        try:
            getattr(client, method)(**operation.parameters)
        except (BotoCoreError, ClientError, ResponseParserError) as error:
            raise Refused(f"{operation}: {error}") from error


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


def possible(address: str, seen: Seen, chance: random.Random, hands: Hands, scope: Scope) -> list[Mutation]:
    """In random order: what can be done to the resource as it is live."""
    spec = TYPES[seen.finding.type]
    assert seen.live is not None
    found: list[Mutation] = []
    for name in mutable(spec):
        if f"{spec.name}.{name}" in LISTED:
            continue
        made = others(spec, name, shapes(spec.name)[name], seen.live.attributes.get(name), chance)
        chance.shuffle(made)
        for other in made:
            mutation = Mutation(address, spec.name, name, other)
            found.append(_with_choice(mutation, seen.live, hands, scope, seen.resource.provider))
    return found


def _with_choice(mutation: Mutation, live: LiveResource, hands: Hands, scope: Scope, provider: Provider) -> Mutation:
    """A made-up text becomes one of those that AWS's own description of the operation lists, where it lists any."""
    try:
        operations = planned(mutation, live, scope, provider)
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


def _bad_choices(shape: Any, value: Any) -> Iterator[tuple[str, list[str]]]:
    match value:
        case dict() if shape.type_name == "structure":
            for name, item in cast("dict[str, Any]", value).items():
                if name in shape.members:
                    yield from _bad_choices(shape.members[name], item)
        case dict() if shape.type_name == "map":
            for item in cast("dict[str, Any]", value).values():
                yield from _bad_choices(shape.value, item)
        case list() if shape.type_name == "list":
            for item in cast("list[Any]", value):
                yield from _bad_choices(shape.member, item)
        case str() if shape.type_name == "string" and shape.enum and value not in shape.enum:
            yield value, list(shape.enum)
        case _:
            return


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
    operations = planned(mutation, live, scope, provider)
    if not operations:
        raise Refused("the entry has nothing to do for it")
    for done, operation in enumerate(operations):
        try:
            hands.run(operation)
        except Refused as refused:
            raise Refused(str(refused), nothing=not done and "500" not in str(refused)) from refused


def planned(mutation: Mutation, live: LiveResource, scope: Scope, provider: Provider) -> list[Operation]:
    """What the type's entry does to make the mutation. Raises Refused."""
    spec = TYPES[mutation.type]
    name = mutation.attribute
    writes = [write for write in spec.writes if name in write.attributes]
    if not writes:
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
        return [operation for write in writes for operation in write.build(subject)]
    except Exception as error:
        raise Refused(f"the entry cannot write it: {type(error).__name__}: {error}") from error
