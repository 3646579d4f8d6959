"""What is tied to functions: who may call them, aliases, event sources, URLs; and layers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, cast

from reconciler.model import UNKNOWN, Json, Operation, Plain
from reconciler.resources.convert import name_prefix, part, parts, tags
from reconciler.resources.lambda_ import FUNCTIONS, invoke_arn, is_version
from reconciler.resources.reading import tags_in_bulk
from reconciler.resources.shapes import (
    Field,
    Shape,
    flag,
    getters,
    listed,
    many,
    names_of,
    number,
    one,
    parameters,
    value,
    write,
)
from reconciler.resources.spec import (
    UNTOLD,
    At,
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
from reconciler.resources.writing import operation, setter, tag_object, tag_write

_GONE: Final = frozenset(("ResourceNotFoundException",))
_UNPUBLISHED: Final = "$LATEST"


def _function(record: Record, _scope: Scope) -> str:
    """Of a function or an alias."""
    return str(record["FunctionName"] if "FunctionName" in record else record["parent"]["FunctionName"])


def _qualifier(record: Record, _scope: Scope) -> str | None:
    """An alias's name, a published version's number."""
    if "AliasArn" in record:
        return str(record["Name"])
    version = str(record.get("Version") or _UNPUBLISHED)
    return None if version == _UNPUBLISHED else version


def _qualifier_text(record: Record, scope: Scope) -> str:
    return _qualifier(record, scope) or ""


_ALIASES: Final = Read(
    "lambda:ListAliases",
    "Aliases",
    {"FunctionName": At("FunctionName")},
    under=FUNCTIONS,
    hides={"function_name": At("FunctionName")},
    absent=_GONE,
)


def _is_unpublished(record: Record, _scope: Scope) -> bool:
    return bool(record["Version"] == _UNPUBLISHED)


def _says_versions(page: Record) -> bool:
    """ARNs end with the version where versions were asked for, the unpublished ones' too."""
    versions = parts(page, "Functions")
    return not versions or any(is_version(version) for version in versions)


def _newest(record: Record, _scope: Scope) -> Iterable[Record]:
    """Of a page of versions: the functions, and of each the version that was published last."""
    published: dict[str, Record] = {}
    for version in parts(record, "Functions") or parts(record, "Versions"):
        name = str(version["FunctionName"])
        if version["Version"] == _UNPUBLISHED:
            yield version
        elif name not in published or int(version["Version"]) > int(published[name]["Version"]):
            published[name] = version
    yield from published.values()


# Functions and, beside them, their aliases: URLs are kept for each apart.
_CALLABLE: Final = Read(
    "lambda:ListAliases",
    "Aliases",
    {"FunctionName": At("FunctionName")},
    under=FUNCTIONS,
    hides={"function_name": At("FunctionName")},
    itself=True,
    absent=_GONE,
)
# And the newest version. Older ones may have policies too, but nobody is asked about them: there may be hundreds.
_WITH_POLICY: Final = replace(
    _CALLABLE,
    under=Read(
        "lambda:ListFunctions",
        "",
        {"FunctionVersion": "ALL"},
        page=50,
        each=_newest,
        unless=(
            _says_versions,
            Read(
                "lambda:ListVersionsByFunction",
                "",
                {"FunctionName": At("FunctionName")},
                under=FUNCTIONS,
                hides={"function_name": At("FunctionName")},
                absent=_GONE,
                each=_newest,
            ),
        ),
    ),
    when=_is_unpublished,
)

# -- permissions ----------------------------------------------------------------------------------------------


def _statements(record: Record, scope: Scope) -> Iterable[Record]:
    """Those about what was asked for: each names the function, or the alias with it."""
    found: Any = json.loads(record["Policy"]).get("Statement") or []
    qualifier = _qualifier(record["parent"], scope)
    for statement in cast("list[dict[str, Any]]", found if isinstance(found, list) else [found]):
        _, _, named = str(statement.get("Resource")).partition(":function:")
        if (named.split(":")[1:] or [None])[0] == qualifier:
            yield {"parent": record["parent"], "statement": statement}


def _of_parent(getter: Getter) -> Getter:
    def get(record: Record, scope: Scope) -> Any:
        return getter(record["parent"], scope)

    return get


