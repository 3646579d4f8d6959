"""Data sources that need no cloud, computed as the provider computes them.

A pure data source is a function of its evaluated arguments and its provider's configuration to attributes as plain
data. What it cannot tell it leaves out or returns None for: then the data source is one to be read live.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from reconciler.hcl import iam_document
from reconciler.hcl.providers import Configured
from reconciler.model import Plain

Arguments: TypeAlias = Mapping[str, Plain]
Compute: TypeAlias = "Callable[[Arguments, Configured], Mapping[str, Plain] | None]"


def _document(arguments: Arguments, _provider: Configured) -> Mapping[str, Plain]:
    return iam_document.compute(arguments)


PURE: Final[Mapping[str, Compute]] = {
    "aws_iam_policy_document": _document,
}
