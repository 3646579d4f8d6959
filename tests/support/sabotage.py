"""Whole scans of an estate where chosen calls fail, and what of their findings is wrong.

An `Estate` asks the endpoint each question once; later scans get the same answers, so that a scan for every operation
that may be denied costs little.
"""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reconciler.aws.caller import AwsCaller
from reconciler.aws.failure import CallFailed, Kind
from reconciler.model import Finding
from reconciler.report import render
from reconciler.report.scan import Scan
from reconciler.resources import TYPES
from reconciler.resources.spec import Read, ResourceType
from reconciler.workflow.session import Session, Settings

Sabotage = Callable[[str], CallFailed | None]
"""Operation -> how the call fails; None: it does not."""


def denied(operation: str) -> CallFailed:
    return CallFailed(operation, Kind.DENIED, "AccessDenied", "on demand")


@dataclass(slots=True)
class Estate:
    """A repository that has been deployed. `environment` is the process's for a scan of it."""

    folder: Path
    environment: Mapping[str, str]
    _answers: dict[str, dict[str, Any] | CallFailed] = field(default_factory=dict[str, "dict[str, Any] | CallFailed"])

    def forget(self) -> None:
        """The endpoint is asked anew."""
        self._answers.clear()

    def scan(self, sabotage: Sabotage = lambda _: None) -> Scan:
        """The report where `sabotage` says which calls fail, and how. It can be printed."""
        real = AwsCaller._send

        def send(caller: AwsCaller, operation: str, params: dict[str, Any], *, retry: bool) -> dict[str, Any]:
            failure = sabotage(operation)
            if failure is not None:
                caller._log.add(operation, 0, retry=retry)
                raise failure
            key = f"{operation} {json.dumps(params, sort_keys=True, default=str)}"
            if key not in self._answers:
                try:
                    self._answers[key] = real(caller, operation, params, retry=retry)
                except CallFailed as refused:
                    self._answers[key] = refused
            else:
                caller._log.add(operation, 0, retry=retry)
            answer = self._answers[key]
            if isinstance(answer, CallFailed):
                raise answer
            return copy.deepcopy(answer)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(AwsCaller, "_send", send)
            for name in [name for name in os.environ if name.startswith(("AWS_", "TF_"))]:
                patched.delenv(name)
            for name, value in self.environment.items():
                patched.setenv(name, value)
            with Session.open(Settings(path=self.folder, environment=self.environment)) as session:
                report = session.scan(session.observe_all(lean=True))
        assert all(render(report, kind) for kind in ("text", "json"))
        return report


def findings(report: Scan) -> dict[str, Finding]:
    return {str(f.address or f"{f.type} {f.id}"): f for _, f in report.findings}


def operations(report: Scan) -> list[str]:
    """What was asked for the scan, but for who we are: without that nothing is scanned at all."""
    return sorted({name for stack in report.stacks for name in stack.calls} - {"sts:GetCallerIdentity"})


def wrong(whole: Scan, hampered: Scan) -> dict[str, str]:
    """What a scan that could not read everything says, and should not: address -> why.

    `whole` is the scan that could. A finding may become unverified, or lose changes that it then calls unchecked;
    what nothing manages may not be told. Nothing else may change, and nothing of it without a gap.
    """
    true, said = findings(whole), findings(hampered)
    found = {address: reason for address in true if (reason := _less(true[address], said.get(address)))}
    found |= {address: f"{f.status}, which it is not" for address, f in said.items() if address not in true}
    complete = all(stack.complete for stack in hampered.stacks)
    if complete and {a: f.status for a, f in said.items()} != {a: f.status for a, f in true.items()}:
        found[""] = "complete, and yet not the same"
    if complete != hampered.complete or hampered.exit_code("any") not in _codes(said, complete=complete):
        found["exit code"] = str(hampered.exit_code("any"))
    return found


def _codes(said: Mapping[str, Finding], *, complete: bool) -> tuple[int, ...]:
    if any(f.status in ("drifted", "missing", "conflict", "unmanaged") for f in said.values()):
        return (2,)
    return (0,) if complete else (3,)


def _less(true: Finding, said: Finding | None) -> str | None:
    if said is None:
        return None if true.status == "unmanaged" else "not told"
    if said.status == "unverified":
        return None if said.reason else "unverified without a reason"
    lives = {change.path: change.live for change in true.changes}  # the code may have become unknown
    if any(change.live != lives.get(change.path) for change in said.changes):
        return f"other changes: {[(c.path, c.code, c.live) for c in said.changes if c.live != lives.get(c.path)]}"
    if said.status == true.status:
        return None
    if said.status == "in_sync" and true.status in ("drifted", "conflict", "pending"):
        lost = {str(change.path[0]) for change in true.changes}
        hidden = {re.split(r"[.\[]", name, maxsplit=1)[0] for name in said.unchecked}
        return None if lost <= hidden else f"in sync, and {lost - hidden} not called unchecked"
    return f"{said.status} instead of {true.status}"


def misnamed(report: Scan, operation: str) -> list[str]:
    """Gaps that do not name the operation, or are about a type that is not read by it."""
    found: list[str] = []
    for gap in (gap for stack in report.stacks for gap in stack.gaps):
        entry = TYPES.get(gap.type or "")
        if operation not in gap.reason or (entry is not None and operation not in _asked(entry)):
            found.append(f"{gap.type} {gap.id}: {gap.reason}")
    return found


def _asked(entry: ResourceType) -> set[str]:
    return {operation for read in (entry.list, *entry.details.values()) for operation in _of(read)}


def _of(read: Read) -> Iterator[str]:
    yield read.operation
    if read.under:
        yield from _of(read.under)
    if read.bulk and read.bulk.single:
        yield from _of(read.bulk.single)
