"""Golden folders: golden/<type>/{main.tf, aws.json, expected.json}."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from reconciler import resources
from reconciler.aws.reader import Reader
from reconciler.resources import TYPES
from reconciler.resources.spec import ResourceType
from tests.support.recorded import Replay

GOLDEN = Path(__file__).with_name("golden")


def every_type() -> list[str]:
    """All type names. A service's file that cannot be imported stands for its types, so that the others are tested."""
    found: list[str] = []
    for module in dict.fromkeys(resources.MODULES.values()):
        try:
            found += resources.load(module)
        except (AttributeError, ImportError, KeyError, NameError, SyntaxError, TypeError):
            found.append(f"(reconciler.resources.{module} cannot be imported)")
    return found


def folder(type_name: str) -> Path:
    return GOLDEN / type_name


def read_all(reader: Reader, entry: ResourceType, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every resource of the type but AWS's own, as id and attributes, sorted by id. Raises AssertionError for a gap."""
    if entry.gather:
        lives, gaps = reader.gathered(entry, entry.gather, wanted)
    else:
        views, gaps = reader.records(entry)
        # Types that stand for AWS's own (default networks, service-linked roles) have nothing else.
        mine = [v for v in views if not (entry.aws_owned and entry.aws_owned(v, reader.scope))] or views
        described = reader.describe(entry, mine)
        lives = [d.resource for d in described]
        gaps += [d.gap for d in described if d.gap]
    assert not gaps, gaps
    return sorted(
        ({"id": live.id, "attributes": dict(live.attributes)} for live in lives if live), key=lambda r: r["id"]
    )


def replayed(type_name: str) -> tuple[list[dict[str, Any]], Replay]:
    replay = Replay(folder(type_name) / "aws.json")
    return read_all(Reader(replay, replay.scope), TYPES[type_name], replay.wanted), replay


def expected(type_name: str) -> list[dict[str, Any]]:
    return json.loads((folder(type_name) / "expected.json").read_text())


def write_expected(type_name: str, found: list[dict[str, Any]]) -> None:
    text = json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False)
    (folder(type_name) / "expected.json").write_text(text + "\n")
