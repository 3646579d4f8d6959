"""Terraform's text to `syntax`: files, single expressions, templates."""

from __future__ import annotations

import gc
import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, NoReturn, TypeAlias, cast

from reconciler.hcl import codec, grammar, syntax
from reconciler.hcl.json_syntax import JsonParser, body_of, json_value
from reconciler.hcl.lexer import Lexer, SyntaxProblem, Text, Token
from reconciler.hcl.lower import ACTIONS, Action, check_depth
from reconciler.hcl.tree import ParseCache

__all__ = [
    "SyntaxProblem",
    "body_of",
    "decode",
    "encode",
    "parse_expression",
    "parse_file",
    "parse_json_value",
    "parse_template",
]

_NOT_UTF8 = re.compile("[\ud800-\udfff]")
MAX_BYTES = 32 * 1024 * 1024
"""Files larger than this are refused."""


def decode(path: str, content: bytes) -> str:
    """The characters that spans count. Bytes that are no UTF-8 become surrogates: only comments can hold them."""
    if len(content) > MAX_BYTES:
        raise SyntaxProblem(path, 1, f"the file has more than {MAX_BYTES // 2**20} MiB")
    return content.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The inverse of `decode`."""
    return text.encode("utf-8", "surrogateescape")


def parse_file(path: str, text: bytes, cache: ParseCache | None = None, blob_id: str | None = None) -> syntax.Body:
    """The body of a .tf, .tfvars, .tf.json or .tfvars.json file. Raises SyntaxProblem.

    Spans count characters of `decode(path, text)`. With `cache` and the content's `blob_id`, trees are kept.
    """
    with _collection_paused():
        return _kept_or_parsed(path, text, cache, blob_id)


@contextmanager
def _collection_paused() -> Generator[None, None, None]:
    """Trees have no cycles, and looking for some among many thousand new nodes takes longer than making them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _kept_or_parsed(path: str, text: bytes, cache: ParseCache | None, blob_id: str | None) -> syntax.Body:
    if cache is None or blob_id is None:
        return _parse(path, text)
    syntax_name = next((name for name in (".tfvars.json", ".json") if path.endswith(name)), ".tf")
    key = f"hcl-{codec.version()}-{blob_id}{syntax_name}"
    kept = cache.get(key)
    if kept is not None:
        try:
            return codec.loads(kept)
        except codec.Damaged:
            pass  # parsed again and written again below
    body = _parse(path, text)
    cache.put(key, codec.dumps(body))
    return body


def _parse(path: str, content: bytes) -> syntax.Body:
    if path.endswith(".json"):
        return _json(path, content)
    return _native(Text(path, decode(path, content)))


def _native(source: Text) -> syntax.Body:
    start = 1 if source.text.startswith("\ufeff") else 0
    tokens = Lexer(source, start).body()
    bad = _NOT_UTF8.search(source.text)
    if bad:  # in a comment, else:
        for _, first, last, _ in tokens:
            bad = _NOT_UTF8.search(source.text, first, last)
            if bad:
                source.reject("the file is not UTF-8", bad.start())
    return cast(syntax.Body, _run(source, "start", tokens))


def _json(path: str, content: bytes) -> syntax.Body:
    text = decode(path, content)
    bad = _NOT_UTF8.search(text)
    if bad:
        Text(path, text).reject("the file is not UTF-8", bad.start())
    parser = JsonParser(Text(path, text), _template_at, _expression_at)
    return parser.file(literal=path.endswith(".tfvars.json"))


def _template_at(source: Text, start: int, end: int) -> syntax.Expression:
    return cast(syntax.Expression, _run(source, "template", Lexer(source, start, end).template()))


def _expression_at(source: Text, start: int, end: int) -> syntax.Expression:
    found = cast(syntax.Expression, _run(source, "expression", Lexer(source, start, end).expression()))
    check_depth(source, found)
    return found


def parse_expression(
    text: str, *, file: str = "<expression>", line: int = 1, start: int = 0, end: int | None = None
) -> syntax.Expression:
    """The expression that `text[start:end]` is; spans count from the beginning of `text`, whose first line is `line`.

    Raises SyntaxProblem, which names `file`.
    """
    return _expression_at(Text(file, text, line), start, len(text) if end is None else end)


def parse_template(
    text: str, *, file: str = "<template>", line: int = 1, start: int = 0, end: int | None = None
) -> syntax.Literal | syntax.Template:
    """The template that `text[start:end]` is, without quotes around it: a template file, a JSON string.

    A Literal where nothing is interpolated. Raises SyntaxProblem, which names `file`.
    """
    found = _template_at(Text(file, text, line), start, len(text) if end is None else end)
    return cast("syntax.Literal | syntax.Template", found)


def parse_json_value(text: str, *, start: int = 0, end: int | None = None) -> syntax.Expression:
    """The JSON value that `text[start:end]` is, its strings as they stand. Raises SyntaxProblem."""
    return json_value(Text("<json>", text), start, len(text) if end is None else end)


