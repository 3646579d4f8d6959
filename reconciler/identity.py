"""Which live resource is which desired one: by Terraform's state, else the baseline, else its natural key.

Never a guess: what could be several resources, or what two addresses lay claim to, is unverified with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Final, Literal, Protocol, TypeAlias

from reconciler import schema
from reconciler.model import UNKNOWN, Address, Json, Plain, Provider, Resource, Snapshot, Unknown
from reconciler.records import dataclass
from reconciler.resources.spec import Attributes, ResourceType, Semantics
from reconciler.schema.shape import Attribute
from reconciler.semantics import Rules, equivalent, has_unknown, shape_at, widened

How: TypeAlias = Literal["state", "baseline", "import", "natural key"]
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
    @property
    def aws_owned(self) -> bool: ...


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
    listing = _Listing(stubs, types, frozenset(r.type for r in resources))
    owners = _owners(resources, records)
    found = {str(r.address): _one(r, listing, records, owners, types.get(r.type)) for r in resources}
    return _without_conflicts(resources, found, types)


def under(address: str, places: Iterable[str]) -> bool:
    """The address is one of `places`, an instance of one, or in one (a module)."""
    return any(address == place_ or address.startswith((f"{place_}.", f"{place_}[")) for place_ in places)


def left_over(resources: Iterable[Resource], matches: Mapping[str, Match], records: Records) -> dict[str, str]:
    """address -> id of what state or baseline know and the code, as far as it is known, does not have any more."""
    taken = {name for r in resources for name in records.names(str(r.address))}
    taken |= {m.renamed_from for m in matches.values() if m.renamed_from}
    known = {address: snapshot.id for address, snapshot in records.snapshots.items()}
    if records.state is not None:
        known = {address: entry.id for address, entry in records.state.items()}
    return {address: id_ for address, id_ in known.items() if address not in taken}


def may_be(resource: Resource, stub: Stub, spec: ResourceType) -> bool:
    """Nothing that the code says of a resource speaks against its being `stub`."""
    if place(resource.provider, spec) != place(stub.provider, spec):
        return False
    if stub.type != resource.type:
        return True
    told = [{name: value for name in key if (value := _told(resource, name))} for key in spec.natural_keys]
    return not told or any(_same_key(stub.type, wanted, stub.keys, spec.semantics) for wanted in told)


def _told(resource: Resource, name: str) -> _Value | None:
    values = _with_default_tags(resource) if name.startswith("tags.") else resource.values
    value = _dig(values, name)
    return None if value is None or has_unknown(value) else _Value(value)


def place(provider: Provider, spec: ResourceType | None = None) -> Place:
    """Equal for provider configurations that reach the same account (and region, where the type has regions)."""
    region = provider.region if spec is None or spec.regional else None
    return region, provider.endpoints, provider.assume_role, provider.profile, provider.access_key


_UNIQUE: Final = r"\d{18}[0-9a-f]{8}"
"""What Terraform makes of a prefix: the moment and a counter."""

_MADE_UP: Final = "terraform-"
"""The prefix of names that neither the code nor a prefix in it gives; too little to find anything by it alone."""

_AROUND: Final = frozenset({"vpc_id", "cluster", "group_name", "event_bus_name", "log_destination"})
"""Where a thing is, not what it is called: left out of a key where the code leaves it to the provider."""


@dataclass(frozen=True, slots=True)
class _Value:
    """One part of a natural key. `generated`: `plain` is the prefix of a name that Terraform made up."""

    plain: Plain
    generated: bool = False

    @property
    def text(self) -> str | None:
        return self.plain if isinstance(self.plain, str) and self.plain and not self.generated else None


class _Listing:
    """Stubs by what they are looked up by. `wanted`: the types that the code has resources of."""

    def __init__(self, stubs: Iterable[Stub], types: Mapping[str, ResourceType], wanted: frozenset[str]) -> None:
        self._by_id: dict[tuple[str, Place, str], Stub] = {}
        self._by_type: dict[tuple[str, Place], dict[str, Stub]] = {}
        self._by_key: dict[tuple[str, Place, str], dict[str, list[Stub]]] = {}
        self._types = types
        self._wanted = wanted
        for stub in stubs:
            where = (stub.type, place(stub.provider, types.get(stub.type)))
            self._by_id.setdefault((*where, stub.id), stub)
            self._by_type.setdefault(where, {}).setdefault(stub.id, stub)

    def has(self, resource: Resource, id_: str, spec: ResourceType) -> bool:
        return (resource.type, place(resource.provider, spec), id_) in self._by_id

    def alike(
        self, resource: Resource, key: tuple[str, ...], wanted: Mapping[str, _Value], spec: ResourceType
    ) -> list[Stub]:
        """The stubs whose natural key means the same as `wanted`'s."""
        where = (resource.type, place(resource.provider, spec))
        sure = [(n, wanted[n].text) for n in key if n in wanted and n not in spec.semantics]
        found = [self._index(where, name).get(text, []) for name, text in sure if text is not None]
        candidates = min(found, key=len) if found else list(self._by_type.get(where, {}).values())
        records = Semantics.RECORD_NAME in spec.semantics.values()
        wanted, rules = _in_full(wanted, self._index(where, "type").get("SOA", []) if records else [], spec)
        return [stub for stub in candidates if _same_key(resource.type, wanted, stub.keys, rules)]

    def rather_not_owned(self, stubs: list[Stub], spec: ResourceType) -> list[Stub]:
        """Without AWS's own, unless there is nothing else, or the code may have made one what AWS's own is."""
        if spec.made_owned_by in self._wanted:
            return stubs
        return [stub for stub in stubs if not stub.aws_owned] or stubs

    def _index(self, where: tuple[str, Place], name: str) -> dict[str, list[Stub]]:
        """Stubs by the text that they have as one attribute of their keys."""
        if (*where, name) not in self._by_key:
            index: dict[str, list[Stub]] = {}
            for stub in self._by_type.get(where, {}).values():
                text = stub.keys.get(name)
                if isinstance(text, str) and text:
                    index.setdefault(text, []).append(stub)
            self._by_key[*where, name] = index
        return self._by_key[*where, name]


