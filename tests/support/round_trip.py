"""Writes, proven: what a type's entry builds makes live what is wanted, and the swapped call undoes it.

    trip = RoundTrip(cloud, provider)
    trip.change("aws_sqs_queue", {"name": "work"}, {"visibility_timeout_seconds": 5})
    trip.remove_and_restore("aws_sqs_queue_policy", {"queue_url": url})

Resources are found by attributes (of a natural key). Each step reads again, exactly, and compares every attribute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reconciler import schema
from reconciler.aws import Cloud, Stub
from reconciler.model import Json, LiveResource, Operation, Provider
from reconciler.resources import TYPES
from reconciler.resources.spec import ResourceType, Subject
from reconciler.semantics import equivalent

# Move by themselves when something is written.
RESTLESS = frozenset(
    (
        "last_modified",
        "version",
        "qualified_arn",
        "qualified_invoke_arn",
        "revision_id",
        "etag",
        "version_id",
        "stream_arn",
        "stream_label",
        "aws_kinesis_stream_consumer.creation_timestamp",
        "aws_kms_alias.target_key_arn",
        "aws_kms_grant.grant_id",
        "aws_lambda_event_source_mapping.state",
    )
)


class RoundTrip:
    def __init__(self, cloud: Cloud, provider: Provider) -> None:
        self.cloud = cloud
        self.provider = provider

    def find(self, type_name: str, where: Mapping[str, Json], wanted: Mapping[str, Json] | None = None) -> Any:
        """The live resource, or None."""
        self.cloud.forget()
        entry = TYPES[type_name]
        if entry.gather:
            stubs = [Stub.of(type_name, "", self.provider, wanted={**(wanted or {}), **where})]
        else:
            listing = self.cloud.list([type_name], self.provider)
            assert not listing.gaps, listing.gaps
            stubs = [s for s in listing.stubs if all(s.keys.get(name) == value for name, value in where.items())]
            assert len(stubs) < 2, f"{where} names {len(stubs)}"
        reading = self.cloud.describe(stubs, exact=True)
        assert not reading.gaps, reading.gaps
        return reading.found[0] if reading.found else None

    def change(self, type_name: str, where: Mapping[str, Json], wanted: Mapping[str, Any]) -> None:
        """Sets `wanted`, finds it live and nothing else moved; undoes it, finds everything as it was."""
        entry = TYPES[type_name]
        before: LiveResource = self.find(type_name, where)
        assert before is not None, f"no {type_name} with {where}"
        changed = frozenset(wanted) | ({"tags_all"} if "tags" in wanted else frozenset[str]())
        after = {**before.attributes, **wanted} | ({"tags_all": wanted["tags"]} if "tags" in wanted else {})
        for name in wanted:
            assert not same(entry, name, before.attributes.get(name), after[name]), f"{name} is so already"
        self.run(update(entry, before, before.attributes, after, changed, self.cloud, self.provider))
        there: LiveResource = self.find(type_name, {**where, **{n: v for n, v in wanted.items() if n in where}}, after)
        assert there is not None, "it is gone"
        expect(entry, after, there.attributes)
        self.run(update(entry, there, there.attributes, before.attributes, changed, self.cloud, self.provider))
        again: LiveResource = self.find(type_name, where, before.attributes)
        expect(entry, before.attributes, again.attributes)

    def remove_and_restore(self, type_name: str, where: Mapping[str, Json], wanted: Any = None) -> None:
        """Deletes it, finds nothing; creates it, finds it as it was but for its id."""
        entry = TYPES[type_name]
        assert entry.create and entry.delete
        before: LiveResource = self.find(type_name, where, wanted)
        assert before is not None, f"no {type_name} with {where}"
        scope = self.cloud.scope(self.provider)
        self.run(entry.delete.build(Subject(before.id, before.attributes, None, frozenset(), scope)))
        assert self.find(type_name, where, wanted) is None, "it is still there"
        self.run(entry.create.build(Subject(before.id, None, before.attributes, frozenset(), scope)))
        again: LiveResource = self.find(type_name, where, wanted)
        assert again is not None, "it did not come back"
        own = {name for name, value in before.attributes.items() if isinstance(value, str) and before.id in value}
        expect(entry, before.attributes, again.attributes, own | {"id", "arn", "security_group_rule_id"})

    def run(self, operations: Iterable[Operation]) -> None:
        steps = list(operations)
        assert steps, "nothing to do"
        for operation in steps:
            self.cloud.run(operation, self.provider)


def update(
    entry: ResourceType,
    live: LiveResource,
    before: Mapping[str, Json],
    after: Mapping[str, Json],
    changed: frozenset[str],
    cloud: Cloud,
    provider: Provider,
) -> list[Operation]:
    missing = changed - frozenset[str]().union(*(write.attributes for write in entry.writes))
    assert not missing, f"no write sets {sorted(missing)}"
    subject = Subject(live.id, before, after, changed, cloud.scope(provider))
    found = [operation for write in entry.writes if write.attributes & changed for operation in write.build(subject)]
    for operation in found:
        assert any(str(operation) in write.operations for write in entry.writes), f"{operation} is not declared"
    return found


def same(entry: ResourceType, name: str, one: Json, other: Json) -> bool:
    known = schema.resource(entry.name)
    assert known is not None
    shape: Any = known.block.attributes.get(name) or known.block.blocks[name]
    return equivalent(shape, one, other, entry.semantics, name)


def expect(entry: ResourceType, wanted: Mapping[str, Json], live: Mapping[str, Json], but: Iterable[str] = ()) -> None:
    skipped = RESTLESS.union(but)
    different = {
        name: (wanted[name], live.get(name))
        for name in wanted
        if not skipped & {name, f"{entry.name}.{name}"} and not same(entry, name, wanted[name], live.get(name))
    }
    assert not different, f"wanted, live: {different}"
