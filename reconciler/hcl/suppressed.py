"""What the AWS provider's SDK leaves out of a plan: what has no meaning beside what else the configuration says.

A load balancer of the type "network" has no idle timeout, logs that are not enabled go to no bucket. Which attributes
that is about is found by planning each one with a provider and looking at what does not come back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from reconciler.hcl import values
from reconciler.hcl.functions import Unavailable
from reconciler.hcl.shapes import BlockObject, zero
from reconciler.hcl.values import Value
from reconciler.records import dataclass


@dataclass(frozen=True, slots=True)
class _Rule:
    """In the block at `path` the attributes or blocks `names` mean something where `switch` has one of the values `on`.

    None for `on`: where it has any at all; `absent`: where the code has no such block. `switch` is in the same block,
    or in the resource itself where it is `above` and means something but for the values `off`.
    """

    path: tuple[str, ...]
    names: tuple[str, ...]
    switch: str
    on: tuple[str | bool, ...] | None = None
    above: bool = False
    off: tuple[str, ...] = ()
    absent: bool = False

    def meant(self, inner: BlockObject, block: BlockObject) -> bool:
        if self.above:
            return block[self.switch].raw not in self.off
        if self.absent:
            given = inner.given.get(self.switch)
            return not (isinstance(given, Value) and given.raw)
        switch = inner[self.switch].raw
        return bool(switch) if self.on is None else switch in self.on


@dataclass(frozen=True, slots=True)
class _Default:
    """In the block at `path` what is new is planned without `name` where that is `value`, and `switch` is `on`, or none
    of `off`."""

    name: str
    value: str | int
    path: tuple[str, ...] = ()
    switch: str | None = None
    on: str | None = None
    off: tuple[str, ...] = ()

    def meets(self, block: BlockObject) -> bool:
        switch = None if self.switch is None else block[self.switch].raw
        if (self.on is not None and switch != self.on) or switch in self.off:
            return False
        given = block.given.get(self.name)
        value = given if isinstance(given, Value) else block[self.name] if given is None else None
        return value is not None and value.raw == self.value


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
_CLIENT: Final = "routing_http_request_x_amzn_mtls_clientcert"
_RESPONSE: Final = "routing_http_response"
_LISTENER: Final = (
    *_actions("default_action"),
    _Rule((), ("tcp_idle_timeout_seconds",), "protocol", ("TCP",)),
    _Rule(
        (),
        (
            f"{_CLIENT}_header_name",
            f"{_CLIENT}_issuer_header_name",
            f"{_CLIENT}_leaf_header_name",
            f"{_CLIENT}_serial_number_header_name",
            f"{_CLIENT}_subject_header_name",
            f"{_CLIENT}_validity_header_name",
            "routing_http_request_x_amzn_tls_cipher_suite_header_name",
            "routing_http_request_x_amzn_tls_version_header_name",
        ),
        "protocol",
        ("HTTPS",),
    ),
    _Rule(
        (),
        (
            f"{_RESPONSE}_access_control_allow_credentials_header_value",
            f"{_RESPONSE}_access_control_allow_headers_header_value",
            f"{_RESPONSE}_access_control_allow_methods_header_value",
            f"{_RESPONSE}_access_control_allow_origin_header_value",
            f"{_RESPONSE}_access_control_expose_headers_header_value",
            f"{_RESPONSE}_access_control_max_age_header_value",
            f"{_RESPONSE}_content_security_policy_header_value",
            f"{_RESPONSE}_server_enabled",
            f"{_RESPONSE}_strict_transport_security_header_value",
            f"{_RESPONSE}_x_content_type_options_header_value",
            f"{_RESPONSE}_x_frame_options_header_value",
        ),
        "protocol",
        ("HTTP", "HTTPS"),
    ),
)
_TARGETS: Final = _Rule(
    ("stickiness",), ("cookie_duration",), "protocol", above=True, off=("TCP", "TLS", "UDP", "TCP_UDP", "GENEVE")
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
_SAML: Final = _Rule(("saml_options",), ("session_timeout_minutes", "subject_key"), "enabled", (True,))
_BASIC_AUTH: Final = _Rule((), ("basic_auth_credentials",), "enable_basic_auth", (True,))
_RULES: Final[Mapping[str, tuple[_Rule, ...]]] = {
    "aws_alb": _BALANCER,
    "aws_lb": _BALANCER,
    "aws_alb_listener": _LISTENER,
    "aws_lb_listener": _LISTENER,
    "aws_alb_listener_rule": _actions("action"),
    "aws_lb_listener_rule": _actions("action"),
    "aws_amplify_app": (
        _BASIC_AUTH,
        replace(_BASIC_AUTH, path=("auto_branch_creation_config",)),
        _Rule((), ("auto_branch_creation_patterns",), "enable_auto_branch_creation", (True,)),
    ),
    "aws_amplify_branch": (_BASIC_AUTH,),
    "aws_alb_target_group": (_TARGETS,),
    "aws_lb_target_group": (_TARGETS,),
    "aws_instance": (_Rule((), ("source_dest_check",), "network_interface", absent=True),),
    "aws_spot_instance_request": (_Rule((), ("source_dest_check",), "network_interface", absent=True),),
    "aws_dynamodb_table": (
        _Rule(("ttl",), ("attribute_name",), "enabled", (True,)),
        _Rule(("point_in_time_recovery",), ("recovery_period_in_days",), "enabled", (True,)),
    ),
    "aws_ecs_service": (
        _Rule((), ("desired_count",), "scheduling_strategy", ("REPLICA",)),
        _Rule((), ("triggers",), "force_new_deployment", (True,)),
    ),
    "aws_elasticsearch_domain": _DOMAIN,
    "aws_elasticsearch_domain_saml_options": (_SAML,),
    "aws_opensearch_domain": _DOMAIN,
    "aws_opensearch_domain_saml_options": (_SAML,),
    "aws_redshift_cluster": (_Rule((), ("aqua_configuration_status",), "cluster_identifier", ()),),
    "aws_sqs_queue": (_Rule((), ("kms_data_key_reuse_period_seconds",), "kms_master_key_id"),),
}


_VOLUMES: Final = tuple(
    _Default(name, 0, (block,), switch="volume_type", off=types)
    for block in ("root_block_device", "ebs_block_device")
    for name, types in (("iops", ("io1", "io2", "gp3")), ("throughput", ("gp3",)))
)
_DEFAULTS: Final[Mapping[str, tuple[_Default, ...]]] = {
    "aws_api_gateway_rest_api": (_Default("put_rest_api_mode", "overwrite"),),
    "aws_apigatewayv2_integration": (_Default("passthrough_behavior", "WHEN_NO_MATCH"),),
    "aws_dynamodb_table": (_Default("table_class", "STANDARD"),),
    "aws_docdb_cluster": (_Default("storage_type", "standard"),),
    "aws_ecs_service": (
        _Default("deployment_maximum_percent", 200, switch="scheduling_strategy", on="DAEMON"),
        _Default("deployment_minimum_healthy_percent", 100, switch="scheduling_strategy", on="DAEMON"),
    ),
    "aws_instance": _VOLUMES,
    "aws_mq_broker": (_Default("audit", "false", ("logs",)),),
    "aws_neptune_cluster": (_Default("storage_type", "standard"),),
    "aws_spot_instance_request": _VOLUMES,
}


def suppress(type_name: str, block: BlockObject, *, exists: bool) -> None:
    """Takes out of what `block` is given what the provider would not plan. Of what `exists` it keeps what is live."""
    for rule in _RULES.get(type_name, ()):
        for inner in _blocks(block, rule.path):
            if not rule.meant(inner, block):
                for name in rule.names:
                    _unset(inner, name, exists=exists)
    for default in () if exists else _DEFAULTS.get(type_name, ()):
        for inner in _blocks(block, default.path):
            if default.meets(inner):
                _unset(inner, default.name, exists=False)


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
    if isinstance(given, Unavailable):
        return
    if given is None or given.null:
        block.nothing |= {name} if name in block.shape.block.attributes and not exists else set()
        return
    if name in block.shape.nested:
        for inner in _blocks(block, (name,)):
            for attribute in tuple(inner.given):
                _unset(inner, attribute, exists=exists)
        return
    if block.shape.decided_by_provider(name):
        if given.raw == "":
            return
        left_out = {} if exists else {name: values.unknown(given.type).with_origin(given.origin)}
        block.given = {**{other: value for other, value in block.given.items() if other != name}, **left_out}
        return
    keeps_zero = block.shape.block.attributes[name].required and not exists
    block.given = {**block.given, name: zero(given.type) if keeps_zero else values.null(given.type)}
