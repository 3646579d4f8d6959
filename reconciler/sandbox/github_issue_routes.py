"""Issues, comments and labels in the REST API."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from reconciler.sandbox.github_call import BODY_LIMIT, REPO, TITLE_LIMIT, Answer, Call, route
from reconciler.sandbox.github_pull_routes import edit
from reconciler.sandbox.github_state import Comment, Issue, Label, Refused, invalid, not_found, now


@route("GET", REPO + "/issues")
def _issues(call: Call) -> Answer:
    repo, query = call.repo, call.query
    labels = {name.lower() for name in query.get("labels", "").split(",") if name}
    creator = query.get("creator")
    found = [
        issue
        for issue in sorted(repo.issues.values(), key=lambda issue: issue.number)
        if query.get("state", "open") in ("all", issue.state)
        and labels <= {name.lower() for name in issue.labels}
        and creator in (None, issue.user.login)
    ]
    if query.get("direction", "desc") == "desc":
        found.reverse()
    return call.paged(found, lambda issue: call.views.issue(repo, issue))


@route("POST", REPO + "/issues")
def _open_issue(call: Call) -> Answer:
    repo, title = call.repo, call.required("Issue", "title", TITLE_LIMIT)
    body, labels = call.text("Issue", "body", BODY_LIMIT), call.strings("labels") or []
    known = [call.state.label(repo, name).name for name in labels]
    issue = call.state.open_issue(repo, call.user, title, body)
    issue.labels = known
    return Answer(201, call.views.issue(repo, issue))


@route("GET", REPO + "/issues/{number}")
def _issue(call: Call) -> Answer:
    return Answer(200, call.views.issue(call.repo, call.issue))


@route("PATCH", REPO + "/issues/{number}")
def _edit_issue(call: Call) -> Answer:
    labels = call.strings("labels")
    edit(call, call.issue, "Issue")
    if labels is not None:
        call.issue.labels = [call.state.label(call.repo, name).name for name in labels]
    return Answer(200, call.views.issue(call.repo, call.issue))


@route("GET", REPO + "/issues/{number}/comments")
def _comments(call: Call) -> Answer:
    return call.paged(call.issue.comments, lambda comment: call.views.comment(call.repo, call.issue, comment))


@route("POST", REPO + "/issues/{number}/comments")
def _add_comment(call: Call) -> Answer:
    body = call.required("IssueComment", "body", BODY_LIMIT)
    comment = Comment(call.state.next_id(), call.user, body, now(), now())
    call.issue.comments.append(comment)
    call.issue.updated_at = now()
    return Answer(201, call.views.comment(call.repo, call.issue, comment))


@route("PATCH", REPO + "/issues/comments/{id}")
def _edit_comment(call: Call) -> Answer:
    issue, comment = _comment_of(call)
    comment.body, comment.updated_at = call.required("IssueComment", "body", BODY_LIMIT), now()
    return Answer(200, call.views.comment(call.repo, issue, comment))


@route("DELETE", REPO + "/issues/comments/{id}")
def _delete_comment(call: Call) -> Answer:
    issue, comment = _comment_of(call)
    issue.comments.remove(comment)
    return Answer(204)


def _comment_of(call: Call) -> tuple[Issue, Comment]:
    for issue in call.repo.issues.values():
        for comment in issue.comments:
            if comment.id == int(call.params["id"]):
                return issue, comment
    raise not_found()


@route("GET", REPO + "/issues/{number}/labels")
def _issue_labels(call: Call) -> Answer:
    found = [call.repo.labels[name.lower()] for name in call.issue.labels]
    return call.paged(found, lambda label: call.views.label(call.repo, label))


@route("POST", REPO + "/issues/{number}/labels")
def _add_labels(call: Call) -> Answer:
    return _labelled(call, [*call.issue.labels, *_names(call)])


@route("PUT", REPO + "/issues/{number}/labels")
def _set_labels(call: Call) -> Answer:
    return _labelled(call, _names(call))


@route("DELETE", REPO + "/issues/{number}/labels")
def _clear_labels(call: Call) -> Answer:
    call.issue.labels = []
    return Answer(204)


@route("DELETE", REPO + "/issues/{number}/labels/{name}")
def _remove_label(call: Call) -> Answer:
    name = call.params["name"].lower()
    kept = [label for label in call.issue.labels if label.lower() != name]
    if len(kept) == len(call.issue.labels):
        raise Refused(404, "Label does not exist")
    return _labelled(call, kept)


def _names(call: Call) -> list[str]:
    """The labels of a request: a bare list, or {"labels": [...]}, of names or of {"name": ...}."""
    given = call.body
    if isinstance(given, dict):
        given = cast("dict[str, object]", given).get("labels")
    if not isinstance(given, list):
        raise Refused(422, 'Invalid request.\n\nNo subschema in "anyOf" matched.')
    names: list[str] = []
    for item in cast("list[object]", given):
        name = cast("dict[str, object]", item).get("name") if isinstance(item, dict) else item
        if not isinstance(name, str):
            raise Refused(422, 'Invalid request.\n\nNo subschema in "anyOf" matched.')
        names.append(name)
    return names


def _labelled(call: Call, names: Sequence[str]) -> Answer:
    known = [call.state.label(call.repo, name).name for name in names]
    call.issue.labels = list(dict.fromkeys(known))
    call.issue.updated_at = now()
    return Answer(200, [call.views.label(call.repo, call.repo.labels[name.lower()]) for name in call.issue.labels])


@route("GET", REPO + "/labels")
def _labels(call: Call) -> Answer:
    return call.paged(list(call.repo.labels.values()), lambda label: call.views.label(call.repo, label))


@route("POST", REPO + "/labels")
def _create_label(call: Call) -> Answer:
    name = call.required("Label", "name")
    if name.lower() in call.repo.labels:
        raise invalid("Label", "name", "already_exists")
    color, description = _looks(call)
    label = call.state.label(call.repo, name)
    label.color, label.description = color or label.color, description
    return Answer(201, call.views.label(call.repo, label))


def _looks(call: Call) -> tuple[str | None, str | None]:
    color = call.text("Label", "color")
    if color is not None and not re.fullmatch(r"[0-9a-fA-F]{6}", color):
        raise invalid("Label", "color")
    return color, call.text("Label", "description", 100)


@route("GET", REPO + "/labels/{name}")
def _label(call: Call) -> Answer:
    return Answer(200, call.views.label(call.repo, _label_of(call)))


@route("PATCH", REPO + "/labels/{name}")
def _edit_label(call: Call) -> Answer:
    label = _label_of(call)
    color, description = _looks(call)
    label.color, label.description = color or label.color, description if description is not None else label.description
    return Answer(200, call.views.label(call.repo, label))


@route("DELETE", REPO + "/labels/{name}")
def _delete_label(call: Call) -> Answer:
    label = _label_of(call)
    for issue in call.repo.issues.values():
        issue.labels = [name for name in issue.labels if name != label.name]
    del call.repo.labels[label.name.lower()]
    return Answer(204)


def _label_of(call: Call) -> Label:
    label = call.repo.labels.get(call.params["name"].lower())
    if label is None:
        raise not_found()
    return label
