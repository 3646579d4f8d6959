"""Target groups, and the targets in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import name_prefix, names, number, parts, tags, text
from reconciler.resources.elb import (
    Setting,
    arn_suffix,
    count,
    flag,
    not_everywhere,
    set_settings,
    setting,
    settings,
    tagging,
    tags_of,
    word,
)
from reconciler.resources.spec import At, Getter, Read, Record, ResourceType, Scope, Subject, Write, dig
from reconciler.resources.writing import operation

_GROUPS: Final = Read("elbv2:DescribeTargetGroups", "TargetGroups", page=400)
_ABSENT: Final = frozenset(("TargetGroupNotFound",))
_HOSTS: Final = ("instance", "ip")

_SETTINGS: Final[Mapping[str, Setting]] = {
    "connection_termination": flag("deregistration_delay.connection_termination.enabled", *_HOSTS),
    "deregistration_delay": word("deregistration_delay.timeout_seconds", *_HOSTS, cleared="300"),
    "lambda_multi_value_headers_enabled": flag("lambda.multi_value_headers.enabled", "lambda"),
    "load_balancing_algorithm_type": word("load_balancing.algorithm.type", *_HOSTS, cleared="round_robin"),
    "load_balancing_anomaly_mitigation": word("load_balancing.algorithm.anomaly_mitigation", *_HOSTS, cleared="off"),
    "load_balancing_cross_zone_enabled": word(
        "load_balancing.cross_zone.enabled", *_HOSTS, cleared="use_load_balancer_configuration"
    ),
    "preserve_client_ip": word("preserve_client_ip.enabled", *_HOSTS, cleared="false"),
    "proxy_protocol_v2": flag("proxy_protocol_v2.enabled", *_HOSTS),
    "slow_start": count("slow_start.duration_seconds", *_HOSTS, cleared="0"),
}

# -- parts of a target group that are attributes to AWS -------------------------------------------------------

_FAILOVER: Final[Mapping[str, Setting]] = {
    "on_deregistration": word("target_failover.on_deregistration"),
    "on_unhealthy": word("target_failover.on_unhealthy"),
}
_STATE: Final[Mapping[str, Setting]] = {
    "enable_unhealthy_connection_termination": flag("target_health_state.unhealthy.connection_termination.enabled"),
    "unhealthy_draining_interval": count("target_health_state.unhealthy.draining_interval_seconds"),
}
_DNS: Final[Mapping[str, Setting]] = {
    "minimum_healthy_targets_count": word("target_group_health.dns_failover.minimum_healthy_targets.count"),
    "minimum_healthy_targets_percentage": word("target_group_health.dns_failover.minimum_healthy_targets.percentage"),
}
_ROUTING: Final[Mapping[str, Setting]] = {
    "minimum_healthy_targets_count": count("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count"),
    "minimum_healthy_targets_percentage": word(
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage"
    ),
}


def _object(record: Record, table: Mapping[str, Setting]) -> dict[str, Json]:
    texts = {name: setting(record, found.key) for name, found in table.items()}
    return {name: None if value is None else table[name].convert(value) for name, value in texts.items()}


def _empty(table: Mapping[str, Setting]) -> Json:
    return [dict.fromkeys(table)]


def _failover(record: Record, _scope: Scope) -> Json:
    """Of Gateway Load Balancers' alone."""
    return [_object(record, _FAILOVER)] if record.get("Protocol") == "GENEVE" else _empty(_FAILOVER)


def _health_state(record: Record, _scope: Scope) -> Json:
    """Of Network Load Balancers' alone."""
    return [_object(record, _STATE)] if record.get("Protocol") in ("TCP", "TLS") else _empty(_STATE)


def _group_health(record: Record, _scope: Scope) -> Json:
    return [{"dns_failover": [_object(record, _DNS)], "unhealthy_state_routing": [_object(record, _ROUTING)]}]


