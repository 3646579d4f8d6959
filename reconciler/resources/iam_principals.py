"""Users and groups, what they may do, and who belongs to what: the one read that serves roles serves these too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, cast

from reconciler.model import Json, Operation
from reconciler.records import dataclass
from reconciler.resources.convert import document, name_prefix, parts, tags
from reconciler.resources.iam import ACCOUNT_DETAILS, DETAILS_FILTER, boundary_of
from reconciler.resources.spec import (
    At,
    Attributes,
    Child,
    Gather,
    Read,
    Record,
    ResourceType,
    Scope,
    Semantics,
    Subject,
    Write,
)
from reconciler.resources.writing import operation, tag_write

USERS: Final = Read(ACCOUNT_DETAILS, "UserDetailList", DETAILS_FILTER, page=1000)
GROUPS: Final = Read(ACCOUNT_DETAILS, "GroupDetailList", DETAILS_FILTER, page=1000)
_EVERYTHING: Final = Read(ACCOUNT_DETAILS, "", DETAILS_FILTER, page=1000)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is alike for users and groups, in AWS's words and in Terraform's."""

    name: str  # "User"
    list: Read

    @property
    def attribute(self) -> str:
        return self.name.lower()

    @property
    def key(self) -> str:
        return f"{self.name}Name"

    @property
    def inline(self) -> str:
        return f"{self.name}PolicyList"


_USER: Final = _Kind("User", USERS)
_GROUP: Final = _Kind("Group", GROUPS)

# -- users and groups themselves ------------------------------------------------------------------------------


def _rename(kind: _Kind, extra: Mapping[str, Json] | None = None) -> Write:
    """By the name that it has now."""
    name = f"iam:Update{kind.name}"

    def build(subject: Subject) -> Iterable[Operation]:
        after = subject.after or {}
        given: dict[str, Json] = {kind.key: (subject.before or after).get("name") or subject.id, **(extra or {})}
        if "name" in subject.changed:
            given[f"New{kind.key}"] = after.get("name")
        if "path" in subject.changed:
            given["NewPath"] = after.get("path") or "/"
        yield operation(name, given)

    return Write((name,), frozenset(("name", "path")), build)


def _set_boundary(subject: Subject) -> Iterable[Operation]:
    wanted = (subject.after or {}).get("permissions_boundary")
    user: dict[str, Json] = {"UserName": subject.known.get("name") or subject.id}
    if wanted:
        yield operation("iam:PutUserPermissionsBoundary", {**user, "PermissionsBoundary": wanted})
    else:
        yield operation("iam:DeleteUserPermissionsBoundary", user)


def _parts(word: str) -> tuple[Child, ...]:
    return tuple(Child(f"aws_iam_{word}_{part}", word, (), key="name") for part in ("policy", "policy_attachment"))


_USER_TYPE: Final = ResourceType(
    name="aws_iam_user",
    list=USERS,
    id=At("UserName"),
    natural_keys=(("name",),),
    details={"boundary": boundary_of("User", "UserDetailList")},
    attributes={
        "arn": At("Arn"),
        "id": At("UserName"),
        "name": At("UserName"),
        "path": At("Path"),
        "permissions_boundary": At("boundary.PermissionsBoundaryArn", default=""),
        "tags": tags(),
        "unique_id": At("UserId"),
    },
    config_only=frozenset(("force_destroy",)),
    writes=(
        _rename(_USER),
        Write(
            ("iam:PutUserPermissionsBoundary", "iam:DeleteUserPermissionsBoundary"),
            frozenset(("permissions_boundary",)),
            _set_boundary,
        ),
        tag_write("iam:TagUser", "iam:UntagUser", {"UserName": "name"}),
    ),
    children=(*_parts("user"), Child("aws_iam_user_group_membership", "user", (), key="name")),
    regional=False,
)

_GROUP_TYPE: Final = ResourceType(
    name="aws_iam_group",
    list=GROUPS,
    id=At("GroupName"),
    natural_keys=(("name",),),
    attributes={
        "arn": At("Arn"),
        "id": At("GroupName"),
        "name": At("GroupName"),
        "path": At("Path"),
        "unique_id": At("GroupId"),
    },
    writes=(_rename(_GROUP),),
    children=_parts("group"),
    regional=False,
)

# -- what they may do -----------------------------------------------------------------------------------------


def _inline_type(kind: _Kind) -> ResourceType:
    put, delete = f"iam:Put{kind.name}Policy", f"iam:Delete{kind.name}Policy"

    def each(record: Record, _scope: Scope) -> Iterable[Record]:
        return [{**policy, kind.key: record[kind.key]} for policy in parts(record, kind.inline)]

    def build(subject: Subject) -> Iterable[Operation]:
        known = subject.known
        named = {kind.key: known[kind.attribute], "PolicyName": known["name"]}
        if subject.after is None:
            yield operation(delete, named)
        else:
            yield operation(put, {**named, "PolicyDocument": known["policy"]})

    def id_(record: Record, _scope: Scope) -> str:
        return f"{record[kind.key]}:{record['PolicyName']}"

    return ResourceType(
        name=f"aws_iam_{kind.attribute}_policy",
        list=kind.list,
        expand=each,
        id=id_,
        natural_keys=((kind.attribute, "name"),),
        attributes={
            kind.attribute: At(kind.key),
            "id": id_,
            "name": At("PolicyName"),
            "name_prefix": name_prefix("PolicyName"),
            "policy": At("PolicyDocument", document),
        },
        semantics={"policy": Semantics.POLICY},
        writes=(Write((put,), frozenset(("policy",)), build),),
        create=Write((put,), frozenset(), build),
        delete=Write((delete,), frozenset(), build),
        regional=False,
    )


