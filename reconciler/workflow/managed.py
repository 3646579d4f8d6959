"""What the stacks of a repository manage, so that what one of them has is not unmanaged in another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Final, TypeAlias

from reconciler import identity
from reconciler.aws import Stub
from reconciler.identity import Known
from reconciler.model import Address, LiveResource, Resource, Snapshot
from reconciler.records import dataclass
from reconciler.resources import TYPES
from reconciler.resources.spec import Attributes, ResourceType
from reconciler.workflow.scanning import Compared, bearing, doubtful, gathered, part_of
from reconciler.workflow.survey import Survey

Key: TypeAlias = tuple[str, str, str, str]
"""Type, id, account, region ("" where it is the same for all)."""
_Place: TypeAlias = tuple[str, str]
_ANYWHERE: Final[_Place] = ("", "")

_GENERATED: Final = re.compile(r"[a-z]+-(?:[0-9a-f]{8}|[0-9a-f]{17})")
"""An id that AWS gives once in the world: a peering has it in both its regions, a shared network in two accounts."""


@dataclass(slots=True)
class Managed:
    """`_live` is what was read; `_known` what state or a baseline names, by type and id: account and region, "" where
    nothing says which; `_together` what AWS does not keep apart, as it is live; `_unsure`, by type, resources of the
    code of which it cannot be told which live one they are."""

    _live: set[Key] = field(default_factory=set[Key])
    _known: dict[tuple[str, str], set[_Place]] = field(default_factory=dict[tuple[str, str], "set[_Place]"])
    _together: list[tuple[ResourceType, Attributes]] = field(default_factory=list["tuple[ResourceType, Attributes]"])
    _unsure: dict[str, list[Resource]] = field(default_factory=dict[str, list[Resource]])

    @staticmethod
    def key(type_name: str, live: LiveResource) -> Key:
        if _GENERATED.fullmatch(live.id):
            return type_name, live.id, *_ANYWHERE
        entry = TYPES.get(type_name)
        return type_name, live.id, live.account, live.region if entry is None or entry.regional else ""

    def take(self, key: Key) -> None:
        self._live.add(key)

    def observed(self, survey: Survey, compared: Sequence[Compared]) -> None:
        there = [*survey.live.values(), *(live for live in survey.gone.values() if live is not None)]
        self._live.update(self.key(live.type, live) for live in there)
        for address, match in survey.matches.items():
            if match.id is not None and address not in survey.live:  # it is there, and was not read
                self._known.setdefault((Address.parse(address).type, match.id), set()).add(_ANYWHERE)
        self._together += gathered(survey)
        for type_name, resources in doubtful(survey, compared).items():
            self._unsure.setdefault(type_name, []).extend(resources)

    def baseline(self, snapshots: Iterable[Snapshot]) -> None:
        for snapshot in snapshots:
            self._known.setdefault((snapshot.type, snapshot.id), set()).add(_ANYWHERE)

    def state(self, known: Mapping[str, Known]) -> None:
        for address, there in known.items():
            self._known.setdefault((Address.parse(address).type, there.id), set()).add(_place(there.attributes))

    def code(self, resources: Iterable[Resource]) -> None:
        """Of a stack that was not read, and that nothing has a record of."""
        for resource in resources:
            spec = TYPES.get(resource.type)
            for type_name in bearing(spec) if spec else ():
                self._unsure.setdefault(type_name, []).append(resource)

    def has(self, key: Key, stub: Stub | None, live: LiveResource) -> bool:
        """Something manages it, or may."""
        _, id_, *place = key
        for name in (key[0], *TYPES[key[0]].twins):
            known = self._known.get((name, id_), ())
            if (name, *key[1:]) in self._live or any(_within(place, where) for where in known):
                return True
        if stub is None:
            return False
        if any(part_of(stub, live, spec, wanted) for spec, wanted in self._together):
            return True
        return any(
            identity.may_be(resource, stub, TYPES[resource.type]) for resource in self._unsure.get(stub.type, ())
        )


def _within(place: Sequence[str], where: _Place) -> bool:
    return all(told in ("", here) or here == "" for here, told in zip(place, where, strict=True))


def _place(attributes: Attributes) -> _Place:
    """Account and region of an ARN, as far as it says them."""
    arn = attributes.get("arn")
    parts = arn.split(":") if isinstance(arn, str) else []
    return (parts[4], parts[3]) if len(parts) > 5 else _ANYWHERE
