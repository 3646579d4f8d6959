"""Listeners and their rules: what a load balancer does with a request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from reconciler.model import Json, Operation, Plain
from reconciler.resources.convert import parts, tags
from reconciler.resources.elb import (
    LISTENERS,
    Setting,
    count,
    set_settings,
    settings,
    tagging,
    tags_of,
    word,
)
from reconciler.resources.shapes import Shape, many, mapping, names_of, number, one, value
from reconciler.resources.shapes import read as read_shape
from reconciler.resources.shapes import write as write_shape
from reconciler.resources.spec import At, Read, Record, ResourceType, Scope, Semantics, Subject, Write, dig
from reconciler.resources.writing import operation

# -- actions --------------------------------------------------------------------------------------------------

_ASKING: Final[Shape] = {
    "authentication_request_extra_params": mapping("AuthenticationRequestExtraParams"),
    "on_unauthenticated_request": value("OnUnauthenticatedRequest"),
    "scope": value("Scope"),
    "session_cookie_name": value("SessionCookieName"),
    "session_timeout": number("SessionTimeout"),
}
_COGNITO: Final[Shape] = {
    **_ASKING,
    "user_pool_arn": value("UserPoolArn"),
    "user_pool_client_id": value("UserPoolClientId"),
    "user_pool_domain": value("UserPoolDomain"),
}
_OIDC: Final[Shape] = {
    **_ASKING,
    "authorization_endpoint": value("AuthorizationEndpoint"),
    "client_id": value("ClientId"),
    "issuer": value("Issuer"),
    "token_endpoint": value("TokenEndpoint"),
    "user_info_endpoint": value("UserInfoEndpoint"),
}
_FIXED: Final[Shape] = {
    "content_type": value("ContentType"),
    "message_body": value("MessageBody"),
    "status_code": value("StatusCode"),
}
_FORWARD: Final[Shape] = {
    "stickiness": one(
        "TargetGroupStickinessConfig",
        {"duration": number("DurationSeconds"), "enabled": value("Enabled", default=False)},
    ),
    "target_group": many("TargetGroups", {"arn": value("TargetGroupArn"), "weight": number("Weight", zero=True)}),
}
_REDIRECT: Final[Shape] = {
    "host": value("Host"),
    "path": value("Path"),
    "port": value("Port"),
    "protocol": value("Protocol"),
    "query": value("Query"),
    "status_code": value("StatusCode"),
}
_ACTION: Final[Shape] = {
    "authenticate_cognito": one("AuthenticateCognitoConfig", _COGNITO),
    "authenticate_oidc": one("AuthenticateOidcConfig", _OIDC),
    "fixed_response": one("FixedResponseConfig", _FIXED),
    "forward": one("ForwardConfig", _FORWARD),
    "order": number("Order", default=None),
    "redirect": one("RedirectConfig", _REDIRECT),
    "target_group_arn": value("TargetGroupArn"),
    "type": value("Type"),
}


def _actions(found: Any) -> list[Json]:
    """In their order. AWS tells a plain forward in both of its forms; so do we, and code says one of them."""
    return [read_shape(_ACTION, action) for action in sorted(found, key=lambda action: action.get("Order") or 0)]


_SAME: Final[Mapping[str, Plain]] = {
    "host": "#{host}",
    "path": "/#{path}",
    "port": "#{port}",
    "protocol": "#{protocol}",
    "query": "#{query}",
}
"""Where a redirect does not say, what the request has."""


def _redirected(attribute: str) -> Callable[[Mapping[str, Plain]], Mapping[str, Plain]]:
    """The provider hides a redirect's defaults from who plans an action of another kind."""

    def told(action: Plain) -> Plain:
        redirects = action.get("redirect") if isinstance(action, dict) else None
        if not isinstance(action, dict) or not isinstance(redirects, list):
            return action
        whole = [
            {**r, **{k: v for k, v in _SAME.items() if r.get(k) is None}} for r in redirects if isinstance(r, dict)
        ]
        return {**action, "redirect": list[Plain](whole)}

    def planned(values: Mapping[str, Plain]) -> Mapping[str, Plain]:
        actions = values.get(attribute)
        return {attribute: [told(action) for action in actions]} if isinstance(actions, list) else {}

    return planned


def _wanted_actions(actions: list[dict[str, Any]]) -> list[Json]:
    wanted: list[Json] = []
    for action in actions:
        given = write_shape(_ACTION, action)
        if len(parts(action, "forward")) and len(parts(parts(action, "forward")[0], "target_group")) > 1:
            given.pop("TargetGroupArn", None)
        for oidc in parts(given, "AuthenticateOidcConfig"):
            oidc["UseExistingClientSecret"] = True
        wanted.append(given)
    return wanted


def _left_open(actions: str) -> frozenset[str]:
    """Of two ways to say one thing, and of what AWS fills in, the one that the code does not use."""
    return frozenset(f"{actions}.{name}" for name in ("forward", "forward.stickiness", "order", "target_group_arn"))


