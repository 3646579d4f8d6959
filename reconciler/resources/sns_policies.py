"""Topic policies as resources of their own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import document
from reconciler.resources.sns import TOPIC_ATTRIBUTES
from reconciler.resources.spec import At, Read, Record, ResourceType, Scope, Semantics, Subject, Write, dig
from reconciler.resources.writing import operation

_DEFAULT: Final = "__default_statement_ID"


def _is_default(record: Record, _scope: Scope) -> bool:
    """Every topic has a policy: the owner's alone, until it gets another."""
    return f'"{_DEFAULT}"' in str(dig(record, "attributes.Policy"))


def _default_policy(attributes: Mapping[str, Json]) -> str:
    """What Terraform resets a topic to, as a topic can't be without a policy."""
    actions = (
        "GetTopicAttributes SetTopicAttributes AddPermission RemovePermission DeleteTopic Subscribe "
        "ListSubscriptionsByTopic Publish Receive"
    )
    statement = {
        "Sid": _DEFAULT,
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in actions.split()],
        "Resource": attributes["arn"],
        "Condition": {"StringEquals": {"AWS:SourceOwner": attributes.get("owner") or ""}},
    }
    return json.dumps({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]})


def _put(subject: Subject) -> Iterable[Operation]:
    wanted = subject.known
    policy = wanted["policy"] if subject.after else _default_policy(wanted)
    given: dict[str, Json] = {"TopicArn": wanted["arn"], "AttributeName": "Policy", "AttributeValue": policy}
    yield operation("sns:SetTopicAttributes", given)


_POLICY: Final = ResourceType(
    name="aws_sns_topic_policy",
    list=Read("sns:ListTopics", "Topics"),
    id=At("TopicArn"),
    by_id=lambda arn, _: {"TopicArn": arn},
    natural_keys=(("arn",),),
    key_from_list=False,
    details={"attributes": TOPIC_ATTRIBUTES},
    exists=lambda record, _: bool(dig(record, "attributes.Policy")),
    attributes={
        "arn": At("TopicArn"),
        "id": At("TopicArn"),
        "owner": At("attributes.Owner"),
        "policy": At("attributes.Policy", document),
    },
    semantics={"policy": Semantics.POLICY},
    writes=(Write(("sns:SetTopicAttributes",), frozenset(("policy",)), _put),),
    create=Write(("sns:SetTopicAttributes",), frozenset(), _put),
    delete=Write(("sns:SetTopicAttributes",), frozenset(), _put),
    aws_owned=_is_default,
)

TYPES: Final = (_POLICY,)
