"""Shorthand for the core's tests: a type's entry without reading or writing, a resource, what is live, a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from reconciler import schema
from reconciler.drift import Context, compare
from reconciler.model import Address, Finding, Gap, LiveResource, Provider, Resource, Snapshot, Span, format_path
from reconciler.redaction import Redactor
from reconciler.resources.spec import At, Read, ResourceType, Scope

KEY = b"a key of the tests"
SCOPE = Scope("eu-west-1", "123456789012")
PROVIDER = Provider(region="eu-west-1")


def entry(type_name: str, **changes: Any) -> ResourceType:
    """An entry that maps every attribute of the type but those named as config_only or unchecked."""
    described = schema.resource(type_name)
    assert described is not None
    left_out = {*changes.get("config_only", ()), *changes.get("unchecked", ()), "id", "tags_all", "timeouts"}
    names = [n for n in (*described.block.attributes, *described.block.blocks) if n not in left_out]
    return ResourceType(type_name, Read("test:List"), At("id"), {name: At(name) for name in names}, **changes)


def resource(address: str, values: Mapping[str, Any], **changes: Any) -> Resource:
    provider = changes.pop("provider", PROVIDER)
    return Resource(Address.parse(address), values, Span("main.tf", 0, 1, 3), provider, **changes)


def live(type_name: str, attributes: Mapping[str, Any], id_: str = "id-1", **changes: Any) -> LiveResource:
    return LiveResource(type_name, id_, attributes, SCOPE.region, SCOPE.account, **changes)


def context(gaps: Iterable[Gap] = (), **changes: Any) -> Context:
    return Context(Redactor(changes.pop("key", KEY)), tuple(gaps), **changes)


def compared(
    type_name: str,
    code: Mapping[str, Any],
    base: Mapping[str, Any] | None,
    there: Mapping[str, Any] | None,
    *,
    spec: ResourceType | None = None,
    ctx: Context | None = None,
    **changes: Any,
) -> Finding:
    """The finding for code, baseline and live given as attributes; None: no baseline, nothing live."""
    desired = resource(f"{type_name}.x", code, **changes)
    snapshot = None if base is None else Snapshot(str(desired.address), type_name, "id-1", base)
    found = None if there is None else live(type_name, there)
    return compare(desired, snapshot, found, spec or entry(type_name), ctx or context())


def changes_of(finding: Finding) -> dict[str, tuple[Any, Any, str]]:
    """path -> (code, live, cause)"""
    return {format_path(c.path): (c.code, c.live, c.cause) for c in finding.changes}
