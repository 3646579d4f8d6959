"""Where data is asked: Athena's work groups, Glue's databases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import tags
from reconciler.resources.shapes import Shape, flag, getters, mapping, number, one, told, value
from reconciler.resources.spec import At, Read, Record, ResourceType, Scope, Subject, Write
from reconciler.resources.writing import operation, tag_write

# -- Athena ---------------------------------------------------------------------------------------------------

_ENGINE: Final[Shape] = {
    "effective_engine_version": told("EffectiveEngineVersion"),
    "selected_engine_version": value("SelectedEngineVersion"),
}
_RESULT: Final[Shape] = {
    "acl_configuration": one("AclConfiguration", {"s3_acl_option": value("S3AclOption")}),
    "encryption_configuration": one(
        "EncryptionConfiguration", {"encryption_option": value("EncryptionOption"), "kms_key_arn": value("KmsKey")}
    ),
    "expected_bucket_owner": value("ExpectedBucketOwner"),
    "output_location": value("OutputLocation"),
}
_CONFIGURATION: Final[Shape] = {
    "bytes_scanned_cutoff_per_query": number("BytesScannedCutoffPerQuery"),
    "enforce_workgroup_configuration": flag("EnforceWorkGroupConfiguration"),
    "engine_version": one("EngineVersion", _ENGINE),
    "execution_role": value("ExecutionRole"),
    "publish_cloudwatch_metrics_enabled": flag("PublishCloudWatchMetricsEnabled"),
    "requester_pays_enabled": flag("RequesterPaysEnabled"),
    "result_configuration": one("ResultConfiguration", _RESULT, unless=lambda found: not found),
}


def _arn(record: Record, scope: Scope) -> str:
    return scope.arn("athena", f"workgroup/{record['Name']}")


def _update_group(subject: Subject) -> Iterable[Operation]:
    after = subject.after or {}
    given: dict[str, Json] = {"WorkGroup": subject.id}
    if "description" in subject.changed:
        given["Description"] = after.get("description") or ""
    if "state" in subject.changed:
        given["State"] = after.get("state") or "ENABLED"
    yield operation("athena:UpdateWorkGroup", given)


_WORKGROUP: Final = ResourceType(
    name="aws_athena_workgroup",
    list=Read("athena:ListWorkGroups", "WorkGroups", page=50),
    id=At("Name"),
    by_id=lambda name, _: {"Name": name},
    natural_keys=(("name",),),
    details={
        "group": Read(
            "athena:GetWorkGroup",
            "WorkGroup",
            {"WorkGroup": At("Name")},
            absent=frozenset(("InvalidRequestException",)),
        ),
        "tags": Read(
            "athena:ListTagsForResource",
            "Tags",
            {"ResourceARN": _arn},
            absent=frozenset(("InvalidRequestException", "ResourceNotFoundException")),
        ),
    },
    exists=lambda record, _: record["group"] is not None,
    attributes={
        "arn": _arn,
        "configuration": At("group.Configuration", one("", _CONFIGURATION).read, []),
        "description": At("group.Description", default=""),
        "id": At("Name"),
        "name": At("Name"),
        "state": At("group.State", default=""),
        "tags": tags("tags"),
    },
    config_only=frozenset(("force_destroy",)),
    kept=frozenset(("configuration", "configuration.engine_version")),
    writes=(
        Write(("athena:UpdateWorkGroup",), frozenset(("description", "state")), _update_group),
        tag_write("athena:TagResource", "athena:UntagResource", {"ResourceARN": "arn"}),
    ),
    # Every account starts with it.
    aws_owned=lambda record, _: record["Name"] == "primary",
)

# -- Glue -----------------------------------------------------------------------------------------------------

_DATABASE_SHAPE: Final[Shape] = {
    "description": value("Description"),
    "location_uri": value("LocationUri"),
    "parameters": mapping("Parameters"),
}


def _database_id(record: Record, scope: Scope) -> str:
    return f"{record.get('CatalogId') or scope.account}:{record['Name']}"


_DATABASE: Final = ResourceType(
    name="aws_glue_catalog_database",
    list=Read("glue:GetDatabases", "DatabaseList", page=100),
    id=_database_id,
    natural_keys=(("name",),),
    details={
        "tags": Read(
            "glue:GetTags",
            "Tags",
            {"ResourceArn": lambda record, scope: scope.arn("glue", f"database/{record['Name']}")},
            absent=frozenset(("EntityNotFoundException",)),
        )
    },
    attributes={
        **getters(_DATABASE_SHAPE),
        "arn": lambda record, scope: scope.arn("glue", f"database/{record['Name']}"),
        "catalog_id": lambda record, scope: record.get("CatalogId") or scope.account,
        "id": _database_id,
        "name": At("Name"),
        "tags": tags("tags"),
    },
    unchecked=frozenset(("create_table_default_permission", "federated_database", "target_database")),
    # UpdateDatabase takes the whole, of which not all is read here: it is not written.
    writes=(),
)

TYPES: Final = (_WORKGROUP, _DATABASE)
