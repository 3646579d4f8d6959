"""Queues, and the policies that may be kept beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import Convert, boolean, document, last, name_prefix, number, settings, tags, text
from reconciler.resources.reading import tags_in_bulk
from reconciler.resources.spec import At, Child, Read, ResourceType, Semantics, Subject, Write, dig
from reconciler.resources.writing import operation, setter, tag_object, tag_write

_GONE: Final = frozenset(("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"))
_QUEUES: Final = Read("sqs:ListQueues", "QueueUrls", wrap="QueueUrl", page=1000)
_ATTRIBUTES: Final = Read(
    "sqs:GetQueueAttributes",
    "Attributes",
    {"QueueUrl": At("QueueUrl"), "AttributeNames": ["All"]},
    absent=_GONE,
)
_TAGS: Final = tags_in_bulk(
    "sqs",
    lambda record, scope: scope.arn("sqs", str(record["QueueUrl"]).rsplit("/", 1)[-1]),
    Read("sqs:ListQueueTags", "Tags", {"QueueUrl": At("QueueUrl")}, absent=_GONE),
)
_SETTINGS: Final[Mapping[str, tuple[str, Convert, Json]]] = {
    "content_based_deduplication": ("ContentBasedDeduplication", boolean, False),
    "deduplication_scope": ("DeduplicationScope", text, ""),
    "delay_seconds": ("DelaySeconds", number, 0),
    "fifo_throughput_limit": ("FifoThroughputLimit", text, ""),
    "kms_data_key_reuse_period_seconds": ("KmsDataKeyReusePeriodSeconds", number, 300),
    "kms_master_key_id": ("KmsMasterKeyId", text, ""),
    "max_message_size": ("MaximumMessageSize", number, 262144),
    "message_retention_seconds": ("MessageRetentionPeriod", number, 345600),
    "policy": ("Policy", document, ""),
    "receive_wait_time_seconds": ("ReceiveMessageWaitTimeSeconds", number, 0),
    "redrive_allow_policy": ("RedriveAllowPolicy", document, ""),
    "redrive_policy": ("RedrivePolicy", document, ""),
    "sqs_managed_sse_enabled": ("SqsManagedSseEnabled", boolean, False),
    "visibility_timeout_seconds": ("VisibilityTimeout", number, 30),
}


def _or(default: Json) -> Convert:
    """What code without a word on it stands for: SQS takes nothing empty but for policies and keys."""
    return lambda value: text(default if value is None else value)


_QUEUE: Final = ResourceType(
    name="aws_sqs_queue",
    # SQS itself takes, and gives a new queue, 1 MiB.
    most={"max_message_size": 262144},
    list=_QUEUES,
    id=At("QueueUrl"),
    by_id=lambda url, _: {"QueueUrl": url},
    natural_keys=(("name",),),
    details={"attributes": _ATTRIBUTES, "tags": _TAGS},
    exists=lambda record, _: record["attributes"] is not None,
    attributes={
        **settings("attributes", _SETTINGS),
        "arn": At("attributes.QueueArn"),
        "fifo_queue": At("attributes.FifoQueue", boolean, default=False),
        "id": At("QueueUrl"),
        "name": last("QueueUrl"),
        "name_prefix": name_prefix("QueueUrl", "/", suffix=".fifo"),
        "tags": tags("tags"),
        "url": At("QueueUrl"),
    },
    semantics={
        "policy": Semantics.POLICY,
        "redrive_policy": Semantics.REDRIVE,
        "redrive_allow_policy": Semantics.REDRIVE,
    },
    writes=(
        setter(
            "sqs:SetQueueAttributes",
            {"QueueUrl": "id"},
            {name: (key, _or(default)) for name, (key, _, default) in _SETTINGS.items()},
            under="Attributes",
        ),
        tag_write("sqs:TagQueue", "sqs:UntagQueue", {"QueueUrl": "id"}, form=tag_object),
    ),
    children=(
        Child("aws_sqs_queue_policy", "queue_url", ("policy",)),
        Child("aws_sqs_queue_redrive_policy", "queue_url", ("redrive_policy",)),
        Child("aws_sqs_queue_redrive_allow_policy", "queue_url", ("redrive_allow_policy",)),
    ),
)


def _kept_beside(name: str, attribute: str, key: str, semantics: Semantics) -> ResourceType:
    """One attribute of a queue as a resource of its own."""

    def put(subject: Subject) -> Iterable[Operation]:
        value: Json = subject.after.get(attribute) if subject.after else ""
        yield operation("sqs:SetQueueAttributes", {"QueueUrl": subject.known["queue_url"], "Attributes": {key: value}})

    return ResourceType(
        name=name,
        list=_QUEUES,
        id=At("QueueUrl"),
        by_id=lambda url, _: {"QueueUrl": url},
        natural_keys=(("queue_url",),),
        details={"attributes": _ATTRIBUTES},
        exists=lambda record, _: bool(dig(record, f"attributes.{key}")),
        attributes={"id": At("QueueUrl"), "queue_url": At("QueueUrl"), attribute: At(f"attributes.{key}", document)},
        semantics={attribute: semantics},
        writes=(Write(("sqs:SetQueueAttributes",), frozenset((attribute,)), put),),
        create=Write(("sqs:SetQueueAttributes",), frozenset(), put),
        delete=Write(("sqs:SetQueueAttributes",), frozenset(), put),
    )


TYPES: Final = (
    _QUEUE,
    _kept_beside("aws_sqs_queue_policy", "policy", "Policy", Semantics.POLICY),
    _kept_beside("aws_sqs_queue_redrive_policy", "redrive_policy", "RedrivePolicy", Semantics.REDRIVE),
    _kept_beside("aws_sqs_queue_redrive_allow_policy", "redrive_allow_policy", "RedriveAllowPolicy", Semantics.REDRIVE),
)
