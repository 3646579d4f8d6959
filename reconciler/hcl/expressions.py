"""Expressions to values: `evaluate(node, scope)`.

What Terraform would call an error is an ExpressionError, which `try` and `can` catch. What we cannot tell (a module
that is not there, something that already failed) is Unavailable, which nothing catches but what asked for the value:
it must not pass for an error of the code, nor for a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any, Final, TypeAlias

from reconciler.errors import EvaluationError
from reconciler.hcl import access, convert, functions, operators, syntax, values
from reconciler.hcl.access import child, spread
from reconciler.hcl.functions import Unavailable
from reconciler.hcl.references import ModuleOutput, Reference, module_output_at, reference_at, root_name
from reconciler.hcl.scope import ExpressionError, Scope
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
from reconciler.model import NoOrigin, Origin


def evaluate(node: Expression, scope: Scope) -> Value:
    """The value of `node`. Raises ExpressionError and Unavailable."""
    try:
        return _RULES[type(node)](node, scope)
    except RecursionError as error:
        raise ExpressionError("This expression is nested too deeply.", scope.span(node)) from error


def _evaluate(node: Expression, scope: Scope) -> Value:
    return _RULES[type(node)](node, scope)


# -- literals, templates, constructors --------------------------------------------------------------------------


def _literal(node: syntax.Literal, scope: Scope) -> Value:
    known = scope.memo.get(id(node))
    if known is None:
        known = scope.memo[id(node)] = _literal_value(node.value, Origin(scope.span(node)))
    return known


def _literal_value(value: None | bool | Decimal | str, origin: Origin) -> Value:
    match value:
        case None:
            return values.null(DYNAMIC, origin)
        case bool():
            return values.boolean(value, origin)
        case Decimal():
            return values.number(value, origin)
        case str():
            return values.string(value, origin)


def _constructed(node: Expression, scope: Scope, value: Value) -> Value:
    """A list or map that is written out: its origin is the constructor."""
    origin = scope.memo.get(id(node))
    if origin is None:
        origin = scope.memo[id(node)] = Origin(scope.span(node))
    return value.with_origin(origin)


def _computed(node: Expression, scope: Scope, value: Value, how: str) -> Value:
    origin = scope.memo.get(id(node))
    if origin is None:
        span = scope.span(node)
        origin = scope.memo[id(node)] = NoOrigin(f"{how} at {span}", span)
    return value.with_origin(origin)


def _template(node: syntax.Template, scope: Scope) -> Value:
    parts = node.parts
    if len(parts) == 1 and not isinstance(parts[0], syntax.TemplateIf | syntax.TemplateFor):
        return _evaluate(parts[0], scope)
    return _text(node, scope)


def _text(node: syntax.Template, scope: Scope) -> Value:
    """The template as a string, whatever its parts are."""
    parts = [_evaluate(part, scope) for part in node.parts]
    try:
        result = operators.template(parts)
    except operators.OperatorError as error:
        part = node if error.operand is None else node.parts[error.operand]
        raise ExpressionError(error.what, scope.span(part)) from error
    return _computed(node, scope, result, "put together from a template")


def _template_if(node: syntax.TemplateIf, scope: Scope) -> Value:
    def otherwise() -> Value:
        return values.string("") if node.otherwise is None else _text(node.otherwise, scope)

    return _choose(node.condition, lambda: _text(node.then, scope), otherwise, node, scope)


def _template_for(node: syntax.TemplateFor, scope: Scope) -> Value:
    collection = _iterable(node.collection, scope)
    if not collection.known:
        return values.unknown(STRING).with_marks(collection.marks)
    out: list[str] = []
    marks = collection.marks
    for inner in _each(collection, node.key, node.value, scope):
        value = _text(node.body, inner)
        if not value.known:  # Terraform forgets the marks of the elements here
            return values.unknown(STRING).with_marks(collection.marks)
        marks |= value.marks
        out.append(value.text)
    return values.string("".join(out)).with_marks(marks)


def _tuple(node: syntax.Tuple, scope: Scope) -> Value:
    return _constructed(node, scope, values.tuple_of([_evaluate(item, scope) for item in node.items]))


def _object(node: syntax.Object, scope: Scope) -> Value:
    entries: dict[str, Value] = {}
    marks, known = frozenset[str](), True
    for item in node.items:
        key = _evaluate(item.key, scope)
        if key.null:
            raise ExpressionError("Can't use a null value as a key.", scope.span(item.key))
        marks |= key.marks
        value = _evaluate(item.value, scope)
        if key.known:
            entries[_converted(key, STRING, item.key, scope).text] = value
        else:
            known = False
    if not known:
        return _computed(node, scope, values.unknown().with_marks(marks), "has keys known only after apply")
    return _constructed(node, scope, values.object_of(entries).with_marks(marks))


# -- names, attributes, indices -----------------------------------------------------------------------------------


def _name(node: syntax.Name, scope: Scope) -> Value:
    found = scope.names.get(node.name)
    if found is not None:
        return found
    raise ExpressionError(
        f'"{node.name}" alone refers to nothing: a resource is named by its type and name.', scope.span(node)
    )


_Static: TypeAlias = "ModuleOutput | Reference | tuple[()]"


def _static(node: Expression, scope: Scope) -> _Static:
    """What `node` refers to as a whole; () for nothing."""
    known = scope.memo.get(id(node))
    if known is None:
        known = scope.memo[id(node)] = module_output_at(node) or reference_at(node) or ()
    return known


def _referred(node: Expression, scope: Scope) -> Value | None:
    static = _static(node, scope)
    if static == () or root_name(node) in scope.names:
        return None
    try:
        if isinstance(static, ModuleOutput):
            return scope.environment.output(static)
        assert isinstance(static, Reference)
        return scope.environment.lookup(static)
    except access.AccessError as error:
        raise ExpressionError(error.what, scope.span(node)) from error


def _attribute(node: syntax.Attribute, scope: Scope) -> Value:
    referred = _referred(node, scope)
    if referred is not None:
        return referred
    source = _evaluate(node.source, scope)
    try:
        return access.attribute(source, node.name)
    except access.AccessError as error:
        raise ExpressionError(error.what, scope.span(node)) from error


def _index(node: syntax.Index, scope: Scope) -> Value:
    source, key = _evaluate(node.source, scope), _evaluate(node.key, scope)
    try:
        return access.index(source, key)
    except access.AccessError as error:
        raise ExpressionError(error.what, scope.span(node)) from error


def _splat_item(node: syntax.SplatItem, scope: Scope) -> Value:
    if scope.item is None:
        raise ExpressionError("There is no element here.", scope.span(node))
    return scope.item


def _splat(node: syntax.Splat, scope: Scope) -> Value:
    source = _evaluate(node.source, scope)
    if source.type == DYNAMIC and not source.known:
        return values.unknown().with_marks(source.marks).with_origin(source.origin)
    upgrade = not isinstance(source.type, ListOf | SetOf | TupleOf)
    if source.null:
        if upgrade:
            return values.tuple_of([]).with_marks(source.marks)
        raise ExpressionError(
            "Splat expressions (with the * symbol) cannot be applied to null.", scope.span(node.source)
        )
    if upgrade:
        if not source.known:
            return _unknown_upgrade(node, source, scope)
        source = values.tuple_of([source.unmarked()]).with_marks(source.marks)
    inner = Scope(scope.file, scope.environment, scope.names)
    if not source.known:
        return _unknown_splat(node, source, inner)
    bare = source.unmarked()
    found: list[Value] = []
    for element in source.items:
        inner.item = child(bare, element)
        found.append(_evaluate(node.each, inner))
    if isinstance(source.type, ListOf | SetOf):
        empty = None if found else _splat_type(node, source.type.element, inner)
        result = values.list_of(found, empty)
    else:
        result = values.tuple_of(found)
    return _computed(node, scope, result, "gathered by [*]").with_marks(source.marks)


def _unknown_upgrade(node: syntax.Splat, source: Value, scope: Scope) -> Value:
    """Whether it will be null, and so how many elements there are, is not known."""
    if source.definitely_not_null:
        inner = Scope(scope.file, scope.environment, scope.names, source.unmarked())
        return values.tuple_of([_evaluate(node.each, inner)]).with_marks(source.marks)
    return values.unknown().with_marks(source.marks)


def _splat_type(node: syntax.Splat, element: Type, inner: Scope) -> Type:
    inner.item = values.unknown(element)
    return _evaluate(node.each, inner).type


def _unknown_splat(node: syntax.Splat, source: Value, inner: Scope) -> Value:
    match source.type:
        case ListOf(element) | SetOf(element):
            known = source.refinement
            result = values.refined(
                values.unknown(ListOf(_splat_type(node, element, inner))),
                not_null=True,
                min_length=min(known.min_length, 1) if isinstance(source.type, SetOf) else known.min_length,
                max_length=known.max_length,
            )
        case TupleOf(elements):
            types = tuple(_splat_type(node, element, inner) for element in elements)
            result = values.unknown(TupleOf(types))
        case _:
            result = values.unknown()
    return result.with_marks(source.marks)


# -- operators, conditionals, functions -----------------------------------------------------------------------------


def _unary(node: syntax.Unary, scope: Scope) -> Value:
    operand = _evaluate(node.operand, scope)
    try:
        result = operators.unary(node.operator, operand)
    except EvaluationError as error:
        raise ExpressionError(error.what, scope.span(node)) from error
    return _computed(node, scope, result, f"computed by {node.operator}")


def _binary(node: syntax.Binary, scope: Scope) -> Value:
    left, right = _evaluate(node.left, scope), _evaluate(node.right, scope)
    try:
        result = operators.binary(node.operator, left, right)
    except EvaluationError as error:
        raise ExpressionError(error.what, scope.span(node)) from error
    return _computed(node, scope, result, f"computed by {node.operator}")


def _conditional(node: syntax.Conditional, scope: Scope) -> Value:
    return _choose(
        node.condition, lambda: _evaluate(node.then, scope), lambda: _evaluate(node.otherwise, scope), node, scope
    )


_Branch: TypeAlias = Callable[[], Value]


def _attempt(branch: _Branch) -> tuple[Value, EvaluationError | None]:
    """A branch that fails matters only where it is taken; its type is then anything."""
    try:
        return branch(), None
    except (ExpressionError, Unavailable) as error:
        return values.unknown(), error


def _choose(condition: Expression, then: _Branch, otherwise: _Branch, node: Expression, scope: Scope) -> Value:
    yes, yes_error = _attempt(then)
    no, no_error = _attempt(otherwise)
    test = _evaluate(condition, scope)
    try:
        result = operators.conditional(test, yes, no)
        if test.known:
            error = yes_error if convert.convert(test, BOOL).true else no_error
        else:
            result = _computed(node, scope, result, "depends on a condition known only after apply")
            error = next((e for e in (yes_error, no_error) if isinstance(e, Unavailable)), None)
    except EvaluationError as wrong:
        raise ExpressionError(wrong.what, scope.span(node)) from wrong
    if error is not None:
        raise error
    return result.with_marks(test.marks)


_PASSING: Final = {
    "chunklist": 1,
    "coalesce": 0,
    "coalescelist": 1,
    "compact": 1,
    "concat": 1,
    "distinct": 1,
    "element": 1,
    "flatten": 3,
    "lookup": 1,
    "merge": 1,
    "nonsensitive": 0,
    "one": 1,
    "reverse": 1,
    "sensitive": 0,
    "setunion": 1,
    "slice": 1,
    "sort": 1,
    "tolist": 1,
    "tomap": 1,
    "toset": 1,
    "values": 1,
    "zipmap": 1,
}
"""Functions whose result is made of their arguments' elements, and how deep they go to get at them."""


