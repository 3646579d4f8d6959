"""JUnit XML, for pipelines: a suite per stack, a case per resource; drift fails, what could not be read is an error."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from reconciler.model import Finding
from reconciler.report.scan import DRIFT, Scan, StackScan
from reconciler.report.text import lines_of, printable


def render(scan: Scan) -> str:
    suites = "\n".join(_suite(stack) for stack in scan.stacks)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="reconcile">\n{suites}\n</testsuites>\n'


def _suite(stack: StackScan) -> str:
    failures = sum(1 for f in stack.findings if f.status in DRIFT)
    errors = len(stack.gaps)
    skipped = sum(1 for f in stack.findings if f.status in ("unverified", "pending"))
    head = (
        f"<testsuite name={_attribute(stack.name)} tests={_attribute(str(len(stack.findings) + errors))} "
        f'failures="{failures}" errors="{errors}" skipped="{skipped}" time="{stack.seconds:.2f}">'
    )
    cases = [_case(stack, finding) for finding in stack.findings]
    for gap in stack.gaps:
        name = gap.address or gap.type or "everything"
        inner = f"<error message={_attribute(gap.reason)}/>"
        cases.append(f"<testcase classname={_attribute(stack.name)} name={_attribute(name)}>{inner}</testcase>")
    return "\n".join([head, *cases, "</testsuite>"])


def _case(stack: StackScan, finding: Finding) -> str:
    name = str(finding.address) if finding.address else f"{finding.type} {finding.id}"
    body = ""
    if finding.status in DRIFT:
        details = escape(_clean("\n".join(lines_of(finding.changes))))
        body = f"<failure message={_attribute(f'{finding.status} ({finding.severity})')}>{details}</failure>"
    elif finding.status in ("unverified", "pending"):
        body = f"<skipped message={_attribute(finding.reason or finding.status)}/>"
    where = f' file={_attribute(finding.source.file)} line="{finding.source.line}"' if finding.source else ""
    return f"<testcase classname={_attribute(stack.name)} name={_attribute(name)}{where}>{body}</testcase>"


def _attribute(text: str) -> str:
    return quoteattr(printable(text))


def _clean(text: str) -> str:
    """XML has no way to write most control characters."""
    return re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)
