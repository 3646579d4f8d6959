"""Schema blocks as types, and the objects that references to resources see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import cache
from typing import assert_never, cast

from reconciler import schema
from reconciler.hcl import convert, values
from reconciler.hcl.functions import Unavailable
from reconciler.hcl.values import (
    BOOL,
    SENSITIVE,
    ListOf,
    MapOf,
    ObjectOf,
    Primitive,
    SetOf,
    TupleOf,
    Type,
    Value,
)
from reconciler.model import UNKNOWN, NoOrigin, Path, Plain
from reconciler.records import dataclass


def type_of(encoded: schema.Type) -> Type:
    """A type of the provider's schema as a type of values."""
    match encoded:
        case str():
            return Primitive(encoded)
        case ("object", attributes):
            return values.object_type(
                {name: type_of(t) for name, t in cast("Mapping[str, schema.Type]", attributes).items()}
            )
        case ("tuple", elements):
            return TupleOf(tuple(type_of(element) for element in cast("tuple[schema.Type, ...]", elements)))
        case ("list", element):
            return ListOf(type_of(cast("schema.Type", element)))
        case ("set", element):
            return SetOf(type_of(cast("schema.Type", element)))
        case (_, element):
            return MapOf(type_of(cast("schema.Type", element)))


@dataclass(frozen=True, eq=False)
class Shape:
    """A schema block as values have it. Shared by all blocks of its kind; `unset` is filled as it is asked for."""

    block: schema.Block
    types: Mapping[str, Type]
    nested: Mapping[str, Shape]
    type: ObjectOf
    unset: dict[str, Value] = field(default_factory=dict[str, Value])

    def absent(self, name: str) -> Value:
        """What stands for an attribute or block that the configuration leaves out, as far as the schema tells."""
        found = self.unset.get(name)
        if found is None:
            found = self.unset[name] = self._absent(name)
        return found

    def decided_by_provider(self, name: str) -> bool:
        """What the configuration leaves out of this is what the provider makes of it."""
        attribute = self.block.attributes.get(name)
        return attribute.computed if attribute is not None else self.block.blocks[name].computed

    def _absent(self, name: str) -> Value:
        type_ = self.types[name]
        attribute = self.block.attributes.get(name)
        if attribute is None:
            nested = self.block.blocks[name]
            return values.unknown(type_) if nested.computed else _no_block(nested.nesting, type_)
        if attribute.default is not None:
            result = convert.from_plain(cast(Plain, attribute.default), type_)
        elif attribute.computed and not attribute.planned_null:
            result = values.unknown(type_)
        else:
            result = values.null(type_)
        return result.marked(SENSITIVE) if attribute.sensitive else result


def _no_block(nesting: schema.Nesting, type_: Type) -> Value:
    match nesting:
        case "list" | "set":
            return Value(type_, ())
        case "map":
            return Value(type_, {})
        case "single" | "group":
            return values.null(type_)
        case _:
            assert_never(nesting)


def collection_of(nesting: schema.Nesting, element: Type) -> Type:
    """The type of all nested blocks of a kind together."""
    match nesting:
        case "list":
            return ListOf(element)
        case "set":
            return SetOf(element)
        case "map":
            return MapOf(element)
        case "single" | "group":
            return element
        case _:
            assert_never(nesting)


def shape_of(block: schema.Block) -> Shape:
    """Cached for as long as the schema itself is."""
    return _shape(_Same(block))


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    """Two schema blocks are the same here where they are the same object."""

    block: schema.Block

    def __hash__(self) -> int:
        return id(self.block)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.block is self.block


@cache
def _shape(key: _Same) -> Shape:
    block = key.block
    nested = {name: shape_of(inner.block) for name, inner in block.blocks.items()}
    types = {name: type_of(attribute.type) for name, attribute in block.attributes.items()}
    types |= {name: collection_of(inner.nesting, nested[name].type) for name, inner in block.blocks.items()}
    types = dict(values.by_key(types))
    return Shape(block, types, nested, ObjectOf(tuple(types.items())))


