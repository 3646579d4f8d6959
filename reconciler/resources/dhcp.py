"""What networks tell their machines when they ask for an address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import parts, tags
from reconciler.resources.spec import At, Getter, Read, Record, ResourceType, Scope, Subject, Write
from reconciler.resources.writing import ec2_tags, operation

OPTIONS: Final = Read("ec2:DescribeDhcpOptions", "DhcpOptions", page=1000)


def _values(record: Record, key: str) -> list[Any]:
    return [
        given["Value"]
        for found in parts(record, "DhcpConfigurations")
        if found.get("Key") == key
        for given in found.get("Values") or ()
    ]


def _all(key: str) -> Getter:
    return lambda record, _: _values(record, key)


def _first(key: str) -> Getter:
    return lambda record, _: next(iter(_values(record, key)), "")


def _as_made_by_aws(record: Record, scope: Scope) -> bool:
    """The set that every region has from the start."""
    own = "ec2.internal" if scope.region == "us-east-1" else f"{scope.region}.compute.internal"
    plain = _values(record, "domain-name-servers") == ["AmazonProvidedDNS"]
    return plain and _values(record, "domain-name") == [own] and not parts(record, "Tags")


_OPTIONS_TYPE: Final = ResourceType(
    name="aws_vpc_dhcp_options",
    list=OPTIONS,
    id=At("DhcpOptionsId"),
    natural_keys=(("tags.Name",), ("domain_name", "domain_name_servers", "ntp_servers")),
    attributes={
        "arn": lambda r, scope: (
            f"arn:{scope.partition}:ec2:{scope.region}:{r.get('OwnerId') or ''}:dhcp-options/{r['DhcpOptionsId']}"
        ),
        "domain_name": _first("domain-name"),
        "domain_name_servers": _all("domain-name-servers"),
        "id": At("DhcpOptionsId"),
        "ipv6_address_preferred_lease_time": _first("ipv6-address-preferred-lease-time"),
        "netbios_name_servers": _all("netbios-name-servers"),
        "netbios_node_type": _first("netbios-node-type"),
        "ntp_servers": _all("ntp-servers"),
        "owner_id": At("OwnerId", default=""),
        "tags": tags(),
    },
    writes=(ec2_tags(),),
    aws_owned=_as_made_by_aws,
)

# -- who uses them --------------------------------------------------------------------------------------------


def _id(record: Record, _scope: Scope) -> str:
    return f"{record['DhcpOptionsId']}-{record['VpcId']}"


def _associate(subject: Subject) -> Iterable[Operation]:
    wanted: dict[str, Json] = {
        "DhcpOptionsId": subject.known["dhcp_options_id"],
        "VpcId": subject.known["vpc_id"],
    }
    yield operation("ec2:AssociateDhcpOptions", wanted)


_ASSOCIATION: Final = ResourceType(
    name="aws_vpc_dhcp_options_association",
    list=Read("ec2:DescribeVpcs", "Vpcs", page=1000),
    expand=lambda record, _: (record,) if record.get("DhcpOptionsId") not in (None, "", "default") else (),
    # The options are a part of Terraform's id, and they are what changes.
    id=_id,
    id_from_live=False,
    import_id=At("VpcId"),
    natural_keys=(("vpc_id",),),
    attributes={"dhcp_options_id": At("DhcpOptionsId"), "id": _id, "vpc_id": At("VpcId")},
    writes=(Write(("ec2:AssociateDhcpOptions",), frozenset(("dhcp_options_id",)), _associate),),
    # Every network has some.
    aws_owned=lambda _record, _scope: True,
)

# -- the set that a region starts with --------------------------------------------------------------------------


def _default(record: Record, scope: Scope) -> Iterable[Record]:
    """Terraform finds it by these values, whatever its tags."""
    if _as_made_by_aws({**record, "Tags": []}, scope):
        yield record


def _always(_record: Record, _scope: Scope) -> bool:
    return True


def _joined(key: str) -> Getter:
    return lambda record, _: ",".join(_values(record, key))


_DEFAULT: Final = replace(
    _OPTIONS_TYPE,
    name="aws_default_vpc_dhcp_options",
    expand=_default,
    natural_keys=((),),
    attributes={
        **_OPTIONS_TYPE.attributes,
        "domain_name_servers": _joined("domain-name-servers"),
        "netbios_name_servers": _joined("netbios-name-servers"),
        "ntp_servers": _joined("ntp-servers"),
    },
    aws_owned=_always,
)

TYPES: Final = (_OPTIONS_TYPE, _ASSOCIATION, _DEFAULT)
