"""Tables that serve both ways: every key is AWS's, every name is Terraform's, and none is left out."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.session import Session

from reconciler import schema
from reconciler.resources.shapes import Field, Shape, flag, many, mapping, never, number, one, read, told, value, write
from reconciler.schema.shape import Block

# module, table, where AWS tells it ("service:Operation", path in the answer), where it takes it (path in the input)
AWS: list[tuple[str, str, tuple[str, str] | None, tuple[str, str] | None]] = [
    ("alarms", "_SETTINGS", ("cloudwatch:DescribeAlarms", "MetricAlarms"), ("cloudwatch:PutMetricAlarm", "")),
    ("ecs", "_CLUSTER_SETTINGS", ("ecs:DescribeClusters", "clusters"), ("ecs:UpdateCluster", "")),
    ("ecs", "_DEPLOYMENT", ("ecs:DescribeServices", "services"), ("ecs:UpdateService", "")),
    ("ecs", "_SERVICE_SETTINGS", ("ecs:DescribeServices", "services"), ("ecs:UpdateService", "")),
    ("ecs", "_TASK", ("ecs:DescribeTaskDefinition", "taskDefinition"), None),
    ("event_buses", "_ARCHIVE_SETTINGS", ("events:DescribeArchive", ""), ("events:UpdateArchive", "")),
    ("event_buses", "_AUTH", ("events:DescribeConnection", "AuthParameters"), None),
    ("event_buses", "_BUS_SETTINGS", ("events:DescribeEventBus", ""), ("events:UpdateEventBus", "")),
    ("event_buses", "_CONNECTION_SETTINGS", ("events:DescribeConnection", ""), ("events:UpdateConnection", "")),
    (
        "event_buses",
        "_DESTINATION_SETTINGS",
        ("events:DescribeApiDestination", ""),
        ("events:UpdateApiDestination", ""),
    ),
    ("firehose", "_SOURCES", ("firehose:DescribeDeliveryStream", "DeliveryStreamDescription"), None),
    ("kms", "_CONSTRAINTS", ("kms:ListGrants", "Grants.Constraints"), ("kms:CreateGrant", "Constraints")),
    ("kms", "_GRANT_PARAMETERS", ("kms:ListGrants", "Grants"), ("kms:CreateGrant", "")),
    ("lambda_links", "_ALIAS_SETTINGS", ("lambda:ListAliases", "Aliases"), ("lambda:UpdateAlias", "")),
    ("lambda_links", "_PERMISSION_PARAMETERS", None, ("lambda:AddPermission", "")),
    ("lambda_links", "_SOURCE_FACTS", ("lambda:ListEventSourceMappings", "EventSourceMappings"), None),
    ("lambda_links", "_SOURCE_SETTINGS", None, ("lambda:UpdateEventSourceMapping", "")),
    ("lambda_links", "_URL_SETTINGS", ("lambda:GetFunctionUrlConfig", ""), ("lambda:UpdateFunctionUrlConfig", "")),
    (
        "logs",
        "_SUBSCRIPTION_SETTINGS",
        ("logs:DescribeSubscriptionFilters", "subscriptionFilters"),
        ("logs:PutSubscriptionFilter", ""),
    ),
    (
        "logs",
        "_TRANSFORMATION",
        ("logs:DescribeMetricFilters", "metricFilters.metricTransformations"),
        ("logs:PutMetricFilter", "metricTransformations"),
    ),
    ("mq", "_FACTS", ("mq:DescribeBroker", ""), None),
    ("mq", "_SETTINGS", ("mq:DescribeBroker", ""), ("mq:UpdateBroker", "")),
    ("parameters", "_SETTINGS", None, ("ssm:PutParameter", "")),
    ("pipes", "_SETTINGS", ("pipes:DescribePipe", ""), ("pipes:UpdatePipe", "")),
    ("scheduler", "_SETTINGS", ("scheduler:GetSchedule", ""), ("scheduler:UpdateSchedule", "")),
    ("secrets", "_REPLICAS", ("secretsmanager:DescribeSecret", ""), None),
    (
        "secrets",
        "_RULES",
        ("secretsmanager:DescribeSecret", "RotationRules"),
        ("secretsmanager:RotateSecret", "RotationRules"),
    ),
    (
        "step_functions",
        "_SETTINGS",
        ("stepfunctions:DescribeStateMachine", ""),
        ("stepfunctions:UpdateStateMachine", ""),
    ),
]

# module, table, type, block that it describes ("" the resource itself), what it leaves out on purpose
TERRAFORM: list[tuple[str, str, str, str]] = [
    ("alarms", "_SETTINGS", "aws_cloudwatch_metric_alarm", ""),
    ("ecs", "_CLUSTER_SETTINGS", "aws_ecs_cluster", ""),
    ("ecs", "_DEPLOYMENT", "aws_ecs_service", ""),
    ("ecs", "_SERVICE_SETTINGS", "aws_ecs_service", ""),
    ("ecs", "_TASK", "aws_ecs_task_definition", ""),
    ("event_buses", "_AUTH", "aws_cloudwatch_event_connection", "auth_parameters"),
    ("event_buses", "_BUS_SETTINGS", "aws_cloudwatch_event_bus", ""),
    ("event_buses", "_CONNECTION_SETTINGS", "aws_cloudwatch_event_connection", ""),
    ("firehose", "_SOURCES", "aws_kinesis_firehose_delivery_stream", ""),
    ("kms", "_CONSTRAINTS", "aws_kms_grant", "constraints"),
    ("lambda_links", "_SOURCE_FACTS", "aws_lambda_event_source_mapping", ""),
    ("lambda_links", "_SOURCE_SETTINGS", "aws_lambda_event_source_mapping", ""),
    ("lambda_links", "_URL_SETTINGS", "aws_lambda_function_url", ""),
    ("logs", "_TRANSFORMATION", "aws_cloudwatch_log_metric_filter", "metric_transformation"),
    ("mq", "_FACTS", "aws_mq_broker", ""),
    ("mq", "_SETTINGS", "aws_mq_broker", ""),
    ("pipes", "_SETTINGS", "aws_pipes_pipe", ""),
    ("scheduler", "_SETTINGS", "aws_scheduler_schedule", ""),
    ("secrets", "_REPLICAS", "aws_secretsmanager_secret", ""),
    ("secrets", "_RULES", "aws_secretsmanager_secret_rotation", "rotation_rules"),
    ("step_functions", "_SETTINGS", "aws_sfn_state_machine", ""),
]


def table(module: str, name: str) -> Any:
    return vars(importlib.import_module(f"reconciler.resources.{module}"))[name]


def member(shape: Any, path: str) -> Any:
    for step in path.split(".") if path else ():
        shape = element(shape).members[step]
    return element(shape)


def element(shape: Any) -> Any:
    while shape.type_name == "list":
        shape = shape.member
    return shape


def unknown_keys(shape: Shape, model: Any, where: str = "", *, taken: bool) -> Iterator[str]:
    """What AWS's model has no member for. `taken`: only what is written."""
    for name, field in shape.items():
        if taken and field.write is never:
            continue
        found = model
        for step in field.key.split("."):
            found = found.members.get(step) if found.type_name == "structure" else None
            if found is None:
                yield f"{where}{name}: {field.key}"
                break
            found = element(found)
        else:
            if field.inner is not None:
                yield from unknown_keys(field.inner, found, f"{where}{name}.", taken=taken)


