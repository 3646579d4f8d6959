"""VPC Lattice: services, and the networks that they meet in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from reconciler.model import Operation
from reconciler.resources.convert import tags
from reconciler.resources.spec import At, Getter, Read, Record, ResourceType, Scope, Subject, Write
from reconciler.resources.writing import operation, tag_object, tag_write

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


def _update(name: str, key: str, paths: Mapping[str, str]) -> Write:
    def build(subject: Subject) -> Iterable[Operation]:
        after = subject.after or {}
        given = {paths[name]: after.get(name) or None for name in sorted(subject.changed & paths.keys())}
        if "authType" in given:
            given["authType"] = given["authType"] or "NONE"
        yield operation(name_of, {key: subject.id, **given})

    name_of = f"{_API}:{name}"

    def stuck(subject: Subject) -> Iterable[str]:
        after = subject.after or {}
        return [n for n in sorted(subject.changed & paths.keys()) if not after.get(n) and paths[n] != "authType"]

    return Write((name_of,), frozenset(paths), build, stuck=stuck)


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
    writes=(_update("UpdateServiceNetwork", "serviceNetworkIdentifier", {"auth_type": "authType"}), _tagging()),
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
        _update("UpdateService", "serviceIdentifier", {"auth_type": "authType", "certificate_arn": "certificateArn"}),
        _tagging(),
    ),
)

TYPES: Final = (_NETWORK, _SERVICE)
