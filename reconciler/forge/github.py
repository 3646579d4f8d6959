"""GitHub and GitHub Enterprise, through PyGithub, which is imported when the first request is made."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Final, TypeVar, cast
from urllib.parse import urlsplit

from reconciler.errors import ForgeError
from reconciler.forge.interface import (
    BODY_LIMIT,
    TITLE_LIMIT,
    CommitState,
    Issue,
    Label,
    PullRequest,
    PushedCommit,
    managed,
)
from reconciler.records import dataclass

if TYPE_CHECKING:
    from github import Github
    from github.GithubException import GithubException
    from github.Issue import Issue as GithubIssue
    from github.PullRequest import PullRequest as GithubPull
    from github.Repository import Repository

_TIMEOUT: Final = 30
_LOST_ANSWERS: Final = 3
_DESCRIPTION_LIMIT: Final = 140

T = TypeVar("T")

_HINTS: Final = {
    401: "set GITHUB_TOKEN to a valid token",
    403: "give the token contents, pull requests and issues: write on this repository",
    404: "check the repository's name, and that the token has access to it",
    410: "turn the feature on in the repository's settings",
}


def api_url(host: str) -> str:
    """The REST API of a GitHub at `host`; GITHUB_API_URL names it where it lies elsewhere."""
    return "https://api.github.com" if host in ("github.com", "www.github.com") else f"https://{host}/api/v3"


@dataclass
class GitHub:
    """The forge of one repository. `url` is the API's base. Close it, or use it as a context manager.

    `pause` False leaves out the pauses between requests that GitHub asks for: for a double only.
    """

    url: str
    owner: str
    name: str
    token: str
    pause: bool = True
    _client: Github | None = None
    _repository: Repository | None = None

    def __repr__(self) -> str:
        return f"GitHub({self.owner}/{self.name} at {self.url})"

    def __enter__(self) -> GitHub:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close_connections()

    def close_connections(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = self._repository = None

    # -- reading ----------------------------------------------------------------------------------------------

    def default_branch(self) -> str:
        with self._asked("read the repository"):
            return self._repo.default_branch

    def login(self) -> str | None:
        from github import GithubException

        with self._asked("read the token's user"):
            try:
                return self._github.get_user().login
            except GithubException as error:
                if error.status == 403:  # installation tokens have no user
                    return None
                raise

    def pull_requests(self, under: str = "", *, closed: bool = False) -> tuple[PullRequest, ...]:
        with self._asked("list pull requests"):
            listed = self._repo.get_pulls(state="all" if closed else "open", sort="created", direction="desc")
            return tuple(_pull(p) for p in listed if self._own(p) and p.head.ref.startswith(under))

    def find(self, branch: str) -> tuple[PullRequest, ...]:
        head = f"{self.owner}:{branch}"
        with self._asked(f"list pull requests of {branch}"):
            listed = self._repo.get_pulls(state="all", head=head, sort="created", direction="desc")
            return tuple(_pull(p) for p in listed if self._own(p) and p.head.ref == branch)

    def get(self, number: int) -> PullRequest:
        with self._asked(f"read pull request #{number}"):
            return _pull(self._repo.get_pull(number))

    def commits(self, number: int) -> tuple[PushedCommit, ...]:
        with self._asked(f"list the commits of pull request #{number}"):
            listed = [(c.sha, c.commit) for c in self._repo.get_pull(number).get_commits()]
            return tuple(PushedCommit(sha, c.author.email, c.committer.email, c.message) for sha, c in listed)

    def closed_by(self, number: int) -> str | None:
        with self._asked(f"read pull request #{number}"):
            by = self._repo.get_issue(number).closed_by
            return by.login if by else None

    def _own(self, pull: GithubPull) -> bool:
        """Whether its branch is in this repository; one from a fork may bear any name."""
        head = pull.head.repo
        return bool(head) and head.full_name.lower() == f"{self.owner}/{self.name}".lower()

    # -- pull requests ----------------------------------------------------------------------------------------

    def open(self, branch: str, base: str, title: str, body: str, labels: Collection[str]) -> PullRequest:
        from github import GithubException

        _fits(title, body)
        with self._asked(f"open a pull request for {branch}"):
            try:
                made = _pull(self._sure(lambda: self._repo.create_pull(base, branch, title=title, body=body)))
            except GithubException as error:
                if error.status != 422 or "already exists" not in _message(error):
                    raise
                made = None
        if made is None:  # opened meanwhile, or by an earlier attempt whose answer was lost
            made = next((pull for pull in self.find(branch) if pull.state == "open" and pull.base == base), None)
        if made is None:
            raise ForgeError(
                "GitHub says that a pull request exists already, and lists none",
                where=f"open a pull request for {branch}",
                hint="run again in a minute",
            )
        return self.update(made, title=title, body=body, labels=labels)

    def update(
        self,
        pull: PullRequest,
        *,
        title: str | None = None,
        body: str | None = None,
        labels: Collection[str] | None = None,
    ) -> PullRequest:
        title = pull.title if title is None else title
        body = pull.body if body is None else _plain(body)
        _fits(title, body)
        with self._asked(f"update pull request #{pull.number}"):
            if (title, body) != (pull.title, pull.body):
                self._repo.get_pull(pull.number).edit(title=title, body=body)
            kept = pull.labels if labels is None else self._relabel(pull, labels)
        return replace(pull, title=title, body=body, labels=kept)

    def _relabel(self, pull: PullRequest, labels: Collection[str]) -> frozenset[str]:
        """Add what is missing and remove what is managed and no longer wanted, one by one: people add some too."""
        wanted, there = {label.lower() for label in labels}, {label.lower() for label in pull.labels}
        missing = sorted(label for label in labels if label.lower() not in there)
        obsolete = sorted(label for label in pull.labels if managed(label) and label.lower() not in wanted)
        issue = self._repo.get_issue(pull.number)
        if missing:
            self._sure(lambda: issue.add_to_labels(*missing))
        for label in obsolete:
            self._remove_label(issue, label)
        return frozenset(pull.labels - set(obsolete) | set(missing))

    def _remove_label(self, issue: GithubIssue, label: str) -> None:
        from github import UnknownObjectException

        try:
            issue.remove_from_labels(label)
        except UnknownObjectException:
            return  # gone already

    def close(self, pull: PullRequest, comment: str) -> PullRequest:
        if pull.state != "open":
            return pull
        self.comment(pull.number, comment)
        with self._asked(f"close pull request #{pull.number}"):
            self._repo.get_pull(pull.number).edit(state="closed")
        return replace(pull, state="closed")

    def comment(self, number: int, body: str) -> None:
        body = _plain(body)
        _fits("", body)
        with self._asked(f"comment on #{number}"):
            self._sure(lambda: self._say(number, body))

    def _say(self, number: int, body: str) -> None:
        issue = self._repo.get_issue(number)
        latest = ""
        for said in issue.get_comments():
            latest = _plain(said.body)
        if latest != body:
            issue.create_comment(body)

    # -- labels, issues, statuses -----------------------------------------------------------------------------

    def ensure_labels(self, labels: Collection[Label]) -> None:
        from github import GithubException

        with self._asked("create labels"):
            there = {label.name.lower() for label in self._repo.get_labels()}
            for label in labels:
                if label.name.lower() in there:
                    continue
                try:
                    self._sure(partial(self._repo.create_label, label.name, label.color, label.description))
                except GithubException as error:
                    if error.status != 422 or "already_exists" not in _message(error):
                        raise

    def upsert_issue(self, title: str, body: str, label: str, *, wanted: bool = True) -> Issue | None:
        body = _plain(body)
        _fits(title, body)
        with self._asked(f"update the issue {title!r}"):
            return self._sure(lambda: self._upsert(title, body, label, wanted=wanted))

    def _upsert(self, title: str, body: str, label: str, *, wanted: bool) -> Issue | None:
        found = self._issue(title, label)
        if found is None:
            return _issue(self._repo.create_issue(title, body, labels=[label])) if wanted else None
        state = "open" if wanted else "closed"
        if (found.state, _plain(found.body)) != (state, body):
            found.edit(body=body, state=state)
        return _issue(found)

    def _issue(self, title: str, label: str) -> GithubIssue | None:
        """The oldest, so that runs which made one each at the same time agree."""
        listed = self._repo.get_issues(state="all", labels=[label], sort="created", direction="asc")
        return next((i for i in listed if i.title == title and i.pull_request is None), None)

    def set_status(self, commit: str, context: str, state: CommitState, description: str, url: str = "") -> None:
        if len(description) > _DESCRIPTION_LIMIT:
            description = description[: _DESCRIPTION_LIMIT - 1] + "…"
        with self._asked(f"set the status of {commit[:12]}"):
            target = {"target_url": url} if url else {}
            at = self._repo.get_commit(commit)
            self._sure(lambda: at.create_status(state, description=description, context=context, **target))

    def _sure(self, step: Callable[[], T]) -> T:
        """Carry out `step`, again where its answer was lost: it must see for itself whether it was done already."""
        from github import GithubException
        from requests import RequestException

        for attempt in range(1, _LOST_ANSWERS + 1):
            try:
                return step()
            except (GithubException, RequestException) as error:
                if isinstance(error, GithubException) and error.status < 500:
                    raise
            time.sleep(self._backoff * 2**attempt)
        return step()

    # -- the connection ---------------------------------------------------------------------------------------

    @property
    def _backoff(self) -> float:
        return 0.5 if self.pause else 0.02

    @property
    def _repo(self) -> Repository:
        if self._repository is None:
            self._repository = self._github.get_repo(f"{self.owner}/{self.name}")
        return self._repository

    @property
    def _github(self) -> Github:
        if self._client is None:
            from github import Auth, Github

            from reconciler.forge.retry import retry

            if not self.token:
                raise ForgeError("no token", where=self.url, hint=_HINTS[401])
            self._client = Github(
                base_url=self.url,
                auth=Auth.Token(self.token),
                user_agent="reconcile",
                timeout=_TIMEOUT,
                retry=retry(self._backoff),
                per_page=100,
                lazy=True,
                seconds_between_requests=0.25 if self.pause else 0,
                seconds_between_writes=1.0 if self.pause else 0,
            )
        return self._client

    @contextmanager
    def _asked(self, operation: str) -> Generator[None]:
        """Turn whatever PyGithub and the network raise into a ForgeError about `operation`."""
        from github import BadAttributeException, GithubException
        from requests import RequestException

        where = f"{self.owner}/{self.name}: {operation}"
        try:
            yield
        except GithubException as error:
            raise _explained(error, where) from error
        except (RequestException, OSError) as error:
            host = urlsplit(self.url).netloc
            hint = "check the network and GITHUB_API_URL, then run again: nothing is done twice"
            what = f"{host} could not be reached or kept failing ({type(error).__name__})"
            raise ForgeError(what, where=where, hint=hint) from error
        except (BadAttributeException, ValueError) as error:
            hint = "check that GITHUB_API_URL names the API of a GitHub"
            raise ForgeError("the answer is not what GitHub's API gives", where=where, hint=hint) from error


def _explained(error: GithubException, where: str) -> ForgeError:
    from github import RateLimitExceededException

    if isinstance(error, RateLimitExceededException):
        hint = "wait until the limit is reset, or use the token of a GitHub App"
        return ForgeError("GitHub's rate limit is used up", where=where, hint=hint)
    what = f"GitHub answered {error.status}: {_message(error) or 'nothing more'}"
    default = "run again later" if error.status >= 500 else None
    return ForgeError(what, where=where, hint=_HINTS.get(error.status, default))


def _message(error: GithubException) -> str:
    """GitHub's message with the errors of single fields, on one line."""
    data = cast("object", error.data)
    if not isinstance(data, dict):
        return str(data or "")[:300]
    answer = cast("dict[str, object]", data)
    said = [str(answer.get("message") or "")]
    errors = answer.get("errors")
    for entry in cast("list[object]", errors) if isinstance(errors, list) else []:
        facts = cast("dict[str, object]", entry) if isinstance(entry, dict) else {"message": entry}
        said.append(str(facts.get("message") or f"{facts.get('field')} {facts.get('code')}"))
    return "; ".join(part for part in said if part)[:600]


