"""Whole scans where one operation is denied, or calls fail otherwise: gaps that say so, and never a false finding."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from reconciler.aws.failure import CallFailed, Kind
from reconciler.report.scan import Scan
from reconciler.sandbox import hands
from tests.aws.faulty import Faulty
from tests.support.sabotage import Estate, denied, findings, misnamed, operations, wrong
from tests.support.world import World, seed_payments, world

NEVER = (Kind.THROTTLED, Kind.SERVER, Kind.UNREACHABLE, Kind.CREDENTIALS)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("denied")) as made:
        seed_payments(made)
        yield made


@pytest.fixture(scope="module")
def clean(made: World) -> tuple[Estate, Scan]:
    """The estate as the code has it, without state and baseline: what is live is found by what it is called."""
    estate = Estate(made.clone, made.env)
    whole = estate.scan()
    assert {finding.status for finding in findings(whole).values()} == {"in_sync"}
    return estate, whole


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits before asking again."""
    monkeypatch.setattr("reconciler.aws.caller.time.sleep", lambda _: None)


def every(whole: Scan, stride: int = 1, first: int = 0) -> list[str]:
    asked = operations(whole)
    assert len(asked) > 20
    return asked[first::stride]


def test_whichever_operation_is_denied_there_is_no_false_finding(clean: tuple[Estate, Scan]) -> None:
    estate, whole = clean
    bad: dict[str, object] = {}
    for operation in every(whole):
        report = estate.scan(lambda name, operation=operation: denied(name) if name == operation else None)
        if found := wrong(whole, report) or misnamed(report, operation):
            bad[operation] = found
    assert bad == {}


@pytest.mark.parametrize(
    "kind", [Kind.THROTTLED, Kind.SERVER, Kind.UNREACHABLE, Kind.CREDENTIALS], ids=lambda k: k.name
)
def test_what_never_answers_is_a_gap(clean: tuple[Estate, Scan], hurried: None, kind: Kind) -> None:
    """Every eighth operation, for each kind of failure others."""
    estate, whole = clean
    bad: dict[str, object] = {}
    for operation in every(whole, 8, list(Kind).index(kind)):
        failure = CallFailed(operation, kind, "ExpiredToken" if kind is Kind.CREDENTIALS else "Always", "on demand")
        report = estate.scan(lambda name, failure=failure: failure if name == failure.operation else None)
        if found := wrong(whole, report) or misnamed(report, operation):
            bad[operation] = found
    assert bad == {}


@pytest.mark.parametrize("seed_", [1, 2])
def test_what_fails_now_and_then_is_asked_again(clean: tuple[Estate, Scan], hurried: None, seed_: int) -> None:
    """One call in ten is throttled, broken off or answered with an error of the server's."""
    estate, whole = clean
    chance = random.Random(seed_)
    kinds = (Kind.THROTTLED, Kind.UNREACHABLE, Kind.SERVER)

    def now_and_then(name: str) -> CallFailed | None:
        return CallFailed(name, chance.choice(kinds), "Sometimes", "") if chance.random() < 0.1 else None

    report = estate.scan(now_and_then)
    assert report.complete
    assert findings(report) == findings(whole)


@pytest.mark.parametrize("least", [3, 10, 25, 45])
def test_credentials_that_expire_after_some_calls(clean: tuple[Estate, Scan], least: int) -> None:
    estate, whole = clean
    asked: list[str] = []

    def expired(name: str) -> CallFailed | None:
        asked.append(name)
        return CallFailed(name, Kind.CREDENTIALS, "ExpiredToken", "") if len(asked) > least else None

    report = estate.scan(expired)
    assert len(asked) > least
    assert wrong(whole, report) == {}
    assert not report.complete


@pytest.mark.parametrize("kind", ["cut", "cut_json", "empty", "page", "reset"])
def test_answers_that_break_off(made: World, hurried: None, kind: str) -> None:
    """One service a kind answers wrongly, on the wire, whatever it is asked."""
    services = {"cut": "sqs", "cut_json": "lambda", "empty": "events", "page": "iam", "reset": "sns"}
    with Faulty(made.aws.url) as faulty:
        estate = Estate(made.clone, {**made.env, "AWS_ENDPOINT_URL": faulty.url})
        whole = estate.scan()
        estate.forget()
        faulty.add(f"^{services[kind]} ", kind, status=200)
        report = estate.scan()
    assert wrong(whole, report) == {}
    assert {gap.type.split("_")[1] for stack in report.stacks for gap in stack.gaps if gap.type} & {
        {"events": "cloudwatch"}.get(services[kind], services[kind])
    }


def test_the_command_says_what_is_hidden_and_what_is_not(made: World) -> None:
    with Faulty(made.aws.url) as faulty:
        faulty.add("^sqs ListQueues", "error", status=403, code="AccessDenied")
        made.extra = {"AWS_ENDPOINT_URL": faulty.url}
        try:
            report = made.scan(code=3)
            told = made.reconcile("scan", code=3).stdout
        finally:
            made.extra = {}
    (stack,) = report["stacks"]
    assert not report["complete"] and not stack["complete"]
    assert {gap["type"] for gap in stack["gaps"]} == {"aws_sqs_queue", "aws_sqs_queue_policy"}
    assert all("sqs:ListQueues" in gap["reason"] for gap in stack["gaps"])
    assert "sqs:ListQueues" in told


def test_denied_in_a_drifted_estate(made: World, clean: tuple[Estate, Scan]) -> None:
    """With a baseline, and with drift of every kind: what is told is true. The last test: it changes the estate."""
    made.reconcile("baseline", "record", code=0)
    made.commit({}, "Record the baseline")
    list(hands.drift(made.client))
    made.client("sqs").create_queue(QueueName="made-by-hand")
    estate = Estate(made.clone, made.env)
    whole = estate.scan()
    assert {"drifted", "missing", "unmanaged"} <= {finding.status for finding in findings(whole).values()}
    bad: dict[str, object] = {}
    for operation in every(whole):
        report = estate.scan(lambda name, operation=operation: denied(name) if name == operation else None)
        if found := wrong(whole, report) or misnamed(report, operation):
            bad[operation] = found
    assert bad == {}
