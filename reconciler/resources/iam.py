"""Roles, policies and what ties them together: two bulk reads serve all roles of an account."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from reconciler.model import Json, Operation
from reconciler.resources.convert import document, last, name_prefix, names, parts, tags
from reconciler.resources.spec import (
    At,
    Bulk,
    Child,
    Read,
    Record,
    ResourceType,
    Scope,
    Semantics,
    Subject,
    Write,
)
from reconciler.resources.writing import operation, setter, tag_write

# One filter for all types, so that all of them share one call.
_DETAILS: Final = ("User", "Role", "Group", "LocalManagedPolicy")
DETAILS_FILTER: Final[Mapping[str, Any]] = {"Filter": list(_DETAILS)}
ACCOUNT_DETAILS: Final = "iam:GetAccountAuthorizationDetails"

_ROLES: Final = Read("iam:ListRoles", "Roles", page=1000)
ROLE_DETAILS: Final = Read(ACCOUNT_DETAILS, "RoleDetailList", DETAILS_FILTER, page=1000)
_POLICIES: Final = Read(ACCOUNT_DETAILS, "Policies", DETAILS_FILTER, page=1000)
_ABSENT: Final = frozenset(("NoSuchEntity",))


def boundary_of(kind: str, path: str) -> Read:
    """The limit of a "Role" or "User": what IAM's listings leave out of them, the details of the account may, too."""
    name = At(f"{kind}Name")
    single = Read(f"iam:Get{kind}", f"{kind}.PermissionsBoundary", {f"{kind}Name": name}, absent=_ABSENT)
    found = Bulk(f"{kind}Name", name, path="PermissionsBoundary", single=single, current=True)
    return Read(ACCOUNT_DETAILS, path, DETAILS_FILTER, page=1000, bulk=found)


def _inline_policies(value: Any) -> Json:
    found = [{"name": p["PolicyName"], "policy": document(p["PolicyDocument"])} for p in value]
    return cast("Json", sorted(found, key=lambda policy: policy["name"]))


def _service_linked(record: Record, _scope: Scope) -> bool:
    return str(record.get("Path", "")).startswith(("/aws-service-role/", "/aws-reserved/"))


# -- roles ----------------------------------------------------------------------------------------------------


def _set_inline(subject: Subject) -> Iterable[Operation]:
    before, after = (_named(side) for side in (subject.before, subject.after))
    for name in sorted(after):
        if before.get(name) != after[name]:
            given = {"RoleName": subject.id, "PolicyName": name, "PolicyDocument": after[name]}
            yield operation("iam:PutRolePolicy", given)
    for name in sorted(before.keys() - after.keys()):
        yield operation("iam:DeleteRolePolicy", {"RoleName": subject.id, "PolicyName": name})


def _named(side: Mapping[str, Json] | None) -> dict[str, Json]:
    return {str(policy["name"]): policy["policy"] for policy in parts(dict(side or {}), "inline_policy")}


def _attached(side: Mapping[str, Json] | None) -> set[str]:
    return set(cast("list[str]", (side or {}).get("managed_policy_arns") or []))


def _set_attached(subject: Subject) -> Iterable[Operation]:
    before, after = _attached(subject.before), _attached(subject.after)
    for arn in sorted(after - before):
        yield operation("iam:AttachRolePolicy", {"RoleName": subject.id, "PolicyArn": arn})
    for arn in sorted(before - after):
        yield operation("iam:DetachRolePolicy", {"RoleName": subject.id, "PolicyArn": arn})


def _set_boundary(subject: Subject) -> Iterable[Operation]:
    wanted = (subject.after or {}).get("permissions_boundary")
    if wanted:
        given = {"RoleName": subject.id, "PermissionsBoundary": wanted}
        yield operation("iam:PutRolePermissionsBoundary", given)
    else:
        yield operation("iam:DeleteRolePermissionsBoundary", {"RoleName": subject.id})


