"""SSM parameters. Their values are read, secret ones decrypted, ten at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from reconciler.model import Operation, Plain
from reconciler.resources.convert import tags
from reconciler.resources.reading import tags_in_bulk
from reconciler.resources.shapes import Shape, value, write
from reconciler.resources.spec import At, Bulk, Read, Record, ResourceType, Scope, Subject, Write
from reconciler.resources.writing import TAG_ATTRIBUTES, operation, tag_write

_GONE: Final = frozenset(("ParameterNotFound", "InvalidResourceId"))


def _arn(record: Record, scope: Scope) -> str:
    return scope.arn("ssm", f"parameter/{str(record['Name']).removeprefix('/')}")


_SETTINGS: Final[Shape] = {
    "allowed_pattern": value("AllowedPattern", cleared=""),
    "data_type": value("DataType"),
    "description": value("Description", cleared=""),
    "key_id": value("KeyId"),
    "tier": value("Tier"),
    "type": value("Type"),
    "value": value("Value"),
}


def _put(subject: Subject) -> Iterable[Operation]:
    """PutParameter sets the whole parameter, its value too: where that is left open it stays."""
    there = write({"value": _SETTINGS["value"]}, subject.before or {})
    given = {**there, **write(_SETTINGS, subject.known)}
    yield operation("ssm:PutParameter", {"Name": subject.id, "Overwrite": True, **given})


_tags: Final = tag_write("ssm:AddTagsToResource", "ssm:RemoveTagsFromResource", {"ResourceId": "id"})


def _tag(subject: Subject) -> Iterable[Operation]:
    for found in _tags.build(subject):
        yield replace(found, parameters={"ResourceType": "Parameter", **found.parameters})


def _planned(values: Mapping[str, Plain]) -> Mapping[str, Plain]:
    """An intelligent tier is the one or the other, as AWS finds right. A value that is no secret is the value still."""
    tier: dict[str, Plain] = {"tier": None} if values.get("tier") == "Intelligent-Tiering" else {}
    return {**tier, "value": values["insecure_value"]} if values.get("insecure_value") is not None else tier


_PARAMETER: Final = ResourceType(
    name="aws_ssm_parameter",
    list=Read("ssm:DescribeParameters", "Parameters", page=50),
    id=At("Name"),
    natural_keys=(("name",),),
    details={
        "value": Read(
            "ssm:GetParameters",
            "Parameters",
            {"WithDecryption": True},
            bulk=Bulk("Name", At("Name"), parameter="Names", size=10),
        ),
        "tags": tags_in_bulk(
            "ssm:parameter",
            _arn,
            Read(
                "ssm:ListTagsForResource",
                "TagList",
                {"ResourceType": "Parameter", "ResourceId": At("Name")},
                absent=_GONE,
            ),
        ),
    },
    exists=lambda record, _: record["value"] is not None,
    attributes={
        "allowed_pattern": At("AllowedPattern", default=""),
        "arn": _arn,
        "data_type": At("value.DataType", default="text"),
        "description": At("Description", default=""),
        "id": At("Name"),
        "key_id": At("KeyId", default=""),
        "name": At("Name"),
        "tags": tags("tags"),
        "tier": At("Tier", default="Standard"),
        "type": At("value.Type"),
        "value": At("value.Value"),
        "version": At("value.Version"),
    },
    config_only=frozenset(("has_value_wo", "overwrite", "value_wo", "value_wo_version")),
    # The same as `value`, for code that does not hold it for secret: only the code tells, and no secret may get there.
    unchecked=frozenset(("insecure_value",)),
    planned=_planned,
    writes=(
        Write(
            ("ssm:PutParameter",),
            frozenset(("allowed_pattern", "data_type", "description", "key_id", "tier", "type", "value")),
            _put,
        ),
        Write(("ssm:AddTagsToResource", "ssm:RemoveTagsFromResource"), TAG_ATTRIBUTES, _tag),
    ),
)

TYPES: Final = (_PARAMETER,)
