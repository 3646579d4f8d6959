"""Terraform's JSON syntax: the same tree with spans, and bodies that are told apart by the names of their blocks.

Strings are templates, except where Terraform reads them without a scope (.tfvars.json, variable defaults, the
`terraform` block) and where they name references (`depends_on`, `providers`, `type` …), which become expressions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any, Final, NoReturn, TypeAlias, cast

from reconciler.hcl import syntax as s
from reconciler.hcl.lexer import MAX_NESTING, SyntaxProblem, Text
from reconciler.hcl.lower import MAX_NUMBER_DIGITS
from reconciler.hcl.templates import normal
from reconciler.records import dataclass

Parse: TypeAlias = "Callable[[Text, int, int], s.Expression]"
"""Parses the characters from start to end."""

_TOKEN: Final = re.compile(
    r"""[ \t\r\n]*+(?:
      ("(?:[^"\\\x00-\x1f]++|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})*+")
    | (-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)(?![0-9A-Za-z_.+-])
    | ([A-Za-z]++)
    | ([{}\[\],:])
    | (\Z)
    )""",
    re.VERBOSE,
)
_STRING, _NUMBER, _WORD, _SIGN, _END = 1, 2, 3, 4, 5
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


# -- JSON -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reader:
    """A JSON document as literals, tuples and objects; strings as they stand."""

    source: Text
    position: int = 0
    kind: int = 0
    start: int = 0
    line: int = 1
    counted: int = 0
    limit: int | None = None

    def document(self) -> s.Expression:
        self.advance()
        value = self.value(0)
        if not self.done:
            self.reject("nothing can follow the JSON document")
        return value

    def advance(self) -> None:
        limit = len(self.source.text) if self.limit is None else self.limit
        found = _TOKEN.match(self.source.text, self.position, limit)
        if found is None:
            self.kind, self.start = 0, self.position
            text = self.source.text
            while self.start < len(text) and text[self.start] in " \t\r\n":
                self.start += 1
            self.reject("this is no JSON")
        self.kind = found.lastindex or 0
        self.start, self.position = found.span(self.kind)
        self.line += self.source.text.count("\n", self.counted, self.start)
        self.counted = self.start

    def reject(self, reason: str) -> NoReturn:
        self.source.reject(reason, self.start)

    @property
    def done(self) -> bool:
        return self.kind == _END

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.position]

    @property
    def at(self) -> s.At:
        return (self.start, self.position, self.line)

    def value(self, depth: int) -> s.Expression:
        if depth > MAX_NESTING:
            self.reject(f"nested more than {MAX_NESTING} levels deep")
        if self.sign("{"):
            return self.object(depth)
        if self.sign("["):
            return self.array(depth)
        kind = self.kind
        if kind == _STRING:
            found = s.Literal(_unescaped(self.text), self.at)
        elif kind == _NUMBER:
            found = s.Literal(self.number(), self.at)
        elif kind == _WORD and self.text in _WORDS:
            found = s.Literal(_WORDS[self.text], self.at)
        else:
            self.reject("a JSON value is missing here")
        self.advance()
        return found

    def number(self) -> Decimal:
        value = Decimal(self.text)
        if len(self.text) > MAX_NUMBER_DIGITS or not -MAX_NUMBER_DIGITS <= value.adjusted() <= MAX_NUMBER_DIGITS:
            self.reject(f"numbers can have up to {MAX_NUMBER_DIGITS} digits")
        return value

    def array(self, depth: int) -> s.Tuple:
        start, line = self.start, self.line
        items: list[s.Expression] = []
        self.advance()
        while not self.sign("]"):
            items.append(self.value(depth + 1))
            self.separator("]")
        return s.Tuple(tuple(items), (start, self.ended(), line))

    def object(self, depth: int) -> s.Object:
        start, line = self.start, self.line
        items: list[s.Item] = []
        self.advance()
        while not self.sign("}"):
            if self.kind != _STRING:
                self.reject("a property name in double quotes is missing here")
            key = s.Literal(_unescaped(self.text), self.at)
            self.advance()
            if not self.sign(":"):
                self.reject('":" is missing here')
            self.advance()
            value = self.value(depth + 1)
            items.append(s.Item(key, value, (key.at[0], value.at[1], key.at[2])))
            self.separator("}")
        return s.Object(tuple(items), (start, self.ended(), line))

    def sign(self, sign: str) -> bool:
        return self.kind == _SIGN and self.text == sign

    def separator(self, closer: str) -> None:
        """A comma, after which there must be more, or the closer."""
        if self.sign(","):
            self.advance()
            if self.sign(closer):
                self.reject("JSON has no comma after the last one")
        elif not self.sign(closer):
            self.reject(f'"," or "{closer}" is missing here')

    def ended(self) -> int:
        end = self.position
        self.advance()
        return end


def json_value(source: Text, start: int, end: int) -> s.Expression:
    """The value that `source.text[start:end]` is, its strings as they stand."""
    return _Reader(source, start, line=source.line(start), counted=start, limit=end).document()


def _unescaped(quoted: str) -> str:
    if "\\" not in quoted:
        return quoted[1:-1]
    text = cast(str, json.loads(quoted))
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)


# -- strings --------------------------------------------------------------------------------------------------

_LITERAL: Final = "literal"
_REFERENCE: Final = "reference"
_Spec: TypeAlias = "Mapping[str, str | _Spec]"
"""How the strings of a body's properties are read; what is not named is a template."""

