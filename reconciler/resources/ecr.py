"""Container image repositories."""

from __future__ import annotations

from typing import Any, Final

from reconciler.model import Json
from reconciler.resources.convert import tags
from reconciler.resources.shapes import Shape, flag, getters, one, value, write
from reconciler.resources.shapes import read as read_shape
from reconciler.resources.spec import At, Read, ResourceType
from reconciler.resources.writing import setter, tag_write

_GONE: Final = frozenset(("RepositoryNotFoundException",))
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
    list=Read("ecr:DescribeRepositories", "repositories", page=1000),
    id=At("repositoryName"),
    natural_keys=(("name",),),
    details={
        "tags": Read("ecr:ListTagsForResource", "tags", {"resourceArn": At("repositoryArn")}, absent=_GONE),
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

TYPES: Final = (_REPOSITORY,)