def _call(node: syntax.Call, scope: Scope) -> Value:
    name = functions.local_name(node.name)
    if name == "try":
        return _try(node, scope)
    if name == "can":
        return _can(node, scope)
    expanded = _arguments(node, scope)
    if expanded is None:
        return _computed(node, scope, values.unknown(), f"computed by {name}()")
    arguments, marks = expanded
    depth = _PASSING.get(name, 0)
    if depth:
        arguments = [spread(argument, depth) for argument in arguments]
    if node.name.startswith("provider::"):
        raise Unavailable(f"{node.name}() is a function of the provider itself (at {scope.span(node)})")
    try:
        result = functions.call(node.name, arguments, scope.environment.context)
    except Unavailable as error:
        raise Unavailable(f"{name}() at {scope.span(node)}: {error.what}") from error
    except EvaluationError as error:
        raise ExpressionError(f"{name}: {error.what}", scope.span(node)) from error
    if result.origin is None:
        result = _computed(node, scope, result, f"computed by {name}()")
    return result.with_marks(marks)


def _arguments(node: syntax.Call, scope: Scope) -> tuple[list[Value], frozenset[str]] | None:
    """None where the number of arguments is not known."""
    arguments = [_evaluate(argument, scope) for argument in node.arguments]
    if not node.expand or not arguments:
        return arguments, frozenset()
    last = arguments.pop()
    span = scope.span(node.arguments[-1])
    if last.null:
        raise ExpressionError("The expanding argument (indicated by ...) must not be null.", span)
    if last.type != DYNAMIC and not isinstance(last.type, ListOf | SetOf | TupleOf):
        raise ExpressionError("The expanding argument (indicated by ...) must be a list, tuple or set.", span)
    if not last.known:
        return None
    bare = last.unmarked()
    return [*arguments, *(child(bare, item) for item in last.items)], last.marks


