"""Markdown that no value from the cloud can break out of, and the report in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from reconciler.model import Change, Finding, Plain, format_path
from reconciler.report.gaps import hidden
from reconciler.report.scan import DRIFT, Scan, StackScan
from reconciler.report.text import as_json, ordered, printable, shown, summary_text
from reconciler.semantics import widened

_CELL: Final = 160
_CAUSES: Final = {
    "live_changed": "live moved",
    "code_changed": "code moved",
    "both_changed": "both moved",
    "unknown": "no baseline yet",
}


def _harmless(text: str) -> str:
    """Neither a mention nor the end of a comment; GitHub looks for both in code, too, when it is quoted elsewhere."""
    return re.sub(r"@(?=[\w\\])", "@\u200b", text).replace("-->", "--\u200b>")


def plain(text: str) -> str:
    """`text` as prose: no mention, link, image, tag, comment, emphasis or table cell can come of it."""
    text = re.sub(r"([\\`*_\[\]|<>~&]|^[-+#>=])", r"\\\1", printable(text))
    return _harmless(text).replace("://", ":\u200b//")


def code(text: str) -> str:
    """`text` as a code span that is safe in a table cell: fences, pipes, mentions and comment ends are neutralised."""
    text = _harmless(printable(text)).replace("|", "\u01c0")
    fence = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}" if text else "``"


def block(text: str, language: str = "") -> str:
    """`text` as a fenced block that nothing inside it closes."""
    text = "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)
    text = _harmless(text)
    fence = "`" * max(3, max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    return f"{fence}{language}\n{text.rstrip(chr(10))}\n{fence}"


def cell(value: Plain) -> str:
    """A value in a table: as code, cut where it is long; nothing for nothing."""
    text = shown(value) if value is None or not isinstance(value, str | list | dict) else as_json(value)
    if isinstance(value, dict) and set(value) == {"redacted"}:
        text = shown(value)
    return code(text if len(text) <= _CELL else text[: _CELL - 1] + "…")


def changes_table(changes: Iterable[Change]) -> str:
    """The three sides of every change."""
    rows = ["| attribute | code | baseline | live | |", "|---|---|---|---|---|"]
    for change in changes:
        sides = (change.code, widened(change.baseline), widened(change.live))
        words = _CAUSES[change.cause] + ("" if change.declared else ", not set in the code")
        rows.append(f"| {code(format_path(change.path))} | {' | '.join(map(cell, sides))} | {words} |")
    return "\n".join(rows)


def render(scan: Scan) -> str:
    """The whole report."""
    drift = sum(1 for _, finding in scan.findings if finding.status in DRIFT)
    said = f"**{drift} to reconcile**" if drift else "**Nothing to reconcile**"
    note = "" if scan.complete else " — the scan is **incomplete**"
    lines = ["# Drift report", "", f"{said}{note}. Commit {code(scan.commit)}.", ""]
    for stack in scan.stacks:
        lines += [*_stack(stack), ""]
    return "\n".join(lines).rstrip() + "\n"


def _stack(stack: StackScan) -> Iterable[str]:
    yield f"## {plain(stack.name)}"
    yield ""
    yield f"{summary_text(stack)}; {sum(stack.calls.values())} API calls, {stack.seconds:.1f} s"
    for diagnostic in stack.diagnostics:
        where = f" ({diagnostic.span})" if diagnostic.span else ""
        yield f"- {diagnostic.severity}: {plain(diagnostic.summary)}{where}"
    for finding in ordered(stack.findings):
        yield ""
        yield from _finding(finding)
    if stack.gaps:
        yield from ("", "### Not read", "")
        for what, reason in hidden(stack.gaps):
            yield f"- {code(what)}: {plain(reason)}"


def _finding(finding: Finding) -> Iterable[str]:
    name = str(finding.address) if finding.address else f"{finding.type} {finding.id}"
    yield f"### {code(name)}"
    yield ""
    where = f" — {code(str(finding.source))}" if finding.source else ""
    yield f"**{finding.status}**, {finding.severity}{where}"
    if finding.reason:
        yield f"\n{plain(finding.reason)}"
    if finding.changes:
        yield from ("", changes_table(finding.changes))
    if finding.channels:
        yield from ("", *(f"- channel {code(channel)}" for channel in finding.channels))
    if finding.unchecked:
        yield from ("", f"Not compared: {', '.join(map(code, finding.unchecked))}")
