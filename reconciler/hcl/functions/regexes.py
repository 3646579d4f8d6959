"""Regular expressions as Go has them (RE2), over the `re2` package, which is loaded when the first one is used."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from reconciler.hcl import values
from reconciler.hcl.functions.spec import LARGEST, LONGEST, FunctionError, Unavailable
from reconciler.hcl.values import STRING, TupleOf, Type, Value


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    """Raises FunctionError."""
    re2: Any = importlib.import_module("re2")  # it has no types
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern.replace("(?<", "(?P<") if "(?<" in pattern else pattern, options)
    except re2.error as error:
        raise FunctionError(f"invalid regexp pattern: {error}", 0) from error


def _names(compiled: Any) -> list[str | None]:
    """The name of each group, None for those without."""
    named: dict[int, str] = {index: name for name, index in compiled.groupindex.items()}
    return [named.get(index) for index in range(1, compiled.groups + 1)]


def result_type(pattern: str) -> Type:
    """A string without groups, else a tuple, or an object where the groups have names. Raises FunctionError."""
    names = _names(_compiled(pattern))
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
    names = _names(compiled)
    for match in _found(compiled, text):
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
    names = {name: index for index, name in enumerate(_names(compiled), 1) if name}
    out: list[str] = []
    position = size = 0
    for match in _found(compiled, text):
        out += [text[position : match.start()], _expanded(replacement, match, names)]
        size += len(out[-1])
        if size > LONGEST:
            raise Unavailable("the result is too long")
        position = match.end()
    return "".join([*out, text[position:]])


def _expanded(template: str, match: Any, names: dict[str, int]) -> str:
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
        index = int(name) if name.isascii() and name.isdigit() and len(name) < 9 else names.get(name, -1)
        out.append((match.group(index) or "") if 0 <= index <= match.re.groups else "")
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
