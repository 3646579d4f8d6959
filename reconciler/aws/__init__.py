"""The AWS edge. `Cloud` is its whole interface; boto3's botocore is imported when the first call is made.

    cloud = Cloud()
    listing = cloud.list(["aws_sqs_queue"], provider)          # stubs: type, id, natural-key attributes
    reading = cloud.describe(listing.stubs)                     # LiveResources with every attribute, and gaps
    cloud.run(Operation("sqs", "SetQueueAttributes", {...}), provider)

A stub that `describe` answers neither a resource nor a gap for is not there. What failed to be read is a `Gap`; only
where nothing at all can be read (no credentials, nobody answers) these methods raise CloudError.
"""

from __future__ import annotations

import threading
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Final

from reconciler.aws.calls import CallCounts, CallLog
from reconciler.aws.failure import CallFailed, Kind
from reconciler.aws.session import ProviderSession, Settings
from reconciler.errors import CloudError
from reconciler.model import Gap, Json, LiveResource, Operation, Provider
from reconciler.records import dataclass
from reconciler.resources import TYPES
from reconciler.resources.spec import UNTOLD, Attributes, Gather, Read, Record, ResourceType, Scope, dig

if TYPE_CHECKING:
    from reconciler.aws.caller import AwsCaller
    from reconciler.aws.reader import Reader
    from reconciler.aws.records import View

__all__ = ["CallCounts", "Cloud", "Identity", "Listing", "Progress", "Reading", "Settings", "Stub"]

Progress = Callable[[str, int, int], None]
"""Called from any thread as something ends: what, how many are done, how many are known so far."""


@dataclass(frozen=True, slots=True)
class Identity:
    account: str
    partition: str
    region: str
    arn: str


@dataclass(frozen=True, slots=True)
class Stub:
    """A resource that may be there. From `list`, or made with `Stub.of` for what is known from elsewhere.

    `keys` holds the attributes of the type's natural keys. `wanted` is what the code or the state says, for types
    that AWS does not keep apart (`ResourceType.gather`): they are looked up, and listed only to find what nothing
    manages. `needed` are the
    attributes that matter, None for all: others are left out where they would take a call.
    """

    type: str
    id: str
    provider: Provider
    keys: Attributes = field(default_factory=dict[str, Json])
    aws_owned: bool = False
    wanted: Attributes | None = None
    needed: frozenset[str] | None = None
    record: Record | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, type_name: str, id_: str, provider: Provider, wanted: Attributes | None = None) -> Stub:
        return cls(type_name, id_, provider, wanted=wanted)


