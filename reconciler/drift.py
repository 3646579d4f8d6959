"""Code, baseline and live of a resource -> a finding. Decides whether values differ, and which side moved.

    live is what the code says      no change, whatever the baseline holds
    the baseline is what the code says, live is not     live_changed: drift
    the baseline is what is live, the code is not       code_changed: a deploy is due
    all three differ                                    both_changed: a conflict
    there is no baseline                                unknown; counts as drift

What the code leaves to the provider is compared between baseline and live alone, and marked as not declared.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from reconciler import schema, severity
from reconciler.comparison import Comparison, Sides, Trees, looked_at, sort_key, under
from reconciler.model import (
    UNKNOWN,
    Address,
    Cause,
    Change,
    Finding,
    Gap,
    Json,
    LiveResource,
    Path,
    Plain,
    Resource,
    Snapshot,
    Status,
    Unknown,
    format_path,
)
from reconciler.records import dataclass
from reconciler.redaction import Redactor, Secrecy, mentions_secret
from reconciler.resources.spec import ResourceType
from reconciler.schema.shape import Attribute, NestedBlock, ResourceSchema
from reconciler.semantics import canonical, equivalent, has_unknown, known, names, normalised, widened

_NEVER: Final = frozenset({"id", "tags", "tags_all", "timeouts"})  # tags have a comparison of their own


@dataclass(frozen=True, slots=True)
class Context:
    """What one resource is compared in. All of it has a sensible default but the redactor.

    `gaps`        what could not be read, of the whole scan; those that concern the resource are picked.
    `recorded`    the resource has existed: state or baseline know it. False: nothing ever recorded it.
    `tracked`     its stack has a baseline or a state, so what neither knows was never deployed.
    `elsewhere`   top-level attributes that resources of other types manage (`managed_elsewhere`).
    `unverified`  why nothing can be said of it (no identity: ambiguous, a key that is not known yet).
    """

    redactor: Redactor
    gaps: Sequence[Gap] = ()
    recorded: bool = False
    tracked: bool = False
    elsewhere: frozenset[str] = frozenset()
    unverified: str | None = None


def compare(
    resource: Resource,
    snapshot: Snapshot | None,
    live: LiveResource | None,
    spec: ResourceType | None,
    context: Context,
) -> Finding:
    """The finding on one desired resource. Sensitive values in it are redacted."""
    known_id = live.id if live else snapshot.id if snapshot else None
    blank = Finding(
        "in_sync",
        resource.type,
        resource.address,
        known_id,
        source=resource.source,
        region=live.region if live else resource.provider.region,
        account=live.account if live else None,
    )
    described = schema.resource(resource.type)
    reason = _why_not(resource, spec, described, context)
    if reason is not None or spec is None or described is None:
        return _settled(replace(blank, status="unverified", reason=reason), context)
    gaps = [gap for gap in context.gaps if concerns(gap, resource, known_id, spec)]
    if live is None:
        return _settled(_absent(blank, snapshot, gaps, context), context)
    return _settled(_compared(blank, resource, snapshot, live, spec, described, context, gaps), context)


def _why_not(
    resource: Resource, spec: ResourceType | None, described: ResourceSchema | None, context: Context
) -> str | None:
    if resource.unverified is not None:
        return resource.unverified
    if described is None:
        return f"{resource.type} is no type of the provider that this version knows"
    if spec is None:
        return f"{resource.type} is not supported yet"
    if resource.provider.unknown:
        settings = ", ".join(resource.provider.unknown)
        return f"provider {resource.provider.name!r} cannot be told before apply: {settings}"
    return context.unverified


def _absent(blank: Finding, snapshot: Snapshot | None, gaps: Sequence[Gap], context: Context) -> Finding:
    whole = [gap for gap in gaps if not gap.attributes]
    if whole:
        return replace(blank, status="unverified", reason=whole[0].reason)
    if snapshot is None and not context.recorded and context.tracked:
        return replace(blank, status="pending", reason="not deployed yet: neither state nor baseline know it")
    reason = "it was there and is gone" if snapshot or context.recorded else "the code has it, live does not"
    return replace(blank, status="missing", reason=reason)


def _compared(
    blank: Finding,
    resource: Resource,
    snapshot: Snapshot | None,
    live: LiveResource,
    spec: ResourceType,
    described: ResourceSchema,
    context: Context,
    gaps: Sequence[Gap],
) -> Finding:
    hidden = live.unread | {name for gap in gaps for name in gap.attributes}
    untold = {name for name in spec.attributes if name not in live.attributes}
    comparison = _laid(resource, snapshot, live, spec, described, context, hidden, differences_only=True)
    changes = tuple(c for c in _changes(comparison, comparison.secrecy) if not _ignored(c, resource.ignore_changes))
    unchecked = _unchecked(resource, spec, described, hidden, untold, comparison)
    return replace(blank, status=status_of(changes), changes=changes, unchecked=unchecked)


def _laid(
    resource: Resource,
    snapshot: Snapshot | None,
    live: LiveResource,
    spec: ResourceType,
    described: ResourceSchema,
    context: Context,
    hidden: frozenset[str] | set[str],
    *,
    differences_only: bool,
) -> Comparison:
    comparison = Comparison(
        spec.semantics,
        Secrecy(context.redactor, spec.semantics, resource.sensitive),
        snapshot is not None,
        differences_only=differences_only,
        skip=spec.config_only | spec.unchecked | spec.moving,
        elsewhere=context.elsewhere,
        kept=spec.kept,
    )
    base: Mapping[str, Json] = snapshot.attributes if snapshot else {}
    code = {**resource.values, **(spec.planned(resource.values) if spec.planned else {})}
    for name, shape in {**described.block.attributes, **described.block.blocks}.items():
        if name in _NEVER or name in hidden or name not in spec.attributes or name not in live.attributes:
            continue
        recorded = widened(base.get(name))
        sides = Sides(code.get(name), recorded, widened(live.attributes.get(name)))
        comparison.attribute(name, shape, sides, recorded=name in base)
    if "tags" in described.block.attributes and "tags" in spec.attributes and not hidden & {"tags", "tags_all"}:
        _lay_tags(comparison, resource, snapshot, live, described)
    return comparison


def needed(resource: Resource, snapshot: Snapshot | None, spec: ResourceType) -> frozenset[str]:
    """The attributes that `compare` looks at on the live side."""
    described = schema.resource(resource.type)
    if described is None or () in resource.ignore_changes:
        return frozenset()
    base: Mapping[str, Json] = snapshot.attributes if snapshot else {}
    code = {**resource.values, **(spec.planned(resource.values) if spec.planned else {})}
    shapes = {**described.block.attributes, **described.block.blocks}
    tags = {"tags", "tags_all"} & spec.attributes.keys()
    return frozenset(tags) | {
        name
        for name, shape in shapes.items()
        if name in spec.attributes
        and name not in _NEVER
        and looked_at(shape, code.get(name), recorded=name in base, kept=name in spec.kept)
    }


def laid_down(
    resource: Resource, spec: ResourceType, context: Context, live: LiveResource | None = None
) -> dict[str, Plain]:
    """The attributes that a deploy of the code would leave, tags included; without `live`, of a new resource."""
    described = schema.resource(resource.type)
    if described is None:
        return {}
    told = {**dict.fromkeys(spec.attributes), **(live.attributes if live else {})}
    there = replace(live, attributes=told) if live else LiveResource(resource.type, "", told, "", "")
    comparison = _laid(resource, None, there, spec, described, context, frozenset(), differences_only=False)
    named = [path for path in comparison.shown if len(path) == 1 and path != ("tags",)]
    found = {str(path[0]): comparison.effective(path) for path in named}
    unknown = {str(path[0]) for path in comparison.unknown}
    found |= {name: UNKNOWN for name in unknown if live is None or found.get(name) is None}
    own, every = _wanted_tags(resource, described)
    for name, tags in (("tags", own), ("tags_all", every)):
        if name in described.block.attributes:
            found[name] = tags
    return found


def status_of(changes: Sequence[Change]) -> Status:
    causes = {change.cause for change in changes}
    if "both_changed" in causes:
        return "conflict"
    if causes & {"live_changed", "unknown"}:
        return "drifted"
    return "pending" if causes else "in_sync"


# -- tags -----------------------------------------------------------------------------------------------------


def _lay_tags(
    comparison: Comparison,
    resource: Resource,
    snapshot: Snapshot | None,
    live: LiveResource,
    described: ResourceSchema,
) -> None:
    """Each tag once: under tags_all where the provider's default_tags alone set it, else under tags."""
    own, wanted = _wanted_tags(resource, described)
    if own is UNKNOWN or wanted is UNKNOWN:
        comparison.unknown.add(("tags",))
        return
    found = _tags_of(live.attributes)
    recorded = _tags_of(snapshot.attributes) if snapshot else None
    shape = described.block.attributes["tags"]
    for key in sorted({**wanted, **found, **(recorded or {})}):
        if _tag_ignored(key, resource):
            continue
        inherited = key in wanted and key not in own
        sides = Sides(wanted.get(key), (recorded or {}).get(key), found.get(key))
        comparison.leaf(("tags_all" if inherited else "tags", key), "string", sides, recorded=recorded is not None)
    comparison.shown[("tags",)] = (shape, Sides(own, None, None))


