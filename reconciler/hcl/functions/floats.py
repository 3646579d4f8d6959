"""Logarithm and power of 64-bit floats, with the last digits that Go's mathematics gives and not those of C's."""

from __future__ import annotations

import math
import sys
from typing import Final

_LN2_HIGH: Final = 6.93147180369123816490e-01
_LN2_LOW: Final = 1.90821492927058770002e-10
_EVEN: Final = (6.666666666666735130e-01, 2.857142874366239149e-01, 1.818357216161805012e-01, 1.479819860511658591e-01)
_ODD: Final = (3.999999999940941908e-01, 2.222219843214978396e-01, 1.531383769920937332e-01)


def log(value: float) -> float:
    """The natural logarithm by the series of fdlibm; -inf of 0. Raises ValueError for a negative number."""
    if value < 0:
        raise ValueError("the logarithm of a negative number")
    if value == 0:
        return -math.inf
    if math.isinf(value):
        return value
    fraction, exponent = math.frexp(value)
    if value < sys.float_info.min:  # Go's code for amd64 takes a subnormal number for a normal one
        fraction, exponent = 0.5 + math.ldexp(value, 1021), -1022
    if fraction < math.sqrt(2) / 2:
        fraction, exponent = fraction * 2, exponent - 1
    f = fraction - 1
    s = f / (2 + f)
    s2 = s * s
    s4 = s2 * s2
    t1 = s2 * (_EVEN[0] + s4 * (_EVEN[1] + s4 * (_EVEN[2] + s4 * _EVEN[3])))
    t2 = s4 * (_ODD[0] + s4 * (_ODD[1] + s4 * _ODD[2]))
    half = 0.5 * f * f
    return exponent * _LN2_HIGH - ((half - (s * (half + (t1 + t2)) + exponent * _LN2_LOW)) - f)


def quotient(a: float, b: float) -> float:
    """By zero: infinity. Raises ValueError for zero by zero and infinity by infinity."""
    if b == 0 and a != 0:
        return math.copysign(math.inf, a) * math.copysign(1, b)
    if b == 0 or (math.isinf(a) and math.isinf(b)):
        raise ValueError("the quotient is no number")
    return a / b


def power(base: float, exponent: float) -> float:
    """`base` to the power of `exponent`, by repeated squaring. Raises ValueError where there is no real result."""
    if exponent == 0 or base == 1:
        return 1.0
    if base == 0 or math.isinf(base) or math.isinf(exponent):
        return _at_the_edge(base, exponent)
    if abs(exponent) == 0.5 and base >= 0:
        return math.sqrt(base) if exponent > 0 else 1 / math.sqrt(base)
    fraction, whole = math.modf(abs(exponent))
    if fraction and base < 0:
        raise ValueError("a fractional power of a negative number")
    if whole >= 2**63:
        return 1.0 if base == -1 else 0.0 if (abs(base) < 1) == (exponent > 0) else math.inf
    result, scale = 1.0, 0
    if fraction:
        if fraction > 0.5:
            fraction, whole = fraction - 1, whole + 1
        result = math.exp(fraction * log(base))
    result, scale = _whole_power(base, int(whole), result)
    if exponent < 0:
        result, scale = 1 / result, -scale
    return _scaled(result, scale)


def _at_the_edge(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except (ValueError, OverflowError):
        odd = exponent % 2 == 1
        return math.copysign(math.inf, base) if odd else math.inf


def _whole_power(base: float, whole: int, result: float) -> tuple[float, int]:
    """`result` times `base` to the power of `whole`, as a number and the power of two to multiply it by."""
    square, exponent = math.frexp(base)
    scale = 0
    while whole:
        if abs(exponent) > 1 << 12:
            scale += exponent  # it overflows or underflows whatever comes
            break
        if whole & 1:
            result, scale = result * square, scale + exponent
        square, exponent = square * square, exponent * 2
        if square < 0.5:
            square, exponent = square * 2, exponent - 1
        whole >>= 1
    return result, scale


def _scaled(value: float, exponent: int) -> float:
    try:
        return math.ldexp(value, exponent)
    except OverflowError:
        return math.copysign(math.inf, value)
