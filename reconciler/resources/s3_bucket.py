"""The bucket itself, and the reads of all its sides: the resources of s3.py share them, each is made once a bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, cast

from reconciler.model import Json, Operation
from reconciler.resources.convert import block, blocks, choice, document, name_prefix, part, parts, tag_map, tags
from reconciler.resources.reading import tags_in_bulk
from reconciler.resources.spec import (
    At,
    Child,
    Read,
    Record,
    ResourceType,
    Scope,
    Semantics,
    Subject,
    Write,
    dig,
)
from reconciler.resources.writing import TAG_ATTRIBUTES, live_tags, operation, tag_list

BUCKETS: Final = Read(
    "s3:ListBuckets",
    "Buckets",
    {"BucketRegion": lambda _, scope: scope.region},
    action=("s3:ListAllMyBuckets",),
)


def _side(name: str, path: str, action: str, *absent: str) -> Read:
    """One side of a bucket: s3:GetBucket<name>."""
    return Read(
        f"s3:Get{name}",
        path,
        {"Bucket": At("Name")},
        absent=frozenset(("NoSuchBucket", *absent)),
        action=f"s3:{action}",
    )


def _arn(record: Record, scope: Scope) -> str:
    return f"arn:{scope.partition}:s3:::{record['Name']}"


SIDES: Final = {
    "acceleration": _side("BucketAccelerateConfiguration", "", "GetAccelerateConfiguration"),
    "acl": _side("BucketAcl", "", "GetBucketAcl"),
    "cors": _side("BucketCors", "CORSRules", "GetBucketCORS", "NoSuchCORSConfiguration"),
    "encryption": _side(
        "BucketEncryption",
        "ServerSideEncryptionConfiguration",
        "GetEncryptionConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError",
    ),
    "lifecycle": _side("BucketLifecycleConfiguration", "", "GetLifecycleConfiguration", "NoSuchLifecycleConfiguration"),
    "logging": _side("BucketLogging", "LoggingEnabled", "GetBucketLogging"),
    "lock": _side(
        "ObjectLockConfiguration",
        "ObjectLockConfiguration",
        "GetBucketObjectLockConfiguration",
        "ObjectLockConfigurationNotFoundError",
    ),
    "notification": _side("BucketNotificationConfiguration", "", "GetBucketNotification"),
    "payment": _side("BucketRequestPayment", "", "GetBucketRequestPayment"),
    "policy": _side("BucketPolicy", "Policy", "GetBucketPolicy", "NoSuchBucketPolicy"),
    "replication": _side(
        "BucketReplication",
        "ReplicationConfiguration",
        "GetReplicationConfiguration",
        "ReplicationConfigurationNotFoundError",
    ),
    "tags": tags_in_bulk("s3", _arn, _side("BucketTagging", "TagSet", "GetBucketTagging", "NoSuchTagSet")),
    "versioning": _side("BucketVersioning", "", "GetBucketVersioning"),
    "website": _side("BucketWebsite", "", "GetBucketWebsite", "NoSuchWebsiteConfiguration"),
    "public_access": _side(
        "PublicAccessBlock",
        "PublicAccessBlockConfiguration",
        "GetBucketPublicAccessBlock",
        "NoSuchPublicAccessBlockConfiguration",
    ),
    "ownership": _side(
        "BucketOwnershipControls", "OwnershipControls", "GetBucketOwnershipControls", "OwnershipControlsNotFoundError"
    ),
}


def details(*names: str) -> dict[str, Read]:
    return {name: SIDES[name] for name in names}


def here(record: Record, scope: Scope) -> Iterable[Record]:
    """Buckets of other regions belong to other providers."""
    return [record] if (record.get("BucketRegion") or scope.region) == scope.region else []


# -- the bucket itself ----------------------------------------------------------------------------------------

_ZONES: Final = {
    "us-east-1": "Z3AQBSTGFYJSTF",
    "us-east-2": "Z2O1EMRO9K5GLX",
    "us-west-1": "Z2F56UZL2M1ACD",
    "us-west-2": "Z3BJ6K6RIION7M",
    "af-south-1": "Z11KHD8FBVPUYU",
    "ap-east-1": "ZNB98KWMFR0R6",
    "ap-northeast-1": "Z2M4EHUR26P7ZW",
    "ap-northeast-2": "Z3W03O7B5YMIYP",
    "ap-northeast-3": "Z2YQB5RD63NC85",
    "ap-south-1": "Z11RGJOFQNVJUP",
    "ap-south-2": "Z02976202B4EZMXIPMXF7",
    "ap-southeast-1": "Z3O0J2DXBE1FTB",
    "ap-southeast-2": "Z1WCIGYICN2BYD",
    "ap-southeast-3": "Z01846753K324LI26A3VV",
    "ap-southeast-4": "Z0312387243XT5FE14WFO",
    "ca-central-1": "Z1QDHH18159H29",
    "ca-west-1": "Z03565811Z33SLEZTHOUL",
    "cn-north-1": "Z5CN8UMXT92WN",
    "cn-northwest-1": "Z282HJ1KT0DH03",
    "eu-central-1": "Z21DNDUVLTQW6Q",
    "eu-central-2": "Z030506016YDQGETNASS",
    "eu-north-1": "Z3BAZG2TWCNX0D",
    "eu-south-1": "Z3IXVV8C73GIO3",
    "eu-south-2": "Z0081959F7139GRJC19J",
    "eu-west-1": "Z1BKCTXD74EZPE",
    "eu-west-2": "Z3GKZC51ZF0DB4",
    "eu-west-3": "Z3R1K369G5AVDG",
    "il-central-1": "Z09640613K4A3MN55U7GU",
    "me-central-1": "Z06143092I8HRXZRUZROF",
    "me-south-1": "Z1MPMWCPA7YB62",
    "sa-east-1": "Z7KQH4QJS55SO",
    "us-gov-east-1": "Z2NIFVYYW2VKV1",
    "us-gov-west-1": "Z31GFT0UA1I2HV",
}


def _zone(_record: Record, scope: Scope) -> str:
    return _ZONES.get(scope.region, "")


def _domain(scope: Scope) -> str:
    return "amazonaws.com.cn" if scope.partition == "aws-cn" else "amazonaws.com"


_WITH_HYPHEN: Final = frozenset(
    ("us-east-1", "us-west-1", "us-west-2", "ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "eu-west-1",
     "sa-east-1", "us-gov-west-1")
)  # fmt: skip


def website_domain(record: Record, scope: Scope) -> str | None:
    if not record["website"]:
        return None
    mark = "-" if scope.region in _WITH_HYPHEN else "."
    return f"s3-website{mark}{scope.region}.{_domain(scope)}"


def website_endpoint(record: Record, scope: Scope) -> str | None:
    domain = website_domain(record, scope)
    return f"{record['Name']}.{domain}" if domain else None


def _grants(value: Any) -> Json:
    """Grants by grantee: what one may do, together."""
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for grant in value:
        who = grant["Grantee"]
        key = (who.get("ID") or "", who["Type"], who.get("URI") or "")
        grouped.setdefault(key, []).append(grant["Permission"])
    return [
        {"id": id_, "type": kind, "uri": uri, "permissions": cast("list[Json]", sorted(permissions))}
        for (id_, kind, uri), permissions in sorted(grouped.items())
    ]


def _days(value: Record) -> Json:
    return value.get("NoncurrentDays") or value.get("Days") or 0


def _filter(rule: Record) -> dict[str, Json]:
    """Prefix and tags of a rule's filter, in whichever of S3's three ways they are written."""
    given, both = part(rule, "Filter"), part(rule, "Filter.And")
    tagged = both.get("Tags") or ([given["Tag"]] if given.get("Tag") else [])
    return {"prefix": both.get("Prefix") or given.get("Prefix") or "", "tags": tag_map(tagged)}


_EXPIRATION: Final = block(
    date=At("Date", lambda date: str(date)[:10], ""),
    days=At("Days", default=0),
    expired_object_delete_marker=At("ExpiredObjectDeleteMarker", default=False),
)


def _lifecycle_rule(rule: Record) -> Json:
    """The old inline form of a lifecycle rule."""
    filtered = _filter(rule)
    last = part(rule, "NoncurrentVersionExpiration")
    return {
        "id": rule.get("ID") or "",
        "prefix": filtered["prefix"] or rule.get("Prefix") or "",
        "tags": filtered["tags"],
        "enabled": rule["Status"] == "Enabled",
        "abort_incomplete_multipart_upload_days": dig(rule, "AbortIncompleteMultipartUpload.DaysAfterInitiation") or 0,
        "expiration": _EXPIRATION(part(rule, "Expiration") or None),
        "noncurrent_version_expiration": [{"days": _days(last)}] if last else [],
        "noncurrent_version_transition": [
            {"days": _days(move), "storage_class": move.get("StorageClass")}
            for move in parts(rule, "NoncurrentVersionTransitions")
        ],
        "transition": [
            {
                "date": str(move.get("Date") or "")[:10],
                "days": move.get("Days") or 0,
                "storage_class": move.get("StorageClass"),
            }
            for move in parts(rule, "Transitions")
        ],
    }


def _replication(value: Any) -> Json:
    return [{"role": value.get("Role"), "rules": [_replication_rule(rule) for rule in parts(value, "Rules")]}]


def _replication_rule(rule: Record) -> Json:
    kms = dig(rule, "SourceSelectionCriteria.SseKmsEncryptedObjects.Status")
    markers = dig(rule, "DeleteMarkerReplication.Status")
    return {
        "delete_marker_replication_status": "Enabled" if markers == "Enabled" else "",
        "destination": [_replication_destination(part(rule, "Destination"))],
        "filter": [_filter(rule)] if part(rule, "Filter") else [],
        "id": rule.get("ID") or "",
        "prefix": rule.get("Prefix") or "",
        "priority": rule.get("Priority") or 0,
        "source_selection_criteria": [{"sse_kms_encrypted_objects": [{"enabled": kms == "Enabled"}]}] if kms else [],
        "status": rule.get("Status"),
    }


def _replication_destination(to: Record) -> Json:
    def timed(key: str, minutes: str) -> Json:
        given = part(to, key)
        return [{"minutes": dig(given, minutes) or 0, "status": given.get("Status")}] if given else []

    return {
        "account_id": to.get("Account") or "",
        "bucket": to.get("Bucket"),
        "replica_kms_key_id": dig(to, "EncryptionConfiguration.ReplicaKmsKeyID") or "",
        "storage_class": to.get("StorageClass") or "",
        "access_control_translation": block(owner="Owner")(to.get("AccessControlTranslation")),
        "metrics": timed("Metrics", "EventThreshold.Minutes"),
        "replication_time": timed("ReplicationTime", "Time.Minutes"),
    }


def _website(value: Any) -> Json:
    if not value:
        return []
    to = part(value, "RedirectAllRequestsTo")
    protocol = f"{to['Protocol']}://" if to.get("Protocol") else ""
    routing = value.get("RoutingRules")
    return [
        {
            "error_document": dig(value, "ErrorDocument.Key") or "",
            "index_document": dig(value, "IndexDocument.Suffix") or "",
            "redirect_all_requests_to": f"{protocol}{to['HostName']}" if to else "",
            "routing_rules": document(routing) if routing else "",
        }
    ]


def default_encryption(**rest: At) -> Callable[[Any], Json]:
    default = block(
        kms_master_key_id=At("KMSMasterKeyID", default=""),
        sse_algorithm=At("SSEAlgorithm"),
    )
    return blocks(
        apply_server_side_encryption_by_default=At("ApplyServerSideEncryptionByDefault", default, []),
        bucket_key_enabled=At("BucketKeyEnabled", default=False),
        **rest,
    )


def _lock(value: Any) -> Json:
    retention = block(days=At("Days", default=0), mode=At("Mode"), years=At("Years", default=0))
    found = dig(value, "Rule.DefaultRetention")
    return [
        {
            "object_lock_enabled": value.get("ObjectLockEnabled"),
            "rule": [{"default_retention": retention(found)}] if found else [],
        }
    ]


def _tag_bucket(subject: Subject) -> Iterable[Operation]:
    """S3 has only the whole set."""
    bucket = subject.known["bucket"]
    wanted = live_tags(subject.after)
    if wanted:
        yield operation("s3:PutBucketTagging", {"Bucket": bucket, "Tagging": {"TagSet": tag_list(wanted)}})
    else:
        yield operation("s3:DeleteBucketTagging", {"Bucket": bucket})


_BUCKET_SIDES: Final = tuple(name for name in SIDES if name not in ("public_access", "ownership", "notification"))

BUCKET: Final = ResourceType(
    name="aws_s3_bucket",
    list=BUCKETS,
    expand=here,
    id=At("Name"),
    by_id=lambda name, _: {"Name": name},
    natural_keys=(("bucket",),),
    details=details(*_BUCKET_SIDES),
    exists=lambda record, _: record["versioning"] is not None,
    attributes={
        "acceleration_status": At("acceleration.Status", default=""),
        "arn": _arn,
        "bucket": At("Name"),
        "bucket_domain_name": lambda record, scope: f"{record['Name']}.s3.{_domain(scope)}",
        "bucket_prefix": name_prefix("Name"),
        "bucket_regional_domain_name": lambda record, scope: f"{record['Name']}.s3.{scope.region}.{_domain(scope)}",
        "cors_rule": At(
            "cors",
            blocks(
                allowed_headers=At("AllowedHeaders", default=[]),
                allowed_methods=At("AllowedMethods", default=[]),
                allowed_origins=At("AllowedOrigins", default=[]),
                expose_headers=At("ExposeHeaders", default=[]),
                max_age_seconds=At("MaxAgeSeconds", default=0),
            ),
            [],
        ),
        "grant": At("acl.Grants", _grants, []),
        "hosted_zone_id": _zone,
        "id": At("Name"),
        "lifecycle_rule": At("lifecycle.Rules", lambda rules: [_lifecycle_rule(rule) for rule in rules], []),
        "logging": At("logging", block(target_bucket="TargetBucket", target_prefix=At("TargetPrefix", default="")), []),
        "object_lock_configuration": At("lock", _lock, []),
        "object_lock_enabled": At("lock.ObjectLockEnabled", choice({"Enabled": True}, otherwise=False), default=False),
        "policy": At("policy", document, ""),
        "region": lambda _, scope: scope.region,
        "replication_configuration": At("replication", _replication, []),
        "request_payer": At("payment.Payer"),
        "server_side_encryption_configuration": At("encryption", block(rule=At("Rules", default_encryption(), [])), []),
        "tags": tags("tags"),
        "versioning": lambda record, _: [
            {
                "enabled": dig(record, "versioning.Status") == "Enabled",
                "mfa_delete": dig(record, "versioning.MFADelete") == "Enabled",
            }
        ],
        "website": At("website", _website, []),
        "website_domain": website_domain,
        "website_endpoint": website_endpoint,
    },
    config_only=frozenset(("acl", "force_destroy")),
    semantics={"policy": Semantics.POLICY, "website.routing_rules": Semantics.JSON},
    writes=(Write(("s3:PutBucketTagging", "s3:DeleteBucketTagging"), TAG_ATTRIBUTES, _tag_bucket),),
    children=(
        Child("aws_s3_bucket_versioning", "bucket", ("versioning",), key="bucket"),
        Child("aws_s3_bucket_policy", "bucket", ("policy",), key="bucket"),
        Child("aws_s3_bucket_public_access_block", "bucket", (), key="bucket"),
        Child(
            "aws_s3_bucket_server_side_encryption_configuration",
            "bucket",
            ("server_side_encryption_configuration",),
            key="bucket",
        ),
        Child("aws_s3_bucket_lifecycle_configuration", "bucket", ("lifecycle_rule",), key="bucket"),
        Child("aws_s3_bucket_logging", "bucket", ("logging",), key="bucket"),
        Child("aws_s3_bucket_cors_configuration", "bucket", ("cors_rule",), key="bucket"),
        Child("aws_s3_bucket_acl", "bucket", ("acl", "grant"), key="bucket"),
        Child("aws_s3_bucket_notification", "bucket", (), key="bucket"),
        Child("aws_s3_bucket_ownership_controls", "bucket", (), key="bucket"),
        Child(
            "aws_s3_bucket_website_configuration",
            "bucket",
            ("website", "website_domain", "website_endpoint"),
            key="bucket",
        ),
        Child("aws_s3_bucket_accelerate_configuration", "bucket", ("acceleration_status",), key="bucket"),
        Child("aws_s3_bucket_request_payment_configuration", "bucket", ("request_payer",), key="bucket"),
        Child("aws_s3_bucket_replication_configuration", "bucket", ("replication_configuration",), key="bucket"),
        Child("aws_s3_bucket_object_lock_configuration", "bucket", ("object_lock_configuration",), key="bucket"),
    ),
)