Tags = dict[str, Plain]


def _wanted_tags(resource: Resource, described: ResourceSchema) -> tuple[Tags | Unknown, Tags | Unknown]:
    """The resource's own tags, and all tags that it should have."""
    own = resource.values.get("tags")
    if own is UNKNOWN:
        return UNKNOWN, UNKNOWN
    mine: Tags = {k: v for k, v in own.items() if v is not None} if isinstance(own, dict) else {}
    if "tags_all" not in described.block.attributes:
        return mine, mine
    every = resource.values.get("tags_all")
    if every is UNKNOWN and any(v is UNKNOWN for v in mine.values()):
        every = None
    inherited = dict(resource.provider.default_tags)
    if isinstance(every, dict):
        return mine, {k: v for k, v in every.items() if v is not None} | mine
    return mine, {**inherited, **mine}


def _tags_of(attributes: Mapping[str, Json]) -> Tags:
    """All tags that are there, but for AWS's own."""
    found: Tags = {}
    for name in ("tags", "tags_all"):
        tags = widened(attributes.get(name))
        if isinstance(tags, dict):
            found |= tags
    return {k: v for k, v in found.items() if not k.startswith("aws:")}


def _tag_ignored(key: str, resource: Resource) -> bool:
    provider = resource.provider
    return key in provider.ignore_tags or key.startswith(provider.ignore_tag_prefixes or ("\0",))


