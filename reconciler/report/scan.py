"""What a scan found, as one value, and as reconcile.scan/v1: the format that everything else is printed from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Final, Literal, TypeAlias, TypeVar, cast, get_args

from reconciler import severity
from reconciler.errors import ConfigError
from reconciler.model import (
    UNKNOWN,
    Address,
    Cause,
    Change,
    Diagnostic,
    Finding,
    Gap,
    Json,
    Plain,
    Span,
    Status,
    format_path,
    parse_path,
)
from reconciler.records import dataclass
from reconciler.semantics import has_unknown, known, widened

FORMAT: Final = "reconcile.scan/v1"
STATUSES: Final[tuple[Status, ...]] = get_args(Status)
DRIFT: Final[frozenset[Status]] = frozenset({"drifted", "missing", "conflict", "unmanaged"})

_T = TypeVar("_T", bound=str)
FailOn: TypeAlias = Literal["any", "high", "critical", "never"]


@dataclass(frozen=True, slots=True)
class StackScan:
    """One stack. `complete` is false where a gap or an error hides something; `seconds` of wall time."""

    name: str
    path: str
    findings: tuple[Finding, ...] = ()
    gaps: tuple[Gap, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    complete: bool = True
    calls: Mapping[str, int] = field(default_factory=dict[str, int])  # by operation, "sqs:ListQueues"
    seconds: float = 0.0

    @property
    def summary(self) -> dict[Status, int]:
        return {status: sum(1 for f in self.findings if f.status == status) for status in STATUSES}


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan of a repository at a commit."""

    repository: str
    commit: str
    stacks: tuple[StackScan, ...] = ()

    @property
    def complete(self) -> bool:
        return all(stack.complete for stack in self.stacks)

    @property
    def findings(self) -> tuple[tuple[StackScan, Finding], ...]:
        return tuple((stack, finding) for stack in self.stacks for finding in stack.findings)

    def exit_code(self, fail_on: FailOn = "any") -> int:
        """0 nothing found, 2 drift that is at least as bad as `fail_on`; without such drift 1 where code cannot be
        evaluated, 3 where something else is missing."""
        least = {"any": 0, "high": 2, "critical": 3, "never": len(severity.ORDER)}[fail_on]
        found = (f for _, f in self.findings if f.status in DRIFT)
        if any(severity.ORDER.index(f.severity) >= least for f in found):
            return 2
        if self.broken:
            return 1
        return 0 if self.complete or fail_on == "never" else 3

    @property
    def broken(self) -> bool:
        """The code of a stack cannot be evaluated."""
        return any(d.severity == "error" for stack in self.stacks for d in stack.diagnostics)


# -- to JSON --------------------------------------------------------------------------------------------------


def to_json(scan: Scan) -> dict[str, Json]:
    """The scan as reconcile.scan/v1."""
    return {
        "format": FORMAT,
        "repository": scan.repository,
        "commit": scan.commit,
        "complete": scan.complete,
        "stacks": [_stack(stack) for stack in scan.stacks],
    }


def render(scan: Scan) -> str:
    """One JSON document."""
    return json.dumps(to_json(scan), indent=2, ensure_ascii=False) + "\n"


def _stack(stack: StackScan) -> dict[str, Json]:
    out: dict[str, Json] = {
        "name": stack.name,
        "path": stack.path,
        "complete": stack.complete,
        "summary": cast("Json", stack.summary),
        "resources": [_finding(finding) for finding in stack.findings],
        "gaps": [_gap(gap) for gap in stack.gaps],
        "api_calls": {
            "total": sum(stack.calls.values()),
            "by_operation": {name: stack.calls[name] for name in sorted(stack.calls)},
        },
        "seconds": round(stack.seconds, 2),
    }
    if stack.diagnostics:
        out["diagnostics"] = [diagnostic_json(d) for d in stack.diagnostics]
    return out


def _finding(finding: Finding) -> dict[str, Json]:
    out: dict[str, Json] = {
        "address": str(finding.address) if finding.address else None,
        "type": finding.type,
        "id": finding.id,
        "status": finding.status,
        "severity": finding.severity,
        "coverage": "partial" if finding.unchecked else "full",
        "source": {"file": finding.source.file, "line": finding.source.line} if finding.source else None,
        "channels": list(finding.channels),
        "changes": [_change(change) for change in finding.changes],
        "fingerprint": finding.fingerprint,
        "region": finding.region,
        "account": finding.account,
    }
    if finding.unchecked:
        out["unchecked"] = list(finding.unchecked)
    if finding.reason is not None:
        out["reason"] = finding.reason
    return out


def _change(change: Change) -> dict[str, Json]:
    out: dict[str, Json] = {
        "path": format_path(change.path),
        "code": known(change.code),
        "baseline": change.baseline,
        "live": change.live,
        "declared": change.declared,
        "sensitive": change.sensitive,
        "cause": change.cause,
    }
    if has_unknown(change.code):
        out["code_unknown"] = True
    return out


