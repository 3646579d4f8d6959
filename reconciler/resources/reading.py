"""Reads that several services share."""

from __future__ import annotations

from reconciler.resources.spec import Bulk, Getter, Read


def tags_in_bulk(kind: str, arn: Getter, single: Read) -> Read:
    """A detail: the tags of a record through the Resource Groups Tagging API, 100 resources a call.

    `kind` is its name of the resource type ("sqs", "lambda:function"); `single` is the service's own call for one.
    """
    bulk = Bulk(key="ResourceARN", of=arn, path="Tags", single=single)
    params = {"ResourceTypeFilters": [kind], "ResourcesPerPage": 100}
    return Read(
        "resourcegroupstaggingapi:GetResources",
        "ResourceTagMappingList",
        params,
        bulk=bulk,
        page=0,
        action="tag:GetResources",
    )
