"""Reads that several services share."""

from __future__ import annotations

from reconciler.model import Json
from reconciler.resources.spec import Bulk, Getter, Read


def tags_in_bulk(kind: str, arn: Getter, single: Read, *, doubtful: bool = False) -> Read:
    """A detail: the tags of a record through the Resource Groups Tagging API, 100 resources a call.

    `kind` is its name of the resource type ("sqs", "lambda:function"); `single` is the service's own call for one;
    `doubtful`: not every endpoint knows the kind.
    """
    bulk = Bulk(key="ResourceARN", of=arn, path="Tags", single=single, doubtful=doubtful)
    params: dict[str, Getter | Json] = {"ResourceTypeFilters": [kind]}
    return Read(
        "resourcegroupstaggingapi:GetResources",
        "ResourceTagMappingList",
        params,
        bulk=bulk,
        page=100,
        action="tag:GetResources",
    )