def _gap(gap: Gap) -> dict[str, Json]:
    out: dict[str, Json] = {
        "address": gap.address,
        "type": gap.type,
        "region": gap.region,
        "reason": gap.reason,
    }
    if gap.id is not None:
        out["id"] = gap.id
    if gap.within:
        out["within"] = dict(gap.within)
    if gap.attributes:
        out["attributes"] = list(gap.attributes)
    return out


def diagnostic_json(diagnostic: Diagnostic) -> dict[str, Json]:
    """As reconcile.desired/v1 has it too."""
    out: dict[str, Json] = {
        "severity": diagnostic.severity,
        "summary": diagnostic.summary,
        "file": diagnostic.span.file if diagnostic.span else None,
        "line": diagnostic.span.line if diagnostic.span else None,
    }
    if diagnostic.detail:
        out["detail"] = diagnostic.detail
    return out


# -- from JSON ------------------------------------------------------------------------------------------------


def parse(where: str, content: bytes | str) -> Scan:
    """A saved report. Raises ConfigError where `where` is none."""
    hint = "save one with `reconcile scan --format json --output F`"
    try:
        data: Json = json.loads(content)
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ConfigError(f"this is no report in the format {FORMAT}", where=where, hint=hint)
        stacks = tuple(_parse_stack(stack) for stack in _objects(data, "stacks"))
        return Scan(_text(data, "repository"), _text(data, "commit"), stacks)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigError(f"the report cannot be read: {error!r}", where=where, hint=hint) from error


def _parse_stack(data: dict[str, Json]) -> StackScan:
    calls = cast("dict[str, dict[str, int]]", data["api_calls"])["by_operation"]
    return StackScan(
        _text(data, "name"),
        _text(data, "path"),
        tuple(_parse_finding(entry) for entry in _objects(data, "resources")),
        tuple(_parse_gap(entry) for entry in _objects(data, "gaps")),
        tuple(_parse_diagnostic(entry) for entry in _objects(data, "diagnostics", absent=True)),
        data["complete"] is True,
        calls,
        float(cast("float", data["seconds"])),
    )


def _parse_finding(data: dict[str, Json]) -> Finding:
    address, source = data["address"], data["source"]
    return Finding(
        _one_of(data, "status", STATUSES),
        _text(data, "type"),
        Address.parse(address) if isinstance(address, str) else None,
        cast("str | None", data["id"]),
        _one_of(data, "severity", severity.ORDER),
        tuple(_parse_change(entry) for entry in _objects(data, "changes")),
        Span(_text(source, "file"), 0, 0, int(cast("int", source["line"]))) if isinstance(source, dict) else None,
        _texts(data.get("unchecked")),
        _texts(data["channels"]),
        cast("str | None", data.get("reason")),
        _text(data, "fingerprint"),
        cast("str | None", data.get("region")),
        cast("str | None", data.get("account")),
    )


def _parse_change(data: dict[str, Json]) -> Change:
    code: Plain = UNKNOWN if data.get("code_unknown") and data["code"] is None else widened(data["code"])
    causes: tuple[Cause, ...] = get_args(Cause)
    return Change(
        parse_path(_text(data, "path")),
        code,
        data["baseline"],
        data["live"],
        data["declared"] is True,
        data["sensitive"] is True,
        _one_of(data, "cause", causes),
    )


def _parse_gap(data: dict[str, Json]) -> Gap:
    within = cast("dict[str, str]", data.get("within") or {})
    return Gap(
        _text(data, "reason"),
        cast("str | None", data["type"]),
        cast("str | None", data["region"]),
        cast("str | None", data["address"]),
        cast("str | None", data.get("id")),
        tuple(within.items()),
        _texts(data.get("attributes")),
    )


def _parse_diagnostic(data: dict[str, Json]) -> Diagnostic:
    file, line = data["file"], data["line"]
    span = Span(file, 0, 0, line) if isinstance(file, str) and isinstance(line, int) else None
    levels: tuple[Literal["error", "warning"], ...] = ("error", "warning")
    return Diagnostic(_one_of(data, "severity", levels), _text(data, "summary"), span, str(data.get("detail") or ""))


def _text(data: Mapping[str, Json], key: str) -> str:
    value = data[key]
    if not isinstance(value, str):
        raise TypeError(key)
    return value


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _one_of(data: Mapping[str, Json], key: str, allowed: Sequence[_T]) -> _T:
    for value in allowed:
        if data[key] == value:
            return value
    raise ValueError(f"{key} {data[key]!r}")


def _objects(data: Mapping[str, Json], key: str, *, absent: bool = False) -> list[dict[str, Json]]:
    value = data.get(key, []) if absent else data[key]
    if not isinstance(value, list):
        raise TypeError(key)
    return [entry for entry in value if isinstance(entry, dict)]
