"""Answers the data sources that only the cloud can: what cannot be answered stays unknown, never wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any, Final, cast

from reconciler import schema
from reconciler.aws import Cloud
from reconciler.errors import CloudError, ReconcilerError
from reconciler.hcl.evaluate import DataRequest
from reconciler.model import UNKNOWN, Gap, Json, Plain, Provider
from reconciler.records import dataclass
from reconciler.resources.data_sources import DATA_SOURCES, DataSource, Kept, bound
from reconciler.resources.spec import Getter, Read, Record, Scope
from reconciler.semantics import widened

Answer = Mapping[str, Plain]
Elsewhere = Callable[[DataRequest], "Answer | str"]
"""Answers what is not AWS's to answer, or says why not. Raises ReconcilerError."""

# What a pure function of an entry raises when AWS's answer is not shaped as it expects.
_UNEXPECTED: Final = (AttributeError, IndexError, KeyError, TypeError, ValueError)
_ZEROS: Final[Mapping[str, Plain]] = {"string": "", "number": 0, "bool": False}
_CHOOSE_ONLY: Final = frozenset(("filter", "timeouts"))
"""Blocks that say nothing of what was found."""


@dataclass(slots=True)
class _Query:
    """One request on its way to an answer; `record` is what was found, `reason` why there is no answer."""

    request: DataRequest
    entry: DataSource
    scope: Scope
    record: Record = field(default_factory=dict[str, Any])
    reason: str | None = None


def answer(
    requests: Sequence[DataRequest],
    cloud: Cloud,
    given: Mapping[str, Answer],
    elsewhere: Mapping[str, Elsewhere] | None = None,
) -> tuple[dict[str, Answer], list[Gap]]:
    """`given` with an answer for each request that can be answered; what failed to be read is a gap.

    All of them are read at once, and what several ask alike is asked once. `elsewhere` are the readers of types that
    are no data sources of AWS.
    """
    answers = dict(given)
    gaps: list[Gap] = []
    asked = [request for request in requests if request.address not in answers]
    for request in asked:
        reader = (elsewhere or {}).get(request.type)
        if reader is not None:
            _settle(request, _read_elsewhere(reader, request), answers, gaps)
    queries: list[_Query] = []
    for request in asked:
        if request.type in DATA_SOURCES:
            found = _query(request, cloud)
            if isinstance(found, _Query):
                queries.append(found)
            else:
                gaps.append(_gap(request, found))
    _find(queries, cloud)
    _look_closer(queries, cloud)
    for query in queries:
        _settle(query.request, query.reason or _answer(query), answers, gaps)
    return answers, gaps


def _settle(request: DataRequest, found: Answer | str, answers: dict[str, Answer], gaps: list[Gap]) -> None:
    if isinstance(found, str):
        gaps.append(_gap(request, found))
    else:
        answers[request.address] = found


def _gap(request: DataRequest, reason: str) -> Gap:
    return Gap(
        f"{request.address} ({request.source}) has no answer: {reason}",
        address=request.address,
        region=request.provider.region,
    )


def _read_elsewhere(reader: Elsewhere, request: DataRequest) -> Answer | str:
    try:
        return reader(request)
    except ReconcilerError as error:
        return str(error)


def _query(request: DataRequest, cloud: Cloud) -> _Query | str:
    if request.provider.unknown:
        return f"its provider's {', '.join(request.provider.unknown)} cannot be told"
    try:
        cloud.identity(request.provider)
        return _Query(request, DATA_SOURCES[request.type], cloud.scope(request.provider))
    except CloudError as error:
        return str(error)


def _find(queries: Sequence[_Query], cloud: Cloud) -> None:
    """Each query's record, chosen among what its read finds."""
    reads = [(bound(q.entry.read, q.request.arguments, q.scope), q.request.provider) for q in queries]
    for query, found in zip(queries, _read(cloud, reads), strict=True):
        if isinstance(found, Gap):
            query.reason = found.reason
            continue
        try:
            chosen = query.entry.chosen(found, query.request.arguments)
        except _UNEXPECTED as error:
            chosen = _misfit(query, error)
        if isinstance(chosen, str):
            query.reason = chosen
        else:
            query.record = chosen


def _look_closer(queries: Sequence[_Query], cloud: Cloud) -> None:
    """The details of every record, all at once: none of them needs another."""
    wanted: list[tuple[_Query, str]] = []
    reads: list[tuple[Read, Provider]] = []
    for query in queries:
        if query.reason is not None:
            continue
        for name, read in query.entry.details.items():
            try:
                reads.append((bound(read, query.record, query.scope), query.request.provider))
                wanted.append((query, name))
            except _UNEXPECTED as error:
                query.reason = _misfit(query, error)
    for (query, name), found in zip(wanted, _read(cloud, reads), strict=True):
        if isinstance(found, Gap):
            query.reason = query.reason or found.reason
        else:
            query.record = {**query.record, name: found}


def _read(cloud: Cloud, reads: Sequence[tuple[Read, Provider]]) -> list[list[Record] | Gap]:
    try:
        return cloud.read(reads)
    except CloudError as error:
        return [Gap(str(error))] * len(reads)


def _misfit(query: _Query, error: Exception) -> str:
    return f"AWS's answer is not what {query.entry.read.operation} expects: {type(error).__name__}: {error}"


def _answer(query: _Query) -> Answer | str:
    """The attributes as the provider's state has them; UNKNOWN is what the entry does not map."""
    try:
        found = {name: _value(query, name, get) for name, get in query.entry.attributes.items()}
    except _UNEXPECTED as error:
        return _misfit(query, error)
    tags = found.get("tags")
    if isinstance(tags, dict) and not query.entry.several:
        found["tags"] = {name: tag for name, tag in tags.items() if not _ignored(name, query.request.provider)}
    known = schema.data_source(query.request.type)
    if known is not None:
        for name, attribute in known.block.attributes.items():
            if attribute.computed:
                found.setdefault(name, UNKNOWN)
        for name in known.block.blocks.keys() - _CHOOSE_ONLY - query.request.arguments.keys():
            found.setdefault(name, UNKNOWN)
        if query.entry.sdk:
            for name in known.block.blocks.keys() & _CHOOSE_ONLY - query.request.arguments.keys():
                found[name] = None
    return found


def _value(query: _Query, name: str, get: Getter) -> Plain:
    value = get(query.record, query.scope)
    if value is UNKNOWN:
        return UNKNOWN
    known = schema.data_source(query.request.type)
    if value is None and known is not None and query.entry.sdk and not isinstance(get, Kept):
        return _zero(known.block.attributes[name].type)
    return widened(cast("Json", value))


def _ignored(name: str, provider: Provider) -> bool:
    return name in provider.ignore_tags or name.startswith(("aws:", *provider.ignore_tag_prefixes))


def _zero(type_: schema.Type) -> Plain:
    return _ZEROS.get(type_) if isinstance(type_, str) else None
