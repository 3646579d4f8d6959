"""Terraform's types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias, TypeVar

from reconciler.records import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Primitive:
    name: str  # "string" | "number" | "bool" | "dynamic"


@dataclass(frozen=True, slots=True)
class ListOf:
    element: Type


@dataclass(frozen=True, slots=True)
class SetOf:
    element: Type


@dataclass(frozen=True, slots=True)
class MapOf:
    element: Type


@dataclass(frozen=True, slots=True)
class TupleOf:
    elements: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """Attributes sorted by name. `optional` names those that a type constraint lets be absent."""

    attributes: tuple[tuple[str, Type], ...]
    optional: frozenset[str] = frozenset()

    def get(self, name: str) -> Type | None:
        return next((type_ for key, type_ in self.attributes if key == name), None)


Type: TypeAlias = Primitive | ListOf | SetOf | MapOf | TupleOf | ObjectOf

STRING: Final = Primitive("string")
NUMBER: Final = Primitive("number")
BOOL: Final = Primitive("bool")
DYNAMIC: Final = Primitive("dynamic")


def by_key(entries: Mapping[str, T]) -> list[tuple[str, T]]:
    """Sorted by the bytes of the key."""
    return sorted(entries.items(), key=lambda entry: entry[0].encode(errors="surrogatepass"))


def object_type(attributes: Mapping[str, Type], optional: Iterable[str] = ()) -> ObjectOf:
    return ObjectOf(tuple(by_key(attributes)), frozenset(optional))


def is_collection(type_: Type) -> bool:
    return isinstance(type_, ListOf | SetOf | MapOf)


def has_dynamic(type_: Type) -> bool:
    match type_:
        case Primitive():
            return type_ == DYNAMIC
        case ListOf(element) | SetOf(element) | MapOf(element):
            return has_dynamic(element)
        case TupleOf(elements):
            return any(map(has_dynamic, elements))
        case ObjectOf(attributes):
            return any(has_dynamic(attribute) for _, attribute in attributes)


def conforms(given: Type, wanted: Type) -> bool:
    """`given` is `wanted`, where dynamic stands for anything."""
    match given, wanted:
        case _, Primitive("dynamic"):
            return True
        case (ListOf(a), ListOf(b)) | (SetOf(a), SetOf(b)) | (MapOf(a), MapOf(b)):
            return conforms(a, b)
        case TupleOf(a), TupleOf(b):
            return len(a) == len(b) and all(map(conforms, a, b))
        case ObjectOf(a), ObjectOf(b):
            return [k for k, _ in a] == [k for k, _ in b] and all(
                conforms(x, y) for (_, x), (_, y) in zip(a, b, strict=True)
            )
        case _:
            return given == wanted


def friendly(type_: Type) -> str:
    """A type's name in error messages."""
    match type_:
        case Primitive(name):
            return name
        case ListOf(element):
            return "list of " + _friendly_element(element)
        case SetOf(element):
            return "set of " + _friendly_element(element)
        case MapOf(element):
            return "map of " + _friendly_element(element)
        case TupleOf():
            return "tuple"
        case ObjectOf():
            return "object"


def _friendly_element(type_: Type) -> str:
    return "any single type" if type_ == DYNAMIC else friendly(type_)
