"""Platforms that topics push to."""

from __future__ import annotations

from typing import Final

from reconciler.resources.spec import At, Getter, Read, Record, ResourceType, Scope
from reconciler.resources.writing import setter

_SETTINGS: Final = {
    "event_delivery_failure_topic_arn": "EventDeliveryFailure",
    "event_endpoint_created_topic_arn": "EventEndpointCreated",
    "event_endpoint_deleted_topic_arn": "EventEndpointDeleted",
    "event_endpoint_updated_topic_arn": "EventEndpointUpdated",
    "failure_feedback_role_arn": "FailureFeedbackRoleArn",
    "success_feedback_role_arn": "SuccessFeedbackRoleArn",
    "success_feedback_sample_rate": "SuccessFeedbackSampleRate",
}
_APPLE: Final = {"apple_platform_bundle_id": "ApplePlatformBundleID", "apple_platform_team_id": "ApplePlatformTeamID"}


def _part(index: int) -> Getter:
    """arn:aws:sns:eu-west-1:123456789012:app/GCM/phones"""

    def part(record: Record, _scope: Scope) -> str:
        return str(record["PlatformApplicationArn"]).split(":app/", 1)[-1].split("/", 1)[index]

    return part


_APPLICATION: Final = ResourceType(
    name="aws_sns_platform_application",
    list=Read("sns:ListPlatformApplications", "PlatformApplications", page=0),
    id=At("PlatformApplicationArn"),
    natural_keys=(("platform", "name"),),
    attributes={
        **{name: At(f"Attributes.{key}", default="") for name, key in (*_SETTINGS.items(), *_APPLE.items())},
        "arn": At("PlatformApplicationArn"),
        "id": At("PlatformApplicationArn"),
        "name": _part(1),
        "platform": _part(0),
    },
    # Secrets that are never told again.
    config_only=frozenset(("platform_credential", "platform_principal")),
    writes=(
        setter(
            "sns:SetPlatformApplicationAttributes",
            {"PlatformApplicationArn": "id"},
            {name: (key, lambda wanted: wanted or "") for name, key in _SETTINGS.items()},
            under="Attributes",
        ),
    ),
)

TYPES: Final = (_APPLICATION,)
