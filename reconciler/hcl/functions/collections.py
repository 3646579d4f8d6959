"""Functions on collections and structures as a whole: their length, their elements by index and key, maps from maps.

Elements pass through as they are, origins and marks included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.hcl import numbers, values
from reconciler.hcl.convert import ConversionError, convert, unify
from reconciler.hcl.functions.shared import converted, is_sequence, marks_of, sequence
from reconciler.hcl.functions.spec import Call, FunctionError, Parameter, Table, integer
from reconciler.hcl.graphemes import clusters
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
        value = converted(arg, call.type, index)
        if not value.known:
            return values.unknown(call.type)
        if not value.null and not (call.type == STRING and value.raw == ""):
            return value
    raise FunctionError("no non-null, non-empty-string arguments")


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
    if not is_sequence(call.args[0].type):
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
    key, marks = call.args[1], marks_of(call.args[:2])
    if not call.args[0].known:
        return values.unknown(call.type).with_marks(marks)
    found = call.args[0].entries.get(key.text)
    if found is not None:
        return found.with_marks(marks)
    if len(call.args) == 3:
        return converted(call.args[2], call.type, 2).with_marks(marks)
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
    return sequence(call.type, call.args[0].items).with_marks(call.args[0].marks)


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
    marks = marks_of(call.args)
    if not values.wholly_known(keys):
        return values.unknown(call.type).with_marks(marks)
    _check_pairs(keys.items, len(given.items))
    entries = {key.text: item for key, item in zip(keys.items, given.items, strict=True)}
    return _mapping(call.type, entries).with_marks(marks | marks_of(keys.items))


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
    return _mapping(call.type, entries).with_marks(marks_of(arg for arg in call.args if not arg.null))


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
