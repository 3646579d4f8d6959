"""Edits: what changes, what stays, what is refused."""
# ruff: noqa: E501, FBT003 -- one row of a table is one line

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import pytest

from reconciler.hcl import syntax as s
from reconciler.hcl.edit import EditProblem, Nested, Raw, Source, apply, render
from reconciler.hcl.elements import plain_of, same
from reconciler.hcl.format import formatted
from reconciler.hcl.parse import body_of, parse_expression
from reconciler.hcl.render import Style
from reconciler.model import UNKNOWN, Edit, Plain, Span


@dataclass(frozen=True)
class Replacement:
    """`a = <before>` in a block becomes `a = <after>` where `value` is written over it."""

    name: str
    before: str
    value: Plain
    after: str
    ordered: bool = True


REPLACEMENTS = [
    Replacement("number", "60", 5, "5"),
    Replacement("number_in_quotes", '"443"', 8443, '"8443"'),
    Replacement("bool_in_quotes", '"true"', False, '"false"'),
    Replacement("string", '"x"', 'a "${b}" %{c}\n\\', '"a \\"$${b}\\" %%{c}\\n\\\\"'),
    Replacement("string_to_number_stays_a_number", "5", 6.5, "6.5"),
    Replacement("null", '"x"', None, "null"),
    Replacement("parentheses", '("x")', "y", '("y")'),
    Replacement("list_element", '["a", "b"]', ["a", "c"], '["a", "c"]'),
    Replacement("list_insert", '["a", "c"]', ["a", "b", "c"], '["a", "b", "c"]'),
    Replacement("list_append", '["a", ]', ["a", "b"], '["a", "b", ]'),
    Replacement("list_remove", '["a", "b", "c"]', ["a", "c"], '["a", "c"]'),
    Replacement("list_remove_first", '["a", "b"]', ["b"], '["b"]'),
    Replacement("list_remove_all", '["a", "b"]', [], "[]"),
    Replacement("list_fill", "[]", ["a"], '["a"]'),
    Replacement("list_fill_object", "[]", [{"a": 1}], "[\n    {\n      a = 1\n    },\n  ]"),
    Replacement("lines_append", '[\n    "a", # one\n    "b"\n  ]', ["a", "b", "c"], '[\n    "a", # one\n    "b",\n    "c"\n  ]'),
    Replacement("lines_trailing", '[\n    "a",\n    "b", # t\n  ]', ["a", "b", "c"], '[\n    "a",\n    "b", # t\n    "c",\n  ]'),
    Replacement("lines_comment_no_comma", '[\n    "a" # t\n  ]', ["a", "c"], '[\n    "a", # t\n    "c",\n  ]'),
    Replacement("lines_first", '[\n    # note\n    "b",\n  ]', ["a", "b"], '[\n    # note\n    "a",\n    "b",\n  ]'),
    Replacement("lines_remove", '[\n    "a", # one\n    # note\n    "b",\n  ]', ["b"], '[\n    # note\n    "b",\n  ]'),
    Replacement("lines_remove_last", '[\n    "a",\n    "b"\n  ]', ["a"], '[\n    "a"\n  ]'),
    Replacement("set_keeps_order", '["z", "b", "a"]', ["a", "c", "z"], '["z", "c", "a"]', ordered=False),
    Replacement("map_value", '{ a = 1, "b" = 2 }', {"a": 1, "b": 3}, '{ a = 1, "b" = 3 }'),
    Replacement("map_insert_inline", "{ b = 1 }", {"b": 1, "a c": 2}, '{ b = 1, "a c" = 2 }'),
    Replacement("map_insert_sorted", "{\n    a = 1\n    c = 3\n  }", {"a": 1, "b": 2, "c": 3}, "{\n    a = 1\n    b = 2\n    c = 3\n  }"),
    Replacement("map_insert_realigns", "{\n    a = 1 # x\n    b = 2\n  }", {"a": 1, "b": 2, "long": 3}, "{\n    a    = 1 # x\n    b    = 2\n    long = 3\n  }"),
    Replacement("map_remove_realigns", "{\n    a    = 1 # x\n    long = 2\n  }", {"a": 1}, "{\n    a = 1 # x\n  }"),
    Replacement("map_commas", "{\n    a = 1,\n    b = 2,\n  }", {"a": 1, "b": 2, "c": 3}, "{\n    a = 1,\n    b = 2,\n    c = 3,\n  }"),
    Replacement("map_fill", "{}", {"a": 1, "for": "${x}"}, '{\n    a     = 1\n    "for" = "$${x}"\n  }'),
    Replacement("map_empty", "{\n    a = 1\n  }", {}, "{}"),
    Replacement("references_stay", "[var.a, 2]", ["kept?", 3], '["kept?", 3]'),
    Replacement("jsonencode", 'jsonencode({\n    a = ["x"] # c\n  })', '{"a":["x","y"],"b":1}', 'jsonencode({\n    a = ["x", "y"] # c\n    b = 1\n  })'),
    Replacement("jsonencode_no_json", "jsonencode({})", "text", '"text"'),
    Replacement("heredoc", "<<EOT\na\nEOT", "b ${c}\n\nd\n", "<<EOT\nb $${c}\n\nd\nEOT"),
    Replacement("heredoc_flush", "<<-EOT\n    a\n      b\n  EOT", "a\n  c\n", "<<-EOT\n    a\n      c\n  EOT"),
    Replacement("heredoc_no_newline", "<<EOT\na\nEOT", "b", '"b"'),
    Replacement("heredoc_json", '<<EOT\n{\n  "a": 1\n}\nEOT', '{"a":2,"b":[]}', '<<EOT\n{\n  "a": 2,\n  "b": []\n}\nEOT'),
    Replacement("expression", "var.x ? 1 : 2", 3, "3"),
]  # fmt: skip


