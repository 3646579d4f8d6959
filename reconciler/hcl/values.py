"""Terraform's values: a type, a raw value, marks, and the literal they come from.

A Value is immutable. Elements of collections are Values themselves, so that origins and marks live on the leaves.
`origin` rides along wherever a value is passed through unchanged (variables, locals, arguments, object entries,
indexing, conversions of a literal) and is dropped, with a reason, by every operation that computes something new.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final, TypeAlias

from reconciler.errors import EvaluationError
from reconciler.hcl import numbers
from reconciler.hcl.types import BOOL as BOOL
from reconciler.hcl.types import DYNAMIC as DYNAMIC
from reconciler.hcl.types import NUMBER as NUMBER
from reconciler.hcl.types import STRING as STRING
from reconciler.hcl.types import ListOf as ListOf
from reconciler.hcl.types import MapOf as MapOf
from reconciler.hcl.types import ObjectOf as ObjectOf
from reconciler.hcl.types import Primitive as Primitive
from reconciler.hcl.types import SetOf as SetOf
from reconciler.hcl.types import TupleOf as TupleOf
from reconciler.hcl.types import Type as Type
from reconciler.hcl.types import by_key as by_key
from reconciler.hcl.types import conforms as conforms
from reconciler.hcl.types import friendly as friendly
from reconciler.hcl.types import has_dynamic as has_dynamic
from reconciler.hcl.types import is_collection as is_collection
from reconciler.hcl.types import object_type as object_type
from reconciler.model import UNKNOWN, NoOrigin, Origin, Path, Plain, Unknown
from reconciler.records import dataclass

# -- values ---------------------------------------------------------------------------------------------------

SENSITIVE: Final = "sensitive"
EPHEMERAL: Final = "ephemeral"

Raw: TypeAlias = "None | bool | Decimal | str | tuple[Value, ...] | Mapping[str, Value] | Unknown"
"""list, set (sorted as Terraform sorts it, distinct) and tuple: tuple; map and object: mapping sorted by key."""


@dataclass(frozen=True, slots=True)
class Refinement:
    """What is known of an unknown value: lengths bound collections, `prefix` starts a string, `low` and `high`
    (inclusive) bound a number."""

    not_null: bool = False
    prefix: str = ""
    min_length: int = 0
    max_length: int | None = None
    low: Decimal | None = None
    high: Decimal | None = None


NO_REFINEMENT: Final = Refinement()


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """eq is identity on purpose: compare with functions that say what of unknown, marks and origin counts.

    `size` counts the values in a list, set, map, tuple or object as if none of them stood in it twice: values share
    what they are made of, so that forty locals could hold a billion of them and everything that looks into it would
    never end.
    """

    type: Type
    raw: Raw
    marks: frozenset[str] = frozenset()
    origin: Origin | NoOrigin | None = None
    refinement: Refinement = NO_REFINEMENT
    size: int = 1

    @property
    def known(self) -> bool:
        """This value itself is known (elements of a collection may still be unknown)."""
        return self.raw is not UNKNOWN

    @property
    def null(self) -> bool:
        return self.raw is None

    def marked(self, *marks: str) -> Value:
        return self.with_marks(marks)

    def with_marks(self, marks: Iterable[str]) -> Value:
        merged = self.marks.union(marks)
        return self if len(merged) == len(self.marks) else replace(self, marks=merged)

    def unmarked(self) -> Value:
        """Without its own marks; those of its elements stay."""
        return replace(self, marks=frozenset()) if self.marks else self

    def with_origin(self, origin: Origin | NoOrigin | None) -> Value:
        return replace(self, origin=origin)

    # What a caller that has checked the type may assume of the raw value:

    @property
    def text(self) -> str:
        assert isinstance(self.raw, str)
        return self.raw

    @property
    def number(self) -> Decimal:
        assert isinstance(self.raw, Decimal)
        return self.raw

    @property
    def true(self) -> bool:
        assert isinstance(self.raw, bool)
        return self.raw

    @property
    def items(self) -> tuple[Value, ...]:
        """The elements of a list, set, tuple, map or object, the latter two in the order of their keys."""
        if isinstance(self.raw, tuple):
            return self.raw
        assert isinstance(self.raw, Mapping)
        return tuple(self.raw.values())

    @property
    def entries(self) -> Mapping[str, Value]:
        assert isinstance(self.raw, Mapping)
        return self.raw

    @property
    def definitely_not_null(self) -> bool:
        return self.refinement.not_null if self.raw is UNKNOWN else self.raw is not None


class InconsistentTypes(EvaluationError):
    """The elements of a list, set or map are not all of one type."""


class TooLarge(EvaluationError):
    """A value that Terraform may hold (or die of) and that is too large to be computed with here."""


LARGEST: Final = 3_000_000
"""The size that a value may have."""


def weight(value: Value) -> int:
    """What a value adds to the size of the one that it is in; long strings count as several values."""
    match value.raw:
        case str():
            return 1 + (len(value.raw) >> 5)
        case None | Unknown():
            return 1 if isinstance(value.type, Primitive) else parts(value.type, LARGEST + 1)
        case _:
            return value.size


def parts(type_: Type, most: int) -> int:
    """How many types a type is made of, counted up to `most`."""
    count, pending = 0, [type_]
    while pending and count < most:
        count += 1
        match pending.pop():
            case ListOf(element) | SetOf(element) | MapOf(element):
                pending.append(element)
            case TupleOf(elements):
                pending += elements
            case ObjectOf(attributes):
                pending += [attribute for _, attribute in attributes]
            case Primitive():
                pass
    return count


def size_of(items: Iterable[Value]) -> int:
    """The size of a value that is made of `items`. Raises TooLarge."""
    size = 1
    for item in items:
        size += 1 if type(item.raw) in _SMALL else weight(item)
    if size > LARGEST:
        raise TooLarge(f"The value is too large: it consists of more than {LARGEST} values.")
    return size


_SMALL: Final = (bool, Decimal, numbers.Narrow)


# -- construction ---------------------------------------------------------------------------------------------


def normalized(text: str) -> str:
    """Strings are kept in Unicode's normal form C, as Terraform keeps them."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def string(text: str, origin: Origin | NoOrigin | None = None) -> Value:
    return Value(STRING, normalized(text), origin=origin)


