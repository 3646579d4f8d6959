"""The table of supported types: `python -m reconciler.resources.documentation > docs/types.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from reconciler import schema
from reconciler.resources import TYPES
from reconciler.resources.spec import ResourceType


def render() -> str:
    """Markdown, one row a type, the same for the same entries."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    entries = sorted(TYPES.values(), key=lambda entry: entry.name)
    full = sum(1 for entry in entries if not entry.unchecked)
    yield "# Supported resource types"
    yield ""
    yield f"Generated from the entries in `reconciler/resources/`, for the AWS provider {schema.PROVIDER_VERSION}:"
    yield f"{len(entries)} types, {full} of them with every live attribute compared."
    yield "Other types are evaluated, and reported as unverified."
    yield ""
    yield "| type | attributes compared | not compared | repaired | made and removed |"
    yield "|---|---|---|---|---|"
    yield from (_row(entry) for entry in entries)


def _row(entry: ResourceType) -> str:
    written = sorted({name for write in entry.writes for name in write.attributes} - {"tags_all"})
    unchecked = ", ".join(f"`{name}`" for name in sorted(entry.unchecked)) or "-"
    made = "yes" if entry.create and entry.delete else "-"
    return f"| `{entry.name}` | {len(entry.attributes)} | {unchecked} | {len(written) or '-'} | {made} |"


if __name__ == "__main__":
    sys.stdout.write(render())
