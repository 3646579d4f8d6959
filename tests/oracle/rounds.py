"""Rounds of drift: one attribute of each of many resources is changed, one scan looks, everything is put back.

What a round expects is exactly its mutations: each found with its path, and nothing else anywhere.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from reconciler.drift import managed_elsewhere
from reconciler.model import Change, LiveResource, Resource, format_path
from reconciler.resources import TYPES
from reconciler.resources.spec import Scope
from reconciler.schema.shape import Attribute, NestedBlock
from reconciler.semantics import Shape, element_shape, equivalent, kind_of, members, names
from tests.oracle.hands import Hands, Refused
from tests.oracle.hints import COUPLED
from tests.oracle.looking import Look, Seen, said
from tests.oracle.mutations import Mutation, Other, carry_out, is_final, possible, shapes
from tests.oracle.near import Pool
from tests.oracle.referee import Referee

ACCOUNT = "123456789012"
_SPARE = 3
"""On how many other resources of its type a mutation is tried that one of them does not take or keep."""

_What: TypeAlias = "tuple[str, str, str]"
"""Of a mutation: type, names, how."""


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
    """`look` scans; `hands` change; `pristine` is the first scan, to which every round returns.

    `often`: on how many resources each way of changing a path of a type is tried. `at_once`: how many attributes of one
    resource change in a round. `every`: in which rounds Terraform is asked, which takes longer than all else; it is
    asked after the last one in any case.
    """

    hands: Hands
    look: Callable[[], Look]
    pristine: Look
    region: str
    chance: random.Random
    often: int = 1
    at_once: int = 20
    every: int = 1
    referee: Referee | None = None
    verdict: Verdict = field(default_factory=Verdict)
    stuck: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    _by_type: dict[str, list[Resource]] = field(default_factory=dict[str, list[Resource]])
    _waiting: dict[str, list[Mutation]] = field(default_factory=dict[str, list[Mutation]])
    _spare: dict[_What, list[Mutation]] = field(default_factory=dict["_What", list[Mutation]])
    _pool: Pool = field(default_factory=Pool)
    _there: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    _recent: dict[tuple[str, str], Mutation] = field(default_factory=dict[tuple[str, str], Mutation])
    _denied: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def __post_init__(self) -> None:
        """Deals the mutations out: each to the resource of its type that has the fewest so far."""
        for seen in self.pristine.there.values():
            self._by_type.setdefault(seen.finding.type, []).append(seen.resource)
        self._pool = Pool.of(self.pristine.there)
        dealt: dict[_What, list[Mutation]] = {}
        for address in sorted(self.pristine.there):
            for mutation in self._possible(address):
                dealt.setdefault(_what(mutation), []).append(mutation)
        for what, mutations in dealt.items():
            self.chance.shuffle(mutations)
            mutations.sort(key=lambda m: len(self._waiting.get(m.address, ())))
            for mutation in mutations[: self.often]:
                self._waiting.setdefault(mutation.address, []).append(mutation)
            self._spare[what] = mutations[self.often : self.often + _SPARE]
        for queue in self._waiting.values():
            self.chance.shuffle(queue)

    def _possible(self, address: str) -> Iterator[Mutation]:
        seen = self.pristine.there[address]
        spec = TYPES.get(seen.finding.type)
        if spec is None or seen.live is None or seen.finding.status == "unverified":
            return
        # What another resource manages is to be changed there.
        taken = {*managed_elsewhere(seen.resource, seen.live, spec, self._by_type)}
        taken |= {str(change.path[0]) for change in seen.finding.changes}
        taken |= {str(path[0]) for path in seen.resource.ignore_changes if path}
        scope = Scope(self.region, ACCOUNT)
        for mutation in possible(address, seen, self.chance, self.hands, scope, self._pool):
            if mutation.attribute not in taken:
                yield mutation

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
        if self.verdict.rounds % self.every == 0:
            self._refer(look)
        self._recent = {(m.address, m.attribute): m for m in done}
        return look, done

    def finish(self) -> Look:
        """Everything put back, looked at once more."""
        self._put_back()
        look = self.look()
        self._judge(look, [])
        self._refer(look)
        return look

    def _refer(self, look: Look) -> None:
        for type_name, what in self.referee.judge(look, self.is_stuck) if self.referee else ():
            self.verdict.of(type_name).missed += 1
            self.verdict.wrong.append(f"round {self.verdict.rounds}: {what}"[:900])

    # -- doing -------------------------------------------------------------------------------------------------

    def _put_back(self) -> None:
        for (address, name), mutation in reversed(self._recent.items()):
            before = self._live(address).attributes
            was = before.get(name)
            if name not in before:
                self.stuck[address, name] = "nobody could say what it was"
            back = Mutation(address, mutation.type, name, Other(was, name, "put back"))
            if is_final(back, self._now(address), Scope(self.region, ACCOUNT)):
                self.stuck[address, name] = "no operation takes it back"
            try:
                self._carry_out(back)
            except Refused as refused:
                self.stuck[address, name] = str(refused)

    def _elsewhere(self, mutation: Mutation) -> None:
        """The next resource of the type gets its turn: this one did not take or keep it."""
        spare = self._spare.get(_what(mutation), [])
        if spare:
            other = spare.pop(0)
            self._waiting.setdefault(other.address, []).append(other)

    def _mutate(self) -> list[Mutation]:
        done: list[Mutation] = []
        for address, queue in list(self._waiting.items()):
            taken: set[str] = set()
            for mutation in list(queue):
                if len(taken) >= self.at_once:
                    break
                if mutation.attribute in taken or any(_go_together(mutation, name) for name in taken):
                    continue
                queue.remove(mutation)
                if self.is_stuck(address, mutation.attribute):
                    continue
                try:
                    self._carry_out(mutation)
                except Refused as refused:
                    self._elsewhere(mutation)
                    self._denied.add((address, mutation.attribute))
                    self.verdict.refused[f"{mutation.type}.{mutation.other.names}"] = f"{mutation}: {refused}"
                    if not refused.nothing:
                        self.stuck[address, mutation.attribute] = f"changed in part: {refused}"
                    continue
                taken.add(mutation.attribute)
                done.append(mutation)
        return done

    def is_stuck(self, address: str, attribute: str) -> bool:
        """The attribute is not what it was and cannot be made so, or goes along with one like that."""
        names = {name for of, name in self.stuck if of == address}
        groups = COUPLED.get(self.pristine.there[address].finding.type, ())
        twins = {"tags", "tags_all"}
        return attribute in names or any(attribute in group and names & group for group in [*groups, twins])

    def _carry_out(self, mutation: Mutation) -> None:
        now, provider = self._now(mutation.address), self.pristine.there[mutation.address].resource.provider
        carry_out(mutation, now, self.hands, Scope(self.region, ACCOUNT), provider)
        self._there[mutation.address] = {**now.attributes, mutation.attribute: mutation.other.value}

    def _now(self, address: str) -> LiveResource:
        """With what was done to it."""
        live = self._live(address)
        there = self._there.setdefault(address, dict(live.attributes))
        return LiveResource(live.type, live.id, there, live.region, live.account)

    def _live(self, address: str) -> LiveResource:
        live = self.pristine.there[address].live
        assert live is not None
        return live

    # -- judging -----------------------------------------------------------------------------------------------

    def _judge(self, look: Look, done: list[Mutation]) -> None:
        expected: dict[str, list[Mutation]] = {}
        for mutation in done:
            expected.setdefault(mutation.address, []).append(mutation)
        twice = {(self._live(m.address).id, m.attribute) for m in done}
        for address, seen in look.there.items():
            self._judge_one(address, seen, expected.get(address, []), twice)
        known = {(f.status, f.type, f.id) for f in self.pristine.others}
        # What is changed in a resource may be a part of it that can be a resource of its own: a key's policy.
        parts = {c.type for m in done for c in TYPES[m.type].children if m.attribute in c.attributes}
        for finding in look.others:
            if (finding.status, finding.type, finding.id) not in known and finding.type not in parts:
                self._false(f"{finding.type} {finding.id}", finding.type, finding.status)
        for gap in set(look.gaps) - set(self.pristine.gaps):
            self._false("gap", gap.partition(":")[0], gap)

    def _judge_one(
        self, address: str, seen: Seen, expected: list[Mutation], twice: Collection[tuple[str, str]]
    ) -> None:
        """`twice`: (id, attribute) of what was changed, which two resources of the code may be about."""
        finding, pristine = seen.finding, self.pristine.there[address].finding
        if finding.status in ("missing", "unverified") and finding.status != pristine.status:
            if any(of == address for of, _ in self.stuck):
                return  # the emulator broke it half way
            done = ", ".join(str(mutation.other.names) for mutation in expected) or "nothing"
            self._false(address, finding.type, f"{finding.status} after {done}: {finding.reason}")
            self.stuck[address, "(as a whole)"] = "reported"
            return
        before = {format_path(change.path) for change in pristine.changes}
        mine: dict[str, list[Change]] = {mutation.attribute: [] for mutation in expected}
        for change in finding.changes:
            name = str(change.path[0])
            if format_path(change.path) in before or self.is_stuck(address, name):
                continue
            if name in mine or (name == "tags_all" and "tags" in mine):
                mine["tags" if name == "tags_all" else name].append(change)
            elif any(_go_together(mutation, name) for mutation in expected):
                continue
            elif seen.live is None or (seen.live.id, name) not in twice:
                self._not_ours(address, finding.type, change)
        for mutation in expected:
            self._score(mutation, mine[mutation.attribute], seen.live)

    def _not_ours(self, address: str, type_name: str, change: Change) -> None:
        attribute = str(change.path[0])
        recent = [m for of, m in self._recent.items() if of[0] == address]
        if (address, attribute) in self._denied:
            self.stuck[address, attribute] = "changed although it was refused: " + said(change)
        elif any(m.attribute == attribute or _go_together(m, attribute) for m in recent):
            self.stuck[address, str(change.path[0])] = "still there after it was put back: " + said(change)
        else:
            self._false(address, type_name, said(change))
            self.stuck[address, str(change.path[0])] = "reported"

    def _score(self, mutation: Mutation, changes: list[Change], live: LiveResource | None) -> None:
        score = self.verdict.of(mutation.type)
        wanted = mutation.other.names
        name = mutation.attribute
        self.verdict.exercised[f"{mutation.type}.{name}"] += 1
        if not changes:
            pristine = self._live(mutation.address).attributes.get(name)
            now = live.attributes.get(name) if live else None
            if _same(mutation.type, name, pristine, now):  # the referee has to see nothing of it either
                self.verdict.unkept[f"{mutation.type}.{wanted}"] = str(mutation)
                self._elsewhere(mutation)
                self.verdict.exercised[f"{mutation.type}.{name}"] -= 1
            else:
                score.missed += 1
                self.verdict.wrong.append(f"missed: {mutation}: live {now!r}"[:400])
        elif _fits(wanted, [names(change.path) for change in changes], mutation):
            score.found += 1
        else:
            score.missed += 1
            paths = [format_path(change.path) for change in changes]
            self.verdict.wrong.append(f"path: {mutation}: found {paths}")

    def _false(self, address: str, type_name: str, what: str) -> None:
        self.verdict.of(type_name).false += 1
        self.verdict.wrong.append(f"false: {address}: {what}"[:900])


def _what(mutation: Mutation) -> _What:
    return mutation.type, mutation.other.names, mutation.other.how


def _go_together(mutation: Mutation, attribute: str) -> bool:
    """The service changes the attribute along with what was mutated."""
    return any(mutation.attribute in group and attribute in group for group in COUPLED.get(mutation.type, ()))


def _fits(wanted: str, found: list[str], mutation: Mutation) -> bool:
    """All paths are the wanted one, lie under it, or are the set or block that holds it as a whole.

    Of an element of a set that was changed, it is the set that says what was there and what is there now.
    """
    plain = [wanted.replace("[]", "")]
    plain += [name for group in COUPLED.get(mutation.type, ()) if plain[0] in group for name in group]
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