def number(value: Decimal | int, origin: Origin | NoOrigin | None = None) -> Value:
    return Value(NUMBER, value if isinstance(value, Decimal) else numbers.from_int(value), origin=origin)


def boolean(value: bool, origin: Origin | NoOrigin | None = None) -> Value:
    return Value(BOOL, value, origin=origin)


TRUE: Final = Value(BOOL, True)  # noqa: FBT003 - the value is meant
FALSE: Final = Value(BOOL, False)  # noqa: FBT003


def null(type_: Type = DYNAMIC, origin: Origin | NoOrigin | None = None) -> Value:
    return Value(type_, None, origin=origin)


def unknown(type_: Type = DYNAMIC, refinement: Refinement = NO_REFINEMENT) -> Value:
    """An unknown value; one that its refinement leaves only one possibility for becomes known."""
    if type_ == DYNAMIC or refinement == NO_REFINEMENT:
        return Value(type_, UNKNOWN)
    return _collapsed(type_, refinement) or Value(type_, UNKNOWN, refinement=refinement)


def _collapsed(type_: Type, known: Refinement) -> Value | None:
    if not known.not_null:
        return None
    if type_ == NUMBER:
        return number(known.low) if known.low is not None and known.low == known.high else None
    if known.min_length != known.max_length:
        return None
    count = known.min_length
    match type_:
        case ListOf(element):
            return Value(type_, (Value(element, UNKNOWN),) * count) if count < 4096 else None
        case SetOf(element) if count < 2:
            return Value(type_, (Value(element, UNKNOWN),) * count)
        case MapOf() if not count:
            return Value(type_, {})
        case _:
            return None


