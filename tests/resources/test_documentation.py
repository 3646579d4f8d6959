"""docs/types.md says what the entries say."""

from __future__ import annotations

from pathlib import Path

from reconciler.resources.documentation import render

PAGE = Path(__file__).parents[2] / "docs" / "types.md"


def test_the_table_of_types_is_as_the_entries_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), (
        "make it anew: python -m reconciler.resources.documentation > docs/types.md"
    )