# -- changes --------------------------------------------------------------------------------------------------


def _changes(comparison: Comparison, secrecy: Secrecy) -> list[Change]:
    found: list[Change] = []
    for path in comparison.declared():
        trees = comparison.at(path)
        found.append(_change(comparison, secrecy, path, _cause(comparison, path, trees), declared=True))
    for path in comparison.left_open():
        if not under(path, comparison.unrecorded):
            declared = under(path, comparison.unknown)
            found.append(_change(comparison, secrecy, path, "live_changed", declared=declared))
    return sorted(found, key=lambda change: sort_key(change.path))


def _cause(comparison: Comparison, path: Path, trees: Trees) -> Cause:
    if not comparison.has_base or any(p[: len(path)] == path or path[: len(p)] == p for p in comparison.unrecorded):
        return "unknown"
    if comparison.said(path, trees.base) == comparison.said(path, trees.code):
        return "live_changed"
    return "code_changed" if trees.base == trees.live else "both_changed"


def _change(comparison: Comparison, secrecy: Secrecy, path: Path, cause: Cause, *, declared: bool) -> Change:
    shape, sides = comparison.shown[path]
    if not (comparison.has_base and cause != "unknown"):
        sides = Sides(sides.code, None, sides.live)
    if under(path, comparison.undeclared):
        sides = Sides(None, sides.base, sides.live)
    elif under(path, comparison.unknown):
        sides = Sides(UNKNOWN, sides.base, sides.live)
    code, live = secrecy.shown(shape, path, sides.code), secrecy.shown(shape, path, sides.live)
    base = secrecy.shown(shape, path, sides.base)
    sensitive = any(map(mentions_secret, (code, base, live)))
    return Change(path, code, known(base), known(live), declared, sensitive, cause)


