"""SARIF 2.1.0, for code scanning: one result per finding, at the line of the resource."""

from __future__ import annotations

import json
from typing import Final

import reconciler
from reconciler.model import Finding, Json, Severity, Status
from reconciler.report.scan import DRIFT, Scan, StackScan
from reconciler.report.text import lines_of

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final[dict[Severity, str]] = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
_SCORES: Final[dict[Severity, str]] = {"critical": "9.5", "high": "7.5", "medium": "5.0", "low": "2.0"}
_RULES: Final[dict[Status, str]] = {
    "drifted": "Live differs from the code",
    "missing": "The code has it, live does not",
    "conflict": "Code and live both moved",
    "unmanaged": "Live has it, no code does",
}


def render(scan: Scan) -> str:
    results = [_result(stack, f) for stack, f in scan.findings if f.status in DRIFT]
    rules: list[Json] = [{"id": f"drift/{s}", "shortDescription": {"text": text}} for s, text in _RULES.items()]
    driver: dict[str, Json] = {"name": "reconcile", "semanticVersion": _version(), "rules": rules}
    notes: list[Json] = [
        {"level": "warning", "message": {"text": f"{gap.address or gap.type or 'everything'}: {gap.reason}"}}
        for stack in scan.stacks
        for gap in stack.gaps
    ]
    invocation: dict[str, Json] = {"executionSuccessful": scan.complete, "toolExecutionNotifications": notes}
    run: dict[str, Json] = {"tool": {"driver": driver}, "results": results, "invocations": [invocation]}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _result(stack: StackScan, finding: Finding) -> Json:
    name = str(finding.address) if finding.address else f"{finding.type} {finding.id}"
    text = "\n".join([f"{name}: {_RULES[finding.status]}", *lines_of(finding.changes)])
    file = finding.source.file if finding.source else stack.path or "."
    place: dict[str, Json] = {"artifactLocation": {"uri": file}}
    if finding.source:
        place["region"] = {"startLine": finding.source.line}
    return {
        "ruleId": f"drift/{finding.status}",
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": place, "logicalLocations": [{"fullyQualifiedName": name}]}],
        "partialFingerprints": {"reconcile/v1": finding.fingerprint},
        "properties": {"security-severity": _SCORES[finding.severity], "stack": stack.name},
    }


def _version() -> str:
    return getattr(reconciler, "__version__", "0.0.0")
