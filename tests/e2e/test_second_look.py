"""A bulk read may be behind, or leave something out: what it tells otherwise than the code is asked for once more."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from reconciler.aws import Cloud, Reading, Stub
from reconciler.model import Finding
from reconciler.workflow.session import Session, Settings
from tests.support.world import World, seed_payments, world


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("second-look")) as made:
        seed_payments(made)
        yield made


@pytest.fixture
def session(seeded: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    for name in [name for name in os.environ if name.startswith(("AWS_", "TF_"))]:
        monkeypatch.delenv(name)
    for name, value in seeded.env.items():
        monkeypatch.setenv(name, value)
    with Session.open(Settings(path=seeded.clone, environment=seeded.env)) as made:
        yield made


def drifted(session: Session) -> list[Finding]:
    return [c.finding for observed in session.observe_all(lean=True) for c in observed.compared if c.finding.changes]


def behind(monkeypatch: pytest.MonkeyPatch, *, always: bool) -> list[int]:
    """Queues are told without their tags, `always` or unless they are asked for singly; how many were."""
    describe, asked = Cloud.describe, list[int]()

    def told(cloud: Cloud, stubs: Iterable[Stub], *, exact: bool = False) -> Reading:
        stubs = list(stubs)
        asked.extend([len(stubs)] if exact else [])
        reading = describe(cloud, stubs, exact=exact)
        if exact and not always:
            return reading
        return replace(
            reading,
            found=tuple(
                replace(live, attributes={**live.attributes, "tags": {}, "tags_all": {}})
                if live is not None and live.type == "aws_sqs_queue"
                else live
                for live in reading.found
            ),
        )

    monkeypatch.setattr(Cloud, "describe", told)
    return asked


def test_nothing_is_asked_twice_where_nothing_differs(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    describe, asked = Cloud.describe, list[bool]()

    def told(cloud: Cloud, stubs: Iterable[Stub], *, exact: bool = False) -> Reading:
        asked.append(exact)
        return describe(cloud, stubs, exact=exact)

    monkeypatch.setattr(Cloud, "describe", told)
    assert drifted(session) == []
    assert asked and not any(asked)


def test_what_was_behind_is_no_drift(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = behind(monkeypatch, always=False)
    assert drifted(session) == []
    assert len(asked) == 1


def test_what_differs_both_times_is_drift(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = behind(monkeypatch, always=True)
    found = drifted(session)
    assert found and {finding.type for finding in found} == {"aws_sqs_queue"}
    assert asked == [len(found)]
