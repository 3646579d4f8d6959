"""Functions that encode and decode: Base64, URLs, text encodings, JSON, YAML, CSV."""

from __future__ import annotations

import base64
import binascii
import re
import urllib.parse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from reconciler.hcl import values
from reconciler.hcl.functions import charsets, jsons, yamls
from reconciler.hcl.functions.spec import Call, FunctionError, Parameter, Table, Unavailable
from reconciler.hcl.values import BOOL, DYNAMIC, NUMBER, STRING, ListOf, MapOf, ObjectOf, Refinement, Type, Value

TABLE = Table()
_TEXT = Parameter("str", STRING)
_ANY = Parameter("val", DYNAMIC, null=True, unknown=True, dynamic=True)
_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\Z", re.ASCII)


# -- Base64 and URLs ------------------------------------------------------------------------------------------


def decoded(text: str) -> bytes | None:
    """What standard Base64 stands for, line breaks left out; None where it is none."""
    text = text.replace("\r", "").replace("\n", "")
    if not _BASE64.match(text):
        return None
    try:
        return base64.b64decode(text)
    except binascii.Error:
        return None


@TABLE.add("base64encode", _TEXT, result=STRING)
def _base64encode(call: Call) -> Value:
    return values.string(base64.b64encode(call.text(0).encode(errors="surrogatepass")).decode())


@TABLE.add("base64decode", Parameter("str", STRING, marked=True), result=STRING, keeps_marks=True)
def _base64decode(call: Call) -> Value:
    data = decoded(call.text(0))
    if data is None:
        shown = "(sensitive value)" if call.args[0].marks else f'"{call.text(0)}"'
        raise FunctionError(f"failed to decode base64 data {shown}")
    try:
        return values.string(data.decode()).with_marks(call.args[0].marks)
    except UnicodeDecodeError as error:
        raise FunctionError("the result of decoding the provided string is not valid UTF-8") from error


@TABLE.add("base64gzip", _TEXT, result=STRING)
def _base64gzip(_call: Call) -> Value:
    raise Unavailable("base64gzip() is not computed here: other compressors than Go's give other bytes")


@TABLE.add("urlencode", _TEXT, result=STRING)
def _urlencode(call: Call) -> Value:
    return values.string(urllib.parse.quote_plus(call.text(0), safe="~", errors="surrogatepass"))


# -- text encodings -------------------------------------------------------------------------------------------

_ENCODING = Parameter("encoding", STRING)


def _charset(call: Call) -> charsets.Charset:
    name = call.text(1).strip().lower()
    if name in charsets.ELSEWHERE:
        raise Unavailable(f"the encoding {call.text(1)} is not computed here", 1)
    found = charsets.CHARSETS.get(name)
    if found is None:
        raise FunctionError(f'"{call.text(1)}" is not a supported IANA encoding name or alias', 1)
    return found


@TABLE.add("textencodebase64", Parameter("string", STRING), _ENCODING, result=STRING)
def _textencodebase64(call: Call) -> Value:
    charset = _charset(call)
    try:
        data = charset.encode(call.text(0))
    except UnicodeError as error:
        reason = f"the given string contains characters that cannot be represented in {call.text(1)}"
        raise FunctionError(reason, 0) from error
    return values.string(base64.b64encode(data).decode())


@TABLE.add("textdecodebase64", Parameter("source", STRING), _ENCODING, result=STRING)
def _textdecodebase64(call: Call) -> Value:
    charset, data = _charset(call), decoded(call.text(0))
    if data is None:
        raise FunctionError("the given value has an invalid base64 symbol", 0)
    try:
        return values.string(charset.decode(data))
    except UnicodeError as error:
        reason = f"the given string contains symbols that are not defined for {call.text(1)}"
        raise FunctionError(reason, 0) from error


# -- JSON and YAML --------------------------------------------------------------------------------------------


@TABLE.add("jsonencode", _ANY, result=STRING)
def _jsonencode(call: Call) -> Value:
    value = call.args[0]
    if values.wholly_known(value):
        return values.string(jsons.encode(value))
    if not value.definitely_not_null:
        return values.unknown(STRING)
    return values.unknown(STRING, Refinement(not_null=True, prefix=_first_character(value.type)))


