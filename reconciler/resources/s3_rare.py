"""Sides of a bucket that few buckets have: acceleration, websites, replication, locks, inventories."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import document, parts, tag_map
from reconciler.resources.s3 import nothing, side_type
from reconciler.resources.s3_bucket import BUCKETS, here, website_domain, website_endpoint
from reconciler.resources.shapes import Field, Shape, flag, getters, many, names_of, number, one, value
from reconciler.resources.shapes import read as read_shape
from reconciler.resources.shapes import write as write_shape
from reconciler.resources.spec import At, Attributes, Read, Record, ResourceType, Scope, Semantics, Subject, Write, dig
from reconciler.resources.writing import operation, tag_list

_OWNER: Final = frozenset(("expected_bucket_owner",))

# -- acceleration and who pays ----------------------------------------------------------------------------------


def _accelerate(wanted: Attributes) -> Mapping[str, Json]:
    return {"AccelerateConfiguration": {"Status": wanted.get("status") or "Suspended"}}


_ACCELERATION: Final = side_type(
    "aws_s3_bucket_accelerate_configuration",
    "acceleration",
    {"status": At("acceleration.Status", default="")},
    ("s3:PutBucketAccelerateConfiguration", _accelerate),
    ("s3:PutBucketAccelerateConfiguration", _accelerate),
    config_only=_OWNER,
    actions=("s3:PutAccelerateConfiguration",),
    exists=lambda record: bool(dig(record, "acceleration.Status")),
)

# -- websites -------------------------------------------------------------------------------------------------

_CONDITION: Final[Shape] = {
    "http_error_code_returned_equals": value("HttpErrorCodeReturnedEquals"),
    "key_prefix_equals": value("KeyPrefixEquals"),
}
_REDIRECT: Final[Shape] = {
    "host_name": value("HostName"),
    "http_redirect_code": value("HttpRedirectCode"),
    "protocol": value("Protocol"),
    "replace_key_prefix_with": value("ReplaceKeyPrefixWith"),
    "replace_key_with": value("ReplaceKeyWith"),
}
_ROUTING: Final[Shape] = {"condition": one("Condition", _CONDITION), "redirect": one("Redirect", _REDIRECT)}
_WEBSITE_SHAPE: Final[Shape] = {
    "error_document": one("ErrorDocument", {"key": value("Key")}),
    "index_document": one("IndexDocument", {"suffix": value("Suffix")}),
    "redirect_all_requests_to": one(
        "RedirectAllRequestsTo", {"host_name": value("HostName"), "protocol": value("Protocol")}
    ),
    "routing_rule": many("RoutingRules", _ROUTING),
}


def _wanted_website(wanted: Attributes) -> Mapping[str, Json]:
    given = write_shape(_WEBSITE_SHAPE, wanted)
    if "RoutingRules" not in given and wanted.get("routing_rules"):
        given["RoutingRules"] = json.loads(str(wanted["routing_rules"]))
    return {"WebsiteConfiguration": given}


_WEBSITE_SIDE: Final = side_type(
    "aws_s3_bucket_website_configuration",
    "website",
    {
        **getters(_WEBSITE_SHAPE, "website"),
        "routing_rules": At("website.RoutingRules", lambda rules: document(rules) if rules else "", ""),
    },
    ("s3:PutBucketWebsite", _wanted_website),
    ("s3:DeleteBucketWebsite", nothing),
    config_only=_OWNER,
    semantics={"routing_rules": Semantics.JSON},
)
_WEBSITE: Final = replace(
    _WEBSITE_SIDE,
    attributes={
        **_WEBSITE_SIDE.attributes,
        "website_domain": website_domain,
        "website_endpoint": website_endpoint,
    },
)

# -- replication ----------------------------------------------------------------------------------------------

_STATUS: Final[Shape] = {"status": value("Status")}
_MINUTES: Final[Shape] = {"minutes": number("Minutes")}
_DESTINATION: Final[Shape] = {
    "access_control_translation": one("AccessControlTranslation", {"owner": value("Owner")}),
    "account": value("Account"),
    "bucket": value("Bucket"),
    "encryption_configuration": one("EncryptionConfiguration", {"replica_kms_key_id": value("ReplicaKmsKeyID")}),
    "metrics": one("Metrics", {**_STATUS, "event_threshold": one("EventThreshold", _MINUTES)}),
    "replication_time": one("ReplicationTime", {**_STATUS, "time": one("Time", _MINUTES)}),
    "storage_class": value("StorageClass"),
}
_TAGS: Final = Field("Tags", tag_map, tag_list, {})
_REPLICATED: Final[Shape] = {
    "and": one("And", {"prefix": value("Prefix"), "tags": _TAGS}),
    "prefix": value("Prefix"),
    "tag": one("Tag", {"key": value("Key"), "value": value("Value")}),
}
_SELECTION: Final[Shape] = {
    "replica_modifications": one("ReplicaModifications", _STATUS),
    "sse_kms_encrypted_objects": one("SseKmsEncryptedObjects", _STATUS),
}
_REPLICATION_RULE: Final[Shape] = {
    "delete_marker_replication": one("DeleteMarkerReplication", _STATUS),
    "destination": one("Destination", _DESTINATION),
    "existing_object_replication": one("ExistingObjectReplication", _STATUS),
    "filter": one("Filter", _REPLICATED),
    "id": value("ID"),
    "prefix": value("Prefix"),
    "priority": number("Priority", zero=True),
    "source_selection_criteria": one("SourceSelectionCriteria", _SELECTION),
    "status": value("Status"),
}


def _wanted_replication(wanted: Attributes) -> Mapping[str, Json]:
    """A rule with a filter is of the second kind, which says its priority and what becomes of delete markers."""
    rules: list[Json] = []
    for rule in parts(dict(wanted), "rule"):
        given = write_shape(_REPLICATION_RULE, rule)
        if rule.get("filter"):
            given.setdefault("Filter", {})
        else:
            given.pop("Priority", None)
        rules.append(given)
    return {"ReplicationConfiguration": {"Role": wanted["role"], "Rules": rules}}


_REPLICATION: Final = side_type(
    "aws_s3_bucket_replication_configuration",
    "replication",
    {
        "role": At("replication.Role"),
        "rule": At("replication.Rules", lambda found: [read_shape(_REPLICATION_RULE, rule) for rule in found], []),
    },
    ("s3:PutBucketReplication", _wanted_replication),
    ("s3:DeleteBucketReplication", nothing),
    config_only=frozenset(("token",)),
    actions=("s3:PutReplicationConfiguration", "iam:PassRole"),
)

# -- locks ----------------------------------------------------------------------------------------------------

_RETENTION: Final[Shape] = {"days": number("Days"), "mode": value("Mode"), "years": number("Years")}
_LOCK_SHAPE: Final[Shape] = {
    "object_lock_enabled": value("ObjectLockEnabled"),
    "rule": one("Rule", {"default_retention": one("DefaultRetention", _RETENTION)}),
}


def _wanted_lock(wanted: Attributes) -> Mapping[str, Json]:
    """A lock can't be taken off; its rule can."""
    return {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", **write_shape(_LOCK_SHAPE, wanted)}}


def _without_rule(record: Record, _scope: Scope) -> bool:
    """A bucket that was made with a lock has this side from the start."""
    return not dig(record, "lock.Rule")


_LOCK: Final = replace(
    side_type(
        "aws_s3_bucket_object_lock_configuration",
        "lock",
        dict(getters(_LOCK_SHAPE, "lock")),
        ("s3:PutObjectLockConfiguration", _wanted_lock),
        ("s3:PutObjectLockConfiguration", lambda _: {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}),
        config_only=_OWNER | {"token"},
        actions=("s3:PutBucketObjectLockConfiguration",),
        exists=lambda record: bool(dig(record, "lock.ObjectLockEnabled")),
    ),
    key_from_list=False,
    aws_owned=_without_rule,
    create=None,
    delete=None,
)

# -- inventories ----------------------------------------------------------------------------------------------

_ENCRYPTION: Final[Shape] = {
    "sse_kms": one("SSEKMS", {"key_id": value("KeyId")}),
    "sse_s3": one("SSES3", {}),
}
_BUCKET: Final[Shape] = {
    "account_id": value("AccountId"),
    "bucket_arn": value("Bucket"),
    "encryption": one("Encryption", _ENCRYPTION),
    "format": value("Format"),
    "prefix": value("Prefix"),
}
_INVENTORY_SHAPE: Final[Shape] = {
    "destination": one("Destination", {"bucket": one("S3BucketDestination", _BUCKET)}),
    "enabled": flag("IsEnabled", default=False),
    "filter": one("Filter", {"prefix": value("Prefix")}),
    "included_object_versions": value("IncludedObjectVersions"),
    "name": value("Id"),
    "optional_fields": names_of("OptionalFields"),
    "schedule": one("Schedule", {"frequency": value("Frequency")}),
}


def _inventory_id(record: Record, _scope: Scope) -> str:
    return f"{dig(record, 'parent.Name')}:{record['Id']}"


def _put_inventory(subject: Subject) -> Iterable[Operation]:
    known = subject.known
    given: dict[str, Json] = {"Bucket": known["bucket"], "Id": known["name"]}
    whole = write_shape(_INVENTORY_SHAPE, known)
    yield operation("s3:PutBucketInventoryConfiguration", {**given, "InventoryConfiguration": whole})


def _delete_inventory(subject: Subject) -> Iterable[Operation]:
    known = subject.known
    yield operation("s3:DeleteBucketInventoryConfiguration", {"Bucket": known["bucket"], "Id": known["name"]})


_PUTTING: Final = (("s3:PutBucketInventoryConfiguration",), ("s3:PutInventoryConfiguration",))

_INVENTORY: Final = ResourceType(
    name="aws_s3_bucket_inventory",
    list=Read(
        "s3:ListBucketInventoryConfigurations",
        "InventoryConfigurationList",
        {"Bucket": At("Name")},
        under=replace(BUCKETS, each=here),
        hides={"bucket": At("Name")},
        absent=frozenset(("NoSuchBucket", "NoSuchConfiguration")),
        action="s3:GetInventoryConfiguration",
    ),
    id=_inventory_id,
    natural_keys=(("bucket", "name"),),
    attributes={
        **getters(_INVENTORY_SHAPE),
        "bucket": At("parent.Name"),
        "id": _inventory_id,
    },
    writes=(Write(_PUTTING[0], frozenset(_INVENTORY_SHAPE) - {"name"}, _put_inventory, _PUTTING[1]),),
    create=Write(_PUTTING[0], frozenset(), _put_inventory, _PUTTING[1]),
    delete=Write(("s3:DeleteBucketInventoryConfiguration",), frozenset(), _delete_inventory, _PUTTING[1]),
)

TYPES: Final = (_ACCELERATION, _WEBSITE, _REPLICATION, _LOCK, _INVENTORY)
