"""Certificates that a listener has beside its first one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.model import Json, Operation
from reconciler.resources.elb import LISTENERS
from reconciler.resources.spec import At, Read, Record, ResourceType, Scope, Subject, Write
from reconciler.resources.writing import operation

_LISTENER: Final = At("parent.ListenerArn")


def _id(record: Record, scope: Scope) -> str:
    return f"{_LISTENER(record, scope)}_{record['CertificateArn']}"


def _write(name: str) -> Write:
    def build(subject: Subject) -> Iterable[Operation]:
        wanted = subject.known
        given: dict[str, Json] = {
            "ListenerArn": wanted["listener_arn"],
            "Certificates": [{"CertificateArn": wanted["certificate_arn"]}],
        }
        yield operation(name, given)

    return Write((name,), frozenset(), build)


_CERTIFICATE: Final = ResourceType(
    name="aws_lb_listener_certificate",
    list=Read(
        "elbv2:DescribeListenerCertificates",
        "Certificates",
        {"ListenerArn": At("ListenerArn")},
        under=LISTENERS,
        # No others can have any.
        when=lambda record, _: record.get("Protocol") in ("HTTPS", "TLS"),
        hides={"listener_arn": At("ListenerArn")},
        absent=frozenset(("ListenerNotFound",)),
        page=100,
    ),
    expand=lambda record, _: () if record.get("IsDefault") else (record,),
    id=_id,
    natural_keys=(("listener_arn", "certificate_arn"),),
    attributes={"certificate_arn": At("CertificateArn"), "id": _id, "listener_arn": _LISTENER},
    create=_write("elbv2:AddListenerCertificates"),
    delete=_write("elbv2:RemoveListenerCertificates"),
)

TYPES: Final = (_CERTIFICATE,)
