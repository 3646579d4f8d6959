"""Edits of Terraform files as replacements of characters: what is not edited stays as it is, byte for byte.

`Source` is a parsed file; its methods give edits for nodes of its tree; `apply` carries edits out. Where the lines
around an edit were as `terraform fmt` leaves them, `apply` keeps them so, which can realign neighbouring lines.
"""

from __future__ import annotations

import difflib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import cast

from reconciler.hcl import parse
from reconciler.hcl import syntax as s
from reconciler.hcl.elements import Change, Elements, NotLiteral, line_start, next_line, plain_of
from reconciler.hcl.format import formatted
from reconciler.hcl.placement import Place
from reconciler.hcl.render import EditProblem, Nested, Raw, Style, render
from reconciler.hcl.rewrite import Writer, changed, key_of, literal_or_not
from reconciler.model import Edit, Plain, Span

__all__ = ["EditProblem", "Nested", "Raw", "Source", "Style", "apply", "plain_of", "render"]


# -- the file -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """A file, its tree and how it is written. Edits that several methods give can be applied together."""

    path: str
    text: str
    body: s.Body
    style: Style

    @classmethod
    def parse(cls, path: str, content: bytes) -> Source:
        """Raises SyntaxProblem."""
        text = parse.decode(path, content)
        return cls(path, text, parse.parse_file(path, content), _style(path, text))

    # -- finding nodes --------------------------------------------------------------------------------------

    def node(self, span: Span) -> s.Expression:
        """The expression that stands at `span`. Raises EditProblem where there is none."""
        for root in _expressions(self.body):
            if root.at[0] <= span.start and span.end <= root.at[1]:
                found = _at(root, span.start, span.end)
                if found is not None:
                    return found
        raise EditProblem("there is no expression at this place any more", where=str(span))

    def block(self, position: int) -> s.Block:
        """The innermost block that the character at `position` belongs to. Raises EditProblem."""
        found: s.Block | None = None
        blocks = self.body.blocks
        while inner := next((b for b in blocks if b.at[0] <= position < b.at[1]), None):
            found, blocks = inner, inner.body.blocks
        if found is None:
            raise EditProblem("there is no block at this place", where=str(self._span(position, position)))
        return found

    # -- values ---------------------------------------------------------------------------------------------

    def replace(
        self, node: s.Expression, value: Plain | Raw, *, old: Plain | NotLiteral | None = None, ordered: bool = True
    ) -> tuple[Edit, ...]:
        """Make `node` say `value`, changing as little as possible: in lists and maps only the elements that differ.

        Heredocs, `jsonencode` and the quotes around numbers stay. `old` is the value that `node` has now, where
        that is known from elsewhere: elements that are no literals then stay if they have not changed. Without
        `ordered` (sets) elements that stay keep their places.
        """
        if isinstance(node, s.Literal) and isinstance(node.value, str) and self.text[node.at[0]] not in '"<':
            raise EditProblem("a part of a template, or a bare key, has no value of its own", where=self._where(node))
        before = literal_or_not(node, old)
        after = Writer(self.text, self.style, ordered=ordered).replaced(node, value, before)
        return self._difference(node.at[0], node.at[1], after)

    def insert_element(
        self, node: s.Tuple | s.Object, value: Plain, *, key: str | None = None, index: int | None = None
    ) -> tuple[Edit, ...]:
        """A new element of a list, or with `key` of a map, at its end or before the element at `index`."""
        if isinstance(node, s.Object) != (key is not None):
            raise EditProblem("an element of a map needs a key, one of a list has none", where=self._where(node))
        elements = Elements(self.text, node, self.style)
        return self._edits(elements.insert(elements.count if index is None else index, key, value))

    def remove_element(self, node: s.Tuple | s.Object, which: int | str) -> tuple[Edit, ...]:
        """Without the element at an index, or with a key. Raises EditProblem where there is none."""
        if isinstance(which, str):
            which = self._index(node, which)
        if not 0 <= which < len(node.items):
            raise EditProblem(f"there is no element {which} to remove", where=self._where(node))
        return self._edits(Elements(self.text, node, self.style).remove(which))

    def _index(self, node: s.Tuple | s.Object, key: str) -> int:
        for i, item in enumerate(node.items):
            if isinstance(item, s.Item) and key_of(item) == key:
                return i
        raise EditProblem(f'there is no element "{key}" to remove', where=self._where(node))

    # -- arguments ------------------------------------------------------------------------------------------

    def set_attributes(self, body: s.Body, values: Mapping[str, Plain | Raw]) -> tuple[Edit, ...]:
        """Arguments of a body with new values; those that it does not have are added after its last argument."""
        if self.style.json:
            return self._set_properties(body, values)
        present = {argument.name: argument for argument in body.arguments}
        edits: list[Edit] = []
        for name, value in values.items():
            if name in present:
                edits += self.replace(present[name].value, value)
        new = {name: value for name, value in values.items() if name not in present}
        if not new:
            return tuple(edits)
        place = self._place(body)
        if place.one_line:  # its only argument moves to a line of its own
            kept = changed(self.text, [(edit.span.start, edit.span.end, edit.text) for edit in edits])
            inside = kept[body.at[0] : body.at[1] + len(kept) - len(self.text)]
            return self._edits([place.opened(inside, place.arguments(new))])
        return (*edits, *self._edits([place.insert_arguments(new)]))

    def _set_properties(self, body: s.Body, values: Mapping[str, Plain | Raw]) -> tuple[Edit, ...]:
        node = self._object(body)
        old = {key_of(item): item for item in node.items}
        edits: list[Edit] = []
        for name, value in values.items():
            if name in old:
                edits += self.replace(old[name].value, value)
        new = {name: value for name, value in values.items() if name not in old}
        if new:
            writer = Writer(self.text, self.style, ordered=True)
            after = writer.extended(node, new)
            edits += self._difference(node.at[0], node.at[1], after)
        return tuple(edits)

    def _object(self, body: s.Body) -> s.Object:
        """The JSON object that a body was made of."""
        if body.json is not None:
            return body.json
        whole = (body.at[0] - 1, body.at[1] + 1)
        found = _at(cast(s.Object, self.body.json), *whole)
        root = cast(s.Object, self.body.json)
        return found if isinstance(found, s.Object) else root

    def remove_attribute(self, body: s.Body, name: str) -> tuple[Edit, ...]:
        """Without the argument and its lines. Raises EditProblem where there is none."""
        if self.style.json:
            return self.remove_element(self._object(body), name)
        found = next((argument for argument in body.arguments if argument.name == name), None)
        if found is None:
            raise EditProblem(f'there is no argument "{name}" to remove', where=f"{self.path}:{body.at[2]}")
        if "\n" not in self.text[body.at[0] : body.at[1]] and body is not self.body:
            return self._edits([(body.at[0], body.at[1], "")])
        return self._edits([self._lines_of(found.at)])

    # -- blocks ---------------------------------------------------------------------------------------------

    def insert_block(self, body: s.Body, nested: Nested) -> tuple[Edit, ...]:
        """A new block: after the last one of its type, else at the end of `body`."""
        self._native("a block cannot be added to JSON")
        return self._edits([self._place(body).insert_block(nested)])

    def remove_block(self, found: s.Block) -> tuple[Edit, ...]:
        """Without the block and the blank line that set it off; of top-level blocks too."""
        self._native("a block cannot be removed from JSON")
        return self._edits([self._lines_of(found.at)])

    def insert_resource(self, kind: str, name: str, nested: Nested | None = None) -> tuple[Edit, ...]:
        """`resource "kind" "name" { … }` at the end of the file, with the arguments and blocks of `nested`."""
        inner = nested or Nested("")
        return self.insert_block(self.body, replace(inner, type="resource", labels=(kind, name)))

    def insert_import(self, to: str, id: str) -> tuple[Edit, ...]:  # noqa: A002
        """An `import` block for the resource with the address `to`, at the end of the file."""
        return self.insert_block(self.body, Nested("import", (), {"to": Raw(to), "id": id}))

    def _place(self, body: s.Body) -> Place:
        return Place(self.text, body, self.style, is_file=body is self.body)

    # -- edits ----------------------------------------------------------------------------------------------

    def _native(self, problem: str) -> None:
        if self.style.json:
            raise EditProblem(problem, where=self.path, hint="make this change by hand")

    def _where(self, node: s.Expression) -> str:
        return f"{self.path}:{node.at[2]}"

    def _lines_of(self, at: s.At) -> Change:
        """Remove the lines of a node, its comment included, and one of two blank lines that would meet."""
        start, end = line_start(self.text, at[0]), next_line(self.text, at[1])
        above = self.text[line_start(self.text, start - 1) : start] if start else "{"
        below = self.text[end : next_line(self.text, end)]
        if not below.strip() and end < len(self.text) and (not above.strip() or above.rstrip().endswith("{")):
            end = next_line(self.text, end)
        elif (not below or below.strip().startswith("}")) and not above.strip():
            start = line_start(self.text, start - 1)
        return (start, end, "")

    def _edits(self, changes: Sequence[Change]) -> tuple[Edit, ...]:
        return tuple(Edit(self._span(start, end), text) for start, end, text in changes)

    def _span(self, start: int, end: int) -> Span:
        return Span(self.path, start, end, self.text.count("\n", 0, start) + 1)

    def _difference(self, start: int, end: int, after: str) -> tuple[Edit, ...]:
        """What makes `after` of the text: the characters from start to end differ, line by line where they are many."""
        old = self.text[start:end]
        new = after[start : end + len(after) - len(self.text)]
        left, right = old.splitlines(keepends=True), new.splitlines(keepends=True)
        changes: list[Change] = []
        offsets = [start]
        for line in left:
            offsets.append(offsets[-1] + len(line))
        for kind, a, b, c, d in difflib.SequenceMatcher(a=left, b=right, autojunk=False).get_opcodes():
            if kind != "equal":
                changes.append(_trimmed(self.text, offsets[a], offsets[b], "".join(right[c:d])))
        return self._edits(changes)