def _try(node: syntax.Call, scope: Scope) -> Value:
    attempts = [partial(_evaluate, argument, scope) for argument in node.arguments]
    try:
        result = functions.attempt(attempts)
    except functions.Unavailable:
        raise
    except functions.FunctionError as error:
        raise ExpressionError(f"try: {error.what}", scope.span(node)) from error
    return _computed(node, scope, result, "computed by try()") if result.origin is None else result


def _can(node: syntax.Call, scope: Scope) -> Value:
    if len(node.arguments) != 1:
        raise ExpressionError("can() takes exactly one argument.", scope.span(node))
    result = functions.attemptable(partial(_evaluate, node.arguments[0], scope))
    return _computed(node, scope, result, "computed by can()")


def _parentheses(node: syntax.Parentheses, scope: Scope) -> Value:
    return _evaluate(node.inner, scope)


def _converted(value: Value, type_: Type, node: Expression, scope: Scope) -> Value:
    if value.type == type_:
        return value
    try:
        return convert.convert(value, type_)
    except convert.ConversionError as error:
        raise ExpressionError(f"Wrong type of value: {error.what}.", scope.span(node)) from error


# -- for ----------------------------------------------------------------------------------------------------------


def _iterable(node: Expression, scope: Scope) -> Value:
    collection = _evaluate(node, scope)
    if collection.null:
        raise ExpressionError("A null value cannot be used as the collection in a 'for' expression.", scope.span(node))
    if isinstance(collection.type, Primitive) and collection.type != DYNAMIC:
        kind = values.friendly(collection.type)
        raise ExpressionError(f"A value of type {kind} cannot be gone through by a 'for' expression.", scope.span(node))
    return collection


