"""Terraform's numbers: binary floats of 512 bits, each kept as the shortest decimal that reads back as the same number.

A plain `Decimal` stands for the 512-bit number nearest to it, so literals stay as they are written and `0.1 + 0.2` is
0.3. A `Narrow` is a number of fewer bits (what `log`, `pow` and `length` give): its decimal value is exact, and
`precision` decides how it is printed and what an operation with another narrow number rounds to.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal
from typing import Final, Literal, Self

PRECISION: Final = 512
LIMIT: Final = 10_000
"""Largest decimal exponent that is computed with; a larger one is refused, for its digits would fill the memory."""

_EXACT = Context(prec=200_000, rounding=ROUND_HALF_EVEN, Emax=MAX_EMAX, Emin=MIN_EMIN)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:([eEpP])([+-]?\d+))?\Z", re.ASCII)
_LITERAL_DIGITS = 153  # any decimal of so many digits survives 512 bits unchanged
_LOG2_10 = 3.3219280948873626

ZERO: Final = Decimal(0)
_INFINITE: Final = {sign + name: Decimal(sign + "Infinity") for sign in ("", "+", "-") for name in ("inf", "Inf")}


_IEEE = Context(prec=28, traps=[])


class Undefined(ArithmeticError):
    """An operation on infinities or zeros whose result is no number."""


class NumberTooLarge(ArithmeticError):
    """The magnitude of a number is beyond what can be computed with here."""


class Narrow(Decimal):
    """A number of `precision` bits; its decimal value is exact."""

    precision: int

    def __new__(cls, value: Decimal | int | float, precision: int) -> Self:
        self = super().__new__(cls, value)
        self.precision = precision
        return self


Binary = tuple[int, int]
"""(mantissa, exponent): mantissa * 2 ** exponent, the mantissa odd or 0."""


def precision(number: Decimal) -> int:
    return number.precision if isinstance(number, Narrow) else PRECISION


def from_int(value: int) -> Decimal:
    return Decimal(value) if value.bit_length() <= PRECISION else from_binary((value, 0), PRECISION)


def from_float(value: float) -> Decimal:
    """A result of float64 arithmetic; ValueError where it is no number or infinite."""
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError("not a finite number")
    return Decimal(int(value)) if value == int(value) and abs(value) < 2**53 else Narrow(Decimal(value), 53)


def parse(text: str) -> Decimal | None:
    """A decimal number as Terraform reads it from a string; None where it is none. Raises NumberTooLarge."""
    match = _NUMBER.match(text)
    if match is None:
        return _INFINITE.get(text)
    marker, exponent = match.groups()
    if exponent is not None and len(exponent) > 9:
        raise NumberTooLarge(text)
    if marker in ("p", "P"):
        mantissa = parse(text[: match.start(1)])
        assert mantissa is not None
        return _round(_scale(to_binary(mantissa), int(exponent or 0)), PRECISION)
    return rounded(_EXACT.create_decimal(text))


def rounded(value: Decimal) -> Decimal:
    """The decimal `value` as a 512-bit number. Raises NumberTooLarge."""
    if value.is_finite() and value and not -LIMIT <= value.adjusted() <= LIMIT:
        raise NumberTooLarge(str(value.adjusted()))
    return value if len(value.as_tuple().digits) <= _LITERAL_DIGITS else from_binary(to_binary(value), PRECISION)


# -- binary ---------------------------------------------------------------------------------------------------


def to_binary(number: Decimal) -> Binary:
    """The binary number that `number` stands for."""
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    mantissa = Decimal((sign, digits, 0)).__int__()
    if exponent >= 0:
        return _nearest(mantissa * 10**exponent, 1, precision(number))
    return _nearest(mantissa, 10**-exponent, precision(number))


def _nearest(numerator: int, denominator: int, bits: int) -> Binary:
    """The number of `bits` bits nearest to the fraction, halves to even."""
    if not numerator:
        return 0, 0
    magnitude = abs(numerator)
    shift = bits + 2 - (magnitude.bit_length() - denominator.bit_length())
    if shift > 0:
        quotient, rest = divmod(magnitude << shift, denominator)
    else:
        quotient, rest = divmod(magnitude, denominator << -shift)
    extra = quotient.bit_length() - bits
    half, low = 1 << (extra - 1), quotient & ((1 << extra) - 1)
    result = quotient >> extra
    if low > half or (low == half and (rest or result & 1)):
        result += 1
    return _odd(result if numerator > 0 else -result, extra - shift)


def _odd(mantissa: int, exponent: int) -> Binary:
    if not mantissa:
        return 0, 0
    zeros = (mantissa & -mantissa).bit_length() - 1
    return mantissa >> zeros, exponent + zeros


def _scale(number: Binary, exponent: int) -> Binary:
    if abs(exponent + number[1]) > LIMIT * _LOG2_10:
        raise NumberTooLarge(str(exponent))
    return number[0], number[1] + exponent


def _round(number: Binary, bits: int) -> Decimal:
    mantissa, exponent = number
    if mantissa.bit_length() > bits:
        rounded_mantissa, extra = _nearest(mantissa, 1, bits)
        mantissa, exponent = rounded_mantissa, exponent + extra
    return from_binary((mantissa, exponent), bits)


def exact(number: Binary) -> Decimal:
    mantissa, exponent = number
    if exponent >= 0:
        return Decimal(mantissa << exponent)
    return Decimal(mantissa * 5**-exponent).scaleb(exponent, _EXACT)


def from_binary(number: Binary, bits: int) -> Decimal:
    """A binary number of at most `bits` bits (512: as its shortest decimal). Raises NumberTooLarge."""
    mantissa, exponent = number
    if abs(exponent + mantissa.bit_length()) > LIMIT * _LOG2_10:
        raise NumberTooLarge(f"2 ** {exponent}")
    if mantissa.bit_length() > bits:
        return _round(number, bits)
    if bits < PRECISION:
        return Narrow(exact(number), bits)
    if exponent >= 0 and mantissa.bit_length() + exponent <= bits:
        return Decimal(mantissa << exponent)
    return shortest(number, bits)


def shortest(number: Binary, bits: int) -> Decimal:
    """The shortest decimal that reads back as `number` at `bits` bits, nearest to it where there are several."""
    mantissa, exponent = number
    if not mantissa:
        return ZERO
    sign, magnitude = mantissa < 0, abs(mantissa)
    spare = bits - magnitude.bit_length()
    magnitude, exponent = magnitude << spare, exponent - spare
    even = not magnitude & 1
    # x, and the halves towards its neighbours, all times 2 (Go does not mind that below a power of two they are nearer)
    x, low, high = magnitude * 2, magnitude * 2 - 1, magnitude * 2 + 1
    power = exponent - 1
    scale10 = 0
    if power < 0:
        scale10 = power
        factor = 5**-power
        x, low, high = x * factor, low * factor, high * factor
    else:
        x, low, high = x << power, low << power, high << power
    digits, position = _shortest_digits(x, low, high, even)
    return Decimal((int(sign), tuple(map(int, digits)), position + scale10))


def _shortest_digits(x: int, low: int, high: int, inclusive: bool) -> tuple[str, int]:
    """Digits and decimal exponent of the shortest number between `low` and `high`, nearest to `x`."""
    text = str(Decimal(x))  # unlike str(int), without a limit on digits
    for kept in range(1, len(text) + 1):
        unit = 10 ** (len(text) - kept)
        down = x // unit * unit
        up = down + unit
        fits_down = down > low or (inclusive and down == low)
        fits_up = up < high or (inclusive and up == high)
        if fits_down and fits_up:
            twice = 2 * (x - down)
            chosen = up if twice > unit or (twice == unit and down // unit % 2) else down
        elif fits_down or fits_up:
            chosen = down if fits_down else up
        else:
            continue
        return str(Decimal(chosen // unit)), len(text) - kept
    return text, 0


# -- arithmetic -----------------------------------------------------------------------------------------------


def _bits(a: Decimal, b: Decimal) -> int:
    return max(precision(a), precision(b))


def _small_integers(a: Decimal, b: Decimal) -> bool:
    return a == a.to_integral_value() and b == b.to_integral_value() and a.adjusted() < 70 and b.adjusted() < 70


def _infinite(a: Decimal, b: Decimal) -> bool:
    return not (a.is_finite() and b.is_finite())


def _limit(operation: Callable[[Decimal, Decimal], Decimal], a: Decimal, b: Decimal) -> Decimal:
    """Arithmetic with infinity, which a division by zero gives. Raises Undefined where the result is no number."""
    result = operation(a, b)
    if result.is_nan():
        raise Undefined
    return result


def add(a: Decimal, b: Decimal) -> Decimal:
    """Raises Undefined for opposite infinities."""
    if _infinite(a, b):
        return _limit(_IEEE.add, a, b)
    if _small_integers(a, b):
        return Decimal(int(a) + int(b))
    (m, e), (n, f) = to_binary(a), to_binary(b)
    low = min(e, f)
    return _round(_odd((m << (e - low)) + (n << (f - low)), low), _bits(a, b))


def negate(a: Decimal) -> Decimal:
    value = a.copy_negate()
    return Narrow(value, a.precision) if isinstance(a, Narrow) else value


def subtract(a: Decimal, b: Decimal) -> Decimal:
    return add(a, negate(b))


def multiply(a: Decimal, b: Decimal) -> Decimal:
    """Raises Undefined for zero times infinity."""
    if _infinite(a, b) or not a or not b:
        return _limit(_IEEE.multiply, a, b)
    if _small_integers(a, b):
        return Decimal(int(a) * int(b))
    (m, e), (n, f) = to_binary(a), to_binary(b)
    mantissa, exponent = _odd(m * n, e + f)
    if mantissa.bit_length() > PRECISION:
        mantissa, extra = _nearest(mantissa, 1, PRECISION)
        exponent += extra
    return from_binary((mantissa, exponent), max(_bits(a, b), mantissa.bit_length()))


def divide(a: Decimal, b: Decimal) -> Decimal:
    """By zero: infinity. Raises Undefined for zero by zero and infinity by infinity."""
    if _infinite(a, b) or not b or not a:
        return _limit(_IEEE.divide, a, b)
    (m, e), (n, f) = to_binary(a), to_binary(b)
    mantissa, exponent = _nearest(m if n > 0 else -m, abs(n), _bits(a, b))
    return from_binary((mantissa, exponent + e - f), _bits(a, b))


def modulo(a: Decimal, b: Decimal) -> Decimal:
    """The sign is that of `a`; by zero: `a` itself. Raises Undefined where one of them is infinite."""
    if not b:
        return a
    if _infinite(a, b):
        raise Undefined
    if _small_integers(a, b) and not isinstance(a, Narrow):
        quotient = abs(int(a)) // abs(int(b))
        return Decimal(int(a) - (quotient if (a < 0) == (b < 0) else -quotient) * int(b))
    mantissa, exponent = to_binary(divide(a, b))
    whole = mantissa << exponent if exponent >= 0 else abs(mantissa) >> -exponent
    whole = -abs(whole) if mantissa < 0 else abs(whole)
    bits = precision(a)
    work = multiply_at(from_binary((whole, 0), bits), b, bits)
    return subtract(a, work)


def multiply_at(a: Decimal, b: Decimal, bits: int) -> Decimal:
    (m, e), (n, f) = to_binary(a), to_binary(b)
    return _round(_odd(m * n, e + f), bits)


def truncated(a: Decimal) -> int:
    """Towards zero."""
    mantissa, exponent = to_binary(a)
    if exponent >= 0:
        return mantissa << exponent
    return abs(mantissa) >> -exponent if mantissa >= 0 else -(abs(mantissa) >> -exponent)


def is_integer(a: Decimal) -> bool:
    return to_binary(a)[1] >= 0 if a.as_tuple().exponent != 0 else True


def to_int(a: Decimal) -> int | None:
    """The integer that `a` is, None where it has a fraction."""
    return truncated(a) if is_integer(a) else None


def to_float(a: Decimal) -> float:
    if not a.is_finite():
        return float(a)
    mantissa, exponent = to_binary(a)
    try:
        return float(mantissa << exponent) if exponent >= 0 else mantissa / (1 << -exponent)
    except OverflowError:
        return float("inf") if mantissa > 0 else float("-inf")


# -- text -----------------------------------------------------------------------------------------------------


def text(number: Decimal) -> str:
    """As Terraform writes a number into a string: digits without exponent, as few as tell it from its neighbours."""
    short = shortest(to_binary(number), number.precision) if isinstance(number, Narrow) else number
    if not short.is_finite():
        return "+Inf" if short > 0 else "-Inf"
    if not short:
        return "-0" if short.is_signed() else "0"
    if short.adjusted() > LIMIT or short.adjusted() < -LIMIT:
        raise NumberTooLarge(str(short.adjusted()))
    plain = format(short, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def fixed(number: Decimal, places: int) -> str:
    """Go's %.<places>f: rounded to even at exactly half of the binary value."""
    return format(_quantize(exact(to_binary(number)), -places), "f")


