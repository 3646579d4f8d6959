"""The double is as strict as GitHub, and each of its routes answers as GitHub describes it."""

from __future__ import annotations

import http.client
import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from reconciler.errors import RepositoryError
from reconciler.repo import Repository
from reconciler.sandbox.github import Exchange, Fault
from reconciler.sandbox.github_routes import routes
from reconciler.sandbox.github_state import Refused
from tests.support.github import NAME, OWNER, Hosted, git
from tests.support.github_openapi import violations

HERE = f"/repos/{OWNER}/{NAME}"


def call(
    estate: Hosted, method: str, path: str, body: object = None, *, token: str | None = None
) -> tuple[int, Any, dict[str, str]]:
    """Ask the double directly; returns status, decoded answer and headers."""
    parts = urlsplit(estate.hub.url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        headers = {"Authorization": f"Bearer {estate.hub.token if token is None else token}"}
        data = None if body is None else json.dumps(body)
        connection.request(method, f"{parts.path}{path}", data, headers)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None, dict(answer.getheaders())
    finally:
        connection.close()


def branch_with_pull(estate: Hosted, name: str = "topic", content: bytes = b"a = 2\n") -> int:
    estate.branch(name, {"main.tf": content})
    status, pull, _ = call(estate, "POST", f"{HERE}/pulls", {"title": "T", "head": name, "base": "main", "body": "B"})
    assert status == 201
    return pull["number"]


def test_every_route_answers_as_described(estate: Hosted) -> None:
    """The fixture compares the answers; here every route is made to succeed once."""
    number = branch_with_pull(estate)
    head = estate.repository.remote_branches()["topic"]
    commit = estate.repository.show(head)
    blob = estate.repository.tree("HEAD").blob_id("main.tf")
    issue, pull = f"{HERE}/issues/{number}", f"{HERE}/pulls/{number}"
    comment = call(estate, "POST", f"{issue}/comments", {"body": "said"})[1]["id"]
    check = call(estate, "POST", f"{HERE}/check-runs", {"name": "drift", "head_sha": head})[1]["id"]
    output = {"title": "t", "summary": "s", "text": "x"}
    calls: list[tuple[str, str, object]] = [
        ("GET", "/user", None),
        ("GET", "/rate_limit", None),
        ("GET", HERE, None),
        ("GET", f"{HERE}/branches", None),
        ("GET", f"{HERE}/branches/topic", None),
        ("GET", f"{HERE}/git/ref/heads/topic", None),
        ("GET", f"{HERE}/git/matching-refs/heads/to", None),
        ("POST", f"{HERE}/git/refs", {"ref": "refs/heads/other", "sha": head}),
        ("PATCH", f"{HERE}/git/refs/heads/other", {"sha": commit.parents[0], "force": True}),
        ("DELETE", f"{HERE}/git/refs/heads/other", None),
        ("GET", f"{HERE}/git/commits/{head}", None),
        ("GET", f"{HERE}/git/trees/{head}?recursive=1", None),
        ("GET", f"{HERE}/git/blobs/{blob}", None),
        ("GET", f"{HERE}/commits?sha=topic&path=main.tf", None),
        ("GET", f"{HERE}/commits/{head}", None),
        ("GET", f"{HERE}/commits/topic/pulls", None),
        ("GET", f"{HERE}/compare/main...topic", None),
        ("GET", f"{HERE}/contents/main.tf?ref=topic", None),
        ("GET", f"{HERE}/contents/", None),
        ("GET", f"{HERE}/pulls?state=all&head={OWNER}:topic&base=main&sort=updated&direction=desc", None),
        ("GET", pull, None),
        ("PATCH", pull, {"title": "T2"}),
        ("GET", f"{pull}/commits", None),
        ("GET", f"{pull}/files", None),
        ("GET", f"{HERE}/issues?state=all&labels=drift&creator=ann&sort=created&direction=asc", None),
        ("POST", f"{HERE}/issues", {"title": "I", "labels": ["drift"]}),
        ("GET", issue, None),
        ("PATCH", f"{HERE}/issues/{number + 1}", {"state": "closed", "state_reason": "not_planned", "labels": []}),
        ("GET", f"{issue}/comments", None),
        ("PATCH", f"{HERE}/issues/comments/{comment}", {"body": "said again"}),
        ("DELETE", f"{HERE}/issues/comments/{comment}", None),
        ("POST", f"{issue}/labels", {"labels": ["one"]}),
        ("PUT", f"{issue}/labels", {"labels": ["two", "three"]}),
        ("GET", f"{issue}/labels", None),
        ("DELETE", f"{issue}/labels/two", None),
        ("DELETE", f"{issue}/labels", None),
        ("GET", f"{HERE}/labels", None),
        ("POST", f"{HERE}/labels", {"name": "new", "color": "ffffff", "description": "d"}),
        ("GET", f"{HERE}/labels/new", None),
        ("PATCH", f"{HERE}/labels/new", {"color": "000000"}),
        ("DELETE", f"{HERE}/labels/new", None),
        ("POST", f"{HERE}/statuses/{head}", {"state": "success", "context": "c", "description": "d"}),
        ("GET", f"{HERE}/commits/topic/status", None),
        ("GET", f"{HERE}/commits/topic/statuses", None),
        ("PATCH", f"{HERE}/check-runs/{check}", {"conclusion": "success", "output": output}),
        ("GET", f"{HERE}/check-runs/{check}", None),
        ("GET", f"{HERE}/commits/topic/check-runs", None),
        ("PUT", f"{pull}/merge", {"merge_method": "squash", "sha": head}),
        ("GET", f"{pull}/merge", None),
    ]
    for method, path, body in calls:
        status, answer, _ = call(estate, method, path, body)
        assert status < 300, (method, path, answer)
    done = {(e.method, e.path) for e in estate.hub.exchanges if e.status < 300}
    silent = [(m, p.pattern) for m, p, _ in routes() if not any(m == n and p.fullmatch(path) for n, path in done)]
    assert silent == []


def test_every_address_is_its_own(estate: Hosted) -> None:
    branch_with_pull(estate)
    _, pull, _ = call(estate, "GET", f"{HERE}/pulls/1")
    addresses = re.findall(r'"(?:https?)://[^/"]+', json.dumps(pull))
    assert {address.strip('"') for address in addresses} == {estate.hub.web}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        ("POST", "/pulls", {"title": "T", "head": "topic", "base": "main"}, 422, "already exists for acme:topic"),
        ("POST", "/pulls", {"title": "T", "head": "absent", "base": "main"}, 422, '"field": "head"'),
        ("POST", "/pulls", {"title": "T", "head": "topic", "base": "absent"}, 422, '"field": "base"'),
        ("POST", "/pulls", {"title": "T", "head": "main", "base": "topic"}, 422, "No commits between topic and main"),
        ("POST", "/pulls", {"title": "T", "head": "mallory:topic", "base": "main"}, 422, '"field": "head"'),
        ("POST", "/pulls", {"head": "topic", "base": "main"}, 422, "missing_field"),
        ("POST", "/pulls", {"title": 1, "head": "topic", "base": "main"}, 422, "is not a string"),
        ("PATCH", "/pulls/1", {"body": "x" * 65_537}, 422, "maximum is 65536"),
        ("PATCH", "/pulls/1", {"title": "x" * 257}, 422, "maximum is 256"),
        ("PATCH", "/pulls/1", {"state": "merged"}, 422, '"field": "state"'),
        ("PATCH", "/pulls/1", {"base": "absent"}, 422, '"field": "base"'),
        ("PATCH", "/pulls/9", {"title": "x"}, 404, "Not Found"),
        ("POST", "/issues/1/comments", {"body": "x" * 65_537}, 422, "maximum is 65536"),
        ("POST", "/issues/1/comments", {"body": " "}, 422, "missing_field"),
        ("POST", "/issues/9/comments", {"body": "x"}, 404, "Not Found"),
        ("POST", "/issues/1/labels", {"labels": [1]}, 422, "Invalid request"),
        ("POST", "/issues/1/labels", {"labels": ["x" * 51]}, 422, '"resource": "Label"'),
        ("DELETE", "/issues/1/labels/absent", None, 404, "Label does not exist"),
        ("POST", "/labels", {"name": "x", "color": "red"}, 422, '"field": "color"'),
        ("POST", "/labels", {"name": "x", "color": "ffffff", "description": "x" * 101}, 422, "maximum is 100"),
        ("POST", "/statuses/" + "0" * 40, {"state": "success"}, 422, "No commit found"),
        ("POST", "/git/refs", {"ref": "heads/x", "sha": "0" * 40}, 422, "must start with 'refs/'"),
        ("POST", "/git/refs", {"ref": "refs/heads/x", "sha": "0" * 40}, 422, "Object does not exist"),
        ("DELETE", "/git/refs/heads/absent", None, 422, "Reference does not exist"),
        ("GET", "/git/ref/heads/absent", None, 404, "Not Found"),
        ("GET", "/contents/absent.tf", None, 404, "Not Found"),
        ("GET", "/branches/absent", None, 404, "Branch not found"),
        ("GET", "/nothing/here", None, 404, "Not Found"),
        ("PUT", "/pulls/1/merge", {"sha": "0" * 40}, 409, "Head branch was modified"),
    ],
)
def test_refused(estate: Hosted, method: str, path: str, body: object, status: int, said: str) -> None:
    branch_with_pull(estate)
    got, answer, _ = call(estate, method, HERE + path, body)
    assert got == status, answer
    assert said in json.dumps(answer)


