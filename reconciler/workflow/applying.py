"""Carries out what a merge approved: exactly the plan, on exactly the state that its reviewer saw, then reads again."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping

from reconciler import baseline
from reconciler.errors import CloudError, UnsafePlan
from reconciler.model import Outcome
from reconciler.planning import Drifted
from reconciler.records import dataclass
from reconciler.resources import TYPES
from reconciler.reverting import Limits, PlanItem, RevertPlan, check_place, check_plan, check_state
from reconciler.workflow.proposing import drifted_of
from reconciler.workflow.session import Observed, Session


@dataclass(frozen=True, slots=True)
class Approved:
    """A plan on the branch, and the commit that brought it there."""

    path: str
    plan: RevertPlan
    commit: str


@dataclass(frozen=True, slots=True)
class _Broken:
    """A plan of which an operation failed; `outcome` says which, and why."""

    entry: Approved
    items: list[PlanItem]
    outcome: Outcome


def approved(session: Session, stack: str) -> list[Approved]:
    """Every plan of the stack at the commit, with what added it."""
    found: list[Approved] = []
    for path, plan in sorted(baseline.load_plans(session.tree, stack, session.config.baselines).items()):
        added = session.repository.added(path, session.commit)
        if added is not None:
            found.append(Approved(path, plan, added.id))
    return found


def carried_out(session: Session, plans: list[Approved]) -> frozenset[str]:
    """The ids of plans that the notes say were settled, whether they were needed or not."""
    done: set[str] = set()
    for entry in plans:
        for record in session.repository.notes.read(entry.commit):
            if _settled(record, entry.plan.id):
                done.add(entry.plan.id)
    return frozenset(done)


def _settled(record: str, plan_id: str) -> bool:
    try:
        match json.loads(record):
            case {"format": "reconcile.applied/v1", "plan": str(name), "result": "applied" | "already"}:
                return name == plan_id
            case _:
                return False
    except ValueError:
        return False


def carry_out(session: Session, observed: Observed, plans: list[Approved], *, dry_run: bool) -> Iterator[Outcome]:
    """Settle each plan; every outcome is also noted on the commit that approved it."""
    by_name = {entry.name: entry for entry in drifted_of(session, observed)}
    written: list[tuple[Approved, PlanItem]] = []
    broken: list[_Broken] = []
    for entry in sorted(plans, key=_rank):
        try:
            todo = _checked(session, entry, by_name)
        except UnsafePlan as error:
            hint = f" ({error.hint})" if error.hint else ""
            yield from _all(entry, "refused", f"{error}{hint}")
            continue
        yield from _all_but(entry, todo)
        if dry_run:
            yield from (Outcome(_name(item), "applied", "dry run: nothing was written") for item in todo)
            continue
        failed = _write(session, todo, by_name)
        if failed is not None:
            broken.append(_Broken(entry, todo, failed))
        elif todo:
            written += [(entry, item) for item in todo]
        else:
            _note(session, entry, "already")
    if written or broken:
        yield from _verified(session, observed, written, broken)


def _checked(session: Session, entry: Approved, by_name: Mapping[str, Drifted]) -> list[PlanItem]:
    """The items that are still to be done. Raises UnsafePlan or StalePlan."""
    plan, where = entry.plan, f"plan {entry.plan.id} ({entry.path})"
    todo = [item for item in plan.items if _name(item) in by_name]
    if not todo:
        return []
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    check_plan(plan, TYPES, today, Limits(session.config.plan_operations))
    for item in todo:
        there = by_name[_name(item)]
        check_place(item, there.scope, there.spec, where)
        check_state(item, there.live, there.spec, session.redactor, where)
    return todo


def _rank(entry: Approved) -> int:
    """What changes comes before what is made, and that before what goes: links are made on what is as it should be."""
    return max((("update", "create", "delete").index(item.action) for item in entry.plan.items), default=0)


def _name(item: PlanItem) -> str:
    return item.address or f"{item.type} {item.id}"


def _write(session: Session, items: list[PlanItem], by_name: Mapping[str, Drifted]) -> Outcome | None:
    """None where every operation went through."""
    for item in items:
        there = by_name[_name(item)]
        for number, operation in enumerate(item.operations):
            session.settings.progress(f"{_name(item)}: {operation}")
            try:
                session.cloud.run(operation, there.provider)
            except CloudError as error:
                before = f"; {number} of its {len(item.operations)} operations were done before" if number else ""
                return Outcome(_name(item), "failed", f"{error}{before}; run `reconcile propose` to see what is live")
    return None


def _verified(
    session: Session, observed: Observed, written: list[tuple[Approved, PlanItem]], broken: list[_Broken]
) -> Iterator[Outcome]:
    """Read everything again: what was written must no longer differ.

    Where a write failed, another plan may have settled the difference before: what one resource holds of another (an
    attachment, a rule) is told with both of them.
    """
    session.cloud.forget()
    again = session.observe(observed.stack)
    differs = {entry.name: entry for entry in drifted_of(session, again)}
    failed: set[str] = set()
    for entry, item in written:
        left = differs.get(_name(item))
        if left is not None or (not again.report.complete and _hidden(again, item)):
            failed.add(entry.plan.id)
            yield Outcome(_name(item), "failed", "it was written, but reading it again still shows a difference")
        else:
            yield Outcome(_name(item), "applied", f"plan {entry.plan.id}{_import_hint(again, item)}")
    for entry in {entry.plan.id: entry for entry, _ in written}.values():
        if entry.plan.id not in failed:
            _note(session, entry, "applied")
    for stopped in broken:
        if any(_name(item) in differs or _hidden(again, item) for item in stopped.items):
            yield stopped.outcome
            continue
        yield from (Outcome(_name(item), "already", _as_wanted(stopped.entry)) for item in stopped.items)
        _note(session, stopped.entry, "already")


def _hidden(observed: Observed, item: PlanItem) -> bool:
    """Whether it cannot be told if it was settled. What no code manages has no finding where it cannot be seen."""
    if not item.address:
        return any(gap.type in (None, item.type) for gap in observed.report.gaps)
    return any(str(c.finding.address) == item.address and c.finding.status == "unverified" for c in observed.compared)


def _import_hint(observed: Observed, item: PlanItem) -> str:
    """What was made anew has a new id, where AWS gives ids out; Terraform's state must learn it before a deploy."""
    survey = observed.survey
    match, live = (survey.matches.get(item.address), survey.live.get(item.address)) if survey else (None, None)
    spec = TYPES.get(item.type)
    if survey is None or survey.records.state is None or match is None or live is None or not match.recreated:
        return ""
    id_ = live.import_id or (live.id if spec is not None and spec.import_id is None else "ID")
    commands = f"terraform state rm '{item.address}' && terraform import '{item.address}' '{id_}'"
    return f"; Terraform's state has its old id: {commands}"


def _note(session: Session, entry: Approved, result: str) -> None:
    """Provenance beside the commit: what ran, and when; the file itself stays as it was reviewed."""
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    run = session.settings.environment.get("GITHUB_RUN_ID", "")
    record = {"format": "reconcile.applied/v1", "plan": entry.plan.id, "result": result, "at": now, "run": run}
    session.repository.notes.append(entry.commit, json.dumps(record, sort_keys=True))


def _all(entry: Approved, result: str, reason: str) -> Iterator[Outcome]:
    for item in entry.plan.items:
        yield Outcome(_name(item), "refused" if result == "refused" else "failed", reason)


def _all_but(entry: Approved, todo: list[PlanItem]) -> Iterator[Outcome]:
    for item in entry.plan.items:
        if item not in todo:
            yield Outcome(_name(item), "already", _as_wanted(entry))


def _as_wanted(entry: Approved) -> str:
    return f"live is as plan {entry.plan.id} wants it"
