"""One HTML page that needs nothing else: no script, no link to anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from reconciler.model import Change, Finding, Plain, format_path
from reconciler.report.gaps import hidden
from reconciler.report.scan import DRIFT, Scan, StackScan
from reconciler.report.text import ordered, printable, shown, summary_text
from reconciler.semantics import widened

_STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}td,th{border:1px solid #d0d7de;padding:.3rem .6rem;
text-align:left;vertical-align:top;overflow-wrap:anywhere}code{font:13px ui-monospace,monospace}h3{margin-bottom:.2rem}
.critical{color:#a40e26;font-weight:700}.high{color:#cf222e}.medium{color:#9a6700}.low{color:#57606a}.dim{color:#57606a}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}td,th{border-color:#30363d}}
"""


def render(scan: Scan) -> str:
    drift = sum(1 for _, finding in scan.findings if finding.status in DRIFT)
    said = f"{drift} to reconcile" if drift else "Nothing to reconcile"
    note = "" if scan.complete else " — the scan is incomplete"
    body = "\n".join(line for stack in scan.stacks for line in _stack(stack))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Drift report</title>'
        f"<style>{_STYLE}</style></head><body>\n<h1>Drift report</h1>\n"
        f"<p><strong>{_text(said + note)}</strong>. Commit <code>{_text(scan.commit)}</code></p>\n"
        f"{body}\n</body></html>\n"
    )


def _stack(stack: StackScan) -> Iterable[str]:
    spent = f"{sum(stack.calls.values())} API calls, {stack.seconds:.1f} s"
    yield f"<h2>{_text(stack.name)}</h2><p>{_text(summary_text(stack))}; {spent}</p>"
    for diagnostic in stack.diagnostics:
        text = f"{diagnostic.severity}: {diagnostic.span or stack.path}: {diagnostic.summary}"
        yield f'<p class="medium">{_text(text)}</p>'
    for finding in ordered(stack.findings):
        yield from _finding(finding)
    for what, reason in hidden(stack.gaps):
        yield f'<p class="medium">not read: <code>{_text(what)}</code>: {_text(reason)}</p>'


def _finding(finding: Finding) -> Iterable[str]:
    name = str(finding.address) if finding.address else f"{finding.type} {finding.id}"
    where = f' <span class="dim">{_text(str(finding.source))}</span>' if finding.source else ""
    level = f'<span class="{finding.severity}">{finding.severity}</span>'
    yield f"<h3><code>{_text(name)}</code></h3><p>{_text(finding.status)}, {level}{where}</p>"
    if finding.reason:
        yield f"<p>{_text(finding.reason)}</p>"
    if finding.changes:
        rows = "".join(map(_row, finding.changes))
        yield f"<table><tr><th>attribute</th><th>code</th><th>baseline</th><th>live</th></tr>{rows}</table>"
    if finding.unchecked:
        yield f'<p class="dim">not compared: {_text(", ".join(finding.unchecked))}</p>'


def _row(change: Change) -> str:
    sides: tuple[Plain, ...] = (change.code, widened(change.baseline), widened(change.live))
    cells = "".join(f"<td><code>{_text(shown(side))}</code></td>" for side in sides)
    return f"<tr><td><code>{_text(format_path(change.path))}</code></td>{cells}</tr>"


def _text(text: str) -> str:
    return escape(printable(text))