def _update_role(subject: Subject) -> Iterable[Operation]:
    """Both at once: what UpdateRole is not given it sets back to its default."""
    wanted = subject.known
    seconds = wanted.get("max_session_duration") or 3600
    given = {"RoleName": subject.id, "Description": wanted.get("description") or "", "MaxSessionDuration": seconds}
    yield operation("iam:UpdateRole", given)


_ROLE: Final = ResourceType(
    name="aws_iam_role",
    list=_ROLES,
    id=At("RoleName"),
    natural_keys=(("name",),),
    # Descriptions and session durations are in the listing alone, everything else in the details.
    details={
        "detail": Read(
            ACCOUNT_DETAILS, "RoleDetailList", DETAILS_FILTER, page=1000, bulk=Bulk("RoleName", At("RoleName"))
        ),
        "boundary": boundary_of("Role", "RoleDetailList"),
    },
    exists=lambda record, _: record["detail"] is not None,
    attributes={
        "arn": At("Arn"),
        "assume_role_policy": At("AssumeRolePolicyDocument", document),
        "create_date": At("CreateDate"),
        "description": At("Description", default=""),
        "id": At("RoleName"),
        "inline_policy": At("detail.RolePolicyList", _inline_policies, []),
        "managed_policy_arns": At(
            "detail.AttachedManagedPolicies", lambda found: names(policy["PolicyArn"] for policy in found), []
        ),
        "max_session_duration": At("MaxSessionDuration", default=3600),
        "name": At("RoleName"),
        "name_prefix": name_prefix("RoleName"),
        "path": At("Path"),
        "permissions_boundary": At("boundary.PermissionsBoundaryArn", default=""),
        "tags": tags("detail.Tags"),
        "unique_id": At("RoleId"),
    },
    config_only=frozenset(("force_detach_policies",)),
    semantics={"assume_role_policy": Semantics.POLICY, "inline_policy.policy": Semantics.POLICY},
    writes=(
        setter(
            "iam:UpdateAssumeRolePolicy", {"RoleName": "name"}, {"assume_role_policy": ("PolicyDocument", document)}
        ),
        Write(("iam:UpdateRole",), frozenset(("description", "max_session_duration")), _update_role),
        Write(("iam:PutRolePolicy", "iam:DeleteRolePolicy"), frozenset(("inline_policy",)), _set_inline),
        Write(("iam:AttachRolePolicy", "iam:DetachRolePolicy"), frozenset(("managed_policy_arns",)), _set_attached),
        Write(
            ("iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary"),
            frozenset(("permissions_boundary",)),
            _set_boundary,
        ),
        tag_write("iam:TagRole", "iam:UntagRole", {"RoleName": "name"}),
    ),
    aws_owned=_service_linked,
    children=(
        Child("aws_iam_role_policy", "role", ("inline_policy",), key="name"),
        Child("aws_iam_role_policy_attachment", "role", ("managed_policy_arns",), key="name"),
    ),
    regional=False,
)


# -- what a role may do ---------------------------------------------------------------------------------------


def _each_inline(record: Record, _scope: Scope) -> Iterable[Record]:
    return [
        {**policy, "Path": record["Path"], "RoleName": record["RoleName"]} for policy in parts(record, "RolePolicyList")
    ]


def _put_inline(subject: Subject) -> Iterable[Operation]:
    wanted = subject.known
    given = {"RoleName": wanted["role"], "PolicyName": wanted["name"], "PolicyDocument": wanted["policy"]}
    yield operation("iam:PutRolePolicy", given)


def _delete_inline(subject: Subject) -> Iterable[Operation]:
    there = subject.known
    yield operation("iam:DeleteRolePolicy", {"RoleName": there["role"], "PolicyName": there["name"]})