@dataclass(slots=True, eq=False)
class BlockObject(Mapping[str, Value]):
    """The raw value of a resource or nested block: what the configuration sets, and on demand what it leaves out.

    `given` are the configured attributes and blocks (an attribute that failed is an Unavailable); `prior` is what is
    known of the rest: the live attributes of a resource, or (`answered`) all that a data source found. With `zeros`
    an unset text is empty: the provider's SDK cannot tell the two apart in a set. `nothing` are
    those that have no default here, for they would mean nothing.
    """

    shape: Shape
    given: Mapping[str, Value | Unavailable]
    prior: Mapping[str, Plain] | None = None
    why: NoOrigin | None = None
    answered: bool = False
    zeros: bool = False
    nothing: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> Value:
        found = self.given.get(name)
        if isinstance(found, Unavailable):
            raise found
        attribute = self.shape.block.attributes.get(name)
        if found is None or (found.raw is None and attribute is not None and (attribute.computed or self.zeros)):
            return self._left_out(name, attribute)
        return found.marked(SENSITIVE) if attribute is not None and attribute.sensitive else found

    def _left_out(self, name: str, attribute: schema.Attribute | None) -> Value:
        if name not in self.shape.types:
            raise KeyError(name)
        prior = self.prior.get(name) if self.prior is not None else None
        if prior is not None and (self.answered or self.shape.decided_by_provider(name)):
            value = convert.from_plain(prior, self.shape.types[name])
            return value.marked(SENSITIVE) if attribute is not None and attribute.sensitive else value
        if self.answered and self.prior is not None and name in self.prior:
            return values.null(self.shape.types[name])
        if attribute is not None and attribute.planned_null and self._has_blocks():
            return values.null(self.shape.types[name])
        value = self.shape.absent(name)
        if name in self.nothing and value.known:
            return values.null(value.type)
        if self.zeros and value.raw is None and value.type != BOOL:
            return zero(value.type)
        if value.raw is UNKNOWN and self.why is not None:
            return value.with_origin(self.why)
        return value

    def _has_blocks(self) -> bool:
        return any(
            isinstance(item, Value) and item.raw for name, item in self.given.items() if name in self.shape.nested
        )

    def get(self, name: str, default: Value | None = None) -> Value | None:  # type: ignore[override]
        return self[name] if name in self.shape.types else default

    def __contains__(self, name: object) -> bool:
        return name in self.shape.types

    def __iter__(self) -> Iterator[str]:
        return iter(self.shape.types)

    def __len__(self) -> int:
        return len(self.shape.types)


@cache
def zero(type_: Type) -> Value:
    """The SDK's value for nothing; of numbers it is null."""
    match type_:
        case Primitive("string"):
            return values.string("")
        case Primitive("bool"):
            return values.boolean(False)  # noqa: FBT003 - the value itself
        case ListOf() | SetOf():
            return Value(type_, ())
        case _:
            return values.null(type_)


def configured_plain(value: Value) -> Plain:
    """As plain data, of blocks only what the configuration sets."""
    raw = value.raw
    if isinstance(raw, BlockObject):
        return {name: configured_plain(item) for name, item in raw.given.items() if isinstance(item, Value)}
    if isinstance(raw, tuple):
        return [configured_plain(item) for item in raw]
    if isinstance(raw, Mapping):
        return {key: configured_plain(item) for key, item in raw.items()}
    return values.to_plain(value)


def given_children(value: Value) -> Iterator[tuple[int | str, Value]]:
    """The elements of a value, of blocks only what the configuration sets."""
    raw = value.raw
    if isinstance(raw, BlockObject):
        yield from ((name, item) for name, item in raw.given.items() if isinstance(item, Value))
    elif isinstance(raw, tuple):
        yield from enumerate(raw)
    elif isinstance(raw, Mapping):
        yield from raw.items()


def sensitive_paths(value: Value, path: Path = ()) -> Iterator[Path]:
    """Where a secret stands, by mark or by schema; a path covers what is below it. A set is secret as a whole."""
    if SENSITIVE in value.marks:
        yield path
        return
    secret: frozenset[str] = frozenset()
    if isinstance(value.raw, BlockObject):
        secret = secret_attributes(value.raw.shape)
        yield from ((*path, name) for name in secret)
    for key, item in given_children(value):
        for found in sensitive_paths(item, (*path, key)) if key not in secret else ():
            if isinstance(value.type, SetOf):
                yield path
                return
            yield found


@cache
def secret_attributes(shape: Shape) -> frozenset[str]:
    return frozenset(name for name, attribute in shape.block.attributes.items() if attribute.sensitive)
