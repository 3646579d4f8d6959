"""Random expressions of Terraform's language, by seed: all operators and functions, mostly well-typed, sometimes not.

An expression is a tree of Nodes, so that one that two evaluators disagree on can be made smaller.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

FILES = {
    "f.txt": b"hello\nworld\n",
    "dir/a.json": b'{"a": [1, 2.50, null], "b": "x"}\n',
    "dir/sub/b.txt": b"b",
    "dir/.hidden": b"h",
    "t.tftpl": b'${a}-%{ for x in b ~}\n[${x}]%{ endfor }\n%{ if a == "x" }yes%{ else }no%{ endif }\n',
    "one.tftpl": b"${v}",
    "dir/c.yaml": b"a: 1\nb: [yes, 014, ~]\n",
    "data.csv": b"a,b\n1,2\n3,4\n",
    "bin.dat": bytes(range(256)),
    "uni.txt": "é\u0301 \U0001f600".encode(),
}
"""What the functions of files find."""

PRELUDE = """
resource "terraform_data" "u" {}
locals {
  us = tostring(terraform_data.u.id)
  ub = tobool(terraform_data.u.id)
  uns = tobool(terraform_data.u.id) ? "x" : null
  un = tobool(terraform_data.u.id) ? 1 : null
  ul = tobool(terraform_data.u.id) ? tolist(["x"]) : null
  ue = tobool(terraform_data.u.id) ? toset(["x"]) : null
  um = tobool(terraform_data.u.id) ? tomap({ a = "x" }) : null
  uo = tobool(terraform_data.u.id) ? { a = 1, b = "x" } : null
  ut = tobool(terraform_data.u.id) ? [1, "x"] : null
  ud = jsondecode(terraform_data.u.id)
  up = "pre-${tostring(terraform_data.u.id)}"
  obj = { name = "n", num = 1.5, list = ["a", "b"], nested = { x = { y = true } }, nothing = null }
  list = tolist(["a", "b", "c"])
  nums = tolist([3, 1, 2])
  set = toset(["b", "a"])
  map = tomap({ k = "v", j = "w" })
  objs = [{ id = "1", tags = ["x"] }, { id = "2", tags = [] }]
  secret = sensitive("s3cret")
  template = "$${a}: %%{ for x in b }$${x}, %%{ endfor }$${jsonencode(v)}"
  secrets = { a = sensitive("s"), b = "plain" }
}
"""
"""What the expressions may refer to: known, unknown (of each type, and of none) and sensitive values.