_ROLE_POLICY: Final = ResourceType(
    name="aws_iam_role_policy",
    list=ROLE_DETAILS,
    expand=_each_inline,
    id=lambda record, _: f"{record['RoleName']}:{record['PolicyName']}",
    natural_keys=(("role", "name"),),
    attributes={
        "id": lambda record, _: f"{record['RoleName']}:{record['PolicyName']}",
        "name": At("PolicyName"),
        "name_prefix": name_prefix("PolicyName"),
        "policy": At("PolicyDocument", document),
        "role": At("RoleName"),
    },
    semantics={"policy": Semantics.POLICY},
    writes=(Write(("iam:PutRolePolicy",), frozenset(("policy",)), _put_inline),),
    create=Write(("iam:PutRolePolicy",), frozenset(), _put_inline),
    delete=Write(("iam:DeleteRolePolicy",), frozenset(), _delete_inline),
    aws_owned=_service_linked,
    regional=False,
)


def _each_attached(record: Record, _scope: Scope) -> Iterable[Record]:
    return [
        {**policy, "Path": record["Path"], "RoleName": record["RoleName"]}
        for policy in parts(record, "AttachedManagedPolicies")
    ]


def _attachment(verb: str) -> Write:
    name = f"iam:{verb}RolePolicy"

    def build(subject: Subject) -> Iterable[Operation]:
        yield operation(name, {"RoleName": subject.known["role"], "PolicyArn": subject.known["policy_arn"]})

    return Write((name,), frozenset(), build)


_ATTACHMENT: Final = ResourceType(
    name="aws_iam_role_policy_attachment",
    list=ROLE_DETAILS,
    expand=_each_attached,
    id=lambda record, _: f"{record['RoleName']}/{record['PolicyArn']}",
    id_from_live=False,
    natural_keys=(("role", "policy_arn"),),
    attributes={"policy_arn": At("PolicyArn"), "role": At("RoleName")},
    config_only=frozenset(("id",)),
    create=_attachment("Attach"),
    delete=_attachment("Detach"),
    aws_owned=_service_linked,
    regional=False,
)

# -- managed policies -----------------------------------------------------------------------------------------


def _default_version(record: Record, _scope: Scope) -> str | None:
    for version in parts(record, "PolicyVersionList"):
        if version.get("IsDefaultVersion"):
            return document(version["Document"])
    return None


def _new_version(subject: Subject) -> Iterable[Operation]:
    """A managed policy keeps five versions: the reader of the plan sees a refusal of the sixth, nothing is lost."""
    wanted = (subject.after or {})["policy"]
    yield operation(
        "iam:CreatePolicyVersion", {"PolicyArn": subject.known["arn"], "PolicyDocument": wanted, "SetAsDefault": True}
    )


_POLICY: Final = ResourceType(
    name="aws_iam_policy",
    list=_POLICIES,
    id=At("Arn"),
    natural_keys=(("path", "name"),),
    # Descriptions and tags are told for one policy at a time.
    details={"policy": Read("iam:GetPolicy", "Policy", {"PolicyArn": At("Arn")}, absent=_ABSENT)},
    exists=lambda record, _: record["policy"] is not None,
    attributes={
        "arn": At("Arn"),
        "attachment_count": At("AttachmentCount", default=0),
        "description": At("policy.Description", default=""),
        "id": At("Arn"),
        "name": last("Arn"),
        "name_prefix": name_prefix("Arn", "/"),
        "path": At("Arn", lambda arn: re.sub(r"^.*:policy(/.*/|/)[^/]*$", r"\1", str(arn))),
        "policy": _default_version,
        "policy_id": At("policy.PolicyId"),
        "tags": tags("policy.Tags"),
    },
    semantics={"policy": Semantics.POLICY},
    writes=(
        Write(("iam:CreatePolicyVersion",), frozenset(("policy",)), _new_version),
        tag_write("iam:TagPolicy", "iam:UntagPolicy", {"PolicyArn": "arn"}),
    ),
    regional=False,
)

TYPES: Final = (_ROLE, _ROLE_POLICY, _ATTACHMENT, _POLICY)
