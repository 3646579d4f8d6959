"""Load balancers, and the reads of listeners and target groups that elb_listeners.py and elb_targets.py share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast

from reconciler.model import Json, Operation
from reconciler.records import dataclass
from reconciler.resources.convert import Convert, boolean, name_prefix, names, number, part, parts, tags, text
from reconciler.resources.spec import (
    At,
    Attributes,
    Bulk,
    Getter,
    Read,
    Record,
    ResourceType,
    Scope,
    Semantics,
    Subject,
    Write,
    dig,
)
from reconciler.resources.writing import operation, tag_write

LOAD_BALANCERS: Final = Read("elbv2:DescribeLoadBalancers", "LoadBalancers", page=400)
LISTENERS: Final = Read(
    "elbv2:DescribeListeners",
    "Listeners",
    {"LoadBalancerArn": At("LoadBalancerArn")},
    under=LOAD_BALANCERS,
    hides={"load_balancer_arn": At("LoadBalancerArn")},
    absent=frozenset(("LoadBalancerNotFound",)),
    page=100,
)


def tags_of(arn_key: str) -> Read:
    """Twenty resources a call."""
    return Read(
        "elbv2:DescribeTags",
        "TagDescriptions",
        bulk=Bulk("ResourceArn", At(arn_key), parameter="ResourceArns", size=20, path="Tags"),
        absent=frozenset(("ListenerNotFound", "LoadBalancerNotFound", "RuleNotFound", "TargetGroupNotFound")),
        page=0,
    )


def tagging() -> Write:
    return tag_write("elbv2:AddTags", "elbv2:RemoveTags", {"ResourceArns": "arn"}, several=True, keys="TagKeys")


# -- attributes that AWS keeps as a list of keys and texts ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Setting:
    """One of them. `kinds`: of what load balancers or targets Terraform knows it; none: of all."""

    key: str
    convert: Convert = text
    kinds: tuple[str, ...] = ()
    cleared: str = ""  # what stands for unset


def flag(key: str, *kinds: str, cleared: str = "false") -> Setting:
    return Setting(key, boolean, kinds, cleared)


def count(key: str, *kinds: str, cleared: str = "") -> Setting:
    return Setting(key, number, kinds, cleared)


def word(key: str, *kinds: str, cleared: str = "") -> Setting:
    return Setting(key, kinds=kinds, cleared=cleared)


def setting(record: Record, key: str) -> str | None:
    """The text of the attribute `key`, None where AWS does not tell it."""
    return next((a.get("Value") for a in parts(record, "attributes") if a["Key"] == key), None)


def settings(table: Mapping[str, Setting], kind: str) -> dict[str, Getter]:
    """Getters of `table`; `kind` is where the record says of what kind it is."""

    def getter(found: Setting) -> Getter:
        def get(record: Record, _scope: Scope) -> Json:
            if found.kinds and dig(record, kind) not in found.kinds:
                return None
            value = setting(record, found.key)
            return None if value is None or value == "" else found.convert(value)

        return get

    return {name: getter(found) for name, found in table.items()}


def not_everywhere(table: Mapping[str, Setting]) -> dict[str, Semantics]:
    return {name: Semantics.WHERE_TOLD for name, found in table.items() if found.kinds}


def set_settings(
    name: str,
    arn: str,
    table: Mapping[str, Setting],
    more: Callable[[Subject], Mapping[str, str]] | None = None,
    also: Iterable[str] = (),
) -> Write:
    """`more` gives further keys and texts, for the attributes in `also`."""

    def build(subject: Subject) -> Iterable[Operation]:
        after = subject.after or {}
        given = {
            table[a].key: table[a].cleared if after.get(a) in (None, "") else text(after[a])
            for a in sorted(subject.changed & table.keys())
        }
        given |= dict(more(subject)) if more else {}
        if given:
            pairs: list[Json] = [{"Key": key, "Value": value} for key, value in given.items()]
            yield operation(name, {arn: subject.id, "Attributes": pairs})

    return Write((name,), frozenset((*table, *also)), build)


# -- load balancers -------------------------------------------------------------------------------------------

_ALB, _NLB, _GLB = "application", "network", "gateway"

_SETTINGS: Final[Mapping[str, Setting]] = {
    "client_keep_alive": count("client_keep_alive.seconds", _ALB, cleared="3600"),
    "desync_mitigation_mode": word("routing.http.desync_mitigation_mode", _ALB, cleared="defensive"),
    "dns_record_client_routing_policy": word("dns_record.client_routing_policy", _NLB, cleared="any_availability_zone"),
    "drop_invalid_header_fields": flag("routing.http.drop_invalid_header_fields.enabled", _ALB),
    "enable_cross_zone_load_balancing": flag("load_balancing.cross_zone.enabled", _NLB, _GLB),
    "enable_deletion_protection": flag("deletion_protection.enabled"),
    "enable_http2": flag("routing.http2.enabled", _ALB, cleared="true"),
    "enable_tls_version_and_cipher_suite_headers": flag(
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled", _ALB
    ),
    "enable_waf_fail_open": flag("waf.fail_open.enabled", _ALB),
    "enable_xff_client_port": flag("routing.http.xff_client_port.enabled", _ALB),
    "enable_zonal_shift": flag("zonal_shift.config.enabled", _ALB, _NLB),
    "idle_timeout": count("idle_timeout.timeout_seconds", _ALB, cleared="60"),
    "preserve_host_header": flag("routing.http.preserve_host_header.enabled", _ALB),
    "xff_header_processing_mode": word("routing.http.xff_header_processing.mode", _ALB, cleared="append"),
}
_LOGS: Final = {"access_logs": "access_logs.s3", "connection_logs": "connection_logs.s3"}


def _logs(prefix: str, *kinds: str) -> Getter:
    def logs(record: Record, _scope: Scope) -> Json:
        if kinds and record["Type"] not in kinds:
            return []
        found = {name: setting(record, f"{prefix}.{name}") or "" for name in ("bucket", "prefix")}
        return [{**found, "enabled": setting(record, f"{prefix}.enabled") == "true"}]

    return logs


def _log_settings(subject: Subject) -> Mapping[str, str]:
    given: dict[str, str] = {}
    for name in sorted(subject.changed & _LOGS.keys()):
        wanted = (parts(dict(subject.after or {}), name) or [{}])[0]
        given[f"{_LOGS[name]}.enabled"] = text(bool(wanted.get("enabled")))
        if wanted.get("enabled"):
            given |= {f"{_LOGS[name]}.{key}": wanted.get(key) or "" for key in ("bucket", "prefix")}
    return given


def _subnet_mappings(record: Record, _scope: Scope) -> Json:
    found: list[Json] = []
    for zone in parts(record, "AvailabilityZones"):
        address = (parts(zone, "LoadBalancerAddresses") or [{}])[0]
        found.append(
            {
                "allocation_id": address.get("AllocationId") or "",
                "ipv6_address": address.get("IPv6Address") or "",
                "outpost_id": zone.get("OutpostId") or "",
                "private_ipv4_address": address.get("PrivateIPv4Address") or "",
                "subnet_id": zone.get("SubnetId") or "",
            }
        )
    return found


def _subnets(record: Record, _scope: Scope) -> Json:
    return names(zone["SubnetId"] for zone in parts(record, "AvailabilityZones") if zone.get("SubnetId"))


def _pools(record: Record, _scope: Scope) -> Json:
    pool = part(record, "IpamPools").get("Ipv4IpamPoolId")
    return [{"ipv4_ipam_pool_id": pool}] if pool else []


def arn_suffix(after: str) -> At:
    """What metrics call it: the ARN after "loadbalancer/"."""
    return At(after, lambda arn: str(arn).split(":", 5)[-1].removeprefix("loadbalancer/"))


def _set_groups(subject: Subject) -> Iterable[Operation]:
    wanted = sorted(cast("list[str]", (subject.after or {}).get("security_groups") or []))
    given: dict[str, Json] = {"LoadBalancerArn": subject.id, "SecurityGroups": cast("Json", wanted)}
    if "enforce_security_group_inbound_rules_on_private_link_traffic" in subject.changed:
        rule = (subject.after or {}).get("enforce_security_group_inbound_rules_on_private_link_traffic")
        given["EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"] = rule or "on"
    yield operation("elbv2:SetSecurityGroups", given)


def _wanted_subnets(after: Attributes) -> dict[str, Json]:
    mappings = parts(dict(after), "subnet_mapping")
    if any(m.get("allocation_id") or m.get("private_ipv4_address") or m.get("ipv6_address") for m in mappings):
        keys = {
            "subnet_id": "SubnetId",
            "allocation_id": "AllocationId",
            "private_ipv4_address": "PrivateIPv4Address",
            "ipv6_address": "IPv6Address",
        }
        return {"SubnetMappings": [{key: m[name] for name, key in keys.items() if m.get(name)} for m in mappings]}
    return {"Subnets": cast("Json", sorted(cast("list[str]", after.get("subnets") or [])))}


def _set_subnets(subject: Subject) -> Iterable[Operation]:
    after = subject.after or {}
    if after.get("subnets") or after.get("subnet_mapping"):
        yield operation("elbv2:SetSubnets", {"LoadBalancerArn": subject.id, **_wanted_subnets(after)})


def _set_address_type(subject: Subject) -> Iterable[Operation]:
    wanted: Any = (subject.after or {}).get("ip_address_type") or "ipv4"
    yield operation("elbv2:SetIpAddressType", {"LoadBalancerArn": subject.id, "IpAddressType": wanted})


_BALANCER: Final = ResourceType(
    name="aws_lb",
    list=LOAD_BALANCERS,
    id=At("LoadBalancerArn"),
    natural_keys=(("name",),),
    details={
        "attributes": Read(
            "elbv2:DescribeLoadBalancerAttributes",
            "Attributes",
            {"LoadBalancerArn": At("LoadBalancerArn")},
            absent=frozenset(("LoadBalancerNotFound",)),
        ),
        "tags": tags_of("LoadBalancerArn"),
    },
    exists=lambda record, _: record["attributes"] is not None,
    attributes={
        **settings(_SETTINGS, "Type"),
        "access_logs": _logs("access_logs.s3"),
        "arn": At("LoadBalancerArn"),
        "arn_suffix": arn_suffix("LoadBalancerArn"),
        "connection_logs": _logs("connection_logs.s3", _ALB),
        "customer_owned_ipv4_pool": At("CustomerOwnedIpv4Pool", default=""),
        "dns_name": At("DNSName"),
        "enforce_security_group_inbound_rules_on_private_link_traffic": At(
            "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", default=""
        ),
        "id": At("LoadBalancerArn"),
        "internal": lambda record, _: record.get("Scheme") == "internal",
        "ip_address_type": At("IpAddressType"),
        "ipam_pools": _pools,
        "load_balancer_type": At("Type"),
        "name": At("LoadBalancerName"),
        "name_prefix": name_prefix("LoadBalancerName"),
        "security_groups": At("SecurityGroups", names, []),
        "subnet_mapping": _subnet_mappings,
        "subnets": _subnets,
        "tags": tags("tags"),
        "vpc_id": At("VpcId"),
        "zone_id": At("CanonicalHostedZoneId"),
    },
    unchecked=frozenset(("minimum_load_balancer_capacity",)),
    kept=frozenset(_LOGS),
    semantics=not_everywhere(_SETTINGS),
    writes=(
        set_settings("elbv2:ModifyLoadBalancerAttributes", "LoadBalancerArn", _SETTINGS, _log_settings, _LOGS),
        Write(
            ("elbv2:SetSecurityGroups",),
            frozenset(("security_groups", "enforce_security_group_inbound_rules_on_private_link_traffic")),
            _set_groups,
        ),
        Write(("elbv2:SetSubnets",), frozenset(("subnets", "subnet_mapping")), _set_subnets),
        Write(("elbv2:SetIpAddressType",), frozenset(("ip_address_type",)), _set_address_type),
        tagging(),
    ),
)

TYPES: Final = (_BALANCER,)
