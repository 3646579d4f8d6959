"""Addresses of REST APIs: domain names and what they lead to; links into networks; the account's settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.model import Json, Operation
from reconciler.resources.apigateway import ABSENT, GET, PATCHING, Patches, patch, tagging, update
from reconciler.resources.apigateway_keys import arn_of
from reconciler.resources.convert import names, tags
from reconciler.resources.shapes import Shape, getters, listed, one, value
from reconciler.resources.spec import At, Getter, Read, Record, ResourceType, Scope, Semantics, Subject, Write, dig
from reconciler.resources.writing import operation

# -- domain names ---------------------------------------------------------------------------------------------

_DOMAINS: Final = Read("apigateway:GetDomainNames", "items", page=500, action=GET)


def _domain_id(record: Record, _scope: Scope) -> str:
    """A private name is not the only one of its kind."""
    private = record.get("domainNameId")
    return f"{record['domainName']}/{private}" if private else str(record["domainName"])


def _told(key: str) -> Getter:
    return At(key, default="")


def _distribution_zone(record: Record, _scope: Scope) -> str:
    return str(record.get("distributionHostedZoneId") or "Z2FDTNDATAQYW2")


_DOMAIN_SHAPE: Final[Shape] = {
    "endpoint_configuration": one(
        "endpointConfiguration", {"ip_address_type": value("ipAddressType"), "types": listed("types")}
    ),
    "mutual_tls_authentication": one(
        "mutualTlsAuthentication",
        {"truststore_uri": value("truststoreUri"), "truststore_version": value("truststoreVersion")},
    ),
}
_DOMAIN_PATHS: Final = {
    "certificate_arn": "/certificateArn",
    "certificate_name": "/certificateName",
    "ownership_verification_certificate_arn": "/ownershipVerificationCertificateArn",
    "policy": "/managementPolicy",
    "regional_certificate_arn": "/regionalCertificateArn",
    "regional_certificate_name": "/regionalCertificateName",
    "security_policy": "/securityPolicy",
}

_DOMAIN: Final = ResourceType(
    name="aws_api_gateway_domain_name",
    list=_DOMAINS,
    id=_domain_id,
    natural_keys=(("domain_name",),),
    attributes={
        **getters(_DOMAIN_SHAPE),
        "arn": arn_of("domainnames", "domainName"),
        "certificate_arn": _told("certificateArn"),
        "certificate_name": _told("certificateName"),
        "certificate_upload_date": _told("certificateUploadDate"),
        "cloudfront_domain_name": _told("distributionDomainName"),
        "cloudfront_zone_id": _distribution_zone,
        "domain_name": At("domainName"),
        "domain_name_id": _told("domainNameId"),
        "id": _domain_id,
        "ownership_verification_certificate_arn": _told("ownershipVerificationCertificateArn"),
        "policy": _told("policy"),
        "regional_certificate_arn": _told("regionalCertificateArn"),
        "regional_certificate_name": _told("regionalCertificateName"),
        "regional_domain_name": _told("regionalDomainName"),
        "regional_zone_id": _told("regionalHostedZoneId"),
        "security_policy": _told("securityPolicy"),
        "tags": tags("tags"),
    },
    config_only=frozenset(("certificate_body", "certificate_chain", "certificate_private_key")),
    semantics={"policy": Semantics.POLICY},
    writes=(update("apigateway:UpdateDomainName", {"domainName": "domain_name"}, _DOMAIN_PATHS), tagging()),
    twins=("aws_apigatewayv2_domain_name",),
)

# -- what they lead to ----------------------------------------------------------------------------------------

_ROOT: Final = "(none)"


def _path(record: Record, _scope: Scope) -> str:
    found = str(record.get("basePath") or "")
    return "" if found == _ROOT else found


def _mapping_id(record: Record, scope: Scope) -> str:
    private = dig(record, "parent.domainNameId")
    plain = f"{dig(record, 'parent.domainName')}/{_path(record, scope)}"
    return f"{plain}/{private}" if private else plain


# At another path it is another mapping.
_MAPPED: Final = {"api_id": "/restapiId", "stage_name": "/stage"}


def _place(subject: Subject) -> dict[str, Json]:
    return {"domainName": subject.known["domain_name"], "basePath": subject.known.get("base_path") or _ROOT}


def _remap(subject: Subject) -> Iterable[Operation]:
    after = subject.after or {}
    patches: Patches = [
        patch("replace", path, after.get(name) or "") for name, path in _MAPPED.items() if name in subject.changed
    ]
    yield operation("apigateway:UpdateBasePathMapping", {**_place(subject), "patchOperations": patches})


def _map(subject: Subject) -> Iterable[Operation]:
    known = subject.known
    given: dict[str, Json] = {"restApiId": known["api_id"], "stage": known.get("stage_name") or None}
    base: dict[str, Json] = {"domainName": known["domain_name"], "basePath": known.get("base_path") or None}
    yield operation("apigateway:CreateBasePathMapping", {**base, **given})


def _unmap(subject: Subject) -> Iterable[Operation]:
    yield operation("apigateway:DeleteBasePathMapping", _place(subject))


_MAPPING: Final = ResourceType(
    name="aws_api_gateway_base_path_mapping",
    list=Read(
        "apigateway:GetBasePathMappings",
        "items",
        {"domainName": At("domainName"), "domainNameId": lambda record, _: record.get("domainNameId") or None},
        under=_DOMAINS,
        hides={"domain_name": At("domainName")},
        absent=ABSENT,
        page=500,
        action=GET,
    ),
    id=_mapping_id,
    natural_keys=(("domain_name", "base_path"),),
    attributes={
        "api_id": At("restApiId"),
        "base_path": _path,
        "domain_name": At("parent.domainName"),
        "domain_name_id": At("parent.domainNameId", default=""),
        "id": _mapping_id,
        "stage_name": At("stage", default=""),
    },
    writes=(Write(("apigateway:UpdateBasePathMapping",), frozenset(_MAPPED), _remap, PATCHING),),
    create=Write(("apigateway:CreateBasePathMapping",), frozenset(), _map, ("apigateway:POST",)),
    delete=Write(("apigateway:DeleteBasePathMapping",), frozenset(), _unmap, ("apigateway:DELETE",)),
)

# -- links into networks --------------------------------------------------------------------------------------

_LINK: Final = ResourceType(
    name="aws_api_gateway_vpc_link",
    list=Read("apigateway:GetVpcLinks", "items", page=500, action=GET),
    id=At("id"),
    natural_keys=(("name",),),
    attributes={
        "arn": arn_of("vpclinks"),
        "description": At("description", default=""),
        "id": At("id"),
        "name": At("name"),
        "tags": tags("tags"),
        "target_arns": At("targetArns", default=[]),
    },
    writes=(
        update("apigateway:UpdateVpcLink", {"vpcLinkId": "id"}, {"description": "/description", "name": "/name"}),
        tagging(),
    ),
)

# -- the account ----------------------------------------------------------------------------------------------


def _account_id(_record: Record, _scope: Scope) -> str:
    return "api-gateway-account"


def _throttle(record: Record, _scope: Scope) -> Json:
    found = record.get("throttleSettings")
    return [{"burst_limit": found.get("burstLimit"), "rate_limit": found.get("rateLimit")}] if found else []


def _always(_record: Record, _scope: Scope) -> bool:
    """Every account has these settings."""
    return True


_ACCOUNT: Final = ResourceType(
    name="aws_api_gateway_account",
    list=Read("apigateway:GetAccount", action=GET),
    id=_account_id,
    natural_keys=((),),
    attributes={
        "api_key_version": At("apiKeyVersion", default=""),
        "cloudwatch_role_arn": At("cloudwatchRoleArn", default=""),
        "features": At("features", names, []),
        "id": _account_id,
        "throttle_settings": _throttle,
    },
    config_only=frozenset(("reset_on_delete",)),
    writes=(update("apigateway:UpdateAccount", {}, {"cloudwatch_role_arn": "/cloudwatchRoleArn"}),),
    aws_owned=_always,
)

TYPES: Final = (_DOMAIN, _MAPPING, _LINK, _ACCOUNT)
