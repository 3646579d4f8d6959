"""Application Auto Scaling: what is scaled between which bounds, and by what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import tag_map
from reconciler.resources.shapes import Field, Shape, flag, getters, many, number, one, value, write
from reconciler.resources.spec import At, Attributes, Read, Record, ResourceType, Scope, Semantics, Subject, Write
from reconciler.resources.writing import PASS_ROLE, operation, tag_object, tag_write

_API: Final = "application-autoscaling"
# Each is asked apart: no call tells of all.
_NAMESPACES: Final = (
    "appstream",
    "cassandra",
    "comprehend",
    "custom-resource",
    "dynamodb",
    "ec2",
    "ecs",
    "elasticache",
    "elasticmapreduce",
    "kafka",
    "lambda",
    "neptune",
    "rds",
    "sagemaker",
    "workspaces",
)


def _each_namespace(_record: Record, _scope: Scope) -> Iterable[Record]:
    return [{"ServiceNamespace": name} for name in _NAMESPACES]


def _in_every_namespace(name: str, path: str) -> Read:
    return Read(
        f"{_API}:{name}",
        path,
        {"ServiceNamespace": At("ServiceNamespace")},
        under=Read("sts:GetCallerIdentity", each=_each_namespace),
        hides={"service_namespace": At("ServiceNamespace")},
        # A namespace that the region does not have.
        absent=frozenset(("ValidationException",)),
        page=50,
    )


_SCALED: Final = {
    "resource_id": At("ResourceId"),
    "scalable_dimension": At("ScalableDimension"),
    "service_namespace": At("ServiceNamespace"),
}
_SCALED_PARAMETERS: Final[Shape] = {
    "resource_id": value("ResourceId"),
    "scalable_dimension": value("ScalableDimension"),
    "service_namespace": value("ServiceNamespace"),
}


def _scaled_id(record: Record, _scope: Scope) -> str:
    return "/".join(str(record[key]) for key in ("ServiceNamespace", "ResourceId", "ScalableDimension"))


def _named(attributes: Attributes) -> dict[str, Json]:
    return write(_SCALED_PARAMETERS, attributes)


# -- targets --------------------------------------------------------------------------------------------------

_SUSPENDED: Final[Shape] = {
    "dynamic_scaling_in_suspended": flag("DynamicScalingInSuspended"),
    "dynamic_scaling_out_suspended": flag("DynamicScalingOutSuspended"),
    "scheduled_scaling_suspended": flag("ScheduledScalingSuspended"),
}
_BOUNDS: Final[Shape] = {
    "max_capacity": number("MaxCapacity", zero=True),
    "min_capacity": number("MinCapacity", zero=True),
    "role_arn": value("RoleARN"),
    "suspended_state": one(
        "SuspendedState", _SUSPENDED, cleared=dict.fromkeys((field.key for field in _SUSPENDED.values()), False)
    ),
}


def _register(subject: Subject) -> Iterable[Operation]:
    wanted = dict(subject.known)
    if "suspended_state" not in subject.changed or (subject.before is None and not wanted.get("suspended_state")):
        wanted.pop("suspended_state", None)
    bounds = {name: field for name, field in _BOUNDS.items() if name in wanted}
    yield operation(f"{_API}:RegisterScalableTarget", {**_named(wanted), **write(bounds, wanted)})


def _deregister(subject: Subject) -> Iterable[Operation]:
    yield operation(f"{_API}:DeregisterScalableTarget", _named(subject.known))


_REGISTERING: Final = ((f"{_API}:RegisterScalableTarget",), (f"{_API}:RegisterScalableTarget", PASS_ROLE))

_TARGET: Final = ResourceType(
    name="aws_appautoscaling_target",
    list=_in_every_namespace("DescribeScalableTargets", "ScalableTargets"),
    # Terraform's id is the scaled resource's, of which several dimensions may be scaled.
    id=_scaled_id,
    id_from_live=False,
    import_id=_scaled_id,
    natural_keys=(("service_namespace", "resource_id", "scalable_dimension"),),
    details={
        "tags": Read(
            f"{_API}:ListTagsForResource",
            "",
            {"ResourceARN": At("ScalableTargetARN")},
            when=lambda record, _: bool(record.get("ScalableTargetARN")),
            absent=frozenset(("ResourceNotFoundException",)),
        )
    },
    attributes={
        **_SCALED,
        **getters(_BOUNDS),
        "arn": At("ScalableTargetARN", default=""),
        "id": At("ResourceId"),
        "tags": At("tags.Tags", tag_map, {}),
    },
    kept=frozenset(("suspended_state",)),
    writes=(
        Write(_REGISTERING[0], frozenset(_BOUNDS), _register, _REGISTERING[1]),
        tag_write(f"{_API}:TagResource", f"{_API}:UntagResource", {"ResourceARN": "arn"}, form=tag_object),
    ),
    create=Write(_REGISTERING[0], frozenset(), _register, _REGISTERING[1]),
    delete=Write((f"{_API}:DeregisterScalableTarget",), frozenset(), _deregister),
)

# -- policies -------------------------------------------------------------------------------------------------


def _plain(found: Any) -> Json:
    """A bound of a step, which Terraform has as text: 0.0 is "0"."""
    return f"{found:g}"


def _bound(key: str) -> Field:
    return Field(key, _plain, float, "")


_DIMENSIONS: Final = many("Dimensions", {"name": value("Name"), "value": value("Value")})
_STATISTIC: Final[Shape] = {
    "metric": one(
        "Metric",
        {"dimensions": _DIMENSIONS, "metric_name": value("MetricName"), "namespace": value("Namespace")},
    ),
    "stat": value("Stat"),
    "unit": value("Unit"),
}
_METRICS: Final[Shape] = {
    "expression": value("Expression"),
    "id": value("Id"),
    "label": value("Label"),
    "metric_stat": one("MetricStat", _STATISTIC),
    "return_data": flag("ReturnData", default=True),
}
_TRACKING: Final[Shape] = {
    "customized_metric_specification": one(
        "CustomizedMetricSpecification",
        {
            "dimensions": _DIMENSIONS,
            "metric_name": value("MetricName"),
            "metrics": many("Metrics", _METRICS),
            "namespace": value("Namespace"),
            "statistic": value("Statistic"),
            "unit": value("Unit"),
        },
    ),
    "disable_scale_in": flag("DisableScaleIn"),
    "predefined_metric_specification": one(
        "PredefinedMetricSpecification",
        {"predefined_metric_type": value("PredefinedMetricType"), "resource_label": value("ResourceLabel")},
    ),
    "scale_in_cooldown": number("ScaleInCooldown", zero=True),
    "scale_out_cooldown": number("ScaleOutCooldown", zero=True),
    "target_value": number("TargetValue", zero=True),
}
_STEPS: Final[Shape] = {
    "adjustment_type": value("AdjustmentType"),
    "cooldown": number("Cooldown", zero=True),
    "metric_aggregation_type": value("MetricAggregationType"),
    "min_adjustment_magnitude": number("MinAdjustmentMagnitude"),
    "step_adjustment": many(
        "StepAdjustments",
        {
            "metric_interval_lower_bound": _bound("MetricIntervalLowerBound"),
            "metric_interval_upper_bound": _bound("MetricIntervalUpperBound"),
            "scaling_adjustment": number("ScalingAdjustment", zero=True),
        },
    ),
}
_POLICY: Final[Shape] = {
    "policy_type": value("PolicyType"),
    "step_scaling_policy_configuration": one("StepScalingPolicyConfiguration", _STEPS),
    "target_tracking_scaling_policy_configuration": one("TargetTrackingScalingPolicyConfiguration", _TRACKING),
}


def _policy_id(record: Record, scope: Scope) -> str:
    """As `terraform import` takes it; the state's id is the name alone."""
    return f"{_scaled_id(record, scope)}/{record['PolicyName']}"


