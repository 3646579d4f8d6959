"""Functions on numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from reconciler.hcl import numbers, values
from reconciler.hcl.functions import floats
from reconciler.hcl.functions.spec import Call, FunctionError, Parameter, Table
from reconciler.hcl.values import DYNAMIC, NUMBER, STRING, ListOf, Type, Value, friendly

TABLE = Table()
_NUMBER = Parameter("num", NUMBER)
_DIGITS: Final = {c: i for i, c in enumerate("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")}
_MOST = 1024  # values of one range()


@TABLE.add("abs", Parameter("num", NUMBER, dynamic=True, marked=True), result=NUMBER)
def _abs(call: Call) -> Value:
    given = call.args[0]
    value = given.number
    return values.number(numbers.negate(value) if value.is_signed() else value).with_marks(given.marks)


@TABLE.add("ceil", _NUMBER, result=NUMBER)
def _ceil(call: Call) -> Value:
    return values.number(_whole(call.args[0].number, up=True))


@TABLE.add("floor", _NUMBER, result=NUMBER)
def _floor(call: Call) -> Value:
    return values.number(_whole(call.args[0].number, up=False))


def _whole(value: Decimal, *, up: bool) -> Decimal:
    if not value.is_finite():
        return value
    whole = numbers.truncated(value)
    beyond = not numbers.is_integer(value) and (value > 0) == up
    whole += (1 if up else -1) * beyond
    return numbers.Narrow(whole, value.precision) if isinstance(value, numbers.Narrow) else numbers.from_int(whole)


@TABLE.add("log", _NUMBER, Parameter("base", NUMBER), result=NUMBER)
def _log(call: Call) -> Value:
    return _float(lambda number, base: floats.quotient(floats.log(number), floats.log(base)), call)


@TABLE.add("pow", _NUMBER, Parameter("power", NUMBER), result=NUMBER)
def _pow(call: Call) -> Value:
    return _float(floats.power, call)


def _float(compute: Callable[[float, float], float], call: Call) -> Value:
    given = [numbers.to_float(arg.number) for arg in call.args]
    if any(math.isinf(found) and arg.number.is_finite() for found, arg in zip(given, call.args, strict=True)):
        raise FunctionError("the number does not fit into 64 bits")
    try:
        result = compute(*given)
    except (ValueError, ZeroDivisionError) as error:
        raise numbers.Undefined from error
    except OverflowError:
        result = math.inf
    if math.isnan(result):
        raise numbers.Undefined
    return values.number(Decimal(result) if math.isinf(result) else numbers.from_float(result))


@TABLE.add("signum", _NUMBER, result=NUMBER)
def _signum(call: Call) -> Value:
    value = call.integer(0)
    return values.number((value > 0) - (value < 0))


@TABLE.add("max", variadic=Parameter("numbers", NUMBER, dynamic=True), result=NUMBER)
def _max(call: Call) -> Value:
    return _first_of(call, lambda a, b: a > b)


@TABLE.add("min", variadic=Parameter("numbers", NUMBER, dynamic=True), result=NUMBER)
def _min(call: Call) -> Value:
    return _first_of(call, lambda a, b: a < b)


def _first_of(call: Call, beats: Callable[[Decimal, Decimal], bool]) -> Value:
    if not call.args:
        raise FunctionError("must pass at least one number")
    best = call.args[0]
    for other in call.args[1:]:
        if beats(other.number, best.number):
            best = other
    return best


def _parsed_type(args: Sequence[Value]) -> Type:
    if args[0].type != STRING:
        raise FunctionError(f"first argument must be a string, not {friendly(args[0].type)}", 0)
    return NUMBER


@TABLE.add("parseint", Parameter("number", DYNAMIC), Parameter("base", NUMBER), result=_parsed_type)
def _parseint(call: Call) -> Value:
    text, base = call.text(0), call.integer(1)
    if not 2 <= base <= 62:
        raise FunctionError("base must be a whole number between 2 and 62 inclusive", 1)
    digits = text[1:] if text[:1] in ("+", "-") else text
    digits = digits.lower() if base <= 36 else digits
    amounts = [_DIGITS.get(digit, 99) for digit in digits]
    if not amounts or max(amounts) >= base:
        raise FunctionError(f'cannot parse "{text}" as a base {base} integer', 0)
    if len(amounts) > numbers.LIMIT:
        raise numbers.NumberTooLarge(text[:20])
    result = 0
    for amount in amounts:
        result = result * base + amount
    return values.number(-result if text.startswith("-") else result)


@TABLE.add("range", variadic=Parameter("params", NUMBER), result=ListOf(NUMBER))
def _range(call: Call) -> Value:
    start, end, step = _range_limits([arg.number for arg in call.args])
    down = step < 0
    if (end > start) if down else (end < start):
        side, sign = ("less", "negative") if down else ("greater", "positive")
        raise FunctionError(f"end must be {side} than start when step is {sign}", 1)
    out: list[Value] = []
    value = start
    while (value > end) if down else (value < end):
        if len(out) >= _MOST:
            raise FunctionError(f"more than {_MOST} values were generated; take a nearer end or a larger step")
        out.append(values.number(value))
        value = numbers.add(value, step)
    return values.list_of(out, NUMBER)


def _range_limits(given: list[Decimal]) -> tuple[Decimal, Decimal, Decimal]:
    match given:
        case [end]:
            return numbers.ZERO, end, Decimal(-1 if end < 0 else 1)
        case [start, end]:
            return start, end, Decimal(-1 if end < start else 1)
        case [start, end, step]:
            return start, end, step
        case _:
            raise FunctionError("must have one, two, or three arguments")
