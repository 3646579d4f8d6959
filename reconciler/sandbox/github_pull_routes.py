"""Pull requests in the REST API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reconciler.sandbox.github_call import BODY_LIMIT, REPO, TITLE_LIMIT, Answer, Call, route
from reconciler.sandbox.github_state import Issue, Repo, invalid, not_found, now


@route("GET", REPO + "/pulls")
def _pulls(call: Call) -> Answer:
    repo, query = call.repo, call.query
    state = query.get("state", "open")
    if state not in ("open", "closed", "all"):
        raise invalid("PullRequest", "state")
    owner, _, head = query.get("head", "").rpartition(":")
    found = [
        (issue, pull)
        for issue, pull in repo.pulls()
        if state in ("all", issue.state)
        # as GitHub: without the owner the filter is ignored
        and (not owner or (owner.lower() == repo.owner.login.lower() and pull.head == head))
        and query.get("base") in (None, pull.base)
    ]
    keys: dict[str, Callable[[tuple[Issue, object]], object]] = {
        "updated": lambda item: (item[0].updated_at, item[0].number),
    }
    sort = query.get("sort", "created")
    found.sort(key=keys.get(sort, lambda item: item[0].number))  # pyright: ignore[reportArgumentType, reportCallIssue]
    if query.get("direction", "desc" if sort == "created" else "asc") == "desc":
        found.reverse()
    return call.paged(found, lambda item: call.views.pull(repo, *item))


@route("POST", REPO + "/pulls")
def _open_pull(call: Call) -> Answer:
    title = call.required("PullRequest", "title", TITLE_LIMIT)
    head, base = call.required("PullRequest", "head"), call.required("PullRequest", "base")
    body = call.text("PullRequest", "body", BODY_LIMIT)
    issue = call.state.open_pull(call.repo, call.user, title, body, head, base, draft=call.flag("draft"))
    _, pull = call.repo.pull(issue.number)
    address = call.views.url(call.repo, f"/pulls/{issue.number}")
    return Answer(201, call.views.whole_pull(call.repo, issue, pull), (("Location", address),))


@route("GET", REPO + "/pulls/{number}")
def _pull(call: Call) -> Answer:
    return Answer(200, call.views.whole_pull(call.repo, *call.repo.pull(int(call.params["number"]))))


@route("PATCH", REPO + "/pulls/{number}")
def _edit_pull(call: Call) -> Answer:
    repo = call.repo
    issue, pull = repo.pull(int(call.params["number"]))
    base = call.text("PullRequest", "base")
    if base is not None and base not in repo.git.branches():
        raise invalid("PullRequest", "base")
    edit(call, issue, "PullRequest")
    if base is not None:
        pull.base = base
        repo.follow(call.user)
    return Answer(200, call.views.whole_pull(repo, issue, pull))


def edit(call: Call, issue: Issue, resource: str) -> None:
    """Title, body and state: all checked before any is changed."""
    title = call.text(resource, "title", TITLE_LIMIT)
    if title is not None and not title.strip():
        raise invalid(resource, "title", "missing_field")
    body = call.text(resource, "body", BODY_LIMIT)
    state = call.choice(resource, "state", ("open", "closed"))
    reason = call.choice("Issue", "state_reason", ("completed", "not_planned", "duplicate", "reopened"))
    if state == "open" and issue.state == "closed" and issue.pull is not None:
        _may_reopen(call.repo, issue)
    if title is not None and title != issue.title:
        issue.title, issue.updated_at = title, now()
    if "body" in call.fields and body != issue.body:
        issue.body, issue.updated_at = body, now()
    if state == "closed" and issue.state == "open":
        issue.close(call.user, reason if issue.pull is None else None)
    elif state == "open" and issue.state == "closed":
        issue.reopen()


def _may_reopen(repo: Repo, issue: Issue) -> None:
    pull = issue.pull
    assert pull is not None
    branches = repo.git.branches()
    message = None
    if pull.merged_at is not None:
        message = "state cannot be changed. The pull request cannot be reopened."
    elif pull.head not in branches:
        message = f"state cannot be changed. The {pull.head} branch has been deleted."
    elif branches[pull.head] != pull.head_sha and not repo.git.contains(branches[pull.head], pull.head_sha):
        message = f"state cannot be changed. The {pull.head} branch was force-pushed or recreated."
    elif any(o.state == "open" and (p.head, p.base) == (pull.head, pull.base) for o, p in repo.pulls()):
        message = f"state cannot be changed. There is already an open pull request for {pull.head}."
    if message:
        raise invalid("PullRequest", "state", "invalid", message)


@route("GET", REPO + "/pulls/{number}/commits")
def _pull_commits(call: Call) -> Answer:
    repo = call.repo
    _, pull = repo.pull(int(call.params["number"]))
    commits = repo.git.log(f"{_base_of(repo, pull.base_sha, pull.head_sha)}..{pull.head_sha}", limit=250)
    return call.paged(commits[::-1], lambda commit: call.views.commit(repo, commit))


@route("GET", REPO + "/pulls/{number}/files")
def _pull_files(call: Call) -> Answer:
    repo = call.repo
    _, pull = repo.pull(int(call.params["number"]))
    changes = repo.git.changes(_base_of(repo, pull.base_sha, pull.head_sha), pull.head_sha)
    return call.paged(changes, lambda change: call.views.change(repo, pull.head_sha, change))


def _base_of(repo: Repo, base: str, head: str) -> str:
    return repo.git.merge_base(base, head) or base


@route("GET", REPO + "/pulls/{number}/merge")
def _is_merged(call: Call) -> Answer:
    _, pull = call.repo.pull(int(call.params["number"]))
    if pull.merged_at is None:
        raise not_found()
    return Answer(204)


@route("PUT", REPO + "/pulls/{number}/merge")
def _merge(call: Call) -> Answer:
    call = call if call.body is not None else replace(call, body={})
    method = call.choice("PullRequest", "merge_method", ("merge", "squash", "rebase"), "merge")
    sha = call.state.merge(
        call.repo,
        int(call.params["number"]),
        call.user,
        "squash" if method == "squash" else "rebase" if method == "rebase" else "merge",
        title=call.text("PullRequest", "commit_title"),
        message=call.text("PullRequest", "commit_message"),
        sha=call.text("PullRequest", "sha"),
    )
    return Answer(200, {"sha": sha, "merged": True, "message": "Pull Request successfully merged"})
