"""Native syntax: what Terraform accepts and refuses, where nodes stand, what literals say, what is bounded."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.hcl import parse
from reconciler.hcl import syntax as s
from reconciler.hcl.parse import SyntaxProblem, parse_expression, parse_file, parse_template
from tests.hcl import syntax_text

RECORDED = syntax_text.recorded()
# Terraform names the end of the file for what is never closed; we name what was opened.
OTHER_LINE = {b"a = <<EOT\n${x\nEOT\n", b"a = (1\n"}


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: case.name)
def test_agrees_with_terraforms_recorded_verdict(case: syntax_text.Case) -> None:
    if case.accepted:
        parse_file("main.tf", case.source)
        return
    with pytest.raises(SyntaxProblem) as refusal:
        parse_file("main.tf", case.source)
    assert refusal.value.file == "main.tf"
    assert len(refusal.value.reason) > 5
    if case.source not in OTHER_LINE:
        assert refusal.value.line == case.line


# -- spans ----------------------------------------------------------------------------------------------------


def every_expression(body: s.Body) -> Iterator[s.Expression | s.Item]:
    level: list[s.Expression | s.Item] = [argument.value for argument in body.arguments]
    while level:
        node = level.pop()
        yield node
        level += s.children(node)
    for block in body.blocks:
        yield from every_expression(block.body)


def unplaced(node: object) -> str:
    """The tree without its positions."""
    import re

    return re.sub(r"at=\(\d+, \d+, \d+\)|header=\(\d+, \d+, \d+\)", "", repr(node))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_span_holds_exactly_its_expression(newline: str) -> None:
    text = syntax_text.estate().replace("\n", newline)
    body = parse_file("main.tf", text.encode())
    checked = 0
    for node in every_expression(body):
        start, end, line = node.at
        assert line == text.count("\n", 0, start) + 1
        if isinstance(node, (s.Item, s.SplatItem, s.TemplateIf, s.TemplateFor)):
            continue
        written = text[start:end]
        if isinstance(node, s.Literal) and isinstance(node.value, str) and written[:1] not in ('"', "<"):
            continue  # the text of a template, the bare key of an object
        if isinstance(node, s.Template) and written[:1] not in ('"', "<"):
            continue  # what a directive encloses
        if _over_item(node):
            continue
        again = parse_expression(text, start=start, end=end + (len(newline) if written.startswith("<<") else 0))
        assert again.at[0] == start
        assert unplaced(again) == unplaced(node)
        checked += 1
    assert checked > 150


def _over_item(node: s.Expression | s.Item) -> bool:
    """What stands inside a splat begins with the marker, and is no expression by itself."""
    return isinstance(node, s.SplatItem) or any(map(_over_item, s.children(node)[:1]))


def test_random_splices_change_one_expression_only() -> None:
    random_ = random.Random(7)
    text = syntax_text.estate()
    body = parse_file("main.tf", text.encode())
    arguments = [argument for block in body.blocks for argument in block.body.arguments]
    for _ in range(100):
        argument = random_.choice(arguments)
        start, end, _ = argument.value.at
        spliced = text[:start] + '"spliced"' + text[end:]
        again = parse_file("main.tf", spliced.encode())
        old = [unplaced(a) for block in body.blocks for a in block.body.arguments]
        new = [unplaced(a) for block in again.blocks for a in block.body.arguments]
        assert sum(a != b for a, b in zip(old, new, strict=True)) == 1


def test_blocks_arguments_and_headers_stand_where_they_are() -> None:
    text = '\ufeffa "l" m { # c\n  x = [1,\n 2] # d\n}\n'
    (block,) = parse_file("main.tf", text.encode()).blocks
    (argument,) = block.body.arguments
    assert (block.type, block.labels) == ("a", ("l", "m"))
    assert text[slice(*block.at[:2])] == text[1:-1]
    assert text[slice(*block.header[:2])] == 'a "l" m'
    assert text[slice(*argument.at[:2])] == "x = [1,\n 2]"
    assert text[slice(*block.body.at[:2])] == " # c\n  x = [1,\n 2] # d\n"
    assert argument.at[2] == 2


# -- what expressions mean ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("x.a.0.b", 'Attribute(Index(Attribute(Name("x"), "a"), 0), "b")'),
        ("x.*.a[0].b", 'Attribute(Index(attr-splat(Name("x"), Attribute(it, "a")), 0), "b")'),
        ("x[*].a[0].b", 'splat(Name("x"), Attribute(Index(Attribute(it, "a"), 0), "b"))'),
        ("x[*].y[*].z", 'splat(Name("x"), splat(Attribute(it, "y"), Attribute(it, "z")))'),
        ("x.*.0.y", 'attr-splat(Name("x"), Attribute(Index(it, 0), "y"))'),
        ("-x.a + !b", '(-Attribute(Name("x"), "a") + !Name("b"))'),
        ("a - b - c * d", '((Name("a") - Name("b")) - (Name("c") * Name("d")))'),
        ("a || b && c == d", '(Name("a") || (Name("b") && (Name("c") == Name("d"))))'),
        ("a ? b : c ? d : e", '(Name("a") ? Name("b") : (Name("c") ? Name("d") : Name("e")))'),
        ("{ a = 1, (a) = 2, null : 3, 4 = a.b }", '{"a": 1, (Name("a")): 2, "null": 3, 4: Attribute(Name("a"), "b")}'),
        ("null.x", 'Attribute(None, "x")'),
        ("provider::aws::f(a, b...)", 'provider::aws::f(Name("a"), Name("b")...)'),
        ("[for in in for : if if if]", '[for _, in in Name("for"): Name("if") if Name("if")]'),
        ("{ for k, v in m : k => v... if v }", '{for k, v in Name("m"): Name("k") => Name("v")... if Name("v")}'),
    ],
)
def test_trees(text: str, tree: str) -> None:
    assert sketch(parse_expression(text)) == tree


def sketch(node: s.Expression | s.Item) -> str:  # noqa: C901
    match node:
        case s.Literal(value):
            return str(value) if isinstance(value, Decimal) or not isinstance(value, str) else f'"{value}"'
        case s.Name(name):
            return f'Name("{name}")'
        case s.SplatItem():
            return "it"
        case s.Attribute(source, name):
            return f'Attribute({sketch(source)}, "{name}")'
        case s.Index(source, key):
            return f"Index({sketch(source)}, {sketch(key)})"
        case s.Splat(source, each, full):
            return f"{'splat' if full else 'attr-splat'}({sketch(source)}, {sketch(each)})"
        case s.Unary(operator, operand):
            return operator + sketch(operand)
        case s.Binary(operator, left, right):
            return f"({sketch(left)} {operator} {sketch(right)})"
        case s.Conditional(condition, then, otherwise):
            return f"({sketch(condition)} ? {sketch(then)} : {sketch(otherwise)})"
        case s.Parentheses(inner):
            return f"({sketch(inner)})"
        case s.Item(key, value):
            return f"{sketch(key)}: {sketch(value)}"
        case s.Object(items):
            return "{" + ", ".join(map(sketch, items)) + "}"
        case s.Call(name, arguments, expand):
            return f"{name}({', '.join(map(sketch, arguments))}{'...' if expand else ''})"
        case s.ForTuple(key, value, collection, body, condition):
            tail = f" if {sketch(condition)}" if condition else ""
            return f"[for {key or '_'}, {value} in {sketch(collection)}: {sketch(body)}{tail}]"
        case s.ForObject(key, value, collection, body_key, body, grouped, condition):
            tail = ("..." if grouped else "") + (f" if {sketch(condition)}" if condition else "")
            return f"{{for {key}, {value} in {sketch(collection)}: {sketch(body_key)} => {sketch(body)}{tail}}}"
        case _:
            raise AssertionError(node)


def test_one_interpolation_alone_passes_its_value_through_and_nothing_else_does() -> None:
    for text, parts in [('"${x}"', 1), ('"${x}${""}"', 2), ('" ${~ x}"', 2), ('"%{ if x }${y}%{ endif }"', 2)]:
        node = parse_expression(text)
        assert isinstance(node, s.Template)
        assert len(node.parts) == parts
    condition = parse_expression('"%{ if x }${y}%{ endif }"')
    assert isinstance(condition, s.Template)
    directive = condition.parts[0]
    assert isinstance(directive, s.TemplateIf)
    assert len(directive.then.parts) == 2  # a branch is a string, whatever is interpolated


def test_numbers_keep_every_digit() -> None:
    text = "123456789012345678901234567890.000000000000000000001"
    assert parse_expression(text) == s.Literal(Decimal(text), (0, len(text), 1))


def test_strings_are_nfc() -> None:
    assert parse_template("e\u0301") == s.Literal("é", (0, 2, 1))


# -- bounds ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [("(", ")"), ("[", "]"), ("{a=", "}"), ("f(", ")"), ('"${', '}"'), ("!", ""), ("-", ""), ("a ? b : ", "")],
)
@pytest.mark.parametrize("depth", [10, 60, 130, 1_000, 100_000])
def test_depth_is_bounded(before: str, after: str, depth: int) -> None:
    source = f"a = {before * depth}x{after * depth}\n".encode()
    try:
        parse_file("main.tf", source)
    except SyntaxProblem as problem:
        assert depth > 30
        assert "levels deep" in problem.reason
    else:
        assert depth < 130


@pytest.mark.parametrize(
    "text", ["x" + ".y" * 10_000, "x" + " + x" * 10_000, "x" + "[0]" * 10_000, "x" + "[*]" * 10_000]
)
def test_long_chains_are_bounded(text: str) -> None:
    with pytest.raises(SyntaxProblem, match="levels deep"):
        parse_file("main.tf", f"a = {text}\n".encode())


def test_nested_blocks_are_bounded() -> None:
    parse_file("main.tf", b"a {\n" * 60 + b"}\n" * 60)
    with pytest.raises(SyntaxProblem, match="levels deep"):
        parse_file("main.tf", b"a {\n" * 5_000 + b"}\n" * 5_000)


def test_huge_files_are_refused() -> None:
    with pytest.raises(SyntaxProblem, match="MiB"):
        parse_file("main.tf", b"#" * (parse.MAX_BYTES + 1))


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "source",
    ["/*" * 200_000, '"' * 200_000, "a = " + "<<E\n" * 100_000, "a = " + "1" * 500_000, "é" * 200_000, "a\n" * 100_000,
     "a = " + "." * 200_000, "#\n" * 200_000, '"${' * 100_000, "a = [" + "1," * 100_000 + "]\n", "\\" * 200_000],
    ids=lambda source: repr(source[:8]),
)  # fmt: skip
def test_nothing_takes_more_than_linear_time(source: str) -> None:
    import contextlib

    with contextlib.suppress(SyntaxProblem):
        parse_file("main.tf", source.encode())


ALPHABET = st.sampled_from(
    [*'{}[]()"$%~.=,:?!&|<>*/#\\\n\r\t -_aé1', "${", "%{", "<<A\n", "\nA\n", "for ", "in ", "if "]
)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.lists(ALPHABET, max_size=60).map("".join).map(str.encode), st.binary(max_size=60)))
def test_any_input_parses_or_is_refused(source: bytes) -> None:
    for path in ("main.tf", "main.tf.json"):
        try:
            parse_file(path, source)
        except SyntaxProblem as problem:
            assert 1 <= problem.line <= source.count(b"\n") + 1
            assert problem.reason
