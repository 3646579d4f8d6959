"""What the rules of expressions share: how one evaluates another, and how it goes on after an error.

A rule never raises what Terraform would call an error: it notes it in `scope.failures` and returns what is certain of
the value in spite of it, most often nothing. So the type of a branch that fails is known, as Terraform knows it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from reconciler.errors import EvaluationError
from reconciler.hcl import convert, values
from reconciler.hcl.functions import Unavailable
from reconciler.hcl.scope import ExpressionError, Scope
from reconciler.hcl.syntax import Expression
from reconciler.hcl.values import Type, Value
from reconciler.model import NoOrigin, Origin

Failure: TypeAlias = "ExpressionError | Unavailable"
Rule: TypeAlias = Callable[[Any, Scope], Value]

RULES: Final[dict[type, Rule]] = {}
"""How each kind of node is evaluated; filled by the modules that hold the rules."""

UNCERTAIN: Final = values.unknown()


def inner(node: Expression, scope: Scope) -> Value:
    """The value of a part of an expression; errors are noted in `scope`."""
    return RULES[type(node)](node, scope)


def attempt(rule: Callable[[], Value], scope: Scope) -> tuple[Value, Failure | None]:
    """What `rule` comes to, and its own failure apart from those of the rest.

    An error is certain; that something could not be told is only then the outcome when there is no error.
    """
    before = len(scope.failures)
    value = rule()
    if len(scope.failures) == before:
        return value, None
    failures = scope.failures[before:]
    del scope.failures[before:]
    return value, next((failure for failure in failures if isinstance(failure, ExpressionError)), failures[0])


def uncertain(error: EvaluationError, node: Expression, scope: Scope, type_: Type = values.DYNAMIC) -> Value:
    """Notes that `node` failed; what is left of it is its type."""
    scope.fail(error.what, node)
    return values.unknown(type_)


MOST_WORK: Final = 3_000_000
"""Rounds of loops, and values given to functions, that evaluating one expression may take: some ten seconds."""


def worked(amount: int, node: Expression, scope: Scope) -> bool:
    """Whether there may still be more work; where not, that is noted once."""
    before = scope.progress.work
    scope.progress.work = before + amount
    if scope.progress.work <= MOST_WORK:
        return True
    if before <= MOST_WORK:
        problem = f"too much work to evaluate this expression: more than {MOST_WORK} steps of loops and functions"
        scope.failures.append(Unavailable(f"{problem} (at {scope.span(node)})"))
    return False


def constructed(node: Expression, scope: Scope, value: Value) -> Value:
    """A list or map that is written out: its origin is the constructor."""
    origin = scope.memo.get(id(node))
    if origin is None:
        origin = scope.memo[id(node)] = Origin(scope.span(node))
    return value.with_origin(origin)


def computed(node: Expression, scope: Scope, value: Value, how: str) -> Value:
    origin = scope.memo.get(id(node))
    if origin is None:
        span = scope.span(node)
        origin = scope.memo[id(node)] = NoOrigin(f"{how} at {span}", span)
    return value.with_origin(origin)


def converted(value: Value, type_: Type, node: Expression, scope: Scope) -> Value | None:
    """None where the conversion failed."""
    if value.type == type_:
        return value
    try:
        return convert.convert(value, type_)
    except convert.ConversionError as error:
        scope.fail(f"Wrong type of value: {error.what}.", node)
        return None
