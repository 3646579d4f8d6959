"""Real Terraform judges the whole loop on the sandbox's estate: before the drift, after it, and after the repair."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.sandbox import hands
from reconciler.sandbox.demo import estate_files
from reconciler.sandbox.seed import Client
from tests.support.terraform import Terraform, needs_provider
from tests.support.world import World, world

STACK = "infra/payments"

# What Terraform shows on an undrifted estate because the emulator or the provider is wrong, by (type, attribute).
# The emulator gives redrive policies back with another white space than they were written with, and the provider
# compares them as text.
NOT_DRIFT = {("aws_sqs_queue", "redrive_policy")}

# What Terraform derives from another attribute that differs.
DERIVED = {"tags_all": "tags"}


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Terraform]]:
    """The estate, committed, applied by Terraform, its state beside the code (and ignored by git)."""
    folder = tmp_path_factory.mktemp("judge")
    with world(folder) as made:
        files: dict[str, str | bytes] = dict(estate_files())
        files[".gitignore"] = ".terraform*\nterraform.tfstate*\ntfplan\n"
        files["reconcile.yaml"] = "pull_requests: {open: 100, per_hour: 100}\n"
        made.commit(files, "The payments system")
        terraform = Terraform(made.clone / STACK, env={"AWS_ENDPOINT_URL": made.aws.url})
        terraform.init()
        terraform.apply()
        yield made, terraform


def planned(terraform: Terraform) -> dict[str, set[str] | None]:
    """What `terraform plan` would change: top-level attributes by address, None where it would create."""
    found: dict[str, set[str] | None] = {}
    for change in terraform.plan()["resource_changes"]:
        actions = change["change"]["actions"]
        if change["mode"] != "managed" or actions in (["no-op"], ["read"]):
            continue
        if actions == ["create"]:
            found[change["address"]] = None
            continue
        before, after = change["change"]["before"], change["change"]["after"] or {}
        unknown = change["change"]["after_unknown"] or {}
        names = {k for k in before if k not in unknown and before[k] != after.get(k)}
        names = {DERIVED.get(n, n) for n in names if (change["type"], n) not in NOT_DRIFT}
        if names:
            found[change["address"]] = names
    return found


def found_by_us(report: dict[str, Any]) -> dict[str, set[str] | None]:
    found: dict[str, set[str] | None] = {}
    for resource in report["stacks"][0]["resources"]:
        if resource["status"] == "missing":
            found[resource["address"]] = None
        elif resource["status"] in ("drifted", "conflict"):
            names = {DERIVED.get(n, n) for c in resource["changes"] if c["declared"] for n in [_top(c["path"])]}
            if names:
                found[resource["address"]] = names
    return found


def _top(path: str) -> str:
    return path.split(".")[0].split("[")[0]


@needs_provider
@pytest.mark.timeout(900)
def test_terraform_agrees_from_the_first_scan_to_the_last(applied: tuple[World, Terraform]) -> None:
    made, terraform = applied

    clean = made.scan(code=0)
    assert clean["complete"]
    assert {r["status"] for r in clean["stacks"][0]["resources"]} == {"in_sync"}
    assert len(clean["stacks"][0]["resources"]) >= 40

    made.reconcile("baseline", "record", code=0)
    made.commit({}, "Record the baseline")

    client: Client = made.client
    changes = list(hands.drift(client))
    assert len(changes) >= 8
    report = made.scan(code=2)
    assert found_by_us(report) == planned(terraform)

    made.reconcile("propose", code=0)
    repository = made.repository()
    pulls = sorted(repository.get_pulls(state="open"), key=lambda pull: pull.number)
    assert {label.name for pull in pulls for label in pull.labels} >= {"adopt", "revert"}
    heads = {pull.number: pull.head.sha for pull in pulls}
    made.reconcile("propose", code=0)
    again = {pull.number: pull.head.sha for pull in repository.get_pulls(state="open")}
    assert again == heads, "a second propose changes nothing"

    for pull in pulls:
        pull.merge(merge_method="squash")
    made.git("pull", "--quiet", "origin", "main")
    applied_plans = made.reconcile("apply", code=0)
    second = made.reconcile("apply", code=0)
    assert "nothing to apply" in second.stdout

    last = made.scan(code=0)
    assert {r["status"] for r in last["stacks"][0]["resources"]} == {"in_sync"}
    # What was made anew has a new id; apply says how the state learns it.
    for line in applied_plans.stdout.splitlines():
        if "terraform import" in line:
            address, id_ = line.rsplit("terraform import ", 1)[1].strip("'").split("' '")
            terraform.run("state", "rm", address)
            terraform.run("import", "-no-color", address, id_)
    assert planned(terraform) == {}