def _plain(text: str | None) -> str:
    """GitHub's editor stores CR LF; compared and sent are line feeds."""
    return (text or "").replace("\r\n", "\n")


def _fits(title: str, body: str) -> None:
    if len(title) > TITLE_LIMIT or len(body) > BODY_LIMIT:
        what = f"too long for GitHub: title {len(title)} of {TITLE_LIMIT}, body {len(body)} of {BODY_LIMIT} characters"
        raise ForgeError(what, hint="this is a bug: the report must cut it; please report it")


def _pull(pull: GithubPull) -> PullRequest:
    merged = pull.merged_at is not None
    return PullRequest(
        number=pull.number,
        branch=pull.head.ref,
        base=pull.base.ref,
        title=pull.title,
        body=_plain(pull.body),
        labels=frozenset(label.name for label in pull.labels),
        state="merged" if merged else "open" if pull.state == "open" else "closed",
        head=pull.head.sha,
        author=pull.user.login,
        url=pull.html_url,
        merge_commit=pull.merge_commit_sha if merged else None,
        created_at=pull.created_at,
    )


def _issue(issue: GithubIssue) -> Issue:
    state = "open" if issue.state == "open" else "closed"
    return Issue(issue.number, issue.title, _plain(issue.body), state, issue.html_url)
