"""Proposals -> branches and pull requests: opened, kept up to date in place, closed when the drift is gone.

Everything here may be repeated: a second run on the same drift pushes nothing and changes nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from reconciler import baseline
from reconciler.errors import ConfigError, RepositoryError
from reconciler.forge import Forge, Label, PullRequest
from reconciler.records import dataclass
from reconciler.repo import BOT, Repository, with_trailers
from reconciler.report import pull_request
from reconciler.report.proposals import Published
from reconciler.report.pull_request import Marker, Proposal
from reconciler.workflow.proposing import Files, Remedied

PREFIX: Final = "reconcile/"

_COLOURS: Final = {"drift": "d4c5f9", "adopt": "0e8a16", "revert": "d93f0b"}
_SEVERITY_COLOUR: Final = {"low": "c2e0c6", "medium": "fbca04", "high": "e99695", "critical": "b60205"}


@dataclass(frozen=True, slots=True)
class Board:
    """The reconciler's own open pull requests of this repository, and what people said to earlier ones."""

    forge: Forge
    pulls: tuple[PullRequest, ...]

    @classmethod
    def of(cls, forge: Forge) -> Board:
        return cls(forge, forge.pull_requests(PREFIX))

    def open_on(self, branch: str) -> PullRequest | None:
        return next((p for p in self.pulls if p.branch == branch), None)

    def room(self, most: int, most_an_hour: int, now: datetime.datetime) -> int:
        """How many more may be opened now."""
        since = now - datetime.timedelta(hours=1)
        fresh = sum(1 for pull in self.pulls if pull.created_at is not None and pull.created_at > since)
        return min(most - len(self.pulls), most_an_hour - fresh)

    def declined(self, branch: str, fingerprint: str) -> bool:
        """A person closed a pull request of this branch, about exactly this, without merging it."""
        declined = False
        for pull in self.forge.find(branch):
            marker = Marker.find(pull.body)
            if pull.state == "closed" and marker is not None and GONE not in pull.labels:
                declined = declined or marker.fingerprint == fingerprint
        return declined


GONE: Final = "drift:gone"
"""Marks what the reconciler itself closed: nobody declined that."""


@dataclass(slots=True)
class Publisher:
    """`base`: the branch that pull requests go to, `base_commit` what it is at."""

    repository: Repository
    forge: Forge
    board: Board
    base: str
    base_commit: str
    room: int  # how many more may be opened; critical ones always may
    branches: dict[str, str]  # the remote's, under PREFIX

    def publish(self, remedied: Sequence[Remedied]) -> Iterator[Published]:
        labels = {label for r in remedied if r.proposal for label in r.proposal.labels}
        if labels:
            self.forge.ensure_labels([*map(_label, sorted(labels)), Label(GONE, "ededed", "closed by reconcile")])
        for entry in remedied:
            if entry.proposal is None:
                yield Published("held", entry.cause.title, entry.reason)
            else:
                yield self._one(entry.proposal, entry.files)

    def _one(self, proposal: Proposal, files: Files) -> Published:
        pull = self.board.open_on(proposal.branch)
        if pull is None and self.room <= 0 and proposal.severity != "critical":
            return Published("limited", proposal.title, "the limit of open pull requests is reached")
        if pull is not None and self._touched(pull):
            return Published("frozen", proposal.title, "somebody pushed to it", pull.number, pull.url)
        moved = self._push(proposal, files)
        body = pull_request.body(proposal)
        if pull is None:
            made = self.forge.open(proposal.branch, self.base, proposal.title, body, proposal.labels)
            self.room -= 1
            return Published("opened", proposal.title, "", made.number, made.url)
        if not moved and (pull.title, pull.body) == (proposal.title, body) and set(proposal.labels) <= pull.labels:
            return Published("unchanged", proposal.title, "", pull.number, pull.url)
        self.forge.update(pull, title=proposal.title, body=body, labels=proposal.labels)
        return Published("updated", proposal.title, "", pull.number, pull.url)

    def _touched(self, pull: PullRequest) -> bool:
        """A commit on it is not ours: a person has taken over."""
        return any(commit.author_email != BOT.email for commit in self.forge.commits(pull.number))

    def _push(self, proposal: Proposal, files: Files) -> bool:
        """Bring the branch to `files`; False where it has them already."""
        there = self.branches.get(proposal.branch)
        if there is not None:
            self.repository.fetch(proposal.branch)
            if self._same(there, files):
                return False
        message = with_trailers(proposal.title, {"Reconcile-Id": proposal.id})
        made = self.repository.commit(proposal.branch, self.base_commit, files, message)
        if made == self.base_commit:
            raise RepositoryError("the proposal changes nothing on its base", where=proposal.branch)
        self.repository.push(proposal.branch, there)
        self.branches[proposal.branch] = made
        return True

    def _same(self, commit: str, files: Files) -> bool:
        """The branch holds what is proposed; a plan that differs in its expiry alone is the same."""
        if self.repository.holds(commit, files):
            return True
        tree = self.repository.tree(commit)
        for path, content in files.items():
            if content is None or not path.endswith(".yaml"):
                return False
            try:
                if not baseline.parse_plan(path, tree.read(path)).same(baseline.parse_plan(path, content)):
                    return False
            except (KeyError, ConfigError):
                return False
        return True

    def close_gone(self, stacks: Collection[str], wanted: Collection[str]) -> Iterator[Published]:
        """Close what nothing calls for any more, of stacks that were scanned completely."""
        for pull in self.board.pulls:
            marker = Marker.find(pull.body)
            if marker is None or marker.stack not in stacks or pull.branch in wanted:
                continue
            if self._touched(pull):
                yield Published(
                    "frozen", pull.title, "the drift is gone, but somebody pushed to it", pull.number, pull.url
                )
                continue
            self.forge.update(
                pull, labels={*(n for n in pull.labels if n.startswith(("drift", "adopt", "revert"))), GONE}
            )
            self.forge.close(pull, "What this was about is gone: live and code agree again, or differ in another way.")
            if pull.branch in self.branches:
                self.repository.delete(pull.branch, self.branches[pull.branch])
            yield Published("closed", pull.title, "the drift is gone", pull.number, pull.url)


def _label(name: str) -> Label:
    if name.startswith("severity:"):
        return Label(name, _SEVERITY_COLOUR.get(name.removeprefix("severity:"), "ededed"), "set by reconcile")
    return Label(name, _COLOURS.get(name, "ededed"), "set by reconcile")
