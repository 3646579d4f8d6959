"""Route 53's health checks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import tags
from reconciler.resources.route53 import tagging
from reconciler.resources.shapes import Shape, flag, getters, names_of, number, value, write
from reconciler.resources.spec import At, Bulk, Read, ResourceType, Subject, Write
from reconciler.resources.writing import operation, stuck_in

_SETTINGS: Final[Shape] = {
    "child_health_threshold": number("HealthThreshold", zero=True, cleared=0),
    "child_healthchecks": names_of("ChildHealthChecks"),
    "cloudwatch_alarm_name": value("AlarmIdentifier.Name", None),
    "cloudwatch_alarm_region": value("AlarmIdentifier.Region", None),
    "disabled": flag("Disabled"),
    "enable_sni": flag("EnableSNI"),
    "failure_threshold": number("FailureThreshold"),
    "fqdn": value("FullyQualifiedDomainName"),
    "insufficient_data_health_status": value("InsufficientDataHealthStatus"),
    "invert_healthcheck": flag("Inverted"),
    "ip_address": value("IPAddress", cleared=""),
    "port": number("Port"),
    "regions": names_of("Regions"),
    "resource_path": value("ResourcePath"),
    "search_string": value("SearchString", cleared=""),
}
_FIXED: Final[Shape] = {
    "measure_latency": flag("MeasureLatency"),
    "request_interval": number("RequestInterval"),
    "routing_control_arn": value("RoutingControlArn"),
    "type": value("Type"),
}
# What an update takes away by naming it; everything else is set to something.
_RESETTABLE: Final = {
    "child_healthchecks": "ChildHealthChecks",
    "fqdn": "FullyQualifiedDomainName",
    "regions": "Regions",
    "resource_path": "ResourcePath",
}
_ALWAYS_SET: Final = {name: field for name, field in _SETTINGS.items() if name not in _RESETTABLE}
_ALARM: Final = ("cloudwatch_alarm_name", "cloudwatch_alarm_region")


def _update(subject: Subject) -> Iterable[Operation]:
    after = subject.after or {}
    named = subject.changed | set(_ALARM if subject.changed.intersection(_ALARM) else ())
    given = write({name: field for name, field in _SETTINGS.items() if name in named}, after)
    reset: list[Json] = [
        element for name, element in sorted(_RESETTABLE.items()) if name in subject.changed and not after.get(name)
    ]
    if reset:
        given["ResetElements"] = reset
    if given:
        yield operation("route53:UpdateHealthCheck", {"HealthCheckId": subject.id, **given})


_HEALTH_CHECK: Final = ResourceType(
    name="aws_route53_health_check",
    list=Read("route53:ListHealthChecks", "HealthChecks", page=100),
    id=At("Id"),
    natural_keys=(("tags.Name",), ("type", "fqdn", "ip_address", "port", "resource_path")),
    details={
        "tags": Read(
            "route53:ListTagsForResources",
            "ResourceTagSets",
            {"ResourceType": "healthcheck"},
            bulk=Bulk(
                "ResourceId",
                At("Id"),
                parameter="ResourceIds",
                size=10,
                path="Tags",
                single=Read(
                    "route53:ListTagsForResource",
                    "ResourceTagSet.Tags",
                    {"ResourceType": "healthcheck", "ResourceId": At("Id")},
                    absent=frozenset(("NoSuchHealthCheck",)),
                ),
            ),
            absent=frozenset(("NoSuchHealthCheck",)),
            page=0,
        )
    },
    attributes={
        **getters(_SETTINGS, "HealthCheckConfig"),
        **getters(_FIXED, "HealthCheckConfig"),
        "arn": lambda record, scope: f"arn:{scope.partition}:route53:::healthcheck/{record['Id']}",
        "id": At("Id"),
        "tags": tags("tags"),
    },
    config_only=frozenset(("reference_name", "triggers")),
    key_from_list=False,
    writes=(
        Write(("route53:UpdateHealthCheck",), frozenset(_SETTINGS), _update, stuck=stuck_in(_ALWAYS_SET)),
        tagging("healthcheck"),
    ),
    # Made by another service for itself.
    aws_owned=lambda record, _: record.get("LinkedService") is not None,
    regional=False,
)

TYPES: Final = (_HEALTH_CHECK,)