def _in_full(
    wanted: Mapping[str, _Value], tops: Sequence[Stub], spec: ResourceType
) -> tuple[Mapping[str, _Value], Rules]:
    """Names of DNS records with that of their zone, which code may leave out: "a" is not what "a.b" is.

    `tops`: SOA records. Each zone has one, of its own name; without it the names stay as they are.
    """
    short = next((name for name in wanted if spec.semantics.get(name) is Semantics.RECORD_NAME), None)
    plain, zone_id = (wanted[n].plain if n in wanted else None for n in (short or "", "zone_id"))
    top = next((stub for stub in tops if stub.keys.get("zone_id") == zone_id), None)
    if short is None or top is None or not isinstance(plain, str | None):
        return wanted, spec.semantics
    name, zone = ((text or "").lower().removesuffix(".") for text in (plain, str(top.keys.get(short) or "")))
    full = name if name == zone or name.endswith(f".{zone}") else f"{name}.{zone}" if name else zone
    return {**wanted, short: _Value(full)}, {**spec.semantics, short: Semantics.DNS_NAME}


def _same_key(type_name: str, wanted: Mapping[str, _Value], there: Attributes, rules: Rules) -> bool:
    described = schema.resource(type_name)
    for name, value in wanted.items():
        found = widened(there.get(name))
        if value.generated:
            if not isinstance(found, str) or not re.fullmatch(re.escape(str(value.plain)) + _UNIQUE, found):
                return False
            continue
        shape = shape_at(described.block, _path(name)) if described else "dynamic"
        if not equivalent(shape, value.plain, found, rules, name):
            return False
    return True


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
    known = recorded(resource, records)
    if spec.gather is not None:  # never listed: looked up by what the code says of them
        return Match(recorded=known is not None, waiting=_says_unknown(resource))
    if known is not None and spec.id_from_live and listing.has(resource, known[0].id, spec):
        return Match(known[0].id, known[1], listed=True, recorded=True)
    by_key = _by_key(resource, listing, owners, spec, known[0].attributes if known else None)
    if known is None:
        return by_key
    before, how = known
    if by_key.id is not None:
        return replace(by_key, recorded=True, recreated=spec.id_from_live and by_key.id != before.id)
    if not spec.id_from_live:
        return replace(by_key, recorded=True)
    return Match(before.id, how, recorded=True)


def _says_unknown(resource: Resource) -> bool:
    """Something that the code can set is not known."""
    described = schema.resource(resource.type)
    read_only = {n for n, shape in described.block.attributes.items() if shape.read_only} if described else set[str]()
    return any(has_unknown(value) for name, value in resource.values.items() if name not in read_only | {"tags_all"})


