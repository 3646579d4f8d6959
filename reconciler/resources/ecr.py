"""Container image repositories, who may use them and what they keep."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import document, tags
from reconciler.resources.reading import tags_in_bulk
from reconciler.resources.shapes import Shape, flag, getters, one, value, write
from reconciler.resources.shapes import read as read_shape
from reconciler.resources.spec import At, Read, ResourceType, Semantics, Subject, Write
from reconciler.resources.writing import operation, setter, tag_write

_GONE: Final = frozenset(("RepositoryNotFoundException",))
_REPOSITORIES: Final = Read("ecr:DescribeRepositories", "repositories", page=1000)
_ENCRYPTION: Final[Shape] = {"encryption_type": value("encryptionType"), "kms_key": value("kmsKey")}
_SCANNING: Final[Shape] = {
    "image_scanning_configuration": one(
        "imageScanningConfiguration", {"scan_on_push": flag("scanOnPush")}, cleared={"scanOnPush": False}
    )
}


def _scanning(wanted: Any) -> Json:
    return write(_SCANNING, {"image_scanning_configuration": wanted})["imageScanningConfiguration"]


_REPOSITORY: Final = ResourceType(
    name="aws_ecr_repository",
    list=_REPOSITORIES,
    id=At("repositoryName"),
    natural_keys=(("name",),),
    details={
        "tags": tags_in_bulk(
            "ecr:repository",
            At("repositoryArn"),
            Read("ecr:ListTagsForResource", "tags", {"resourceArn": At("repositoryArn")}, absent=_GONE),
            doubtful=True,
        ),
    },
    attributes={
        **getters(_SCANNING),
        "arn": At("repositoryArn"),
        "encryption_configuration": At("encryptionConfiguration", lambda found: [read_shape(_ENCRYPTION, found)], []),
        "id": At("repositoryName"),
        "image_tag_mutability": At("imageTagMutability", default="MUTABLE"),
        "name": At("repositoryName"),
        "registry_id": At("registryId"),
        "repository_url": At("repositoryUri"),
        "tags": tags("tags"),
    },
    config_only=frozenset(("force_delete",)),
    kept=frozenset(("encryption_configuration", "image_scanning_configuration")),
    writes=(
        setter(
            "ecr:PutImageTagMutability",
            {"repositoryName": "id", "registryId": "registry_id"},
            {"image_tag_mutability": ("imageTagMutability", lambda wanted: wanted or "MUTABLE")},
        ),
        setter(
            "ecr:PutImageScanningConfiguration",
            {"repositoryName": "id", "registryId": "registry_id"},
            {"image_scanning_configuration": ("imageScanningConfiguration", _scanning)},
        ),
        tag_write("ecr:TagResource", "ecr:UntagResource", {"resourceArn": "arn"}, tags="tags", keys="tagKeys"),
    ),
)

# -- policies -------------------------------------------------------------------------------------------------


def _put(name: str, parameter: str) -> Write:
    def build(subject: Subject) -> Iterable[Operation]:
        wanted = subject.known
        yield operation(name, {"repositoryName": wanted["repository"], parameter: wanted["policy"]})

    return Write((name,), frozenset(("policy",)), build)


def _delete(name: str) -> Write:
    def build(subject: Subject) -> Iterable[Operation]:
        yield operation(name, {"repositoryName": subject.known["repository"]})

    return Write((name,), frozenset(), build)


def _policy_type(name: str, *, kind: str, text: str, put: str, semantics: Semantics) -> ResourceType:
    """`kind`: "LifecyclePolicy"; `text`: the parameter and the member that holds the document."""
    return ResourceType(
        name=name,
        list=Read(
            f"ecr:Get{kind}",
            "",
            {"repositoryName": At("repositoryName")},
            under=_REPOSITORIES,
            hides={"repository": At("repositoryName")},
            absent=_GONE | {f"{kind}NotFoundException"},
        ),
        id=At("repositoryName"),
        natural_keys=(("repository",),),
        attributes={
            "id": At("repositoryName"),
            "policy": At(text, document, ""),
            "registry_id": At("registryId"),
            "repository": At("repositoryName"),
        },
        semantics={"policy": semantics},
        writes=(_put(f"ecr:{put}", text),),
        create=_put(f"ecr:{put}", text),
        delete=_delete(f"ecr:Delete{kind}"),
    )


_LIFECYCLE: Final = _policy_type(
    "aws_ecr_lifecycle_policy",
    kind="LifecyclePolicy",
    text="lifecyclePolicyText",
    put="PutLifecyclePolicy",
    semantics=Semantics.JSON,
)
_ACCESS: Final = _policy_type(
    "aws_ecr_repository_policy",
    kind="RepositoryPolicy",
    text="policyText",
    put="SetRepositoryPolicy",
    semantics=Semantics.POLICY,
)

TYPES: Final = (_REPOSITORY, _LIFECYCLE, _ACCESS)
