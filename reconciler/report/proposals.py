"""What became of proposals and plans, for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from reconciler.model import Outcome
from reconciler.records import dataclass

Action: TypeAlias = Literal["opened", "updated", "unchanged", "frozen", "closed", "held", "limited", "drafted"]

_COLOURS: Final = {
    "opened": "32",
    "updated": "32",
    "closed": "32",
    "held": "33",
    "limited": "33",
    "frozen": "33",
    "applied": "32",
    "refused": "31",
    "failed": "1;31",
}


@dataclass(frozen=True, slots=True)
class Published:
    """What became of one proposal. `number` and `url` None where there is no pull request; `body` of a draft."""

    action: Action
    title: str
    detail: str = ""
    number: int | None = None
    url: str | None = None
    body: str = ""


@dataclass(frozen=True, slots=True)
class Proposed:
    published: tuple[Published, ...]
    complete: bool


def render_proposals(proposed: Proposed, *, dry_run: bool, colour: bool = False) -> str:
    """One line each; of drafts the whole body."""
    lines: list[str] = []
    for entry in proposed.published:
        number = f"  #{entry.number}" if entry.number else ""
        url = f"  {entry.url}" if entry.url else ""
        detail = f": {entry.detail}" if entry.detail else ""
        lines.append(f"{_painted(entry.action, colour)}{number}  {entry.title}{detail}{url}")
        if entry.body:
            lines += ["", *(f"    {line}".rstrip() for line in entry.body.splitlines()), ""]
    if not lines:
        lines.append("nothing to propose")
    if dry_run:
        lines.append("dry run: no branch was pushed and no pull request was opened")
    if not proposed.complete:
        lines.append("the scan is incomplete: nothing was closed for what could not be read")
    return "\n".join(lines) + "\n"


def render_outcomes(outcomes: Sequence[Outcome], *, dry_run: bool, colour: bool = False) -> str:
    """One line each."""
    if not outcomes:
        return "nothing to apply\n"
    lines = [f"{_painted(o.result, colour)}  {o.address}{': ' if o.reason else ''}{o.reason}" for o in outcomes]
    if dry_run:
        lines.append("dry run: nothing was written")
    return "\n".join(lines) + "\n"


def _painted(word: str, colour: bool) -> str:
    padded = f"{word:9}"
    return f"\x1b[{_COLOURS.get(word, '2')}m{padded}\x1b[0m" if colour else padded
