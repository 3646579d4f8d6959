"""What a role, user or group has and nothing else: the whole set of its policies as one resource."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, cast

from reconciler.model import Json, Operation
from reconciler.resources.convert import names, parts
from reconciler.resources.iam import ROLE_DETAILS
from reconciler.resources.iam_principals import GROUPS, USERS
from reconciler.resources.spec import At, Attributes, Child, Getter, Record, ResourceType, Scope, Subject, Write
from reconciler.resources.writing import operation

_LISTS: Final = {"Role": ROLE_DETAILS, "User": USERS, "Group": GROUPS}


def _named(path: str, key: str) -> Getter:
    return lambda record, _: names(str(found[key]) for found in parts(record, path))


def _always(_record: Record, _scope: Scope) -> bool:
    """Every role, user and group has such a set; what is in it is reported as itself."""
    return True


def _set_attached(kind: str) -> Write:
    attach, detach = f"iam:Attach{kind}Policy", f"iam:Detach{kind}Policy"

    def build(subject: Subject) -> Iterable[Operation]:
        principal: dict[str, Json] = {f"{kind}Name": subject.known[f"{kind.lower()}_name"]}
        before, after = (_arns(side) for side in (subject.before, subject.after))
        for name, arns in ((attach, after - before), (detach, before - after)):
            for arn in sorted(arns):
                yield operation(name, {**principal, "PolicyArn": arn})

    return Write((attach, detach), frozenset(("policy_arns",)), build)


def _arns(side: Attributes | None) -> set[str]:
    return set(cast("list[str]", (side or {}).get("policy_arns") or []))


def _type(kind: str, suffix: str, child: str, found: tuple[str, Getter], writes: tuple[Write, ...]) -> ResourceType:
    word, (attribute, getter) = kind.lower(), found
    return ResourceType(
        name=f"aws_iam_{word}_{suffix}",
        list=_LISTS[kind],
        # Terraform has no id for it: it is imported by the name.
        id=At(f"{kind}Name"),
        id_from_live=False,
        natural_keys=((f"{word}_name",),),
        attributes={f"{word}_name": At(f"{kind}Name"), attribute: getter},
        writes=writes,
        aws_owned=_always,
        children=(Child(f"aws_iam_{word}_{child}", word, (attribute,), key=f"{word}_name"),),
        regional=False,
    )


def _types(kind: str) -> Iterator[ResourceType]:
    inline = ("policy_names", _named(f"{kind}PolicyList", "PolicyName"))
    # A policy that is deleted could not be made again from its name: nothing is written.
    yield _type(kind, "policies_exclusive", "policy", inline, ())
    attached = ("policy_arns", _named("AttachedManagedPolicies", "PolicyArn"))
    yield _type(kind, "policy_attachments_exclusive", "policy_attachment", attached, (_set_attached(kind),))


TYPES: Final = (*_types("Role"), *_types("User"), *_types("Group"))
