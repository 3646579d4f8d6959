"""CloudWatch Logs: groups, what is made of their lines, and who may write them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

from reconciler.model import Json, Operation, Plain
from reconciler.resources.convert import document, name_prefix, tags
from reconciler.resources.reading import tags_in_bulk
from reconciler.resources.shapes import Field, Shape, getters, mapping, value, write
from reconciler.resources.shapes import read as read_shape
from reconciler.resources.spec import At, Read, Record, ResourceType, Scope, Semantics, Subject, Write
from reconciler.resources.writing import PASS_ROLE, operation, tag_object, tag_write

_GONE: Final = frozenset(("ResourceNotFoundException",))
_GROUPS: Final = Read("logs:DescribeLogGroups", "logGroups")

# -- groups ---------------------------------------------------------------------------------------------------


def _group_arn(record: Record, _scope: Scope) -> str:
    """Without the ":*" that stands for the streams in it."""
    return str(record["arn"]).removesuffix(":*")


def _set_retention(subject: Subject) -> Iterable[Operation]:
    group: dict[str, Json] = {"logGroupName": subject.known["name"]}
    days = (subject.after or {}).get("retention_in_days")
    if days:
        yield operation("logs:PutRetentionPolicy", {**group, "retentionInDays": days})
    else:
        yield operation("logs:DeleteRetentionPolicy", group)


def _set_key(subject: Subject) -> Iterable[Operation]:
    group: dict[str, Json] = {"logGroupName": subject.known["name"]}
    key = (subject.after or {}).get("kms_key_id")
    if key:
        yield operation("logs:AssociateKmsKey", {**group, "kmsKeyId": key})
    else:
        yield operation("logs:DisassociateKmsKey", group)


_GROUP: Final = ResourceType(
    name="aws_cloudwatch_log_group",
    list=_GROUPS,
    id=At("logGroupName"),
    natural_keys=(("name",),),
    aws_owned=lambda record, _: str(record["logGroupName"]).startswith("/aws/"),  # services make these by themselves
    details={
        "tags": tags_in_bulk(
            "logs",
            _group_arn,
            Read("logs:ListTagsForResource", "tags", {"resourceArn": _group_arn}, absent=_GONE),
        )
    },
    attributes={
        "arn": _group_arn,
        "id": At("logGroupName"),
        "kms_key_id": At("kmsKeyId", default=""),
        "log_group_class": At("logGroupClass", default=""),
        "name": At("logGroupName"),
        "name_prefix": name_prefix("logGroupName"),
        "retention_in_days": At("retentionInDays", default=0),
        "tags": tags("tags"),
    },
    config_only=frozenset(("skip_destroy",)),
    writes=(
        Write(
            ("logs:PutRetentionPolicy", "logs:DeleteRetentionPolicy"), frozenset(("retention_in_days",)), _set_retention
        ),
        Write(("logs:AssociateKmsKey", "logs:DisassociateKmsKey"), frozenset(("kms_key_id",)), _set_key),
        tag_write(
            "logs:TagResource",
            "logs:UntagResource",
            {"resourceArn": "arn"},
            form=tag_object,
            tags="tags",
            keys="tagKeys",
        ),
    ),
)

# -- subscription filters -------------------------------------------------------------------------------------

_SUBSCRIPTION_SETTINGS: Final[Shape] = {
    "destination_arn": value("destinationArn"),
    "distribution": value("distribution", "ByLogStream"),
    "filter_pattern": value("filterPattern", cleared=""),
    "role_arn": value("roleArn"),
}


def _subscription_id(record: Record, _scope: Scope) -> str:
    """Terraform's: a checksum of the group, the same for each of its filters."""
    group = str(record["logGroupName"])
    return f"cwlsf-{zlib.crc32(f'{group}-'.encode())}"


def _filter_of(attributes: Mapping[str, Json]) -> dict[str, Json]:
    return {"logGroupName": attributes["log_group_name"], "filterName": attributes["name"]}


def _put_subscription(subject: Subject) -> Iterable[Operation]:
    wanted = subject.known
    yield operation("logs:PutSubscriptionFilter", {**_filter_of(wanted), **write(_SUBSCRIPTION_SETTINGS, wanted)})


def _delete_subscription(subject: Subject) -> Iterable[Operation]:
    yield operation("logs:DeleteSubscriptionFilter", _filter_of(subject.known))


