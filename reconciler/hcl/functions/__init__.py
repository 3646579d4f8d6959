"""Terraform's built-in functions on values: `call(name, arguments, context)`.

All functions of Terraform 1.11 are here but `try` and `can`, whose arguments must not be evaluated beforehand: for them
see `attempt` and `attemptable`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from reconciler.errors import EvaluationError
from reconciler.hcl import values
from reconciler.hcl.functions import (
    collections,
    conversions,
    dates,
    encoding,
    files,
    formatting,
    hashing,
    lists,
    networks,
    numeric,
    sets,
    strings,
)
from reconciler.hcl.functions.spec import (
    Call,
    Files,
    Function,
    FunctionContext,
    FunctionError,
    Parameter,
    RenderTemplate,
    Unavailable,
    invoke,
)
from reconciler.hcl.values import Value

__all__ = [
    "FUNCTIONS",
    "LAZY",
    "Call",
    "Files",
    "Function",
    "FunctionContext",
    "FunctionError",
    "Parameter",
    "RenderTemplate",
    "Unavailable",
    "attempt",
    "attemptable",
    "call",
    "local_name",
]

_FAMILIES: Final = (
    collections,
    conversions,
    dates,
    encoding,
    files,
    formatting,
    hashing,
    lists,
    networks,
    numeric,
    sets,
    strings,
)
FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType(
    {name: function for family in _FAMILIES for name, function in family.TABLE.functions.items()}
)
LAZY: Final = frozenset({"try", "can"})
"""Functions that take expressions: to be evaluated with `attempt` and `attemptable`."""

_CORE: Final = "core::"


def local_name(name: str) -> str:
    """Every function is there under "core::" too."""
    return name.removeprefix(_CORE)


def call(name: str, arguments: Sequence[Value], context: FunctionContext | None = None) -> Value:
    """The value of a call. Raises FunctionError, and Unavailable for what only Terraform itself could tell.

    What is passed through keeps its origin, what is computed has none.
    """
    function = FUNCTIONS.get(local_name(name))
    if function is None:
        raise FunctionError(f'there is no function named "{name}"')
    return invoke(function, arguments, context or FunctionContext())


def attempt(expressions: Sequence[Callable[[], Value]]) -> Value:
    """try(...): the first value that can be had. Raises FunctionError with the reasons where there is none."""
    if not expressions:
        raise FunctionError("at least one argument is required")
    reasons: list[str] = []
    for expression in expressions:
        try:
            value = expression()
        except Unavailable:
            raise
        except EvaluationError as error:
            reasons.append(error.what)
            continue
        if not values.wholly_known(value):
            return values.unknown()  # it may still fail once it is known; Terraform forgets its marks
        return value
    raise FunctionError(f"no expression succeeded: {'; '.join(reasons)}")


def attemptable(expression: Callable[[], Value]) -> Value:
    """can(...): whether a value can be had, unknown where that depends on something unknown."""
    try:
        value = expression()
    except Unavailable:
        raise
    except EvaluationError:
        return values.FALSE
    return values.TRUE if values.wholly_known(value) else values.unknown(values.BOOL)
