"""Terraform's own eyes: its refreshed state beside our reading, and what its plan would change beside our findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from reconciler.resources import TYPES
from tests.oracle.estates import Applied, Planned, errors
from tests.oracle.listed import DISPUTED, DRIFTED
from tests.oracle.looking import Look
from tests.support.agreement import Disagreement, compare
from tests.support.terraform import TerraformFailed

Plan = dict[str, Planned]
"""By address, for what differs."""
_NOTHING: Final = Planned(frozenset(), frozenset())


@dataclass(slots=True)
class Referee:
    """`before`: what Terraform and we had to say when nobody had touched anything yet (`start`)."""

    estate: Applied
    disputed: set[str] = field(default_factory=set[str])
    _told: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    _planned: Plan = field(default_factory=Plan)
    _found: Plan = field(default_factory=Plan)

    def start(self, look: Look) -> list[Disagreement]:
        """Every disagreement on the untouched estate but those that are listed; all their names are in `disputed`."""
        self._planned, self._found = self.estate.refresh(), _found(look)
        every = self._disagreements(look)
        self.disputed = {f"{d.type}.{d.path}" for d in every}
        return [d for d in every if self.estate.name not in _listed(d)]

    def sees(self, address: str, attribute: str) -> bool:
        """Terraform would change the attribute of the untouched resource, too."""
        plan = self._planned.get(address, _NOTHING)
        return _one(attribute) in plan.changed | plan.unknown

    def judge(self, look: Look, stuck: Callable[[str, str], bool]) -> Iterator[tuple[str, str]]:
        """(type, what) for everything that Terraform sees in another way than `look`, and did not before.

        What is `stuck` (address, attribute) may be neither what it was nor what anybody asked for. Each is told once.
        """
        try:
            planned, found = self.estate.refresh(), _found(look)
        except TerraformFailed as failure:
            yield "(terraform)", f"terraform: it does not work with what was changed: {errors(str(failure))}"
            return
        for disagreement in self._disagreements(look):
            name = f"{disagreement.type}.{disagreement.path}"
            known = name in self.disputed or name in DRIFTED
            if not known and self._is_new(disagreement.address, f"reading {disagreement.path}"):
                yield disagreement.type, f"reading: {disagreement}"
        for address in sorted({*planned, *found}):
            if address not in look.there:
                continue  # a data source, or of a type without an entry
            seen = look.there[address]
            if seen.finding.type not in TYPES or seen.finding.status == "unverified":
                continue
            plan = planned.get(address, _NOTHING)
            theirs = plan.changed - self._planned.get(address, _NOTHING).changed
            ours = found.get(address, _NOTHING).changed - self._found.get(address, _NOTHING).changed
            unlike = sorted((theirs ^ ours) - plan.unknown)
            beyond = self.disputed | DRIFTED.keys()
            unlike = [n for n in unlike if f"{seen.finding.type}.{n}" not in beyond and not stuck(address, n)]
            differ = [name for name in unlike if self._is_new(address, name)]
            if differ:
                yield seen.finding.type, f"plan: {address} {differ}: terraform {sorted(theirs)}, we {sorted(ours)}"

    def _is_new(self, address: str, what: str) -> bool:
        known = (address, what) in self._told
        self._told.add((address, what))
        return not known

    def _disagreements(self, look: Look) -> list[Disagreement]:
        found: list[Disagreement] = []
        for resource in self.estate.managed():
            seen = look.there.get(resource["address"])
            if resource["type"] in TYPES and seen is not None:
                found += compare(resource, seen.live, seen.resource.provider, known={})
        return found


def _listed(disagreement: Disagreement) -> tuple[str, ...]:
    listed = DISPUTED.get(f"{disagreement.type}.{disagreement.path}")
    return listed.estates if listed else ()


def _found(look: Look) -> Plan:
    """What our findings on declared attributes say, as a plan would."""
    found: Plan = {}
    for address, changes in look.changes().items():
        names = frozenset(_one(str(change.path[0])) for change in changes if change.declared)
        if names:
            found[address] = Planned(names, frozenset())
    return found


def _one(name: str) -> str:
    return "tags" if name == "tags_all" else name
