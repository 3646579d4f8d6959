"""Parts of VPC endpoints that are kept apart in code: the policy, and what they are in."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from typing import Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import document
from reconciler.resources.spec import At, Read, Record, ResourceType, Scope, Semantics, Subject, Write, dig
from reconciler.resources.writing import operation

_ENDPOINTS: Final = Read("ec2:DescribeVpcEndpoints", "VpcEndpoints", page=1000)
_MODIFY: Final = ("ec2:ModifyVpcEndpoint",)


def _present(record: Record, _scope: Scope) -> Iterable[Record]:
    return () if str(record.get("State")).lower() in ("deleted", "deleting") else (record,)


# -- policies -------------------------------------------------------------------------------------------------


def _set_policy(subject: Subject) -> Iterable[Operation]:
    wanted = (subject.after or {}).get("policy")
    given: dict[str, Json] = {"PolicyDocument": wanted} if wanted else {"ResetPolicy": True}
    yield operation("ec2:ModifyVpcEndpoint", {"VpcEndpointId": subject.known["vpc_endpoint_id"], **given})


_POLICY: Final = ResourceType(
    name="aws_vpc_endpoint_policy",
    list=_ENDPOINTS,
    expand=_present,
    id=At("VpcEndpointId"),
    natural_keys=(("vpc_endpoint_id",),),
    attributes={
        "id": At("VpcEndpointId"),
        "policy": At("PolicyDocument", document, ""),
        "vpc_endpoint_id": At("VpcEndpointId"),
    },
    semantics={"policy": Semantics.POLICY},
    writes=(Write(_MODIFY, frozenset(("policy",)), _set_policy),),
    # Every endpoint has one, made with it.
    aws_owned=lambda _record, _scope: True,
)

# -- what they are in -----------------------------------------------------------------------------------------


def _part(attribute: str, path: str, parameter: str, config_only: frozenset[str] = frozenset()) -> ResourceType:
    """`path`: to the list of ids, or to objects that have one ("Groups.GroupId"). `parameter`: "RouteTableIds"."""
    listed, _, key = path.partition(".")

    def each(record: Record, scope: Scope) -> Iterable[Record]:
        for endpoint in _present(record, scope):
            for found in endpoint.get(listed) or ():
                named = str(dig(found, key) if key else found)
                yield {"VpcEndpointId": endpoint["VpcEndpointId"], "RequesterManaged": _managed(endpoint), "id": named}

    return ResourceType(
        name=f"aws_vpc_endpoint_{attribute.removesuffix('_id')}_association",
        list=_ENDPOINTS,
        expand=each,
        id=_made_up,
        # The provider imports no association of a group.
        import_id=lambda r, _: None if attribute == "security_group_id" else f"{r['VpcEndpointId']}/{r['id']}",
        natural_keys=(("vpc_endpoint_id", attribute),),
        attributes={"id": _made_up, attribute: At("id"), "vpc_endpoint_id": At("VpcEndpointId")},
        config_only=config_only,
        create=Write(_MODIFY, frozenset(), _moving(f"Add{parameter}", attribute)),
        delete=Write(_MODIFY, frozenset(), _moving(f"Remove{parameter}", attribute)),
        # The default group is there without anybody's doing.
        aws_owned=(lambda _record, _scope: True) if attribute == "security_group_id" else At("RequesterManaged"),
    )


def _managed(endpoint: Record) -> bool:
    return bool(endpoint.get("RequesterManaged"))


def _made_up(record: Record, _scope: Scope) -> str:
    """As the provider makes it up."""
    return f"a-{record['VpcEndpointId']}{zlib.crc32(str(record['id']).encode())}"


def _moving(parameter: str, attribute: str) -> Callable[[Subject], Iterable[Operation]]:
    def build(subject: Subject) -> Iterable[Operation]:
        endpoint = subject.known["vpc_endpoint_id"]
        yield operation("ec2:ModifyVpcEndpoint", {"VpcEndpointId": endpoint, parameter: [subject.known[attribute]]})

    return build


_ROUTE_TABLE: Final = _part("route_table_id", "RouteTableIds", "RouteTableIds")
_SUBNET: Final = _part("subnet_id", "SubnetIds", "SubnetIds")
_GROUP: Final = _part(
    "security_group_id", "Groups.GroupId", "SecurityGroupIds", frozenset(("replace_default_association",))
)

TYPES: Final = (_POLICY, _ROUTE_TABLE, _SUBNET, _GROUP)
