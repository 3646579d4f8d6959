"""The tables of supported types and data sources: `python -m reconciler.resources.documentation > docs/types.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from reconciler import schema
from reconciler.resources import TYPES
from reconciler.resources.data_sources import DATA_SOURCES, DataSource
from reconciler.resources.spec import ResourceType


def render() -> str:
    """Markdown, one row a type and one a data source, the same for the same entries."""
    return "\n".join((*_lines(), *_data_lines())) + "\n"


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


def _data_lines() -> Iterator[str]:
    entries = sorted(DATA_SOURCES.values(), key=lambda entry: entry.name)
    yield ""
    yield "## Supported data sources"
    yield ""
    yield f"{len(entries)} data sources are asked of the cloud; `aws_iam_policy_document` and the like are computed."
    yield "What is not given, what others give, and what is selected by something that is not supported stays unknown:"
    yield "it is compared with nothing."
    yield ""
    yield "| data source | attributes | not given | not selected by |"
    yield "|---|---|---|---|"
    yield from (_data_row(entry) for entry in entries)


def _data_row(entry: DataSource) -> str:
    known = schema.data_source(entry.name)
    computed = known.block.attributes.items() if known else ()
    absent = sorted(name for name, shape in computed if shape.computed and name not in entry.attributes)
    columns = (absent, sorted(entry.unable))
    missing, unable = (", ".join(f"`{name}`" for name in names) or "-" for names in columns)
    return f"| `{entry.name}` | {len(entry.attributes)} | {missing} | {unable} |"


if __name__ == "__main__":
    sys.stdout.write(render())
