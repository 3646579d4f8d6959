"""Terraform's built-in functions on values: `call(name, arguments, context)`.

All functions of Terraform 1.11 are here but `try` and `can`, whose arguments must not be evaluated beforehand: they are
rules of expressions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

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
    provided,
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
    Place,
    RenderTemplate,
    Unavailable,
    invoke,
)
from reconciler.hcl.values import DYNAMIC, Type, Value

__all__ = [
    "AWS",
    "FUNCTIONS",
    "LAZY",
    "Call",
    "Files",
    "Function",
    "FunctionContext",
    "FunctionError",
    "Parameter",
    "Place",
    "RenderTemplate",
    "Unavailable",
    "call",
    "invoke",
    "local_name",
    "result_type",
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
AWS: Final[Mapping[str, Function]] = MappingProxyType(provided.TABLE.functions)
"""The functions of the provider hashicorp/aws, by the last part of their names."""
LAZY: Final = frozenset({"try", "can"})
"""Functions that take expressions, not values."""

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


def result_type(name: str) -> Type:
    """The type of what a function returns, as far as that does not depend on its arguments."""
    function = FUNCTIONS.get(name)
    return DYNAMIC if function is None or callable(function.result) else function.result
