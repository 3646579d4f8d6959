"""What is named by something that cannot be told is not called missing."""

from __future__ import annotations

import pytest

from reconciler.identity import Match
from reconciler.workflow.scanning import _unverified  # pyright: ignore[reportPrivateUsage]

WAITING = Match(waiting=True)


@pytest.mark.parametrize(
    ("match", "in_doubt", "told"),
    [
        (WAITING, True, "it depends on what cannot be told"),
        (WAITING, False, None),  # what it waits for is missing itself
        (Match(), True, None),  # its name is known, and nothing has it
        (Match(waiting=True, recorded=True), False, "not known before a deploy"),
        (Match(reason="2 live resources have it"), False, "2 live resources"),
    ],
)
def test_what_waits_for_something_unsure(match: Match, in_doubt: bool, told: str | None) -> None:
    reason = _unverified(match, None, in_doubt=in_doubt)
    assert (reason is None) == (told is None)
    assert told is None or told in str(reason)