def _permission_id(record: Record, scope: Scope) -> str:
    """As `terraform import` takes it; the state's id is the statement's alone, which many functions have."""
    qualifier = _qualifier(record["parent"], scope)
    name = _function(record["parent"], scope)
    return f"{name}:{qualifier}/{record['statement']['Sid']}" if qualifier else f"{name}/{record['statement']['Sid']}"


def _principal(record: Record, _scope: Scope) -> Json:
    given = record["statement"].get("Principal")
    if not isinstance(given, dict):
        return given
    named = cast("dict[str, Any]", given)
    return named["AWS"] if "AWS" in named else named.get("Service")


def _condition(operator: str, key: str, absent: Any = "") -> Getter:
    """One test of the statement's condition."""

    def get(record: Record, _scope: Scope) -> Any:
        tests = {name.lower(): test for name, test in part(record, f"statement.Condition.{operator}").items()}
        return tests.get(key.lower(), absent)

    return get


_PERMISSION_PARAMETERS: Final[Shape] = {
    "action": value("Action"),
    "event_source_token": value("EventSourceToken"),
    "function_name": value("FunctionName"),
    "function_url_auth_type": value("FunctionUrlAuthType"),
    "principal": value("Principal"),
    "principal_org_id": value("PrincipalOrgID"),
    "qualifier": value("Qualifier"),
    "source_account": value("SourceAccount"),
    "source_arn": value("SourceArn"),
    "statement_id": value("StatementId"),
}


def _add_permission(subject: Subject) -> Iterable[Operation]:
    yield operation("lambda:AddPermission", write(_PERMISSION_PARAMETERS, subject.known))


def _remove_permission(subject: Subject) -> Iterable[Operation]:
    named = {k: v for k, v in _PERMISSION_PARAMETERS.items() if k in ("function_name", "qualifier", "statement_id")}
    yield operation("lambda:RemovePermission", write(named, subject.known))


def _replace_permission(subject: Subject) -> Iterable[Operation]:
    """A statement can't be changed in place."""
    yield from _remove_permission(subject)
    yield from _add_permission(subject)


def _of_url(record: Record, _scope: Scope) -> bool:
    """What a function URL without authorization comes with: provider, console and SAM add it under this very name."""
    statement: Record = record["statement"]
    named = (statement.get("Sid"), statement.get("Action"))
    kind = _condition("StringEquals", "lambda:FunctionUrlAuthType")(record, _scope)
    return named == ("FunctionURLAllowPublicAccess", "lambda:InvokeFunctionUrl") and kind in ("NONE", "")


_PERMISSION: Final = ResourceType(
    name="aws_lambda_permission",
    list=Read(
        "lambda:GetPolicy",
        "",
        {"FunctionName": _function, "Qualifier": _qualifier},
        under=_WITH_POLICY,
        hides={"function_name": _function, "qualifier": _qualifier_text},
        absent=_GONE,
    ),
    expand=_statements,
    id=_permission_id,
    id_from_live=False,
    natural_keys=(
        ("statement_id", "function_name", "qualifier"),
        # Where several begin with one prefix.
        ("statement_id", "function_name", "qualifier", "action", "principal", "source_arn"),
    ),
    attributes={
        "action": At("statement.Action"),
        "event_source_token": _condition("StringEquals", "lambda:EventSourceToken", UNTOLD),
        "function_name": _of_parent(_function),
        "function_url_auth_type": _condition("StringEquals", "lambda:FunctionUrlAuthType", UNTOLD),
        "id": At("statement.Sid"),
        "principal": _principal,
        "principal_org_id": _condition("StringEquals", "aws:PrincipalOrgID"),
        "qualifier": _of_parent(_qualifier_text),
        "source_account": _condition("StringEquals", "AWS:SourceAccount"),
        "source_arn": _condition("ArnLike", "AWS:SourceArn"),
        "statement_id": At("statement.Sid"),
        "statement_id_prefix": name_prefix("statement.Sid"),
    },
    semantics={"function_name": Semantics.NAME_OR_ARN},
    writes=(
        Write(
            ("lambda:RemovePermission", "lambda:AddPermission"),
            frozenset(_PERMISSION_PARAMETERS) - {"function_name", "qualifier", "statement_id"},
            _replace_permission,
        ),
    ),
    aws_owned=_of_url,
    create=Write(("lambda:AddPermission",), frozenset(), _add_permission),
    delete=Write(("lambda:RemovePermission",), frozenset(), _remove_permission),
)

# -- aliases --------------------------------------------------------------------------------------------------


