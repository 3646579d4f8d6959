"""Thousands of random expressions judged by real Terraform: value, type, what is unknown and what is sensitive."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice

import pytest

from reconciler.errors import EvaluationError
from reconciler.hcl import syntax
from reconciler.hcl.functions import FUNCTIONS, LAZY
from reconciler.hcl.functions.charsets import ELSEWHERE
from reconciler.hcl.parse import parse_expression
from reconciler.hcl.references import walk
from tests.hcl.differential import shrink
from tests.hcl.generator import LEFT_OUT, SIGNATURES, Generator, Node
from tests.hcl.oracle import Answer, Judge, judged
from tests.hcl.wild import Wild
from tests.support.terraform import needs_terraform

PLAIN, WILD, SIZE = 9, 6, 400


@dataclass(frozen=True, slots=True)
class Known:
    """A disagreement that stays: why, a pattern of what is then in the expression or in Terraform's answer, and an
    expression that shows it."""

    why: str
    pattern: str
    example: str


EXPLAINED = (
    Known(
        "a negative number of bits beyond the prefix gives Terraform's cidrsubnet() a nil address",
        r"<nil>",
        'cidrsubnet("10.0.0.0/8", -9, 0)',
    ),
    Known(
        "base64gzip() holds what Go's compressor makes of the text; other compressors make something else",
        r"\bbase64gzip\(",
        'base64gzip("x")',
    ),
    Known(
        "Python has not some text encodings, or has them in other words here and there",
        r"(?i)\btext(en|de)codebase64\(.*(" + "|".join(map(re.escape, sorted(ELSEWHERE))) + ")",
        'textencodebase64("x", "shift_jis")',
    ),
)
"""The suite fails where one of them no longer disagrees."""


def explained(text: str, theirs: Answer) -> bool:
    return any(re.search(known.pattern, f"{text}\n{theirs}") for known in EXPLAINED)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    yield Judge(tmp_path_factory.mktemp("judge"))


def batch(number: int) -> dict[str, Node]:
    generator = Generator(1000 + number) if number < PLAIN else Wild(1000 + number)
    return {str(node): node for node in islice(iter(generator.expression, None), SIZE)}


@needs_terraform
@pytest.mark.parametrize("number", range(PLAIN + WILD))
def test_random_expressions(judge: Judge, number: int) -> None:
    nodes = batch(number)
    found = [(text, theirs, mine) for text, theirs, mine in judged(list(nodes), judge) if not explained(text, theirs)]
    small = judged([str(shrink(nodes[text], judge)) for text, _, _ in found[:3]], judge) if found else []
    assert not found, "\n".join(f"{text}\n  Terraform: {theirs}\n  ours: {mine}" for text, theirs, mine in small)


@needs_terraform
@pytest.mark.parametrize("known", EXPLAINED, ids=lambda known: known.example)
def test_what_is_explained_still_differs(judge: Judge, known: Known) -> None:
    found = judged([known.example], judge)
    assert found, f"agrees now, so take it from the list: {known.why}"
    assert explained(known.example, found[0][1])


def counted(texts: Collection[str]) -> dict[str, int]:
    """In how many expressions each function and each operator is."""
    found = {name: sum(f"{name}(" in text for text in texts) for name in SIGNATURES}
    trees = [node for text in texts for node in nodes_of(text)]
    operators = Counter(
        node.operator for node in trees if isinstance(node, syntax.Binary | syntax.Unary) and node.operator
    )
    kinds = Counter(type(node).__name__ for node in trees)
    return {**found, **{f"operator {name}": n for name, n in operators.items()}, **kinds}


def nodes_of(text: str) -> list[syntax.Expression]:
    """Every node of the expression's tree; none where it is no expression."""
    try:
        return list(walk(parse_expression(text)))
    except EvaluationError:
        return []


OPERATORS = ("+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||", "!")
KINDS = ("ForTuple", "ForObject", "Splat", "Conditional", "Index", "Attribute", "TemplateIf", "TemplateFor", "Object")


def test_every_function_and_operator_gets_its_turn() -> None:
    assert set(SIGNATURES) == (set(FUNCTIONS) | LAZY) - LEFT_OUT
    texts = [text for number in range(PLAIN + WILD) for text in batch(number)]
    assert len(texts) > 5000
    times = counted(texts)
    sys.stdout.write(f"{len(texts)} expressions: {json.dumps(times, sort_keys=True)}\n")  # pytest -s shows it
    rare = [name for name in (*SIGNATURES, *(f"operator {o}" for o in OPERATORS), *KINDS) if times.get(name, 0) < 5]
    assert rare == []


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
