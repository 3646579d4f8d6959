"""JSON syntax: spans, bodies told apart by their blocks, references, and what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reconciler.hcl import syntax as s
from reconciler.hcl.parse import SyntaxProblem, body_of, parse_file

TEXT = """{
  "//": "comment",
  "variable": {"size": {"type": "list(string)", "default": "${literal}", "validation": {"condition": "${true}"}}},
  "terraform": {"backend": {"s3": {"bucket": "${literal}"}}},
  "resource": {
    "aws_sqs_queue": {
      "one": [{"name": "a-${var.x}", "depends_on": ["module.m", "aws_x.y[0]"], "provider": "aws.west"}],
      "two": {
        "name": "t\\u0077o ${var.x}",
        "count": 2,
        "lifecycle": {"ignore_changes": ["tags", "a[0].b"]},
        "timeouts": [{"create": "1m"}, {"create": "2m"}],
        "none": null
      }
    }
  },
  "module": {"m": {"source": "./m", "providers": {"aws": "aws.west", "aws.b": "aws"}}}
}
"""
ROOT = {"resource": 2, "module": 1, "variable": 1, "terraform": 0}


def blocks() -> dict[tuple[str, ...], s.Body]:
    root = body_of(parse_file("main.tf.json", TEXT.encode()), ROOT)
    assert not root.arguments
    return {(block.type, *block.labels): block.body for block in root.blocks}


def values(body: s.Body, kinds: dict[str, int] | None = None) -> dict[str, s.Expression]:
    return {argument.name: argument.value for argument in body_of(body, kinds or {}).arguments}


def test_labels_are_property_names_and_arrays_are_several_blocks() -> None:
    found = blocks()
    assert list(found) == [
        ("variable", "size"),
        ("terraform",),
        ("resource", "aws_sqs_queue", "one"),
        ("resource", "aws_sqs_queue", "two"),
        ("module", "m"),
    ]
    two = body_of(found["resource", "aws_sqs_queue", "two"], {"timeouts": 0, "lifecycle": 0})
    assert [block.type for block in two.blocks] == ["lifecycle", "timeouts", "timeouts"]
    assert [argument.name for argument in two.arguments] == ["name", "count", "none"]
    assert two.arguments[1].value == s.Literal(Decimal(2), two.arguments[1].value.at)


def test_references_are_expressions() -> None:
    found = blocks()
    one = values(found["resource", "aws_sqs_queue", "one"])
    assert isinstance(one["provider"], s.Attribute)
    assert isinstance(one["depends_on"], s.Tuple)
    assert [type(item) for item in one["depends_on"].items] == [s.Attribute, s.Index]
    providers = values(found["module", "m"])["providers"]
    assert isinstance(providers, s.Object)
    assert [type(item.key) for item in providers.items] == [s.Literal, s.Attribute]
    assert isinstance(values(found["variable", "size"])["type"], s.Call)
    lifecycle = body_of(found["resource", "aws_sqs_queue", "two"], {"lifecycle": 0}).blocks[0].body
    changes = values(lifecycle)["ignore_changes"]
    assert isinstance(changes, s.Tuple)
    assert [type(item) for item in changes.items] == [s.Name, s.Attribute]


def test_what_terraform_reads_without_a_scope_is_literal() -> None:
    found = blocks()
    variable = body_of(found["variable", "size"], {"validation": 0})
    default = variable.arguments[1].value
    assert isinstance(default, s.Literal)
    assert default.value == "${literal}"
    assert isinstance(values(variable.blocks[0].body)["condition"], s.Template)
    (backend,) = body_of(found["terraform",], {"backend": 1}).blocks
    assert isinstance(values(backend.body)["bucket"], s.Literal)
    (argument,) = body_of(parse_file("x.tfvars.json", b'{"a": "${b}"}'), {}).arguments
    assert isinstance(argument.value, s.Literal)
    assert argument.value.value == "${b}"


def test_spans_are_exact_and_those_in_escaped_strings_are_the_strings() -> None:
    found = blocks()
    one = values(found["resource", "aws_sqs_queue", "one"])["name"]
    two = values(found["resource", "aws_sqs_queue", "two"])["name"]
    assert isinstance(one, s.Template)
    assert isinstance(two, s.Template)
    assert TEXT[slice(*one.at[:2])] == '"a-${var.x}"'
    assert TEXT[slice(*one.parts[1].at[:2])] == "var.x"
    assert TEXT[slice(*two.at[:2])] == '"t\\u0077o ${var.x}"'
    assert two.parts[1].at == two.at
    assert one.at[2] == 7


def test_a_root_array_and_nested_arrays_are_merged() -> None:
    body = body_of(parse_file("a.tf.json", b'[{"a": 1, "b": [[{"x": 1}, {"y": 2}], null]}, {"c": 3}]'), {"b": 0})
    assert [argument.name for argument in body.arguments] == ["a", "c"]
    assert [list(values(block.body)) for block in body.blocks] == [["x", "y"], []]


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("", 1, "value is missing"),
        ("[1]", 1, "object"),
        ('"x"', 1, "object"),
        ('{"a": 1,}', 1, "comma"),
        ('{"a": [1,]}', 1, "comma"),
        ('{\n"a": 01}', 2, "no JSON"),
        ('{\n"a": tru}', 2, "value is missing"),
        ('{\n"a": "\n"}', 2, "no JSON"),
        ('{"a": 1} x', 1, "follow"),
        ('{"a" 1}', 1, '":"'),
        ('{"a": 1 "b": 2}', 1, '","'),
        ("{a: 1}", 1, "property name"),
        ('{"output": {"x": {\n"value": "${"}}}', 2, "there is no"),
        ('{"a": "\\x"}', 1, "no JSON"),
        ('{"a": 1e999999}', 1, "digits"),
        ("[" * 1000, 1, "levels deep"),
        ('{"a": "\udce9"}', 1, "UTF-8"),
    ],
)
def test_refusals(source: str, line: int, reason: str) -> None:
    with pytest.raises(SyntaxProblem, match=reason) as refusal:
        parse_file("main.tf.json", source.encode("utf-8", "surrogateescape"))
    assert refusal.value.line == line


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ('{"a": 1, "a": 2}', "already set"),
        ('{"r": {}}', "label"),
        ('{"r": {"x": 1}}', "array of objects"),
        ('{"r": 1}', "object"),
    ],
)
def test_bodies_that_are_refused(source: str, reason: str) -> None:
    with pytest.raises(SyntaxProblem, match=reason) as refusal:
        body_of(parse_file("main.tf.json", source.encode()), {"r": 1}, "main.tf.json")
    assert refusal.value.file == "main.tf.json"


def test_native_bodies_are_what_they_are() -> None:
    body = parse_file("main.tf", b"a = 1\n")
    assert body_of(body, {"a": 0}) is body
