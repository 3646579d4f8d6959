"""Where every part of a resource's values comes from, worked out when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from reconciler.hcl.access import child
from reconciler.hcl.shapes import given_children
from reconciler.hcl.values import Value
from reconciler.model import NoOrigin, Origin, Path

_COMPUTED = NoOrigin("computed")


class Origins(Mapping[Path, "Origin | NoOrigin"]):
    """By path: of each leaf the literal, of each list, map and block the constructor or block that it is written as.

    A block that a `dynamic` block makes comes from the element of `for_each` that it is made for.
    """

    def __init__(self, value: Value) -> None:
        self._value = value

    @cached_property
    def _found(self) -> dict[Path, Origin | NoOrigin]:
        found: dict[Path, Origin | NoOrigin] = {}
        pending: list[tuple[Path, Value, NoOrigin]] = [((), self._value, _COMPUTED)]
        while pending:
            path, value, inherited = pending.pop()
            if path:
                found[path] = value.origin or inherited
            why = value.origin if isinstance(value.origin, NoOrigin) else inherited
            pending.extend(((*path, key), child(value, item), why) for key, item in given_children(value))
        return found

    def __getitem__(self, path: Path) -> Origin | NoOrigin:
        return self._found[path]

    def __iter__(self) -> Iterator[Path]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)
