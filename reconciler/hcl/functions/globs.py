"""Patterns of file names as `fileset` takes them, walked through a tree as Terraform walks through a folder.

Terraform finds out that a pattern is wrong when it holds a name against the wrong part of it, and not before; so the
parts are tried on the names that are there, one after the other.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

_SPECIAL: Final = "*?[{\\"
LONGEST: Final = 500  # characters of a pattern


class BadPattern(ValueError):
    """Terraform refuses the pattern."""


def find(paths: Sequence[str], pattern: str) -> Iterator[str]:
    """The files among `paths`, which are sorted, that the pattern names. Raises BadPattern.

    `**` stands for any folders, `*` and `?` for characters of a name, with [classes] and {alternatives} in a name.
    """
    while "**/**/" in (shorter := f"{pattern}/"):
        pattern = shorter.replace("**/**/", "**/")[:-1]  # says the same, and is not looked through twice
    yield from _walk(paths, "", pattern)


def _walk(paths: Sequence[str], folder: str, pattern: str) -> Iterator[str]:
    first = min((at for at in map(pattern.find, _SPECIAL) if at >= 0), default=len(pattern))
    plain = pattern.rfind("/", 0, first)
    if plain > 0:
        folder, pattern = _join(folder, pattern[:plain]), pattern[plain + 1 :]
    part, slash, rest = _parted(pattern)
    if part == "**":
        for name, is_folder in _names(paths, folder):
            if is_folder:
                yield from _walk(paths, _join(folder, name), pattern)
            elif not slash:
                yield _join(folder, name)
        if not slash:
            return
        part, slash, rest = _parted(rest)
        if part == "**":
            yield from _walk(paths, folder, f"{part}{slash}{rest}")
            return
    for name, is_folder in _names(paths, folder):
        if _matches(part, name):
            if slash and is_folder:
                yield from _walk(paths, _join(folder, name), rest)
            elif not slash and not is_folder:
                yield _join(folder, name)


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _parted(pattern: str) -> tuple[str, str, str]:
    """What stands before the first slash that is not escaped, the slash, and what stands after it."""
    at = _index(pattern, "/")
    return (pattern, "", "") if at < 0 else (pattern[:at], "/", pattern[at + 1 :])


def _names(paths: Sequence[str], folder: str) -> Iterator[tuple[str, bool]]:
    """What lies in the folder, by name, and whether that is a folder."""
    prefix = f"{folder}/" if folder else ""
    at = bisect_left(paths, prefix)
    while at < len(paths) and paths[at].startswith(prefix):
        name, slash, _ = paths[at][len(prefix) :].partition("/")
        yield name, bool(slash)
        at = bisect_left(paths, f"{prefix}{name}0", at) if slash else at + 1  # "0" comes after "/"


# -- one name -------------------------------------------------------------------------------------------------


def _index(text: str, sign: str) -> int:
    """Where `sign` stands without a backslash before it; -1 where it does not."""
    at = text.find(sign)
    while at > 0 and text[at - 1] == "\\":
        at = text.find(sign, at + 1)
    return at


def _matches(pattern: str, name: str) -> bool:
    """Raises BadPattern."""

    @cache
    def rest_matches(pattern: str, name: str) -> bool:
        while pattern and name:
            if pattern[0] == "*":
                return pattern == "*" or any(tried(pattern[1:], name[at:]) for at in range(len(name)))
            if pattern[0] == "{":
                end = _end(pattern, "}")
                after = pattern[end + 1 :]
                return any(rest_matches(choice + after, name) for choice in _choices(pattern[1:end]))
            fits, length = _one_matches(pattern, name[0])
            if not fits:
                return False
            pattern, name = pattern[length:], name[1:]
        return not name and pattern in ("", "*", "**")

    def tried(pattern: str, name: str) -> bool:
        """Behind a star Terraform takes a wrong pattern for one that does not match."""
        try:
            return rest_matches(pattern, name)
        except BadPattern:
            return False

    return rest_matches(pattern, name)


def _one_matches(pattern: str, character: str) -> tuple[bool, int]:
    """Whether what the pattern begins with fits the character, and how long that is. Raises BadPattern."""
    sign = pattern[0]
    if sign == "[":
        end = _end(pattern, "]")
        return _in_class(pattern[1:end], character), end + 1
    if sign == "\\":
        if len(pattern) == 1:
            raise BadPattern
        return pattern[1] == character, 2
    return sign in ("?", character), 1


def _end(pattern: str, sign: str) -> int:
    """Where the group ends that the pattern begins with. Raises BadPattern."""
    at = _index(pattern[1:], sign)
    if at < 0:
        raise BadPattern
    return at + 1


def _choices(text: str) -> list[str]:
    found: list[str] = []
    while (at := _index(text, ",")) >= 0:
        found.append(text[:at])
        text = text[at + 1 :]
    return [*found, text]


def _in_class(text: str, character: str) -> bool:
    """Whether a class ("a-z", "^ab") has the character. Raises BadPattern."""
    if not text:
        raise BadPattern
    signs = iter(text[1:] if text[0] == "^" else text)
    found = False
    pending = next(signs, None)
    while pending is not None:
        low = high = _one(pending, signs)
        pending = next(signs, None)
        if pending == "-":
            high = _one(next(signs, None), signs)
            pending = next(signs, None)
        found |= low <= character <= high
    return found != (text[0] == "^")


def _one(sign: str | None, signs: Iterator[str]) -> str:
    """A character of a class, which may be escaped."""
    if sign == "\\":
        sign = next(signs, None)
    elif sign == "-":
        raise BadPattern
    if sign is None:
        raise BadPattern
    return sign
