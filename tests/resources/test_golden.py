"""Recorded AWS answers -> the attributes that Terraform's state had (see record.py)."""

from __future__ import annotations

import pytest

from tests.resources.golden import every_type, expected, folder, replayed, write_expected


@pytest.mark.parametrize("type_name", every_type())
def test_golden(type_name: str, update_golden: bool) -> None:
    missing = [name for name in ("main.tf", "aws.json", "expected.json") if not (folder(type_name) / name).exists()]
    assert not missing, f"write {folder(type_name)}/main.tf, then run: python -m tests.resources.record {type_name}"
    found, _ = replayed(type_name)
    if update_golden:
        write_expected(type_name, found)
    assert found, "a golden folder without a resource proves nothing"
    assert found == expected(type_name)


@pytest.mark.parametrize("type_name", every_type())
def test_reading_twice_asks_the_same(type_name: str) -> None:
    """Recorded calls are found by their parameters: these must not depend on the order of sets or on time."""
    first, second = replayed(type_name)[1], replayed(type_name)[1]
    assert sorted(first.asked) == sorted(second.asked)