def in_block(expression: str) -> str:
    return f'resource "t" "n" {{\n  # note\n  a = {expression}\n\n  other = 1 # c\n}}\n'


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("case", REPLACEMENTS, ids=lambda case: case.name)
def test_replace(case: Replacement, newline: str) -> None:
    text = in_block(case.before).replace("\n", newline)
    source = Source.parse("main.tf", text.encode())
    node = source.body.blocks[0].body.arguments[0].value
    result = apply("main.tf", text, source.replace(node, case.value, ordered=case.ordered))
    assert result == in_block(case.after).replace("\n", newline)


def test_what_says_it_already_is_not_touched() -> None:
    text = in_block("{ k = [1,   2 ], (var.x) = null }")
    source = Source.parse("main.tf", text.encode())
    node = cast(s.Object, source.body.blocks[0].body.arguments[0].value)
    assert source.replace(node.items[0].value, [1, 2.0]) == ()
    assert source.replace(node, {"k": [1, 2], "x": None}, old={"x": None, "k": [1, 2]}) == ()


def test_elements_that_are_no_literals_stay_where_their_values_did() -> None:
    text = in_block('[var.a, "b", module.c.d]')
    source = Source.parse("main.tf", text.encode())
    node = source.body.blocks[0].body.arguments[0].value
    edits = source.replace(node, ["1", "x", "3"], old=["1", "b", "3"])
    assert apply("main.tf", text, edits) == in_block('[var.a, "x", module.c.d]')


BODY = """module "m" {
  source = "./m" # where

  # size
  size    = 1
  one { a = 1 }
  two {}

  three {
    x = 1
  }

  depends_on = [a.b]
}
"""


@dataclass(frozen=True)
class Change:
    name: str
    text: str
    edit: Callable[[Source, s.Block], tuple[Edit, ...]]
    after: str


def _inner(block: s.Block, kind: str) -> s.Block:
    return next(inner for inner in block.body.blocks if inner.type == kind)


