"""What AWS makes with every account and network, where the code takes it over: never unmanaged, never created."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from reconciler.resources.security_groups import TYPES as GROUPS
from reconciler.resources.spec import Record, Scope
from reconciler.resources.vpc import TYPES as NETWORKS

_GROUP: Final = next(entry for entry in GROUPS if entry.name == "aws_security_group")
_VPC: Final = next(entry for entry in NETWORKS if entry.name == "aws_vpc")
_SUBNET: Final = next(entry for entry in NETWORKS if entry.name == "aws_subnet")


def _always(_record: Record, _scope: Scope) -> bool:
    return True


def _where(flag: str) -> Callable[[Record, Scope], Iterable[Record]]:
    return lambda record, _: [record] if record.get(flag) else []


def _default_group(record: Record, _scope: Scope) -> Iterable[Record]:
    return [record] if record["GroupName"] == "default" else []


_DEFAULT_GROUP: Final = replace(
    _GROUP,
    name="aws_default_security_group",
    expand=_default_group,
    natural_keys=(("vpc_id",),),
    aws_owned=_always,
)

_DEFAULT_VPC: Final = replace(
    _VPC,
    name="aws_default_vpc",
    expand=_where("IsDefault"),
    # There is one in a region at most, and nothing in the code says more of it.
    natural_keys=(("tags.Name",),),
    attributes={**_VPC.attributes},
    config_only=frozenset(("existing_default_vpc", "force_destroy", "ipv6_netmask_length")),
    aws_owned=_always,
)

_DEFAULT_SUBNET: Final = replace(
    _SUBNET,
    name="aws_default_subnet",
    expand=_where("DefaultForAz"),
    natural_keys=(("availability_zone",),),
    config_only=frozenset(("existing_default_subnet", "force_destroy")),
    aws_owned=_always,
)

TYPES: Final = (_DEFAULT_GROUP, _DEFAULT_VPC, _DEFAULT_SUBNET)
