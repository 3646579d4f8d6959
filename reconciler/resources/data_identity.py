"""Data sources of who may do what: the caller, IAM, KMS, Secrets Manager."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import unquote_plus

from reconciler.model import UNKNOWN, Json
from reconciler.resources.convert import names, tags
from reconciler.resources.data_sources import Arguments, DataSource, argument, first, named
from reconciler.resources.spec import At, Getter, Read, Record, Scope

_NO_ENTITY: Final = frozenset(("NoSuchEntity",))
_NO_SECRET: Final = frozenset(("ResourceNotFoundException",))


def _as_written(value: Any) -> Any:
    """A policy as the provider has it: the very text. Where a client took it apart that text is lost."""
    return unquote_plus(value) if isinstance(value, str) else UNKNOWN


_CALLER: Final = DataSource(
    "aws_caller_identity",
    Read("sts:GetCallerIdentity"),
    {"account_id": At("Account"), "arn": At("Arn"), "id": At("Account"), "user_id": At("UserId")},
)

# -- IAM --------------------------------------------------------------------------------------------------------


def _last_used(record: Record, _scope: Scope) -> Any:
    if "RoleLastUsed" not in record:
        return []
    used = record["RoleLastUsed"]
    return [{"last_used_date": used.get("LastUsedDate") or "", "region": used.get("Region") or ""}]


_ROLE: Final = DataSource(
    "aws_iam_role",
    Read("iam:GetRole", "Role", {"RoleName": At("name")}, absent=_NO_ENTITY),
    {
        "arn": At("Arn"),
        "assume_role_policy": At("AssumeRolePolicyDocument", _as_written),
        "create_date": At("CreateDate"),
        "description": At("Description"),
        "id": At("RoleName"),
        "max_session_duration": At("MaxSessionDuration"),
        "name": At("RoleName"),
        "path": At("Path"),
        "permissions_boundary": At("PermissionsBoundary.PermissionsBoundaryArn"),
        "role_last_used": _last_used,
        "tags": tags(),
        "unique_id": At("RoleId"),
    },
)

_USER: Final = DataSource(
    "aws_iam_user",
    Read("iam:GetUser", "User", {"UserName": At("user_name")}, absent=_NO_ENTITY),
    {
        "arn": At("Arn"),
        "id": At("UserId"),
        "path": At("Path"),
        "permissions_boundary": At("PermissionsBoundary.PermissionsBoundaryArn", default=""),
        "tags": tags(),
        "user_id": At("UserId"),
        "user_name": At("UserName"),
    },
)


def _policies(found: Sequence[Record], arguments: Arguments) -> Sequence[Record]:
    arn, name = arguments.get("arn"), arguments.get("name")
    return [
        policy for policy in found if (not arn or policy["Arn"] == arn) and (not name or policy["PolicyName"] == name)
    ]


_POLICY: Final = DataSource(
    "aws_iam_policy",
    Read("iam:ListPolicies", "Policies", {"PathPrefix": At("path_prefix")}, page=1000),
    {
        "arn": At("Arn"),
        "attachment_count": first("policy", "AttachmentCount"),
        "description": first("policy", "Description"),
        "id": At("Arn"),
        "name": At("PolicyName"),
        "path": At("Path"),
        "policy": lambda r, _: _as_written(r["version"][0].get("Document") if r["version"] else None),
        "policy_id": At("PolicyId"),
        "tags": lambda r, scope: tags()(r["policy"][0], scope) if r["policy"] else {},
    },
    _policies,
    details={
        "policy": Read("iam:GetPolicy", "Policy", {"PolicyArn": At("Arn")}, absent=_NO_ENTITY),
        "version": Read(
            "iam:GetPolicyVersion",
            "PolicyVersion",
            {"PolicyArn": At("Arn"), "VersionId": At("DefaultVersionId")},
            absent=_NO_ENTITY,
        ),
    },
)

_ALIAS: Final = DataSource(
    "aws_iam_account_alias",
    Read("iam:ListAccountAliases", "AccountAliases", wrap="alias"),
    {"account_alias": At("alias"), "id": At("alias")},
    lambda found, _: found[:1],
)

# -- KMS --------------------------------------------------------------------------------------------------------

_NO_KEY: Final = frozenset(("NotFoundException",))


def _multi_region(found: Any) -> Json:
    def key(one: Any) -> Json:
        return {"arn": one.get("Arn"), "region": one.get("Region")}

    primary = found.get("PrimaryKey")
    return [
        {
            "multi_region_key_type": found.get("MultiRegionKeyType"),
            "primary_key": [key(primary)] if primary else [],
            "replica_keys": [key(one) for one in found.get("ReplicaKeys") or ()],
        }
    ]


def _key_attributes() -> dict[str, Getter]:
    same = {
        "arn": "Arn",
        "aws_account_id": "AWSAccountId",
        "creation_date": "CreationDate",
        "customer_master_key_spec": "CustomerMasterKeySpec",
        "description": "Description",
        "enabled": "Enabled",
        "id": "KeyId",
        "key_manager": "KeyManager",
        "key_spec": "KeySpec",
        "key_state": "KeyState",
        "key_usage": "KeyUsage",
        "multi_region": "MultiRegion",
        "origin": "Origin",
    }
    return {name: At(path) for name, path in same.items()}


_KEY: Final = DataSource(
    "aws_kms_key",
    Read(
        "kms:DescribeKey",
        "KeyMetadata",
        {"KeyId": At("key_id"), "GrantTokens": lambda arguments, _: arguments.get("grant_tokens") or None},
        absent=_NO_KEY,
    ),
    {
        **_key_attributes(),
        "multi_region_configuration": At("MultiRegionConfiguration", _multi_region, []),
    },
)

_KEY_ALIAS: Final = DataSource(
    "aws_kms_alias",
    Read("kms:ListAliases", "Aliases", page=100),
    {
        "arn": At("AliasArn"),
        "id": At("AliasArn"),
        "name": At("AliasName"),
        "target_key_arn": first("key", "Arn"),
        "target_key_id": first("key", "KeyId"),
    },
    named("AliasName"),
    # An alias of AWS's own has no key before its first use; asking for the key by the alias is what makes it.
    details={"key": Read("kms:DescribeKey", "KeyMetadata", {"KeyId": At("AliasArn")}, absent=_NO_KEY)},
)

# -- secrets ----------------------------------------------------------------------------------------------------

_SECRET: Final = DataSource(
    "aws_secretsmanager_secret",
    Read(
        "secretsmanager:DescribeSecret",
        "",
        {"SecretId": lambda arguments, _: arguments.get("arn") or arguments.get("name")},
        absent=_NO_SECRET,
    ),
    {
        "arn": At("ARN"),
        "created_date": At("CreatedDate"),
        "description": At("Description"),
        "id": At("ARN"),
        "kms_key_id": At("KmsKeyId"),
        "last_changed_date": At("LastChangedDate"),
        "name": At("Name"),
        "policy": first("policy", "ResourcePolicy", default=""),
        "tags": tags(),
    },
    details={"policy": Read("secretsmanager:GetResourcePolicy", "", {"SecretId": At("ARN")}, absent=_NO_SECRET)},
)


def _stage(arguments: Record, _scope: Scope) -> Json:
    return None if arguments.get("version_id") else arguments.get("version_stage") or "AWSCURRENT"


def _version_id(record: Record, scope: Scope) -> str:
    """By what was asked for: the stage may move on to another version."""
    arguments = record["arguments"]
    return f"{arguments['secret_id']}|{arguments.get('version_id') or _stage(arguments, scope)}"


_VERSION: Final = DataSource(
    "aws_secretsmanager_secret_version",
    Read(
        "secretsmanager:GetSecretValue",
        "",
        {"SecretId": At("secret_id"), "VersionId": At("version_id"), "VersionStage": _stage},
        absent=_NO_SECRET,
    ),
    {
        "arn": At("ARN"),
        "created_date": At("CreatedDate"),
        "id": _version_id,
        "secret_binary": At("SecretBinary", lambda _: UNKNOWN, ""),  # pyright: ignore[reportArgumentType]
        "secret_id": argument("secret_id"),
        "secret_string": At("SecretString"),
        "version_id": At("VersionId"),
        "version_stage": argument("version_stage", default="AWSCURRENT"),
        "version_stages": At("VersionStages", names, []),
    },
)

DATA_SOURCES: Final = (_ALIAS, _CALLER, _KEY, _KEY_ALIAS, _POLICY, _ROLE, _SECRET, _USER, _VERSION)