CHANGES = [
    Change(
        "set_new", "b {\n  a = 1 # x\n}\n",
        lambda f, b: f.set_attributes(b.body, {"name": "x", "list": [Raw("var.y").text]}),
        'b {\n  a    = 1 # x\n  name = "x"\n  list = ["var.y"]\n}\n',
    ),
    Change("set_old", "b {\n  a  = 1\n  bb = 2\n}\n", lambda f, b: f.set_attributes(b.body, {"a": [1, 2]}), "b {\n  a  = [1, 2]\n  bb = 2\n}\n"),
    Change("set_reference", "b {\n}\n", lambda f, b: f.set_attributes(b.body, {"a": Raw("var.x[0]")}), "b {\n  a = var.x[0]\n}\n"),
    Change("set_empty", "b {}\n", lambda f, b: f.set_attributes(b.body, {"a": {"k": 1}}), "b {\n  a = {\n    k = 1\n  }\n}\n"),
    Change("set_one_line", "b { a = 1 }\n", lambda f, b: f.set_attributes(b.body, {"a": 2, "bc": 3}), "b {\n  a  = 2\n  bc = 3\n}\n"),
    Change("set_before_blocks", "b {\n  c {}\n}\n", lambda f, b: f.set_attributes(b.body, {"a": 2}), "b {\n  a = 2\n\n  c {}\n}\n"),
    Change(
        "set_before_depends_on", "b {\n  a = 1\n\n  depends_on = []\n}\n", lambda f, b: f.set_attributes(b.body, {"bc": 2}),
        "b {\n  a  = 1\n  bc = 2\n\n  depends_on = []\n}\n",
    ),
    Change("set_tabs", "b {\n\ta=1\n\n\tc {\n\t\td = 1\n\t}\n}\n", lambda f, b: f.set_attributes(_inner(b, "c").body, {"e": {"f": 1}}),
           "b {\n\ta=1\n\n\tc {\n\t\td = 1\n\t\te = {\n\t\t\tf = 1\n\t\t}\n\t}\n}\n"),
    Change("remove", "b {\n  a  = 1 # x\n  bc = 2\n}\n", lambda f, b: f.remove_attribute(b.body, "bc"), "b {\n  a = 1 # x\n}\n"),
    Change("remove_lines", "b {\n  a = [\n    1,\n  ]\n\n  # note\n  c = 1\n}\n", lambda f, b: f.remove_attribute(b.body, "a"), "b {\n  # note\n  c = 1\n}\n"),
    Change("remove_between", "b {\n  a = 1\n\n  c = 1\n\n  d = 1\n}\n", lambda f, b: f.remove_attribute(b.body, "c"), "b {\n  a = 1\n\n  d = 1\n}\n"),
    Change("remove_last", "b {\n  a = 1\n\n  c = 1\n}\n", lambda f, b: f.remove_attribute(b.body, "c"), "b {\n  a = 1\n}\n"),
    Change("remove_one_line", "b { a = 1 }\n", lambda f, b: f.remove_attribute(b.body, "a"), "b {}\n"),
    Change(
        "insert_block", "b {\n  a = 1\n\n  lifecycle {\n    x = []\n  }\n}\n",
        lambda f, b: f.insert_block(b.body, Nested("in", ("l",), {"from": 1, "b": "x"}, [Nested("e"), Nested("g", (), {"h": 1})])),
        'b {\n  a = 1\n\n  in "l" {\n    from = 1\n    b    = "x"\n\n    e {}\n\n    g {\n      h = 1\n    }\n  }\n\n  lifecycle {\n    x = []\n  }\n}\n',
    ),
    Change(
        "insert_block_after_its_like", "b {\n  in {\n    a = 1\n  }\n\n  z {}\n}\n", lambda f, b: f.insert_block(b.body, Nested("in", (), {"a": 2})),
        "b {\n  in {\n    a = 1\n  }\n\n  in {\n    a = 2\n  }\n\n  z {}\n}\n",
    ),
    Change("insert_block_into_empty", "b {}\n", lambda f, b: f.insert_block(b.body, Nested("c")), "b {\n  c {}\n}\n"),
    Change("remove_block", "b {\n  a = 1\n\n  c {\n    d = 1\n  }\n}\n", lambda f, b: f.remove_block(_inner(b, "c")), "b {\n  a = 1\n}\n"),
    Change("remove_resource", "# one\nb {}\n\nc {}\n", lambda f, b: f.remove_block(b), "# one\n\nc {}\n"),
    Change("insert_resource", "b {}\n", lambda f, _: f.insert_resource("t", "n", Nested("", (), {"a": 1})), 'b {}\n\nresource "t" "n" {\n  a = 1\n}\n'),
    Change("insert_import", "b {}", lambda f, _: f.insert_import('a.b["c"]', "i${d}"), 'b {}\n\nimport {\n  to = a.b["c"]\n  id = "i$${d}"\n}\n'),
    Change("several", BODY, lambda f, b: (*f.set_attributes(b.body, {"source": "./n", "visibility": 3}), *f.remove_block(_inner(b, "two")), *f.set_attributes(_inner(b, "three").body, {"x": 2})),
           BODY.replace("./m", "./n").replace("  size    = 1\n  one", "  size = 1\n  one").replace("  two {}\n\n", "\n").replace("x = 1", "x = 2")
           .replace("[a.b]\n", "[a.b]\n").replace("  size = 1\n", "  size       = 1\n  visibility = 3\n")),
]  # fmt: skip


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("case", CHANGES, ids=lambda case: case.name)
def test_change(case: Change, newline: str) -> None:
    before = case.text if case.name == "set_tabs" else formatted(case.text)
    text = before.replace("\n", newline)
    source = Source.parse("main.tf", text.encode())
    result = apply("main.tf", text, case.edit(source, source.body.blocks[0]))
    assert result == (case.after.replace("\n", newline) if "\n" in text else case.after)


