"""How values of one type become values of another, and which type several types have in common.

A safe conversion always succeeds; an unsafe one may fail on a value (string to number, map to object). Conversions keep
marks, and keep origins too: the literal "60" converted to a number still comes from that literal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from reconciler.errors import EvaluationError
from reconciler.hcl import numbers, values
from reconciler.hcl.values import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListOf,
    MapOf,
    ObjectOf,
    Primitive,
    Refinement,
    SetOf,
    TupleOf,
    Type,
    Value,
    friendly,
)
from reconciler.model import Path, format_path
from reconciler.records import dataclass


class ConversionError(EvaluationError):
    """A value cannot become a value of the wanted type; `path` says which part of it, `reason` why."""

    def __init__(self, reason: str, path: Path = ()) -> None:
        super().__init__(f"{format_path(path)}: {reason}" if path else reason)
        self.reason = reason
        self.path = path


Conversion: TypeAlias = Callable[[Value, Path], Value]


def conversion(source: Type, target: Type, *, unsafe: bool) -> Conversion | None:
    """How a value of type `source` becomes one of type `target`; None where it cannot."""
    known = _known_conversion(source, target, unsafe=unsafe)
    if known is None:
        return None

    def apply(value: Value, path: Path) -> Value:
        if target == DYNAMIC:
            return value
        if not value.known:
            return _unknown_result(value, without_optional(target))
        if value.null:
            return replace(value, type=_dynamic_replaced(value.type, without_optional(target)))
        result = known(value.unmarked(), path)
        return result.with_marks(value.marks)

    return apply


def _known_conversion(source: Type, target: Type, *, unsafe: bool) -> Conversion | None:
    match source, target:
        case _, Primitive("dynamic"):
            return lambda value, _: value
        case Primitive("dynamic"), _:
            return (lambda value, path: _late(value, target, path)) if unsafe else None
        case Primitive(), Primitive():
            return _PRIMITIVES.get((source, target, False)) or (
                _PRIMITIVES.get((source, target, True)) if unsafe else None
            )
        case ObjectOf(), ObjectOf():
            return _object_to_object(source, target, unsafe=unsafe)
        case TupleOf(), TupleOf():
            return _tuple_to_tuple(source, target, unsafe=unsafe)
        case ((ListOf(given) | SetOf(given)), ListOf(wanted)):
            return _collection_to_list(given, wanted, unsafe=unsafe)
        case ((ListOf(given) | SetOf(given)), SetOf(wanted)):
            if isinstance(source, ListOf) and not unsafe:
                return None  # order and duplicates would be lost
            return _collection_to_set(given, wanted, unsafe=unsafe)
        case MapOf(given), MapOf(wanted):
            return _map_to_map(given, wanted, unsafe=unsafe)
        case TupleOf(elements), (ListOf(wanted) | SetOf(wanted)):
            return _tuple_to_collection(elements, target, wanted, unsafe=unsafe)
        case ObjectOf(), MapOf(wanted):
            return _object_to_map(source, wanted, unsafe=unsafe)
        case MapOf(given), ObjectOf():
            return _map_to_object(given, target) if unsafe else None
        case _:
            return None


def _late(value: Value, target: Type, path: Path) -> Value:
    """A value whose type was not known when the conversion was chosen."""
    step = _step(value.type, target, unsafe=True)
    if step is None:
        raise ConversionError(f"{friendly(target)} required", path)
    return step(value, path)


# -- primitives -----------------------------------------------------------------------------------------------


def _number_to_string(value: Value, path: Path) -> Value:
    try:
        return replace(value, type=STRING, raw=numbers.text(value.number))
    except numbers.NumberTooLarge as error:
        raise ConversionError("the number is too large to be written out", path) from error


def _string_to_number(value: Value, path: Path) -> Value:
    try:
        parsed = numbers.parse(value.text)
    except numbers.NumberTooLarge as error:
        raise ConversionError("the number is too large to be computed with", path) from error
    if parsed is None:
        raise ConversionError("a number is required", path)
    return replace(value, type=NUMBER, raw=parsed)


def _string_to_bool(value: Value, path: Path) -> Value:
    match value.text:
        case "true" | "1":
            return replace(value, type=BOOL, raw=True)
        case "false" | "0":
            return replace(value, type=BOOL, raw=False)
        case text if text.lower() in ("true", "false"):
            raise ConversionError(f'a bool is required; to convert from string, use lowercase "{text.lower()}"', path)
        case _:
            raise ConversionError("a bool is required", path)


def _bool_to_string(value: Value, _path: Path) -> Value:
    return replace(value, type=STRING, raw="true" if value.true else "false")


_PRIMITIVES: Mapping[tuple[Type, Type, bool], Conversion] = {
    (NUMBER, STRING, False): _number_to_string,
    (BOOL, STRING, False): _bool_to_string,
    (STRING, NUMBER, True): _string_to_number,
    (STRING, BOOL, True): _string_to_bool,
}


# -- unknown and null -----------------------------------------------------------------------------------------


def _unknown_result(value: Value, target: Type) -> Value:
    """An unknown keeps what is known of it where the conversion cannot change that."""
    type_ = _dynamic_replaced(value.type, target)
    known = Refinement(not_null=value.refinement.not_null)
    match value.type, type_:
        case ObjectOf(attributes), MapOf():
            known = replace(known, min_length=len(attributes), max_length=len(attributes))
        case TupleOf(elements), ListOf():
            known = replace(known, min_length=len(elements), max_length=len(elements))
        case TupleOf(elements), SetOf():
            known = replace(known, min_length=min(len(elements), 1), max_length=len(elements))
        case ((ListOf() | SetOf() | MapOf()), (ListOf() | SetOf() | MapOf())):
            least = value.refinement.min_length
            least = min(least, 1) if isinstance(type_, SetOf) else least
            known = replace(known, min_length=least, max_length=value.refinement.max_length)
        case _ if value.type == type_:
            known = value.refinement
        case _:
            pass
    return values.unknown(type_, known).with_marks(value.marks).with_origin(value.origin)


def _dynamic_replaced(source: Type, target: Type) -> Type:
    """`target` with each dynamic in it replaced by what `source` has there."""
    if source == DYNAMIC or isinstance(target, Primitive):
        return source if target == DYNAMIC else target
    match source, target:
        case ((ListOf(given) | SetOf(given)), ListOf(wanted)):
            return ListOf(_dynamic_replaced(given, wanted))
        case ((ListOf(given) | SetOf(given)), SetOf(wanted)):
            return SetOf(_dynamic_replaced(given, wanted))
        case MapOf(given), MapOf(wanted):
            return MapOf(_dynamic_replaced(given, wanted))
        case TupleOf(elements), (ListOf(wanted) | SetOf(wanted)):
            common = unify(elements)
            return type(target)(_dynamic_replaced(common.type, wanted)) if common else target
        case ObjectOf(attributes), MapOf(wanted):
            common = unify([type_ for _, type_ in attributes])
            return MapOf(_dynamic_replaced(common.type, wanted)) if common else target
        case _, ObjectOf(attributes):
            given = dict(source.attributes) if isinstance(source, ObjectOf) else {}
            rest = source.element if isinstance(source, MapOf) else None
            return ObjectOf(tuple((n, _dynamic_replaced(given.get(n) or rest or t, t)) for n, t in attributes))
        case TupleOf(given), TupleOf(wanted):
            return TupleOf(tuple(map(_dynamic_replaced, given, wanted)))
        case _:
            return target


def without_optional(type_: Type) -> Type:
    """A type constraint as the type of values: no attribute is optional any more."""
    match type_:
        case Primitive():
            return type_
        case ListOf(element):
            return ListOf(without_optional(element))
        case SetOf(element):
            return SetOf(without_optional(element))
        case MapOf(element):
            return MapOf(without_optional(element))
        case TupleOf(elements):
            return TupleOf(tuple(map(without_optional, elements)))
        case ObjectOf(attributes):
            return ObjectOf(tuple((name, without_optional(attribute)) for name, attribute in attributes))


# -- collections and structures -------------------------------------------------------------------------------


def _step(source: Type, target: Type, *, unsafe: bool) -> Conversion | None:
    """The conversion of an element, the identity where there is nothing to do."""
    return _identity if source == target else conversion(source, target, unsafe=unsafe)


def _identity(value: Value, _path: Path) -> Value:
    return value


def _bare_null(value: Value) -> Value:
    """In some conversions null elements lose their marks."""
    return value.unmarked() if value.null else value


def _same_type(items: Iterable[Value], path: Path, kind: str) -> None:
    types = {item.type for item in items if item.type != DYNAMIC}
    if len(types) > 1:
        raise ConversionError(f"element types must all match for conversion to {kind}", path)


def _empty_element(given: Type, wanted: Type) -> Type:
    return given if wanted == DYNAMIC else without_optional(wanted)


def _keep(value: Value, result: Value) -> Value:
    """What was converted element by element comes from where it came from."""
    return result.with_origin(value.origin) if value.origin is not None else result


def _collection_to_list(given: Type, wanted: Type, *, unsafe: bool) -> Conversion | None:
    step = _step(given, wanted, unsafe=unsafe)
    if step is None:
        return None

    def apply(value: Value, path: Path) -> Value:
        if isinstance(value.type, SetOf):
            least, most = values.length_bounds(value)
            if least != most:
                return values.unknown(ListOf(given))
        items = [_bare_null(step(item, (*path, index))) for index, item in enumerate(value.items)]
        _same_type(items, path, "list")
        return _keep(value, values.list_of(items, _empty_element(given, wanted)))

    return apply


def _collection_to_set(given: Type, wanted: Type, *, unsafe: bool) -> Conversion | None:
    step = _step(given, wanted, unsafe=unsafe)
    if step is None:
        return None

    def apply(value: Value, path: Path) -> Value:
        items = [_bare_null(step(item, (*path, index))) for index, item in enumerate(value.items)]
        _same_type(items, path, "set")
        return _keep(value, values.set_of(items, _empty_element(given, wanted)))

    return apply


def _map_to_map(given: Type, wanted: Type, *, unsafe: bool) -> Conversion | None:
    step = conversion(given, wanted, unsafe=unsafe)
    if step is None:
        return None

    def apply(value: Value, path: Path) -> Value:
        entries = {key: step(item, (*path, key)) for key, item in value.entries.items()}
        if isinstance(wanted, ListOf | SetOf | MapOf | ObjectOf):
            entries = dict(zip(entries, _unified(list(entries.values()), path, unsafe=False), strict=True))
        _same_type(entries.values(), path, "map")
        return _keep(value, values.map_of(entries, _empty_element(given, wanted)))

    return apply


def _tuple_to_collection(
    elements: tuple[Type, ...], target: ListOf | SetOf, wanted: Type, *, unsafe: bool
) -> Conversion | None:
    is_list = isinstance(target, ListOf)
    build = values.list_of if is_list else values.set_of
    if not elements:
        return lambda value, _: _keep(value, build([], without_optional(wanted)))
    if wanted == DYNAMIC:
        common = unify(elements, unsafe=unsafe)
        if common is None or (common.type == DYNAMIC and any(element != DYNAMIC for element in elements)):
            return None
        wanted = common.type
    steps = _steps(elements, wanted, unsafe=unsafe)
    if steps is None:
        return None

    def apply(value: Value, path: Path) -> Value:
        items = [steps[item.type](item, (*path, index)) for index, item in enumerate(value.items)]
        items = _unified(items, path, unsafe=unsafe) if is_list else list(map(_bare_null, items))
        _same_type(items, path, "list" if is_list else "set")
        return _keep(value, build(items))

    return apply


def _steps(sources: Iterable[Type], target: Type, *, unsafe: bool) -> Mapping[Type, Conversion] | None:
    steps: dict[Type, Conversion] = {}
    for source in sources:
        if source not in steps:
            step = _step(source, target, unsafe=unsafe)
            if step is None:
                return None
            steps[source] = step
    return steps


def _unified(items: list[Value], path: Path, *, unsafe: bool) -> list[Value]:
    if not items:
        return items
    common = unify([item.type for item in items], unsafe=unsafe)
    if common is None:
        raise ConversionError("collection elements cannot be unified", path)
    return common.apply(items)


def _object_to_map(source: ObjectOf, wanted: Type, *, unsafe: bool) -> Conversion | None:
    types = [type_ for _, type_ in source.attributes]
    if not types:
        return lambda value, _: _keep(value, values.map_of({}, without_optional(wanted)))
    if wanted == DYNAMIC:
        common = unify(types, unsafe=unsafe)
        if common is None:
            return None
        wanted = common.type
    steps = _steps(types, wanted, unsafe=unsafe)
    if steps is None:
        return None

    def apply(value: Value, path: Path) -> Value:
        entries = {key: steps[item.type](item, (*path, key)) for key, item in value.entries.items()}
        if isinstance(wanted, ListOf | SetOf | MapOf | ObjectOf):
            entries = dict(zip(entries, _unified(list(entries.values()), path, unsafe=unsafe), strict=True))
        _same_type(entries.values(), path, "map")
        return _keep(value, values.map_of(entries))

    return apply


def _map_to_object(given: Type, target: ObjectOf) -> Conversion | None:
    steps: dict[str, Conversion | None] = {}
    for name, type_ in target.attributes:
        steps[name] = _step(given, type_, unsafe=True)
        if steps[name] is None and name not in target.optional:
            return None

    def apply(value: Value, path: Path) -> Value:
        entries: dict[str, Value] = {}
        for name, type_ in target.attributes:
            item, step = value.entries.get(name), steps[name]
            if item is None:
                if name not in target.optional:
                    raise ConversionError(f'map element "{name}" is required', path)
                entries[name] = values.null(without_optional(type_))
            elif step is None:
                raise ConversionError(f"{friendly(type_)} required, but have {friendly(given)}", (*path, name))
            else:
                entries[name] = step(item, (*path, name))
        return _keep(value, values.object_of(entries))

    return apply


def _object_to_object(source: ObjectOf, target: ObjectOf, *, unsafe: bool) -> Conversion | None:
    given = dict(source.attributes)
    steps: dict[str, Conversion] = {}
    for name, type_ in target.attributes:
        if name in given:
            step = _step(given[name], type_, unsafe=unsafe)
            if step is None:
                return None
            steps[name] = step
        elif name not in target.optional:
            return None

    def apply(value: Value, path: Path) -> Value:
        entries = {
            name: _bare_null(steps[name](value.entries[name], (*path, name)))
            if name in steps
            else values.null(without_optional(t))
            for name, t in target.attributes
        }
        return _keep(value, values.object_of(entries))

    return apply


def _tuple_to_tuple(source: TupleOf, target: TupleOf, *, unsafe: bool) -> Conversion | None:
    if len(source.elements) != len(target.elements):
        return None
    steps: list[Conversion] = []
    for given, wanted in zip(source.elements, target.elements, strict=True):
        step = _step(given, wanted, unsafe=unsafe)
        if step is None:
            return None
        steps.append(step)

    def apply(value: Value, path: Path) -> Value:
        pairs = enumerate(zip(steps, value.items, strict=True))
        return _keep(value, values.tuple_of([step(item, (*path, index)) for index, (step, item) in pairs]))

    return apply


# -- unification ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unified:
    """The type that several types have in common, and for each of them how its values get there."""

    type: Type
    conversions: tuple[Conversion, ...]

    def apply(self, items: Sequence[Value]) -> list[Value]:
        """`items` in the order of the types. Raises ConversionError."""
        return [step(item, (index,)) for index, (step, item) in enumerate(zip(self.conversions, items, strict=True))]


def unify(types: Sequence[Type], *, unsafe: bool = True) -> Unified | None:
    """None where the types have nothing in common, or where there are none."""
    different = list(dict.fromkeys(types))
    if len(different) == 1:
        return Unified(different[0], (_identity,) * len(types))
    found = _unify(different, unsafe=unsafe) if different else None
    if found is None:
        return None
    steps = dict(zip(different, found.conversions, strict=True))
    return Unified(found.type, tuple(steps[type_] for type_ in types))


def _unify(types: list[Type], *, unsafe: bool) -> Unified | None:
    kinds = {type(type_) for type_ in types if type_ != DYNAMIC}
    dynamic = DYNAMIC in types
    if len(kinds) == 1 and dynamic and kinds != {Primitive}:
        return Unified(DYNAMIC, (_forgotten,) * len(types))  # what they will be decides what comes out
    if kinds == {ObjectOf, TupleOf} or (ObjectOf in kinds and TupleOf in kinds):
        return None
    found: Unified | None = None
    if len(kinds) == 1 and kinds <= {ListOf, SetOf, MapOf}:
        return _unify_collections(types, unsafe=unsafe)
    if kinds == {ObjectOf}:
        return _unify_objects(types, unsafe=unsafe)
    if kinds == {TupleOf}:
        return _unify_tuples(types, unsafe=unsafe)
    if kinds == {MapOf, ObjectOf}:
        found = _unify_as(ObjectOf, MapOf, types, unsafe=unsafe)
    elif kinds == {ListOf, TupleOf}:
        found = _unify_as(TupleOf, ListOf, types, unsafe=unsafe)
    return found or _unify_to_one(types, unsafe=unsafe)


def _forgotten(_value: Value, _path: Path) -> Value:
    return values.unknown()


def _towards(types: Iterable[Type], target: Type | None, *, unsafe: bool) -> Unified | None:
    if target is None:
        return None
    steps: list[Conversion] = []
    for type_ in types:
        step = _step(type_, target, unsafe=unsafe)
        if step is None:
            return None
        steps.append(step)
    return Unified(target, tuple(steps))


def _unify_to_one(types: list[Type], *, unsafe: bool) -> Unified | None:
    """One of the types, the most general first, that all others convert to."""
    for index in _most_general_first(types):
        found = _towards(types, types[index], unsafe=unsafe)
        if found is not None:
            return found
    return None


def _element_types(types: Iterable[Type]) -> list[Type]:
    out: list[Type] = []
    for type_ in types:
        match type_:
            case ListOf(element) | SetOf(element) | MapOf(element):
                out.append(element)
            case TupleOf(elements):
                out += elements
            case ObjectOf(attributes):
                out += [attribute for _, attribute in attributes]
            case Primitive():
                pass
    return out


def _unify_collections(types: list[Type], *, unsafe: bool) -> Unified | None:
    element = unify(_element_types(types), unsafe=unsafe)
    first = types[0]
    assert isinstance(first, ListOf | SetOf | MapOf)
    return _towards(types, type(first)(element.type), unsafe=unsafe) if element else None


def _unify_objects(types: list[Type], *, unsafe: bool) -> Unified | None:
    attributes = [dict(type_.attributes) for type_ in types if isinstance(type_, ObjectOf)]
    if any(other.keys() != attributes[0].keys() for other in attributes):
        return _unify_elements(types, MapOf, unsafe=unsafe)
    common: dict[str, Type] = {}
    for name in attributes[0]:
        found = unify([other[name] for other in attributes], unsafe=unsafe)
        if found is None:
            return None
        common[name] = found.type
    target = values.object_type(common)
    return _towards(types, target, unsafe=unsafe) or _unify_elements(types, MapOf, unsafe=unsafe)


def _unify_tuples(types: list[Type], *, unsafe: bool) -> Unified | None:
    tuples = [type_.elements for type_ in types if isinstance(type_, TupleOf)]
    if any(len(other) != len(tuples[0]) for other in tuples):
        return _unify_elements(types, ListOf, unsafe=unsafe)
    common = [unify(column, unsafe=unsafe) for column in zip(*tuples, strict=True)]
    target = TupleOf(tuple(found.type for found in common if found))
    if len(target.elements) != len(common):
        return None
    return _towards(types, target, unsafe=unsafe) or _unify_elements(types, ListOf, unsafe=unsafe)


def _unify_elements(types: list[Type], kind: type[ListOf | MapOf], *, unsafe: bool) -> Unified | None:
    element = unify(_element_types(types), unsafe=unsafe)
    return _towards(types, kind(element.type), unsafe=unsafe) if element else None


def _unify_as(
    structure: type[ObjectOf | TupleOf], kind: type[ListOf | MapOf], types: list[Type], *, unsafe: bool
) -> Unified | None:
    """Objects among maps are often maps, tuples among lists often lists: try them as such first."""
    inner = _unify_elements([type_ for type_ in types if isinstance(type_, structure)], kind, unsafe=unsafe)
    if inner is None:
        return None
    outer = unify([inner.type if isinstance(type_, structure) else type_ for type_ in types], unsafe=unsafe)
    if outer is None or not isinstance(outer.type, kind):
        return None
    first = iter(inner.conversions)
    pairs = zip(types, outer.conversions, strict=True)
    return Unified(outer.type, tuple(_both(next(first), c) if isinstance(t, structure) else c for t, c in pairs))


def _both(first: Conversion, second: Conversion) -> Conversion:
    """First the one, then the other; but Terraform gives the second what the first was given."""

    def apply(value: Value, path: Path) -> Value:
        converted = first(value, path)
        return converted if second is _identity else second(value, path)

    return apply


def _most_general_first(types: list[Type]) -> list[int]:
    """Indexes such that a more general type comes first; the given order where that says nothing."""
    after: list[list[int]] = [[] for _ in types]
    waiting = [0] * len(types)
    for i, a in enumerate(types):
        for j in range(i + 1, len(types)):
            order = _compare(a, types[j])
            if order:
                first, second = (i, j) if order < 0 else (j, i)
                after[first].append(second)
                waiting[second] += 1
    queue = [index for index, count in enumerate(waiting) if not count]
    for index in queue:
        for follower in after[index]:
            waiting[follower] -= 1
            if not waiting[follower]:
                queue.append(follower)
    return queue


_GENERALITY: Mapping[tuple[type, type], int] = {
    (MapOf, ObjectOf): -1,
    (ListOf, TupleOf): -1,
    (TupleOf, SetOf): -1,
    (ListOf, SetOf): -1,
}


def _compare(a: Type, b: Type) -> int:
    """Less than zero where `a` is the more general type."""
    match a, b:
        case Primitive(), Primitive():
            rank = {"dynamic": 2, "string": 0}
            order = rank.get(a.name, 1) - rank.get(b.name, 1)
            return (order > 0) - (order < 0)
        case _, Primitive("dynamic"):
            return -1
        case Primitive("dynamic"), _:
            return 1
        case (ListOf(x), ListOf(y)) | (SetOf(x), SetOf(y)) | (MapOf(x), MapOf(y)):
            return _compare(x, y)
        case TupleOf(x), TupleOf(y) if len(x) == len(y):
            return _one_sided(map(_compare, x, y))
        case ObjectOf(x), ObjectOf(y) if [name for name, _ in x] == [name for name, _ in y]:
            return _one_sided(_compare(s, t) for (_, s), (_, t) in zip(x, y, strict=True))
        case _:
            return _GENERALITY.get((type(a), type(b)), 0) - _GENERALITY.get((type(b), type(a)), 0)


def _one_sided(orders: Iterable[int]) -> int:
    found = {order for order in orders if order}
    return found.pop() if len(found) == 1 else 0
