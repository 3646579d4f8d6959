"""Operations on lists, maps and bodies: each finds its place by characters, and can be carried out after others.

An operation stands in an edit, which says what it does to the file alone. Where several meet in one place (an element
leaves, another comes), `applying` carries them out one after the other instead, and moves their places along.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import TypeAlias

from reconciler.hcl import find
from reconciler.hcl import syntax as s
from reconciler.hcl.elements import Change, Elements
from reconciler.hcl.placement import Place, lines_of
from reconciler.hcl.render import EditProblem, Nested, Raw, Style
from reconciler.hcl.rewrite import key_of, sorted_index
from reconciler.model import Edit, Plain
from reconciler.records import dataclass


@dataclass(frozen=True, slots=True)
class Tree:
    """A file's text, what it says and how it is written."""

    text: str
    body: s.Body
    style: Style

    def container(self, span: tuple[int, int]) -> Elements:
        node = find.expression_at(self.body, *span)
        if not isinstance(node, s.Tuple | s.Object):
            raise EditProblem("the list or map is not there any more")
        return Elements(self.text, node, self.style)

    def place(self, span: tuple[int, int] | None) -> Place:
        body = find.body_at(self.body, span)
        if body is None:
            raise EditProblem("the block is not there any more")
        return Place(self.text, body, self.style, is_file=body is self.body)


@dataclass(frozen=True, slots=True)
class InsertElement:
    """`index` None: at the end, or with `by_key` where the key belongs among sorted ones."""

    span: tuple[int, int]
    key: str | None
    value: Plain | Raw
    index: int | None = None
    by_key: bool = False

    def changes(self, tree: Tree) -> list[Change]:
        elements = tree.container(self.span)
        index = elements.count if self.index is None else self.index
        if self.by_key and self.key is not None and isinstance(elements.node, s.Object):
            index = sorted_index(elements.node, self.key)
        return elements.insert(min(index, elements.count), self.key, self.value)


@dataclass(frozen=True, slots=True)
class RemoveElement:
    span: tuple[int, int]
    index: int
    key: str | None = None  # of a map: found by its key, wherever that has moved

    def changes(self, tree: Tree) -> list[Change]:
        elements = tree.container(self.span)
        index = self.index
        if self.key is not None:
            keys = [key_of(item) if isinstance(item, s.Item) else None for item in elements.node.items]
            if self.key not in keys:
                raise EditProblem(f'there is no element "{self.key}" to remove')
            index = keys.index(self.key)
        return elements.remove(index)


@dataclass(frozen=True, slots=True)
class InsertArguments:
    span: tuple[int, int] | None
    values: Mapping[str, Plain | Raw]

    def changes(self, tree: Tree) -> list[Change]:
        return tree.place(self.span).insert_arguments(self.values)


@dataclass(frozen=True, slots=True)
class RemoveArgument:
    span: tuple[int, int] | None
    name: str

    def changes(self, tree: Tree) -> list[Change]:
        return tree.place(self.span).remove_argument(self.name)


@dataclass(frozen=True, slots=True)
class InsertBlock:
    span: tuple[int, int] | None
    nested: Nested

    def changes(self, tree: Tree) -> list[Change]:
        return tree.place(self.span).insert_block(self.nested)


@dataclass(frozen=True, slots=True)
class RemoveBlock:
    """`span` is the block's own."""

    span: tuple[int, int]

    def changes(self, tree: Tree) -> list[Change]:
        return [lines_of(tree.text, self.span)]


Operation: TypeAlias = InsertElement | RemoveElement | InsertArguments | RemoveArgument | InsertBlock | RemoveBlock


@dataclass(frozen=True, slots=True)
class StructuralEdit(Edit):
    """What `operation` does to the file where nothing else is done to it."""

    operation: Operation = field(hash=False)


def in_order(operations: list[Operation]) -> list[Operation]:
    """Insertions before removals, so that what comes takes the place of what goes; indexes as they are by then."""
    inserts = [o for o in operations if isinstance(o, InsertElement | InsertArguments | InsertBlock)]
    removals = list(dict.fromkeys(o for o in operations if isinstance(o, RemoveElement | RemoveArgument | RemoveBlock)))
    ordered: list[Operation] = []
    for i, insert in enumerate(inserts):
        if isinstance(insert, InsertElement) and insert.index is not None:
            ordered.append(replace(insert, index=insert.index + _before(inserts[:i], insert.span, insert.index)))
        else:
            ordered.append(insert)
    moved: list[Operation] = []
    for removal in removals:
        if isinstance(removal, RemoveElement):
            moved.append(replace(removal, index=removal.index + _before(inserts, removal.span, removal.index)))
        else:
            moved.append(removal)
    moved.sort(key=lambda o: o.index if isinstance(o, RemoveElement) else 0, reverse=True)
    return ordered + moved


def _before(inserts: list[InsertElement | InsertArguments | InsertBlock], span: tuple[int, int], index: int) -> int:
    """How many of the insertions into the list at `span` come before the element that was at `index`."""
    return sum(
        isinstance(o, InsertElement) and o.span == span and o.index is not None and o.index <= index for o in inserts
    )


def moved(operation: Operation, change: Change, *, same_container: bool) -> Operation:
    """The operation where its place is after a change. Raises EditProblem where the change took its place away."""
    span = operation.span
    if span is None:
        return operation
    start, end, text = change
    by = len(text) - (end - start)
    if same_container:
        return replace(operation, span=(span[0], span[1] + by))
    if start < span[0] < end or start < span[1] < end or (start, end) == span:
        raise EditProblem("two edits change the same characters")
    first = span[0] + by if span[0] >= end else span[0]
    last = span[1] + by if span[1] >= end and (span[1] > start or span[0] >= end) else span[1]
    return replace(operation, span=(first, last))
