"""Where new arguments and blocks go in a body of native syntax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from reconciler.hcl import syntax as s
from reconciler.hcl.elements import Change, begins_line, indent_at, line_end, line_start, next_line
from reconciler.hcl.render import EditProblem, Nested, Raw, Style, block, render
from reconciler.model import Plain
from reconciler.records import dataclass

_TRAILING: Final = frozenset(("depends_on", "lifecycle", "provisioner", "connection", "timeouts"))
"""What people keep at the end of a body."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where things go in a body of native syntax."""

    text: str
    body: s.Body
    style: Style
    is_file: bool

    @property
    def outer(self) -> str:
        """The indent of the block's own line."""
        return "" if self.is_file else indent_at(self.text, self.body.at[0] - 1)

    @property
    def indent(self) -> str:
        for item in (*self.body.arguments, *self.body.blocks):
            if begins_line(self.text, item.at[0]):
                return indent_at(self.text, item.at[0])
        return "" if self.is_file else self.outer + self.style.unit

    @property
    def one_line(self) -> bool:
        return not self.is_file and "\n" not in self.text[self.body.at[0] : self.body.at[1]]

    def arguments(self, values: Mapping[str, Plain | Raw]) -> str:
        """The lines of new arguments."""
        indent = self.indent
        lines = (
            f"{indent}{name} = {render(value, indent, self.style, used=len(indent) + len(name) + 3)}"
            for name, value in values.items()
        )
        return self.style.newline.join(lines)

    def insert_arguments(self, values: Mapping[str, Plain | Raw]) -> list[Change]:
        lines = self.arguments(values)
        last = self._last([a for a in self.body.arguments if a.name not in _TRAILING])
        if last is None and self.body.blocks and not self.one_line:
            lines += self.style.newline
        return self._insert(last, lines, gap=False)

    def remove_argument(self, name: str) -> list[Change]:
        """Without the argument and its lines. Raises EditProblem where there is none."""
        found = next((argument for argument in self.body.arguments if argument.name == name), None)
        if found is None:
            raise EditProblem(f'there is no argument "{name}" to remove')
        return [(*self.body.at[:2], "")] if self.one_line else [lines_of(self.text, found.at[:2])]

    def insert_block(self, nested: Nested) -> list[Change]:
        text = self.indent + block(nested, self.indent, self.style)
        alike = self._last([b for b in self.body.blocks if b.type == nested.type])
        if self.is_file:
            alike = None
        kept = [x for x in (*self.body.arguments, *self.body.blocks) if self.is_file or not self._trails(x)]
        return self._insert(alike or self._last(kept), text, gap=True)

    def _trails(self, item: s.Argument | s.Block) -> bool:
        return (item.name if isinstance(item, s.Argument) else item.type) in _TRAILING

    def _last(self, items: Sequence[s.Argument | s.Block]) -> s.At | None:
        return max((item.at for item in items), default=None)

    def _insert(self, last: s.At | None, lines: str, *, gap: bool) -> list[Change]:
        """`lines` after the line that `last` ends on, or at the beginning; with `gap` set off by a blank line."""
        text, newline = self.text, self.style.newline
        if self.is_file and (gap or last is None):
            ended = "" if not text or text.endswith("\n") else newline
            blank = newline if gap and text.strip() and not text.endswith(newline * 2) else ""
            return [(len(text), len(text), f"{ended}{blank}{lines}{newline}")]
        if self.one_line:
            return self._opened(lines, gap=gap)
        at = line_end(text, self.body.at[0] if last is None else last[1])
        return [(at, at, (newline + newline if gap and last is not None else newline) + lines)]

    def _opened(self, lines: str, *, gap: bool) -> list[Change]:
        """A block of one line, with `lines` after what is in it."""
        start, end, _ = self.body.at
        newline, inside = self.style.newline, self.text[start:end]
        if not inside.strip():
            return [(start, end, f"{newline}{lines}{newline}{self.outer}")]
        first, last = start + len(inside) - len(inside.lstrip()), start + len(inside.rstrip())
        blank = newline if gap else ""
        return [(start, first, newline + self.indent), (last, end, f"{newline}{blank}{lines}{newline}{self.outer}")]


def lines_of(text: str, span: tuple[int, int]) -> Change:
    """Remove the lines of a node, its comment included, and one of two blank lines that would meet."""
    start, end = line_start(text, span[0]), next_line(text, span[1])
    above = text[line_start(text, start - 1) : start] if start else "{"
    below = text[end : next_line(text, end)]
    if not below.strip() and end < len(text) and (not above.strip() or above.rstrip().endswith("{")):
        end = next_line(text, end)
    elif (not below or below.strip().startswith("}")) and not above.strip():
        start = line_start(text, start - 1)
    return (start, end, "")
