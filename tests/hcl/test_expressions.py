"""Expressions as a whole: what is left of one that fails, and what Terraform goes on with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.hcl import functions, interpreting, values
from reconciler.hcl.evaluate import evaluate as evaluate_tree
from reconciler.hcl.expressions import evaluate
from reconciler.hcl.functions import Unavailable, regexes, strings
from reconciler.hcl.parse import parse_expression
from reconciler.hcl.references import ModuleOutput, Reference
from reconciler.hcl.scope import ExpressionError, Scope
from reconciler.hcl.tree import MemoryTree
from reconciler.hcl.values import BOOL, NUMBER, STRING, ListOf, Type, Value
from reconciler.model import UNKNOWN, Plain
from tests.hcl.oracle import judged
from tests.support.terraform import needs_terraform


class Names:
    """`local.unknown` is an unknown bool, `local.gone` cannot be told, everything else is null."""

    def __init__(self) -> None:
        self.memo: dict[str, dict[int, Any]] = {}
        self.context = functions.FunctionContext()

    def lookup(self, reference: Reference) -> Value:
        if reference.names == ("gone",):
            raise Unavailable("it is gone")
        return values.unknown(BOOL) if reference.names == ("unknown",) else values.null()

    def output(self, output: ModuleOutput) -> Value:
        return self.lookup(output.reference)

    def provided(self, provider: str) -> Mapping[str, functions.Function]:
        if provider == "elsewhere":
            raise Unavailable("its functions are its own")
        return functions.AWS


def ask(text: str) -> Value:
    return evaluate(parse_expression(text), Scope("main.tf", Names()))


# -- what fails -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ('true ? 5 : "a${null}"', STRING),
        ("true ? 5 : upper(null)", NUMBER),
        ('true ? "1" : (null ? 1 : 2)', STRING),
        ("true ? [1, 2] : [for x in [1] : x + null]", ListOf(NUMBER)),
        ('true ? ["1"] : tolist([{ a = 1 }])[*].b', ListOf(STRING)),
        ("true ? 1 : %s", STRING),
    ],
)
def test_a_branch_that_fails_has_a_type(text: str, type_: Type) -> None:
    assert ask(text.replace("%s", '"%{ for x in null }a%{ endfor }"')).type == type_


def test_the_types_of_branches_must_fit_even_where_one_fails() -> None:
    with pytest.raises(ExpressionError, match="consistent types"):
        ask('true ? [] : "a${null}"')


def test_the_first_error_is_told() -> None:
    with pytest.raises(ExpressionError, match="upper"):
        ask('[upper(null), lower(null), "a" + 1]')


@pytest.mark.parametrize("text", ["[local.gone, upper(null)]", "[upper(null), local.gone]", "local.gone + upper(null)"])
def test_an_error_is_certain_whatever_else_cannot_be_told(text: str) -> None:
    with pytest.raises(ExpressionError):
        ask(text)


@pytest.mark.parametrize(
    "text",
    ["local.gone", "try(local.gone, 1)", "can(local.gone)", "true ? local.gone : 1", "local.unknown ? 1 : local.gone"],
)
def test_what_we_cannot_tell_is_no_error_and_no_value(text: str) -> None:
    with pytest.raises(Unavailable, match="it is gone"):
        ask(text)


def test_what_we_cannot_tell_does_not_matter_where_it_is_not_taken() -> None:
    assert ask("false ? local.gone : 1").raw == 1
    assert ask("try(upper(null) + local.gone, 1)").raw == 1


def test_a_loop_stops_after_many_errors() -> None:
    with pytest.raises(ExpressionError):
        ask("[for a in range(1000) : [for b in range(1000) : upper(null)]]")


# -- try and can ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("try(upper(null), 1)", 1),
        ("try([local.unknown], 1)", UNKNOWN),
        ("try([1, 2]...)", 1),
        ("can(upper(null))", False),
        ("can(1)", True),
        ("can(local.unknown)", UNKNOWN),
        ("can([1]...)", True),
    ],
)
def test_try_and_can(text: str, raw: Plain) -> None:
    assert ask(text).raw == raw


@pytest.mark.parametrize(
    "text", ["try(upper(null))", "try()", "try([]...)", "can()", "can(1, 2)", "can(upper(null)...)"]
)
def test_try_and_can_fail(text: str) -> None:
    with pytest.raises(ExpressionError):
        ask(text)


# -- keys -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["{ local.x = 1 }", "{ local.x[0].y = 1 }", "{ a = { b.c = 1 } }"])
def test_a_key_that_may_be_a_reference_is_ambiguous(text: str) -> None:
    with pytest.raises(ExpressionError, match="Ambiguous attribute key"):
        ask(text)


def test_keys() -> None:
    assert list(ask('{ null = 1, local = 2, (1 + 1) = 3, upper("a") = 4 }').entries) == ["2", "A", "local", "null"]


# -- bounds ---------------------------------------------------------------------------------------------------

UNKNOWN_TUPLE = 'terraform_data.u.id == "a" ? [@, @] : null'


def doubled(first: str, step: str, times: int = 40) -> str:
    """Locals that are each made of the one before: the last one is larger than any memory."""
    steps = "".join(f"  a{i + 1} = {step.replace('@', f'local.a{i}')}\n" for i in range(times))
    return f'resource "terraform_data" "u" {{}}\nlocals {{\n  a0 = {first}\n{steps}  last = local.a{times}\n}}\n'


@pytest.mark.parametrize(
    ("first", "step"),
    [
        ("[1, 1]", "[@, @]"),
        ("{ a = 1 }", "{ a = @, b = @ }"),
        ("tolist([1, 1])", "tolist([@, @])"),
        ("terraform_data.u.id", "[@, @]"),
        ("[1, 1]", UNKNOWN_TUPLE),
        ("{ a = 1 }", "merge({ b = @ }, { c = @ })"),
        ("[1]", "[for x in [@, @] : x]"),
        ("[{ a = 1 }]", "[[for x in [@, @] : { a = x }]][0]"),
        ('"ab"', '"${@}${@}"'),
        ('"ab"', '"%{ for x in [@, @] }${x}%{ endfor }"'),
        ('"ab"', 'join("", [@, @])'),
        ('"ab"', 'replace(@, "a", @)'),
        ('"ab"', 'format("%s%s", @, @)'),
        ('"\\""', "jsonencode(@)"),
        ('["ab"]', 'formatlist("%s%s", @, @)'),
    ],
)
def test_values_that_double_and_double_are_refused(first: str, step: str) -> None:
    text = doubled(first, step) + 'output "x" {\n  value = jsonencode(local.last)\n}\n'
    found = evaluate_tree(MemoryTree({"main.tf": text.encode()}), "")
    assert found.outputs["x"].value is None


@pytest.mark.parametrize(
    "text",
    [
        "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : [a, b, c]]]]",
        "[for a in range(1000) : 1 if length([for b in range(1000) : 1 if false]) > 0]",
        "[for a in range(1000) : [for b in range(1000) : jsonencode(range(1000))]]",
        'regexall("a", join("", [for a in range(1000) : "aa"]))',
        'split(",", join("", [for a in range(1000) : ",,"]))',
        "setproduct(range(1000), range(1000), range(1000))",
        'format("%1000000000d", 1)',
        'indent(1000000000, "a\\nb")',
    ],
)
def test_what_takes_too_much_work_cannot_be_told(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreting, "MOST_WORK", 20_000)
    monkeypatch.setattr(regexes, "LARGEST", 1_000)
    monkeypatch.setattr(strings, "LARGEST", 1_000)
    with pytest.raises(Unavailable, match=r"too (much|many|large|long)|more than"):
        ask(text)


# -- judged by Terraform --------------------------------------------------------------------------------------

CORPUS = Path(__file__).parent / "expressions.txt"


@needs_terraform
def test_picked_expressions() -> None:
    """Corners of the language that random expressions seldom meet, one a line."""
    texts = CORPUS.read_text().splitlines()
    assert len(texts) == len(set(texts)) > 150
    found = judged(texts)
    assert not found, "\n".join(f"{text}\n  Terraform: {theirs}\n  ours: {mine}" for text, theirs, mine in found)


# -- functions of providers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ('provider::aws::arn_parse("arn:aws:sqs:eu-west-1:1:a:b").resource', "a:b"),
        ('provider::aws::arn_build("aws", "s3", "", "", "bucket")', "arn:aws:s3:::bucket"),
        ('provider::aws::trim_iam_role_path("arn:aws:iam::1:role/a/b/c")', "arn:aws:iam::1:role/c"),
        ('try(provider::aws::trim_iam_role_path("arn:aws:iam::1:role"), "none")', "none"),
        ('try(provider::aws::arn_parse("arn:aws:sqs"), "none")', "none"),
        ('try(provider::aws::nope("x"), "none")', "none"),
        ("provider::aws::arn_parse(tostring(local.unknown)) == null", UNKNOWN),
    ],
)
def test_functions_of_the_provider(text: str, raw: object) -> None:
    assert ask(text).raw == raw


def test_functions_of_other_providers_are_their_own() -> None:
    with pytest.raises(Unavailable, match="its functions are its own"):
        ask('try(provider::elsewhere::f("x"), 1)')
