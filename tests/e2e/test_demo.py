"""The tour is the main job: it must end well, whatever else is on the machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.timeout(240)
def test_the_tour_ends_with_nothing_to_reconcile(tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "GITHUB_", "TF_"))}
    done = subprocess.run(
        [sys.executable, "-m", "reconciler.cli", "demo", "--folder", str(tmp_path / "tour")],
        env=env,
        capture_output=True,
        text=True,
        timeout=230,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "nothing to reconcile" in "\n".join(done.stdout.splitlines()[-5:])
    assert all(shown in done.stdout for shown in ("--- #", "Adopt drift", "Revert drift"))


def test_the_tour_wants_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    done = subprocess.run(
        [sys.executable, "-m", "reconciler.cli", "demo", "--folder", str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 64
    assert "empty folder" in done.stderr
    assert (tmp_path / "file").read_text() == "mine"
