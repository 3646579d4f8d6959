"""The product's forge against the double; the fixture checks all traffic with GitHub's own description."""

from __future__ import annotations

import pytest

from reconciler.errors import ForgeError
from reconciler.forge import BODY_LIMIT, GitHub, Label, PullRequest, api_url
from reconciler.sandbox.github import Fault
from tests.support.github import NAME, OWNER, Hosted, git

BRANCH = "reconcile/adopt/main/abc123"
LABELS = ("drift", "adopt", "severity:high")


def opened(estate: Hosted, branch: str = BRANCH) -> PullRequest:
    estate.branch(branch, {"main.tf": b"a = 2\n"})
    return estate.forge.open(branch, "main", "Adopt a", "body", LABELS)


def writes(estate: Hosted) -> list[tuple[str, str]]:
    return [(e.method, e.path.partition(f"/{NAME}")[2]) for e in estate.hub.exchanges if e.method != "GET"]


def test_life_of_a_pull_request(estate: Hosted) -> None:
    forge = estate.forge
    assert forge.find(BRANCH) == ()
    pull = opened(estate)
    assert (pull.state, pull.labels, pull.author) == ("open", frozenset(LABELS), "reconcile[bot]")
    assert pull.head == estate.repository.remote_branches()[BRANCH]
    assert forge.find(BRANCH) == forge.pull_requests("reconcile/") == (forge.get(pull.number),) == (pull,)

    updated = forge.update(pull, title="Adopt a and b", body="new", labels=("drift", "adopt", "severity:low"))
    assert forge.get(pull.number) == updated
    assert (updated.title, updated.body) == ("Adopt a and b", "new")
    assert updated.labels == {"drift", "adopt", "severity:low"}

    merged = estate.hub.merge(OWNER, NAME, pull.number)
    after = forge.get(pull.number)
    assert (after.state, after.merge_commit) == ("merged", merged)
    assert forge.closed_by(pull.number) == "reviewer"
    assert forge.pull_requests() == ()
    assert forge.pull_requests(closed=True) == forge.find(BRANCH) == (after,)
    estate.repository.fetch()
    assert estate.repository.tree("refs/remotes/origin/main").read("main.tf") == b"a = 2\n"


def test_opening_and_updating_again_changes_nothing(estate: Hosted) -> None:
    pull = opened(estate)
    before = len(writes(estate))
    assert estate.forge.update(pull, title="Adopt a", body="body\r\n".strip(), labels=LABELS) == pull
    assert len(writes(estate)) == before
    assert estate.forge.open(BRANCH, "main", "Adopt a", "body", LABELS) == pull
    assert writes(estate)[before:] == [("POST", "/pulls")]  # refused as a duplicate
    assert len(estate.forge.pull_requests()) == 1


def test_labels_of_people_stay(estate: Hosted) -> None:
    pull = opened(estate)
    person = GitHub(estate.hub.url, OWNER, NAME, estate.hub.user_token("ann"), pause=False)
    with person:
        person.update(pull, labels=(*LABELS, "team:payments"))
    seen = estate.forge.get(pull.number)
    assert "team:payments" in seen.labels
    estate.forge.update(seen, labels=("drift", "revert", "severity:critical"))
    assert estate.forge.get(pull.number).labels == {"drift", "revert", "severity:critical", "team:payments"}


def test_closing_comments_once_and_tells_who(estate: Hosted) -> None:
    pull = opened(estate)
    assert estate.forge.closed_by(pull.number) is None
    closed = estate.forge.close(pull, "The drift is gone.")
    assert estate.forge.close(closed, "The drift is gone.") == closed == estate.forge.get(pull.number)
    issue = estate.hub.repo(OWNER, NAME).issues[pull.number]
    assert [comment.body for comment in issue.comments] == ["The drift is gone."]
    assert estate.forge.closed_by(pull.number) == estate.forge.login() == "reconcile[bot]"


