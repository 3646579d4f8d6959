"""What the stacks of a repository manage, so that what one of them has is not unmanaged in another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import TypeAlias

from reconciler import identity
from reconciler.aws import Stub
from reconciler.identity import Known
from reconciler.model import Address, LiveResource, Resource, Snapshot
from reconciler.records import dataclass
from reconciler.resources import TYPES
from reconciler.resources.spec import Attributes
from reconciler.workflow.scanning import Compared, bearing, doubtful
from reconciler.workflow.survey import Survey

Key: TypeAlias = tuple[str, str, str, str]
"""Type, id, account, region ("" where the type has none)."""
_Place: TypeAlias = tuple[str, str]


@dataclass(slots=True)
class Managed:
    """`_live` is what was read; `_known` what state or a baseline names, by type and id: account and region, "" where
    nothing says which; `_unsure`, by type, resources of the code of which it cannot be told which live one they are."""

    _live: set[Key] = field(default_factory=set[Key])
    _known: dict[tuple[str, str], set[_Place]] = field(default_factory=dict[tuple[str, str], "set[_Place]"])
    _unsure: dict[str, list[Resource]] = field(default_factory=dict[str, list[Resource]])

    @staticmethod
    def key(type_name: str, live: LiveResource) -> Key:
        entry = TYPES.get(type_name)
        return type_name, live.id, live.account, live.region if entry is None or entry.regional else ""

    def take(self, key: Key) -> None:
        self._live.add(key)

    def know(self, snapshots: Iterable[Snapshot]) -> None:
        for snapshot in snapshots:
            self._known.setdefault((snapshot.type, snapshot.id), set()).add(_place(snapshot.attributes))

    def observed(self, survey: Survey, compared: Sequence[Compared]) -> None:
        self._live.update(self.key(live.type, live) for live in survey.live.values())
        for type_name, resources in doubtful(survey, compared).items():
            self._unsure.setdefault(type_name, []).extend(resources)

    def state(self, known: Mapping[str, Known]) -> None:
        for address, there in known.items():
            self._known.setdefault((Address.parse(address).type, there.id), set()).add(_place(there.attributes))

    def code(self, resources: Iterable[Resource]) -> None:
        """Of a stack that was not read, and that nothing has a record of."""
        for resource in resources:
            spec = TYPES.get(resource.type)
            for type_name in bearing(spec) if spec else ():
                self._unsure.setdefault(type_name, []).append(resource)

    def has(self, key: Key, stub: Stub | None) -> bool:
        """Something manages it, or may."""
        places = self._known.get(key[:2], ())
        if key in self._live or any(account in ("", key[2]) and region in ("", key[3]) for account, region in places):
            return True
        return stub is not None and any(
            identity.may_be(resource, stub, TYPES[resource.type]) for resource in self._unsure.get(stub.type, ())
        )


def _place(attributes: Attributes) -> _Place:
    """Account and region of an ARN, as far as it says them."""
    arn = attributes.get("arn")
    parts = arn.split(":") if isinstance(arn, str) else []
    return (parts[4], parts[3]) if len(parts) > 5 else ("", "")
