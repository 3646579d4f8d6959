"""Variables and workspaces through the command line, as Terraform takes them in the same folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.terraform import Terraform, needs_terraform

FILES = {
    "main.tf": 'terraform {\n  backend "local" {}\n}\n'
    + "".join(f'variable "{name}" {{\n  default = "default"\n}}\n' for name in "abcdefgh")
    + 'output "all" {\n  value = join(" ", [var.a, var.b, var.c, var.d, var.e, var.f, var.g, var.h])\n}\n'
    + 'output "workspace" {\n  value = terraform.workspace\n}\n',
    "terraform.tfvars": "".join(f'{name} = "tfvars"\n' for name in "bcdefgh"),
    "terraform.tfvars.json": json.dumps(dict.fromkeys("cdefgh", "tfvars.json")),
    "a.auto.tfvars.json": json.dumps(dict.fromkeys("defgh", "a.auto.json")),
    "z.auto.tfvars": "".join(f'{name} = "z.auto"\n' for name in "efgh"),
    "B.auto.tfvars": 'e = "B.auto"\n',
    "given.tfvars": "".join(f'{name} = "given"\n' for name in "fgh"),
}
ENVIRONMENT = {f"TF_VAR_{name}": "environment" for name in "abcd"}
PERSON = ["-c", "user.name=Ada", "-c", "user.email=ada@acme.example"]
ORDERS = {
    "files": [],
    "a file": ["--var-file=given.tfvars"],
    "a value after a file": ["--var-file=given.tfvars", "--var=g=var"],
    "a file after a value": ["--var=g=var", "--var-file=given.tfvars"],
    "two values": ["--var=h=first", "--var=h=second"],
}


@pytest.fixture(scope="module")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    folder = tmp_path_factory.mktemp("inputs")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    for words in (["init", "--quiet"], ["add", "."], [*PERSON, "commit", "--quiet", "--message", "inputs"]):
        subprocess.run(["git", *words], cwd=folder, check=True, timeout=60)
    terraform = Terraform(folder, env=dict(ENVIRONMENT))
    terraform.init()
    terraform.run("workspace", "new", "blue")
    return terraform


def ours(folder: Path, *args: str, **env: str) -> dict[str, Any]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TF_"))}
    command = [sys.executable, "-m", "reconciler.cli", "evaluate", "--format", "json", *args]
    done = subprocess.run(command, cwd=folder, env={**clean, **env}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return {name: output["value"] for name, output in json.loads(done.stdout)["outputs"].items()}


def theirs(terraform: Terraform, *args: str) -> dict[str, Any]:
    outputs = terraform.plan(*(arg.replace("--", "-", 1) for arg in args))["planned_values"]["outputs"]
    return {name: output["value"] for name, output in outputs.items()}


@needs_terraform
@pytest.mark.parametrize("order", ORDERS)
def test_variables_take_precedence_as_in_terraform(initialised: Terraform, order: str) -> None:
    found = ours(initialised.folder, *ORDERS[order], **ENVIRONMENT)
    assert found == theirs(initialised, *ORDERS[order])
    assert found["workspace"] == "blue", "chosen by `terraform workspace select`"


@needs_terraform
def test_the_environment_names_the_workspace_and_the_data_folder(initialised: Terraform) -> None:
    assert ours(initialised.folder, TF_WORKSPACE="green")["workspace"] == "green"
    assert ours(initialised.folder, "--workspace", "red", TF_WORKSPACE="green")["workspace"] == "red"
    assert ours(initialised.folder, TF_DATA_DIR="elsewhere")["workspace"] == "default"