def refined(value: Value, **known: bool | str | int | Decimal | None) -> Value:
    """`value` with more known of it, where it is unknown."""
    if value.raw is not UNKNOWN or value.type == DYNAMIC:
        return value
    merged = replace(value.refinement, **known)  # type: ignore[arg-type]
    if merged == value.refinement:
        return value
    return unknown(value.type, merged).with_marks(value.marks).with_origin(value.origin)


def not_null(value: Value) -> Value:
    return refined(value, not_null=True)


def _element(value: Value, type_: Type) -> Value:
    """An unknown or null of no type takes the type of its neighbours, and nothing else may differ from it."""
    if value.type is type_ or value.type == type_:
        return value
    if value.type == DYNAMIC:
        return replace(value, type=type_)
    raise InconsistentTypes(f"inconsistent element types: {friendly(type_)}, then {friendly(value.type)}")


def _common(items: Iterable[Value]) -> Type:
    return next((item.type for item in items if item.type != DYNAMIC), DYNAMIC)


def list_of(items: Sequence[Value], element: Type | None = None) -> Value:
    """`element` is the type of an empty list. Raises InconsistentTypes."""
    type_ = _common(items) if items else element or DYNAMIC
    return Value(ListOf(type_), tuple([_element(item, type_) for item in items]), size=size_of(items))


def map_of(entries: Mapping[str, Value], element: Type | None = None) -> Value:
    """`element` is the type of an empty map. Raises InconsistentTypes."""
    type_ = _common(entries.values()) if entries else element or DYNAMIC
    raw = {key: _element(value, type_) for key, value in by_key(entries)}
    return Value(MapOf(type_), raw, size=size_of(raw.values()))


def set_of(items: Iterable[Value], element: Type | None = None) -> Value:
    """Equal items become one; marks of the items become those of the set. Raises InconsistentTypes."""
    items = list(items)
    size = size_of(items)
    type_ = _common(items) if items else element or DYNAMIC
    marks = frozenset[str]().union(*(deep_marks(item) for item in items))
    plain = [unmark_deep(_element(item, type_)) if marks else _element(item, type_) for item in items]
    return Value(SetOf(type_), ordered(distinct(plain)), marks, size=size)


def tuple_of(items: Iterable[Value]) -> Value:
    items = tuple(items)
    size = size_of(items)
    return Value(TupleOf(tuple([item.type for item in items])), items, size=size)


def object_of(entries: Mapping[str, Value]) -> Value:
    entries = dict(by_key(entries))
    size = size_of(entries.values())
    return Value(ObjectOf(tuple([(key, value.type) for key, value in entries.items()])), entries, size=size)


# -- what is inside -------------------------------------------------------------------------------------------


def children(value: Value) -> Iterator[tuple[int | str, Value]]:
    """The elements of a known value with their index or key; none for primitives, null and unknown."""
    match value.raw:
        case tuple():
            yield from enumerate(value.raw)
        case Mapping():
            yield from value.raw.items()
        case _:
            return


def leaves(value: Value, path: Path = ()) -> Iterator[tuple[Path, Value]]:
    """Every value that has no elements, with its path; empty collections are leaves too."""
    empty = True
    for key, child in children(value):
        empty = False
        yield from leaves(child, (*path, key))
    if empty:
        yield path, value


def wholly_known(value: Value) -> bool:
    return value.raw is not UNKNOWN and all(wholly_known(child) for _, child in children(value))


def deep_marks(value: Value) -> frozenset[str]:
    found = value.marks
    for _, child in children(value):
        inner = deep_marks(child)
        found = found | inner if inner else found
    return found


def rebuilt(value: Value, items: Sequence[Value]) -> Value:
    """The same list, set, tuple, map or object with other elements of the same types."""
    if isinstance(value.raw, tuple):
        return replace(value, raw=tuple(items))
    return replace(value, raw=dict(zip(value.entries, items, strict=True)))


def unmark_deep(value: Value) -> Value:
    """Without any marks; the very same value where it has none."""
    if isinstance(value.raw, tuple | Mapping):
        before = value.items
        after = [unmark_deep(item) for item in before]
        if any(a is not b for a, b in zip(before, after, strict=True)):
            value = rebuilt(value, after)
    return value.unmarked()


