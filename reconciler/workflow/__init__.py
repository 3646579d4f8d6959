"""The story: scan, propose, apply. Read from top to bottom; the steps are in this package's other files."""

from __future__ import annotations

from reconciler.report import Scan
from reconciler.workflow.session import Session, Settings

__all__ = ["Settings", "scan"]


def scan(settings: Settings) -> Scan:
    """Compare code, baseline and live of every stack; changes nothing."""
    with Session.open(settings) as session:
        return session.scan([session.observe(stack) for stack in session.stacks])
