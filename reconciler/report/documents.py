"""What differs inside two JSON documents that are the values of an attribute, for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from difflib import unified_diff
from typing import Protocol, cast

from reconciler import iam_policy
from reconciler.model import Json, Plain, format_path


class _Difference(Protocol):
    """What deepdiff's tree view holds, as far as it is used here."""

    t1: Json
    t2: Json

    def path(self, *, output_format: str) -> list[int | str]: ...


def document(value: Plain | Json) -> Json:
    """The JSON object or list that `value` is the text of, a policy with its statements in order; None for others."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[", "%7B", "%7b")):
        return None
    policy = iam_policy.parse(value)
    if policy is not None and "Statement" in policy:
        return iam_policy.normalised(policy)
    try:
        found: Json = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None


def inside(code: Plain | Json, live: Plain | Json) -> list[tuple[str, Json, Json]] | None:
    """(path, code, live) of what differs inside, elements of lists in any order; None where they are no documents.

    A side that has nothing there is None.
    """
    one, two = document(code), document(live)
    if one is None or two is None:
        return None
    from deepdiff import DeepDiff  # slow to import

    found = cast(
        "Mapping[str, Iterable[_Difference]]", DeepDiff(one, two, view="tree", ignore_order=True, verbose_level=1)
    )
    rows = [
        (
            format_path(tuple(item.path(output_format="list"))),
            None if kind.endswith("_added") else item.t1,
            None if kind.endswith("_removed") else item.t2,
        )
        for kind, items in found.items()
        for item in items
    ]
    return sorted(rows, key=lambda row: row[0])


def diff(code: Plain | Json, live: Plain | Json) -> str | None:
    """Both documents written in one way, as a unified diff from the code's to live's; None where they are none."""
    one, two = document(code), document(live)
    if one is None or two is None:
        return None
    before, after = (json.dumps(side, indent=2, sort_keys=True, ensure_ascii=False).splitlines() for side in (one, two))
    return "\n".join(unified_diff(before, after, "code", "live", n=4, lineterm=""))
