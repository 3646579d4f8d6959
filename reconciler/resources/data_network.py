"""Data sources of EC2: AWS itself filters, by what the provider makes of the arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from reconciler.model import UNKNOWN, Json
from reconciler.resources import load
from reconciler.resources.convert import names, parts, tags
from reconciler.resources.data_sources import Arguments, DataSource, argument, each, filters, first, listed, region
from reconciler.resources.spec import At, Getter, Read, Record, Scope, dig


def _absent(*codes: str) -> frozenset[str]:
    return frozenset(codes)


def _arn(resource: str, id_: str, owner: str = "OwnerId") -> Getter:
    return lambda r, scope: (
        f"arn:{scope.partition}:ec2:{scope.region}:{r.get(owner) or scope.account}:{resource}/{r[id_]}"
    )


# -- zones and regions ------------------------------------------------------------------------------------------

_ZONES: Final = Read(
    "ec2:DescribeAvailabilityZones",
    "AvailabilityZones",
    {"Filters": filters(state="state"), "AllAvailabilityZones": At("all_availability_zones")},
)


def _zones(found: Sequence[Record], arguments: Arguments) -> Sequence[Record]:
    without = {*(arguments.get("exclude_names") or ())}, {*(arguments.get("exclude_zone_ids") or ())}
    left = [z for z in found if z["ZoneName"] not in without[0] and z.get("ZoneId") not in without[1]]
    return sorted(left, key=lambda zone: zone["ZoneName"])


def _suffix(record: Record, _scope: Scope) -> Json:
    """ "a" of eu-west-1a; of other kinds of zones it is not told by the region's name alone."""
    whole, start = str(record["ZoneName"]), str(record["RegionName"])
    return whole.removeprefix(start) if record.get("ZoneType") == "availability-zone" else UNKNOWN  # pyright: ignore[reportReturnType]


_ZONE: Final = DataSource(
    "aws_availability_zone",
    Read(
        "ec2:DescribeAvailabilityZones",
        "AvailabilityZones",
        {
            "Filters": filters(state="state"),
            "AllAvailabilityZones": At("all_availability_zones"),
            "ZoneNames": listed("name"),
            "ZoneIds": listed("zone_id"),
        },
        absent=_absent("InvalidParameterValue"),
    ),
    {
        "group_name": At("GroupName"),
        "id": At("ZoneName"),
        "name": At("ZoneName"),
        "name_suffix": _suffix,
        "network_border_group": At("NetworkBorderGroup"),
        "opt_in_status": At("OptInStatus"),
        "parent_zone_id": At("ParentZoneId"),
        "parent_zone_name": At("ParentZoneName"),
        "region": At("RegionName"),
        "state": At("State"),
        "zone_id": At("ZoneId"),
        "zone_type": At("ZoneType"),
    },
)

_ALL_ZONES: Final = DataSource(
    "aws_availability_zones",
    _ZONES,
    {
        "group_names": lambda r, _: sorted({zone.get("GroupName") or "" for zone in r["items"]}),
        "id": region,
        "names": each("ZoneName"),
        "zone_ids": each("ZoneId"),
    },
    _zones,
    several=True,
)

_REGIONS: Final = DataSource(
    "aws_regions",
    Read("ec2:DescribeRegions", "Regions", {"Filters": filters(), "AllRegions": At("all_regions")}),
    {"id": lambda _, scope: scope.partition, "names": lambda r, s: sorted(each("RegionName")(r, s))},
    several=True,
    sdk=False,
)

# -- networks ---------------------------------------------------------------------------------------------------


def _same(module: str, type_name: str, attributes: str) -> dict[str, Getter]:
    """What is read of the resource in the same way."""
    known = load(module)[type_name].attributes
    return {name: known[name] for name in attributes.split()}


def _association(path: str) -> Getter:
    """Of the first IPv6 block, in use or not."""
    return lambda record, _: dig(next(iter(parts(record, "Ipv6CidrBlockAssociationSet")), None), path)


def _vpc_attribute(name: str) -> Read:
    key = name[0].upper() + name[1:]
    return Read("ec2:DescribeVpcAttribute", f"{key}.Value", {"VpcId": At("VpcId"), "Attribute": name}, wrap="value")


def _main_table(record: Record, _scope: Scope) -> list[Json]:
    return [
        {"Name": "association.main", "Values": ["true"]},
        {"Name": "vpc-id", "Values": [record["VpcId"]]},
    ]


