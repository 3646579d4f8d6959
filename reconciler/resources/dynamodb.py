"""DynamoDB tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import block, names, part, parts, tags
from reconciler.resources.reading import tags_in_bulk
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
    Untold,
    Write,
    dig,
)
from reconciler.resources.writing import operation, tag_write

_GONE: Final = frozenset(("ResourceNotFoundException", "TableNotFoundException"))
_ON_DEMAND: Final = "PAY_PER_REQUEST"


def _arn(record: Record, scope: Scope) -> str:
    return scope.arn("dynamodb", f"table/{record['TableName']}")


def _key(holder: Any, kind: str) -> str:
    found = (item for item in parts(holder, "KeySchema") if item.get("KeyType") == kind)
    return str(next((item["AttributeName"] for item in found), ""))


def _table_key(kind: str) -> Getter:
    return lambda record, _: _key(record["table"], kind)


_THROUGHPUT: Final = block(
    max_read_request_units=At("MaxReadRequestUnits", default=0),
    max_write_request_units=At("MaxWriteRequestUnits", default=0),
)


def _throughput(holder: Any) -> Json:
    return _THROUGHPUT(part(holder, "OnDemandThroughput"))


def _global_index(index: dict[str, Any]) -> dict[str, Json]:
    return {
        "hash_key": _key(index, "HASH"),
        "name": index["IndexName"],
        "non_key_attributes": names(dig(index, "Projection.NonKeyAttributes") or ()),
        "on_demand_throughput": _throughput(index),
        "projection_type": dig(index, "Projection.ProjectionType"),
        "range_key": _key(index, "RANGE"),
        "read_capacity": dig(index, "ProvisionedThroughput.ReadCapacityUnits") or 0,
        "write_capacity": dig(index, "ProvisionedThroughput.WriteCapacityUnits") or 0,
    }


def _local_index(index: dict[str, Any]) -> dict[str, Json]:
    return {
        "name": index["IndexName"],
        "non_key_attributes": dig(index, "Projection.NonKeyAttributes") or [],
        "projection_type": dig(index, "Projection.ProjectionType"),
        "range_key": _key(index, "RANGE"),
    }


def _replica(replica: dict[str, Any]) -> dict[str, Json]:
    key = replica.get("KMSMasterKeyId") or ""
    return {"kms_key_arn": key, "region_name": replica["RegionName"]}


def _recovery(found: Any) -> Json:
    enabled = dig(found, "PointInTimeRecoveryStatus") == "ENABLED"
    return [{"enabled": enabled, "recovery_period_in_days": dig(found, "RecoveryPeriodInDays")}]


def _ttl(record: Record, _scope: Scope) -> Json:
    found = record["ttl"]
    enabled = dig(found, "TimeToLiveStatus") == "ENABLED"
    return [{"attribute_name": dig(found, "AttributeName") or "", "enabled": enabled}]


def _encryption(found: Any) -> Json:
    return [{"enabled": found.get("Status") == "ENABLED", "kms_key_arn": found.get("KMSMasterKeyArn") or ""}]


# -- writing --------------------------------------------------------------------------------------------------


def _first(side: Any, name: str) -> dict[str, Any]:
    found = parts(dict(side or {}), name)
    return found[0] if found else {}


def _units(holder: Any) -> dict[str, Json]:
    return {
        "ReadCapacityUnits": dig(holder, "read_capacity") or 1,
        "WriteCapacityUnits": dig(holder, "write_capacity") or 1,
    }


def _set_capacity(subject: Subject) -> Iterable[Operation]:
    """A provisioned table takes a throughput for itself and, as it becomes one, for each of its indices."""
    wanted: Any = dict(subject.after or {})
    before = dig(dict(subject.before or {}), "billing_mode") or "PROVISIONED"
    mode = wanted.get("billing_mode") or "PROVISIONED"
    given: dict[str, Json] = {"TableName": subject.id}
    if mode == _ON_DEMAND:
        yield operation("dynamodb:UpdateTable", {**given, "BillingMode": mode})
        return
    updates: list[Json] = [
        {"Update": {"IndexName": index["name"], "ProvisionedThroughput": _units(index)}}
        for index in parts(wanted, "global_secondary_index")
    ]
    switched = mode != before
    yield operation(
        "dynamodb:UpdateTable",
        {
            **given,
            "BillingMode": mode if switched else None,
            "ProvisionedThroughput": _units(wanted),
            "GlobalSecondaryIndexUpdates": (updates or None) if switched else None,
        },
    )


def _set_limits(subject: Subject) -> Iterable[Operation]:
    """-1 is no limit."""
    wanted = _first(subject.after, "on_demand_throughput")
    limits: dict[str, Json] = {
        "MaxReadRequestUnits": wanted.get("max_read_request_units") or -1,
        "MaxWriteRequestUnits": wanted.get("max_write_request_units") or -1,
    }
    yield operation("dynamodb:UpdateTable", {"TableName": subject.id, "OnDemandThroughput": limits})


def _set_plain(subject: Subject) -> Iterable[Operation]:
    wanted = subject.after or {}
    if "deletion_protection_enabled" in subject.changed:
        on = bool(wanted.get("deletion_protection_enabled"))
        yield operation("dynamodb:UpdateTable", {"TableName": subject.id, "DeletionProtectionEnabled": on})
    if "table_class" in subject.changed:
        kind = wanted.get("table_class") or "STANDARD"
        yield operation("dynamodb:UpdateTable", {"TableName": subject.id, "TableClass": kind})


def _stream_view_type(record: Record, _scope: Scope) -> str | Untold:
    """Of a table without a stream Terraform leaves it in the state as it was."""
    stream = dig(record["table"], "StreamSpecification")
    return str(stream.get("StreamViewType") or "") if stream else UNTOLD


def _set_stream(subject: Subject) -> Iterable[Operation]:
    """What a stream shows can't be changed: it ends, and another begins."""
    before, after = subject.before or {}, subject.after or {}
    given: dict[str, Json] = {"TableName": subject.id}
    if before.get("stream_enabled"):
        yield operation("dynamodb:UpdateTable", {**given, "StreamSpecification": {"StreamEnabled": False}})
    if after.get("stream_enabled"):
        stream: dict[str, Json] = {"StreamEnabled": True, "StreamViewType": after.get("stream_view_type")}
        yield operation("dynamodb:UpdateTable", {**given, "StreamSpecification": stream})


