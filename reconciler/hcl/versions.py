"""Version constraints as Terraform writes them: ">= 1.2, < 2.0", "~> 5.0"."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, TypeAlias

from reconciler.records import dataclass

Version: TypeAlias = tuple[int, ...]

_WORD: Final = r"[0-9A-Za-z\-~]+"
_CONSTRAINT: Final = re.compile(
    rf"\s*(=|!=|>=|<=|>|<|~>)?\s*v?([0-9]+(?:\.[0-9]+)*)(-?[A-Za-z\-~0-9]+(?:\.{_WORD})*)?(?:\+({_WORD}(?:\.{_WORD})*))?\s*\Z"
)


class InvalidConstraint(Exception):
    """It is not written as a version constraint is."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """One condition; `given` are as many numbers as are written."""

    operator: str
    given: Version
    prerelease: bool

    def allows(self, version: Version) -> bool:
        wanted, found = _padded(self.given), _padded(version)
        match self.operator:
            case "!=":
                return found != wanted
            case ">":
                return found > wanted
            case "<":
                return found < wanted
            case ">=":
                return found >= wanted
            case "<=":
                return found <= wanted
            case "~>":
                kept = len(self.given) - 1
                return found >= wanted and found[:kept] == wanted[:kept]
            case _:
                return found == wanted


def _padded(version: Version) -> Version:
    return version + (0,) * (3 - len(version))


@cache
def parsed(text: str) -> tuple[Constraint, ...]:
    """The conditions that `text` puts together. Raises InvalidConstraint."""
    found: list[Constraint] = []
    for part in text.split(","):
        match = _CONSTRAINT.match(part)
        if match is None:
            raise InvalidConstraint(f'"{text}" is no version constraint, such as ">= 1.2, < 2.0"')
        numbers = tuple(map(int, match[2].split(".")))
        found.append(Constraint(match[1] or "=", numbers, match[3] is not None))
    return tuple(found)


def allows(text: str, version: Version) -> bool:
    """Whether `version` meets all that `text` demands. Raises InvalidConstraint."""
    return all(constraint.allows(version) for constraint in parsed(text))


def possible(text: str) -> bool:
    """Whether any version of Terraform that there is, or may be soon, meets it. Raises InvalidConstraint."""
    return any(allows(text, version) for version in _TERRAFORMS)


TERRAFORM: Final[Version] = (1, 11, 4)
"""The version whose language is evaluated here."""
_TERRAFORMS: Final = tuple((major, minor, patch) for major in (0, 1) for minor in range(100) for patch in range(32))