def test_fifty_annotations_at_most(estate: Hosted) -> None:
    annotation = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}
    for count, status in ((50, 201), (51, 422)):
        output = {"title": "t", "summary": "s", "annotations": [annotation] * count}
        body = {"name": "n", "head_sha": estate.repository.head(), "output": output}
        assert call(estate, "POST", f"{HERE}/check-runs", body)[0] == status


def test_broken_json(estate: Hosted) -> None:
    answer, _ = estate.hub.answer("POST", f"{HERE}/pulls", "", f"token {estate.hub.token}", b"{")
    assert answer.status == 400


@pytest.mark.parametrize("token", ["", "wrong"])
def test_bad_token(estate: Hosted, token: str) -> None:
    assert call(estate, "GET", "/user", token=token)[0] == 401
    with Repository.open(estate.work, token=token) as repository, pytest.raises(RepositoryError, match="credentials"):
        repository.fetch()


def test_pages(estate: Hosted) -> None:
    for number in range(5):
        call(estate, "POST", f"{HERE}/issues", {"title": f"t{number}"})
    status, page, headers = call(estate, "GET", f"{HERE}/issues?per_page=2&page=2&state=all")
    assert (status, [issue["title"] for issue in page]) == (200, ["t2", "t1"])
    links = {rel: page for page, rel in re.findall(r'<[^>]*[?&]page=(\d+)[^>]*>; rel="(\w+)"', headers["Link"])}
    assert links == {"first": "1", "prev": "1", "next": "3", "last": "3"}
    assert "next" not in call(estate, "GET", f"{HERE}/issues?per_page=2&page=3&state=all")[2]["Link"]


