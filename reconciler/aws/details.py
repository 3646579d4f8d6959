"""Reads details of many records at once: in waves, as they need one another's answers; in bulk where declared."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import field
from typing import Any, Final, TypeAlias

from reconciler.aws.caller import Caller, Pages
from reconciler.aws.failure import CallFailed
from reconciler.aws.records import (
    UNEXPECTED,
    Unread,
    View,
    items_of,
    misfit_failure,
    parameters,
    value_of,
)
from reconciler.records import dataclass
from reconciler.resources.spec import Bulk, Read, ResourceType, Scope, dig

_HANDFUL: Final = 3

Wanted: TypeAlias = Callable[[View], Collection[str]]
"""The details that a view should have; asked again after each wave, for what an answer makes necessary."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One call under way, for the records that its answer is for, each with its key (of a bulk read)."""

    params: dict[str, Any]
    views: Sequence[tuple[View, str]]
    future: Future[Pages]
    keys: Sequence[str] = ()


@dataclass(slots=True)
class _Wave:
    """Calls under way. `moved`: something became settled without one, or is known to be needed first."""

    asked: list[_Asked] = field(default_factory=list[_Asked])
    moved: bool = False


class Details:
    def __init__(self, caller: Caller, scope: Scope) -> None:
        self._caller = caller
        self._scope = scope

    def read(
        self, entry: ResourceType, views: Sequence[View], *, exact: bool = False, wanted: Wanted | None = None
    ) -> None:
        """Afterwards every detail of every view is settled or has its failure; with `wanted`, those that it names and
        those that they need. `exact`: nothing that lags behind."""
        few = len(views) <= _HANDFUL
        reads = {name: _direct(read, exact or (few and _lags(read))) for name, read in entry.details.items()}
        needed: dict[int, set[str]] = defaultdict(set)
        while True:
            waves: list[tuple[str, Read, _Wave]] = []
            for view in views if wanted else ():
                needed[id(view)].update(wanted(view) if wanted else ())
            for name, read in reads.items():
                waiting = [v for v in views if v.waits_for(name) and (wanted is None or name in needed[id(v)])]
                if waiting:
                    waves.append((name, read, self._start(name, read, waiting, needed)))
            if not waves:
                return
            if not any(wave.asked or wave.moved for _, _, wave in waves):
                raise RuntimeError(f"{entry.name}: details wait for each other: {[name for name, _, _ in waves]}")
            for name, read, wave in waves:
                for asked in wave.asked:
                    if not self._finish(name, read, asked):
                        reads[name] = _direct(read, wanted=True)

    def _start(self, name: str, read: Read, waiting: Sequence[View], needed: dict[int, set[str]]) -> _Wave:
        """Sends the calls for the records that are ready; what the others wait for is `needed` too."""
        wave = _Wave()
        ready: list[tuple[View, str, dict[str, Any]]] = []
        for view in waiting:
            try:
                if read.when is not None and not read.when(view, self._scope):
                    view.settle(name, _nothing(read))
                    wave.moved = True
                else:
                    key = str(read.bulk.of(view, self._scope)) if read.bulk else ""
                    ready.append((view, key, parameters(read.params, view, self._scope)))
            except Unread as unread:
                if unread.failure is not None:
                    view.fail(name, unread.failure)
                    wave.moved = True
                elif unread.detail not in needed[id(view)]:
                    needed[id(view)].add(unread.detail)
                    wave.moved = True
            except UNEXPECTED as error:
                view.fail(name, misfit_failure(read.operation, error))
                wave.moved = True
        wave.asked = self._in_bulk(read, read.bulk, ready) if read.bulk else self._singly(read, ready)
        return wave

    def _singly(self, read: Read, ready: Sequence[tuple[View, str, dict[str, Any]]]) -> list[_Asked]:
        return [
            _Asked(params, [(view, key)], self._caller.call(read.operation, params, read.page))
            for view, key, params in ready
        ]

    def _in_bulk(self, read: Read, bulk: Bulk, ready: Sequence[tuple[View, str, dict[str, Any]]]) -> list[_Asked]:
        alike: dict[str, tuple[dict[str, Any], list[tuple[View, str]]]] = {}
        for view, key, params in ready:
            alike.setdefault(json.dumps(params, sort_keys=True), (params, []))[1].append((view, key))
        asked: list[_Asked] = []
        for params, views in alike.values():
            if bulk.parameter is None:
                asked.append(_Asked(params, views, self._caller.call(read.operation, params, read.page)))
                continue
            by_key: dict[str, list[tuple[View, str]]] = {}
            for view, key in views:
                by_key.setdefault(key, []).append((view, key))
            keys = sorted(by_key)
            for start in range(0, len(keys), bulk.size):
                chunk = keys[start : start + bulk.size]
                mine = [pair for key in chunk for pair in by_key[key]]
                asked.append(_Asked(params, mine, self._by_keys(read, bulk, params, chunk), chunk))
        return asked

    def _by_keys(self, read: Read, bulk: Bulk, params: dict[str, Any], keys: Sequence[str]) -> Future[Pages]:
        return self._caller.call(read.operation, {**params, str(bulk.parameter): list(keys)}, read.page)

    def _finish(self, name: str, read: Read, asked: _Asked) -> bool:
        """Settles the views that the answer is for; False where they should be asked for singly instead."""
        views = [view for view, _ in asked.views]
        try:
            pages = asked.future.result()
        except CallFailed as failure:
            if failure.code not in read.absent:
                if read.bulk and read.bulk.single:
                    return False
                for view in views:
                    view.fail(name, failure)
            elif read.bulk and len(asked.keys) > 1:
                self._halve(name, read, read.bulk, asked)
            else:
                for view in views:
                    view.settle(name, _nothing(read))
            return True
        if read.bulk is None:
            for view in views:
                view.settle(name, value_of(pages, read.path))
            return True
        index, single = _indexed(read.bulk, items_of(pages, read.path)), read.bulk.single
        if single and not any(key in index for _, key in asked.views) and self._told_singly(read.bulk, single, asked):
            return False
        for view, key in asked.views:
            found = index.get(key, [])
            view.settle(name, found if read.bulk.many else found[0] if found else None)
        return True

    def _told_singly(self, bulk: Bulk, single: Read, asked: _Asked) -> bool:
        """A bulk read that tells nothing of anybody may not know the type (some emulators): is there nothing really?"""
        if bulk.doubtful:
            return True
        sample = [view for view, _ in asked.views[:_HANDFUL]]
        singly = [(parameters(single.params, view, self._scope), view) for view in sample]
        futures = [self._caller.call(single.operation, params, single.page) for params, _ in singly]
        return any(value_of(future.result(), single.path) for future in futures if future.exception() is None)

    def _halve(self, name: str, read: Read, bulk: Bulk, asked: _Asked) -> None:
        """One of several keys is gone and AWS refused them all: ask for fewer until it is alone."""
        middle = len(asked.keys) // 2
        for keys in (asked.keys[:middle], asked.keys[middle:]):
            views = [(view, key) for view, key in asked.views if key in keys]
            again = self._by_keys(read, bulk, asked.params, keys)
            self._finish(name, read, _Asked(asked.params, views, again, keys))


def _direct(read: Read, wanted: bool) -> Read:
    return read.bulk.single if wanted and read.bulk and read.bulk.single else read


def _lags(read: Read) -> bool:
    return read.bulk is not None and not read.bulk.current


def _indexed(bulk: Bulk, items: Iterable[Any]) -> dict[str, list[Any]]:
    index: dict[str, list[Any]] = {}
    for item in items:
        if bulk.only is None or bulk.only(item):
            index.setdefault(str(dig(item, bulk.key)), []).append(dig(item, bulk.path))
    return index


def _nothing(read: Read) -> list[Any] | None:
    return [] if read.bulk and read.bulk.many else None
