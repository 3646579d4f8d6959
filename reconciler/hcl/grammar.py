"""python-hcl2's grammar, patched until it agrees with Terraform, as LALR tables that load in milliseconds.

The rules are python-hcl2's. Its terminals are not used: which newline counts, where `for` is a keyword and where a
template ends depends on nesting, which `lexer` tracks as Terraform's own scanner does. So every newline leaves the
rules of expressions, and what remains is patched one by one; a patch that no longer applies is an error.

`python -m reconciler.hcl.grammar` builds `grammar.bin` (the only use of lark, seconds); `tables()` loads it.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, cast

from reconciler.records import dataclass

STARTS: Final = ("start", "expression", "template")
SHIPPED: Final = "grammar.bin"

# What a reduction does with its children.
PASS, LIST, CALL = 0, 1, 2

_RULES_BEGIN = "// Top-level structure"

# (what python-hcl2 8.1.4 says, what Terraform does)
_PATCHES: Final = (
    # Structure: newlines end items, a one-line block holds one argument, the brace is on the line of the header.
    ("body : ( (attribute | block))*\n", "body : (NL | attribute NL | block NL)*\n"),
    ("attribute : _attribute_name EQ expression", "attribute : NAME EQ expression"),
    ("_attribute_name : identifier | keyword | literal_value\n", ""),
    (
        "block : _attribute_name (_attribute_name | string)* LBRACE body RBRACE",
        "block : NAME (NAME | string)* LBRACE (NL body | attribute)? RBRACE",
    ),
    # Names: keywords are keywords by their place only, which the lexer knows.
    ("keyword: IN | FOR | IF | FOR_EACH | ELSE | ENDIF | ENDFOR\n", ""),
    ("literal_value: TRUE | FALSE | NULL\n", ""),
    ("            | literal_value\n", ""),
    ("get_attr : DOT (identifier | literal_value)", "get_attr : DOT NAME"),
    ("object_elem_key : expression | keyword\n", ""),
    ("object_elem : object_elem_key ( EQ | COLON ) expression", "object_elem : expression ( EQ | COLON ) expression"),
    # Any number of signs.
    ("!unary_op : (MINUS | NOT) expr_term\n", "!unary_op : (MINUS | NOT) (unary_op | expr_term)\n"),
    # Terms.
    ("expr_term : LPAR expression RPAR\n", "?expr_term : LPAR expression RPAR -> parentheses\n"),
    ("            | template_string\n", ""),
    ("template_string : TEMPLATE_STRING\n", ""),
    ("            | heredoc_template\n            | heredoc_template_trim\n", "            | heredoc\n"),
    ("heredoc_template : HEREDOC_TEMPLATE\n", "heredoc : HEREDOC_START string_part* HEREDOC_END\n"),
    ("heredoc_template_trim : HEREDOC_TEMPLATE_TRIM\n", ""),
    (
        "function_call : identifier (COLONS identifier COLONS identifier)? LPAR arguments? RPAR",
        "function_call : NAME (COLONS NAME)* LPAR arguments? RPAR",
    ),
    # Objects: each entry is ended by a newline or a comma.
    (
        "object : LBRACE ((object_elem | (object_elem COMMA)))* RBRACE",
        "object : LBRACE NL? (object_elem (NL | COMMA NL?))* object_elem? RBRACE",
    ),
    # Splats: `.*` takes attributes and legacy indexes only, `[*]` takes all that follows, further splats included.
    ("attr_splat : ATTR_SPLAT (get_attr | index)*", "attr_splat : DOT SPLAT (get_attr | short_index)*"),
    (
        "full_splat : FULL_SPLAT_START (get_attr | index)*",
        "full_splat : LSQB SPLAT RSQB (get_attr | index | attr_splat | full_splat)*",
    ),
    # Templates: `~` is part of the marker's token; a template can stand alone (files, JSON strings).
    (
        "string: DBLQUOTE string_part* DBLQUOTE",
        "string: STRING | DBLQUOTE string_part* DBLQUOTE\ntemplate: string_part*",
    ),
    (
        "string_part: STRING_CHARS\n           | ESCAPED_INTERPOLATION\n           | ESCAPED_DIRECTIVE",
        "?string_part: STRING_CHARS",
    ),
    ("interpolation: INTERP_START expression RBRACE", "interpolation: INTERP_START expression TEMPLATE_END"),
    (
        "template_if_start: DIRECTIVE_START STRIP_MARKER? IF expression STRIP_MARKER? RBRACE",
        "template_if_start: DIRECTIVE_START IF expression TEMPLATE_END",
    ),
    (
        "template_else: DIRECTIVE_START STRIP_MARKER? ELSE STRIP_MARKER? RBRACE",
        "template_else: DIRECTIVE_START ELSE TEMPLATE_END",
    ),
    (
        "template_endif: DIRECTIVE_START STRIP_MARKER? ENDIF STRIP_MARKER? RBRACE",
        "template_endif: DIRECTIVE_START ENDIF TEMPLATE_END",
    ),
    (
        (
            "template_for_start: DIRECTIVE_START STRIP_MARKER? FOR identifier (COMMA identifier)? IN expression "
            "STRIP_MARKER? RBRACE"
        ),
        "template_for_start: DIRECTIVE_START FOR NAME (COMMA NAME)? IN expression TEMPLATE_END",
    ),
    (
        "template_endfor: DIRECTIVE_START STRIP_MARKER? ENDFOR STRIP_MARKER? RBRACE",
        "template_endfor: DIRECTIVE_START ENDFOR TEMPLATE_END",
    ),
    ("!for_intro : FOR identifier (COMMA identifier)? IN", "!for_intro : FOR NAME (COMMA NAME)? IN"),
)


def source() -> str:
    """The patched grammar. Raises AssertionError where the installed python-hcl2 is not the one patched here."""
    import hcl2

    text = Path(str(hcl2.__file__)).with_name("hcl2.lark").read_text(encoding="utf-8")
    rules = text[text.index(_RULES_BEGIN) :]
    rules = re.sub(r"//.*", "", rules)
    rules = _patched(rules, "new_line_or_comment: ( NL_OR_COMMENT )+\n", "")
    rules = re.sub(r" *\bnew_line_or_comment\?", "", rules)
    for old, new in _PATCHES:
        rules = _patched(rules, old, new)
    terminals = sorted(set(re.findall(r"\b[A-Z][A-Z_]+\b", rules)))
    return rules + "\n%declare " + " ".join(terminals) + "\n"


def _patched(rules: str, old: str, new: str) -> str:
    if rules.count(old) != 1:
        raise AssertionError(f"python-hcl2's grammar has changed: {old!r} occurs {rules.count(old)} times")
    return rules.replace(old, new)


@dataclass(frozen=True, slots=True)
class Rule:
    """One production: how many children it takes, the nonterminal it makes, the action, which children are lists."""

    size: int
    makes: int
    kind: int
    action: str
    lists: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """LALR tables. `actions[state][terminal]`: a state to shift to, or ~rule to reduce; `gotos[state][nonterminal]`.

    `$END` is one of the terminals. `starts` and `ends` are states by start rule.
    """

    terminals: tuple[str, ...]
    rules: tuple[Rule, ...]
    actions: tuple[Mapping[str, int], ...]
    gotos: tuple[Mapping[int, int], ...]
    starts: Mapping[str, int]
    ends: Mapping[str, int]
    digest: str


@cache
def tables() -> Tables:
    """The shipped tables."""
    return _decode(resources.files("reconciler.hcl").joinpath(SHIPPED).read_bytes())


def _decode(data: bytes) -> Tables:
    unpacked: Any = _msgpack().unpackb(data, strict_map_key=False)
    names, rules, rows, gotos, starts, ends = unpacked
    digest = hashlib.sha256(data).hexdigest()[:16]
    terminals = tuple(sys.intern(cast(str, name)) for name in names)
    made = tuple(Rule(*rule[:4], lists=tuple(rule[4])) for rule in rules)
    actions: tuple[Mapping[str, int], ...] = tuple({terminals[i]: to for i, to in row.items()} for row in rows)
    return Tables(terminals, made, actions, tuple(gotos), starts, ends, digest)


def _msgpack() -> Any:
    import msgpack  # pyright: ignore[reportMissingTypeStubs]

    return msgpack


def build() -> bytes:
    """The tables as they are shipped: the same bytes for the same grammar."""
    from lark import Lark
    from lark.grammar import Rule as LarkRule
    from lark.lexer import Lexer, TerminalDef

    class NoLexer(Lexer):
        def __init__(self, lexer_conf: object) -> None: ...

        def lex(self, lexer_state: object, parser_state: object) -> Iterator[Any]:
            raise NotImplementedError("the tables are built with lark, and used without it")

    lark = Lark(source(), parser="lalr", lexer=NoLexer, maybe_placeholders=False, start=list(STARTS))
    data, memo = cast(Any, lark).memo_serialize([TerminalDef, LarkRule])
    return cast(bytes, _msgpack().packb(_compact(data["parser"]["parser"], memo)))


def _compact(table: Any, memo: Any) -> list[Any]:
    names: dict[int, str] = table["tokens"]
    made = sorted({rule["origin"]["name"] for rule in memo.values() if "origin" in rule})
    made_ids = {name: i for i, name in enumerate(made)}
    terminals = sorted(set(names.values()) - set(made))
    terminal_ids = {name: i for i, name in enumerate(terminals)}
    rows = {
        state: sorted(((names[token], kind == 0, arg) for token, (kind, arg) in row.items()), key=lambda move: move[0])
        for state, row in table["states"].items()
    }
    order = _canonical(rows, [table["start_states"][name] for name in STARTS])
    states = {state: i for i, state in enumerate(order)}
    used: dict[int, int] = {}
    actions: list[dict[int, int]] = []
    gotos: list[dict[int, int]] = []
    for state in order:
        moves = [(name, states[arg] if shift else ~_rule(arg, used)) for name, shift, arg in rows[state]]
        actions.append({terminal_ids[name]: to for name, to in moves if name in terminal_ids})
        gotos.append({made_ids[name]: to for name, to in moves if name in made_ids})
    rules = [_describe(memo[index], made_ids) for index in used]
    starts = {name: states[table["start_states"][name]] for name in STARTS}
    ends = {name: states[table["end_states"][name]] for name in STARTS}
    return [terminals, rules, actions, gotos, starts, ends]


def _canonical(rows: Mapping[int, list[Any]], starts: list[int]) -> list[int]:
    """The states in an order that depends on the grammar only: breadth first from the start states."""
    order = list(dict.fromkeys(starts))
    seen = set(order)
    for state in order:  # grows as it goes
        for _, shift, arg in rows[state]:
            if shift and arg not in seen:
                seen.add(arg)
                order.append(arg)
    return order


def _rule(reference: Any, used: dict[int, int]) -> int:
    """Rules are numbered as they are met."""
    return used.setdefault(reference["@"], len(used))


def _describe(rule: Any, made: Mapping[str, int]) -> list[Any]:
    origin: str = rule["origin"]["name"]
    expansion: list[str] = [symbol["name"] for symbol in rule["expansion"]]
    if origin.startswith("_"):
        kind = LIST
    elif rule["options"]["expand1"] and len(expansion) == 1 and rule["alias"] is None:
        kind = PASS
    else:
        kind = CALL
    lists = [name.startswith("_") for name in expansion]
    return [len(expansion), made[origin], kind, rule["alias"] or origin, lists]


if __name__ == "__main__":
    target = Path(__file__).with_name(SHIPPED)
    target.write_bytes(build())
    sys.stdout.write(f"{target.name}: {target.stat().st_size} bytes\n")
