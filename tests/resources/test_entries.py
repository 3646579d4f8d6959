"""Every entry against what the provider says of the type, and what botocore says of the operations."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.session import Session
from botocore.validate import ParamValidator

from reconciler import schema
from reconciler.model import UNKNOWN
from reconciler.resources import TYPES, WITH_CHILDREN
from reconciler.resources.spec import Read, ResourceType, Scope, Subject, Write
from reconciler.semantics import has_unknown
from tests.resources.golden import every_type, expected, folder, replayed

SCOPE = Scope("eu-west-1", "123456789012")
ENTRIES = pytest.mark.parametrize("entry", every_type(), indirect=True)


@pytest.fixture
def entry(request: pytest.FixtureRequest) -> ResourceType:
    return TYPES[request.param]


@functools.cache
def model(service: str) -> Any:
    return _session().get_service_model(service)


@functools.cache
def _session() -> Session:
    return Session()


def names_of(entry: ResourceType) -> set[str]:
    known = schema.resource(entry.name)
    assert known is not None, f"the provider has no {entry.name}"
    return {*known.block.attributes, *known.block.blocks}


def reads_of(entry: ResourceType) -> Iterator[Read]:
    for read in (entry.list, *entry.details.values()):
        found: Read | None = read
        while found is not None:
            yield found
            if found.bulk and found.bulk.single:
                yield found.bulk.single
            found = found.under


def writes_of(entry: ResourceType) -> Iterator[Write]:
    yield from entry.writes
    yield from (write for write in (entry.create, entry.delete) if write)


@ENTRIES
def test_every_attribute_is_accounted_for_once(entry: ResourceType) -> None:
    wanted = names_of(entry) - {"timeouts", "tags_all"}
    named = [*entry.attributes, *(name for name in entry.config_only | entry.unchecked if "." not in name)]
    assert sorted(named) == sorted(set(named)), "named twice"
    assert wanted - set(named) == set(), "not named"
    assert set(named) - wanted == set(), "not in the schema"


@ENTRIES
def test_parents_are_known_without_their_files(entry: ResourceType) -> None:
    assert bool(entry.children) == (entry.name in WITH_CHILDREN), "name it in resources.WITH_CHILDREN, or leave it out"


@ENTRIES
def test_what_is_left_out_of_blocks_is_in_the_schema(entry: ResourceType) -> None:
    """ "user.password": an attribute of a mapped block that no reader can know."""
    known = schema.resource(entry.name)
    assert known is not None
    inside = {".".join(path) for path, _ in known.block.walk()}
    for name in entry.config_only | entry.unchecked:
        if "." in name:
            assert name in inside
            assert name.partition(".")[0] in entry.attributes


@ENTRIES
def test_what_entries_name_is_there(entry: ResourceType) -> None:
    mapped = {*entry.attributes, "tags_all"}
    assert {name.partition(".")[0] for key in entry.natural_keys for name in key} <= mapped
    assert entry.natural_keys or entry.gather, "nothing recognises it without state"
    assert {path.partition(".")[0] for path in entry.semantics} <= names_of(entry)
    for write in entry.writes:
        assert write.attributes <= names_of(entry)
    for child in entry.children:
        assert set(child.attributes) <= names_of(entry)
        known = schema.resource(child.type)
        assert known is not None and child.by in known.block.attributes
        assert child.key in entry.attributes


@ENTRIES
def test_reads_are_operations_of_aws(entry: ResourceType) -> None:
    for read in reads_of(entry):
        service, _, name = read.operation.partition(":")
        found = model(service).operation_model(name)
        members = found.input_shape.members if found.input_shape else {}
        assert set(read.params) <= set(members), read.operation
        shape = found.output_shape
        for step in read.path.split(".") if read.path else ():
            while shape.type_name == "list":
                shape = shape.member
            if shape.type_name == "map":
                break
            assert step in shape.members, f"{read.operation}: {read.path}"
            shape = shape.members[step]
        if read.bulk and read.bulk.parameter:
            assert members[read.bulk.parameter].type_name == "list"


@ENTRIES
def test_writes_are_operations_of_aws(entry: ResourceType) -> None:
    for write in writes_of(entry):
        for operation in write.operations:
            service, _, name = operation.partition(":")
            assert name in model(service).operation_names, operation


def sides(entry: ResourceType, write: Write, attributes: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Before and after of every kind of change that the write is for."""
    if write is entry.create:
        yield None, attributes
    elif write is entry.delete:
        yield attributes, None
    else:
        bare = {
            name: value for name, value in attributes.items() if name not in write.attributes or _required(entry, name)
        }
        yield attributes, attributes
        yield bare, attributes
        yield attributes, bare