def _attachment_type(kind: _Kind) -> ResourceType:
    def each(record: Record, _scope: Scope) -> Iterable[Record]:
        return [{**policy, kind.key: record[kind.key]} for policy in parts(record, "AttachedManagedPolicies")]

    def write(verb: str) -> Write:
        name = f"iam:{verb}{kind.name}Policy"

        def build(subject: Subject) -> Iterable[Operation]:
            known = subject.known
            yield operation(name, {kind.key: known[kind.attribute], "PolicyArn": known["policy_arn"]})

        return Write((name,), frozenset(), build)

    def id_(record: Record, _scope: Scope) -> str:
        return f"{record[kind.key]}/{record['PolicyArn']}"

    return ResourceType(
        name=f"aws_iam_{kind.attribute}_policy_attachment",
        list=kind.list,
        expand=each,
        id=id_,
        id_from_live=False,
        import_id=id_,
        natural_keys=((kind.attribute, "policy_arn"),),
        attributes={kind.attribute: At(kind.key), "policy_arn": At("PolicyArn")},
        config_only=frozenset(("id",)),
        create=write("Attach"),
        delete=write("Detach"),
        regional=False,
    )


# -- sets that Terraform keeps in one resource and AWS in many --------------------------------------------------

Expand = Callable[[Record, Scope], Iterable[Record]]


def _set_of(side: Attributes | None, attribute: str) -> set[str]:
    return set(cast("list[str]", (side or {}).get(attribute) or []))


def _merged(sets: Sequence[str]) -> Callable[[Sequence[Attributes], Attributes], Attributes]:
    def merge(found: Sequence[Attributes], wanted: Attributes) -> Attributes:
        joined: dict[str, Json] = {**found[0], "id": wanted.get("id") or wanted.get("name") or "?"}
        for name in sets:
            joined[name] = cast("Json", sorted({item for one in found for item in _set_of(one, name)}))
        return joined

    return merge


def _memberships(page: Record, _scope: Scope) -> Iterable[Record]:
    """Of a page of everything: each pair of user and group, and each of them alone, so that empty ones are there."""
    for user in parts(page, "UserDetailList"):
        yield {"UserName": user["UserName"]}
        for group in cast("list[str]", user.get("GroupList") or []):
            yield {"UserName": user["UserName"], "GroupName": group}
    for group in parts(page, "GroupDetailList"):
        yield {"GroupName": group["GroupName"]}


def _as_set(key: str) -> Callable[[Record, Scope], list[Json]]:
    return lambda record, _: [record[key]] if record.get(key) else []


def _membership_write(pairs: Callable[[Attributes | None], set[tuple[str, str]]], attribute: str) -> Write:
    operations = ("iam:AddUserToGroup", "iam:RemoveUserFromGroup")

    def build(subject: Subject) -> Iterable[Operation]:
        before, after = pairs(subject.before), pairs(subject.after)
        for name, changed in zip(operations, (after - before, before - after), strict=True):
            for group, user in sorted(changed):
                yield operation(name, {"GroupName": group, "UserName": user})

    return Write(operations, frozenset((attribute,)), build)


def _by_group(side: Attributes | None) -> set[tuple[str, str]]:
    return {(str((side or {})["group"]), user) for user in _set_of(side, "users")}


def _by_user(side: Attributes | None) -> set[tuple[str, str]]:
    return {(group, str((side or {})["user"])) for group in _set_of(side, "groups")}


def _some_of(rows: Sequence[Attributes], wanted: Attributes) -> Sequence[Attributes]:
    """Other resources may put the same user into other groups."""
    return [row for row in rows if _set_of(row, "groups") <= _set_of(wanted, "groups")]


def _pair(record: Record, _scope: Scope) -> str:
    """As `terraform import` takes it."""
    return f"{record['UserName']}/{record['GroupName']}" if "UserName" in record and "GroupName" in record else ""


def _ends(write: Write) -> Write:
    return Write(write.operations, frozenset(), write.build)


_GROUP_WRITE: Final = _membership_write(_by_group, "users")
_USER_WRITE: Final = _membership_write(_by_user, "groups")

_GROUP_MEMBERSHIP: Final = ResourceType(
    name="aws_iam_group_membership",
    list=_EVERYTHING,
    expand=_memberships,
    id=At("GroupName"),
    gather=Gather("group", lambda rows, _: rows, _merged(("users",))),
    attributes={"group": At("GroupName"), "users": _as_set("UserName")},
    config_only=frozenset(("id", "name")),
    writes=(_GROUP_WRITE,),
    create=_ends(_GROUP_WRITE),
    delete=_ends(_GROUP_WRITE),
    regional=False,
)