# -- listeners ------------------------------------------------------------------------------------------------


def _headers(direction: str, kind: str, *names: str) -> dict[str, Setting]:
    return {
        f"routing_http_{direction}_{name}_{kind}": word(f"routing.http.{direction}.{name}.{kind}") for name in names
    }


_SETTINGS: Final[Mapping[str, Setting]] = {
    **_headers(
        "request",
        "header_name",
        "x_amzn_mtls_clientcert",
        "x_amzn_mtls_clientcert_issuer",
        "x_amzn_mtls_clientcert_leaf",
        "x_amzn_mtls_clientcert_serial_number",
        "x_amzn_mtls_clientcert_subject",
        "x_amzn_mtls_clientcert_validity",
        "x_amzn_tls_cipher_suite",
        "x_amzn_tls_version",
    ),
    **_headers(
        "response",
        "header_value",
        "access_control_allow_credentials",
        "access_control_allow_headers",
        "access_control_allow_methods",
        "access_control_allow_origin",
        "access_control_expose_headers",
        "access_control_max_age",
        "content_security_policy",
        "strict_transport_security",
        "x_content_type_options",
        "x_frame_options",
    ),
    "routing_http_response_server_enabled": Setting(
        "routing.http.response.server.enabled", lambda text: text == "true", cleared="true"
    ),
    "tcp_idle_timeout_seconds": count("tcp.idle_timeout.seconds", cleared="350"),
}
_MUTUAL: Final[Shape] = {
    "advertise_trust_store_ca_names": value("AdvertiseTrustStoreCaNames"),
    "ignore_client_certificate_expiry": value("IgnoreClientCertificateExpiry", default=False),
    "mode": value("Mode"),
    "trust_store_arn": value("TrustStoreArn"),
}


def _certificate(record: Record, _scope: Scope) -> str:
    """The default one; certificates beside it are resources of their own, and AWS does not list them here."""
    found = parts(record, "Certificates")
    return str(found[0].get("CertificateArn") or "") if found else ""


def _modify(subject: Subject) -> Iterable[Operation]:
    after = dict(subject.after or {})
    given: dict[str, Json] = {}
    for attribute, key in (("port", "Port"), ("protocol", "Protocol"), ("ssl_policy", "SslPolicy")):
        if attribute in subject.changed and after.get(attribute):
            given[key] = after[attribute]
    if "certificate_arn" in subject.changed and after.get("certificate_arn"):
        given["Certificates"] = [{"CertificateArn": after["certificate_arn"]}]
    if "alpn_policy" in subject.changed:
        given["AlpnPolicy"] = [after.get("alpn_policy") or "None"]
    if "default_action" in subject.changed:
        given["DefaultActions"] = _wanted_actions(parts(after, "default_action"))
    if "mutual_authentication" in subject.changed:
        wanted = parts(after, "mutual_authentication")
        given["MutualAuthentication"] = write_shape(_MUTUAL, wanted[0]) if wanted else {"Mode": "off"}
    if given:
        yield operation("elbv2:ModifyListener", {"ListenerArn": subject.id, **given})


_LISTENER: Final = ResourceType(
    name="aws_lb_listener",
    list=LISTENERS,
    id=At("ListenerArn"),
    natural_keys=(("load_balancer_arn", "port"),),
    details={
        "attributes": Read(
            "elbv2:DescribeListenerAttributes",
            "Attributes",
            {"ListenerArn": At("ListenerArn")},
            absent=frozenset(("ListenerNotFound",)),
        ),
        "tags": tags_of("ListenerArn"),
    },
    attributes={
        **settings(_SETTINGS, ""),
        "alpn_policy": At("AlpnPolicy", lambda found: found[0] if len(found) == 1 else "", ""),
        "arn": At("ListenerArn"),
        "certificate_arn": _certificate,
        "default_action": At("DefaultActions", _actions, []),
        "id": At("ListenerArn"),
        "load_balancer_arn": At("LoadBalancerArn"),
        "mutual_authentication": At("MutualAuthentication", lambda found: [read_shape(_MUTUAL, found)], []),
        "port": At("Port"),
        "protocol": At("Protocol"),
        "ssl_policy": At("SslPolicy", default=""),
        "tags": tags("tags"),
    },
    unchecked=frozenset(("default_action.authenticate_oidc.client_secret",)),
    kept=_left_open("default_action"),
    semantics={"default_action.order": Semantics.WHERE_TOLD},
    planned=_redirected("default_action"),
    writes=(
        Write(
            ("elbv2:ModifyListener",),
            frozenset(
                (
                    "alpn_policy",
                    "certificate_arn",
                    "default_action",
                    "mutual_authentication",
                    "port",
                    "protocol",
                    "ssl_policy",
                )
            ),
            _modify,
        ),
        set_settings("elbv2:ModifyListenerAttributes", "ListenerArn", _SETTINGS),
        tagging(),
    ),
)