@pytest.mark.parametrize(("module", "name", "answer", "taken"), AWS, ids=[f"{m}{n}" for m, n, _, _ in AWS])
def test_every_key_is_a_member_of_awss_model(
    module: str, name: str, answer: tuple[str, str] | None, taken: tuple[str, str] | None
) -> None:
    session = Session()
    for found, is_input in ((answer, False), (taken, True)):
        if found is not None:
            service, _, operation = found[0].partition(":")
            model = session.get_service_model(service).operation_model(operation)
            shape = model.input_shape if is_input else model.output_shape
            assert list(unknown_keys(table(module, name), member(shape, found[1]), taken=is_input)) == []


@pytest.mark.parametrize("kind", list(table("firehose", "_DESTINATIONS")))
def test_destinations_of_delivery_streams(kind: str) -> None:
    key, shape = table("firehose", "_DESTINATIONS")[kind]
    model = Session().get_service_model("firehose").operation_model("DescribeDeliveryStream").output_shape
    described = member(model, f"DeliveryStreamDescription.Destinations.{key}")
    assert list(unknown_keys(shape, described, taken=False)) == []
    type_name = "aws_kinesis_firehose_delivery_stream"
    assert list(left_out(shape, block_of(type_name, f"{kind}_configuration"))) == not_told(
        type_name, f"{kind}_configuration"
    )


