"""The whole trial of one estate: does our reading agree with Terraform's, is a clean estate clean, is drift found."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.resources import TYPES
from reconciler.resources.spec import ResourceType
from tests.oracle.estates import LAYOUTS, Applied, applied
from tests.oracle.hands import Hands
from tests.oracle.hints import LISTED
from tests.oracle.listed import DISPUTED, FORGOTTEN, LOST, STRAY, UNVERIFIED, Listed, stale
from tests.oracle.looking import Look, look, record, said
from tests.oracle.mutations import mutable, settable
from tests.oracle.referee import Referee
from tests.oracle.rounds import Game, Verdict


@dataclass(slots=True)
class Outcome:
    """`wrong` is what no list explains, a line each; empty: everything agrees.

    `untried`: mapped attributes that can change and never did -> why. `stuck`: what could not be put back -> why.
    """

    estate: str
    seed: int
    resources: Counter[str] = field(default_factory=Counter[str])
    verdict: Verdict = field(default_factory=Verdict)
    explained: dict[str, str] = field(default_factory=dict[str, str])
    untried: dict[str, str] = field(default_factory=dict[str, str])
    stuck: dict[str, str] = field(default_factory=dict[str, str])
    wrong: list[str] = field(default_factory=list[str])
    seconds: dict[str, float] = field(default_factory=dict[str, float])


Tell = Callable[[str], None]


def _silent(_line: str) -> None:
    """Nobody listens."""


def run(
    name: str, scratch: Path, *, seed: int = 1, rounds: int | None = None, every: int = 1, tell: Tell = _silent
) -> Outcome:
    """Applies the estate, compares, drifts. `rounds` None: until every mutation was tried.

    Terraform looks in `every` n-th round. `tell` hears what is wrong as soon as it is found, and how far it is.
    """
    outcome = Outcome(name, seed)
    layout = LAYOUTS[name]
    started = time.monotonic()
    with applied(layout, scratch) as estate:
        outcome.seconds["apply"] = time.monotonic() - started
        referee = Referee(estate)
        recorded = estate.recorded(f"{name}-recorded", lambda folder: record(folder, estate.endpoint.url))
        pristine = _clean(outcome, estate, referee, recorded)
        game = Game(
            Hands(estate.endpoint.url, layout.region),
            lambda: look(recorded, estate.endpoint.url),
            pristine,
            layout.region,
            random.Random(seed),
            every=every,
            referee=referee,
        )
        tell(f"{name}: clean after {outcome.seconds['apply']:.0f} + {outcome.seconds['clean']:.0f} s")
        tell("\n".join(outcome.wrong))
        started = time.monotonic()
        while game.left and (rounds is None or game.verdict.rounds < rounds):
            told = len(game.verdict.wrong)
            _, done = game.play()
            took = time.monotonic() - started
            tell(f"{name}: round {game.verdict.rounds}, {len(done)} mutations, {game.left} rounds left, {took:.0f} s")
            tell("\n".join(game.verdict.wrong[told:]))
        if game.verdict.rounds:
            game.finish()
        outcome.seconds["rounds"] = time.monotonic() - started
        outcome.verdict = game.verdict
        outcome.wrong += game.verdict.wrong
        outcome.stuck = {f"{address}.{what}": why for (address, what), why in game.stuck.items()}
        _count(outcome)
    return outcome


# -- before anybody did anything ----------------------------------------------------------------------------------


def _clean(outcome: Outcome, estate: Applied, referee: Referee, recorded: Path) -> Look:
    """Looks with the state, with nothing and with the baseline; the last one."""
    started = time.monotonic()
    url = estate.endpoint.url
    first = look(estate.folder, url)
    outcome.resources.update(seen.finding.type for seen in first.there.values())
    outcome.wrong += [f"reading: {disagreement}" for disagreement in referee.start(first)]
    looks = {"state": first, "nothing": look(estate.clone(f"{estate.name}-bare"), url), "baseline": look(recorded, url)}
    needed: dict[str, set[str]] = {"forgotten": set(), "lost": set(), "stray": set(), "unverified": set()}
    for mode, found in looks.items():
        outcome.wrong += [f"clean, with {mode}: {what}" for what in _noise(outcome, referee, found, mode, needed)]
    needed["disputed"] = referee.disputed
    tables: tuple[tuple[str, Mapping[str, Listed]], ...] = (
        ("disputed", DISPUTED),
        ("forgotten", FORGOTTEN),
        ("lost", LOST),
        ("stray", STRAY),
        ("unverified", UNVERIFIED),
    )
    for kind, table in tables:
        lines = stale(table, estate.name, needed[kind])
        outcome.wrong += [f"clean: {line} is listed in {kind.upper()} and needed no more" for line in lines]
        outcome.explained |= {f"{kind} {name}": table[name].reason for name in needed[kind] & table.keys()}
    outcome.seconds["clean"] = time.monotonic() - started
    return looks["baseline"]


def _noise(outcome: Outcome, referee: Referee, found: Look, mode: str, needed: dict[str, set[str]]) -> Iterator[str]:
    """What no list explains in a look at an untouched estate."""
    unverified = {s.finding.type for s in found.there.values() if s.finding.status == "unverified"}
    yield from (f"gap: {gap}" for gap in found.gaps)
    for finding in found.others:
        listed = STRAY.get(finding.type)
        if listed and outcome.estate in listed.estates:
            needed["stray"].add(finding.type)
        elif finding.status != "unmanaged" or finding.type not in unverified:
            yield f"{finding.status} {finding.type} {finding.id}"
    for address, seen in found.there.items():
        finding = seen.finding
        for change in finding.changes:
            name = f"{finding.type}.{change.path[0]}"
            listed = FORGOTTEN.get(name)
            if not referee.sees(address, str(change.path[0])):
                yield f"false: {address}: {said(change)}"
            elif listed is None or outcome.estate not in listed.estates:
                yield f"not listed: {address}: {said(change)}"
            else:
                needed["forgotten"].add(name)
        if finding.status == "in_sync" or finding.changes:
            continue
        pattern = next((p for p in UNVERIFIED if re.search(p, finding.reason or "")), "")
        listed = UNVERIFIED.get(pattern)
        lost = LOST.get(finding.type)
        if finding.status == "missing" and lost and outcome.estate in lost.estates and mode in lost.modes:
            needed["lost"].add(finding.type)
        elif finding.status == "unverified" and listed and outcome.estate in listed.estates and mode in listed.modes:
            needed["unverified"].add(pattern)
        else:
            yield f"{finding.status} {address}: {finding.reason}"


# -- what was tried -----------------------------------------------------------------------------------------------

_CANNOT = re.compile(r"\(500\)|\(404\)|Unable to parse response|InternalFailure|InternalError|not been implemented")
"""How the emulator says that it does not know the operation, or breaks over it."""


def _count(outcome: Outcome) -> None:
    """Which attributes no mutation reached, and why."""
    verdict = outcome.verdict
    there = sorted(set(outcome.resources) & TYPES.keys())
    for spec in (TYPES[type_name] for type_name in there):
        for attribute in mutable(spec):
            if verdict.exercised[f"{spec.name}.{attribute}"] <= 0:
                outcome.untried[f"{spec.name}.{attribute}"] = _why(verdict, spec, attribute)


def _why(verdict: Verdict, spec: ResourceType, attribute: str) -> str:
    """What is known beforehand, else what became of the mutations of the attribute."""
    name = f"{spec.name}.{attribute}"
    if name in LISTED:
        return LISTED[name]
    if any(_about(told, name) for told in verdict.unkept):
        return "the emulator keeps nothing of it, as Terraform reads it, too"
    refusals = [text.partition(": ")[2].split("\n")[0] for told, text in verdict.refused.items() if _about(told, name)]
    if broken := list(filter(_CANNOT.search, refusals)):
        return f"the emulator fails: {broken[0][:80]}"
    if not settable(spec, attribute):
        return "no operation of its entry sets it, and nobody's hand"
    if refusals:
        return f"refused: {refusals[0][:200]}"
    return "nothing in the estate has it, or all that has it is listed"


def _about(told: str, name: str) -> bool:
    return told == name or told.startswith((f"{name}.", f"{name}["))
