"""Real Terraform as the judge of syntax: verdicts, values of templates, white space. Seeded, no provider needed."""

from __future__ import annotations

import json
import random
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any

from reconciler.hcl import syntax as s
from reconciler.hcl.format import formatted
from reconciler.hcl.parse import SyntaxProblem, body_of, parse_file
from tests.hcl import syntax_text
from tests.support.terraform import Terraform, needs_terraform

SOURCES = [*[case.source.decode(errors="replace") for case in syntax_text.recorded()], *syntax_text.blocks()]


def accepts(source: str) -> bool:
    try:
        parse_file("main.tf", source.encode())
    except SyntaxProblem:
        return False
    return True


@needs_terraform
def test_verdicts_on_recorded_cases_are_still_terraforms(tmp_path: Path) -> None:
    cases = syntax_text.recorded()
    refused = syntax_text.refused(tmp_path, [case.source for case in cases])
    assert [case.name for i, case in enumerate(cases) if case.accepted == (i in refused)] == []


@needs_terraform
def test_mutated_code_is_accepted_exactly_where_terraform_accepts_it(tmp_path: Path) -> None:
    random_ = random.Random(20)
    sources = [syntax_text.mutated(random_, SOURCES) for _ in range(3_000)]
    refused = syntax_text.refused(tmp_path, [source.encode() for source in sources])
    assert 300 < len(refused) < 2_900
    assert [source for i, source in enumerate(sources) if accepts(source) == (i in refused)] == []


@needs_terraform
def test_white_space_is_what_terraform_fmt_leaves(tmp_path: Path) -> None:
    random_ = random.Random(21)
    valid = [source for source in SOURCES if accepts(source)]
    generated = (syntax_text.spaced(random_, valid) for _ in range(3_000))
    sources = [source for source in generated if accepts(source) and not source.startswith("\ufeff")]
    sources = [
        source.replace("\n", "\r\n") if i % 10 == 0 and "\r" not in source else source
        for i, source in enumerate(sources)
    ]
    wanted = syntax_text.terraform_formatted(tmp_path, sources)
    compared = 0
    for source, want in zip(sources, wanted, strict=True):
        got = formatted(source)
        if "".join(got.split()) != "".join(want.split()):
            continue  # fmt did more than move white space: unwrapped "${x}", quoted a label
        assert got == want
        compared += 1
    assert compared > 800


# -- values of templates --------------------------------------------------------------------------------------


def value(node: s.Expression, scope: dict[str, Any]) -> Any:
    """Just enough of an evaluator for templates."""
    match node:
        case s.Literal(literal):
            return literal
        case s.Template((only,)) if not isinstance(only, (s.Literal, s.TemplateIf, s.TemplateFor)):
            return value(only, scope)
        case s.Template(parts):
            return "".join(text(value(part, scope)) for part in parts)
        case s.TemplateIf(condition, then, otherwise):
            branch = then if value(condition, scope) else otherwise
            return value(branch, scope) if branch else ""
        case s.TemplateFor(key, name, collection, body):
            items = enumerate(value(collection, scope))
            return "".join(
                value(body, {**scope, name: item, **({key: Decimal(i)} if key else {})}) for i, item in items
            )
        case s.Attribute(s.Name("local"), name) | s.Name(name):
            return scope[name]
        case s.Parentheses(inner):
            return value(inner, scope)
        case s.Tuple(items):
            return [value(item, scope) for item in items]
        case s.Object(items):
            return {value(item.key, scope): value(item.value, scope) for item in items}
        case _:
            raise AssertionError(node)


def text(raw: Any) -> str:
    return str(raw).lower() if isinstance(raw, bool) else unicodedata.normalize("NFC", str(raw))


def comparable(raw: Any) -> Any:
    match raw:
        case str():
            return unicodedata.normalize("NFC", raw)
        case Decimal() | int() if not isinstance(raw, bool):
            return float(raw)
        case list():
            return [comparable(item) for item in raw]
        case dict():
            return {comparable(key): comparable(item) for key, item in raw.items()}
        case _:
            return raw


def outputs_of(folder: Path, files: dict[str, str]) -> dict[str, Any]:
    """The values that Terraform plans for the outputs."""
    terraform = Terraform(folder)
    for name, content in files.items():
        (folder / name).write_bytes(content.encode())
    outputs = terraform.plan()["planned_values"]["outputs"]
    return {name: output.get("value") for name, output in outputs.items()}


LOCALS = "locals {\n" + "".join(f"  {k} = {json.dumps(v)}\n" for k, v in syntax_text.SCOPE.items()) + "}\n"


@needs_terraform
def test_templates_have_the_values_that_terraform_gives_them(tmp_path: Path) -> None:
    random_ = random.Random(22)
    written: dict[str, tuple[str, s.Expression]] = {}
    for i in range(2_000):
        template = syntax_text.template(random_)
        source = f"v = {template}\n"
        if not accepts(source):
            continue
        (argument,) = parse_file("main.tf", source.encode()).arguments
        if "Name(name='z'" in repr(argument):
            continue  # "$" and "{z}" met
        written[f"o{i}"] = (template, argument.value)
    assert len(written) > 1_500
    blocks = (f'output "{name}" {{\n value = {template}\n}}\n' for name, (template, _) in written.items())
    wanted = outputs_of(tmp_path, {"main.tf": LOCALS + "".join(blocks)})
    scope = dict(syntax_text.SCOPE)
    for name, (template, node) in written.items():
        assert (template, comparable(value(node, scope))) == (template, wanted[name])


JSON_VALUES = [
    "plain", "", "${local.x}", "a ${local.x} b", "${local.i}", "$${local.x}", "%{ if local.t }y%{ else }n%{ endif }",
    "\n\t\"quoted\" \\ ${local.x}", "é ${local.u} e\u0301", "%%{ raw }", "100%", "$", "  ${~ local.x ~}  ", 1, -2.5,
    1e3, 12345678901234567890, True, False, [], {}, ["${local.x}", 1, [True]],
    {"a": "${local.i}", "${local.x}": {"//": "kept"}}, "line\n  %{ for v in local.l ~}\n  ${v}\n  %{ endfor ~}\n",
]  # fmt: skip


@needs_terraform
def test_json_strings_are_templates_as_terraform_reads_them(tmp_path: Path) -> None:
    document = {"//": "a comment", "output": {f"o{i}": {"value": v, "//": 1} for i, v in enumerate(JSON_VALUES)}}
    content = json.dumps(document, indent=1)
    wanted = outputs_of(tmp_path, {"main.tf": LOCALS, "outputs.tf.json": content})
    body = body_of(parse_file("outputs.tf.json", content.encode()), {"output": 1})
    assert len(body.blocks) == len(JSON_VALUES)
    for block in body.blocks:
        (argument,) = body_of(block.body, {}).arguments
        got = comparable(value(argument.value, dict(syntax_text.SCOPE)))
        assert (block.labels, got) == (block.labels, comparable(wanted[block.labels[0]]))
