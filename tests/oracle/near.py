"""What else is live: ids, ARNs and names that an attribute could refer to instead of what it refers to now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from reconciler.model import LiveResource
from reconciler.resources import TYPES
from tests.oracle.looking import Seen

_ID = re.compile(r"([a-z]+)-[0-9a-f]{8,17}\Z")
_ARN = re.compile(r"arn:aws:([\w-]+):[^:]*:[^:]*:([a-z-]+)[/:]|arn:aws:(sqs|sns):")


@dataclass(frozen=True, slots=True)
class Ref:
    """In a hint: the attribute ("aws_kms_key.arn") of a live resource of that type, whichever is the nearest."""

    name: str


@dataclass(frozen=True, slots=True)
class _Known:
    value: str
    folder: str
    network: str


@dataclass(slots=True)
class Pool:
    """Everything that is live in an estate, by what it is."""

    by_kind: dict[str, list[_Known]] = field(default_factory=dict[str, list[_Known]])
    by_name: dict[str, list[_Known]] = field(default_factory=dict[str, list[_Known]])

    @classmethod
    def of(cls, there: Mapping[str, Seen]) -> Pool:
        pool = cls()
        for address, seen in sorted(there.items()):
            if seen.live is None or seen.finding.type not in TYPES:
                continue
            folder, network = _folder(address), _network(seen.live)
            for name, value in {**seen.live.attributes, "id": seen.live.id}.items():
                if isinstance(value, str) and value:
                    known = _Known(value, folder, network)
                    pool.by_name.setdefault(f"{seen.finding.type}.{name}", []).append(known)
                    if name in ("id", "arn") and (kind := _kind(value)):
                        pool.by_kind.setdefault(kind, []).append(known)
        return pool


@dataclass(frozen=True, slots=True)
class Near:
    """The pool as one resource sees it: first what lies in its folder of the estate and in its network."""

    pool: Pool
    address: str
    network: str

    @classmethod
    def to(cls, pool: Pool, address: str, live: LiveResource) -> Near:
        return cls(pool, address, _network(live))

    def like(self, text: Any) -> list[str]:
        """Others of the kind that an id or ARN is of; empty for what is neither, or the only one."""
        kind = _kind(text) if isinstance(text, str) else ""
        return [value for value in self._sorted(self.pool.by_kind.get(kind, ())) if value != text]

    def filled(self, value: Any, there: Any = None) -> list[Any]:
        """What a hint may stand for, nearest first: `value` with its references as values."""
        if isinstance(value, Ref):
            return [found for found in self._sorted(self.pool.by_name.get(value.name, ())) if found != there][:3]
        whole = list(self._whole(value))
        return whole[:1]

    def _whole(self, value: Any) -> Iterator[Any]:
        """Nothing where what it refers to is nowhere."""
        match value:
            case Ref():
                yield from self.filled(value)[:1]
            case list():
                items = [list(self._whole(item)) for item in cast("list[Any]", value)]
                if all(items):
                    yield [item[0] for item in items]
            case dict():
                inner = {name: list(self._whole(item)) for name, item in cast("dict[str, Any]", value).items()}
                if all(inner.values()):
                    yield {name: item[0] for name, item in inner.items()}
            case _:
                yield value

    def _sorted(self, found: Iterable[_Known]) -> list[str]:
        folder = _folder(self.address)

        def far(known: _Known) -> tuple[bool, bool]:
            return known.network != self.network, known.folder != folder

        return list(dict.fromkeys(known.value for known in sorted(found, key=far)))


def _folder(address: str) -> str:
    return ".".join(address.split(".")[:2]) if address.startswith("module.") else ""


def _network(live: LiveResource) -> str:
    found = live.attributes.get("vpc_id")
    return found if isinstance(found, str) else ""


def _kind(text: str) -> str:
    if found := _ID.match(text):
        return found[1]
    if found := _ARN.match(text):
        return ":".join(filter(None, found.groups()))
    return ""
