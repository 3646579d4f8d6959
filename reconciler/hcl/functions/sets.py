"""Functions on sets. Elements pass through as they are."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Final

from reconciler.hcl import values
from reconciler.hcl.convert import unify
from reconciler.hcl.functions.shared import converted, marks_of
from reconciler.hcl.functions.spec import Call, FunctionError, Parameter, Rule, Table, Unavailable
from reconciler.hcl.values import (
    DYNAMIC,
    ListOf,
    Refinement,
    SetOf,
    TupleOf,
    Type,
    Value,
)

TABLE = Table()
_MAX_PRODUCT: Final = 100_000


def _product_type(args: Sequence[Value]) -> Type:
    if len(args) < 2:
        raise FunctionError("at least two arguments are required")
    elements: list[Type] = []
    for index, arg in enumerate(args):
        match arg.type:
            case SetOf(element) | ListOf(element):
                elements.append(element)
            case TupleOf(types):
                common = unify(types) if types else None
                if types and common is None:
                    raise FunctionError("all elements must be of the same type", index)
                elements.append(common.type if common else DYNAMIC)
            case _:
                raise FunctionError("a set or a list is required", index)
    ordered = all(isinstance(arg.type, ListOf | TupleOf) for arg in args)
    return (ListOf if ordered else SetOf)(TupleOf(tuple(elements)))


@TABLE.add("setproduct", variadic=Parameter("sets", DYNAMIC, marked=True, unknown=True), result=_product_type)
def _setproduct(call: Call) -> Value:
    marks = marks_of(call.args)
    lengths = [_product_length(arg) for arg in call.args]
    if any(low != high for low, high in lengths):
        longest = [
            high if low == high or not arg.known else None for arg, (low, high) in zip(call.args, lengths, strict=True)
        ]
        return _unknown_product(call.type, longest).with_marks(marks)
    assert isinstance(call.type, ListOf | SetOf)
    element = call.type.element
    assert isinstance(element, TupleOf)
    if math.prod(high or 0 for _, high in lengths) > _MAX_PRODUCT:
        raise Unavailable(f"the product has more than {_MAX_PRODUCT} elements")
    columns = [
        [converted(item, t, i) for item in arg.items]
        for i, (arg, t) in enumerate(zip(call.args, element.elements, strict=True))
    ]
    rows = [values.tuple_of(row) for row in itertools.product(*columns)]
    build = values.list_of if isinstance(call.type, ListOf) else values.set_of
    return build(rows, element).with_marks(marks)


def _product_length(value: Value) -> tuple[int, int | None]:
    if value.known:
        return values.length_bounds(value)
    if isinstance(value.type, TupleOf):
        return 0, len(value.type.elements)
    return value.refinement.min_length, value.refinement.max_length


def _unknown_product(type_: Type, lengths: Sequence[int | None]) -> Value:
    longest = 1
    for length in lengths:
        if length is None or length > 1024 or longest * length > 2048:
            return values.unknown(type_)
        longest *= length
    return values.unknown(type_, Refinement(not_null=True, min_length=min(longest, 1), max_length=longest))


def _set_type(args: Sequence[Value]) -> Type:
    elements: list[Type] = []
    for arg in args:
        assert isinstance(arg.type, SetOf)
        if arg.type.element != DYNAMIC or not arg.known or arg.items:
            elements.append(arg.type.element)
    common = unify(elements) if elements else None
    if elements and common is None:
        raise FunctionError("given sets must all have compatible element types")
    return SetOf(common.type if common else DYNAMIC)


_FIRST_SET = Parameter("first_set", SetOf(DYNAMIC), dynamic=True)
_OTHER_SETS = Parameter("other_sets", SetOf(DYNAMIC), dynamic=True)
_SET_RULE: Rule = _set_type


def _combined(call: Call, combine: Callable[[list[Value], Sequence[Value]], list[Value]], *, unknowns: bool) -> Value:
    assert isinstance(call.type, SetOf)
    items: list[Value] = []
    first: Type | None = None
    for index, arg in enumerate(call.args):
        given = converted(arg, call.type, index)
        first = given.type if first is None else first
        if given.type != first:
            raise FunctionError("given sets must all have compatible element types", index)
        if not unknowns and not values.wholly_known(given):
            return values.unknown(call.type)
        items = combine(items, given.items) if index else list(given.items)
    return values.set_of(items, call.type.element)


def _common(items: list[Value], others: Sequence[Value]) -> list[Value]:
    members = values.Members(others)
    return [item for item in items if item in members]


def _rest(items: list[Value], others: Sequence[Value]) -> list[Value]:
    members = values.Members(others)
    return [item for item in items if item not in members]


@TABLE.add("setunion", _FIRST_SET, variadic=_OTHER_SETS, result=_SET_RULE)
def _setunion(call: Call) -> Value:
    return _combined(call, lambda a, b: [*a, *b], unknowns=True)


@TABLE.add("setintersection", _FIRST_SET, variadic=_OTHER_SETS, result=_SET_RULE)
def _setintersection(call: Call) -> Value:
    return _combined(call, _common, unknowns=False)


@TABLE.add(
    "setsubtract",
    Parameter("a", SetOf(DYNAMIC), dynamic=True),
    Parameter("b", SetOf(DYNAMIC), dynamic=True),
    result=_SET_RULE,
)
def _setsubtract(call: Call) -> Value:
    return _combined(call, _rest, unknowns=False)
