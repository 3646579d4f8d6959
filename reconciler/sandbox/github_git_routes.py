"""The git side of the REST API: branches, refs, commits, trees, contents, comparisons."""

from __future__ import annotations

import re

from reconciler.sandbox.github_call import REPO, Answer, Call, route
from reconciler.sandbox.github_state import Refused, not_found
from reconciler.sandbox.github_views import View


@route("GET", REPO + "/branches")
def _branches(call: Call) -> Answer:
    repo = call.repo
    return call.paged(sorted(repo.git.branches().items()), lambda item: call.views.branch(repo, *item))


@route("GET", REPO + "/branches/{branch+}")
def _branch(call: Call) -> Answer:
    sha = call.repo.git.branches().get(call.params["branch"])
    if sha is None:
        raise Refused(404, "Branch not found")
    return Answer(200, call.views.branch(call.repo, call.params["branch"], sha, whole=True))


@route("GET", REPO + "/git/ref/{ref+}")
def _ref(call: Call) -> Answer:
    ref = f"refs/{call.params['ref']}"
    sha = call.repo.git.refs().get(ref)
    if sha is None:
        raise not_found()
    return Answer(200, call.views.ref(call.repo, ref, sha))


@route("GET", REPO + "/git/matching-refs/{ref+}")
def _matching_refs(call: Call) -> Answer:
    start = f"refs/{call.params['ref']}"
    found = [item for item in sorted(call.repo.git.refs().items()) if item[0].startswith(start)]
    return call.paged(found, lambda item: call.views.ref(call.repo, *item))


@route("POST", REPO + "/git/refs")
def _create_ref(call: Call) -> Answer:
    git = call.repo.git
    ref, sha = call.required("Reference", "ref"), call.required("Reference", "sha")
    if not re.fullmatch(r"refs/[^/]+/.+", ref):
        raise Refused(422, "Reference name must start with 'refs/' and contain at least two slashes")
    if git.kind(sha) is None:
        raise Refused(422, "Object does not exist")
    if ref in git.refs():
        raise Refused(422, "Reference already exists")
    if not git.set_ref(ref, sha):
        raise Refused(422, "Reference name is not well formed")
    return Answer(201, call.views.ref(call.repo, ref, sha))


@route("PATCH", REPO + "/git/refs/{ref+}")
def _update_ref(call: Call) -> Answer:
    git, ref = call.repo.git, f"refs/{call.params['ref']}"
    sha, old = call.required("Reference", "sha"), git.refs().get(ref)
    if old is None:
        raise Refused(422, "Reference does not exist")
    if git.kind(sha) != "commit":
        raise Refused(422, "Object does not exist")
    if not call.flag("force") and not git.contains(sha, old):
        raise Refused(422, "Update is not a fast forward")
    git.set_ref(ref, sha, old)
    call.repo.follow(call.user)
    return Answer(200, call.views.ref(call.repo, ref, sha))


@route("DELETE", REPO + "/git/refs/{ref+}")
def _delete_ref(call: Call) -> Answer:
    ref = f"refs/{call.params['ref']}"
    if ref not in call.repo.git.refs() or not call.repo.git.delete_ref(ref):
        raise Refused(422, "Reference does not exist")
    call.repo.follow(call.user)
    return Answer(204)


@route("GET", REPO + "/git/commits/{sha}")
def _git_commit(call: Call) -> Answer:
    if call.repo.git.kind(call.params["sha"]) != "commit":
        raise not_found()
    return Answer(200, call.views.git_commit(call.repo, call.repo.git.commit(call.params["sha"])))


@route("GET", REPO + "/git/trees/{sha}")
def _git_tree(call: Call) -> Answer:
    sha = call.params["sha"]
    sha = call.repo.git.resolve(sha) or sha
    if call.repo.git.kind(sha) not in ("commit", "tree"):
        raise not_found()
    entries = call.repo.git.tree(sha, recursive="recursive" in call.query)
    return Answer(200, call.views.tree(call.repo, sha, entries))


@route("GET", REPO + "/git/blobs/{sha}")
def _git_blob(call: Call) -> Answer:
    sha = call.params["sha"]
    if call.repo.git.kind(sha) != "blob":
        raise not_found()
    return Answer(200, call.views.blob(call.repo, sha, call.repo.git.blob(sha)))


@route("GET", REPO + "/commits")
def _commits(call: Call) -> Answer:
    sha = commit_id(call, call.query.get("sha") or call.repo.default_branch)
    found = call.repo.git.log(sha, path=call.query.get("path"))
    return call.paged(found, lambda commit: call.views.commit(call.repo, commit))


