"""Findings -> pull requests: adopt where the code can be proven to say what is live, else revert, else a reason."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Mapping
from dataclasses import field, replace
from typing import Final, Literal, TypeAlias

from reconciler import adopting, baseline, planning
from reconciler.errors import UnsafePlan
from reconciler.hcl.tree import Overlay
from reconciler.model import Hold, Provider
from reconciler.planning import Cause, Drifted
from reconciler.records import dataclass
from reconciler.report.pull_request import Kind, Proposal
from reconciler.resources import TYPES
from reconciler.reverting import Limits, RevertPlan, check_plan, revert_plan
from reconciler.workflow.scanning import Compared
from reconciler.workflow.session import Observed, Session
from reconciler.workflow.survey import Survey

Preference: TypeAlias = Literal["adopt", "revert", "both"]
Files: TypeAlias = Mapping[str, "bytes | None"]

Declined: TypeAlias = Callable[[str, str], bool]
"""(branch, fingerprint of the cause) -> a person closed exactly this without merging it."""

_PRESSING: Final = ("high", "critical")


@dataclass(frozen=True, slots=True)
class Remedied:
    """What is proposed for one cause: the pull request and the files it changes, or why there is none.

    `final`: nor is anything to be proposed for a part of the cause.
    """

    cause: Cause
    proposal: Proposal | None
    files: Files = field(default_factory=dict[str, "bytes | None"])
    reason: str = ""
    final: bool = False


@dataclass(frozen=True, slots=True)
class _Drafts:
    """One stack's drafting: what is live, what was planned before, what people declined."""

    session: Session
    observed: Observed
    survey: Survey
    today: datetime.date
    prefer: Preference
    declined: Declined
    planned: Mapping[str, RevertPlan]  # by path, as they are on the base branch
    applied: frozenset[str]  # ids of plans that were carried out


def draft(
    session: Session,
    observed: Observed,
    today: datetime.date,
    prefer: Preference,
    declined: Declined,
    planned: Mapping[str, RevertPlan],
    applied: frozenset[str],
    wanted: Collection[str] | None = None,
) -> list[Remedied]:
    """A remedy for every cause of the stack, worst first; only for findings with `wanted` fingerprints, where given."""
    if observed.survey is None:
        return []
    drafts = _Drafts(session, observed, observed.survey, today, prefer, declined, planned, applied)
    entries = [
        entry for entry in drifted_of(session, observed) if wanted is None or entry.finding.fingerprint in wanted
    ]
    return [remedied for cause in planning.causes(observed.stack.name, entries) for remedied in _settled(drafts, cause)]


def drifted_of(session: Session, observed: Observed) -> list[Drifted]:
    """The findings that a remedy can be about, with their sides."""
    found: list[Drifted] = []
    for compared in observed.compared:
        spec = TYPES.get(compared.finding.type)
        provider = _provider(compared, observed)
        if spec is None or provider is None or compared.finding.status in ("in_sync", "unverified", "pending"):
            continue
        scope = session.cloud.scope(provider)
        sides = (compared.resource, compared.snapshot, compared.live, spec, compared.context, scope, provider)
        found.append(Drifted(compared.finding, *sides))
    return found


def _provider(compared: Compared, observed: Observed) -> Provider | None:
    if compared.resource is not None:
        return compared.resource.provider
    if observed.survey is None:
        return None
    return next((stub.provider for stub, live in observed.survey.loose if live is compared.live), None)


# -- choosing ---------------------------------------------------------------------------------------------------


def _settled(drafts: _Drafts, cause: Cause) -> list[Remedied]:
    """One remedy for all that one literal settles; where there is none, for each of them that can be settled alone."""
    together = _remedied(drafts, cause)
    if together.proposal is not None or together.final or len(cause.drifted) < 2:
        return [together]
    alone = [_remedied(drafts, one) for entry in cause.drifted for one in planning.causes(cause.stack, [entry])]
    return alone if any(remedied.proposal for remedied in alone) else [together]


def _remedied(drafts: _Drafts, cause: Cause) -> Remedied:
    conflicting = next((d for d in cause.drifted if d.finding.status == "conflict"), None)
    if conflicting is not None:
        return Remedied(cause, None, reason="code and live both moved: deploy the code, or change it to what is live")
    waiting = _waiting(drafts, cause)
    if waiting is not None:
        reason = f"plan {waiting.id} is merged and waits for `reconcile apply`"
        return Remedied(cause, None, reason=reason, final=True)
    reasons: list[str] = []
    declined = False
    for kind in _order(drafts.prefer, cause):
        made = _adopt(drafts, cause) if kind == "adopt" else _revert(drafts, cause)
        if isinstance(made, Hold):
            reasons.append(f"{kind}: {made.reason}")
            continue
        proposal, files = made
        if drafts.declined(proposal.branch, cause.fingerprint):
            reasons.append(f"{kind}: declined by a person")
            declined = True
            continue
        return Remedied(cause, replace(proposal, other="; ".join(reasons)), files)
    return Remedied(cause, None, reason="; ".join(reasons), final=declined)


