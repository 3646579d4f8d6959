"""How somebody's hands do something: like the writes of entries, but that they may look at what is live first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from reconciler.model import Operation
from reconciler.resources.spec import Subject
from tests.oracle.hands import Hands, Refused
from tests.oracle.spelling import Names, member_of, spelled

Hand = Callable[[Hands, Subject], Iterable[Operation]]


@dataclass(frozen=True, slots=True)
class Sets:
    """One operation that sets attributes, by their names.

    `ids`: parameter -> attribute ("id": the resource's own). `under`: the member that holds the attributes. `whole`:
    these others are given along, since the operation resets what it is not given. `fixed`: given as it is.
    """

    operation: str
    ids: Mapping[str, str]
    under: str = ""
    names: Names = field(default_factory=dict[str, str])
    whole: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __call__(self, hands: Hands, subject: Subject) -> Iterator[Operation]:
        service, _, action = self.operation.partition(":")
        shape = hands.input_of(service, action)
        holder = shape.members[self.under] if self.under else shape
        after, given = dict(subject.after or {}), dict[str, Any]()
        for name in sorted({*self.whole, *subject.changed}):
            value = after.get(name)
            member = self.names.get(name) or member_of(holder, name)
            if member is None:
                raise Refused(f"{self.operation} has no member for {name}")
            if value in (None, "", [], {}) and name in self.whole:
                continue
            if value is None and holder.members[member].type_name != "string":
                raise Refused(f"{self.operation} cannot take {name} away")
            value = "" if value is None else value
            given[member] = spelled(holder.members[member], value, self.names, name)
        named = {parameter: _named(subject, attribute) for parameter, attribute in self.ids.items()}
        named = {parameter: value for parameter, value in named.items() if value}
        yield Operation(service, action, {**named, **self.fixed, **({self.under: given} if self.under else given)})


def _named(subject: Subject, attribute: str) -> Any:
    return subject.id if attribute == "id" else (subject.before or {}).get(attribute)


def side(subject: Subject, name: str) -> tuple[Any, Any]:
    """The attribute before and after."""
    return (subject.before or {}).get(name), (subject.after or {}).get(name)


def news(subject: Subject, name: str) -> tuple[list[str], list[str]]:
    """What is new in a set of texts, and what is gone from it."""
    before, after = (set(cast("list[str]", one or [])) for one in side(subject, name))
    return sorted(after - before), sorted(before - after)