def _set_encryption(subject: Subject) -> Iterable[Operation]:
    wanted = _first(subject.after, "server_side_encryption")
    given: dict[str, Json] = {"Enabled": False}
    if wanted.get("enabled"):
        given = {"Enabled": True, "SSEType": "KMS"}
        if wanted.get("kms_key_arn"):
            given["KMSMasterKeyId"] = wanted["kms_key_arn"]
    yield operation("dynamodb:UpdateTable", {"TableName": subject.id, "SSESpecification": given})


def _set_recovery(subject: Subject) -> Iterable[Operation]:
    wanted = _first(subject.after, "point_in_time_recovery")
    given: dict[str, Json] = {"PointInTimeRecoveryEnabled": bool(wanted.get("enabled"))}
    if wanted.get("enabled") and wanted.get("recovery_period_in_days"):
        given["RecoveryPeriodInDays"] = wanted["recovery_period_in_days"]
    yield operation(
        "dynamodb:UpdateContinuousBackups", {"TableName": subject.id, "PointInTimeRecoverySpecification": given}
    )


def _set_ttl(subject: Subject) -> Iterable[Operation]:
    """To end it, it has to be named as it is."""
    before, after = _first(subject.before, "ttl"), _first(subject.after, "ttl")
    enabled = bool(after.get("enabled"))
    name = after.get("attribute_name") or before.get("attribute_name")
    if name and (enabled or before.get("enabled")):
        given: dict[str, Json] = {"Enabled": enabled, "AttributeName": name}
        yield operation("dynamodb:UpdateTimeToLive", {"TableName": subject.id, "TimeToLiveSpecification": given})


_UPDATE: Final = ("dynamodb:UpdateTable",)

