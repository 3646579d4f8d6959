"""The story: scan, propose, apply. Read from top to bottom; the steps are in this package's other files."""

from __future__ import annotations

import contextlib
import datetime
import json
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler import baseline, channels, report
from reconciler.errors import ConfigError, ForgeError, RepositoryError, UsageError
from reconciler.model import Outcome, Snapshot
from reconciler.records import dataclass
from reconciler.report import Scan, pull_request
from reconciler.report.desired import Desired
from reconciler.report.explanation import Explanation
from reconciler.report.gaps import hidden
from reconciler.report.proposals import Proposed, Published
from reconciler.resources import TYPES
from reconciler.workflow import applying, proposing
from reconciler.workflow.proposing import Declined, Preference, Remedied
from reconciler.workflow.publishing import PREFIX, Board, Publisher
from reconciler.workflow.session import Observed, Session, Settings
from reconciler.workflow.stacks import Stack
from reconciler.workflow.state import located, objects

if TYPE_CHECKING:
    from reconciler.forge import Forge

__all__ = [
    "Recorded",
    "Settings",
    "apply",
    "desired",
    "explain",
    "permissions",
    "propose",
    "reach",
    "record_baseline",
    "scan",
    "show_baseline",
    "verify_baseline",
]


# -- looking ----------------------------------------------------------------------------------------------------


def scan(settings: Settings) -> Scan:
    """Compare code, baseline and live of every stack; changes nothing."""
    with Session.open(settings) as session:
        return session.scan(session.observe_all(lean=True))


def desired(settings: Settings, *, live: bool = False) -> list[Desired]:
    """What the code of every stack describes; `live`: with what only the cloud knows."""
    with Session.open(settings) as session:
        found: list[Desired] = []
        for stack in session.stacks:
            survey = session.observe(stack).survey if live else None
            evaluation = survey.evaluation if survey else session.evaluate(stack)
            found.append(Desired.of(stack.name, session.commit, evaluation, settings.targets))
        settings.progress("")
        return found


def explain(settings: Settings, *, live: bool = True) -> list[Explanation]:
    """Where each value of the targets comes from, with what was recorded and what is live. Raises UsageError."""
    with Session.open(settings) as session:
        found: list[Explanation] = []
        for stack in session.stacks:
            observed = session.observe(stack) if live else None
            survey = observed.survey if observed else None
            evaluation = survey.evaluation if survey else session.evaluate(stack)
            for resource in evaluation.resources:
                address = str(resource.address)
                if any(address == t or address.startswith((f"{t}[", f"{t}.")) for t in settings.targets):
                    snapshot = survey.snapshot(address) if survey else session.snapshots(stack).get(address)
                    there = survey.live.get(address) if survey else None
                    found.append(
                        Explanation(stack.name, resource, snapshot, there, session.redactor, TYPES.get(resource.type))
                    )
        if not found:
            named = ", ".join(settings.targets)
            raise UsageError(f"no stack here has {named}", hint="`reconcile evaluate` lists every address")
        return found


def reach(settings: Settings) -> list[str]:
    """The channels of every stack, and what the findings do to them: lines for people."""
    with Session.open(settings) as session:
        lines: list[str] = []
        for observed in session.observe_all():
            if observed.survey is None:
                lines.append(f"{observed.stack.name}: the code cannot be evaluated")
                continue
            graph = channels.build(observed.survey.evaluation.resources, observed.survey.live)
            lines += [f"{observed.stack.name}", *(f"  {channel}" for channel in graph.channels())]
            for compared in observed.compared:
                finding = compared.finding
                if finding.channels and finding.status not in ("in_sync", "pending"):
                    lines.append(f"  {finding.address or finding.id} ({finding.status}) {channels.effect(finding)}:")
                    lines += [f"    {channel}" for channel in finding.channels]
        settings.progress("")
        return lines


def permissions(settings: Settings, *, write: bool = False) -> str:
    """The least-privilege IAM policy for the types in use and the state that is read, as JSON."""
    from reconciler.resources.permissions import StateObject, policy

    with Session.open(settings) as session:
        types: set[str] = set()
        data: set[str] = set()
        states: set[StateObject] = set()
        for stack in session.stacks:
            code = session.code(stack)
            evaluation = code.evaluate()
            folder = session.repository.root / stack.path
            own = located(folder, evaluation, code.inputs.workspace, settings.data_dir)
            states.update(objects(own, evaluation))
            types |= {r.type for r in evaluation.resources}
            data |= evaluation.data_types
            types |= {s.type for s in session.snapshots(stack).values()}
        return json.dumps(policy(sorted(types), write=write, data=sorted(data), states=states), indent=2) + "\n"


