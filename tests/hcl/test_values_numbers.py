"""Numbers of 512 bits: texts that Terraform prints, and laws that hold for all numbers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.hcl import numbers

decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**40), max_value=10**40)


@pytest.mark.parametrize(
    ("operation", "left", "right", "text"),
    [
        (numbers.add, "0.1", "0.2", "0.3"),
        (numbers.divide, "1", "3", "0." + "3" * 154 + "5"),
        (numbers.divide, "1", "0", "+Inf"),
        (numbers.divide, "-1", "0", "-Inf"),
        (numbers.modulo, "5", "0", "5"),
        (numbers.modulo, "-5", "3", "-2"),
        (numbers.modulo, "5.5", "2", "1.5"),
        (numbers.multiply, "0", "-1", "-0"),
        (numbers.subtract, "1e30", "1", "999999999999999999999999999999"),
    ],
)
def test_arithmetic(operation: object, left: str, right: str, text: str) -> None:
    assert callable(operation)
    assert numbers.text(operation(Decimal(left), Decimal(right))) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1p5", "32"),
        ("1e5", "100000"),
        (".5", "0.5"),
        ("5.", "5"),
        ("+5", "5"),
        ("1.50", "1.5"),
        ("-0", "-0"),
        ("inf", "+Inf"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
    ],
)
def test_parsing(text: str, written: str) -> None:
    parsed = numbers.parse(text)
    assert parsed is not None
    assert numbers.text(parsed) == written


@pytest.mark.parametrize("text", ["", " 5", "0x10", "1_000", "1e", "five", "١"])
def test_no_numbers(text: str) -> None:
    assert numbers.parse(text) is None


@pytest.mark.parametrize("text", ["1e99999", "1e-99999", "1e999999999999", "1p99999999"])
def test_numbers_that_would_fill_the_memory_are_refused(text: str) -> None:
    with pytest.raises(numbers.NumberTooLarge):
        numbers.parse(text)


@pytest.mark.parametrize(
    ("value", "text"), [(0.1, "0.1"), (2.0**64, "18446744073709550000"), (1e-7, "0.0000001"), (3.0, "3")]
)
def test_numbers_of_64_bit_arithmetic(value: float, text: str) -> None:
    assert numbers.text(numbers.from_float(value)) == text


@pytest.mark.parametrize(
    ("number", "fixed", "scientific", "general"),
    [
        ("1.555", "1.555000", "1.555000e+00", "1.555"),
        ("1000000", "1000000.000000", "1.000000e+06", "1e+06"),
        ("123456", "123456.000000", "1.234560e+05", "123456"),
        ("0.00001", "0.000010", "1.000000e-05", "1e-05"),
        ("0", "0.000000", "0.000000e+00", "0"),
        ("-12.5", "-12.500000", "-1.250000e+01", "-12.5"),
    ],
)
def test_verbs(number: str, fixed: str, scientific: str, general: str) -> None:
    value = Decimal(number)
    assert (numbers.fixed(value, 6), numbers.scientific(value, 6), numbers.general(value, None)) == (
        fixed,
        scientific,
        general,
    )


@given(decimals)
def test_the_shortest_text_reads_back_as_the_same_number(value: Decimal) -> None:
    number = numbers.rounded(value)
    again = numbers.parse(numbers.text(number))
    assert again is not None
    assert numbers.to_binary(again) == numbers.to_binary(number)


@given(decimals, decimals)
def test_sums_and_products_are_the_nearest_number(left: Decimal, right: Decimal) -> None:
    a, b = numbers.rounded(left), numbers.rounded(right)
    exact_a, exact_b = (Fraction(numbers.exact(numbers.to_binary(x))) for x in (a, b))
    for result, wanted in ((numbers.add(a, b), exact_a + exact_b), (numbers.multiply(a, b), exact_a * exact_b)):
        got = Fraction(numbers.exact(numbers.to_binary(result)))
        assert abs(got - wanted) <= abs(wanted) / 2**512


@given(st.integers(min_value=-(10**60), max_value=10**60), st.integers(min_value=1, max_value=10**30))
def test_remainders_of_integers(left: int, right: int) -> None:
    rest = numbers.modulo(Decimal(left), Decimal(right))
    assert int(rest) == abs(left) % right * (-1 if left < 0 else 1)
