"""Where new arguments and blocks go in a body of native syntax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.hcl import syntax as s
from reconciler.hcl.elements import Change, begins_line, indent_at, line_end
from reconciler.hcl.render import Nested, Raw, Style, block, render
from reconciler.model import Plain

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

    def insert_arguments(self, values: Mapping[str, Plain | Raw]) -> Change:
        lines = self.arguments(values)
        last = self._last([a for a in self.body.arguments if a.name not in _TRAILING])
        if last is None and self.body.blocks and not self.one_line:
            lines += self.style.newline
        return self._insert(last, lines, gap=False)

    def insert_block(self, nested: Nested) -> Change:
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

    def _insert(self, last: s.At | None, lines: str, *, gap: bool) -> Change:
        """`lines` after the line that `last` ends on, or at the beginning; with `gap` set off by a blank line."""
        text, newline = self.text, self.style.newline
        start, end, _ = self.body.at
        if self.is_file and (gap or last is None):
            ended = "" if not text or text.endswith("\n") else newline
            blank = newline if gap and text.strip() and not text.endswith("\n\n") else ""
            return (len(text), len(text), f"{ended}{blank}{lines}{newline}")
        if self.one_line:
            return self.opened(text[start:end], lines, gap=gap)
        if last is None:
            at = line_end(text, start)
            return (at, at, newline + lines)
        at = line_end(text, last[1])
        return (at, at, (newline + newline if gap else newline) + lines)

    def opened(self, inside: str, lines: str, *, gap: bool = False) -> Change:
        """A block of one line, with `lines` after what is in it."""
        newline = self.style.newline
        kept = f"{self.indent}{inside.strip()}{newline}" if inside.strip() else ""
        blank = newline if kept and gap else ""
        return (self.body.at[0], self.body.at[1], f"{newline}{kept}{blank}{lines}{newline}{self.outer}")
