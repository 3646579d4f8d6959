"""What joins networks: transit gateways and the networks attached to them; and lists of address ranges."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import names, parts, tags
from reconciler.resources.shapes import Shape, getters, value
from reconciler.resources.spec import (
    At,
    Attributes,
    Bulk,
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

_GONE: Final = ("deleted", "deleting", "failed", "rejected")


def _present(record: Record, _scope: Scope) -> Iterable[Record]:
    return () if record.get("State") in _GONE else (record,)


# -- gateways -------------------------------------------------------------------------------------------------

_GATEWAY_OPTIONS: Final[Shape] = {
    "auto_accept_shared_attachments": value("AutoAcceptSharedAttachments"),
    "default_route_table_association": value("DefaultRouteTableAssociation"),
    "default_route_table_propagation": value("DefaultRouteTablePropagation"),
    "dns_support": value("DnsSupport"),
    "security_group_referencing_support": value("SecurityGroupReferencingSupport"),
    "vpn_ecmp_support": value("VpnEcmpSupport"),
}


def _strings(side: Attributes | None, name: str) -> set[str]:
    found = (side or {}).get(name)
    return {str(item) for item in found} if isinstance(found, list) else set()


def _moved(subject: Subject, name: str, add: str, remove: str) -> dict[str, Json]:
    """What is to be added to a set and removed from it."""
    before, after = _strings(subject.before, name), _strings(subject.after, name)
    moves = {add: names(after - before), remove: names(before - after)}
    return {key: found for key, found in moves.items() if found}


def _options(subject: Subject, shape: Shape) -> dict[str, Json]:
    after = subject.after or {}
    return {shape[name].key: after[name] for name in sorted(subject.changed & shape.keys()) if after.get(name)}


def _modify_gateway(subject: Subject) -> Iterable[Operation]:
    after, given = subject.after or {}, dict[str, Json]()
    options = _options(subject, _GATEWAY_OPTIONS)
    if "amazon_side_asn" in subject.changed and after.get("amazon_side_asn"):
        options["AmazonSideAsn"] = after["amazon_side_asn"]
    if "transit_gateway_cidr_blocks" in subject.changed:
        moved = _moved(
            subject, "transit_gateway_cidr_blocks", "AddTransitGatewayCidrBlocks", "RemoveTransitGatewayCidrBlocks"
        )
        options |= moved
    if "description" in subject.changed:
        given["Description"] = after.get("description") or ""
    if options:
        given["Options"] = options
    if given:
        yield operation("ec2:ModifyTransitGateway", {"TransitGatewayId": subject.id, **given})


_GATEWAY: Final = ResourceType(
    name="aws_ec2_transit_gateway",
    list=Read("ec2:DescribeTransitGateways", "TransitGateways", page=1000),
    expand=_present,
    id=At("TransitGatewayId"),
    natural_keys=(("tags.Name",), ("description", "amazon_side_asn")),
    attributes={
        **getters(_GATEWAY_OPTIONS, "Options"),
        "amazon_side_asn": At("Options.AmazonSideAsn"),
        "arn": At("TransitGatewayArn"),
        "association_default_route_table_id": At("Options.AssociationDefaultRouteTableId", default=""),
        "description": At("Description", default=""),
        "id": At("TransitGatewayId"),
        "multicast_support": At("Options.MulticastSupport", default=""),
        "owner_id": At("OwnerId"),
        "propagation_default_route_table_id": At("Options.PropagationDefaultRouteTableId", default=""),
        "tags": tags(),
        "transit_gateway_cidr_blocks": At("Options.TransitGatewayCidrBlocks", names, []),
    },
    writes=(
        Write(
            ("ec2:ModifyTransitGateway",),
            frozenset((*_GATEWAY_OPTIONS, "amazon_side_asn", "description", "transit_gateway_cidr_blocks")),
            _modify_gateway,
        ),
        ec2_tags(),
    ),
)

# -- attached networks ----------------------------------------------------------------------------------------

_ATTACHMENT_OPTIONS: Final[Shape] = {
    "appliance_mode_support": value("ApplianceModeSupport"),
    "dns_support": value("DnsSupport"),
    "ipv6_support": value("Ipv6Support"),
    "security_group_referencing_support": value("SecurityGroupReferencingSupport"),
}
_ATTACHMENT_ID: Final = "TransitGatewayAttachmentId"


def _default_table(kind: str) -> Getter:
    """The gateway's route table that attachments are associated with, or propagate to, by themselves."""
    return lambda record, _: dig(record, f"gateway.Options.{kind}DefaultRouteTableId") or None