def test_tfvars_are_bodies_too() -> None:
    text = "a   = 1 # x\nccc = 2"
    source = Source.parse("prod.tfvars", text.encode())
    edits = (*source.set_attributes(source.body, {"a": 5, "bbbb": [1]}), *source.remove_attribute(source.body, "ccc"))
    assert apply("prod.tfvars", text, edits[:1]) == "a   = 5 # x\nccc = 2"
    assert apply("prod.tfvars", text, edits[:2]) == "a    = 5 # x\nccc  = 2\nbbbb = [1]"
    assert apply("prod.tfvars", text, edits[2:]) == "a = 1 # x\n"
    empty = Source.parse("new.tfvars", b"")
    assert apply("new.tfvars", "", empty.set_attributes(empty.body, {"a": 1})) == "a = 1\n"


def test_where_the_lines_were_not_formatted_only_the_edit_changes() -> None:
    text = "b {\n    a=1\n  bc   =   2 // keep\n}\n\nc {\n  a = 1\n}\n"
    source = Source.parse("main.tf", text.encode())
    edits = (
        *source.replace(source.body.blocks[0].body.arguments[0].value, [1, 2]),
        *source.set_attributes(source.body.blocks[1].body, {"long": 1}),
    )
    assert (
        apply("main.tf", text, edits)
        == "b {\n    a=[1, 2]\n  bc   =   2 // keep\n}\n\nc {\n  a    = 1\n  long = 1\n}\n"
    )


def test_bytes_that_are_no_utf8_stay_in_comments() -> None:
    content = b"# caf\xe9\na = 1\n"
    source = Source.parse("main.tf", content)
    edits = source.replace(source.body.arguments[0].value, 2)
    assert apply("main.tf", source.text, edits).encode("utf-8", "surrogateescape") == b"# caf\xe9\na = 2\n"


# -- finding --------------------------------------------------------------------------------------------------


def test_nodes_are_found_by_their_spans() -> None:
    text = in_block('{ k = [var.x, "${var.y}-z"] }')
    source = Source.parse("main.tf", text.encode())
    for written in ("var.x", '"${var.y}-z"', "var.y", '[var.x, "${var.y}-z"]'):
        start = text.index(written)
        node = source.node(Span("main.tf", start, start + len(written), 3))
        assert text[slice(*node.at[:2])] == written
    with pytest.raises(EditProblem, match=r"main\.tf:3"):
        source.node(Span("main.tf", start + 1, start + 3, 3))
    assert source.block(text.index("other")).type == "resource"
    with pytest.raises(EditProblem):
        source.block(len(text))


