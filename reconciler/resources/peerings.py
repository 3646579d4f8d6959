"""The two halves that code may keep a peering in: what accepts it, and what is allowed across it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from reconciler.resources.gateways import PEERING
from reconciler.resources.spec import At, Record, Scope, dig

_ID: Final = At("VpcPeeringConnectionId")


def _asked_by_us(record: Record, scope: Scope) -> bool:
    """Then the peering itself is what nothing manages."""
    return dig(record, "RequesterVpcInfo.OwnerId") == scope.account


def _ours_to_accept(record: Record, scope: Scope) -> Iterable[Record]:
    of_peering = list(PEERING.expand(record, scope)) if PEERING.expand else [record]
    place = (dig(record, "AccepterVpcInfo.OwnerId"), dig(record, "AccepterVpcInfo.Region") or scope.region)
    return of_peering if place == (scope.account, scope.region) else []


def _always(_record: Record, _scope: Scope) -> bool:
    return True


_ACCEPTER: Final = replace(
    PEERING,
    name="aws_vpc_peering_connection_accepter",
    twins=("aws_vpc_peering_connection",),
    expand=_ours_to_accept,
    natural_keys=(("vpc_peering_connection_id",),),
    attributes={**PEERING.attributes, "vpc_peering_connection_id": _ID},
    aws_owned=_asked_by_us,
    children=PEERING.children,
)

_OPTIONS: Final = replace(
    PEERING,
    name="aws_vpc_peering_connection_options",
    twins=(),
    natural_keys=(("vpc_peering_connection_id",),),
    attributes={
        **{name: PEERING.attributes[name] for name in ("accepter", "id", "requester")},
        "vpc_peering_connection_id": _ID,
    },
    config_only=frozenset(),
    writes=tuple(write for write in PEERING.writes if "accepter" in write.attributes),
    # Every peering has some.
    aws_owned=_always,
    children=(),
)

TYPES: Final = (_ACCEPTER, _OPTIONS)
