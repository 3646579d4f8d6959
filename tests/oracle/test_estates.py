"""Real Terraform applies each estate; we read it as Terraform does, and find what is changed in it and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.oracle.conftest import TABLE
from tests.oracle.estates import LAYOUTS
from tests.oracle.table import lines
from tests.oracle.trial import run
from tests.support.terraform import needs_provider

# Terraform plans the large estates after every n-th round only: `python -m tests.oracle` asks it after each.
EVERY: Final = {"golden": 10, "wide": 5}


@needs_provider
@pytest.mark.oracle
@pytest.mark.parametrize("name", LAYOUTS)
def test_we_agree_with_terraform_and_find_all_drift(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    outcome = run(name, tmp_path, every=EVERY.get(name, 1))
    record_property(TABLE, "\n".join(lines(outcome)))
    assert not outcome.wrong, "\n".join(outcome.wrong)
    assert outcome.resources