@pytest.mark.parametrize(
    ("method", "parents", "committer"), [("merge", 2, "GitHub"), ("squash", 1, "GitHub"), ("rebase", 1, "GitHub")]
)
def test_merge_methods(estate: Hosted, method: Any, parents: int, committer: str) -> None:
    number = branch_with_pull(estate)
    estate.push_as("ann", "main", {"other.tf": "b = 2\n"})
    made = estate.hub.merge(OWNER, NAME, number, method)
    estate.repository.fetch()
    repository = estate.repository
    assert repository.resolve("refs/remotes/origin/main") == made
    assert repository.holds(made, {"main.tf": b"a = 2\n", "other.tf": b"b = 2\n"})
    commit = repository.show(made)
    assert (len(commit.parents), commit.committer.name) == (parents, "GitHub")
    assert commit.author.name == ("reviewer" if method == "merge" else "reconcile")
    subject = {"merge": "Merge pull request #1 from acme/topic", "squash": "change (#1)", "rebase": "change"}
    assert commit.subject == subject[method]


def test_conflict_is_not_mergeable(estate: Hosted) -> None:
    number = branch_with_pull(estate)
    assert call(estate, "GET", f"{HERE}/pulls/{number}")[1]["mergeable_state"] == "clean"
    estate.push_as("ann", "main", {"main.tf": "a = 3\n"})
    assert call(estate, "GET", f"{HERE}/pulls/{number}")[1]["mergeable"] is False
    for method in ("merge", "squash", "rebase"):
        status, answer, _ = call(estate, "PUT", f"{HERE}/pulls/{number}/merge", {"merge_method": method})
        assert (status, answer["message"]) == (405, "Pull Request is not mergeable")
    with pytest.raises(Refused):
        estate.hub.merge(OWNER, NAME, number)


