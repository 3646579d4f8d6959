"""An outcome for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.oracle.rounds import Score, totals
from tests.oracle.trial import Outcome


def lines(outcome: Outcome) -> Iterator[str]:
    """The table: a row per type, then what was left out, then what is wrong."""
    verdict = outcome.verdict
    size = f"{outcome.resources.total()} resources of {len(outcome.resources)} types"
    yield f"{outcome.estate}: {size}, seed {outcome.seed}"
    yield "  " + ", ".join(f"{name} {seconds:.0f} s" for name, seconds in outcome.seconds.items())
    yield f"  {'type':48} {'mutations':>9} {'found':>6} {'missed':>6} {'false':>6} {'precision':>9} {'recall':>7}"
    for type_name, score in sorted(verdict.scores.items()):
        yield f"  {type_name:48} {_row(score)}"
    yield f"  {'all':48} {_row(totals(verdict.scores))}"
    tried = sum(1 for count in verdict.exercised.values() if count > 0)
    yield f"  {verdict.rounds} rounds; {tried} mapped and mutable attributes changed, {len(outcome.untried)} never"
    yield f"  {len(verdict.unkept)} mutations left no trace, for Terraform neither; {len(verdict.refused)} were refused"
    yield f"  {len(outcome.stuck)} attributes could not be put back, and were left alone from then on"
    yield from (f"  never changed: {name}: {why}" for name, why in sorted(outcome.untried.items(), key=_by_reason))
    yield from (f"  listed: {name}: {why}" for name, why in sorted(outcome.explained.items()))
    yield from (f"  WRONG {line}" for line in outcome.wrong)


def _by_reason(entry: tuple[str, str]) -> tuple[str, str]:
    return entry[1].partition(":")[0], entry[0]


def _row(score: Score) -> str:
    precision, recall = rates(score)
    made = score.found + score.missed
    return f"{made:>9} {score.found:>6} {score.missed:>6} {score.false:>6} {precision:>9} {recall:>7}"


def rates(score: Score) -> tuple[str, str]:
    """Precision and recall, "-" where there is nothing to be precise about."""
    told, there = score.found + score.false, score.found + score.missed
    return f"{score.found / told:.4f}" if told else "-", f"{score.found / there:.4f}" if there else "-"


def document(outcome: Outcome) -> dict[str, Any]:
    """The same as JSON."""
    verdict = outcome.verdict
    return {
        "estate": outcome.estate,
        "seed": outcome.seed,
        "resources": dict(sorted(outcome.resources.items())),
        "rounds": verdict.rounds,
        "types": {
            name: {"found": score.found, "missed": score.missed, "false": score.false}
            for name, score in sorted(verdict.scores.items())
        },
        "never_changed": dict(sorted(outcome.untried.items())),
        "listed": dict(sorted(outcome.explained.items())),
        "left_no_trace": dict(sorted(verdict.unkept.items())),
        "refused": dict(sorted(verdict.refused.items())),
        "not_put_back": dict(sorted(outcome.stuck.items())),
        "wrong": outcome.wrong,
        "seconds": {name: round(seconds, 1) for name, seconds in outcome.seconds.items()},
    }