_SUBSCRIPTION: Final = ResourceType(
    name="aws_cloudwatch_log_subscription_filter",
    list=Read(
        "logs:DescribeSubscriptionFilters",
        "subscriptionFilters",
        {"logGroupName": At("logGroupName")},
        under=_GROUPS,
        hides={"log_group_name": At("logGroupName")},
        absent=_GONE,
    ),
    id=lambda record, _: f"{record['logGroupName']}|{record['filterName']}",
    id_from_live=False,
    natural_keys=(("log_group_name", "name"),),
    attributes={
        **getters(_SUBSCRIPTION_SETTINGS),
        "id": _subscription_id,
        "log_group_name": At("logGroupName"),
        "name": At("filterName"),
    },
    writes=(
        Write(
            ("logs:PutSubscriptionFilter",),
            frozenset(_SUBSCRIPTION_SETTINGS),
            _put_subscription,
            ("logs:PutSubscriptionFilter", PASS_ROLE),
        ),
    ),
    create=Write(
        ("logs:PutSubscriptionFilter",),
        frozenset(),
        _put_subscription,
        ("logs:PutSubscriptionFilter", PASS_ROLE),
    ),
    delete=Write(("logs:DeleteSubscriptionFilter",), frozenset(), _delete_subscription),
)

# -- metric filters -------------------------------------------------------------------------------------------


def _decimal(given: Any) -> Json:
    """0.0 -> "0": as Go writes a float without an exponent."""
    number = float(given)
    return str(int(number)) if number.is_integer() else repr(number)


_TRANSFORMATION: Final[Shape] = {
    "default_value": Field("defaultValue", _decimal, float, ""),
    "dimensions": mapping("dimensions"),
    "name": value("metricName"),
    "namespace": value("metricNamespace"),
    "unit": value("unit", "None"),
    "value": value("metricValue"),
}


def _put_metric(subject: Subject) -> Iterable[Operation]:
    wanted: Mapping[str, Any] = subject.known
    transformations: list[Json] = [write(_TRANSFORMATION, block) for block in wanted["metric_transformation"]]
    given: dict[str, Json] = {
        "filterPattern": str(wanted["pattern"]).strip(),
        "metricTransformations": transformations,
    }
    yield operation("logs:PutMetricFilter", {**_filter_of(wanted), **given})


def _delete_metric(subject: Subject) -> Iterable[Operation]:
    yield operation("logs:DeleteMetricFilter", _filter_of(subject.known))


def _trimmed(values: Mapping[str, Plain]) -> Mapping[str, Plain]:
    pattern = values.get("pattern")
    return {"pattern": pattern.strip()} if isinstance(pattern, str) else {}


_METRIC: Final = ResourceType(
    name="aws_cloudwatch_log_metric_filter",
    list=Read("logs:DescribeMetricFilters", "metricFilters"),
    id=lambda record, _: f"{record['logGroupName']}:{record['filterName']}",
    # The state's id is the filter's name alone, which other groups may have too.
    id_from_live=False,
    natural_keys=(("log_group_name", "name"),),
    attributes={
        "id": At("filterName"),
        "log_group_name": At("logGroupName"),
        "metric_transformation": At(
            "metricTransformations", lambda found: [read_shape(_TRANSFORMATION, item) for item in found], []
        ),
        "name": At("filterName"),
        "pattern": At("filterPattern", default=""),
    },
    planned=_trimmed,
    semantics={"metric_transformation.default_value": Semantics.NUMBER},
    writes=(Write(("logs:PutMetricFilter",), frozenset(("metric_transformation", "pattern")), _put_metric),),
    create=Write(("logs:PutMetricFilter",), frozenset(), _put_metric),
    delete=Write(("logs:DeleteMetricFilter",), frozenset(), _delete_metric),
)

# -- resource policies ----------------------------------------------------------------------------------------


def _put_policy(subject: Subject) -> Iterable[Operation]:
    wanted = subject.known
    given: dict[str, Json] = {"policyName": wanted["policy_name"], "policyDocument": wanted["policy_document"]}
    yield operation("logs:PutResourcePolicy", given)


def _delete_policy(subject: Subject) -> Iterable[Operation]:
    yield operation("logs:DeleteResourcePolicy", {"policyName": subject.known["policy_name"]})


_POLICY: Final = ResourceType(
    name="aws_cloudwatch_log_resource_policy",
    list=Read("logs:DescribeResourcePolicies", "resourcePolicies"),
    id=At("policyName"),
    natural_keys=(("policy_name",),),
    attributes={
        "id": At("policyName"),
        "policy_document": At("policyDocument", document),
        "policy_name": At("policyName"),
    },
    semantics={"policy_document": Semantics.POLICY},
    writes=(Write(("logs:PutResourcePolicy",), frozenset(("policy_document",)), _put_policy),),
    create=Write(("logs:PutResourcePolicy",), frozenset(), _put_policy),
    delete=Write(("logs:DeleteResourcePolicy",), frozenset(), _delete_policy),
    # Written by AWS when logs are delivered.
    aws_owned=lambda record, _: str(record["policyName"]).startswith("AWSLogDeliveryWrite"),
)

TYPES: Final = (_GROUP, _SUBSCRIPTION, _METRIC, _POLICY)
