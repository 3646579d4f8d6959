"""Regular expressions as Go has them (RE2), over the `re2` package, which is loaded when the first one is used."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from reconciler.hcl import values
from reconciler.hcl.functions.spec import LARGEST, LONGEST, FunctionError, Unavailable
from reconciler.hcl.values import STRING, TupleOf, Type, Value
from reconciler.records import dataclass


@dataclass(frozen=True, slots=True)
class _Compiled:
    """`names` has one for each group that captures, None where it has no name; a name may be there twice."""

    pattern: Any
    names: tuple[str | None, ...]


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> _Compiled:
    """Raises FunctionError."""
    re2: Any = importlib.import_module("re2")  # it has no types
    options = re2.Options()
    options.log_errors = False
    names, text = _groups(pattern)
    try:
        return _Compiled(re2.compile(text, options), names)
    except re2.error as error:
        raise FunctionError(f"invalid regexp pattern: {error}", 0) from error


_CLASS: Final = re.compile(r"\[\^?\]?(?:\\.|\[:[^\]]*:\]|[^\]\\])*\]", re.DOTALL)
_QUOTED: Final = re.compile(r"\\Q.*?(?:\\E|\Z)", re.DOTALL)
_NAMED: Final = re.compile(r"\(\?P?<([^>]*)>")


def _groups(pattern: str) -> tuple[tuple[str | None, ...], str]:
    """The names of the groups, and the pattern with them in the older form. Raises FunctionError.

    Go knows less than RE2 does: no \\C, and only ASCII in names.
    """
    names: list[str | None] = []
    out: list[str] = []
    at = 0
    while at < len(pattern):
        piece = _QUOTED.match(pattern, at) or _CLASS.match(pattern, at)
        named = _NAMED.match(pattern, at)
        text = piece[0] if piece else named[0] if named else pattern[at : at + (2 if pattern[at] == "\\" else 1)]
        at += len(text)
        if text == "[":
            raise FunctionError("invalid regexp pattern: missing closing ]", 0)
        if text == "\\C":
            raise FunctionError("invalid regexp pattern: invalid escape sequence in \\C", 0)
        if named and not piece:
            if not re.fullmatch(r"\w+", named[1], re.ASCII):
                raise FunctionError(f"invalid regexp pattern: invalid named capture in {text}", 0)
            text = f"(?P<{named[1]}>"
            names.append(named[1])
        elif text == "(" and not pattern.startswith("?", at):
            names.append(None)
        out.append(text)
    return tuple(names), "".join(out)


def result_type(pattern: str) -> Type:
    """A string without groups, else a tuple, or an object where the groups have names. Raises FunctionError."""
    names = _compiled(pattern).names
    if not names:
        return STRING
    if all(names):
        return values.object_type({name: STRING for name in names if name})
    if any(names):
        raise FunctionError("invalid regexp pattern: cannot mix both named and unnamed capture groups", 0)
    return TupleOf((STRING,) * len(names))


def matches(pattern: str, text: str) -> Iterator[Value]:
    """What each match that does not overlap with the one before captured."""
    compiled = _compiled(pattern)
    names = compiled.names
    for match in _found(compiled.pattern, text):
        groups = [values.null(STRING) if part is None else values.string(part) for part in match.groups()]
        if not names:
            yield values.string(match.group())
        elif names[0] is None:
            yield values.tuple_of(groups)
        else:
            yield values.object_of({name: group for name, group in zip(names, groups, strict=True) if name})


def _found(compiled: Any, text: str) -> Iterator[Any]:
    """Go takes no empty match right after another match."""
    end = -1
    for count, match in enumerate(compiled.finditer(text)):
        if count > LARGEST:
            raise Unavailable(f"there are too many matches: more than {LARGEST}")
        if match.end() == match.start() == end:
            continue
        end = match.end()
        yield match


def replace_all(pattern: str, text: str, replacement: str) -> str:
    """Every match replaced, with $1, $name and ${name} in the replacement standing for what was captured."""
    compiled = _compiled(pattern)
    names: dict[str, list[int]] = {}
    for index, name in enumerate(compiled.names, 1):
        names.setdefault(name or "", []).append(index)
    out: list[str] = []
    position = size = 0
    for match in _found(compiled.pattern, text):
        out += [text[position : match.start()], _expanded(replacement, match, names)]
        size += len(out[-1])
        if size > LONGEST:
            raise Unavailable("the result is too long")
        position = match.end()
    return "".join([*out, text[position:]])


def _expanded(template: str, match: Any, names: dict[str, list[int]]) -> str:
    out: list[str] = []
    position = 0
    while (dollar := template.find("$", position)) >= 0:
        out.append(template[position:dollar])
        if template.startswith("$$", dollar):
            out.append("$")
            position = dollar + 2
            continue
        name, position = _reference(template, dollar + 1)
        if not name:
            out.append("$")
            position = dollar + 1
            continue
        indices = [int(name)] if name.isascii() and name.isdigit() and len(name) < 9 else names.get(name, [])
        captured = (match.group(index) for index in indices if index <= match.re.groups)
        out.append(next((part for part in captured if part is not None), ""))
    return "".join([*out, template[position:]])


def _reference(template: str, start: int) -> tuple[str, int]:
    """The name after a "$" and where it ends; no name where what follows is none."""
    braced = template.startswith("{", start)
    begin = start + braced
    end = begin
    while end < len(template) and (template[end].isalnum() or template[end] == "_"):
        end += 1
    if braced:
        return (template[begin:end], end + 1) if end > begin and template.startswith("}", end) else ("", start)
    return template[begin:end], end