# -- the parser -----------------------------------------------------------------------------------------------


_Rule: TypeAlias = "tuple[int, int, int, Action, tuple[bool, ...] | None]"
"""How many children, what they make, what is done with them, the action, which of them are lists."""


@cache
def _rules() -> tuple[_Rule, ...]:
    return tuple(
        (rule.size, rule.makes, rule.kind, ACTIONS.get(rule.action, _none), rule.lists if any(rule.lists) else None)
        for rule in grammar.tables().rules
    )


@cache
def _passed() -> dict[tuple[int, int, str], int]:
    """The state that a chain of rules of one child each ends in, by the states it begins with and the terminal."""
    return {}


def _pass(
    rules: Sequence[_Rule], actions: Sequence[Mapping[str, int]], goto: Mapping[int, int], state: int, terminal: str
) -> int:
    while (move := actions[state].get(terminal)) is not None and move < 0:
        _, makes, kind, _, _ = rules[~move]
        if kind != grammar.PASS:
            break
        state = goto[makes]
    return state


def _none(source: Text, children: list[Any]) -> NoReturn:
    raise AssertionError(f"no action for {children} of {source.file}")


def _run(source: Text, start: str, tokens: Iterable[Token]) -> object:
    """The LALR automaton: shifts tokens, reduces by rules, calls their actions."""
    tables = grammar.tables()
    rules, actions, gotos, end = _rules(), tables.actions, tables.gotos, tables.ends[start]
    states = [tables.starts[start]]
    values: list[Any] = []
    passed = _passed()
    for token in tokens:
        terminal = token[0]
        while (move := actions[states[-1]].get(terminal)) is not None:
            if move >= 0:
                states.append(move)
                values.append(token)
                break
            size, makes, kind, action, lists = rules[~move]
            if kind == grammar.PASS:
                below = states[-2]
                chain = (below, states[-1], terminal)
                reached = passed.get(chain)
                if reached is None:
                    reached = passed[chain] = _pass(rules, actions, gotos[below], gotos[below][makes], terminal)
                states[-1] = reached
            else:
                children = values[-size:] if size else []
                if size:
                    del values[-size:]
                    del states[-size:]
                if lists is not None:
                    children = _flat(children, lists)
                values.append(children if kind == grammar.LIST else action(source, children))
                states.append(gotos[states[-1]][makes])
            if states[-1] == end and terminal == "$END":
                return values[-1]
        else:
            _unexpected(source, token, frozenset(actions[states[-1]]))
    raise AssertionError("the last token is $END")


def _flat(children: list[Any], lists: tuple[bool, ...]) -> list[Any]:
    flat: list[Any] = children[0] if lists[0] else [children[0]]
    for child, is_list in zip(children[1:], lists[1:], strict=True):
        if is_list:
            flat.extend(child)
        else:
            flat.append(child)
    return flat


_SAID = {
    "NL": "a newline", "$END": "the end", "EQ": '"="', "COLON": '":"', "COMMA": '","', "LBRACE": '"{"',
    "RBRACE": '"}"', "RPAR": '")"', "RSQB": '"]"', "LPAR": '"("', "TEMPLATE_END": '"}"', "NAME": "a name",
    "STRING": "a label", "IN": '"in"', "FOR_OBJECT_ARROW": '"=>"', "DBLQUOTE": "a label", "COLONS": '"::"',
    "ELLIPSIS": '"..."', "IF": '"if"', "INT_LITERAL": "an index", "SPLAT": '"*"', "FOR": '"for"', "ELSE": '"else"',
    "ENDIF": '"endif"', "ENDFOR": '"endfor"',
}  # fmt: skip


def _unexpected(source: Text, token: Token, expected: frozenset[str]) -> NoReturn:
    kind, start, end, _ = token
    written = source.text[start : min(end, start + 40)]
    found = {"NL": "the line ends", "$END": "the text ends"}.get(kind, f"there is {written!r}")
    source.reject(_complaint(kind, found, expected), start)


def _complaint(kind: str, found: str, expected: frozenset[str]) -> str:
    """In words: the tables only say which terminals could follow."""
    if expected >= {"INT_LITERAL", "LPAR"}:
        return f"{found} where a value should be"
    if expected >= {"RPAR", "RSQB"}:
        return f"{found} after the end of an expression"
    if kind == "NL" and expected >= {"LBRACE", "STRING"}:
        return 'the "{" of a block must be on the line of its header'
    if kind == "FLOAT_LITERAL" and "INT_LITERAL" in expected:
        return f"{found} where one index should be: write indexes that follow each other in brackets"
    if expected >= {"NAME", "NL"}:
        return f"{found} where an argument or a block should begin"
    places = sorted({_SAID[name] for name in expected if name in _SAID})
    return f"{found} where {' or '.join(places) or 'an operator'} should be"
