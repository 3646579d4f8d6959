"""ACM certificates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from reconciler.model import Json, Plain
from reconciler.resources.convert import block, names, parts, tags
from reconciler.resources.reading import tags_in_bulk
from reconciler.resources.spec import At, Read, Record, ResourceType, Scope, dig
from reconciler.resources.writing import setter, tag_write

_GONE: Final = frozenset(("ResourceNotFoundException",))
# Without naming them all, only certificates with RSA keys of up to 2,048 bits are listed.
_KEY_TYPES: Final[list[Json]] = [
    "RSA_1024",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "EC_prime256v1",
    "EC_secp384r1",
    "EC_secp521r1",
]


def _with_own_name(values: Mapping[str, Plain]) -> Mapping[str, Plain]:
    """The provider takes the domain name for one of the alternative names where there are any."""
    domain, others = values.get("domain_name"), values.get("subject_alternative_names")
    names = [domain, *(name for name in others if name != domain)] if isinstance(others, list) else []
    return {"subject_alternative_names": names} if names and domain else {}


def _validations(record: Record) -> list[dict[str, Any]]:
    return parts(record["certificate"], "DomainValidationOptions")


def _dns_records(record: Record, _scope: Scope) -> Json:
    return [
        {
            "domain_name": option.get("DomainName"),
            "resource_record_name": dig(option, "ResourceRecord.Name"),
            "resource_record_type": dig(option, "ResourceRecord.Type"),
            "resource_record_value": dig(option, "ResourceRecord.Value"),
        }
        for option in _validations(record)
        if option.get("ResourceRecord")
    ]


def _emails(record: Record, _scope: Scope) -> Json:
    return [email for option in _validations(record) for email in option.get("ValidationEmails") or ()]


def _method(record: Record, _scope: Scope) -> Json:
    """The certificate's own is that of its first domain; an imported one has none."""
    if dig(record["certificate"], "Type") == "AMAZON_ISSUED":
        for option in _validations(record):
            if option.get("ValidationMethod"):
                return option["ValidationMethod"]
    return "NONE"


def _renewal(found: Any) -> Json:
    return [
        {
            "renewal_status": found.get("RenewalStatus"),
            "renewal_status_reason": found.get("RenewalStatusReason") or "",
            "updated_at": found.get("UpdatedAt"),
        }
    ]


_PREFERENCE: Final = "certificate_transparency_logging_preference"


def _options(wanted: Any) -> Json:
    logging = next((dig(block, _PREFERENCE) for block in wanted or ()), None)
    return {"CertificateTransparencyLoggingPreference": logging or "ENABLED"}


_CERTIFICATE: Final = ResourceType(
    name="aws_acm_certificate",
    planned=_with_own_name,
    list=Read("acm:ListCertificates", "CertificateSummaryList", {"Includes": {"keyTypes": _KEY_TYPES}}, page=1000),
    id=At("CertificateArn"),
    by_id=lambda arn, _: {"CertificateArn": arn},
    natural_keys=(("domain_name",),),
    details={
        "certificate": Read(
            "acm:DescribeCertificate", "Certificate", {"CertificateArn": At("CertificateArn")}, absent=_GONE
        ),
        "tags": tags_in_bulk(
            "acm:certificate",
            At("CertificateArn"),
            Read("acm:ListTagsForCertificate", "Tags", {"CertificateArn": At("CertificateArn")}, absent=_GONE),
        ),
    },
    exists=lambda record, _: record["certificate"] is not None,
    attributes={
        "arn": At("CertificateArn"),
        "certificate_authority_arn": At("certificate.CertificateAuthorityArn", default=""),
        "domain_name": lambda record, _: record.get("DomainName") or dig(record, "certificate.DomainName"),
        "domain_validation_options": _dns_records,
        "id": At("CertificateArn"),
        "key_algorithm": At("certificate.KeyAlgorithm", lambda found: str(found).replace("-", "_")),
        "not_after": At("certificate.NotAfter"),
        "not_before": At("certificate.NotBefore"),
        "options": At(
            "certificate.Options",
            block(certificate_transparency_logging_preference="CertificateTransparencyLoggingPreference"),
            [],
        ),
        "renewal_eligibility": At("certificate.RenewalEligibility", default=""),
        "renewal_summary": At("certificate.RenewalSummary", _renewal, []),
        "status": At("certificate.Status"),
        "subject_alternative_names": At("certificate.SubjectAlternativeNames", names, []),
        "tags": tags("tags"),
        "type": At("certificate.Type"),
        "validation_emails": _emails,
        "validation_method": _method,
    },
    # Key and certificate are given once and never told; when to renew is Terraform's own affair.
    config_only=frozenset(
        (
            "certificate_body",
            "certificate_chain",
            "early_renewal_duration",
            "pending_renewal",
            "private_key",
            "validation_option",
        )
    ),
    writes=(
        setter("acm:UpdateCertificateOptions", {"CertificateArn": "id"}, {"options": ("Options", _options)}),
        tag_write("acm:AddTagsToCertificate", "acm:RemoveTagsFromCertificate", {"CertificateArn": "id"}, keys="Tags"),
    ),
)

TYPES: Final = (_CERTIFICATE,)
