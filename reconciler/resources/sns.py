"""Topics and subscriptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from reconciler.model import Json, Operation, Plain
from reconciler.resources.convert import Convert, boolean, document, last, name_prefix, number, settings, tags, text
from reconciler.resources.reading import tags_in_bulk
from reconciler.resources.spec import At, Child, Read, Record, ResourceType, Scope, Semantics, Subject, Write, dig
from reconciler.resources.writing import operation, tag_write

_GONE: Final = frozenset(("NotFound", "NotFoundException", "ResourceNotFound", "ResourceNotFoundException"))
_TOPICS: Final = Read("sns:ListTopics", "Topics")
TOPIC_ATTRIBUTES: Final = Read("sns:GetTopicAttributes", "Attributes", {"TopicArn": At("TopicArn")}, absent=_GONE)
_SUBSCRIPTIONS: Final = Read("sns:ListSubscriptions", "Subscriptions")

# attribute: SNS's name, how it is written, what stands for unset
_FEEDBACK: Final[Mapping[str, tuple[str, Convert, Json]]] = {
    f"{low}_{outcome}_feedback_{kind}": (f"{high}{outcome.capitalize()}Feedback{key}", convert, default)
    for low, high in (
        ("application", "Application"),
        ("firehose", "Firehose"),
        ("http", "HTTP"),
        ("lambda", "Lambda"),
        ("sqs", "SQS"),
    )
    for outcome, kind, key, convert, default in (
        ("success", "role_arn", "RoleArn", text, ""),
        ("failure", "role_arn", "RoleArn", text, ""),
        ("success", "sample_rate", "SampleRate", number, 0),
    )
}
_TOPIC_SETTINGS: Final[Mapping[str, tuple[str, Convert, Json]]] = {
    **_FEEDBACK,
    "archive_policy": ("ArchivePolicy", document, ""),
    "content_based_deduplication": ("ContentBasedDeduplication", boolean, False),
    "delivery_policy": ("DeliveryPolicy", document, ""),
    "display_name": ("DisplayName", text, ""),
    "fifo_throughput_scope": ("FifoThroughputScope", text, ""),
    "kms_master_key_id": ("KmsMasterKeyId", text, ""),
    "policy": ("Policy", document, ""),
    "signature_version": ("SignatureVersion", number, 0),
    "tracing_config": ("TracingConfig", text, ""),
}


def _set_each(name: str, arn: str, table: Mapping[str, tuple[str, Convert, Json]]) -> Write:
    """SNS sets one attribute a call."""

    def build(subject: Subject) -> Iterable[Operation]:
        for attribute in sorted(subject.changed & table.keys()):
            value: Any = (subject.after or {}).get(attribute)
            given = "" if value is None else text(value)
            key = table[attribute][0]
            yield operation(name, {arn: subject.id, "AttributeName": key, "AttributeValue": given})

    return Write((name,), frozenset(table), build)


_TOPIC: Final = ResourceType(
    name="aws_sns_topic",
    list=_TOPICS,
    id=At("TopicArn"),
    by_id=lambda arn, _: {"TopicArn": arn},
    natural_keys=(("name",),),
    details={
        "attributes": TOPIC_ATTRIBUTES,
        "tags": tags_in_bulk(
            "sns",
            At("TopicArn"),
            Read("sns:ListTagsForResource", "Tags", {"ResourceArn": At("TopicArn")}, absent=_GONE),
        ),
    },
    exists=lambda record, _: record["attributes"] is not None,
    attributes={
        **{
            name: At(f"attributes.{key}", convert, default) for name, (key, convert, default) in _TOPIC_SETTINGS.items()
        },
        "arn": At("TopicArn"),
        "beginning_archive_time": At("attributes.BeginningArchiveTime", default=""),
        "fifo_topic": At("attributes.FifoTopic", boolean, default=False),
        "id": At("TopicArn"),
        "name": last("TopicArn", ":"),
        "name_prefix": name_prefix("TopicArn", ":", suffix=".fifo"),
        "owner": At("attributes.Owner"),
        "tags": tags("tags"),
    },
    semantics={"policy": Semantics.POLICY, "delivery_policy": Semantics.JSON, "archive_policy": Semantics.JSON},
    writes=(
        _set_each("sns:SetTopicAttributes", "TopicArn", _TOPIC_SETTINGS),
        tag_write("sns:TagResource", "sns:UntagResource", {"ResourceArn": "arn"}),
    ),
    children=(Child("aws_sns_topic_policy", "arn", ("policy",), key="arn"),),
)

# -- subscriptions --------------------------------------------------------------------------------------------

_SUBSCRIPTION_SETTINGS: Final[Mapping[str, tuple[str, Convert, Json]]] = {
    "delivery_policy": ("DeliveryPolicy", document, ""),
    "filter_policy": ("FilterPolicy", document, ""),
    "raw_message_delivery": ("RawMessageDelivery", boolean, False),
    "redrive_policy": ("RedrivePolicy", document, ""),
    "replay_policy": ("ReplayPolicy", document, ""),
    "subscription_role_arn": ("SubscriptionRoleArn", text, ""),
}


def _filter_scope(record: Record, _scope: Scope) -> str:
    """The provider knows none where there is no policy, even where the answer has one left from before."""
    if not dig(record, "attributes.FilterPolicy"):
        return ""
    told = dig(record, "attributes.FilterPolicyScope")
    return "MessageAttributes" if told is None else told


def _usual_scope(values: Mapping[str, Plain]) -> Mapping[str, Plain]:
    """A policy is about attributes, where the code does not say otherwise."""
    told = values.get("filter_policy_scope") not in (None, "")
    return {} if told or values.get("filter_policy") in (None, "") else {"filter_policy_scope": "MessageAttributes"}


def _subscribe(subject: Subject) -> Iterable[Operation]:
    wanted = subject.known
    table = {**_SUBSCRIPTION_SETTINGS, "filter_policy_scope": ("FilterPolicyScope", text, "")}
    given: dict[str, Json] = {
        key: text(wanted[name]) for name, (key, _, _) in table.items() if wanted.get(name) not in (None, "", False)
    }
    yield operation(
        "sns:Subscribe",
        {
            "TopicArn": wanted["topic_arn"],
            "Protocol": wanted["protocol"],
            "Endpoint": wanted["endpoint"],
            "Attributes": given,
            "ReturnSubscriptionArn": True,
        },
    )


def _unsubscribe(subject: Subject) -> Iterable[Operation]:
    yield operation("sns:Unsubscribe", {"SubscriptionArn": subject.id})


def _confirmed(record: Record, _scope: Scope) -> bool:
    """A listing hides the ARN of a subscription that nobody confirmed yet; then nothing more can be asked about it."""
    return str(record["SubscriptionArn"]).startswith("arn:")


def _subscription_id(record: Record, scope: Scope) -> str:
    if _confirmed(record, scope):
        return str(record["SubscriptionArn"])
    return f"{record['TopicArn']}:pending:{record['Protocol']}:{record['Endpoint']}"


_SUBSCRIPTION: Final = ResourceType(
    name="aws_sns_topic_subscription",
    list=_SUBSCRIPTIONS,
    id=_subscription_id,
    by_id=lambda arn, _: {"SubscriptionArn": arn},
    natural_keys=(("topic_arn", "protocol", "endpoint"),),
    details={
        "attributes": Read(
            "sns:GetSubscriptionAttributes",
            "Attributes",
            {"SubscriptionArn": At("SubscriptionArn")},
            when=_confirmed,
            absent=_GONE,
        )
    },
    exists=lambda record, scope: record["attributes"] is not None or not _confirmed(record, scope),
    attributes={
        **settings("attributes", _SUBSCRIPTION_SETTINGS),
        "arn": At("SubscriptionArn"),
        "confirmation_was_authenticated": At("attributes.ConfirmationWasAuthenticated", boolean, default=False),
        "endpoint": lambda record, _: record.get("Endpoint") or dig(record, "attributes.Endpoint"),
        "filter_policy_scope": _filter_scope,
        "id": _subscription_id,
        "owner_id": lambda record, _: record.get("Owner") or dig(record, "attributes.Owner"),
        "pending_confirmation": lambda record, scope: (
            not _confirmed(record, scope) or boolean(dig(record, "attributes.PendingConfirmation"))
        ),
        "protocol": lambda record, _: record.get("Protocol") or dig(record, "attributes.Protocol"),
        "topic_arn": lambda record, _: record.get("TopicArn") or dig(record, "attributes.TopicArn"),
    },
    config_only=frozenset(("confirmation_timeout_in_minutes", "endpoint_auto_confirms")),
    planned=_usual_scope,
    semantics={
        "delivery_policy": Semantics.JSON,
        "filter_policy": Semantics.JSON,
        "redrive_policy": Semantics.REDRIVE,
        "replay_policy": Semantics.JSON,
    },
    writes=(
        _set_each(
            "sns:SetSubscriptionAttributes",
            "SubscriptionArn",
            {"filter_policy_scope": ("FilterPolicyScope", text, ""), **_SUBSCRIPTION_SETTINGS},
        ),
    ),
    create=Write(("sns:Subscribe",), frozenset(), _subscribe),
    delete=Write(("sns:Unsubscribe",), frozenset(), _unsubscribe),
)

TYPES: Final = (_TOPIC, _SUBSCRIPTION)
