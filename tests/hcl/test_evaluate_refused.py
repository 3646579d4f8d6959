"""Configurations that Terraform refuses are refused by us, at the same place; and those around them are not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconciler.hcl.evaluate import evaluate
from reconciler.hcl.tree import MemoryTree
from tests.support.terraform import Terraform, needs_terraform

MODULE = {
    "m/main.tf": 'variable "need" {}\nvariable "size" {\n  type = number\n  default = 1\n}\n'
    'output "out" {\n  value = var.need\n}\n'
}
CALL = 'module "m" {\n  source = "./m"\n  need = 1\n%s}\n'
RULE = '    condition = %s\n    error_message = "no"\n  }\n'
OUTPUT = 'output "o" {\n  value = %s\n}\n'
DATA = 'resource "terraform_data" "t" {\n%s\n}\n'

CASES: dict[str, dict[str, str]] = {
    "cycle": {"main.tf": "locals {\n  a = local.b\n  b = local.a\n}\n"},
    "cycle through a module": {"main.tf": 'module "m" {\n  source = "./m"\n  need = module.m.out\n}\n', **MODULE},
    "cycle between resources": {
        "main.tf": 'resource "terraform_data" "a" {\n  input = terraform_data.b.id\n}\n'
        'resource "terraform_data" "b" {\n  input = terraform_data.a.id\n}\n'
    },
    "self reference": {"main.tf": DATA % "  input = terraform_data.t.id"},
    "undeclared variable": {"main.tf": OUTPUT % "var.x"},
    "undeclared local in a branch not taken": {"main.tf": OUTPUT % "true ? 1 : local.x"},
    "undeclared in try": {"main.tf": OUTPUT % "try(local.x, 1)"},
    "undeclared resource": {"main.tf": OUTPUT % "terraform_data.x.id"},
    "undeclared data": {"main.tf": OUTPUT % "data.terraform_remote_state.x.outputs"},
    "undeclared module": {"main.tf": OUTPUT % "module.x.y"},
    "undeclared output": {"main.tf": (CALL % "") + OUTPUT % "module.m.nothing", **MODULE},
    "missing argument of a module": {"main.tf": 'module "m" {\n  source = "./m"\n}\n', **MODULE},
    "unknown argument of a module": {"main.tf": CALL % "  other = 2\n", **MODULE},
    "wrong type for a module": {"main.tf": CALL % '  size = "x"\n', **MODULE},
    "no key for counted module": {
        "main.tf": (CALL % "  count = 1\n") + OUTPUT % "module.m.out",
        **MODULE,
    },
    "key for a single module": {"main.tf": (CALL % "") + OUTPUT % "module.m[0].out", **MODULE},
    "no such instance": {
        "main.tf": (CALL % "  count = 1\n") + OUTPUT % "module.m[1].out",
        **MODULE,
    },
    "missing variable": {"main.tf": 'variable "x" {\n}\noutput "o" {\n  value = var.x\n}\n'},
    "wrong default": {"main.tf": 'variable "x" {\n  type = number\n  default = "x"\n}\n'},
    "null default": {"main.tf": 'variable "x" {\n  default = null\n  nullable = false\n}\n'},
    "function in a default": {"main.tf": 'variable "x" {\n  default = upper("x")\n}\n'},
    "reference in a default": {"main.tf": 'variable "x" {\n  default = local.a\n}\nlocals {\n  a = 1\n}\n'},
    "no type": {"main.tf": 'variable "x" {\n  type = strin\n}\n'},
    "quoted type": {"main.tf": 'variable "x" {\n  type = "string"\n}\n'},
    "wrong tfvars": {
        "main.tf": 'variable "x" {\n  type = list(string)\n}\n',
        "terraform.tfvars": "x = { a = 1 }\n",
    },
    "function in tfvars": {"main.tf": 'variable "x" {\n}\n', "terraform.tfvars": 'x = upper("a")\n'},
    "block in tfvars": {"main.tf": 'variable "x" {\n  default = 1\n}\n', "terraform.tfvars": "x {\n}\n"},
    "validation": {"main.tf": 'variable "x" {\n  default = 1\n  validation {\n' + RULE % "var.x > 1" + "}\n"},
    "precondition": {"main.tf": DATA % ("  lifecycle {\n  precondition {\n" + RULE % "false" + "  }")},
    "postcondition": {
        "main.tf": DATA % ("  input = 1\n  lifecycle {\n  postcondition {\n" + RULE % "self.input > 1" + "  }")
    },
    "precondition of an output": {"main.tf": OUTPUT % ("1\n  precondition {\n" + RULE % "false")},
    "sensitive output": {"main.tf": OUTPUT % "sensitive(1)"},
    "output without a value": {"main.tf": 'output "o" {\n}\n'},
    "count of null": {"main.tf": DATA % "  count = null"},
    "negative count": {"main.tf": DATA % "  count = -1"},
    "fraction of a count": {"main.tf": DATA % "  count = 1.5"},
    "list in for_each": {"main.tf": DATA % '  for_each = ["a"]'},
    "numbers in for_each": {"main.tf": DATA % "  for_each = toset([1])"},
    "null in for_each": {"main.tf": DATA % '  for_each = toset(["a", null])'},
    "sensitive for_each": {"main.tf": DATA % '  for_each = sensitive(toset(["a"]))'},
    "count and for_each": {"main.tf": DATA % "  count = 1\n  for_each = {}"},
    "each without for_each": {"main.tf": DATA % "  input = each.key"},
    "count without count": {"main.tf": DATA % "  input = count.index"},
    "no such instance of a resource": {"main.tf": (DATA % "  count = 1") + OUTPUT % "terraform_data.t[1].id"},
    "attribute of a counted resource": {"main.tf": (DATA % "  count = 1") + OUTPUT % "terraform_data.t.id"},
    "no such attribute": {"main.tf": (DATA % "  input = 1") + OUTPUT % "terraform_data.t.nothing"},
    "unknown argument": {"main.tf": DATA % "  inputs = 1"},
    "computed argument": {"main.tf": DATA % "  output = 1"},
    "unknown block": {"main.tf": DATA % "  nested {\n  }"},
    "argument twice": {"main.tf": DATA % "  input = 1\n  input = 2"},
    "local twice": {"main.tf": "locals {\n  a = 1\n}\nlocals {\n  a = 2\n}\n"},
    "variable twice": {"main.tf": 'variable "a" {\n  default = 1\n}\nvariable "a" {\n  default = 1\n}\n'},
    "resource twice": {"main.tf": DATA % "" + DATA % ""},
    "output twice": {"main.tf": 'output "a" {\n  value = 1\n}\noutput "a" {\n  value = 1\n}\n'},
    "override of nothing": {"main.tf": "", "x_override.tf": 'variable "a" {\n  default = 1\n}\n'},
    "unknown block at the top": {"main.tf": "resources {\n}\n"},
    "argument at the top": {"main.tf": "a = 1\n"},
    "too few labels": {"main.tf": 'resource "terraform_data" {\n}\n'},
    "unknown argument of a variable": {"main.tf": 'variable "a" {\n  defaults = 1\n}\n'},
    "no such function": {"main.tf": OUTPUT % "nothing(1)"},
    "template of null": {"main.tf": OUTPUT % '"a${null}"'},
    "broken syntax": {"main.tf": "locals {\n  a = [1, 2\n}\n"},
    "broken JSON": {"main.tf.json": '{"locals": {"a": 1,}}\n'},
    "ignore_changes of nothing": {"main.tf": DATA % "  lifecycle {\n    ignore_changes = 5\n  }"},
    "workspace misspelt": {"main.tf": OUTPUT % "terraform.workspaces"},
    "path misspelt": {"main.tf": OUTPUT % "path.modules"},
    "resource type alone": {"main.tf": (DATA % "") + OUTPUT % "terraform_data"},
    "two backends": {"main.tf": 'terraform {\n  backend "local" {}\n}\nterraform {\n  backend "local" {}\n}\n'},
}
ELSEWHERE = {
    "cycle": "Terraform names no place of a cycle",
    "cycle through a module": "Terraform names no place of a cycle",
    "cycle between resources": "Terraform names no place of a cycle",
    "computed argument": "Terraform names no place",
    "wrong tfvars": "Terraform names the variable, we name the value",
    "two backends": "Terraform stops while it initialises",
}
"""Where our place is another one, and why."""

VERDICTS: dict[str, dict[str, dict[str, str]]] = json.loads(
    (Path(__file__).parent / "cases/verdicts.json").read_text(encoding="utf-8")
)
"""Configurations that Terraform 1.11.4 refused, and those that it took: moved, removed, import, check, lifecycle ..."""


def _ours(files: dict[str, str]) -> list[str]:
    evaluation = evaluate(MemoryTree({path: text.encode() for path, text in files.items()}), "")
    errors = [d for d in evaluation.diagnostics if d.severity == "error"]
    return [f"{error.span.file}:{error.span.line}" if error.span else "" for error in errors]


def _theirs(files: dict[str, str], folder: Path) -> list[str]:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    terraform = Terraform(folder)
    started = terraform.run("init", "-json", check=False)
    done = terraform.run("plan", "-json", "-input=false", check=False) if started.returncode == 0 else started
    messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    found = [message["diagnostic"] for message in messages if "diagnostic" in message]
    ranges = [d.get("range", {}) for d in found if d["severity"] == "error"]
    places = [f"{r.get('filename', '')}:{r.get('start', {}).get('line', 0)}" for r in ranges]
    assert places or done.returncode == 0, done.stdout
    return places


@needs_terraform
@pytest.mark.parametrize("name", CASES)
def test_what_terraform_refuses_is_refused_at_the_same_place(name: str, tmp_path: Path) -> None:
    files = CASES[name]
    theirs, ours = _theirs(files, tmp_path), _ours(files)
    assert theirs, "Terraform takes it"
    assert ours, f"we take what Terraform refuses at {theirs}"
    if name not in ELSEWHERE:
        assert set(ours) & set(theirs), (ours, theirs)


@pytest.mark.parametrize("name", VERDICTS["refused"])
def test_what_terraform_refused_is_refused(name: str) -> None:
    assert _ours(VERDICTS["refused"][name])


@pytest.mark.parametrize("name", VERDICTS["taken"])
def test_what_terraform_took_is_taken(name: str) -> None:
    assert _ours(VERDICTS["taken"][name]) == []


@needs_terraform
@pytest.mark.oracle
@pytest.mark.parametrize(("verdict", "name"), [(verdict, name) for verdict in VERDICTS for name in VERDICTS[verdict]])
def test_the_verdicts_are_terraforms(verdict: str, name: str, tmp_path: Path) -> None:
    assert bool(_theirs(VERDICTS[verdict][name], tmp_path)) == (verdict == "refused")