def test_pull_requests_follow_what_is_pushed(estate: Hosted) -> None:
    number = branch_with_pull(estate)
    pushed = estate.push_as("ann", "topic", {"main.tf": "a = 5\n"})
    _, pull, _ = call(estate, "GET", f"{HERE}/pulls/{number}")
    assert (pull["head"]["sha"], pull["commits"]) == (pushed, 2)
    clone = estate.work.parent / "clone-of-ann"
    assert pushed in git(clone, "ls-remote", "origin", f"refs/pull/{number}/head")
    git(clone, "push", "--quiet", "origin", "topic:main")
    merged = call(estate, "GET", f"{HERE}/pulls/{number}")[1]
    assert (merged["state"], merged["merged"], merged["merge_commit_sha"]) == ("closed", True, pushed)


def test_emptied_branch_closes_without_merging(estate: Hosted) -> None:
    number = branch_with_pull(estate)
    git(estate.work, "push", "--quiet", "--force", estate.url.replace("://", f"://x:{estate.hub.token}@"), "main:topic")
    pull = call(estate, "GET", f"{HERE}/pulls/{number}")[1]
    assert (pull["state"], pull["merged"]) == ("closed", False)


def test_reopening(estate: Hosted) -> None:
    number = branch_with_pull(estate)
    path = f"{HERE}/pulls/{number}"
    for state in ("closed", "open"):
        assert call(estate, "PATCH", path, {"state": state})[1]["state"] == state
    head = estate.repository.remote_branches()["topic"]
    estate.repository.delete("topic", head)
    status, answer, _ = call(estate, "PATCH", path, {"state": "open"})
    assert status == 422
    assert "branch has been deleted" in json.dumps(answer)


def test_a_repository_is_made_once(estate: Hosted) -> None:
    with pytest.raises(Refused):
        estate.hub.create_repository(OWNER.upper(), NAME)


def test_protected_branch(estate: Hosted) -> None:
    estate.hub.protect(OWNER, NAME, "main")
    head = estate.repository.head()
    made = estate.repository.commit("main", head, {"main.tf": b"a = 9\n"}, "direct")
    with pytest.raises(RepositoryError, match="GH006") as caught:
        estate.repository.push("main", head, commit=made)
    assert "protection" in (caught.value.hint or "")


def test_faults_come_as_often_as_asked(estate: Hosted) -> None:
    estate.hub.fail(Fault(503, times=2, path="/user", retry_after=7))
    answers = [call(estate, "GET", "/user") for _ in range(3)]
    assert [status for status, _, _ in answers] == [503, 503, 200]
    assert answers[0][2]["Retry-After"] == "7"


# -- the judge itself -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exchange", "said"),
    [
        (Exchange("GET", "/repos/a/b/pulls", {"stat": "all"}, None, 200, [], None), "query stat"),
        (Exchange("GET", "/repos/a/b/pulls", {"state": "merged"}, None, 200, [], None), "query state"),
        (Exchange("POST", "/repos/a/b/issues", {}, {"body": "x"}, 201, {}, None), "request : 'title' is a required"),
        (Exchange("GET", "/repos/a/b/labels", {}, None, 200, [{"id": 1}], None), "answer 0: 'node_id' is a required"),
        (Exchange("GET", "/user", {}, None, 418, {}, None), "status not among"),
        (Exchange("PUT", "/user", {}, None, 200, {}, None), "no such operation"),
    ],
)
def test_judge_finds(exchange: Exchange, said: str) -> None:
    assert any(said in what for what in violations([exchange]))
