"""What could not be read, as people are told: what one reason hides in many places is one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from reconciler.model import Gap

_PLACES: Final = 3


def hidden(gaps: Iterable[Gap]) -> Iterator[tuple[str, str]]:
    """What is hidden, and why: ("aws_sns_topic", "AccessDenied: ..."), ("aws_x of bus a, bus b and 3 more", "...")."""
    told: dict[tuple[str, str], dict[str, None]] = {}
    for gap in gaps:
        name = gap.address or gap.id or gap.type or "everything"
        what = f" ({', '.join(gap.attributes)})" if gap.attributes else ""
        place = " and ".join(f"{attribute} {value}" for attribute, value in gap.within)
        told.setdefault((f"{name}{what}", gap.reason), {})[place] = None
    for (name, reason), found in told.items():
        places = [place for place in found if place]
        first, more = ", ".join(places[:_PLACES]), len(places) - _PLACES
        where = f" of {first}" + (f" and {more} more" if more > 0 else "") if first and "" not in found else ""
        yield f"{name}{where}", reason