# -- JSON -----------------------------------------------------------------------------------------------------

JSON = '{\n  "resource": {\n    "t": {\n      "n": {\n        "a": "x-${var.b}",\n        "list": ["p", "q"],\n        "tags": {}\n      }\n    }\n  }\n}\n'


def test_json_values_are_edited_in_place() -> None:
    source = Source.parse("main.tf.json", JSON.encode())
    (block,) = body_of(source.body, {"resource": 2}).blocks
    body = body_of(block.body, {})
    edits = (
        *source.set_attributes(body, {"a": 'y "${c}"', "new": {"k": [1]}, "tags": {"Owner": "me"}}),
        *source.replace(body.arguments[1].value, ["p", "r", "q"]),
    )
    result = apply("main.tf.json", source.text, edits)
    wanted = json.loads(JSON)
    wanted["resource"]["t"]["n"] |= {
        "a": 'y "$${c}"',
        "new": {"k": [1]},
        "tags": {"Owner": "me"},
        "list": ["p", "r", "q"],
    }
    assert json.loads(result) == wanted
    assert '        "list": ["p", "r", "q"],\n        "new": {\n          "k": [\n' in result
    assert '        "tags": {\n          "Owner": "me"\n        }\n      }\n' in result
    assert result.startswith(JSON[: JSON.index('"x-')])
    removed = apply("main.tf.json", source.text, source.remove_attribute(body, "tags"))
    assert removed == JSON.replace(',\n        "tags": {}', "")


def test_json_variables_are_no_templates() -> None:
    source = Source.parse("x.tfvars.json", b'{"a": "1"}')
    edits = source.set_attributes(body_of(source.body, {}), {"a": "${b}"})
    assert apply("x.tfvars.json", source.text, edits) == '{"a": "${b}"}'


def test_json_blocks_are_refused() -> None:
    source = Source.parse("main.tf.json", JSON.encode())
    with pytest.raises(EditProblem, match="block"):
        source.insert_resource("t", "m")


# -- refusals -------------------------------------------------------------------------------------------------


def test_overlapping_edits_are_refused() -> None:
    source = Source.parse("main.tf", b"a = [1, 2]\n")
    node = cast(s.Tuple, source.body.arguments[0].value)
    edits = (*source.replace(node.items[0], [5]), Edit(Span("main.tf", 3, 8, 1), " 7"))
    with pytest.raises(EditProblem, match="same characters"):
        apply("main.tf", source.text, edits)


@pytest.mark.parametrize(("span", "text"), [((0, 1), "("), ((4, 5), '"'), ((4, 500), "1"), ((6, 6), "a = 2\n")])
def test_edits_that_leave_no_terraform_are_refused(span: tuple[int, int], text: str) -> None:
    with pytest.raises(EditProblem):
        apply("main.tf", "a = 1\n", [Edit(Span("main.tf", *span, 1), text)])


def test_what_cannot_be_written_is_refused() -> None:
    source = Source.parse("main.tf", b'a = "x-${b}"\n')
    template = cast(s.Template, source.body.arguments[0].value)
    with pytest.raises(EditProblem, match="known after apply"):
        source.replace(template, [UNKNOWN])
    with pytest.raises(EditProblem, match="part of a template"):
        source.replace(template.parts[0], "y")
    with pytest.raises(EditProblem, match="no argument"):
        source.remove_attribute(source.body, "b")
    with pytest.raises(EditProblem, match="number"):
        render(float("inf"))


# -- literals -------------------------------------------------------------------------------------------------


def test_long_lists_take_a_line_for_each_element() -> None:
    assert render(["short", 1]) == '["short", 1]'
    long = ["arn:aws:sqs:eu-west-1:123456789012:one", "arn:aws:sqs:eu-west-1:123456789012:two"]
    assert render(cast("Plain", long), "  ") == f'[\n    "{long[0]}",\n    "{long[1]}",\n  ]'


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        1.5,
        1e21,
        10**30,
        True,
        None,
        "",
        '\x00\x1f\x7f\u2028é"\\\r\n\t',
        "$${a}",
        "%%{",
        [[]],
        {"a-b": {"1": []}},
    ],
)
def test_literals_say_what_they_should(value: Plain) -> None:
    assert same(plain_of(parse_expression(render(value))), value)
    json_style = Style(json=True, templates=False)
    assert json.loads(render(value, style=json_style)) == value