def _weights(given: Any) -> Json:
    found = dig(given, "AdditionalVersionWeights")
    return [{"additional_version_weights": found}] if found else []


def _weights_back(blocks: Any) -> Json:
    return {"AdditionalVersionWeights": next((dig(b, "additional_version_weights") for b in blocks), None) or {}}


_NO_WEIGHTS: Final[dict[str, Json]] = {"AdditionalVersionWeights": {}}
_ALIAS_SETTINGS: Final[Shape] = {
    "description": value("Description", cleared=""),
    "function_version": value("FunctionVersion"),
    "routing_config": Field("RoutingConfig", _weights, _weights_back, [], _NO_WEIGHTS),
}


def _put_alias(subject: Subject) -> Iterable[Operation]:
    wanted = subject.known
    name = "lambda:CreateAlias" if subject.before is None else "lambda:UpdateAlias"
    named: dict[str, Json] = {"FunctionName": wanted["function_name"], "Name": wanted["name"]}
    settings = {k: field for k, field in _ALIAS_SETTINGS.items() if subject.before is None or k in subject.changed}
    yield operation(name, {**named, **write(settings, wanted)})


def _delete_alias(subject: Subject) -> Iterable[Operation]:
    there = subject.known
    yield operation("lambda:DeleteAlias", {"FunctionName": there["function_name"], "Name": there["name"]})


_ALIAS: Final = ResourceType(
    name="aws_lambda_alias",
    list=_ALIASES,
    id=At("AliasArn"),
    natural_keys=(("name", "function_name"),),
    attributes={
        **getters(_ALIAS_SETTINGS),
        "arn": At("AliasArn"),
        "function_name": _function,
        "id": At("AliasArn"),
        "invoke_arn": lambda record, scope: invoke_arn(record["AliasArn"], scope),
        "name": At("Name"),
    },
    semantics={"function_name": Semantics.NAME_OR_ARN},
    writes=(Write(("lambda:UpdateAlias",), frozenset(_ALIAS_SETTINGS), _put_alias),),
    create=Write(("lambda:CreateAlias",), frozenset(), _put_alias),
    delete=Write(("lambda:DeleteAlias",), frozenset(), _delete_alias),
)

# -- event sources --------------------------------------------------------------------------------------------


def _endpoints(given: Any) -> Json:
    return {kind: ",".join(sorted(addresses)) for kind, addresses in part(given, "Endpoints").items()}


_KAFKA: Final[Shape] = {"consumer_group_id": value("ConsumerGroupId")}
_SOURCE_SETTINGS: Final[Shape] = {
    "batch_size": number("BatchSize"),
    "bisect_batch_on_function_error": flag("BisectBatchOnFunctionError"),
    "destination_config": one(
        "DestinationConfig",
        {"on_failure": one("OnFailure", {"destination_arn": value("Destination")}, unless=lambda given: not given)},
        cleared={"OnFailure": {}},
        unless=lambda given: not dig(given, "OnFailure.Destination"),
    ),
    "document_db_event_source_config": one(
        "DocumentDBEventSourceConfig",
        {
            "collection_name": value("CollectionName"),
            "database_name": value("DatabaseName"),
            "full_document": value("FullDocument"),
        },
    ),
    "filter_criteria": one(
        "FilterCriteria",
        {"filter": many("Filters", {"pattern": value("Pattern")})},
        cleared={},
        unless=lambda given: not given.get("Filters"),
    ),
    "function_name": value("FunctionName"),
    "function_response_types": names_of("FunctionResponseTypes", cleared=[]),
    "kms_key_arn": value("KMSKeyArn", cleared=""),
    "maximum_batching_window_in_seconds": number("MaximumBatchingWindowInSeconds", zero=True, cleared=0),
    "maximum_record_age_in_seconds": number("MaximumRecordAgeInSeconds"),
    "maximum_retry_attempts": number("MaximumRetryAttempts", zero=True),
    "metrics_config": one("MetricsConfig", {"metrics": names_of("Metrics", cleared=[])}, cleared={"Metrics": []}),
    "parallelization_factor": number("ParallelizationFactor"),
    "provisioned_poller_config": one(
        "ProvisionedPollerConfig",
        {"maximum_pollers": number("MaximumPollers"), "minimum_pollers": number("MinimumPollers")},
        cleared={},
    ),
    "scaling_config": one("ScalingConfig", {"maximum_concurrency": number("MaximumConcurrency")}, cleared={}),
    "source_access_configuration": many(
        "SourceAccessConfigurations", {"type": value("Type"), "uri": value("URI")}, cleared=[]
    ),
    "tumbling_window_in_seconds": number("TumblingWindowInSeconds", zero=True, cleared=0),
}
_SOURCE_FACTS: Final[Shape] = {
    "amazon_managed_kafka_event_source_config": one("AmazonManagedKafkaEventSourceConfig", _KAFKA),
    "event_source_arn": value("EventSourceArn"),
    "queues": listed("Queues"),
    "self_managed_event_source": Field(
        "SelfManagedEventSource", lambda given: [{"endpoints": _endpoints(given)}], default=[]
    ),
    "self_managed_kafka_event_source_config": one("SelfManagedKafkaEventSourceConfig", _KAFKA),
    "starting_position": value("StartingPosition"),
    "starting_position_timestamp": value("StartingPositionTimestamp"),
    "topics": names_of("Topics"),
}


