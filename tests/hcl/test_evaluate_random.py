"""Random configurations against Terraform: value, unknown, sensitive, or error against error."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from reconciler.hcl.evaluate import Evaluation, evaluate
from reconciler.hcl.tree import MemoryTree
from tests.hcl import configurations, constraints
from tests.hcl.agreement import disagreements
from tests.support.terraform import Terraform, needs_terraform

ROUNDS = 30
Choose = Callable[[int, Iterable[int]], dict[str, str]]


def refused(terraform: Terraform) -> dict[int, str]:
    """The configurations that Terraform refuses to plan, with its reason."""
    done = terraform.run("plan", "-json", "-refresh=false", "-out=tfplan", check=False)
    diagnostics = [json.loads(line).get("diagnostic", {}) for line in done.stdout.splitlines()]
    found = _errors(diagnostics)
    assert found or done.returncode == 0, done.stdout
    return found


def unreadable(terraform: Terraform) -> dict[int, str]:
    """Those that Terraform refuses when it reads them."""
    done = terraform.run("init", "-no-color", check=False)
    found = dict[int, str]()
    for index, line, reason in re.findall(r"\n  on c(\d+)[./]\S*tf line (\d+),.*\n(?:.*\n){1,4}?\n(.*)", done.stderr):
        found[int(index)] = f"line {line}: {reason}"
    assert found or done.returncode == 0, done.stderr
    return found


def invalid(terraform: Terraform) -> dict[int, str]:
    """Those that Terraform refuses before it knows any value, even where count is 0."""
    return _errors(json.loads(terraform.run("validate", "-json", check=False).stdout)["diagnostics"])


def _errors(diagnostics: list[Any]) -> dict[int, str]:
    found: dict[int, str] = {}
    for diagnostic in diagnostics:
        if diagnostic.get("severity") == "error":
            where = diagnostic.get("range", {}).get("filename", "")
            match = re.match(r"c(\d+)[./]", where) or re.search(r" at c(\d+)[./]", diagnostic["detail"])
            assert match, f"an error outside of all configurations: {diagnostic}"
            found[int(match[1])] = f"{where}:{diagnostic['range']['start']['line']}: {diagnostic['detail']}"
    return found


def differences(seed: int, count: int, folder: Path, chosen: Choose = configurations.chosen) -> list[str]:
    """Where we and Terraform differ on the `count` configurations that `seed` gives."""
    remaining, errors = set(range(count)), dict[int, str]()
    for _ in range(ROUNDS):
        shutil.rmtree(folder, ignore_errors=True)
        files = chosen(seed, sorted(remaining))
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        terraform = Terraform(folder)
        unread = unreadable(terraform)
        if unread:
            errors |= unread
            remaining -= unread.keys()
            continue
        unevaluated = invalid(terraform)
        wrong = unevaluated or refused(terraform)
        if not wrong:
            break
        if not unevaluated or chosen is constraints.chosen:
            errors |= wrong  # what is wrong in a module that is there zero times is judged in test_evaluate_refused.py
        remaining -= wrong.keys()
    plan = json.loads(terraform.run("show", "-json", "tfplan").stdout)
    found = [f"seed {seed}: {line}" for line in disagreements(_evaluated(files), plan)]
    for index, reason in errors.items():
        if not _evaluated(chosen(seed, [index])).failed:
            found.append(f"seed {seed}, configuration {index}: Terraform refuses it: {reason}")
    return found


def _evaluated(files: dict[str, str]) -> Evaluation:
    return evaluate(MemoryTree({path: text.encode() for path, text in files.items()}), "")


@needs_terraform
@pytest.mark.parametrize("seed", range(5))
def test_random_configurations_are_what_terraform_plans(seed: int, tmp_path: Path) -> None:
    assert differences(seed, 40, tmp_path / "work") == []


@needs_terraform
@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(100, 125))
def test_many_random_configurations_are_what_terraform_plans(seed: int, tmp_path: Path) -> None:
    assert differences(seed, 60, tmp_path / "work") == []


@needs_terraform
@pytest.mark.parametrize("seed", [5, 6])
def test_random_constraints_are_what_terraform_makes_of_them(seed: int, tmp_path: Path) -> None:
    assert differences(seed, 60, tmp_path / "work", constraints.chosen) == []


@needs_terraform
@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(100, 115))
def test_many_random_constraints_are_what_terraform_makes_of_them(seed: int, tmp_path: Path) -> None:
    assert differences(seed, 100, tmp_path / "work", constraints.chosen) == []
