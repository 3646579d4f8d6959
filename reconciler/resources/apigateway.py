"""REST APIs: one read of an API's resources tells its methods, integrations and responses too."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import document, part, parts, tags, text
from reconciler.resources.shapes import Shape, flag, getters, listed, mapping, names_of, number, one, value
from reconciler.resources.spec import At, Child, Read, Record, ResourceType, Scope, Semantics, Subject, Write, dig
from reconciler.resources.writing import operation, tag_object, tag_write

GET: Final = "apigateway:GET"
PATCHING: Final = ("apigateway:PATCH",)
ABSENT: Final = frozenset(("NotFoundException",))
APIS: Final = Read("apigateway:GetRestApis", "items", page=500, action=GET)


def under_api(name: str, path: str, **more: Json) -> Read:
    """What every API has of its own: one call for each."""
    return Read(
        f"apigateway:{name}",
        path,
        {"restApiId": At("id"), **more},
        under=APIS,
        hides={"rest_api_id": At("id")},
        absent=ABSENT,
        page=500 if name != "GetStages" else 0,
        action=GET,
    )


_RESOURCES: Final = under_api("GetResources", "items", embed=["methods"])
API_ID: Final = At("parent.id")

# -- writing: every update is a list of patches -----------------------------------------------------------------

Patches = list[Json]


def patch(op: str, path: str, wanted: Json = None) -> Json:
    return {"op": op, "path": path} if wanted is None else {"op": op, "path": path, "value": text(wanted)}


def map_patches(path: str, before: Any, after: Any) -> Patches:
    before, after = before or {}, after or {}
    patches: Patches = []
    for key in sorted({*before, *after}):
        at = f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}"
        if key not in after:
            patches.append(patch("remove", at))
        elif key not in before or before[key] != after[key]:
            patches.append(patch("replace" if key in before else "add", at, after[key]))
    return patches


def _set_patches(path: str, before: Any, after: Any) -> Patches:
    return map_patches(path, dict.fromkeys(before or ()), dict.fromkeys(after or (), ""))


def _patches(subject: Subject, paths: Mapping[str, str]) -> Patches:
    """`paths`: attribute -> path. Maps and sets are changed key by key."""
    patches: Patches = []
    before, after = subject.before or {}, subject.after or {}
    for name in sorted(subject.changed & paths.keys()):
        old, new = before.get(name), after.get(name)
        if isinstance(old, dict) or isinstance(new, dict):
            patches += map_patches(paths[name], old, new)
        elif isinstance(old, list) or isinstance(new, list):
            patches += _set_patches(paths[name], old, new)
        else:
            patches.append(patch("replace", paths[name], "" if new is None else new))
    return patches


def update(name: str, ids: Mapping[str, str], paths: Mapping[str, str]) -> Write:
    """`ids`: parameter -> attribute that names the resource."""

    def build(subject: Subject) -> Iterable[Operation]:
        patches = _patches(subject, paths)
        if patches:
            named = {key: subject.id if given == "id" else subject.known[given] for key, given in ids.items()}
            yield operation(name, {**named, "patchOperations": patches})

    return Write((name,), frozenset(paths), build, PATCHING)


def tagging() -> Write:
    return tag_write(
        "apigateway:TagResource",
        "apigateway:UntagResource",
        {"resourceArn": "arn"},
        form=tag_object,
        tags="tags",
        keys="tagKeys",
        actions=("apigateway:PUT", "apigateway:DELETE"),
    )


# -- APIs -----------------------------------------------------------------------------------------------------


def policy_text(given: Any) -> str:
    """API Gateway escapes the document once more."""
    try:
        return document(json.loads(f'"{given}"'))
    except ValueError:
        return document(given)


_ENDPOINT: Final[Shape] = {
    "ip_address_type": value("ipAddressType"),
    "types": listed("types"),
    "vpc_endpoint_ids": names_of("vpcEndpointIds"),
}

_DESCRIBED: Final = (
    "authorizer",
    "gateway_response",
    "integration",
    "integration_response",
    "method",
    "method_response",
    "model",
    "request_validator",
    "resource",
)
"""What the document of an API can describe."""

_API: Final = ResourceType(
    name="aws_api_gateway_rest_api",
    list=APIS,
    id=At("id"),
    natural_keys=(("name",),),
    attributes={
        "api_key_source": At("apiKeySource", default=""),
        "arn": lambda record, scope: f"arn:{scope.partition}:apigateway:{scope.region}::/restapis/{record['id']}",
        "binary_media_types": At("binaryMediaTypes", default=[]),
        "created_date": At("createdDate"),
        "description": At("description", default=""),
        "disable_execute_api_endpoint": At("disableExecuteApiEndpoint", default=False),
        "endpoint_configuration": getters({"a": one("endpointConfiguration", _ENDPOINT)})["a"],
        "execution_arn": lambda record, scope: scope.arn("execute-api", record["id"]),
        "id": At("id"),
        "minimum_compression_size": At("minimumCompressionSize", text, ""),
        "name": At("name"),
        "policy": At("policy", policy_text, ""),
        "root_resource_id": At("rootResourceId"),
        "tags": tags("tags"),
    },
    config_only=frozenset(("body", "fail_on_warnings", "parameters", "put_rest_api_mode")),
    semantics={"policy": Semantics.POLICY, "binary_media_types": Semantics.UNORDERED},
    writes=(
        update(
            "apigateway:UpdateRestApi",
            {"restApiId": "id"},
            {
                "api_key_source": "/apiKeySource",
                "binary_media_types": "/binaryMediaTypes",
                "description": "/description",
                "disable_execute_api_endpoint": "/disableExecuteApiEndpoint",
                "minimum_compression_size": "/minimumCompressionSize",
                "name": "/name",
                "policy": "/policy",
            },
        ),
        tagging(),
    ),
    children=(
        Child("aws_api_gateway_rest_api_policy", "rest_api_id", ("policy",)),
        *(Child(f"aws_api_gateway_{part}", "rest_api_id", ("body",)) for part in _DESCRIBED),
    ),
)

# -- resources ------------------------------------------------------------------------------------------------

_RESOURCE: Final = ResourceType(
    name="aws_api_gateway_resource",
    list=_RESOURCES,
    id=At("id"),
    natural_keys=(("rest_api_id", "parent_id", "path_part"),),
    import_id=lambda record, _: f"{dig(record, 'parent.id')}/{record['id']}",
    attributes={
        "id": At("id"),
        "parent_id": At("parentId", default=""),
        "path": At("path"),
        "path_part": At("pathPart", default=""),
        "rest_api_id": API_ID,
    },
    writes=(
        update(
            "apigateway:UpdateResource",
            {"restApiId": "rest_api_id", "resourceId": "id"},
            {"parent_id": "/parentId", "path_part": "/pathPart"},
        ),
    ),
    aws_owned=lambda record, _: record.get("path") == "/",
)

# -- methods and what they lead to ------------------------------------------------------------------------------


def _methods(record: Record, _scope: Scope) -> Iterable[Record]:
    for name, method in part(record, "resourceMethods").items():
        yield {**method, "method": name, "resource": record["id"], "parent": record["parent"]}


def _integrations(record: Record, scope: Scope) -> Iterable[Record]:
    for method in _methods(record, scope):
        if method.get("methodIntegration"):
            yield method


def _responses(path: str) -> Callable[[Record, Scope], Iterable[Record]]:
    def each(record: Record, scope: Scope) -> Iterable[Record]:
        for method in _methods(record, scope):
            for status, response in part(method, path).items():
                yield {**response, **{key: method[key] for key in ("method", "resource", "parent")}, "status": status}

    return each


def _id(prefix: str, *more: str) -> Callable[[Record, Scope], str]:
    """As the provider makes it up."""
    return lambda record, _: "-".join(
        [prefix, *(str(dig(record, key)) for key in ("parent.id", "resource", "method", *more))]
    )


_PLACE: Final = {"rest_api_id": API_ID, "resource_id": At("resource"), "http_method": At("method")}
_PLACE_IDS: Final = {"restApiId": "rest_api_id", "resourceId": "resource_id", "httpMethod": "http_method"}

_METHOD_SHAPE: Final[Shape] = {
    "api_key_required": flag("apiKeyRequired"),
    "authorization": value("authorizationType"),
    "authorization_scopes": names_of("authorizationScopes"),
    "authorizer_id": value("authorizerId"),
    "operation_name": value("operationName"),
    "request_models": mapping("requestModels"),
    "request_parameters": mapping("requestParameters"),
    "request_validator_id": value("requestValidatorId"),
}

_METHOD: Final = ResourceType(
    name="aws_api_gateway_method",
    list=_RESOURCES,
    expand=_methods,
    id=_id("agm"),
    natural_keys=((*_PLACE,),),
    import_id=lambda r, _: f"{dig(r, 'parent.id')}/{r['resource']}/{r['method']}",
    attributes={**getters(_METHOD_SHAPE), **_PLACE, "id": _id("agm")},
    writes=(update("apigateway:UpdateMethod", _PLACE_IDS, {n: f"/{field.key}" for n, field in _METHOD_SHAPE.items()}),),
)


def _templates(found: Any) -> Json:
    return {key: given or "" for key, given in found.items()}


_INTEGRATION_SHAPE: Final[Shape] = {
    "cache_key_parameters": names_of("cacheKeyParameters"),
    "cache_namespace": value("cacheNamespace"),
    "connection_id": value("connectionId"),
    "connection_type": value("connectionType", "INTERNET"),
    "content_handling": value("contentHandling"),
    "credentials": value("credentials"),
    "integration_http_method": value("httpMethod"),
    "passthrough_behavior": value("passthroughBehavior"),
    "request_parameters": mapping("requestParameters"),
    "timeout_milliseconds": number("timeoutInMillis"),
    "tls_config": one("tlsConfig", {"insecure_skip_verification": flag("insecureSkipVerification")}),
    "type": value("type"),
    "uri": value("uri"),
}
_INTEGRATION_PATHS: Final = {
    **{name: f"/{field.key}" for name, field in _INTEGRATION_SHAPE.items() if name not in ("tls_config", "type")},
    "request_templates": "/requestTemplates",
}

_INTEGRATION: Final = ResourceType(
    name="aws_api_gateway_integration",
    list=_RESOURCES,
    expand=_integrations,
    id=_id("agi"),
    natural_keys=((*_PLACE,),),
    import_id=lambda r, _: f"{dig(r, 'parent.id')}/{r['resource']}/{r['method']}",
    attributes={
        **getters(_INTEGRATION_SHAPE, "methodIntegration"),
        **_PLACE,
        "id": _id("agi"),
        "request_templates": At("methodIntegration.requestTemplates", _templates, {}),
    },
    writes=(update("apigateway:UpdateIntegration", _PLACE_IDS, _INTEGRATION_PATHS),),
)

_METHOD_RESPONSE: Final = ResourceType(
    name="aws_api_gateway_method_response",
    list=_RESOURCES,
    expand=_responses("methodResponses"),
    id=_id("agmr", "status"),
    natural_keys=((*_PLACE, "status_code"),),
    import_id=lambda r, _: f"{dig(r, 'parent.id')}/{r['resource']}/{r['method']}/{r['status']}",
    attributes={
        **_PLACE,
        "id": _id("agmr", "status"),
        "response_models": At("responseModels", default={}),
        "response_parameters": At("responseParameters", default={}),
        "status_code": At("status"),
    },
    writes=(
        update(
            "apigateway:UpdateMethodResponse",
            {**_PLACE_IDS, "statusCode": "status_code"},
            {"response_models": "/responseModels", "response_parameters": "/responseParameters"},
        ),
    ),
)

_INTEGRATION_RESPONSE: Final = ResourceType(
    name="aws_api_gateway_integration_response",
    list=_RESOURCES,
    expand=_responses("methodIntegration.integrationResponses"),
    id=_id("agir", "status"),
    natural_keys=((*_PLACE, "status_code"),),
    import_id=lambda r, _: f"{dig(r, 'parent.id')}/{r['resource']}/{r['method']}/{r['status']}",
    attributes={
        **_PLACE,
        "content_handling": At("contentHandling", default=""),
        "id": _id("agir", "status"),
        "response_parameters": At("responseParameters", default={}),
        "response_templates": At("responseTemplates", _templates, {}),
        "selection_pattern": At("selectionPattern", default=""),
        "status_code": At("status"),
    },
    writes=(
        update(
            "apigateway:UpdateIntegrationResponse",
            {**_PLACE_IDS, "statusCode": "status_code"},
            {
                "content_handling": "/contentHandling",
                "response_parameters": "/responseParameters",
                "response_templates": "/responseTemplates",
                "selection_pattern": "/selectionPattern",
            },
        ),
    ),
)

# -- deployments and stages -------------------------------------------------------------------------------------

_DEPLOYMENT: Final = ResourceType(
    name="aws_api_gateway_deployment",
    list=under_api("GetDeployments", "items"),
    id=At("id"),
    natural_keys=(("rest_api_id", "description"),),
    import_id=lambda record, _: f"{dig(record, 'parent.id')}/{record['id']}",
    attributes={
        "created_date": At("createdDate"),
        "description": At("description", default=""),
        "id": At("id"),
        "rest_api_id": API_ID,
    },
    # Of the stage that it was made for, if any: that is a resource of its own.
    config_only=frozenset(
        ("canary_settings", "execution_arn", "invoke_url", "stage_description", "stage_name", "triggers", "variables")
    ),
    writes=(
        update(
            "apigateway:UpdateDeployment",
            {"restApiId": "rest_api_id", "deploymentId": "id"},
            {"description": "/description"},
        ),
    ),
)

STAGES: Final = under_api("GetStages", "item")
_LOGS: Final[Shape] = {"destination_arn": value("destinationArn"), "format": value("format")}
_CANARY: Final[Shape] = {
    "deployment_id": value("deploymentId"),
    "percent_traffic": number("percentTraffic", zero=True),
    "stage_variable_overrides": mapping("stageVariableOverrides"),
    "use_stage_cache": flag("useStageCache"),
}
_STAGE_SHAPE: Final[Shape] = {
    "access_log_settings": one("accessLogSettings", _LOGS),
    "cache_cluster_enabled": flag("cacheClusterEnabled"),
    "cache_cluster_size": value("cacheClusterSize"),
    "canary_settings": one("canarySettings", _CANARY),
    "client_certificate_id": value("clientCertificateId"),
    "deployment_id": value("deploymentId"),
    "description": value("description"),
    "documentation_version": value("documentationVersion"),
    "variables": mapping("variables"),
    "web_acl_arn": value("webAclArn"),
    "xray_tracing_enabled": flag("tracingEnabled"),
}


def _stage_arn(record: Record, scope: Scope) -> str:
    api = dig(record, "parent.id")
    return f"arn:{scope.partition}:apigateway:{scope.region}::/restapis/{api}/stages/{record['stageName']}"


def _invoke_url(record: Record, scope: Scope) -> str:
    suffix = "amazonaws.com.cn" if scope.partition == "aws-cn" else "amazonaws.com"
    return f"https://{dig(record, 'parent.id')}.execute-api.{scope.region}.{suffix}/{record['stageName']}"


def _stage_id(record: Record, _scope: Scope) -> str:
    return f"ags-{dig(record, 'parent.id')}-{record['stageName']}"


_STAGE_PATHS: Final = {
    "cache_cluster_enabled": "/cacheClusterEnabled",
    "cache_cluster_size": "/cacheClusterSize",
    "client_certificate_id": "/clientCertificateId",
    "deployment_id": "/deploymentId",
    "description": "/description",
    "documentation_version": "/documentationVersion",
    "variables": "/variables",
    "xray_tracing_enabled": "/tracingEnabled",
}


def _set_logs(subject: Subject) -> Iterable[Operation]:
    wanted = parts(dict(subject.after or {}), "access_log_settings")
    patches: Patches = [patch("remove", "/accessLogSettings")]
    if wanted:
        keys = {"destinationArn": "destination_arn", "format": "format"}
        patches = [patch("replace", f"/accessLogSettings/{key}", wanted[0][name]) for key, name in keys.items()]
    known = subject.known
    named: dict[str, Json] = {"restApiId": known["rest_api_id"], "stageName": known["stage_name"]}
    yield operation("apigateway:UpdateStage", {**named, "patchOperations": patches})


_STAGE: Final = ResourceType(
    name="aws_api_gateway_stage",
    list=STAGES,
    id=_stage_id,
    natural_keys=(("rest_api_id", "stage_name"),),
    import_id=lambda record, _: f"{dig(record, 'parent.id')}/{record['stageName']}",
    attributes={
        **getters(_STAGE_SHAPE),
        "arn": _stage_arn,
        "execution_arn": lambda r, scope: scope.arn("execute-api", f"{dig(r, 'parent.id')}/{r['stageName']}"),
        "id": _stage_id,
        "invoke_url": _invoke_url,
        "rest_api_id": API_ID,
        "stage_name": At("stageName"),
        "tags": tags("tags"),
    },
    writes=(
        update("apigateway:UpdateStage", {"restApiId": "rest_api_id", "stageName": "stage_name"}, _STAGE_PATHS),
        Write(("apigateway:UpdateStage",), frozenset(("access_log_settings",)), _set_logs, PATCHING),
        tagging(),
    ),
)

TYPES: Final = (
    _API,
    _RESOURCE,
    _METHOD,
    _INTEGRATION,
    _METHOD_RESPONSE,
    _INTEGRATION_RESPONSE,
    _DEPLOYMENT,
    _STAGE,
)
