"""Expressions to values: `evaluate(node, scope)`.

What Terraform would call an error is an ExpressionError, which `try` and `can` catch. What we cannot tell (a module
that is not there, something that already failed) is Unavailable, which nothing catches but what asked for the value:
it must not pass for an error of the code, nor for a value.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Final, TypeAlias

from reconciler.errors import EvaluationError
from reconciler.hcl import access, convert, functions, loops, numbers, operators, syntax, values, whereabouts
from reconciler.hcl.access import child, spread
from reconciler.hcl.functions import Unavailable
from reconciler.hcl.interpreting import (
    RULES,
    UNCERTAIN,
    Failure,
    attempt,
    computed,
    constructed,
    inner,
    uncertain,
    worked,
)
from reconciler.hcl.references import ModuleOutput, Reference, module_output_at, reference_at, root_name
from reconciler.hcl.scope import ExpressionError, Scope
from reconciler.hcl.syntax import Expression
from reconciler.hcl.values import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListOf,
    SetOf,
    TupleOf,
    Type,
    Value,
)
from reconciler.model import Origin

__all__ = ["evaluate", "loops"]


def evaluate(node: Expression, scope: Scope) -> Value:
    """The value of `node`. Raises ExpressionError and Unavailable: the first error that there is."""
    before = len(scope.failures)
    scope.progress.work = 0
    try:
        value, failure = attempt(lambda: inner(node, scope), scope)
    except RecursionError as error:
        del scope.failures[before:]
        raise ExpressionError("This expression is nested too deeply.", scope.span(node)) from error
    except values.TooLarge as error:
        del scope.failures[before:]
        raise Unavailable(f"{error.what} (at {scope.span(node)})") from error
    if failure is not None:
        raise failure
    return value


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
            return values.number(numbers.rounded(value), origin)
        case str():
            return values.string(value, origin)


def _template(node: syntax.Template, scope: Scope) -> Value:
    parts = node.parts
    if len(parts) == 1 and not isinstance(parts[0], syntax.TemplateIf | syntax.TemplateFor):
        return inner(parts[0], scope)
    return _text(node, scope)


def _text(node: syntax.Template, scope: Scope) -> Value:
    """The template as a string, whatever its parts are."""
    before = len(scope.failures)
    parts = [inner(part, scope) for part in node.parts]
    kept: list[Value] = []
    marks = frozenset[str]()  # of parts that are no strings
    for part, value in zip(node.parts, parts, strict=True):
        try:
            kept.append(operators.template_part(value))
        except operators.OperatorError as error:
            marks |= frozenset() if value.null else value.marks
            scope.fail(error.what, part)
    values.size_of(kept)
    result = operators.template(kept)
    if len(scope.failures) > before:
        return values.unknown(STRING, values.Refinement(not_null=True)).with_marks(result.marks | marks)
    return computed(node, scope, result, "put together from a template")


def _template_if(node: syntax.TemplateIf, scope: Scope) -> Value:
    def otherwise() -> Value:
        return values.string("") if node.otherwise is None else _text(node.otherwise, scope)

    return _choose(node.condition, lambda: _text(node.then, scope), otherwise, node, scope)


def _tuple(node: syntax.Tuple, scope: Scope) -> Value:
    return constructed(node, scope, values.tuple_of([inner(item, scope) for item in node.items]))


def _object(node: syntax.Object, scope: Scope) -> Value:
    entries: dict[str, Value] = {}
    marks, known = frozenset[str](), True
    for item in node.items:
        key = _key(item.key, scope)
        value = inner(item.value, scope)
        if key is not None and key.known:
            marks |= key.marks
            if key.text in entries and scope.file.endswith(".json"):
                scope.fail(f'An object in JSON has each property once only, "{key.text}" too.', item.key)
            entries[key.text] = value
        else:
            known = False
    if not known:  # whatever the marks of the keys are
        return computed(node, scope, UNCERTAIN, "has keys known only after apply")
    return constructed(node, scope, values.object_of(entries).with_marks(marks))


def _key(node: Expression, scope: Scope) -> Value | None:
    """The key of an entry; None where it failed."""
    if _is_traversal(node):
        hint = 'Put it in parentheses if it refers to a value, in quotes if it is a name with "." in it.'
        scope.fail(f"Ambiguous attribute key. {hint}", node)
        return None
    before = len(scope.failures)
    key = inner(node, scope)
    if len(scope.failures) > before:
        return None
    if key.null:
        scope.fail("Can't use a null value as a key.", node)
        return None
    try:
        return convert.convert(key, STRING)
    except convert.ConversionError as error:
        scope.fail(f"Can't use this value as a key: {error.what}.", node)
        return None


def _is_traversal(node: Expression) -> bool:
    """`a.b`, `a[0].b`: names and literal keys only."""
    steps = 0
    while isinstance(node, syntax.Attribute | syntax.Index):
        if isinstance(node, syntax.Index):
            key = node.key
            if not isinstance(key, syntax.Literal) or key.value is None or isinstance(key.value, bool):
                return False
        node, steps = node.source, steps + 1
    return steps > 0 and isinstance(node, syntax.Name)


# -- names, attributes, indices -----------------------------------------------------------------------------------


def _name(node: syntax.Name, scope: Scope) -> Value:
    found = scope.names.get(node.name)
    if found is not None:
        return found
    scope.fail(f'"{node.name}" alone refers to nothing: a resource is named by its type and name.', node)
    return UNCERTAIN


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
        return uncertain(error, node, scope)
    except Unavailable as error:
        scope.failures.append(error)
        return UNCERTAIN


def _attribute(node: syntax.Attribute, scope: Scope) -> Value:
    referred = _referred(node, scope)
    if referred is not None:
        return referred
    source = inner(node.source, scope)
    try:
        return access.attribute(source, node.name)
    except access.AccessError as error:
        return uncertain(error, node, scope)


def _index(node: syntax.Index, scope: Scope) -> Value:
    source, key = inner(node.source, scope), inner(node.key, scope)
    try:
        return access.index(source, key)
    except access.AccessError as error:
        return uncertain(error, node, scope)


# -- operators, conditionals, functions -----------------------------------------------------------------------------

_NUMERIC: Final = frozenset("+-*/%")


def _unary(node: syntax.Unary, scope: Scope) -> Value:
    before = len(scope.failures)
    type_ = NUMBER if node.operator == "-" else BOOL
    operand = inner(node.operand, scope)
    if len(scope.failures) > before:
        return values.unknown(type_)
    try:
        result = operators.unary(node.operator, operand)
    except EvaluationError as error:
        return uncertain(error, node, scope, type_)
    return computed(node, scope, result, f"computed by {node.operator}")


def _binary(node: syntax.Binary, scope: Scope) -> Value:
    before = len(scope.failures)
    type_ = NUMBER if node.operator in _NUMERIC else BOOL
    left, right = inner(node.left, scope), inner(node.right, scope)
    if len(scope.failures) > before:
        return values.unknown(type_)
    try:
        result = operators.binary(node.operator, left, right)
    except EvaluationError as error:
        return uncertain(error, node, scope, type_)
    return computed(node, scope, result, f"computed by {node.operator}")


def _conditional(node: syntax.Conditional, scope: Scope) -> Value:
    return _choose(node.condition, lambda: inner(node.then, scope), lambda: inner(node.otherwise, scope), node, scope)


_Branch: TypeAlias = Callable[[], Value]


def _choose(condition: Expression, then: _Branch, otherwise: _Branch, node: Expression, scope: Scope) -> Value:
    """A branch that fails matters only where it is taken, and by its type."""
    yes, yes_failure = attempt(then, scope)
    no, no_failure = attempt(otherwise, scope)
    test = inner(condition, scope)
    try:
        result = operators.conditional(test, yes, no)
    except operators.OperatorError as error:
        return uncertain(error, node, scope, error.type)
    if test.known:
        failure: Failure | None = yes_failure if convert.convert(test, BOOL).true else no_failure
    else:
        result = computed(node, scope, result, "depends on a condition known only after apply")
        failure = next((found for found in (yes_failure, no_failure) if isinstance(found, Unavailable)), None)
    if failure is not None:
        scope.failures.append(failure)
    return result


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
    if name in whereabouts.ANSWERING:
        found = whereabouts.anywhere(node, scope, _call)
        if found is not None:
            return found
    if name == "templatestring" and node.arguments and not _refers(node.arguments[0]):
        scope.fail("templatestring: the template must be a reference to a string that is somewhere else.", node)
        return UNCERTAIN
    expanded: list[Value] = []
    written = node.arguments
    if node.expand and written:
        given = _expanded(written[-1], scope)
        if given is None:
            return computed(node, scope, UNCERTAIN, f"computed by {name}()")
        expanded, written = given, written[:-1]
    if name in functions.LAZY:
        attempts = [partial(inner, argument, scope) for argument in written]
        attempts += [partial(_given, value) for value in expanded]
        return (_try if name == "try" else _can)(node, attempts, scope)
    before = len(scope.failures)
    arguments = [*(inner(argument, scope) for argument in written), *expanded]
    if len(scope.failures) > before:
        return UNCERTAIN
    return _called(node, name, arguments, scope)


def _refers(node: Expression) -> bool:
    """Names, attributes and indices only."""
    while isinstance(node, syntax.Attribute | syntax.Index | syntax.Splat):
        node = node.source
    return isinstance(node, syntax.Name)


def _called(node: syntax.Call, name: str, arguments: list[Value], scope: Scope) -> Value:
    if not worked(sum(map(values.weight, arguments)), node, scope):
        return UNCERTAIN
    depth = _PASSING.get(name, 0)
    if depth:
        arguments = [spread(argument, depth) for argument in arguments]
    try:
        result = functions.invoke(_function(node.name, scope), arguments, scope.environment.context)
    except values.TooLarge:
        raise
    except Unavailable as error:
        return _unavailable(f"{name}() at {scope.span(node)}: {error.what}", scope, functions.result_type(name))
    except EvaluationError as error:
        scope.fail(f"{name}: {error.what}", node)
        return UNCERTAIN
    return computed(node, scope, result, f"computed by {name}()") if result.origin is None else result


def _function(name: str, scope: Scope) -> functions.Function:
    """Raises FunctionError and Unavailable."""
    own, missing = functions.FUNCTIONS, f'there is no function named "{name}"'
    if name.startswith("provider::"):
        provider, name = name.removeprefix("provider::").split("::", 1)
        try:
            own = scope.environment.provided(provider)
        except access.AccessError as error:
            raise functions.FunctionError(f"{missing}: {error.what}") from error
    found = own.get(functions.local_name(name))
    if found is None:
        raise functions.FunctionError(missing)
    return found


def _unavailable(what: str, scope: Scope, type_: Type = DYNAMIC) -> Value:
    scope.failures.append(Unavailable(what))
    return values.unknown(type_)


def _expanded(node: Expression, scope: Scope) -> list[Value] | None:
    """The arguments that `node...` stands for; None where that failed, or their number is not known."""
    before = len(scope.failures)
    given = inner(node, scope)
    if len(scope.failures) > before:
        return None
    if given.null:
        scope.fail("The expanding argument (indicated by ...) must not be null.", node)
        return None
    if given.type != DYNAMIC and not isinstance(given.type, ListOf | SetOf | TupleOf):
        scope.fail("The expanding argument (indicated by ...) must be a list, tuple or set.", node)
        return None
    if not given.known:
        return None
    bare = given.unmarked()
    return [child(bare, item).with_marks(given.marks) for item in given.items]


def _given(value: Value) -> Value:
    return value


def _try(node: syntax.Call, attempts: list[_Branch], scope: Scope) -> Value:
    """The first value that can be had; none where one may fail once it is known, and Terraform forgets its marks."""
    reasons: list[str] = []
    for rule in attempts:
        value, failure = attempt(rule, scope)
        if isinstance(failure, Unavailable):
            scope.failures.append(failure)
            return UNCERTAIN
        if failure is None:
            result = value if values.wholly_known(value) else UNCERTAIN
            return computed(node, scope, result, "computed by try()") if result.origin is None else result
        reasons.append(failure.what)
    problem = f"no expression succeeded: {'; '.join(reasons)}" if reasons else "at least one argument is required"
    scope.fail(f"try: {problem}", node)
    return UNCERTAIN


def _can(node: syntax.Call, attempts: list[_Branch], scope: Scope) -> Value:
    """Whether a value can be had, unknown where that depends on something unknown."""
    if len(attempts) != 1:
        scope.fail("can() takes exactly one argument.", node)
        return UNCERTAIN
    value, failure = attempt(attempts[0], scope)
    if isinstance(failure, Unavailable):
        scope.failures.append(failure)
        return values.unknown(BOOL)
    certain = failure is not None or values.wholly_known(value)
    return computed(
        node, scope, values.boolean(failure is None) if certain else values.unknown(BOOL), "computed by can()"
    )


def _parentheses(node: syntax.Parentheses, scope: Scope) -> Value:
    return inner(node.inner, scope)


RULES.update(
    {
        syntax.Literal: _literal,
        syntax.Template: _template,
        syntax.TemplateIf: _template_if,
        syntax.Tuple: _tuple,
        syntax.Object: _object,
        syntax.Name: _name,
        syntax.Attribute: _attribute,
        syntax.Index: _index,
        syntax.Call: _call,
        syntax.Unary: _unary,
        syntax.Binary: _binary,
        syntax.Conditional: _conditional,
        syntax.Parentheses: _parentheses,
    }
)
