"""Splitting a string into what a reader takes for characters (Unicode's extended grapheme clusters)."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from typing import Final, NamedTuple

from reconciler.hcl.grapheme_classes import CLASSES

_JOINER: Final = "\u200d"
_HANGUL: Final = {"L": (0x1100, 0x115F), "L2": (0xA960, 0xA97C), "V": (0x1160, 0x11A7), "V2": (0xD7B0, 0xD7C6)}
_SYLLABLES: Final = (0xAC00, 0xD7A3)


class _Ranges(NamedTuple):
    starts: list[int]
    ends: list[int]

    def has(self, code: int) -> bool:
        index = bisect_right(self.starts, code) - 1
        return index >= 0 and code <= self.ends[index]


@cache
def _ranges(name: str) -> _Ranges:
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for entry in CLASSES[name].split():
        gap, _, length = entry.partition("+")
        position += int(gap, 36)
        starts.append(position)
        position += int(length or "0", 36)
        ends.append(position)
    return _Ranges(starts, ends)


@cache
def _class(character: str) -> str:
    code = ord(character)
    if character == _JOINER:
        return "joiner"
    if 0x1F1E6 <= code <= 0x1F1FF:
        return "regional"
    hangul = _hangul(code)
    if hangul:
        return hangul
    return next((name for name in CLASSES if _ranges(name).has(code)), "other")


def _hangul(code: int) -> str:
    if _SYLLABLES[0] <= code <= _SYLLABLES[1]:
        return "LV" if (code - _SYLLABLES[0]) % 28 == 0 else "LVT"
    for name, (start, end) in _HANGUL.items():
        if start <= code <= end:
            return name[0]
    return "T" if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB else ""


_FOLLOWS: Final = {
    "L": {"L", "V", "LV", "LVT"},
    "LV": {"V", "T"},
    "V": {"V", "T"},
    "LVT": {"T"},
    "T": {"T"},
}


def clusters(text: str) -> list[str]:
    """The grapheme clusters of `text`, in order."""
    if text.isascii() and "\r\n" not in text:
        return list(text)
    out: list[str] = []
    start = 0
    for position in range(1, len(text)):
        if _breaks(text, start, position):
            out.append(text[start:position])
            start = position
    return [*out, text[start:]] if text else out


def _breaks(text: str, start: int, position: int) -> bool:
    before, after = _class(text[position - 1]), _class(text[position])
    if before == "control" or after == "control":
        return not (text[position - 1] == "\r" and text[position] == "\n")
    if after in ("extend", "joiner", "spacing") or before == "prepend":
        return False
    if after in _FOLLOWS.get(before, ()):
        return False
    if before == "regional" and after == "regional":
        first = position
        while first > start and _class(text[first - 1]) == "regional":
            first -= 1
        return (position - first) % 2 == 0
    if before == "joiner" and after == "pictographic":
        base = text[start : position - 1]
        while base and _class(base[-1]) == "extend":
            base = base[:-1]
        return not (base and _class(base[-1]) == "pictographic")
    return True
