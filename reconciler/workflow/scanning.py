"""Findings of one stack: every desired resource, what the code no longer has, and what nothing manages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field, replace

from reconciler import channels, drift, identity, schema
from reconciler.aws import Stub
from reconciler.config import Config
from reconciler.drift import Context
from reconciler.identity import Match
from reconciler.model import Address, Finding, LiveResource, Resource, Snapshot
from reconciler.records import dataclass
from reconciler.redaction import Redactor
from reconciler.resources import TYPES, WITH_CHILDREN
from reconciler.resources.spec import Attributes, ResourceType, Scope
from reconciler.schema.shape import Attribute
from reconciler.workflow.survey import Survey


@dataclass(frozen=True, slots=True)
class Compared:
    """A finding with its sides."""

    finding: Finding
    resource: Resource | None
    snapshot: Snapshot | None
    live: LiveResource | None
    context: Context


def compare(survey: Survey, redactor: Redactor, config: Config) -> tuple[Compared, ...]:
    """All findings of a stack, in sync ones included."""
    base = Context(redactor, tuple(survey.gaps), tracked=survey.records.tracked())
    desired = [*_desired(survey, base)]
    compared = [*desired, *_removed(survey, base), *_unmanaged(survey, base, config, desired)]
    graph = channels.build(survey.evaluation.resources, survey.live)
    named = channels.annotated([entry.finding for entry in compared], graph)
    return tuple(replace(entry, finding=finding) for entry, finding in zip(compared, named, strict=True))


def _desired(survey: Survey, base: Context) -> Iterator[Compared]:
    by_type: dict[str, list[Resource]] = {}
    for resource in survey.evaluation.resources:
        by_type.setdefault(resource.type, []).append(resource)
    for resource in survey.evaluation.resources:
        address = str(resource.address)
        spec, live = TYPES.get(resource.type), survey.live.get(address)
        match = survey.matches.get(address, Match())
        snapshot = survey.snapshot(address)
        elsewhere = drift.managed_elsewhere(resource, live, spec, by_type) if spec else frozenset[str]()
        context = Context(
            base.redactor,
            base.gaps,
            recorded=match.recorded,
            tracked=base.tracked,
            elsewhere=elsewhere,
            unverified=_unverified(_told(match, spec), live, in_doubt=address in survey.uncertain),
        )
        yield Compared(drift.compare(resource, snapshot, live, spec, context), resource, snapshot, live, context)


def _told(match: Match, spec: ResourceType | None) -> Match:
    """What is looked up by its parts is looked for by what state has of them, too: it is missing where it is not."""
    return replace(match, recorded=False) if spec is not None and spec.gather is not None else match


def _unverified(match: Match, live: LiveResource | None, *, in_doubt: bool) -> str | None:
    if match.reason is not None:
        return match.reason
    if match.waiting and live is None and match.id is None and in_doubt:
        return "what names it is not known: it depends on what cannot be told"
    if match.waiting and live is None and match.id is None and match.recorded:
        return "what names it is not known before a deploy"
    return None


def _removed(survey: Survey, base: Context) -> Iterator[Compared]:
    for address, live in sorted(survey.gone.items()):
        snapshot = survey.records.snapshots.get(address)
        known_id = live.id if live else snapshot.id if snapshot else None
        finding = drift.removed(Address.parse(address), live, snapshot, base, known_id)
        if finding is not None:
            yield Compared(finding, None, snapshot, live, base)


def _unmanaged(survey: Survey, base: Context, config: Config, desired: Sequence[Compared]) -> Iterator[Compared]:
    families, together, brought = _families(survey, desired), gathered(survey), _brought(survey)
    unsure, hidden = doubtful(survey, desired), _hidden_types(survey)
    known = {(live.type, live.id) for live in survey.live.values()} | _matched(survey)  # though it was not read
    known |= {(stub.type, stub.id) for stub, _ in survey.loose}
    for stub, live in survey.loose:
        if hidden is None or stub.type in hidden:
            continue
        if any((twin, stub.id) in known and _goes_before(twin, stub, survey) for twin in TYPES[stub.type].twins):
            continue
        if live is None or config.ignored(live) or not all(family.wants(live) for family in families):
            continue
        if (usual := TYPES[stub.type].usual) is not None and usual(live.attributes):
            continue
        if (stub.type, stub.id) in brought or any(part_of(stub, live, spec, wanted) for spec, wanted in together):
            continue
        if any(identity.may_be(resource, stub, TYPES[resource.type]) for resource in unsure.get(stub.type, ())):
            continue
        yield Compared(drift.unmanaged(live, base), None, None, live, base)


def _hidden_types(survey: Survey) -> set[str] | None:
    """The types that what is concealed may be of; None: any."""
    addresses = {str(resource.address): resource.type for resource in survey.evaluation.resources}
    found = {addresses.get(place) for place in survey.concealed}
    return None if None in found else {name for name in found if name is not None}


def doubtful(survey: Survey, desired: Sequence[Compared]) -> dict[str, list[Resource]]:
    """Type -> the code's resources that it cannot be told which live one of this type they are, or bring along."""
    found: dict[str, list[Resource]] = {}
    for resource, finding in ((c.resource, c.finding) for c in desired if c.resource is not None):
        spec, live = TYPES.get(resource.type), survey.live.get(str(resource.address))
        if spec is None or finding.status != "unverified":
            continue
        if live is None and survey.matches.get(str(resource.address), Match()).id is None:
            for type_name in bearing(spec):
                found.setdefault(type_name, []).append(resource)
        elif live is None:
            for type_name in spec.brings:
                found.setdefault(type_name, []).append(resource)
    return found


