"""Who mail may be sent as, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import part, parts, tags
from reconciler.resources.shapes import Field, Shape, flag, listed, never, number, one, value
from reconciler.resources.shapes import read as read_shape
from reconciler.resources.shapes import write as write_shape
from reconciler.resources.spec import At, Getter, Read, Record, ResourceType, Scope, Subject, Write
from reconciler.resources.writing import operation, tag_write

# -- domains ------------------------------------------------------------------------------------------------


def _verification(record: Record) -> dict[str, Any]:
    """The answer is by name, and names have dots."""
    found: dict[str, Any] = part(record, "verification").get(str(record["Domain"])) or {}
    return found


def _verified(record: Record, _scope: Scope) -> Json:
    return _verification(record).get("VerificationToken") or ""


_DOMAIN: Final = ResourceType(
    name="aws_ses_domain_identity",
    list=Read("ses:ListIdentities", "Identities", {"IdentityType": "Domain"}, wrap="Domain", page=1000),
    id=At("Domain"),
    by_id=lambda domain, _: {"Domain": domain},
    natural_keys=(("domain",),),
    details={
        "verification": Read(
            "ses:GetIdentityVerificationAttributes",
            "VerificationAttributes",
            {"Identities": lambda record, _: [record["Domain"]]},
        )
    },
    exists=lambda record, _: bool(_verification(record)),
    attributes={
        "arn": lambda record, scope: scope.arn("ses", f"identity/{record['Domain']}"),
        "domain": At("Domain"),
        "id": At("Domain"),
        "verification_token": _verified,
    },
    twins=("aws_sesv2_email_identity",),
)

# -- identities of either kind --------------------------------------------------------------------------------


def _set_configuration(subject: Subject) -> Iterable[Operation]:
    wanted = (subject.after or {}).get("configuration_set_name") or None
    given: dict[str, Json] = {"EmailIdentity": subject.id, "ConfigurationSetName": wanted}
    yield operation("sesv2:PutEmailIdentityConfigurationSetAttributes", given)


def _signing(record: Record, _scope: Scope) -> Json:
    found = part(record, "identity.DkimAttributes")
    return [
        {
            "current_signing_key_length": found.get("CurrentSigningKeyLength") or "",
            "last_key_generation_timestamp": found.get("LastKeyGenerationTimestamp") or "",
            "next_signing_key_length": found.get("NextSigningKeyLength") or "",
            "signing_attributes_origin": found.get("SigningAttributesOrigin") or "",
            "status": found.get("Status") or "",
            "tokens": found.get("Tokens") or [],
        }
    ]


def _identity_arn(record: Record, scope: Scope) -> str:
    return scope.arn("ses", f"identity/{record['IdentityName']}")


def _tags_of(arn: Getter) -> Read:
    return Read("sesv2:ListTagsForResource", "Tags", {"ResourceArn": arn}, absent=frozenset(("NotFoundException",)))


_IDENTITY: Final = ResourceType(
    name="aws_sesv2_email_identity",
    list=Read("sesv2:ListEmailIdentities", "EmailIdentities", page=1000),
    id=At("IdentityName"),
    by_id=lambda name, _: {"IdentityName": name},
    natural_keys=(("email_identity",),),
    details={
        "identity": Read(
            "sesv2:GetEmailIdentity",
            "",
            {"EmailIdentity": At("IdentityName")},
            absent=frozenset(("NotFoundException",)),
        ),
        "tags": _tags_of(_identity_arn),
    },
    exists=lambda record, _: record["identity"] is not None,
    attributes={
        "arn": _identity_arn,
        "configuration_set_name": At("identity.ConfigurationSetName", default=""),
        "dkim_signing_attributes": _signing,
        "email_identity": At("IdentityName"),
        "id": At("IdentityName"),
        "identity_type": At("identity.IdentityType", default=""),
        "tags": tags("tags"),
        "verified_for_sending_status": At("identity.VerifiedForSendingStatus", default=False),
    },
    config_only=frozenset(
        ("dkim_signing_attributes.domain_signing_private_key", "dkim_signing_attributes.domain_signing_selector")
    ),
    kept=frozenset(("dkim_signing_attributes",)),
    writes=(
        Write(
            ("sesv2:PutEmailIdentityConfigurationSetAttributes",),
            frozenset(("configuration_set_name",)),
            _set_configuration,
        ),
        tag_write("sesv2:TagResource", "sesv2:UntagResource", {"ResourceArn": "arn"}),
    ),
    twins=("aws_ses_domain_identity",),
)

# -- how it is sent -------------------------------------------------------------------------------------------

_OPTIONS: Final[Mapping[str, tuple[str, Shape]]] = {
    "delivery_options": (
        "Delivery",
        {
            "max_delivery_seconds": number("MaxDeliverySeconds"),
            "sending_pool_name": value("SendingPoolName"),
            "tls_policy": value("TlsPolicy"),
        },
    ),
    "reputation_options": (
        "Reputation",
        {
            "last_fresh_start": Field("LastFreshStart", write=never, default=""),
            "reputation_metrics_enabled": flag("ReputationMetricsEnabled"),
        },
    ),
    "sending_options": ("Sending", {"sending_enabled": flag("SendingEnabled")}),
    "suppression_options": ("Suppression", {"suppressed_reasons": listed("SuppressedReasons")}),
    "tracking_options": (
        "Tracking",
        {"custom_redirect_domain": value("CustomRedirectDomain"), "https_policy": value("HttpsPolicy")},
    ),
}
_VDM: Final[Shape] = {
    "dashboard_options": one("DashboardOptions", {"engagement_metrics": value("EngagementMetrics")}),
    "guardian_options": one("GuardianOptions", {"optimized_shared_delivery": value("OptimizedSharedDelivery")}),
}


def _set_options(attribute: str, kind: str, shape: Shape, key: str = "") -> Write:
    """Each has a call of its own; what it is not given is taken away."""
    name = f"sesv2:PutConfigurationSet{kind}Options"

    def build(subject: Subject) -> Iterable[Operation]:
        wanted = write_shape(shape, (parts(dict(subject.after or {}), attribute) or [{}])[0])
        yield operation(name, {"ConfigurationSetName": subject.id, **({key: wanted} if key else wanted)})

    return Write((name,), frozenset((attribute,)), build)


def _block(path: str, shape: Shape) -> Getter:
    return At(f"set.{path}", lambda found: [read_shape(shape, found)], [])


def _set_arn(record: Record, scope: Scope) -> str:
    return scope.arn("ses", f"configuration-set/{record['ConfigurationSetName']}")


_SET: Final = ResourceType(
    name="aws_sesv2_configuration_set",
    list=Read("sesv2:ListConfigurationSets", "ConfigurationSets", wrap="ConfigurationSetName", page=1000),
    id=At("ConfigurationSetName"),
    by_id=lambda name, _: {"ConfigurationSetName": name},
    natural_keys=(("configuration_set_name",),),
    details={
        "set": Read(
            "sesv2:GetConfigurationSet",
            "",
            {"ConfigurationSetName": At("ConfigurationSetName")},
            absent=frozenset(("NotFoundException",)),
        ),
        "tags": _tags_of(_set_arn),
    },
    exists=lambda record, _: record["set"] is not None,
    attributes={
        **{name: _block(f"{kind}Options", shape) for name, (kind, shape) in _OPTIONS.items()},
        "arn": _set_arn,
        "configuration_set_name": At("ConfigurationSetName"),
        "id": At("ConfigurationSetName"),
        "tags": tags("tags"),
        "vdm_options": _block("VdmOptions", _VDM),
    },
    # AWS has some whether the code says so or not.
    kept=frozenset(("reputation_options", "sending_options")),
    writes=(
        *(_set_options(name, kind, shape) for name, (kind, shape) in _OPTIONS.items()),
        _set_options("vdm_options", "Vdm", _VDM, "VdmOptions"),
        tag_write("sesv2:TagResource", "sesv2:UntagResource", {"ResourceArn": "arn"}),
    ),
)

TYPES: Final = (_DOMAIN, _IDENTITY, _SET)
