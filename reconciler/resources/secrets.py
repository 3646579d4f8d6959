"""Secrets Manager: secrets, their versions, policies and rotation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import document, name_prefix, names, part, parts, tags
from reconciler.resources.shapes import Shape, many, number, told, value, write
from reconciler.resources.spec import (
    At,
    Attributes,
    Bulk,
    Child,
    Getter,
    Read,
    Record,
    ResourceType,
    Scope,
    Semantics,
    Subject,
    Write,
    dig,
)
from reconciler.resources.writing import operation, setter, tag_write

_GONE: Final = frozenset(("ResourceNotFoundException",))
# What can't be had of a secret that is marked for deletion.
_DELETED: Final = _GONE | {"InvalidRequestException"}
_SECRETS: Final = Read("secretsmanager:ListSecrets", "SecretList", page=100)
_DESCRIBE: Final = Read("secretsmanager:DescribeSecret", "", {"SecretId": At("ARN")}, absent=_GONE)
# The listing tells all but replicas, a few minutes late.
_SECRET: Final = Read(
    "secretsmanager:ListSecrets",
    "SecretList",
    page=100,
    bulk=Bulk("ARN", At("ARN"), single=_DESCRIBE),
)
_POLICY_READ: Final = Read(
    "secretsmanager:GetResourcePolicy", "ResourcePolicy", {"SecretId": At("ARN")}, absent=_DELETED
)


def _is_here(record: Record, _scope: Scope) -> bool:
    return record["secret"] is not None and not record["secret"].get("DeletedDate")


def _of_service(record: Record, _scope: Scope) -> bool:
    """Made and kept by an AWS service for itself."""
    return bool(record.get("OwningService"))


def _by_arn(arn: str, _scope: Scope) -> Record:
    return {"ARN": arn}


def _name(record: Record, _scope: Scope) -> Any:
    return record.get("Name") or dig(record, "secret.Name")


# -- secrets --------------------------------------------------------------------------------------------------

_REPLICA: Final[Shape] = {
    "kms_key_id": value("KmsKeyId"),
    "last_accessed_date": told("LastAccessedDate"),
    "region": value("Region"),
    "status": told("Status"),
    "status_message": told("StatusMessage"),
}
_REPLICAS: Final[Shape] = {"replica": many("ReplicationStatus", _REPLICA)}


def _put_policy(subject: Subject) -> Iterable[Operation]:
    policy = (subject.after or {}).get("policy")
    secret = subject.known.get("secret_arn") or subject.id
    if policy and policy != "{}":
        given: dict[str, Json] = {"SecretId": secret, "ResourcePolicy": policy}
        yield operation("secretsmanager:PutResourcePolicy", given)
    else:
        yield operation("secretsmanager:DeleteResourcePolicy", {"SecretId": secret})


def _replicas(side: Any) -> dict[str, Json]:
    return {block["region"]: write(_REPLICA, block) for block in parts(dict(side or {}), "replica")}


def _set_replicas(subject: Subject) -> Iterable[Operation]:
    before, after = _replicas(subject.before), _replicas(subject.after)
    gone = sorted(region for region, replica in before.items() if after.get(region) != replica)
    added: list[Json] = [replica for region, replica in sorted(after.items()) if before.get(region) != replica]
    if gone:
        given: dict[str, Json] = {"SecretId": subject.id, "RemoveReplicaRegions": list(gone)}
        yield operation("secretsmanager:RemoveRegionsFromReplication", given)
    if added:
        yield operation("secretsmanager:ReplicateSecretToRegions", {"SecretId": subject.id, "AddReplicaRegions": added})


_SECRET_TYPE: Final = ResourceType(
    name="aws_secretsmanager_secret",
    list=_SECRETS,
    id=At("ARN"),
    by_id=_by_arn,
    natural_keys=(("name",),),
    details={
        "secret": _SECRET,
        "policy": _POLICY_READ,
        "replicas": Read(
            "secretsmanager:DescribeSecret",
            "ReplicationStatus",
            {"SecretId": At("ARN")},
            when=lambda record, _: bool(dig(record["secret"], "PrimaryRegion")),
            absent=_GONE,
        ),
    },
    exists=_is_here,
    attributes={
        "arn": At("ARN"),
        "description": At("secret.Description", default=""),
        "id": At("ARN"),
        "kms_key_id": At("secret.KmsKeyId", default=""),
        "name": _name,
        "name_prefix": lambda record, scope: name_prefix("")(_name(record, scope), scope),
        "policy": At("policy", document, ""),
        "replica": lambda record, _: _REPLICAS["replica"].read(record["replicas"] or []),
        "tags": tags("secret.Tags"),
    },
    config_only=frozenset(("force_overwrite_replica_secret", "recovery_window_in_days")),
    semantics={"policy": Semantics.POLICY},
    writes=(
        setter(
            "secretsmanager:UpdateSecret",
            {"SecretId": "id"},
            {
                "description": ("Description", lambda wanted: wanted or ""),
                "kms_key_id": ("KmsKeyId", lambda wanted: wanted or ""),
            },
        ),
        Write(
            ("secretsmanager:PutResourcePolicy", "secretsmanager:DeleteResourcePolicy"),
            frozenset(("policy",)),
            _put_policy,
        ),
        Write(
            ("secretsmanager:ReplicateSecretToRegions", "secretsmanager:RemoveRegionsFromReplication"),
            frozenset(("replica",)),
            _set_replicas,
        ),
        tag_write("secretsmanager:TagResource", "secretsmanager:UntagResource", {"SecretId": "id"}),
    ),
    aws_owned=_of_service,
    children=(Child("aws_secretsmanager_secret_policy", "secret_arn", ("policy",), key="arn"),),
)

# -- versions -------------------------------------------------------------------------------------------------

_PASSING: Final = frozenset(("AWSPREVIOUS", "AWSPENDING"))


def _versions(record: Record, _scope: Scope) -> Iterable[Record]:
    for version, stages in part(record, "SecretVersionsToStages").items():
        yield {**record, "VersionId": version, "Stages": stages}


def _passing(record: Record, scope: Scope) -> bool:
    """What a rotation or a change left or prepares, or what a service keeps."""
    return _of_service(record, scope) or not set(record["Stages"]) - _PASSING


def _version_by_id(id_: str, _scope: Scope) -> Record:
    arn, _, version = id_.partition("|")
    return {"ARN": arn, "VersionId": version}


def _stages(side: Attributes | None) -> set[str]:
    return set(dig(dict(side or {}), "version_stages") or ())


def _current_moves(subject: Subject) -> Iterable[str]:
    return ["version_stages"] if "AWSCURRENT" in _stages(subject.after) ^ _stages(subject.before) else []


def _set_stages(subject: Subject) -> Iterable[Operation]:
    """AWSCURRENT is always on some version, and AWS moves it only if told which: that is not known here."""
    before, after = _stages(subject.before), _stages(subject.after)
    named: dict[str, Json] = {"SecretId": subject.known["secret_id"]}
    version = subject.known["version_id"]
    for stage in sorted(after - before - {"AWSCURRENT"}):
        yield operation(
            "secretsmanager:UpdateSecretVersionStage", {**named, "VersionStage": stage, "MoveToVersionId": version}
        )
    for stage in sorted(before - after - {"AWSCURRENT"}):
        yield operation(
            "secretsmanager:UpdateSecretVersionStage", {**named, "VersionStage": stage, "RemoveFromVersionId": version}
        )


_VERSION: Final = ResourceType(
    name="aws_secretsmanager_secret_version",
    list=_SECRETS,
    expand=_versions,
    id=lambda record, _: f"{record['ARN']}|{record['VersionId']}",
    by_id=_version_by_id,
    natural_keys=(("secret_id",),),
    details={
        "value": Read(
            "secretsmanager:GetSecretValue",
            "",
            {"SecretId": At("ARN"), "VersionId": At("VersionId")},
            absent=_DELETED,
        )
    },
    exists=lambda record, _: record["value"] is not None,
    attributes={
        "arn": At("ARN"),
        "id": lambda record, _: f"{record['ARN']}|{record['VersionId']}",
        "secret_binary": At("value.SecretBinary", default=""),
        "secret_id": At("ARN"),
        "secret_string": At("value.SecretString", default=""),
        "version_id": At("VersionId"),
        "version_stages": At("value.VersionStages", names, []),
    },
    config_only=frozenset(("has_secret_string_wo", "secret_string_wo", "secret_string_wo_version")),
    semantics={"secret_id": Semantics.NAME_OR_ARN},
    writes=(
        Write(
            ("secretsmanager:UpdateSecretVersionStage",),
            frozenset(("version_stages",)),
            _set_stages,
            stuck=_current_moves,
        ),
    ),
    aws_owned=_passing,
)

# -- policies -------------------------------------------------------------------------------------------------

_POLICY: Final = ResourceType(
    name="aws_secretsmanager_secret_policy",
    list=_SECRETS,
    id=At("ARN"),
    by_id=_by_arn,
    natural_keys=(("secret_arn",),),
    details={"policy": _POLICY_READ},
    exists=lambda record, _: bool(record["policy"]),
    emptied=lambda arn: {"id": arn, "policy": "", "secret_arn": arn},
    attributes={"id": At("ARN"), "policy": At("policy", document), "secret_arn": At("ARN")},
    config_only=frozenset(("block_public_policy",)),
    semantics={"policy": Semantics.POLICY},
    writes=(
        Write(
            ("secretsmanager:PutResourcePolicy", "secretsmanager:DeleteResourcePolicy"),
            frozenset(("policy",)),
            _put_policy,
        ),
    ),
    create=Write(("secretsmanager:PutResourcePolicy",), frozenset(), _put_policy),
    delete=Write(("secretsmanager:DeleteResourcePolicy",), frozenset(), _put_policy),
    aws_owned=_of_service,
)

# -- rotation -------------------------------------------------------------------------------------------------

_RULES: Final[Shape] = {
    "automatically_after_days": number("AutomaticallyAfterDays"),
    "duration": value("Duration"),
    "schedule_expression": value("ScheduleExpression"),
}


def _while_enabled(getter: Getter, otherwise: Json) -> Getter:
    def get(record: Record, scope: Scope) -> Json:
        return getter(record, scope) if dig(record["secret"], "RotationEnabled") else otherwise

    return get


def _rules(record: Record, _scope: Scope) -> Json:
    """AWS computes days from a schedule; the code has the one or the other."""
    found: Mapping[str, Any] = part(record, "secret.RotationRules")
    scheduled = found.get("ScheduleExpression") or ""
    days = 0 if scheduled else found.get("AutomaticallyAfterDays") or 0
    duration = found.get("Duration") or ""
    return [{"automatically_after_days": days, "duration": duration, "schedule_expression": scheduled}]


def _rotate(subject: Subject) -> Iterable[Operation]:
    """Sets when and by whom it is rotated, without rotating it now."""
    wanted: Any = subject.known
    rules = next((write(_RULES, block) for block in wanted["rotation_rules"]), None)
    yield operation(
        "secretsmanager:RotateSecret",
        {
            "SecretId": wanted["secret_id"],
            "RotationLambdaARN": wanted.get("rotation_lambda_arn") or None,
            "RotationRules": rules or None,
            "RotateImmediately": False,
        },
    )


def _cancel(subject: Subject) -> Iterable[Operation]:
    yield operation("secretsmanager:CancelRotateSecret", {"SecretId": subject.known["secret_id"]})


_ROTATION: Final = ResourceType(
    name="aws_secretsmanager_secret_rotation",
    list=_SECRETS,
    id=At("ARN"),
    by_id=_by_arn,
    natural_keys=(("secret_id",),),
    details={"secret": _SECRET},
    exists=_is_here,
    attributes={
        "id": At("ARN"),
        "rotation_enabled": At("secret.RotationEnabled", default=False),
        "rotation_lambda_arn": _while_enabled(At("secret.RotationLambdaARN", default=""), ""),
        "rotation_rules": _while_enabled(_rules, []),
        "secret_id": At("ARN"),
    },
    config_only=frozenset(("rotate_immediately",)),
    semantics={"secret_id": Semantics.NAME_OR_ARN},
    writes=(Write(("secretsmanager:RotateSecret",), frozenset(("rotation_lambda_arn", "rotation_rules")), _rotate),),
    create=Write(("secretsmanager:RotateSecret",), frozenset(), _rotate),
    delete=Write(("secretsmanager:CancelRotateSecret",), frozenset(), _cancel),
    # A secret that nothing rotates has no rotation to be managed.
    aws_owned=lambda record, scope: _of_service(record, scope) or not record.get("RotationEnabled"),
)

TYPES: Final = (_SECRET_TYPE, _VERSION, _POLICY, _ROTATION)
