"""Conditions that must hold: validations, pre- and postconditions, assertions."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.hcl import values
from reconciler.hcl.content import Problems
from reconciler.hcl.expressions import evaluate
from reconciler.hcl.functions import Unavailable
from reconciler.hcl.module import Rule
from reconciler.hcl.scope import ExpressionError, Scope
from reconciler.hcl.values import SENSITIVE
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
    """Reports the rules of `what` that do not hold, `at` a place or where the condition is.

    One that cannot be told yet holds.
    """
    for rule in rules:
        try:
            holds = evaluate(rule.condition.node, scope.of(rule.condition.file))
            if not holds.known or holds.raw is True or holds.raw == "true":
                continue
            message = _message(rule, scope)
        except ExpressionError as error:
            message = error.what
        except Unavailable:
            continue
        report = problems.warn if warning else problems.error
        detail = f"The condition at {rule.condition.span} does not hold."
        report(f"{what}: {message}", at or rule.condition.span, detail)


def _message(rule: Rule, scope: Scope) -> str:
    if rule.message is None:
        return "a condition does not hold"
    message = evaluate(rule.message.node, scope.of(rule.message.file))
    if SENSITIVE in values.deep_marks(message):
        return "a condition does not hold (its message is sensitive)"
    return message.raw if isinstance(message.raw, str) else "a condition does not hold"
