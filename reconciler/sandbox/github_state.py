"""What the double remembers, and the rules by which GitHub changes it."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from reconciler.records import dataclass
from reconciler.sandbox.github_git import BareRepository, Conflict, GitCommit

MergeMethod = Literal["merge", "squash", "rebase"]


class Refused(Exception):
    """The answer is an error: status, GitHub's message, and what is wrong with which field."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: Iterable[Mapping[str, str]] = (),
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = list(errors)
        self.headers = tuple(headers)


def invalid(resource: str, field_name: str, code: str = "invalid", message: str | None = None) -> Refused:
    error = {"resource": resource, "field": field_name, "code": code}
    return Refused(422, "Validation Failed", [error | ({"message": message} if message else {})])


def not_found() -> Refused:
    return Refused(404, "Not Found")


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class User:
    id: int
    login: str
    token: str = field(repr=False)
    type: Literal["User", "Bot"] = "User"

    @property
    def person(self) -> tuple[str, str]:
        return self.login, f"{self.id}+{self.login}@users.noreply.github.com"


@dataclass
class Label:
    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass
class Comment:
    id: int
    user: User
    body: str
    created_at: str
    updated_at: str


@dataclass
class Pull:
    """`base_sha` and `head_sha` follow the branches while the pull request is open."""

    head: str
    base: str
    head_sha: str
    base_sha: str
    draft: bool = False
    merged_at: str | None = None
    merged_by: User | None = None
    merge_sha: str | None = None


@dataclass
class Issue:
    id: int
    number: int
    user: User
    title: str
    body: str | None
    created_at: str
    updated_at: str
    labels: list[str] = field(default_factory=list[str])
    comments: list[Comment] = field(default_factory=list[Comment])
    state: Literal["open", "closed"] = "open"
    state_reason: str | None = None
    closed_at: str | None = None
    closed_by: User | None = None
    pull: Pull | None = None

    def close(self, by: User | None, reason: str | None = None) -> None:
        self.state, self.closed_at, self.closed_by, self.updated_at = "closed", now(), by, now()
        self.state_reason = reason or ("completed" if self.pull is None else None)

    def reopen(self) -> None:
        self.state, self.closed_at, self.closed_by, self.updated_at = "open", None, None, now()
        self.state_reason = "reopened" if self.pull is None else None


@dataclass
class Status:
    id: int
    sha: str
    state: str
    context: str
    description: str | None
    target_url: str | None
    creator: User
    created_at: str


@dataclass
class Check:
    id: int
    head_sha: str
    name: str
    status: str
    conclusion: str | None
    started_at: str | None
    completed_at: str | None
    external_id: str
    details_url: str | None
    title: str | None
    summary: str | None
    text: str | None
    annotations: int


@dataclass
class Repo:
    id: int
    owner: User
    name: str
    git: BareRepository
    default_branch: str
    created_at: str
    issues: dict[int, Issue] = field(default_factory=dict[int, Issue])
    labels: dict[str, Label] = field(default_factory=dict[str, Label])
    statuses: list[Status] = field(default_factory=list[Status])
    checks: dict[int, Check] = field(default_factory=dict[int, Check])

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    def pulls(self) -> Iterator[tuple[Issue, Pull]]:
        for issue in self.issues.values():
            if issue.pull is not None:
                yield issue, issue.pull

    def pull(self, number: int) -> tuple[Issue, Pull]:
        issue = self.issues.get(number)
        if issue is None or issue.pull is None:
            raise not_found()
        return issue, issue.pull

    def follow(self, by: User | None = None) -> None:
        """Bring open pull requests up to what was pushed: new heads, deleted branches, merges done by hand."""
        branches = self.git.branches()
        for issue, pull in self.pulls():
            if issue.state == "closed":
                continue
            head, base = branches.get(pull.head), branches.get(pull.base)
            if head is None or base is None:
                issue.close(by)
                continue
            if (head, base) == (pull.head_sha, pull.base_sha):
                continue
            head_moved, pull.head_sha, pull.base_sha = head != pull.head_sha, head, base
            if head_moved:
                issue.updated_at = now()
                self.git.set_ref(f"refs/pull/{issue.number}/head", head)
            if self.git.contains(base, head):
                if not head_moved:
                    pull.merged_at, pull.merged_by, pull.merge_sha = now(), by, base
                issue.close(by)


