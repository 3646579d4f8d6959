"""VPC Lattice: services, and the networks that they meet in."""

from __future__ import annotations

from typing import Final

from reconciler.resources.convert import tags
from reconciler.resources.spec import At, Getter, Read, Record, ResourceType, Scope, Write
from reconciler.resources.writing import Value, setter, tag_object, tag_write

_API: Final = "vpc-lattice"
_GONE: Final = frozenset(("ResourceNotFoundException",))
_TAGS: Final = Read(f"{_API}:ListTagsForResource", "tags", {"resourceArn": At("arn")}, absent=_GONE)


def _tagging() -> Write:
    return tag_write(
        f"{_API}:TagResource",
        f"{_API}:UntagResource",
        {"resourceArn": "arn"},
        form=tag_object,
        tags="tags",
        keys="tagKeys",
    )


# Who may call can be unset: then nobody is asked who they are.
_AUTH: Final[tuple[str, Value]] = ("authType", lambda given: given or "NONE")
_CERTIFICATE: Final[tuple[str, Value]] = ("certificateArn", lambda given: given or None)


def _of(detail: str, key: str) -> Getter:
    return At(f"{detail}.{key}", default="")


_NETWORK: Final = ResourceType(
    name="aws_vpclattice_service_network",
    list=Read(f"{_API}:ListServiceNetworks", "items", page=100),
    id=At("id"),
    natural_keys=(("name",),),
    details={
        "network": Read(f"{_API}:GetServiceNetwork", "", {"serviceNetworkIdentifier": At("id")}, absent=_GONE),
        "tags": _TAGS,
    },
    exists=lambda record, _: record["network"] is not None,
    attributes={
        "arn": At("arn"),
        "auth_type": _of("network", "authType"),
        "id": At("id"),
        "name": At("name"),
        "tags": tags("tags"),
    },
    writes=(
        setter(f"{_API}:UpdateServiceNetwork", {"serviceNetworkIdentifier": "id"}, {"auth_type": _AUTH}),
        _tagging(),
    ),
)


def _entries(record: Record, _scope: Scope) -> list[dict[str, str]]:
    found = record["service"].get("dnsEntry")
    return (
        [{"domain_name": found.get("domainName") or "", "hosted_zone_id": found.get("hostedZoneId") or ""}]
        if found
        else []
    )


_SERVICE: Final = ResourceType(
    name="aws_vpclattice_service",
    list=Read(f"{_API}:ListServices", "items", page=100),
    id=At("id"),
    natural_keys=(("name",),),
    details={
        "service": Read(f"{_API}:GetService", "", {"serviceIdentifier": At("id")}, absent=_GONE),
        "tags": _TAGS,
    },
    exists=lambda record, _: record["service"] is not None,
    attributes={
        "arn": At("arn"),
        "auth_type": _of("service", "authType"),
        "certificate_arn": _of("service", "certificateArn"),
        "custom_domain_name": _of("service", "customDomainName"),
        "dns_entry": _entries,
        "id": At("id"),
        "name": At("name"),
        "status": _of("service", "status"),
        "tags": tags("tags"),
    },
    writes=(
        setter(
            f"{_API}:UpdateService", {"serviceIdentifier": "id"}, {"auth_type": _AUTH, "certificate_arn": _CERTIFICATE}
        ),
        _tagging(),
    ),
)

TYPES: Final = (_NETWORK, _SERVICE)
