"""What waits for a name: because something else is missing, or because it cannot be told.

Without state and baseline a resource may be named by what is not known (the id of a network, what another stack gives
out). Where all of that is of resources that are missing themselves, it is missing with them. Where it is of a data
source without an answer, of a type that nobody reads or of a read that failed, nobody knows. Which of the two it is
tells an evaluation in which what is missing is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from reconciler import identity, schema
from reconciler.aws import Stub
from reconciler.hcl.evaluate import Evaluation
from reconciler.identity import Match, Records
from reconciler.model import Gap, LiveResource, Plain, Resource
from reconciler.resources import TYPES

_MADE_UP: Final[Mapping[str, Plain]] = {"string": "reconcile-made-this-up", "number": 0, "bool": False}
"""By type. Lists and the like stay unknown: nobody knows how long they would be."""

Evaluate = Callable[[Mapping[str, Mapping[str, Plain]]], Evaluation]
"""Evaluates the code with what was found live, and this beside it (by address)."""


def uncertain(
    resources: Sequence[Resource],
    matches: Mapping[str, Match],
    live: Mapping[str, LiveResource],
    stubs: Sequence[Stub],
    records: Records,
    gaps: Iterable[Gap],
    evaluate: Evaluate,
) -> frozenset[str]:
    """The addresses that are named by what cannot be told; with state or baseline there are none, for they know."""
    if records.tracked():
        return frozenset()
    lost = {str(r.address): matches[str(r.address)] for r in resources if str(r.address) not in live}
    lost = {address: match for address, match in lost.items() if match.id is None and match.reason is None}
    waiting = {address for address, match in lost.items() if match.waiting and not match.recorded}
    if not waiting:
        return frozenset()
    hidden = {gap.type for gap in gaps if not gap.attributes}
    sure = [r for r in resources if str(r.address) in lost.keys() - waiting and _looked_for(r, hidden)]
    made_up = {str(resource.address): _made_up(resource) for resource in sure}
    while made_up and waiting:
        evaluation = evaluate(made_up)
        if evaluation.failed:
            break
        again = [r for r in evaluation.resources if str(r.address) in waiting and _looked_for(r, hidden)]
        found = identity.match(again, stubs, records, TYPES)
        named = [r for r in again if not (match := found[str(r.address)]).waiting and match.reason is None]
        if not named:
            break
        waiting -= {str(resource.address) for resource in named}
        made_up |= {str(resource.address): _made_up(resource) for resource in named}
    return frozenset(waiting)


def _looked_for(resource: Resource, hidden: set[str | None]) -> bool:
    """It would have been found if it were there."""
    known = resource.unverified is None and not resource.provider.unknown
    return known and resource.type in TYPES and resource.type not in hidden


def _made_up(resource: Resource) -> dict[str, Plain]:
    """What AWS would give a resource, as far as it is a text, a number or a truth."""
    described = schema.resource(resource.type)
    if described is None:
        return {}
    attributes = described.block.attributes.items()
    types = {name: shape.type for name, shape in attributes if shape.computed}
    return {name: _MADE_UP[type_] for name, type_ in types.items() if isinstance(type_, str) and type_ in _MADE_UP}
