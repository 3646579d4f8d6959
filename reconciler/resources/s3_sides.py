"""More sides of a bucket, each a resource: lifecycle, logging, CORS, notifications, ownership, access lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from reconciler.model import Json
from reconciler.resources.convert import parts, tag_map
from reconciler.resources.s3 import nothing, side_type
from reconciler.resources.shapes import Field, Shape, getters, many, names_of, number, one, told, value
from reconciler.resources.shapes import read as read_shape
from reconciler.resources.shapes import write as write_shape
from reconciler.resources.spec import At, Attributes, Record, Scope, dig
from reconciler.resources.writing import tag_list

# -- lifecycle ------------------------------------------------------------------------------------------------

_TAG: Final[Shape] = {"key": value("Key"), "value": value("Value")}
_SIZES: Final[Shape] = {
    "object_size_greater_than": number("ObjectSizeGreaterThan"),
    "object_size_less_than": number("ObjectSizeLessThan"),
    "prefix": value("Prefix"),
}
_FILTER: Final[Shape] = {
    **_SIZES,
    "and": one("And", {**_SIZES, "tags": Field("Tags", tag_map, tag_list, {})}),
    "tag": one("Tag", _TAG),
}
_MOVE: Final[Shape] = {"date": value("Date"), "days": number("Days"), "storage_class": value("StorageClass")}
_LATE_MOVE: Final[Shape] = {
    "newer_noncurrent_versions": number("NewerNoncurrentVersions"),
    "noncurrent_days": number("NoncurrentDays"),
    "storage_class": value("StorageClass"),
}
_EXPIRATION: Final[Shape] = {
    "date": value("Date"),
    "days": number("Days"),
    "expired_object_delete_marker": number("ExpiredObjectDeleteMarker", default=False),
}
_RULE: Final[Shape] = {
    "abort_incomplete_multipart_upload": one(
        "AbortIncompleteMultipartUpload", {"days_after_initiation": number("DaysAfterInitiation")}
    ),
    "expiration": one("Expiration", _EXPIRATION),
    # The provider gives a rule for everything an empty one, and takes that for none.
    "filter": one("Filter", _FILTER, unless=lambda given: not given),
    "id": value("ID"),
    "noncurrent_version_expiration": one(
        "NoncurrentVersionExpiration",
        {name: field for name, field in _LATE_MOVE.items() if name != "storage_class"},
    ),
    "noncurrent_version_transition": many("NoncurrentVersionTransitions", _LATE_MOVE),
    "prefix": value("Prefix"),
    "status": value("Status"),
    "transition": many("Transitions", _MOVE),
}


def _rules(wanted: Attributes) -> Mapping[str, Json]:
    rules: list[Json] = []
    for rule in parts(dict(wanted), "rule"):
        given = write_shape(_RULE, rule)
        if "Prefix" not in given:
            # An empty block is said as the provider says it, so that it is there again.
            given["Filter"] = given.get("Filter") or ({"Prefix": ""} if rule.get("filter") else {})
        rules.append(given)
    size = wanted.get("transition_default_minimum_object_size")
    told: dict[str, Json] = {"TransitionDefaultMinimumObjectSize": size} if size else {}
    return {"LifecycleConfiguration": {"Rules": rules}, **told}


_LIFECYCLE: Final = side_type(
    "aws_s3_bucket_lifecycle_configuration",
    "lifecycle",
    {
        "rule": At("lifecycle.Rules", lambda found: [read_shape(_RULE, rule) for rule in found], []),
        "transition_default_minimum_object_size": At("lifecycle.TransitionDefaultMinimumObjectSize", default=""),
    },
    ("s3:PutBucketLifecycleConfiguration", _rules),
    ("s3:DeleteBucketLifecycle", nothing),
    config_only=frozenset(("expected_bucket_owner",)),
    actions=("s3:PutLifecycleConfiguration",),
)

# -- logging --------------------------------------------------------------------------------------------------

_GRANTEE: Final[Shape] = {
    "display_name": told("DisplayName"),
    "email_address": value("EmailAddress"),
    "id": value("ID"),
    "type": value("Type"),
    "uri": value("URI"),
}
_GRANT: Final[Shape] = {"grantee": one("Grantee", _GRANTEE), "permission": value("Permission")}
_KEY_FORMAT: Final[Shape] = {
    "partitioned_prefix": one("PartitionedPrefix", {"partition_date_source": value("PartitionDateSource")}),
    "simple_prefix": one("SimplePrefix", {}),
}
_LOGGING_SHAPE: Final[Shape] = {
    "target_bucket": value("TargetBucket"),
    "target_grant": many("TargetGrants", _GRANT),
    "target_object_key_format": one("TargetObjectKeyFormat", _KEY_FORMAT),
    "target_prefix": Field("TargetPrefix", default="", cleared=""),
}
_LOGGING: Final = side_type(
    "aws_s3_bucket_logging",
    "logging",
    dict(getters(_LOGGING_SHAPE, "logging")),
    (
        "s3:PutBucketLogging",
        lambda wanted: {"BucketLoggingStatus": {"LoggingEnabled": write_shape(_LOGGING_SHAPE, wanted)}},
    ),
    ("s3:PutBucketLogging", lambda _: {"BucketLoggingStatus": {}}),
    config_only=frozenset(("expected_bucket_owner",)),
)

# -- CORS -----------------------------------------------------------------------------------------------------

_CORS_RULE: Final[Shape] = {
    "allowed_headers": names_of("AllowedHeaders"),
    "allowed_methods": names_of("AllowedMethods"),
    "allowed_origins": names_of("AllowedOrigins"),
    "expose_headers": names_of("ExposeHeaders"),
    "id": value("ID"),
    "max_age_seconds": number("MaxAgeSeconds"),
}
_CORS: Final = side_type(
    "aws_s3_bucket_cors_configuration",
    "cors",
    {"cors_rule": At("cors", lambda found: [read_shape(_CORS_RULE, rule) for rule in found], [])},
    (
        "s3:PutBucketCors",
        lambda wanted: {
            "CORSConfiguration": {"CORSRules": [write_shape(_CORS_RULE, r) for r in parts(dict(wanted), "cors_rule")]}
        },
    ),
    ("s3:DeleteBucketCors", nothing),
    config_only=frozenset(("expected_bucket_owner",)),
    actions=("s3:PutBucketCORS",),
)

# -- notifications --------------------------------------------------------------------------------------------

_RECEIVERS: Final = {
    "lambda_function": ("LambdaFunctionConfigurations", "LambdaFunctionArn", "lambda_function_arn"),
    "queue": ("QueueConfigurations", "QueueArn", "queue_arn"),
    "topic": ("TopicConfigurations", "TopicArn", "topic_arn"),
}
_BRIDGE: Final = "EventBridgeConfiguration"  # an empty object where events go there


def _notice(found: Record, key: str, attribute: str) -> Json:
    rules = {str(r["Name"]).lower(): r.get("Value") or "" for r in parts(found, "Filter.Key.FilterRules")}
    return {
        "events": sorted(found.get("Events") or []),
        "filter_prefix": rules.get("prefix", ""),
        "filter_suffix": rules.get("suffix", ""),
        "id": found.get("Id") or "",
        attribute: found.get(key) or "",
    }


def _notices(name: str) -> At:
    path, key, attribute = _RECEIVERS[name]
    return At(f"notification.{path}", lambda found: [_notice(item, key, attribute) for item in found], [])


def _wanted_notice(wanted: Mapping[str, Any], key: str, attribute: str) -> Json:
    rules: list[Json] = [
        {"Name": which, "Value": wanted[f"filter_{which}"]}
        for which in ("prefix", "suffix")
        if wanted.get(f"filter_{which}")
    ]
    given: dict[str, Json] = {key: wanted[attribute], "Events": list(wanted.get("events") or [])}
    if wanted.get("id"):
        given["Id"] = wanted["id"]
    return {**given, "Filter": {"Key": {"FilterRules": rules}}} if rules else given


def _notification(wanted: Attributes) -> Mapping[str, Json]:
    given: dict[str, Json] = {_BRIDGE: {}} if wanted.get("eventbridge") else {}
    for name, (path, key, attribute) in _RECEIVERS.items():
        found = parts(dict(wanted), name)
        if found:
            given[path] = [_wanted_notice(item, key, attribute) for item in found]
    return {"NotificationConfiguration": given}


def _notified(record: Record) -> bool:
    told = record["notification"]
    return any(dig(told, path) for path, _, _ in _RECEIVERS.values()) or dig(told, _BRIDGE) is not None


_NOTIFICATION: Final = side_type(
    "aws_s3_bucket_notification",
    "notification",
    {
        **{name: _notices(name) for name in _RECEIVERS},
        "eventbridge": At(f"notification.{_BRIDGE}", lambda _: True, default=False),
    },
    ("s3:PutBucketNotificationConfiguration", _notification),
    ("s3:PutBucketNotificationConfiguration", lambda _: {"NotificationConfiguration": {}}),
    actions=("s3:PutBucketNotification",),
    exists=_notified,
    emptied={**{name: [] for name in _RECEIVERS}, "eventbridge": False},
)

# -- ownership and access lists ---------------------------------------------------------------------------------


def _ownership_rule(wanted: Attributes) -> Mapping[str, Json]:
    rules: list[Json] = [{"ObjectOwnership": rule["object_ownership"]} for rule in parts(dict(wanted), "rule")]
    return {"OwnershipControls": {"Rules": rules}}


def _enforced(record: Record, _scope: Scope) -> bool:
    """S3 makes every new bucket so."""
    return [rule.get("ObjectOwnership") for rule in parts(record["ownership"], "Rules")] == ["BucketOwnerEnforced"]


_OWNERSHIP_SIDE: Final = side_type(
    "aws_s3_bucket_ownership_controls",
    "ownership",
    {
        "rule": At(
            "ownership.Rules",
            lambda found: [{"object_ownership": rule.get("ObjectOwnership")} for rule in found],
            [],
        )
    },
    ("s3:PutBucketOwnershipControls", _ownership_rule),
    ("s3:DeleteBucketOwnershipControls", nothing),
)

_OWNERSHIP: Final = replace(_OWNERSHIP_SIDE, key_from_list=False, aws_owned=_enforced)

_OWNER: Final[Shape] = {"display_name": value("DisplayName"), "id": value("ID")}
_ACCESS: Final[Shape] = {"grant": many("Grants", _GRANT), "owner": one("Owner", _OWNER)}


def _access(found: Any) -> Json:
    return [read_shape(_ACCESS, found)] if dig(found, "Grants") or dig(found, "Owner") else []


def _wanted_access(wanted: Attributes) -> Mapping[str, Json]:
    policy = parts(dict(wanted), "access_control_policy")
    return {"AccessControlPolicy": write_shape(_ACCESS, policy[0])} if policy else {"ACL": "private"}


def _private(record: Record, _scope: Scope) -> bool:
    """Every bucket has a list: the owner's alone, until it gets another."""
    found, owner = parts(record["acl"], "Grants"), dig(record["acl"], "Owner.ID")
    return [(dig(grant, "Grantee.ID"), grant.get("Permission")) for grant in found] == [(owner, "FULL_CONTROL")]


_ACL_SIDE: Final = side_type(
    "aws_s3_bucket_acl",
    "acl",
    {"access_control_policy": At("acl", _access, [])},
    ("s3:PutBucketAcl", _wanted_access),
    ("s3:PutBucketAcl", lambda _: {"ACL": "private"}),
    # S3 tells grants, not which canned list they came from.
    config_only=frozenset(("acl", "expected_bucket_owner")),
)

_ACL: Final = replace(
    _ACL_SIDE,
    # The provider's id has the canned list in it.
    id_from_live=False,
    attributes={name: get for name, get in _ACL_SIDE.attributes.items() if name != "id"},
    config_only=_ACL_SIDE.config_only | {"id"},
    key_from_list=False,
    aws_owned=_private,
)

TYPES: Final = (_LIFECYCLE, _LOGGING, _CORS, _NOTIFICATION, _OWNERSHIP, _ACL)
