"""Operators, conditionals and templates: what Terraform 1.11.4 gives, and what is known of unknown results."""

from __future__ import annotations

import pytest

from reconciler.hcl import operators, values
from reconciler.hcl.operators import OperatorError, binary, conditional, template, template_part, unary
from reconciler.hcl.values import BOOL, NUMBER, SENSITIVE, STRING, ListOf, Refinement, Value
from reconciler.model import UNKNOWN, Origin, Plain, Span

plain = values.from_plain
UNKNOWN_BOOL = values.unknown(BOOL)
UNKNOWN_STRING = values.unknown(STRING)


@pytest.mark.parametrize(
    ("left", "operator", "right", "result"),
    [
        (1, "+", "2", 3),
        (7, "/", 2, 3.5),
        (7, "%", 0, 7),
        (2, "<", 10, True),
        ("2", ">=", "10", False),
        (True, "&&", "false", False),
        (False, "||", True, True),
        (None, "==", None, True),
        ([1], "!=", [1], False),
        (True, "||", UNKNOWN, UNKNOWN),
        (UNKNOWN, "+", 1, UNKNOWN),
        (UNKNOWN, "==", 1, UNKNOWN),
    ],
)
def test_binary(left: Plain, operator: str, right: Plain, result: Plain) -> None:
    assert values.to_plain(binary(operator, plain(left), plain(right))) == result


@pytest.mark.parametrize(
    ("left", "operator", "right", "operand"),
    [("x", "+", 1, 0), (1, "-", None, 1), (1, "&&", True, 0), ([], "<", 1, 0), (0, "/", 0, None)],
)
def test_binary_errors(left: Plain, operator: str, right: Plain, operand: int | None) -> None:
    with pytest.raises(OperatorError) as caught:
        binary(operator, plain(left), plain(right))
    assert caught.value.operand == operand


def test_unary() -> None:
    assert values.to_plain(unary("-", plain("3"))) == -3
    assert values.to_plain(unary("!", plain("true"))) is False
    assert unary("!", UNKNOWN_BOOL).refinement.not_null


def test_results_are_computed() -> None:
    literal = values.number(1, Origin(Span("main.tf", 0, 1, 1)))
    assert binary("+", literal, literal).origin is None


def test_marks_of_operands() -> None:
    secret = values.number(1).marked(SENSITIVE)
    assert binary("+", secret, plain(1)).marks == {SENSITIVE}
    assert binary("==", values.tuple_of([secret]), plain([1])).marks == {SENSITIVE}
    assert not binary("&&", values.boolean(value=True).marked(SENSITIVE), UNKNOWN_BOOL).marks


# -- conditionals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "then", "otherwise", "result"),
    [
        (True, 1, "a", "1"),
        (False, [1], ["a", "b"], ["a", "b"]),
        (True, {"a": 1}, {"b": "x"}, {"a": "1"}),
        ("true", None, 1, None),
        (UNKNOWN, 1, 1, 1),
        (UNKNOWN, "a", "a", UNKNOWN),
        (UNKNOWN, None, None, None),
    ],
)
def test_conditional(condition: Plain, then: Plain, otherwise: Plain, result: Plain) -> None:
    assert values.to_plain(conditional(plain(condition), plain(then), plain(otherwise))) == result


def test_a_conditional_passes_origins_through_and_has_all_marks() -> None:
    literal = values.string("x", Origin(Span("main.tf", 0, 1, 1)))
    chosen = conditional(plain(True), literal, values.string("y").marked(SENSITIVE))  # noqa: FBT003 - the value
    assert chosen.origin == literal.origin
    assert chosen.marks == {SENSITIVE}


def test_what_is_known_of_an_undecided_conditional() -> None:
    one, two = values.list_of([plain(1)]), values.list_of([plain(1), plain(2)])
    assert conditional(UNKNOWN_BOOL, one, two).refinement == Refinement(not_null=True, min_length=1, max_length=2)
    assert not conditional(UNKNOWN_BOOL, plain("a"), values.null()).definitely_not_null


@pytest.mark.parametrize(("condition", "then", "otherwise"), [(None, 1, 2), ("x", 1, 2), (True, 1, []), (True, [], {})])
def test_impossible_conditionals(condition: Plain, then: Plain, otherwise: Plain) -> None:
    with pytest.raises(OperatorError):
        conditional(plain(condition), plain(then), plain(otherwise))


# -- templates ------------------------------------------------------------------------------------------------


def test_template() -> None:
    parts = [values.string("a"), plain(1.5), plain(True)]  # noqa: FBT003 - the value
    assert template([template_part(part) for part in parts]).raw == "a1.5true"


def test_an_unknown_template_has_a_prefix_and_is_not_null() -> None:
    found = template([values.string("arn:"), UNKNOWN_STRING, values.string("x")])
    assert found.refinement == Refinement(not_null=True, prefix="arn:")
    assert binary("==", found, values.null()).raw is False
    assert binary("==", found, values.string("x")).raw is False


@pytest.mark.parametrize(
    ("text", "safe"),
    [("abce", "abc"), ("ab-", "ab-"), ("ab\n", "ab"), ("ab=", "ab"), ("é", ""), ("a\U0001f1e9\U0001f1ea", "a")],
)
def test_the_end_of_a_prefix_may_combine_with_what_follows(text: str, safe: str) -> None:
    assert operators.safe_prefix(text) == safe


def test_a_prefix_is_kept_up_to_128_bytes() -> None:
    assert len(template([values.string("-" * 200), UNKNOWN_STRING]).refinement.prefix) == 128


@pytest.mark.parametrize("part", [values.null(), plain([]), values.null(ListOf(NUMBER))])
def test_what_cannot_be_in_a_template(part: Value) -> None:
    with pytest.raises(OperatorError):
        template_part(part)
