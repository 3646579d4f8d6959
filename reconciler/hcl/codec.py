"""Syntax trees as bytes, for the cache: msgpack, so that loading runs no code; checked, so that damage is noticed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from typing import Any, Final, cast

from reconciler.hcl import grammar
from reconciler.hcl import syntax as s

_FORMAT: Final = 1
_CHECK_BYTES: Final = 16
_CODE: Final = ("codec.py", "json_syntax.py", "lexer.py", "lower.py", "parse.py", "syntax.py", "templates.py")


class Damaged(Exception):
    """These bytes are no tree of this version."""


@cache
def version() -> str:
    """Changes whenever trees could: with the format, the grammar and the code that makes them."""
    digest = hashlib.sha256(f"{_FORMAT} {grammar.tables().digest}".encode())
    folder = resources.files("reconciler.hcl")
    for name in _CODE:
        digest.update(folder.joinpath(name).read_bytes())
    return digest.hexdigest()[:16]


def dumps(body: s.Body) -> bytes:
    packed = cast(bytes, _msgpack().packb(_body(body)))
    return checksum(packed) + packed


def loads(data: bytes) -> s.Body:
    """Raises Damaged."""
    packed = data[_CHECK_BYTES:]
    if data[:_CHECK_BYTES] != checksum(packed):
        raise Damaged("the checksum differs")
    try:
        return _load_body(_msgpack().unpackb(packed, use_list=False))
    except (ValueError, TypeError, KeyError, IndexError, InvalidOperation) as error:
        raise Damaged(str(error)) from error


def _msgpack() -> Any:
    import msgpack  # pyright: ignore[reportMissingTypeStubs]

    return msgpack


def checksum(packed: bytes) -> bytes:
    return hashlib.blake2b(packed, digest_size=_CHECK_BYTES).digest()


# -- to tuples ------------------------------------------------------------------------------------------------

_TAGS: Final[dict[type, int]] = {
    kind: tag
    for tag, kind in enumerate(
        (
            s.Literal, s.Template, s.TemplateIf, s.TemplateFor, s.Tuple, s.Item, s.Object, s.Name, s.Attribute, s.Index,
            s.SplatItem, s.Splat, s.Call, s.Unary, s.Binary, s.Conditional, s.ForTuple, s.ForObject, s.Parentheses,
        )
    )
}  # fmt: skip
_NUMBER: Final = len(_TAGS)


def _body(body: s.Body) -> tuple[Any, ...]:
    arguments = [(a.name, _node(a.value), a.at) for a in body.arguments]
    blocks = [(b.type, b.labels, _body(b.body), b.at, b.header) for b in body.blocks]
    return (arguments, blocks, body.at, None if body.json is None else _node(body.json))


def _node(node: s.Expression | s.Item) -> tuple[Any, ...]:
    if isinstance(node, s.Literal) and isinstance(node.value, Decimal):
        return (_NUMBER, str(node.value), node.at)
    fields: list[Any] = [_TAGS[type(node)]]
    for name in node.__slots__:
        value = getattr(node, name)
        if type(value) in _TAGS:
            value = _node(value)
        elif isinstance(value, tuple) and value and type(cast("tuple[Any, ...]", value)[0]) in _TAGS:
            value = tuple(map(_node, cast("tuple[Any, ...]", value)))
        fields.append(value)
    return tuple(fields)


# -- from tuples ----------------------------------------------------------------------------------------------


def _load_body(data: Any) -> s.Body:
    arguments, blocks, at, json = data
    return s.Body(
        tuple([s.Argument(name, _load(value), where) for name, value, where in arguments]),
        tuple([s.Block(kind, labels, _load_body(body), *where) for kind, labels, body, *where in blocks]),
        at,
        None if json is None else cast(s.Object, _load(json)),
    )


def _load(data: Any) -> Any:
    tag: int = data[0]
    return _LOADERS[tag](data)


def _optional(data: Any) -> Any:
    return None if data is None else _load(data)


def _all(data: Any) -> Any:
    return tuple(map(_load, data))


_LOADERS: Final[tuple[Callable[[Any], Any], ...]] = (
    lambda d: s.Literal(d[1], d[2]),
    lambda d: s.Template(_all(d[1]), d[2]),
    lambda d: s.TemplateIf(_load(d[1]), _load(d[2]), _optional(d[3]), d[4]),
    lambda d: s.TemplateFor(d[1], d[2], _load(d[3]), _load(d[4]), d[5]),
    lambda d: s.Tuple(_all(d[1]), d[2]),
    lambda d: s.Item(_load(d[1]), _load(d[2]), d[3]),
    lambda d: s.Object(_all(d[1]), d[2]),
    lambda d: s.Name(d[1], d[2]),
    lambda d: s.Attribute(_load(d[1]), d[2], d[3]),
    lambda d: s.Index(_load(d[1]), _load(d[2]), d[3]),
    lambda d: s.SplatItem(d[1]),
    lambda d: s.Splat(_load(d[1]), _load(d[2]), d[3], d[4]),
    lambda d: s.Call(d[1], _all(d[2]), d[3], d[4]),
    lambda d: s.Unary(d[1], _load(d[2]), d[3]),
    lambda d: s.Binary(d[1], _load(d[2]), _load(d[3]), d[4]),
    lambda d: s.Conditional(_load(d[1]), _load(d[2]), _load(d[3]), d[4]),
    lambda d: s.ForTuple(d[1], d[2], _load(d[3]), _load(d[4]), _optional(d[5]), d[6]),
    lambda d: s.ForObject(d[1], d[2], _load(d[3]), _load(d[4]), _load(d[5]), d[6], _optional(d[7]), d[8]),
    lambda d: s.Parentheses(_load(d[1]), d[2]),
    lambda d: s.Literal(Decimal(d[1]), d[2]),
)
