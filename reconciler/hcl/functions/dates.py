"""Functions on moments. What depends on when Terraform runs is unknown."""

from __future__ import annotations

import re
from typing import Final

from reconciler.hcl import values
from reconciler.hcl.functions import times
from reconciler.hcl.functions.spec import Call, FunctionError, Parameter, Table
from reconciler.hcl.functions.times import Moment, TimeError
from reconciler.hcl.values import NUMBER, STRING, Value

TABLE = Table()
_TIMESTAMP = Parameter("timestamp", STRING)
_TOKENS: Final = re.compile(r"''|'(?:[^']|'')*'?|([A-Za-z])\1*|[^'A-Za-z]+", re.DOTALL)
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


@TABLE.add("timestamp", result=STRING)
@TABLE.add("plantimestamp", result=STRING)
def _now(_call: Call) -> Value:
    return values.unknown(STRING)


def _moment(call: Call, index: int) -> Moment:
    try:
        return times.parse(call.text(index))
    except TimeError as error:
        raise FunctionError(str(error), index) from error


@TABLE.add("timeadd", _TIMESTAMP, Parameter("duration", STRING), result=STRING, nullable=True)
def _timeadd(call: Call) -> Value:
    moment = _moment(call, 0)
    try:
        added = times.duration(call.text(1))
    except TimeError as error:
        raise FunctionError(str(error), 1) from error
    return values.string(str(Moment(moment.nanoseconds + added, moment.offset)))


@TABLE.add("timecmp", Parameter("timestamp_a", STRING), Parameter("timestamp_b", STRING), result=NUMBER)
def _timecmp(call: Call) -> Value:
    first, second = _moment(call, 0).nanoseconds, _moment(call, 1).nanoseconds
    return values.number((first > second) - (first < second))


@TABLE.add("formatdate", Parameter("format", STRING), Parameter("time", STRING), result=STRING)
def _formatdate(call: Call) -> Value:
    moment = _moment(call, 1)
    return values.string("".join(_piece(match[0], moment) for match in _TOKENS.finditer(call.text(0))))


def _piece(piece: str, moment: Moment) -> str:
    if piece == "''":
        return "'"
    if piece.startswith("'"):
        if len(piece) == 1 or not piece.endswith("'"):
            raise FunctionError("unterminated literal '", 0)
        return piece[1:-1].replace("''", "'")
    if not (piece[0].isascii() and piece[0].isalpha()):
        return piece
    written = _verb(piece, moment)
    if written is None:
        raise FunctionError(f'invalid date format verb "{piece}"', 0)
    return written


def _verb(piece: str, moment: Moment) -> str | None:
    year, month, day, hour, minute, second, weekday = moment.local()
    numeric = {"M": month, "D": day, "h": hour, "H": hour % 12 or 12, "m": minute, "s": second}
    if piece[0] in numeric and len(piece) <= 2:
        return f"{numeric[piece[0]]:0{len(piece)}}"
    half = "AM" if hour < 12 else "PM"
    names = {
        "YY": f"{year % 100:02}",
        "YYYY": f"{year:04}",
        "MMM": _MONTHS[month - 1][:3],
        "MMMM": _MONTHS[month - 1],
        "EEE": _DAYS[weekday][:3],
        "EEEE": _DAYS[weekday],
        "AA": half,
        "aa": half.lower(),
        "Z": times.zone(moment.offset, "Z"),
        "ZZZ": times.zone(moment.offset, "UTC", ""),
        "ZZZZ": times.zone(moment.offset, colon=""),
        "ZZZZZ": times.zone(moment.offset),
    }
    return names.get(piece)
