"""The resources that each hold one side of a bucket (the bucket itself: s3_bucket.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, cast

from reconciler.model import Json, Operation
from reconciler.resources.convert import block, boolean, document, parts
from reconciler.resources.s3_bucket import BUCKET, BUCKETS, default_encryption, details, here
from reconciler.resources.spec import At, Attributes, Record, ResourceType, Semantics, Subject, Write, dig
from reconciler.resources.writing import operation

Build = Callable[[Attributes], Mapping[str, Json]]


def side_type(
    name: str,
    side: str,
    attributes: Mapping[str, At],
    put: tuple[str, Build],
    remove: tuple[str, Build],
    *,
    config_only: frozenset[str] = frozenset(),
    semantics: Mapping[str, Semantics] | None = None,
    actions: tuple[str, ...] = (),
    exists: Callable[[Record], bool] | None = None,
    emptied: Mapping[str, Json] | None = None,
) -> ResourceType:
    """A resource that is one side of a bucket. `put` and `remove`: an operation and what it takes beside the bucket."""

    def build(subject: Subject) -> Iterable[Operation]:
        name, make = put if subject.after else remove
        yield operation(name, {"Bucket": subject.known["bucket"], **make(subject.after or {})})

    operations = tuple(dict.fromkeys((put[0], remove[0])))
    return ResourceType(
        name=name,
        list=BUCKETS,
        expand=here,
        id=At("Name"),
        by_id=lambda bucket, _: {"Name": bucket},
        natural_keys=(("bucket",),),
        details=details(side),
        exists=lambda record, _: exists(record) if exists else bool(record[side]),
        emptied=(lambda name: {"bucket": name, "id": name, **emptied}) if emptied else None,
        attributes={"bucket": At("Name"), "id": At("Name"), **attributes},
        config_only=config_only,
        semantics=semantics or {},
        writes=(Write((put[0],), frozenset(attributes), build, actions),),
        create=Write(operations, frozenset(), build, actions),
        delete=Write(operations, frozenset(), build, actions),
    )


def nothing(_attributes: Attributes) -> Mapping[str, Json]:
    return {}


def _versioning(status: Json, mfa: Json = None) -> Mapping[str, Json]:
    given = {"Status": "Enabled" if status == "Enabled" else "Suspended", "MFADelete": mfa or None}
    return {"VersioningConfiguration": {key: value for key, value in given.items() if value is not None}}


def _wanted_versioning(attributes: Attributes) -> Mapping[str, Json]:
    (wanted,) = cast("list[dict[str, Json]]", attributes["versioning_configuration"])
    return _versioning(wanted["status"])


_VERSIONING: Final = side_type(
    "aws_s3_bucket_versioning",
    "versioning",
    {
        "versioning_configuration": At(
            "versioning", block(mfa_delete=At("MFADelete", default=""), status=At("Status")), []
        )
    },
    ("s3:PutBucketVersioning", _wanted_versioning),
    ("s3:PutBucketVersioning", lambda _: _versioning("Suspended")),
    config_only=frozenset(("expected_bucket_owner", "mfa")),
    exists=lambda record: bool(dig(record, "versioning.Status")),
)

_BLOCKS: Final = {
    "block_public_acls": "BlockPublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "ignore_public_acls": "IgnorePublicAcls",
    "restrict_public_buckets": "RestrictPublicBuckets",
}

_PUBLIC_ACCESS_SIDE: Final = side_type(
    "aws_s3_bucket_public_access_block",
    "public_access",
    {name: At(f"public_access.{key}", boolean, default=False) for name, key in _BLOCKS.items()},
    (
        "s3:PutPublicAccessBlock",
        lambda wanted: {
            "PublicAccessBlockConfiguration": {key: bool(wanted.get(name)) for name, key in _BLOCKS.items()}
        },
    ),
    ("s3:DeletePublicAccessBlock", nothing),
    actions=("s3:PutBucketPublicAccessBlock",),
)


def _closed(told: Attributes) -> bool:
    """S3 makes every new bucket so."""
    return all(told.get(name) for name in _BLOCKS)


_PUBLIC_ACCESS: Final = replace(_PUBLIC_ACCESS_SIDE, usual=_closed)

_POLICY: Final = side_type(
    "aws_s3_bucket_policy",
    "policy",
    {"policy": At("policy", document)},
    ("s3:PutBucketPolicy", lambda wanted: {"Policy": wanted["policy"]}),
    ("s3:DeleteBucketPolicy", nothing),
    semantics={"policy": Semantics.POLICY},
)


def _wanted_encryption(attributes: Attributes) -> Mapping[str, Json]:
    rules: list[Json] = []
    for rule in cast("list[dict[str, Any]]", attributes["rule"]):
        given: dict[str, Json] = {"BucketKeyEnabled": bool(rule.get("bucket_key_enabled"))}
        for default in rule.get("apply_server_side_encryption_by_default") or ():
            key = default.get("kms_master_key_id")
            given["ApplyServerSideEncryptionByDefault"] = {
                "SSEAlgorithm": default["sse_algorithm"],
                **({"KMSMasterKeyID": key} if key else {}),
            }
        rules.append(given)
    return {"ServerSideEncryptionConfiguration": {"Rules": rules}}


def _with_own_keys(told: Attributes) -> bool:
    """S3 encrypts every bucket with keys of its own, until it is told otherwise."""
    return [
        (default.get("sse_algorithm"), bool(rule.get("bucket_key_enabled")))
        for rule in parts(dict(told), "rule")
        for default in parts(rule, "apply_server_side_encryption_by_default")
    ] == [("AES256", False)]


_ENCRYPTION_SIDE: Final = side_type(
    "aws_s3_bucket_server_side_encryption_configuration",
    "encryption",
    {"rule": At("encryption.Rules", default_encryption(), [])},
    ("s3:PutBucketEncryption", _wanted_encryption),
    ("s3:DeleteBucketEncryption", nothing),
    config_only=frozenset(("expected_bucket_owner",)),
    actions=("s3:PutEncryptionConfiguration",),
)

_ENCRYPTION: Final = replace(_ENCRYPTION_SIDE, usual=_with_own_keys)

TYPES: Final = (BUCKET, _VERSIONING, _PUBLIC_ACCESS, _POLICY, _ENCRYPTION)
