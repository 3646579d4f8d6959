"""Converters from AWS's way of writing a value to that of Terraform's state: pure, total, for use in `At`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast
from urllib.parse import unquote

from reconciler.model import Json
from reconciler.resources.spec import At, Getter, Record, Scope, dig

Convert = Callable[[Any], Json]


def part(value: Any, path: str) -> dict[str, Any]:
    """The object at a dotted path; {} where there is none."""
    found = dig(value, path)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def parts(value: Any, path: str = "") -> list[dict[str, Any]]:
    """The list of objects at a dotted path; [] where there is none."""
    found = dig(value, path)
    return cast("list[dict[str, Any]]", found) if isinstance(found, list) else []


def number(value: Any) -> int | float:
    """ "30" -> 30"""
    found = float(value)
    return int(found) if found.is_integer() else found


def boolean(value: Any) -> bool:
    """ "true", "Enabled" -> True: APIs that write booleans as text."""
    return value if isinstance(value, bool) else str(value).lower() in ("true", "enabled", "1", "yes")


def text(value: Any) -> str:
    """True -> "true", 3 -> "3": attributes that are strings in Terraform and something else in AWS."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def document(value: Any) -> str:
    """A JSON document (text, URL-encoded text or already an object) as canonical text; "" where there is none."""
    if isinstance(value, str):
        if not value.strip():
            return ""
        plain = unquote(value) if value.lstrip().startswith("%") else value
        try:
            value = json.loads(plain)
        except ValueError:
            return plain  # not ours to judge: shown and compared as it is
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def tag_map(value: Any) -> dict[str, Json]:
    """Tags in any of AWS's forms: [{"Key", "Value"}], [{"key", "value"}], [{"TagKey", "TagValue"}], {key: value}."""
    if isinstance(value, dict):
        return dict(cast("dict[str, Json]", value))
    found: dict[str, Json] = {}
    for tag in cast("list[dict[str, Any]]", value):
        pairs = {k.lower().removeprefix("tag"): v for k, v in tag.items()}
        found[pairs["key"]] = pairs.get("value") or ""
    return found


def tags(path: str = "Tags") -> At:
    """The attribute `tags` from the tags at `path`; the reader makes tags and tags_all of it."""
    return At(path, tag_map, {})


def names(value: Any) -> list[Json]:
    """A set of strings: sorted."""
    return sorted(cast("Iterable[str]", value))  # pyright: ignore[reportReturnType]


def items(key: str) -> Convert:
    """[{"Arn": "a"}, {"Arn": "b"}] -> ["a", "b"]"""
    return lambda value: [dig(item, key) for item in value]


def fields(**parts: str | At) -> Callable[[Any], dict[str, Json]]:
    """An AWS object -> a Terraform object: fields(mode="Mode", size=At("Size", number))."""
    getters = {name: part if isinstance(part, At) else At(part) for name, part in parts.items()}
    scope = Scope("", "")
    return lambda value: {name: getter(value, scope) for name, getter in getters.items()}


def block(**parts: str | At) -> Convert:
    """A nested block of at most one: [{...}], or [] where AWS has none or only nulls."""
    make = fields(**parts)
    return lambda value: [make(value)] if value and any(v is not None for v in make(value).values()) else []


def blocks(**parts: str | At) -> Convert:
    """A repeated nested block from a list of AWS objects."""
    make = fields(**parts)
    return lambda value: [make(item) for item in value]


def choice(mapping: Mapping[Any, Json], otherwise: Json = None) -> Convert:
    """choice({"Enabled": True}, False)"""
    return lambda value: mapping.get(value, otherwise)


def settings(prefix: str, table: Mapping[str, tuple[str, Convert, Json]]) -> dict[str, Getter]:
    """attribute -> (AWS's name, converter, what stands for unset): one table for reading and for a `setter`."""
    return {name: At(f"{prefix}.{key}", convert, default) for name, (key, convert, default) in table.items()}


def last(path: str, separator: str = "/") -> At:
    """The part after the last separator: the name in a URL or ARN."""
    return At(path, lambda value: str(value).rsplit(separator, 1)[-1])


def constant(value: Json) -> Getter:
    """What the API does not tell and Terraform always has."""

    def get(_record: Record, _scope: Scope) -> Json:
        return value

    return get


_UNIQUE = re.compile(r"(\d{18}[0-9a-f]{8})\Z")


def name_prefix(path: str, separator: str = "", suffix: str = "") -> At:
    """Terraform's name_prefix: the name without the unique suffix that Terraform appended, else "".

    `separator`: the name is what follows the last one (of a URL or ARN). `suffix`: what always ends the name (".fifo").
    """

    def prefix(value: Any) -> str:
        name = str(value).rsplit(separator, 1)[-1] if separator else str(value)
        name = name.removesuffix(suffix) if suffix else name
        return _UNIQUE.sub("", name) if _UNIQUE.search(name) else ""

    return At(path, prefix, "")
