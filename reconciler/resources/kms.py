"""KMS: keys and their policies, aliases, grants."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import document, name_prefix, parts, tags
from reconciler.resources.reading import tags_in_bulk
from reconciler.resources.shapes import Shape, getters, mapping, names_of, value, write
from reconciler.resources.spec import At, Bulk, Child, Read, Record, ResourceType, Scope, Semantics, Subject, Write, dig
from reconciler.resources.writing import operation, tag_list, tag_write

_GONE: Final = frozenset(("NotFoundException",))
_KEYS: Final = Read("kms:ListKeys", "Keys")
_METADATA: Final = Read("kms:DescribeKey", "KeyMetadata", {"KeyId": At("KeyId")}, absent=_GONE)


def _is_ours(record: Record, _scope: Scope) -> bool:
    """Not one that AWS manages for itself."""
    return bool(dig(record["metadata"], "KeyManager") == "CUSTOMER")


def _is_here(record: Record, _scope: Scope) -> bool:
    """A key that waits for its deletion is gone for Terraform; a replica is a type of its own."""
    found = record["metadata"]
    kind = dig(found, "MultiRegionConfiguration.MultiRegionKeyType")
    return found is not None and found.get("KeyState") != "PendingDeletion" and kind != "REPLICA"


_ALIASES: Final = Read("kms:ListAliases", "Aliases", page=100)

_KEY_POLICY_READ: Final = Read(
    "kms:GetKeyPolicy",
    "Policy",
    {"KeyId": At("KeyId"), "PolicyName": "default"},
    when=_is_ours,
    absent=_GONE,
)

# -- keys -----------------------------------------------------------------------------------------------------


def _set_description(subject: Subject) -> Iterable[Operation]:
    text = (subject.after or {}).get("description") or ""
    yield operation("kms:UpdateKeyDescription", {"KeyId": subject.id, "Description": text})


def _set_enabled(subject: Subject) -> Iterable[Operation]:
    off = (subject.after or {}).get("is_enabled") is False
    yield operation("kms:DisableKey" if off else "kms:EnableKey", {"KeyId": subject.id})


def _set_rotation(subject: Subject) -> Iterable[Operation]:
    wanted = subject.after or {}
    if wanted.get("enable_key_rotation"):
        days = wanted.get("rotation_period_in_days") or None
        yield operation("kms:EnableKeyRotation", {"KeyId": subject.id, "RotationPeriodInDays": days})
    else:
        yield operation("kms:DisableKeyRotation", {"KeyId": subject.id})


def _default_policy(scope: Scope) -> str:
    """What a key has that was made without a policy: the account decides."""
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{scope.partition}:iam::{scope.account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps({"Id": "default", "Version": "2012-10-17", "Statement": [statement]})


def _put_policy(subject: Subject) -> Iterable[Operation]:
    policy = (subject.after or {}).get("policy") or _default_policy(subject.scope)
    key = subject.known.get("key_id") or subject.id
    yield operation("kms:PutKeyPolicy", {"KeyId": key, "PolicyName": "default", "Policy": policy})


def _is_reserved(alias: str) -> bool:
    return alias.startswith("alias/aws/")


_KEY: Final = ResourceType(
    name="aws_kms_key",
    list=_KEYS,
    id=At("KeyId"),
    by_id=lambda id_, _: {"KeyId": id_},
    natural_keys=(("description",), ("tags.Name",)),
    key_from_list=False,
    details={
        "aliases": replace(_ALIASES, bulk=Bulk("TargetKeyId", At("KeyId"), many=True, path="AliasName")),
        "metadata": _METADATA,
        "policy": _KEY_POLICY_READ,
        "rotation": Read(
            "kms:GetKeyRotationStatus",
            "",
            {"KeyId": At("KeyId")},
            when=lambda record, scope: _is_ours(record, scope) and record["metadata"].get("Origin") == "AWS_KMS",
            absent=_GONE | {"UnsupportedOperationException"},
        ),
        "tags": tags_in_bulk(
            "kms:key",
            At("metadata.Arn"),
            Read("kms:ListResourceTags", "Tags", {"KeyId": At("KeyId")}, when=_is_ours, absent=_GONE),
        ),
    },
    exists=_is_here,
    attributes={
        "arn": At("metadata.Arn"),
        "custom_key_store_id": At("metadata.CustomKeyStoreId", default=""),
        "customer_master_key_spec": At("metadata.CustomerMasterKeySpec"),
        "description": At("metadata.Description", default=""),
        "enable_key_rotation": At("rotation.KeyRotationEnabled", default=False),
        "id": At("KeyId"),
        "is_enabled": At("metadata.Enabled", default=False),
        "key_id": At("KeyId"),
        "key_usage": At("metadata.KeyUsage"),
        "multi_region": At("metadata.MultiRegion", default=False),
        "policy": At("policy", document),
        "rotation_period_in_days": At("rotation.RotationPeriodInDays", default=0),
        "tags": tags("tags"),
        "xks_key_id": At("metadata.XksKeyConfiguration.Id", default=""),
    },
    config_only=frozenset(("bypass_policy_lockout_safety_check", "deletion_window_in_days")),
    semantics={"policy": Semantics.POLICY},
    writes=(
        Write(("kms:UpdateKeyDescription",), frozenset(("description",)), _set_description),
        Write(("kms:EnableKey", "kms:DisableKey"), frozenset(("is_enabled",)), _set_enabled),
        Write(
            ("kms:EnableKeyRotation", "kms:DisableKeyRotation"),
            frozenset(("enable_key_rotation", "rotation_period_in_days")),
            _set_rotation,
        ),
        Write(("kms:PutKeyPolicy",), frozenset(("policy",)), _put_policy),
        tag_write(
            "kms:TagResource",
            "kms:UntagResource",
            {"KeyId": "id"},
            form=lambda given: tag_list(given, "TagKey", "TagValue"),
        ),
    ),
    aws_owned=lambda record, scope: not _is_ours(record, scope) or any(map(_is_reserved, record["aliases"])),
    children=(Child("aws_kms_key_policy", "key_id", ("policy",), key="key_id"),),
)

# -- policies of keys -----------------------------------------------------------------------------------------


def _is_default_policy(record: Record, scope: Scope) -> bool:
    """AWS's own key's, or one that leaves all to the account."""
    if not _is_ours(record, scope):
        return True
    statements = parts(json.loads(record["policy"] or "{}"), "Statement")
    return [statement.get("Sid") for statement in statements] == ["Enable IAM User Permissions"]


_KEY_POLICY: Final = ResourceType(
    name="aws_kms_key_policy",
    list=_KEYS,
    id=At("KeyId"),
    by_id=lambda id_, _: {"KeyId": id_},
    natural_keys=(("key_id",),),
    key_from_list=False,
    details={"metadata": _METADATA, "policy": _KEY_POLICY_READ},
    exists=lambda record, scope: _is_here(record, scope) and bool(record["policy"]),
    attributes={"id": At("KeyId"), "key_id": At("KeyId"), "policy": At("policy", document)},
    config_only=frozenset(("bypass_policy_lockout_safety_check",)),
    semantics={"key_id": Semantics.NAME_OR_ARN, "policy": Semantics.POLICY},
    writes=(Write(("kms:PutKeyPolicy",), frozenset(("policy",)), _put_policy),),
    create=Write(("kms:PutKeyPolicy",), frozenset(), _put_policy),
    delete=Write(("kms:PutKeyPolicy",), frozenset(), _put_policy),
    aws_owned=_is_default_policy,
)

# -- aliases --------------------------------------------------------------------------------------------------


def _target_arn(record: Record, _scope: Scope) -> str:
    return f"{str(record['AliasArn']).split(':alias/', 1)[0]}:key/{record['TargetKeyId']}"


def _put_alias(subject: Subject) -> Iterable[Operation]:
    wanted = subject.known
    name = "kms:CreateAlias" if subject.before is None else "kms:UpdateAlias"
    given: dict[str, Json] = {"AliasName": wanted["name"], "TargetKeyId": wanted["target_key_id"]}
    yield operation(name, given)


def _delete_alias(subject: Subject) -> Iterable[Operation]:
    yield operation("kms:DeleteAlias", {"AliasName": subject.known["name"]})


_ALIAS: Final = ResourceType(
    name="aws_kms_alias",
    list=_ALIASES,
    # AWS reserves some names before there is a key for them.
    expand=lambda record, _: [record] if record.get("TargetKeyId") else [],
    id=At("AliasName"),
    natural_keys=(("name",),),
    attributes={
        "arn": At("AliasArn"),
        "id": At("AliasName"),
        "name": At("AliasName"),
        "name_prefix": name_prefix("AliasName"),
        "target_key_arn": _target_arn,
        "target_key_id": At("TargetKeyId"),
    },
    semantics={"target_key_id": Semantics.NAME_OR_ARN},
    writes=(Write(("kms:UpdateAlias",), frozenset(("target_key_id",)), _put_alias),),
    create=Write(("kms:CreateAlias",), frozenset(), _put_alias),
    delete=Write(("kms:DeleteAlias",), frozenset(), _delete_alias),
    aws_owned=lambda record, _: _is_reserved(str(record["AliasName"])),
)

# -- grants ---------------------------------------------------------------------------------------------------

_CONSTRAINTS: Final[Shape] = {
    "encryption_context_equals": mapping("EncryptionContextEquals"),
    "encryption_context_subset": mapping("EncryptionContextSubset"),
}
_GRANT_PARAMETERS: Final[Shape] = {
    "grantee_principal": value("GranteePrincipal"),
    "name": value("Name"),
    "operations": names_of("Operations"),
    "retiring_principal": value("RetiringPrincipal"),
}


def _grant_id(record: Record, _scope: Scope) -> str:
    return f"{record['parent']['KeyId']}:{record['GrantId']}"


def _constraints(record: Record, _scope: Scope) -> Json:
    found = record.get("Constraints")
    return [{name: dig(found, field.key) or {} for name, field in _CONSTRAINTS.items()}] if found else []


def _create_grant(subject: Subject) -> Iterable[Operation]:
    wanted: Any = subject.known
    constraints = next((write(_CONSTRAINTS, block) for block in wanted.get("constraints") or ()), None)
    yield operation(
        "kms:CreateGrant",
        {"KeyId": wanted["key_id"], **write(_GRANT_PARAMETERS, wanted), "Constraints": constraints or None},
    )


def _revoke_grant(subject: Subject) -> Iterable[Operation]:
    """By the id that AWS gave it; one that is yet to be made has none."""
    grant = subject.known.get("grant_id")
    if grant:
        yield operation("kms:RevokeGrant", {"KeyId": subject.known["key_id"], "GrantId": grant})


def _by_service(record: Record, _scope: Scope) -> bool:
    """Services give grants to themselves as they come to use a key."""
    principals = (str(record.get(name) or "") for name in ("GranteePrincipal", "RetiringPrincipal"))
    return any(principal.endswith(".amazonaws.com") for principal in principals)


_GRANT: Final = ResourceType(
    name="aws_kms_grant",
    list=Read(
        "kms:ListGrants",
        "Grants",
        {"KeyId": At("KeyId")},
        under=_KEYS,
        hides={"key_id": At("KeyId")},
        absent=_GONE,
        page=100,
    ),
    id=_grant_id,
    natural_keys=(("name", "key_id", "grantee_principal"),),
    attributes={
        **getters(_GRANT_PARAMETERS),
        "constraints": _constraints,
        "grant_id": At("GrantId"),
        "id": _grant_id,
        "key_id": At("parent.KeyId"),
    },
    config_only=frozenset(("grant_creation_tokens", "retire_on_delete")),
    unchecked=frozenset(("grant_token",)),  # told once, to who made the grant
    semantics={"key_id": Semantics.NAME_OR_ARN},
    create=Write(("kms:CreateGrant",), frozenset(), _create_grant),
    delete=Write(("kms:RevokeGrant",), frozenset(), _revoke_grant),
    aws_owned=_by_service,
)

TYPES: Final = (_KEY, _KEY_POLICY, _ALIAS, _GRANT)
