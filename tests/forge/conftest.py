from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.github import Hosted, hosted


@pytest.fixture(autouse=True)
def plain_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """git without this machine's configuration, and without a name to commit under."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Hosted]:
    with hosted(tmp_path, {"main.tf": "a = 1\n", "other.tf": "b = 1\n"}) as made:
        yield made
