"""Values: construction, equality, the order of sets, marks, plain data, conversion and defaults."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reconciler.hcl import values
from reconciler.hcl.convert import ConversionError, Defaults, convert, convert_to, from_plain, unify
from reconciler.hcl.values import (
    BOOL,
    DYNAMIC,
    NUMBER,
    SENSITIVE,
    STRING,
    ListOf,
    MapOf,
    ObjectOf,
    Refinement,
    SetOf,
    TupleOf,
    Type,
    Value,
)
from reconciler.model import UNKNOWN, Origin, Plain, Span

plain = values.from_plain


def at(line: int) -> Origin:
    return Origin(Span("main.tf", 0, 1, line))


# -- sets -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "ordered"),
    [
        (["b", "a", "b", "B"], ["B", "a", "b"]),
        ([10, 9, 2, 1, 10], [1, 2, 9, 10]),
        ([True, False], [False, True]),
        (["é", "z", "\U0001f600", "\uffff"], ["z", "é", "\uffff", "\U0001f600"]),
        ([["1"], ["10"], ["9"], ["b"]], [["1"], ["10"], ["9"], ["b"]]),
        ([{"a": "é"}, {"a": "z"}, {"a": "b"}], [{"a": "b"}, {"a": "z"}, {"a": "é"}]),
        ([None, "a"], ["a", None]),
        ([UNKNOWN, "a", UNKNOWN, None], ["a", UNKNOWN, UNKNOWN, None]),
    ],
)
def test_sets_are_distinct_and_in_terraforms_order(items: list[Plain], ordered: list[Plain]) -> None:
    assert values.to_plain(values.set_of(map(plain, items))) == ordered


def test_marks_in_a_set_are_marks_of_the_set() -> None:
    found = values.set_of([values.string("a").marked(SENSITIVE), values.string("b")])
    assert found.marks == {SENSITIVE}
    assert not any(item.marks for item in found.items)


def test_elements_of_different_types_make_no_list() -> None:
    with pytest.raises(values.InconsistentTypes, match="string, then number"):
        values.list_of([values.string("a"), values.number(1)])


# -- equality -------------------------------------------------------------------------------------------------

NULLABLE = values.unknown(STRING)
NOT_NULL = values.not_null(values.unknown(STRING))
PREFIXED = values.unknown(STRING, Refinement(not_null=True, prefix="pre-"))


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (plain(1), plain(1), True),
        (plain(1), plain("1"), False),
        (plain([1, 2]), plain([1, 2]), True),
        (plain([1]), values.list_of([plain(1)]), False),
        (values.null(STRING), values.null(NUMBER), True),
        (values.null(), plain("a"), False),
        (NULLABLE, values.null(), None),
        (NOT_NULL, values.null(), False),
        (NOT_NULL, NOT_NULL, None),
        (PREFIXED, plain("pre-a"), None),
        (PREFIXED, plain("x"), False),
        (NULLABLE, plain(1), False),
        (values.unknown(), plain(1), None),
        (plain([UNKNOWN, 1]), plain([1, 2]), None),
        (values.object_of({"a": NULLABLE, "b": plain(1)}), plain({"a": "x", "b": 2}), False),
        (plain({"a": UNKNOWN, "b": 1}), plain({"a": 1, "b": 2}), None),
        (values.unknown(ListOf(STRING), Refinement(min_length=2)), values.list_of([plain("a")]), False),
        (values.unknown(NUMBER, Refinement(low=Decimal(1))), plain(0), False),
    ],
)
def test_equality(left: Value, right: Value, *, same: bool | None) -> None:
    assert values.equal(left, right) is same
    assert values.equal(right, left) is same


@pytest.mark.parametrize(
    ("type_", "known", "value"),
    [
        (NUMBER, Refinement(not_null=True, low=Decimal(2), high=Decimal(2)), 2),
        (ListOf(STRING), Refinement(not_null=True, min_length=2, max_length=2), [UNKNOWN, UNKNOWN]),
        (SetOf(STRING), Refinement(not_null=True, max_length=0), []),
        (MapOf(STRING), Refinement(not_null=True, max_length=0), {}),
        (MapOf(STRING), Refinement(max_length=0), UNKNOWN),
    ],
)
def test_an_unknown_with_one_possibility_left_is_known(type_: Type, known: Refinement, value: Plain) -> None:
    assert values.to_plain(values.unknown(type_, known)) == value


# -- strings, marks, plain data -------------------------------------------------------------------------------


def test_strings_are_normalised() -> None:
    assert values.string("e\u0301").raw == "é"


def test_marked_paths_cover_what_is_below() -> None:
    secret = plain({"a": {"b": "x"}, "c": ["y"]})
    entries = {"a": secret.entries["a"].marked(SENSITIVE), "c": values.tuple_of([values.string("y").marked(SENSITIVE)])}
    assert values.marked_paths(values.object_of(entries)) == {("a",), ("c", 0)}


@pytest.mark.parametrize("value", [None, True, 1, 2.5, "x", UNKNOWN, [1, [None]], {"a": [UNKNOWN, {"b": 0.1}]}])
def test_plain_data_and_back(value: Plain) -> None:
    assert values.to_plain(plain(value)) == value


def test_whole_numbers_are_integers() -> None:
    assert values.to_plain(values.number(Decimal("3.0"))) == 3
    assert isinstance(values.to_plain(values.number(Decimal("1e30"))), int)


# -- conversion -----------------------------------------------------------------------------------------------

PERSON = values.object_type({"name": STRING, "age": NUMBER}, optional=["age"])


@pytest.mark.parametrize(
    ("value", "type_", "result"),
    [
        (1, STRING, "1"),
        (True, STRING, "true"),
        ("1.50", NUMBER, 1.5),
        ("1", BOOL, True),
        ([1, "a", True], ListOf(DYNAMIC), ["1", "a", "true"]),
        (["b", "a"], SetOf(STRING), ["a", "b"]),
        ({"a": 1, "b": "x"}, MapOf(DYNAMIC), {"a": "1", "b": "x"}),
        ({"name": "n", "extra": 1}, PERSON, {"name": "n", "age": None}),
        ([{"name": 1}], ListOf(PERSON), [{"name": "1", "age": None}]),
        (None, NUMBER, None),
        (UNKNOWN, ListOf(STRING), UNKNOWN),
    ],
)
def test_conversion(value: Plain, type_: Type, result: Plain) -> None:
    assert values.to_plain(from_plain(value, type_)) == result


@pytest.mark.parametrize(
    ("value", "type_", "reason"),
    [
        ("x", NUMBER, "a number is required"),
        ("True", BOOL, 'use lowercase "true"'),
        ([1], STRING, "string required, but have tuple"),
        ({"a": 1}, ListOf(STRING), "list of string required"),
        ([1, {}], ListOf(DYNAMIC), "all list elements must have the same type"),
        ({}, PERSON, 'attribute "name" is required'),
        ({"name": []}, PERSON, 'attribute "name": string required, but have tuple'),
        (["1", "x"], ListOf(NUMBER), r"\[1\]: a number is required"),
        ([1], MapOf(STRING), "map of string required"),
    ],
)
def test_impossible_conversion(value: Plain, type_: Type, reason: str) -> None:
    with pytest.raises(ConversionError, match=reason):
        from_plain(value, type_)


def test_a_converted_literal_keeps_its_origin_and_marks() -> None:
    literal = values.string("60", at(3)).marked(SENSITIVE)
    converted = convert(values.tuple_of([literal]), ListOf(NUMBER))
    assert converted.items[0].origin == at(3)
    assert converted.items[0].marks == {SENSITIVE}


@pytest.mark.parametrize(
    ("types", "common"),
    [
        ([NUMBER, STRING], STRING),
        ([NUMBER, BOOL], None),
        ([ListOf(NUMBER), TupleOf((STRING,))], ListOf(STRING)),
        ([ObjectOf((("a", NUMBER),)), ObjectOf((("a", STRING),))], ObjectOf((("a", STRING),))),
        ([ObjectOf((("a", NUMBER),)), ObjectOf((("b", STRING),))], MapOf(STRING)),
        ([TupleOf((NUMBER,)), TupleOf((NUMBER, STRING))], ListOf(STRING)),
        ([TupleOf(()), ObjectOf(())], None),
        ([DYNAMIC, NUMBER], NUMBER),
        ([DYNAMIC, ListOf(STRING)], DYNAMIC),
        ([SetOf(STRING), ListOf(NUMBER)], ListOf(NUMBER)),
        ([], None),
    ],
)
def test_unification(types: list[Type], common: Type | None) -> None:
    found = unify(types)
    assert (found.type if found else None) == common


def test_defaults_at_any_depth() -> None:
    port = Defaults(PERSON, {"age": values.number(7, at(1))})
    family = values.object_type({"head": PERSON, "others": ListOf(PERSON)}, optional=["head"])
    defaults = Defaults(
        family,
        {"head": plain({"name": "nobody"})},
        {"head": port, "others": Defaults(ListOf(PERSON), {}, {"": port})},
    )
    result = convert_to(
        plain({"others": [{"name": "a"}, {"name": "b", "age": None}, {"name": "c", "age": 1}]}), family, defaults
    )
    assert values.to_plain(result) == {
        "head": {"name": "nobody", "age": 7},
        "others": [{"name": "a", "age": 7}, {"name": "b", "age": 7}, {"name": "c", "age": 1}],
    }
    assert result.entries["head"].entries["age"].origin == at(1)


def test_a_null_gets_no_defaults() -> None:
    assert convert_to(values.null(), PERSON, Defaults(PERSON, {"age": values.number(1)})).null
