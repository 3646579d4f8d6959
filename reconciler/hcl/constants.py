"""Arguments whose values have to be plain from what is written: nothing may be referred to or called."""

from __future__ import annotations

from reconciler.hcl import values
from reconciler.hcl.blocks import convert_at
from reconciler.hcl.content import Content, Problems, Term, constant
from reconciler.hcl.scope import ExpressionError
from reconciler.hcl.values import BOOL, DYNAMIC, STRING, Type
from reconciler.hcl.variables import constant_value


def flag(content: Content, name: str, problems: Problems, *, default: bool = False) -> bool:
    """An argument that is true or false; the default where it is not there or wrong."""
    term = content.arguments.get(name)
    if term is None:
        return default
    found = constant(term.node)
    if found is not None and isinstance(found.value, bool):
        return found.value
    value = plain(term, BOOL, problems)
    return value if isinstance(value, bool) else default


def text(content: Content, name: str, problems: Problems) -> str | None:
    """An argument that is a string; None where it is not there or wrong."""
    term = content.arguments.get(name)
    found = plain(term, STRING, problems) if term is not None else None
    return found if isinstance(found, str) else None


def plain(term: Term, type_: Type, problems: Problems) -> object:
    """The value of an argument; None where that is wrong."""
    try:
        value = convert_at(constant_value(term.node, term.file), type_, term)
        if value.null and type_ != DYNAMIC:
            raise ExpressionError("A value is needed here, not null.", term.span)
    except ExpressionError as error:
        problems.error(error.what, error.span)
        return None
    return values.to_plain(value)
