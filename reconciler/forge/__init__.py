"""Pull requests, their labels and comments, issues and statuses: a small interface, and GitHub behind it."""

from __future__ import annotations

from reconciler.forge.github import GitHub, api_url
from reconciler.forge.interface import (
    BODY_LIMIT,
    Forge,
    Issue,
    Label,
    PullRequest,
    PushedCommit,
    managed,
)

__all__ = [
    "BODY_LIMIT",
    "Forge",
    "GitHub",
    "Issue",
    "Label",
    "PullRequest",
    "PushedCommit",
    "api_url",
    "managed",
]