def _blocks(found: Any) -> Json:
    return [
        {"association_id": a["AssociationId"], "cidr_block": a["CidrBlock"], "state": dig(a, "CidrBlockState.State")}
        for a in found
    ]


_VPC: Final = DataSource(
    "aws_vpc",
    Read(
        "ec2:DescribeVpcs",
        "Vpcs",
        {
            "VpcIds": listed("id"),
            "Filters": filters(
                cidr_block="cidr", dhcp_options_id="dhcp-options-id", default="isDefault", state="state"
            ),
        },
        absent=_absent("InvalidVpcID.NotFound"),
    ),
    {
        "arn": _arn("vpc", "VpcId"),
        "cidr_block": At("CidrBlock"),
        "cidr_block_associations": At("CidrBlockAssociationSet", _blocks, []),
        "default": At("IsDefault", default=False),
        "dhcp_options_id": At("DhcpOptionsId"),
        "enable_dns_hostnames": first("hostnames", "value", default=False),
        "enable_dns_support": first("support", "value", default=False),
        "enable_network_address_usage_metrics": first("metrics", "value", default=False),
        "id": At("VpcId"),
        "instance_tenancy": At("InstanceTenancy"),
        "ipv6_association_id": _association("AssociationId"),
        "ipv6_cidr_block": _association("Ipv6CidrBlock"),
        "main_route_table_id": first("table", "RouteTableId"),
        "owner_id": At("OwnerId"),
        "state": argument("state"),
        "tags": tags(),
    },
    details={
        "hostnames": _vpc_attribute("enableDnsHostnames"),
        "support": _vpc_attribute("enableDnsSupport"),
        "metrics": _vpc_attribute("enableNetworkAddressUsageMetrics"),
        "table": Read("ec2:DescribeRouteTables", "RouteTables", {"Filters": _main_table}),
    },
)

_VPCS: Final = DataSource(
    "aws_vpcs",
    Read("ec2:DescribeVpcs", "Vpcs", {"Filters": filters()}),
    {"id": region, "ids": each("VpcId"), "tags": argument("tags")},
    several=True,
)

_SUBNET: Final = DataSource(
    "aws_subnet",
    Read(
        "ec2:DescribeSubnets",
        "Subnets",
        {
            "SubnetIds": listed("id"),
            "Filters": filters(
                availability_zone="availabilityZone",
                availability_zone_id="availabilityZoneId",
                default_for_az="defaultForAz",
                state="state",
                vpc_id="vpc-id",
                cidr_block="cidrBlock",
                ipv6_cidr_block="ipv6-cidr-block-association.ipv6-cidr-block",
            ),
        },
        absent=_absent("InvalidSubnetID.NotFound"),
    ),
    {
        **_same(
            "vpc",
            "aws_subnet",
            "arn assign_ipv6_address_on_creation availability_zone availability_zone_id enable_dns64 "
            "enable_resource_name_dns_a_record_on_launch enable_resource_name_dns_aaaa_record_on_launch id ipv6_native "
            "map_customer_owned_ip_on_launch map_public_ip_on_launch owner_id private_dns_hostname_type_on_launch "
            "tags vpc_id",
        ),
        "available_ip_address_count": At("AvailableIpAddressCount"),
        "cidr_block": At("CidrBlock"),
        "customer_owned_ipv4_pool": At("CustomerOwnedIpv4Pool"),
        "default_for_az": At("DefaultForAz"),
        "enable_lni_at_device_index": At("EnableLniAtDeviceIndex"),
        "ipv6_cidr_block": _association("Ipv6CidrBlock"),
        "ipv6_cidr_block_association_id": _association("AssociationId"),
        "outpost_arn": At("OutpostArn"),
        "state": At("State"),
    },
)

_SUBNETS: Final = DataSource(
    "aws_subnets",
    Read("ec2:DescribeSubnets", "Subnets", {"Filters": filters()}),
    {"id": region, "ids": each("SubnetId"), "tags": argument("tags")},
    several=True,
)

_GROUP: Final = DataSource(
    "aws_security_group",
    Read(
        "ec2:DescribeSecurityGroups",
        "SecurityGroups",
        {"GroupIds": listed("id"), "Filters": filters(name="group-name", vpc_id="vpc-id")},
        absent=_absent("InvalidGroup.NotFound", "InvalidGroupId.Malformed"),
    ),
    {
        "arn": _arn("security-group", "GroupId"),
        "description": At("Description"),
        "id": At("GroupId"),
        "name": At("GroupName"),
        "tags": tags(),
        "vpc_id": At("VpcId"),
    },
)

