"""Statuses and check runs in the REST API."""

from __future__ import annotations

from typing import Final, cast

from reconciler.sandbox.github_call import BODY_LIMIT, REPO, Answer, Call, route
from reconciler.sandbox.github_state import Check, Refused, Status, invalid, not_found, now

_ANNOTATIONS: Final = 50


@route("POST", REPO + "/statuses/{sha}")
def _set_status(call: Call) -> Answer:
    repo, sha = call.repo, call.params["sha"]
    state = call.choice("Status", "state", ("error", "failure", "pending", "success"))
    if state is None:
        raise invalid("Status", "state", "missing_field")
    if repo.git.kind(sha) != "commit":
        raise Refused(422, f"No commit found for SHA: {sha}")
    context = call.text("Status", "context", 255) or "default"
    description, target = call.text("Status", "description", 140), call.text("Status", "target_url")
    status = Status(call.state.next_id(), sha, state, context, description, target, call.user, now())
    repo.statuses.append(status)
    return Answer(201, call.views.status(repo, status))


@route("POST", REPO + "/check-runs")
def _create_check(call: Call) -> Answer:
    repo, sha = call.repo, call.required("CheckRun", "head_sha")
    if repo.git.kind(sha) != "commit":
        raise Refused(422, f"No commit found for SHA: {sha}")
    name = call.required("CheckRun", "name")
    empty = dict.fromkeys(("conclusion", "started_at", "completed_at"))
    check = Check(
        call.state.next_id(),
        sha,
        name,
        "queued",
        **empty,
        external_id="",
        details_url=None,
        title=None,
        summary=None,
        text=None,
        annotations=0,
    )
    _update_check(call, check)
    repo.checks[check.id] = check
    return Answer(201, call.views.check(repo, check))


@route("GET", REPO + "/check-runs/{id}")
def _check(call: Call) -> Answer:
    return Answer(200, call.views.check(call.repo, _check_of(call)))


@route("PATCH", REPO + "/check-runs/{id}")
def _edit_check(call: Call) -> Answer:
    _update_check(call, _check_of(call))
    return Answer(200, call.views.check(call.repo, _check_of(call)))


def _check_of(call: Call) -> Check:
    check = call.repo.checks.get(int(call.params["id"]))
    if check is None:
        raise not_found()
    return check


_CONCLUSIONS: Final = ("action_required", "cancelled", "failure", "neutral", "success", "skipped", "stale", "timed_out")


def _update_check(call: Call, check: Check) -> None:
    given: object = call.fields.get("output") or {}
    output = cast("dict[str, object]", given) if isinstance(given, dict) else {}
    if output and not (isinstance(output.get("summary"), str) and isinstance(output.get("title", ""), str)):
        raise invalid("CheckRun", "output", "missing_field")
    for name in ("summary", "text"):
        if len(str(output.get(name) or "")) > BODY_LIMIT - 1:
            raise invalid("CheckRun", name, "custom", f"{name} exceeds a maximum bytesize of 65535")
    annotations: object = output.get("annotations") or []
    if not isinstance(annotations, list) or len(cast("list[object]", annotations)) > _ANNOTATIONS:
        raise Refused(422, f"Invalid request.\n\nNo more than {_ANNOTATIONS} items are allowed in annotations.")
    conclusion = call.choice("CheckRun", "conclusion", _CONCLUSIONS, check.conclusion)
    status = call.choice("CheckRun", "status", ("queued", "in_progress", "completed"), check.status)
    check.conclusion = conclusion
    check.status = "completed" if conclusion else status or check.status
    check.started_at = call.text("CheckRun", "started_at") or check.started_at or now()
    check.completed_at = call.text("CheckRun", "completed_at") or (now() if check.status == "completed" else None)
    check.external_id = call.text("CheckRun", "external_id") or check.external_id
    check.details_url = call.text("CheckRun", "details_url") or check.details_url
    if output:
        check.title, check.summary = str(output.get("title") or ""), str(output["summary"])
        check.text = None if output.get("text") is None else str(output["text"])
        check.annotations += len(cast("list[object]", annotations))