_BATCHES: Final[Mapping[str, int]] = {"sqs": 10, **dict.fromkeys(("dynamodb", "kinesis", "kafka", "mq", "rds"), 100)}


def _usual_batch(values: Mapping[str, Plain]) -> Mapping[str, Plain]:
    """What AWS takes where the code does not say depends on the kind of source."""
    arn = values.get("event_source_arn")
    own = None if arn else values.get("self_managed_event_source")
    if UNKNOWN in (arn, own) and values.get("batch_size") is None:
        return {"batch_size": UNKNOWN}
    kind = arn.split(":")[2] if isinstance(arn, str) and arn.startswith("arn:") else ""
    usual = _BATCHES.get("kafka" if own else kind)
    return {"batch_size": usual} if usual and values.get("batch_size") is None else {}


_EVENT_SOURCE: Final = ResourceType(
    name="aws_lambda_event_source_mapping",
    list=Read("lambda:ListEventSourceMappings", "EventSourceMappings", page=100),
    id=At("UUID"),
    natural_keys=(("event_source_arn", "function_name"),),
    details={
        "tags": tags_in_bulk(
            "lambda:event-source-mapping",
            At("EventSourceMappingArn"),
            Read("lambda:ListTags", "Tags", {"Resource": At("EventSourceMappingArn")}, absent=_GONE),
            doubtful=True,
        )
    },
    attributes={
        **getters(_SOURCE_SETTINGS),
        **getters(_SOURCE_FACTS),
        "arn": At("EventSourceMappingArn"),
        "enabled": At("State", lambda state: state in ("Enabled", "Enabling", "Creating", "Updating")),
        "function_arn": At("FunctionArn"),
        "function_name": At("FunctionArn"),
        "id": At("UUID"),
        "last_modified": At("LastModified"),
        "last_processing_result": At("LastProcessingResult", default=""),
        "state": At("State"),
        "state_transition_reason": At("StateTransitionReason", default=""),
        "tags": tags("tags"),
        "uuid": At("UUID"),
    },
    kept=frozenset(("destination_config",)),
    planned=_usual_batch,
    semantics={"filter_criteria.filter.pattern": Semantics.EVENT_PATTERN, "function_name": Semantics.NAME_OR_ARN},
    writes=(
        setter(
            "lambda:UpdateEventSourceMapping",
            {"UUID": "id"},
            {
                "enabled": ("Enabled", lambda wanted: wanted is not False),
                **parameters(_SOURCE_SETTINGS),
            },
        ),
        tag_write("lambda:TagResource", "lambda:UntagResource", {"Resource": "arn"}, form=tag_object),
    ),
)

# -- URLs -----------------------------------------------------------------------------------------------------

_CORS: Final[Shape] = {
    "allow_credentials": flag("AllowCredentials"),
    "allow_headers": names_of("AllowHeaders"),
    "allow_methods": names_of("AllowMethods"),
    "allow_origins": names_of("AllowOrigins"),
    "expose_headers": names_of("ExposeHeaders"),
    "max_age": number("MaxAge", zero=True),
}
_URL_SETTINGS: Final[Shape] = {
    "authorization_type": value("AuthType"),
    "cors": one("Cors", _CORS, cleared={}),
    "invoke_mode": value("InvokeMode", "BUFFERED"),
}


