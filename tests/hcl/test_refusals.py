"""What Terraform refuses of small configurations we refuse, and nothing else: blocks, references, ephemeral values.

`cases/blocks.json` has whole configurations, `cases/references.json` expressions with the contexts in which Terraform
1.11.4 refused or took them; the oracle judges them again.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler.hcl.evaluate import evaluate
from reconciler.hcl.tree import MemoryTree
from tests.support.terraform import Terraform, needs_terraform

CASES: Final = Path(__file__).parent / "cases"
BLOCKS: Final[dict[str, dict[str, dict[str, str]]]] = json.loads((CASES / "blocks.json").read_text(encoding="utf-8"))
REFERENCES: Final[dict[str, dict[str, list[str]]]] = json.loads((CASES / "references.json").read_text(encoding="utf-8"))
PRELUDE: Final = """\
variable "s" {
  type = string
  default = "x"
}
variable "n" {
  type = number
  default = 1
}
variable "l" {
  type = list(string)
  default = ["a"]
}
variable "e" {
  type = list(string)
  default = []
}
variable "m" {
  type = map(string)
  default = { a = "1" }
}
variable "o" {
  type = object({ a = string, b = optional(number) })
  default = { a = "1" }
}
variable "any" {
  default = { a = 1 }
}
variable "sec" {
  type = string
  sensitive = true
  default = "s"
}
variable "b" {
  type = bool
  default = true
}
locals {
  k = { a = 1, l = [1, 2] }
  u = var.s
}
resource "terraform_data" "one" {
  input = "x"
}
resource "terraform_data" "many" {
  count = 2
}
resource "terraform_data" "none" {
  count = 0
}
resource "terraform_data" "each" {
  for_each = { a = 1 }
}
data "terraform_remote_state" "rs" {
  count = 0
  backend = "local"
}
"""
CALL: Final = 'module "mm" {\n  source = "./mm"\n  count = 0\n%s}\n'
OUTPUT: Final = 'output "z" {\n  value = %s\n  sensitive = true\n}\n'
CHECK: Final = 'check "z" {\n  assert {\n    condition = [%s, var.n][1] == 1\n    error_message = "m"\n  }\n}\n'


def _configuration(context: str, expression: str) -> dict[str, str]:
    """The expression in an output, a check, or something that has no instances."""
    match context:
        case "out":
            return {"main.tf": PRELUDE, "z.tf": OUTPUT % expression}
        case "check":
            return {"main.tf": PRELUDE, "z.tf": CHECK % expression}
        case "res0":
            body = f'resource "terraform_data" "z" {{\n  count = 0\n  input = {expression}\n}}\n'
            return {"main.tf": PRELUDE, "z.tf": body}
        case "mod0":
            return {"z.tf": CALL % "", "mm/main.tf": PRELUDE, "mm/z.tf": OUTPUT % expression}
        case _:
            call = CALL % f"  x = {expression}\n"
            return {"main.tf": PRELUDE, "z.tf": call, "mm/a.tf": 'variable "x" {}\n'}


class _Trees:
    """Syntax trees by blob id: most of what is evaluated here is the same prelude."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self._kept.get(key)

    def put(self, key: str, data: bytes) -> None:
        self._kept[key] = data


TREES: Final = _Trees()
STRIDE: Final = 5
"""Every fifth expression in every run; the oracle's run has them all."""


def _refused(files: Mapping[str, str]) -> list[str]:
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    evaluation = evaluate(tree, "", cache=TREES)
    return [f"{d.span}: {d.summary}" for d in evaluation.diagnostics if d.severity == "error"]


def _referring() -> Iterator[tuple[str, str, bool]]:
    """(context, expression, refused)"""
    for expression, verdicts in REFERENCES.items():
        yield from ((context, expression, True) for context in verdicts["refused"])
        yield from ((context, expression, False) for context in verdicts["taken"])


@pytest.mark.parametrize("context", ["out", "check", "res0", "mod0", "modarg0"])
def test_expressions_are_refused_where_terraform_refuses_them(context: str) -> None:
    wrong: list[str] = []
    for place, expression, refused in list(_referring())[::STRIDE]:
        if place == context and bool(found := _refused(_configuration(context, expression))) != refused:
            wrong.append(f"{expression}: {found or 'taken'}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("verdict", ["refused", "taken"])
def test_blocks_are_refused_where_terraform_refuses_them(verdict: str) -> None:
    wrong = {
        name: found
        for name, files in BLOCKS[verdict].items()
        if bool(found := _refused(files)) != (verdict == "refused")
    }
    assert not wrong


# -- judged by Terraform --------------------------------------------------------------------------------------

_MODULE: Final = re.compile(r'module "([\w-]+)" \{\s*(?:[^{}]*?\n)?\s*source\s*=\s*"(\.[^"]*)"')


def _modules(files: Mapping[str, str], key: str = "", folder: str = "", source: str = "") -> Iterator[dict[str, str]]:
    """What `terraform init` notes of the calls of local modules."""
    yield {"Key": key, "Source": source, "Dir": folder or "."}
    for path, text in files.items():
        if path.rpartition("/")[0] == folder and key.count(".") < 3:
            for name, called in _MODULE.findall(text):
                inside = "/".join(part for part in (folder, *called.split("/")) if part not in ("", "."))
                yield from _modules(files, f"{key}.{name}" if key else name, inside, called)


def _theirs(files: Mapping[str, str], terraform: Terraform) -> bool:
    """Whether Terraform refuses them; `init` is run only where a block `terraform` or a call needs it."""
    for old in terraform.folder.iterdir():
        if old.name != ".terraformrc":
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    for path, text in files.items():
        (terraform.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (terraform.folder / path).write_bytes(text.encode())
    modules: list[dict[str, Any]] = list(_modules(files))
    called = any(re.search(r'"?module"? *[":]', text) for text in files.values())
    settings = any(re.search(r"^ *(terraform|provider) ", text, re.MULTILINE) for text in files.values())
    if settings or (called and len(modules) == 1):
        if terraform.run("init", "-json", check=False).returncode:
            return True
    elif len(modules) > 1:
        (terraform.folder / ".terraform/modules").mkdir(parents=True)
        (terraform.folder / ".terraform/modules/modules.json").write_text(json.dumps({"Modules": modules}))
    return terraform.run("plan", "-json", "-refresh=false", "-lock=false", check=False).returncode != 0


@pytest.mark.oracle
def test_every_expression_is_refused_where_terraform_refuses_it() -> None:
    cases = list(_referring())
    assert not [case for case in cases if bool(_refused(_configuration(case[0], case[1]))) != case[2]]


@needs_terraform
@pytest.mark.oracle
@pytest.mark.parametrize("verdict", ["refused", "taken"])
def test_the_verdicts_on_blocks_are_terraforms(verdict: str, tmp_path: Path) -> None:
    terraform = Terraform(tmp_path)
    cases = BLOCKS[verdict]
    assert not [name for name, files in cases.items() if _theirs(files, terraform) != (verdict == "refused")]


@needs_terraform
@pytest.mark.oracle
def test_the_verdicts_on_expressions_are_terraforms(tmp_path: Path) -> None:
    """Every seventh of them: there are two thousand."""
    terraform = Terraform(tmp_path)
    cases = list(_referring())[::7]
    wrong = [case for case in cases if _theirs(_configuration(case[0], case[1]), terraform) != case[2]]
    assert not wrong