def _put(subject: Subject) -> Iterable[Operation]:
    wanted = subject.known
    given = {**_named(wanted), **write(_POLICY, wanted), "PolicyName": wanted["name"]}
    yield operation(f"{_API}:PutScalingPolicy", given)


def _remove(subject: Subject) -> Iterable[Operation]:
    yield operation(f"{_API}:DeleteScalingPolicy", {**_named(subject.known), "PolicyName": subject.known["name"]})


# The service makes and removes alarms on the caller's behalf.
_ALARM_ACTIONS: Final = ("cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm")
_PUTTING: Final = (f"{_API}:PutScalingPolicy",)
_REMOVING: Final = (f"{_API}:DeleteScalingPolicy",)

_POLICY_TYPE: Final = ResourceType(
    name="aws_appautoscaling_policy",
    list=_in_every_namespace("DescribeScalingPolicies", "ScalingPolicies"),
    id=_policy_id,
    id_from_live=False,
    import_id=_policy_id,
    natural_keys=(("service_namespace", "resource_id", "scalable_dimension", "name"),),
    attributes={
        **_SCALED,
        **getters(_POLICY),
        "alarm_arns": At("Alarms", lambda found: [alarm.get("AlarmARN") for alarm in found], []),
        "arn": At("PolicyARN"),
        "id": At("PolicyName"),
        "name": At("PolicyName"),
    },
    semantics={
        "step_scaling_policy_configuration.step_adjustment.metric_interval_lower_bound": Semantics.NUMBER,
        "step_scaling_policy_configuration.step_adjustment.metric_interval_upper_bound": Semantics.NUMBER,
    },
    writes=(Write(_PUTTING, frozenset(_POLICY) - {"policy_type"}, _put, (*_PUTTING, *_ALARM_ACTIONS)),),
    create=Write(_PUTTING, frozenset(), _put, (*_PUTTING, *_ALARM_ACTIONS)),
    delete=Write(
        (f"{_API}:DeleteScalingPolicy",), frozenset(), _remove, (f"{_API}:DeleteScalingPolicy", *_ALARM_ACTIONS)
    ),
)

TYPES: Final = (_TARGET, _POLICY_TYPE)