# -- several edits in one place -------------------------------------------------------------------------------

LAYOUTS = [
    "{{ a = 1, b = 2, c = 3 }}",
    "{{ a = 1, b = 2, c = 3, }}",
    "{{\n    a = 1\n    b = 2 # two\n    c = 3\n  }}",
    "{{\n    a = 1,\n    b = 2, # two\n    c = 3\n  }}",
    "{{\n    a = 1,\n    # note\n    b = 2,\n    c = 3,\n  }}",
]


def _maps() -> list[tuple[str, list[str], dict[str, int], dict[str, int]]]:
    texts = [layout.replace("{{", "{").replace("}}", "}") for layout in LAYOUTS]
    removals: list[list[str]] = [[], ["a"], ["c"], ["a", "c"], ["b", "c"], ["a", "b", "c"]]
    return [
        (text, removed, added, changed)
        for text in texts
        for removed in removals
        for added in ({}, {"d": 4}, {"d": 4, "aa": 5})
        for changed in ({}, {"b": 20})
    ]


@pytest.mark.parametrize(("text", "removed", "added", "changed"), _maps())
def test_entries_come_go_and_change_in_one_map(
    text: str, removed: list[str], added: dict[str, int], changed: dict[str, int]
) -> None:
    whole = formatted(in_block(text))
    source = Source.parse("main.tf", whole.encode())
    node = cast(s.Object, source.body.blocks[0].body.arguments[0].value)
    edits: list[Edit] = []
    for name in removed:
        edits += source.remove_element(node, name)
    for name, value in added.items():
        edits += source.insert_element(node, value, key=name)
    for item in node.items:
        name = cast(str, cast(s.Literal, item.key).value)
        if name in changed and name not in removed:
            edits += source.replace(item.value, changed[name])
    result = apply("main.tf", whole, edits)
    wanted: dict[str, int] = {name: v for name, v in {"a": 1, "b": 2, "c": 3}.items() if name not in removed}
    wanted |= {name: v for name, v in changed.items() if name not in removed} | added
    body = Source.parse("main.tf", result.encode()).body.blocks[0].body
    assert same(plain_of(body.arguments[0].value), cast("Plain", wanted))
    assert formatted(result) == result
    assert "# note\n  a" in result


@pytest.mark.parametrize(
    "text",
    [
        '["a", "b", "c"]',
        '["a", "b", "c", ]',
        '[\n    "a",\n    "b", # two\n    "c"\n  ]',
        '[\n    "a",\n    "b",\n    "c", # three\n  ]',
    ],
)
@pytest.mark.parametrize("removed", [[], [0], [2], [1, 2], [0, 1, 2]])
@pytest.mark.parametrize(
    "added", [[], [(None, "x")], [(None, "x"), (None, "y")], [(0, "x"), (2, "y"), (3, "z"), (0, "w")]]
)
def test_elements_come_and_go_in_one_list(text: str, removed: list[int], added: list[tuple[int | None, str]]) -> None:
    whole = formatted(in_block(text))
    source = Source.parse("main.tf", whole.encode())
    node = cast(s.Tuple, source.body.blocks[0].body.arguments[0].value)
    edits = [edit for i in removed for edit in source.remove_element(node, i)]
    edits += [edit for index, value in added for edit in source.insert_element(node, value, index=index)]
    result = apply("main.tf", whole, edits)
    wanted: list[str] = []
    for i in range(4):
        wanted += [value for index, value in added if index == i]
        wanted += ["abc"[i]] if i < 3 and i not in removed else []
    wanted += [value for index, value in added if index is None]
    body = Source.parse("main.tf", result.encode()).body.blocks[0].body
    assert plain_of(body.arguments[0].value) == wanted
    assert formatted(result) == result


