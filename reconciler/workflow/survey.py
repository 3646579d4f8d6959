"""The three sides of a stack: what the code says, what was recorded, what is live, and which is which.

Code that depends on what only the cloud knows (an id, an account number) is evaluated again with what was read,
until nothing new becomes known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Final

from reconciler import channels, drift, identity
from reconciler.aws import Cloud, Stub
from reconciler.errors import CloudError
from reconciler.hcl.evaluate import Evaluation, Inputs, Moved, evaluate
from reconciler.hcl.tree import ParseCache, SourceTree
from reconciler.identity import Match, Records
from reconciler.model import Address, Gap, LiveResource, Plain, Provider, Resource, Snapshot
from reconciler.records import dataclass
from reconciler.resources import TYPES
from reconciler.resources.spec import Attributes, ResourceType
from reconciler.semantics import known, widened
from reconciler.workflow import data_sources, doubt
from reconciler.workflow.stacks import Stack
from reconciler.workflow.state import StackState

_ROUNDS: Final = 12
"""Each round makes at least one more resource known; chains of ids in real estates are a few links long."""


@dataclass(frozen=True, slots=True)
class Code:
    """A stack's code and all that its evaluation takes, but for the cloud. `own` is the tree without the modules that
    were brought from elsewhere: what may be edited."""

    stack: Stack
    tree: SourceTree
    inputs: Inputs
    cache: ParseCache | None
    own: SourceTree

    def evaluate(self, tree: SourceTree | None = None, inputs: Inputs | None = None) -> Evaluation:
        return evaluate(tree or self.tree, self.stack.path, inputs or self.inputs, self.cache)


@dataclass(frozen=True, slots=True)
class Survey:
    """All there is to know of a stack. `live` and `matches` are by address; `loose` is what no address stands for.

    `inputs` are those of the last evaluation: with what is live, so that an edited tree can be evaluated alike.
    `concealed` are modules and resources whose instances are not known, and that nothing has a record of: what is loose
    may be theirs. `uncertain` are addresses that are named by what cannot be told, and that nothing has a record of.
    """

    code: Code
    inputs: Inputs
    evaluation: Evaluation
    records: Records
    matches: Mapping[str, Match]
    live: Mapping[str, LiveResource]
    gone: Mapping[str, LiveResource | None] = field(default_factory=dict[str, LiveResource | None])
    loose: Sequence[tuple[Stub, LiveResource | None]] = ()
    gaps: Sequence[Gap] = ()
    concealed: Sequence[str] = ()
    uncertain: frozenset[str] = frozenset()

    def state_of(self, address: str) -> Attributes:
        """The attributes that Terraform's state has of it; none without."""
        state = self.records.state or {}
        found = (state[name] for name in self.records.names(address) if name in state)
        nothing: Attributes = {}
        return next((there.attributes for there in found), nothing)

    def snapshot(self, address: str) -> Snapshot | None:
        """The snapshot of the address, also under the name that it had before it moved."""
        for name in self.records.names(address):
            if name in self.records.snapshots:
                return self.records.snapshots[name]
        moved = self.matches.get(address)
        return self.records.snapshots.get(moved.renamed_from) if moved and moved.renamed_from else None


def survey(
    code: Code,
    cloud: Cloud,
    state: StackState,
    snapshots: Mapping[str, Snapshot],
    evaluation: Evaluation,
    *,
    loose: bool,
    lean: bool = False,
    elsewhere: Mapping[str, data_sources.Elsewhere] | None = None,
) -> Survey:
    """Read everything that the stack's code needs. `evaluation` is that without the cloud; `loose`: also describe
    what nothing manages; `lean`: without attributes that take a call of their own and are neither compared nor
    referred to; `elsewhere`: readers of data that is not AWS's."""
    inputs, gaps = code.inputs, list(state.gaps)
    reader = _Reader(cloud, mentioned(code) if lean else None)
    records = Records(state=state.known, snapshots=snapshots)
    matches: dict[str, Match] = {}
    reader.expect([r for r in evaluation.resources if _readable(r)], records)
    for _ in range(_ROUNDS):
        records = replace(records, imports=_imports(evaluation), moved=_moved(evaluation))
        data, missed = data_sources.answer(evaluation.data, cloud, inputs.data, elsewhere)
        resources = [r for r in evaluation.resources if _readable(r)]
        reader.list_types(resources, records)
        matches = identity.match(resources, reader.stubs, records, TYPES)
        reader.describe(resources, matches, records)
        prior = {address: _as_prior(live) for address, live in reader.live.items()}
        settled = prior == dict(inputs.prior) and data == dict(inputs.data)
        inputs = replace(inputs, prior=prior, data=data)
        if settled:
            gaps += missed
            break
        evaluation = code.evaluate(inputs=inputs)
    else:
        gaps.append(Gap(f"identities did not settle after {_ROUNDS} rounds: the scan is not complete"))
    places = _concealed(evaluation)
    gone = reader.left_over(evaluation.resources, matches, records, places)
    rest = reader.rest(describe=loose)
    concealed = () if records.state is not None else [p for p in places if not _any_under(p, records.snapshots)]
    gaps += reader.gaps
    unsure = doubt.uncertain(
        [r for r in evaluation.resources if _readable(r)],
        matches,
        reader.live,
        reader.stubs,
        records,
        gaps,
        lambda made_up: code.evaluate(inputs=replace(inputs, prior={**inputs.prior, **made_up})),
    )
    return Survey(code, inputs, evaluation, records, matches, reader.live, gone, rest, gaps, concealed, unsure)


