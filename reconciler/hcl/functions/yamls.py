"""YAML exactly as Terraform writes and reads it: YAML 1.1's layout, and its own rules for what a plain scalar means."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from reconciler.hcl import numbers, values
from reconciler.hcl.convert import ConversionError, convert
from reconciler.hcl.functions import times
from reconciler.hcl.functions.spec import FunctionError
from reconciler.hcl.values import STRING, Value

# -- writing --------------------------------------------------------------------------------------------------

_WIDTH: Final = 80
_LONGEST_KEY: Final = 128
_ESCAPES: Final = {
    "\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\x1b": "e",
    '"': '"', "\\": "\\", "\x85": "N", "\u2028": "L", "\u2029": "P",
}  # fmt: skip
_LITERAL: Final = re.compile("[\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*\\Z")
_BREAK_AFTER_SPACE: Final = re.compile(r" (\n|\Z)")


def encode(value: Value) -> str:
    """A wholly known value as a YAML document in block style."""
    out = _Writer()
    out.node(value, -1)
    plain = not isinstance(value.raw, str | tuple | Mapping)
    return "".join(out.parts) + ("\n...\n" if plain else "" if out.parts[-1].endswith("\n") else "\n")


class _Writer:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.column = 0

    def write(self, text: str) -> None:
        self.parts.append(text)
        newline = text.rfind("\n")
        self.column = self.column + len(text) if newline < 0 else len(text) - newline - 1

    def line(self, indent: int) -> None:
        self.write(("" if not self.parts or self.parts[-1].endswith("\n") else "\n") + " " * indent)

    def node(self, value: Value, indent: int) -> None:
        """`indent` is that of the surrounding block, -1 at the top."""
        if isinstance(value.raw, tuple) and value.raw:
            self.sequence(value.raw, max(indent, 0))
        elif isinstance(value.raw, Mapping) and value.raw:
            self.mapping(value.raw, max(indent, 0))
        else:
            self.scalar(value, indent)

    def sequence(self, items: tuple[Value, ...], indent: int) -> None:
        for index, item in enumerate(items):
            if index:
                self.line(indent)
            self.write("- ")
            self.node(item, indent + 2 if _is_block(item) else indent)

    def mapping(self, entries: Mapping[str, Value], indent: int) -> None:
        for index, (key, item) in enumerate(entries.items()):
            if index:
                self.line(indent)
            if "\n" in key or len(key.encode()) > _LONGEST_KEY:
                self.write("? ")
                self.text(key, indent)
                self.line(indent)
                self.write(": ")
                self.node(item, indent + 2 if _is_block(item) else indent)
                continue
            self.double_quoted(key, None)
            self.write(":")
            if not _is_block(item):
                self.write(" ")
                self.scalar(item, indent)
                continue
            below = indent if isinstance(item.raw, tuple) else indent + 2
            self.line(below)
            self.node(item, below)

    def scalar(self, value: Value, indent: int) -> None:
        match value.raw:
            case str():
                self.text(value.raw, indent)
            case bool():
                self.write("true" if value.raw else "false")
            case Decimal():
                self.write(_infinite(value.raw) or numbers.text(value.raw))
            case tuple():
                self.write("[]")
            case Mapping():
                self.write("{}")
            case _:
                self.write("null")

    def text(self, text: str, indent: int) -> None:
        if "\n" in text and _LITERAL.match(text) and not _BREAK_AFTER_SPACE.search(text):
            self.literal(text, max(indent, -2) + 2 if indent >= 0 else 2)
        else:
            self.double_quoted(text, indent + 2 if indent >= 0 else 2)

    def literal(self, text: str, indent: int) -> None:
        hint = "2" if text[0] in " \n" else ""
        chomp = "-" if text[-1] != "\n" else "+" if text == "\n" or text[-2] == "\n" else ""
        self.write("|" + hint + chomp + "\n")
        lines = text.split("\n")
        ends = lines.pop() if text[-1] == "\n" else None
        body = "\n".join((" " * indent + line if line else "") for line in lines)
        self.write(body + ("\n" if ends is not None else ""))

    def double_quoted(self, text: str, indent: int | None) -> None:
        """Folded at spaces beyond the width, unless `indent` is None."""
        self.write('"')
        escape_all = text.startswith("\ufeff")
        spaces = False
        for position, character in enumerate(text):
            if escape_all or not _is_plain(character):
                self.write(_escape(character))
                spaces = False
            elif character != " ":
                self.write(character)
                spaces = False
            else:
                fold = indent is not None and not spaces and self.column > _WIDTH and 0 < position < len(text) - 1
                if fold:
                    self.write("\n" + " " * (indent or 0) + ("\\" if text[position + 1] == " " else ""))
                else:
                    self.write(" ")
                spaces = True
        self.write('"')


def _is_block(value: Value) -> bool:
    return isinstance(value.raw, tuple | Mapping) and bool(value.raw)


def _infinite(number: Decimal) -> str:
    return "" if number.is_finite() else "+.Inf" if number > 0 else "-.Inf"


def _is_plain(character: str) -> bool:
    if character in '"\\\n':
        return False
    return "\x20" <= character <= "\x7e" or _LITERAL.match(character) is not None


def _escape(character: str) -> str:
    code = ord(character)
    if character in _ESCAPES:
        return "\\" + _ESCAPES[character]
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


# -- reading --------------------------------------------------------------------------------------------------

_DEEPEST: Final = 200
_MOST_NODES: Final = 300_000
_TAG: Final = "tag:yaml.org,2002:"
_WORDS: Final[Mapping[str, bool | None]] = {
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], True),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], False),
    **dict.fromkeys(["", "~", "null", "Null", "NULL"]),
}
_INTEGER: Final = re.compile(r"[-+]?[0-9]+\Z", re.ASCII)
_BASED: Final = re.compile(r"0o([0-7]+)\Z|0x([0-9a-fA-F]+)\Z", re.ASCII)
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z", re.ASCII)
_INFINITE: Final = re.compile(r"[-+]?\.(inf|Inf|INF)\Z")
_GUESSED: Final = frozenset("+-0123456789yYnNtTfFoO~.")
_SCALARS: Final = ("str", "bool", "int", "float", "null", "timestamp", "binary")
_KNOWN_TAGS: Final = frozenset({"", *(_TAG + name for name in _SCALARS)})


def decode(text: str) -> Value:
    """The one document in `text`: mappings become objects, sequences tuples. Raises FunctionError."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        reader = _Reader(iter(yaml.parse(text, Loader=loader)))
        return reader.document()
    except yaml.YAMLError as error:
        raise FunctionError(f"invalid YAML: {' '.join(str(error).split())}", 0) from error
    except RecursionError as error:
        raise FunctionError("the YAML document is nested too deeply", 0) from error