@dataclass(frozen=True, slots=True)
class Listing:
    stubs: tuple[Stub, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """`found` has one entry per stub asked for, in their order: None where there is nothing, or a gap says why."""

    found: tuple[LiveResource | None, ...]
    gaps: tuple[Gap, ...]

    @property
    def resources(self) -> tuple[LiveResource, ...]:
        return tuple(live for live in self.found if live is not None)


@dataclass(frozen=True, slots=True)
class _Place:
    """What serves one set of credentials in one region."""

    session: ProviderSession
    caller: AwsCaller
    identity: Identity
    reader: Reader


class Cloud:
    """Live AWS for every provider configuration of a stack. Thread-safe; answers are remembered until `forget`."""

    def __init__(self, settings: Settings | None = None, progress: Progress | None = None) -> None:
        self._settings: Final = settings or Settings()
        self._progress = progress
        self._log = CallLog()
        self._places: dict[Provider, _Place | CloudError] = {}
        self._expected: dict[Provider, tuple[ResourceType, ...]] = {}
        self._lock = threading.RLock()

    @property
    def calls(self) -> CallCounts:
        """What was asked so far."""
        return self._log.counts()

    def identity(self, provider: Provider) -> Identity:
        """Who we are there. Raises CloudError: no or refused credentials, nobody answers, the wrong account."""
        identity = self._place(provider).identity
        _check_account(provider, identity)
        return identity

    def expect(self, types: Iterable[str], provider: Provider) -> None:
        """These will be listed: what that asks first is asked together with who we are, where any account will do."""
        if not provider.allowed_account_ids and not provider.forbidden_account_ids:
            with self._lock:
                self._expected[_place_of(provider)] = tuple(_entries(types)[0])

    def list(self, types: Iterable[str], provider: Provider) -> Listing:
        """Every live resource of the types, AWS's own included, as stubs. Types that nobody reads are a gap each."""
        entries, gaps = _entries(types)
        wanted = [entry for entry in entries if entry.gather is None or entry.gather.alone is not None]
        self.identity(provider)
        stubs: list[Stub] = []
        for found, missed in self._each(wanted, lambda entry: self._listed(entry, provider)):
            stubs += found
            gaps += missed
        self._raise_if_nothing(provider, empty=bool(wanted) and not stubs)
        return Listing(tuple(stubs), tuple(dict.fromkeys(gaps)))

    def describe(self, stubs: Iterable[Stub], *, exact: bool = False) -> Reading:
        """All attributes of the stubs. `exact`: what a bulk read may tell late is asked for singly."""
        asked = list(stubs)
        groups: dict[tuple[str, Provider], list[int]] = {}
        for number, stub in enumerate(asked):
            groups.setdefault((stub.type, stub.provider), []).append(number)
        found: list[LiveResource | None] = [None] * len(asked)
        gaps: list[Gap] = []

        def one(group: tuple[str, Provider]) -> tuple[list[LiveResource | None], list[Gap]]:
            return self._described(group[0], group[1], [asked[n] for n in groups[group]], exact=exact)

        for group, (lives, missed) in zip(groups, self._each(list(groups), one), strict=True):
            for number, live in zip(groups[group], lives, strict=True):
                found[number] = live
            gaps += missed
        return Reading(tuple(found), tuple(dict.fromkeys(gaps)))

    def read(self, reads: Sequence[tuple[Read, Provider]]) -> list[list[Record] | Gap]:
        """What single reads answer, for data sources: the records of each, or why there are none."""

        def one(asked: tuple[Read, Provider]) -> list[Record] | Gap:
            rows = self._place(asked[1]).reader.rows(asked[0])
            return Gap(str(rows.hidden[0].failure)) if rows.hidden else rows.records

        return self._each(list(reads), one)

    def scope(self, provider: Provider) -> Scope:
        """What the functions of an entry take beside the record."""
        return self._place(provider).reader.scope

    def run(self, operation: Operation, provider: Provider) -> Mapping[str, Json]:
        """Carries one operation out; afterwards everything is read afresh. Raises CloudError."""
        from reconciler.aws import writer

        self.identity(provider)
        try:
            return writer.run(self._place(provider).caller, operation)
        except CallFailed as failure:
            raise failure.as_error() from failure
        finally:
            self.forget()

    def object(self, provider: Provider, bucket: str, key: str, customer_key: str | None = None) -> bytes | None:
        """The content of an S3 object, None where there is none (yet). Raises CloudError."""
        parameters: dict[str, Any] = {"Bucket": bucket, "Key": key}
        if customer_key:
            parameters |= {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b64decode(customer_key)}
        try:
            return self._place(provider).caller.body("s3:GetObject", parameters, "Body")
        except CallFailed as failure:
            if failure.code in ("NoSuchKey", "404"):
                return None
            raise failure.as_error() from failure

    def forget(self) -> None:
        """From now on everything is asked again."""
        with self._lock:
            for place in self._places.values():
                if isinstance(place, _Place):
                    place.caller.forget()

    def close(self) -> None:
        """Ends the threads; calls under way are not waited for."""
        with self._lock:
            for place in self._places.values():
                if isinstance(place, _Place):
                    place.caller.close()

    def __enter__(self) -> Cloud:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- inside -----------------------------------------------------------------------------------------------

    def _each(self, items: Sequence[Any], work: Callable[[Any], Any]) -> Any:
        """`work` for all items at once, in their order. These threads only wait; calls have threads of their own."""
        if len(items) < 2:
            return [work(item) for item in items]
        with ThreadPoolExecutor(min(len(items), 64), "reconcile") as pool:
            return list(pool.map(work, items))

    def _listed(self, entry: ResourceType, provider: Provider) -> tuple[list[Stub], list[Gap]]:
        from reconciler.aws.records import UNEXPECTED, Unread, misfit

        reader = self._place(provider, regional=entry.regional).reader
        views, gaps = reader.records(entry)
        stubs: list[Stub] = []
        names = {name for key in entry.natural_keys for name in key}
        for view in views:
            try:
                if entry.gather is not None:
                    stubs += _alone(entry, entry.gather, view, provider, reader.scope)
                    continue
                if not entry.key_from_list and entry.exists and not entry.exists(view, reader.scope):
                    continue
                keys = {name: _key(entry, name, view, reader.scope) for name in sorted(names)}
                owned = bool(entry.aws_owned and entry.aws_owned(view, reader.scope))
                stubs.append(Stub(entry.name, str(entry.id(view, reader.scope)), provider, keys, owned, record=view))
            except Unread as unread:
                known = reader.id_if_known(entry, view)
                gaps.append(Gap(str(unread.failure), entry.name, reader.region(entry), id=known))
            except UNEXPECTED as error:
                gaps.append(Gap(misfit(entry.name, error), entry.name, reader.region(entry)))
        return stubs, gaps

    def _described(
        self, type_name: str, provider: Provider, stubs: list[Stub], *, exact: bool
    ) -> tuple[list[LiveResource | None], list[Gap]]:
        entry = TYPES.get(type_name)
        if entry is None:
            return [None] * len(stubs), [_unsupported(type_name)]
        reader = self._place(provider, regional=entry.regional).reader
        if entry.gather:
            return reader.gathered(entry, entry.gather, [stub.wanted or {} for stub in stubs])
        gaps: list[Gap] = []
        records: list[Record | None] = [stub.record for stub in stubs]
        listed: dict[str, Record] = {}
        if entry.by_id is None and None in records:
            views, gaps = reader.records(entry)
            listed = {known: view for view in views if (known := reader.id_if_known(entry, view)) is not None}
        for number, stub in enumerate(stubs):
            if records[number] is None:
                records[number] = entry.by_id(stub.id, reader.scope) if entry.by_id else listed.get(stub.id)
        views = [_view(r, entry, afresh=exact) for r in records if r is not None]
        needed = [stub.needed for stub, r in zip(stubs, records, strict=True) if r is not None]
        answers = iter(reader.describe(entry, views, exact=exact, needed=needed))
        lives: list[LiveResource | None] = []
        for record in records:
            described = next(answers) if record is not None else None
            live = described.resource if described else None
            lives.append(_with_tags(live, provider) if live else None)
            if described and described.gap:
                gaps.append(described.gap)
        return lives, gaps

    def _place(self, provider: Provider, *, regional: bool = True) -> _Place:
        key = _place_of(provider)
        with self._lock:
            if not regional and (place := self._anywhere(key)):
                return place
            if key not in self._places:
                try:
                    self._places[key] = self._open(provider)
                except CloudError as error:
                    self._places[key] = error
            found = self._places[key]
        if isinstance(found, CloudError):
            raise found
        return found

    def _anywhere(self, key: Provider) -> _Place | None:
        """A place with these credentials, in whatever region."""
        alike = replace(key, region=None)
        for other, place in self._places.items():
            if isinstance(place, _Place) and replace(other, region=None) == alike:
                return place
        return None

    def _open(self, provider: Provider) -> _Place:
        from reconciler.aws.caller import AwsCaller
        from reconciler.aws.reader import Reader, first_call

        session = ProviderSession(provider, self._settings)
        caller = AwsCaller(session, self._settings, self._log, self._progress)
        asked = caller.call("sts:GetCallerIdentity", {})
        key = _place_of(provider)
        elsewhere = self._anywhere(key) is not None
        for entry in self._expected.get(key, ()):
            if (entry.regional or not elsewhere) and (first := first_call(entry.list)):
                caller.call(*first)
        try:
            (answer,) = asked.result()
        except CallFailed as failure:
            raise failure.as_error() from failure
        arn = str(answer["Arn"])
        identity = Identity(str(answer["Account"]), arn.split(":")[1], session.region, arn)
        scope = Scope(identity.region, identity.account, identity.partition)
        return _Place(session, caller, identity, Reader(caller, scope))

    def _raise_if_nothing(self, provider: Provider, *, empty: bool) -> None:
        """Where every operation but GetCallerIdentity fails, that is no scan."""
        caller = self._place(provider).caller
        failures = caller.failures
        if empty and failures and not caller.answered and (len(failures) > 1 or failures[0].kind is not Kind.DENIED):
            error = failures[0].as_error()
            operations = ", ".join(sorted({failure.operation for failure in failures})[:5])
            raise CloudError(f"nothing could be read: {error.what}", where=operations, hint=error.hint)


def _place_of(provider: Provider) -> Provider:
    """The provider configuration without what makes no other credentials, endpoints or region."""
    key = replace(provider, name="", default_tags=(), ignore_tags=(), ignore_tag_prefixes=())
    return replace(key, allowed_account_ids=(), forbidden_account_ids=(), max_retries=None)


def _entries(types: Iterable[str]) -> tuple[list[ResourceType], list[Gap]]:
    entries: list[ResourceType] = []
    gaps: list[Gap] = []
    for name in dict.fromkeys(types):
        entry = TYPES.get(name)
        if entry is None:
            gaps.append(_unsupported(name))
        else:
            entries.append(entry)
    return entries, gaps


def _view(record: Record, entry: ResourceType, *, afresh: bool) -> View:
    """`afresh`: none of its details is taken for read."""
    from reconciler.aws.records import View

    if afresh:
        record = {name: value for name, value in record.items() if name not in entry.details}
    return record if isinstance(record, View) else View(record, entry.details)


def _alone(entry: ResourceType, gather: Gather, view: View, provider: Provider, scope: Scope) -> list[Stub]:
    """A record of what AWS does not keep apart, as a resource that it alone would be."""
    id_ = gather.alone(view, scope) if gather.alone else None
    if not isinstance(id_, str) or not id_:
        return []
    wanted: Attributes = {**{name: getter(view, scope) for name, getter in entry.attributes.items()}, "id": id_}
    return [Stub(entry.name, id_, provider, wanted, wanted=wanted, record=view)]


def _key(entry: ResourceType, path: str, record: Record, scope: Scope) -> Json:
    name, _, rest = path.partition(".")
    found: Any = entry.attributes[name](record, scope)
    found = None if found is UNTOLD else found
    index, _, inner = rest.partition(".")
    if index.isdecimal():  # into a block
        found, rest = (found[int(index)] if int(index) < len(found or ()) else None), inner
    key: Json = dig(found, rest)
    return key


def _unsupported(name: str) -> Gap:
    return Gap(f"no reader for {name} yet", name)


def _check_account(provider: Provider, identity: Identity) -> None:
    allowed, forbidden = provider.allowed_account_ids, provider.forbidden_account_ids
    if (allowed and identity.account not in allowed) or identity.account in forbidden:
        raise CloudError(
            f"these credentials are for account {identity.account}, which the provider does not allow",
            where=f"provider {provider.name!r}",
            hint=f"use credentials for {' or '.join(allowed)}" if allowed else "use other credentials",
        )


def _with_tags(live: LiveResource, provider: Provider) -> LiveResource:
    """Tells tags from tags_all as Terraform's state does; AWS's own and ignored tags are in neither."""
    raw = live.attributes.get("tags")
    if not isinstance(raw, dict):
        return live
    ignored = ("aws:", *provider.ignore_tag_prefixes)
    everything = {k: v for k, v in raw.items() if not k.startswith(ignored) and k not in provider.ignore_tags}
    defaults: dict[str, Json] = dict(provider.default_tags)
    own = {k: v for k, v in everything.items() if defaults.get(k) != v}
    return replace(live, attributes={**live.attributes, "tags": own, "tags_all": everything})