def without_origin(value: Value) -> Value:
    """A value that was computed: neither it nor what is in it comes from a literal."""
    if isinstance(value.raw, tuple | Mapping):
        value = rebuilt(value, [without_origin(item) for item in value.items])
    return value if value.origin is None else replace(value, origin=None)


# -- equality and the order of sets ---------------------------------------------------------------------------


def equal(a: Value, b: Value) -> bool | None:
    """Whether two values are equal, None where that is unknown. Marks and origins do not count; nulls are all equal."""
    if type(a.raw) in _SCALARS and type(b.raw) is type(a.raw):
        return a.raw == b.raw
    if (a.null and b.definitely_not_null) or (b.null and a.definitely_not_null):
        return False
    if not a.known or not b.known:
        return _equal_unknown(a, b)
    if a.null or b.null:
        return a.null and b.null
    if not _type_known(a) or not _type_known(b):
        return False if not conforms(a.type, b.type) and not conforms(b.type, a.type) else None
    if a.type != b.type:
        return False
    if isinstance(a.type, SetOf):
        return _equal_sets(a.items, b.items)
    if isinstance(a.raw, tuple) and isinstance(b.raw, tuple):
        return _equal_sequences(a.raw, b.raw)
    if isinstance(a.raw, Mapping) and isinstance(b.raw, Mapping):
        if a.raw.keys() != b.raw.keys():
            return False
        results = {equal(item, b.raw[key]) for key, item in a.raw.items()}
        return False if False in results else None if None in results else True
    return a.raw == b.raw


_SCALARS: Final = (str, bool, Decimal)


def _equal_sequences(a: Sequence[Value], b: Sequence[Value]) -> bool | None:
    if len(a) != len(b):
        return False
    for left, right in zip(a, b, strict=True):
        result = equal(left, right)
        if result is not True:  # the first that differs or is unknown decides
            return result
    return True


def _equal_sets(a: Sequence[Value], b: Sequence[Value]) -> bool | None:
    if not all(item.known for item in (*a, *b)):
        return None
    members_a, members_b = Members(a), Members(b)
    return all(item in members_b for item in a) and all(item in members_a for item in b)


class Members:
    """What is known to be among some values: `value in members`."""

    def __init__(self, items: Iterable[Value] = ()) -> None:
        self._buckets: dict[bytes, list[Value]] = {}
        for item in items:
            self.add(item)

    def add(self, item: Value) -> None:
        self._buckets.setdefault(hash_key(item), []).append(item)

    def __contains__(self, wanted: Value) -> bool:
        return any(equal(item, wanted) is True for item in self._buckets.get(hash_key(wanted), ()))


def _type_known(value: Value) -> bool:
    if value.type == DYNAMIC and not value.known:
        return False
    return all(_type_known(child) for _, child in children(value))


def _equal_unknown(a: Value, b: Value) -> bool | None:
    if not a.known and not b.known:
        return None
    a, b = (a, b) if b.known else (b, a)  # now a is unknown
    if b.null:
        return None
    if has_dynamic(a.type):
        return None if conforms(b.type, a.type) else False
    return None if a.type == b.type and _includes(a, b) else False


def _includes(candidate: Value, value: Value) -> bool:
    """What is known of the unknown `candidate` leaves `value` possible."""
    known = candidate.refinement
    match value.raw:
        case str():
            return value.raw.startswith(known.prefix)
        case Decimal():
            return (known.low is None or value.raw >= known.low) and (known.high is None or value.raw <= known.high)
        case tuple() | Mapping() if is_collection(value.type):
            low, high = length_bounds(value)
            return high >= known.min_length and (known.max_length is None or low <= known.max_length)
        case _:
            return True


def length_bounds(value: Value) -> tuple[int, int]:
    """Least and greatest length of a known list, set, map, tuple or object."""
    count = len(value.items)
    if isinstance(value.type, SetOf) and count > 1 and not wholly_known(value):
        return 1, count
    return count, count


