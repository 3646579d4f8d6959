"""Virtual networks and subnets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import parts, tags
from reconciler.resources.spec import At, Bulk, Getter, Read, Record, ResourceType, Scope, Subject, Write, dig
from reconciler.resources.writing import ec2_tags, operation

_ABSENT: Final = frozenset(("InvalidVpcID.NotFound",))


def _vpc_attribute(name: str) -> Read:
    key = name[0].upper() + name[1:]
    return Read(
        "ec2:DescribeVpcAttribute",
        f"{key}.Value",
        {"VpcId": At("VpcId"), "Attribute": name},
        absent=_ABSENT,
    )


def _of_vpc(operation_name: str, path: str, filter_name: str, value: str) -> Read:
    """What AWS makes with every VPC, for all VPCs in one call."""
    filters: Json = [{"Name": filter_name, "Values": [value]}]
    return Read(operation_name, path, {"Filters": filters}, page=1000, bulk=Bulk("VpcId", At("VpcId")))


def _association(record: Record, state: str = "Ipv6CidrBlockState") -> Record:
    """The IPv6 block in use."""
    for found in parts(record, "Ipv6CidrBlockAssociationSet"):
        if dig(found, f"{state}.State") == "associated":
            return found
    return {}


def _ipv6(key: str) -> Getter:
    return lambda record, _: _association(record).get(key) or ""


def _amazon_ipv6(record: Record, _scope: Scope) -> bool:
    return _association(record).get("Ipv6Pool") == "Amazon"


def _switches(name: str, ids: tuple[str, str], switches: Mapping[str, str]) -> Write:
    """EC2 takes one switch a call."""

    def build(subject: Subject) -> Iterable[Operation]:
        parameter, attribute = ids
        for switch in sorted(subject.changed & switches.keys()):
            value: Json = {"Value": bool((subject.after or {}).get(switch))}
            yield operation(name, {parameter: subject.known.get(attribute) or subject.id, switches[switch]: value})

    return Write((name,), frozenset(switches), build)


_VPC_ATTRIBUTES: Final = {
    "enable_dns_hostnames": "enableDnsHostnames",
    "enable_dns_support": "enableDnsSupport",
    "enable_network_address_usage_metrics": "enableNetworkAddressUsageMetrics",
}

_VPC: Final = ResourceType(
    name="aws_vpc",
    list=Read("ec2:DescribeVpcs", "Vpcs", page=1000),
    id=At("VpcId"),
    natural_keys=(("tags.Name", "cidr_block"),),
    details={
        **{name: _vpc_attribute(key) for name, key in _VPC_ATTRIBUTES.items()},
        "group": _of_vpc("ec2:DescribeSecurityGroups", "SecurityGroups", "group-name", "default"),
        "table": _of_vpc("ec2:DescribeRouteTables", "RouteTables", "association.main", "true"),
        "acl": _of_vpc("ec2:DescribeNetworkAcls", "NetworkAcls", "default", "true"),
    },
    attributes={
        **{name: At(name, default=False) for name in _VPC_ATTRIBUTES},
        "arn": lambda r, scope: f"arn:{scope.partition}:ec2:{scope.region}:{r['OwnerId']}:vpc/{r['VpcId']}",
        "assign_generated_ipv6_cidr_block": _amazon_ipv6,
        "cidr_block": At("CidrBlock"),
        "default_network_acl_id": At("acl.NetworkAclId"),
        "default_route_table_id": At("table.RouteTableId"),
        "default_security_group_id": At("group.GroupId"),
        "dhcp_options_id": At("DhcpOptionsId"),
        "id": At("VpcId"),
        "instance_tenancy": At("InstanceTenancy"),
        "ipv6_association_id": _ipv6("AssociationId"),
        "ipv6_cidr_block": _ipv6("Ipv6CidrBlock"),
        "ipv6_cidr_block_network_border_group": _ipv6("NetworkBorderGroup"),
        "main_route_table_id": At("table.RouteTableId"),
        "owner_id": At("OwnerId"),
        "tags": tags(),
    },
    config_only=frozenset(("ipv4_ipam_pool_id", "ipv4_netmask_length", "ipv6_netmask_length")),
    unchecked=frozenset(("ipv6_ipam_pool_id",)),
    writes=(
        _switches(
            "ec2:ModifyVpcAttribute",
            ("VpcId", "id"),
            {name: key[0].upper() + key[1:] for name, key in _VPC_ATTRIBUTES.items()},
        ),
        ec2_tags(),
    ),
    aws_owned=lambda record, _: bool(record.get("IsDefault")),
)

_SUBNET_SWITCHES: Final = {
    "assign_ipv6_address_on_creation": ("AssignIpv6AddressOnCreation", "AssignIpv6AddressOnCreation"),
    "enable_dns64": ("EnableDns64", "EnableDns64"),
    "enable_resource_name_dns_a_record_on_launch": (
        "PrivateDnsNameOptionsOnLaunch.EnableResourceNameDnsARecord",
        "EnableResourceNameDnsARecordOnLaunch",
    ),
    "enable_resource_name_dns_aaaa_record_on_launch": (
        "PrivateDnsNameOptionsOnLaunch.EnableResourceNameDnsAAAARecord",
        "EnableResourceNameDnsAAAARecordOnLaunch",
    ),
    "map_public_ip_on_launch": ("MapPublicIpOnLaunch", "MapPublicIpOnLaunch"),
}


def _host_names(subject: Subject) -> Iterable[Operation]:
    wanted: Any = (subject.after or {}).get("private_dns_hostname_type_on_launch")
    given = {"SubnetId": subject.id, "PrivateDnsHostnameTypeOnLaunch": wanted or "ip-name"}
    yield operation("ec2:ModifySubnetAttribute", given)


_SUBNET: Final = ResourceType(
    name="aws_subnet",
    list=Read("ec2:DescribeSubnets", "Subnets", page=1000),
    id=At("SubnetId"),
    natural_keys=(("vpc_id", "cidr_block"),),
    attributes={
        **{name: At(path, default=False) for name, (path, _) in _SUBNET_SWITCHES.items()},
        "arn": lambda r, scope: r.get("SubnetArn") or scope.arn("ec2", f"subnet/{r['SubnetId']}"),
        "availability_zone": At("AvailabilityZone"),
        "availability_zone_id": At("AvailabilityZoneId"),
        "cidr_block": At("CidrBlock", default=""),
        "customer_owned_ipv4_pool": At("CustomerOwnedIpv4Pool", default=""),
        "enable_lni_at_device_index": At("EnableLniAtDeviceIndex", default=0),
        "id": At("SubnetId"),
        "ipv6_cidr_block": _ipv6("Ipv6CidrBlock"),
        "ipv6_cidr_block_association_id": _ipv6("AssociationId"),
        "ipv6_native": At("Ipv6Native", default=False),
        "map_customer_owned_ip_on_launch": At("MapCustomerOwnedIpOnLaunch", default=False),
        "outpost_arn": At("OutpostArn", default=""),
        "owner_id": At("OwnerId"),
        "private_dns_hostname_type_on_launch": At("PrivateDnsNameOptionsOnLaunch.HostnameType"),
        "tags": tags(),
        "vpc_id": At("VpcId"),
    },
    writes=(
        _switches(
            "ec2:ModifySubnetAttribute", ("SubnetId", "id"), {name: key for name, (_, key) in _SUBNET_SWITCHES.items()}
        ),
        Write(("ec2:ModifySubnetAttribute",), frozenset(("private_dns_hostname_type_on_launch",)), _host_names),
        ec2_tags(),
    ),
    aws_owned=lambda record, _: bool(record.get("DefaultForAz")),
)

TYPES: Final = (_VPC, _SUBNET)
