"""What the AWS provider's SDK leaves out of a plan: what has no meaning beside what else the configuration says.

A load balancer of the type "network" has no idle timeout, logs that are not enabled go to no bucket. Which attributes
that is about is found by planning each one with a provider and looking at what does not come back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from reconciler.hcl import values
from reconciler.hcl.functions import Unavailable
from reconciler.hcl.shapes import BlockObject, zero
from reconciler.hcl.values import Value
from reconciler.records import dataclass


@dataclass(frozen=True, slots=True)
class _Rule:
    """In the block at `path` the attributes or blocks `names` mean something where `switch` has one of the values.

    None for `on`: where it has any at all.
    """

    path: tuple[str, ...]
    names: tuple[str, ...]
    switch: str
    on: tuple[str | bool, ...] | None


def _actions(block: str) -> tuple[_Rule, ...]:
    blocks = ("authenticate_cognito", "authenticate_oidc", "fixed_response", "redirect")
    kinds = {name: name.replace("_", "-") for name in blocks} | {"target_group_arn": "forward"}
    return tuple(_Rule((block,), (name,), "type", (kind,)) for name, kind in kinds.items())


_TYPE: Final = "load_balancer_type"
_OF_APPLICATIONS: Final = (
    "client_keep_alive",
    "desync_mitigation_mode",
    "drop_invalid_header_fields",
    "enable_http2",
    "enable_tls_version_and_cipher_suite_headers",
    "enable_waf_fail_open",
    "enable_xff_client_port",
    "idle_timeout",
    "preserve_host_header",
    "xff_header_processing_mode",
)
_BALANCER: Final = (
    _Rule((), _OF_APPLICATIONS, _TYPE, ("application",)),
    _Rule((), ("enable_cross_zone_load_balancing",), _TYPE, ("network", "gateway")),
    _Rule((), ("enable_zonal_shift",), _TYPE, ("application", "network")),
    _Rule(
        (),
        ("dns_record_client_routing_policy", "enforce_security_group_inbound_rules_on_private_link_traffic"),
        _TYPE,
        ("network",),
    ),
    _Rule(("access_logs",), ("bucket", "prefix"), "enabled", (True,)),
    _Rule(("connection_logs",), ("bucket", "prefix"), "enabled", (True,)),
)
_DOMAIN: Final = (
    _Rule(
        ("cluster_config",), ("dedicated_master_count", "dedicated_master_type"), "dedicated_master_enabled", (True,)
    ),
    _Rule(
        ("domain_endpoint_options",),
        ("custom_endpoint", "custom_endpoint_certificate_arn"),
        "custom_endpoint_enabled",
        (True,),
    ),
)
_RULES: Final[Mapping[str, tuple[_Rule, ...]]] = {
    "aws_alb": _BALANCER,
    "aws_lb": _BALANCER,
    "aws_alb_listener": _actions("default_action"),
    "aws_lb_listener": _actions("default_action"),
    "aws_alb_listener_rule": _actions("action"),
    "aws_lb_listener_rule": _actions("action"),
    "aws_dynamodb_table": (_Rule(("ttl",), ("attribute_name",), "enabled", (True,)),),
    "aws_ecs_service": (
        _Rule((), ("desired_count",), "scheduling_strategy", ("REPLICA",)),
        _Rule((), ("triggers",), "force_new_deployment", (True,)),
    ),
    "aws_elasticsearch_domain": _DOMAIN,
    "aws_opensearch_domain": _DOMAIN,
    "aws_sqs_queue": (_Rule((), ("kms_data_key_reuse_period_seconds",), "kms_master_key_id", None),),
}


def suppress(type_name: str, block: BlockObject, *, exists: bool) -> None:
    """Takes out of what `block` is given what the provider would not plan. Of what `exists` it keeps what is live."""
    for rule in _RULES.get(type_name, ()):
        for inner in _blocks(block, rule.path):
            switch = inner[rule.switch]
            if not (switch.raw if rule.on is None else switch.raw in rule.on):
                for name in rule.names:
                    _unset(inner, name, exists=exists)


def _blocks(block: BlockObject, path: tuple[str, ...]) -> Iterator[BlockObject]:
    if not path:
        yield block
        return
    given = block.given.get(path[0])
    for item in given.raw if isinstance(given, Value) and isinstance(given.raw, tuple) else ():
        if isinstance(item.raw, BlockObject):
            yield from _blocks(item.raw, path[1:])


def _unset(block: BlockObject, name: str, *, exists: bool) -> None:
    given = block.given.get(name)
    if given is None or isinstance(given, Unavailable) or given.null:
        return
    if name in block.shape.nested:
        for inner in _blocks(block, (name,)):
            for attribute in tuple(inner.given):
                _unset(inner, attribute, exists=exists)
        return
    if block.shape.decided_by_provider(name):
        left_out = {} if exists else {name: values.unknown(given.type).with_origin(given.origin)}
        block.given = {**{other: value for other, value in block.given.items() if other != name}, **left_out}
        return
    keeps_zero = block.shape.block.attributes[name].required and not exists
    block.given = {**block.given, name: zero(given.type) if keeps_zero else values.null(given.type)}