_OBJECT: Final[_Spec] = {
    "depends_on": _REFERENCE,
    "provider": _REFERENCE,
    "lifecycle": {"ignore_changes": _REFERENCE, "replace_triggered_by": _REFERENCE},
}
_FILE: Final[Mapping[str, tuple[int, _Spec | str]]] = {
    "resource": (2, _OBJECT),
    "data": (2, _OBJECT),
    "ephemeral": (2, _OBJECT),
    "module": (1, {"depends_on": _REFERENCE, "providers": _REFERENCE, "source": _LITERAL, "version": _LITERAL}),
    "output": (1, {"depends_on": _REFERENCE, "description": _LITERAL}),
    "variable": (1, {"type": _REFERENCE, "default": _LITERAL, "description": _LITERAL}),
    "provider": (1, {"alias": _LITERAL, "version": _LITERAL}),
    "terraform": (0, _LITERAL),
    "import": (0, {"to": _REFERENCE, "provider": _REFERENCE}),
    "moved": (0, {"from": _REFERENCE, "to": _REFERENCE}),
    "removed": (0, {"from": _REFERENCE}),
}


@dataclass(frozen=True, slots=True)
class JsonParser:
    """`template` and `expression` parse what strings hold."""

    source: Text
    template: Parse
    expression: Parse

    def file(self, *, literal: bool) -> s.Body:
        """The body of a file; with `literal` (.tfvars.json) no string is a template."""
        root = self._root(_Reader(self.source, line=self.source.first_line).document())
        items = root.items if literal else tuple(map(self._top, root.items))
        return s.Body((), (), (0, len(self.source.text), self.source.first_line), s.Object(items, root.at))

    def _root(self, document: s.Expression) -> s.Object:
        objects = document.items if isinstance(document, s.Tuple) else (document,)
        items: list[s.Item] = []
        for one in objects:
            if not isinstance(one, s.Object):
                self.source.reject("the root must be an object or an array of objects", one.at[0])
            items += one.items
        return s.Object(tuple(items), document.at)

    def _top(self, item: s.Item) -> s.Item:
        name = cast(s.Literal, item.key).value
        if name == "//":
            return item
        labels, spec = _FILE.get(cast(str, name), (0, {}))
        return replace(item, value=self._labelled(item.value, labels, spec))

    def _labelled(self, value: s.Expression, labels: int, spec: _Spec | str) -> s.Expression:
        match value:
            case s.Tuple(items, at):
                return s.Tuple(tuple(self._labelled(item, labels, spec) for item in items), at)
            case s.Object(items, at) if labels:
                inner = (replace(item, value=self._labelled(item.value, labels - 1, spec)) for item in items)
                return s.Object(tuple(inner), at)
            case _:
                return self._read(value, spec)

    def _read(self, value: s.Expression, spec: _Spec | str) -> s.Expression:
        match value:
            case s.Literal(str()) if spec == _LITERAL:
                return replace(value, value=normal(cast(str, value.value)))
            case s.Literal(str()) if spec == _REFERENCE:
                return self._reference(value)
            case s.Literal(str()):
                return self._template(value)
            case s.Tuple(items, at):
                return s.Tuple(tuple(self._read(item, spec) for item in items), at)
            case s.Object(items, at):
                return s.Object(tuple(self._item(item, spec) for item in items), at)
            case _:
                return value

    def _item(self, item: s.Item, spec: _Spec | str) -> s.Item:
        key = cast(s.Literal, item.key)
        if not isinstance(spec, str):
            if key.value == "//":
                return item
            return s.Item(self._template(key), self._read(item.value, spec.get(cast(str, key.value), {})), item.at)
        if spec == _REFERENCE:
            named = self._reference(key)
            return s.Item(key if isinstance(named, s.Name) else named, self._read(item.value, spec), item.at)
        return s.Item(key, self._read(item.value, spec), item.at)

    def _template(self, literal: s.Literal) -> s.Expression:
        text = cast(str, literal.value)
        if "${" not in text and "%{" not in text:
            return literal if text.isascii() else replace(literal, value=normal(text))
        return self._inside(literal, self.template)

    def _reference(self, literal: s.Literal) -> s.Expression:
        """The expression that the string spells; itself where it spells none, for those who want a reference."""
        try:
            return self._inside(literal, self.expression)
        except SyntaxProblem:
            return literal

    def _inside(self, literal: s.Literal, parse: Parse) -> s.Expression:
        """Exact positions where the string has no escapes; else all of it is where the string is."""
        start, end, line = literal.at
        text = cast(str, literal.value)
        if self.source.text[start + 1 : end - 1] == text:
            return replace(parse(self.source, start + 1, end - 1), at=literal.at)
        return cast(s.Expression, _pinned(parse(Text(self.source.file, text, line), 0, len(text)), literal.at))


