"""A file to be edited: finds nodes, and gives the edits that change them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import accumulate
from typing import cast

from reconciler.hcl import find, parse
from reconciler.hcl import syntax as s
from reconciler.hcl.elements import Change, NotLiteral
from reconciler.hcl.operations import (
    InsertArguments,
    InsertBlock,
    InsertElement,
    Operation,
    RemoveArgument,
    RemoveBlock,
    RemoveElement,
    StructuralEdit,
    Tree,
)
from reconciler.hcl.render import EditProblem, Nested, Raw, Style
from reconciler.hcl.rewrite import Writer, changed, key_of, literal_or_not
from reconciler.model import Edit, Plain, Span
from reconciler.records import dataclass


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
        found = find.expression_at(self.body, span.start, span.end)
        if found is None:
            raise EditProblem("there is no expression at this place any more", where=str(span))
        return found

    def block(self, position: int) -> s.Block:
        """The innermost block that the character at `position` belongs to. Raises EditProblem."""
        found = find.block_at(self.body, position)
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
        return self.difference(after, node.at[:2])

    def insert_element(
        self, node: s.Tuple | s.Object, value: Plain, *, key: str | None = None, index: int | None = None
    ) -> tuple[Edit, ...]:
        """A new element of a list, or with `key` of a map, at its end or before the element at `index`."""
        if isinstance(node, s.Object) != (key is not None):
            raise EditProblem("an element of a map needs a key, one of a list has none", where=self._where(node))
        return self._operation(InsertElement(node.at[:2], key, value, index))

    def remove_element(self, node: s.Tuple | s.Object, which: int | str) -> tuple[Edit, ...]:
        """Without the element at an index, or with a key. Raises EditProblem where there is none."""
        index = self._index(node, which) if isinstance(which, str) else which
        if not 0 <= index < len(node.items):
            raise EditProblem(f"there is no element {which} to remove", where=self._where(node))
        item = node.items[index]
        return self._operation(RemoveElement(node.at[:2], index, key_of(item) if isinstance(item, s.Item) else None))

    def _index(self, node: s.Tuple | s.Object, key: str) -> int:
        for i, item in enumerate(node.items):
            if isinstance(item, s.Item) and key_of(item) == key:
                return i
        raise EditProblem(f'there is no element "{key}" to remove', where=self._where(node))

    # -- arguments ------------------------------------------------------------------------------------------

    def set_attributes(self, body: s.Body, values: Mapping[str, Plain | Raw]) -> tuple[Edit, ...]:
        """Arguments of a body with new values; those that it does not have are added after its last argument."""
        holder = self._object(body) if self.style.json else None
        present = _properties(holder) if holder else {argument.name: argument.value for argument in body.arguments}
        edits: list[Edit] = []
        for name, value in values.items():
            if name in present:
                edits += self.replace(present[name], value)
            elif holder:
                edits += self._operation(InsertElement(holder.at[:2], name, value, by_key=True))
        new = {name: value for name, value in values.items() if name not in present}
        if new and not holder:
            edits += self._operation(InsertArguments(self._span_of(body), new))
        return tuple(edits)

    def _object(self, body: s.Body) -> s.Object:
        """The JSON object that a body was made of."""
        if body.json is not None:
            return body.json
        found = find.expression_at(self.body, body.at[0] - 1, body.at[1] + 1)
        return found if isinstance(found, s.Object) else cast(s.Object, self.body.json)

    def remove_attribute(self, body: s.Body, name: str) -> tuple[Edit, ...]:
        """Without the argument and its lines. Raises EditProblem where there is none."""
        if self.style.json:
            return self.remove_element(self._object(body), name)
        return self._operation(RemoveArgument(self._span_of(body), name))

    # -- blocks ---------------------------------------------------------------------------------------------

    def insert_block(self, body: s.Body, nested: Nested) -> tuple[Edit, ...]:
        """A new block: after the last one of its type, else at the end of `body`."""
        self._native("a block cannot be added to JSON")
        return self._operation(InsertBlock(self._span_of(body), nested))

    def remove_block(self, found: s.Block) -> tuple[Edit, ...]:
        """Without the block and the blank line that set it off; of top-level blocks too."""
        self._native("a block cannot be removed from JSON")
        return self._operation(RemoveBlock(found.at[:2]))

    def insert_resource(self, kind: str, name: str, nested: Nested | None = None) -> tuple[Edit, ...]:
        """`resource "kind" "name" { … }` at the end of the file, with the arguments and blocks of `nested`."""
        inner = nested or Nested("")
        return self.insert_block(self.body, replace(inner, type="resource", labels=(kind, name)))

    def insert_import(self, to: str, id: str) -> tuple[Edit, ...]:  # noqa: A002
        """An `import` block for the resource with the address `to`, at the end of the file."""
        return self.insert_block(self.body, Nested("import", (), {"to": Raw(to), "id": id}))

    # -- edits ----------------------------------------------------------------------------------------------

    def _span_of(self, body: s.Body) -> tuple[int, int] | None:
        return None if body is self.body else body.at[:2]

    def _operation(self, operation: Operation) -> tuple[Edit, ...]:
        """One edit for all that the operation changes. Raises EditProblem, which names the file."""
        try:
            changes = sorted(operation.changes(Tree(self.text, self.body, self.style)))
        except EditProblem as problem:
            raise EditProblem(problem.what, where=problem.where or self.path) from problem
        start, end = changes[0][0], changes[-1][1]
        after = changed(self.text, changes)
        text = after[start : end + len(after) - len(self.text)]
        return (StructuralEdit(self._span(start, end), text, operation),)

    def _native(self, problem: str) -> None:
        if self.style.json:
            raise EditProblem(problem, where=self.path, hint="make this change by hand")

    def _where(self, node: s.Expression) -> str:
        return f"{self.path}:{node.at[2]}"

    def _span(self, start: int, end: int) -> Span:
        return Span(self.path, start, end, self.text.count("\n", 0, start) + 1)

    def difference(self, after: str, span: tuple[int, int] | None = None) -> tuple[Edit, ...]:
        """What makes `after` of the text, line by line; all that differs is in `span`."""
        start, end = span or (0, len(self.text))
        left = self.text[start:end].splitlines(keepends=True)
        right = after[start : end + len(after) - len(self.text)].splitlines(keepends=True)
        same = next((i for i, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]), None)
        same = min(len(left), len(right)) if same is None else same
        offset = start + sum(map(len, left[:same]))
        left, right = left[same:], right[same:]
        offsets = list(accumulate(map(len, left), initial=offset))
        edits: list[Edit] = []
        for kind, a, b, c, d in difflib.SequenceMatcher(a=left, b=right, autojunk=False).get_opcodes():
            if kind != "equal":
                first, last, text = _trimmed(self.text, offsets[a], offsets[b], "".join(right[c:d]))
                edits.append(Edit(self._span(first, last), text))
        return tuple(edits)


def _properties(node: s.Object) -> dict[str, s.Expression]:
    return {name: item.value for item in node.items if (name := key_of(item)) is not None}


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
