"""Data sources of load balancers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from reconciler.model import UNKNOWN, Json
from reconciler.resources.convert import names, tag_map
from reconciler.resources.data_sources import DataSource, listed
from reconciler.resources.spec import At, Getter, Read, Record, Scope, dig

_ATTRIBUTES: Final = "Attributes"


def _setting(name: str, convert: Callable[[str], Json]) -> Getter:
    """One of the key-value pairs that AWS keeps settings as; unknown where it has none of that name."""

    def get(record: Record, _scope: Scope) -> Any:
        value = next((s["Value"] for s in record["settings"] if s["Key"] == name), None)
        return UNKNOWN if value is None else convert(value)

    return get


def _yes(value: str) -> bool:
    return value == "true"


def _tags(record: Record, _scope: Scope) -> Json:
    return tag_map(record["tags"])


def _suffix(start: str) -> Callable[[Any], Json]:
    return lambda arn: str(arn).partition(start)[2]


_BALANCER: Final = DataSource(
    "aws_lb",
    Read(
        "elbv2:DescribeLoadBalancers",
        "LoadBalancers",
        {"LoadBalancerArns": listed("arn"), "Names": listed("name")},
        absent=frozenset(("LoadBalancerNotFound", "LoadBalancerNotFoundException")),
    ),
    {
        "arn": At("LoadBalancerArn"),
        "arn_suffix": At("LoadBalancerArn", _suffix(":loadbalancer/")),
        "dns_name": At("DNSName"),
        "enable_deletion_protection": _setting("deletion_protection.enabled", _yes),
        "enable_http2": _setting("routing.http2.enabled", _yes),
        "id": At("LoadBalancerArn"),
        "idle_timeout": _setting("idle_timeout.timeout_seconds", int),
        "internal": lambda r, _: r.get("Scheme") == "internal",
        "ip_address_type": At("IpAddressType"),
        "load_balancer_type": At("Type"),
        "name": At("LoadBalancerName"),
        "security_groups": At("SecurityGroups", names, []),
        "subnets": lambda r, _: sorted(zone["SubnetId"] for zone in r.get("AvailabilityZones") or ()),
        "tags": _tags,
        "vpc_id": At("VpcId"),
        "zone_id": At("CanonicalHostedZoneId"),
    },
    details={
        "settings": Read(
            "elbv2:DescribeLoadBalancerAttributes", _ATTRIBUTES, {"LoadBalancerArn": At("LoadBalancerArn")}
        ),
        "tags": Read(
            "elbv2:DescribeTags",
            "TagDescriptions.Tags",
            {"ResourceArns": lambda r, _: [r["LoadBalancerArn"]]},
        ),
    },
    unable=frozenset(("tags",)),
)


def _health(record: Record, _scope: Scope) -> Json:
    return [
        {
            "enabled": record.get("HealthCheckEnabled"),
            "healthy_threshold": record.get("HealthyThresholdCount"),
            "interval": record.get("HealthCheckIntervalSeconds"),
            "matcher": dig(record, "Matcher.HttpCode") or dig(record, "Matcher.GrpcCode"),
            "path": record.get("HealthCheckPath"),
            "port": record.get("HealthCheckPort"),
            "protocol": record.get("HealthCheckProtocol"),
            "timeout": record.get("HealthCheckTimeoutSeconds"),
            "unhealthy_threshold": record.get("UnhealthyThresholdCount"),
        }
    ]


_GROUP: Final = DataSource(
    "aws_lb_target_group",
    Read(
        "elbv2:DescribeTargetGroups",
        "TargetGroups",
        {"TargetGroupArns": listed("arn"), "Names": listed("name")},
        absent=frozenset(("TargetGroupNotFound", "TargetGroupNotFoundException")),
    ),
    {
        "arn": At("TargetGroupArn"),
        "arn_suffix": At("TargetGroupArn", lambda arn: str(arn).rsplit(":", 1)[-1]),
        "deregistration_delay": _setting("deregistration_delay.timeout_seconds", str),
        "health_check": _health,
        "id": At("TargetGroupArn"),
        "load_balancer_arns": At("LoadBalancerArns", names, []),
        "name": At("TargetGroupName"),
        "port": At("Port"),
        "protocol": At("Protocol"),
        "protocol_version": At("ProtocolVersion"),
        "tags": _tags,
        "target_type": At("TargetType"),
        "vpc_id": At("VpcId"),
    },
    details={
        "settings": Read("elbv2:DescribeTargetGroupAttributes", _ATTRIBUTES, {"TargetGroupArn": At("TargetGroupArn")}),
        "tags": Read(
            "elbv2:DescribeTags", "TagDescriptions.Tags", {"ResourceArns": lambda r, _: [r["TargetGroupArn"]]}
        ),
    },
    unable=frozenset(("tags",)),
)

DATA_SOURCES: Final = (_BALANCER, _GROUP)
