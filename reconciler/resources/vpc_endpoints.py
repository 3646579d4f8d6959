"""VPC endpoints, and the services that they lead to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from reconciler.model import Json, Operation
from reconciler.resources.convert import block, blocks, document, items, names, parts, tags
from reconciler.resources.spec import (
    At,
    Attributes,
    Bulk,
    Child,
    Read,
    Record,
    ResourceType,
    Scope,
    Semantics,
    Subject,
    Write,
)
from reconciler.resources.writing import ec2_tags, operation

_PREFIX_LISTS: Final = Read(
    "ec2:DescribePrefixLists", "PrefixLists", bulk=Bulk("PrefixListName", At("ServiceName")), page=1000
)


def _interfaces(record: Record, _scope: Scope) -> list[Json]:
    """Named only where there are some, so that the one bulk read is not made for gateway endpoints."""
    return list(record.get("NetworkInterfaceIds") or [])


_INTERFACES: Final = Read(
    "ec2:DescribeNetworkInterfaces",
    "NetworkInterfaces",
    {"NetworkInterfaceIds": _interfaces},
    when=lambda record, _: bool(record.get("NetworkInterfaceIds")),
    absent=frozenset(("InvalidNetworkInterfaceID.NotFound",)),
    page=0,
)


def _ids(key: str, path: str) -> At:
    return At(path, (lambda found: names(items(key)(found))) if key else names, [])


def _dns_entries(value: Any) -> Json:
    return [
        {"dns_name": entry.get("DnsName") or "", "hosted_zone_id": entry.get("HostedZoneId") or ""} for entry in value
    ]


_ADDING: Final = {
    "route_table_ids": ("AddRouteTableIds", "RemoveRouteTableIds"),
    "security_group_ids": ("AddSecurityGroupIds", "RemoveSecurityGroupIds"),
    "subnet_ids": ("AddSubnetIds", "RemoveSubnetIds"),
}


def _names(side: Attributes | None, attribute: str) -> set[str]:
    return set(cast("list[str]", (side or {}).get(attribute) or []))


def _differences(subject: Subject, pairs: Mapping[str, tuple[str, str]]) -> dict[str, Json]:
    """What is to be added and removed of the sets that changed."""
    given: dict[str, Json] = {}
    for attribute, (add, remove) in pairs.items():
        if attribute in subject.changed:
            before, after = _names(subject.before, attribute), _names(subject.after, attribute)
            if after - before:
                given[add] = cast("Json", sorted(after - before))
            if before - after:
                given[remove] = cast("Json", sorted(before - after))
    return given


def _modify_endpoint(subject: Subject) -> Iterable[Operation]:
    after = subject.after or {}
    given = _differences(subject, _ADDING)
    if "policy" in subject.changed:
        given |= {"PolicyDocument": after["policy"]} if after.get("policy") else {"ResetPolicy": True}
    if "private_dns_enabled" in subject.changed:
        given["PrivateDnsEnabled"] = bool(after.get("private_dns_enabled"))
    if "ip_address_type" in subject.changed and after.get("ip_address_type"):
        given["IpAddressType"] = after["ip_address_type"]
    if given:
        yield operation("ec2:ModifyVpcEndpoint", {"VpcEndpointId": subject.id, **given})


def _endpoint_arn(record: Record, scope: Scope) -> str:
    owner = record.get("OwnerId") or scope.account
    return f"arn:{scope.partition}:ec2:{scope.region}:{owner}:vpc-endpoint/{record['VpcEndpointId']}"


_ENDPOINT: Final = ResourceType(
    name="aws_vpc_endpoint",
    list=Read("ec2:DescribeVpcEndpoints", "VpcEndpoints", page=1000),
    expand=lambda record, _: [] if str(record.get("State")).lower() == "deleted" else [record],
    id=At("VpcEndpointId"),
    natural_keys=(("vpc_id", "service_name", "tags.Name"),),
    details={"prefixes": _PREFIX_LISTS, "interfaces": _INTERFACES},
    attributes={
        "arn": _endpoint_arn,
        "cidr_blocks": At("prefixes.Cidrs", default=[]),
        "dns_entry": At("DnsEntries", _dns_entries, []),
        "dns_options": At(
            "DnsOptions",
            block(
                dns_record_ip_type="DnsRecordIpType",
                private_dns_only_for_inbound_resolver_endpoint=At("PrivateDnsOnlyForInboundResolverEndpoint"),
            ),
            [],
        ),
        "id": At("VpcEndpointId"),
        "ip_address_type": At("IpAddressType", default=""),
        "network_interface_ids": _ids("", "NetworkInterfaceIds"),
        "owner_id": At("OwnerId"),
        "policy": At("PolicyDocument", document, ""),
        "prefix_list_id": At("prefixes.PrefixListId"),
        "private_dns_enabled": At("PrivateDnsEnabled", default=False),
        "requester_managed": At("RequesterManaged", default=False),
        "resource_configuration_arn": At("ResourceConfigurationArn", default=""),
        "route_table_ids": _ids("", "RouteTableIds"),
        "security_group_ids": _ids("GroupId", "Groups"),
        "service_name": At("ServiceName", default=""),
        "service_network_arn": At("ServiceNetworkArn", default=""),
        "service_region": At("ServiceRegion", default=""),
        "state": At("State"),
        "subnet_configuration": At(
            "interfaces",
            blocks(ipv4=At("PrivateIpAddress", default=""), ipv6=At("Ipv6Address", default=""), subnet_id="SubnetId"),
            [],
        ),
        "subnet_ids": _ids("", "SubnetIds"),
        "tags": tags(),
        "vpc_endpoint_type": At("VpcEndpointType", default="Gateway"),
        "vpc_id": At("VpcId"),
    },
    config_only=frozenset(("auto_accept",)),
    semantics={"policy": Semantics.POLICY},
    writes=(
        Write(
            ("ec2:ModifyVpcEndpoint",),
            frozenset((*_ADDING, "ip_address_type", "policy", "private_dns_enabled")),
            _modify_endpoint,
        ),
        ec2_tags(),
    ),
    children=(
        Child("aws_vpc_endpoint_policy", "vpc_endpoint_id", ("policy",)),
        Child("aws_vpc_endpoint_route_table_association", "vpc_endpoint_id", ("route_table_ids",)),
        Child("aws_vpc_endpoint_security_group_association", "vpc_endpoint_id", ("security_group_ids",)),
        Child("aws_vpc_endpoint_subnet_association", "vpc_endpoint_id", ("subnet_ids",)),
    ),
    # Made by a service of AWS for itself.
    aws_owned=lambda record, _: bool(record.get("RequesterManaged")),
)

# -- services -------------------------------------------------------------------------------------------------

_SERVICE_SETS: Final = {
    "gateway_load_balancer_arns": ("AddGatewayLoadBalancerArns", "RemoveGatewayLoadBalancerArns"),
    "network_load_balancer_arns": ("AddNetworkLoadBalancerArns", "RemoveNetworkLoadBalancerArns"),
    "supported_ip_address_types": ("AddSupportedIpAddressTypes", "RemoveSupportedIpAddressTypes"),
    "supported_regions": ("AddSupportedRegions", "RemoveSupportedRegions"),
}
_PERMITTING: Final = {"allowed_principals": ("AddAllowedPrincipals", "RemoveAllowedPrincipals")}


def _modify_service(subject: Subject) -> Iterable[Operation]:
    after = subject.after or {}
    given = _differences(subject, _SERVICE_SETS)
    if "acceptance_required" in subject.changed:
        given["AcceptanceRequired"] = bool(after.get("acceptance_required"))
    if "private_dns_name" in subject.changed:
        name = after.get("private_dns_name")
        given |= {"PrivateDnsName": name} if name else {"RemovePrivateDnsName": True}
    if given:
        yield operation("ec2:ModifyVpcEndpointServiceConfiguration", {"ServiceId": subject.id, **given})


def _permit(subject: Subject) -> Iterable[Operation]:
    given = _differences(subject, _PERMITTING)
    if given:
        yield operation("ec2:ModifyVpcEndpointServicePermissions", {"ServiceId": subject.id, **given})


def _dns_configuration(value: Any) -> Json:
    return [{key.lower(): value.get(key) or "" for key in ("Name", "State", "Type", "Value")}] if value else []


_SERVICE: Final = ResourceType(
    name="aws_vpc_endpoint_service",
    list=Read("ec2:DescribeVpcEndpointServiceConfigurations", "ServiceConfigurations", page=1000),
    expand=lambda record, _: [] if record.get("ServiceState") in ("Deleted", "Failed") else [record],
    id=At("ServiceId"),
    natural_keys=(
        ("tags.Name",),
        ("network_load_balancer_arns", "gateway_load_balancer_arns"),
    ),
    details={
        "permissions": Read(
            "ec2:DescribeVpcEndpointServicePermissions",
            "AllowedPrincipals",
            {"ServiceId": At("ServiceId")},
            absent=frozenset(("InvalidVpcEndpointServiceId.NotFound",)),
            page=1000,
        ),
    },
    attributes={
        "acceptance_required": At("AcceptanceRequired", default=False),
        "allowed_principals": _ids("Principal", "permissions"),
        "arn": lambda r, scope: scope.arn("ec2", f"vpc-endpoint-service/{r['ServiceId']}"),
        "availability_zones": _ids("", "AvailabilityZones"),
        "base_endpoint_dns_names": _ids("", "BaseEndpointDnsNames"),
        "gateway_load_balancer_arns": _ids("", "GatewayLoadBalancerArns"),
        "id": At("ServiceId"),
        "manages_vpc_endpoints": At("ManagesVpcEndpoints", default=False),
        "network_load_balancer_arns": _ids("", "NetworkLoadBalancerArns"),
        "private_dns_name": At("PrivateDnsName", default=""),
        "private_dns_name_configuration": At("PrivateDnsNameConfiguration", _dns_configuration, []),
        "service_name": At("ServiceName"),
        "service_type": lambda r, _: next((t.get("ServiceType") for t in parts(r, "ServiceType")), ""),
        "state": At("ServiceState"),
        "supported_ip_address_types": _ids("", "SupportedIpAddressTypes"),
        "supported_regions": _ids("Region", "SupportedRegions"),
        "tags": tags(),
    },
    writes=(
        Write(
            ("ec2:ModifyVpcEndpointServiceConfiguration",),
            frozenset((*_SERVICE_SETS, "acceptance_required", "private_dns_name")),
            _modify_service,
        ),
        Write(("ec2:ModifyVpcEndpointServicePermissions",), frozenset(_PERMITTING), _permit),
        ec2_tags(),
    ),
)

TYPES: Final = (_ENDPOINT, _SERVICE)
