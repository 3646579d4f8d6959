"""Values written over expressions: whatever can stay of the old text stays, element by element."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from reconciler.hcl import parse
from reconciler.hcl import syntax as s
from reconciler.hcl.elements import (
    Change,
    Elements,
    NotLiteral,
    indent_at,
    line_start,
    list_steps,
    name_of,
    plain_of,
    same,
)
from reconciler.hcl.render import Raw, Style, literal, render
from reconciler.model import Plain
from reconciler.records import dataclass


def key_of(item: s.Item) -> str | None:
    try:
        return name_of(item)
    except NotLiteral:
        return None


def sorted_index(node: s.Object, name: str) -> int:
    """Where a new key goes: into its place where the keys are sorted, else to the end."""
    keys = [key_of(item) or "" for item in node.items]
    in_place = len(keys) > 1 and keys == sorted(keys)
    return next((i for i, key in enumerate(keys) if key > name), len(keys)) if in_place else len(keys)


def literal_or_not(node: s.Expression, old: Plain | NotLiteral | None) -> Plain | NotLiteral:
    if old is not None:
        return old
    try:
        return plain_of(node)
    except NotLiteral as error:
        return error


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes values over expressions; every step gives a whole new text, in which the expression is parsed again."""

    text: str
    style: Style
    ordered: bool

    def replaced(self, node: s.Expression, value: Plain | Raw, old: Plain | NotLiteral) -> str:
        """The text after `node` says `value`."""
        if not isinstance(value, Raw) and not isinstance(old, NotLiteral) and same(old, value):
            return self.text
        match node:
            case s.Parentheses(inner) if not isinstance(inner, s.Conditional):
                return self.replaced(inner, value, literal_or_not(inner, None) if isinstance(old, NotLiteral) else old)
            case s.Tuple() if isinstance(value, list):
                return self._list(node, value, old)
            case s.Object() if isinstance(value, dict):
                return self._map(node, value, old)
            case s.Call("jsonencode", (inner,)) if isinstance(value, str):
                decoded = _json_collection(value)
                return (
                    self._over(node, value)
                    if decoded is None
                    else self.replaced(inner, decoded, literal_or_not(inner, None))
                )
            case s.Literal(str() as text) if not self.style.json:
                return self._over_string(node, text, value)
            case s.Literal(str() as text) if _scalar(value) and _spells(text, value):
                return self._over(node, _spelled(value))
            case _:
                return self._over(node, value)

    def _over(self, node: s.Expression, value: Plain | Raw) -> str:
        start, end, _ = node.at
        used = start - line_start(self.text, start)
        return self._spliced(start, end, render(value, indent_at(self.text, start), self.style, used=used))

    def _spliced(self, start: int, end: int, new: str) -> str:
        return self.text[:start] + new + self.text[end:]

    def _over_string(self, node: s.Literal, text: str, value: Plain | Raw) -> str:
        """Keeps the form: a heredoc, a number in quotes."""
        if _scalar(value) and _spells(text, value):
            return self._over(node, _spelled(value))
        written = self.text[node.at[0] : node.at[1]]
        if isinstance(value, str) and written.startswith("<<"):
            heredoc = _heredoc(written, text, value, self.style)
            if heredoc is not None:
                return self._spliced(node.at[0], node.at[1], heredoc)
        return self._over(node, value)

    def _again(self, text: str, node: s.Expression) -> tuple[Writer, s.Expression]:
        """A writer for the new text, and the node in it."""
        end = node.at[1] + len(text) - len(self.text)
        read = parse.parse_json_value if self.style.json else parse.parse_expression
        return replace(self, text=text), read(text, start=node.at[0], end=end)

    def _list(self, node: s.Tuple, value: Sequence[Plain], old: Plain | NotLiteral) -> str:
        known = isinstance(old, list) and len(old) == len(node.items)
        olds = cast("list[Plain | NotLiteral]", old) if known else [literal_or_not(item, None) for item in node.items]
        writer, current = self, node
        for kind, i, j in list_steps(olds, value, ordered=self.ordered):
            elements = Elements(writer.text, current, writer.style)
            if kind == "insert":
                text = changed(writer.text, elements.insert(i, None, value[j]))
            elif kind == "remove":
                text = changed(writer.text, elements.remove(i))
            else:
                text = writer.replaced(current.items[i], value[j], olds[i])
            writer, current = cast("tuple[Writer, s.Tuple]", writer._again(text, current))
        return writer.text

    def _map(self, node: s.Object, value: Mapping[str, Plain], old: Plain | NotLiteral) -> str:
        names = [key_of(item) for item in node.items]
        if None in names or len(set(names)) != len(names):
            return self._over(node, dict(value))
        olds = cast("dict[str, Plain]", old) if isinstance(old, dict) else {}
        writer, current = self, node
        for i in range(len(names) - 1, -1, -1):
            name = cast(str, names[i])
            if name in value:
                item = current.items[i].value
                text = writer.replaced(item, value[name], olds[name] if name in olds else literal_or_not(item, None))
            else:
                text = changed(writer.text, Elements(writer.text, current, writer.style).remove(i))
            writer, current = cast("tuple[Writer, s.Object]", writer._again(text, current))
        return writer.extended(current, {name: v for name, v in value.items() if name not in names})

    def extended(self, node: s.Object, new: Mapping[str, Plain | Raw]) -> str:
        """The text after `node` has new entries: in their order where the keys are sorted, else at the end."""
        writer, current = self, node
        for name, value in new.items():
            index = sorted_index(current, name)
            changes = Elements(writer.text, current, writer.style).insert(index, name, value)
            writer, current = cast("tuple[Writer, s.Object]", writer._again(changed(writer.text, changes), current))
        return writer.text