def block_of(type_name: str, path: str) -> Block:
    known = schema.resource(type_name)
    assert known is not None
    block = known.block
    for step in path.split(".") if path else ():
        block = block.blocks[step].block
    return block


def left_out(shape: Shape, block: Block, where: str = "", *, whole: bool = True) -> Iterator[str]:
    """Names of the block that the table lacks, and names of the table that the block lacks."""
    names = {*block.attributes, *block.blocks}
    yield from (f"{where}{name} (no such attribute)" for name in sorted(shape.keys() - names))
    yield from (f"{where}{name}" for name in sorted(names - shape.keys()) if whole)
    for name, field in shape.items():
        if name in block.blocks and field.inner is not None:
            yield from left_out(field.inner, block.blocks[name].block, f"{where}{name}.")


def not_told(type_name: str, within: str) -> list[str]:
    from reconciler.resources import TYPES

    prefix = f"{within}." if within else ""
    names = (n for n in sorted(TYPES[type_name].unchecked) if "." in n and n.startswith(prefix))
    return [name.removeprefix(prefix) for name in names]


@pytest.mark.parametrize(
    ("module", "name", "type_name", "path"), TERRAFORM, ids=[f"{m}{n}" for m, n, _, _ in TERRAFORM]
)
def test_every_name_is_an_attribute_of_terraforms(module: str, name: str, type_name: str, path: str) -> None:
    shape: Shape = table(module, name)
    missing = set(left_out(shape, block_of(type_name, path), whole=bool(path)))
    assert missing <= set(not_told(type_name, path))


# -- both ways ------------------------------------------------------------------------------------------------

INNER: Shape = {"id": value("Id"), "weight": number("Weight")}
OUTER: Shape = {
    "deep": value("Above.Deep"),
    "empty": value("Empty", cleared=""),
    "first": one("First", INNER, cleared={}),
    "on": flag("On"),
    "own": told("Own"),
    "rest": many("Rest", INNER),
    "tags": mapping("Tags"),
    "zero": number("Zero", zero=True),
}


def test_what_is_not_there_is_terraforms_nothing() -> None:
    assert read(OUTER, {}) == {
        "deep": "",
        "empty": "",
        "first": [],
        "on": False,
        "own": "",
        "rest": [],
        "tags": {},
        "zero": 0,
    }
    assert write(OUTER, {}) == {"Empty": "", "First": {}, "On": False}


def test_both_ways_undo_each_other() -> None:
    given = {
        "Above": {"Deep": "d"},
        "Empty": "e",
        "First": {"Id": "1", "Weight": 2},
        "On": True,
        "Rest": [{"Id": "2"}, {"Id": "3", "Weight": 1}],
        "Tags": {"a": "b"},
        "Zero": 0,
    }
    assert write(OUTER, read(OUTER, given)) == given


def test_what_aws_alone_tells_is_not_written() -> None:
    assert "Own" not in write(OUTER, {"own": "x"})


def test_zero_is_a_number_only_where_it_says_so() -> None:
    assert write({"a": number("A"), "b": number("B", zero=True)}, {"a": 0, "b": 0}) == {"B": 0}


def test_an_object_may_say_that_it_is_not() -> None:
    field: Field = one("F", INNER, unless=lambda given: not given.get("Id"))
    assert field.read({"Weight": 1}) == []
    assert field.read({"Id": "x"}) == [{"id": "x", "weight": 0}]
