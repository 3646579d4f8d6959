"""What the reconciler asks of a forge. Every operation may be repeated without harm and raises ForgeError."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import Final, Literal, Protocol, TypeAlias

from reconciler.records import dataclass

BODY_LIMIT: Final = 65_536
"""Characters of a body or a comment that GitHub takes."""

TITLE_LIMIT: Final = 256

_MANAGED: Final = re.compile(r"drift(:.*)?|adopt|revert|severity:.*", re.IGNORECASE)

CommitState: TypeAlias = Literal["pending", "success", "failure", "error"]


def managed(label: str) -> bool:
    """Whether the reconciler sets and removes this label; all others are left to people."""
    return _MANAGED.fullmatch(label) is not None


@dataclass(frozen=True, slots=True)
class Label:
    """`color` is six hexadecimal digits."""

    name: str
    color: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """`body` has line feeds only. `merge_commit` is what the merge made of the base branch; None until then."""

    number: int
    branch: str
    base: str
    title: str
    body: str
    labels: frozenset[str]
    state: Literal["open", "closed", "merged"]
    head: str
    author: str
    url: str
    merge_commit: str | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PushedCommit:
    """A commit of a pull request: enough to tell a person's push from the reconciler's own."""

    id: str
    author_email: str
    committer_email: str
    message: str


@dataclass(frozen=True, slots=True)
class Issue:
    number: int
    title: str
    body: str
    state: Literal["open", "closed"]
    url: str


class Forge(Protocol):
    def default_branch(self) -> str: ...

    def login(self) -> str | None:
        """Who the token speaks for; None where the forge does not tell (an Actions token)."""
        ...

    def pull_requests(self, under: str = "", *, closed: bool = False) -> tuple[PullRequest, ...]:
        """Open ones (with `closed`: all) of branches of this repository that start with `under`, newest first."""
        ...

    def find(self, branch: str) -> tuple[PullRequest, ...]:
        """All of a branch, open and closed, newest first."""
        ...

    def get(self, number: int) -> PullRequest: ...

    def commits(self, number: int) -> tuple[PushedCommit, ...]:
        """The commits of a pull request, oldest first (250 at most)."""
        ...

    def closed_by(self, number: int) -> str | None:
        """Who closed or merged a pull request; None while it is open, or where the forge does not tell."""
        ...

    def open(self, branch: str, base: str, title: str, body: str, labels: Collection[str]) -> PullRequest:
        """A pull request for `branch`; where one is open already, that one, brought up to date."""
        ...

    def update(
        self,
        pull: PullRequest,
        *,
        title: str | None = None,
        body: str | None = None,
        labels: Collection[str] | None = None,
    ) -> PullRequest:
        """Change what differs; None stays. `labels` replaces the managed labels, others stay."""
        ...

    def close(self, pull: PullRequest, comment: str) -> PullRequest:
        """Comment and close; nothing where it is closed already."""
        ...

    def comment(self, number: int, body: str) -> None:
        """Add a comment, unless the latest one says the same."""
        ...

    def ensure_labels(self, labels: Collection[Label]) -> None:
        """Make the labels that the repository lacks; those that it has keep their looks."""
        ...

    def upsert_issue(self, title: str, body: str, label: str, *, wanted: bool = True) -> Issue | None:
        """The issue with this title and label, made, reopened or brought up to date; not `wanted`: closed.

        None where it is not wanted and there is none.
        """
        ...

    def set_status(self, commit: str, context: str, state: CommitState, description: str, url: str = "") -> None:
        """Mark a commit; `description` is cut to what the forge takes."""
        ...
