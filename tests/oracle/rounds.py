"""Rounds of drift: one attribute of each of many resources is changed, one scan looks, everything is put back.

What a round expects is exactly its mutations: each found with its path, and nothing else anywhere.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.drift import managed_elsewhere
from reconciler.model import Change, LiveResource, Resource, format_path
from reconciler.resources import TYPES
from reconciler.resources.spec import Scope
from reconciler.schema.shape import Attribute, NestedBlock
from reconciler.semantics import Shape, element_shape, equivalent, kind_of, members, names
from tests.oracle.hints import COUPLED
from tests.oracle.looking import Look, said
from tests.oracle.mutations import Hands, Mutation, Other, Refused, carry_out, possible, shapes
from tests.oracle.referee import Referee

ACCOUNT = "123456789012"


@dataclass(slots=True)
class Score:
    """Of one type. `false` and `missed` are told one by one in `Verdict.wrong`."""

    found: int = 0
    missed: int = 0
    false: int = 0


@dataclass(slots=True)
class Verdict:
    """`unkept`: the emulator took the operation and nothing is different. `refused`: it did not take it."""

    scores: dict[str, Score] = field(default_factory=dict[str, Score])
    wrong: list[str] = field(default_factory=list[str])
    unkept: dict[str, str] = field(default_factory=dict[str, str])
    refused: dict[str, str] = field(default_factory=dict[str, str])
    exercised: Counter[str] = field(default_factory=Counter[str])
    rounds: int = 0

    def of(self, type_name: str) -> Score:
        return self.scores.setdefault(type_name, Score())


@dataclass(slots=True)
class Game:
    """`look` scans; `hands` change; `pristine` is the first scan, to which every round returns."""

    hands: Hands
    look: Callable[[], Look]
    pristine: Look
    region: str
    chance: random.Random
    often: int = 2
    referee: Referee | None = None
    verdict: Verdict = field(default_factory=Verdict)
    stuck: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    _waiting: dict[str, list[Mutation]] = field(default_factory=dict[str, list[Mutation]])
    _recent: dict[tuple[str, str], Mutation] = field(default_factory=dict[tuple[str, str], Mutation])

    def __post_init__(self) -> None:
        """Each way of changing a path of a type is tried on few of its resources, all attributes before any twice."""
        by_type: dict[str, list[Resource]] = {}
        for seen in self.pristine.there.values():
            by_type.setdefault(seen.finding.type, []).append(seen.resource)
        tried: Counter[tuple[str, str, str]] = Counter()
        addresses = sorted(self.pristine.there)
        self.chance.shuffle(addresses)
        for address in addresses:
            seen = self.pristine.there[address]
            if seen.finding.type not in TYPES or seen.live is None or seen.finding.status == "unverified":
                continue
            ranked: list[tuple[int, Mutation]] = []
            elsewhere = managed_elsewhere(seen.resource, seen.live, TYPES[seen.finding.type], by_type)
            for group in possible(address, seen, self.chance).values():
                for mutation in group:
                    if mutation.attribute in elsewhere:
                        continue  # the resource that manages it is the one to change
                    key = (mutation.type, mutation.other.names, mutation.other.how)
                    if tried[key] < self.often and not self._changed(address, mutation.attribute):
                        tried[key] += 1
                        ranked.append((len([m for _, m in ranked if m.attribute == mutation.attribute]), mutation))
            self.chance.shuffle(ranked)
            self._waiting[address] = [mutation for _, mutation in sorted(ranked, key=lambda pair: pair[0])]

    def _changed(self, address: str, attribute: str) -> bool:
        """It differs before anybody did anything."""
        return any(c.path[0] == attribute for c in self.pristine.there[address].finding.changes)

    @property
    def left(self) -> int:
        return max(map(len, self._waiting.values()), default=0)

    def play(self) -> tuple[Look, list[Mutation]]:
        """One round; what is wrong is in the verdict."""
        self.verdict.rounds += 1
        self._put_back()
        done = self._mutate()
        look = self.look()
        self._judge(look, done)
        for type_name, what in self.referee.judge(look) if self.referee else ():
            self.verdict.of(type_name).missed += 1
            self.verdict.wrong.append(f"round {self.verdict.rounds}: {what}")
        self._recent = {(m.address, m.attribute): m for m in done}
        return look, done

    def finish(self) -> Look:
        """Everything put back, looked at once more."""
        self._put_back()
        look = self.look()
        self._judge(look, [])
        return look

    # -- doing -------------------------------------------------------------------------------------------------

    def _put_back(self) -> None:
        for (address, name), mutation in self._recent.items():
            live = self._live(address)
            there = LiveResource(
                live.type, live.id, {**live.attributes, name: mutation.other.value}, live.region, live.account
            )
            back = Mutation(address, mutation.type, name, Other(live.attributes.get(name), name, "put back"))
            try:
                carry_out(back, there, self.hands, self._scope(live), self.pristine.there[address].resource.provider)
            except Refused as refused:
                self.stuck[address, name] = str(refused)

    def _mutate(self) -> list[Mutation]:
        done: list[Mutation] = []
        for address, queue in self._waiting.items():
            live = self._live(address)
            provider = self.pristine.there[address].resource.provider
            while queue:
                mutation = queue.pop(0)
                if (address, mutation.attribute) in self.stuck:
                    continue
                try:
                    carry_out(mutation, live, self.hands, self._scope(live), provider)
                except Refused as refused:
                    self.verdict.refused[f"{mutation.type}.{mutation.other.names}"] = f"{mutation}: {refused}"
                    continue
                done.append(mutation)
                break
        return done

    def _live(self, address: str) -> LiveResource:
        live = self.pristine.there[address].live
        assert live is not None
        return live

    def _scope(self, live: LiveResource) -> Scope:
        return Scope(self.region, ACCOUNT)

    # -- judging -----------------------------------------------------------------------------------------------

    def _judge(self, look: Look, done: list[Mutation]) -> None:
        expected = {mutation.address: mutation for mutation in done}
        for address, seen in look.there.items():
            mutation = expected.get(address)
            finding = seen.finding
            before = {format_path(c.path) for c in self.pristine.there[address].finding.changes}
            changes = [c for c in finding.changes if (address, str(c.path[0])) not in self.stuck]
            changes = [c for c in changes if format_path(c.path) not in before]
            if mutation is None or finding.status in ("missing", "unverified"):
                if not finding.changes and finding.status != self.pristine.there[address].finding.status:
                    self._false(address, finding.type, f"{finding.status} {finding.reason or ''}")
                for change in changes:
                    if (address, str(change.path[0])) in self._recent:
                        self.stuck[address, str(change.path[0])] = "still there after it was put back: " + said(change)
                    else:
                        self._false(address, finding.type, said(change))
                continue
            mine = [c for c in changes if c.path[0] in (mutation.attribute, _twin(mutation.attribute))]
            for change in changes:
                if change in mine or _coupled(mutation, change):
                    continue
                if (address, str(change.path[0])) in self._recent:
                    self.stuck[address, str(change.path[0])] = "still there after it was put back: " + said(change)
                else:
                    self._false(address, finding.type, f"{said(change)} [after {mutation.other.names}]")
            self._score(mutation, [names(c.path) for c in mine], [format_path(c.path) for c in mine], seen.live)
        known = {(f.status, f.type, f.id) for f in self.pristine.others}
        for finding in look.others:
            if (finding.status, finding.type, finding.id) not in known:
                self._false(f"{finding.type} {finding.id}", finding.type, finding.status)
        for gap in set(look.gaps) - set(self.pristine.gaps):
            self._false("gap", gap.partition(":")[0], gap)

    def _score(self, mutation: Mutation, found: list[str], paths: list[str], live: LiveResource | None) -> None:
        score = self.verdict.of(mutation.type)
        wanted = mutation.other.names
        told = f"{mutation.type}.{wanted}"
        self.verdict.exercised[f"{mutation.type}.{mutation.attribute}"] += 1
        if not found:
            name = mutation.attribute
            pristine = self._live(mutation.address).attributes.get(name)
            now = live.attributes.get(name) if live else None
            if _same(mutation.type, name, pristine, now):
                self.verdict.unkept[told] = str(mutation)
                self.verdict.exercised[f"{mutation.type}.{mutation.attribute}"] -= 1
            else:
                score.missed += 1
                self.verdict.wrong.append(f"missed: {mutation}: live {now!r}"[:400])
        elif _fits(wanted, found, mutation):
            score.found += 1
        else:
            score.missed += 1
            self.verdict.wrong.append(f"path: {mutation}: found {paths}")

    def _false(self, address: str, type_name: str, what: str) -> None:
        self.verdict.of(type_name).false += 1
        self.verdict.wrong.append(f"false: {address}: {what}")


def _twin(attribute: str) -> str:
    return "tags_all" if attribute == "tags" else attribute


def _coupled(mutation: Mutation, change: Change) -> bool:
    groups = COUPLED.get(mutation.type, ())
    return any(mutation.attribute in group and change.path[0] in group for group in groups)


def _fits(wanted: str, found: list[str], mutation: Mutation) -> bool:
    """All paths are the wanted one, lie under it, or are the set or block that holds it as a whole.

    Of an element of a set that was changed, it is the set that says what was there and what is there now.
    """
    plain = [wanted.replace("[]", "")]
    if mutation.attribute == "tags":
        plain.append(wanted.replace("tags.", "tags_all.", 1))
    held = _set_above(mutation.type, plain[0])
    return all(
        any(f == w or f.startswith(f"{w}.") or w.startswith(f"{f}.") for w in plain)
        or (held is not None and (f == held or f.startswith(f"{held}.")))
        for f in found
    )


def _set_above(type_name: str, wanted: str) -> str | None:
    """The outermost set of objects that the path leads through."""
    steps = wanted.split(".")
    shape: Shape = shapes(type_name)[steps[0]]
    for depth in range(1, len(steps) + 1):
        if kind_of(shape) == "set" and members(element_shape(shape) or "dynamic"):
            return ".".join(steps[:depth])
        if depth < len(steps):
            inner = element_shape(shape) or shape
            shape = members(inner).get(steps[depth], "dynamic")
    return None


def _same(type_name: str, name: str, one: Any, other: Any) -> bool:
    shape: Attribute | NestedBlock = shapes(type_name)[name]
    return equivalent(shape, one, other, TYPES[type_name].semantics, name)


def totals(scores: Mapping[str, Score]) -> Score:
    return Score(
        sum(s.found for s in scores.values()),
        sum(s.missed for s in scores.values()),
        sum(s.false for s in scores.values()),
    )
