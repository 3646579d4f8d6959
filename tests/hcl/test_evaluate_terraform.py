"""Whole configurations, each in another style, against `terraform plan` of the same."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.hcl.evaluate import Inputs
from reconciler.sandbox.aws_endpoint import AwsEndpoint
from tests.hcl.agreement import disagreements, evaluated, planned
from tests.support.terraform import Terraform, needs_provider, resources_of

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
    names = sorted(folder.name for folder in ESTATES.iterdir() if folder.is_dir() and folder.name != "live")
    return [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.oracle]) for name in names]


@needs_provider
@pytest.mark.parametrize("name", _parameters())
def test_every_configured_attribute_is_what_terraform_plans(name: str, tmp_path: Path) -> None:
    estate = Estate.load(ESTATES / name)
    assert disagreements(estate.evaluate(), estate.plan(tmp_path / "work")) == []


@needs_provider
@pytest.mark.oracle
def test_with_live_values_the_code_is_what_terraform_made_of_it(tmp_path: Path) -> None:
    """Applied to an AWS endpoint, the state has for every configured attribute what we evaluate with it as prior.

    moto answers with another spelling of redrive_policy; secrets are not marked in a state.
    """
    with AwsEndpoint() as aws:
        work = tmp_path / "work"
        shutil.copytree(ESTATES / "live", work)
        terraform = Terraform(work, env={"TF_VAR_ep": aws.url})
        terraform.init()
        terraform.apply()
        state = terraform.state()["values"]
        inputs = Inputs(environment={"TF_VAR_ep": aws.url})
        first = evaluated(ESTATES / "live", "", inputs)
        assert [request.address for request in first.data] == ["data.aws_caller_identity.me"]
        resources = {r["address"]: r for r in resources_of(state["root_module"])}
        prior = {address: r["values"] for address, r in resources.items() if r["mode"] == "managed"}
        answers = {address: r["values"] for address, r in resources.items() if r["mode"] == "data"}
        inputs = replace(
            inputs, prior=prior, data={request.address: answers[request.address] for request in first.data}
        )
        second = evaluated(ESTATES / "live", "", inputs)
    assert (second.data, second.diagnostics) == ((), ())
    assert {str(r.address) for r in second.resources} == prior.keys()
    plan = {"planned_values": state, "resource_changes": [], "output_changes": _shown(state)}
    excused = ("redrive_policy", "sensitive")
    assert [line for line in disagreements(second, plan) if not any(word in line for word in excused)] == []


def _shown(state: Any) -> Any:
    return {name: {"after": output["value"]} for name, output in state["outputs"].items()}
