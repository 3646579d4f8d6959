"""Sets of addresses that web ACLs refer to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.resources.convert import name_prefix, names, tags
from reconciler.resources.spec import At, Read, Record, ResourceType, Scope
from reconciler.resources.writing import tag_write

_GONE: Final = frozenset(("WAFNonexistentItemException",))
_SCOPE: Final = At("parent.Scope")


def _scopes(record: Record, scope: Scope) -> Iterable[Record]:
    """What is for CloudFront is kept in us-east-1, apart."""
    yield {**record, "Scope": "REGIONAL"}
    if scope.region == "us-east-1":
        yield {**record, "Scope": "CLOUDFRONT"}


_SCOPES: Final = Read("sts:GetCallerIdentity", each=_scopes)

_IP_SET: Final = ResourceType(
    name="aws_wafv2_ip_set",
    list=Read("wafv2:ListIPSets", "IPSets", {"Scope": At("Scope")}, under=_SCOPES, page=100),
    id=At("Id"),
    import_id=lambda record, _: f"{record['Id']}/{record['Name']}/{record['parent']['Scope']}",
    natural_keys=(("name", "scope"),),
    details={
        "set": Read("wafv2:GetIPSet", "IPSet", {"Name": At("Name"), "Scope": _SCOPE, "Id": At("Id")}, absent=_GONE),
        "tags": Read(
            "wafv2:ListTagsForResource", "TagInfoForResource.TagList", {"ResourceARN": At("ARN")}, absent=_GONE
        ),
    },
    exists=lambda record, _: record["set"] is not None,
    attributes={
        "addresses": At("set.Addresses", names, []),
        "arn": At("ARN"),
        "description": At("set.Description", default=""),
        "id": At("Id"),
        "ip_address_version": At("set.IPAddressVersion"),
        "lock_token": At("LockToken"),
        "name": At("Name"),
        "name_prefix": name_prefix("Name"),
        "scope": _SCOPE,
        "tags": tags("tags"),
    },
    # Addresses are not written: each change takes the token of the last one, which its inverse cannot know.
    writes=(tag_write("wafv2:TagResource", "wafv2:UntagResource", {"ResourceARN": "arn"}),),
)

TYPES: Final = (_IP_SET,)
