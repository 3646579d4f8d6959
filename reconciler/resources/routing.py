"""Route tables, the routes in them, and who uses them: one read of all tables serves every type here."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast

from reconciler.model import Json, Operation
from reconciler.resources.convert import items, names, parts, tags
from reconciler.resources.spec import (
    At,
    Attributes,
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

_TABLES: Final = Read("ec2:DescribeRouteTables", "RouteTables", page=100)

_DESTINATIONS: Final = {
    "destination_cidr_block": "DestinationCidrBlock",
    "destination_ipv6_cidr_block": "DestinationIpv6CidrBlock",
    "destination_prefix_list_id": "DestinationPrefixListId",
}
_INLINE_DESTINATIONS: Final = {
    "cidr_block": "DestinationCidrBlock",
    "ipv6_cidr_block": "DestinationIpv6CidrBlock",
    "destination_prefix_list_id": "DestinationPrefixListId",
}
_TARGETS: Final = {
    "carrier_gateway_id": "CarrierGatewayId",
    "core_network_arn": "CoreNetworkArn",
    "egress_only_gateway_id": "EgressOnlyInternetGatewayId",
    "gateway_id": "GatewayId",
    "local_gateway_id": "LocalGatewayId",
    "nat_gateway_id": "NatGatewayId",
    "network_interface_id": "NetworkInterfaceId",
    "transit_gateway_id": "TransitGatewayId",
    "vpc_endpoint_id": "VpcEndpointId",
    "vpc_peering_connection_id": "VpcPeeringConnectionId",
}
_PROPAGATED: Final = "EnableVgwRoutePropagation"


def _is_endpoint(route: Record) -> bool:
    return str(route.get("GatewayId", "")).startswith("vpce-")


def _targets(route: Record) -> dict[str, Json]:
    """Where a route leads to. EC2 tells endpoints as gateways."""
    found: dict[str, Json] = {name: route.get(key) or "" for name, key in _TARGETS.items()}
    if _is_endpoint(route):
        found |= {"gateway_id": "", "vpc_endpoint_id": route["GatewayId"]}
    return found


def _kept_by_aws(route: Record) -> bool:
    """Routes that come with the network, a virtual private gateway or a gateway endpoint."""
    local = route.get("GatewayId") == "local"
    of_endpoint = _is_endpoint(route) and bool(route.get("DestinationPrefixListId"))
    return local or of_endpoint or route.get("Origin") == _PROPAGATED


def _inline(known: Iterable[str]) -> At:
    """The routes of a table, with the members that its type knows."""
    wanted = frozenset(known)

    def routes(value: Any) -> Json:
        found: list[Json] = []
        for route in cast("list[dict[str, Any]]", value):
            if not _kept_by_aws(route):
                to = {name: route.get(key) or "" for name, key in _INLINE_DESTINATIONS.items()} | _targets(route)
                found.append({name: given for name, given in to.items() if name in wanted})
        return found

    return At("Routes", routes, [])


def _parameters(route: Mapping[str, Any], destinations: Mapping[str, str], *, target: bool = True) -> dict[str, Json]:
    keys = {**destinations, **(_TARGETS if target else {})}
    given: dict[str, Json] = {key: route[name] for name, key in keys.items() if route.get(name)}
    if given.get("GatewayId") == "local":
        del given["GatewayId"]
        given["LocalTarget"] = True
    return given


def _inline_routes(side: Attributes | None) -> dict[tuple[str, ...], dict[str, Any]]:
    """By destination."""
    return {
        tuple(str(route.get(name) or "") for name in _INLINE_DESTINATIONS): route
        for route in parts(dict(side or {}), "route")
    }


_ROUTE_OPERATIONS: Final = ("ec2:CreateRoute", "ec2:ReplaceRoute", "ec2:DeleteRoute")


def _set_routes(subject: Subject) -> Iterable[Operation]:
    before, after = _inline_routes(subject.before), _inline_routes(subject.after)
    table: dict[str, Json] = {"RouteTableId": subject.id}
    for to in sorted(after):
        given = _parameters(after[to], _INLINE_DESTINATIONS)
        if to not in before:
            yield operation("ec2:CreateRoute", {**table, **given})
        elif _parameters(before[to], _INLINE_DESTINATIONS) != given:
            yield operation("ec2:ReplaceRoute", {**table, **given})
    for to in sorted(before.keys() - after.keys()):
        given = _parameters(before[to], _INLINE_DESTINATIONS, target=False)
        yield operation("ec2:DeleteRoute", {**table, **given})


def _gateways(side: Attributes | None) -> set[str]:
    return set(cast("list[str]", (side or {}).get("propagating_vgws") or []))


def _set_propagation(subject: Subject) -> Iterable[Operation]:
    before, after = _gateways(subject.before), _gateways(subject.after)
    for gateway in sorted(after - before):
        given: dict[str, Json] = {"RouteTableId": subject.id, "GatewayId": gateway}
        yield operation("ec2:EnableVgwRoutePropagation", given)
    for gateway in sorted(before - after):
        given = {"RouteTableId": subject.id, "GatewayId": gateway}
        yield operation("ec2:DisableVgwRoutePropagation", given)


def _is_main(record: Record, _scope: Scope) -> bool:
    return any(association.get("Main") for association in parts(record, "Associations"))


_TABLE_ATTRIBUTES: Final[Mapping[str, Getter]] = {
    "arn": lambda r, scope: f"arn:{scope.partition}:ec2:{scope.region}:{r['OwnerId']}:route-table/{r['RouteTableId']}",
    "id": At("RouteTableId"),
    "owner_id": At("OwnerId"),
    "propagating_vgws": At("PropagatingVgws", lambda found: names(items("GatewayId")(found)), []),
    "tags": tags(),
    "vpc_id": At("VpcId"),
}
_TABLE_WRITES: Final = (
    Write(_ROUTE_OPERATIONS, frozenset(("route",)), _set_routes),
    Write(
        ("ec2:EnableVgwRoutePropagation", "ec2:DisableVgwRoutePropagation"),
        frozenset(("propagating_vgws",)),
        _set_propagation,
    ),
    ec2_tags(),
)

_TABLE: Final = ResourceType(
    name="aws_route_table",
    list=_TABLES,
    id=At("RouteTableId"),
    natural_keys=(("vpc_id", "tags.Name"),),
    attributes={**_TABLE_ATTRIBUTES, "route": _inline((*_INLINE_DESTINATIONS, *_TARGETS))},
    writes=_TABLE_WRITES,
    aws_owned=_is_main,
    made_owned_by="aws_main_route_table_association",
    children=(Child("aws_route", "route_table_id", ("route",)),),
)

_DEFAULT_TABLE: Final = ResourceType(
    name="aws_default_route_table",
    list=_TABLES,
    id=At("RouteTableId"),
    natural_keys=(("default_route_table_id",),),
    import_id=At("VpcId"),
    attributes={
        **_TABLE_ATTRIBUTES,
        "default_route_table_id": At("RouteTableId"),
        "route": _inline({*_INLINE_DESTINATIONS, *_TARGETS} - {"carrier_gateway_id", "local_gateway_id"}),
    },
    writes=_TABLE_WRITES,
    aws_owned=lambda _record, _scope: True,
    children=(Child("aws_route", "route_table_id", ("route",)),),
)

# -- routes on their own --------------------------------------------------------------------------------------


def _each_route(record: Record, _scope: Scope) -> Iterable[Record]:
    return [{**route, "RouteTableId": record["RouteTableId"]} for route in parts(record, "Routes")]


def _destination(route: Record) -> str:
    return next((str(route[key]) for key in _DESTINATIONS.values() if route.get(key)), "")


def _route_id(route: Record, _scope: Scope) -> str:
    """As the provider makes it up."""
    return f"r-{route['RouteTableId']}{zlib.crc32(_destination(route).encode())}"


def _import_id(route: Record, _scope: Scope) -> str:
    return f"{route['RouteTableId']}_{_destination(route)}"


def _target_getter(name: str) -> Getter:
    return lambda route, _scope: _targets(route)[name]


def _route_write(name: str, attributes: Iterable[str] = (), *, target: bool = True) -> Write:
    def build(subject: Subject) -> Iterable[Operation]:
        route = subject.known
        given = _parameters(route, _DESTINATIONS, target=target)
        yield operation(name, {"RouteTableId": route["route_table_id"], **given})

    return Write((name,), frozenset(attributes), build)


_ROUTE: Final = ResourceType(
    name="aws_route",
    list=_TABLES,
    expand=_each_route,
    id=_route_id,
    import_id=_import_id,
    natural_keys=(("route_table_id", *_DESTINATIONS),),
    attributes={
        **{name: At(key, default="") for name, key in _DESTINATIONS.items()},
        **{name: _target_getter(name) for name in _TARGETS},
        "id": _route_id,
        "instance_id": At("InstanceId", default=""),
        "instance_owner_id": At("InstanceOwnerId", default=""),
        "origin": At("Origin"),
        "route_table_id": At("RouteTableId"),
        "state": At("State"),
    },
    writes=(_route_write("ec2:ReplaceRoute", _TARGETS),),
    create=_route_write("ec2:CreateRoute"),
    delete=_route_write("ec2:DeleteRoute", target=False),
    aws_owned=lambda record, _: _kept_by_aws(record),
)

# -- who uses a table -----------------------------------------------------------------------------------------


def _associations(*, main: bool) -> Callable[[Record, Scope], Iterable[Record]]:
    def each(record: Record, _scope: Scope) -> Iterable[Record]:
        return [
            {**found, "VpcId": record["VpcId"]}
            for found in parts(record, "Associations")
            if bool(found.get("Main")) == main and dig(found, "AssociationState.State") != "disassociated"
        ]

    return each


def _move(subject: Subject) -> Iterable[Operation]:
    given = {"AssociationId": subject.id, "RouteTableId": subject.known["route_table_id"]}
    yield operation("ec2:ReplaceRouteTableAssociation", given)


def _associate(subject: Subject) -> Iterable[Operation]:
    wanted = subject.known
    yield operation(
        "ec2:AssociateRouteTable",
        {
            "RouteTableId": wanted["route_table_id"],
            "SubnetId": wanted.get("subnet_id") or None,
            "GatewayId": wanted.get("gateway_id") or None,
        },
    )


def _disassociate(subject: Subject) -> Iterable[Operation]:
    yield operation("ec2:DisassociateRouteTable", {"AssociationId": subject.id})


def _association_import(record: Record, _scope: Scope) -> str:
    return f"{record.get('SubnetId') or record.get('GatewayId')}/{record['RouteTableId']}"


_ASSOCIATION: Final = ResourceType(
    name="aws_route_table_association",
    list=_TABLES,
    expand=_associations(main=False),
    id=At("RouteTableAssociationId"),
    import_id=_association_import,
    natural_keys=(("subnet_id", "gateway_id"),),
    attributes={
        "gateway_id": At("GatewayId", default=""),
        "id": At("RouteTableAssociationId"),
        "route_table_id": At("RouteTableId"),
        "subnet_id": At("SubnetId", default=""),
    },
    writes=(Write(("ec2:ReplaceRouteTableAssociation",), frozenset(("route_table_id",)), _move),),
    create=Write(("ec2:AssociateRouteTable",), frozenset(), _associate),
    delete=Write(("ec2:DisassociateRouteTable",), frozenset(), _disassociate),
)

_MAIN_ASSOCIATION: Final = ResourceType(
    name="aws_main_route_table_association",
    list=_TABLES,
    expand=_associations(main=True),
    id=At("RouteTableAssociationId"),
    natural_keys=(("vpc_id",),),
    attributes={
        "id": At("RouteTableAssociationId"),
        "route_table_id": At("RouteTableId"),
        "vpc_id": At("VpcId"),
    },
    # What was main before, which only Terraform remembers.
    config_only=frozenset(("original_route_table_id",)),
    brings={"aws_route_table": ("original_route_table_id", "vpc_id")},
    writes=(Write(("ec2:ReplaceRouteTableAssociation",), frozenset(("route_table_id",)), _move),),
    aws_owned=lambda _record, _scope: True,
)

TYPES: Final = (_TABLE, _DEFAULT_TABLE, _ROUTE, _ASSOCIATION, _MAIN_ASSOCIATION)
