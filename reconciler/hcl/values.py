"""Terraform's values: a type, a raw value, marks, and the literal they come from.

A Value is immutable. Elements of collections are Values themselves, so that origins and marks live on the leaves.
`origin` rides along wherever a value is passed through unchanged (variables, locals, arguments, object entries,
indexing, conversions of a literal) and is dropped, with a reason, by every operation that computes something new.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, TypeAlias

from reconciler.model import UNKNOWN, NoOrigin, Origin, Unknown

# -- types ----------------------------------------------------------------------------------------------------


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


Type: TypeAlias = Primitive | ListOf | SetOf | MapOf | TupleOf | ObjectOf

STRING: Final = Primitive("string")
NUMBER: Final = Primitive("number")
BOOL: Final = Primitive("bool")
DYNAMIC: Final = Primitive("dynamic")

# -- values ---------------------------------------------------------------------------------------------------

SENSITIVE: Final = "sensitive"
EPHEMERAL: Final = "ephemeral"

Raw: TypeAlias = "None | bool | Decimal | str | tuple[Value, ...] | Mapping[str, Value] | Unknown"
"""list, set (sorted as Terraform sorts it, distinct) and tuple: tuple; map and object: mapping sorted by key."""


@dataclass(frozen=True, slots=True)
class Refinement:
    """What is known of an unknown value. Lengths bound collections; `prefix` starts a string."""

    not_null: bool = False
    prefix: str = ""
    min_length: int = 0
    max_length: int | None = None


NO_REFINEMENT: Final = Refinement()


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """eq is identity on purpose: compare with functions that say what of unknown, marks and origin counts."""

    type: Type
    raw: Raw
    marks: frozenset[str] = frozenset()
    origin: Origin | NoOrigin | None = None
    refinement: Refinement = NO_REFINEMENT

    @property
    def known(self) -> bool:
        """This value itself is known (elements of a collection may still be unknown)."""
        return self.raw is not UNKNOWN

    @property
    def null(self) -> bool:
        return self.raw is None

    def marked(self, *marks: str) -> Value:
        return replace(self, marks=self.marks | set(marks)) if not self.marks.issuperset(marks) else self
