"""EventBridge Scheduler: schedules and their groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from reconciler.model import Operation
from reconciler.resources.convert import name_prefix, tags
from reconciler.resources.shapes import (
    Field,
    Shape,
    flag,
    getters,
    many,
    names_of,
    number,
    one,
    switch,
    value,
    write,
)
from reconciler.resources.spec import At, Read, ResourceType, Semantics, Subject, Write
from reconciler.resources.writing import PASS_ROLE, operation, tag_write

_GONE: Final = frozenset(("ResourceNotFoundException",))

# -- groups ---------------------------------------------------------------------------------------------------

_GROUP: Final = ResourceType(
    name="aws_scheduler_schedule_group",
    list=Read("scheduler:ListScheduleGroups", "ScheduleGroups"),
    id=At("Name"),
    natural_keys=(("name",),),
    details={"tags": Read("scheduler:ListTagsForResource", "Tags", {"ResourceArn": At("Arn")}, absent=_GONE)},
    attributes={
        "arn": At("Arn"),
        "creation_date": At("CreationDate"),
        "id": At("Name"),
        "last_modification_date": At("LastModificationDate"),
        "name": At("Name"),
        "name_prefix": name_prefix("Name"),
        "state": At("State"),
        "tags": tags("tags"),
    },
    writes=(tag_write("scheduler:TagResource", "scheduler:UntagResource", {"ResourceArn": "arn"}),),
    aws_owned=lambda record, _: record["Name"] == "default",
)

# -- schedules ------------------------------------------------------------------------------------------------


def _task_tags() -> Field:
    """A list of objects with "key" and "value", by AWS's model of maps."""

    def read(given: list[dict[str, Any]]) -> Any:
        return {tag["key"]: tag["value"] for tag in given}

    return Field("Tags", read, lambda wanted: [{"key": k, "value": v} for k, v in sorted(wanted.items())], {})


_ECS: Final[Shape] = {
    "capacity_provider_strategy": many(
        "CapacityProviderStrategy",
        {"base": number("base"), "capacity_provider": value("capacityProvider"), "weight": number("weight")},
    ),
    "enable_ecs_managed_tags": flag("EnableECSManagedTags"),
    "enable_execute_command": flag("EnableExecuteCommand"),
    "group": value("Group"),
    "launch_type": value("LaunchType"),
    "network_configuration": one(
        "NetworkConfiguration.awsvpcConfiguration",
        {
            "assign_public_ip": switch("AssignPublicIp"),
            "security_groups": names_of("SecurityGroups"),
            "subnets": names_of("Subnets"),
        },
    ),
    "placement_constraints": many("PlacementConstraints", {"expression": value("expression"), "type": value("type")}),
    "placement_strategy": many("PlacementStrategy", {"field": value("field"), "type": value("type")}),
    "platform_version": value("PlatformVersion"),
    "propagate_tags": value("PropagateTags"),
    "reference_id": value("ReferenceId"),
    "tags": _task_tags(),
    "task_count": number("TaskCount"),
    "task_definition_arn": value("TaskDefinitionArn"),
}
_TARGET: Final[Shape] = {
    "arn": value("Arn"),
    "dead_letter_config": one("DeadLetterConfig", {"arn": value("Arn")}),
    "ecs_parameters": one("EcsParameters", _ECS),
    "eventbridge_parameters": one(
        "EventBridgeParameters", {"detail_type": value("DetailType"), "source": value("Source")}
    ),
    "input": value("Input"),
    "kinesis_parameters": one("KinesisParameters", {"partition_key": value("PartitionKey")}),
    "retry_policy": one(
        "RetryPolicy",
        {
            "maximum_event_age_in_seconds": number("MaximumEventAgeInSeconds"),
            "maximum_retry_attempts": number("MaximumRetryAttempts", zero=True),
        },
    ),
    "role_arn": value("RoleArn"),
    "sagemaker_pipeline_parameters": one(
        "SageMakerPipelineParameters",
        {"pipeline_parameter": many("PipelineParameterList", {"name": value("Name"), "value": value("Value")})},
    ),
    "sqs_parameters": one("SqsParameters", {"message_group_id": value("MessageGroupId")}),
}
_SETTINGS: Final[Shape] = {
    "description": value("Description"),
    "end_date": value("EndDate"),
    "flexible_time_window": one(
        "FlexibleTimeWindow",
        {"maximum_window_in_minutes": number("MaximumWindowInMinutes"), "mode": value("Mode")},
    ),
    "kms_key_arn": value("KmsKeyArn"),
    "schedule_expression": value("ScheduleExpression"),
    "schedule_expression_timezone": value("ScheduleExpressionTimezone", "UTC"),
    "start_date": value("StartDate"),
    "state": value("State", "ENABLED"),
    "target": one("Target", _TARGET),
}


def _update(subject: Subject) -> Iterable[Operation]:
    """UpdateSchedule sets the whole schedule; what it does not name is gone."""
    wanted = subject.known
    group, name = subject.id.split("/", 1)
    yield operation("scheduler:UpdateSchedule", {"GroupName": group, "Name": name, **write(_SETTINGS, wanted)})


_SCHEDULE: Final = ResourceType(
    name="aws_scheduler_schedule",
    list=Read("scheduler:ListSchedules", "Schedules"),
    id=lambda record, _: f"{record['GroupName']}/{record['Name']}",
    by_id=lambda id_, _: dict(zip(("GroupName", "Name"), id_.split("/", 1), strict=True)),
    natural_keys=(("group_name", "name"),),
    details={
        "schedule": Read("scheduler:GetSchedule", "", {"Name": At("Name"), "GroupName": At("GroupName")}, absent=_GONE)
    },
    exists=lambda record, _: record["schedule"] is not None,
    attributes={
        **getters(_SETTINGS, "schedule"),
        "arn": At("schedule.Arn"),
        "group_name": At("GroupName"),
        "id": lambda record, _: f"{record['GroupName']}/{record['Name']}",
        "name": At("Name"),
        "name_prefix": name_prefix("Name"),
    },
    kept=frozenset(("target.retry_policy",)),
    semantics={"target.input": Semantics.JSON},
    writes=(
        Write(("scheduler:UpdateSchedule",), frozenset(_SETTINGS), _update, ("scheduler:UpdateSchedule", PASS_ROLE)),
    ),
)

TYPES: Final = (_GROUP, _SCHEDULE)