def _pinned(node: Any, at: s.At) -> Any:
    """`node` with everything in it standing at `at`."""
    if isinstance(node, tuple):
        return tuple(_pinned(child, at) for child in cast("tuple[Any, ...]", node))
    if not hasattr(node, "at"):
        return node
    values = {field.name: _pinned(getattr(node, field.name), at) for field in fields(node)}
    return type(node)(**(values | {"at": at}))


# -- bodies ---------------------------------------------------------------------------------------------------


Refuse: TypeAlias = Callable[[SyntaxProblem], None]
"""Told of what is wrong; what it does not raise is left out."""


def _raise(problem: SyntaxProblem) -> None:
    raise problem


def body_of(body: s.Body, blocks: Mapping[str, int], file: str = "", refuse: Refuse = _raise) -> s.Body:
    """A JSON body as arguments and blocks, by the block types that can be in it and how many labels they have.

    The identity for native syntax. Bodies inside are JSON again. Raises SyntaxProblem, which names `file`.
    """
    if body.json is None:
        return body
    arguments: dict[str, s.Argument] = {}
    found: list[s.Block] = []
    for item in body.json.items:
        name = _name(item)
        if name == "//":
            continue
        if name in blocks:
            try:
                found += _blocks(file, name, item.value, blocks[name], (), item.key.at)
            except SyntaxProblem as problem:
                refuse(problem)
        elif name in arguments:
            first = arguments[name].at[2]
            refuse(SyntaxProblem(file, item.at[2], f'the argument "{name}" is already set on line {first}'))
        else:
            arguments[name] = s.Argument(name, item.value, item.at)
    return s.Body(tuple(arguments.values()), tuple(found), body.at)


def _name(item: s.Item) -> str:
    return item.key.value if isinstance(item.key, s.Literal) and isinstance(item.key.value, str) else ""


def _blocks(
    file: str, kind: str, value: s.Expression, labels: int, labelled: tuple[str, ...], header: s.At
) -> Iterator[s.Block]:
    if labels:
        items = list(_properties(file, value))
        if not items:
            raise SyntaxProblem(file, value.at[2], f'a "{kind}" block needs {labels} more label(s) as property names')
        for item in items:
            yield from _blocks(file, kind, item.value, labels - 1, (*labelled, _name(item)), item.key.at)
        return
    if isinstance(value, s.Literal) and value.value is None:
        return
    if not isinstance(value, (s.Object, s.Tuple)):
        raise SyntaxProblem(file, value.at[2], f'the content of "{kind}" must be an object or an array of objects')
    for one in value.items if isinstance(value, s.Tuple) else (value,):
        content = one if isinstance(one, s.Object) else s.Object(tuple(_properties(file, one)), one.at)
        inside = (one.at[0] + 1, one.at[1] - 1, one.at[2])
        yield s.Block(kind, labelled, s.Body((), (), inside, content), one.at, header)


def _properties(file: str, value: s.Expression) -> Iterator[s.Item]:
    """The properties of an object, or of all objects of an array."""
    match value:
        case s.Object(items):
            yield from items
        case s.Tuple(items):
            for item in items:
                yield from _properties(file, item)
        case s.Literal(None):
            return
        case _:
            raise SyntaxProblem(file, value.at[2], "there must be an object here, or an array of objects")
