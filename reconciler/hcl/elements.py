"""Changes to the elements of a written list or map, as replacements of characters; comments and layout stay."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Sequence
from typing import Final, TypeAlias

from reconciler.hcl import syntax as s
from reconciler.hcl.render import Raw, Style, key, literal, render
from reconciler.model import Plain
from reconciler.records import dataclass

Change: TypeAlias = tuple[int, int, str]
"""Replace the characters from start to end (none: insert) with this text."""

_GAP: Final = re.compile(r"#[^\n]*|//[^\n]*|/\*.*?\*/|(,)", re.DOTALL)


def line_start(text: str, position: int) -> int:
    return text.rfind("\n", 0, position) + 1


def line_end(text: str, position: int) -> int:
    """Where the line's newline begins, or the text's end."""
    end = text.find("\n", position)
    end = len(text) if end < 0 else end
    return end - 1 if end > position and text[end - 1] == "\r" else end


def next_line(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1


def indent_at(text: str, position: int) -> str:
    """The white space that the line of `position` begins with."""
    start = line_start(text, position)
    return text[start : start + len(text[start:]) - len(text[start:].lstrip(" \t"))]


def begins_line(text: str, position: int) -> bool:
    return not text[line_start(text, position) : position].strip()


@dataclass(frozen=True, slots=True)
class Elements:
    """The elements of `node` in `text`."""

    text: str
    node: s.Tuple | s.Object
    style: Style

    @property
    def count(self) -> int:
        return len(self.node.items)

    def start(self, index: int) -> int:
        return self.node.items[index].at[0]

    def end(self, index: int) -> int:
        return self.node.items[index].at[1]

    def comma(self, index: int) -> int | None:
        """Where the comma after an element is."""
        last = index + 1 == self.count
        limit = self.node.at[1] - 1 if last else self.start(index + 1)
        for found in _GAP.finditer(self.text, self.end(index), limit):
            if found[1]:
                return found.start()
        return None

    def after(self, index: int) -> int:
        """The end of an element and its comma, where that follows on the same line."""
        comma = self.comma(index)
        if comma is not None and "\n" not in self.text[self.end(index) : comma]:
            return comma + 1
        return self.end(index)

    def on_own_lines(self, index: int) -> bool:
        """The element begins its line, and nothing but a comment follows it on its last line."""
        after = self.after(index)
        rest = self.text[after : line_end(self.text, after)].strip()
        alone = not rest or rest.startswith(("#", "//"))
        return begins_line(self.text, self.start(index)) and alone

    def entry(self, name: str | None, value: Plain | Raw, indent: str, *, inline: bool) -> str:
        """An element as it is written."""
        if name is None:
            return render(value, indent, self.style, inline=inline, used=len(indent))
        if self.style.json:
            label = json.dumps(literal(name) if self.style.templates else name, ensure_ascii=False)
            return f"{label}: {render(value, indent, self.style, inline=inline)}"
        return f"{key(name)} = {render(value, indent, self.style, inline=inline, used=len(indent) + len(name) + 3)}"

    # -- insert ---------------------------------------------------------------------------------------------

    def insert(self, index: int, name: str | None, value: Plain | Raw) -> list[Change]:
        """A new element before the one at `index` (`count`: at the end)."""
        if self.count == 0:
            return self._first(name, value)
        neighbour = min(index, self.count - 1)
        if not self.on_own_lines(neighbour):
            return self._insert_inline(index, self.entry(name, value, self._indent, inline=True))
        indent = indent_at(self.text, self.start(neighbour))
        entry = self.entry(name, value, indent, inline=False)
        newline = self.style.newline
        if index < self.count:
            at = line_start(self.text, self.start(index))
            return [(at, at, f"{indent}{entry}{self._separator}{newline}")]
        return self._append_line(entry, indent)

    @property
    def _indent(self) -> str:
        return indent_at(self.text, self.node.at[0])

    @property
    def _separator(self) -> str:
        """What ends an element on its own line: objects can do without commas."""
        if isinstance(self.node, s.Tuple) or self.style.json:
            return ","
        return "," if any(self.comma(i) is not None for i in range(self.count)) else ""

    def _append_line(self, entry: str, indent: str) -> list[Change]:
        last = self.count - 1
        end = self.after(last)
        at = line_end(self.text, end)
        line = self.style.newline + indent + entry
        if self.comma(last) is not None or not self._separator:
            return [(at, at, line + (self._separator if self.comma(last) is not None else ""))]
        trailing = "" if self.style.json or self.count > 1 or isinstance(self.node, s.Object) else ","
        if at == self.end(last):
            return [(at, at, "," + line + trailing)]
        return [(self.end(last), self.end(last), ","), (at, at, line + trailing)]

    def _insert_inline(self, index: int, entry: str) -> list[Change]:
        if index < self.count:
            return [(self.start(index), self.start(index), entry + ", ")]
        last = self.count - 1
        comma = self.comma(last)
        if comma is not None:
            return [(comma + 1, comma + 1, f" {entry},")]
        return [(self.end(last), self.end(last), f", {entry}")]

    def _first(self, name: str | None, value: Plain | Raw) -> list[Change]:
        """Into an empty list or map; comments in it stay."""
        inside = (self.node.at[0] + 1, self.node.at[1] - 1)
        content = self.text[inside[0] : inside[1]]
        outer, newline = self._indent, self.style.newline
        indent = outer + self.style.unit
        comma = "," if isinstance(self.node, s.Tuple) and not self.style.json else ""
        if content.strip():
            entry = self.entry(name, value, indent, inline=False)
            return [(inside[0], inside[0], f"{newline}{indent}{entry}{comma}")]
        if name is None:
            entry = self.entry(name, value, outer, inline=False)
            if "\n" not in entry and "\n" not in content:
                return [(*inside, entry)]
        entry = self.entry(name, value, indent, inline=False)
        return [(*inside, f"{newline}{indent}{entry}{comma}{newline}{outer}")]

    # -- remove ---------------------------------------------------------------------------------------------

    def remove(self, index: int) -> list[Change]:
        if self.count == 1:
            return self._remove_only()
        if not self.on_own_lines(index):
            return self._remove_inline(index)
        start, end = line_start(self.text, self.start(index)), next_line(self.text, self.after(index))
        removal = (start, end, "")
        if index + 1 < self.count or self.comma(index) is not None:
            return [removal]
        before = self.comma(index - 1)
        if before is None or before >= start:
            return [removal]
        return [(before, before + 1, ""), removal]

    def _remove_only(self) -> list[Change]:
        inside = (self.node.at[0] + 1, self.node.at[1] - 1)
        left = self.text[inside[0] : self.start(0)] + self.text[self.after(0) : inside[1]]
        if not left.strip():
            return [(*inside, "")]
        if self.on_own_lines(0):
            return [(line_start(self.text, self.start(0)), next_line(self.text, self.after(0)), "")]
        return [(self.start(0), self.after(0), "")]

    def _remove_inline(self, index: int) -> list[Change]:
        if index + 1 < self.count:
            gap = self.text[self.after(index) : self.start(index + 1)]
            end = self.after(index) if gap.strip() or "\n" in gap else self.start(index + 1)
            return [(self.start(index), end, "")]
        comma = self.comma(index - 1)
        if comma is not None and not self.text[comma + 1 : self.start(index)].strip():
            return [(comma, self.end(index), "")]
        return [(self.start(index), self.after(index), "")]


# -- from one list or map to another --------------------------------------------------------------------------


class NotLiteral(Exception):
    """The expression is no literal."""


def plain_of(node: s.Expression) -> Plain:
    """The value that a literal expression has. Raises NotLiteral."""
    match node:
        case s.Literal(value):
            if value is None or isinstance(value, (bool, str)):
                return value
            return int(value) if value == value.to_integral_value() else float(value)
        case s.Unary("-", operand):
            value = plain_of(operand)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return -value
        case s.Parentheses(inner):
            return plain_of(inner)
        case s.Tuple(items):
            return [plain_of(item) for item in items]
        case s.Object(items):
            return {name_of(item): plain_of(item.value) for item in items}
        case _:
            pass
    raise NotLiteral


def name_of(item: s.Item) -> str:
    """The key of an entry. Raises NotLiteral."""
    name = plain_of(item.key)
    if isinstance(name, str):
        return name
    if isinstance(name, int) and not isinstance(name, bool):
        return str(name)
    raise NotLiteral


def same(left: Plain, right: Plain) -> bool:
    """Equal as Terraform values, true and 1 told apart."""
    return _canonical(left) == _canonical(right)


def _canonical(value: Plain) -> str:
    return json.dumps(_integral(value), sort_keys=True, default=repr)


def _integral(value: Plain) -> Plain:
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_integral(item) for item in value]
        case dict():
            return {name: _integral(item) for name, item in value.items()}
        case _:
            return value


Steps: TypeAlias = "list[tuple[str, int, int]]"


def list_steps(old: Sequence[Plain | NotLiteral], new: Sequence[Plain], *, ordered: bool) -> Steps:
    """What makes `new` of `old`, from the end to the beginning: (what to do, old index, new index)."""
    left = [repr(v) if isinstance(v, NotLiteral) else _canonical(v) for v in old]
    right = [_canonical(v) for v in new]
    if not ordered:
        return _set_steps(left, right)
    steps: Steps = []
    matcher = difflib.SequenceMatcher(a=left, b=right, autojunk=False)
    for kind, a, b, c, d in reversed(matcher.get_opcodes()):
        if kind == "equal":
            continue
        common = min(b - a, d - c)
        steps += [("insert", b, j) for j in range(d - 1, c + common - 1, -1)]
        steps += [("remove", i, 0) for i in range(b - 1, a + common - 1, -1)]
        steps += [("replace", a + i, c + i) for i in range(common - 1, -1, -1)]
    return steps


def _set_steps(left: list[str], right: list[str]) -> Steps:
    """Elements that stay keep their place; the others leave, new ones come last."""
    missing = [j for j, value in enumerate(right) if value not in left]
    gone = [i for i, value in enumerate(left) if value not in right]
    steps: Steps = [("insert", len(left), j) for j in reversed(missing[len(gone) :])]
    steps += [("remove", i, 0) for i in reversed(gone[len(missing) :])]
    pairs = list(zip(gone, missing, strict=False))
    return sorted([*steps, *[("replace", i, j) for i, j in pairs]], key=lambda step: -step[1])
