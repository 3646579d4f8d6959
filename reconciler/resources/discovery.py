"""AWS Cloud Map: namespaces, the services in them, and the instances of these."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import parts, tags
from reconciler.resources.shapes import Shape, many, number, one, value
from reconciler.resources.spec import At, Getter, Read, Record, ResourceType, Scope, Subject, Write, dig
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
        brings={} if kind == "HTTP" else {"aws_route53_zone": ("hosted_zone", "")},
        writes=(Write((update,), frozenset(("description",)), describe), _tagging()),
    )


_PRIVATE: Final = _namespace(
    "aws_service_discovery_private_dns_namespace",
    "DNS_PRIVATE",
    "servicediscovery:UpdatePrivateDnsNamespace",
    {"hosted_zone": At("Properties.DnsProperties.HostedZoneId")},
    {},
)
_PUBLIC: Final = _namespace(
    "aws_service_discovery_public_dns_namespace",
    "DNS_PUBLIC",
    "servicediscovery:UpdatePublicDnsNamespace",
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


_SERVICES: Final = Read("servicediscovery:ListServices", "Services", page=100)

_SERVICE: Final = ResourceType(
    name="aws_service_discovery_service",
    list=_SERVICES,
    id=At("Id"),
    by_id=lambda id_, scope: {"Id": id_, "Arn": scope.arn("servicediscovery", f"service/{id_}")},
    # Code that wants records names the namespace with them.
    natural_keys=(("name", "namespace_id"), ("name", "dns_config.0.namespace_id")),
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

# -- instances ------------------------------------------------------------------------------------------------


def _told(record: Record, _scope: Scope) -> Json:
    """The address of a machine that is named is AWS's to find out."""
    found: dict[str, Json] = dict(record.get("Attributes") or {})
    if "AWS_EC2_INSTANCE_ID" in found:
        found.pop("AWS_INSTANCE_IPV4", None)
    return found


def _of_container_service(record: Record, _scope: Scope) -> bool:
    """ECS registers the tasks of its services by itself."""
    return any(str(name).startswith("ECS_") for name in record.get("Attributes") or ())


def _instance_id(record: Record, _scope: Scope) -> str:
    return f"{dig(record, 'parent.Id')}/{record['Id']}"


def _named(subject: Subject) -> dict[str, Json]:
    known = subject.known
    return {"ServiceId": known["service_id"], "InstanceId": known["instance_id"]}


def _register(subject: Subject) -> Iterable[Operation]:
    """The whole of it, whether it is there or not."""
    attributes = subject.known.get("attributes") or {}
    yield operation("servicediscovery:RegisterInstance", {**_named(subject), "Attributes": attributes})


def _deregister(subject: Subject) -> Iterable[Operation]:
    yield operation("servicediscovery:DeregisterInstance", _named(subject))


_INSTANCE: Final = ResourceType(
    name="aws_service_discovery_instance",
    list=Read(
        "servicediscovery:ListInstances",
        "Instances",
        {"ServiceId": At("Id")},
        under=_SERVICES,
        hides={"service_id": At("Id")},
        absent=frozenset(("ServiceNotFound",)),
        page=100,
    ),
    # The state's id is that of the instance alone, which other services' instances may have.
    id=_instance_id,
    id_from_live=False,
    import_id=_instance_id,
    natural_keys=(("service_id", "instance_id"),),
    attributes={
        "attributes": _told,
        "id": At("Id"),
        "instance_id": At("Id"),
        "service_id": At("parent.Id"),
    },
    writes=(Write(("servicediscovery:RegisterInstance",), frozenset(("attributes",)), _register),),
    create=Write(("servicediscovery:RegisterInstance",), frozenset(), _register),
    delete=Write(("servicediscovery:DeregisterInstance",), frozenset(), _deregister),
    aws_owned=_of_container_service,
)

TYPES: Final = (_PRIVATE, _PUBLIC, _HTTP, _SERVICE, _INSTANCE)
