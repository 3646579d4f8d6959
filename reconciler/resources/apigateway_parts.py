"""What a REST API has beside its methods: authorizers, validators, models, answers of its own, settings, its policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, cast

from reconciler.model import Json, Operation, Plain
from reconciler.resources.apigateway import (
    API_ID,
    APIS,
    PATCHING,
    STAGES,
    Patches,
    patch,
    policy_text,
    under_api,
    update,
)
from reconciler.resources.convert import document, names, part, parts
from reconciler.resources.shapes import Shape, flag, number, value
from reconciler.resources.shapes import read as read_shape
from reconciler.resources.spec import At, Record, ResourceType, Scope, Semantics, Subject, Write, dig
from reconciler.resources.writing import operation

# -- authorizers ----------------------------------------------------------------------------------------------

_AUTHORIZER_PATHS: Final = {
    "authorizer_credentials": "/authorizerCredentials",
    "authorizer_result_ttl_in_seconds": "/authorizerResultTtlInSeconds",
    "authorizer_uri": "/authorizerUri",
    "identity_source": "/identitySource",
    "identity_validation_expression": "/identityValidationExpression",
    "name": "/name",
    "type": "/type",
}
_AUTHORIZER_IDS: Final = {"restApiId": "rest_api_id", "authorizerId": "id"}


def _set_pools(subject: Subject) -> Iterable[Operation]:
    """One by one, each as the value of the same path."""
    before, after = (
        set(cast("list[str]", (side or {}).get("provider_arns") or [])) for side in (subject.before, subject.after)
    )
    patches: Patches = [patch("add", "/providerARNs", arn) for arn in sorted(after - before)]
    patches += [patch("remove", "/providerARNs", arn) for arn in sorted(before - after)]
    if patches:
        named: dict[str, Json] = {"restApiId": subject.known["rest_api_id"], "authorizerId": subject.id}
        yield operation("apigateway:UpdateAuthorizer", {**named, "patchOperations": patches})


def _usual(values: Mapping[str, Plain]) -> Mapping[str, Plain]:
    return {"type": "TOKEN"} if values.get("type") is None else {}


_AUTHORIZER: Final = ResourceType(
    name="aws_api_gateway_authorizer",
    list=under_api("GetAuthorizers", "items"),
    id=At("id"),
    natural_keys=(("rest_api_id", "name"),),
    import_id=lambda record, _: f"{dig(record, 'parent.id')}/{record['id']}",
    planned=_usual,
    attributes={
        "arn": lambda r, scope: (
            f"arn:{scope.partition}:apigateway:{scope.region}::/restapis/{dig(r, 'parent.id')}/authorizers/{r['id']}"
        ),
        "authorizer_credentials": At("authorizerCredentials", default=""),
        "authorizer_result_ttl_in_seconds": At("authorizerResultTtlInSeconds", default=300),
        "authorizer_uri": At("authorizerUri", default=""),
        "id": At("id"),
        "identity_source": At("identitySource", default=""),
        "identity_validation_expression": At("identityValidationExpression", default=""),
        "name": At("name"),
        "provider_arns": At("providerARNs", names, []),
        "rest_api_id": API_ID,
        "type": At("type"),
    },
    writes=(
        update("apigateway:UpdateAuthorizer", _AUTHORIZER_IDS, _AUTHORIZER_PATHS),
        Write(("apigateway:UpdateAuthorizer",), frozenset(("provider_arns",)), _set_pools, PATCHING),
    ),
)

# -- validators and models --------------------------------------------------------------------------------------

_VALIDATOR: Final = ResourceType(
    name="aws_api_gateway_request_validator",
    list=under_api("GetRequestValidators", "items"),
    id=At("id"),
    natural_keys=(("rest_api_id", "name"),),
    import_id=lambda record, _: f"{dig(record, 'parent.id')}/{record['id']}",
    attributes={
        "id": At("id"),
        "name": At("name"),
        "rest_api_id": API_ID,
        "validate_request_body": At("validateRequestBody", default=False),
        "validate_request_parameters": At("validateRequestParameters", default=False),
    },
    writes=(
        update(
            "apigateway:UpdateRequestValidator",
            {"restApiId": "rest_api_id", "requestValidatorId": "id"},
            {
                "name": "/name",
                "validate_request_body": "/validateRequestBody",
                "validate_request_parameters": "/validateRequestParameters",
            },
        ),
    ),
)

_MODEL: Final = ResourceType(
    name="aws_api_gateway_model",
    list=under_api("GetModels", "items"),
    id=At("id"),
    natural_keys=(("rest_api_id", "name"),),
    import_id=lambda record, _: f"{dig(record, 'parent.id')}/{record['name']}",
    attributes={
        "content_type": At("contentType"),
        "description": At("description", default=""),
        "id": At("id"),
        "name": At("name"),
        "rest_api_id": API_ID,
        "schema": At("schema", document, ""),
    },
    semantics={"schema": Semantics.JSON},
    writes=(
        update(
            "apigateway:UpdateModel",
            {"restApiId": "rest_api_id", "modelName": "name"},
            {"description": "/description", "schema": "/schema"},
        ),
    ),
    # Every API starts with these.
    aws_owned=lambda record, _: record.get("name") in ("Empty", "Error"),
)

# -- answers that never reach an integration ----------------------------------------------------------------------


def _response_id(record: Record, _scope: Scope) -> str:
    return f"aggr-{dig(record, 'parent.id')}-{record['responseType']}"


def _named(subject: Subject) -> dict[str, Json]:
    return {"restApiId": subject.known["rest_api_id"], "responseType": subject.known["response_type"]}


def _put_response(subject: Subject) -> Iterable[Operation]:
    known = subject.known
    given: dict[str, Json] = {
        "statusCode": known.get("status_code") or None,
        "responseParameters": known.get("response_parameters") or {},
        "responseTemplates": known.get("response_templates") or {},
    }
    yield operation("apigateway:PutGatewayResponse", {**_named(subject), **given})


def _delete_response(subject: Subject) -> Iterable[Operation]:
    yield operation("apigateway:DeleteGatewayResponse", _named(subject))


_PUT: Final = (("apigateway:PutGatewayResponse",), ("apigateway:PUT",))
_RESPONSE_ATTRIBUTES: Final = frozenset(("response_parameters", "response_templates", "status_code"))

_RESPONSE: Final = ResourceType(
    name="aws_api_gateway_gateway_response",
    list=under_api("GetGatewayResponses", "items"),
    # What AWS answers of itself is listed too.
    expand=lambda record, _: [] if record.get("defaultResponse") else [record],
    id=_response_id,
    import_id=lambda record, _: f"{dig(record, 'parent.id')}/{record['responseType']}",
    natural_keys=(("rest_api_id", "response_type"),),
    attributes={
        "id": _response_id,
        "response_parameters": At("responseParameters", default={}),
        "response_templates": At("responseTemplates", default={}),
        "response_type": At("responseType"),
        "rest_api_id": API_ID,
        "status_code": At("statusCode", default=""),
    },
    writes=(Write(_PUT[0], _RESPONSE_ATTRIBUTES, _put_response, _PUT[1]),),
    create=Write(_PUT[0], frozenset(), _put_response, _PUT[1]),
    delete=Write(("apigateway:DeleteGatewayResponse",), frozenset(), _delete_response, ("apigateway:DELETE",)),
)

# -- settings of a stage's methods ------------------------------------------------------------------------------

_SETTINGS: Final[Shape] = {
    "cache_data_encrypted": flag("cacheDataEncrypted"),
    "cache_ttl_in_seconds": number("cacheTtlInSeconds", zero=True),
    "caching_enabled": flag("cachingEnabled"),
    "data_trace_enabled": flag("dataTraceEnabled"),
    "logging_level": value("loggingLevel"),
    "metrics_enabled": flag("metricsEnabled"),
    "require_authorization_for_cache_control": flag("requireAuthorizationForCacheControl"),
    "throttling_burst_limit": number("throttlingBurstLimit", zero=True),
    "throttling_rate_limit": number("throttlingRateLimit", zero=True),
    "unauthorized_cache_control_header_strategy": value("unauthorizedCacheControlHeaderStrategy"),
}
_SETTING_PATHS: Final = {
    "cache_data_encrypted": "caching/dataEncrypted",
    "cache_ttl_in_seconds": "caching/ttlInSeconds",
    "caching_enabled": "caching/enabled",
    "data_trace_enabled": "logging/dataTrace",
    "logging_level": "logging/loglevel",
    "metrics_enabled": "metrics/enabled",
    "require_authorization_for_cache_control": "caching/requireAuthorizationForCacheControl",
    "throttling_burst_limit": "throttling/burstLimit",
    "throttling_rate_limit": "throttling/rateLimit",
    "unauthorized_cache_control_header_strategy": "caching/unauthorizedCacheControlHeaderStrategy",
}


def _each_method(record: Record, _scope: Scope) -> Iterable[Record]:
    for path, settings in part(record, "methodSettings").items():
        yield {"parent": record["parent"], "stageName": record["stageName"], "path": path, "settings": settings}


def _settings_id(record: Record, _scope: Scope) -> str:
    return f"{dig(record, 'parent.id')}-{record['stageName']}-{record['path']}"


def _set_methods(subject: Subject) -> Iterable[Operation]:
    """What is wanted and other than before; all of it where there is nothing yet."""
    known = subject.known
    (wanted, before) = ((parts(dict(side), "settings") or [{}])[0] for side in (known, subject.before or {}))
    patches: Patches = [
        patch("replace", f"/{known['method_path']}/{path}", wanted[name])
        for name, path in _SETTING_PATHS.items()
        if wanted.get(name) not in (None, "") and wanted[name] != before.get(name)
    ]
    if patches:
        yield operation("apigateway:UpdateStage", {**_stage(subject), "patchOperations": patches})


def _stage(subject: Subject) -> dict[str, Json]:
    return {"restApiId": subject.known["rest_api_id"], "stageName": subject.known["stage_name"]}


def _drop_methods(subject: Subject) -> Iterable[Operation]:
    patches: Patches = [patch("remove", f"/{subject.known['method_path']}")]
    yield operation("apigateway:UpdateStage", {**_stage(subject), "patchOperations": patches})


_SETTING: Final = (("apigateway:UpdateStage",), PATCHING)

_METHOD_SETTINGS: Final = ResourceType(
    name="aws_api_gateway_method_settings",
    list=STAGES,
    expand=_each_method,
    id=_settings_id,
    import_id=lambda r, _: f"{dig(r, 'parent.id')}/{r['stageName']}/{r['path']}",
    natural_keys=(("rest_api_id", "stage_name", "method_path"),),
    attributes={
        "id": _settings_id,
        "method_path": At("path"),
        "rest_api_id": API_ID,
        "settings": At("settings", lambda found: [read_shape(_SETTINGS, found)]),
        "stage_name": At("stageName"),
    },
    writes=(Write(_SETTING[0], frozenset(("settings",)), _set_methods, _SETTING[1]),),
    create=Write(_SETTING[0], frozenset(), _set_methods, _SETTING[1]),
    delete=Write(_SETTING[0], frozenset(), _drop_methods, _SETTING[1]),
)

# -- who may call ---------------------------------------------------------------------------------------------


def _set_policy(subject: Subject) -> Iterable[Operation]:
    wanted = (subject.after or {}).get("policy") or ""
    patches: Patches = [patch("replace", "/policy", wanted)]
    named: dict[str, Json] = {"restApiId": subject.known["rest_api_id"]}
    yield operation("apigateway:UpdateRestApi", {**named, "patchOperations": patches})


_SETTING_POLICY: Final = (("apigateway:UpdateRestApi",), (*PATCHING, "apigateway:UpdateRestApiPolicy"))

_POLICY: Final = ResourceType(
    name="aws_api_gateway_rest_api_policy",
    list=APIS,
    id=At("id"),
    natural_keys=(("rest_api_id",),),
    exists=lambda record, _: bool(record.get("policy")),
    emptied=lambda api: {"id": api, "policy": "", "rest_api_id": api},
    attributes={"id": At("id"), "policy": At("policy", policy_text, ""), "rest_api_id": At("id")},
    semantics={"policy": Semantics.POLICY},
    writes=(Write(_SETTING_POLICY[0], frozenset(("policy",)), _set_policy, _SETTING_POLICY[1]),),
    create=Write(_SETTING_POLICY[0], frozenset(), _set_policy, _SETTING_POLICY[1]),
    delete=Write(_SETTING_POLICY[0], frozenset(), _set_policy, _SETTING_POLICY[1]),
)

TYPES: Final = (_AUTHORIZER, _VALIDATOR, _MODEL, _RESPONSE, _METHOD_SETTINGS, _POLICY)
