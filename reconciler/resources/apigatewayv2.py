"""HTTP and WebSocket APIs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from reconciler.model import UNKNOWN, Json, Operation, Plain
from reconciler.resources.convert import tags
from reconciler.resources.shapes import Shape, flag, getters, mapping, names_of, number, one, value
from reconciler.resources.shapes import read as read_shape
from reconciler.resources.shapes import write as write_shape
from reconciler.resources.spec import (
    At,
    Child,
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
from reconciler.resources.writing import operation, stuck_in, tag_object, tag_write

_APIS: Final = Read("apigatewayv2:GetApis", "Items", page=0, action="apigateway:GET")
READ: Final = "apigateway:GET"
WRITING: Final = ("apigateway:PATCH",)


def under_api(name: str) -> Read:
    """What every API has of its own: one call for each."""
    return Read(
        f"apigatewayv2:Get{name}",
        "Items",
        {"ApiId": At("ApiId")},
        under=_APIS,
        hides={"api_id": At("ApiId")},
        absent=frozenset(("NotFoundException",)),
        page=0,
        action=READ,
    )


def api_id(record: Record, _scope: Scope) -> Json:
    return dig(record, "parent.ApiId")


def update(name: str, id_key: str, shape: Shape, by: str = "id") -> Write:
    """Says what changed, and no more: what is left out stays as it is."""

    def build(subject: Subject) -> Iterable[Operation]:
        after = subject.after or {}
        changed = {attribute: field for attribute, field in shape.items() if attribute in subject.changed}
        given = write_shape(changed, after) | _emptied(changed, subject)
        if given:
            api: dict[str, Json] = {} if id_key == "ApiId" else {"ApiId": subject.known["api_id"]}
            yield operation(name, {**api, id_key: subject.known.get(by) or subject.id, **given})

    return Write((name,), frozenset(shape), build, WRITING, stuck_in(shape))


_BY_KEY: Final = frozenset(("RequestParameters", "StageVariables"))
"""Maps that AWS changes key by key: what is to go is set to nothing."""


def _emptied(changed: Shape, subject: Subject) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for name, field in changed.items():
        if field.key in _BY_KEY:
            before, after = ((side or {}).get(name) or {} for side in (subject.before, subject.after))
            if isinstance(before, dict) and isinstance(after, dict):
                found[field.key] = {**dict.fromkeys(before, ""), **after}
    return found


def arn_of(path: str) -> Callable[[Record, Scope], str]:
    def arn(record: Record, scope: Scope) -> str:
        filled = path.format(api=record.get("ApiId") or dig(record, "parent.ApiId"), stage=record.get("StageName"))
        return f"arn:{scope.partition}:apigateway:{scope.region}::/apis/{filled}"

    return arn


def tagging() -> Write:
    return tag_write(
        "apigatewayv2:TagResource",
        "apigatewayv2:UntagResource",
        {"ResourceArn": "arn"},
        form=tag_object,
        actions=("apigateway:POST", "apigateway:DELETE"),
    )


# -- APIs -----------------------------------------------------------------------------------------------------

_CORS: Final[Shape] = {
    "allow_credentials": flag("AllowCredentials"),
    "allow_headers": names_of("AllowHeaders"),
    "allow_methods": names_of("AllowMethods"),
    "allow_origins": names_of("AllowOrigins"),
    "expose_headers": names_of("ExposeHeaders"),
    "max_age": number("MaxAge", zero=True),
}
_API: Final[Shape] = {
    "api_key_selection_expression": value("ApiKeySelectionExpression"),
    "cors_configuration": one("CorsConfiguration", _CORS),
    "description": value("Description", cleared=""),
    "disable_execute_api_endpoint": flag("DisableExecuteApiEndpoint"),
    "ip_address_type": value("IpAddressType"),
    "name": value("Name"),
    "route_selection_expression": value("RouteSelectionExpression"),
    "version": value("Version", cleared=""),
}


def _execution_arn(record: Record, scope: Scope) -> str:
    stage = f"/{record['StageName']}" if record.get("StageName") else ""
    return scope.arn("execute-api", f"{record.get('ApiId') or dig(record, 'parent.ApiId')}{stage}")


def _drop_cors(subject: Subject) -> Iterable[Operation]:
    """An update cannot take it away."""
    if not (subject.after or {}).get("cors_configuration"):
        yield operation("apigatewayv2:DeleteCorsConfiguration", {"ApiId": subject.id})
    else:
        given = write_shape({"cors_configuration": _API["cors_configuration"]}, subject.after or {})
        yield operation("apigatewayv2:UpdateApi", {"ApiId": subject.id, **given})


_API_TYPE: Final = ResourceType(
    name="aws_apigatewayv2_api",
    list=_APIS,
    id=At("ApiId"),
    natural_keys=(("name", "protocol_type"),),
    attributes={
        **getters(_API),
        "api_endpoint": At("ApiEndpoint"),
        "arn": arn_of("{api}"),
        "execution_arn": _execution_arn,
        "id": At("ApiId"),
        "protocol_type": At("ProtocolType"),
        "tags": tags(),
    },
    config_only=frozenset(("body", "credentials_arn", "fail_on_warnings", "route_key", "target")),
    # What the API's document describes; a route and its integration come with a target, too.
    children=(
        Child("aws_apigatewayv2_authorizer", "api_id", ("body",)),
        Child("aws_apigatewayv2_integration", "api_id", ("body", "target")),
        Child("aws_apigatewayv2_model", "api_id", ("body",)),
        Child("aws_apigatewayv2_route", "api_id", ("body", "target")),
        Child("aws_apigatewayv2_stage", "api_id", ("target",)),
    ),
    semantics={
        "cors_configuration.allow_headers": Semantics.CASELESS,
        "cors_configuration.expose_headers": Semantics.CASELESS,
    },
    writes=(
        update("apigatewayv2:UpdateApi", "ApiId", {k: v for k, v in _API.items() if k != "cors_configuration"}),
        Write(
            ("apigatewayv2:UpdateApi", "apigatewayv2:DeleteCorsConfiguration"),
            frozenset(("cors_configuration",)),
            _drop_cors,
            ("apigateway:PATCH", "apigateway:DELETE"),
        ),
        tagging(),
    ),
)

# -- stages ---------------------------------------------------------------------------------------------------

_SETTING: Final[Shape] = {
    "data_trace_enabled": flag("DataTraceEnabled"),
    "detailed_metrics_enabled": flag("DetailedMetricsEnabled"),
    "logging_level": value("LoggingLevel"),
    "throttling_burst_limit": number("ThrottlingBurstLimit", zero=True),
    "throttling_rate_limit": number("ThrottlingRateLimit", zero=True),
}
_STAGE: Final[Shape] = {
    "access_log_settings": one(
        "AccessLogSettings", {"destination_arn": value("DestinationArn"), "format": value("Format")}
    ),
    "auto_deploy": flag("AutoDeploy"),
    "client_certificate_id": value("ClientCertificateId", cleared=""),
    "default_route_settings": one("DefaultRouteSettings", _SETTING),
    "deployment_id": value("DeploymentId"),
    "description": value("Description", cleared=""),
    "stage_variables": mapping("StageVariables", cleared={}),
}


def _route_settings(found: Any) -> Json:
    return [{"route_key": key, **read_shape(_SETTING, setting)} for key, setting in sorted(found.items())]


def _invoke_url(record: Record, scope: Scope) -> str:
    suffix = "amazonaws.com.cn" if scope.partition == "aws-cn" else "amazonaws.com"
    host = f"{dig(record, 'parent.ApiId')}.execute-api.{scope.region}.{suffix}"
    stage = record["StageName"]
    if dig(record, "parent.ProtocolType") == "WEBSOCKET":
        return f"wss://{host}/{stage}"
    return f"https://{host}/" if stage == "$default" else f"https://{host}/{stage}"


def _deployment(record: Record, _scope: Scope) -> Json:
    return record.get("DeploymentId") or ""


def _stage_id(record: Record, _scope: Scope) -> str:
    return f"{dig(record, 'parent.ApiId')}/{record['StageName']}"


def _access_logs(subject: Subject) -> Iterable[Operation]:
    """An update cannot take them away."""
    named: dict[str, Json] = {"ApiId": subject.known["api_id"], "StageName": subject.known["name"]}
    given = write_shape({"access_log_settings": _STAGE["access_log_settings"]}, subject.after or {})
    yield operation(f"apigatewayv2:{'UpdateStage' if given else 'DeleteAccessLogSettings'}", {**named, **given})


_STAGE_TYPE: Final = ResourceType(
    name="aws_apigatewayv2_stage",
    list=under_api("Stages"),
    # Terraform's id is the name alone, which other APIs' stages have too.
    id=_stage_id,
    id_from_live=False,
    import_id=_stage_id,
    natural_keys=(("api_id", "name"),),
    attributes={
        **getters(_STAGE),
        "api_id": api_id,
        "arn": arn_of("{api}/stages/{stage}"),
        "deployment_id": _deployment,
        "execution_arn": _execution_arn,
        "id": At("StageName"),
        "invoke_url": _invoke_url,
        "name": At("StageName"),
        "route_settings": At("RouteSettings", _route_settings, []),
        "tags": tags(),
    },
    kept=frozenset(("default_route_settings",)),
    writes=(
        update(
            "apigatewayv2:UpdateStage",
            "StageName",
            {name: field for name, field in _STAGE.items() if name != "access_log_settings"},
            by="name",
        ),
        Write(
            ("apigatewayv2:UpdateStage", "apigatewayv2:DeleteAccessLogSettings"),
            frozenset(("access_log_settings",)),
            _access_logs,
            ("apigateway:PATCH", "apigateway:DELETE"),
        ),
        tagging(),
    ),
)

# -- routes ---------------------------------------------------------------------------------------------------

_ROUTE: Final[Shape] = {
    "api_key_required": flag("ApiKeyRequired"),
    "authorization_scopes": names_of("AuthorizationScopes", cleared=[]),
    "authorization_type": value("AuthorizationType", "NONE", cleared="NONE"),
    "authorizer_id": value("AuthorizerId", cleared=""),
    "model_selection_expression": value("ModelSelectionExpression", cleared=""),
    "operation_name": value("OperationName", cleared=""),
    "request_models": mapping("RequestModels", cleared={}),
    "route_key": value("RouteKey"),
    "route_response_selection_expression": value("RouteResponseSelectionExpression", cleared=""),
    "target": value("Target", cleared=""),
}


def _request_parameters(found: Any) -> Json:
    return [
        {"request_parameter_key": key, "required": bool(wanted.get("Required"))}
        for key, wanted in sorted(found.items())
    ]


def _named(id_key: str) -> Getter:
    return lambda record, _: f"{dig(record, 'parent.ApiId')}/{record[id_key]}"


def _link(verb: str, kind: str, shape: Shape) -> Write:
    name = f"apigatewayv2:{verb}{kind}"

    def build(subject: Subject) -> Iterable[Operation]:
        known = subject.known
        if verb == "Create":
            given = {key: value for key, value in write_shape(shape, known).items() if value not in ("", [], {})}
            yield operation(name, {"ApiId": known["api_id"], **given})
        else:
            yield operation(name, {"ApiId": known["api_id"], f"{kind}Id": subject.id})

    return Write((name,), frozenset(), build, ("apigateway:POST" if verb == "Create" else "apigateway:DELETE",))


_ROUTE_TYPE: Final = ResourceType(
    name="aws_apigatewayv2_route",
    list=under_api("Routes"),
    id=At("RouteId"),
    natural_keys=(("api_id", "route_key"),),
    import_id=_named("RouteId"),
    attributes={
        **getters(_ROUTE),
        "api_id": api_id,
        "id": At("RouteId"),
        "request_parameter": At("RequestParameters", _request_parameters, []),
    },
    writes=(update("apigatewayv2:UpdateRoute", "RouteId", _ROUTE),),
    create=_link("Create", "Route", _ROUTE),
    delete=_link("Delete", "Route", _ROUTE),
)

# -- integrations ---------------------------------------------------------------------------------------------

_INTEGRATION: Final[Shape] = {
    "connection_id": value("ConnectionId", cleared=""),
    "connection_type": value("ConnectionType", "INTERNET"),
    "content_handling_strategy": value("ContentHandlingStrategy"),
    "credentials_arn": value("CredentialsArn", cleared=""),
    "description": value("Description", cleared=""),
    "integration_method": value("IntegrationMethod", cleared=""),
    "integration_subtype": value("IntegrationSubtype"),
    "integration_type": value("IntegrationType"),
    "integration_uri": value("IntegrationUri", cleared=""),
    "passthrough_behavior": value("PassthroughBehavior", None),
    "payload_format_version": value("PayloadFormatVersion"),
    "request_parameters": mapping("RequestParameters", cleared={}),
    "request_templates": mapping("RequestTemplates", cleared={}),
    "template_selection_expression": value("TemplateSelectionExpression", cleared=""),
    "timeout_milliseconds": number("TimeoutInMillis"),
    "tls_config": one("TlsConfig", {"server_name_to_verify": value("ServerNameToVerify")}),
}


def _response_parameters(found: Any) -> Json:
    """A status that nothing is mapped for is one that was taken away."""
    return [{"mappings": mappings, "status_code": status} for status, mappings in sorted(found.items()) if mappings]


# Changing which integration it is would take a new one.
_CHANGEABLE: Final = {name: field for name, field in _INTEGRATION.items() if name not in ("integration_subtype",)}


def _usual(values: Mapping[str, Plain]) -> Mapping[str, Plain]:
    """What the provider takes for what code without them says; functions are called with POST."""
    passing = {} if values.get("passthrough_behavior") else {"passthrough_behavior": "WHEN_NO_MATCH"}
    if values.get("integration_method") not in (None, ""):
        return passing
    if UNKNOWN in (values.get("integration_type"), values.get("integration_subtype")):
        return {**passing, "integration_method": UNKNOWN}
    own = values.get("integration_type") in ("AWS", "AWS_PROXY") and values.get("integration_subtype") in (None, "")
    return passing | ({"integration_method": "POST"} if own else {})


_INTEGRATION_TYPE: Final = ResourceType(
    name="aws_apigatewayv2_integration",
    list=under_api("Integrations"),
    id=At("IntegrationId"),
    natural_keys=(
        ("api_id", "integration_type", "integration_subtype", "integration_uri", "integration_method"),
        ("api_id", "integration_type", "integration_subtype", "integration_uri"),  # the method may be left to AWS
    ),
    planned=_usual,
    import_id=_named("IntegrationId"),
    semantics={"passthrough_behavior": Semantics.WHERE_TOLD},  # HTTP APIs have none
    attributes={
        **getters(_INTEGRATION),
        "api_id": api_id,
        "id": At("IntegrationId"),
        "integration_response_selection_expression": At("IntegrationResponseSelectionExpression", default=""),
        "response_parameters": At("ResponseParameters", _response_parameters, []),
    },
    writes=(update("apigatewayv2:UpdateIntegration", "IntegrationId", _CHANGEABLE),),
)

# -- authorizers ----------------------------------------------------------------------------------------------

_AUTHORIZER: Final[Shape] = {
    "authorizer_credentials_arn": value("AuthorizerCredentialsArn", cleared=""),
    "authorizer_payload_format_version": value("AuthorizerPayloadFormatVersion", cleared=""),
    "authorizer_result_ttl_in_seconds": number("AuthorizerResultTtlInSeconds", zero=True),
    "authorizer_type": value("AuthorizerType"),
    "authorizer_uri": value("AuthorizerUri", cleared=""),
    "enable_simple_responses": value("EnableSimpleResponses", default=False, cleared=False),
    "identity_sources": names_of("IdentitySource", cleared=[]),
    "jwt_configuration": one("JwtConfiguration", {"audience": names_of("Audience"), "issuer": value("Issuer")}),
    "name": value("Name"),
}

_AUTHORIZER_TYPE: Final = ResourceType(
    name="aws_apigatewayv2_authorizer",
    list=under_api("Authorizers"),
    id=At("AuthorizerId"),
    natural_keys=(("api_id", "name"),),
    import_id=_named("AuthorizerId"),
    attributes={**getters(_AUTHORIZER), "api_id": api_id, "id": At("AuthorizerId")},
    writes=(update("apigatewayv2:UpdateAuthorizer", "AuthorizerId", _AUTHORIZER),),
)

TYPES: Final = (_API_TYPE, _STAGE_TYPE, _ROUTE_TYPE, _INTEGRATION_TYPE, _AUTHORIZER_TYPE)
