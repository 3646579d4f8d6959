"""`reconcile explain`: the way from literal to attribute, like a stack trace, and the three sides of each value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from reconciler import schema
from reconciler.model import (
    UNKNOWN,
    Json,
    LiveResource,
    NoOrigin,
    Origin,
    Path,
    Plain,
    Resource,
    Snapshot,
    format_path,
    value_at,
)
from reconciler.records import dataclass
from reconciler.redaction import Redactor, Secrecy
from reconciler.resources.spec import ResourceType
from reconciler.semantics import Rules, widened

_NO_RULES: Final[Rules] = {}


@dataclass(frozen=True, slots=True)
class Explanation:
    """One resource. `snapshot` and `live` None: not recorded, not there (or not looked at)."""

    stack: str
    resource: Resource
    snapshot: Snapshot | None
    live: LiveResource | None
    redactor: Redactor
    spec: ResourceType | None


def render_explanation(explanations: Sequence[Explanation], *, colour: bool = False) -> str:
    return "\n".join(line for entry in explanations for line in _one(entry, colour)) + "\n"


def _one(entry: Explanation, colour: bool) -> Iterator[str]:
    resource = entry.resource
    yield f"{_bold(colour, str(resource.address))}  {resource.source}  stack {entry.stack}"
    if resource.unverified:
        yield f"  unverified: {resource.unverified}"
    if entry.live is not None:
        yield f"  live as {entry.live.id} in account {entry.live.account}, {entry.live.region}"
    secrecy = Secrecy(entry.redactor, entry.spec.semantics if entry.spec else _NO_RULES, resource.sensitive)
    for path, value in _leaves(resource):
        shown = _text(_safe(secrecy, resource.type, path, value))
        yield f"  {_bold(colour, format_path(path))} = {shown}"
        yield from (_dim(colour, f"      {line}") for line in _way(resource, path))
        if entry.snapshot is not None or entry.live is not None:
            recorded: list[Mapping[str, Json]] = [
                side.attributes if side else {} for side in (entry.snapshot, entry.live)
            ]
            found = [value_at(widened(dict(side)), path) for side in recorded]
            sides = [_text(_safe(secrecy, resource.type, path, side)) for side in found]
            if sides != [shown, shown]:
                yield _dim(colour, f"      baseline {sides[0]}, live {sides[1]}")


def _leaves(resource: Resource) -> Iterator[tuple[Path, Plain]]:
    def walk(path: Path, value: Plain) -> Iterator[tuple[Path, Plain]]:
        if isinstance(value, dict) and value:
            for key, item in value.items():
                yield from walk((*path, key), item)
        elif isinstance(value, list) and value and any(isinstance(item, dict) for item in value):
            for index, item in enumerate(value):
                yield from walk((*path, index), item)
        elif value is not None:
            yield path, value

    for name, value in sorted(resource.values.items()):
        yield from walk((name,), value)


def _way(resource: Resource, path: Path) -> Iterator[str]:
    for length in range(len(path), 0, -1):
        match resource.origins.get(path[:length]):
            case Origin(span, via):
                yield f"from {span}"
                yield from (f"via  {hop}" for hop in via)
                return
            case NoOrigin(reason):
                yield reason
                return
            case _:
                continue


def _safe(secrecy: Secrecy, type_name: str, path: Path, value: Plain) -> Plain:
    described = schema.resource(type_name)
    shapes = {**described.block.attributes, **described.block.blocks} if described else {}
    top = shapes.get(str(path[0]), "dynamic")
    nested: Plain = value
    for step in reversed(path[1:]):
        inner: Plain = nested
        nested = {step: inner} if isinstance(step, str) else [inner]
    shown = secrecy.shown(top, path[:1], nested)
    for step in path[1:]:
        if isinstance(shown, dict) and "redacted" not in shown:
            shown = shown.get(str(step))
        elif isinstance(shown, list):
            shown = shown[0]
    return shown


def _text(value: Plain) -> str:
    if value is UNKNOWN:
        return "(known after apply)"
    return json.dumps(value, ensure_ascii=False, default=str)


def _bold(colour: bool, text: object) -> str:
    return f"\x1b[1m{text}\x1b[0m" if colour else str(text)


def _dim(colour: bool, text: object) -> str:
    return f"\x1b[2m{text}\x1b[0m" if colour else str(text)
