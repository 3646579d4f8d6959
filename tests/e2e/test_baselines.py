"""The snapshots in this repository are what the tour records: they load, and stand for the estate's resources."""

from __future__ import annotations

from pathlib import Path

from reconciler import baseline
from reconciler.hcl.evaluate import Inputs, evaluate
from reconciler.hcl.tree import MemoryTree
from reconciler.sandbox.demo import estate_files

ROOT = Path(__file__).parents[2]


def test_every_resource_of_the_estate_has_its_snapshot() -> None:
    files = {p.relative_to(ROOT).as_posix(): p.read_bytes() for p in (ROOT / "baselines").rglob("*.json")}
    snapshots = baseline.load(MemoryTree(files), "payments")
    estate = evaluate(MemoryTree(dict(estate_files())), "infra/payments", Inputs())
    caller = {request.address: {"account_id": "123456789012"} for request in estate.data}
    estate = evaluate(MemoryTree(dict(estate_files())), "infra/payments", Inputs(data=caller))
    assert {str(r.address) for r in estate.resources} == set(snapshots)
    for resource in estate.resources:
        assert snapshots[str(resource.address)].type == resource.type
