"""Whole configurations, each in another style, against `terraform plan` of the same."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reconciler.hcl.evaluate import Inputs
from tests.hcl.agreement import disagreements, evaluated, planned
from tests.support.terraform import needs_provider

ESTATES = Path(__file__).parent / "estates"
QUICK = {"messaging", "security"}
"""What is compared in every run; the rest is for the long one."""


@dataclass(frozen=True, slots=True)
class Estate:
    """`inputs.json` beside an estate says what is given to it; its root module is where it says, or the folder."""

    folder: Path
    root: str = ""
    workspace: str = "default"
    arguments: tuple[tuple[Any, str], ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> Estate:
        given = folder / "inputs.json"
        content = json.loads(given.read_text()) if given.exists() else {}
        arguments = tuple((kind, text) for kind, text in content.pop("arguments", []))
        return cls(folder, arguments=arguments, **content)

    def plan(self, work: Path) -> Any:
        env = {**self.environment, **({"TF_WORKSPACE": self.workspace} if self.workspace != "default" else {})}
        arguments = [f"-{kind}={text}" for kind, text in self.arguments]
        return planned(self.folder, work, self.root, *arguments, env=env)

    def evaluate(self) -> Any:
        inputs = Inputs(self.arguments, self.environment, self.workspace)
        return evaluated(self.folder, self.root, inputs)


def _parameters() -> list[Any]:
    names = sorted(folder.name for folder in ESTATES.iterdir() if folder.is_dir())
    return [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.oracle]) for name in names]


@needs_provider
@pytest.mark.parametrize("name", _parameters())
def test_every_configured_attribute_is_what_terraform_plans(name: str, tmp_path: Path) -> None:
    estate = Estate.load(ESTATES / name)
    assert disagreements(estate.evaluate(), estate.plan(tmp_path / "work")) == []
