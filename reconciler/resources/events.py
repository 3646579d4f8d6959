"""EventBridge: rules of all buses, and their targets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import block, blocks, document, name_prefix, names, part, parts, tag_map, tags
from reconciler.resources.reading import tags_in_bulk
from reconciler.resources.spec import At, Read, Record, ResourceType, Scope, Semantics, Subject, Write, dig
from reconciler.resources.writing import PASS_ROLE, live_tags, operation, tag_list, tag_write

_GONE: Final = frozenset(("ResourceNotFoundException",))


def tags_of_events(kind: str) -> Read:
    single = Read("events:ListTagsForResource", "Tags", {"ResourceARN": At("Arn")}, absent=_GONE)
    return tags_in_bulk(f"events:{kind}", At("Arn"), single, doubtful=True)


BUSES: Final = Read("events:ListEventBuses", "EventBuses", page=100)
RULES: Final = Read(
    "events:ListRules",
    "Rules",
    {"EventBusName": At("Name")},
    under=BUSES,
    hides={"event_bus_name": At("Name")},
    absent=_GONE,
)
_TARGETS: Final = Read(
    "events:ListTargetsByRule",
    "Targets",
    {"Rule": At("Name"), "EventBusName": At("EventBusName")},
    under=RULES,
    hides={"rule": At("Name"), "event_bus_name": At("EventBusName")},
    absent=_GONE,
)


def _managed_by_aws(record: Record, _scope: Scope) -> bool:
    return bool(record.get("ManagedBy"))


# -- rules ----------------------------------------------------------------------------------------------------


def _rule_id(record: Record, _scope: Scope) -> str:
    bus = record.get("EventBusName") or "default"
    return str(record["Name"]) if bus == "default" else f"{bus}/{record['Name']}"


def _put_rule(subject: Subject) -> Iterable[Operation]:
    """PutRule sets the whole rule; what it does not name is gone. Tags can be given to new rules only."""
    wanted = subject.known
    given: dict[str, Json] = {
        "Name": wanted["name"],
        "EventBusName": wanted.get("event_bus_name") or "default",
        "EventPattern": wanted.get("event_pattern") or None,
        "ScheduleExpression": wanted.get("schedule_expression") or None,
        "Description": wanted.get("description") or None,
        "RoleArn": wanted.get("role_arn") or None,
        "State": wanted.get("state") or ("DISABLED" if wanted.get("is_enabled") is False else "ENABLED"),
        "Tags": tag_list(live_tags(wanted)) or None if subject.before is None else None,
    }
    yield operation("events:PutRule", given)


_RULE: Final = ResourceType(
    name="aws_cloudwatch_event_rule",
    list=RULES,
    id=_rule_id,
    natural_keys=(("event_bus_name", "name"),),
    kept=frozenset(("is_enabled", "state")),
    details={"tags": tags_of_events("rule")},
    attributes={
        "arn": At("Arn"),
        "description": At("Description", default=""),
        "event_bus_name": At("EventBusName", default="default"),
        "event_pattern": At("EventPattern", document),
        "id": _rule_id,
        "is_enabled": lambda record, _: record["State"] == "ENABLED",
        "name": At("Name"),
        "name_prefix": name_prefix("Name"),
        "role_arn": At("RoleArn", default=""),
        "schedule_expression": At("ScheduleExpression", default=""),
        "state": At("State"),
        "tags": tags("tags"),
    },
    config_only=frozenset(("force_destroy",)),
    semantics={"event_bus_name": Semantics.NAME_OR_ARN, "event_pattern": Semantics.EVENT_PATTERN},
    writes=(
        Write(
            ("events:PutRule",),
            frozenset(("description", "event_pattern", "is_enabled", "role_arn", "schedule_expression", "state")),
            _put_rule,
            actions=("events:PutRule", PASS_ROLE),
        ),
        tag_write("events:TagResource", "events:UntagResource", {"ResourceARN": "arn"}),
    ),
    aws_owned=_managed_by_aws,
)

# -- targets --------------------------------------------------------------------------------------------------


def _bus(record: Record) -> str:
    return dig(record, "parent.EventBusName") or "default"


def _target_id(record: Record, _scope: Scope) -> str:
    rule = record["parent"]["Name"]
    return f"{rule}-{record['Id']}" if _bus(record) == "default" else f"{_bus(record)}-{rule}-{record['Id']}"


def _ecs(value: Any) -> Json:
    network = part(value, "NetworkConfiguration.awsvpcConfiguration")
    return [
        {
            "capacity_provider_strategy": blocks(
                base=At("base", default=0), capacity_provider="capacityProvider", weight=At("weight", default=0)
            )(parts(value, "CapacityProviderStrategy")),
            "enable_ecs_managed_tags": value.get("EnableECSManagedTags", False),
            "enable_execute_command": value.get("EnableExecuteCommand", False),
            "group": value.get("Group") or "",
            "launch_type": value.get("LaunchType") or "",
            "network_configuration": [
                {
                    "assign_public_ip": network.get("AssignPublicIp") == "ENABLED",
                    "security_groups": names(network.get("SecurityGroups") or ()),
                    "subnets": names(network.get("Subnets") or ()),
                }
            ]
            if network
            else [],
            "ordered_placement_strategy": blocks(field=At("field", default=""), type="type")(
                parts(value, "PlacementStrategy")
            ),
            "placement_constraint": blocks(expression=At("expression", default=""), type="type")(
                parts(value, "PlacementConstraints")
            ),
            "platform_version": value.get("PlatformVersion") or "",
            "propagate_tags": value.get("PropagateTags") or "",
            "tags": tag_map(value.get("Tags") or []),
            "task_count": value.get("TaskCount") or 1,
            "task_definition_arn": value.get("TaskDefinitionArn"),
        }
    ]


_TARGET_BLOCKS: Final[dict[str, At]] = {
    "appsync_target": At("AppSyncParameters", block(graphql_operation="GraphQLOperation"), []),
    "batch_target": At(
        "BatchParameters",
        block(
            array_size=At("ArrayProperties.Size", default=0),
            job_attempts=At("RetryStrategy.Attempts", default=0),
            job_definition="JobDefinition",
            job_name="JobName",
        ),
        [],
    ),
    "dead_letter_config": At("DeadLetterConfig", block(arn="Arn"), []),
    "ecs_target": At("EcsParameters", _ecs, []),
    "http_target": At(
        "HttpParameters",
        block(
            header_parameters=At("HeaderParameters", default={}),
            path_parameter_values=At("PathParameterValues", default=[]),
            query_string_parameters=At("QueryStringParameters", default={}),
        ),
        [],
    ),
    "input_transformer": At(
        "InputTransformer", block(input_paths=At("InputPathsMap", default={}), input_template="InputTemplate"), []
    ),
    "kinesis_target": At("KinesisParameters", block(partition_key_path="PartitionKeyPath"), []),
    "redshift_target": At(
        "RedshiftDataParameters",
        block(
            database="Database",
            db_user=At("DbUser", default=""),
            secrets_manager_arn=At("SecretManagerArn", default=""),
            sql=At("Sql", default=""),
            statement_name=At("StatementName", default=""),
            with_event=At("WithEvent", default=False),
        ),
        [],
    ),
    "retry_policy": At(
        "RetryPolicy",
        block(
            maximum_event_age_in_seconds=At("MaximumEventAgeInSeconds", default=0),
            maximum_retry_attempts=At("MaximumRetryAttempts", default=0),
        ),
        [],
    ),
    "run_command_targets": At(
        "RunCommandParameters.RunCommandTargets", blocks(key="Key", values=At("Values", default=[])), []
    ),
    "sagemaker_pipeline_target": At(
        "SageMakerPipelineParameters",
        block(pipeline_parameter_list=At("PipelineParameterList", blocks(name="Name", value="Value"), [])),
        [],
    ),
    "sqs_target": At("SqsParameters", block(message_group_id="MessageGroupId"), []),
}

_TARGET_TEXTS: Final = ("arn", "input", "input_path", "role_arn")
_Back = Callable[[dict[str, Any]], dict[str, Json]]


def _without_empty(given: dict[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in given.items() if value not in (None, "", [], {})}


def _ecs_back(b: dict[str, Any]) -> dict[str, Json]:
    network: Json = None
    for n in b.get("network_configuration") or ():
        vpc: dict[str, Json] = {
            "AssignPublicIp": "ENABLED" if n.get("assign_public_ip") else "DISABLED",
            "SecurityGroups": n.get("security_groups"),
            "Subnets": n.get("subnets"),
        }
        network = {"awsvpcConfiguration": _without_empty(vpc)}
    strategy: list[Json] = [
        {"base": s.get("base") or 0, "capacityProvider": s["capacity_provider"], "weight": s.get("weight") or 0}
        for s in b.get("capacity_provider_strategy") or ()
    ]
    return _without_empty(
        {
            "TaskDefinitionArn": b["task_definition_arn"],
            "TaskCount": b.get("task_count") or 1,
            "LaunchType": b.get("launch_type"),
            "NetworkConfiguration": network,
            "PlatformVersion": b.get("platform_version"),
            "Group": b.get("group"),
            "CapacityProviderStrategy": strategy,
            "EnableECSManagedTags": bool(b.get("enable_ecs_managed_tags")),
            "EnableExecuteCommand": bool(b.get("enable_execute_command")),
            "PlacementConstraints": [_without_empty(dict(c)) for c in b.get("placement_constraint") or ()],
            "PlacementStrategy": [_without_empty(dict(s)) for s in b.get("ordered_placement_strategy") or ()],
            "PropagateTags": b.get("propagate_tags"),
            "Tags": tag_list(b.get("tags") or {}),
        }
    )


_BACK: Final[dict[str, tuple[str, _Back]]] = {
    "appsync_target": ("AppSyncParameters", lambda b: {"GraphQLOperation": b.get("graphql_operation")}),
    "batch_target": (
        "BatchParameters",
        lambda b: {
            "JobDefinition": b["job_definition"],
            "JobName": b["job_name"],
            "ArrayProperties": {"Size": b["array_size"]} if b.get("array_size") else None,
            "RetryStrategy": {"Attempts": b["job_attempts"]} if b.get("job_attempts") else None,
        },
    ),
    "dead_letter_config": ("DeadLetterConfig", lambda b: {"Arn": b.get("arn")}),
    "ecs_target": ("EcsParameters", _ecs_back),
    "http_target": (
        "HttpParameters",
        lambda b: {
            "HeaderParameters": b.get("header_parameters"),
            "PathParameterValues": b.get("path_parameter_values"),
            "QueryStringParameters": b.get("query_string_parameters"),
        },
    ),
    "input_transformer": (
        "InputTransformer",
        lambda b: {"InputPathsMap": b.get("input_paths"), "InputTemplate": b["input_template"]},
    ),
    "kinesis_target": ("KinesisParameters", lambda b: {"PartitionKeyPath": b.get("partition_key_path")}),
    "redshift_target": (
        "RedshiftDataParameters",
        lambda b: {
            "Database": b["database"],
            "DbUser": b.get("db_user"),
            "SecretManagerArn": b.get("secrets_manager_arn"),
            "Sql": b.get("sql"),
            "StatementName": b.get("statement_name"),
            "WithEvent": bool(b.get("with_event")),
        },
    ),
    "retry_policy": (
        "RetryPolicy",
        lambda b: {
            "MaximumEventAgeInSeconds": b.get("maximum_event_age_in_seconds") or None,
            "MaximumRetryAttempts": b.get("maximum_retry_attempts"),
        },
    ),
    "sagemaker_pipeline_target": (
        "SageMakerPipelineParameters",
        lambda b: {
            "PipelineParameterList": [
                {"Name": p["name"], "Value": p["value"]} for p in b.get("pipeline_parameter_list") or ()
            ]
        },
    ),
    "sqs_target": ("SqsParameters", lambda b: {"MessageGroupId": b.get("message_group_id")}),
}


def _put_target(subject: Subject) -> Iterable[Operation]:
    """PutTargets sets the whole target."""
    wanted = subject.known
    target: dict[str, Json] = {
        "Id": wanted["target_id"],
        "Arn": wanted["arn"],
        "RoleArn": wanted.get("role_arn"),
        "Input": wanted.get("input"),
        "InputPath": wanted.get("input_path"),
    }
    for name, (key, make) in _BACK.items():
        for given in parts(dict(wanted), name)[:1]:
            target[key] = _without_empty(make(given))
    commands: list[Json] = [
        {"Key": command["key"], "Values": command["values"]} for command in parts(dict(wanted), "run_command_targets")
    ]
    if commands:
        target["RunCommandParameters"] = {"RunCommandTargets": commands}
    bus = wanted.get("event_bus_name") or "default"
    targets: list[Json] = [_without_empty(target)]
    yield operation("events:PutTargets", {"Rule": wanted["rule"], "EventBusName": bus, "Targets": targets})


def _remove_target(subject: Subject) -> Iterable[Operation]:
    there = subject.known
    bus = there.get("event_bus_name") or "default"
    yield operation("events:RemoveTargets", {"Rule": there["rule"], "EventBusName": bus, "Ids": [there["target_id"]]})


_PUT_TARGETS: Final = ("events:PutTargets", PASS_ROLE)

_TARGET: Final = ResourceType(
    name="aws_cloudwatch_event_target",
    list=_TARGETS,
    id=_target_id,
    import_id=lambda record, _: f"{_bus(record)}/{record['parent']['Name']}/{record['Id']}",
    natural_keys=(("event_bus_name", "rule", "target_id"),),
    attributes={
        **_TARGET_BLOCKS,
        "arn": At("Arn"),
        "event_bus_name": lambda record, _: _bus(record),
        "id": _target_id,
        "input": At("Input", default=""),
        "input_path": At("InputPath", default=""),
        "role_arn": At("RoleArn", default=""),
        "rule": At("parent.Name"),
        "target_id": At("Id"),
    },
    config_only=frozenset(("force_destroy",)),
    semantics={"event_bus_name": Semantics.NAME_OR_ARN, "input": Semantics.JSON},
    writes=(
        Write(
            ("events:PutTargets",), frozenset((*_TARGET_BLOCKS, "arn", "input", "input_path", "role_arn")), _put_target
        ),
    ),
    create=Write(("events:PutTargets",), frozenset(), _put_target),
    delete=Write(("events:RemoveTargets",), frozenset(), _remove_target),
    aws_owned=lambda record, scope: _managed_by_aws(record["parent"], scope),
)

TYPES: Final = (_RULE, _TARGET)
