"""Edges of networks: more address ranges, gateways to offices, what flows, and groups that interfaces are put into."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.model import Operation
from reconciler.resources.convert import parts, tags, text
from reconciler.resources.shapes import Shape, flag, one, value
from reconciler.resources.spec import At, Getter, Read, Record, ResourceType, Scope, Subject, Write, dig
from reconciler.resources.writing import ec2_tags, operation


def _arn(kind: str, id_key: str) -> Getter:
    return lambda record, scope: scope.arn("ec2", f"{kind}/{record[id_key]}")


def _there(record: Record, _scope: Scope) -> Iterable[Record]:
    """Gateways are listed for an hour after they were deleted."""
    return [] if record.get("State") in ("deleted", "deleting") else [record]


# -- more address ranges ----------------------------------------------------------------------------------------


def _more_ranges(record: Record, _scope: Scope) -> Iterable[Record]:
    for found in parts(record, "CidrBlockAssociationSet"):
        state = dig(found, "CidrBlockState.State")
        if found.get("CidrBlock") != record.get("CidrBlock") and state in ("associated", "associating"):
            yield {**found, "VpcId": record["VpcId"]}


def _associate(subject: Subject) -> Iterable[Operation]:
    known = subject.known
    yield operation("ec2:AssociateVpcCidrBlock", {"VpcId": known["vpc_id"], "CidrBlock": known["cidr_block"]})


def _disassociate(subject: Subject) -> Iterable[Operation]:
    yield operation("ec2:DisassociateVpcCidrBlock", {"AssociationId": subject.id})


_RANGE: Final = ResourceType(
    name="aws_vpc_ipv4_cidr_block_association",
    list=Read("ec2:DescribeVpcs", "Vpcs", page=1000),
    expand=_more_ranges,
    id=At("AssociationId"),
    natural_keys=(("vpc_id", "cidr_block"),),
    attributes={"cidr_block": At("CidrBlock"), "id": At("AssociationId"), "vpc_id": At("VpcId")},
    config_only=frozenset(("ipv4_ipam_pool_id", "ipv4_netmask_length")),
    create=Write(("ec2:AssociateVpcCidrBlock",), frozenset(), _associate),
    delete=Write(("ec2:DisassociateVpcCidrBlock",), frozenset(), _disassociate),
)

# -- gateways -------------------------------------------------------------------------------------------------


def _attached(path: str) -> Getter:
    def attached(record: Record, _scope: Scope) -> str:
        found = [a for a in parts(record, path) if a.get("State") in ("attached", "attaching", None)]
        return str(found[0].get("VpcId") or "") if found else ""

    return attached


_EGRESS: Final = ResourceType(
    name="aws_egress_only_internet_gateway",
    list=Read("ec2:DescribeEgressOnlyInternetGateways", "EgressOnlyInternetGateways", page=255),
    id=At("EgressOnlyInternetGatewayId"),
    natural_keys=(("vpc_id",), ("tags.Name",)),
    attributes={"id": At("EgressOnlyInternetGatewayId"), "tags": tags(), "vpc_id": _attached("Attachments")},
    writes=(ec2_tags(),),
)

_ATTACHING: Final = ("ec2:DetachVpnGateway", "ec2:AttachVpnGateway")


def _attach(subject: Subject) -> Iterable[Operation]:
    before, after = (str((side or {}).get("vpc_id") or "") for side in (subject.before, subject.after))
    for name, vpc in zip(_ATTACHING, (before, after), strict=True):
        if vpc and before != after:
            yield operation(name, {"VpnGatewayId": subject.id, "VpcId": vpc})


_VPN: Final = ResourceType(
    name="aws_vpn_gateway",
    list=Read("ec2:DescribeVpnGateways", "VpnGateways"),
    expand=_there,
    id=At("VpnGatewayId"),
    natural_keys=(("tags.Name",), ("vpc_id",)),
    attributes={
        "amazon_side_asn": At("AmazonSideAsn", text, ""),
        "arn": _arn("vpn-gateway", "VpnGatewayId"),
        "availability_zone": At("AvailabilityZone", default=""),
        "id": At("VpnGatewayId"),
        "tags": tags(),
        "vpc_id": _attached("VpcAttachments"),
    },
    writes=(Write(_ATTACHING, frozenset(("vpc_id",)), _attach), ec2_tags()),
)

_CUSTOMER: Final = ResourceType(
    name="aws_customer_gateway",
    list=Read("ec2:DescribeCustomerGateways", "CustomerGateways"),
    expand=_there,
    id=At("CustomerGatewayId"),
    natural_keys=(("tags.Name",), ("ip_address", "bgp_asn")),
    attributes={
        "arn": _arn("customer-gateway", "CustomerGatewayId"),
        "bgp_asn": At("BgpAsn", text, ""),
        "bgp_asn_extended": At("BgpAsnExtended", text, ""),
        "certificate_arn": At("CertificateArn", default=""),
        "device_name": At("DeviceName", default=""),
        "id": At("CustomerGatewayId"),
        "ip_address": At("IpAddress", default=""),
        "tags": tags(),
        "type": At("Type"),
    },
    writes=(ec2_tags(),),
)

# -- what flows -----------------------------------------------------------------------------------------------

_OPTIONS: Final[Shape] = {
    "file_format": value("FileFormat"),
    "hive_compatible_partitions": flag("HiveCompatiblePartitions"),
    "per_hour_partition": flag("PerHourPartition"),
}


def _of(prefix: str) -> Getter:
    """What is watched is told by its id alone."""
    return lambda record, _: record["ResourceId"] if str(record.get("ResourceId")).startswith(prefix) else ""


def _place(record: Record, scope: Scope) -> str:
    """A log group may be told by its name alone."""
    group = record.get("LogGroupName")
    told = record.get("LogDestination")
    return str(told or (scope.arn("logs", f"log-group:{group}") if group else ""))


_FLOW: Final = ResourceType(
    name="aws_flow_log",
    list=Read("ec2:DescribeFlowLogs", "FlowLogs", page=1000),
    id=At("FlowLogId"),
    natural_keys=(("vpc_id", "subnet_id", "eni_id", "log_destination", "traffic_type"), ("tags.Name",)),
    attributes={
        "arn": _arn("vpc-flow-log", "FlowLogId"),
        "deliver_cross_account_role": At("DeliverCrossAccountRole", default=""),
        "destination_options": At("DestinationOptions", one("", _OPTIONS).read, []),
        "eni_id": _of("eni-"),
        "iam_role_arn": At("DeliverLogsPermissionArn", default=""),
        "id": At("FlowLogId"),
        "log_destination": _place,
        "log_destination_type": At("LogDestinationType", default="cloud-watch-logs"),
        "log_format": At("LogFormat", default=""),
        "max_aggregation_interval": At("MaxAggregationInterval", default=0),
        "subnet_id": _of("subnet-"),
        "tags": tags(),
        "traffic_type": At("TrafficType", default=""),
        "transit_gateway_attachment_id": _of("tgw-attach-"),
        "transit_gateway_id": lambda record, scope: (
            "" if _of("tgw-attach-")(record, scope) else _of("tgw-")(record, scope)
        ),
        "vpc_id": _of("vpc-"),
    },
    # The older way to say log_destination.
    unchecked=frozenset(("log_group_name",)),
    writes=(ec2_tags(),),
)

# -- groups of interfaces -----------------------------------------------------------------------------------------


def _groups(record: Record, _scope: Scope) -> Iterable[Record]:
    for group in parts(record, "Groups"):
        yield {"NetworkInterfaceId": record["NetworkInterfaceId"], "GroupId": group["GroupId"]}


def _membership_id(record: Record, _scope: Scope) -> str:
    return f"{record['GroupId']}_{record['NetworkInterfaceId']}"


def _always(_record: Record, _scope: Scope) -> bool:
    """Every interface is in some; the interface tells of them."""
    return True


_MEMBERSHIP: Final = ResourceType(
    name="aws_network_interface_sg_attachment",
    list=Read("ec2:DescribeNetworkInterfaces", "NetworkInterfaces", page=1000),
    expand=_groups,
    id=_membership_id,
    natural_keys=(("security_group_id", "network_interface_id"),),
    attributes={
        "id": _membership_id,
        "network_interface_id": At("NetworkInterfaceId"),
        "security_group_id": At("GroupId"),
    },
    aws_owned=_always,
)


TYPES: Final = (_RANGE, _EGRESS, _VPN, _CUSTOMER, _FLOW, _MEMBERSHIP)
