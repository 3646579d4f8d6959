"""Conditions that must hold: validations, pre- and postconditions, assertions."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.hcl import values
from reconciler.hcl.blocks import convert_at
from reconciler.hcl.content import Problems, Term
from reconciler.hcl.expressions import evaluate
from reconciler.hcl.functions import Unavailable
from reconciler.hcl.module import Rule
from reconciler.hcl.scope import ExpressionError, Scope
from reconciler.hcl.values import BOOL, DYNAMIC, SENSITIVE, STRING, Type, Value
from reconciler.model import Span


def check(
    rules: Iterable[Rule],
    scope: Scope,
    what: str,
    problems: Problems,
    *,
    warning: bool = False,
    at: Span | None = None,
) -> None:
    """Reports the rules of `what` that do not hold (only a `warning`), `at` a place or where the condition is.

    One that cannot be told yet holds. An expression that is wrong is an error, be it a message that nobody gets to see.
    """
    for rule in rules:
        message = _message(rule.message, scope, problems, lenient=at is not None)
        holds = _evaluated(rule.condition, BOOL, scope, problems)
        if holds is None or not holds.known or holds.raw is True:
            continue
        report = problems.warn if warning else problems.error
        detail = f"The condition at {rule.condition.span} does not hold."
        report(f"{what}: {_shown(message)}", at or rule.condition.span, detail)


def _message(term: Term | None, scope: Scope, problems: Problems, *, lenient: bool) -> Value | None:
    """What is to be said; of variables (`lenient`) Terraform minds the kind of value only when it has to say it."""
    found = _evaluated(term, DYNAMIC if lenient else STRING, scope, problems)
    if term is not None and found is not None and found.null and not lenient:
        problems.error("A message must not be null.", term.span)
    return found


def _evaluated(term: Term | None, type_: Type, scope: Scope, problems: Problems) -> Value | None:
    """None where it is not there, is wrong, or cannot be had."""
    if term is None:
        return None
    try:
        found = convert_at(evaluate(term.node, scope.of(term.file)), type_, term)
        if found.null and type_ == BOOL:
            raise ExpressionError("A condition must be true or false, not null.", term.span)
    except ExpressionError as error:
        problems.error(error.what, error.span)
        return None
    except Unavailable:
        return None
    return found


def _shown(message: Value | None) -> str:
    if message is not None and SENSITIVE in values.deep_marks(message):
        return "a condition does not hold (its message is sensitive)"
    return message.raw if message is not None and isinstance(message.raw, str) else "a condition does not hold"
