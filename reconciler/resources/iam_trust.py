"""Instance profiles, identity providers and service-linked roles: who may become a role."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

from reconciler.model import Json, Operation
from reconciler.resources.convert import name_prefix, parts, tags
from reconciler.resources.iam import ACCOUNT_DETAILS, DETAILS_FILTER
from reconciler.resources.spec import At, Bulk, Read, Record, ResourceType, Scope, Semantics, Subject, Write
from reconciler.resources.writing import operation, setter, tag_write

_ABSENT: Final = frozenset(("NoSuchEntity",))

# -- instance profiles ----------------------------------------------------------------------------------------


def _profile_role(record: Record, _scope: Scope) -> str:
    found = parts(record, "Roles")
    return str(found[0]["RoleName"]) if found else ""


_ROLE_OPERATIONS: Final = ("iam:RemoveRoleFromInstanceProfile", "iam:AddRoleToInstanceProfile")


def _set_role(subject: Subject) -> Iterable[Operation]:
    """A profile has one role at most."""
    before, after = ((side or {}).get("role") or "" for side in (subject.before, subject.after))
    for name, role in zip(_ROLE_OPERATIONS, (before, after), strict=True):
        if role and before != after:
            yield operation(name, {"InstanceProfileName": subject.id, "RoleName": role})


_PROFILE: Final = ResourceType(
    name="aws_iam_instance_profile",
    list=Read("iam:ListInstanceProfiles", "InstanceProfiles", page=1000),
    id=At("InstanceProfileName"),
    by_id=lambda name, _: {"InstanceProfileName": name},
    natural_keys=(("name",),),
    # Listings leave tags out.
    details={
        "profile": Read(
            "iam:GetInstanceProfile",
            "InstanceProfile",
            {"InstanceProfileName": At("InstanceProfileName")},
            absent=_ABSENT,
        )
    },
    exists=lambda record, _: record["profile"] is not None,
    attributes={
        "arn": At("profile.Arn"),
        "create_date": At("profile.CreateDate"),
        "id": At("InstanceProfileName"),
        "name": At("InstanceProfileName"),
        "name_prefix": name_prefix("InstanceProfileName"),
        "path": At("profile.Path"),
        "role": lambda record, scope: _profile_role(record["profile"], scope),
        "tags": tags("profile.Tags"),
        "unique_id": At("profile.InstanceProfileId"),
    },
    writes=(
        Write(_ROLE_OPERATIONS, frozenset(("role",)), _set_role, actions=(*_ROLE_OPERATIONS, "iam:PassRole")),
        tag_write("iam:TagInstanceProfile", "iam:UntagInstanceProfile", {"InstanceProfileName": "name"}),
    ),
    regional=False,
)

# -- OpenID Connect -------------------------------------------------------------------------------------------


def _clients(subject: Subject) -> Iterable[Operation]:
    before, after = (
        set(cast("list[str]", (side or {}).get("client_id_list") or [])) for side in (subject.before, subject.after)
    )
    for name, changed in (
        ("iam:AddClientIDToOpenIDConnectProvider", after - before),
        ("iam:RemoveClientIDFromOpenIDConnectProvider", before - after),
    ):
        for client in sorted(changed):
            yield operation(name, {"OpenIDConnectProviderArn": subject.id, "ClientID": client})


def _thumbprints(subject: Subject) -> Iterable[Operation]:
    wanted: Any = (subject.after or {}).get("thumbprint_list") or []
    given: dict[str, Json] = {"OpenIDConnectProviderArn": subject.id, "ThumbprintList": wanted}
    yield operation("iam:UpdateOpenIDConnectProviderThumbprint", given)


_OPENID: Final = ResourceType(
    name="aws_iam_openid_connect_provider",
    list=Read("iam:ListOpenIDConnectProviders", "OpenIDConnectProviderList"),
    id=At("Arn"),
    by_id=lambda arn, _: {"Arn": arn},
    natural_keys=(("url",),),
    details={
        "provider": Read("iam:GetOpenIDConnectProvider", "", {"OpenIDConnectProviderArn": At("Arn")}, absent=_ABSENT)
    },
    exists=lambda record, _: record["provider"] is not None,
    attributes={
        "arn": At("Arn"),
        "client_id_list": At("provider.ClientIDList", default=[]),
        "id": At("Arn"),
        "tags": tags("provider.Tags"),
        "thumbprint_list": At("provider.ThumbprintList", default=[]),
        # The ARN ends with what the API tells as the URL, and is in the listing.
        "url": At("Arn", lambda arn: str(arn).split(":oidc-provider/", 1)[-1]),
    },
    semantics={"url": Semantics.URL},
    writes=(
        Write(
            ("iam:AddClientIDToOpenIDConnectProvider", "iam:RemoveClientIDFromOpenIDConnectProvider"),
            frozenset(("client_id_list",)),
            _clients,
        ),
        Write(("iam:UpdateOpenIDConnectProviderThumbprint",), frozenset(("thumbprint_list",)), _thumbprints),
        tag_write(
            "iam:TagOpenIDConnectProvider", "iam:UntagOpenIDConnectProvider", {"OpenIDConnectProviderArn": "arn"}
        ),
    ),
    regional=False,
)

# -- service-linked roles -------------------------------------------------------------------------------------

_PREFIX: Final = "/aws-service-role/"


def _suffix(record: Record, _scope: Scope) -> str:
    """ "AWSServiceRoleForAutoScaling_blue" -> "blue" """
    pieces = str(record["RoleName"]).split("_")
    return pieces[1] if len(pieces) == 2 else ""


_LINKED: Final = ResourceType(
    name="aws_iam_service_linked_role",
    list=Read("iam:ListRoles", "Roles", page=1000),
    expand=lambda record, _: [record] if str(record["Path"]).startswith(_PREFIX) else [],
    id=At("Arn"),
    natural_keys=(("aws_service_name", "custom_suffix"),),
    details={
        "detail": Read(
            ACCOUNT_DETAILS,
            "RoleDetailList",
            DETAILS_FILTER,
            page=1000,
            bulk=Bulk("RoleName", At("RoleName")),
        )
    },
    attributes={
        "arn": At("Arn"),
        "aws_service_name": At("Path", lambda path: str(path).removeprefix(_PREFIX).rstrip("/")),
        "create_date": At("CreateDate"),
        "custom_suffix": _suffix,
        "description": At("Description", default=""),
        "id": At("Arn"),
        "name": At("RoleName"),
        "path": At("Path"),
        "tags": tags("detail.Tags"),
        "unique_id": At("RoleId"),
    },
    writes=(
        setter("iam:UpdateRole", {"RoleName": "name"}, {"description": ("Description", lambda text: text or "")}),
        tag_write("iam:TagRole", "iam:UntagRole", {"RoleName": "name"}),
    ),
    aws_owned=lambda _record, _scope: True,
    regional=False,
)

# -- the account's name ---------------------------------------------------------------------------------------


def _alias(name: str) -> Write:
    def build(subject: Subject) -> Iterable[Operation]:
        yield operation(name, {"AccountAlias": subject.known["account_alias"]})

    return Write((name,), frozenset(), build)


_ALIAS: Final = ResourceType(
    name="aws_iam_account_alias",
    list=Read("iam:ListAccountAliases", "AccountAliases", wrap="AccountAlias"),
    id=At("AccountAlias"),
    natural_keys=(("account_alias",),),
    attributes={"account_alias": At("AccountAlias"), "id": At("AccountAlias")},
    create=_alias("iam:CreateAccountAlias"),
    delete=_alias("iam:DeleteAccountAlias"),
    regional=False,
)

TYPES: Final = (_ALIAS, _PROFILE, _OPENID, _LINKED)
