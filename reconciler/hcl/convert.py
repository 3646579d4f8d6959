"""Values by type constraint: conversion, defaults of optional attributes, and why something cannot be converted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace

from reconciler.hcl import values
from reconciler.hcl.conversion import Conversion, ConversionError, Unified, conversion, unify, without_optional
from reconciler.hcl.values import (
    STRING,
    ListOf,
    MapOf,
    ObjectOf,
    Primitive,
    SetOf,
    TupleOf,
    Type,
    Value,
    friendly,
)
from reconciler.model import Origin, Plain
from reconciler.records import dataclass

__all__ = [
    "Conversion",
    "ConversionError",
    "Defaults",
    "Unified",
    "apply_defaults",
    "conversion",
    "convert",
    "convert_to",
    "from_plain",
    "mismatch",
    "unify",
    "without_optional",
]


def convert(value: Value, type_: Type) -> Value:
    """`value` as a value of `type_`, whose `dynamic` stands for anything. Raises ConversionError."""
    if value.type == type_ or value.type == without_optional(type_):
        return value
    found = conversion(value.type, type_, unsafe=True)
    if found is None:
        raise ConversionError(mismatch(value.type, type_))
    return found(value, ())


# -- messages -------------------------------------------------------------------------------------------------


def mismatch(got: Type, want: Type) -> str:
    """Why a value of type `got` cannot become one of type `want`."""
    match got, want:
        case ObjectOf(), ObjectOf():
            return _object_mismatch(got, want)
        case TupleOf(), ListOf(Primitive("dynamic")):
            return "all list elements must have the same type"
        case TupleOf(), SetOf(Primitive("dynamic")):
            return "all set elements must have the same type"
        case ObjectOf(), MapOf(Primitive("dynamic")):
            return "all map elements must have the same type"
        case (TupleOf(), (ListOf(wanted) | SetOf(wanted))) | (ObjectOf(), MapOf(wanted)):
            return _element_mismatch(got, wanted)
        case ((ListOf(given) | SetOf(given)), (ListOf(wanted) | SetOf(wanted))) | (MapOf(given), MapOf(wanted)):
            return f"incorrect {friendly(want).split()[0]} element type: {mismatch(given, wanted)}"
        case Primitive(), Primitive() if want != STRING and got == STRING:
            return f"{friendly(want)} required"
        case _ if isinstance(got, Primitive) != isinstance(want, Primitive) or isinstance(want, Primitive):
            return f"{friendly(want)} required, but have {friendly(got)}"
        case _:
            return f"{friendly(want)} required"


def _possible(given: Type, wanted: Type) -> bool:
    return given == wanted or conversion(given, wanted, unsafe=True) is not None


def _object_mismatch(got: ObjectOf, want: ObjectOf) -> str:
    given = dict(got.attributes)
    missing = [f'"{name}"' for name, _ in want.attributes if name not in given and name not in want.optional]
    if len(missing) == 1:
        return f"attribute {missing[0]} is required"
    if missing:
        listed = (
            f"{missing[0]} and {missing[1]}" if len(missing) == 2 else f"{', '.join(missing[:-1])}, and {missing[-1]}"
        )
        return f"attributes {listed} are required"
    for name, wanted in want.attributes:
        if name in given and not _possible(given[name], wanted):
            return f'attribute "{name}": {mismatch(given[name], wanted)}'
    return "incorrect object attributes"


def _element_mismatch(got: TupleOf | ObjectOf, wanted: Type) -> str:
    named: Iterable[tuple[int | str, Type]] = (
        enumerate(got.elements) if isinstance(got, TupleOf) else [(f'"{name}"', t) for name, t in got.attributes]
    )
    for key, given in named:
        if not _possible(given, wanted):
            return f"element {key}: {mismatch(given, wanted)}"
    return f"all elements must be {friendly(wanted)}"


# -- type constraints -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Defaults:
    """The defaults of a type constraint's optional attributes, at any depth.

    `values` are those of an object's attributes. `children` are keyed by attribute name, by index of a tuple ("0"),
    and by "" for the elements of a collection.
    """

    type: Type
    values: Mapping[str, Value] = field(default_factory=dict[str, Value])
    children: Mapping[str, Defaults] = field(default_factory=dict[str, "Defaults"])


def convert_to(value: Value, constraint: Type, defaults: Defaults | None = None) -> Value:
    """A variable's value by its type constraint: defaults filled in, then converted. Raises ConversionError."""
    return convert(apply_defaults(value, defaults) if defaults else value, constraint)


def apply_defaults(value: Value, defaults: Defaults) -> Value:
    """`value` with the defaults of absent and null attributes; null and unknown values stay as they are."""
    if value.null or not value.known or not (defaults.values or defaults.children):
        return value
    match value.type:
        case ListOf() | SetOf() | TupleOf():
            items = [_apply_child(item, defaults, index) for index, item in enumerate(value.items)]
            result = _like_collection(value.type, items)
        case MapOf() | ObjectOf():
            entries = {key: _apply_child(item, defaults, key) for key, item in value.entries.items()}
            for key, default in defaults.values.items():
                if key not in entries or entries[key].null:
                    child = defaults.children.get(key)
                    found = apply_defaults(default, child) if child else default
                    entries[key] = found if key in entries else _left_out(found, key, value)
            result = _like_mapping(value.type, entries)
        case Primitive():
            return value
    return result.with_marks(value.marks).with_origin(value.origin)


def _left_out(default: Value, key: str, holder: Value) -> Value:
    """The default, knowing where it could be overruled."""
    if not isinstance(holder.origin, Origin) or not isinstance(default.origin, Origin):
        return default
    return default.with_origin(replace(default.origin, left_out=(holder.origin.span, key)))


def _apply_child(item: Value, defaults: Defaults, key: int | str) -> Value:
    match defaults.type:
        case ListOf() | SetOf() | MapOf():
            child = defaults.children.get("")
        case TupleOf() | ObjectOf():
            child = defaults.children.get(str(key))
        case Primitive():
            child = None
    return apply_defaults(item, child) if child else item


def _like_collection(type_: ListOf | SetOf | TupleOf, items: list[Value]) -> Value:
    """Again a list or set where the items still have a common type, else a tuple."""
    if isinstance(type_, TupleOf):
        return values.tuple_of(items)
    build = values.list_of if isinstance(type_, ListOf) else values.set_of
    if not items:
        return build([], type_.element)
    try:
        return build(_alike(items))
    except ConversionError:
        return values.tuple_of(items)


def _alike(items: list[Value]) -> list[Value]:
    common = unify([item.type for item in items])
    if common is None:
        raise ConversionError("collection elements cannot be unified")
    return common.apply(items)


def _like_mapping(type_: MapOf | ObjectOf, entries: dict[str, Value]) -> Value:
    if isinstance(type_, ObjectOf):
        return values.object_of(entries)
    if not entries:
        return values.map_of({}, type_.element)
    try:
        return values.map_of(dict(zip(entries, _alike(list(entries.values())), strict=True)))
    except ConversionError:
        return values.object_of(entries)


def from_plain(plain: Plain, type_: Type) -> Value:
    """Plain data (UNKNOWN at any depth) as a value of `type_`. Raises ConversionError."""
    return convert(values.from_plain(plain), type_)