def _each(collection: Value, key: str | None, value: str, scope: Scope) -> Iterator[Scope]:
    """The same scope again and again, with the names of one element after the other in it."""
    names = dict(scope.names)
    inner = scope.within(names)
    bare = collection.unmarked()
    is_set = isinstance(collection.type, SetOf)
    for position, element in values.children(collection):
        names[value] = child(bare, element)
        if key is not None:
            names[key] = names[value] if is_set else _position(position)
        yield inner


def _position(position: int | str) -> Value:
    return values.string(position) if isinstance(position, str) else values.number(position)


def _included(node: syntax.ForTuple | syntax.ForObject, scope: Scope) -> Value | None:
    """The condition's value for one element; None where there is no condition."""
    if node.condition is None:
        return None
    include = _evaluate(node.condition, scope)
    if include.null:
        raise ExpressionError("The value of the 'if' clause must not be null.", scope.span(node.condition))
    return _converted(include, BOOL, node.condition, scope)


def _unknown_for(collection: Value) -> Value:
    """Of a collection without even a type Terraform forgets the marks."""
    return values.unknown() if collection.type == DYNAMIC else values.unknown().with_marks(collection.marks)


def _for_tuple(node: syntax.ForTuple, scope: Scope) -> Value:
    collection = _iterable(node.collection, scope)
    marks = collection.marks
    if not collection.known:
        return _unknown_for(collection)
    found: list[Value] = []
    known = True
    for inner in _each(collection, node.key, node.value, scope):
        include = _included(node, inner)
        if include is not None:
            marks |= include.marks
            if not include.known:
                known = False
                continue
            if not include.true:
                continue
        found.append(_evaluate(node.body, inner))
    result = values.tuple_of(found) if known else values.unknown()
    return _computed(node, scope, result.with_marks(marks), "built by a for expression")


