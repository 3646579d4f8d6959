"""State machines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import name_prefix, parts, tags
from reconciler.resources.reading import tags_in_bulk
from reconciler.resources.shapes import Field, Shape, flag, getters, json_text, number, one, value, write
from reconciler.resources.spec import At, Read, ResourceType, Semantics, Subject, Write, dig
from reconciler.resources.writing import PASS_ROLE, operation, tag_list, tag_write

_GONE: Final = frozenset(("StateMachineDoesNotExist", "ResourceNotFound"))


def _destination(given: Any) -> Json:
    return next((dig(item, "cloudWatchLogsLogGroup.logGroupArn") for item in parts({"all": given}, "all")), "")


def _destination_back(arn: Any) -> Json:
    return [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}]


_SETTINGS: Final[Shape] = {
    "definition": json_text("definition"),
    "encryption_configuration": one(
        "encryptionConfiguration",
        {
            "kms_data_key_reuse_period_seconds": number("kmsDataKeyReusePeriodSeconds"),
            "kms_key_id": value("kmsKeyId"),
            "type": value("type"),
        },
        cleared={"type": "AWS_OWNED_KEY"},
    ),
    "logging_configuration": one(
        "loggingConfiguration",
        {
            "include_execution_data": flag("includeExecutionData"),
            "level": value("level"),
            "log_destination": Field("destinations", _destination, _destination_back, ""),
        },
        cleared={"level": "OFF"},
    ),
    "role_arn": value("roleArn"),
    "tracing_configuration": one("tracingConfiguration", {"enabled": flag("enabled")}, cleared={"enabled": False}),
}


def _update(subject: Subject) -> Iterable[Operation]:
    """What UpdateStateMachine does not name stays."""
    changed = {name: field for name, field in _SETTINGS.items() if name in subject.changed}
    given = write(changed, subject.known)
    if given:
        yield operation("stepfunctions:UpdateStateMachine", {"stateMachineArn": subject.id, **given})


_STATE_MACHINE: Final = ResourceType(
    name="aws_sfn_state_machine",
    kept=frozenset(("encryption_configuration", "logging_configuration", "tracing_configuration", "type")),
    list=Read("stepfunctions:ListStateMachines", "stateMachines", page=1000),
    id=At("stateMachineArn"),
    by_id=lambda arn, _: {"stateMachineArn": arn, "name": arn.rsplit(":", 1)[-1]},
    natural_keys=(("name",),),
    details={
        "machine": Read(
            "stepfunctions:DescribeStateMachine", "", {"stateMachineArn": At("stateMachineArn")}, absent=_GONE
        ),
        "tags": tags_in_bulk(
            "states:stateMachine",
            At("stateMachineArn"),
            Read("stepfunctions:ListTagsForResource", "tags", {"resourceArn": At("stateMachineArn")}, absent=_GONE),
        ),
    },
    exists=lambda record, _: record["machine"] is not None and record["machine"].get("status") != "DELETING",
    attributes={
        **getters(_SETTINGS, "machine"),
        "arn": At("stateMachineArn"),
        "creation_date": At("machine.creationDate"),
        "description": At("machine.description", default=""),
        "id": At("stateMachineArn"),
        "name": At("name"),
        "name_prefix": name_prefix("name"),
        "revision_id": At("machine.revisionId", default=""),
        "status": At("machine.status"),
        "tags": tags("tags"),
        "type": At("machine.type", default="STANDARD"),
    },
    config_only=frozenset(("publish",)),
    # The newest published version takes a call for each machine.
    unchecked=frozenset(("state_machine_version_arn", "version_description")),
    semantics={"definition": Semantics.JSON},
    writes=(
        Write(
            ("stepfunctions:UpdateStateMachine",),
            frozenset(_SETTINGS),
            _update,
            ("states:UpdateStateMachine", PASS_ROLE),
        ),
        tag_write(
            "stepfunctions:TagResource",
            "stepfunctions:UntagResource",
            {"resourceArn": "arn"},
            form=lambda given: tag_list(given, "key", "value"),
            tags="tags",
            keys="tagKeys",
        ),
    ),
)

TYPES: Final = (_STATE_MACHINE,)