def _json_collection(text: str) -> Plain:
    """What a JSON text says, where that is a list or an object; else None."""
    try:
        value = cast("Plain", json.loads(text))
    except ValueError:
        return None
    return value if isinstance(value, (list, dict)) else None


def _scalar(value: Plain | Raw) -> bool:
    return isinstance(value, (bool, int, float))


def _spells(text: str, value: object) -> bool:
    """`text` is a number or bool in quotes, as `value` is without."""
    if isinstance(value, bool):
        return text in ("true", "false")
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None


def _spelled(value: object) -> str:
    return json.dumps(value)


def _heredoc(written: str, old: str, value: str, style: Style) -> str | None:
    """`value` in the heredoc's own markers; None where it would not say the same."""
    content = _like_json(old, value, style)
    if content is None:
        content = value
    if not content.endswith("\n") or "\r" in content:
        return None
    header, _, rest = written.partition("\n")
    marker = written.rstrip().rsplit("\n", 1)[-1]
    indent = ""
    if header.startswith("<<-"):
        indent = next((indent_at(line, 0) for line in rest.split("\n") if line.strip()), "")
    lines = (indent + literal(line) if line else "" for line in content[:-1].split("\n"))
    new = f"{header}\n" + "".join(line + style.newline for line in lines) + marker
    try:
        again = parse.parse_expression(new + "\n", end=len(new) + 1)
    except parse.SyntaxProblem:
        return None
    said = again.value if isinstance(again, s.Literal) else None
    return new if isinstance(said, str) and said.replace("\r\n", "\n") == content else None


def _like_json(old: str, value: str, style: Style) -> str | None:
    """Indented JSON where the old text was: the live value comes on one line."""
    decoded = _json_collection(value)
    if decoded is None or _json_collection(old) is None:
        return None
    inner = next((indent_at(line, 0) for line in old.split("\n")[1:] if line[:1] in (" ", "\t")), style.unit)
    return json.dumps(decoded, ensure_ascii=False, indent=inner) + "\n"


def changed(text: str, changes: Sequence[Change]) -> str:
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text
