"""Taking values out of values, and the way that a value has come.

A value passed through a variable, a local or an argument keeps the origin of its literal; `arrived` adds the hop to
the value itself only, and `child` hands it on to an element when that is taken out. So a hop costs nothing per element.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reconciler.errors import EvaluationError
from reconciler.hcl import convert, values
from reconciler.hcl.convert import ConversionError
from reconciler.hcl.values import (
    DYNAMIC,
    NUMBER,
    STRING,
    ListOf,
    MapOf,
    ObjectOf,
    Primitive,
    SetOf,
    TupleOf,
    Type,
    Value,
)
from reconciler.model import NoOrigin, Origin


class AccessError(EvaluationError):
    """There is no such attribute or element."""


def _longer(origin: Origin | NoOrigin | None, via: tuple[str, ...]) -> Origin | NoOrigin:
    match origin:
        case Origin(span, before, left_out):
            return Origin(span, before + via, left_out)
        case NoOrigin(reason, span, before):
            return NoOrigin(reason, span, before + via)
        case None:
            return NoOrigin("computed", None, via)


def arrived(value: Value, hop: str) -> Value:
    """`value` after one more hop, as in "main.tf:3 var.timeout"."""
    return value.with_origin(_longer(value.origin, (hop,)))


def child(parent: Value, element: Value) -> Value:
    """An element as it comes out of `parent`: with its marks, and by its way; computed with it, it has its reason."""
    whole = parent.origin
    if isinstance(whole, NoOrigin) and element.origin is None:
        return replace(element, marks=element.marks | parent.marks, origin=whole)
    via = whole.via if whole is not None else ()
    if not via:
        return element.with_marks(parent.marks) if parent.marks else element
    return replace(element, marks=element.marks | parent.marks, origin=_longer(element.origin, via))


def spread(value: Value, depth: int = 1) -> Value:
    """The same value with the way that it has come told to its elements: for functions that take it apart."""
    if value.origin is None or not value.origin.via or not isinstance(value.raw, tuple | Mapping):
        return value
    bare = value.unmarked()
    elements = [
        spread(child(bare, element), depth - 1) if depth > 1 else child(bare, element) for element in value.items
    ]
    if isinstance(value.raw, tuple):
        return replace(value, raw=tuple(elements))
    return replace(value, raw=dict(zip(value.raw, elements, strict=True)))


def attribute(source: Value, name: str) -> Value:
    """`source.name`. Raises AccessError."""
    if source.null:
        raise AccessError(f'This value is null, so it does not have any attributes, such as "{name}".')
    match source.type:
        case ObjectOf() as type_:
            if isinstance(source.raw, Mapping):
                found = source.raw.get(name)
                if found is None:
                    raise AccessError(f'This object does not have an attribute named "{name}".')
                return child(source, found)
            wanted = type_.get(name)
            if wanted is None:
                raise AccessError(f'This object does not have an attribute named "{name}".')
            return _unknown_of(source, wanted)
        case MapOf(element):
            if not isinstance(source.raw, Mapping):
                return _unknown_of(source, element)
            found = source.raw.get(name)
            if found is None:
                raise AccessError(f'This map does not have an element with the key "{name}".')
            return child(source, found)
        case Primitive("dynamic"):
            return _unknown_of(source, DYNAMIC)
        case ListOf() | SetOf() | TupleOf():
            many = f'A {values.friendly(source.type)} has no attribute "{name}"; its elements may have one'
            raise AccessError(f"{many}: use [0].{name} or [*].{name}.")
        case _:
            raise AccessError(f"A {values.friendly(source.type)} has no attributes.")


def _unknown_of(source: Value, type_: Type) -> Value:
    return values.unknown(type_).with_marks(source.marks).with_origin(source.origin)


def index(source: Value, key: Value) -> Value:
    """`source[key]`. Raises AccessError.

    Terraform drops the key's marks wherever the key does not get as far as the collection itself: where either is
    unknown, and for objects.
    """
    if source.null:
        raise AccessError("This value is null, so it does not have any indices.")
    if key.null:
        raise AccessError("Can't use a null value as an indexing key.")
    if DYNAMIC in (source.type, key.type):
        return _unknown_of(source, DYNAMIC)
    match source.type:
        case ListOf() | TupleOf():
            return _item(source, _key(key, NUMBER))
        case MapOf(element):
            return _entry(source, element, _key(key, STRING))
        case ObjectOf():
            return _member(source, _key(key, STRING))
        case SetOf():
            raise AccessError("Elements of a set are identified only by their value and don't have any separate index.")
        case _:
            raise AccessError("This value does not have any indices.")


def _key(key: Value, wanted: Type) -> Value:
    try:
        return convert.convert(key, wanted)
    except ConversionError as error:
        what = "index" if wanted == NUMBER else "key"
        raise AccessError(f"The given {what} is not valid: {error.reason}.") from error


def _item(source: Value, key: Value) -> Value:
    if isinstance(source.type, ListOf) and not (source.known and key.known):
        return _unknown_of(source, source.type.element)  # whatever the index is, were it -1
    if not key.known:
        return _unknown_of(source, DYNAMIC)
    position = key.number
    if position < 0:
        raise AccessError("The given index is negative; to address from the end of a list, subtract from its length.")
    if position != position.to_integral_value():
        raise AccessError("The given index has a fractional part; a whole number is required.")
    length = len(source.type.elements) if isinstance(source.type, TupleOf) else len(source.items)
    if position >= length:
        raise AccessError(
            "The given index is greater than or equal to the length of the collection."
            if length
            else "The given index is out of range: the collection has no elements."
        )
    if isinstance(source.type, TupleOf) and not source.known:
        found = _unknown_of(source, source.type.elements[int(position)])
    else:
        found = child(source, source.items[int(position)])
    return found.with_marks(key.marks)


def _entry(source: Value, element: Type, key: Value) -> Value:
    if not (source.known and key.known):
        return _unknown_of(source, element)
    found = source.entries.get(key.text)
    if found is None:
        raise AccessError(f'The given key "{_shown(key)}" does not identify an element in this collection value.')
    return child(source, found).with_marks(key.marks)


def _member(source: Value, key: Value) -> Value:
    if not (source.known and key.known):
        return _unknown_of(source, DYNAMIC)  # not even its type is looked up, nor whether there is one
    found = source.entries.get(key.text)
    if found is None:
        raise AccessError(f'The given key "{_shown(key)}" does not identify an element in this collection value.')
    return child(source, found)


def _shown(key: Value) -> str:
    return "(sensitive value)" if key.marks else key.text
