"""What watches an account: dashboards, GuardDuty, AWS Config."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import document, parts, tags
from reconciler.resources.reading import tags_in_bulk
from reconciler.resources.shapes import Shape, flag, getters, many, names_of, one, value
from reconciler.resources.shapes import write as write_shape
from reconciler.resources.spec import At, Read, Record, ResourceType, Scope, Semantics, Subject, Write
from reconciler.resources.writing import PASS_ROLE, operation, tag_object, tag_write

# -- dashboards -----------------------------------------------------------------------------------------------


def _put_dashboard(subject: Subject) -> Iterable[Operation]:
    known = subject.known
    given: dict[str, Json] = {"DashboardName": known["dashboard_name"], "DashboardBody": known["dashboard_body"]}
    yield operation("cloudwatch:PutDashboard", given)


_DASHBOARD: Final = ResourceType(
    name="aws_cloudwatch_dashboard",
    list=Read("cloudwatch:ListDashboards", "DashboardEntries", page=0),
    id=At("DashboardName"),
    by_id=lambda name, _: {"DashboardName": name},
    natural_keys=(("dashboard_name",),),
    details={
        "dashboard": Read(
            "cloudwatch:GetDashboard",
            "",
            {"DashboardName": At("DashboardName")},
            absent=frozenset(("DashboardNotFoundError", "ResourceNotFound")),
        )
    },
    exists=lambda record, _: record["dashboard"] is not None,
    attributes={
        "dashboard_arn": At("dashboard.DashboardArn"),
        "dashboard_body": At("dashboard.DashboardBody", document, ""),
        "dashboard_name": At("DashboardName"),
        "id": At("DashboardName"),
    },
    semantics={"dashboard_body": Semantics.JSON},
    writes=(Write(("cloudwatch:PutDashboard",), frozenset(("dashboard_body",)), _put_dashboard),),
    # Dashboards are the same in every region.
    regional=False,
)

# -- GuardDuty ------------------------------------------------------------------------------------------------


def _set_detector(subject: Subject) -> Iterable[Operation]:
    after = subject.after or {}
    given: dict[str, Json] = {"DetectorId": subject.id}
    if "enable" in subject.changed:
        given["Enable"] = after.get("enable") is not False
    if "finding_publishing_frequency" in subject.changed:
        given["FindingPublishingFrequency"] = after.get("finding_publishing_frequency")
    yield operation("guardduty:UpdateDetector", given)


_DETECTOR: Final = ResourceType(
    name="aws_guardduty_detector",
    list=Read("guardduty:ListDetectors", "DetectorIds", wrap="DetectorId", page=50),
    id=At("DetectorId"),
    by_id=lambda id_, _: {"DetectorId": id_},
    natural_keys=((),),
    details={
        "detector": Read(
            "guardduty:GetDetector",
            "",
            {"DetectorId": At("DetectorId")},
            absent=frozenset(("BadRequestException",)),
        )
    },
    exists=lambda record, _: record["detector"] is not None,
    attributes={
        "account_id": lambda _, scope: scope.account,
        "arn": lambda record, scope: scope.arn("guardduty", f"detector/{record['DetectorId']}"),
        "enable": At("detector.Status", lambda status: status == "ENABLED"),
        "finding_publishing_frequency": At("detector.FindingPublishingFrequency", default=""),
        "id": At("DetectorId"),
        "tags": tags("detector.Tags"),
    },
    # The older way to say what aws_guardduty_detector_feature says.
    unchecked=frozenset(("datasources",)),
    writes=(
        Write(("guardduty:UpdateDetector",), frozenset(("enable", "finding_publishing_frequency")), _set_detector),
        tag_write("guardduty:TagResource", "guardduty:UntagResource", {"ResourceArn": "arn"}, form=tag_object),
    ),
)

# -- Config: what is recorded -----------------------------------------------------------------------------------

_OVERRIDE: Final[Shape] = {
    "description": value("description"),
    "recording_frequency": value("recordingFrequency"),
    "resource_types": names_of("resourceTypes"),
}
_MODE: Final[Shape] = {
    "recording_frequency": value("recordingFrequency"),
    "recording_mode_override": many("recordingModeOverrides", _OVERRIDE),
}


def _recorded(record: Record, _scope: Scope) -> Json:
    """AWS has one object where Terraform has blocks."""
    found = record.get("recordingGroup")
    if not found:
        return []
    excluded, strategy = found.get("exclusionByResourceTypes"), found.get("recordingStrategy")
    return [
        {
            "all_supported": bool(found.get("allSupported")),
            "exclusion_by_resource_types": (
                [{"resource_types": sorted(excluded.get("resourceTypes") or [])}] if excluded else []
            ),
            "include_global_resource_types": bool(found.get("includeGlobalResourceTypes")),
            "recording_strategy": [{"use_only": strategy.get("useOnly") or ""}] if strategy else [],
            "resource_types": sorted(found.get("resourceTypes") or []),
        }
    ]


_CHANNEL_SHAPE: Final[Shape] = {
    "s3_bucket_name": value("s3BucketName"),
    "s3_key_prefix": value("s3KeyPrefix"),
    "s3_kms_key_arn": value("s3KmsKeyArn"),
    "snapshot_delivery_properties": one(
        "configSnapshotDeliveryProperties", {"delivery_frequency": value("deliveryFrequency")}
    ),
    "sns_topic_arn": value("snsTopicARN"),
}


def _put_recorder(subject: Subject) -> Iterable[Operation]:
    """With what is recorded as it is: the role alone is another."""
    given: dict[str, Json] = {"name": subject.id, "roleARN": subject.known["role_arn"]}
    for group in parts(dict(subject.known), "recording_group"):
        excluded = next(iter(parts(group, "exclusion_by_resource_types")), None)
        # One that the code leaves out and that what is recorded now contradicts is for AWS to find.
        kind = "ALL_SUPPORTED" if group.get("all_supported") else "EXCLUSION_BY" if excluded else "INCLUSION_BY"
        strategies = parts(group, "recording_strategy")
        strategy = next((s for s in strategies if s["use_only"] == f"{kind}_RESOURCE_TYPES"), None)
        plain = {key: group.get(name) for name, key in _PLAIN.items()}
        given["recordingGroup"] = {
            **{key: found for key, found in plain.items() if found not in (None, [])},
            **({"exclusionByResourceTypes": {"resourceTypes": excluded["resource_types"] or []}} if excluded else {}),
            **({"recordingStrategy": {"useOnly": strategy["use_only"]}} if strategy else {}),
        }
    yield operation("config:PutConfigurationRecorder", {"ConfigurationRecorder": given})


_PLAIN: Final = {
    "all_supported": "allSupported",
    "include_global_resource_types": "includeGlobalResourceTypes",
    "resource_types": "resourceTypes",
}

_RECORDER: Final = ResourceType(
    name="aws_config_configuration_recorder",
    list=Read("config:DescribeConfigurationRecorders", "ConfigurationRecorders"),
    # A service's own recorder has one for itself.
    expand=lambda record, _: [] if record.get("servicePrincipal") else [record],
    id=At("name"),
    natural_keys=(("name",),),
    attributes={
        "id": At("name"),
        "name": At("name"),
        "recording_group": _recorded,
        "recording_mode": At("recordingMode", one("", _MODE).read, []),
        "role_arn": At("roleARN"),
    },
    kept=frozenset(("recording_mode",)),
    writes=(
        Write(
            ("config:PutConfigurationRecorder",),
            frozenset(("recording_group", "role_arn")),
            _put_recorder,
            ("config:PutConfigurationRecorder", PASS_ROLE),
        ),
    ),
)


def _put_channel(subject: Subject) -> Iterable[Operation]:
    given = {"name": subject.id, **write_shape(_CHANNEL_SHAPE, subject.known)}
    yield operation("config:PutDeliveryChannel", {"DeliveryChannel": given})


_CHANNEL: Final = ResourceType(
    name="aws_config_delivery_channel",
    list=Read("config:DescribeDeliveryChannels", "DeliveryChannels"),
    id=At("name"),
    natural_keys=(("name",),),
    attributes={**getters(_CHANNEL_SHAPE), "id": At("name"), "name": At("name")},
    writes=(Write(("config:PutDeliveryChannel",), frozenset(_CHANNEL_SHAPE), _put_channel),),
)

# -- Config: what is right --------------------------------------------------------------------------------------

_SCOPE: Final[Shape] = {
    "compliance_resource_id": value("ComplianceResourceId"),
    "compliance_resource_types": names_of("ComplianceResourceTypes"),
    "tag_key": value("TagKey"),
    "tag_value": value("TagValue"),
}
_DETAIL: Final[Shape] = {
    "event_source": value("EventSource"),
    "maximum_execution_frequency": value("MaximumExecutionFrequency"),
    "message_type": value("MessageType"),
}
_CUSTOM: Final[Shape] = {
    "enable_debug_log_delivery": flag("EnableDebugLogDelivery"),
    "policy_runtime": value("PolicyRuntime"),
    "policy_text": value("PolicyText"),
}
_SOURCE: Final[Shape] = {
    "custom_policy_details": one("CustomPolicyDetails", _CUSTOM),
    "owner": value("Owner"),
    "source_detail": many("SourceDetails", _DETAIL),
    "source_identifier": value("SourceIdentifier"),
}
_RULE_SHAPE: Final[Shape] = {
    "description": value("Description"),
    "evaluation_mode": many("EvaluationModes", {"mode": value("Mode")}),
    "input_parameters": value("InputParameters"),
    "maximum_execution_frequency": value("MaximumExecutionFrequency"),
    "scope": one("Scope", _SCOPE),
    "source": one("Source", _SOURCE),
}


def _put_rule(subject: Subject) -> Iterable[Operation]:
    given = {"ConfigRuleName": subject.id, **write_shape(_RULE_SHAPE, subject.known)}
    yield operation("config:PutConfigRule", {"ConfigRule": given})


_RULE: Final = ResourceType(
    name="aws_config_config_rule",
    list=Read("config:DescribeConfigRules", "ConfigRules"),
    id=At("ConfigRuleName"),
    natural_keys=(("name",),),
    details={
        "tags": tags_in_bulk(
            "config:config-rule",
            At("ConfigRuleArn"),
            Read(
                "config:ListTagsForResource",
                "Tags",
                {"ResourceArn": At("ConfigRuleArn")},
                absent=frozenset(("ResourceNotFoundException",)),
            ),
            doubtful=True,
        )
    },
    attributes={
        **getters(_RULE_SHAPE),
        "arn": At("ConfigRuleArn"),
        "id": At("ConfigRuleName"),
        "name": At("ConfigRuleName"),
        "rule_id": At("ConfigRuleId"),
        "tags": tags("tags"),
    },
    semantics={"input_parameters": Semantics.JSON},
    kept=frozenset(("evaluation_mode",)),
    writes=(
        Write(("config:PutConfigRule",), frozenset(_RULE_SHAPE), _put_rule),
        tag_write("config:TagResource", "config:UntagResource", {"ResourceArn": "arn"}),
    ),
    # Made by a service: Security Hub, Control Tower.
    aws_owned=lambda record, _: bool(record.get("CreatedBy")),
)

TYPES: Final = (_DASHBOARD, _DETECTOR, _RECORDER, _CHANNEL, _RULE)