class _Reader:
    def __init__(self, events: Iterator[Any]) -> None:
        self.events = events
        self.anchors: dict[str, Value] = {}
        self.nodes = 0

    def next(self) -> tuple[str, Any]:
        event = next(self.events)
        return type(event).__name__.removesuffix("Event"), event

    def document(self) -> Value:
        self.next()
        kind, event = self.next()
        if kind != "DocumentStart":
            raise _problem(event, "missing start of document")
        if event.version not in (None, (1, 1)):
            raise _problem(event, "found incompatible YAML document")
        value = self.node(*self.next(), depth=0)
        self.next()
        kind, event = self.next()
        if kind != "StreamEnd":
            raise _problem(event, "only a single document is allowed")
        return value

    def node(self, kind: str, event: Any, *, depth: int) -> Value:
        self.nodes += 1
        if depth > _DEEPEST or self.nodes > _MOST_NODES:
            raise _problem(event, "the document is too large or nested too deeply")
        match kind:
            case "Alias":
                if event.anchor not in self.anchors:
                    raise _problem(event, f'reference to undefined anchor "{event.anchor}"')
                self.nodes += _size(self.anchors[event.anchor])
                return self.anchors[event.anchor]
            case "Scalar":
                value = _resolve(event)
            case "SequenceStart":
                _check_tag(event, "seq", "sequence")
                value = self.sequence(event, depth)
            case "MappingStart":
                _check_tag(event, "map", "mapping")
                value = self.mapping(event, depth)
            case _:
                raise _problem(event, f"unexpected {kind}")
        if event.anchor:
            self.anchors[event.anchor] = value
        return value

    def sequence(self, start: Any, depth: int) -> Value:
        if start.anchor:
            self.anchors.pop(start.anchor, None)
        items: list[Value] = []
        while (found := self.next())[0] != "SequenceEnd":
            items.append(self.node(*found, depth=depth + 1))
        return values.tuple_of(items)

    def mapping(self, start: Any, depth: int) -> Value:
        if start.anchor:
            self.anchors.pop(start.anchor, None)
        entries: dict[str, Value] = {}
        while (found := self.next())[0] != "MappingEnd":
            kind, event = found
            if kind != "Scalar":
                raise _problem(event, "only strings are allowed as mapping keys")
            if event.value == "<<" and not event.style and not event.tag:
                merged = self.node(*self.next(), depth=depth + 1)
                if not isinstance(merged.raw, Mapping):
                    raise _problem(event, f"cannot merge {values.friendly(merged.type)} into mapping")
                entries |= merged.raw
                continue
            entries[_key(event)] = self.node(*self.next(), depth=depth + 1)
        return values.object_of(entries)


