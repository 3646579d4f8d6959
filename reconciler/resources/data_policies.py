"""Policies of streams and tables: who of other accounts may read and write them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.model import Operation
from reconciler.resources.convert import document
from reconciler.resources.kinesis import STREAMS
from reconciler.resources.spec import At, Getter, Read, Record, ResourceType, Scope, Semantics, Subject, Write, dig
from reconciler.resources.writing import operation

_GONE: Final = frozenset(("PolicyNotFoundException", "ResourceNotFoundException"))


def _there(record: Record, _scope: Scope) -> bool:
    return document(record["policy"] or "") not in ("", "{}")


def _put(name: str, key: str) -> Write:
    def build(subject: Subject) -> Iterable[Operation]:
        yield operation(name, {key: subject.known["resource_arn"], "Policy": subject.known["policy"]})

    return Write((name,), frozenset(("policy",)), build)


def _delete(name: str, key: str) -> Write:
    def build(subject: Subject) -> Iterable[Operation]:
        yield operation(name, {key: subject.known["resource_arn"]})

    return Write((name,), frozenset(), build)


def _policy(arn: Getter) -> dict[str, Getter]:
    return {"id": arn, "policy": At("policy", document), "resource_arn": arn}


# -- Kinesis --------------------------------------------------------------------------------------------------


def _stream(record: Record, scope: Scope) -> str:
    """Of a stream or of one of its consumers: both have policies."""
    known = record.get("Arn") or record.get("ConsumerARN")
    return str(known or scope.arn("kinesis", f"stream/{record['StreamName']}"))


_KINESIS: Final = ResourceType(
    name="aws_kinesis_resource_policy",
    list=Read(
        "kinesis:ListStreamConsumers", "Consumers", {"StreamARN": _stream}, under=STREAMS, itself=True, absent=_GONE
    ),
    id=_stream,
    by_id=lambda arn, _: {"Arn": arn},
    natural_keys=(("resource_arn",),),
    details={"policy": Read("kinesis:GetResourcePolicy", "Policy", {"ResourceARN": _stream}, absent=_GONE)},
    exists=_there,
    attributes=_policy(_stream),
    semantics={"policy": Semantics.POLICY},
    writes=(_put("kinesis:PutResourcePolicy", "ResourceARN"),),
    create=_put("kinesis:PutResourcePolicy", "ResourceARN"),
    delete=_delete("kinesis:DeleteResourcePolicy", "ResourceARN"),
)

# -- DynamoDB -------------------------------------------------------------------------------------------------


def _table(record: Record, scope: Scope) -> str:
    """Of a table or of its stream: both have policies."""
    known = record.get("Arn") or record.get("StreamArn")
    return str(known or scope.arn("dynamodb", f"table/{record['TableName']}"))


_DYNAMODB: Final = ResourceType(
    name="aws_dynamodb_resource_policy",
    list=Read(
        "dynamodbstreams:ListStreams",
        "Streams",
        {"TableName": At("TableName")},
        under=Read("dynamodb:ListTables", "TableNames", wrap="TableName"),
        itself=True,
        absent=_GONE,
        action="dynamodb:ListStreams",
    ),
    id=_table,
    by_id=lambda arn, _: {"Arn": arn},
    natural_keys=(("resource_arn",),),
    details={"policy": Read("dynamodb:GetResourcePolicy", "", {"ResourceArn": _table}, absent=_GONE)},
    exists=lambda record, scope: _there({"policy": dig(record, "policy.Policy")}, scope),
    attributes={
        **_policy(_table),
        "policy": At("policy.Policy", document),
        "revision_id": At("policy.RevisionId"),
    },
    config_only=frozenset(("confirm_remove_self_resource_access",)),
    moving=frozenset(("revision_id",)),
    semantics={"policy": Semantics.POLICY},
    writes=(_put("dynamodb:PutResourcePolicy", "ResourceArn"),),
    create=_put("dynamodb:PutResourcePolicy", "ResourceArn"),
    delete=_delete("dynamodb:DeleteResourcePolicy", "ResourceArn"),
)

TYPES: Final = (_KINESIS, _DYNAMODB)
