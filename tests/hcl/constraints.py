"""Random modules by seed whose variables have all kinds of type constraints, called with what fits and what doesn't.

optional() with and without defaults, nullable, sensitive, validation, pre- and postconditions, checks; values that
conform, that are converted, that are null, unknown or wrong. Each configuration is c<n>.tf and the module c<n>.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from tests.hcl.configurations import Files

WORDS = ("a", "b", "zeta", "", "10", "true", "2.50", "né", "x y")
NAMES = ("a", "b", "name", "size", "tags")


class Shapes:
    """Types and values for them."""

    def __init__(self, seed: int, unknown: str) -> None:
        self.random = Random(seed)
        self.unknown = unknown

    def type(self, depth: int) -> str:
        kinds = ["string", "number", "bool", "any"]
        if depth > 0:
            kinds = ["string", "number", "list", "set", "map", "tuple", "object", "object", "object", "any", "bool"]
        kind = self.random.choice(kinds)
        match kind:
            case "list" | "set" | "map":
                return f"{kind}({self.type(depth - 1)})"
            case "tuple":
                return f"tuple([{', '.join(self.type(depth - 1) for _ in range(self.random.randint(0, 2)))}])"
            case "object":
                names = self.random.sample(NAMES, self.random.randint(0, 3))
                return f"object({{ {', '.join(f'{name} = {self.attribute(depth - 1)}' for name in names)} }})"
            case _:
                return kind

    def attribute(self, depth: int) -> str:
        inner = self.type(depth)
        choice = self.random.random()
        if choice < 0.3:
            return inner
        return f"optional({inner})" if choice < 0.55 else f"optional({inner}, {self.value(inner, constant=True)})"

    def value(self, type_: str, *, constant: bool) -> str:
        """Mostly something that fits `type_`; where `constant`, without references and functions."""
        choice = self.random.random()
        if choice < 0.05:
            return "null"
        if choice < 0.09:
            return self.random.choice(
                ["[]", "{}", '"x"', "5", "true", '["x", 1]', '{ a = "x" }', "{ a = null, z = [1] }"]
            )
        if not constant and choice < 0.15:
            return self.random.choice([self.unknown, f"tonumber({self.unknown})", f"[{self.unknown}]"])
        if not constant and choice < 0.2:
            return f"sensitive({self.value(type_, constant=False)})"
        if not constant and choice < 0.25:
            return (
                f'({self.unknown} == "x" ? {self.value(type_, constant=False)} : {self.value(type_, constant=False)})'
            )
        return self._fitting(type_, constant)

    def _fitting(self, type_: str, constant: bool) -> str:
        word = f'"{self.random.choice(WORDS)}"'
        match type_.partition("(")[0]:
            case "string":
                return self.random.choice([word, word, word, "1", "true", "1.50"])
            case "number":
                return self.random.choice(["0", "1", "-2.5", '"10"', "1e3", "99999999999999999999", '"2.50"'])
            case "bool":
                return self.random.choice(["true", "false", '"true"', '"false"', '"1"'])
            case "any":
                return self._fitting(self.type(1), constant)
            case "list" | "set" as kind:
                inner = type_[len(kind) + 1 : -1]
                items = [self.value(inner, constant=constant) for _ in range(self.random.randint(0, 3))]
                text = f"[{', '.join(items)}]"
                return text if constant else self.random.choice([text, text, f"toset({text})", f"tolist({text})"])
            case "map":
                inner = type_[4:-1]
                names = self.random.sample(NAMES, self.random.randint(0, 3))
                text = f"{{ {', '.join(f'{name} = {self.value(inner, constant=constant)}' for name in names)} }}"
                return text if constant else self.random.choice([text, text, f"tomap({text})"])
            case "tuple":
                return f"[{', '.join(self.value(inner, constant=constant) for inner in _split(type_[7:-2]))}]"
            case _:
                return self._object(type_, constant)

    def _object(self, type_: str, constant: bool) -> str:
        entries: list[str] = []
        for attribute in _split(type_[len("object({ ") : -len(" })")]):
            name, _, inner = attribute.partition(" = ")
            optional = inner.startswith("optional(")
            inner = _split(inner[len("optional(") : -1])[0] if optional else inner
            if self.random.random() < (0.5 if optional else 0.95):
                entries.append(f"{name} = {self.value(inner, constant=constant)}")
        if self.random.random() < 0.15:
            entries.append('more = "m"')
        return f"{{ {', '.join(entries)} }}"


def _split(text: str) -> list[str]:
    """At the commas that are in no bracket and no quotes."""
    found, depth, quoted = [""], 0, False
    for character in text:
        quoted ^= character == '"'
        depth += (character in "([{") - (character in ")]}") if not quoted else 0
        if character == "," and not depth and not quoted:
            found.append("")
        else:
            found[-1] += character
    return [part.strip() for part in found if part.strip()]


CONDITIONS = (
    "var.v != null",
    "can(length(var.v))",
    "try(length(var.v) < 2, true)",
    'try(var.v.name != "zeta", true)',
    "alltrue([for x in try(tolist(var.v), []) : x != null])",
    'jsonencode(var.v) != "null"',
    "try(var.v > 0, true)",
    "var.v == var.v",
    "var.w == null || var.v != var.w",
    "null",
    '"true"',
)


def one(seed: int, index: int) -> Files:
    shapes = Shapes(seed * 1_000_003 + index, f"terraform_data.u{index}.id")
    random, type_ = shapes.random, shapes.type(3)
    lines = ['variable "v" {', f"  type = {type_}"]
    if random.random() < 0.4:
        lines.append(f"  default = {shapes.value(type_, constant=True)}")
    if random.random() < 0.3:
        lines.append(f"  nullable = {random.choice(['true', 'false'])}")
    if random.random() < 0.1:
        lines.append("  sensitive = true")
    for _ in range(random.choice([0, 0, 1, 1, 2])):
        message = random.choice(['"It is wrong."', '"Wrong: ${jsonencode(var.v)}"', '"Wrong: ${try(var.v.name, 1)}"'])
        lines.append(
            f"  validation {{\n    condition = {random.choice(CONDITIONS)}\n    error_message = {message}\n  }}"
        )
    lines += ["}", 'variable "w" {\n  default = null\n}']
    rule = f'{{\n    condition = {random.choice(CONDITIONS[:9])}\n    error_message = "No."\n  }}'
    lines += ['resource "terraform_data" "r" {', "  input = [var.v]"]
    if random.random() < 0.3:
        lines.append(f"  lifecycle {{\n  {random.choice(['precondition', 'postcondition'])} {rule}\n  }}")
    lines += ["}", 'output "all" {', "  value = [var.v, terraform_data.r.input]"]
    lines += [f"  precondition {rule}"] if random.random() < 0.2 else []
    lines += ["}"]
    if random.random() < 0.2:
        lines.append(f'check "c" {{\n  assert {rule}\n}}')
    given = [f"  v = {shapes.value(type_, constant=False)}"] if random.random() < 0.85 else []
    given += [f"  w = {shapes.value(type_, constant=False)}"] if random.random() < 0.2 else []
    call = [f'module "c{index}" {{', f'  source = "./c{index}"', *given, "}"]
    call += [f'resource "terraform_data" "u{index}" {{}}', f'resource "terraform_data" "c{index}" {{']
    call += [
        f"  input = nonsensitive(module.c{index}.all)" if random.random() < 0.1 else f"  input = module.c{index}.all",
        "}",
    ]
    return {f"c{index}/main.tf": "\n".join(lines) + "\n", f"c{index}.tf": "\n".join(call) + "\n"}


def chosen(seed: int, indices: Iterable[int]) -> Files:
    """A root module that calls these configurations."""
    files: Files = {}
    for index in indices:
        files |= one(seed, index)
    return files
