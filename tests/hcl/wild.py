"""Random expressions that are rarely written, by seed: what the plain generator has, and the corners of the language.

Refined unknown values, marks, nulls and dynamic types wherever they may stand; operators without parentheses; nested
loops with grouping and conditions; splats on everything; templates with directives, strip markers and escapes;
heredocs; computed keys; numbers at the edge of 512 bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.hcl.generator import KEYS, STRINGS, Generator, Node, quote

REFINED: Final = {
    "string": [
        '"${local.us}-post"',
        '"pre-${local.us}"',
        'format("x-%s", local.us)',
        '(local.ub ? "aa" : "ab")',
        "coalesce(local.uns, local.us)",
        "(local.ub ? local.secret : local.us)",
        "tostring(local.un)",
        "jsonencode(local.ud)",
        "jsonencode({ a = local.us })",
        'join(",", local.ul)',
        "keys(local.um)[0]",
        "uuid()",
        "try(local.ud.a, local.us)",
    ],
    "number": [
        "(local.ub ? 1 : 2)",
        "(local.ub ? -5 : 5)",
        "length(local.ul)",
        "length(local.ue)",
        "(local.un + 1)",
        "max(local.un, 3)",
        "sensitive(local.un)",
        "tonumber(local.us)",
        "(local.ub ? local.un : 3)",
        "length(local.us)",
    ],
    "bool": ["(local.un > 3)", "(local.us == null)", "!local.ub", "sensitive(local.ub)", "tobool(local.us)"],
    "seq": [
        '(local.ub ? tolist(["a"]) : tolist(["b", "c"]))',
        '(local.ub ? ["a"] : ["b"])',
        "[local.us]",
        "[local.us, null]",
        "[local.ud]",
        'concat(local.ul, ["x"])',
        "[for x in local.ul : x]",
        "[for x in local.ud : x]",
        "local.ud[*]",
        "local.ul[*]",
        'tolist([local.us, sensitive("s")])',
        'split(",", local.us)',
        "keys(local.um)",
        "values(local.um)",
        "sort(local.ul)",
        "slice(local.ul, 0, 1)",
        "sensitive([1, local.us])",
        "tolist([])",
        "tolist([null])",
        "flatten([local.ul])",
    ],
    "set": [
        'toset([local.us, "a"])',
        'setunion(local.ue, ["a"])',
        "toset([])",
        "toset([null])",
        "toset(local.ul)",
        'toset([sensitive("a"), "b"])',
        "sensitive(local.ue)",
        '(local.ub ? toset(["a"]) : toset([]))',
    ],
    "mapping": [
        "{ a = local.us }",
        "{ (local.us) = 1 }",
        "{ a = local.ud, b = null }",
        'merge(local.um, { k = "v" })',
        "merge(local.uo, local.obj)",
        'tomap({ a = local.us, b = "x" })',
        "sensitive({ a = 1, b = local.us })",
        "(local.ub ? { a = 1 } : { a = 2 })",
        "(local.ub ? { a = 1 } : { b = 2 })",
        '(local.ub ? tomap({ a = "1" }) : tomap({}))',
        "{ for k, v in local.um : k => v }",
        "{ for v in local.ul : v => v }",
        "tomap({})",
        "zipmap(local.ul, local.ul)",
    ],
    "any": [
        "null",
        "local.ud.a",
        "local.ud[0]",
        "local.ud[local.us]",
        "sensitive(local.ud)",
        "sensitive(null)",
        "tostring(null)",
    ],
}
BIG: Final = [
    "-0",
    "0.0",
    "1e-50",
    "1e308",
    "1.7976931348623157e308",
    "1e309",
    "-1e400",
    "5e-324",
    "340282366920938463463374607431768211456",
    "13407807929942597099574024998205846127479365820592393377723561443721764030073546976801874298166903427690031858186486050853753882811946569946433649006084095",
    "13407807929942597099574024998205846127479365820592393377723561443721764030073546976801874298166903427690031858186486050853753882811946569946433649006084097",
    "0.1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890",
    "3.0000000000000000000000000000000000000000000000000001",
    "18446744073709551616",
    "9007199254740992.5",
    "1E5",
    "1e+3",
    "00012",
    "0.1e1",
]
ESCAPES: Final = [
    "\\n",
    "\\t",
    "\\\\",
    '\\"',
    "\\u00e9",
    "\\u0065\\u0301",
    "\\U0001F600",
    "\\ud83d\\ude00",
    "\\ud800",
    "\\u0000",
    "\\ufeff",
    "\\uFFFF",
    "$${a}",
    "%%{a}",
    "$$",
    "$",
    "%",
    "$a",
    "\\q",
    "\\x41",
    "\\u12",
    "\\U00110000",
    "~",
    "}",
    "{",
    "#",
    "//",
    "/*",
    "  ",
]
LINES: Final = [
    "",
    "a",
    "  b",
    "\tc",
    "    d ",
    "é\u0301",
    "# no",
    '${"x"}',
    "%%{x}",
    "$${y}",
    "\\n",
    '"q"',
    "EOT x",
    "\u00a0n",
]
BINARY: Final = ["+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||"]


class Wild(Generator):
    """As Generator, with a wild way taken for about every third part."""

    def make(self, kind: str, depth: int) -> Node:
        if kind in REFINED and self.random.random() < 0.06:
            return Node((self.random.choice(REFINED[kind]),))
        return super().make(kind, depth)

    def _made(self, kind: str, depth: int) -> Node:
        wild: Callable[[int], Node] | None = getattr(self, f"_wild_{kind}", None)
        if wild is not None and depth > 0 and self.random.random() < 0.35:
            return wild(depth)
        return super()._made(kind, depth)

    def _one_of(self, *ways: Callable[[int], Node], depth: int) -> Node:
        return self.random.choice(ways)(depth)

    # -- any kind --

    def _wild_any(self, depth: int) -> Node:
        return self._one_of(
            self._mixed, self._splat, self._chain, self._step, self._try, self._nested, self._wild_mapping, self._for,
            depth=depth,
        )  # fmt: skip

    def _mixed(self, depth: int) -> Node:
        """A conditional whose branches need not fit."""
        return Node(("(", self.make("bool", depth - 1), " ? ", self._kind(depth), " : ", self._kind(depth), ")"))

    def _kind(self, depth: int) -> Node:
        kinds = ["any", "string", "number", "bool", "seq", "set", "mapping", "null", "coll", "strings"]
        return self.make(self.random.choice(kinds), depth - 1)

    def _try(self, depth: int) -> Node:
        name = self.random.choice(["try", "try", "coalesce", "can", "nonsensitive", "ephemeralasnull", "one", "type"])
        count = self.random.choice([1, 2, 2, 3]) if name in ("try", "coalesce") else 1
        parts: list[str | Node] = [f"{name}("]
        for index in range(count):
            parts += [", "] * bool(index) + [self._kind(depth)]
        return Node((*parts, ")"))

    def _nested(self, depth: int) -> Node:
        return self.random.choice([self._wild_seq, self._wild_mapping])(depth)

    def _splat(self, depth: int) -> Node:
        """[*] and .* on everything, with steps behind them."""
        source = self.make(self.random.choice(["seq", "coll", "any", "null", "mapping", "scalar", "set"]), depth - 1)
        splat = self.random.choice(["[*]", "[*]", ".*"])
        attributes = [".a", ".id", ".tags", ".name", ".nested.x", ".*.a"]
        steps = [*attributes, "[0]", '["a"]', "[*]", "[*].id", ".0"] if splat == "[*]" else attributes
        tail = "".join(self.random.choice(steps) for _ in range(self.random.choice([0, 1, 1, 2])))
        return Node((source, splat + tail))

    def _step(self, depth: int) -> Node:
        source = self.make(self.random.choice(["seq", "mapping", "any", "coll", "set", "string"]), depth - 1)
        if self.random.random() < 0.4:
            return Node((source, self.random.choice([".a", ".b", ".0", ".1", ".name", ".nested.x.y", ".list[0]"])))
        key = self.make(self.random.choice(["small", "string", "key", "any", "bool", "number"]), depth - 1)
        return Node((source, "[", key, "]"))

    # -- loops --

    def _for(self, depth: int) -> Node:
        return self._wild_seq(depth) if self.random.random() < 0.5 else self._wild_mapping(depth)

    def _loop_parts(self, depth: int) -> tuple[str, Node, Node | None]:
        names = self.random.choice(["v", "k, v", "k, v", "i, v"])
        source = self.make(self.random.choice(["seq", "mapping", "coll", "set", "any"]), depth - 1)
        condition = None
        if self.random.random() < 0.5:
            texts = ["v != null", 'v != "a"', "true", "length(v) > 1", "can(v.a)", "v == local.us", "sensitive(true)"]
            texts += ["try(v > 1, false)", "null", "local.ub", '"x"', 'contains(["a", "b"], v)', "v"]
            text = self.random.choice(texts)
            condition = Node((text,)) if self.random.random() < 0.8 else self.make("bool", depth - 1)
        return names, source, condition

    def _body(self, names: str, depth: int) -> Node:
        first = names.split(",")[0]
        texts = ["v", "[v]", f"[{first}, v]", '"${v}!"', f"{{ a = v, b = {first} }}", "try(v.a, v)", "v[0]", "v.a"]
        texts += ["[for w in v : w]", "{ for w in v : w => v... }", f"[for x, w in v : [{first}, x, w]]", "v[*]"]
        texts += ["v == null", "sensitive(v)", "local.us", "null", "upper(v)", "v + 1", "merge(v, { z = 1 })"]
        return Node((self.random.choice(texts),)) if self.random.random() < 0.75 else self._kind(depth)

    def _wild_seq(self, depth: int) -> Node:
        choice = self.random.random()
        if choice < 0.25:
            return self._splat(depth)
        if choice < 0.35:
            return self._mixed(depth)
        names, source, condition = self._loop_parts(depth)
        tail: list[str | Node] = [" if ", condition] if condition else []
        return Node((f"[for {names} in ", source, " : ", self._body(names, depth), *tail, "]"))

    def _wild_coll(self, depth: int) -> Node:
        return self._wild_seq(depth)

    def _wild_mapping(self, depth: int) -> Node:
        if self.random.random() < 0.4:
            return self._object(depth)
        names, source, condition = self._loop_parts(depth)
        first = names.split(",")[0]
        keys = [first, "v", '"${v}"', f'"${{{first}}}-x"', '"same"', "local.us", "null", "1", "true", "sensitive(v)"]
        keys += ["upper(v)", "[v]", "tostring(v)", "v.a"]
        grouping = self.random.choice(["", "", "..."])
        tail: list[str | Node] = [" if ", condition] if condition else []
        key = self.random.choice(keys)
        body = self._body(names, depth)
        return Node((f"{{for {names} in ", source, f" : {key} => ", body, grouping, *tail, "}"))

    def _object(self, depth: int) -> Node:
        """Keys of all forms, some of them twice."""
        parts: list[str | Node] = ["{"]
        for index in range(self.random.choice([0, 1, 2, 3])):
            key: str | Node = self.random.choice(["a", "b", '"a"', "1", "1.5", "true", "(local.us)", '"k${1}"', "null"])
            if self.random.random() < 0.3:
                key = Node(("(", self.make(self.random.choice(["string", "scalar", "key", "any"]), depth - 1), ")"))
            between = self.random.choice([", ", "\n", ",\n"]) if index else ""
            parts += [between, key, self.random.choice([" = ", " : ", "="]), self._kind(depth)]
        return Node((*parts, self.random.choice(["", "", ",", "\n"]), "}"))

    # -- operators --

    def _chain(self, depth: int) -> Node:
        """Operators without parentheses: what binds closer, and from which side."""
        kind = self.random.choice(["number", "number", "bool", "scalar", "any"])
        parts: list[str | Node] = [self._operand(kind, depth)]
        for _ in range(self.random.choice([1, 2, 2, 3, 4])):
            parts += [f" {self.random.choice(BINARY)} ", self._operand(kind, depth)]
        if self.random.random() < 0.2:
            parts += [" ? ", self._operand("any", depth), " : ", self._operand("any", depth)]
        return Node(("(", *parts, ")"))

    def _operand(self, kind: str, depth: int) -> Node:
        sign = self.random.choice(["", "", "", "", "-", "!", "- ", "!!", "--"])
        plain = {"number": ["1", "2", "3", "0.5", "10"], "bool": ["true", "false", "local.ub"]}
        if kind in plain and self.random.random() < 0.6:
            return Node((sign + self.random.choice(plain[kind]),))
        return Node((sign, self.make(kind, depth - 1)))

    def _wild_bool(self, depth: int) -> Node:
        if self.random.random() < 0.5:
            return self._chain(depth)
        operator = self.random.choice([" == ", " != "])
        return Node(("(", self._kind(depth), operator, self._kind(depth), ")"))

    def _wild_number(self, depth: int) -> Node:
        if self.random.random() < 0.5:
            return Node((self.random.choice(BIG),))
        return self._chain(depth)

    # -- templates --

    def _wild_string(self, depth: int) -> Node:
        return self._one_of(self._quoted, self._heredoc, self._wrapped, self._escaped, depth=depth)

    def _escaped(self, _depth: int) -> Node:
        return Node(('"' + "".join(self.random.choice(ESCAPES) for _ in range(self.random.choice([1, 2, 3]))) + '"',))

    def _wrapped(self, depth: int) -> Node:
        """An interpolation alone keeps its type."""
        return Node(('"${', self._kind(depth), self.random.choice(["}", "}", " }", "~}", "} "]), '"'))

    def _quoted(self, depth: int) -> Node:
        return Node(('"', *self._pieces(depth, [*ESCAPES[:12], " ", "  a ", "b"]), '"'))

    def _heredoc(self, depth: int) -> Node:
        """In parentheses, so that what follows it is on a line of its own."""
        parts: list[str | Node] = [self.random.choice(["(<<EOT\n", "(<<-EOT\n", "(<<-EOT\n"])]
        for _ in range(self.random.choice([0, 1, 2, 3])):
            indent = self.random.choice(["", "  ", "    ", "\t"])
            parts += [indent, *self._pieces(depth, LINES), "\n"]
        return Node((*parts, self.random.choice(["", "  ", "\t"]), "EOT\n)"))

    def _pieces(self, depth: int, texts: list[str]) -> list[str | Node]:
        parts: list[str | Node] = []
        for _ in range(self.random.choice([1, 1, 2, 3])):
            left, right = self.random.choice(["", "", "~"]), self.random.choice(["", "", "~"])
            choice = self.random.random()
            if choice < 0.35:
                parts.append(self.random.choice(texts))
            elif choice < 0.6:
                parts += [
                    f"${{{left}",
                    self.make(self.random.choice(["scalar", "scalar", "any"]), depth - 1),
                    f"{right}}}",
                ]
            elif choice < 0.8:
                parts += [f"%{{{left} if ", self.make("bool", depth - 1), f" {right}}}", *self._inner(depth, texts)]
                if self.random.random() < 0.5:
                    parts += [f"%{{{right} else {left}}}", *self._inner(depth, texts)]
                parts.append(f"%{{{right} endif {left}}}")
            else:
                names = self.random.choice(["v", "k, v"])
                source = self.make(self.random.choice(["seq", "coll", "mapping", "any"]), depth - 1)
                parts += [f"%{{{left} for {names} in ", source, f" {right}}}", *self._inner(depth, texts)]
                parts += ["<${try(v, 0)}>"] if self.random.random() < 0.4 else []
                parts.append(f"%{{{right} endfor {left}}}")
        return parts

    def _inner(self, depth: int, texts: list[str]) -> list[str | Node]:
        return self._pieces(depth - 1, texts) if depth > 1 else [self.random.choice(texts)]

    def _wild_strings(self, depth: int) -> Node:
        parts: list[str | Node] = []
        for index in range(self.random.choice([1, 2, 3])):
            parts += [", "] * bool(index) + [self._kind(depth) if self.random.random() < 0.3 else self._wild_string(1)]
        return Node(("[", *parts, "]"))

    def _wild_keys(self, depth: int) -> Node:
        return Node(("[", quote(self.random.choice(KEYS)), ", ", quote(self.random.choice(STRINGS)), "]"))