def _order(prefer: Preference, cause: Cause) -> tuple[Kind, ...]:
    """What was opened or weakened is set back first; the rest is taken into the code where that can be proven."""
    if prefer == "adopt":
        return ("adopt", "revert")
    if prefer == "revert":
        return ("revert", "adopt")
    return ("revert", "adopt") if cause.severity in _PRESSING else ("adopt", "revert")


def _waiting(drafts: _Drafts, cause: Cause) -> RevertPlan | None:
    """A merged plan for exactly this difference that has not been carried out yet."""
    prints = {d.finding.fingerprint for d in cause.drifted}
    for plan in drafts.planned.values():
        due = plan.id not in drafts.applied and plan.expires >= drafts.today.isoformat()
        if due and {item.fingerprint for item in plan.items} == prints:
            return plan
    return None


# -- adopt ------------------------------------------------------------------------------------------------------


def _adopt(drafts: _Drafts, cause: Cause) -> tuple[Proposal, Files] | Hold:
    """The first edit, from the innermost literal outwards, that is proven to say what is live and nothing else."""
    code, problem = drafts.survey.code, ""
    for candidate in adopting.candidates(cause, code.tree, code.stack.path, code.own, code.inputs.installed):
        after = code.evaluate(Overlay(code.tree, candidate.files), drafts.survey.inputs)
        wrong = planning.proves(drafts.survey.evaluation, after, cause.drifted)
        if wrong is None:
            proposal = _proposal("adopt", cause, diff=candidate.diff)
            return proposal, {**candidate.files, **_snapshots(drafts, cause)}
        problem = problem or wrong
    return Hold(problem or adopting.why_not(cause, code.own))


def _snapshots(drafts: _Drafts, cause: Cause) -> dict[str, bytes]:
    """The adopted resources as they are live: after the merge all three sides agree."""
    files: dict[str, bytes] = {}
    for entry in cause.drifted:
        if entry.live is None or entry.resource is None:
            continue
        address = str(entry.resource.address)
        path = baseline.snapshot_path(cause.stack, address, drafts.session.config.baselines)
        if entry.snapshot is None and not drafts.survey.records.snapshots:
            continue  # this stack keeps no baseline
        snapshot = baseline.record(address, entry.live, entry.spec, drafts.session.redactor, entry.resource.sensitive)
        files[path] = baseline.render(snapshot)
    return files


# -- revert -----------------------------------------------------------------------------------------------------


def _revert(drafts: _Drafts, cause: Cause) -> tuple[Proposal, Files] | Hold:
    days = drafts.session.config.plan_days
    made = revert_plan(cause, (drafts.today + datetime.timedelta(days=days)).isoformat())
    if isinstance(made, Hold):
        return made
    plan = _numbered(drafts, made)
    try:
        check_plan(plan, TYPES, drafts.today.isoformat(), Limits(drafts.session.config.plan_operations))
    except UnsafePlan as error:  # better said now than once it is merged
        return Hold(f"{error}" + (f" ({error.hint})" if error.hint else ""))
    path = baseline.plan_path(cause.stack, plan.id, drafts.session.config.baselines)
    proposal = _proposal("revert", replace(cause, id=plan.id), plan=plan)
    return proposal, {path: baseline.render_plan(plan)}


def _numbered(drafts: _Drafts, plan: RevertPlan) -> RevertPlan:
    """The same drift may come back after its plan was carried out; then it needs a plan, and a merge, of its own."""
    taken = {other.id for other in drafts.planned.values()}
    name, number = plan.id, 1
    while name in taken:
        number += 1
        name = f"{plan.id}-{number}"
    return replace(plan, id=name)


def _proposal(kind: Kind, cause: Cause, *, diff: str = "", plan: RevertPlan | None = None) -> Proposal:
    return Proposal(
        kind,
        cause.stack,
        cause.id,
        cause.fingerprint,
        cause.title,
        cause.severity,
        tuple(d.finding for d in cause.drifted),
        diff=diff,
        plan=plan,
    )
