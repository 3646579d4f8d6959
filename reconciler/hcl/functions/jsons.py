"""JSON exactly as Terraform writes and reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, cast

from reconciler.hcl import numbers, values
from reconciler.hcl.functions.spec import FunctionError
from reconciler.hcl.values import Value

_ESCAPED: Final = re.compile(r'["\\<>&\x00-\x1f\u2028\u2029]')
_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_DEEPEST: Final = 200


def quote(text: str) -> str:
    """A JSON string; <, > and & are escaped, as are the two Unicode line separators."""
    return '"' + _ESCAPED.sub(lambda match: _SHORT.get(match[0]) or f"\\u{ord(match[0]):04x}", text) + '"'


def encode(value: Value) -> str:
    """A wholly known value without whitespace, keys sorted. Raises FunctionError."""
    out: list[str] = []
    _encode(value, out)
    return "".join(out)


def _encode(value: Value, out: list[str]) -> None:
    match value.raw:
        case None:
            out.append("null")
        case bool():
            out.append("true" if value.raw else "false")
        case Decimal():
            if not value.raw.is_finite():
                raise FunctionError("cannot serialize infinity as JSON")
            out.append(numbers.text(value.raw))
        case str():
            out.append(quote(value.raw))
        case tuple():
            for index, item in enumerate(value.raw):
                out.append("," if index else "[")
                _encode(item, out)
            out.append("]" if value.raw else "[]")
        case Mapping():
            for index, (key, item) in enumerate(value.raw.items()):
                out.append(("," if index else "{") + quote(key) + ":")
                _encode(item, out)
            out.append("}" if value.raw else "{}")
        case _:
            raise AssertionError("an unknown value has no JSON")


def decode(text: str) -> Value:
    """Objects become objects, arrays tuples; of a key given twice the last counts. Raises FunctionError."""
    text = text.lstrip(_SPACE)
    try:
        parsed: Any
        parsed, end = _DECODER.raw_decode(text)
    except RecursionError as error:
        raise FunctionError("the JSON document is nested too deeply") from error
    except ValueError as error:
        raise FunctionError(f"invalid JSON: {error}") from error
    if text[end:].lstrip(_SPACE)[:1] not in ("", "]", "}"):  # Terraform does not mind what follows a closing bracket
        raise FunctionError("invalid JSON: extraneous data after JSON object")
    return _value(parsed, 0)


def _number(text: str) -> Decimal:
    parsed = numbers.parse(text)
    if parsed is None:
        raise ValueError(f"{text} is no number")
    return parsed


def _refuse(text: str) -> Any:
    raise ValueError(f"invalid character {text[0]!r} looking for beginning of value")


_SPACE: Final = " \t\r\n"
_DECODER: Final = json.JSONDecoder(parse_float=_number, parse_int=_number, parse_constant=_refuse)


def _value(parsed: Any, depth: int) -> Value:
    if depth > _DEEPEST:
        raise FunctionError("the JSON document is nested too deeply")
    match parsed:
        case None:
            return values.null()
        case bool():
            return values.boolean(parsed)
        case Decimal():
            return values.number(parsed)
        case str():
            return values.string(_whole(parsed))
        case list():
            return values.tuple_of([_value(item, depth + 1) for item in cast(list[Any], parsed)])
        case _:
            entries: dict[str, Any] = parsed
            return values.object_of({values.normalized(_whole(k)): _value(v, depth + 1) for k, v in entries.items()})


def _whole(text: str) -> str:
    """Half a surrogate pair becomes the replacement character."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