def bearing(spec: ResourceType) -> tuple[str, ...]:
    """The types under whose names a resource may be found, or what it brings along."""
    return (spec.name, *spec.twins, *(spec.gather.parts if spec.gather else ()), *spec.brings)


def _matched(survey: Survey) -> set[tuple[str, str]]:
    matches = ((r.type, survey.matches.get(str(r.address), Match()).id) for r in survey.evaluation.resources)
    return {(type_name, id_) for type_name, id_ in matches if id_ is not None}


def _goes_before(twin: str, stub: Stub, survey: Survey) -> bool:
    """What is managed as a twin is; of two that are loose, one is told."""
    return twin < stub.type or not any((s.type, s.id) == (twin, stub.id) for s, _ in survey.loose)


def _brought(survey: Survey) -> set[tuple[str, object]]:
    """What came with what the code has: (type, id)."""
    found: set[tuple[str, object]] = set()
    for resource in survey.evaluation.resources:
        spec, live = TYPES.get(resource.type), survey.live.get(str(resource.address))
        if spec is None or live is None:
            continue
        recorded = survey.state_of(str(resource.address))
        for type_name, (name, shared) in spec.brings.items():
            id_ = live.attributes.get(name) or recorded.get(name)
            if id_:
                # A zone's id is told with and without "/hostedzone/".
                found |= {(type_name, id_), (type_name, str(id_).rpartition("/")[2])}
                continue
            alike = [
                there
                for _, there in survey.loose
                if there is not None and there.type == type_name and shared and _is_bare(there)
                if there.attributes.get(shared) == live.attributes.get(shared)
            ]
            if len(alike) == 1:
                found.add((type_name, alike[0].id))
    return found


def _is_bare(live: LiveResource) -> bool:
    """Nothing of it is set but what it cannot be without."""
    described = schema.resource(live.type)
    shapes = {**described.block.attributes, **described.block.blocks} if described else {}
    optional = {n for n, shape in shapes.items() if not isinstance(shape, Attribute) or shape.optional} - {"id"}
    return all(live.attributes.get(name) in (None, "", [], {}, False) for name in optional)


