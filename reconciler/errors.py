"""Every expected failure, each with what happened, where, and what to do next.

`cli.main` is the only place that turns one into text and an exit code; any other exception is a bug.
"""

from __future__ import annotations

from typing import ClassVar


class ReconcilerError(Exception):
    """An expected failure that a person can act on.

    `where` names the place: `file:line`, an address, or an AWS operation. `hint` says what to do next.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


class UsageError(ReconcilerError):
    """The command line asks for what cannot be."""

    exit_code = 64


class ConfigError(ReconcilerError):
    """`reconcile.yaml`, the environment, or a snapshot or plan file is not what it must be."""


class RepositoryError(ReconcilerError):
    """git cannot give or take what was asked."""


class EvaluationError(ReconcilerError):
    """The Terraform code cannot be evaluated."""


class CloudError(ReconcilerError):
    """AWS refused or did not answer, in a way that leaves nothing to report."""


class ForgeError(ReconcilerError):
    """The forge (GitHub) refused or did not answer."""


class UnsafePlan(ReconcilerError):
    """A guardrail refuses the plan."""

    exit_code = 4


class StalePlan(UnsafePlan):
    """Live is no longer what the reviewer of the plan saw."""
