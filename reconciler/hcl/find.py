"""Where nodes of a tree are, by the characters they span."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.hcl import syntax as s


def expressions(body: s.Body) -> Iterator[s.Expression]:
    """The expressions of all arguments, those of blocks inside included; of JSON the root."""
    if body.json is not None:
        yield body.json
    for argument in body.arguments:
        yield argument.value
    for inner in body.blocks:
        yield from expressions(inner.body)


def expression_at(body: s.Body, start: int, end: int) -> s.Expression | None:
    """The outermost expression of exactly these characters."""
    for root in expressions(body):
        if root.at[0] <= start and end <= root.at[1]:
            found = _under(root, start, end)
            if found is not None:
                return found
    return None


def _under(root: s.Expression, start: int, end: int) -> s.Expression | None:
    level: list[s.Expression | s.Item] = [root]
    while level:
        inside = [node for node in level if node.at[0] <= start and end <= node.at[1]]
        for node in inside:
            if node.at[:2] == (start, end) and not isinstance(node, s.Item):
                return node
        level = [child for node in inside for child in s.children(node)]
    return None


def block_at(body: s.Body, position: int) -> s.Block | None:
    """The innermost block that the character at `position` belongs to."""
    found: s.Block | None = None
    blocks = body.blocks
    while inner := next((b for b in blocks if b.at[0] <= position < b.at[1]), None):
        found, blocks = inner, inner.body.blocks
    return found


def body_at(body: s.Body, span: tuple[int, int] | None) -> s.Body | None:
    """The body between these braces; None stands for the file's own."""
    if span is None:
        return body
    for block in body.blocks:
        if block.body.at[:2] == span:
            return block.body
        if block.at[0] < span[0] and span[1] < block.at[1]:
            return body_at(block.body, span)
    return None
