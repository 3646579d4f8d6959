"""AWS Cloud Map: namespaces and the services in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import parts, tags
from reconciler.resources.shapes import Shape, many, number, one, value
from reconciler.resources.spec import At, Getter, Read, Record, ResourceType, Scope, Subject, Write
from reconciler.resources.writing import operation, tag_write

_NAMESPACES: Final = Read("servicediscovery:ListNamespaces", "Namespaces", page=100)
_TAGS: Final = Read(
    "servicediscovery:ListTagsForResource",
    "Tags",
    {"ResourceARN": At("Arn")},
    absent=frozenset(("ResourceNotFoundException",)),
)


def _tagging() -> Write:
    return tag_write("servicediscovery:TagResource", "servicediscovery:UntagResource", {"ResourceARN": "arn"})


# -- namespaces -----------------------------------------------------------------------------------------------


def _namespace(name: str, kind: str, update: str, extra: dict[str, Getter], more: dict[str, Read]) -> ResourceType:
    def describe(subject: Subject) -> Iterable[Operation]:
        wanted: Any = (subject.after or {}).get("description") or ""
        yield operation(update, {"Id": subject.id, "Namespace": {"Description": wanted}})

    def only(record: Record, _scope: Scope) -> Iterable[Record]:
        return [record] if record.get("Type") == kind else []

    return ResourceType(
        name=name,
        list=_NAMESPACES,
        expand=only,
        id=At("Id"),
        natural_keys=(("name",),),
        details={"tags": _TAGS, **more},
        attributes={
            "arn": At("Arn"),
            "description": At("Description", default=""),
            "id": At("Id"),
            "name": At("Name"),
            "tags": tags("tags"),
            **extra,
        },
        config_only=frozenset(("vpc",)) if kind == "DNS_PRIVATE" else frozenset(),
        writes=(Write((update,), frozenset(("description",)), describe), _tagging()),
    )


_PRIVATE: Final = _namespace(
    "aws_service_discovery_private_dns_namespace",
    "DNS_PRIVATE",
    "servicediscovery:UpdatePrivateDnsNamespace",
    {"hosted_zone": At("Properties.DnsProperties.HostedZoneId")},
    {},
)
_HTTP: Final = _namespace(
    "aws_service_discovery_http_namespace",
    "HTTP",
    "servicediscovery:UpdateHttpNamespace",
    {"http_name": At("Properties.HttpProperties.HttpName")},
    {},
)

# -- services -------------------------------------------------------------------------------------------------

_DNS: Final[Shape] = {
    "dns_records": many("DnsRecords", {"ttl": number("TTL", zero=True), "type": value("Type")}),
    "namespace_id": value("NamespaceId"),
    "routing_policy": value("RoutingPolicy"),
}
_CHECK: Final[Shape] = {
    "failure_threshold": number("FailureThreshold"),
    "resource_path": value("ResourcePath"),
    "type": value("Type"),
}
_SETTINGS: Final[Shape] = {
    "dns_config": one("DnsConfig", _DNS),
    "health_check_config": one("HealthCheckConfig", _CHECK),
    "health_check_custom_config": one("HealthCheckCustomConfig", {"failure_threshold": number("FailureThreshold")}),
}


def _update(subject: Subject) -> Iterable[Operation]:
    """Records and checks that are left out are deleted, so all of them are said."""
    after: dict[str, Any] = dict(subject.after or {})
    given: dict[str, Json] = {"Description": after.get("description") or ""}
    for wanted in parts(after, "dns_config"):
        records: list[Json] = [{"TTL": r["ttl"], "Type": r["type"]} for r in parts(wanted, "dns_records")]
        given["DnsConfig"] = {"DnsRecords": records}
    for wanted in parts(after, "health_check_config"):
        keys = {"type": "Type", "resource_path": "ResourcePath", "failure_threshold": "FailureThreshold"}
        given["HealthCheckConfig"] = {key: wanted[name] for name, key in keys.items() if wanted.get(name)}
    yield operation("servicediscovery:UpdateService", {"Id": subject.id, "Service": given})


def _setting(name: str) -> Getter:
    field = _SETTINGS[name]
    return At(f"service.{field.key}", field.read, field.default)


def _dns_config(record: Record, scope: Scope) -> Json:
    """A service in an HTTP namespace has no records."""
    return _setting("dns_config")(record, scope) if parts(record["service"], "DnsConfig.DnsRecords") else []


_SERVICE: Final = ResourceType(
    name="aws_service_discovery_service",
    list=Read("servicediscovery:ListServices", "Services", page=100),
    id=At("Id"),
    by_id=lambda id_, scope: {"Id": id_, "Arn": scope.arn("servicediscovery", f"service/{id_}")},
    natural_keys=(("name", "namespace_id"),),
    # In which namespace a service is, is told for one at a time.
    key_from_list=False,
    details={
        "service": Read(
            "servicediscovery:GetService",
            "Service",
            {"Id": At("Id")},
            absent=frozenset(("ServiceNotFound",)),
        ),
        "tags": _TAGS,
    },
    exists=lambda record, _: record["service"] is not None,
    attributes={
        "arn": At("service.Arn"),
        "description": At("service.Description", default=""),
        "dns_config": _dns_config,
        "health_check_config": _setting("health_check_config"),
        "health_check_custom_config": _setting("health_check_custom_config"),
        "id": At("Id"),
        "name": At("service.Name"),
        "namespace_id": At("service.NamespaceId", default=""),
        "tags": tags("tags"),
        "type": At("service.Type", default=""),
    },
    config_only=frozenset(("force_destroy",)),
    writes=(
        Write(
            ("servicediscovery:UpdateService",),
            frozenset(("description", "dns_config", "health_check_config")),
            _update,
        ),
        _tagging(),
    ),
)

TYPES: Final = (_PRIVATE, _HTTP, _SERVICE)