# -- the baseline -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recorded:
    lines: tuple[str, ...]
    complete: bool


def record_baseline(settings: Settings) -> Recorded:
    """Write a snapshot of every live resource of the code under `baselines/`; remove those of what is gone.

    What could not be read keeps the snapshot that it has.
    """
    with Session.open(settings) as session:
        lines: list[str] = []
        complete = True
        for stack in session.stacks:
            observed = session.observe(stack)
            if observed.survey is None:
                problem = observed.report.diagnostics[0]
                raise ConfigError(problem.summary, where=str(problem.span or stack.path), hint="mend the code first")
            complete = complete and observed.report.complete
            files = _snapshot_files(session, observed)
            doubtful = any(r.unverified is not None for r in observed.survey.evaluation.resources)
            partly = bool(settings.targets) or not observed.report.complete or doubtful
            written, removed = _lay(session, stack, files, partly=partly)
            lines.append(f"{stack.name}: {len(files)} snapshots, {written} written, {removed} removed")
            lines += [f"{stack.name}: not read: {what}: {why}" for what, why in hidden(observed.report.gaps)]
        return Recorded(tuple(lines), complete)


def _snapshot_files(session: Session, observed: Observed) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for compared in observed.compared:
        spec = TYPES.get(compared.finding.type)
        if compared.resource is None or compared.live is None or spec is None:
            continue
        address = str(compared.resource.address)
        snapshot = baseline.record(address, compared.live, spec, session.redactor, compared.resource.sensitive)
        files[baseline.snapshot_path(observed.stack.name, address, session.config.baselines)] = baseline.render(
            snapshot
        )
    return files


def _lay(session: Session, stack: Stack, files: dict[str, bytes], *, partly: bool) -> tuple[int, int]:
    """Write what differs, each file whole or not at all; what is no longer called for goes, unless `partly`."""
    root = session.repository.root
    folder = root / Path(baseline.snapshot_path(stack.name, "x", session.config.baselines)).parent
    written = removed = 0
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        target = root / path
        if not target.exists() or target.read_bytes() != content:
            partial = target.with_name(target.name + ".partial")
            partial.write_bytes(content)
            partial.replace(target)
            written += 1
    if not partly:
        for path in folder.glob("*.json"):
            if path.relative_to(root).as_posix() not in files:
                path.unlink()
                removed += 1
    return written, removed


def show_baseline(settings: Settings, address: str | None) -> Iterator[str]:
    """The snapshots at the commit: one line each, or all of one. Raises UsageError where there is none."""
    with Session.open(settings) as session:
        found = {(stack.name, name): s for stack in session.stacks for name, s in session.snapshots(stack).items()}
    chosen = {key: s for key, s in found.items() if address in (None, key[1])}
    if not chosen:
        what = f"there is no snapshot of {address}" if address else "there are no snapshots"
        raise UsageError(what, hint="`reconcile baseline record` writes them")
    for (stack, name), snapshot in sorted(chosen.items()):
        yield baseline.render(snapshot).decode().rstrip() if address else f"{stack}  {name}  {snapshot.id}"


def verify_baseline(settings: Settings) -> int:
    """How many snapshots and plans there are, all as they were written. Raises ConfigError on the first that is not."""
    with Session.open(settings) as session:
        snapshots: list[Snapshot] = []
        plans = 0
        for stack in session.stacks:
            snapshots += session.snapshots(stack).values()
            plans += len(baseline.load_plans(session.tree, stack.name, session.config.baselines))
        return len(snapshots) + plans


# -- settling ---------------------------------------------------------------------------------------------------


def propose(
    settings: Settings, *, dry_run: bool = False, prefer: Preference | None = None, saved: Path | None = None
) -> Proposed:
    """Open, refresh and close the pull requests that settle what differs.

    With `saved`, a scan as JSON, only what that scan found and is still so is proposed.
    """
    wanted = _fingerprints(saved)
    with Session.open(settings) as session:
        if _has_remote(session):
            session.repository.notes.fetch()
        if dry_run:
            return _drafted(session, prefer, wanted)
        with _forge(session) as forge:
            return _published(session, forge, prefer, wanted)