def gathered(survey: Survey) -> list[tuple[ResourceType, Attributes]]:
    """Resources of types that AWS does not keep apart, as they are live."""
    found: list[tuple[ResourceType, Attributes]] = []
    for resource in survey.evaluation.resources:
        spec, live = TYPES.get(resource.type), survey.live.get(str(resource.address))
        if spec is not None and spec.gather is not None and live is not None:
            found.append((spec, live.attributes))
    return found


def part_of(stub: Stub, live: LiveResource, spec: ResourceType, wanted: Attributes) -> bool:
    """What was listed is, under another type's name, a part of the gathered resource."""
    entry = TYPES.get(stub.type)
    if spec.gather is not None and stub.type in spec.gather.parts:
        one, every = spec.gather.parts[stub.type]
        held, by = wanted.get(every), spec.gather.by
        return live.attributes.get(by) == wanted.get(by) and isinstance(held, list) and live.attributes.get(one) in held
    if spec.gather is None or entry is None or entry.list != spec.list or stub.record is None:
        return False
    scope = Scope(live.region, live.account)
    same: Attributes = {name: getter(stub.record, scope) for name, getter in spec.attributes.items()}
    by = spec.gather.by
    return same.get(by) == wanted.get(by) and bool(spec.gather.pick([same], wanted))


@dataclass(slots=True)
class _Family:
    """One relation of child to parent, as rules are to their group. `known`: parents that the code is about.

    What lies under other parents is told with these, or is AWS's own; what the code sets `inline` in a parent, or what
    was recorded as its attributes (and is told with it where it changes), is no child of its own.
    """

    child: str
    by: str
    known: set[object] = field(default_factory=set[object])
    inline: set[object] = field(default_factory=set[object])

    def wants(self, live: LiveResource) -> bool:
        """A loose resource is worth a finding, as far as this relation can tell."""
        parent = live.attributes.get(self.by)
        return live.type != self.child or (parent in self.known and parent not in self.inline)


def _says(resource: Resource, name: str) -> bool:
    """The code sets the attribute; where it has to, "none" is said too."""
    described = schema.resource(resource.type)
    shape = described.block.attributes.get(name) if described else None
    return resource.values.get(name) not in (None, "", []) or (shape is not None and shape.required)


def _recorded(compared: Compared) -> frozenset[str]:
    """The attributes whose changes are told with the resource: those that differ, and what the baseline has of it."""
    changed = frozenset(str(change.path[0]) for change in compared.finding.changes)
    if compared.snapshot is None or compared.resource is None:
        return changed
    ignored = {path[0] for path in compared.resource.ignore_changes if path}
    if () in compared.resource.ignore_changes:
        return changed
    return changed | (compared.snapshot.attributes.keys() - compared.context.elsewhere - ignored)


def _families(survey: Survey, desired: Sequence[Compared]) -> list[_Family]:
    recorded = {str(c.finding.address): _recorded(c) for c in desired}
    found: dict[tuple[str, str], _Family] = {}
    loose = {stub.type for stub, _ in survey.loose}
    for parent in (TYPES[name] for name in WITH_CHILDREN if loose):
        for child in (child for child in parent.children if child.type in loose):
            found.setdefault((child.type, child.by), _Family(child.type, child.by))
    for resource in survey.evaluation.resources:
        spec, live = TYPES.get(resource.type), survey.live.get(str(resource.address))
        if spec is None or live is None:
            continue
        for child in spec.children:
            family = found.get((child.type, child.by))
            if family is None:
                continue
            key = live.id if child.key == "id" else live.attributes.get(child.key)
            family.known.add(key)
            told = recorded.get(str(resource.address), frozenset[str]())
            if any(_says(resource, name) or name in told for name in child.attributes):
                family.inline.add(key)
        for family in found.values():
            if family.child == resource.type:
                family.known.add(live.attributes.get(family.by))
    return list(found.values())