@route("GET", REPO + "/commits/{ref+}/status")
def _combined(call: Call) -> Answer:
    repo, sha = call.repo, commit_id(call, call.params["ref"])
    latest = {status.context: status for status in repo.statuses if status.sha == sha}
    states = {status.state for status in latest.values()}
    state = "failure" if states & {"failure", "error"} else "success" if states == {"success"} else "pending"
    shown, headers = call.page(list(latest.values()))
    view: View = {
        "state": state,
        "sha": sha,
        "total_count": len(latest),
        "statuses": [call.views.status(repo, status) for status in shown],
        "repository": call.views.repo(repo),
        "commit_url": call.views.url(repo, f"/commits/{sha}"),
        "url": call.views.url(repo, f"/commits/{sha}/status"),
    }
    return Answer(200, view, headers)


@route("GET", REPO + "/commits/{ref+}/statuses")
def _statuses(call: Call) -> Answer:
    sha = commit_id(call, call.params["ref"])
    found = [status for status in reversed(call.repo.statuses) if status.sha == sha]
    return call.paged(found, lambda status: call.views.status(call.repo, status))


@route("GET", REPO + "/commits/{ref+}/check-runs")
def _check_runs(call: Call) -> Answer:
    sha = commit_id(call, call.params["ref"])
    found = [check for check in call.repo.checks.values() if check.head_sha == sha]
    shown, headers = call.page(found)
    checks = [call.views.check(call.repo, check) for check in shown]
    return Answer(200, {"total_count": len(found), "check_runs": checks}, headers)


@route("GET", REPO + "/commits/{ref+}/pulls")
def _pulls_of_commit(call: Call) -> Answer:
    repo, sha = call.repo, commit_id(call, call.params["ref"])
    found = [(i, p) for i, p in repo.pulls() if sha == p.merge_sha or repo.git.contains(p.head_sha, sha)]
    found = [
        (i, p) for i, p in found if sha == p.merge_sha or not repo.git.contains(f"{p.merge_sha or p.base_sha}^", sha)
    ]
    return call.paged(found, lambda item: call.views.pull(repo, *item))


@route("GET", REPO + "/commits/{ref+}")
def _commit(call: Call) -> Answer:
    repo = call.repo
    commit = repo.git.commit(commit_id(call, call.params["ref"]))
    changes = repo.git.changes(commit.parents[0], commit.sha) if commit.parents else []
    total = {"additions": sum(c.additions for c in changes), "deletions": sum(c.deletions for c in changes)}
    stats = total | {"total": total["additions"] + total["deletions"]}
    files = [call.views.change(repo, commit.sha, change) for change in changes]
    return Answer(200, {**call.views.commit(repo, commit), "stats": stats, "files": files})


@route("GET", REPO + "/compare/{basehead+}")
def _compare(call: Call) -> Answer:
    repo = call.repo
    base_name, dots, head_name = call.params["basehead"].partition("...")
    if not dots:
        raise not_found()
    base, head = commit_id(call, base_name), commit_id(call, head_name)
    common = repo.git.merge_base(base, head)
    if common is None:
        raise Refused(404, f"No common ancestor between {base_name} and {head_name}.")
    ahead, behind = repo.git.count(f"{base}..{head}"), repo.git.count(f"{head}..{base}")
    names = {(False, False): "identical", (True, False): "ahead", (False, True): "behind", (True, True): "diverged"}
    page = call.views.page(repo, f"/compare/{base_name}...{head_name}")
    view: View = {
        "url": call.url,
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": call.views.commit(repo, repo.git.commit(base)),
        "merge_base_commit": call.views.commit(repo, repo.git.commit(common)),
        "status": names[ahead > 0, behind > 0],
        "ahead_by": ahead,
        "behind_by": behind,
        "total_commits": ahead,
        "commits": [call.views.commit(repo, commit) for commit in reversed(repo.git.log(f"{base}..{head}"))],
        "files": [call.views.change(repo, head, change) for change in repo.git.changes(common, head)],
    }
    return Answer(200, view)


@route("GET", REPO + "/contents/{path*}")
def _contents(call: Call) -> Answer:
    repo, path = call.repo, call.params["path"].strip("/")
    ref = call.query.get("ref") or repo.default_branch
    found = repo.git.at(commit_id(call, ref), path)
    if found is None:
        raise not_found()
    kind, sha = found
    if kind == "blob":
        content = repo.git.blob(sha)
        return Answer(200, call.views.content(repo, ref, path, kind, sha, content, len(content)))
    prefix = f"{path}/" if path else ""
    listing = [
        call.views.content(repo, ref, prefix + entry.path, entry.type, entry.sha, None, entry.size or 0)
        for entry in repo.git.tree(sha)
    ]
    return Answer(200, listing)


def commit_id(call: Call, ref: str) -> str:
    sha = call.repo.git.resolve(ref.rpartition(":")[2])
    if sha is None:
        raise Refused(422, f"No commit found for SHA: {ref}")
    return sha
