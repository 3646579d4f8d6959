"""Values as a person would write them: HCL and JSON literals, and blocks."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Final

from reconciler.errors import EvaluationError
from reconciler.hcl.format import formatted, graphemes
from reconciler.model import UNKNOWN, Json, Plain
from reconciler.records import dataclass

_ONE_LINE: Final = 80  # columns that a list on one line may take
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_RESERVED: Final = frozenset(("for", "null", "true", "false"))
_ESCAPES: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


class EditProblem(EvaluationError):
    """The text cannot be edited that way."""


@dataclass(frozen=True, slots=True)
class Style:
    """How the text around is written: what indents one level, what ends a line, whether it is JSON."""

    unit: str = "  "
    newline: str = "\n"
    json: bool = False
    templates: bool = True  # strings are templates (everywhere but in .tfvars.json)


PLAIN_STYLE: Final = Style()


@dataclass(frozen=True, slots=True)
class Nested:
    """A block to be written. Arguments keep their order."""

    type: str
    labels: tuple[str, ...] = ()
    arguments: Mapping[str, Plain | Raw] = field(default_factory=dict[str, "Plain | Raw"])
    blocks: Sequence[Nested] = ()


@dataclass(frozen=True, slots=True)
class Raw:
    """HCL that stands as it is: a reference, a call."""

    text: str


def render(
    value: Plain | Raw, indent: str = "", style: Style = PLAIN_STYLE, *, inline: bool = False, used: int = 0
) -> str:
    """The literal of `value`; lines after the first begin with `indent`. `used` columns of its line are taken.

    `inline` keeps collections on one line. Raises EditProblem where `value` holds something unknown.
    """
    if style.json:
        return _json(value, indent, style, inline=inline)
    text = _hcl(value, inline=inline, room=_ONE_LINE - used)
    if "\n" in text:
        text = formatted(f"_ = {text}\n")[4:-1]
    return _placed(text, indent, style)


def _placed(text: str, indent: str, style: Style) -> str:
    """Formatted text as lines of `style`; literals span lines only between brackets, so every line can move."""
    first, *lines = text.split("\n")
    placed = [first]
    for line in lines:
        bare = line.lstrip(" ")
        placed.append(indent + style.unit * ((len(line) - len(bare)) // 2) + bare if bare else "")
    return style.newline.join(placed)


def _hcl(value: Plain | Raw, *, inline: bool, room: int) -> str:
    match value:
        case Raw(text):
            return text
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number(value)
        case str():
            return quoted(value)
        case list():
            return _list(value, inline=inline, room=room)
        case dict():
            return _dict(value, inline=inline)
        case _ if value is UNKNOWN:
            raise EditProblem("a value that is only known after apply cannot be written into code")
        case _:
            raise EditProblem(f"{type(value).__name__} is no value of Terraform's")


def _list(values: Sequence[Plain], *, inline: bool, room: int) -> str:
    if not values:
        return "[]"
    line = "[" + ", ".join(_hcl(v, inline=True, room=room) for v in values) + "]"
    simple = not any(isinstance(v, (list, dict)) and v for v in values)
    if inline or (simple and graphemes(line) <= room):
        return line
    inner = (_hcl(v, inline=False, room=_ONE_LINE) for v in values)
    return "[\n" + "".join(f"{text},\n" for text in inner) + "]"


def _dict(values: Mapping[str, Plain], *, inline: bool) -> str:
    if not values:
        return "{}"
    entries = [f"{key(k)} = {_hcl(v, inline=inline, room=_ONE_LINE)}" for k, v in values.items()]
    if inline:
        return "{ " + ", ".join(entries) + " }"
    return "{\n" + "".join(entry + "\n" for entry in entries) + "}"


def key(name: str) -> str:
    """The key of an object: bare where that says the same."""
    return name if _NAME.match(name) and name not in _RESERVED else quoted(name)


def number(value: float) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        raise EditProblem(f"{value} is no number of Terraform's")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def quoted(text: str) -> str:
    """`text` in double quotes, nothing in it a template."""
    escaped = (_ESCAPES.get(c) or (c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}") for c in text)
    return '"' + literal("".join(escaped)) + '"'


def literal(text: str) -> str:
    """`text` with nothing in it a template, as a heredoc has it."""
    return text.replace("${", "$${").replace("%{", "%%{")


def _json(value: Plain | Raw, indent: str, style: Style, *, inline: bool) -> str:
    if isinstance(value, Raw):
        return json.dumps(value.text, ensure_ascii=False)
    plain = _json_value(value, templates=style.templates)
    short = isinstance(plain, list) and len(plain) <= 4 and not any(isinstance(v, (list, dict)) for v in plain)
    if inline or short:
        return json.dumps(plain, ensure_ascii=False)
    text = json.dumps(plain, ensure_ascii=False, indent=style.unit)
    return text.replace("\n", style.newline + indent)


def _json_value(value: Plain, *, templates: bool) -> Json:
    match value:
        case str():
            return literal(value) if templates else value
        case list():
            return [_json_value(v, templates=templates) for v in value]
        case dict():
            return {literal(k) if templates else k: _json_value(v, templates=templates) for k, v in value.items()}
        case None | bool() | int() | float():
            return value
        case _:
            raise EditProblem("a value that is only known after apply cannot be written into code")


def block(nested: Nested, indent: str = "", style: Style = PLAIN_STYLE) -> str:
    """The block's text, without indent before its first line and without a newline at its end."""
    return _placed(formatted("\n".join(_block_lines(nested)) + "\n")[:-1], indent, style)


def _block_lines(nested: Nested) -> list[str]:
    header = " ".join([nested.type, *map(quoted, nested.labels)])
    if not nested.arguments and not nested.blocks:
        return [header + " {}"]
    lines = [header + " {"]
    lines += [f"{name} = {_hcl(v, inline=False, room=_ONE_LINE - 10)}" for name, v in nested.arguments.items()]
    for i, inner in enumerate(nested.blocks):
        if i or nested.arguments:
            lines.append("")
        lines += _block_lines(inner)
    lines.append("}")
    return lines
