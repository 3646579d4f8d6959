"""Interprets the reading side of `ResourceType`: listing, details, attributes; gaps for what failed.

One Reader serves one place: the credentials and the region of a provider configuration. It knows nothing of boto3: it
asks a `Caller`, which golden tests replace by recorded answers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import field
from typing import Any, cast

from reconciler.aws.caller import Caller, Pages
from reconciler.aws.details import Details
from reconciler.aws.failure import CallFailed
from reconciler.aws.records import UNEXPECTED, Unread, View, items_of, misfit, misfit_failure, parameters
from reconciler.model import Gap, Json, LiveResource
from reconciler.records import dataclass
from reconciler.resources.spec import UNTOLD, Attributes, Gather, Getter, Read, Record, ResourceType, Scope


@dataclass(frozen=True, slots=True)
class _Hidden:
    """A nested read that failed for one parent, and what all it would have found has in common."""

    failure: CallFailed
    within: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Rows:
    records: list[Record] = field(default_factory=list[Record])
    hidden: list[_Hidden] = field(default_factory=list[_Hidden])


@dataclass(frozen=True, slots=True)
class Described:
    """What became of one record; neither means that it is not there, both that some attributes could not be read."""

    resource: LiveResource | None = None
    gap: Gap | None = None


class Reader:
    def __init__(self, caller: Caller, scope: Scope) -> None:
        self.scope = scope
        self._caller = caller
        self._details = Details(caller, scope)

    def region(self, entry: ResourceType) -> str:
        return self.scope.region if entry.regional else "global"

    # -- listing ----------------------------------------------------------------------------------------------

    def records(self, entry: ResourceType) -> tuple[list[View], list[Gap]]:
        """Every record of the type, with its details read only where identity needs them."""
        rows = self.rows(entry.list)
        gaps = [self._gap(entry, str(hidden.failure), within=hidden.within) for hidden in rows.hidden]
        found: list[Record] = []
        for record in rows.records:
            try:
                found += entry.expand(record, self.scope) if entry.expand else [record]
            except UNEXPECTED as error:
                gaps.append(self._gap(entry, misfit(entry.list.operation, error)))
        views = [View(record, entry.details) for record in found]
        if not entry.key_from_list:
            telling = list(_telling(entry, {path.partition(".")[0] for key in entry.natural_keys for path in key}))
            self._details.read(entry, views, wanted=lambda view: self._missing(view, telling))
        return views, gaps

    def _missing(self, view: View, getters: Collection[Getter]) -> set[str]:
        """The details that these functions look at and that are not read yet."""
        found: set[str] = set()
        for getter in getters:
            try:
                getter(view, self.scope)
            except Unread as unread:
                if unread.failure is None:
                    found.add(unread.detail)
            except UNEXPECTED:
                continue  # told when its value is asked for
        return found

    def rows(self, read: Read) -> Rows:
        """What a read and those that it is nested under answer."""
        rows = Rows()
        if read.unless is not None and self._unheard(read, read.unless[0]):
            return self.rows(read.unless[1])
        if read.under is None:
            if read.when is None or read.when({}, self.scope):
                self._collect(read, [(None, self._ask(read, {}))], rows)
            return rows
        above = self.rows(read.under)
        rows.hidden += above.hidden
        rows.records += above.records if read.itself else ()
        wanted = [p for p in above.records if read.when is None or read.when(p, self.scope)]
        self._collect(read, [(parent, self._ask(read, parent)) for parent in wanted], rows)
        return rows

    def _unheard(self, read: Read, says: Callable[[Record], bool]) -> bool:
        try:
            items = list(items_of(self._ask(read, {}).result(), read.path))
            return bool(items) and not any(map(says, items))
        except (CallFailed, *UNEXPECTED):
            return False  # told when it is collected

    def _collect(self, read: Read, asked: Sequence[tuple[Record | None, Future[Pages]]], rows: Rows) -> None:
        for parent, future in asked:
            try:
                pages = future.result()
            except CallFailed as failure:
                if failure.code not in read.absent:
                    common = (
                        {} if parent is None else {n: str(get(parent, self.scope)) for n, get in read.hides.items()}
                    )
                    rows.hidden.append(_Hidden(failure, tuple(common.items())))
                continue
            for item in items_of(pages, read.path):
                record: dict[str, Any] = {**item} if isinstance(item, dict) else {read.wrap: item}
                rows.records += self._cut(read, record if parent is None else {**record, "parent": parent}, rows)

    def _cut(self, read: Read, record: Record, rows: Rows) -> list[Record]:
        try:
            return list(read.each(record, self.scope)) if read.each else [record]
        except UNEXPECTED as error:
            rows.hidden.append(_Hidden(misfit_failure(read.operation, error)))
            return []

    def _ask(self, read: Read, record: Record) -> Future[Pages]:
        return self._caller.call(read.operation, parameters(read.params, record, self.scope), read.page)

    # -- attributes -------------------------------------------------------------------------------------------

    def describe(
        self,
        entry: ResourceType,
        views: Sequence[View],
        *,
        exact: bool = False,
        needed: Sequence[frozenset[str] | None] | None = None,
    ) -> list[Described]:
        """The attributes of records, in their order; details are read first, `exact` without what lags behind.

        `needed` has the attributes that matter of each record, None for all: what takes a call of its own and is not
        among them is left out.
        """
        names = dict(zip(map(id, views), needed or (), strict=False))

        def wanted(view: View) -> Collection[str]:
            mine = names.get(id(view))
            return entry.details if mine is None else self._missing(view, list(_telling(entry, mine)))

        self._details.read(entry, views, exact=exact, wanted=wanted if any(names.values()) else None)
        return [self._described(entry, view) for view in views]

    def _import_id(self, entry: ResourceType, view: View, id_: str) -> str | None:
        if entry.import_id is None:
            return id_
        try:
            found = entry.import_id(view, self.scope)
            return str(found) if found else None
        except (Unread, *UNEXPECTED):
            return None

    def _described(self, entry: ResourceType, view: View) -> Described:
        try:
            if entry.exists and not entry.exists(view, self.scope):
                return Described()
            id_ = str(entry.id(view, self.scope))
        except Unread as unread:
            return Described(gap=self._gap(entry, str(unread.failure), id_=self.id_if_known(entry, view)))
        except UNEXPECTED as error:
            return Described(gap=self._gap(entry, misfit(entry.list.operation, error)))
        values: dict[str, Json] = {}
        unread_because: dict[str, str] = {}
        for name, getter in entry.attributes.items():
            try:
                found = getter(view, self.scope)
                if found is not UNTOLD:
                    values[name] = found
            except Unread as unread:
                if unread.failure is not None:  # else nobody needs it
                    unread_because[name] = str(unread.failure)
            except UNEXPECTED as error:
                unread_because[name] = misfit(f"{entry.name}.{name}", error)
        region, unread = self.region(entry), frozenset(unread_because)
        live = LiveResource(
            entry.name, id_, values, region, self.scope.account, unread, self._import_id(entry, view, id_)
        )
        if not unread_because:
            return Described(live)
        reason = "; ".join(dict.fromkeys(unread_because.values()))
        return Described(live, self._gap(entry, reason, id_=id_, attributes=tuple(unread_because)))

    def id_if_known(self, entry: ResourceType, view: View) -> str | None:
        try:
            return str(entry.id(view, self.scope))
        except (Unread, *UNEXPECTED):
            return None

    def _gap(
        self,
        entry: ResourceType,
        reason: str,
        id_: str | None = None,
        within: tuple[tuple[str, str], ...] = (),
        attributes: tuple[str, ...] = (),
    ) -> Gap:
        return Gap(reason, entry.name, self.region(entry), id=id_, within=within, attributes=attributes)

    # -- what AWS does not keep apart -------------------------------------------------------------------------

    def gathered(
        self, entry: ResourceType, gather: Gather, wanted: Sequence[Attributes]
    ) -> tuple[list[LiveResource | None], list[Gap]]:
        """The resource for each of `wanted`, cut out of all records of the type."""
        views, gaps = self.records(entry)
        kept: dict[str, list[Attributes]] = {}
        for described in self.describe(entry, views):
            if described.resource:
                attributes = described.resource.attributes
                kept.setdefault(str(attributes.get(gather.by)), []).append(attributes)
            if described.gap:
                gaps.append(described.gap)
        found: list[LiveResource | None] = []
        for one in wanted:
            picked = gather.pick(kept.get(str(one.get(gather.by)), []), one)
            merged = gather.merge(picked, one) if picked else None
            found.append(self._made(entry, merged) if merged else None)
        return found, gaps

    def _made(self, entry: ResourceType, attributes: Attributes) -> LiveResource:
        return LiveResource(entry.name, str(attributes["id"]), attributes, self.region(entry), self.scope.account)


def first_call(read: Read) -> tuple[str, dict[str, Any], int | None] | None:
    """The call that a listing begins with, as a Caller takes it; None where it takes knowing who and where we are."""
    while read.under is not None:
        read = read.under
    if read.when is not None or not _constant(read.params):
        return None
    return read.operation, {name: value for name, value in read.params.items() if value is not None}, read.page


def _constant(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_constant(part) for part in cast("Mapping[str, Any]", value).values())
    if isinstance(value, (list, tuple)):
        return all(_constant(part) for part in cast("Sequence[Any]", value))
    return not callable(value)


def _telling(entry: ResourceType, names: Collection[str]) -> Iterator[Getter]:
    """The functions that tell which resource a record is and whose, and the attributes of these names."""
    yield entry.id
    yield from (getter for getter in (entry.exists, entry.aws_owned) if getter)
    yield from (getter for name, getter in entry.attributes.items() if name in names)