def _stickiness(record: Record, _scope: Scope) -> Json:
    kind = setting(record, "stickiness.type") or ""
    found: dict[str, Json] = {"enabled": setting(record, "stickiness.enabled") == "true", "type": kind}
    if kind in ("lb_cookie", "app_cookie") and str(record.get("Protocol", "")).startswith("HTTP"):
        found["cookie_duration"] = number(setting(record, f"stickiness.{kind}.duration_seconds") or 0)
        if kind == "app_cookie":
            found["cookie_name"] = setting(record, "stickiness.app_cookie.cookie_name") or ""
    return [{"cookie_duration": 0, "cookie_name": "", **found}]


def _wanted(block: Mapping[str, Any], table: Mapping[str, Setting]) -> dict[str, str]:
    return {found.key: text(block[name]) for name, found in table.items() if block.get(name) not in (None, "")}


def _first(value: Any, path: str) -> dict[str, Any]:
    found = parts(value, path)
    return found[0] if found else {}


def _more_settings(subject: Subject) -> Mapping[str, str]:
    after, changed = dict(subject.after or {}), subject.changed
    given: dict[str, str] = {}
    if "target_failover" in changed:
        given |= _wanted(_first(after, "target_failover"), _FAILOVER)
    if "target_health_state" in changed:
        given |= _wanted(_first(after, "target_health_state"), _STATE)
    if "target_group_health" in changed:
        health = _first(after, "target_group_health")
        given |= _wanted(_first(health, "dns_failover"), _DNS)
        given |= _wanted(_first(health, "unhealthy_state_routing"), _ROUTING)
    if "stickiness" in changed:
        given |= _wanted_stickiness(_first(after, "stickiness"))
    return given


def _wanted_stickiness(wanted: Mapping[str, Any]) -> dict[str, str]:
    kind = wanted.get("type")
    if not kind:
        return {"stickiness.enabled": "false"}
    given = {"stickiness.enabled": text(wanted.get("enabled") is not False), "stickiness.type": str(kind)}
    if wanted.get("cookie_duration"):
        given[f"stickiness.{kind}.duration_seconds"] = text(wanted["cookie_duration"])
    if kind == "app_cookie":
        given["stickiness.app_cookie.cookie_name"] = str(wanted.get("cookie_name") or "")
    return given


# -- health checks --------------------------------------------------------------------------------------------

_CHECK: Final = {
    "enabled": "HealthCheckEnabled",
    "healthy_threshold": "HealthyThresholdCount",
    "interval": "HealthCheckIntervalSeconds",
    "path": "HealthCheckPath",
    "port": "HealthCheckPort",
    "protocol": "HealthCheckProtocol",
    "timeout": "HealthCheckTimeoutSeconds",
    "unhealthy_threshold": "UnhealthyThresholdCount",
}


def _health_check(record: Record, _scope: Scope) -> Json:
    matcher = dig(record, "Matcher.GrpcCode") or dig(record, "Matcher.HttpCode") or ""
    return [{**{name: record.get(key) for name, key in _CHECK.items()}, "matcher": matcher}]


def _modify(subject: Subject) -> Iterable[Operation]:
    after = dict(subject.after or {})
    wanted = _first(after, "health_check")
    given: dict[str, Json] = {key: wanted[name] for name, key in _CHECK.items() if wanted.get(name) not in (None, "")}
    if wanted.get("matcher"):
        kind = "GrpcCode" if after.get("protocol_version") == "GRPC" else "HttpCode"
        given["Matcher"] = {kind: wanted["matcher"]}
    if given:
        yield operation("elbv2:ModifyTargetGroup", {"TargetGroupArn": subject.id, **given})


def _stuck(subject: Subject) -> Iterable[str]:
    """What a health check had not (a function's has no protocol), it cannot be rid of again."""
    was, wanted = (_first(dict(side or {}), "health_check") for side in (subject.before, subject.after))
    unset = [name for name in _CHECK if was.get(name) not in (None, "") and wanted.get(name) in (None, "")]
    return ("health_check",) if "health_check" in subject.changed and wanted and unset else ()


def _unless_function(path: str) -> Getter:
    """Targets that are functions have no port and no protocol, whatever is answered."""
    return lambda record, _: None if record.get("TargetType") == "lambda" else record.get(path)


