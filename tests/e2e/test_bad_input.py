"""Whatever is wrong: a clear message, the right exit code, nothing lost, work tree and index byte-identical."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.world import REGION, World, world

PROVIDER = f'provider "aws" {{\n  region = "{REGION}"\n}}\n'
QUEUE = (
    'resource "aws_sqs_queue" "work" {\n  name                       = "work"\n  visibility_timeout_seconds = 60\n}\n'
)
LIMITS = "pull_requests: {open: 100, per_hour: 100}\n"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as built:
        yield built


@pytest.fixture
def deployed(made: World) -> World:
    """One queue, live as the code and the baseline say."""
    made.commit({"infra/main.tf": PROVIDER + QUEUE, "reconcile.yaml": LIMITS})
    attributes = {"VisibilityTimeout": "60", "MaximumMessageSize": "262144"}
    made.client("sqs").create_queue(QueueName="work", Attributes=attributes)
    made.reconcile("baseline", "record", code=0)
    made.commit({}, "baseline")
    made.scan(code=0)
    return made


def slow_down(made: World, seconds: int = 5) -> None:
    sqs = made.client("sqs")
    url = sqs.get_queue_url(QueueName="work")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)})


def timeout_of(made: World) -> str:
    sqs = made.client("sqs")
    url = sqs.get_queue_url(QueueName="work")["QueueUrl"]
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["VisibilityTimeout"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ('resource "aws_sqs_queue" "q" {\n  name =\n}\n', "infra/main.tf:5"),
        ('variable "x" {}\nresource "aws_sqs_queue" "q" {\n  name = var.x\n}\n', '"x"'),
        ("locals {\n  a = local.b\n  b = local.a\n}\n", "Cycle"),
        ('resource "aws_sqs_queue" "q" {\n  name = local.nope\n}\n', "local.nope"),
        ('resource "aws_sqs_queue" "q" {}\nresource "aws_sqs_queue" "q" {}\n', "infra/main.tf"),
    ],
)
def test_code_that_cannot_be_evaluated(made: World, code: str, said: str) -> None:
    made.commit({"infra/main.tf": PROVIDER + code})
    done = made.reconcile("scan", code=1)
    assert said in done.stdout
    assert "cannot be evaluated" in done.stdout


def test_a_wrong_endpoint(deployed: World) -> None:
    deployed.extra["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1"
    done = deployed.reconcile("scan", code=1)
    assert "127.0.0.1:1" in done.stderr and "AWS_ENDPOINT_URL" in done.stderr
    assert done.stdout == ""


def test_no_credentials(deployed: World) -> None:
    deployed.extra |= {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "HOME": str(deployed.clone.parent)}
    done = deployed.reconcile("scan", code=1)
    assert "no AWS credentials" in done.stderr and "AWS_PROFILE" in done.stderr


def test_a_repository_without_commits(made: World) -> None:
    done = made.reconcile("scan", code=1)
    assert "no commits" in done.stderr


def test_no_repository(made: World, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    done = made.reconcile("scan", code=1, cwd=folder)
    assert "not a git repository" in done.stderr


def test_a_folder_without_a_stack(made: World) -> None:
    made.commit({"README.md": "hello"})
    done = made.reconcile("scan", code=64)
    assert "no Terraform root module" in done.stderr


@pytest.mark.parametrize("args", [("--stack", "nope"), ("--format", "nope"), ("--nope",)])
def test_wrong_usage(deployed: World, args: tuple[str, ...]) -> None:
    done = deployed.reconcile("scan", *args, code=64)
    assert "nope" in done.stderr


def test_an_unknown_ref(deployed: World) -> None:
    assert "nope" in deployed.reconcile("scan", "--ref", "nope", code=1).stderr


def test_a_damaged_configuration(deployed: World) -> None:
    deployed.commit({"reconcile.yaml": "stacks:\n  - pathh: infra\n"})
    done = deployed.reconcile("scan", code=1)
    assert "reconcile.yaml:2" in done.stderr and "pathh" in done.stderr


def test_a_shallow_clone_scans(deployed: World, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    source = deployed.github.clone_url("acme", "infrastructure")
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", source, str(shallow)], env=deployed.env, check=True)
    assert deployed.reconcile("scan", code=0, cwd=shallow)


def fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (".git" not in path.relative_to(folder).parts or path.name in ("index", "HEAD")):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def test_a_dirty_work_tree_and_a_detached_head_stay_as_they_are(deployed: World) -> None:
    slow_down(deployed)
    deployed.git("checkout", "--quiet", "--detach")
    (deployed.clone / "infra/main.tf").write_text("broken {")
    (deployed.clone / "staged.txt").write_text("staged")
    deployed.git("add", "staged.txt")
    (deployed.clone / "untracked.txt").write_text("untracked")
    before = fingerprint(deployed.clone)
    deployed.reconcile("scan", code=2)
    deployed.reconcile("propose", code=0)
    deployed.reconcile("apply", code=0)
    assert fingerprint(deployed.clone) == before
    assert deployed.repository().get_pulls(state="open").totalCount == 1


def test_a_snapshot_edited_by_hand_is_refused(deployed: World) -> None:
    (path,) = (deployed.clone / "baselines/infra").glob("*.json")
    path.write_text(path.read_text().replace("60", "61"))
    deployed.commit({}, "tampered")
    for command in ("scan", "propose"):
        done = deployed.reconcile(command, code=1)
        assert "changed by hand" in done.stderr and path.name in done.stderr
    assert "changed by hand" in deployed.reconcile("baseline", "verify", code=1).stderr


def proposed_plan(made: World) -> Path:
    """A merged plan that resets the queue; returns its file."""
    slow_down(made)
    made.reconcile("propose", "--prefer", "revert", code=0)
    (pull,) = made.repository().get_pulls(state="open")
    pull.merge()
    made.git("pull", "--quiet", "origin", "main")
    (path,) = (made.clone / "baselines/infra/remediations").glob("*.yaml")
    return path


def test_a_plan_edited_by_hand_is_refused(deployed: World) -> None:
    path = proposed_plan(deployed)
    path.write_text(path.read_text().replace("'60'", "'1'").replace('"60"', '"1"').replace("after: 60", "after: 1"))
    deployed.commit({}, "tampered")
    done = deployed.reconcile("apply")
    assert done.returncode in (1, 4)
    assert "changed by hand" in done.stderr and path.name in done.stderr
    assert timeout_of(deployed) == "5"


def test_a_stale_plan_is_refused(deployed: World) -> None:
    proposed_plan(deployed)
    slow_down(deployed, 7)
    done = deployed.reconcile("apply", code=4)
    assert "changed since" in done.stdout
    assert timeout_of(deployed) == "7"


def test_a_plan_is_applied_once(deployed: World) -> None:
    proposed_plan(deployed)
    assert "nothing was written" in deployed.reconcile("apply", "--dry-run", code=0).stdout
    assert timeout_of(deployed) == "5"
    deployed.reconcile("apply", code=0)
    assert timeout_of(deployed) == "60"
    assert "nothing to apply" in deployed.reconcile("apply", code=0).stdout
    deployed.scan(code=0)
    # The same drift again is not what the merge approved.
    slow_down(deployed)
    deployed.reconcile("apply", code=0)
    assert timeout_of(deployed) == "5"
    assert deployed.scan(code=2)["stacks"][0]["summary"]["drifted"] == 1


def test_a_plan_that_is_settled_already(deployed: World) -> None:
    proposed_plan(deployed)
    slow_down(deployed, 60)
    done = deployed.reconcile("apply", code=0)
    assert "already" in done.stdout


def test_a_pull_request_closed_by_hand_is_declined(deployed: World) -> None:
    slow_down(deployed)
    deployed.reconcile("propose", "--prefer", "adopt", code=0)
    (adopt,) = deployed.repository().get_pulls(state="open")
    assert adopt.head.ref.startswith("reconcile/adopt/")
    adopt.edit(state="closed")
    deployed.reconcile("propose", "--prefer", "adopt", code=0)
    (revert,) = deployed.repository().get_pulls(state="open")
    assert revert.head.ref.startswith("reconcile/revert/")
    revert.edit(state="closed")
    done = deployed.reconcile("propose", code=0)
    assert "declined" in done.stdout
    assert deployed.repository().get_pulls(state="open").totalCount == 0
    slow_down(deployed, 9)  # another difference is another question
    deployed.reconcile("propose", code=0)
    assert deployed.repository().get_pulls(state="open").totalCount == 1


def test_a_pull_request_is_closed_when_the_drift_is_gone(deployed: World) -> None:
    slow_down(deployed)
    deployed.reconcile("propose", code=0)
    slow_down(deployed, 60)
    done = deployed.reconcile("propose", code=0)
    assert "closed" in done.stdout
    assert deployed.repository().get_pulls(state="open").totalCount == 0
    slow_down(deployed)
    deployed.reconcile("propose", code=0)
    assert deployed.repository().get_pulls(state="open").totalCount == 1, "nobody declined it"


def test_a_pull_request_that_a_person_pushed_to_is_left_alone(deployed: World) -> None:
    slow_down(deployed)
    deployed.reconcile("propose", code=0)
    (pull,) = deployed.repository().get_pulls(state="open")
    deployed.git("fetch", "--quiet", "origin", pull.head.ref)
    deployed.git("checkout", "--quiet", "-b", "mine", "FETCH_HEAD")
    (deployed.clone / "note.txt").write_text("mine")
    deployed.git("add", "note.txt")
    deployed.git("commit", "--quiet", "--message", "mine")
    deployed.git("push", "--quiet", "origin", f"HEAD:refs/heads/{pull.head.ref}")
    head = deployed.git("rev-parse", "HEAD").strip()
    deployed.git("checkout", "--quiet", "main")
    slow_down(deployed, 9)
    done = deployed.reconcile("propose", code=0)
    assert "somebody pushed" in done.stdout
    assert deployed.repository().get_pull(pull.number).head.sha == head


def test_an_adopt_edits_the_literal_and_nothing_else(deployed: World) -> None:
    slow_down(deployed, 5)
    before = (deployed.clone / "infra/main.tf").read_text()
    deployed.reconcile("propose", "--prefer", "adopt", code=0)
    (pull,) = deployed.repository().get_pulls(state="open")
    pull.merge(merge_method="squash")
    deployed.git("pull", "--quiet", "origin", "main")
    after = (deployed.clone / "infra/main.tf").read_text()
    assert after == before.replace("visibility_timeout_seconds = 60", "visibility_timeout_seconds = 5")
    report = deployed.scan(code=0)
    assert report["stacks"][0]["summary"]["in_sync"] == 1
    assert (
        json.loads(next((deployed.clone / "baselines/infra").glob("*.json")).read_text())["attributes"][
            "visibility_timeout_seconds"
        ]
        == 5
    )


def test_work_in_progress_is_not_drift(deployed: World) -> None:
    deployed.commit({"infra/main.tf": PROVIDER + QUEUE.replace("60", "90")})
    report = deployed.scan(code=0)
    (resource,) = report["stacks"][0]["resources"]
    assert resource["status"] == "pending"
    assert resource["changes"][0]["cause"] == "code_changed"
    slow_down(deployed, 5)
    (resource,) = deployed.scan(code=2)["stacks"][0]["resources"]
    assert resource["status"] == "conflict"
    assert "both moved" in deployed.reconcile("propose", "--dry-run", code=0).stdout