def _concealed(evaluation: Evaluation) -> list[str]:
    """Modules that are not there or whose instances are not known, resources whose instances are not known."""
    modules = [gap.address for gap in evaluation.gaps if gap.address is not None]
    return [*modules, *(str(r.address) for r in evaluation.resources if r.unverified is not None)]


def _any_under(place: str, addresses: Iterable[str]) -> bool:
    return any(identity.under(address, [place]) for address in addresses)


def _readable(resource: Resource) -> bool:
    return resource.unverified is None and not resource.provider.unknown


def _as_prior(live: LiveResource) -> dict[str, Plain]:
    return {name: widened(value) for name, value in live.attributes.items()}


def _imports(evaluation: Evaluation) -> dict[str, str]:
    return {str(statement.to): statement.id for statement in evaluation.imports if statement.id is not None}


def _moved(evaluation: Evaluation) -> dict[str, tuple[str, ...]]:
    """Address -> the addresses that its moved blocks say it had before, the latest first."""
    found: dict[str, tuple[str, ...]] = {}
    for resource in evaluation.resources:
        before: list[str] = []
        name = str(resource.address)
        while True:
            olds = (old for move in evaluation.moved if (old := _before(name, move)) is not None)
            name = next(olds, str(resource.address))
            if name in (*before, str(resource.address)):
                break
            before.append(name)
        if before:
            found[str(resource.address)] = tuple(before)
    return found


def _before(address: str, move: Moved) -> str | None:
    """What `address` was called before the move, None where the move is not about it."""
    rest, prefix = address, ""
    for name in move.modules:
        step = re.match(rf'module\.{re.escape(name)}(\["(?:[^"\\]|\\.)*"\]|\[\d+\])?\.', rest)
        if step is None:
            return None
        prefix, rest = prefix + step[0], rest[step.end() :]
    if rest != move.target and not rest.startswith((f"{move.target}.", f"{move.target}[")):
        return None
    return prefix + move.source + rest[len(move.target) :]


_CODE: Final = (".tf", ".tf.json", ".tftpl", ".tpl", ".tmpl")
_MENTION: Final = re.compile(rb"""\.\s*([A-Za-z_][A-Za-z0-9_]*)|["']([A-Za-z_][A-Za-z0-9_]*)["']""")


def mentioned(code: Code) -> frozenset[str]:
    """Every name that some expression of the repository may take an attribute by; rather too many than too few."""
    found: set[bytes] = set()
    for path in code.tree.paths():
        if path.endswith(_CODE):
            found.update(name for pair in _MENTION.findall(code.tree.read(path)) for name in pair)
    return frozenset(name.decode() for name in found)


