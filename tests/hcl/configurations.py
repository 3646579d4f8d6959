"""Random configurations by seed, from modules of modules of `terraform_data`, which no provider is needed for.

Everything in them is meant to be valid: references, conversions by type constraints, optional attributes, count and
for_each of resources and modules, unknown and sensitive values. One root calls many of them, so that one plan judges
them all.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

Files: TypeAlias = dict[str, str]
Env: TypeAlias = dict[str, list[str]]
"""Expressions by the type that they have."""

TYPES = ("string", "number", "bool", "list(string)", "map(string)", "set(string)", "list(number)", "any")
OBJECT = (
    "object({ name = string, size = optional(number, 3), tags = optional(map(string), {}), note = optional(string) })"
)
WORDS = ("a", "b", "zeta", "Ä1", "x-y", "", "10", "true", "a b", "né")


@dataclass(slots=True)
class Maker:
    """Makes one configuration: `files` under `folder`, a module whose output `all` holds what came of it."""

    seed: int
    folder: str
    files: Files = field(default_factory=dict)
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    # -- expressions --

    def pick(self, items: list[str] | tuple[str, ...]) -> str:
        return self.random.choice(items)

    def literal(self, kind: str) -> str:
        pick, r = self.pick, self.random
        match kind:
            case "string":
                return f'"{pick(WORDS)}"'
            case "number":
                return pick(("0", "1", "2.5", "-3", "40", "1e2"))
            case "bool":
                return pick(("true", "false"))
            case "list(string)" | "set(string)":
                return "[" + ", ".join(f'"{pick(WORDS)}"' for _ in range(r.randint(0, 3))) + "]"
            case "list(number)":
                return "[" + ", ".join(self.literal("number") for _ in range(r.randint(0, 3))) + "]"
            case "map(string)":
                keys = r.sample(["k", "a", "long key", "ü", "7"], r.randint(0, 3))
                return "{ " + ", ".join(f'"{k}" = "{pick(WORDS)}"' for k in keys) + " }"
            case "object":
                note = pick(("tostring(null)", '"n"'))
                size, tag = pick(("1", "2.5")), pick(WORDS)
                return f'{{ name = "{pick(WORDS)}", size = {size}, tags = tomap({{ t = "{tag}" }}), note = {note} }}'
            case _:
                return self.literal(pick(("string", "number", "bool", "list(string)", "map(string)")))

    def constant(self, kind: str) -> str:
        """What a default may be: a literal without functions."""
        if kind != "object":
            return self.literal(kind)
        extra = self.pick(("", ", size = 5", ', tags = { t = "1" }', ", note = null", ', size = "12", more = "n"'))
        return f'{{ name = "{self.pick(WORDS)}"{extra} }}'

    def argument(self, kind: str, env: Env) -> str:
        """What an argument of a module may be: an expression, or for an object something that is to be completed."""
        if kind != "object" or self.random.random() < 0.4:
            return self.expression(kind, env)
        name = self.expression("string", env, 1)
        extra = self.pick(("", ", size = 5", ', tags = { t = "1" }', ", note = null", ', size = "12", more = "n"'))
        return f"{{ name = {name}{extra} }}"

    def expression(self, kind: str, env: Env, depth: int = 3) -> str:
        """An expression of type `kind`; with nothing left of `depth` a reference or a literal."""
        known = env.get(kind, [])
        if depth <= 0 or self.random.random() < 0.25:
            return self.pick(known) if known and self.random.random() < 0.75 else self.literal(kind)
        return self.pick(self._ways(kind, env, depth))()  # type: ignore[arg-type,operator]

    def _ways(self, kind: str, env: Env, depth: int) -> list[Callable[[], str]]:
        def of(inner: str) -> str:
            return self.expression(inner, env, depth - 1)

        both: list[Callable[[], str]] = [
            lambda: f"({of('bool')} ? {of(kind)} : {of(kind)})",
            lambda: f"try({of(kind)}, {self.literal(kind)})",
        ]
        ways: dict[str, list[Callable[[], str]]] = {
            "string": [
                lambda: f'"${{{of("string")}}}-${{{of("number")}}}"',
                lambda: f"upper({of('string')})",
                lambda: f'join("/", {of("list(string)")})',
                lambda: f'lookup({of("map(string)")}, "k", {of("string")})',
                lambda: f"tostring({of('number')})",
                lambda: f'"%{{ if {of("bool")} }}${{{of("string")}}}%{{ else }}no%{{ endif }}"',
                lambda: f'"%{{ for k, v in {of("map(string)")} }}${{k}}=${{v}};%{{ endfor }}"',
                lambda: f'format("%s:%03d", {of("string")}, length({of("list(string)")}))',
                lambda: f"jsonencode({of('any')})",
                lambda: f'element(concat({of("list(string)")}, ["z"]), length({of("list(string)")}))',
                lambda: f"{of('object')}.name",
                lambda: f'try({of("object")}.tags["t"], {of("string")})',
            ],
            "number": [
                lambda: f"({of('number')} {self.pick(('+', '-', '*'))} {of('number')})",
                lambda: f"length({of('list(string)')})",
                lambda: f"max({of('number')}, {of('number')})",
                lambda: f"sum(concat({of('list(number)')}, [1]))",
                lambda: f"{of('object')}.size",
            ],
            "bool": [
                lambda: f"({of('number')} {self.pick(('<', '>=', '==', '!='))} {of('number')})",
                lambda: f"({of('string')} == {of('string')})",
                lambda: f"({of('bool')} {self.pick(('&&', '||'))} {of('bool')})",
                lambda: f"!{of('bool')}",
                lambda: f"contains({of('list(string)')}, {of('string')})",
                lambda: f'can({of("map(string)")}["k"])',
                lambda: f"({of('object')}.note == null)",
            ],
            "list(string)": [
                lambda: f'[for i, v in {of("list(string)")} : "${{i}}${{v}}"]',
                lambda: f"[for k, v in {of('map(string)')} : k if v != {of('string')}]",
                lambda: f"concat({of('list(string)')}, {of('list(string)')})",
                lambda: f"sort({of('set(string)')})",
                lambda: f"keys({of('map(string)')})",
                lambda: f"values({of('map(string)')})",
                lambda: f"distinct({of('list(string)')})",
                lambda: f"flatten([{of('list(string)')}, [{of('list(string)')}]])",
                lambda: f'split("-", {of("string")})',
                lambda: f"compact({of('list(string)')})",
                lambda: f"[{of('object')}, {of('object')}][*].name",
                lambda: f"tolist([{of('string')}, {of('number')}])",
            ],
            "map(string)": [
                lambda: f"merge({of('map(string)')}, {of('map(string)')})",
                lambda: f'{{ for k, v in {of("map(string)")} : upper(k) => "${{v}}!" }}',
                lambda: f"{{ for v in {of('set(string)')} : v => {of('string')} }}",
                lambda: f"tomap({{ a = {of('string')}, b = {of('number')} }})",
                lambda: f'{{ for i, v in {of("list(string)")} : "n${{i}}" => v }}',
                lambda: f"{of('object')}.tags",
            ],
            "set(string)": [
                lambda: f"toset({of('list(string)')})",
                lambda: f"setunion({of('set(string)')}, {of('list(string)')})",
                lambda: f"setsubtract({of('set(string)')}, {of('list(string)')})",
            ],
            "list(number)": [
                lambda: f"[for v in {of('list(string)')} : length(v)]",
                lambda: f"range({self.pick(('0', '3'))})",
                lambda: f"[{of('object')}.size, {of('number')}]",
            ],
            "object": [
                lambda: (
                    f"{{ name = {of('string')}, size = {of('number')}, tags = tomap({of('map(string)')}),"
                    " note = tostring(null) }"
                ),
                lambda: f"merge({self.literal('object')}, {{ name = {of('string')} }})",
            ],
            "any": [lambda inner=inner: of(inner) for inner in (*TYPES[:7], "object")],  # type: ignore[misc]
        }
        ways["any"].append(lambda: f"{{ x = {of('any')}, y = [{of('any')}, {of('any')}] }}")
        return ways[kind] + (both if kind != "any" else [])

    # -- modules --

    def module(self, folder: str, depth: int) -> list[tuple[str, str]]:
        """Writes the module; its variables as (name, type)."""
        lines: list[str] = []
        env: Env = {}
        variables = [(f"v{i}", self.pick((*TYPES, "object"))) for i in range(self.random.randint(1, 3))]
        for name, kind in variables:
            lines += self._variable(name, kind)
            env.setdefault(kind, []).append(f"var.{name}")
        shown: list[str] = []
        for i in range(self.random.randint(1, 4)):
            kind = self.pick((*TYPES, "object"))
            lines.append(f"locals {{\n  l{i} = {self.expression(kind, env)}\n}}")
            env.setdefault(kind, []).append(f"local.l{i}")
            shown.append(f"local.l{i}")
        for i in range(self.random.randint(1, 3)):
            lines += self._resource(i, env, shown)
        for i in range(self.random.randint(0, 2) if depth else 0):
            lines += self._call(i, folder, depth, env, shown)
        lines.append('output "name" {\n  value = ' + self.expression("string", env) + "\n}")
        lines.append('output "all" {\n  value = [' + ", ".join(shown) + "]\n}")
        self.files[f"{folder}/main.tf"] = "\n".join(lines) + "\n"
        return variables

    def _variable(self, name: str, kind: str) -> list[str]:
        declared = OBJECT if kind == "object" else kind
        more = [f"  type = {declared}"]
        if self.random.random() < 0.5:
            more.append(f"  default = {self.constant(kind)}")
            if self.random.random() < 0.5:
                more.append("  nullable = false")
        if self.random.random() < 0.15:
            more.append("  sensitive = true")
        return [f'variable "{name}" {{', *more, "}"]

    def _resource(self, index: int, env: Env, shown: list[str]) -> list[str]:
        name = f"terraform_data.r{index}"
        lines = [f'resource "terraform_data" "r{index}" {{']
        inner = {kind: list(found) for kind, found in env.items()}
        repeated = self.random.random()
        if repeated < 0.3:
            lines.append(f"  for_each = nonsensitive(toset([for s in {self.literal('list(string)')} : s]))")
            inner.setdefault("string", []).extend(["each.key", "each.value"])
            result = f"{{ for k, r in {name} : k => r.input }}"
        elif repeated < 0.5:
            lines.append(f"  count = {self.random.randint(0, 2)}")
            inner.setdefault("number", []).append("count.index")
            result = f"{name}[*].input"
        else:
            result = f"{name}.input"
            env.setdefault("any", []).extend([f"{name}.id", f"{name}.output"])
            env.setdefault("string", []).append(f"tostring({name}.id)")
        kind = self.pick((*TYPES, "object"))
        lines.append(f"  input = {self.expression(kind, inner)}")
        if self.random.random() < 0.3:
            lines.append(f"  triggers_replace = [{self.expression('any', inner)}]")
        shown.append(result)
        return [*lines, "}"]

    def _call(self, index: int, folder: str, depth: int, env: Env, shown: list[str]) -> list[str]:
        name = f"m{index}"
        variables = self.module(f"{folder}/{name}", depth - 1)
        lines = [f'module "{name}" {{', f'  source = "./{name}"']
        inner = {kind: list(found) for kind, found in env.items()}
        repeated = self.random.random()
        if repeated < 0.35:
            lines.append(f"  for_each = {self.literal('map(string)')}")
            inner.setdefault("string", []).extend(["each.key", "each.value"])
            shown += [f"[for m in module.{name} : m.all]", f"{{ for k, m in module.{name} : k => m.name }}"]
        elif repeated < 0.5:
            lines.append(f"  count = {self.random.randint(0, 2)}")
            inner.setdefault("number", []).append("count.index")
            shown.append(f"module.{name}[*].all")
        else:
            shown.append(f"module.{name}.all")
            env.setdefault("string", []).append(f"module.{name}.name")
        lines += [f"  {variable} = {self.argument(kind, inner)}" for variable, kind in variables]
        return [*lines, "}"]


def configurations(seed: int, count: int) -> Files:
    """A root module that calls `count` random configurations and shows what each comes to."""
    return chosen(seed, range(count))


def chosen(seed: int, indices: Iterable[int]) -> Files:
    """The same with some of the configurations only. Each has a directory and a file of the root: c7, c7.tf."""
    files: Files = {}
    for index in indices:
        maker = Maker(seed * 1_000_003 + index, f"c{index}")
        variables = maker.module(maker.folder, 2)
        files |= maker.files
        arguments = [f"  {name} = {maker.argument(kind, {})}" for name, kind in variables]
        lines = [f'module "c{index}" {{', f'  source = "./c{index}"', *arguments, "}"]
        lines += [f'resource "terraform_data" "c{index}" {{', f"  input = module.c{index}.all", "}"]
        files[f"c{index}.tf"] = "\n".join(lines) + "\n"
    return files
