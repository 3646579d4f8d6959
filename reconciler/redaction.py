"""Secrets never leave: what is sensitive, and the keyed hash that stands for it on every side.

A hash tells that a secret changed and nothing else. Its key comes from the caller (a secret of the repository), so
that hashes of two runs can be compared; without one, reports use a key of this run alone and snapshots record
{"redacted": "unkeyed"}, which compares as not known.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import field, replace
from typing import Final, TypeGuard

from reconciler.model import Path, Plain
from reconciler.records import dataclass
from reconciler.schema.shape import Attribute
from reconciler.semantics import Rules, Shape, canonical, element_shape, is_document, members, names

UNKEYED: Final[dict[str, Plain]] = {"redacted": "unkeyed"}

# Keys of free-form maps (environment variables, JSON documents) whose values are taken for secrets ...
_SECRET = re.compile(
    r"passw(or)?d|passphrase|secret|credential|private_?key|api_?key|access_?key|auth_?token|connection_?string"
    r"|(^|[_-])(token|pwd|pass|dsn)$",
    re.IGNORECASE,
)
# ... unless they only say where one is.
_REFERENCE = re.compile(r"(arn|id|name|url|uri|path|file|ttl|days|enabled|alias|region|version|length)$", re.IGNORECASE)
# Values that are secrets whatever their name.
_TELLING = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(AKIA|ASIA)[A-Z0-9]{16}\b|://[^/\s:@]+:[^/\s@]+@")
# A reference to a secret, resolved by the service, is none.
_RESOLVED = re.compile(r"arn:aws|\{\{resolve:")


def secret_by_name(name: str, value: Plain) -> bool:
    """An entry of a free-form map that holds a secret, by its name or by its looks."""
    if not isinstance(value, str) or not value or _RESOLVED.match(value):
        return False
    return _TELLING.search(value) is not None or (_SECRET.search(name) is not None and _REFERENCE.search(name) is None)


def is_redacted(value: Plain) -> TypeGuard[dict[str, Plain]]:
    return isinstance(value, dict) and set(value) == {"redacted"}


@dataclass(frozen=True, slots=True)
class Redactor:
    """Hashes secrets. `keyed` is false where the key is of this run alone."""

    key: bytes = field(repr=False)
    keyed: bool = True

    @classmethod
    def of(cls, key: bytes | None) -> Redactor:
        return cls(key) if key else cls(secrets.token_bytes(32), keyed=False)

    def redacted(self, value: Plain) -> dict[str, Plain]:
        """{"redacted": "hmac:..."} for reports."""
        text = json.dumps(value, sort_keys=True, default=repr, ensure_ascii=False)
        return {"redacted": "hmac:" + hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()[:32]}

    def recorded(self, value: Plain) -> dict[str, Plain]:
        """What a snapshot holds for `value`."""
        return self.redacted(value) if self.keyed else dict(UNKEYED)

    def same(self, recorded: Plain, value: Plain) -> bool | None:
        """Whether `recorded`, of a snapshot, stands for `value`; None where that cannot be told."""
        if not is_redacted(recorded) or recorded == UNKEYED or not self.keyed:
            return None
        return hmac.compare_digest(str(recorded["redacted"]), str(self.redacted(value)["redacted"]))


@dataclass(frozen=True, slots=True)
class Secrecy:
    """Which paths of one resource are sensitive, and how its values are shown."""

    redactor: Redactor
    rules: Rules
    marks: frozenset[Path] = frozenset()  # paths that the code marks; each covers what is under it

    def marked(self, path: Path) -> bool:
        return any(path[: len(mark)] == mark for mark in self.marks)

    def covers(self, shape: Shape, path: Path) -> bool:
        """The whole value at `path` is sensitive."""
        return (isinstance(shape, Attribute) and shape.sensitive) or self.marked(path)

    def shown(self, shape: Shape, path: Path, value: Plain, *, record: bool = False) -> Plain:
        """`value` with every secret in it replaced; for a snapshot where `record`."""
        if value is None or is_redacted(value):
            return value
        hide = self.redactor.recorded if record else self.redactor.redacted
        if self.covers(shape, path):
            return hide(canonical(shape, value, self.rules, names(path)))
        if isinstance(shape, str) and path and isinstance(path[-1], str) and secret_by_name(path[-1], value):
            return self._hide(value, record=record)  # the entry of a map
        match value:
            case dict():
                inside, inner = members(shape), element_shape(shape) or "dynamic"
                return {k: self.shown(inside.get(k, inner), (*path, k), v, record=record) for k, v in value.items()}
            case list():
                inner = element_shape(shape) or "dynamic"
                return [self.shown(inner, (*path, i), item, record=record) for i, item in enumerate(value)]
            case str():
                return self._text(path, value, record=record)
            case _:
                return value

    def _hide(self, value: Plain, *, record: bool) -> dict[str, Plain]:
        return self.redactor.recorded(value) if record else self.redactor.redacted(value)

    def _text(self, path: Path, value: str, *, record: bool) -> Plain:
        if _TELLING.search(value):
            return self._hide(value, record=record)
        if not value.lstrip().startswith(("{", "[")):
            return value
        try:
            document: Plain = json.loads(value)
        except (ValueError, RecursionError):
            return value
        hidden = self._inside(document, record=record)
        if hidden == document:
            return value
        return json.dumps(hidden, sort_keys=is_document(names(path), self.rules), ensure_ascii=False)

    def _inside(self, value: Plain, *, record: bool) -> Plain:
        """A JSON document; {"name": "DB_PASSWORD", "value": "..."} is an entry as ECS writes them."""
        match value:
            case {"name": str(name), "value": secret} if secret_by_name(name, secret):
                return {**value, "value": self._hide(secret, record=record)}
            case dict():
                return {
                    k: self._hide(v, record=record) if secret_by_name(k, v) else self._inside(v, record=record)
                    for k, v in value.items()
                }
            case list():
                return [self._inside(item, record=record) for item in value]
            case _:
                return value


def mentions_secret(value: Plain) -> bool:
    """Anything in `value` is redacted, in a document as well."""
    match value:
        case dict():
            return is_redacted(value) or any(map(mentions_secret, value.values()))
        case list():
            return any(map(mentions_secret, value))
        case str():
            return '"redacted": "hmac:' in value or '"redacted": "unkeyed"' in value
        case _:
            return False


def with_marks(secrecy: Secrecy, marks: frozenset[Path]) -> Secrecy:
    return replace(secrecy, marks=secrecy.marks | marks)
