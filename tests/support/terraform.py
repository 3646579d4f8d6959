"""Real Terraform as the judge: `Terraform(folder)` over the binary on PATH and a provider mirror.

The mirror is a folder that holds registry.terraform.io/hashicorp/aws, named by RECONCILE_TF_MIRROR. Where the binary
or the mirror is missing, tests marked with `needs_terraform` / `needs_provider` skip and say so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

MIRROR = os.environ.get("RECONCILE_TF_MIRROR", "")
BINARY = shutil.which("terraform")

HAVE_PROVIDER = BINARY is not None and (Path(MIRROR) / "registry.terraform.io/hashicorp/aws").is_dir()

needs_terraform = pytest.mark.skipif(BINARY is None, reason="no terraform binary on PATH")
needs_provider = pytest.mark.skipif(
    not HAVE_PROVIDER,
    reason="no provider mirror: set RECONCILE_TF_MIRROR to a folder that holds registry.terraform.io/hashicorp/aws",
)


class TerraformFailed(Exception):
    """A terraform command exited with an error; the text holds its output."""


@dataclass(slots=True)
class Terraform:
    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    timeout: float = 900

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    def run(self, *args: str, check: bool = True, ok: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        """Run `terraform *args` in the folder; raises TerraformFailed where the exit code is not in `ok`."""
        rc = self.folder / ".terraformrc"
        if not rc.exists():
            mirror = f"filesystem_mirror {{\n    path = {json.dumps(MIRROR)}\n  }}"
            rc.write_text(f"disable_checkpoint = true\nprovider_installation {{\n  {mirror}\n}}\n")
        env = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "AWS_"))}
        env |= {"TF_CLI_CONFIG_FILE": str(rc), "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
        env |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}
        env |= self.env
        done = subprocess.run(
            ["terraform", *args], cwd=self.folder, env=env, text=True, capture_output=True, timeout=self.timeout
        )
        if check and done.returncode not in ok:
            # Of the errors first: what prints this may cut it, and a plan is long.
            said = f"{done.stderr.strip()}\nand before that\n{done.stdout.strip()[-4000:]}"
            raise TerraformFailed(f"terraform {' '.join(args)}: exit {done.returncode}\n{said}")
        return done

    def init(self) -> None:
        self.run("init", "-no-color", "-backend=true")

    def apply(self, *args: str, parallelism: int = 10) -> None:
        self.run("apply", "-auto-approve", "-no-color", f"-parallelism={parallelism}", *args)

    def plan(self, *args: str) -> dict[str, Any]:
        """The plan as `terraform show -json` prints it."""
        self.run("plan", "-no-color", "-out=tfplan", *args)
        return json.loads(self.run("show", "-json", "tfplan").stdout)

    def state(self) -> dict[str, Any]:
        return json.loads(self.run("show", "-json").stdout)


def resources_of(module: dict[str, Any]) -> list[dict[str, Any]]:
    """Every resource of a `root_module` of plan or state JSON, child modules included."""
    found = list(module.get("resources", []))
    for child in module.get("child_modules", []):
        found += resources_of(child)
    return found
