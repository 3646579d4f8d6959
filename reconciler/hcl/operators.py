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
from reconciler.hcl.values import BOOL, DYNAMIC, NUMBER, STRING, Refinement, Type, Value, friendly
from reconciler.model import UNKNOWN

UNKNOWN_BOOL: Final = values.unknown(BOOL, Refinement(not_null=True))
UNKNOWN_NUMBER: Final = values.unknown(NUMBER, Refinement(not_null=True))


class OperatorError(EvaluationError):
    """An operand is not what the operator takes; `operand` counts from 0, None where both are at fault."""

    def __init__(self, reason: str, operand: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.operand = operand


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
    return value.number, value.number


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
        raise OperatorError("the condition is null; it must be either true or false", 0)
    if not condition.known:
        return _undecided(then, otherwise, type_)
    try:
        chosen = convert(condition, BOOL).true
    except ConversionError as error:
        raise OperatorError("the condition must be of type bool", 0) from error
    position = 0 if chosen else 1
    value = (then, otherwise)[position]
    if isinstance(pair, tuple):
        return value
    try:
        return pair.conversions[position](value, ())
    except ConversionError as error:
        raise OperatorError(f"the {'true' if chosen else 'false'} result value has the wrong type: {error}") from error


def _untyped_null(value: Value) -> bool:
    return value.null and value.type == DYNAMIC and not value.marks


def _undecided(then: Value, otherwise: Value, type_: Type) -> Value:
    """The condition is unknown: what holds for both results holds for the result."""
    if then.null and otherwise.null:
        return values.null(type_)
    known = Refinement(not_null=then.definitely_not_null and otherwise.definitely_not_null)
    if then.type == otherwise.type and not then.null and not otherwise.null:
        if type_ == NUMBER and then.known and otherwise.known:
            low, high = sorted([then.number, otherwise.number])
            known = Refinement(not_null=True, low=low, high=high)
        elif values.is_collection(type_) and then.known and otherwise.known:
            low, high = sorted([_length(then), _length(otherwise)])
            known = Refinement(not_null=True, min_length=low, max_length=high) if low >= 0 else known
    return values.unknown(type_, known)


def _length(value: Value) -> int:
    """-1 where it is unknown."""
    low, high = values.length_bounds(value)
    return low if low == high else -1


def _inconsistent(then: Type, otherwise: Type) -> str:
    rule = "the true and false result expressions must have consistent types"
    if friendly(then) != friendly(otherwise):
        return f"{rule}: the 'true' value is {friendly(then)}, but the 'false' value is {friendly(otherwise)}"
    return f"{rule}: {mismatch(then, otherwise)}"


# -- templates ------------------------------------------------------------------------------------------------


LONGEST: Final = 10_000_000
"""Characters of a string that a template may make."""


def template(parts: Sequence[Value]) -> Value:
    """The parts of a string template as one string; a single part is passed through unconverted by the caller.

    Raises OperatorError, whose operand is the index of the part.
    """
    text: list[str] = []
    marks = frozenset[str]()
    known, size = True, 0
    for position, part in enumerate(parts):
        if part.null:
            raise OperatorError(
                "the expression result is null; a null value cannot be part of a string template", position
            )
        marks = marks | part.marks
        if not part.known:
            known = False
            continue
        try:
            converted = convert(part, STRING)
        except ConversionError as error:
            raise OperatorError(f"cannot include the given value in a string template: {error}", position) from error
        text += [converted.text] if known else []
        size += len(converted.text)
        if size > LONGEST:
            raise OperatorError(f"the string is too long: more than {LONGEST} characters", position)
    if known:
        return values.string("".join(text)).with_marks(marks)
    return values.unknown(STRING, Refinement(not_null=True, prefix=safe_prefix("".join(text)))).with_marks(marks)


def safe_prefix(text: str) -> str:
    """What surely starts a string of which only `text` is known: what follows may combine with its last character."""
    return values.normalized(text)[:-1] if text and not _ends_safely(text) else values.normalized(text)


def _ends_safely(text: str) -> bool:
    return text[-1].isascii() and not text[-1].isalnum() and text[-1] not in "\r<>=~"