def _trimmed(text: str, start: int, end: int, new: str) -> Change:
    """A change without what is the same at its ends."""
    while start < end and new and text[start] == new[0]:
        start, new = start + 1, new[1:]
    while start < end and new and text[end - 1] == new[-1]:
        end, new = end - 1, new[:-1]
    return (start, end, new)


def _style(path: str, text: str) -> Style:
    newline = "\r\n" if "\r\n" in text else "\n"
    is_json = path.endswith(".json")
    unit = "  "
    indents = re.findall(r"(?m)^([ \t]+)(?=[^\s#/*])", text)
    if indents:
        smallest = min(indents, key=len)
        unit = "\t" if smallest.startswith("\t") else " " * len(smallest) if len(smallest) in (2, 4) else "  "
    return Style(unit, newline, is_json, not path.endswith(".tfvars.json"))


def _expressions(body: s.Body) -> Iterator[s.Expression]:
    if body.json is not None:
        yield body.json
    for argument in body.arguments:
        yield argument.value
    for inner in body.blocks:
        yield from _expressions(inner.body)


def _at(root: s.Expression | s.Item, start: int, end: int) -> s.Expression | None:
    """The node of exactly these characters; the innermost, where parentheses and templates are not shown."""
    level: list[s.Expression | s.Item] = [root]
    found: s.Expression | None = None
    while level:
        inside = [node for node in level if node.at[0] <= start and end <= node.at[1]]
        for node in inside:
            if node.at[:2] == (start, end) and not isinstance(node, s.Item) and found is None:
                found = node
        level = [child for node in inside for child in s.children(node)]
    return found


