"""Findings -> causes -> remedies, and the fences around what a merge approves.

A cause is what one pull request settles: the differences of one resource, or of several that take their value from the
same literal. Adopt changes the code and is proven by evaluating it again; revert is a plan of AWS operations tied to
the state that its reviewer saw. Where neither can be had, the remedy is Hold and says why.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from typing import Protocol

from reconciler import severity
from reconciler.drift import Context, compare
from reconciler.model import (
    Change,
    Diagnostic,
    Finding,
    LiveResource,
    Origin,
    Path,
    Provider,
    Resource,
    Severity,
    Snapshot,
    format_path,
)
from reconciler.records import dataclass
from reconciler.resources.spec import ResourceType, Scope


@dataclass(frozen=True, slots=True)
class Drifted:
    """A finding with all that a remedy needs to know. `resource` None: unmanaged. `live` None: missing."""

    finding: Finding
    resource: Resource | None
    snapshot: Snapshot | None
    live: LiveResource | None
    spec: ResourceType
    context: Context
    scope: Scope
    provider: Provider = field(default_factory=Provider)

    @property
    def name(self) -> str:
        """The address, or for what has none, type and id."""
        return str(self.finding.address) if self.finding.address else f"{self.finding.type} {self.finding.id}"

    @property
    def settled(self) -> tuple[Change, ...]:
        """The changes that a remedy settles: those that a due deploy brings anyway are not among them."""
        return tuple(change for change in self.finding.changes if change.cause != "code_changed")


@dataclass(frozen=True, slots=True)
class Cause:
    """What one pull request is about. `id` is stable while the same paths of the same resources differ."""

    id: str
    stack: str
    drifted: tuple[Drifted, ...]
    literal: Origin | None = None  # the one literal that all of them come from

    @property
    def severity(self) -> Severity:
        return severity.worst(d.finding.severity for d in self.drifted)

    @property
    def fingerprint(self) -> str:
        """Changes with any desired or live value: what a person declined is declined for this."""
        text = "\n".join(sorted(d.finding.fingerprint for d in self.drifted))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def title(self) -> str:
        first = self.drifted[0]
        more = f" and {len(self.drifted) - 1} more" if len(self.drifted) > 1 else ""
        match first.finding.status:
            case "missing":
                return f"{first.name}{more} is missing"
            case "unmanaged":
                return f"{first.name}{more} is not in the code"
            case _:
                paths = list(dict.fromkeys(format_path(change.path) for change in first.settled))
                what = ", ".join(paths[:2]) + (" …" if len(paths) > 2 else "")
                return f"{first.name}{more}: {what}"


def causes(stack: str, drifted: Sequence[Drifted]) -> list[Cause]:
    """Resources that share a literal whose value is the same live go together, every other one alone; worst first."""
    actionable = [d for d in drifted if d.finding.status in ("missing", "unmanaged") or d.settled]
    found = [
        Cause(_cause_id(stack, members), stack, tuple(members), _shared_literal(members))
        for members in _connected(actionable)
    ]
    return sorted(found, key=lambda cause: (-severity.ORDER.index(cause.severity), cause.title))


def _connected(drifted: Sequence[Drifted]) -> list[list[Drifted]]:
    """Two resources are one cause where the same edit may settle a difference of both."""
    group_of: dict[tuple[str, int, str], int] = {}
    groups: dict[int, list[Drifted]] = {}
    for number, entry in enumerate(drifted):
        keys = [key for key, _ in _literals(entry)]
        merged = sorted({group_of[key] for key in keys if key in group_of})
        members = [d for group in merged for d in groups.pop(group)]
        groups[number] = [*members, entry]
        for key in [*keys, *(k for k, group in group_of.items() if group in merged)]:
            group_of[key] = number
    return [sorted(members, key=lambda d: d.name) for members in groups.values()]


def _literals(entry: Drifted) -> list[tuple[tuple[str, int, str], Origin]]:
    """The literals that changes come from, each with what it would have to say."""
    if entry.resource is None:
        return []
    found: list[tuple[tuple[str, int, str], Origin]] = []
    for change in entry.settled:
        origin = origin_of(entry.resource, change.path)
        if origin is not None:
            live = json.dumps(change.live, sort_keys=True)
            found.append(((origin.span.file, origin.span.start, live), origin))
    return found


def _shared_literal(members: Sequence[Drifted]) -> Origin | None:
    if len(members) < 2:
        return None
    common = set[tuple[str, int, str]].intersection(*({key for key, _ in _literals(d)} for d in members))
    return next((origin for key, origin in _literals(members[0]) if key in common), None)


def _cause_id(stack: str, members: Iterable[Drifted]) -> str:
    what = sorted([d.name, *sorted(format_path(change.path) for change in d.settled)] for d in members)
    return hashlib.sha256(json.dumps([stack, what]).encode()).hexdigest()[:12]


def origin_of(resource: Resource, path: Path) -> Origin | None:
    """The literal that the value at `path` comes from; None where there is none (`why_no_origin` says why)."""
    found = resource.origins.get(path)
    return found if isinstance(found, Origin) else None


def why_no_origin(resource: Resource, path: Path) -> str:
    """In words, for a Hold."""
    for length in range(len(path), 0, -1):
        found = resource.origins.get(path[:length])
        if found is not None and not isinstance(found, Origin):
            return found.reason
    return "the code does not set it"


# -- proof ----------------------------------------------------------------------------------------------------


class Evaluated(Protocol):
    """What `proves` looks at of an Evaluation."""

    @property
    def resources(self) -> Sequence[Resource]: ...

    @property
    def diagnostics(self) -> Sequence[Diagnostic]: ...


def proves(before: Evaluated, after: Evaluated, wanted: Sequence[Drifted]) -> str | None:
    """None where the edited code says what is live and nothing else moved; else what is wrong with it.

    Every settled change of `wanted` must be gone when the new resource is compared again, its other differences
    must be the old ones, and no other value of any resource may have changed. Of what live does not have, nothing must
    be left.
    """
    old, new = _by_address(before.resources), _by_address(after.resources)
    errors = {d.summary for d in after.diagnostics if d.severity == "error"}
    errors -= {d.summary for d in before.diagnostics if d.severity == "error"}
    if errors:
        return f"the edited code does not evaluate: {sorted(errors)[0]}"
    targets = {str(d.finding.address): d for d in wanted if d.resource is not None}
    gone = {address for address, target in targets.items() if target.live is None}
    loose = [d for d in wanted if d.resource is None]
    added = [new.pop(address) for address in sorted(new.keys() - old.keys())]
    if old.keys() - gone != new.keys() or len(added) != len(loose):
        return f"the edit adds or removes {sorted((old.keys() - gone) ^ new.keys())[:1] or 'a resource'}"
    unsaid = next((d for d in loose if not any(_unsaid(resource, d) is None for resource in added)), None)
    if unsaid is not None:
        why = next(filter(None, (_unsaid(resource, unsaid) for resource in added)), "")
        return f"the new resource does not say all that {unsaid.name} is" + (f": {why}" if why else "")
    for address, resource in new.items():
        problem = _unproven(old[address], resource, targets.get(address))
        if problem is not None:
            return problem
    edited = [new[address] for address in targets if address in new]
    specs = {d.spec.name: d.spec for d in wanted}
    return next(filter(None, (_refused(resource, specs[resource.type]) for resource in [*added, *edited])), None)


def _refused(resource: Resource, spec: ResourceType) -> str | None:
    """What the provider would not take of it."""
    for name, most in spec.most.items():
        value = resource.values.get(name)
        if isinstance(value, int | float) and value > most:
            return f"{resource.address}: the provider takes no {name} above {most}"
    return None


def _by_address(resources: Iterable[Resource]) -> dict[str, Resource]:
    return {str(resource.address): resource for resource in resources}


def _unsaid(resource: Resource, target: Drifted) -> str | None:
    """What keeps the new resource from being in sync with what is live; None: nothing."""
    if resource.type != target.finding.type:
        return ""
    again = compare(resource, None, target.live, target.spec, target.context)
    paths = sorted(format_path(change.path) for change in again.changes)
    if paths and all(path.startswith("tags_all") for path in paths):
        return "its provider would add default tags"
    if paths:
        return f"{paths[0]} would differ"
    if again.status != "in_sync":
        return again.reason or ""
    return f"{again.unchecked[0]} cannot be compared" if again.unchecked else None


def _unproven(old: Resource, new: Resource, target: Drifted | None) -> str | None:
    allowed = {str(change.path[0]) for change in target.settled} if target else set[str]()
    if allowed & {"tags", "tags_all"}:
        allowed |= {"tags", "tags_all"}
    moved = {name for name in {*old.values, *new.values} if old.values.get(name) != new.values.get(name)} - allowed
    if moved:
        return f"the edit also changes {new.address} {sorted(moved)[0]}"
    if old.unverified != new.unverified:
        return f"the edit leaves {new.address} unverified: {new.unverified}"
    if replace(old.provider, default_tags=()) != replace(new.provider, default_tags=()):
        return f"the edit moves {new.address} to another provider configuration"
    if target is None:
        return None
    again = compare(new, target.snapshot, target.live, target.spec, target.context)
    left = {change.path for change in again.changes if change.cause != "code_changed"}
    if left:
        return f"after the edit {new.address} {format_path(min(left, key=str))} still differs from live"
    kept = {(c.path, c.cause) for c in target.finding.changes if c.cause == "code_changed"}
    added = {(c.path, c.cause) for c in again.changes} - kept
    if added:
        return f"the edit changes {new.address} {format_path(min(added, key=str)[0])} away from live"
    return None
