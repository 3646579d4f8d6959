"""Modules from other repositories through the command line, as Terraform takes them in the same folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.github import git, new_repository, write
from tests.support.terraform import Terraform, needs_terraform

SHARED = {
    "queue/main.tf": """
variable "name" {
  type = string
}
variable "delay" {
  default = 5
}
module "names" {
  source = "../names"
  parts  = [var.name, "queue"]
}
resource "aws_sqs_queue" "this" {
  name                       = module.names.joined
  delay_seconds              = var.delay
  visibility_timeout_seconds = 77
}
output "about" {
  value = {
    name  = module.names.joined
    path  = path.module
    files = fileset(path.module, "**")
    text  = templatefile("${path.module}/text.tftpl", { who = var.name })
    sum   = filesha256("${path.module}/text.tftpl")
  }
}
""",
    "queue/text.tftpl": "Hello ${who}\n",
    "names/main.tf": 'variable "parts" {}\noutput "joined" {\n  value = join("-", var.parts)\n}\n',
}
OUTER = """
variable "names" {
  type = set(string)
}
module "queue" {
  source   = "git::file://%(root)s/shared//queue?ref=v1"
  for_each = var.names
  name     = each.key
}
output "about" {
  value = { for key, queue in module.queue : key => queue.about }
}
"""
ESTATE = """
terraform {
  backend "local" {}
}
provider "aws" {
  region                      = "eu-west-1"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
module "old" {
  source = "git::file://%(root)s/shared//queue?ref=v1"
  name   = "old"
}
module "new" {
  source = "git::file://%(root)s/shared//queue?depth=1"
  name   = "new"
  delay  = 9
}
module "branch" {
  source = "git::file://%(root)s/shared//queue?ref=feature/x"
  name   = "branch"
}
module "outer" {
  source = "git::file://%(root)s/outer"
  names  = ["a", "b"]
}
output "all" {
  value = [module.old.about, module.new.about, module.branch.about, module.outer.about]
}
"""


@pytest.fixture
def estate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two repositories of modules, one of which calls the other, and a root module that calls both."""
    shared = new_repository(tmp_path / "shared", SHARED)
    git(shared, "tag", "v1")
    git(shared, "checkout", "--quiet", "-b", "feature/x")
    more(shared, {"queue/text.tftpl": "A branch for ${who}\n"})
    git(shared, "checkout", "--quiet", "main")
    more(shared, {"queue/text.tftpl": "Good day ${who}\n", "queue/extra.txt": "x"})
    new_repository(tmp_path / "outer", {"main.tf": OUTER % {"root": tmp_path}})
    monkeypatch.setenv("RECONCILE_CACHE_DIR", str(tmp_path / "cache"))
    return new_repository(
        tmp_path / "estate",
        {
            "live/main.tf": ESTATE % {"root": tmp_path},
            "reconcile.yaml": f"stacks: [{{path: live}}]\nmodules: {{fetch: ['file://{tmp_path}']}}\n",
            ".gitignore": ".terraform*\n",
        },
    )


def more(folder: Path, files: dict[str, str]) -> None:
    write(folder, files)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=more")


def reconcile(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TF_"))}
    command = [sys.executable, "-m", "reconciler.cli", *args]
    return subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, timeout=120)


def evaluated(folder: Path) -> dict[str, Any]:
    done = reconcile(folder, "evaluate", "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@needs_terraform
def test_fetched_modules_say_what_terraform_installs(estate: Path, tmp_path: Path) -> None:
    """Values, paths and files; before `terraform init` and after it, when its own copies are there."""
    before = evaluated(estate)
    assert before["diagnostics"] == []
    copy = tmp_path / "plain"
    shutil.copytree(estate / "live", copy)  # the provider is not what this is about
    text = (copy / "main.tf").read_text()
    (copy / "main.tf").write_text(text[: text.index("provider")] + text[text.index('module "old"') :])
    for folder in ("shared", "outer"):  # without the resource neither
        without_resource(tmp_path / folder)
    terraform = Terraform(copy)
    terraform.init()
    theirs = terraform.plan()["planned_values"]["outputs"]["all"]["value"]
    assert before["outputs"]["all"]["value"] == theirs
    installed = json.loads((copy / ".terraform/modules/modules.json").read_text())["Modules"]
    addresses = {r["address"] for r in before["resources"]}
    assert addresses == {
        *(f"module.{name}.aws_sqs_queue.this" for name in ("old", "new", "branch")),
        *(f'module.outer.module.queue["{key}"].aws_sqs_queue.this' for key in "ab"),
    }
    assert {entry["Key"] for entry in installed} >= {"old", "new", "branch", "outer", "outer.queue"}


def without_resource(folder: Path) -> None:
    """The same history and tags, with the resource taken out of every commit."""
    script = "test ! -f queue/main.tf || sed -i '/^resource/,/^}/d' queue/main.tf"
    git(folder, "filter-branch", "--tree-filter", script, "--tag-name-filter", "cat", "--", "--all")


def test_what_is_not_allowed_is_unverified_and_the_rest_is_told(estate: Path, tmp_path: Path) -> None:
    more(estate, {"reconcile.yaml": f"modules: {{fetch: ['file://{tmp_path}/outer']}}\n"})
    found = evaluated(estate)
    assert found["resources"] == []
    warnings = [d["summary"] for d in found["diagnostics"]]
    named = [w.partition(":")[0].removeprefix("module.") for w in warnings]
    assert named == ["old", "new", "branch", "outer.module.queue"]
    refusal = f"reconcile.yaml does not allow to fetch from file://{tmp_path}/shared"
    assert f"at live/main.tf:12 is not there: {refusal}" in warnings[0]
    assert "at live/.terraform/modules/outer/main.tf:6 is not there" in warnings[3]
    more(estate, {"reconcile.yaml": "version: 1\n"})
    assert "is not installed: run `terraform init`" in evaluated(estate)["diagnostics"][0]["summary"]


def test_what_was_installed_from_elsewhere_is_not_taken(estate: Path, tmp_path: Path) -> None:
    """The code moved on since `terraform init`."""
    module = tmp_path / "estate/live/.terraform/modules"
    write(module, {"old/queue/main.tf": 'variable "name" {}\noutput "about" {\n  value = "as installed"\n}\n'})
    source = f"git::file://{tmp_path}/shared//queue?ref=v1"
    directory = ".terraform/modules/old/queue"
    for recorded, expected in ((source, "as installed"), (source.replace("v1", "v0"), "Hello old\n")):
        entries = [{"Key": "", "Source": "", "Dir": "."}, {"Key": "old", "Source": recorded, "Dir": directory}]
        (module / "modules.json").write_text(json.dumps({"Modules": entries}))
        about = evaluated(estate)["outputs"]["all"]["value"][0]
        assert (about if isinstance(about, str) else about["text"]) == expected
    more(estate, {"reconcile.yaml": "version: 1\n"})
    told = evaluated(estate)["diagnostics"][0]["summary"]
    assert f"is not installed, but {source.replace('v1', 'v0')} is" in told


def test_modules_without_end(estate: Path, tmp_path: Path) -> None:
    call = f'module "again" {{\n  source = "git::file://{tmp_path}/outer"\n}}\n'
    rest = 'variable "names" {\n  default = 1\n}\noutput "about" {\n  value = 1\n}\n'
    more(tmp_path / "outer", {"main.tf": rest + call})
    told = [d["summary"] for d in evaluated(estate)["diagnostics"]]
    assert any("modules call modules without end" in text for text in told), told


def test_a_local_module_does_not_leave_its_package(estate: Path, tmp_path: Path) -> None:
    """Beside it lies another package, which is none of its business."""
    more(tmp_path / "outer", {"main.tf": 'module "other" {\n  source = "../old/queue"\n}\nvariable "names" {}\n'})
    done = reconcile(estate, "evaluate", "--format", "json")
    errors = [d for d in json.loads(done.stdout)["diagnostics"] if d["severity"] == "error"]
    assert any("leads outside of the package" in d["summary"] for d in errors), errors
    assert done.returncode == 1
