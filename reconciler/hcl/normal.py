"""How the AWS provider rewrites strings while it plans: JSON with its keys sorted, names in lower case, hashes.

normal.json says which strings are rewritten in which way; `python -m tests.hcl.learn_normal` makes it by asking a
provider. The way "keeps_empty" says that an empty string counts although the provider computes the attribute.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from reconciler.hcl import containers
from reconciler.hcl.functions.jsons import quote

KEEPS_EMPTY: Final = "keeps_empty"


@cache
def ways_of(type_name: str) -> Mapping[str, str]:
    """The way of each string of a type that is rewritten, by its path without indices: "ingress.protocol"."""
    return _table().get(type_name, {})


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    return json.loads(Path(__file__).with_name("normal.json").read_text(encoding="utf-8"))


def rewrite(way: str, text: str) -> str:
    """`text` as the provider plans it; several ways are joined by "+"."""
    for step in way.split("+") if text else ():
        text = WAYS[step](text)
    return text


def _json(text: str) -> str:
    content = _parsed(text)
    return text if content is ... else _dumped(content)


def _json_object(text: str) -> str:
    content = _parsed(text)
    return _dumped(content) if isinstance(content, dict) else text


def _json_unescaped(text: str) -> str:
    content = _parsed(text)
    return text if content is ... else _dumped(content, escaped=False)


def _containers(text: str) -> str:
    content = containers.as_planned(text)
    return text if content is None else _dumped(content)


def _policy(text: str) -> str:
    content = _parsed(text)
    return text if content is ... else _dumped(content) if content and isinstance(content, dict) else ""


def _policy_version_first(text: str) -> str:
    content = _parsed(text)
    if content is ... or not content or not isinstance(content, dict):
        return text if content is ... else ""
    document = dict(sorted(cast("dict[str, Any]", content).items()))
    if document.get("Version") == "2012-10-17":
        document = {"Version": document.pop("Version"), **document}
    return "{" + ",".join(f"{_dumped(key)}:{_dumped(value)}" for key, value in document.items()) + "}"


def _parsed(text: str) -> Any:
    """`...` where it is no JSON."""
    try:
        return json.loads(text, parse_int=float, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return ...


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _dumped(content: Any, *, escaped: bool = True) -> str:
    match content:
        case float():
            return _number(content)
        case list():
            return "[" + ",".join(_dumped(item, escaped=escaped) for item in cast("list[Any]", content)) + "]"
        case dict():
            entries = sorted(cast("dict[str, Any]", content).items())
            inside = (f"{_dumped(key, escaped=escaped)}:{_dumped(value, escaped=escaped)}" for key, value in entries)
            return "{" + ",".join(inside) + "}"
        case str() if escaped:
            return quote(content)
        case _:
            return json.dumps(content, ensure_ascii=False)


def _number(value: float) -> str:
    """As Go writes a float into JSON: the shortest digits, and an exponent only for the very large and small."""
    if value == 0:
        return "-0" if str(value).startswith("-") else "0"
    digits = Decimal(repr(value))
    if 1e-6 <= abs(value) < 1e21:
        text = f"{digits:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, _, exponent = f"{digits.normalize():e}".partition("e")
    return f"{mantissa}e{exponent[0]}{exponent[1:].lstrip('0')}"


_PROTOCOLS: Final = {-1: "-1", 1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}


def _protocol(text: str) -> str:
    """A number becomes the name that security groups know it by."""
    name = text.lower()
    if name == "all":
        return "-1"
    return _PROTOCOLS.get(int(name), name) if _NUMBER.fullmatch(name) else name


_NUMBER: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)


def _dns_name(text: str) -> str:
    return text.lower().removesuffix(".") if text != "." else text


def _dns_name_escaped(text: str) -> str:
    name = _dns_name(text)
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.*\\") else _octal(c) for c in name)


def _octal(character: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in character.encode())


def _sha1(text: str) -> str:
    """Of what base64 stands for, where it is that."""
    try:
        content = base64.b64decode(text.replace("\r", "").replace("\n", ""), validate=True)
    except ValueError:
        content = text.encode()
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


WAYS: Final[Mapping[str, Callable[[str], str]]] = {
    "lower": str.lower,
    "upper": str.upper,
    "trim": str.strip,
    "trim_dot": lambda text: text.removesuffix("."),
    "protocol": _protocol,
    "dns_name": _dns_name,
    "dns_name_escaped": _dns_name_escaped,
    "json": _json,
    "json_object": _json_object,
    "policy": _policy,
    "policy_version_first": _policy_version_first,
    "json_unescaped": _json_unescaped,
    "containers": _containers,
    "sha1": _sha1,
    KEEPS_EMPTY: str,
}