_TABLE: Final = ResourceType(
    name="aws_dynamodb_table",
    list=Read("dynamodb:ListTables", "TableNames", wrap="TableName"),
    id=At("TableName"),
    by_id=lambda name, _: {"TableName": name},
    natural_keys=(("name",),),
    details={
        "table": Read("dynamodb:DescribeTable", "Table", {"TableName": At("TableName")}, absent=_GONE),
        "recovery": Read(
            "dynamodb:DescribeContinuousBackups",
            "ContinuousBackupsDescription.PointInTimeRecoveryDescription",
            {"TableName": At("TableName")},
            absent=_GONE,
        ),
        "ttl": Read(
            "dynamodb:DescribeTimeToLive", "TimeToLiveDescription", {"TableName": At("TableName")}, absent=_GONE
        ),
        "tags": tags_in_bulk(
            "dynamodb:table",
            _arn,
            Read("dynamodb:ListTagsOfResource", "Tags", {"ResourceArn": _arn}, absent=_GONE),
        ),
    },
    exists=lambda record, _: record["table"] is not None and record["table"].get("TableStatus") != "DELETING",
    attributes={
        "arn": At("table.TableArn"),
        "attribute": At(
            "table.AttributeDefinitions",
            lambda found: [{"name": a["AttributeName"], "type": a["AttributeType"]} for a in found],
            [],
        ),
        "billing_mode": At("table.BillingModeSummary.BillingMode", default="PROVISIONED"),
        "deletion_protection_enabled": At("table.DeletionProtectionEnabled", default=False),
        "global_secondary_index": At(
            "table.GlobalSecondaryIndexes", lambda found: [_global_index(index) for index in found], []
        ),
        "hash_key": _table_key("HASH"),
        "id": At("TableName"),
        "local_secondary_index": At(
            "table.LocalSecondaryIndexes", lambda found: [_local_index(index) for index in found], []
        ),
        "name": At("TableName"),
        "on_demand_throughput": lambda record, _: _throughput(record["table"]),
        "point_in_time_recovery": lambda record, _: _recovery(record["recovery"]),
        "range_key": _table_key("RANGE"),
        "read_capacity": At("table.ProvisionedThroughput.ReadCapacityUnits", default=0),
        "replica": At("table.Replicas", lambda found: [_replica(replica) for replica in found], []),
        "server_side_encryption": At("table.SSEDescription", _encryption, []),
        "stream_arn": At("table.LatestStreamArn", default=""),
        "stream_enabled": At("table.StreamSpecification.StreamEnabled", default=False),
        "stream_label": At("table.LatestStreamLabel", default=""),
        "stream_view_type": _stream_view_type,
        "table_class": At("table.TableClassSummary.TableClass", default="STANDARD"),
        "tags": tags("tags"),
        "ttl": _ttl,
        "write_capacity": At("table.ProvisionedThroughput.WriteCapacityUnits", default=0),
    },
    kept=frozenset(("billing_mode",)),
    planned=lambda values: {} if values.get("table_class") else {"table_class": "STANDARD"},
    config_only=frozenset(
        (
            "import_table",
            "restore_date_time",
            "restore_source_name",
            "restore_source_table_arn",
            "restore_to_latest_time",
        )
    ),
    # What the other regions alone tell of a replica.
    unchecked=frozenset(
        f"replica.{name}" for name in ("arn", "point_in_time_recovery", "propagate_tags", "stream_arn", "stream_label")
    ),
    # AWS has no period where recovery is off, and the provider takes none that is 0.
    semantics={"point_in_time_recovery.recovery_period_in_days": Semantics.WHERE_TOLD},
    writes=(
        Write(_UPDATE, frozenset(("billing_mode", "read_capacity", "write_capacity")), _set_capacity),
        Write(_UPDATE, frozenset(("on_demand_throughput",)), _set_limits),
        Write(_UPDATE, frozenset(("deletion_protection_enabled", "table_class")), _set_plain),
        Write(_UPDATE, frozenset(("stream_enabled", "stream_view_type")), _set_stream),
        Write(_UPDATE, frozenset(("server_side_encryption",)), _set_encryption),
        Write(("dynamodb:UpdateContinuousBackups",), frozenset(("point_in_time_recovery",)), _set_recovery),
        Write(("dynamodb:UpdateTimeToLive",), frozenset(("ttl",)), _set_ttl),
        tag_write("dynamodb:TagResource", "dynamodb:UntagResource", {"ResourceArn": "arn"}),
    ),
)

TYPES: Final = (_TABLE,)