@dataclass
class State:
    """Everything but the repositories' contents, which lie below `folder`."""

    folder: Path
    users: dict[str, User] = field(default_factory=dict[str, User])
    repos: dict[str, Repo] = field(default_factory=dict[str, Repo])
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1001))

    def user(self, login: str, kind: Literal["User", "Bot"] = "User") -> User:
        if login.lower() not in self.users:
            self.users[login.lower()] = User(self.next_id(), login, f"ghs_{secrets.token_hex(18)}", kind)
        return self.users[login.lower()]

    def by_token(self, token: str) -> User | None:
        return next((user for user in self.users.values() if secrets.compare_digest(user.token, token)), None)

    def repo(self, owner: str, name: str) -> Repo:
        found = self.repos.get(f"{owner}/{name}".lower())
        if found is None:
            raise not_found()
        return found

    def create_repo(self, owner: str, name: str, default_branch: str) -> Repo:
        if f"{owner}/{name}".lower() in self.repos:
            raise invalid("Repository", "name", "custom", "name already exists on this account")
        user = self.user(owner)
        git = BareRepository.create(self.folder / owner / f"{name}.git", default_branch)
        repo = Repo(self.next_id(), user, name, git, default_branch, now())
        self.repos[repo.full_name.lower()] = repo
        return repo

    def next_id(self) -> int:
        return next(self._ids)

    def label(self, repo: Repo, name: str) -> Label:
        """The label, made where it is missing, as GitHub does when one is put on an issue."""
        if not name.strip() or len(name) > 50:
            raise invalid("Label", "name")
        return repo.labels.setdefault(name.lower(), Label(self.next_id(), name))

    def open_issue(self, repo: Repo, user: User, title: str, body: str | None, pull: Pull | None = None) -> Issue:
        number = max(repo.issues, default=0) + 1
        issue = Issue(self.next_id(), number, user, title, body, now(), now(), pull=pull)
        repo.issues[number] = issue
        return issue

    def open_pull(
        self, repo: Repo, user: User, title: str, body: str | None, head: str, base: str, *, draft: bool = False
    ) -> Issue:
        branches = repo.git.branches()
        owner, _, branch = head.rpartition(":")
        if owner.lower() not in ("", repo.owner.login.lower()) or branch not in branches:
            raise invalid("PullRequest", "head")
        if base not in branches:
            raise invalid("PullRequest", "base")
        label = f"{repo.owner.login}:{branch}"
        for issue, pull in repo.pulls():
            if issue.state == "open" and (pull.head, pull.base) == (branch, base):
                raise _custom(f"A pull request already exists for {label}.")
        head_sha, base_sha = branches[branch], branches[base]
        if repo.git.merge_base(base_sha, head_sha) is None:
            raise _custom(f"The {branch} branch has no history in common with {base}")
        if repo.git.contains(base_sha, head_sha):
            raise _custom(f"No commits between {base} and {branch}")
        issue = self.open_issue(repo, user, title, body, Pull(branch, base, head_sha, base_sha, draft))
        repo.git.set_ref(f"refs/pull/{issue.number}/head", head_sha)
        return issue

    def merge(
        self,
        repo: Repo,
        number: int,
        user: User,
        method: MergeMethod = "merge",
        *,
        title: str | None = None,
        message: str | None = None,
        sha: str | None = None,
    ) -> str:
        """Merge a pull request; returns the id of the commit that the base branch is at then."""
        repo.follow()
        issue, pull = repo.pull(number)
        if issue.state == "closed" or pull.draft:
            raise Refused(405, "Pull Request is not mergeable")
        if sha is not None and sha != pull.head_sha:
            raise Refused(409, "Head branch was modified. Review and try the merge again.")
        try:
            made = _merged(repo, issue, pull, user, method, title, message)
        except Conflict:
            raise Refused(405, "Pull Request is not mergeable") from None
        if not repo.git.set_ref(f"refs/heads/{pull.base}", made, pull.base_sha):
            raise Refused(405, "Base branch was modified. Review and try the merge again.")
        pull.merged_at, pull.merged_by, pull.merge_sha = now(), user, made
        issue.close(user)
        repo.follow(user)
        return made


def _custom(message: str) -> Refused:
    return Refused(422, "Validation Failed", [{"resource": "PullRequest", "code": "custom", "message": message}])


def _merged(
    repo: Repo, issue: Issue, pull: Pull, user: User, method: MergeMethod, title: str | None, message: str | None
) -> str:
    git, base, head = repo.git, pull.base_sha, pull.head_sha
    if method == "rebase":
        return git.rebased(base, head)
    tree = git.merged_tree(base, head)
    if method == "merge":
        subject = title or f"Merge pull request #{issue.number} from {repo.owner.login}/{pull.head}"
        body = issue.title if message is None else message
        return git.new_commit(tree, [base, head], f"{subject}\n\n{body}".rstrip() + "\n", user.person)
    subject, body = _squashed(issue, git.log(f"{base}..{head}"))
    text = f"{title or subject}\n\n{body if message is None else message}".rstrip() + "\n"
    return git.new_commit(tree, [base], text, git.commit(head).author[:2])


def _squashed(issue: Issue, commits: list[GitCommit]) -> tuple[str, str]:
    """GitHub's default message: that of the only commit, else the title and all messages."""
    if len(commits) == 1:
        subject, _, body = commits[0].message.partition("\n")
        return f"{subject} (#{issue.number})", body.strip()
    return f"{issue.title} (#{issue.number})", "\n\n".join(f"* {c.message}" for c in reversed(commits))
