"""CloudWatch alarms on metrics."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import tags
from reconciler.resources.reading import tags_in_bulk
from reconciler.resources.shapes import Field, Shape, flag, getters, many, names_of, number, one, value, write
from reconciler.resources.spec import At, Read, ResourceType, Subject, Write
from reconciler.resources.writing import live_tags, operation, tag_list, tag_write

_GONE: Final = frozenset(("ResourceNotFound", "ResourceNotFoundException"))


def _dimensions(key: str) -> Field:
    def read(given: Any) -> Json:
        return {pair["Name"]: pair["Value"] for pair in given}

    return Field(key, read, lambda wanted: tag_list(wanted, "Name", "Value"), {})


_METRIC: Final[Shape] = {
    "dimensions": _dimensions("Metric.Dimensions"),
    "metric_name": value("Metric.MetricName"),
    "namespace": value("Metric.Namespace"),
    "period": number("Period"),
    "stat": value("Stat"),
    "unit": value("Unit"),
}
_QUERY: Final[Shape] = {
    "account_id": value("AccountId"),
    "expression": value("Expression"),
    "id": value("Id"),
    "label": value("Label"),
    "metric": one("MetricStat", _METRIC),
    "period": number("Period"),
    "return_data": flag("ReturnData"),
}
_SETTINGS: Final[Shape] = {
    "actions_enabled": flag("ActionsEnabled", default=True),
    "alarm_actions": names_of("AlarmActions"),
    "alarm_description": value("AlarmDescription"),
    "comparison_operator": value("ComparisonOperator"),
    "datapoints_to_alarm": number("DatapointsToAlarm"),
    "dimensions": _dimensions("Dimensions"),
    "evaluate_low_sample_count_percentiles": value("EvaluateLowSampleCountPercentile"),
    "evaluation_periods": number("EvaluationPeriods"),
    "extended_statistic": value("ExtendedStatistic"),
    "insufficient_data_actions": names_of("InsufficientDataActions"),
    "metric_name": value("MetricName"),
    "metric_query": many("Metrics", _QUERY),
    "namespace": value("Namespace"),
    "ok_actions": names_of("OKActions"),
    "period": number("Period"),
    "statistic": value("Statistic"),
    "threshold": number("Threshold", zero=True),
    "threshold_metric_id": value("ThresholdMetricId"),
    "treat_missing_data": value("TreatMissingData", "missing"),
    "unit": value("Unit"),
}


def _put(subject: Subject) -> Iterable[Operation]:
    """PutMetricAlarm sets the whole alarm; tags are for new ones only. A threshold is a number or another metric."""
    wanted = subject.known
    given = write(_SETTINGS, wanted)
    if wanted.get("threshold_metric_id"):
        given.pop("Threshold", None)
    if subject.before is None:
        given["Tags"] = tag_list(live_tags(wanted)) or None
    yield operation("cloudwatch:PutMetricAlarm", {"AlarmName": wanted["alarm_name"], **given})


_ALARM: Final = ResourceType(
    name="aws_cloudwatch_metric_alarm",
    list=Read("cloudwatch:DescribeAlarms", "MetricAlarms", {"AlarmTypes": ["MetricAlarm"]}),
    id=At("AlarmName"),
    natural_keys=(("alarm_name",),),
    details={
        "tags": tags_in_bulk(
            "cloudwatch:alarm",
            At("AlarmArn"),
            Read("cloudwatch:ListTagsForResource", "Tags", {"ResourceARN": At("AlarmArn")}, absent=_GONE),
        )
    },
    attributes={
        **getters(_SETTINGS),
        "alarm_name": At("AlarmName"),
        "arn": At("AlarmArn"),
        "id": At("AlarmName"),
        "tags": tags("tags"),
    },
    writes=(
        Write(("cloudwatch:PutMetricAlarm",), frozenset(_SETTINGS), _put),
        tag_write("cloudwatch:TagResource", "cloudwatch:UntagResource", {"ResourceARN": "arn"}),
    ),
    # Made by Application Auto Scaling for its policies.
    aws_owned=lambda record, _: str(record["AlarmName"]).startswith("TargetTracking-"),
)

TYPES: Final = (_ALARM,)
