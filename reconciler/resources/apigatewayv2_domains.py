"""Addresses of HTTP and WebSocket APIs: domain names, and what their paths lead to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.apigatewayv2 import READ, WRITING, tagging
from reconciler.resources.convert import parts, tags
from reconciler.resources.shapes import Shape, getters, one, told, value
from reconciler.resources.shapes import read as read_shape
from reconciler.resources.shapes import write as write_shape
from reconciler.resources.spec import At, Read, Record, ResourceType, Scope, Subject, Write, dig
from reconciler.resources.writing import operation

_DOMAINS: Final = Read("apigatewayv2:GetDomainNames", "Items", page=0, action=READ)
_CONFIGURATION: Final[Shape] = {
    "certificate_arn": value("CertificateArn"),
    "endpoint_type": value("EndpointType"),
    "hosted_zone_id": told("HostedZoneId"),
    "ip_address_type": value("IpAddressType"),
    "ownership_verification_certificate_arn": value("OwnershipVerificationCertificateArn"),
    "security_policy": value("SecurityPolicy"),
    "target_domain_name": told("ApiGatewayDomainName"),
}
_TLS: Final[Shape] = {
    "mutual_tls_authentication": one(
        "MutualTlsAuthentication",
        {"truststore_uri": value("TruststoreUri", cleared=""), "truststore_version": value("TruststoreVersion")},
        cleared={"TruststoreUri": ""},
        unless=lambda found: not found.get("TruststoreUri"),
    )
}


def _arn(record: Record, scope: Scope) -> str:
    return f"arn:{scope.partition}:apigateway:{scope.region}::/domainnames/{record['DomainName']}"


def _update(subject: Subject) -> Iterable[Operation]:
    after: dict[str, Any] = dict(subject.after or {})
    given: dict[str, Json] = {}
    if "domain_name_configuration" in subject.changed:
        configurations = parts(after, "domain_name_configuration")
        given["DomainNameConfigurations"] = [write_shape(_CONFIGURATION, block) for block in configurations]
    if "mutual_tls_authentication" in subject.changed:
        given |= write_shape(_TLS, after)
    yield operation("apigatewayv2:UpdateDomainName", {"DomainName": subject.id, **given})


_DOMAIN: Final = ResourceType(
    name="aws_apigatewayv2_domain_name",
    list=_DOMAINS,
    id=At("DomainName"),
    natural_keys=(("domain_name",),),
    attributes={
        **getters(_TLS),
        "api_mapping_selection_expression": At("ApiMappingSelectionExpression", default=""),
        "arn": _arn,
        "domain_name": At("DomainName"),
        "domain_name_configuration": At(
            "DomainNameConfigurations", lambda found: [read_shape(_CONFIGURATION, block) for block in found], []
        ),
        "id": At("DomainName"),
        "tags": tags(),
    },
    writes=(
        Write(
            ("apigatewayv2:UpdateDomainName",),
            frozenset(("domain_name_configuration", "mutual_tls_authentication")),
            _update,
            WRITING,
        ),
        tagging(),
    ),
    twins=("aws_api_gateway_domain_name",),
)

# -- what they lead to ----------------------------------------------------------------------------------------

_MAPPED: Final[Shape] = {
    "api_id": value("ApiId"),
    "api_mapping_key": value("ApiMappingKey", cleared=""),
    "stage": value("Stage"),
}


def _mapping_id(record: Record, _scope: Scope) -> str:
    return f"{record['ApiMappingId']}/{dig(record, 'parent.DomainName')}"


def _named(subject: Subject) -> dict[str, Json]:
    return {"ApiMappingId": subject.id, "DomainName": subject.known["domain_name"]}


def _remap(subject: Subject) -> Iterable[Operation]:
    changed = {name: field for name, field in _MAPPED.items() if name in subject.changed or name == "api_id"}
    yield operation("apigatewayv2:UpdateApiMapping", {**_named(subject), **write_shape(changed, subject.known)})


def _map(subject: Subject) -> Iterable[Operation]:
    given = write_shape(_MAPPED, subject.known)
    yield operation("apigatewayv2:CreateApiMapping", {"DomainName": subject.known["domain_name"], **given})


def _unmap(subject: Subject) -> Iterable[Operation]:
    yield operation("apigatewayv2:DeleteApiMapping", _named(subject))


_MAPPING: Final = ResourceType(
    name="aws_apigatewayv2_api_mapping",
    list=Read(
        "apigatewayv2:GetApiMappings",
        "Items",
        {"DomainName": At("DomainName")},
        under=_DOMAINS,
        hides={"domain_name": At("DomainName")},
        absent=frozenset(("NotFoundException",)),
        page=0,
        action=READ,
    ),
    id=At("ApiMappingId"),
    import_id=_mapping_id,
    natural_keys=(("domain_name", "api_mapping_key"),),
    attributes={**getters(_MAPPED), "domain_name": At("parent.DomainName"), "id": At("ApiMappingId")},
    writes=(Write(("apigatewayv2:UpdateApiMapping",), frozenset(_MAPPED), _remap, WRITING),),
    create=Write(("apigatewayv2:CreateApiMapping",), frozenset(), _map, ("apigateway:POST",)),
    delete=Write(("apigatewayv2:DeleteApiMapping",), frozenset(), _unmap, ("apigateway:DELETE",)),
)

TYPES: Final = (_DOMAIN, _MAPPING)