def _quantize(value: Decimal, exponent: int) -> Decimal:
    return value.quantize(Decimal((0, (1,), exponent)), ROUND_HALF_EVEN, _EXACT)


def scientific(number: Decimal, places: int | None, letter: Literal["e", "E"] = "e") -> str:
    """Go's %e: one digit before the point, `places` after it (None: as few as needed), an exponent of two digits."""
    sign, digits, exponent = _significant(number, None if places is None else places + 1)
    if places is not None:
        digits = digits.ljust(places + 1, "0")
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{sign}{mantissa}{letter}{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def general(number: Decimal, places: int | None, letter: Literal["e", "E"] = "e") -> str:
    """Go's %g: %e for large exponents, %f otherwise; `places` counts significant digits (None: as few as needed)."""
    if not number.is_finite():
        return "+Inf" if number > 0 else "-Inf"
    significant = None if places is None else max(places, 1)
    sign, digits, exponent = _significant(number, significant)
    digits = digits.rstrip("0") or "0"
    limit = 6 if significant is None else significant
    if significant is not None and limit > len(digits) and len(digits) >= exponent + 1:
        limit = exponent + 1
    if exponent < -4 or exponent >= limit:
        mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        return f"{sign}{mantissa}{letter}{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    whole, fraction = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
    return sign + whole + ("." + fraction if fraction else "")


def _significant(number: Decimal, count: int | None) -> tuple[str, str, int]:
    """Sign, digits and decimal exponent, rounded to `count` digits (None: the shortest)."""
    if count is None:
        value = shortest(to_binary(number), precision(number))
    else:
        value = exact(to_binary(number))
        if value and len(value.as_tuple().digits) > count:
            value = _quantize(value, value.adjusted() - count + 1)
            if len(value.as_tuple().digits) > count:
                value = _quantize(value, value.adjusted() - count + 1)
    sign, digits, _ = value.as_tuple()
    if not value:
        return "", "0", 0
    return "-" if sign else "", "".join(map(str, digits)), value.adjusted()