def _url_id(record: Record, scope: Scope) -> str:
    name, qualifier = _function(record["parent"], scope), _qualifier(record["parent"], scope)
    return f"{name}/{qualifier}" if qualifier else name


def _another_url(record: Record, scope: Scope) -> bool:
    """A URL's function has the alias in its ARN; where it has none, asking for the alias told the function's URL."""
    qualifier = _qualifier(record["parent"], scope)
    return qualifier is not None and not str(record["FunctionArn"]).endswith(f":{qualifier}")


def _named_url(attributes: Mapping[str, Json]) -> dict[str, Json]:
    return {"FunctionName": attributes["function_name"], "Qualifier": attributes.get("qualifier") or None}


def _put_url(subject: Subject) -> Iterable[Operation]:
    name = "Create" if subject.before is None else "Update"
    given = {**_named_url(subject.known), **write(_URL_SETTINGS, subject.known)}
    yield operation(f"lambda:{name}FunctionUrlConfig", given)


def _delete_url(subject: Subject) -> Iterable[Operation]:
    yield operation("lambda:DeleteFunctionUrlConfig", _named_url(subject.known))


_URL: Final = ResourceType(
    name="aws_lambda_function_url",
    list=Read(
        "lambda:GetFunctionUrlConfig",
        "",
        {"FunctionName": _function, "Qualifier": _qualifier},
        under=_CALLABLE,
        hides={"function_name": _function, "qualifier": _qualifier_text},
        absent=_GONE,
    ),
    id=_url_id,
    # The state's id has the function as the code names it: by name or by ARN.
    id_from_live=False,
    natural_keys=(("function_name", "qualifier"),),
    attributes={
        **getters(_URL_SETTINGS),
        "function_arn": At("FunctionArn"),
        "function_name": _of_parent(_function),
        "function_url": At("FunctionUrl"),
        "id": _url_id,
        "qualifier": _of_parent(_qualifier_text),
        "url_id": At("FunctionUrl", lambda url: str(url).removeprefix("https://").split(".", 1)[0]),
    },
    semantics={"function_name": Semantics.NAME_OR_ARN},
    writes=(Write(("lambda:UpdateFunctionUrlConfig",), frozenset(_URL_SETTINGS), _put_url),),
    aws_owned=_another_url,
    create=Write(("lambda:CreateFunctionUrlConfig",), frozenset(), _put_url),
    delete=Write(("lambda:DeleteFunctionUrlConfig",), frozenset(), _delete_url),
)

# -- layers ---------------------------------------------------------------------------------------------------


def _layer_arn(record: Record, _scope: Scope) -> str:
    return str(record["LayerVersionArn"]).rsplit(":", 1)[0]


_LAYER_VERSION: Final = ResourceType(
    name="aws_lambda_layer_version",
    list=Read(
        "lambda:ListLayerVersions",
        "LayerVersions",
        {"LayerName": At("LayerName")},
        under=Read("lambda:ListLayers", "Layers"),
        hides={"layer_name": At("LayerName")},
        absent=_GONE,
    ),
    id=At("LayerVersionArn"),
    natural_keys=(("layer_name", "version"), ("layer_name",)),
    details={
        "content": Read(
            "lambda:GetLayerVersion",
            "Content",
            {"LayerName": At("parent.LayerName"), "VersionNumber": At("Version")},
            absent=_GONE,
        )
    },
    exists=lambda record, _: record["content"] is not None,
    attributes={
        "arn": At("LayerVersionArn"),
        "code_sha256": At("content.CodeSha256"),
        "compatible_architectures": At("CompatibleArchitectures", sorted, []),
        "compatible_runtimes": At("CompatibleRuntimes", sorted, []),
        "created_date": At("CreatedDate"),
        "description": At("Description", default=""),
        "id": At("LayerVersionArn"),
        "layer_arn": _layer_arn,
        "layer_name": At("parent.LayerName"),
        "license_info": At("LicenseInfo", default=""),
        "signing_job_arn": At("content.SigningJobArn", default=""),
        "signing_profile_version_arn": At("content.SigningProfileVersionArn", default=""),
        "source_code_size": At("content.CodeSize"),
        "version": At("Version", str),
    },
    config_only=frozenset(("filename", "s3_bucket", "s3_key", "s3_object_version", "skip_destroy", "source_code_hash")),
)

TYPES: Final = (_PERMISSION, _ALIAS, _EVENT_SOURCE, _URL, _LAYER_VERSION)