_GROUPS: Final = DataSource(
    "aws_security_groups",
    Read("ec2:DescribeSecurityGroups", "SecurityGroups", {"Filters": filters()}),
    {
        "arns": lambda r, scope: [_arn("security-group", "GroupId")(group, scope) for group in r["items"]],
        "id": region,
        "ids": each("GroupId"),
        "tags": argument("tags"),
        "vpc_ids": each("VpcId"),
    },
    several=True,
)

# -- routes -----------------------------------------------------------------------------------------------------

_ROUTE: Final = {
    "carrier_gateway_id": "CarrierGatewayId",
    "cidr_block": "DestinationCidrBlock",
    "core_network_arn": "CoreNetworkArn",
    "destination_prefix_list_id": "DestinationPrefixListId",
    "egress_only_gateway_id": "EgressOnlyInternetGatewayId",
    "gateway_id": "GatewayId",
    "instance_id": "InstanceId",
    "ipv6_cidr_block": "DestinationIpv6CidrBlock",
    "local_gateway_id": "LocalGatewayId",
    "nat_gateway_id": "NatGatewayId",
    "network_interface_id": "NetworkInterfaceId",
    "transit_gateway_id": "TransitGatewayId",
    "vpc_endpoint_id": "",
    "vpc_peering_connection_id": "VpcPeeringConnectionId",
}


def _routes(record: Record, _scope: Scope) -> Json:
    """Those that somebody made: no local ones, no propagated ones, none of gateway endpoints."""
    found: list[Json] = []
    for route in parts(record, "Routes"):
        gateway = str(route.get("GatewayId") or "")
        own = gateway != "local" and route.get("Origin") != "EnableVgwRoutePropagation"
        if not own or (str(route.get("DestinationPrefixListId") or "").startswith("pl-") and gateway[:5] == "vpce-"):
            continue
        made: dict[str, Json] = {name: str(route.get(key) or "") for name, key in _ROUTE.items()}
        if gateway.startswith("vpce-"):
            made |= {"gateway_id": "", "vpc_endpoint_id": gateway}
        found.append(made)
    return found


def _associations(record: Record, _scope: Scope) -> Json:
    return [
        {
            "gateway_id": a.get("GatewayId") or "",
            "main": bool(a.get("Main")),
            "route_table_association_id": a["RouteTableAssociationId"],
            "route_table_id": a["RouteTableId"],
            "subnet_id": a.get("SubnetId") or "",
        }
        for a in parts(record, "Associations")
    ]


_TABLE: Final = DataSource(
    "aws_route_table",
    Read(
        "ec2:DescribeRouteTables",
        "RouteTables",
        {
            "Filters": filters(
                route_table_id="route-table-id",
                vpc_id="vpc-id",
                subnet_id="association.subnet-id",
                gateway_id="association.gateway-id",
            )
        },
    ),
    {
        "arn": _arn("route-table", "RouteTableId"),
        "associations": _associations,
        "gateway_id": argument("gateway_id"),
        "id": At("RouteTableId"),
        "owner_id": At("OwnerId"),
        "route_table_id": At("RouteTableId"),
        "routes": _routes,
        "subnet_id": argument("subnet_id"),
        "tags": tags(),
        "vpc_id": At("VpcId"),
    },
)

_TABLES: Final = DataSource(
    "aws_route_tables",
    Read("ec2:DescribeRouteTables", "RouteTables", {"Filters": filters(vpc_id="vpc-id")}),
    {"id": region, "ids": each("RouteTableId"), "tags": argument("tags")},
    several=True,
    some=True,
)

_GATEWAY: Final = DataSource(
    "aws_internet_gateway",
    Read(
        "ec2:DescribeInternetGateways",
        "InternetGateways",
        {"Filters": filters(internet_gateway_id="internet-gateway-id")},
    ),
    {
        "arn": _arn("internet-gateway", "InternetGatewayId"),
        "attachments": At(
            "Attachments", lambda found: [{"state": a["State"], "vpc_id": a["VpcId"]} for a in found], []
        ),
        "id": At("InternetGatewayId"),
        "internet_gateway_id": At("InternetGatewayId"),
        "owner_id": At("OwnerId"),
        "tags": tags(),
    },
)

