"""Answers cut into records, and records whose details are still to come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from reconciler.aws.caller import Pages
from reconciler.aws.failure import CallFailed, Kind
from reconciler.resources.spec import Record, Scope

# What a pure function of an entry raises when AWS's answer is not shaped as it expects.
UNEXPECTED = (AttributeError, IndexError, KeyError, TypeError, ValueError)


class Unread(Exception):
    """A function looked at a detail that is not read yet (`failure` None) or could not be read."""

    def __init__(self, detail: str, failure: CallFailed | None) -> None:
        super().__init__(f"{detail}: {failure or 'not read yet'}")
        self.detail = detail
        self.failure = failure


class View(dict[str, Any]):
    """A record whose details are still to come: looking at one of them raises Unread."""

    __slots__ = ("blocked",)

    def __init__(self, record: Record, details: Iterable[str] = ()) -> None:
        super().__init__(record)
        self.blocked: dict[str, CallFailed | None] = dict.fromkeys(details)

    def __getitem__(self, key: str) -> Any:
        self._check(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self._check(key)
        return super().get(key, default)

    def waits_for(self, detail: str) -> bool:
        return detail in self.blocked and self.blocked[detail] is None

    def settle(self, detail: str, value: Any) -> None:
        self.blocked.pop(detail, None)
        self[detail] = value

    def fail(self, detail: str, failure: CallFailed) -> None:
        self.blocked[detail] = failure

    def _check(self, key: str) -> None:
        if key in self.blocked:
            raise Unread(key, self.blocked[key])


def evaluate(value: Any, record: Record, scope: Scope) -> Any:
    """A parameter: Getters in it, at any depth, asked with the record."""
    if callable(value):
        return value(record, scope)
    if isinstance(value, dict):
        return {name: evaluate(part, record, scope) for name, part in cast("dict[str, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [evaluate(part, record, scope) for part in cast("list[Any]", value)]
    return value


def parameters(params: Mapping[str, Any], record: Record, scope: Scope) -> dict[str, Any]:
    """Parameters that turn out to be None are left out."""
    found = {name: evaluate(value, record, scope) for name, value in params.items()}
    return {name: value for name, value in found.items() if value is not None}


def items_of(pages: Pages, path: str) -> Iterator[Any]:
    """The items at `path` of all pages; lists on the way are flattened, an object that is no list is one item."""
    for page in pages:
        yield from _walk(page, path.split(".") if path else [])


def _walk(found: Any, steps: list[str]) -> Iterator[Any]:
    if isinstance(found, list):
        for item in cast("list[Any]", found):
            yield from _walk(item, steps)
    elif not steps:
        if found is not None:
            yield found
    elif isinstance(found, dict):
        yield from _walk(cast("dict[str, Any]", found).get(steps[0]), steps[1:])


def value_of(pages: Pages, path: str) -> Any:
    """What a detail is: the value at `path`, the lists of all pages joined; None where there is none."""
    steps = path.split(".") if path else []
    joined: list[Any] | None = None
    for page in pages:
        found: Any = page
        for step in steps:
            found = cast("dict[str, Any]", found).get(step) if isinstance(found, dict) else None
        if not isinstance(found, list):
            if found is not None:
                return found
            continue
        joined = (joined or []) + cast("list[Any]", found)
    return joined


def misfit(what: str, error: Exception) -> str:
    return f"AWS's answer is not what {what} expects: {type(error).__name__}: {error}"


def misfit_failure(operation: str, error: Exception) -> CallFailed:
    return CallFailed(operation, Kind.REFUSED, "UnexpectedAnswer", misfit(operation, error))
