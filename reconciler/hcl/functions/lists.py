"""Functions that make lists and tuples of lists and tuples. Elements pass through as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.hcl import numbers, values
from reconciler.hcl.convert import ConversionError, convert, unify
from reconciler.hcl.functions.shared import converted, is_sequence, marks_of, sequence
from reconciler.hcl.functions.spec import Call, FunctionError, Parameter, Table, integer
from reconciler.hcl.values import (
    DYNAMIC,
    NUMBER,
    STRING,
    ListOf,
    SetOf,
    TupleOf,
    Type,
    Value,
    friendly,
)

TABLE = Table()
_ANY = Parameter("list", DYNAMIC)
_ANY_MARKED = Parameter("list", DYNAMIC, marked=True)
_LIST = Parameter("list", ListOf(DYNAMIC))
_STRINGS = Parameter("list", ListOf(STRING))


def _first_type(args: Sequence[Value]) -> Type:
    return args[0].type


@TABLE.add("compact", _STRINGS, result=ListOf(STRING))
def _compact(call: Call) -> Value:
    if not values.wholly_known(call.args[0]):
        return values.unknown(call.type)
    return values.list_of([item for item in call.args[0].items if item.raw not in (None, "")], STRING)


def _concat_type(args: Sequence[Value]) -> Type:
    if not args:
        raise FunctionError("at least one argument is required")
    if all(isinstance(arg.type, ListOf) for arg in args):
        common = unify([arg.type for arg in args])
        if common is not None:
            return common.type
    types: list[Type] = []
    for index, arg in enumerate(args):
        match arg.type:
            case TupleOf(elements):
                types += elements
            case ListOf(element):
                if not arg.known:
                    return DYNAMIC
                types += [element] * len(arg.items)
            case other:
                raise FunctionError(f"all arguments must be lists or tuples; got {friendly(other)}", index)
    return TupleOf(tuple(types))


@TABLE.add("concat", variadic=Parameter("seqs", DYNAMIC, marked=True), result=_concat_type)
def _concat(call: Call) -> Value:
    given = call.args
    if isinstance(call.type, ListOf):
        given = [converted(arg, call.type, index) for index, arg in enumerate(given)]
    items = [item for arg in given for item in arg.items]
    return sequence(call.type, items).with_marks(marks_of(given))


@TABLE.add("distinct", _LIST, result=_first_type)
def _distinct(call: Call) -> Value:
    if not values.wholly_known(call.args[0]):
        return values.unknown(call.type)
    assert isinstance(call.type, ListOf)
    return values.list_of(values.distinct(call.args[0].items), call.type.element)


@TABLE.add(
    "chunklist",
    Parameter("list", ListOf(DYNAMIC), marked=True),
    Parameter("size", NUMBER, marked=True),
    result=lambda args: ListOf(args[0].type),
)
def _chunklist(call: Call) -> Value:
    given, size = call.args[0], call.integer(1)
    if size < 0:
        raise FunctionError("the size argument must be positive")
    items = given.items
    chunks = [items[start : start + size] for start in range(0, len(items), size)] if size else [items] if items else []
    return values.list_of([values.list_of(chunk) for chunk in chunks], given.type).with_marks(marks_of(call.args))


def _flattened_type(args: Sequence[Value]) -> Type:
    if not values.wholly_known(args[0]):
        return DYNAMIC
    if not is_sequence(args[0].type):
        raise FunctionError("can only flatten lists, sets and tuples")
    items, _ = _flattened(args[0])
    return TupleOf(tuple(item.type for item in items or []))


@TABLE.add("flatten", _ANY_MARKED, result=_flattened_type)
def _flatten(call: Call) -> Value:
    items, marks = _flattened(call.args[0])
    return (values.unknown() if items is None else values.tuple_of(items)).with_marks(marks)


def _flattened(value: Value) -> tuple[list[Value] | None, frozenset[str]]:
    """The elements with those of nested sequences in their place (None where these are unknown), and marks met."""
    low, high = values.length_bounds(value)
    if low != high:
        return None, value.marks
    out: list[Value] = []
    known, marks = True, value.marks
    for item in value.items:
        known = known and (item.type != DYNAMIC or item.known or bool(item.marks))  # a marked one is not looked at
        if item.null or not is_sequence(item.type):
            out.append(item)
        elif not item.known:
            known, marks = False, marks | item.marks
        else:
            inner, inner_marks = _flattened(item)
            marks |= inner_marks
            known = known and inner is not None
            out += inner or []
    return (out if known else None), marks


def _reversed_type(args: Sequence[Value]) -> Type:
    match args[0].type:
        case TupleOf(elements):
            return TupleOf(elements[::-1])
        case ListOf(element) | SetOf(element):
            return ListOf(element)
        case other:
            raise FunctionError(f"can only reverse list or tuple values, not {friendly(other)}", 0)


@TABLE.add("reverse", _ANY_MARKED, result=_reversed_type)
def _reverse(call: Call) -> Value:
    return sequence(call.type, call.args[0].items[::-1]).with_marks(call.args[0].marks)


def _slice_type(args: Sequence[Value]) -> Type:
    type_ = args[0].type
    if isinstance(type_, SetOf):
        raise FunctionError("cannot slice a set, because its elements do not have indices; convert it to a list", 0)
    if not isinstance(type_, ListOf | TupleOf):
        raise FunctionError("must be a list or tuple value", 0)
    start, end = _slice_indexes(args)
    if isinstance(type_, ListOf):
        return type_
    return DYNAMIC if start is None or end is None else TupleOf(type_.elements[start:end])


def _slice_indexes(args: Sequence[Value]) -> tuple[int | None, int | None]:
    type_ = args[0].type
    length = len(type_.elements) if isinstance(type_, TupleOf) else len(args[0].items) if args[0].known else None
    found: list[int | None] = []
    for argument, name in ((1, "start"), (2, "end")):
        index = integer(args[argument], argument) if args[argument].known else None
        if index is not None and index < 0:
            raise FunctionError(f"{name} index must not be less than zero", argument)
        if index is not None and length is not None and index > length:
            raise FunctionError(f"{name} index must not be greater than the length of the list", argument)
        found.append(index)
    start, end = found
    if start is not None and end is not None and start > end:
        raise FunctionError("start index must not be greater than end index", 1)
    return start, end


@TABLE.add("slice", _ANY_MARKED, Parameter("start_index", NUMBER), Parameter("end_index", NUMBER), result=_slice_type)
def _slice(call: Call) -> Value:
    start, end = _slice_indexes(call.args)
    return sequence(call.type, call.args[0].items[start:end]).with_marks(call.args[0].marks)


def _matchkeys_type(args: Sequence[Value]) -> Type:
    if unify([args[1].type, args[2].type]) is None:
        raise FunctionError("keys and searchset must be of the same type")
    return args[0].type


@TABLE.add(
    "matchkeys",
    Parameter("values", ListOf(DYNAMIC)),
    Parameter("keys", ListOf(DYNAMIC)),
    Parameter("searchset", ListOf(DYNAMIC)),
    result=_matchkeys_type,
)
def _matchkeys(call: Call) -> Value:
    assert isinstance(call.type, ListOf)
    items = call.args[0].items
    if len(items) != len(call.args[1].items):
        raise FunctionError("length of keys and values should be equal")
    common = unify([call.args[1].type, call.args[2].type])
    assert common is not None
    keys, wanted = (converted(call.args[index], common.type, index) for index in (1, 2))
    if not wanted.items:
        return values.list_of([], call.type.element)
    if not values.wholly_known(call.args[0]) or not values.wholly_known(keys):
        return values.unknown(call.type)
    if values.wholly_known(wanted):
        members = values.Members(wanted.items)
        pairs = zip(items, keys.items, strict=True)
        return values.list_of([item for item, key in pairs if key in members], call.type.element)
    out: list[Value] = []
    for item, key in zip(items, keys.items, strict=True):
        for search in wanted.items:
            same = values.equal(key, search)
            if same is None:
                return values.list_of([], call.type.element)
            if same:
                out.append(item)
                break
    return values.list_of(out, call.type.element)


@TABLE.add("sum", _ANY, result=NUMBER)
def _sum(call: Call) -> Value:
    given = call.args[0]
    if not isinstance(given.raw, tuple | Mapping):
        raise FunctionError("cannot sum noniterable", 0)
    if not given.items:
        raise FunctionError("cannot sum an empty list", 0)
    if not is_sequence(given.type):
        raise FunctionError(f"argument must be list, set, or tuple. Received {friendly(given.type)}", 0)
    if not values.wholly_known(given):
        return values.unknown(NUMBER)
    total = None
    for item in given.items:
        try:
            amount = convert(item, NUMBER)
        except ConversionError:
            amount = values.null()
        if amount.null:
            raise FunctionError("argument must be list, set, or tuple of number values", 0)
        total = amount.number if total is None else numbers.add(total, amount.number)
    assert total is not None
    return values.number(total)
