"""Snapshots and plans as files: the same bytes, the same meaning, and no edit by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from reconciler import baseline
from reconciler.errors import ConfigError
from reconciler.hcl.tree import MemoryTree
from reconciler.model import Operation, Snapshot
from reconciler.redaction import Redactor
from reconciler.reverting import PlanItem, PlannedChange, RevertPlan
from tests.core.support import entry, live

SCHEMAS = Path(__file__).parents[2] / "docs/schemas"
ADDRESS = 'module.a["x/y"].aws_sqs_queue.work["payments"]'
SNAPSHOT = Snapshot(ADDRESS, "aws_sqs_queue", "https://q", {"name": "q", "delay_seconds": 0, "tags_all": {"ü": "é"}}, 0)
OPERATION = Operation("sqs", "SetQueueAttributes", {"QueueUrl": "https://q", "Attributes": {"DelaySeconds": "0"}})
PLAN = RevertPlan(
    "abc",
    "payments",
    'aws_sqs_queue.work["payments"]: delay_seconds',
    (
        PlanItem(
            ADDRESS,
            "aws_sqs_queue",
            "https://q",
            "123456789012",
            "eu-west-1",
            "update",
            "f1",
            (PlannedChange(("delay_seconds",), 5, 0), PlannedChange(("tags", "a b"), None, "yes: no\n# x")),
            "sha256:" + "0" * 64,
            (OPERATION,),
            (OPERATION,),
        ),
    ),
    "2026-12-01",
)


def check(name: str, document: Any) -> None:
    described = json.loads((SCHEMAS / name).read_text())
    jsonschema.Draft202012Validator.check_schema(described)
    jsonschema.Draft202012Validator(described).validate(document)


def test_a_snapshot_comes_back_and_fits_its_schema() -> None:
    content = baseline.render(SNAPSHOT)
    assert baseline.parse("f", content) == SNAPSHOT
    assert baseline.render(baseline.parse("f", content)) == content
    check("snapshot-v1.json", json.loads(content))
    assert content.index(b'"address"') < content.index(b'"attributes"') < content.index(b'"type"')


def test_names_of_files() -> None:
    path = baseline.snapshot_path("payments", ADDRESS)
    assert path == "baselines/payments/module.a%5B%22x%2Fy%22%5D.aws_sqs_queue.work%5B%22payments%22%5D.json"
    assert baseline.plan_path("a/b", "x").startswith("baselines/a%2Fb/remediations/x")
    long = baseline.snapshot_path("s", f'aws_sqs_queue.q["{"ü" * 300}"]')
    assert len(long.rpartition("/")[2]) < 256
    assert baseline.snapshot_path("..", "x") == "baselines/%2E./x.json"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace('"delay_seconds": 0', '"delay_seconds": 1'),
        lambda text: text.replace('"id": "https://q"', '"id": "https://other"'),
        lambda text: text.replace("snapshot/v1", "snapshot/v9"),
        lambda text: text[:-20],
        lambda _: "[]",
        lambda _: "",
        lambda text: "<<<<<<< HEAD\n" + text,
    ],
)
def test_a_snapshot_that_was_edited_is_refused_with_its_name_and_what_to_do(spoil: Any) -> None:
    content = spoil(baseline.render(SNAPSHOT).decode()).encode()
    with pytest.raises(ConfigError) as caught:
        baseline.parse("baselines/s/x.json", content)
    assert "baselines/s/x.json" in str(caught.value) and caught.value.hint


def test_loading_a_stack() -> None:
    path = baseline.snapshot_path("payments", ADDRESS)
    files = {path: baseline.render(SNAPSHOT), "baselines/other/x.json": b"broken", "baselines/payments/README": b""}
    files[baseline.plan_path("payments", PLAN.id)] = baseline.render_plan(PLAN)
    tree = MemoryTree(files)
    assert baseline.load(tree, "payments") == {ADDRESS: SNAPSHOT}
    assert baseline.load_plans(tree, "payments") == {baseline.plan_path("payments", PLAN.id): PLAN}
    misplaced = MemoryTree({"baselines/payments/aws_sqs_queue.z.json": baseline.render(SNAPSHOT)})
    with pytest.raises(ConfigError, match="does not say"):
        baseline.load(misplaced, "payments")
    copied = MemoryTree({baseline.plan_path("other", PLAN.id): baseline.render_plan(PLAN)})
    with pytest.raises(ConfigError, match="does not say"):
        baseline.load_plans(copied, "other")


def test_recording_is_normalised_has_no_noise_and_no_secrets() -> None:
    kind = "aws_lambda_function"
    there = {
        "function_name": "f",
        "last_modified": "now",
        "layers": ["b", "a"],
        "tags": {"A": "1", "aws:x": "y"},
        "tags_all": {"A": "1", "B": "2", "aws:x": "y"},
        "environment": [{"variables": {"DB_PASSWORD": "hunter2", "MODE": "x"}}],
        "filename": "f.zip",
    }
    spec = entry(kind, config_only=frozenset({"filename"}))
    found = baseline.record("aws_lambda_function.f", live(kind, there), spec, Redactor(b"k"))
    assert "hunter2" not in repr(found)
    assert found.attributes["tags_all"] == {"A": "1", "B": "2"}
    assert set(found.attributes) == {"function_name", "layers", "tags_all", "environment"}
    unkeyed = baseline.record("aws_lambda_function.f", live(kind, there), spec, Redactor.of(None))
    assert unkeyed.attributes["environment"] == [{"variables": {"DB_PASSWORD": {"redacted": "unkeyed"}, "MODE": "x"}}]


@pytest.mark.parametrize("address", [ADDRESS, ""])
def test_a_plan_comes_back_and_fits_its_schema(address: str) -> None:
    """Without an address: what no code manages, to be removed."""
    plan = replace(PLAN, items=(replace(PLAN.items[0], address=address),))
    content = baseline.render_plan(plan)
    assert baseline.parse_plan("f", content) == plan
    assert baseline.render_plan(baseline.parse_plan("f", content)) == content
    check("plan-v1.json", yaml.safe_load(content))
    assert content.startswith(b"# A revert plan") and b"&id" not in content


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("DelaySeconds: '0'", "DelaySeconds: '900'"),
        lambda text: text.replace("2026-12-01", "2030-12-01"),
        lambda text: text.replace("account: '123456789012'", "account: '999999999999'"),
        lambda text: text.replace("id: abc\n", "id: abc\nid: abc\n"),
        lambda text: text.replace("stack: payments", "stack: &a payments\nother: *a"),
        lambda text: text + "more: !!python/object/apply:os.system ['true']\n",
        lambda text: text[:200],
        lambda _: "",
        lambda _: "- 1",
        lambda _: "a: b: c",
        lambda text: text.replace("plan/v1", "plan/v2"),
    ],
)
def test_a_plan_that_was_edited_is_refused(spoil: Any) -> None:
    text = baseline.render_plan(PLAN).decode()
    assert spoil(text) != text
    with pytest.raises(ConfigError) as caught:
        baseline.parse_plan("baselines/s/remediations/abc.yaml", spoil(text).encode())
    assert "remediations/abc.yaml" in str(caught.value) and "propose" in str(caught.value.hint)


def test_a_plan_is_the_same_plan_on_another_day() -> None:
    later = replace(PLAN, expires="2027-01-01")
    assert PLAN.same(later) and not PLAN.same(replace(later, title="x"))