def _ours(record: Record) -> bool:
    """Of a gateway that another account shares nothing is told; the provider then has the defaults."""
    gateway = record["gateway"]
    return gateway is not None and gateway.get("OwnerId") == record.get("VpcOwnerId")


def _asks(kind: str) -> Read:
    """What is tied to the gateway's default table: one call for each gateway, whose attachments all ask the same."""
    table = _default_table(kind)
    return Read(
        f"ec2:GetTransitGatewayRouteTable{kind}s",
        f"{kind}s" if kind == "Association" else f"TransitGatewayRouteTable{kind}s",
        {"TransitGatewayRouteTableId": table},
        when=lambda record, scope: _ours(record) and table(record, scope) is not None,
        absent=frozenset(("InvalidRouteTableID.NotFound",)),
        page=1000,
    )


def _tied(detail: str) -> Getter:
    def tied(record: Record, _scope: Scope) -> bool:
        if not _ours(record):
            return True
        return any(found.get(_ATTACHMENT_ID) == record[_ATTACHMENT_ID] for found in parts(record, detail))

    return tied


def _modify_attachment(subject: Subject) -> Iterable[Operation]:
    given: dict[str, Json] = dict(_moved(subject, "subnet_ids", "AddSubnetIds", "RemoveSubnetIds"))
    options = _options(subject, _ATTACHMENT_OPTIONS)
    if options:
        given["Options"] = options
    if given:
        yield operation("ec2:ModifyTransitGatewayVpcAttachment", {_ATTACHMENT_ID: subject.id, **given})


_ATTACHMENT: Final = ResourceType(
    name="aws_ec2_transit_gateway_vpc_attachment",
    list=Read("ec2:DescribeTransitGatewayVpcAttachments", "TransitGatewayVpcAttachments", page=1000),
    expand=_present,
    id=At(_ATTACHMENT_ID),
    natural_keys=(("transit_gateway_id", "vpc_id"),),
    details={
        "gateway": Read(
            "ec2:DescribeTransitGateways",
            "TransitGateways",
            page=1000,
            bulk=Bulk("TransitGatewayId", At("TransitGatewayId")),
        ),
        "associations": _asks("Association"),
        "propagations": _asks("Propagation"),
    },
    attributes={
        **getters(_ATTACHMENT_OPTIONS, "Options"),
        "arn": lambda r, scope: scope.arn("ec2", f"transit-gateway-attachment/{r[_ATTACHMENT_ID]}"),
        "id": At(_ATTACHMENT_ID),
        "subnet_ids": At("SubnetIds", names, []),
        "tags": tags(),
        "transit_gateway_default_route_table_association": _tied("associations"),
        "transit_gateway_default_route_table_propagation": _tied("propagations"),
        "transit_gateway_id": At("TransitGatewayId"),
        "vpc_id": At("VpcId"),
        "vpc_owner_id": At("VpcOwnerId"),
    },
    writes=(
        Write(
            ("ec2:ModifyTransitGatewayVpcAttachment",),
            frozenset((*_ATTACHMENT_OPTIONS, "subnet_ids")),
            _modify_attachment,
        ),
        ec2_tags(),
    ),
)

# -- lists of address ranges ----------------------------------------------------------------------------------


def _entries(record: Record, _scope: Scope) -> Json:
    return [
        {"cidr": entry.get("Cidr"), "description": entry.get("Description") or ""} for entry in parts(record, "entries")
    ]


_PREFIX_LIST: Final = ResourceType(
    name="aws_ec2_managed_prefix_list",
    list=Read("ec2:DescribeManagedPrefixLists", "PrefixLists", page=100),
    expand=lambda record, _: () if str(record.get("State")) == "delete-complete" else (record,),
    id=At("PrefixListId"),
    natural_keys=(("name", "address_family"),),
    details={
        "entries": Read(
            "ec2:GetManagedPrefixListEntries",
            "Entries",
            {"PrefixListId": At("PrefixListId")},
            absent=frozenset(("InvalidPrefixListID.NotFound",)),
            page=100,
        )
    },
    attributes={
        "address_family": At("AddressFamily"),
        "arn": At("PrefixListArn"),
        "entry": _entries,
        "id": At("PrefixListId"),
        "max_entries": At("MaxEntries"),
        "name": At("PrefixListName"),
        "owner_id": At("OwnerId"),
        "tags": tags(),
        "version": At("Version"),
    },
    # Entries are not written: each change takes the number of the version it applies to, which its inverse cannot know.
    writes=(ec2_tags(),),
    aws_owned=lambda record, _: record.get("OwnerId") == "AWS",
)

TYPES: Final = (_GATEWAY, _ATTACHMENT, _PREFIX_LIST)
