"""Many expressions at once: what real Terraform says of each, and what we say.

Each expression is a local, an output (which shows its type) and a part of the input of a `terraform_data` (which shows
what in it is unknown and sensitive), wrapped into a tuple so that nulls keep their type. An expression that is an error
is named by the diagnostic's file; it is dropped, and the rest is planned again.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from reconciler.errors import EvaluationError
from reconciler.hcl import numbers, values
from reconciler.hcl.calls import Brought
from reconciler.hcl.expressions import evaluate
from reconciler.hcl.functions import Function, FunctionContext, Unavailable
from reconciler.hcl.parse import parse_expression
from reconciler.hcl.references import ModuleOutput, Reference
from reconciler.hcl.scope import Environment, Scope
from reconciler.hcl.session import Session
from reconciler.hcl.tree import MemoryTree
from reconciler.hcl.values import (
    BOOL,
    NUMBER,
    STRING,
    ListOf,
    MapOf,
    ObjectOf,
    Primitive,
    Refinement,
    SetOf,
    TupleOf,
    Type,
    Value,
)
from reconciler.model import UNKNOWN
from tests.hcl.generator import FILES, PRELUDE

ROUNDS = 40
REFUSED = ("outside the repository", "too long", "too large")
"""Reasons for which we may refuse what Terraform computes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an expression comes to. `type` is None where something in it is unknown, for then it is not shown.

    `unavailable`: we say that we cannot tell.
    """

    error: str | None = None
    value: object = None
    type: object = None
    sensitive: frozenset[tuple[int | str, ...]] = frozenset()
    unavailable: bool = False

    def agrees(self, ours: Answer) -> bool:
        if ours.unavailable:
            return any(reason in (ours.error or "") for reason in REFUSED)
        if self.error is not None or ours.error is not None:
            return self.error is not None and ours.error is not None
        types = self.type is None or self.type == ours.type
        return self.value == ours.value and types and self.sensitive == ours.sensitive

    def __str__(self) -> str:
        if self.error is not None:
            return "error: " + self.error.split("\n")[0][:300]
        marks = f" sensitive {sorted(map(str, self.sensitive))}" if self.sensitive else ""
        return f"{self.value!r} {self.type}{marks}"


def configuration(expressions: Mapping[int, str]) -> dict[str, str]:
    """Files: a local for each expression (in one of its own: diagnostics take long to find their place in a large one),
    an output for each, and one resource for all of them."""
    files = {f"e{number}.tf": f"locals {{\n  l{number} = [{text}]\n}}\n" for number, text in expressions.items()}
    outputs = [f'output "o{number}" {{\n  sensitive = true\n  value = local.l{number}\n}}\n' for number in expressions]
    inputs = "".join(f"    local.l{number},\n" for number in expressions)
    resource = f'resource "terraform_data" "all" {{\n  input = [\n{inputs}  ]\n}}\n'
    return {"main.tf": PRELUDE, "outputs.tf": "".join(outputs) + resource, **files}


# -- Terraform ------------------------------------------------------------------------------------------------


class Judge:
    """Real Terraform in a folder of its own."""

    def __init__(self, outside: Path) -> None:
        self.outside = outside
        self.folder = folder = outside / "root"
        for path, content in FILES.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        rc = self.outside / "cli.rc"
        rc.write_text("disable_checkpoint = true\n")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("TF_")}
        self.env |= {"TF_CLI_CONFIG_FILE": str(rc), "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}
        (folder / "main.tf").write_text(PRELUDE)
        self._run("init", "-no-color")

    def _run(self, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["terraform", *args], cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=300
        )

    def ask(self, texts: Sequence[str]) -> list[Answer]:
        """Terraform's answers, in order."""
        answers: dict[int, Answer] = {}
        waiting = dict(enumerate(texts))
        for _ in range(ROUNDS):
            failed = self._plan(waiting)
            if not failed:
                answers |= self._shown(waiting)
                return [answers[number] for number in range(len(texts))]
            answers |= {number: Answer(reason) for number, reason in failed.items()}
            waiting = {number: text for number, text in waiting.items() if number not in failed}
        raise AssertionError(f"Terraform still fails after {ROUNDS} rounds")

    def _plan(self, waiting: Mapping[int, str]) -> dict[int, str]:
        """The expressions that failed, with the reason; none where the plan was written."""
        for stale in self.folder.glob("*.tf"):
            stale.unlink()
        for path, text in configuration(waiting).items():
            (self.folder / path).write_text(text)
        done = self._run("plan", "-json", "-lock=false", "-out=../plan")
        failed: dict[int, str] = {}
        for line in done.stdout.split("\n"):  # a name in it may hold U+0085
            if not line.strip():
                continue
            diagnostic = json.loads(line).get("diagnostic", {})
            if diagnostic.get("severity") != "error":
                continue
            reason = f"{diagnostic['summary']}: {diagnostic['detail']}"
            place = re.match(r"e(\d+)\.tf", diagnostic.get("range", {}).get("filename", ""))
            if place:
                failed[int(place[1])] = reason
            failed |= dict.fromkeys(map(int, re.findall(r'output value "o(\d+)"', reason)), reason)
        if done.returncode and not failed:
            if len(waiting) == 1:
                return {next(iter(waiting)): "crash: " + (done.stdout + done.stderr)[-2000:]}
            half = dict(list(waiting.items())[: len(waiting) // 2])
            rest = {number: text for number, text in waiting.items() if number not in half}
            return self._plan(half) or self._plan(rest)
        return failed

    def _shown(self, waiting: Mapping[int, str]) -> dict[int, Answer]:
        if not waiting:
            return {}
        shown = json.loads(self._run("show", "-json", "../plan").stdout, parse_float=Decimal, parse_int=Decimal)
        outputs = shown["planned_values"]["outputs"]
        change = next(c["change"] for c in shown["resource_changes"] if c["address"] == "terraform_data.all")
        inputs = _with_unknown(change["after"]["input"], change["after_unknown"].get("input", False))
        marks = change["after_sensitive"].get("input", [])
        assert isinstance(inputs, list)
        found: dict[int, Answer] = {}
        for index, number in enumerate(waiting):
            paths = frozenset(_paths(marks[index] if index < len(marks) else False))
            found[number] = Answer(None, inputs[index], outputs.get(f"o{number}", {}).get("type"), paths)
        return found


def _with_unknown(value: Any, unknown: Any) -> object:
    if unknown is True:
        return UNKNOWN
    if isinstance(unknown, list) and isinstance(value, list):
        return [_with_unknown(v, u) for v, u in zip(value, unknown + [False] * len(value), strict=False)]
    if isinstance(unknown, dict) and isinstance(value, dict):
        return {key: _with_unknown(value.get(key), unknown.get(key, False)) for key in value.keys() | unknown.keys()}
    return value


def _paths(marks: Any, path: tuple[int | str, ...] = ()) -> list[tuple[int | str, ...]]:
    if marks is True:
        return [path]
    children = enumerate(marks) if isinstance(marks, list) else marks.items() if isinstance(marks, dict) else []
    return [found for key, child in children for found in _paths(child, (*path, key))]


# -- ours -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Surroundings:
    """The module that PRELUDE describes, with the unknown values that `terraform_data` has there."""

    module: Environment
    memo: dict[str, dict[int, Any]] = field(default_factory=dict[str, dict[int, Any]])

    @property
    def context(self) -> FunctionContext:
        return self.module.context

    def lookup(self, reference: Reference) -> Value:
        found = _UNKNOWN.get(str(reference))
        return self.module.lookup(reference) if found is None else found

    def output(self, output: ModuleOutput) -> Value:
        return self.module.output(output)

    def provided(self, provider: str) -> Mapping[str, Function]:
        return self.module.provided(provider)


_OBJECT = values.object_type({"a": NUMBER, "b": STRING})
_UNKNOWN = {
    "local.us": values.unknown(STRING),
    "local.uns": values.unknown(STRING),
    "local.un": values.unknown(NUMBER),
    "local.ub": values.unknown(BOOL),
    "local.ul": values.unknown(ListOf(STRING)),
    "local.ue": values.unknown(SetOf(STRING)),
    "local.um": values.unknown(MapOf(STRING)),
    "local.uo": values.unknown(_OBJECT),
    "local.ut": values.unknown(TupleOf((NUMBER, STRING))),
    "local.ud": values.unknown(),
    "local.up": values.unknown(STRING, Refinement(not_null=True, prefix="pre-")),
}


def ours(texts: Sequence[str]) -> list[Answer]:
    """Our answers, in order."""
    tree = MemoryTree({"main.tf": PRELUDE.encode(), **FILES})
    session = Session(tree, "", workspace="default", brought=Brought(), prior={}, answers={}, cache=None)
    session.run({}, ())
    return [_ours(f"[{text}]", _Surroundings(session.top)) for text in texts]


def _ours(text: str, surroundings: _Surroundings) -> Answer:
    try:
        return _answer(evaluate(parse_expression(text), Scope("main.tf", surroundings)))
    except Unavailable as error:
        return Answer(str(error), unavailable=True)
    except EvaluationError as error:
        return Answer(str(error))


def _answer(found: Value) -> Answer:
    if any(isinstance(leaf.raw, Decimal) and not leaf.raw.is_finite() for _, leaf in values.leaves(found)):
        return Answer("infinity cannot be written to a plan")
    known = values.wholly_known(found)
    return Answer(None, _plain(found), _type(found.type) if known else None, values.marked_paths(found))


def _plain(value: Value) -> object:
    """With the numbers of JSON as Terraform writes them."""
    if isinstance(value.raw, Decimal):
        exact = numbers.exact(numbers.to_binary(value.raw))
        if exact == int(exact):
            return exact if -(2**63) <= exact < 2**63 else Decimal(numbers.text(value.raw))
        return Decimal(numbers.text(_through_float(value.raw, exact)))
    if isinstance(value.raw, tuple):
        return [_plain(item) for item in value.raw]
    if isinstance(value.raw, Mapping):
        return {key: _plain(item) for key, item in value.raw.items()}
    return value.raw


def _through_float(number: Decimal, exact: Decimal) -> Decimal:
    """A plan holds a fraction that fits a 64-bit float as such, and so forgets that it had 512 bits."""
    return numbers.Narrow(exact, 53) if Decimal(float(exact)) == exact else number


def _type(type_: Type) -> object:
    match type_:
        case Primitive(name):
            return name
        case ListOf(element):
            return ["list", _type(element)]
        case SetOf(element):
            return ["set", _type(element)]
        case MapOf(element):
            return ["map", _type(element)]
        case TupleOf(elements):
            return ["tuple", [_type(element) for element in elements]]
        case ObjectOf(attributes):
            return ["object", {name: _type(attribute) for name, attribute in attributes}]


def judged(texts: Sequence[str], judge: Judge | None = None) -> list[tuple[str, Answer, Answer]]:
    """(expression, Terraform's answer, ours) wherever the two differ."""
    if judge is None:
        with tempfile.TemporaryDirectory(prefix="judge-") as folder:
            return judged(texts, Judge(Path(folder)))
    pairs = zip(texts, judge.ask(texts), ours(texts), strict=True)
    return [(text, theirs, mine) for text, theirs, mine in pairs if not theirs.agrees(mine)]
