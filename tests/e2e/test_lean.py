"""A scan leaves out what no finding can depend on: it asks less, and finds the same."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.report import render
from reconciler.sandbox import hands
from reconciler.workflow.session import Session, Settings
from tests.support.world import World, seed_payments, world


@pytest.fixture(scope="module")
def drifted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("lean")) as made:
        seed_payments(made)
        made.reconcile("baseline", "record", code=0)
        made.commit({}, "Record the baseline")
        list(hands.drift(made.client))
        yield made


def scanned(made: World, monkeypatch: pytest.MonkeyPatch, *, lean: bool) -> tuple[Any, int]:
    """The stacks of the report without what tells of the run itself, and how many calls it took."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "TF_"))]:
        monkeypatch.delenv(name)
    for name, value in made.env.items():
        monkeypatch.setenv(name, value)
    with Session.open(Settings(path=made.clone, environment=made.env)) as session:
        report = session.scan(session.observe_all(lean=lean))
    assert render(report, "json")
    calls = sum(count for stack in report.stacks for count in stack.calls.values())
    return [(stack.findings, stack.gaps, stack.complete) for stack in report.stacks], calls


@pytest.mark.parametrize("recorded", [True, False], ids=["with a baseline", "without a baseline"])
def test_less_is_asked_and_the_same_is_found(drifted: World, monkeypatch: pytest.MonkeyPatch, recorded: bool) -> None:
    if not recorded:
        drifted.git("rm", "-r", "--quiet", "baselines")
        drifted.git("commit", "--quiet", "--message", "Without a baseline")
    lean, fewer = scanned(drifted, monkeypatch, lean=True)
    full, calls = scanned(drifted, monkeypatch, lean=False)
    assert lean == full
    assert any(finding.status == "drifted" for findings, _, _ in full for finding in findings)
    assert fewer < calls
