"""Kinesis data streams, and the consumers with a throughput of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import names, parts, tags
from reconciler.resources.reading import tags_in_bulk
from reconciler.resources.spec import At, Read, Record, ResourceType, Scope, Subject, Write, dig
from reconciler.resources.writing import operation, tag_object, tag_write

_GONE: Final = frozenset(("ResourceNotFoundException",))
STREAMS: Final = Read("kinesis:ListStreams", "StreamNames", wrap="StreamName", page=1000)
_ON_DEMAND: Final = "ON_DEMAND"


def _arn(record: Record, scope: Scope) -> str:
    return scope.arn("kinesis", f"stream/{record['StreamName']}")


def _shards(record: Record, _scope: Scope) -> Json:
    """On demand, their number is AWS's affair."""
    mode = dig(record, "stream.StreamModeDetails.StreamMode")
    return None if mode == _ON_DEMAND else record["stream"].get("OpenShardCount")


def _metrics(found: Any) -> Json:
    return names({metric for level in found for metric in level.get("ShardLevelMetrics") or ()})


def _mode(side: Any) -> str:
    return str(next((b["stream_mode"] for b in parts(side, "stream_mode_details")), "") or "PROVISIONED")


def _set_retention(subject: Subject) -> Iterable[Operation]:
    hours = {name: int(dig(side, "retention_period") or 24) for name, side in _sides(subject)}
    name = "Increase" if hours["after"] > hours["before"] else "Decrease"
    given: dict[str, Json] = {"StreamName": subject.known["name"], "RetentionPeriodHours": hours["after"]}
    yield operation(f"kinesis:{name}StreamRetentionPeriod", given)


def _sides(subject: Subject) -> tuple[tuple[str, Any], tuple[str, Any]]:
    return ("before", dict(subject.before or {})), ("after", dict(subject.after or {}))


def _set_metrics(subject: Subject) -> Iterable[Operation]:
    sides = {name: set(dig(side, "shard_level_metrics") or ()) for name, side in _sides(subject)}
    for action, metrics in (
        ("Disable", sides["before"] - sides["after"]),
        ("Enable", sides["after"] - sides["before"]),
    ):
        if metrics:
            given: dict[str, Json] = {"StreamName": subject.known["name"], "ShardLevelMetrics": names(metrics)}
            yield operation(f"kinesis:{action}EnhancedMonitoring", given)


def _encryption(side: Any) -> dict[str, Json] | None:
    if dig(side, "encryption_type") != "KMS":
        return None
    return {"EncryptionType": "KMS", "KeyId": dig(side, "kms_key_id")}


def _set_encryption(subject: Subject) -> Iterable[Operation]:
    before, after = _encryption(dict(subject.before or {})), _encryption(dict(subject.after or {}))
    stream: dict[str, Json] = {"StreamName": subject.known["name"]}
    if after:
        yield operation("kinesis:StartStreamEncryption", {**stream, **after})
    elif before:
        yield operation("kinesis:StopStreamEncryption", {**stream, **before})


def _set_capacity(subject: Subject) -> Iterable[Operation]:
    """The mode first: only a provisioned stream has a number of shards to be set."""
    after = subject.after or {}
    mode = _mode(dict(after))
    if mode != _mode(dict(subject.before or {})):
        details: dict[str, Json] = {"StreamMode": mode}
        yield operation("kinesis:UpdateStreamMode", {"StreamARN": subject.id, "StreamModeDetails": details})
    count = after.get("shard_count")
    if mode != _ON_DEMAND and count and count != (subject.before or {}).get("shard_count"):
        yield operation(
            "kinesis:UpdateShardCount",
            {"StreamName": after["name"], "TargetShardCount": count, "ScalingType": "UNIFORM_SCALING"},
        )


_STREAM: Final = ResourceType(
    name="aws_kinesis_stream",
    list=STREAMS,
    id=_arn,
    by_id=lambda arn, _: {"StreamName": arn.rsplit("/", 1)[-1]},
    import_id=At("StreamName"),
    natural_keys=(("name",),),
    details={
        "stream": Read(
            "kinesis:DescribeStreamSummary",
            "StreamDescriptionSummary",
            {"StreamName": At("StreamName")},
            absent=_GONE,
        ),
        "tags": tags_in_bulk(
            "kinesis:stream",
            _arn,
            Read("kinesis:ListTagsForStream", "Tags", {"StreamName": At("StreamName")}, absent=_GONE),
            doubtful=True,
        ),
    },
    exists=lambda record, _: record["stream"] is not None,
    attributes={
        "arn": At("stream.StreamARN"),
        "encryption_type": At("stream.EncryptionType", default="NONE"),
        "id": _arn,
        "kms_key_id": At("stream.KeyId", default=""),
        "name": At("StreamName"),
        "retention_period": At("stream.RetentionPeriodHours", default=24),
        "shard_count": _shards,
        "shard_level_metrics": At("stream.EnhancedMonitoring", _metrics, []),
        "stream_mode_details": At(
            "stream.StreamModeDetails", lambda found: [{"stream_mode": found.get("StreamMode")}], []
        ),
        "tags": tags("tags"),
    },
    config_only=frozenset(("enforce_consumer_deletion",)),
    writes=(
        Write(
            ("kinesis:UpdateStreamMode", "kinesis:UpdateShardCount"),
            frozenset(("shard_count", "stream_mode_details")),
            _set_capacity,
        ),
        Write(
            ("kinesis:IncreaseStreamRetentionPeriod", "kinesis:DecreaseStreamRetentionPeriod"),
            frozenset(("retention_period",)),
            _set_retention,
        ),
        Write(
            ("kinesis:DisableEnhancedMonitoring", "kinesis:EnableEnhancedMonitoring"),
            frozenset(("shard_level_metrics",)),
            _set_metrics,
        ),
        Write(
            ("kinesis:StartStreamEncryption", "kinesis:StopStreamEncryption"),
            frozenset(("encryption_type", "kms_key_id")),
            _set_encryption,
        ),
        tag_write("kinesis:AddTagsToStream", "kinesis:RemoveTagsFromStream", {"StreamName": "name"}, form=tag_object),
    ),
)

# -- consumers ------------------------------------------------------------------------------------------------


def _register(subject: Subject) -> Iterable[Operation]:
    wanted = subject.known
    given: dict[str, Json] = {"StreamARN": wanted["stream_arn"], "ConsumerName": wanted["name"]}
    yield operation("kinesis:RegisterStreamConsumer", given)


def _deregister(subject: Subject) -> Iterable[Operation]:
    yield operation("kinesis:DeregisterStreamConsumer", {"ConsumerARN": subject.id})


_CONSUMER: Final = ResourceType(
    name="aws_kinesis_stream_consumer",
    list=Read(
        "kinesis:ListStreamConsumers",
        "Consumers",
        {"StreamARN": _arn},
        under=STREAMS,
        hides={"stream_arn": _arn},
        absent=_GONE,
    ),
    id=At("ConsumerARN"),
    natural_keys=(("stream_arn", "name"),),
    attributes={
        "arn": At("ConsumerARN"),
        "creation_timestamp": At("ConsumerCreationTimestamp"),
        "id": At("ConsumerARN"),
        "name": At("ConsumerName"),
        "stream_arn": lambda record, scope: _arn(record["parent"], scope),
    },
    create=Write(("kinesis:RegisterStreamConsumer",), frozenset(), _register),
    delete=Write(("kinesis:DeregisterStreamConsumer",), frozenset(), _deregister),
)

TYPES: Final = (_STREAM, _CONSUMER)