While Terraform validates, an attribute of a resource is of no type at all, hence the conversions.
"""


@dataclass(frozen=True, slots=True)
class Node:
    """Text with other nodes in it."""

    parts: tuple[str | Node, ...]

    def __str__(self) -> str:
        return "".join(map(str, self.parts))

    @property
    def children(self) -> list[Node]:
        return [part for part in self.parts if isinstance(part, Node)]

    def smaller(self) -> Iterator[Node]:
        """The same expression with something in it left out or replaced by something plainer."""
        yield from self.children
        if self.children:
            yield from (Node((text,)) for text in ("null", "1", '"a"', "[]", "true"))
        for position, part in enumerate(self.parts):
            if isinstance(part, Node):
                for other in part.smaller():
                    yield Node((*self.parts[:position], other, *self.parts[position + 1 :]))


Make = Callable[["Generator", int], Node]

_TEXTS = json.loads((Path(__file__).parent / "texts.json").read_text())
STRINGS: list[str] = _TEXTS["strings"]
NUMBERS: list[str] = _TEXTS["numbers"]
SMALL: list[str] = _TEXTS["small"]
KEYS: list[str] = _TEXTS["keys"]
PATHS: list[str] = _TEXTS["paths"]
POOLS: dict[str, list[str]] = {**_TEXTS["pools"], "key": KEYS}
"""Texts of a kind: CIDR blocks, moments, patterns, documents ..."""
ALPHABETS: dict[str, list[str]] = _TEXTS["alphabets"]
"""What more texts of a kind are put together from."""
UNKNOWN: dict[str, list[str]] = _TEXTS["unknown"]
NAMES: dict[str, list[str]] = _TEXTS["names"]
"""References to unknown and to known values of a kind."""


def quote(text: str) -> str:
    """`text` as an HCL string."""
    out = []
    for character in text:
        code = ord(character)
        if character in '"\\':
            out.append("\\" + character)
        elif character in "\n\r\t":
            out.append({"\n": "\\n", "\r": "\\r", "\t": "\\t"}[character])
        elif code < 32 or code in (127, 0xFEFF, 0x2028):
            out.append(f"\\u{code:04x}")
        else:
            out.append(character)
    return '"' + "".join(out).replace("${", "$${").replace("%{", "%%{") + '"'


def _node(*parts: str | Node) -> Node:
    return Node(parts)


def _separated(nodes: list[Node]) -> list[str | Node]:
    out: list[str | Node] = []
    for index, node in enumerate(nodes):
        out += [", ", node] if index else [node]
    return out


SIGNATURES: dict[str, tuple[list[str], str]] = {
    "abs": (["number"], "number"),
    "abspath": (["abspath"], "string"),
    "alltrue": (["bools"], "bool"),
    "anytrue": (["bools"], "bool"),
    "base64decode": (["base64"], "string"),
    "base64encode": (["string"], "string"),
    "base64sha256": (["string"], "string"),
    "base64sha512": (["string"], "string"),
    "basename": (["plainpath"], "string"),
    "bcrypt": (["string"], "string"),
    "can": (["any"], "bool"),
    "ceil": (["number"], "number"),
    "chomp": (["string"], "string"),
    "chunklist": (["seq", "small"], "seq"),
    "cidrhost": (["cidr", "small"], "string"),
    "cidrnetmask": (["cidr"], "string"),
    "cidrsubnet": (["cidr", "small", "small"], "string"),
    "cidrsubnets": (["cidr", "*small"], "seq"),
    "coalesce": (["+scalar"], "string"),
    "coalescelist": (["+seq"], "seq"),
    "compact": (["strings"], "strings"),
    "concat": (["+seq"], "seq"),
    "contains": (["coll", "scalar"], "bool"),
    "csvdecode": (["csv"], "seq"),
    "dirname": (["plainpath"], "string"),
    "distinct": (["seq"], "seq"),
    "element": (["seq", "small"], "any"),
    "endswith": (["string", "string"], "bool"),
    "ephemeralasnull": (["any"], "any"),
    "file": (["path"], "string"),
    "filebase64": (["path"], "string"),
    "filebase64sha256": (["path"], "string"),
    "filebase64sha512": (["path"], "string"),
    "fileexists": (["path"], "bool"),
    "filemd5": (["path"], "string"),
    "fileset": (["dirpath", "glob"], "set"),
    "filesha1": (["path"], "string"),
    "filesha256": (["path"], "string"),
    "filesha512": (["path"], "string"),
    "flatten": (["coll"], "seq"),
    "floor": (["number"], "number"),
    "format": (["format", "*scalar"], "string"),
    "formatdate": (["dateformat", "time"], "string"),
    "formatlist": (["format", "*formatarg"], "strings"),
    "indent": (["small", "string"], "string"),
    "index": (["seq", "scalar"], "number"),
    "issensitive": (["any"], "bool"),
    "join": (["separator", "+strings"], "string"),
    "jsondecode": (["json"], "any"),
    "jsonencode": (["any"], "string"),
    "keys": (["mapping"], "strings"),
    "length": (["any"], "number"),
    "log": (["number", "number"], "number"),
    "lookup": (["mapping", "key", "?any"], "any"),
    "lower": (["string"], "string"),
    "matchkeys": (["seq", "seq", "seq"], "seq"),
    "max": (["+number"], "number"),
    "md5": (["string"], "string"),
    "merge": (["*mapping"], "mapping"),
    "min": (["+number"], "number"),
    "nonsensitive": (["any"], "any"),
    "one": (["coll"], "any"),
    "parseint": (["digits", "base"], "number"),
    "pathexpand": (["plainpath"], "string"),
    "pow": (["number", "small"], "number"),
    "range": (["+small"], "seq"),
    "regex": (["pattern", "string"], "any"),
    "regexall": (["pattern", "string"], "seq"),
    "replace": (["string", "replaced", "replacement"], "string"),
    "reverse": (["coll"], "seq"),
    "sensitive": (["any"], "any"),
    "setintersection": (["+coll"], "set"),
    "setproduct": (["coll", "+coll"], "coll"),
    "setsubtract": (["coll", "coll"], "set"),
    "setunion": (["+coll"], "set"),
    "sha1": (["string"], "string"),
    "sha256": (["string"], "string"),
    "sha512": (["string"], "string"),
    "signum": (["number"], "number"),
    "slice": (["seq", "small", "small"], "seq"),
    "sort": (["strings"], "strings"),
    "split": (["separator", "string"], "strings"),
    "startswith": (["string", "string"], "bool"),
    "strcontains": (["string", "string"], "bool"),
    "strrev": (["string"], "string"),
    "substr": (["string", "small", "small"], "string"),
    "sum": (["numbers"], "number"),
    "templatefile": (["templatepath", "vars"], "any"),
    "templatestring": (["template", "vars"], "string"),
    "textdecodebase64": (["base64", "encoding"], "string"),
    "textencodebase64": (["string", "encoding"], "string"),
    "timeadd": (["time", "duration"], "string"),
    "timecmp": (["time", "time"], "number"),
    "timestamp": ([], "string"),
    "title": (["string"], "string"),
    "tobool": (["scalar"], "bool"),
    "tolist": (["coll"], "seq"),
    "tomap": (["mapping"], "mapping"),
    "tonumber": (["scalar"], "number"),
    "toset": (["coll"], "set"),
    "tostring": (["scalar"], "string"),
    "transpose": (["lists"], "mapping"),
    "trim": (["string", "string"], "string"),
    "trimprefix": (["string", "string"], "string"),
    "trimspace": (["string"], "string"),
    "trimsuffix": (["string", "string"], "string"),
    "try": (["+any"], "any"),
    "upper": (["string"], "string"),
    "urlencode": (["string"], "string"),
    "uuid": ([], "string"),
    "uuidv5": (["namespace", "string"], "string"),
    "values": (["mapping"], "seq"),
    "yamldecode": (["yaml"], "any"),
    "yamlencode": (["any"], "string"),
    "zipmap": (["keys", "seq"], "mapping"),
}
"""Function -> kinds of its arguments (+ one or more, * any number, ? perhaps) and of its result."""

LEFT_OUT = {"plantimestamp", "base64gzip", "rsadecrypt"}
"""The time of the plan, which no two runs share; Go's compressor, which we don't have; and what
test_private_keys.py judges."""

_ANY_KINDS = ["string", "number", "bool", "seq", "set", "mapping", "null"]


class Generator:
    """`Generator(seed).expression()` as often as wanted."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self._functions = sorted(SIGNATURES)
        self._turn = 0

    def expression(self) -> Node:
        """Each second one calls the next function in the alphabet, so that all get their turn."""
        self._turn += 1
        if self._turn % 2:
            name = self._functions[self._turn // 2 % len(self._functions)]
            return self.call(name, self.random.choice([1, 2, 2, 3]))
        return self.make(self.random.choice([*_ANY_KINDS[:-1], "any"]), self.random.choice([2, 3, 3, 4]))

    def make(self, kind: str, depth: int) -> Node:
        """An expression that is mostly of `kind`."""
        chance = self.random.random()
        if kind in ("template", "abspath", "dirpath"):
            return self._made(kind, 0)  # a reference, an absolute path, a folder without Terraform's own files
        if chance < 0.04:
            kind = self.random.choice(_ANY_KINDS)
        elif chance < 0.06:
            return _node("null")
        elif chance < 0.12 and kind in UNKNOWN:
            return _node(self.random.choice(UNKNOWN[kind]))
        elif chance < 0.15:
            return _node("sensitive(", self.make(kind, depth - 1), ")")
        elif chance < 0.22 and kind in NAMES:
            return _node(self.random.choice(NAMES[kind]))
        return self._made(kind, depth)

    def _made(self, kind: str, depth: int) -> Node:
        if kind in POOLS:
            return self.pooled(kind, depth)
        maker: Callable[[int], Node] | None = getattr(self, f"_{kind}", None)
        assert maker is not None, kind
        return maker(max(depth, 0))

    def pooled(self, kind: str, depth: int) -> Node:
        if depth > 0 and self.random.random() < 0.05:
            return self.make("string", depth - 1)
        if kind in ALPHABETS and self.random.random() < 0.5:
            return _node(quote(self.text(kind)))
        text = self.random.choice(POOLS[kind])
        return _node(quote(text)) if "${path" not in text else _node(f'"{text}"')

    def text(self, kind: str) -> str:
        """Something that looks like a text of this kind, often enough an ill-formed one."""
        pieces = ALPHABETS[kind]
        return "".join(self.random.choice(pieces) for _ in range(self.random.choice([1, 2, 3, 4, 6, 9])))

    def call(self, name: str, depth: int) -> Node:
        kinds, _ = SIGNATURES[name]
        args: list[Node] = []
        for kind in kinds:
            count = {
                "+": self.random.choice([1, 1, 2, 3]),
                "*": self.random.choice([0, 1, 2, 2]),
                "?": self.random.choice([0, 1]),
            }
            args += [self.make(kind.lstrip("+*?"), depth - 1) for _ in range(count.get(kind[0], 1))]
        if self.random.random() < 0.02:
            args = args[:-1] if self.random.random() < 0.5 else [*args, self.make("any", 1)]
        prefix = "core::" if self.random.random() < 0.02 else ""
        if args and self.random.random() < 0.04:
            return _node(prefix + name + "(", *_separated([*args[:-1], _node("[", args[-1], "]...")]), ")")
        return _node(prefix + name + "(", *_separated(args), ")")

    def _calling(self, kind: str, depth: int) -> Node:
        names = [name for name, (_, result) in SIGNATURES.items() if result == kind]
        return self.call(self.random.choice(names), depth) if names else self._made(kind, 0)

    def _either(self, kind: str, depth: int) -> Node:
        return _node(
            "(", self.make("bool", depth - 1), " ? ", self.make(kind, depth - 1), " : ", self.make(kind, depth - 1), ")"
        )

    # -- kinds --

    def _null(self, _depth: int) -> Node:
        return _node("null")

    def _string(self, depth: int) -> Node:
        choice = self.random.random()
        if depth <= 0 or choice < 0.35:
            return _node(quote(self.random.choice(STRINGS) if self.random.random() < 0.6 else self.text("string")))
        if choice < 0.55:
            return self._template_text(depth)
        if choice < 0.62:
            return self._either("string", depth)
        if choice < 0.66:
            return _node(self.make("mapping", depth - 1), "[", self._key(), "]")
        if choice < 0.70:
            return _node(self.make("strings", depth - 1), "[", self.make("small", 0), "]")
        return self._calling("string", depth)

    def _template_text(self, depth: int) -> Node:
        parts: list[str | Node] = ['"']
        for _ in range(self.random.choice([1, 1, 2, 3])):
            parts.append(quote(self.random.choice(STRINGS))[1:-1].rstrip("$%") if self.random.random() < 0.7 else "")
            if self.random.random() < 0.85:
                parts += ["${", self.make("scalar", depth - 1), "}"]
            elif self.random.random() < 0.5:
                parts += ["%{ if ", self.make("bool", depth - 1), " }", "yes", "%{ else }no%{ endif }"]
            else:
                parts += ["%{ for v in ", self.make("coll", depth - 1), " }<${v}>%{ endfor }"]
        return Node((*parts, '"'))

    def _key(self) -> Node:
        return _node(quote(self.random.choice(KEYS)))

    def _number(self, depth: int) -> Node:
        choice = self.random.random()
        if depth <= 0 or choice < 0.35:
            return _node(self.random.choice(NUMBERS))
        if choice < 0.6:
            operator = self.random.choice(["+", "-", "*", "/", "%"])
            return _node("(", self.make("number", depth - 1), f" {operator} ", self.make("number", depth - 1), ")")
        if choice < 0.65:
            return _node("-", self.make("number", depth - 1))
        if choice < 0.7:
            return self._either("number", depth)
        if choice < 0.75:
            return _node(quote(self.random.choice(["1", "2.5", "-3", "x", "1e2"])))
        return self._calling("number", depth)

    def _small(self, depth: int) -> Node:
        if self.random.random() < 0.93 or depth <= 0:
            return _node(self.random.choice(SMALL))
        return self.make("number", depth - 1)

    def _base(self, _depth: int) -> Node:
        return _node(self.random.choice(["10", "16", "2", "36", "62", "8", "1", "63", "10.5"]))

    def _bool(self, depth: int) -> Node:
        choice = self.random.random()
        if depth <= 0 or choice < 0.3:
            return _node(self.random.choice(["true", "false", "true", '"true"', "false"]))
        if choice < 0.45:
            return _node(
                "(",
                self.make("bool", depth - 1),
                self.random.choice([" && ", " || "]),
                self.make("bool", depth - 1),
                ")",
            )
        if choice < 0.5:
            return _node("!", self.make("bool", depth - 1))
        if choice < 0.65:
            operator = self.random.choice(["<", ">", "<=", ">="])
            return _node("(", self.make("number", depth - 1), f" {operator} ", self.make("number", depth - 1), ")")
        if choice < 0.85:
            kind = self.random.choice(["scalar", "any", "string", "seq", "mapping"])
            operator = self.random.choice([" == ", " != "])
            return _node(
                "(",
                self.make(kind, depth - 1),
                operator,
                self.make(self.random.choice([kind, kind, "any", "null"]), depth - 1),
                ")",
            )
        return self._calling("bool", depth)

    def _scalar(self, depth: int) -> Node:
        return self.make(self.random.choice(["string", "string", "number", "bool"]), depth)

    def _any(self, depth: int) -> Node:
        if depth > 1 and self.random.random() < 0.2:
            return self._calling("any", depth)
        return self.make(self.random.choice(_ANY_KINDS), depth)

    def _items(self, kind: str, depth: int) -> Node:
        count = self.random.choice([0, 1, 2, 2, 3, 4])
        return _node("[", *_separated([self.make(kind, depth - 1) for _ in range(count)]), "]")

    def _bools(self, depth: int) -> Node:
        return self._items("bool", depth)

    def _numbers(self, depth: int) -> Node:
        return self._items("number", depth)

    def _keys(self, depth: int) -> Node:
        return self._items("key", depth) if self.random.random() < 0.7 else self.make("strings", depth)

    def _strings(self, depth: int) -> Node:
        if depth > 1 and self.random.random() < 0.3:
            return self._calling("strings", depth)
        items = self._items("string", depth)
        return items if self.random.random() < 0.7 else _node(self.random.choice(["tolist(", "toset("]), items, ")")

    def _lists(self, depth: int) -> Node:
        keys = self.random.sample(KEYS, self.random.choice([0, 1, 2, 3]))
        return _node("{", *_separated([_node(quote(key) + " = ", self._items("string", depth)) for key in keys]), "}")

    def _seq(self, depth: int) -> Node:
        choice = self.random.random()
        if depth <= 0:
            return self._items("scalar", 0)
        if choice < 0.4:
            return self._items(
                self.random.choice(["scalar", "scalar", "string", "number", "any", "seq", "mapping"]), depth
            )
        if choice < 0.5:
            return _node(
                "tolist(", self._items(self.random.choice(["string", "number", "scalar", "mapping", "seq"]), depth), ")"
            )
        if choice < 0.62:
            return self._for_list(depth)
        if choice < 0.67:
            return _node(self.make("seq", depth - 1), "[*]")
        if choice < 0.72:
            return self._either("seq", depth)
        return self._calling("seq", depth)

    def _for_list(self, depth: int) -> Node:
        body = self.random.choice(
            ["v", "upper(v)", "k", '"${k}=${v}"', "[k, v]", "length(v)", "{ k = k, v = v }", "v + 1"]
        )
        condition = self.random.choice(["", "", ' if v != "a"', " if k != 0", " if v != null", " if true"])
        return _node(
            "[for k, v in ",
            self.make(self.random.choice(["seq", "mapping", "coll"]), depth - 1),
            f" : {body}{condition}]",
        )

    def _for_object(self, depth: int) -> Node:
        key = self.random.choice(["k", "v", '"${k}-x"', "upper(k)", '"same"'])
        body = self.random.choice(["v", "k", "[v]", "1"])
        grouping = self.random.choice(["", "", "..."])
        condition = self.random.choice(["", "", ' if k != "a"', " if v != null"])
        source = self.make(self.random.choice(["seq", "mapping", "coll"]), depth - 1)
        return _node("{for k, v in ", source, f" : {key} => {body}{grouping}{condition}}}")

    def _set(self, depth: int) -> Node:
        if depth > 1 and self.random.random() < 0.3:
            return self._calling("set", depth)
        return _node(
            "toset(", self._items(self.random.choice(["string", "number", "scalar", "mapping", "seq"]), depth), ")"
        )

    def _coll(self, depth: int) -> Node:
        return self.make(self.random.choice(["seq", "seq", "set", "strings"]), depth)

    def _formatarg(self, depth: int) -> Node:
        return self.make(self.random.choice(["scalar", "strings", "seq"]), depth)

    def _mapping(self, depth: int) -> Node:
        choice = self.random.random()
        if depth > 0 and choice < 0.15:
            return self._calling("mapping", depth)
        if depth > 0 and choice < 0.25:
            return self._for_object(depth)
        if depth > 0 and choice < 0.3:
            return self._either("mapping", depth)
        kind = self.random.choice(["string", "scalar", "any", "number", "seq"])
        keys = self.random.sample(KEYS, self.random.choice([0, 1, 2, 2, 3]))
        entries = _node("{", *_separated([_node(quote(key) + " = ", self.make(kind, depth - 1)) for key in keys]), "}")
        return entries if self.random.random() < 0.75 else _node("tomap(", entries, ")")

    def _path(self, depth: int) -> Node:
        text = self.random.choice(PATHS)
        return _node(f'"{text}"') if depth <= 0 or self.random.random() < 0.95 else self.make("string", depth - 1)

    def _template(self, _depth: int) -> Node:
        return _node(self.random.choice(["local.up", "local.template", "local.template", "local.secret", "local.us"]))

    def _vars(self, depth: int) -> Node:
        a, b, v = self.make("scalar", depth - 1), self.make("strings", depth - 1), self.make("any", depth - 1)
        return _node("{ a = ", a, ", b = ", b, ", v = ", v, " }")