_USER_MEMBERSHIP: Final = ResourceType(
    name="aws_iam_user_group_membership",
    list=_EVERYTHING,
    expand=_memberships,
    id=At("UserName"),
    gather=Gather("user", _some_of, _merged(("groups",)), alone=_pair),
    attributes={"user": At("UserName"), "groups": _as_set("GroupName")},
    config_only=frozenset(("id",)),
    writes=(_USER_WRITE,),
    create=_ends(_USER_WRITE),
    delete=_ends(_USER_WRITE),
    regional=False,
)

# One policy, attached to everybody who has it.
_HOLDERS: Final = {
    "groups": ("GroupDetailList", "GroupName", "GroupPolicy"),
    "roles": ("RoleDetailList", "RoleName", "RolePolicy"),
    "users": ("UserDetailList", "UserName", "UserPolicy"),
}


def _holdings(page: Record, _scope: Scope) -> Iterable[Record]:
    for policy in parts(page, "Policies"):
        yield {"PolicyArn": policy["Arn"]}
    for path, key, _ in _HOLDERS.values():
        for holder in parts(page, path):
            for policy in parts(holder, "AttachedManagedPolicies"):
                yield {"PolicyArn": policy["PolicyArn"], key: holder[key]}


def _held(rows: Sequence[Attributes], _wanted: Attributes) -> Sequence[Attributes]:
    """An attachment to nobody is none, as Terraform has it."""
    return rows if any(row.get(name) for row in rows for name in _HOLDERS) else ()


_HOLDER_OPERATIONS: Final = tuple(
    f"iam:{verb}{policy}" for _, _, policy in _HOLDERS.values() for verb in ("Attach", "Detach")
)


def _set_holders(subject: Subject) -> Iterable[Operation]:
    for attribute, (_, key, policy) in _HOLDERS.items():
        before, after = _set_of(subject.before, attribute), _set_of(subject.after, attribute)
        for verb, changed in (("Attach", after - before), ("Detach", before - after)):
            for holder in sorted(changed):
                given: dict[str, Json] = {key: holder, "PolicyArn": subject.known["policy_arn"]}
                yield operation(f"iam:{verb}{policy}", given)


_POLICY_ATTACHMENT: Final = ResourceType(
    name="aws_iam_policy_attachment",
    list=_EVERYTHING,
    expand=_holdings,
    id=At("PolicyArn"),
    gather=Gather(
        "policy_arn",
        _held,
        _merged(tuple(_HOLDERS)),
        {f"aws_iam_{one}_policy_attachment": (one, f"{one}s") for one in ("group", "role", "user")},
    ),
    attributes={
        "policy_arn": At("PolicyArn"),
        **{name: _as_set(key) for name, (_, key, _policy) in _HOLDERS.items()},
    },
    config_only=frozenset(("id", "name")),
    writes=(Write(_HOLDER_OPERATIONS, frozenset(_HOLDERS), _set_holders),),
    create=Write(_HOLDER_OPERATIONS, frozenset(), _set_holders),
    delete=Write(_HOLDER_OPERATIONS, frozenset(), _set_holders),
    regional=False,
)

# -- access keys ----------------------------------------------------------------------------------------------


def _set_status(subject: Subject) -> Iterable[Operation]:
    wanted: Any = (subject.after or {}).get("status") or "Active"
    given: dict[str, Json] = {"AccessKeyId": subject.id, "UserName": subject.known["user"], "Status": wanted}
    yield operation("iam:UpdateAccessKey", given)


_ACCESS_KEY: Final = ResourceType(
    name="aws_iam_access_key",
    list=Read(
        "iam:ListAccessKeys",
        "AccessKeyMetadata",
        {"UserName": At("UserName")},
        under=USERS,
        hides={"user": At("UserName")},
        absent=frozenset(("NoSuchEntity",)),
        page=1000,
    ),
    id=At("AccessKeyId"),
    natural_keys=(("user",),),
    attributes={
        "create_date": At("CreateDate"),
        "id": At("AccessKeyId"),
        "status": At("Status"),
        "user": At("UserName"),
    },
    # What AWS tells once, when it makes the key.
    config_only=frozenset(
        (
            "encrypted_secret",
            "encrypted_ses_smtp_password_v4",
            "key_fingerprint",
            "pgp_key",
            "secret",
            "ses_smtp_password_v4",
        )
    ),
    writes=(Write(("iam:UpdateAccessKey",), frozenset(("status",)), _set_status),),
    regional=False,
)

TYPES: Final = (
    _USER_TYPE,
    _GROUP_TYPE,
    _inline_type(_USER),
    _inline_type(_GROUP),
    _attachment_type(_USER),
    _attachment_type(_GROUP),
    _GROUP_MEMBERSHIP,
    _USER_MEMBERSHIP,
    _POLICY_ATTACHMENT,
    _ACCESS_KEY,
)
