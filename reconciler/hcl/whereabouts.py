"""Calls that ask where the repository lies, and whose answer is the same wherever it does.

`path.cwd` and `abspath` differ from machine to machine, so that nothing can be compared with them. But most of what is
made of them does not: `basename(path.cwd)`, `file("${path.cwd}/rules.json")`. Such a call is evaluated with the
repository at two places that have nothing in common; a result that both give is its value.

That proves nothing for what compares (`startswith(path.cwd, "/home")` is false at both, and true at others): so only
calls count that take paths apart or read files, from one end to the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from reconciler.hcl import functions, syntax, values
from reconciler.hcl.interpreting import attempt
from reconciler.hcl.references import references, walk
from reconciler.hcl.scope import Scope
from reconciler.hcl.values import Value

_READING: Final = frozenset(name for name in functions.FUNCTIONS if name.startswith("file")) | {"templatefile"}
_TAKING_APART: Final = frozenset({"basename", "element", "regex", "replace", "trimprefix"})
_WITHIN: Final = frozenset(
    {"abspath", "dirname", "format", "join", "length", "pathexpand", "reverse", "slice", "split"}
)
ANSWERING: Final = _READING | _TAKING_APART
"""The calls that may have an answer of their own; in them, those of `_WITHIN` may ask."""


def anywhere(node: syntax.Call, scope: Scope, called: Callable[[syntax.Call, Scope], Value]) -> Value | None:
    """What `called` makes of `node` wherever the repository lies; None where that differs, or nobody asks."""
    place = scope.environment.context.place
    if place.pretended is not None or not _asks(node, scope):
        return None
    found: list[Value] = []
    for folder in place.folders():
        with place.at(folder):
            value, failure = attempt(lambda: called(node, scope), scope)
        if failure is not None:
            return None
        found.append(value)
    first, second = found
    return first if values.equal(first, second) and first.marks == second.marks else None


def _asks(node: syntax.Call, scope: Scope) -> bool:
    known = scope.memo.get(id(node.arguments))
    if known is None:
        known = scope.memo[id(node.arguments)] = _asking(node)
    return known


def _asking(node: syntax.Call) -> bool:
    parts = list(walk(node))
    calls = {functions.local_name(part.name) for part in parts if isinstance(part, syntax.Call)}
    return _named(node) and calls <= ANSWERING | _WITHIN and not any(map(_decides, parts))


def _named(node: syntax.Expression) -> bool:
    if any(reference.kind == "path" and reference.names == ("cwd",) for reference in references(node)):
        return True
    return any(isinstance(part, syntax.Call) and part.name.endswith("abspath") for part in walk(node))


def _decides(part: syntax.Expression) -> bool:
    """Something may come of it that is the same at two places and another at a third."""
    match part:
        case syntax.Conditional() | syntax.TemplateIf() | syntax.TemplateFor() | syntax.ForTuple() | syntax.ForObject():
            return True
        case syntax.Binary(operator):
            return operator not in ("+", "-")
        case syntax.Call(name, arguments):
            return functions.local_name(name) == "templatefile" and any(map(_named, arguments[1:]))
        case _:
            return False