@dataclass(slots=True)
class _Reader:
    """Lists each type once and describes each resource once, however often the code is evaluated.

    `mentioned` are the names by which the code may take attributes; None: all attributes are read.
    """

    cloud: Cloud
    mentioned: frozenset[str] | None = None
    stubs: list[Stub] = field(default_factory=list[Stub])
    live: dict[str, LiveResource] = field(default_factory=dict[str, LiveResource])
    gaps: list[Gap] = field(default_factory=list[Gap])
    _listed: set[tuple[object, ...]] = field(default_factory=set[tuple[object, ...]])
    _asked: dict[str, tuple[object, ...]] = field(default_factory=dict[str, tuple[object, ...]])
    _claimed: set[tuple[object, ...]] = field(default_factory=set[tuple[object, ...]])

    def expect(self, resources: Sequence[Resource], records: Records) -> None:
        for provider, types in _types(resources, records).items():
            self.cloud.expect(types, provider)

    def list_types(self, resources: Sequence[Resource], records: Records) -> None:
        wanted: dict[Provider, set[str]] = {}
        providers = _types(resources, records)
        for provider, types in providers.items():
            for name in types:
                where = (name, identity.place(provider, TYPES[name]))
                if where not in self._listed:
                    self._listed.add(where)
                    wanted.setdefault(provider, set()).add(name)
        for provider, types in wanted.items():
            try:
                listing = self.cloud.list(sorted(types), provider)
            except CloudError as error:
                if len(providers) == 1:
                    raise
                self.gaps += [Gap(str(error), name, provider.region) for name in sorted(types)]
                continue
            self.stubs += listing.stubs
            self.gaps += listing.gaps

    def _needed(self, resource: Resource, spec: ResourceType, records: Records) -> frozenset[str] | None:
        """The attributes that a finding on the resource can depend on; None: all."""
        if self.mentioned is None or spec.gather:
            return None
        snapshot = next(
            (records.snapshots[n] for n in records.names(str(resource.address)) if n in records.snapshots), None
        )
        keys = frozenset(child.key for child in spec.children)
        return drift.needed(resource, snapshot, spec) | channels.looked_at(resource.type) | keys | self.mentioned

    def describe(self, resources: Sequence[Resource], matches: Mapping[str, Match], records: Records) -> None:
        by_place = {_where(stub): stub for stub in self.stubs}
        asked: list[tuple[str, Stub]] = []
        for resource in resources:
            address, spec = str(resource.address), TYPES.get(resource.type)
            match = matches[address]
            if spec is None:
                continue
            stub = _gathered(resource, records) if spec.gather else None
            if stub is None and match.id is not None:
                where = (resource.type, identity.place(resource.provider, spec), match.id)
                self._claimed.add(where)
                stub = by_place.get(where) or Stub.of(resource.type, match.id, resource.provider)
            if stub is None:
                self.live.pop(address, None)
                continue
            # The resource's own provider: its default_tags tell tags from tags_all.
            stub = replace(stub, provider=resource.provider, needed=self._needed(resource, spec, records))
            key = (repr((stub.type, stub.id, stub.wanted)), stub.provider, stub.needed)
            if self._asked.get(address) != key:
                self._asked[address] = key
                asked.append((address, stub))
        reading = self.cloud.describe([stub for _, stub in asked])
        hidden = {(gap.type, gap.id) for gap in reading.gaps if not gap.attributes}
        for (address, stub), found in zip(asked, reading.found, strict=True):
            live = found or (None if (stub.type, stub.id) in hidden else self._emptied(stub, matches[address]))
            if live is None:
                self.live.pop(address, None)
            else:
                self.live[address] = live
        self.gaps += reading.gaps

    def _emptied(self, stub: Stub, match: Match) -> LiveResource | None:
        """What Terraform, where it knows the resource, takes for empty and not for gone."""
        make = TYPES[stub.type].emptied
        if make is None or not (match.listed and match.recorded):
            return None
        scope = self.cloud.scope(stub.provider)
        return LiveResource(stub.type, stub.id, make(stub.id), scope.region, scope.account)

    def left_over(
        self, resources: Sequence[Resource], matches: Mapping[str, Match], records: Records, concealed: Sequence[str]
    ) -> dict[str, LiveResource | None]:
        """What state or baseline know and the code does not have any more; None where live does not either.

        What lies under one of `concealed` the code may well have.
        """
        left = identity.left_over(resources, matches, records)
        by_id = {(stub.type, stub.id): stub for stub in self.stubs}
        found: dict[str, LiveResource | None] = {}
        for address, id_ in left.items():
            type_name = records.snapshots[address].type if address in records.snapshots else _type_of(address)
            stub = by_id.get((type_name, id_))
            if stub is not None:
                self._claimed.add(_where(stub))
            if identity.under(address, concealed):
                continue
            if stub is None:
                found[address] = None
                continue
            reading = self.cloud.describe([stub])
            self.gaps += reading.gaps
            found[address] = reading.found[0]
        return found

    def rest(self, *, describe: bool) -> list[tuple[Stub, LiveResource | None]]:
        """What was listed and no address claimed, without AWS's own."""
        claimed = self._claimed
        free = [
            stub
            for stub in self.stubs
            if not stub.aws_owned
            and (stub.type, identity.place(stub.provider, TYPES.get(stub.type)), stub.id) not in claimed
        ]
        if not describe or not free:
            return [(stub, None) for stub in free]
        reading = self.cloud.describe(free)
        self.gaps += reading.gaps
        return [(stub, live) for stub, live in zip(free, reading.found, strict=True) if live is not None]


def _types(resources: Sequence[Resource], records: Records) -> dict[Provider, list[str]]:
    """What is to be listed of each provider configuration: the types that code or baseline have."""
    recorded = {snapshot.type for snapshot in records.snapshots.values()}
    found: dict[Provider, set[str]] = {}
    for resource in resources:
        found.setdefault(resource.provider, set(recorded)).add(resource.type)
    return {provider: sorted(name for name in types if name in TYPES) for provider, types in found.items()}


def _where(stub: Stub) -> tuple[object, ...]:
    return stub.type, identity.place(stub.provider, TYPES.get(stub.type)), stub.id


def _type_of(address: str) -> str:
    return Address.parse(address).type


def _gathered(resource: Resource, records: Records) -> Stub:
    """Types that AWS does not keep apart are looked up by what the code (or what was recorded) says of them."""
    recorded = identity.recorded(resource, records)
    before = recorded[0] if recorded else None
    wanted = {name: known(value) for name, value in resource.values.items()}
    if before is not None:
        said = {k: v for k, v in wanted.items() if v is not None}
        wanted = {**before.attributes, **({"id": before.id} if before.id else {}), **said}
    return Stub.of(resource.type, before.id if before else "", resource.provider, wanted)