def test_commits_tell_a_persons_push_from_ours(estate: Hosted) -> None:
    pull = opened(estate)
    pushed = estate.push_as("ann", BRANCH, {"main.tf": "a = 3\n"})
    ours, theirs = estate.forge.commits(pull.number)
    assert (ours.id, ours.committer_email) == (pull.head, "reconcile@noreply.invalid")
    assert (theirs.id, theirs.committer_email) == (pushed, "dev@example.com")
    assert estate.forge.get(pull.number).head == pushed


def test_dashboard_issue_is_one(estate: Hosted) -> None:
    forge = estate.forge
    assert forge.upsert_issue("Drift", "nothing", "drift", wanted=False) is None
    first = forge.upsert_issue("Drift", "5 more", "drift")
    assert first is not None
    assert forge.upsert_issue("Drift", "5 more", "drift") == first
    second = forge.upsert_issue("Drift", "4 more", "drift")
    assert second is not None
    assert (second.number, second.body) == (first.number, "4 more")
    closed = forge.upsert_issue("Drift", "none", "drift", wanted=False)
    assert closed is not None
    assert closed.state == "closed"
    again = forge.upsert_issue("Drift", "1 more", "drift")
    assert again is not None
    assert (again.number, again.state) == (first.number, "open")


def test_labels_are_made_where_missing_and_keep_their_looks(estate: Hosted) -> None:
    estate.forge.ensure_labels([Label("drift", "d93f0b", "Live differs from the code")])
    estate.forge.ensure_labels([Label("Drift", "000000"), Label("adopt", "0e8a16")])
    labels = estate.hub.repo(OWNER, NAME).labels
    assert {(label.name, label.color) for label in labels.values()} == {("drift", "d93f0b"), ("adopt", "0e8a16")}


def test_status_is_cut_to_what_github_takes(estate: Hosted) -> None:
    head = estate.repository.head()
    estate.forge.set_status(head, "reconcile", "failure", "x" * 500, "https://example.com/run/1")
    (status,) = estate.hub.repo(OWNER, NAME).statuses
    assert (status.state, len(status.description or "")) == ("failure", 140)


def test_more_than_a_page(estate: Hosted) -> None:
    for number in range(103):
        estate.forge.upsert_issue(f"issue {number}", "", "other")
    repo, state = estate.hub.repo(OWNER, NAME), estate.hub.state
    head = estate.branch("reconcile/x", {"main.tf": b"a = 2\n"})
    for number in range(101):
        repo.git.set_ref(f"refs/heads/reconcile/{number}", head)
        state.open_pull(repo, estate.hub.bot, str(number), None, f"reconcile/{number}", "main")
    found = estate.forge.pull_requests("reconcile/")
    assert [pull.title for pull in found] == [str(number) for number in reversed(range(101))]


def test_pull_requests_of_forks_are_not_ours(estate: Hosted) -> None:
    opened(estate)
    estate.branch("feature", {"other.tf": b"b = 2\n"})
    estate.forge.open("feature", "main", "by hand", "", ())
    assert [pull.branch for pull in estate.forge.pull_requests("reconcile/")] == [BRANCH]


# -- what goes wrong ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_that_recovers(estate: Hosted, status: int) -> None:
    estate.hub.fail(Fault(status, times=3))
    assert estate.forge.default_branch() == "main"


def test_a_server_that_does_not_recover(estate: Hosted) -> None:
    estate.hub.fail(Fault(502, times=100))
    with pytest.raises(ForgeError) as caught:
        estate.forge.find(BRANCH)
    assert "kept failing" in caught.value.what
    assert len(estate.hub.exchanges) < 10


@pytest.mark.parametrize("path", ["/pulls", "/issues/1/labels", "/issues/1/comments"], ids=["open", "label", "comment"])
def test_nothing_is_done_twice_where_an_answer_is_lost(estate: Hosted, path: str) -> None:
    estate.branch(BRANCH, {"main.tf": b"a = 2\n"})
    estate.hub.fail(Fault(502, method="POST", path=path, after=True))
    pull = estate.forge.open(BRANCH, "main", "Adopt a", "body", LABELS)
    estate.forge.comment(pull.number, "said once")
    (issue,) = estate.hub.repo(OWNER, NAME).issues.values()
    assert [comment.body for comment in issue.comments] == ["said once"]
    assert set(issue.labels) == set(LABELS)


