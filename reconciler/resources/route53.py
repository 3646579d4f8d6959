"""Zones and their records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import names, part, parts, tags
from reconciler.resources.shapes import Shape, flag, getters, number, value
from reconciler.resources.shapes import read as read_shape
from reconciler.resources.shapes import write as write_shape
from reconciler.resources.spec import (
    At,
    Attributes,
    Bulk,
    Read,
    Record,
    ResourceType,
    Scope,
    Semantics,
    Subject,
    Write,
    dig,
)
from reconciler.resources.writing import TAG_ATTRIBUTES, live_tags, operation, tag_list

_ABSENT: Final = frozenset(("NoSuchHostedZone",))
_ZONES: Final = Read("route53:ListHostedZones", "HostedZones", page=100)


def _zone_id(given: Any) -> str:
    """ "/hostedzone/Z1" -> "Z1" """
    return str(given).rsplit("/", 1)[-1]


_ID: Final = At("Id", _zone_id)


def _plain(name: Any) -> str:
    """As Terraform writes names: lower case, no trailing dot, escapes undone."""
    return str(name).lower().removesuffix(".").replace("\\052", "*")


# -- zones ----------------------------------------------------------------------------------------------------


def _name_servers(record: Record, _scope: Scope) -> list[Json]:
    """Private zones have none that anybody is told."""
    found = dig(record, "zone.DelegationSet.NameServers")
    return names(found or [])


def _networks(record: Record, _scope: Scope) -> Json:
    return [
        {"vpc_id": network.get("VPCId"), "vpc_region": network.get("VPCRegion")}
        for network in parts(record, "zone.VPCs")
    ]


def _set_comment(subject: Subject) -> Iterable[Operation]:
    wanted: Any = (subject.after or {}).get("comment") or ""
    yield operation("route53:UpdateHostedZoneComment", {"Id": subject.id, "Comment": wanted})


def _network_set(side: Attributes | None) -> set[tuple[str, str]]:
    return {(str(n.get("vpc_region") or ""), str(n.get("vpc_id") or "")) for n in parts(dict(side or {}), "vpc")}


def _set_networks(subject: Subject) -> Iterable[Operation]:
    """First what is new: a private zone cannot be without a network."""
    before, after = _network_set(subject.before), _network_set(subject.after)
    for verb, changed in (("Associate", after - before), ("Disassociate", before - after)):
        for region, network in sorted(changed):
            vpc: Json = {"VPCRegion": region or subject.scope.region, "VPCId": network}
            name = f"route53:{verb}VPC{'With' if verb == 'Associate' else 'From'}HostedZone"
            yield operation(name, {"HostedZoneId": subject.id, "VPC": vpc})


def tagging(kind: str) -> Write:
    """Tags of what Route 53 calls "hostedzone" or "healthcheck": one call adds and removes."""

    def build(subject: Subject) -> Iterable[Operation]:
        before, after = live_tags(subject.before), live_tags(subject.after)
        added = {key: value for key, value in after.items() if before.get(key) != value}
        gone: list[Json] = [*sorted(before.keys() - after.keys())]
        if added or gone:
            given: dict[str, Json] = {"ResourceType": kind, "ResourceId": subject.id}
            if added:
                given["AddTags"] = tag_list(added)
            if gone:
                given["RemoveTagKeys"] = gone
            yield operation("route53:ChangeTagsForResource", given)

    return Write(("route53:ChangeTagsForResource",), TAG_ATTRIBUTES, build)


_ZONE: Final = ResourceType(
    name="aws_route53_zone",
    list=_ZONES,
    id=_ID,
    natural_keys=(("name",),),
    details={
        "zone": Read("route53:GetHostedZone", "", {"Id": _ID}, absent=_ABSENT),
        "tags": Read(
            "route53:ListTagsForResources",
            "ResourceTagSets",
            {"ResourceType": "hostedzone"},
            bulk=Bulk(
                "ResourceId",
                _ID,
                parameter="ResourceIds",
                size=10,
                path="Tags",
                single=Read(
                    "route53:ListTagsForResource",
                    "ResourceTagSet.Tags",
                    {"ResourceType": "hostedzone", "ResourceId": _ID},
                    absent=_ABSENT,
                ),
            ),
            absent=_ABSENT,
            page=0,
        ),
    },
    exists=lambda record, _: record["zone"] is not None,
    attributes={
        "arn": lambda record, scope: f"arn:{scope.partition}:route53:::hostedzone/{_zone_id(record['Id'])}",
        "comment": At("Config.Comment", default=""),
        "delegation_set_id": At("zone.DelegationSet.Id", _zone_id, ""),
        "id": _ID,
        "name": At("Name", _plain),
        "name_servers": _name_servers,
        "primary_name_server": lambda r, _: next(iter(dig(r, "zone.DelegationSet.NameServers") or []), ""),
        "tags": tags("tags"),
        "vpc": _networks,
        "zone_id": _ID,
    },
    config_only=frozenset(("force_destroy",)),
    semantics={"name": Semantics.DNS_NAME},
    writes=(
        Write(("route53:UpdateHostedZoneComment",), frozenset(("comment",)), _set_comment),
        Write(
            ("route53:AssociateVPCWithHostedZone", "route53:DisassociateVPCFromHostedZone"),
            frozenset(("vpc",)),
            _set_networks,
            actions=(
                "route53:AssociateVPCWithHostedZone",
                "route53:DisassociateVPCFromHostedZone",
                "ec2:DescribeVpcs",
            ),
        ),
        tagging("hostedzone"),
    ),
    # Made by AWS Cloud Map or another service for itself.
    aws_owned=lambda record, _: bool(part(record, "LinkedService").get("ServicePrincipal")),
    regional=False,
)

# -- records --------------------------------------------------------------------------------------------------

_ALIAS: Final[Shape] = {
    "evaluate_target_health": flag("EvaluateTargetHealth"),
    "name": value("DNSName"),
    "zone_id": value("HostedZoneId"),
}
_CIDR: Final[Shape] = {"collection_id": value("CollectionId"), "location_name": value("LocationName")}
_GEO: Final[Shape] = {
    "continent": value("ContinentCode"),
    "country": value("CountryCode"),
    "subdivision": value("SubdivisionCode"),
}
_PROXIMITY: Final[Shape] = {
    "aws_region": value("AWSRegion"),
    "bias": number("Bias", zero=True),
    "local_zone_group": value("LocalZoneGroup"),
}
_SETTINGS: Final[Shape] = {
    "health_check_id": value("HealthCheckId"),
    "multivalue_answer_routing_policy": value("MultiValueAnswer", default=False),
    "set_identifier": value("SetIdentifier"),
    "ttl": number("TTL", zero=True),
}


def _alias(found: Any) -> Json:
    read = read_shape(_ALIAS, found)
    return [{**read, "name": _plain(read["name"]).removeprefix("dualstack.")}]


def _records(record: Record, _scope: Scope) -> list[Json]:
    """Texts are quoted to the API, and not in the code."""
    quoted = record["Type"] in ("TXT", "SPF")

    def said(text: str) -> str:
        return text[1:-1] if quoted and len(text) > 1 and text.startswith('"') and text.endswith('"') else text

    return names(said(str(found["Value"])) for found in parts(record, "ResourceRecords"))


def _wanted_records(wanted: Attributes) -> list[Json]:
    found = wanted.get("records")
    quoted = wanted["type"] in ("TXT", "SPF")
    return [{"Value": f'"{text}"' if quoted else text} for text in (found if isinstance(found, list) else [])]


def _proximity(found: Any) -> Json:
    place = part(found, "Coordinates")
    at: list[Json] = [{"latitude": place.get("Latitude"), "longitude": place.get("Longitude")}] if place else []
    return [{**read_shape(_PROXIMITY, found), "coordinates": at}]


def _record_id(record: Record, _scope: Scope) -> str:
    pieces = [_zone_id(dig(record, "parent.Id")), _plain(record["Name"]), record["Type"]]
    if record.get("SetIdentifier"):
        pieces.append(record["SetIdentifier"])
    return "_".join(pieces)


def _change(action: str, wanted: Attributes) -> Operation:
    given = write_shape(_SETTINGS, wanted)
    name = str(wanted.get("fqdn") or wanted["name"])
    given |= {"Name": name, "Type": wanted["type"]}
    routing = {
        "cidr_routing_policy": ("CidrRoutingConfig", _CIDR),
        "geolocation_routing_policy": ("GeoLocation", _GEO),
        "geoproximity_routing_policy": ("GeoProximityLocation", _PROXIMITY),
    }
    for attribute, (key, shape) in routing.items():
        for found in parts(dict(wanted), attribute):
            given[key] = write_shape(shape, found)
            for at in parts(found, "coordinates"):
                place: Json = {"Latitude": at["latitude"], "Longitude": at["longitude"]}
                given[key] = {**part(given, key), "Coordinates": place}
    for attribute, key, member in (
        ("failover_routing_policy", "Failover", "type"),
        ("latency_routing_policy", "Region", "region"),
        ("weighted_routing_policy", "Weight", "weight"),
    ):
        for found in parts(dict(wanted), attribute):
            given[key] = found[member]
    aliases = parts(dict(wanted), "alias")
    if aliases:
        given["AliasTarget"] = {"EvaluateTargetHealth": False, **write_shape(_ALIAS, aliases[0])}
        given.pop("TTL", None)
    elif wanted.get("records"):
        given["ResourceRecords"] = _wanted_records(wanted)
    change: Json = {"Action": action, "ResourceRecordSet": given}
    return operation(
        "route53:ChangeResourceRecordSets", {"HostedZoneId": wanted["zone_id"], "ChangeBatch": {"Changes": [change]}}
    )


def _put(subject: Subject) -> Iterable[Operation]:
    yield _change("UPSERT", subject.known)


def _delete(subject: Subject) -> Iterable[Operation]:
    yield _change("DELETE", subject.known)


_CHANGE: Final = ("route53:ChangeResourceRecordSets",)


def _of_zone(record: Record, _scope: Scope) -> bool:
    """Each zone comes with these two."""
    return record["Type"] in ("NS", "SOA") and _plain(record["Name"]) == _plain(dig(record, "parent.Name"))


_RECORD: Final = ResourceType(
    name="aws_route53_record",
    list=Read(
        "route53:ListResourceRecordSets",
        "ResourceRecordSets",
        {"HostedZoneId": _ID},
        under=_ZONES,
        hides={"zone_id": _ID},
        absent=_ABSENT,
        page=300,
    ),
    # The provider's own has the name as it is in the code.
    id=_record_id,
    id_from_live=False,
    import_id=_record_id,
    natural_keys=(("zone_id", "name", "type", "set_identifier"),),
    attributes={
        **getters(_SETTINGS),
        "alias": At("AliasTarget", _alias, []),
        "cidr_routing_policy": At("CidrRoutingConfig", lambda found: [read_shape(_CIDR, found)], []),
        "failover_routing_policy": At("Failover", lambda found: [{"type": found}], []),
        "fqdn": At("Name", _plain),
        "geolocation_routing_policy": At("GeoLocation", lambda found: [read_shape(_GEO, found)], []),
        "geoproximity_routing_policy": At("GeoProximityLocation", _proximity, []),
        "latency_routing_policy": At("Region", lambda found: [{"region": found}], []),
        "name": At("Name", _plain),
        "records": _records,
        "type": At("Type"),
        "weighted_routing_policy": At("Weight", lambda found: [{"weight": found}], []),
        "zone_id": lambda record, _: _zone_id(dig(record, "parent.Id")),
    },
    config_only=frozenset(("allow_overwrite", "id")),
    semantics={"alias.name": Semantics.ALIAS_NAME, "fqdn": Semantics.DNS_NAME, "name": Semantics.RECORD_NAME},
    writes=(
        Write(
            _CHANGE,
            frozenset(
                (
                    "alias",
                    "cidr_routing_policy",
                    "failover_routing_policy",
                    "geolocation_routing_policy",
                    "geoproximity_routing_policy",
                    "health_check_id",
                    "latency_routing_policy",
                    "multivalue_answer_routing_policy",
                    "records",
                    "ttl",
                    "weighted_routing_policy",
                )
            ),
            _put,
        ),
    ),
    create=Write(_CHANGE, frozenset(), _put),
    delete=Write(_CHANGE, frozenset(), _delete),
    aws_owned=_of_zone,
    regional=False,
)

TYPES: Final = (_ZONE, _RECORD)
