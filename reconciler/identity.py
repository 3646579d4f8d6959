"""Which live resource is which desired one: by Terraform's state, else the baseline, else its natural key.

Never a guess: what could be several resources, or what two addresses lay claim to, is unverified with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, TypeAlias

from reconciler import schema
from reconciler.model import Address, Json, Plain, Provider, Resource, Snapshot
from reconciler.resources.spec import Attributes, ResourceType
from reconciler.schema.shape import Attribute
from reconciler.semantics import Shape, equivalent, has_unknown, known, members, widened

How: TypeAlias = Literal["state", "baseline", "import", "natural key", "tags"]
Place: TypeAlias = tuple[object, ...]


class Stub(Protocol):
    """A resource that listing found; aws.Stub is one."""

    @property
    def type(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def provider(self) -> Provider: ...
    @property
    def keys(self) -> Attributes: ...


@dataclass(frozen=True, slots=True)
class Known:
    """What Terraform's state or an import block says of an address."""

    id: str
    attributes: Attributes = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True)
class Match:
    """What is live for one address.

    `id` None: nothing is. `listed` false: the id is known from elsewhere and no listing showed it; ask for it by id.
    `waiting`: the natural key is not known yet; evaluate with more live values and match again. `reason`: it cannot
    be told which resource it is. `recorded`: state or baseline know the address. `recreated`: under another id than
    recorded. `renamed_from`: the address that the baseline has it under.
    """

    id: str | None = None
    how: How | None = None
    listed: bool = False
    waiting: bool = False
    reason: str | None = None
    recorded: bool = False
    recreated: bool = False
    renamed_from: str | None = None


@dataclass(frozen=True, slots=True)
class Records:
    """What is known of addresses from before. `moved`: new address -> old ones, nearest first (moved blocks)."""

    state: Mapping[str, Known] | None = None
    snapshots: Mapping[str, Snapshot] = field(default_factory=dict[str, Snapshot])
    imports: Mapping[str, str] = field(default_factory=dict[str, str])
    moved: Mapping[str, Sequence[str]] = field(default_factory=dict[str, "Sequence[str]"])

    def names(self, address: str) -> tuple[str, ...]:
        return (address, *self.moved.get(address, ()))

    def tracked(self) -> bool:
        """State or baseline exist: what neither knows was never deployed."""
        return bool(self.state) or bool(self.snapshots)


def match(
    resources: Iterable[Resource], stubs: Iterable[Stub], records: Records, types: Mapping[str, ResourceType]
) -> dict[str, Match]:
    """What is live for each resource, by address."""
    resources = list(resources)
    listing = _Listing(stubs, types)
    owners = _owners(resources, records)
    found = {str(r.address): _one(r, listing, records, owners, types.get(r.type)) for r in resources}
    return _without_conflicts(resources, found, types)


def left_over(resources: Iterable[Resource], matches: Mapping[str, Match], records: Records) -> dict[str, str]:
    """address -> id of what state or baseline know and the code does not have any more."""
    taken = {name for r in resources for name in records.names(str(r.address))}
    taken |= {m.renamed_from for m in matches.values() if m.renamed_from}
    known = {address: snapshot.id for address, snapshot in records.snapshots.items()}
    if records.state is not None:
        known = {address: entry.id for address, entry in records.state.items()}
    return {address: id_ for address, id_ in known.items() if address not in taken}


def place(provider: Provider, spec: ResourceType | None = None) -> Place:
    """Equal for provider configurations that reach the same account (and region, where the type has regions)."""
    region = provider.region if spec is None or spec.regional else None
    return region, provider.endpoints, provider.assume_role, provider.profile, provider.access_key


