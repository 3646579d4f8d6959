"""format() and formatlist(), whose verbs are a subset of Go's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from reconciler.hcl import numbers, values
from reconciler.hcl.convert import ConversionError, convert
from reconciler.hcl.functions import jsons
from reconciler.hcl.functions.spec import LONGEST, Call, FunctionError, Parameter, Table, Unavailable
from reconciler.hcl.graphemes import clusters
from reconciler.hcl.operators import safe_prefix
from reconciler.hcl.values import BOOL, DYNAMIC, NUMBER, STRING, ListOf, Refinement, SetOf, TupleOf, Type, Value
from reconciler.records import dataclass

TABLE = Table()
_FORMAT = Parameter("format", STRING)
_ARGS = Parameter("args", DYNAMIC, null=True, unknown=True)
_VERB: Final = re.compile(r"%([0#+\- ]*)(\d+)?(?:\.(\d+))?(?:\[(\d+)\])?([A-Za-z])", re.ASCII)
_WIDEST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class _Verb:
    raw: str
    flags: str
    width: int
    precision: int | None
    letter: str

    def pad(self, text: str) -> str:
        """Padded to the width, counted in characters as a reader sees them."""
        missing = "" if self.width < 0 else ("0" if "0" in self.flags else " ") * (self.width - len(clusters(text)))
        return text + missing if "-" in self.flags else missing + text

    @property
    def zeros(self) -> bool:
        return "0" in self.flags and "-" not in self.flags

    @property
    def sign(self) -> str:
        return "+" if "+" in self.flags else " " if " " in self.flags else ""


@TABLE.add("format", _FORMAT, variadic=_ARGS, result=STRING)
def _format(call: Call) -> Value:
    if all(map(values.wholly_known, call.args[1:])):
        return values.string(_formatted(call.text(0), call.args[1:]))
    prefix, verb, _ = call.text(0).partition("%")
    return values.unknown(STRING, Refinement(not_null=True, prefix=safe_prefix(prefix) if verb else ""))


@TABLE.add("formatlist", _FORMAT, variadic=_ARGS, result=ListOf(STRING))
def _formatlist(call: Call) -> Value:
    template, given = call.text(0), call.args[1:]
    count, known = _common_length(given)
    if not known:
        return values.unknown(call.type)
    columns = [arg.items if _is_list(arg) else (arg,) * count for arg in given]
    rows = zip(*columns, strict=True) if columns else [()]
    out: list[Value] = []
    size = 0
    for index, row in enumerate(rows):
        out.append(_row(template, index, row))
        size += len(out[-1].text) if out[-1].known else 0
        if size > LONGEST:
            raise Unavailable("the result is too long")
    return values.list_of(out, STRING)


def _row(template: str, index: int, row: Sequence[Value]) -> Value:
    if not all(map(values.wholly_known, row)):
        return values.unknown(STRING, Refinement(not_null=True))
    try:
        return values.string(_formatted(template, row))
    except Unavailable:
        raise
    except FunctionError as error:
        raise FunctionError(f"error on format iteration {index}: {error.reason}") from error


def _is_list(value: Value) -> bool:
    return isinstance(value.type, ListOf | SetOf | TupleOf) and not value.null


def _common_length(given: Sequence[Value]) -> tuple[int, bool]:
    """The length of all lists among the arguments (1 without any), and whether all of them are known."""
    count, chooser, known = -1, -1, True
    for index, arg in enumerate(given):
        if not _is_list(arg):
            known = known and not (arg.type == DYNAMIC and not arg.known)
            continue
        length = _length(arg)
        known = known and arg.known and length >= 0
        if length < 0:
            continue
        if count >= 0 and length != count:
            reason = f"has length {length}, which is inconsistent with argument {chooser + 1} of length {count}"
            raise FunctionError(f"argument {index + 1} {reason}", index + 1)
        count, chooser = length, index
    return (1 if count < 0 else count), known


def _length(value: Value) -> int:
    """-1 where it is unknown."""
    if isinstance(value.type, TupleOf):
        return len(value.type.elements)
    if not value.known:
        return -1
    low, high = values.length_bounds(value)
    return low if low == high else -1


# -- one string -----------------------------------------------------------------------------------------------


def _formatted(template: str, args: Sequence[Value]) -> str:
    out: list[str] = []
    position = highest = used = size = 0
    while (start := template.find("%", position)) >= 0:
        out.append(template[position:start])
        if template.startswith("%%", start):
            out.append("%")
            position = start + 2
            continue
        match = _VERB.match(template, start)
        if match is None:
            raise FunctionError(f"invalid format string starting at offset {start}")
        position = match.end()
        used = int(match[4]) if match[4] else used + 1
        highest = max(highest, used)
        verb = _verb(match)
        if not 1 <= used <= len(args):
            raise FunctionError(
                f'not enough arguments for "{verb.raw}" at {start}: need index {used}, have {len(args)}'
            )
        try:
            out.append(_one(verb, args[used - 1]))
        except ConversionError as error:
            raise FunctionError(f'unsupported value for "{verb.raw}" at {start}: {error}') from error
        size += len(out[-1])
        if size > LONGEST:
            raise Unavailable("the result is too long")
    if highest < len(args):
        extra = f"only {highest} used by format string" if highest else "no verbs in format string"
        raise FunctionError(f"too many arguments; {extra}", highest + 1)
    return "".join([*out, template[position:]])


def _verb(match: re.Match[str]) -> _Verb:
    width, precision = int(match[2] or -1), None if match[3] is None else int(match[3])
    if width > _WIDEST or (precision or 0) > _WIDEST:
        raise Unavailable("the width or precision of a format verb is too large")
    return _Verb(match[0], match[1], width, precision, match[5])


def _one(verb: _Verb, value: Value) -> str:
    if value.null and verb.letter != "v":
        raise ConversionError("null value cannot be formatted")
    match verb.letter:
        case "v":
            return verb.pad(_as_it_is(verb, value))
        case "t":
            return "true" if _converted(value, BOOL).true else "false"
        case "s" | "q":
            text = _converted(value, STRING).text
            text = "".join(clusters(text)[: verb.precision]) if verb.precision else text
            return verb.pad(jsons.quote(text) if verb.letter == "q" else text)
        case "b" | "d" | "o" | "x" | "X":
            return _integer(verb, value)
        case "e" | "E" | "f" | "g" | "G":
            return _float(verb, value)
        case letter:
            raise ConversionError(f"unsupported format verb '{letter}'")


def _converted(value: Value, type_: Type) -> Value:
    converted = convert(value, type_)
    if converted.null:
        raise ConversionError("null value cannot be formatted")
    return converted


def _as_it_is(verb: _Verb, value: Value) -> str:
    if "#" not in verb.flags and not value.null:
        if value.type == STRING:
            return value.text
        if value.type == NUMBER:
            return numbers.general(value.number, None)
    return jsons.encode(value)


_BASES: Final[Mapping[str, tuple[str, str]]] = {
    "b": ("b", "0b"),
    "d": ("d", ""),
    "o": ("o", "0"),
    "x": ("x", "0x"),
    "X": ("X", "0X"),
}


def _integer(verb: _Verb, value: Value) -> str:
    number = _converted(value, NUMBER).number
    whole = numbers.to_int(number) if number.is_finite() else None
    if whole is None:
        raise ConversionError("an integer is required")
    base, prefix = _BASES[verb.letter]
    prefix = prefix if "#" in verb.flags else ""
    sign = "-" if whole < 0 else verb.sign
    digits = format(abs(whole), base)
    if verb.precision == 0 and not whole:
        return ""
    digits = digits.rjust(verb.precision or 0, "0")
    if verb.zeros and verb.precision is None:
        digits = digits.rjust(verb.width - len(sign) - len(prefix), "0")
    text = sign + prefix + digits
    return text.ljust(verb.width) if "-" in verb.flags else text.rjust(verb.width)


def _float(verb: _Verb, value: Value) -> str:
    number = _converted(value, NUMBER).number
    if not number.is_finite():
        text = "+Inf" if number > 0 else "-Inf"
    elif verb.letter == "f":
        text = numbers.fixed(number, 6 if verb.precision is None else verb.precision)
    elif verb.letter in "eE":
        text = numbers.scientific(number, 6 if verb.precision is None else verb.precision)
    else:
        text = numbers.general(number, verb.precision)
    sign = text[0] if text[0] in "+-" else verb.sign
    text = text.lstrip("+-").upper() if verb.letter in "EG" else text.lstrip("+-")
    missing = max(verb.width - len(sign) - len(text), 0)
    if verb.zeros and number.is_finite():
        return sign + "0" * missing + text
    return sign + text + " " * missing if "-" in verb.flags else " " * missing + sign + text
