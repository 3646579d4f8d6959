"""What stands in blocks of a .tf.json file means what it means in native syntax, however deep it stands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.hcl.evaluate import Evaluation, evaluate
from reconciler.hcl.tree import MemoryTree

VARIABLE = 'variable "a" {\n  default = "abcd"\n}\n'
A_VARIABLE: dict[str, Any] = {"variable": {"a": {"default": "abcd"}}}


def rule(value: str, message: str) -> dict[str, str]:
    return {"condition": f'${{var.a == "{value}"}}', "error_message": message}


def native_rule(kind: str, value: str, message: str) -> str:
    return f'{kind} {{\n    condition     = var.a == "{value}"\n    error_message = "{message}"\n  }}'


def queue(kind: str, value: str) -> str:
    return f'resource "aws_sqs_queue" "q" {{\n  lifecycle {{\n  {native_rule(kind, value, "No.")}\n  }}\n}}'


CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "validations": (
        "\n  ".join(
            (
                'variable "a" {',
                'default = "x"',
                native_rule("validation", "x", "One."),
                native_rule("validation", "y", "Two."),
                "}",
            )
        ),
        {"variable": {"a": {"default": "x", "validation": [rule("x", "One."), rule("y", "Two.")]}}},
    ),
    "a validation alone": (
        f'variable "a" {{\n  default = "x"\n  {native_rule("validation", "y", "Two.")}\n}}',
        {"variable": {"a": {"default": "x", "validation": rule("y", "Two.")}}},
    ),
    "a precondition of a resource": (
        VARIABLE + queue("precondition", "x"),
        {
            **A_VARIABLE,
            "resource": {"aws_sqs_queue": {"q": {"lifecycle": {"precondition": rule("x", "No.")}}}},
        },
    ),
    "a postcondition of a resource": (
        VARIABLE + queue("postcondition", "x"),
        {
            **A_VARIABLE,
            "resource": [{"aws_sqs_queue": {"q": [{"lifecycle": [{"postcondition": [rule("x", "No.")]}]}]}}],
        },
    ),
    "a precondition of an output": (
        f'{VARIABLE}output "o" {{\n  value = 1\n  {native_rule("precondition", "x", "No.")}\n}}',
        {**A_VARIABLE, "output": {"o": {"value": 1, "precondition": rule("x", "No.")}}},
    ),
    "an assertion": (
        f'{VARIABLE}check "c" {{\n  {native_rule("assert", "x", "No.")}\n}}',
        {**A_VARIABLE, "check": {"c": {"assert": rule("x", "No.")}}},
    ),
    "what is removed and stays": (
        "removed {\n  from = aws_sqs_queue.q\n  lifecycle {\n    destroy = false\n  }\n}",
        {"removed": {"from": "aws_sqs_queue.q", "lifecycle": {"destroy": False}}},
    ),
    "where the state is": (
        'terraform {\n  backend "s3" {\n    bucket = "b"\n    key    = "k"\n    region = "eu-west-1"\n  }\n}',
        {"terraform": {"backend": {"s3": {"bucket": "b", "key": "k", "region": "eu-west-1"}}}},
    ),
    "what a rule lacks": (
        f'{VARIABLE}output "o" {{\n  value = 1\n  precondition {{\n    condition = var.a == "x"\n  }}\n}}',
        {**A_VARIABLE, "output": {"o": {"value": 1, "precondition": {"condition": '${var.a == "x"}'}}}},
    ),
}


def said(evaluation: Evaluation) -> dict[str, Any]:
    """All but where it stands."""
    backend = evaluation.backend
    return {
        "diagnostics": sorted((d.severity, d.summary.split(" The condition at")[0]) for d in evaluation.diagnostics),
        "removed": [(removed.source, removed.destroy) for removed in evaluation.removed],
        "backend": (backend.type, dict(backend.config)) if backend else None,
        "resources": [(str(r.address), dict(r.values)) for r in evaluation.resources],
    }


@pytest.mark.parametrize("case", CASES)
def test_both_syntaxes_say_the_same(case: str) -> None:
    native, body = CASES[case]
    expected = said(evaluate(MemoryTree({"main.tf": native.encode()}), "."))
    assert said(evaluate(MemoryTree({"main.tf.json": json.dumps(body).encode()}), ".")) == expected
    assert expected["diagnostics"] or expected["removed"] or expected["backend"], "a case that says nothing"


@pytest.mark.parametrize("base", [".tf", ".tf.json"])
@pytest.mark.parametrize("override", [".tf", ".tf.json"])
def test_the_lifecycle_of_an_override_in_either_syntax(base: str, override: str) -> None:
    texts = {
        ".tf": 'resource "aws_sqs_queue" "q" {{\n  lifecycle {{\n    ignore_changes = [{name}]\n  }}\n}}',
        ".tf.json": '{{"resource": {{"aws_sqs_queue": {{"q": {{"lifecycle": {{"ignore_changes": ["{name}"]}}}}}}}}}}',
    }
    files = {
        f"main{base}": texts[base].format(name="tags").encode(),
        f"override{override}": texts[override].format(name="delay_seconds").encode(),
    }
    (queue,) = evaluate(MemoryTree(files), ".").resources
    assert queue.ignore_changes == {("delay_seconds",)}