class _Listing:
    """Stubs by what they are looked up by."""

    def __init__(self, stubs: Iterable[Stub], types: Mapping[str, ResourceType]) -> None:
        self._by_id: dict[tuple[str, Place, str], Stub] = {}
        self._by_type: dict[tuple[str, Place], dict[str, Stub]] = {}
        self._by_key: dict[tuple[str, Place, tuple[str, ...]], dict[str, list[Stub]]] = {}
        self._types = types
        for stub in stubs:
            where = (stub.type, place(stub.provider, types.get(stub.type)))
            self._by_id.setdefault((*where, stub.id), stub)
            self._by_type.setdefault(where, {}).setdefault(stub.id, stub)

    def has(self, resource: Resource, id_: str, spec: ResourceType) -> bool:
        return (resource.type, place(resource.provider, spec), id_) in self._by_id

    def alike(self, resource: Resource, key: tuple[str, ...], wanted: Attributes, spec: ResourceType) -> list[Stub]:
        """The stubs whose natural key means the same as `wanted`'s."""
        where = (resource.type, place(resource.provider, spec))
        index = self._index(where, key)
        first = _text(wanted.get(key[0]))
        if first is not None and key[0] not in spec.semantics:
            candidates = index.get(first, [])
        else:
            candidates = list(self._by_type.get(where, {}).values())
        return [stub for stub in candidates if _same_key(resource.type, key, wanted, stub.keys, spec)]

    def _index(self, where: tuple[str, Place], key: tuple[str, ...]) -> dict[str, list[Stub]]:
        if (*where, key) not in self._by_key:
            index: dict[str, list[Stub]] = {}
            for stub in self._by_type.get(where, {}).values():
                text = _text(stub.keys.get(key[0]))
                if text is not None:
                    index.setdefault(text, []).append(stub)
            self._by_key[*where, key] = index
        return self._by_key[*where, key]


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None


def _same_key(type_name: str, key: tuple[str, ...], wanted: Attributes, there: Attributes, spec: ResourceType) -> bool:
    shapes = _shapes(type_name)
    for name in key:
        if name not in wanted:
            continue
        if name == "tags":
            if not _same_name_tag(wanted[name], there.get(name)):
                return False
        elif not equivalent(shapes.get(name, "string"), widened(wanted[name]), widened(there.get(name)), spec.semantics, name):
            return False
    return True


def _shapes(type_name: str) -> Mapping[str, Shape]:
    described = schema.resource(type_name)
    return members(described.block) if described else {}


def _same_name_tag(wanted: Json, there: Json) -> bool:
    """Where tags are all that names a resource: the same Name; without one, every wanted tag."""
    if not isinstance(wanted, dict) or not isinstance(there, dict):
        return False
    return all(there.get(key) == value for key, value in wanted.items() if key == "Name" or "Name" not in wanted)


def _owners(resources: Sequence[Resource], records: Records) -> dict[tuple[str, str], tuple[str, How]]:
    """(type, id) -> the address that state or baseline have it under, for addresses that the code does not have."""
    current = {name for r in resources for name in records.names(str(r.address))}
    owners: dict[tuple[str, str], tuple[str, How]] = {}
    for address, snapshot in records.snapshots.items():
        if address not in current:
            owners[snapshot.type, snapshot.id] = (address, "baseline")
    for address, entry in (records.state or {}).items():
        if address not in current:
            owners[_type_of(address), entry.id] = (address, "state")
    return owners


def _type_of(address: str) -> str:
    return Address.parse(address).type


def _one(
    resource: Resource,
    listing: _Listing,
    records: Records,
    owners: Mapping[tuple[str, str], tuple[str, How]],
    spec: ResourceType | None,
) -> Match:
    if spec is None:
        return Match()
    recorded = _recorded(resource, records)
    if recorded is not None and spec.id_from_live and listing.has(resource, recorded[0].id, spec):
        return Match(recorded[0].id, recorded[1], listed=True, recorded=True)
    by_key = _by_key(resource, listing, owners, spec, recorded[0].attributes if recorded else None)
    if recorded is None:
        return by_key
    before, how = recorded
    if by_key.id is not None:
        return replace(by_key, recorded=True, recreated=spec.id_from_live and by_key.id != before.id)
    if not spec.id_from_live:
        return replace(by_key, recorded=True)
    return Match(before.id, how, recorded=True)


def _recorded(resource: Resource, records: Records) -> tuple[Known, How] | None:
    """State before baseline; for a resource that moved, under its old addresses too."""
    names = records.names(str(resource.address))
    for name in names:
        if records.state is not None and name in records.state:
            return records.state[name], "state"
    for name in names:
        if name in records.snapshots and records.snapshots[name].type == resource.type:
            snapshot = records.snapshots[name]
            return Known(snapshot.id, snapshot.attributes), "baseline"
    if names[0] in records.imports:
        return Known(records.imports[names[0]]), "import"
    return None