def test_a_lost_issue_is_found_again(estate: Hosted) -> None:
    estate.hub.fail(Fault(502, method="POST", path="/issues", after=True))
    estate.forge.upsert_issue("Drift", "x", "drift")
    assert len(estate.hub.repo(OWNER, NAME).issues) == 1


def test_secondary_limit_is_waited_for(estate: Hosted) -> None:
    estate.branch(BRANCH, {"main.tf": b"a = 2\n"})
    message = "You have exceeded a secondary rate limit."
    estate.hub.fail(Fault(403, method="POST", path="/pulls", message=message, retry_after=1))
    estate.forge.open(BRANCH, "main", "Adopt a", "body", ())
    assert [e.status for e in estate.hub.exchanges if e.method == "POST"] == [403, 201]


def test_a_used_up_rate_limit_is_not_waited_for(estate: Hosted) -> None:
    estate.hub.fail(Fault(403, times=9, message="API rate limit exceeded for user ID 1."))
    with pytest.raises(ForgeError, match="rate limit is used up"):
        estate.forge.find(BRANCH)
    assert len(estate.hub.exchanges) == 1


def test_no_wait_is_longer_than_a_minute() -> None:
    from urllib3 import HTTPResponse

    from reconciler.forge.retry import retry

    for asked, waited in (("7", 7), ("86400", 60)):
        assert retry(0).get_retry_after(HTTPResponse(headers={"Retry-After": asked})) == waited


@pytest.mark.parametrize(
    ("name", "token", "what", "hint"),
    [
        (NAME, "wrong", "401", "GITHUB_TOKEN"),
        ("absent", None, "404", "access"),
        (NAME, "", "no token", "GITHUB_TOKEN"),
    ],
)
def test_who_may_not(estate: Hosted, name: str, token: str | None, what: str, hint: str) -> None:
    token = estate.hub.token if token is None else token
    with GitHub(estate.hub.url, OWNER, name, token, pause=False) as forge, pytest.raises(ForgeError) as caught:
        forge.default_branch()
    assert what in str(caught.value)
    assert hint in (caught.value.hint or "")
    assert not token or token not in str(caught.value) + repr(forge)


def test_nothing_to_propose(estate: Hosted) -> None:
    estate.repository.push("reconcile/empty", None, commit="HEAD")
    with pytest.raises(ForgeError, match="No commits between main and reconcile/empty"):
        estate.forge.open("reconcile/empty", "main", "t", "b", ())


def test_too_long_a_body_never_leaves(estate: Hosted) -> None:
    before = len(estate.hub.exchanges)
    with pytest.raises(ForgeError, match="too long"):
        estate.forge.open(BRANCH, "main", "t", "x" * (BODY_LIMIT + 1), ())
    assert len(estate.hub.exchanges) == before


def test_a_wrong_address() -> None:
    with GitHub("http://127.0.0.1:9", "o", "n", "t", pause=False) as forge, pytest.raises(ForgeError) as caught:
        forge.default_branch()
    assert "GITHUB_API_URL" in (caught.value.hint or "")


def test_an_address_that_is_no_api(estate: Hosted) -> None:
    with GitHub(estate.hub.web, OWNER, NAME, "t", pause=False) as forge, pytest.raises(ForgeError):
        forge.default_branch()


def test_api_address() -> None:
    assert api_url("github.com") == "https://api.github.com"
    assert api_url("git.example.com") == "https://git.example.com/api/v3"


def test_deleting_the_branch_closes(estate: Hosted) -> None:
    pull = opened(estate)
    estate.repository.delete(BRANCH, pull.head)
    assert estate.forge.get(pull.number).state == "closed"
    assert BRANCH not in git(estate.work, "ls-remote", estate.url.replace("://", f"://x:{estate.hub.token}@"))