_TARGET_GROUP: Final = ResourceType(
    name="aws_lb_target_group",
    list=_GROUPS,
    id=At("TargetGroupArn"),
    natural_keys=(("name",),),
    details={
        "attributes": Read(
            "elbv2:DescribeTargetGroupAttributes",
            "Attributes",
            {"TargetGroupArn": At("TargetGroupArn")},
            absent=_ABSENT,
        ),
        "tags": tags_of("TargetGroupArn"),
    },
    exists=lambda record, _: record["attributes"] is not None,
    attributes={
        **settings(_SETTINGS, "TargetType"),
        "arn": At("TargetGroupArn"),
        "arn_suffix": arn_suffix("TargetGroupArn"),
        "health_check": _health_check,
        "id": At("TargetGroupArn"),
        "ip_address_type": At("IpAddressType"),
        "load_balancer_arns": At("LoadBalancerArns", names, []),
        "name": At("TargetGroupName"),
        "name_prefix": name_prefix("TargetGroupName"),
        "port": _unless_function("Port"),
        "protocol": _unless_function("Protocol"),
        "protocol_version": lambda r, _: r.get("ProtocolVersion") if r.get("Protocol") in ("HTTP", "HTTPS") else None,
        "stickiness": _stickiness,
        "tags": tags("tags"),
        "target_failover": _failover,
        "target_group_health": _group_health,
        "target_health_state": _health_state,
        "target_type": At("TargetType"),
        "vpc_id": At("VpcId"),
    },
    kept=frozenset(("target_type",)),
    semantics=not_everywhere(_SETTINGS),
    writes=(
        Write(("elbv2:ModifyTargetGroup",), frozenset(("health_check",)), _modify, stuck=_stuck),
        set_settings(
            "elbv2:ModifyTargetGroupAttributes",
            "TargetGroupArn",
            _SETTINGS,
            _more_settings,
            ("stickiness", "target_failover", "target_group_health", "target_health_state"),
        ),
        tagging(),
    ),
)

# -- targets --------------------------------------------------------------------------------------------------


def _registration(verb: str) -> Write:
    name = f"elbv2:{verb}Targets"

    def build(subject: Subject) -> Iterable[Operation]:
        known = subject.known
        keys = {"target_id": "Id", "port": "Port", "availability_zone": "AvailabilityZone"}
        target: Json = {key: known[attribute] for attribute, key in keys.items() if known.get(attribute)}
        yield operation(name, {"TargetGroupArn": known["target_group_arn"], "Targets": [target]})

    return Write((name,), frozenset(), build)


def _target_id(record: Record, _scope: Scope) -> str:
    pieces = (dig(record, "parent.TargetGroupArn"), *(dig(record, f"Target.{key}") for key in ("Id", "Port")))
    return "/".join(str(piece) for piece in pieces if piece)


_ATTACHMENT: Final = ResourceType(
    name="aws_lb_target_group_attachment",
    list=Read(
        "elbv2:DescribeTargetHealth",
        "TargetHealthDescriptions",
        {"TargetGroupArn": At("TargetGroupArn")},
        under=_GROUPS,
        hides={"target_group_arn": At("TargetGroupArn")},
        absent=_ABSENT,
    ),
    expand=lambda record, _: [] if dig(record, "TargetHealth.State") == "draining" else [record],
    id=_target_id,
    id_from_live=False,
    natural_keys=(("target_group_arn", "target_id", "port"), ("target_group_arn", "target_id")),
    attributes={
        "availability_zone": At("Target.AvailabilityZone"),
        "port": At("Target.Port"),
        "target_group_arn": At("parent.TargetGroupArn"),
        "target_id": At("Target.Id"),
    },
    config_only=frozenset(("id",)),
    # AWS tells the group's port and the target's zone where none was asked for.
    kept=frozenset(("availability_zone", "port")),
    create=_registration("Register"),
    delete=_registration("Deregister"),
)

TYPES: Final = (_TARGET_GROUP, _ATTACHMENT)
