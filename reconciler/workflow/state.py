"""What Terraform's state says of a stack's resources, from wherever the code keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.aws import Cloud
from reconciler.hcl.evaluate import Evaluation
from reconciler.hcl.tree import SourceTree
from reconciler.identity import Known
from reconciler.model import Gap
from reconciler.workflow.stacks import Stack


@dataclass(frozen=True, slots=True)
class StackState:
    """`known` is by address; None where there is no state to be had."""

    known: Mapping[str, Known] | None = None
    gaps: Sequence[Gap] = ()


def load_state(root: Path, tree: SourceTree, stack: Stack, evaluation: Evaluation, cloud: Cloud) -> StackState:
    return StackState()