# -- rules ----------------------------------------------------------------------------------------------------

_VALUES: Final[Shape] = {"values": names_of("Values")}
_HEADER: Final[Shape] = {"http_header_name": value("HttpHeaderName"), "values": names_of("Values")}
_QUERY: Final[Shape] = {"key": value("Key"), "value": value("Value")}
_CONDITIONS: Final = {
    "host_header": ("host-header", "HostHeaderConfig", _VALUES),
    "http_header": ("http-header", "HttpHeaderConfig", _HEADER),
    "http_request_method": ("http-request-method", "HttpRequestMethodConfig", _VALUES),
    "path_pattern": ("path-pattern", "PathPatternConfig", _VALUES),
    "source_ip": ("source-ip", "SourceIpConfig", _VALUES),
}


def _conditions(found: Any) -> list[Json]:
    read: list[Json] = []
    for condition in found:
        made: dict[str, Json] = {**{name: [] for name in _CONDITIONS}, "query_string": []}
        for name, (field, key, shape) in _CONDITIONS.items():
            if condition.get("Field") == field:
                config = condition.get(key) or {"Values": condition.get("Values")}
                made[name] = [read_shape(shape, config)]
        for pair in parts(condition, "QueryStringConfig.Values"):
            made["query_string"] = [*_list(made["query_string"]), read_shape(_QUERY, pair)]
        read.append(made)
    return read


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _wanted_conditions(conditions: list[dict[str, Any]]) -> list[Json]:
    wanted: list[Json] = []
    for condition in conditions:
        for name, (field, key, shape) in _CONDITIONS.items():
            wanted.extend({"Field": field, key: write_shape(shape, block)} for block in parts(condition, name))
        pairs: list[Json] = [write_shape(_QUERY, pair) for pair in parts(condition, "query_string")]
        if pairs:
            wanted.append({"Field": "query-string", "QueryStringConfig": {"Values": pairs}})
    return wanted


def _modify_rule(subject: Subject) -> Iterable[Operation]:
    after = dict(subject.after or {})
    given: dict[str, Json] = {}
    if "action" in subject.changed:
        given["Actions"] = _wanted_actions(parts(after, "action"))
    if "condition" in subject.changed:
        given["Conditions"] = _wanted_conditions(parts(after, "condition"))
    if given:
        yield operation("elbv2:ModifyRule", {"RuleArn": subject.id, **given})


def _set_priority(subject: Subject) -> Iterable[Operation]:
    wanted = (subject.after or {}).get("priority")
    if wanted:
        priorities: Json = [{"RuleArn": subject.id, "Priority": wanted}]
        yield operation("elbv2:SetRulePriorities", {"RulePriorities": priorities})


def _create_rule(subject: Subject) -> Iterable[Operation]:
    wanted = dict(subject.known)
    yield operation(
        "elbv2:CreateRule",
        {
            "ListenerArn": wanted["listener_arn"],
            "Priority": wanted.get("priority"),
            "Actions": _wanted_actions(parts(wanted, "action")),
            "Conditions": _wanted_conditions(parts(wanted, "condition")),
        },
    )


def _delete_rule(subject: Subject) -> Iterable[Operation]:
    yield operation("elbv2:DeleteRule", {"RuleArn": subject.id})


def _priority(record: Record, _scope: Scope) -> int:
    return int(record["Priority"])


_RULE: Final = ResourceType(
    name="aws_lb_listener_rule",
    list=Read(
        "elbv2:DescribeRules",
        "Rules",
        {"ListenerArn": At("ListenerArn")},
        under=LISTENERS,
        hides={"listener_arn": At("ListenerArn")},
        absent=frozenset(("ListenerNotFound",)),
        page=100,
    ),
    # A listener's default action is a rule to AWS too.
    expand=lambda record, _: [] if record.get("IsDefault") else [record],
    id=At("RuleArn"),
    natural_keys=(("listener_arn", "priority"),),
    details={"tags": tags_of("RuleArn")},
    attributes={
        "action": At("Actions", _actions, []),
        "arn": At("RuleArn"),
        "condition": At("Conditions", _conditions, []),
        "id": At("RuleArn"),
        "listener_arn": lambda record, _: dig(record, "parent.ListenerArn"),
        "priority": _priority,
        "tags": tags("tags"),
    },
    unchecked=frozenset(("action.authenticate_oidc.client_secret",)),
    kept=_left_open("action"),
    semantics={"action.order": Semantics.WHERE_TOLD},
    planned=_redirected("action"),
    writes=(
        Write(("elbv2:ModifyRule",), frozenset(("action", "condition")), _modify_rule),
        Write(("elbv2:SetRulePriorities",), frozenset(("priority",)), _set_priority),
        tagging(),
    ),
    create=Write(("elbv2:CreateRule",), frozenset(), _create_rule),
    delete=Write(("elbv2:DeleteRule",), frozenset(), _delete_rule),
)

TYPES: Final = (_LISTENER, _RULE)
