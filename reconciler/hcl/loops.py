"""`for` expressions, `for` in templates, and splats."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.hcl import convert, syntax, values
from reconciler.hcl.access import child
from reconciler.hcl.interpreting import RULES, UNCERTAIN, attempt, computed, converted, inner, worked
from reconciler.hcl.scope import Scope
from reconciler.hcl.syntax import Expression
from reconciler.hcl.values import (
    BOOL,
    DYNAMIC,
    STRING,
    ListOf,
    Primitive,
    SetOf,
    TupleOf,
    Type,
    Value,
)

_ENOUGH: Final = 100
"""Errors after which a loop is not gone on with: they will be the same for the elements that are left."""

_For = syntax.ForTuple | syntax.ForObject


def _iterable(node: Expression, scope: Scope) -> Value | None:
    """What is gone through; None where that failed."""
    collection = inner(node, scope)
    if collection.null:
        scope.fail("A null value cannot be used as the collection in a 'for' expression.", node)
        return None
    if isinstance(collection.type, Primitive) and collection.type != DYNAMIC:
        kind = values.friendly(collection.type)
        scope.fail(f"A value of type {kind} cannot be gone through by a 'for' expression.", node)
        return None
    return collection


def _each(node: _For | syntax.TemplateFor, collection: Value, scope: Scope) -> Iterator[Scope]:
    """The same scope again and again, with the names of one element after the other in it."""
    key, value = node.key, node.value
    names = dict(scope.names)
    each = scope.within(names)
    bare = collection.unmarked()
    is_set = isinstance(collection.type, SetOf)
    before = len(scope.failures)
    for position, element in values.children(collection):
        names[value] = child(bare, element)
        if key is not None:
            names[key] = names[value] if is_set else _position(position)
        yield each
        if len(scope.failures) - before > _ENOUGH or not worked(1, node, scope):
            return


def _position(position: int | str) -> Value:
    return values.string(position) if isinstance(position, str) else values.number(position)


# -- conditions ---------------------------------------------------------------------------------------------------


def _sound(node: _For, scope: Scope) -> frozenset[str] | None:
    """The marks of the condition, tried on elements of which nothing is known; None where it cannot be right at all."""
    if node.condition is None:
        return frozenset()
    names = {**scope.names, node.value: UNCERTAIN}
    if node.key is not None:
        names[node.key] = UNCERTAIN
    include, failure = attempt(lambda: inner(_condition(node), scope.within(names)), scope)
    if failure is not None:
        scope.failures.append(failure)
        return None
    if include.null:
        scope.fail("The value of the 'if' clause must not be null.", node.condition)
        return None
    return include.marks if converted(include, BOOL, node.condition, scope) is not None else None


def _condition(node: _For) -> Expression:
    assert node.condition is not None
    return node.condition


class _Loop:
    """What has become of the elements so far: `known` is whether it is certain which of them are in."""

    def __init__(self, collection: Value) -> None:
        self.marks = collection.marks
        self.known = True
        self.size = 0

    def grown(self, value: Value) -> Value:
        """`value` with its size counted. Raises TooLarge before the memory is full."""
        self.size += values.weight(value)
        if self.size > values.LARGEST:
            raise values.TooLarge(f"A for expression makes more than {values.LARGEST} values.")
        return value

    def includes(self, node: _For, scope: Scope) -> bool:
        if node.condition is None:
            return True
        include = inner(node.condition, scope)
        if include.null:
            return self.wrong("The value of the 'if' clause must not be null.", node.condition, scope)
        if not include.known and isinstance(node, syntax.ForTuple):
            return self.unsure(include)  # of whatever type it is
        try:
            include = convert.convert(include, BOOL)
        except convert.ConversionError as error:
            return self.wrong(f"The 'if' clause is wrong: {error.what}.", node.condition, scope)
        if not include.known:
            return self.unsure(include)
        self.marks |= include.marks
        return include.true

    def key(self, node: syntax.ForObject, scope: Scope) -> str | None:
        key = inner(node.body_key, scope)
        if key.null:
            self.wrong("The key of a 'for' expression must not be null.", node.body_key, scope)
            return None
        if not key.known:
            self.unsure(key)
            return None
        self.marks |= key.marks
        try:
            return convert.convert(key, STRING).text
        except convert.ConversionError as error:
            self.wrong(f"The key of a 'for' expression is wrong: {error.what}.", node.body_key, scope)
            return None

    def unsure(self, value: Value) -> bool:
        self.marks |= value.marks
        self.known = False
        return False

    def wrong(self, what: str, node: Expression, scope: Scope) -> bool:
        """Nothing is wrong for certain once it is not certain what there is."""
        if self.known:
            scope.fail(what, node)
        self.known = False
        return False


# -- for ----------------------------------------------------------------------------------------------------------


def _started(node: _For, scope: Scope) -> Value | None:
    """The collection; None where nothing can be said of the result."""
    collection = _iterable(node.collection, scope)
    if collection is None or collection.type == DYNAMIC:
        return None  # of a collection without even a type Terraform forgets the marks
    marks = _sound(node, scope)
    if marks is None:
        return None
    return collection if collection.known else collection.with_marks(marks)


def _for_tuple(node: syntax.ForTuple, scope: Scope) -> Value:
    collection = _started(node, scope)
    if collection is None or not collection.known:
        return UNCERTAIN.with_marks(collection.marks if collection else ())
    loop = _Loop(collection)
    found = [inner(node.body, each) for each in _each(node, collection, scope) if loop.includes(node, each)]
    result = values.tuple_of(found) if loop.known else UNCERTAIN
    return computed(node, scope, result.with_marks(loop.marks), "built by a for expression")


def _for_object(node: syntax.ForObject, scope: Scope) -> Value:
    collection = _started(node, scope)
    if collection is None or not collection.known:
        return UNCERTAIN.with_marks(collection.marks if collection else ())
    loop = _Loop(collection)
    found: dict[str, list[Value]] = {}
    for each in _each(node, collection, scope):
        key = loop.key(node, each) if loop.includes(node, each) else None
        if key is None:
            continue
        value = loop.grown(inner(node.body, each))
        if key in found and not node.grouped:
            hint = "If duplicates are expected, use the ellipsis (...) after the value expression to group by key."
            scope.fail(f'Two different items produced the key "{key}" in this for expression. {hint}', node)
            continue
        found.setdefault(key, []).append(value)
    if not loop.known:
        return UNCERTAIN.with_marks(loop.marks)
    entries = {key: values.tuple_of(group) if node.grouped else group[0] for key, group in found.items()}
    return computed(node, scope, values.object_of(entries).with_marks(loop.marks), "built by a for expression")


def _template_for(node: syntax.TemplateFor, scope: Scope) -> Value:
    """Each text is made even where an earlier one is unknown: it may be wrong. Then Terraform forgets their marks."""
    collection = _iterable(node.collection, scope)
    if collection is None or not collection.known:
        return values.unknown(STRING)
    loop = _Loop(collection)
    parts = [loop.grown(inner(node.body, each)) for each in _each(node, collection, scope)]
    if not all(part.known for part in parts):
        return values.unknown(STRING).with_marks(collection.marks)
    marks = collection.marks.union(*(part.marks for part in parts))
    return values.string("".join(part.text for part in parts)).with_marks(marks)


# -- splats -------------------------------------------------------------------------------------------------------


def _splat_item(node: syntax.SplatItem, scope: Scope) -> Value:
    if scope.item is None:
        scope.fail("There is no element here.", node)
        return UNCERTAIN
    return scope.item


def _splat(node: syntax.Splat, scope: Scope) -> Value:
    before = len(scope.failures)
    source = inner(node.source, scope)
    if len(scope.failures) > before:
        return UNCERTAIN
    upgrade = not isinstance(source.type, ListOf | SetOf | TupleOf)
    if source.null:
        if upgrade:
            return values.tuple_of([]).with_marks(source.marks)
        scope.fail("Splat expressions (with the * symbol) cannot be applied to null.", node.source)
        return UNCERTAIN
    if source.type == DYNAMIC:
        return UNCERTAIN.with_marks(source.marks).with_origin(source.origin)
    each = scope.with_item(None)
    if not upgrade and not source.known:
        return _unknown_splat(node, source, each)
    bare = source.unmarked()
    found: list[Value] = []
    for element in [bare] if upgrade else source.items:
        each.item = element if upgrade else child(bare, element)
        found.append(inner(node.each, each))
        if len(scope.failures) - before > _ENOUGH or not worked(1, node, scope):
            break
    if upgrade and not source.definitely_not_null:
        return UNCERTAIN.with_marks(source.marks)  # whether it will be null, and so whether there is an element
    if len(scope.failures) > before:
        return values.unknown(_splat_type(node, values.tuple_of([bare]).type if upgrade else source.type, each))
    if isinstance(source.type, ListOf | SetOf):
        empty = None if found else _type_of_each(node, source.type.element, each)
        result = values.list_of(found, empty)
    else:
        result = values.tuple_of(found)
    return computed(node, scope, result, "gathered by [*]").with_marks(source.marks)


def _type_of_each(node: syntax.Splat, element: Type, each: Scope) -> Type:
    each.item = values.unknown(element)
    return inner(node.each, each).type


def _splat_type(node: syntax.Splat, source: Type, each: Scope) -> Type:
    match source:
        case ListOf(element) | SetOf(element):
            return ListOf(_type_of_each(node, element, each))
        case TupleOf(elements):
            return TupleOf(tuple(_type_of_each(node, element, each) for element in elements))
        case _:
            return DYNAMIC


def _unknown_splat(node: syntax.Splat, source: Value, each: Scope) -> Value:
    result = values.not_null(values.unknown(_splat_type(node, source.type, each)))
    if isinstance(source.type, ListOf | SetOf):
        known = source.refinement
        least = min(known.min_length, 1) if isinstance(source.type, SetOf) else known.min_length
        result = values.refined(result, min_length=least, max_length=known.max_length)
    return result.with_marks(source.marks)


RULES.update(
    {
        syntax.ForTuple: _for_tuple,
        syntax.ForObject: _for_object,
        syntax.TemplateFor: _template_for,
        syntax.SplatItem: _splat_item,
        syntax.Splat: _splat,
    }
)