def _by_key(
    resource: Resource,
    listing: _Listing,
    owners: Mapping[tuple[str, str], tuple[str, How]],
    spec: ResourceType,
    recorded: Attributes | None,
) -> Match:
    """By the first natural key that is known, and that anything live has."""
    waiting = asked = False
    for key in spec.natural_keys:
        wanted = _wanted(resource, key, recorded)
        if wanted is None:
            waiting = waiting or any(has_unknown(resource.values.get(name)) for name in key)
            continue
        asked = True
        found = listing.alike(resource, key, wanted, spec)
        free = [s for s in found if owners.get((s.type, s.id), ("", ""))[1] != "state"]
        if len(free) > 1:
            tagged = [s for s in free if _tagged(resource, s)]
            if len(tagged) != 1:
                named = ", ".join(f"{name} {value!r}" for name, value in wanted.items())
                return Match(reason=f"{len(free)} live resources have {named}: record a baseline or import it")
            return _claimed(tagged[0], "tags", owners)
        if free:
            return _claimed(free[0], "natural key", owners)
    if waiting or asked or recorded is not None:
        return Match(waiting=waiting)
    names = " or ".join("+".join(key) for key in spec.natural_keys) or "nothing"
    return Match(reason=f"it is in no state and no baseline, and {names}, which names it, is left to the provider")


def _claimed(stub: Stub, how: How, owners: Mapping[tuple[str, str], tuple[str, How]]) -> Match:
    owner = owners.get((stub.type, stub.id))
    return Match(stub.id, how, listed=True, renamed_from=owner[0] if owner else None)


def _wanted(resource: Resource, key: tuple[str, ...], recorded: Attributes | None) -> dict[str, Json] | None:
    """The key's values: the code's, else as recorded, else the default; what the provider makes up is left out.

    None where one of them is not known yet, or where nothing is left.
    """
    shapes = _shapes(resource.type)
    wanted: dict[str, Json] = {}
    for name in key:
        value, shape = _value(resource, name), shapes.get(name)
        if (value is None or has_unknown(value)) and recorded is not None and recorded.get(name) is not None:
            value = widened(recorded[name])
        if has_unknown(value):
            return None
        if value is None and isinstance(shape, Attribute):
            if shape.default is None and shape.computed:
                continue
            value = widened(shape.default)
        wanted[name] = known(value)
    return wanted if any(value not in (None, "", {}) for value in wanted.values()) else None


def _value(resource: Resource, name: str) -> Plain:
    """An attribute of the key: all tags that the resource gets, or ("tags.Name") one of them."""
    attribute, _, entry = name.partition(".")
    value = resource.values.get(attribute)
    if attribute == "tags" and isinstance(value, dict | None):
        value = {**dict(resource.provider.default_tags), **(value or {})}
    return value.get(entry) if entry and isinstance(value, dict) else value


def _tagged(resource: Resource, stub: Stub) -> bool:
    """The stub has all tags that the code gives the resource (and it gives some)."""
    wanted, there = resource.values.get("tags"), stub.keys.get("tags")
    if not isinstance(wanted, dict) or not isinstance(there, dict) or not wanted:
        return False
    return all(there.get(key) == value for key, value in wanted.items())


def _without_conflicts(
    resources: Sequence[Resource], found: Mapping[str, Match], types: Mapping[str, ResourceType]
) -> dict[str, Match]:
    """Two addresses cannot be one live resource. What state says goes before what a key suggests."""
    claims: dict[tuple[str, Place, str], list[str]] = {}
    for resource in resources:
        address = str(resource.address)
        spec, match_ = types.get(resource.type), found[address]
        if match_.id is not None and spec is not None:
            where = place(resource.provider, spec)
            claims.setdefault((resource.type, where, match_.id), []).append(address)
    out = dict(found)
    for (_, _, id_), addresses in claims.items():
        if len(addresses) < 2:
            continue
        sure = [a for a in addresses if found[a].how == "state"]
        for address in addresses:
            if sure == [address]:
                continue
            others = ", ".join(a for a in addresses if a != address)
            reason = f"{id_} is also what {others} stands for: one live resource cannot be both"
            out[address] = Match(reason=reason, recorded=found[address].recorded)
    return out
