"""Schema registries: what messages have to look like."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import tags
from reconciler.resources.spec import At, Read, Record, ResourceType, Scope, Subject, Write
from reconciler.resources.writing import operation, tag_object, tag_write

_GONE: Final = frozenset(("EntityNotFoundException",))


def _tags(arn: str) -> Read:
    return Read("glue:GetTags", "Tags", {"ResourceArn": At(arn)}, absent=_GONE)


def _tagging() -> Write:
    return tag_write(
        "glue:TagResource",
        "glue:UntagResource",
        {"ResourceArn": "arn"},
        form=tag_object,
        tags="TagsToAdd",
        keys="TagsToRemove",
    )


def _describe_registry(subject: Subject) -> Iterable[Operation]:
    wanted = (subject.after or {}).get("description") or ""
    yield operation("glue:UpdateRegistry", {"RegistryId": {"RegistryArn": subject.id}, "Description": wanted})


_REGISTRY: Final = ResourceType(
    name="aws_glue_registry",
    list=Read("glue:ListRegistries", "Registries", page=100),
    id=At("RegistryArn"),
    natural_keys=(("registry_name",),),
    details={"tags": _tags("RegistryArn")},
    attributes={
        "arn": At("RegistryArn"),
        "description": At("Description", default=""),
        "id": At("RegistryArn"),
        "registry_name": At("RegistryName"),
        "tags": tags("tags"),
    },
    writes=(Write(("glue:UpdateRegistry",), frozenset(("description",)), _describe_registry), _tagging()),
    # Schemas of no registry are put into this one.
    aws_owned=lambda record, _: record.get("RegistryName") == "default-registry",
)


def _describe_schema(subject: Subject) -> Iterable[Operation]:
    after = subject.after or {}
    given: dict[str, Json] = {"SchemaId": {"SchemaArn": subject.id}}
    if "description" in subject.changed:
        given["Description"] = after.get("description") or ""
    if "compatibility" in subject.changed:
        given |= {"Compatibility": after.get("compatibility"), "SchemaVersionNumber": {"LatestVersion": True}}
    yield operation("glue:UpdateSchema", given)


def _registry_arn(arn: str) -> str:
    """...:schema/registry/name -> ...:registry/registry"""
    before, _, names = arn.partition(":schema/")
    return f"{before}:registry/{names.split('/')[0]}"


def _named(arn: str, _scope: Scope) -> Record:
    registry, _, name = arn.partition(":schema/")[2].partition("/")
    return {"SchemaArn": arn, "RegistryName": registry, "SchemaName": name}


_SCHEMA: Final = ResourceType(
    name="aws_glue_schema",
    list=Read("glue:ListSchemas", "Schemas", page=100),
    id=At("SchemaArn"),
    by_id=_named,
    natural_keys=(("registry_arn", "schema_name"), ("schema_name",)),
    details={
        "schema": Read("glue:GetSchema", "", {"SchemaId": lambda r, _: {"SchemaArn": r["SchemaArn"]}}, absent=_GONE),
        "latest": Read(
            "glue:GetSchemaVersion",
            "",
            {
                "SchemaId": lambda r, _: {"SchemaArn": r["SchemaArn"]},
                "SchemaVersionNumber": {"LatestVersion": True},
            },
            absent=_GONE,
        ),
        "tags": _tags("SchemaArn"),
    },
    exists=lambda record, _: record["schema"] is not None,
    attributes={
        "arn": At("SchemaArn"),
        "compatibility": At("schema.Compatibility"),
        "data_format": At("schema.DataFormat"),
        "description": At("schema.Description", default=""),
        "id": At("SchemaArn"),
        "latest_schema_version": At("schema.LatestSchemaVersion"),
        "next_schema_version": At("schema.NextSchemaVersion"),
        "registry_arn": At("SchemaArn", _registry_arn),
        "registry_name": At("RegistryName"),
        "schema_checkpoint": At("schema.SchemaCheckpoint"),
        "schema_definition": At("latest.SchemaDefinition", default=""),
        "schema_name": At("SchemaName"),
        "tags": tags("tags"),
    },
    # A version that is registered stays: the definition is not written.
    writes=(
        Write(("glue:UpdateSchema",), frozenset(("compatibility", "description")), _describe_schema),
        _tagging(),
    ),
)

TYPES: Final = (_REGISTRY, _SCHEMA)