def distinct(items: Iterable[Value]) -> list[Value]:
    """The items without those that are known to equal an earlier one."""
    seen = Members()
    kept: list[Value] = []
    for item in items:
        if item not in seen:
            seen.add(item)
            kept.append(item)
    return kept


def ordered(items: Iterable[Value]) -> tuple[Value, ...]:
    """In the order in which Terraform goes through a set."""
    return tuple(sorted(items, key=_order))


def _order(value: Value) -> tuple[int, bytes | Decimal | bool]:
    if value.null:
        return 2, b""
    match value.raw:
        case Unknown():
            return 1, b""
        case str():
            return 0, value.raw.encode(errors="surrogatepass")
        case Decimal() | bool():
            return 0, value.raw
        case _:
            return 0, hash_key(value)


def hash_key(value: Value) -> bytes:
    """What Terraform orders collections and objects in a set by."""
    out: list[str] = []
    _hash(value, out)
    return "".join(out).encode(errors="surrogatepass")


def _hash(value: Value, out: list[str]) -> None:
    match value.raw:
        case Unknown():
            out.append("?")
        case None:
            out.append("~")
        case bool():
            out.append("T" if value.raw else "F")
        case Decimal():
            out.append(numbers.general(value.raw, 10))
        case str():
            out.append(quoted(value.raw))
        case _:
            open_, close = _BRACKETS[type(value.type)]
            out.append(open_)
            for key, child in children(value):
                if isinstance(value.type, MapOf):
                    out.append(quoted(str(key)) + ":")
                _hash(child, out)
                out.append(";")
            out.append(close)


_BRACKETS: Final[Mapping[type, tuple[str, str]]] = {
    ListOf: ("[", "]"),
    SetOf: ("[", "]"),
    MapOf: ("{", "}"),
    ObjectOf: ("<", ">"),
    TupleOf: ("<", ">"),
}
_QUOTED: Final = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}


_PLAIN_TEXT: Final = re.compile(r"[ !#-\[\]-~]*\Z")


def quoted(text: str) -> str:
    """As Go's %q quotes a string."""
    if _PLAIN_TEXT.match(text):
        return f'"{text}"'
    return '"' + "".join(_quoted_character(c) for c in text) + '"'


def _quoted_character(character: str) -> str:
    if character in _QUOTED:
        return _QUOTED[character]
    if character == " " or (character.isprintable() and not character.isspace()):
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


# -- plain data -----------------------------------------------------------------------------------------------


def to_plain(value: Value) -> Plain:
    """As JSON has it, with UNKNOWN at any depth; marks are ignored (see `marked_paths`).

    JSON has no infinity: a number without end counts for unknown.
    """
    match value.raw:
        case Decimal() if not value.raw.is_finite():
            return UNKNOWN
        case Decimal():
            whole = numbers.to_int(value.raw)
            return numbers.to_float(value.raw) if whole is None else whole
        case tuple():
            return [to_plain(item) for item in value.raw]
        case Mapping():
            return {key: to_plain(item) for key, item in value.raw.items()}
        case _:
            return value.raw


def marked_paths(value: Value, mark: str = SENSITIVE, path: Path = ()) -> frozenset[Path]:
    """Where a mark stands; it covers what is below."""
    if mark in value.marks:
        return frozenset([path])
    return frozenset[Path]().union(*(marked_paths(child, mark, (*path, key)) for key, child in children(value)))


def from_plain(plain: Plain) -> Value:
    """Objects become objects and lists tuples, as in a literal; `convert.from_plain` builds a value of a given type."""
    match plain:
        case None:
            return null()
        case Unknown():
            return unknown()
        case bool():
            return boolean(plain)
        case int():
            return number(plain)
        case float():
            return number(numbers.rounded(Decimal(repr(plain))))
        case str():
            return string(plain)
        case list():
            return tuple_of(from_plain(item) for item in plain)
        case dict():
            return object_of({normalized(key): from_plain(item) for key, item in plain.items()})