def _first_character(type_: Type) -> str:
    if type_ == STRING:
        return '"'
    if type_ in (NUMBER, BOOL, DYNAMIC):
        return ""
    return "{" if isinstance(type_, MapOf | ObjectOf) else "["


def _json_type(args: Sequence[Value]) -> Type:
    if args[0].known:
        return jsons.decode(args[0].text).type
    start = args[0].refinement.prefix.strip()[:1]
    if start and start not in '{["tf-0123456789.n':
        raise FunctionError(f'a JSON document cannot begin with the character "{start}"', 0)
    return {'"': STRING, "t": BOOL, "f": BOOL}.get(start, NUMBER if start and start in "-0123456789." else DYNAMIC)


@TABLE.add("jsondecode", _TEXT, result=_json_type, nullable=True)
def _jsondecode(call: Call) -> Value:
    return jsons.decode(call.text(0))


@TABLE.add("yamlencode", replace(_ANY, name="value"), result=STRING, nullable=True)
def _yamlencode(call: Call) -> Value:
    return values.string(yamls.encode(call.args[0])) if values.wholly_known(call.args[0]) else values.unknown(STRING)


def _yaml_type(args: Sequence[Value]) -> Type:
    return yamls.decode(args[0].text).type if args[0].known else DYNAMIC


@TABLE.add("yamldecode", Parameter("src", STRING), result=_yaml_type, nullable=True)
def _yamldecode(call: Call) -> Value:
    return yamls.decode(call.text(0))


# -- CSV ------------------------------------------------------------------------------------------------------


def _csv_type(args: Sequence[Value]) -> Type:
    if not args[0].known:
        return DYNAMIC
    headers = next(_rows(args[0].text), None)
    if headers is None:
        raise FunctionError("missing header line")
    double = next((name for name in headers if headers.count(name) > 1), None)
    if double is not None:
        raise FunctionError(f'duplicate column name "{double}"')
    return ListOf(values.object_type({values.normalized(name): STRING for name in headers}))


@TABLE.add("csvdecode", _TEXT, result=_csv_type)
def _csvdecode(call: Call) -> Value:
    assert isinstance(call.type, ListOf)
    rows = _rows(call.text(0))
    headers = [values.normalized(name) for name in next(rows)]
    out: list[Value] = []
    for number, row in enumerate(rows, 2):
        if len(row) != len(headers):
            raise FunctionError(f"CSV parse error in record {number}: wrong number of fields")
        out.append(values.object_of({name: values.string(text) for name, text in zip(headers, row, strict=True)}))
    return values.list_of(out, call.type.element)


def _rows(text: str) -> Iterator[list[str]]:
    """The records of RFC 4180, empty lines skipped. Raises FunctionError."""
    text = text.replace("\r\n", "\n").removesuffix("\r")
    position = 0
    while position < len(text):
        if text[position] == "\n":
            position += 1
            continue
        row: list[str] = []
        more = True
        while more:
            field, position = _quoted(text, position) if text.startswith('"', position) else _bare(text, position)
            row.append(field)
            more = text.startswith(",", position)
            position += 1
        yield row


def _bare(text: str, start: int) -> tuple[str, int]:
    end = start
    while end < len(text) and text[end] not in ",\n":
        if text[end] == '"':
            raise FunctionError('CSV parse error: bare " in non-quoted-field')
        end += 1
    return text[start:end], end


def _quoted(text: str, start: int) -> tuple[str, int]:
    parts: list[str] = []
    position = start + 1
    while True:
        quote = text.find('"', position)
        if quote < 0:
            raise FunctionError('CSV parse error: extraneous or missing " in quoted-field')
        parts.append(text[position:quote])
        position = quote + 1
        if not text.startswith('"', position):
            break
        parts.append('"')
        position += 1
    if position < len(text) and text[position] not in ",\n":
        raise FunctionError('CSV parse error: extraneous or missing " in quoted-field')
    return "".join(parts), position
