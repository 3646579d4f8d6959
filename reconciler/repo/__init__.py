"""Trees at a commit, branches, pushes, history and notes: the only part that uses git."""

from __future__ import annotations

from reconciler.repo.history import Commit, Person, parse_trailers, with_trailers
from reconciler.repo.notes import Notes
from reconciler.repo.packages import Packages
from reconciler.repo.remote import Hosted, Remote, hosted
from reconciler.repo.repository import BOT, Repository, StaleBranch
from reconciler.repo.trees import GitTree, WorkTree

__all__ = [
    "BOT",
    "Commit",
    "GitTree",
    "Hosted",
    "Notes",
    "Packages",
    "Person",
    "Remote",
    "Repository",
    "StaleBranch",
    "WorkTree",
    "hosted",
    "parse_trailers",
    "with_trailers",
]