def _fingerprints(saved: Path | None) -> frozenset[str] | None:
    if saved is None:
        return None
    try:
        content = saved.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the saved scan: {error}", where=str(saved)) from error
    found = report.parse(str(saved), content)
    return frozenset(finding.fingerprint for _, finding in found.findings)


def _drafted(session: Session, prefer: Preference | None, wanted: frozenset[str] | None) -> Proposed:
    observed = session.observe_all()
    remedied = [r for o in observed for r in _remedied(session, o, prefer, lambda _, __: False, wanted)]
    lines = [
        Published("held", r.cause.title, r.reason)
        if r.proposal is None
        else Published("drafted", r.proposal.title, "", body=pull_request.body(r.proposal))
        for r in remedied
    ]
    return Proposed(tuple(lines), all(o.report.complete for o in observed))


def _remedied(
    session: Session,
    observed: Observed,
    prefer: Preference | None,
    declined: Declined,
    wanted: frozenset[str] | None,
) -> list[Remedied]:
    approved = applying.approved(session, observed.stack.name)
    return proposing.draft(
        session,
        observed,
        datetime.datetime.now(datetime.UTC).date(),
        prefer or session.config.prefer,
        declined,
        {entry.path: entry.plan for entry in approved},
        applying.carried_out(session, approved),
        wanted,
    )


@contextlib.contextmanager
def _forge(session: Session) -> Generator[Forge]:
    from reconciler.forge import GitHub, api_url

    remote = session.repository.remote()
    token = session.settings.token
    if remote.hosted is None:
        raise ForgeError("the remote is no repository of a forge", where=remote.name, hint="use --dry-run")
    if not token:
        raise ForgeError("there is no token for the forge", hint="set GITHUB_TOKEN, or use --dry-run")
    url = session.settings.environment.get("GITHUB_API_URL") or api_url(remote.hosted.host)
    pause = not url.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]"))
    with GitHub(url, remote.hosted.owner, remote.hosted.name, token, pause=pause) as forge:
        yield forge


def _published(session: Session, forge: Forge, prefer: Preference | None, wanted: frozenset[str] | None) -> Proposed:
    repository, base = session.repository, forge.default_branch()
    session.settings.progress("fetching")
    repository.fetch(base)
    board = Board.of(forge)
    observed = session.observe_all()
    remedied = [r for o in observed for r in _remedied(session, o, prefer, board.declined, wanted)]
    publisher = Publisher(
        repository,
        forge,
        board,
        base,
        repository.resolve(f"refs/remotes/{repository.remote().name}/{base}"),
        board.room(
            session.config.open_pull_requests,
            session.config.pull_requests_per_hour,
            datetime.datetime.now(datetime.UTC),
        ),
        repository.remote_branches(PREFIX),
    )
    session.settings.progress("publishing")
    published = list(publisher.publish(remedied))
    complete = all(o.report.complete for o in observed)
    if not session.settings.targets and wanted is None:
        stacks = {o.stack.name for o in observed if o.report.complete}
        branches = {r.proposal.branch for r in remedied if r.proposal}
        published += publisher.close_gone(stacks, branches)
    session.settings.progress("")
    return Proposed(tuple(published), complete)


def apply(settings: Settings, *, dry_run: bool = False) -> Sequence[Outcome]:
    """Carry out the revert plans at the commit that were not carried out yet; what happened is noted beside them."""
    with Session.open(settings) as session:
        outcomes: list[Outcome] = []
        remote = _has_remote(session)
        if remote:
            session.repository.notes.fetch()
        for stack in session.stacks:
            plans = applying.approved(session, stack.name)
            done = applying.carried_out(session, plans)
            todo = [entry for entry in plans if entry.plan.id not in done]
            if todo:
                observed = session.observe(stack)
                outcomes += applying.carry_out(session, observed, todo, dry_run=dry_run)
        settings.progress("")
        if remote and outcomes and not dry_run:
            session.repository.notes.push()
        return outcomes


def _has_remote(session: Session) -> bool:
    try:
        session.repository.remote()
    except RepositoryError:
        return False
    return True