def _for_object(node: syntax.ForObject, scope: Scope) -> Value:
    collection = _iterable(node.collection, scope)
    marks = collection.marks
    if not collection.known:
        return _unknown_for(collection)
    found: dict[str, list[Value]] = {}
    known = True
    for inner in _each(collection, node.key, node.value, scope):
        include = _included(node, inner)
        if include is not None:
            marks |= include.marks
            if not include.known:
                known = False
                continue
            if not include.true:
                continue
        key = _evaluate(node.body_key, inner)
        if key.null:
            raise ExpressionError("The key of a 'for' expression must not be null.", scope.span(node.body_key))
        marks |= key.marks
        value = _evaluate(node.body, inner)
        if not key.known:
            known = False
            continue
        text = _converted(key, STRING, node.body_key, scope).text
        if text in found and not node.grouped:
            hint = "If duplicates are expected, use the ellipsis (...) after the value expression to group by key."
            raise ExpressionError(
                f'Two different items produced the key "{text}" in this for expression. {hint}', scope.span(node)
            )
        found.setdefault(text, []).append(value)
    if not known:
        return values.unknown().with_marks(marks)
    entries = {key: values.tuple_of(group) if node.grouped else group[0] for key, group in found.items()}
    return _computed(node, scope, values.object_of(entries).with_marks(marks), "built by a for expression")


_RULES: Final[dict[type, Callable[[Any, Scope], Value]]] = {
    syntax.Literal: _literal,
    syntax.Template: _template,
    syntax.TemplateIf: _template_if,
    syntax.TemplateFor: _template_for,
    syntax.Tuple: _tuple,
    syntax.Object: _object,
    syntax.Name: _name,
    syntax.Attribute: _attribute,
    syntax.Index: _index,
    syntax.SplatItem: _splat_item,
    syntax.Splat: _splat,
    syntax.Call: _call,
    syntax.Unary: _unary,
    syntax.Binary: _binary,
    syntax.Conditional: _conditional,
    syntax.ForTuple: _for_tuple,
    syntax.ForObject: _for_object,
    syntax.Parentheses: _parentheses,
}
