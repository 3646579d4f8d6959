"""Random edits of formatted code: `terraform fmt -check` still agrees, the value is there, the rest is as it was."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from reconciler.hcl import syntax as s
from reconciler.hcl.edit import Nested, Source, apply
from reconciler.hcl.elements import NotLiteral, plain_of, same
from reconciler.hcl.format import formatted
from reconciler.model import Edit, Plain
from tests.hcl import syntax_text
from tests.support.terraform import needs_terraform

_SCALARS: list[Plain] = [
    1, 0, -5, 2.5, True, False, None, "", "x", "long string " * 3, 'q"${a}%{b}\n', "a\nb\n", "ü", "443", '{"a":[1]}'
]  # fmt: skip
_KEYS = ["a", "b", "Owner", "cost:unit", "zeta", "for", "x y", "nested", "ü"]


def any_value(random_: random.Random, depth: int = 2) -> Plain:
    kind = random_.random()
    if kind < 0.35 or depth == 0:
        return random_.choice(_SCALARS)
    if kind < 0.65:
        return [any_value(random_, depth - 1) for _ in range(random_.randint(0, 4))]
    return {random_.choice(_KEYS): any_value(random_, depth - 1) for _ in range(random_.randint(0, 4))}


def moved(random_: random.Random, value: Plain) -> Plain:
    """`value` as it may have drifted."""
    if isinstance(value, list):
        items = list(value)
        for _ in range(random_.randint(1, 3)):
            kind, i = random_.random(), random_.randrange(len(items) + 1)
            if kind < 0.4:
                items.insert(i, any_value(random_, 1))
            elif kind < 0.7:
                del items[i : i + 1]
            elif i < len(items):
                items[i] = moved(random_, items[i])
        return items
    if isinstance(value, dict):
        entries = dict(value)
        for _ in range(random_.randint(1, 3)):
            key, kind = random_.choice([*entries, *_KEYS]), random_.random()
            if kind < 0.6:
                entries[key] = moved(random_, entries[key]) if key in entries else any_value(random_, 1)
            else:
                entries.pop(key, None)
        return entries
    return random_.choice([*_SCALARS, 5, "new", "n${x}", "a\nb\nc\n", 77, "8"])


def bodies(body: s.Body) -> Iterator[s.Body]:
    yield body
    for block in body.blocks:
        yield from bodies(block.body)


def expressions(body: s.Body) -> Iterator[s.Expression]:
    """Every expression that can be written over: no keys, no parts of templates."""
    level = [argument.value for inner in bodies(body) for argument in inner.arguments]
    while level:
        node = level.pop()
        yield node
        if isinstance(node, s.Object):
            level += [item.value for item in node.items]
        elif isinstance(node, s.Index):
            level.append(node.source)  # `terraform fmt` 1.11.4 makes x[] of x[null] and x[true]
        elif not isinstance(node, s.Template):
            level += [child for child in s.children(node) if not isinstance(child, s.Item)]


@dataclass(frozen=True)
class Try:
    edits: tuple[Edit, ...]
    what: str
    value: Plain = None


def replacement(random_: random.Random, source: Source) -> Try | None:
    literals: list[tuple[s.Expression, Plain]] = []
    for node in expressions(source.body):
        try:
            literals.append((node, plain_of(node)))
        except NotLiteral:
            continue
    if not literals:
        return None
    node, old = random_.choice(literals)
    new = moved(random_, old)
    return Try(source.replace(node, new), "replace", new)


def structural(random_: random.Random, source: Source) -> Try | None:
    body = random_.choice(list(bodies(source.body)))
    values = {name: any_value(random_) for name in random_.sample(["name", "new_one", "a", "tags"], 2)}
    match random_.randrange(6):
        case 0:
            return Try(source.set_attributes(body, values), "set")
        case 1 if body.arguments:
            return Try(source.remove_attribute(body, random_.choice(body.arguments).name), "remove")
        case 2:
            inner = [Nested("inner", (), {"a": any_value(random_)})] * random_.randint(0, 2)
            return Try(
                source.insert_block(body, Nested("ingress", random_.choice([(), ('l"x',)]), values, inner)), "block"
            )
        case 3 if body.blocks:
            return Try(source.remove_block(random_.choice(body.blocks)), "remove block")
        case 4:
            return Try(source.insert_resource("aws_x", "y", Nested("", (), values)), "resource")
        case 5:
            return element(random_, source)
        case _:
            return None


def element(random_: random.Random, source: Source) -> Try | None:
    nodes = [node for node in expressions(source.body) if isinstance(node, (s.Tuple, s.Object))]
    if not nodes:
        return None
    node = random_.choice(nodes)
    if node.items and random_.random() < 0.5:
        return Try(source.remove_element(node, random_.randrange(len(node.items))), "remove element")
    key = random_.choice(["k", "k v"]) if isinstance(node, s.Object) else None
    index = random_.randint(0, len(node.items))
    return Try(source.insert_element(node, any_value(random_), key=key, index=index), "insert element")


def document(random_: random.Random) -> str:
    blocks = syntax_text.blocks()
    text = formatted("".join(random_.sample(blocks, random_.randint(1, 5))))
    return text.replace("\n", "\r\n") if random_.random() < 0.2 else text


def says(source: Source, value: Plain) -> bool:
    """Some expression has this value; numbers may have stayed in quotes, JSON in a text of its own."""
    for node in expressions(source.body):
        try:
            found = plain_of(node)
        except NotLiteral:
            continue
        if same(found, value) or (isinstance(found, str) and found.lower() == str(value).lower()):
            return True
    return False


@needs_terraform
def test_random_edits_leave_code_as_terraform_fmt_would(tmp_path: Path) -> None:
    random_ = random.Random(23)
    befores: list[str] = []
    afters: list[str] = []
    for _ in range(700):
        before = document(random_)
        source = Source.parse("main.tf", before.encode())
        tried = replacement(random_, source) if random_.random() < 0.5 else structural(random_, source)
        if tried is None:
            continue
        after = apply("main.tf", before, tried.edits)
        if tried.what == "replace" and "\r" not in before and tried.value is not None:
            assert says(Source.parse("main.tf", after.encode()), tried.value), (tried, after)
        befores.append(before)
        afters.append(after)
    assert len(afters) > 500
    dirty_before = syntax_text.unformatted(tmp_path / "before", befores)
    dirty_after = syntax_text.unformatted(tmp_path / "after", afters)
    assert len(dirty_before) < 100
    assert [afters[i] for i in sorted(dirty_after - dirty_before)] == []


def test_random_edits_of_unformatted_code_change_nothing_else() -> None:
    random_ = random.Random(24)
    for _ in range(200):
        text = document(random_).replace(" = ", "=").replace("  ", "\t")
        source = Source.parse("main.tf", text.encode())
        tried = replacement(random_, source)
        if tried is None or not tried.edits:
            continue
        after = apply("main.tf", text, tried.edits)
        spans = [edit.span for edit in tried.edits]
        first, last = min(span.start for span in spans), max(span.end for span in spans)
        assert after[:first] == text[:first]
        assert after.endswith(cast(str, text[last:]))
