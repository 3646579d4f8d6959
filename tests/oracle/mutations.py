"""Drift made by hand: what differs on a live resource from now on, and how a finding has to name it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

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
    """AWS (the emulator) does not take the mutation; nothing was changed."""


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
        if not shape.forces_replacement and f"{spec.name}.{name}" not in LISTED:
            found.append(name)
    return found


def possible(address: str, seen: Seen, chance: random.Random) -> dict[str, list[Mutation]]:
    """By attribute, in random order: what can be done to the resource as it is live."""
    spec = TYPES[seen.finding.type]
    assert seen.live is not None
    found: dict[str, list[Mutation]] = {}
    for name in mutable(spec):
        made = others(spec, name, shapes(spec.name)[name], seen.live.attributes.get(name), chance)
        chance.shuffle(made)
        found[name] = [Mutation(address, spec.name, name, other) for other in made]
    return found


def carry_out(mutation: Mutation, live: LiveResource, hands: Hands, scope: Scope, provider: Provider) -> None:
    """Through the operations of the type's entry. Raises Refused."""
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
        operations = [operation for write in writes for operation in write.build(subject)]
    except Exception as error:
        raise Refused(f"the entry cannot write it: {type(error).__name__}: {error}") from error
    if not operations:
        raise Refused("the entry has nothing to do for it")
    for operation in operations:
        hands.run(operation)