TOGETHER = [
    Change(
        "block_for_block", "b {\n  in {\n    a = 1\n  }\n\n  out {}\n}\n",
        lambda f, b: (*f.remove_block(_inner(b, "in")), *f.insert_block(b.body, Nested("in", (), {"a": 2}))),
        "b {\n  in {\n    a = 2\n  }\n\n  out {}\n}\n",
    ),
    Change(
        "last_argument_for_another", "b {\n  a = 1\n  c = 2\n}\n",
        lambda f, b: (*f.remove_attribute(b.body, "c"), *f.set_attributes(b.body, {"long": 3}), *f.set_attributes(b.body, {"a": 5, "d": 4})),
        "b {\n  a    = 5\n  long = 3\n  d    = 4\n}\n",
    ),
    Change(
        "only_argument_for_another", "b { a = 1 }\n",
        lambda f, b: (*f.remove_attribute(b.body, "a"), *f.set_attributes(b.body, {"c": 3}), *f.insert_block(b.body, Nested("d"))),
        "b {\n  c = 3\n\n  d {}\n}\n",
    ),
    Change(
        "into_empty", "b {}\n", lambda f, b: (*f.set_attributes(b.body, {"c": 3}), *f.set_attributes(b.body, {"d": {"e": 1}})),
        "b {\n  c = 3\n  d = {\n    e = 1\n  }\n}\n",
    ),
    Change(
        "inside_and_outside", 'b {\n  a = { k = ["x"] }\n}\n',
        lambda f, b: (
            *f.set_attributes(b.body, {"z": 1}),
            *f.insert_element(cast(s.Object, b.body.arguments[0].value), 1, key="m"),
            *f.insert_element(cast(s.Tuple, cast(s.Object, b.body.arguments[0].value).items[0].value), "y"),
        ),
        'b {\n  a = { k = ["x", "y"], m = 1 }\n  z = 1\n}\n',
    ),
    Change(
        "resources", "a {}\n\nb {}\n", lambda f, b: (*f.insert_resource("t", "n"), *f.remove_block(b), *f.insert_import("t.n", "i")),
        'b {}\n\nresource "t" "n" {}\n\nimport {\n  to = t.n\n  id = "i"\n}\n',
    ),
]  # fmt: skip


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("case", TOGETHER, ids=lambda case: case.name)
def test_edits_that_meet_are_carried_out_one_after_the_other(case: Change, newline: str) -> None:
    text = case.text.replace("\n", newline)
    source = Source.parse("main.tf", text.encode())
    result = apply("main.tf", text, case.edit(source, source.body.blocks[0]))
    assert result == case.after.replace("\n", newline)


def test_edits_that_contradict_each_other_are_refused() -> None:
    source = Source.parse("main.tf", b"b {\n  a = [1, 2]\n}\n")
    body = source.body.blocks[0].body
    node = cast(s.Tuple, body.arguments[0].value)
    removed = apply("main.tf", source.text, [*source.insert_element(node, 3), *source.remove_attribute(body, "a")])
    assert removed == "b {\n}\n"
    with pytest.raises(EditProblem, match="together"):
        apply("main.tf", source.text, [*source.replace(node, "x"), *source.remove_element(node, 0)])
    twice = [*source.remove_element(node, 0), *source.remove_element(node, 0)]
    assert apply("main.tf", source.text, twice) == "b {\n  a = [2]\n}\n"


def test_json_properties_come_and_go_together() -> None:
    source = Source.parse("main.tf.json", JSON.encode())
    (block,) = body_of(source.body, {"resource": 2}).blocks
    body = body_of(block.body, {})
    edits = (
        *source.remove_attribute(body, "tags"),
        *source.set_attributes(body, {"zone": "z", "list": ["q"]}),
        *source.remove_attribute(body, "a"),
    )
    assert json.loads(apply("main.tf.json", source.text, edits))["resource"]["t"]["n"] == {"list": ["q"], "zone": "z"}