def recorded(resource: Resource, records: Records) -> tuple[Known, How] | None:
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
    several: Match | None = None
    among: set[str] = set()
    for key in spec.natural_keys:
        wanted = _wanted(resource, key, recorded)
        if wanted is None:
            waiting = waiting or any(has_unknown(resource.values.get(name.partition(".")[0])) for name in key)
            continue
        asked = True
        found = listing.alike(resource, key, wanted, spec)
        free = [s for s in found if owners.get((s.type, s.id), ("", ""))[1] != "state"]
        free = [s for s in listing.rather_not_owned(free, spec) if not among or s.id in among]
        if len(free) > 1:
            named = ", ".join(f"{name} {value.plain!r}" for name, value in wanted.items())
            reason = f"{len(free)} live resources have {named}: record a baseline or import it"
            several = several or Match(reason=reason)
            if any(value.generated for value in wanted.values()):
                among = {s.id for s in free}
                continue  # a prefix that many share: a longer key may tell them apart
            return several
        if free:
            return _claimed(free[0], "natural key", owners)
    if several is not None:
        return several
    if waiting or asked or recorded is not None:
        return Match(waiting=waiting)
    names = " or ".join("+".join(key) for key in spec.natural_keys) or "nothing"
    return Match(reason=f"it is in no state and no baseline, and {names}, which names it, is left to the provider")


def _claimed(stub: Stub, how: How, owners: Mapping[tuple[str, str], tuple[str, How]]) -> Match:
    owner = owners.get((stub.type, stub.id))
    return Match(stub.id, how, listed=True, renamed_from=owner[0] if owner else None)


def _wanted(resource: Resource, key: tuple[str, ...], recorded: Attributes | None) -> dict[str, _Value] | None:
    """The key's values: the code's, else as recorded, else the default; null is a value like any other.

    None where one of them is not known yet, is made up by the provider, or where none of them says anything.
    """
    wanted: dict[str, _Value] = {}
    if not key:  # there is one at most
        return wanted
    for name in key:
        value = _value(resource, name, recorded)
        if value is not None:
            wanted[name] = value
        elif name not in _AROUND or has_unknown(resource.values.get(name)):
            return None
    told = any(v.plain not in (None, "") and v.plain != _MADE_UP for v in wanted.values())
    return wanted if told else None


def _value(resource: Resource, name: str, recorded: Attributes | None) -> _Value | None:
    """One value of a key; None where nobody knows it."""
    described = schema.resource(resource.type)
    shape = shape_at(described.block, _path(name)) if described else "dynamic"
    value = _dig(_with_default_tags(resource) if name.startswith("tags.") else resource.values, name)
    if (value is None or has_unknown(value)) and recorded is not None:
        before = _dig(recorded, name) or _dig(recorded, name.replace("tags.", "tags_all.", 1))
        value = before if before is not None else value
    if has_unknown(value):
        return None
    if value is None and isinstance(shape, Attribute):
        prefix = resource.values.get(f"{name}_prefix")
        if isinstance(prefix, str) and prefix:
            return _Value(prefix, generated=True)
        if shape.default is None and shape.computed:
            named = not shape.read_only and shape.type == "string" and name not in _AROUND
            return _Value(_MADE_UP, generated=True) if named else None
        value = widened(shape.default)
    return _Value(value)


def _with_default_tags(resource: Resource) -> dict[str, Plain]:
    tags = resource.values.get("tags")
    own: dict[str, Plain] = tags if isinstance(tags, dict) else {}
    return {"tags": tags if tags is UNKNOWN else {**dict(resource.provider.default_tags), **own}}


def _path(name: str) -> tuple[int | str, ...]:
    return tuple(int(step) if step.isdecimal() else step for step in name.split("."))


def _dig(values: Mapping[str, Plain] | Attributes, name: str) -> Plain:
    first, _, rest = name.partition(".")
    found = widened(values.get(first))  # pyright: ignore[reportArgumentType] - Json is a part of Plain
    if rest and isinstance(found, dict):
        return _dig(found, rest)
    if rest and isinstance(found, list):
        index, _, inner = rest.partition(".")
        block = found[int(index)] if int(index) < len(found) else None
        return _dig(block, inner) if isinstance(block, dict) else block if isinstance(block, Unknown) else None
    return None if rest and not isinstance(found, Unknown) else found


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