def _ignored(change: Change, ignored: frozenset[Path]) -> bool:
    """lifecycle.ignore_changes; what is ignored of tags is ignored of tags that default_tags set and live changed."""
    if () in ignored:
        return True
    path = change.path
    if any(path[: len(prefix)] == prefix for prefix in ignored):
        return True
    return path[0] == "tags_all" and change.live is not None and under(("tags", *path[1:]), ignored)


def _unchecked(
    resource: Resource,
    spec: ResourceType,
    described: ResourceSchema,
    hidden: frozenset[str] | set[str],
    untold: set[str],
    comparison: Comparison,
) -> tuple[str, ...]:
    """What the code sets and nobody compared. What could not be read counts whether it is set or not.

    `hidden` could not be read; of `untold` live says nothing at all, not even that it is null.
    """
    known = {**described.block.attributes, **described.block.blocks}
    ignored = {prefix[0] for prefix in resource.ignore_changes if len(prefix) == 1}
    out = {name for name in hidden if name in known}
    for name, value in resource.values.items():
        if value in (None, [], {}) or name in _NEVER or name in spec.config_only or name in ignored:
            continue
        shape = known.get(name)
        read_only = isinstance(shape, Attribute) and (shape.read_only or shape.write_only)
        if not read_only and (name in spec.unchecked or name in untold or name not in spec.attributes):
            out.add(name)
    out |= {format_path(path) for path in comparison.unknown if not _told(path, comparison)}
    out |= {name for name in spec.unchecked if "." in name and _says(dict(resource.values), name.split("."))}
    return tuple(sorted(out)) if () not in resource.ignore_changes else ()


def _told(path: Path, comparison: Comparison) -> bool:
    """The baseline can tell whether live moved where the code's value is unknown."""
    return comparison.has_base and not under(path, comparison.unrecorded)


def _says(value: Plain, steps: Sequence[str]) -> bool:
    match value:
        case list():
            return any(_says(item, steps) for item in value)
        case dict() if steps:
            return _says(value.get(steps[0]), steps[1:])
        case _:
            return not steps and value not in (None, "", [], {})


# -- what no desired resource stands for ------------------------------------------------------------------------


def removed(
    address: Address,
    live: LiveResource | None,
    snapshot: Snapshot | None,
    context: Context,
    known_id: str | None = None,
) -> Finding | None:
    """State or baseline know the address, the code does not have it any more. None where live does not either."""
    if live is None:
        hiding = next((gap for gap in context.gaps if _hides(gap, address, known_id)), None)
        if hiding is None:
            return None
        blank = Finding("unverified", address.type, address, known_id, reason=hiding.reason)
        return _settled(blank, context)
    reason = "the code does not have it any more: a deploy will delete it"
    return _settled(
        Finding(
            "pending",
            address.type,
            address,
            live.id if live else snapshot.id if snapshot else None,
            reason=reason,
            region=live.region,
            account=live.account,
        ),
        context,
    )


def _hides(gap: Gap, address: Address, known_id: str | None) -> bool:
    return (
        not gap.attributes
        and gap.type in (None, address.type)
        and gap.address in (None, str(address))
        and gap.id in (None, known_id)
    )


def unmanaged(live: LiveResource, context: Context) -> Finding:
    """Live has it and nothing manages it."""
    found = Finding("unmanaged", live.type, None, live.id, region=live.region, account=live.account)
    level = severity.of_finding("unmanaged", live.type, (), dict(live.attributes))
    return replace(_settled(found, context), severity=level)


def concerns(gap: Gap, resource: Resource, known_id: str | None, spec: ResourceType) -> bool:
    """`gap` may hide the resource, or some of it."""
    if gap.type not in (None, resource.type) or gap.address not in (None, str(resource.address)):
        return False
    here = resource.provider.region
    if gap.region not in (None, "global") and here is not None and gap.region != here:
        return False
    if gap.id is not None and known_id is not None and gap.id != known_id:
        return False
    return all(_may_be(resource.values.get(name), value, name, spec) for name, value in gap.within)


