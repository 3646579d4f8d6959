"""What the functions on collections have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reconciler.hcl import values
from reconciler.hcl.convert import ConversionError, convert
from reconciler.hcl.functions.spec import FunctionError
from reconciler.hcl.values import ListOf, SetOf, TupleOf, Type, Value


def is_sequence(type_: Type) -> bool:
    return isinstance(type_, ListOf | SetOf | TupleOf)


def marks_of(args: Iterable[Value]) -> frozenset[str]:
    """The marks of the arguments themselves, not those of their elements."""
    return frozenset[str]().union(*(arg.marks for arg in args))


def converted(value: Value, type_: Type, argument: int) -> Value:
    try:
        return convert(value, type_)
    except ConversionError as error:
        raise FunctionError(str(error), argument) from error


def sequence(type_: Type, items: Sequence[Value]) -> Value:
    """A list or tuple, as `type_` says."""
    return values.list_of(items, type_.element) if isinstance(type_, ListOf) else values.tuple_of(items)
