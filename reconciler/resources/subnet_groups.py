"""Which subnets databases and caches may be in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.model import Operation
from reconciler.resources.convert import items, name_prefix, names, tags
from reconciler.resources.reading import tags_in_bulk
from reconciler.resources.spec import At, Read, ResourceType, Subject, Write
from reconciler.resources.writing import operation, tag_write

_SUBNETS: Final = At("Subnets", lambda found: names(items("SubnetIdentifier")(found)), [])
_SETTABLE: Final = frozenset(("description", "subnet_ids"))


def _modify(name: str, prefix: str) -> Write:
    """Sets both at once: the subnets are always to be named."""

    def build(subject: Subject) -> Iterable[Operation]:
        wanted = subject.known
        given = {f"{prefix}Name": wanted["name"], "SubnetIds": wanted["subnet_ids"]}
        yield operation(name, {**given, f"{prefix}Description": wanted.get("description") or "Managed by Terraform"})

    return Write((name,), _SETTABLE, build)


_DATABASE: Final = ResourceType(
    name="aws_db_subnet_group",
    list=Read("rds:DescribeDBSubnetGroups", "DBSubnetGroups", page=100),
    id=At("DBSubnetGroupName"),
    natural_keys=(("name",),),
    details={
        "tags": tags_in_bulk(
            "rds:subgrp",
            At("DBSubnetGroupArn"),
            Read(
                "rds:ListTagsForResource",
                "TagList",
                {"ResourceName": At("DBSubnetGroupArn")},
                absent=frozenset(("DBSubnetGroupNotFoundFault", "DBSubnetGroupNotFound")),
            ),
            doubtful=True,
        )
    },
    attributes={
        "arn": At("DBSubnetGroupArn"),
        "description": At("DBSubnetGroupDescription", default=""),
        "id": At("DBSubnetGroupName"),
        "name": At("DBSubnetGroupName"),
        "name_prefix": name_prefix("DBSubnetGroupName"),
        "subnet_ids": _SUBNETS,
        "supported_network_types": At("SupportedNetworkTypes", names, []),
        "tags": tags("tags"),
        "vpc_id": At("VpcId"),
    },
    writes=(
        _modify("rds:ModifyDBSubnetGroup", "DBSubnetGroup"),
        tag_write("rds:AddTagsToResource", "rds:RemoveTagsFromResource", {"ResourceName": "arn"}),
    ),
    aws_owned=lambda record, _: str(record["DBSubnetGroupName"]).startswith("default"),
)

_CACHE: Final = ResourceType(
    name="aws_elasticache_subnet_group",
    list=Read("elasticache:DescribeCacheSubnetGroups", "CacheSubnetGroups", page=100),
    id=At("CacheSubnetGroupName"),
    natural_keys=(("name",),),
    details={
        "tags": Read(
            "elasticache:ListTagsForResource",
            "TagList",
            {"ResourceName": At("ARN")},
            when=lambda record, _: record["CacheSubnetGroupName"] != "default",
            absent=frozenset(("CacheSubnetGroupNotFoundFault",)),
        )
    },
    attributes={
        "arn": At("ARN"),
        "description": At("CacheSubnetGroupDescription", default=""),
        "id": At("CacheSubnetGroupName"),
        "name": At("CacheSubnetGroupName"),
        "subnet_ids": _SUBNETS,
        "tags": tags("tags"),
        "vpc_id": At("VpcId"),
    },
    writes=(
        _modify("elasticache:ModifyCacheSubnetGroup", "CacheSubnetGroup"),
        tag_write("elasticache:AddTagsToResource", "elasticache:RemoveTagsFromResource", {"ResourceName": "arn"}),
    ),
    aws_owned=lambda record, _: record["CacheSubnetGroupName"] == "default",
)

TYPES: Final = (_DATABASE, _CACHE)