_PREFIXES: Final = DataSource(
    "aws_prefix_list",
    Read(
        "ec2:DescribePrefixLists",
        "PrefixLists",
        {"PrefixListIds": listed("prefix_list_id"), "Filters": filters(name="prefix-list-name")},
        absent=_absent("InvalidPrefixListId.NotFound", "InvalidPrefixListID.NotFound"),
    ),
    {"cidr_blocks": At("Cidrs", names, []), "id": At("PrefixListId"), "name": At("PrefixListName")},
)

_MANAGED_PREFIXES: Final = DataSource(
    "aws_ec2_managed_prefix_list",
    Read(
        "ec2:DescribeManagedPrefixLists",
        "PrefixLists",
        {"PrefixListIds": listed("id"), "Filters": filters(name="prefix-list-name")},
        absent=_absent("InvalidPrefixListID.NotFound"),
    ),
    {
        "address_family": At("AddressFamily"),
        "arn": At("PrefixListArn"),
        "entries": lambda r, _: [
            {"cidr": e.get("Cidr") or "", "description": e.get("Description") or ""} for e in r["entries"]
        ],
        "id": At("PrefixListId"),
        "max_entries": At("MaxEntries"),
        "name": At("PrefixListName"),
        "owner_id": At("OwnerId"),
        "tags": tags(),
        "version": At("Version"),
    },
    details={
        "entries": Read("ec2:GetManagedPrefixListEntries", "Entries", {"PrefixListId": At("PrefixListId")}, page=100)
    },
)

# -- images -----------------------------------------------------------------------------------------------------


def _images(found: Sequence[Record], arguments: Arguments) -> Sequence[Record]:
    pattern = arguments.get("name_regex")
    left = list(found)
    if pattern:
        matches = _matcher(str(pattern))
        left = [image for image in left if image.get("Name") and matches(str(image["Name"]))]
    if arguments.get("most_recent") and len(left) > 1:
        latest = max(str(image.get("CreationDate")) for image in left)
        left = [image for image in left if str(image.get("CreationDate")) == latest]
    return left


def _matcher(pattern: str) -> Callable[[str], bool]:
    import importlib  # RE2 is slow to load and seldom asked for

    compiled: Any = importlib.import_module("re2").compile(pattern.replace("(?<", "(?P<"))
    return lambda text: compiled.search(text) is not None


def _plain(**paths: str) -> dict[str, Getter]:
    return {name: At(path) for name, path in paths.items()}


def _root_snapshot(record: Record, _scope: Scope) -> Json:
    mappings = parts(record, "BlockDeviceMappings")
    root = next((m for m in mappings if m.get("DeviceName") == record.get("RootDeviceName")), None)
    return str(dig(root, "Ebs.SnapshotId") or "")


_IMAGE: Final = DataSource(
    "aws_ami",
    Read(
        "ec2:DescribeImages",
        "Images",
        {
            "Owners": lambda arguments, _: arguments.get("owners") or None,
            "ExecutableUsers": lambda arguments, _: arguments.get("executable_users") or None,
            "IncludeDeprecated": At("include_deprecated"),
            "Filters": filters(),
        },
    ),
    {
        **_plain(
            architecture="Architecture",
            creation_date="CreationDate",
            ena_support="EnaSupport",
            hypervisor="Hypervisor",
            id="ImageId",
            image_id="ImageId",
            image_location="ImageLocation",
            image_type="ImageType",
            name="Name",
            owner_id="OwnerId",
            platform_details="PlatformDetails",
            public="Public",
            root_device_name="RootDeviceName",
            root_device_type="RootDeviceType",
            state="State",
            usage_operation="UsageOperation",
            virtualization_type="VirtualizationType",
        ),
        "arn": lambda r, scope: f"arn:{scope.partition}:ec2:{scope.region}::image/{r['ImageId']}",
        "description": At("Description"),
        "include_deprecated": argument("include_deprecated", default=False),
        "most_recent": argument("most_recent", default=False),
        "root_snapshot_id": _root_snapshot,
        "tags": tags(),
    },
    _images,
)

DATA_SOURCES: Final = (
    _ALL_ZONES,
    _GATEWAY,
    _GROUP,
    _GROUPS,
    _IMAGE,
    _MANAGED_PREFIXES,
    _PREFIXES,
    _REGIONS,
    _SUBNET,
    _SUBNETS,
    _TABLE,
    _TABLES,
    _VPC,
    _VPCS,
    _ZONE,
)
