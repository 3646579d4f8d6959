"""The report for people at a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final

from reconciler.model import UNKNOWN, Change, Finding, Json, Plain, Severity, Status, format_path
from reconciler.records import dataclass
from reconciler.redaction import is_redacted
from reconciler.report.documents import inside
from reconciler.report.gaps import hidden
from reconciler.report.scan import DRIFT, Scan, StackScan
from reconciler.semantics import widened

_COLOURS: Final[dict[str, str]] = {
    "critical": "1;31",
    "high": "31",
    "medium": "33",
    "low": "36",
    "dim": "2",
    "bold": "1",
    "good": "32",
}
_ORDER: Final[tuple[Status, ...]] = ("conflict", "missing", "drifted", "unmanaged", "unverified", "pending")
_WORDS: Final[dict[Status, str]] = {
    "conflict": "conflict: code and live both moved",
    "missing": "missing",
    "drifted": "drifted",
    "unmanaged": "unmanaged",
    "unverified": "not verified",
    "pending": "deploy pending",
    "in_sync": "in sync",
}
_WIDTH: Final = 120


@dataclass(frozen=True, slots=True)
class _Paint:
    colour: bool

    def __call__(self, text: str, name: str) -> str:
        return f"\x1b[{_COLOURS[name]}m{text}\x1b[0m" if self.colour else text


def render(scan: Scan, *, colour: bool = False) -> str:
    """Every stack with what is not in sync, and one line that says it all."""
    paint = _Paint(colour)
    lines: list[str] = []
    for stack in scan.stacks:
        lines += [*_stack(stack, paint), ""]
    lines.append(_verdict(scan, paint))
    return "\n".join(lines) + "\n"


def _stack(stack: StackScan, paint: _Paint) -> Iterable[str]:
    calls = sum(stack.calls.values())
    spent = f"{calls} API calls, {stack.seconds:.1f} s"
    place = f" ({printable(stack.path)})" if stack.path != stack.name else ""
    yield f"{paint(printable(stack.name), 'bold')}{place}  {paint(summary_text(stack), 'dim')}  {paint(spent, 'dim')}"
    for diagnostic in stack.diagnostics:
        where = f"{diagnostic.span}: " if diagnostic.span else ""
        yield paint(f"  {diagnostic.severity}: {where}{printable(diagnostic.summary)}", "medium")
    for finding in ordered(stack.findings):
        yield from _finding(finding, paint)
    for what, reason in hidden(stack.gaps):
        yield paint(f"  not read: {printable(what)}: {printable(reason)}", "medium")


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """What is not in sync, the most pressing first; in-sync resources with something unchecked come last."""
    rank = {status: index for index, status in enumerate(_ORDER)}
    levels: tuple[Severity, ...] = ("critical", "high", "medium", "low")
    shown = [f for f in findings if f.status in rank]
    return sorted(shown, key=lambda f: (levels.index(f.severity), rank[f.status], str(f.address or f.id)))


def _finding(finding: Finding, paint: _Paint) -> Iterable[str]:
    name = str(finding.address) if finding.address else f"{finding.type} {finding.id}"
    source = f"  {paint(str(finding.source), 'dim')}" if finding.source else ""
    level = f"{finding.severity:<8}" if finding.status in DRIFT else " " * 8
    yield f"  {paint(level, finding.severity)} {paint(printable(name), 'bold')}  {_WORDS[finding.status]}{source}"
    for line in lines_of(finding.changes):
        yield f"           {line}"
    if finding.reason:
        yield paint(f"           {printable(finding.reason)}", "dim")
    for channel in finding.channels:
        yield paint(f"           channel {printable(channel)}", "dim")
    if finding.unchecked:
        yield paint(f"           not compared: {', '.join(finding.unchecked)}", "dim")


def change_line(change: Change) -> str:
    """visibility_timeout_seconds: 60 -> 5, with what it takes to see who moved."""
    code, live = shown(change.code), shown(widened(change.live))
    path = format_path(change.path)
    match change.cause:
        case "code_changed":
            return f"{path}: live {live}, code now {code}"
        case "both_changed":
            return f"{path}: was {shown(widened(change.baseline))}; code {code}, live {live}"
        case "live_changed" if not change.declared:
            return f"{path}: {shown(widened(change.baseline))} → {live}  (not set in the code)"
        case "live_changed" if change.code is UNKNOWN:
            return f"{path}: {shown(widened(change.baseline))} → {live}  (the code's value is not known yet)"
        case "live_changed" | "unknown":
            return f"{path}: {code} → {live}"


def shown(value: Plain) -> str:
    """A value on one line, cut where it is long."""
    if value is None:
        return "(not set)"
    if value is UNKNOWN:
        return "(known after apply)"
    if is_redacted(value):
        return f"(secret {str(value['redacted'])[:13]}…)"
    text = json.dumps(value, ensure_ascii=False, default=lambda _: "(known after apply)")
    text = printable(text)
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def printable(text: str) -> str:
    """What a cloud says must not steer a terminal."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def summary_text(stack: StackScan) -> str:
    """ "60 in sync, 3 drifted"."""
    words: dict[Status, str] = {**_WORDS, "conflict": "conflict", "pending": "pending"}
    parts = [f"{count} {words[status]}" for status, count in stack.summary.items() if count]
    return ", ".join(parts) or "no resources"


def _verdict(scan: Scan, paint: _Paint) -> str:
    drift = sum(1 for _, finding in scan.findings if finding.status in DRIFT)
    pending = sum(1 for _, finding in scan.findings if finding.status == "pending")
    waiting = f" ({pending} waiting for a deploy)" if pending else ""
    if drift:
        said = paint(f"{drift} to reconcile", "high") + waiting
    elif scan.broken:
        return paint("the code cannot be evaluated: see the errors above", "high")
    else:
        said = paint("nothing to reconcile", "good") + waiting
    return said if scan.complete else f"{said}; {paint('the scan is incomplete', 'medium')}: see what was not read"


def as_json(value: Plain | Json) -> str:
    """The value in full, on one line."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=lambda _: "(known after apply)")


def lines_of(changes: Sequence[Change]) -> list[str]:
    """A line for each change; where documents differ, what differs inside them."""
    lines: list[str] = []
    for change in changes:
        rows = inside(change.code, change.live) if change.cause in ("live_changed", "unknown") else None
        if not rows:
            lines.append(change_line(change))
            continue
        lines.append(f"{format_path(change.path)}:")
        lines += [f"  {printable(path)}: {shown(widened(code))} → {shown(widened(live))}" for path, code, live in rows]
    return lines