def _may_be(code: Plain, there: Json, name: str, spec: ResourceType) -> bool:
    """The code may mean what is hidden, which has another name for it now and then (a function's name or its ARN)."""
    described = schema.resource(spec.name)
    shape = described.block.attributes.get(name, "dynamic") if described else "dynamic"
    return code is None or has_unknown(code) or equivalent(shape, code, widened(there), spec.semantics, name)


def managed_elsewhere(
    resource: Resource, live: LiveResource | None, spec: ResourceType, others: Mapping[str, Sequence[Resource]]
) -> frozenset[str]:
    """The attributes of `resource` that resources of its children's types manage; `others`: the code's, by type."""
    found: set[str] = set()
    for child in spec.children:
        mine = live.attributes.get(child.key) if live else resource.values.get(child.key)
        mine = live.id if live and child.key == "id" else mine
        if any(other.values.get(child.by) in (mine, UNKNOWN) for other in others.get(child.type, ())):
            found.update(child.attributes)
    return frozenset(found)


# -- fingerprints and digests -----------------------------------------------------------------------------------


def _settled(finding: Finding, context: Context) -> Finding:
    level = severity.of_finding(finding.status, finding.type, finding.changes)
    return replace(finding, severity=level, fingerprint=fingerprint(finding, keyed=context.redactor.keyed))


def fingerprint(finding: Finding, *, keyed: bool = True) -> str:
    """Stable over runs: the address (or what else names it) with the desired and live values of the changes.

    Hashes of secrets count only where their key is `keyed` for good.
    """
    who = str(finding.address) if finding.address else f"{finding.account}/{finding.region}/{finding.type}/{finding.id}"
    changes = [
        [format_path(c.path), *([None, None] if c.sensitive and not keyed else [_stable(c.code), _stable(c.live)])]
        for c in finding.changes
    ]
    gone = finding.status if finding.status in ("missing", "unmanaged") else ""
    text = json.dumps([who, gone, sorted(changes, key=str)], sort_keys=True, default=repr, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _stable(value: Plain | Json) -> object:
    """A list is taken as a set: services give sets in any order, and no finding lives on order alone."""
    match value:
        case list():
            return sorted((_stable(item) for item in value), key=lambda item: json.dumps(item, default=repr))
        case dict():
            return {key: _stable(item) for key, item in value.items()}
        case Unknown():
            return "(known after apply)"
        case _:
            return value


def attributes_recorded(
    type_name: str, live: Mapping[str, Json], spec: ResourceType, secrecy: Secrecy
) -> dict[str, Json]:
    """`live` as a snapshot holds it: what can be configured, normalised, secrets hashed; no noise of the service."""
    described = schema.resource(type_name)
    if described is None:
        return {}
    shapes: dict[str, Attribute | NestedBlock] = {**described.block.attributes, **described.block.blocks}
    out: dict[str, Json] = {}
    for name in sorted(live):
        shape = shapes.get(name)
        if shape is None or name in spec.config_only | spec.unchecked | spec.moving or name in ("id", "timeouts"):
            continue
        if isinstance(shape, Attribute) and (shape.read_only or shape.write_only):
            continue
        value = normalised(shape, live[name], spec.semantics, name)
        out[name] = known(secrecy.shown(shape, (name,), widened(value), record=True))
    if "tags" in out or "tags_all" in out:
        tags = _tags_of(live)
        shape = shapes.get("tags_all") or shapes["tags"]
        out.pop("tags", None)
        out["tags_all" if "tags_all" in shapes else "tags"] = known(
            secrecy.shown(shape, ("tags_all",), tags, record=True)
        )
    return out


def digest(type_name: str, live: LiveResource, spec: ResourceType, redactor: Redactor) -> str:
    """What ties a plan to the state it was made for: "sha256:" over id and everything that can be configured.

    Without a key, secrets do not count: a plain hash would let them be guessed.
    """
    recorded = attributes_recorded(type_name, live.attributes, spec, Secrecy(redactor, spec.semantics))
    described = schema.resource(type_name)
    shapes = {**described.block.attributes, **described.block.blocks} if described else {}
    meant = {
        name: canonical(shapes.get(name, "dynamic"), widened(value), spec.semantics, names((name,)))
        for name, value in recorded.items()
    }
    text = json.dumps([type_name, live.id, meant], sort_keys=True, default=repr, ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
