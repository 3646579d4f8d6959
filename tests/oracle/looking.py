"""What the product finds: a scan of an estate's repository, as the command makes it."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reconciler import workflow
from reconciler.model import Change, Finding, LiveResource, Provider, Resource
from reconciler.workflow.session import Session, Settings

KEY = "oracle"


@dataclass(frozen=True, slots=True)
class Seen:
    """One resource of the code as a scan saw it."""

    finding: Finding
    resource: Resource
    live: LiveResource | None


@dataclass(frozen=True, slots=True)
class Look:
    """One scan. `there`: by address. `others`: what no address of the code stands for (unmanaged, removed)."""

    there: Mapping[str, Seen]
    others: tuple[Finding, ...]
    gaps: tuple[str, ...]
    seconds: float
    calls: int

    def changes(self) -> dict[str, tuple[Change, ...]]:
        return {address: seen.finding.changes for address, seen in self.there.items() if seen.finding.changes}

    def noise(self) -> list[str]:
        """Everything but "in sync", for an estate that nobody touched."""
        found = [f"gap: {gap}" for gap in self.gaps]
        found += [f"{finding.status} {finding.address or finding.type} {finding.id}" for finding in self.others]
        for address, seen in self.there.items():
            finding = seen.finding
            if finding.status != "in_sync" and not finding.changes:
                found.append(f"{finding.status} {address}: {finding.reason}")
            found += [f"{finding.status} {address}.{said(change)}" for change in finding.changes]
        return found


def said(change: Change) -> str:
    from reconciler.model import format_path

    sides = [repr(side)[:160] for side in (change.code, change.baseline, change.live)]
    return f"{format_path(change.path)} ({change.cause}): code {sides[0]}, baseline {sides[1]}, live {sides[2]}"


@contextmanager
def pointing(url: str) -> Generator[None]:
    """Everything in this process asks the endpoint at `url`."""
    wanted = {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    wanted |= {"AWS_EC2_METADATA_DISABLED": "true"}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


def look(folder: Path, url: str) -> Look:
    with pointing(url), Session.open(Settings(path=folder, environment={"RECONCILE_HASH_KEY": KEY})) as session:
        (observed,) = session.observe_all()
        report, compared = observed.report, observed.compared
    assert observed.survey is not None, [str(d) for d in report.diagnostics]
    there = {str(c.resource.address): Seen(c.finding, c.resource, c.live) for c in compared if c.resource}
    others = tuple(c.finding for c in compared if c.resource is None)
    gaps = tuple(f"{gap.type or gap.address}: {gap.reason}" for gap in report.gaps)
    return Look(there, others, gaps, report.seconds, sum(report.calls.values()))


def record(folder: Path, url: str) -> None:
    """Writes the baseline into the work tree; whoever calls commits it."""
    with pointing(url):
        workflow.record_baseline(Settings(path=folder, environment={"RECONCILE_HASH_KEY": KEY}))


def providers(seen: Look) -> dict[str, Provider]:
    return {address: entry.resource.provider for address, entry in seen.there.items()}
