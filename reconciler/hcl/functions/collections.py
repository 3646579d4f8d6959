"""Functions on lists, sets, tuples, maps and objects. Elements pass through as they are, origins and marks included."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from reconciler.hcl import numbers, values
from reconciler.hcl.convert import ConversionError, convert, unify
from reconciler.hcl.functions.graphemes import clusters
from reconciler.hcl.functions.spec import Call, FunctionError, Parameter, Rule, Table, Unavailable, integer
from reconciler.hcl.values import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListOf,
    MapOf,
    ObjectOf,
    Refinement,
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
_MAX_PRODUCT: Final = 100_000


def _first_type(args: Sequence[Value]) -> Type:
    return args[0].type


def _is_sequence(type_: Type) -> bool:
    return isinstance(type_, ListOf | SetOf | TupleOf)


def _marks(args: Iterable[Value]) -> frozenset[str]:
    return frozenset[str]().union(*(arg.marks for arg in args))


# -- length and truth -----------------------------------------------------------------------------------------


def _length_type(args: Sequence[Value]) -> Type:
    type_ = args[0].type
    if type_ in (BOOL, NUMBER):
        raise FunctionError("argument must be a string, a collection type, or a structural type")
    return NUMBER


@TABLE.add("length", Parameter("value", DYNAMIC, dynamic=True, unknown=True, marked=True), result=_length_type)
def _length(call: Call) -> Value:
    return _length_of(call.args[0]).with_marks(call.args[0].marks)


def _length_of(value: Value) -> Value:
    match value.type:
        case TupleOf(elements):
            return _count(len(elements), len(elements))
        case ObjectOf(attributes):
            return _count(len(attributes), len(attributes))
        case _ if value.type == DYNAMIC:
            return values.unknown(NUMBER)
        case _ if value.type == STRING:
            if value.known:
                return values.number(numbers.Narrow(len(clusters(value.text)), 64))
            low = numbers.from_int(len(clusters(value.refinement.prefix)))
            return values.unknown(NUMBER, Refinement(not_null=True, low=low))
        case _ if value.known:
            return _count(*values.length_bounds(value))
        case _:
            return _count(value.refinement.min_length, value.refinement.max_length)


def _count(low: int, high: int | None) -> Value:
    if low == high:
        return values.number(numbers.Narrow(low, 64))
    most = numbers.from_int(2**63 - 1 if high is None else high)
    return values.unknown(NUMBER, Refinement(not_null=True, low=numbers.from_int(low), high=most))


@TABLE.add("alltrue", Parameter("list", ListOf(BOOL)), result=BOOL)
def _alltrue(call: Call) -> Value:
    for item in call.args[0].items:
        if not item.known:
            return values.unknown(BOOL)
        if item.null or not item.true:
            return values.FALSE
    return values.TRUE


@TABLE.add("anytrue", Parameter("list", ListOf(BOOL)), result=BOOL)
def _anytrue(call: Call) -> Value:
    items = call.args[0].items
    if any(item.raw is True for item in items):
        return values.TRUE
    return values.FALSE if all(item.known for item in items) else values.unknown(BOOL)


# -- taking one element ---------------------------------------------------------------------------------------


def _coalesced_type(args: Sequence[Value]) -> Type:
    common = unify([arg.type for arg in args])
    if common is None:
        raise FunctionError("all arguments must have the same type")
    return common.type


@TABLE.add(
    "coalesce", variadic=Parameter("vals", DYNAMIC, unknown=True, dynamic=True, null=True), result=_coalesced_type
)
def _coalesce(call: Call) -> Value:
    for index, arg in enumerate(call.args):
        value = _convert(arg, call.type, index)
        if not value.known:
            return values.unknown(call.type)
        if not value.null and not (call.type == STRING and value.raw == ""):
            return value
    raise FunctionError("no non-null, non-empty-string arguments")


def _convert(value: Value, type_: Type, argument: int) -> Value:
    try:
        return convert(value, type_)
    except ConversionError as error:
        raise FunctionError(str(error), argument) from error


def _coalesced_list_type(args: Sequence[Value]) -> Type:
    if not args:
        raise FunctionError("at least one argument is required")
    for arg in args:
        if not arg.known:
            return DYNAMIC
        if not isinstance(arg.type, ListOf | TupleOf):
            raise FunctionError("coalescelist arguments must be lists or tuples")
    return args[0].type if len({arg.type for arg in args}) == 1 else DYNAMIC


@TABLE.add(
    "coalescelist",
    variadic=Parameter("vals", DYNAMIC, unknown=True, dynamic=True, null=True),
    result=_coalesced_list_type,
)
def _coalescelist(call: Call) -> Value:
    for arg in call.args:
        if not arg.known:
            return values.unknown(call.type)
        if not arg.null and arg.items:
            return arg
    raise FunctionError("no non-null arguments")


def _element_type(args: Sequence[Value]) -> Type:
    match args[0].type:
        case ListOf(element):
            return element
        case TupleOf(elements):
            if not args[1].known:
                return DYNAMIC
            index = integer(args[1], 1)
            if not elements:
                raise FunctionError("cannot use element function with an empty list")
            if index < 0 and index % len(elements):
                raise FunctionError("cannot use element function on a tuple with a negative index")  # Terraform panics
            return elements[index % len(elements)]
        case other:
            raise FunctionError(f"cannot read elements from {friendly(other)}")


@TABLE.add("element", _ANY_MARKED, Parameter("index", NUMBER), result=_element_type, nullable=True)
def _element(call: Call) -> Value:
    index = call.integer(1)
    items = call.args[0].items
    if not items:
        raise FunctionError("cannot use element function with an empty list")
    return items[index % len(items)].with_marks(call.args[0].marks)


def _one_type(args: Sequence[Value]) -> Type:
    match args[0].type:
        case ListOf(element) | SetOf(element):
            return element
        case TupleOf(elements) if len(elements) < 2:
            return elements[0] if elements else DYNAMIC
        case _:
            raise FunctionError("must be a list, set, or tuple value with either zero or one elements", 0)


@TABLE.add("one", _ANY, result=_one_type, nullable=True)
def _one(call: Call) -> Value:
    low, high = values.length_bounds(call.args[0])
    if low != high:
        return values.unknown(call.type)
    if high > 1:
        raise FunctionError("must be a list, set, or tuple value with either zero or one elements", 0)
    return call.args[0].items[0] if high else values.null(call.type)


@TABLE.add("index", _ANY, Parameter("value", DYNAMIC), result=NUMBER)
def _index(call: Call) -> Value:
    wanted = call.args[1]
    if not isinstance(call.args[0].type, ListOf | TupleOf):
        raise FunctionError("argument must be a list or tuple")
    items = call.args[0].items
    if not items:
        raise FunctionError("cannot search an empty list")
    for position, item in enumerate(items):
        same = values.equal(item, wanted)
        if same is None:
            return values.unknown(NUMBER)
        if same:
            return values.number(numbers.Narrow(position, 64))
    raise FunctionError("item not found")


@TABLE.add("contains", _ANY, Parameter("value", DYNAMIC), result=BOOL)
def _contains(call: Call) -> Value:
    if not _is_sequence(call.args[0].type):
        raise FunctionError("argument must be list, tuple, or set")
    results = {values.equal(call.args[1], item) for item in call.args[0].items}
    return values.TRUE if True in results else values.unknown(BOOL) if None in results else values.FALSE


def _lookup_type(args: Sequence[Value]) -> Type:
    if len(args) > 3:
        raise FunctionError(f"lookup() takes two or three arguments, got {len(args)}")
    match args[0].type:
        case ObjectOf() as type_:
            if not args[1].known:
                return DYNAMIC
            found = type_.get(args[1].text) or (args[2].type if len(args) == 3 else None)
            if found is None:
                raise FunctionError(f'the given object has no attribute "{args[1].text}"', 0)
            return found
        case MapOf(element):
            if len(args) == 3:
                try:
                    convert(args[2], element)
                except ConversionError as error:
                    raise FunctionError("the default value must have the same type as the map elements", 2) from error
            return element
        case _:
            raise FunctionError("lookup() requires a map as the first argument", 0)


@TABLE.add(
    "lookup",
    Parameter("inputMap", DYNAMIC, unknown=True, marked=True),
    Parameter("key", STRING, marked=True),
    variadic=Parameter("default", DYNAMIC, unknown=True, dynamic=True, null=True, marked=True),
    result=_lookup_type,
    nullable=True,
    keeps_marks=True,
)
def _lookup(call: Call) -> Value:
    key, marks = call.args[1], _marks(call.args[:2])
    if not call.args[0].known:
        return values.unknown(call.type).with_marks(marks)
    found = call.args[0].entries.get(key.text)
    if found is not None:
        return found.with_marks(marks)
    if len(call.args) == 3:
        return _convert(call.args[2], call.type, 2).with_marks(marks)
    raise FunctionError("lookup failed to find key " + ("(sensitive value)" if key.marks else f'"{key.text}"'))


# -- keys and values ------------------------------------------------------------------------------------------


def _keys_type(args: Sequence[Value]) -> Type:
    match args[0].type:
        case MapOf():
            return ListOf(STRING)
        case ObjectOf(attributes):
            return TupleOf((STRING,) * len(attributes))
        case _:
            raise FunctionError("must have map or object type", 0)


@TABLE.add("keys", Parameter("inputMap", DYNAMIC, unknown=True, marked=True), result=_keys_type)
def _keys(call: Call) -> Value:
    given = call.args[0]
    if isinstance(given.type, ObjectOf):
        result = values.tuple_of(values.string(name) for name, _ in given.type.attributes)
    elif given.known:
        result = values.list_of([values.string(key) for key in given.entries], STRING)
    else:
        result = values.unknown(call.type)
    return result.with_marks(given.marks)


def _values_type(args: Sequence[Value]) -> Type:
    match args[0].type:
        case MapOf(element):
            return ListOf(element)
        case ObjectOf(attributes):
            return TupleOf(tuple(type_ for _, type_ in attributes))
        case _:
            raise FunctionError("values() requires a map as the first argument")


@TABLE.add("values", Parameter("mapping", DYNAMIC, marked=True), result=_values_type)
def _values(call: Call) -> Value:
    return _sequence(call.type, call.args[0].items).with_marks(call.args[0].marks)


def _sequence(type_: Type, items: Sequence[Value]) -> Value:
    """A list or tuple, as `type_` says."""
    return values.list_of(items, type_.element) if isinstance(type_, ListOf) else values.tuple_of(items)


def _zipmap_type(args: Sequence[Value]) -> Type:
    keys, type_ = args[0], args[1].type
    match type_:
        case ListOf(element):
            return MapOf(element)
        case TupleOf(elements):
            if not values.wholly_known(keys):
                return DYNAMIC
            _check_pairs(keys.items, len(elements))
            return values.object_type({key.text: element for key, element in zip(keys.items, elements, strict=True)})
        case _:
            raise FunctionError("values argument must be a list or tuple value")


def _check_pairs(keys: Sequence[Value], count: int) -> None:
    if len(keys) != count:
        raise FunctionError(f"number of keys ({len(keys)}) does not match number of values ({count})")
    for index, key in enumerate(keys):
        if key.null:
            raise FunctionError(f"keys list has null value at index {index}")


@TABLE.add(
    "zipmap",
    Parameter("keys", ListOf(STRING), marked=True),
    Parameter("values", DYNAMIC, marked=True),
    result=_zipmap_type,
)
def _zipmap(call: Call) -> Value:
    keys, given = call.args
    marks = _marks(call.args)
    if not values.wholly_known(keys):
        return values.unknown(call.type).with_marks(marks)
    _check_pairs(keys.items, len(given.items))
    entries = {key.text: item for key, item in zip(keys.items, given.items, strict=True)}
    return _mapping(call.type, entries).with_marks(marks | _marks(keys.items))


def _mapping(type_: Type, entries: Mapping[str, Value]) -> Value:
    """A map or object, as `type_` says."""
    return values.map_of(entries, type_.element) if isinstance(type_, MapOf) else values.object_of(entries)


def _merged_type(args: Sequence[Value]) -> Type:
    attributes: dict[str, Type] = {}
    complete = True
    for arg in args:
        match arg.type:
            case MapOf(element):
                if arg.known and not arg.null:
                    attributes |= dict.fromkeys(arg.entries, element)
                complete = complete and arg.known
            case ObjectOf(own):
                attributes |= {} if arg.null else dict(own)
            case _ if arg.type == DYNAMIC:
                return DYNAMIC
            case other:
                raise FunctionError(f'arguments must be maps or objects, got "{friendly(other)}"')
    if args and all(arg.type == args[0].type for arg in args):
        return args[0].type
    return values.object_type(attributes) if complete else DYNAMIC


@TABLE.add("merge", variadic=Parameter("maps", DYNAMIC, dynamic=True, null=True, marked=True), result=_merged_type)
def _merge(call: Call) -> Value:
    entries: dict[str, Value] = {}
    for arg in call.args:
        if not arg.null and not isinstance(arg.type, MapOf | ObjectOf):
            raise FunctionError(f'arguments must be maps or objects, got "{friendly(arg.type)}"')
        entries |= {} if arg.null else arg.entries
    return _mapping(call.type, entries).with_marks(_marks(arg for arg in call.args if not arg.null))


@TABLE.add("transpose", Parameter("values", MapOf(ListOf(STRING))), result=MapOf(ListOf(STRING)))
def _transpose(call: Call) -> Value:
    if not values.wholly_known(call.args[0]):
        return values.unknown(call.type)
    out: dict[str, list[str]] = {}
    for key, items in call.args[0].entries.items():
        if items.null or any(item.null for item in items.items):
            raise FunctionError("input must be a map of lists of strings without null")
        for item in items.items:
            out.setdefault(item.text, []).append(key)
    return values.map_of({k: values.list_of(list(map(values.string, v))) for k, v in out.items()}, ListOf(STRING))


# -- lists from lists -----------------------------------------------------------------------------------------


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
        given = [_convert(arg, call.type, index) for index, arg in enumerate(given)]
    items = [item for arg in given for item in arg.items]
    return _sequence(call.type, items).with_marks(_marks(given))


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
    return values.list_of([values.list_of(chunk) for chunk in chunks], given.type).with_marks(_marks(call.args))


def _flattened_type(args: Sequence[Value]) -> Type:
    if not values.wholly_known(args[0]):
        return DYNAMIC
    if not _is_sequence(args[0].type):
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
        known = known and not (item.type == DYNAMIC and not item.known)
        if item.null or not _is_sequence(item.type):
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
    return _sequence(call.type, call.args[0].items[::-1]).with_marks(call.args[0].marks)


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
    return _sequence(call.type, call.args[0].items[start:end]).with_marks(call.args[0].marks)


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
    keys, wanted = (_convert(call.args[index], common.type, index) for index in (1, 2))
    if not wanted.items:
        return values.list_of([], call.type.element)
    if not values.wholly_known(call.args[0]) or not values.wholly_known(keys):
        return values.unknown(call.type)
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
    if not _is_sequence(given.type):
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


# -- sets -----------------------------------------------------------------------------------------------------


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
    marks = _marks(call.args)
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
        [_convert(item, t, i) for item in arg.items]
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
        given = _convert(arg, call.type, index)
        first = given.type if first is None else first
        if given.type != first:
            raise FunctionError("given sets must all have compatible element types", index)
        if not unknowns and not values.wholly_known(given):
            return values.unknown(call.type)
        items = combine(items, given.items) if index else list(given.items)
    return values.set_of(items, call.type.element)


def _in(items: Sequence[Value], wanted: Value) -> bool:
    return any(values.equal(item, wanted) is True for item in items)


@TABLE.add("setunion", _FIRST_SET, variadic=_OTHER_SETS, result=_SET_RULE)
def _setunion(call: Call) -> Value:
    return _combined(call, lambda a, b: [*a, *b], unknowns=True)


@TABLE.add("setintersection", _FIRST_SET, variadic=_OTHER_SETS, result=_SET_RULE)
def _setintersection(call: Call) -> Value:
    return _combined(call, lambda a, b: [item for item in a if _in(b, item)], unknowns=False)


@TABLE.add(
    "setsubtract",
    Parameter("a", SetOf(DYNAMIC), dynamic=True),
    Parameter("b", SetOf(DYNAMIC), dynamic=True),
    result=_SET_RULE,
)
def _setsubtract(call: Call) -> Value:
    return _combined(call, lambda a, b: [item for item in a if not _in(b, item)], unknowns=False)