# -- carrying out ---------------------------------------------------------------------------------------------


def apply(path: str, text: str, edits: Sequence[Edit]) -> str:
    """The text after all edits. Insertions at one place come in the order given.

    Lines that were as `terraform fmt` leaves them are so again. Raises EditProblem where edits overlap, or where
    the result would be no Terraform.
    """
    ordered = sorted(edits, key=lambda edit: (edit.span.start, edit.span.end))
    for first, second in pairwise(ordered):
        if second.span.start < first.span.end:
            raise EditProblem("two edits change the same characters", where=str(second.span))
    if ordered and (ordered[0].span.start < 0 or ordered[-1].span.end > len(text)):
        raise EditProblem("an edit is outside of the file", where=path)
    pieces: list[str] = []
    position = 0
    for start, end, inside in _regions(path, text, ordered):
        pieces += [text[position:start], _edited(text, start, end, inside, align=not path.endswith(".json"))]
        position = end
    result = "".join([*pieces, text[position:]])
    try:
        parse.parse_file(path, parse.encode(result))
    except parse.SyntaxProblem as problem:
        raise EditProblem(f"the edits would leave no valid file: {problem.reason}", where=problem.where) from problem
    return result


def _edited(text: str, start: int, end: int, edits: Sequence[Edit], *, align: bool) -> str:
    before, after, position = text[start:end], "", start
    for edit in edits:
        after += text[position : edit.span.start] + edit.text
        position = edit.span.end
    after += text[position:end]
    try:
        return formatted(after) if align and formatted(before) == before else after
    except parse.SyntaxProblem:
        return after  # `apply` says what is wrong with it, in the whole file


def _regions(path: str, text: str, edits: Sequence[Edit]) -> list[tuple[int, int, list[Edit]]]:
    """The runs of lines between blank lines at the top level that edits fall into, with these edits."""
    cuts = [0, len(text)] if path.endswith(".json") else _cuts(path, text)
    regions: list[tuple[int, int, list[Edit]]] = []
    for edit in edits:
        goes_on = edit.span.start > 0 and text[edit.span.start - 1] != "\n"  # inside a line, or at its end
        find = bisect_left if goes_on else bisect_right
        start = cuts[find(cuts, edit.span.start) - 1]
        end = cuts[bisect_left(cuts, edit.span.end)]
        if regions and (start < regions[-1][1] or (start, end) == regions[-1][:2]):
            first, last, inside = regions.pop()
            regions.append((first, max(last, end), [*inside, edit]))
        else:
            regions.append((start, end, [edit]))
    return regions


def _cuts(path: str, text: str) -> list[int]:
    """Where blank lines at the top level begin and end: nothing is aligned across them."""
    body = parse.parse_file(path, parse.encode(text))
    items = sorted(item.at[:2] for item in (*body.arguments, *body.blocks))
    starts = [start for start, _ in items]
    cuts = [0, len(text)]
    for found in re.finditer(r"(?m)^[ \t]*\r?$\n?", text):
        before = bisect_right(starts, found.start()) - 1
        if before < 0 or items[before][1] <= found.start():
            cuts += [found.start(), found.end()]
    return sorted(set(cuts))