def _required(entry: ResourceType, name: str) -> bool:
    block = schema.resource(entry.name).block  # type: ignore[union-attr]
    if name in block.blocks:
        return block.blocks[name].min_items > 0
    return block.attributes[name].required


_TIED = {
    "aws_default_route_table.route",
    "aws_dynamodb_table.stream_enabled",
    "aws_kinesis_stream.kms_key_id",
    "aws_kinesis_stream.shard_count",
    "aws_lb_listener.certificate_arn",
    "aws_lb_listener.port",
    "aws_route_table.route",
}
"""What means something with another attribute alone, which is set with it, or is blocks."""


@ENTRIES
def test_unsetting_does_something_or_is_said_to_be_impossible(entry: ResourceType) -> None:
    """A plan never leaves out silently what an operation cannot express."""
    block = schema.resource(entry.name).block  # type: ignore[union-attr]
    samples = {"string": "x", "bool": True, "number": 7}
    silent: set[str] = set()
    for write, name in ((each, name) for each in entry.writes for name in each.attributes):
        shape = block.attributes.get(name)
        if shape is None or not shape.optional or shape.computed or shape.default is not None or name == "tags":
            continue
        for resource in expected(entry.name):
            sample: Any = (
                samples[shape.type] if isinstance(shape.type, str) else {"k": "v"} if "map" in shape.type else ["x"]
            )
            before = {**resource["attributes"], name: resource["attributes"].get(name) or sample}
            subject = Subject(resource["id"], before, {**before, name: None}, frozenset((name,)), SCOPE)
            if not [*write.build(subject)] and name not in write.stuck(subject):
                silent.add(f"{entry.name}.{name}")
    assert silent <= _TIED


PLANNED = [name for name in every_type() if name in TYPES and TYPES[name].planned is not None]


@pytest.mark.parametrize("name", PLANNED)
def test_what_the_provider_plans_is_unknown_where_it_depends_on_what_is_unknown(name: str) -> None:
    """Else it would be compared, and differ, where a read that was denied leaves something open."""
    plan = TYPES[name].planned
    assert plan is not None
    for attributes in (resource["attributes"] for resource in expected(name)):
        for unset, other in itertools.permutations(attributes, 2):
            values = {**attributes, unset: None}
            known, doubtful = plan(values), plan({**values, other: UNKNOWN})
            if unset in known:
                assert has_unknown(doubtful.get(unset)) or doubtful.get(unset) == known[unset]


@ENTRIES
def test_what_is_made_anew_can_be_planned_without_what_aws_gives(entry: ResourceType) -> None:
    """Plans are made before the resource is there: of what AWS alone decides (ids, ARNs), nothing is known."""
    block = schema.resource(entry.name).block  # type: ignore[union-attr]
    given = {name for name, shape in block.attributes.items() if shape.read_only} | {"id"}
    for resource in expected(entry.name):
        known = {name: value for name, value in resource["attributes"].items() if name not in given}
        for write, sides in ((entry.create, (None, known)), (entry.delete, (known, None))):
            if write is not None:
                assert isinstance([*write.build(Subject("", *sides, frozenset(known), SCOPE))], list)


@ENTRIES
def test_writes_build_what_aws_takes(entry: ResourceType) -> None:
    """With the golden folder's attributes, whole and emptied: each operation is named and has valid parameters."""
    if not (folder(entry.name) / "expected.json").exists():
        pytest.fail("no golden folder")
    scope = replayed(entry.name)[1].scope
    for resource in expected(entry.name):
        attributes = {**resource["attributes"]}
        if "tags" in attributes:
            attributes["tags_all"] = attributes["tags"]
        for write in writes_of(entry):
            for before, after in sides(entry, write, attributes):
                subject = Subject(resource["id"], before, after, write.attributes, scope)
                for operation in write.build(subject):
                    assert str(operation) in write.operations
                    shape = model(operation.service).operation_model(operation.operation).input_shape
                    if shape is None:  # the operation takes none
                        assert operation.parameters == {}
                        continue
                    report = ParamValidator().validate(operation.parameters, shape)
                    assert not report.has_errors(), f"{operation}: {report.generate_report()}"
