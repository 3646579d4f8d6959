"""What connects a virtual network to others: internet and NAT gateways, addresses, peerings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import part, parts, tags
from reconciler.resources.spec import (
    UNTOLD,
    At,
    Bulk,
    Child,
    Getter,
    Read,
    Record,
    ResourceType,
    Scope,
    Subject,
    Write,
    dig,
)
from reconciler.resources.writing import ec2_tags, operation


def _arn(kind: str, id_key: str, owner: str = "OwnerId") -> Getter:
    return lambda r, scope: (
        f"arn:{scope.partition}:ec2:{scope.region}:{r.get(owner) or scope.account}:{kind}/{r[id_key]}"
    )


# -- internet gateways ----------------------------------------------------------------------------------------


def _attached(record: Record, _scope: Scope) -> str:
    found = parts(record, "Attachments")
    return str(found[0].get("VpcId") or "") if found else ""


_ATTACHING: Final = ("ec2:DetachInternetGateway", "ec2:AttachInternetGateway")


def _attach(subject: Subject) -> Iterable[Operation]:
    before, after = (str((side or {}).get("vpc_id") or "") for side in (subject.before, subject.after))
    for name, vpc in zip(_ATTACHING, (before, after), strict=True):
        if vpc and before != after:
            yield operation(name, {"InternetGatewayId": subject.id, "VpcId": vpc})


_DEFAULT_VPC: Final = Read(
    "ec2:DescribeVpcs",
    "Vpcs",
    {"Filters": [{"Name": "is-default", "Values": ["true"]}]},
    bulk=Bulk("VpcId", _attached),
    page=1000,
)

_INTERNET: Final = ResourceType(
    name="aws_internet_gateway",
    list=Read("ec2:DescribeInternetGateways", "InternetGateways", page=1000),
    id=At("InternetGatewayId"),
    natural_keys=(("vpc_id",), ("tags.Name",)),
    # The default VPC comes with a gateway.
    key_from_list=False,
    details={"default": _DEFAULT_VPC},
    attributes={
        "arn": _arn("internet-gateway", "InternetGatewayId"),
        "id": At("InternetGatewayId"),
        "owner_id": At("OwnerId"),
        "tags": tags(),
        "vpc_id": _attached,
    },
    writes=(Write(_ATTACHING, frozenset(("vpc_id",)), _attach), ec2_tags()),
    aws_owned=lambda record, _: record["default"] is not None and not parts(record, "Tags"),
)

# -- NAT gateways ---------------------------------------------------------------------------------------------


def _primary(record: Record) -> Record:
    found = parts(record, "NatGatewayAddresses")
    primary = [a for a in found if a.get("IsPrimary") or len(found) == 1]
    return primary[0] if primary else {}


def _of_primary(key: str) -> Getter:
    """Terraform keeps what it has while no address is told: of a gateway that is being made, for one."""
    return lambda record, _: _primary(record).get(key) or "" if parts(record, "NatGatewayAddresses") else UNTOLD


def _of_others(key: str) -> Callable[[Record, Scope], list[Json]]:
    def others(record: Record, _scope: Scope) -> list[Json]:
        found = [a for a in parts(record, "NatGatewayAddresses") if a is not _primary(record)]
        return sorted(str(a[key]) for a in found if a.get(key))  # pyright: ignore[reportReturnType]

    return others


_NAT: Final = ResourceType(
    name="aws_nat_gateway",
    list=Read("ec2:DescribeNatGateways", "NatGateways", page=1000),
    expand=lambda record, _: [] if record.get("State") == "deleted" else [record],
    id=At("NatGatewayId"),
    natural_keys=(("subnet_id", "allocation_id", "tags.Name"), ("subnet_id", "tags.Name")),
    attributes={
        "allocation_id": _of_primary("AllocationId"),
        "association_id": _of_primary("AssociationId"),
        "connectivity_type": At("ConnectivityType"),
        "id": At("NatGatewayId"),
        "network_interface_id": _of_primary("NetworkInterfaceId"),
        "private_ip": _of_primary("PrivateIp"),
        "public_ip": _of_primary("PublicIp"),
        "secondary_allocation_ids": _of_others("AllocationId"),
        "secondary_private_ip_address_count": lambda r, scope: len(_of_others("PrivateIp")(r, scope)),
        "secondary_private_ip_addresses": _of_others("PrivateIp"),
        "subnet_id": At("SubnetId"),
        "tags": tags(),
    },
    writes=(ec2_tags(),),
    aws_owned=lambda record, _: record.get("State") in ("deleting", "failed"),
)

# -- addresses ------------------------------------------------------------------------------------------------


def _private_dns(record: Record, scope: Scope) -> str | None:
    address = record.get("PrivateIpAddress")
    if not address:
        return None
    domain = "ec2.internal" if scope.region == "us-east-1" else f"{scope.region}.compute.internal"
    return f"ip-{address.replace('.', '-')}.{domain}"


def _public_dns(record: Record, scope: Scope) -> str | None:
    address = record.get("PublicIp")
    if not address:
        return None
    place = "compute-1" if scope.region == "us-east-1" else f"{scope.region}.compute"
    suffix = "amazonaws.com.cn" if scope.partition == "aws-cn" else "amazonaws.com"
    return f"ec2-{address.replace('.', '-')}.{place}.{suffix}"


def _pool(*, ipam: bool) -> Getter:
    def pool(record: Record, _scope: Scope) -> str:
        found = str(record.get("PublicIpv4Pool") or "")
        return found if found.startswith("ipam-pool-") is ipam else ""

    return pool


_ADDRESSES: Final = frozenset(("ec2:AssociateAddress", "ec2:DisassociateAddress"))


def _associate(subject: Subject) -> Iterable[Operation]:
    """To the interface where one is named: an instance is told by its first interface too."""
    after, before = subject.after or {}, subject.before or {}
    instance, interface = after.get("instance") or None, after.get("network_interface") or None
    if instance and instance != before.get("instance"):
        given = {"AllocationId": subject.id, "InstanceId": instance, "AllowReassociation": True}
        yield operation("ec2:AssociateAddress", given)
    elif interface:
        given = {"AllocationId": subject.id, "NetworkInterfaceId": interface, "AllowReassociation": True}
        yield operation("ec2:AssociateAddress", given)
    elif before.get("association_id"):
        yield operation("ec2:DisassociateAddress", {"AssociationId": before["association_id"]})


_ADDRESS: Final = ResourceType(
    name="aws_eip",
    list=Read("ec2:DescribeAddresses", "Addresses"),
    expand=lambda record, _: [record] if record.get("AllocationId") else [],
    id=At("AllocationId"),
    natural_keys=(("tags.Name",), ("instance",), ("network_interface",)),
    details={
        "attribute": Read(
            "ec2:DescribeAddressesAttribute",
            "Addresses",
            {"Attribute": "domain-name"},
            page=1000,
            bulk=Bulk("AllocationId", At("AllocationId")),
        ),
    },
    attributes={
        "allocation_id": At("AllocationId"),
        "arn": lambda r, scope: scope.arn("ec2", f"elastic-ip/{r['AllocationId']}"),
        "association_id": At("AssociationId", default=""),
        "carrier_ip": At("CarrierIp", default=""),
        "customer_owned_ip": At("CustomerOwnedIp", default=""),
        "customer_owned_ipv4_pool": At("CustomerOwnedIpv4Pool", default=""),
        "domain": At("Domain"),
        "id": At("AllocationId"),
        "instance": At("InstanceId", default=""),
        "ipam_pool_id": _pool(ipam=True),
        "network_border_group": At("NetworkBorderGroup", default=""),
        "network_interface": At("NetworkInterfaceId", default=""),
        "private_dns": _private_dns,
        "private_ip": At("PrivateIpAddress", default=""),
        "ptr_record": At("attribute.PtrRecord", default=""),
        "public_dns": _public_dns,
        "public_ip": At("PublicIp", default=""),
        "public_ipv4_pool": _pool(ipam=False),
        "tags": tags(),
        "vpc": lambda record, _: record.get("Domain") == "vpc",
    },
    config_only=frozenset(("address", "associate_with_private_ip")),
    writes=(Write(tuple(sorted(_ADDRESSES)), frozenset(("instance", "network_interface")), _associate), ec2_tags()),
    children=(Child("aws_eip_association", "allocation_id", ("instance", "network_interface")),),
    # Of a NAT gateway or load balancer that AWS runs.
    aws_owned=lambda record, _: bool(record.get("ServiceManaged")),
)

# -- peerings -------------------------------------------------------------------------------------------------

_GONE: Final = ("deleted", "expired", "failed", "rejected")


def _side(record: Record, scope: Scope, *, peer: bool) -> dict[str, Any]:
    """Terraform's point of view is the requester's, but where only the accepter is ours."""
    requester, accepter = part(record, "RequesterVpcInfo"), part(record, "AccepterVpcInfo")
    accepted = accepter.get("OwnerId") == scope.account != requester.get("OwnerId")
    return requester if accepted is peer else accepter


def _options(key: str) -> Getter:
    def options(record: Record, _scope: Scope) -> Json:
        found = dig(record, f"{key}.PeeringOptions")
        if found is None:
            return []
        return [{"allow_remote_vpc_dns_resolution": bool(found.get("AllowDnsResolutionFromRemoteVpc"))}]

    return options


def _set_options(subject: Subject) -> Iterable[Operation]:
    given: dict[str, Json] = {}
    for name in ("accepter", "requester"):
        if name in subject.changed:
            wanted = (parts(dict(subject.after or {}), name) or [{}])[0]
            given[f"{name.capitalize()}PeeringConnectionOptions"] = {
                "AllowDnsResolutionFromRemoteVpc": bool(wanted.get("allow_remote_vpc_dns_resolution"))
            }
    yield operation("ec2:ModifyVpcPeeringConnectionOptions", {"VpcPeeringConnectionId": subject.id, **given})


PEERING: Final = ResourceType(
    name="aws_vpc_peering_connection",
    twins=("aws_vpc_peering_connection_accepter",),
    list=Read("ec2:DescribeVpcPeeringConnections", "VpcPeeringConnections", page=1000),
    expand=lambda record, _: [] if dig(record, "Status.Code") in _GONE else [record],
    id=At("VpcPeeringConnectionId"),
    natural_keys=(("vpc_id", "peer_vpc_id"),),
    attributes={
        "accept_status": At("Status.Code"),
        "accepter": _options("AccepterVpcInfo"),
        "id": At("VpcPeeringConnectionId"),
        "peer_owner_id": lambda r, scope: _side(r, scope, peer=True).get("OwnerId"),
        "peer_region": At("AccepterVpcInfo.Region"),
        "peer_vpc_id": lambda r, scope: _side(r, scope, peer=True).get("VpcId"),
        "requester": _options("RequesterVpcInfo"),
        "tags": tags(),
        "vpc_id": lambda r, scope: _side(r, scope, peer=False).get("VpcId"),
    },
    config_only=frozenset(("auto_accept",)),
    writes=(
        Write(("ec2:ModifyVpcPeeringConnectionOptions",), frozenset(("accepter", "requester")), _set_options),
        ec2_tags(),
    ),
    children=(Child("aws_vpc_peering_connection_options", "vpc_peering_connection_id", ("accepter", "requester")),),
)

TYPES: Final = (_INTERNET, _NAT, _ADDRESS, PEERING)
