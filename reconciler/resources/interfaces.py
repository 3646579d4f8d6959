"""Network interfaces, and the addresses that are associated with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import items, names, parts, tags
from reconciler.resources.spec import At, Child, Getter, Read, Record, ResourceType, Scope, Subject, Write, dig
from reconciler.resources.writing import ec2_tags, operation

# -- interfaces -----------------------------------------------------------------------------------------------


def _of(path: str, key: str) -> At:
    """A list of one member of each, in AWS's order."""
    return At(path, items(key), [])


def _set_of(path: str, key: str) -> At:
    return At(path, lambda found: names(items(key)(found)), [])


def _count(path: str, less: int = 0) -> Getter:
    return lambda record, _: max(len(parts(record, path)) - less, 0)


def _attachment(record: Record, _scope: Scope) -> Json:
    found = record.get("Attachment")
    if not found:
        return []
    return [
        {
            "attachment_id": found.get("AttachmentId") or "",
            "device_index": found.get("DeviceIndex"),
            "instance": found.get("InstanceId") or "",
        }
    ]


def _of_aws(record: Record, _scope: Scope) -> bool:
    """Of a service, or the one that an instance was made with."""
    if record.get("RequesterManaged") or record.get("InterfaceType") not in (None, "interface"):
        return True
    return bool(record.get("Attachment")) and dig(record, "Attachment.DeviceIndex") == 0


def _modify(subject: Subject) -> Iterable[Operation]:
    """One attribute a call."""
    after = subject.after or {}
    given: dict[str, Json] = {
        "description": {"Description": {"Value": after.get("description") or ""}},
        "security_groups": {"Groups": after.get("security_groups")},
        "source_dest_check": {"SourceDestCheck": {"Value": after.get("source_dest_check") is not False}},
    }
    for name in sorted(subject.changed & given.keys()):
        parameters = given[name]
        if isinstance(parameters, dict) and all(parameters.values()):
            yield operation("ec2:ModifyNetworkInterfaceAttribute", {"NetworkInterfaceId": subject.id, **parameters})


_INTERFACE: Final = ResourceType(
    name="aws_network_interface",
    list=Read("ec2:DescribeNetworkInterfaces", "NetworkInterfaces", page=1000),
    id=At("NetworkInterfaceId"),
    natural_keys=(("tags.Name",), ("subnet_id", "description", "private_ips")),
    attributes={
        "arn": lambda r, scope: (
            f"arn:{scope.partition}:ec2:{scope.region}:{r['OwnerId']}:network-interface/{r['NetworkInterfaceId']}"
        ),
        "attachment": _attachment,
        "description": At("Description", default=""),
        "id": At("NetworkInterfaceId"),
        "interface_type": At("InterfaceType"),
        "ipv4_prefix_count": _count("Ipv4Prefixes"),
        "ipv4_prefixes": _set_of("Ipv4Prefixes", "Ipv4Prefix"),
        "ipv6_address_count": _count("Ipv6Addresses"),
        "ipv6_address_list": _of("Ipv6Addresses", "Ipv6Address"),
        "ipv6_addresses": _set_of("Ipv6Addresses", "Ipv6Address"),
        "ipv6_prefix_count": _count("Ipv6Prefixes"),
        "ipv6_prefixes": _set_of("Ipv6Prefixes", "Ipv6Prefix"),
        "mac_address": At("MacAddress"),
        "outpost_arn": At("OutpostArn", default=""),
        "owner_id": At("OwnerId"),
        "private_dns_name": At("PrivateDnsName", default=""),
        "private_ip": At("PrivateIpAddress", default=""),
        "private_ip_list": _of("PrivateIpAddresses", "PrivateIpAddress"),
        "private_ips": _set_of("PrivateIpAddresses", "PrivateIpAddress"),
        "private_ips_count": _count("PrivateIpAddresses", 1),
        "security_groups": _set_of("Groups", "GroupId"),
        "source_dest_check": At("SourceDestCheck"),
        "subnet_id": At("SubnetId"),
        "tags": tags("TagSet"),
    },
    config_only=frozenset(("ipv6_address_list_enabled", "private_ip_list_enabled")),
    unchecked=frozenset(("enable_primary_ipv6",)),
    writes=(
        Write(
            ("ec2:ModifyNetworkInterfaceAttribute",),
            frozenset(("description", "security_groups", "source_dest_check")),
            _modify,
        ),
        ec2_tags(),
    ),
    aws_owned=_of_aws,
    children=(Child("aws_network_interface_sg_attachment", "network_interface_id", ("security_groups",)),),
)

# -- addresses on them ----------------------------------------------------------------------------------------


def _associate(subject: Subject) -> Iterable[Operation]:
    """To the interface where one is named: an instance is told by its first interface too."""
    wanted = subject.known
    interface = wanted.get("network_interface_id") or None
    yield operation(
        "ec2:AssociateAddress",
        {
            "AllocationId": wanted.get("allocation_id") or None,
            "NetworkInterfaceId": interface,
            "InstanceId": None if interface else wanted.get("instance_id") or None,
            "PrivateIpAddress": wanted.get("private_ip_address") or None,
        },
    )


def _disassociate(subject: Subject) -> Iterable[Operation]:
    yield operation("ec2:DisassociateAddress", {"AssociationId": subject.id})


_ASSOCIATION: Final = ResourceType(
    name="aws_eip_association",
    list=Read("ec2:DescribeAddresses", "Addresses"),
    expand=lambda record, _: (record,) if record.get("AssociationId") else (),
    id=At("AssociationId"),
    natural_keys=(("allocation_id",), ("public_ip",)),
    attributes={
        "allocation_id": At("AllocationId", default=""),
        "id": At("AssociationId"),
        "instance_id": At("InstanceId", default=""),
        "network_interface_id": At("NetworkInterfaceId", default=""),
        "private_ip_address": At("PrivateIpAddress", default=""),
        "public_ip": At("PublicIp", default=""),
    },
    config_only=frozenset(("allow_reassociation",)),
    create=Write(("ec2:AssociateAddress",), frozenset(), _associate),
    delete=Write(("ec2:DisassociateAddress",), frozenset(), _disassociate),
    # NAT gateways and balancers bind theirs themselves; only an instance's is certainly somebody's.
    aws_owned=lambda record, _: not record.get("InstanceId") or bool(record.get("ServiceManaged")),
)

TYPES: Final = (_INTERFACE, _ASSOCIATION)
