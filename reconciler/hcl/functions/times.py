"""Moments in RFC 3339 and durations, in whole nanoseconds and the proleptic Gregorian calendar, as Go has them."""

from __future__ import annotations

import re
from typing import Final

from reconciler.records import dataclass

_STRICT: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_LOOSE: Final = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?(Z|[+-]\d\d:\d\d))"
    r"|(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?))?\Z",
    re.ASCII,
)
_NANO: Final = 1_000_000_000
_SMALL: Final = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6}
_UNITS: Final = {**_SMALL, "s": _NANO, "m": 60 * _NANO, "h": 3600 * _NANO}
_PART: Final = re.compile(r"(\d*)(?:\.(\d*))?([^\d.]+)", re.ASCII)
_MAX: Final = 2**63


class TimeError(ValueError):
    """A text is no moment or no duration; the message says why."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Nanoseconds since 1970-01-01T00:00:00Z, and the offset of the local time in seconds."""

    nanoseconds: int
    offset: int = 0

    def local(self) -> tuple[int, int, int, int, int, int, int]:
        """Year, month, day, hour, minute, second, weekday (Sunday is 0) where the offset holds."""
        seconds = self.nanoseconds // _NANO + self.offset
        days, rest = divmod(seconds, 86400)
        return *_civil(days), rest // 3600, rest // 60 % 60, rest % 60, (days + 4) % 7

    def __str__(self) -> str:
        year, month, day, hour, minute, second, _ = self.local()
        return f"{_year(year)}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{zone(self.offset, 'Z')}"


def _year(year: int) -> str:
    return f"{year:04}" if year >= 0 else f"-{-year:04}"


def zone(offset: int, utc: str = "", colon: str = ":") -> str:
    """+02:00; `utc` where the offset is none."""
    if not offset and utc:
        return utc
    minutes = abs(offset) // 60
    return f"{'-' if offset < 0 else '+'}{minutes // 60:02}{colon}{minutes % 60:02}"


def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


def _civil(days: int) -> tuple[int, int, int]:
    era, of_era = divmod(days + 719468, 146097)
    year_of_era = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return year_of_era + era * 400 + (month <= 2), month, of_year - (153 * shifted + 2) // 5 + 1


def parse(text: str) -> Moment:
    """A strict RFC 3339 timestamp. Raises TimeError."""
    match = _STRICT.match(text)
    if match is None:
        raise TimeError(f'not a valid RFC3339 timestamp: "{text}"')
    year, month, day, hour, minute, second = (int(match[index]) for index in range(1, 7))
    return _moment((year, month, day, hour, minute, second), match[7], match[8])


def _moment(clock: tuple[int, int, int, int, int, int], fraction: str | None, offset: str) -> Moment:
    year, month, day, hour, minute, second = clock
    if not (1 <= month <= 12 and 1 <= day <= _length(year, month) and hour < 24 and minute < 60 and second < 60):
        raise TimeError("not a valid RFC3339 timestamp: a part of it is out of range")
    shift = 0
    if offset != "Z":
        hours, minutes = int(offset[1:3]), int(offset[4:6])
        if hours > 23 or minutes > 59:
            raise TimeError("not a valid RFC3339 timestamp: the UTC offset is out of range")
        shift = (hours * 3600 + minutes * 60) * (-1 if offset[0] == "-" else 1)
    nanoseconds = int((fraction or "0")[:9].ljust(9, "0"))
    seconds = _days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - shift
    return Moment(seconds * _NANO + nanoseconds, shift)


def _length(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def loose(text: str) -> str | None:
    """What YAML takes for a timestamp, in RFC 3339; None where `text` is none."""
    match = _LOOSE.match(text)
    if match is None:
        return None
    zoned, local = match.group(4, 5, 6), match.group(9, 10, 11)
    hour, minute, second = (int(part or 0) for part in (zoned if zoned[0] is not None else local))
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    try:
        return str(_moment((year, month, day, hour, minute, second), match[7] or match[12], match[8] or "Z"))
    except TimeError:
        return None


def duration(text: str) -> int:
    """Nanoseconds of "1h30m", "-1.5s", "0". Raises TimeError."""
    body = text[1:] if text[:1] in ("+", "-") else text
    sign = -1 if text.startswith("-") else 1
    if body == "0":
        return 0
    total = position = 0
    while position < len(body):
        match = _PART.match(body, position)
        if match is None or not (match[1] or match[2]) or match[3] not in _UNITS:
            raise TimeError(f'time: invalid duration "{text}"')
        unit = _UNITS[match[3]]
        digits = (match[2] or "")[:30]
        total += int(match[1] or 0) * unit + int(digits or 0) * unit // 10 ** len(digits)
        position = match.end()
        if total > _MAX - (sign > 0):
            raise TimeError(f'time: invalid duration "{text}"')
    if not body:
        raise TimeError(f'time: invalid duration "{text}"')
    return sign * total
