"""Commits as values: who, when, what for; and the trailers that a message ends with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Final

from reconciler.records import dataclass

LOG_FORMAT: Final = "--format=tformat:" + "%x00".join(
    ("%H", "%T", "%P", "%an", "%ae", "%at", "%cn", "%ce", "%ct", "%B", "")
)
_FIELDS: Final = 10
_TRAILER: Final = re.compile(r"([A-Za-z0-9-]+):[ \t]*(.*)")


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


@dataclass(frozen=True, slots=True)
class Commit:
    """`authored` and `committed` are seconds since 1970. `trailers` are the last paragraph's `Key: value` lines."""

    id: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    authored: int
    committer: Person
    committed: int
    message: str
    trailers: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    @property
    def subject(self) -> str:
        return self.message.partition("\n")[0]


def parse_log(out: bytes) -> tuple[Commit, ...]:
    """The output of `git log -z` in LOG_FORMAT."""
    fields = out.decode("utf-8", "replace").split("\0")
    return tuple(_commit(fields[at : at + _FIELDS]) for at in range(0, len(fields) - _FIELDS, _FIELDS + 1))


def _commit(fields: list[str]) -> Commit:
    id_, tree, parents, author, author_mail, authored, committer, mail, committed, message = fields
    return Commit(
        id_,
        tree,
        tuple(parents.split()),
        Person(author, author_mail),
        int(authored),
        Person(committer, mail),
        int(committed),
        message.rstrip("\n"),
        parse_trailers(message),
    )


def with_trailers(message: str, trailers: Mapping[str, str]) -> str:
    """`message` ending with `trailers`, in git's form, in the order given. Raises ValueError for a bad key."""
    lines: list[str] = []
    for key, value in trailers.items():
        if not re.fullmatch(r"[A-Za-z0-9-]+", key):
            raise ValueError(f"not a trailer's key: {key!r}")
        lines.append(f"{key}: {' '.join(value.split())}")
    body = message.rstrip()
    if not lines:
        return body + "\n"
    gap = "\n" if "\n\n" in body and parse_trailers(body) else "\n\n"
    return body + gap + "\n".join(lines) + "\n"


def parse_trailers(message: str) -> dict[str, tuple[str, ...]]:
    """Trailers of `message`: the last paragraph, unless it is the first or holds a line of another form."""
    paragraphs = re.split(r"\n[ \t]*\n", message.strip())
    found: dict[str, tuple[str, ...]] = {}
    if len(paragraphs) < 2:
        return found
    for line in paragraphs[-1].splitlines():
        match = _TRAILER.fullmatch(line.rstrip())
        if match is None:
            return {}
        found[match[1]] = (*found.get(match[1], ()), match[2])
    return found
