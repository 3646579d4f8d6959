"""Thousands of random expressions judged by real Terraform: value, type, what is unknown and what is sensitive."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from itertools import islice

import pytest

from reconciler.hcl.functions import FUNCTIONS, LAZY
from tests.hcl.differential import shrink
from tests.hcl.generator import LEFT_OUT, SIGNATURES, Generator, Node
from tests.hcl.oracle import Answer, Judge, judged
from tests.support.terraform import needs_terraform

BATCHES, SIZE = 9, 400

EXPLAINED = {
    "a negative number of bits beyond the prefix gives Terraform's cidrsubnet() a nil address": r"<nil>",
    "some functions panic on an unknown tuple or list where Terraform should answer that the result is unknown": (
        r"panic in function implementation"
    ),
    "Go's exponential differs from C's in the last digit, so a power with a fraction may": r"\bpow\(.*\.\d",
}
"""Disagreements that are known: why, and a pattern of what is then in the expression or in Terraform's answer."""


def explained(text: str, theirs: Answer) -> bool:
    return any(re.search(pattern, f"{text}\n{theirs}") for pattern in EXPLAINED.values())


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    yield Judge(tmp_path_factory.mktemp("judge"))


def batch(number: int) -> dict[str, Node]:
    generator = Generator(1000 + number)
    return {str(node): node for node in islice(iter(generator.expression, None), SIZE)}


@needs_terraform
@pytest.mark.parametrize("number", range(BATCHES))
def test_random_expressions(judge: Judge, number: int) -> None:
    nodes = batch(number)
    found = [(text, theirs, mine) for text, theirs, mine in judged(list(nodes), judge) if not explained(text, theirs)]
    small = judged([str(shrink(nodes[text], judge)) for text, _, _ in found[:3]], judge) if found else []
    assert not found, "\n".join(f"{text}\n  Terraform: {theirs}\n  ours: {mine}" for text, theirs, mine in small)


def test_every_function_gets_its_turn() -> None:
    assert set(SIGNATURES) == (set(FUNCTIONS) | LAZY) - LEFT_OUT
    texts = [text for number in range(BATCHES) for text in batch(number)]
    assert len(texts) > 3000
    for name in SIGNATURES:
        assert sum(f"{name}(" in text for text in texts) >= 5, name


@needs_terraform
def test_no_function_is_missing() -> None:
    done = subprocess.run(["terraform", "metadata", "functions", "-json"], capture_output=True, text=True, check=True)
    theirs = json.loads(done.stdout)["function_signatures"]
    assert {name.removeprefix("core::") for name in theirs} == set(FUNCTIONS) | LAZY


@needs_terraform
def test_parameters_are_terraforms() -> None:
    done = subprocess.run(["terraform", "metadata", "functions", "-json"], capture_output=True, text=True, check=True)
    theirs = json.loads(done.stdout)["function_signatures"]
    for name, function in FUNCTIONS.items():
        parameters = [parameter.name for parameter in function.parameters]
        assert parameters == [parameter["name"] for parameter in theirs[name].get("parameters", [])], name
        assert (function.variadic is None) == ("variadic_parameter" not in theirs[name]), name
