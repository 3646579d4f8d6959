"""Terraform's operators, conditionals and string templates on values.

Results are computed, so they have no origin; only `conditional` and a template that is a single interpolation pass a
value through as it is. Marks of the operands are those of the result, and what is known of an unknown result is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from reconciler.errors import EvaluationError
from reconciler.hcl import numbers, values
from reconciler.hcl.convert import ConversionError, convert, mismatch, unify
from reconciler.hcl.graphemes import clusters
from reconciler.hcl.values import BOOL, DYNAMIC, NUMBER, STRING, Refinement, Type, Value, friendly
from reconciler.model import UNKNOWN

UNKNOWN_BOOL: Final = values.unknown(BOOL, Refinement(not_null=True))
UNKNOWN_NUMBER: Final = values.unknown(NUMBER, Refinement(not_null=True))


class OperatorError(EvaluationError):
    """An operand is not what the operator takes; `operand` counts from 0, None where both are at fault.

    `type` is what the result would be of all the same, dynamic where that is not known.
    """

    def __init__(self, reason: str, operand: int | None = None, type_: Type = DYNAMIC) -> None:
        super().__init__(reason)
        self.reason = reason
        self.operand = operand
        self.type = type_


def binary(operator: str, left: Value, right: Value) -> Value:
    """`left operator right`. Raises OperatorError."""
    if operator in ("==", "!="):
        return equality(left, right, negated=operator == "!=")
    type_ = BOOL if operator in ("&&", "||") else NUMBER
    operands = [_operand(left, type_, 0), _operand(right, type_, 1)]
    marks = left.marks | right.marks
    if operator in ("&&", "||") and not (operands[0].known and operands[1].known):
        return UNKNOWN_BOOL  # neither operand decides alone, and Terraform forgets the marks
    if operator in _ARITHMETIC:
        result = _arithmetic(operator, *operands)
    elif operator in _COMPARISONS:
        result = _comparison(operator, *operands)
    elif operator in ("&&", "||"):
        result = _logic(operator, *operands)
    else:
        raise OperatorError(f"there is no operator {operator}")
    return result.with_marks(marks)


def unary(operator: str, operand: Value) -> Value:
    """`-operand` or `!operand`. Raises OperatorError."""
    if operator not in ("-", "!"):
        raise OperatorError(f"there is no operator {operator}")
    checked = _operand(operand, NUMBER if operator == "-" else BOOL, 0)
    if not checked.known:
        return UNKNOWN_NUMBER if operator == "-" else UNKNOWN_BOOL  # Terraform forgets the marks
    result = values.number(numbers.negate(checked.number)) if operator == "-" else values.boolean(not checked.true)
    return result.with_marks(operand.marks)


def _operand(value: Value, type_: Type, position: int) -> Value:
    try:
        converted = convert(value, type_)
    except ConversionError as error:
        raise OperatorError(f"unsuitable value for {('left', 'right')[position]} operand: {error}", position) from error
    if converted.null:
        raise OperatorError("argument must not be null", position)
    return converted


# -- equality and logic ---------------------------------------------------------------------------------------


def equality(left: Value, right: Value, *, negated: bool = False) -> Value:
    """Whether two values of any types are equal; nulls of all types are."""
    same = values.equal(left, right)
    result = UNKNOWN_BOOL if same is None else values.boolean(same is not negated)
    return result.with_marks(values.deep_marks(left) | values.deep_marks(right))


def _logic(operator: str, left: Value, right: Value) -> Value:
    return values.boolean(left.true and right.true if operator == "&&" else left.true or right.true)


# -- numbers --------------------------------------------------------------------------------------------------

_ARITHMETIC: Final[Mapping[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": numbers.add,
    "-": numbers.subtract,
    "*": numbers.multiply,
    "/": numbers.divide,
    "%": numbers.modulo,
}
_COMPARISONS: Final[Mapping[str, Callable[[Decimal, Decimal], bool]]] = {
    "<": Decimal.__lt__,
    ">": Decimal.__gt__,
    "<=": Decimal.__le__,
    ">=": Decimal.__ge__,
}


def _arithmetic(operator: str, left: Value, right: Value) -> Value:
    if not left.known or not right.known:
        return UNKNOWN_NUMBER
    try:
        return values.number(_ARITHMETIC[operator](left.number, right.number))
    except numbers.Undefined as error:
        raise OperatorError(f"{left.number} {operator} {right.number} is no number") from error
    except numbers.NumberTooLarge as error:
        raise OperatorError("the result is too large to be computed with") from error


def bounds(value: Value) -> tuple[Decimal | None, Decimal | None]:
    """The least and greatest that a number can be."""
    if value.raw is UNKNOWN:
        return value.refinement.low, value.refinement.high
    return (None, None) if value.null else (value.number, value.number)


def _comparison(operator: str, left: Value, right: Value) -> Value:
    if left.known and right.known:
        return values.boolean(_COMPARISONS[operator](left.number, right.number))
    (low, high), (other_low, other_high) = bounds(left), bounds(right)
    less = high is not None and other_low is not None and high < other_low
    greater = low is not None and other_high is not None and low > other_high
    if less or greater:
        return values.boolean(less == operator.startswith("<"))
    return UNKNOWN_BOOL


# -- conditionals ---------------------------------------------------------------------------------------------


def conditional(condition: Value, then: Value, otherwise: Value) -> Value:
    """`condition ? then : otherwise`, both evaluated; the result has the type that both have in common.

    It has the marks of all three, taken or not. Raises OperatorError (operand 0 is the condition).
    """
    chosen = _chosen(condition, then, otherwise)
    return chosen.with_marks(condition.marks | then.marks | otherwise.marks)


def _chosen(condition: Value, then: Value, otherwise: Value) -> Value:
    if _untyped_null(then) and not _untyped_null(otherwise):
        type_, pair = otherwise.type, (None, otherwise)
        then = replace(then, type=type_)
    elif _untyped_null(otherwise) and not _untyped_null(then):
        type_, pair = then.type, (then, None)
        otherwise = replace(otherwise, type=type_)
    elif DYNAMIC in (then.type, otherwise.type):
        type_, pair = DYNAMIC, (then, otherwise)
    else:
        common = unify([then.type, otherwise.type])
        if common is None:
            raise OperatorError(_inconsistent(then.type, otherwise.type))
        type_, pair = common.type, common
    if condition.null:
        raise OperatorError("the condition is null; it must be either true or false", 0, type_)
    if not condition.known:
        return _undecided(then, otherwise, type_)
    try:
        chosen = convert(condition, BOOL).true
    except ConversionError as error:
        raise OperatorError("the condition must be of type bool", 0, type_) from error
    position = 0 if chosen else 1
    value = (then, otherwise)[position]
    if isinstance(pair, tuple):
        return value
    try:
        return pair.conversions[position](value, ())
    except ConversionError as error:
        what = f"the {'true' if chosen else 'false'} result value has the wrong type: {error}"
        raise OperatorError(what, position + 1, type_) from error


def _untyped_null(value: Value) -> bool:
    return value.null and value.type == DYNAMIC and not value.marks


def _undecided(then: Value, otherwise: Value, type_: Type) -> Value:
    """The condition is unknown: what holds for both results holds for the result."""
    if then.null and otherwise.null:
        return values.null(type_)
    known = Refinement(not_null=then.definitely_not_null and otherwise.definitely_not_null)
    if then.type == otherwise.type == NUMBER:
        (low, high), (other_low, other_high) = bounds(then), bounds(otherwise)
        known = replace(
            known,
            low=None if low is None or other_low is None else min(low, other_low),
            high=None if high is None or other_high is None else max(high, other_high),
        )
    elif then.type == otherwise.type and values.is_collection(type_):
        (least, most), (other_least, other_most) = _lengths(then), _lengths(otherwise)
        known = replace(
            known,
            min_length=min(least, other_least),
            max_length=None if most is None or other_most is None else max(most, other_most),
        )
    return values.unknown(type_, known)


def _lengths(value: Value) -> tuple[int, int | None]:
    """The least and greatest length that a collection can have."""
    if not value.known:
        return value.refinement.min_length, value.refinement.max_length
    if value.null:
        return 0, None
    low, high = values.length_bounds(value)
    return (low, high) if low == high else (0, None)


def _inconsistent(then: Type, otherwise: Type) -> str:
    rule = "the true and false result expressions must have consistent types"
    if friendly(then) != friendly(otherwise):
        return f"{rule}: the 'true' value is {friendly(then)}, but the 'false' value is {friendly(otherwise)}"
    return f"{rule}: {mismatch(then, otherwise)}"


# -- templates ------------------------------------------------------------------------------------------------


_KNOWN_PREFIX: Final = 128
"""Bytes that are kept of what a string begins with."""


def template_part(part: Value) -> Value:
    """A part as a string. Raises OperatorError."""
    if part.null:
        raise OperatorError("the expression result is null; a null value cannot be part of a string template")
    if not part.known:
        return part
    try:
        return convert(part, STRING)
    except ConversionError as error:
        raise OperatorError(f"cannot include the given value in a string template: {error}") from error


def template(parts: Sequence[Value]) -> Value:
    """The parts of a string template, strings each where they are known, as one."""
    text: list[str] = []
    known = True
    for part in parts:
        known = known and part.known
        text += [part.text] if known else []
    marks = frozenset[str]().union(*(part.marks for part in parts))
    if known:
        return values.string("".join(text)).with_marks(marks)
    start = "".join(text).encode(errors="surrogatepass")[:_KNOWN_PREFIX].decode(errors="ignore")
    return values.unknown(STRING, Refinement(not_null=True, prefix=safe_prefix(start))).with_marks(marks)


def safe_prefix(text: str) -> str:
    """What surely starts a string of which only `text` is known: what follows may combine with its last character."""
    text = values.normalized(text)
    if not text:
        return ""
    last = text[-200:]
    cluster = clusters(last)[-1]
    return text if cluster in _ENDS else text[: -len(cluster)]


_ENDS: Final = frozenset("-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'")
"""Signs that nothing combines with. There are more, but Terraform knows of these."""