def _size(value: Value) -> int:
    return 1 + sum(_size(child) for _, child in values.children(value))


def _problem(event: Any, reason: str) -> FunctionError:
    return FunctionError(f"on line {event.start_mark.line + 1}, column {event.start_mark.column + 1}: {reason}", 0)


def _check_tag(event: Any, expected: str, kind: str) -> None:
    if event.tag and event.tag != _TAG + expected:
        raise _problem(event, f"can't interpret {kind} as {event.tag}")


def _key(event: Any) -> str:
    try:
        key = convert(_resolve(event), STRING)
    except ConversionError as error:
        raise _problem(event, "only strings are allowed as mapping keys") from error
    if key.null:
        raise _problem(event, "mapping key cannot be null")
    return key.text


def _resolve(event: Any) -> Value:
    """What a scalar means: a plain one is guessed at, a quoted one is a string whatever its tag says."""
    tag, text = event.tag or "", event.value
    if tag not in _KNOWN_TAGS:
        raise _problem(event, f'unsupported tag "{tag}"')
    short = tag.removeprefix(_TAG)
    if short not in ("str", "binary") and (not text or text[0] in _GUESSED):
        if event.style in ("'", '"'):
            return values.string(text)
        guessed = _guess(event, short, text)
        if guessed is not None:
            return guessed
    return _tagged(event, short, text)


def _guess(event: Any, tag: str, text: str) -> Value | None:
    if text in _WORDS:
        word = _WORDS[text]
        return values.null() if word is None else values.boolean(word)
    if _INFINITE.match(text):
        return values.number(Decimal("-Infinity" if text.startswith("-") else "Infinity"))
    if not tag and text in (".nan", ".NaN", ".NAN"):
        raise _problem(event, "floating point NaN is not supported")
    if tag in ("", "timestamp") and text[:1].isdigit():
        moment = times.loose(text)
        if moment is not None:
            return values.string(moment)
    if _INTEGER.match(text) or _BASED.match(text) or _FLOAT.match(text):
        return _number(event, tag or "int", text)
    return None


def _number(event: Any, tag: str, text: str) -> Value:
    based = _BASED.match(text)
    if based:
        whole = int(based[1], 8) if based[1] else int(based[2], 16)
        if whole < 2**64:
            return values.number(numbers.Narrow(whole, 64))
    parsed = None if based else numbers.parse(text)
    if parsed is None:
        raise _problem(event, f'cannot parse "{text}" as {_TAG}{tag}')
    return values.number(parsed)


def _tagged(event: Any, tag: str, text: str) -> Value:
    match tag:
        case "" | "str":
            return values.string(text)
        case "binary":
            try:
                base64.b64decode(text.replace("\n", ""), validate=True)
            except binascii.Error as error:
                raise _problem(event, f'cannot parse "{text}" as {_TAG}{tag}: not valid base64') from error
            return values.string(text)
        case "int" | "float":
            return _number(event, tag, text.replace("_", ""))
        case "null":
            return values.null()
        case "timestamp" if (moment := times.loose(text)) is not None:
            return values.string(moment)
        case _:
            raise _problem(event, f'cannot parse "{text}" as {_TAG}{tag}')
