"""Templates: from the pieces between the quotes to values, as Terraform's own parser puts them together.

White space is trimmed per token of Terraform's scanner (`~` reaches no further than the next line of a heredoc), then
a `<<-` heredoc loses its common indent, then directives find their ends. The order matters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import field
from typing import Final, TypeAlias, cast

from reconciler.hcl.lexer import GO_SPACE, Text, Token
from reconciler.hcl.syntax import At, Expression, Literal, Template, TemplateFor, TemplateIf
from reconciler.records import dataclass


@dataclass(slots=True)
class Piece:
    """Literal text of one token."""

    text: str
    at: At


@dataclass(frozen=True, slots=True)
class Marker:
    """`${…}` or `%{…}`: an interpolation ("$"), or a directive ("if", "else", "endif", "for", "endfor")."""

    kind: str
    at: At
    trims_left: bool
    trims_right: bool
    expression: Expression | None = None
    names: tuple[str, ...] = ()


Part: TypeAlias = "Token | Marker"

_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.?))|(\$\$\{)|(%%\{)", re.DOTALL)
_SIMPLE: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def normal(text: str) -> str:
    """Terraform's strings are NFC."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def unescape(source: Text, start: int, end: int) -> str:
    """The text of a quoted literal."""
    raw = source.text[start:end]

    def value(found: re.Match[str]) -> str:
        short, long, simple, dollar, _ = found.groups()
        if simple is None and (short or long):
            number = int(short or long, 16)
            if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
                source.reject(f"{found[0]} is no character", start + found.start())
            return chr(number)
        if simple is not None:
            if simple not in _SIMPLE:
                source.reject(f'"\\{simple}" is no escape sequence', start + found.start())
            return _SIMPLE[simple]
        return "${" if dollar else "%{"

    return _ESCAPE.sub(value, raw) if "\\" in raw or "{" in raw else raw


def unescape_line(raw: str) -> str:
    """The text of a heredoc's or file's literal: a backslash means itself."""
    return raw.replace("$${", "${").replace("%%{", "%{") if "{" in raw else raw


def assemble(source: Text, parts: Sequence[Part], at: At, *, quoted: bool, flush: bool = False) -> Literal | Template:
    """One template from its parts; a Literal where nothing is interpolated."""
    pieces = _trimmed([_piece(source, part, quoted=quoted) for part in parts])
    if flush:
        _unindent(pieces)
    if not any(isinstance(piece, Marker) for piece in pieces):
        return Literal(normal("".join(cast(Piece, piece).text for piece in pieces)), at)
    reader = _Reader(source, pieces)
    found = reader.template(None, at)
    if len(pieces) == 1:
        return found
    return _converting(found)


def _piece(source: Text, part: Part, *, quoted: bool) -> Piece | Marker:
    if isinstance(part, Marker):
        return part
    _, start, end, line = part
    text = unescape(source, start, end) if quoted else unescape_line(source.text[start:end])
    return Piece(text, (start, end, line))


def _trimmed(pieces: list[Piece | Marker]) -> list[Piece | Marker]:
    """`~` trims the token next to it, if that is text."""
    for i, piece in enumerate(pieces):
        if not isinstance(piece, Marker):
            continue
        before = pieces[i - 1] if i else None
        if piece.trims_left and isinstance(before, Piece):
            before.text = before.text.rstrip(GO_SPACE)
        after = pieces[i + 1] if i + 1 < len(pieces) else None
        if piece.trims_right and isinstance(after, Piece):
            after.text = after.text.lstrip(GO_SPACE)
    return pieces


def _unindent(pieces: list[Piece | Marker]) -> None:
    """Take from each line of a `<<-` heredoc the indent that all of them have."""
    least: int | None = None
    adjust: list[Piece] = []
    newline = True
    for piece in pieces:
        if newline:
            newline = False
            indent: int | None = 0
            if isinstance(piece, Piece):
                trimmed = piece.text.lstrip(GO_SPACE)
                if not trimmed and piece.text.endswith("\n"):
                    indent = None  # a blank line says nothing about the indent, and keeps its spaces
                else:
                    indent = len(piece.text) - len(trimmed)
                    adjust.append(piece)
            if indent is not None:
                least = indent if least is None else min(least, indent)
        if isinstance(piece, Piece) and piece.text.endswith("\n"):
            newline = True
    for piece in adjust:
        piece.text = piece.text[least or 0 :]


def _converting(template: Template) -> Template:
    """A template that stands for a string even where one interpolation is all that is left of it."""
    alone = template.parts[0] if len(template.parts) == 1 else None
    if alone is not None and not (isinstance(alone, Literal) and isinstance(alone.value, str)):
        end = template.at[1]
        return Template((*template.parts, Literal("", (end, end, template.at[2]))), template.at)
    return template


@dataclass(slots=True)
class _Open:
    marker: Marker | None
    parts: list[Expression] = field(default_factory=list["Expression"])
    text: list[Piece] = field(default_factory=list["Piece"])
    then: Template | None = None
    start: int = 0

    def flush(self) -> None:
        if self.text:
            first, last = self.text[0].at, self.text[-1].at
            value = normal("".join(piece.text for piece in self.text))
            self.parts.append(Literal(value, (first[0], last[1], first[2])))
            self.text = []

    def closed(self, at: At) -> Template:
        self.flush()
        return Template(tuple(self.parts) or (Literal("", at),), at)


@dataclass(slots=True)
class _Reader:
    """Puts directives around what they enclose, with a stack of those that are open."""

    source: Text
    pieces: list[Piece | Marker]

    def template(self, marker: Marker | None, at: At) -> Template:
        stack = [_Open(marker)]
        for piece in self.pieces:
            top = stack[-1]
            if isinstance(piece, Piece):
                top.text.append(piece)
                continue
            top.flush()
            match piece.kind:
                case "$":
                    top.parts.append(cast("Expression", piece.expression))
                case "if" | "for":
                    stack.append(_Open(piece, start=piece.at[1]))
                case "else":
                    self._otherwise(top, piece)
                case _:
                    self._end(stack, piece)
        if stack[-1].marker is not None:
            kind = stack[-1].marker.kind
            self.source.reject(f"there is no %{{ end{kind} }} for this %{{ {kind} }}", stack[-1].marker.at[0])
        return stack[0].closed(at)

    def _otherwise(self, top: _Open, piece: Marker) -> None:
        if top.marker is None or top.marker.kind != "if" or top.then is not None:
            self.source.reject("this %{ else } belongs to no %{ if }", piece.at[0])
        top.then = _converting(top.closed((top.start, piece.at[0], top.marker.at[2])))
        top.parts, top.start = [], piece.at[1]

    def _end(self, stack: list[_Open], piece: Marker) -> None:
        top = stack[-1]
        opened = top.marker
        if opened is None or piece.kind != f"end{opened.kind}":
            self.source.reject(f"this %{{ {piece.kind} }} belongs to no %{{ {piece.kind[3:]} }}", piece.at[0])
        stack.pop()
        inner = _converting(top.closed((top.start, piece.at[0], opened.at[2])))
        at = (opened.at[0], piece.at[1], opened.at[2])
        expression = cast("Expression", opened.expression)
        if opened.kind == "if":
            then, otherwise = (inner, None) if top.then is None else (top.then, inner)
            stack[-1].parts.append(TemplateIf(expression, then, otherwise, at))
        else:
            key = opened.names[0] if len(opened.names) == 2 else None
            stack[-1].parts.append(TemplateFor(key, opened.names[-1], expression, inner, at))
