"""Edits carried out: spliced in, and the lines around them left as `terraform fmt` would leave them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

from reconciler.hcl import parse
from reconciler.hcl.format import formatted
from reconciler.hcl.operations import StructuralEdit, Tree, in_order, moved
from reconciler.hcl.render import EditProblem
from reconciler.hcl.rewrite import changed
from reconciler.hcl.source import Source
from reconciler.model import Edit, Span


def apply(path: str, text: str, edits: Sequence[Edit]) -> str:
    """The text after all edits. Insertions at one place come in the order given.

    Lines that were as `terraform fmt` leaves them are so again. Raises EditProblem where edits overlap, or where
    the result would be no Terraform.
    """
    structural = [edit for edit in edits if isinstance(edit, StructuralEdit)]
    if len(structural) > 1 or (structural and _overlap(edits)):
        edits = _one_after_the_other(path, text, edits)
    ordered = sorted(edits, key=_place)
    overlap = _overlap(ordered)
    if overlap is not None:
        raise EditProblem("two edits change the same characters", where=str(overlap))
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


def _place(edit: Edit) -> tuple[int, int]:
    return (edit.span.start, edit.span.end)


def _overlap(edits: Sequence[Edit]) -> Span | None:
    """Where two edits change the same characters."""
    spans = [edit.span for edit in sorted(edits, key=_place)]
    return next((second for first, second in pairwise(spans) if second.start < first.end), None)


def _one_after_the_other(path: str, text: str, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Plain edits first, then operations, each where its place is by then; as plain edits of `text`."""
    plain = [edit for edit in edits if not isinstance(edit, StructuralEdit)]
    if _overlap(plain) is not None:
        return tuple(edits)
    operations = in_order([edit.operation for edit in edits if isinstance(edit, StructuralEdit)])
    source = Source.parse(path, parse.encode(text))
    try:
        after = text
        for edit in sorted(plain, key=_place, reverse=True):
            change = (edit.span.start, edit.span.end, edit.text)
            operations = [moved(operation, change, same_container=False) for operation in operations]
            after = changed(after, [change])
        while operations:
            operation, *operations = operations
            current = Source.parse(path, parse.encode(after))
            for change in sorted(operation.changes(Tree(after, current.body, source.style)), reverse=True):
                operations = [moved(o, change, same_container=o.span == operation.span) for o in operations]
                after = changed(after, [change])
                operation = moved(operation, change, same_container=True)
    except (parse.SyntaxProblem, EditProblem) as problem:
        raise EditProblem(f"the edits do not go together: {problem.what}", where=path) from problem
    return source.difference(after)


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
