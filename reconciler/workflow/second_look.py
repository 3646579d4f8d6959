"""Before a difference is told: what a bulk read says is asked for singly, for it may be late or leave something out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from reconciler.aws import Cloud, Stub
from reconciler.model import LiveResource
from reconciler.resources import TYPES
from reconciler.workflow.scanning import Compared
from reconciler.workflow.survey import Survey

# Where more differ, it is not for that, and asking for each costs more than it tells.
_MOST: Final = 50


def second_look(survey: Survey, compared: Sequence[Compared], cloud: Cloud) -> Survey:
    """The survey with what direct reads tell of the attributes that differ; the same one where that is nothing new."""
    doubted = {str(c.resource.address): stub for c in compared if c.resource is not None and (stub := _doubted(c))}
    if not doubted or len(doubted) > _MOST:
        return survey
    reading = cloud.describe(doubted.values(), exact=True)
    fresh: dict[str, LiveResource] = {}
    for (address, stub), found in zip(doubted.items(), reading.found, strict=True):
        before = survey.live[address]
        if found is not None and (after := _with(before, found, stub.needed or frozenset())) != before:
            fresh[address] = after
    return replace(survey, live={**survey.live, **fresh}) if fresh else survey


def _doubted(compared: Compared) -> Stub | None:
    """What to ask again; None where no bulk read has a part in the difference."""
    live, resource, spec = compared.live, compared.resource, TYPES.get(compared.finding.type)
    if live is None or resource is None or spec is None or spec.gather is not None:
        return None
    if not any(read.bulk is not None and read.bulk.single is not None for read in spec.details.values()):
        return None
    names = {str(change.path[0]) for change in compared.finding.changes}
    names |= {"tags", "tags_all"} if names & {"tags", "tags_all"} else set()
    return replace(Stub.of(spec.name, live.id, resource.provider), needed=frozenset(names)) if names else None


def _with(live: LiveResource, found: LiveResource, names: frozenset[str]) -> LiveResource:
    told = {name: value for name, value in found.attributes.items() if name in names}
    return replace(live, attributes={**live.attributes, **told})
