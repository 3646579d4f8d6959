"""The least-privilege IAM policies that reading and repairing need, from the entries alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from reconciler.model import Json
from reconciler.records import dataclass
from reconciler.resources import TYPES
from reconciler.resources.data_sources import DATA_SOURCES
from reconciler.resources.spec import Read, ResourceType, Write

# boto3's service -> IAM's prefix, where they differ.
_PREFIXES: Final = {
    "apigatewayv2": "apigateway",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "opensearch": "es",
    "resourcegroupstaggingapi": "tag",
    "s3control": "s3",
    "sesv2": "ses",
    "stepfunctions": "states",
}
# API Gateway has no actions but HTTP's methods.
_METHODS: Final = {"Get": "GET", "Create": "POST", "Update": "PATCH", "Put": "PUT", "Delete": "DELETE"}
_METHODS_OF_TAGGING: Final = {"TagResource": "POST", "UntagResource": "DELETE"}
# Who we are is asked first; IAM allows it to everybody, and a boundary or an organisation's policy may still not.
_NONE: Final[frozenset[str]] = frozenset()
_ALWAYS: Final = frozenset(("sts:GetCallerIdentity",))


def action_of(operation: str) -> str:
    """ "elbv2:DescribeTags" -> "elasticloadbalancing:DescribeTags"; "apigatewayv2:GetApis" -> "apigateway:GET"."""
    service, _, name = operation.partition(":")
    prefix = _PREFIXES.get(service, service)
    if prefix == "apigateway":
        method = _METHODS_OF_TAGGING.get(name)
        method = method or next((m for verb, m in _METHODS.items() if name.startswith(verb)), "GET")
        return f"{prefix}:{method}"
    return f"{prefix}:{name}"


def read_actions(entry: ResourceType) -> frozenset[str]:
    """Every action that listing and describing the type takes."""
    return frozenset(action for read in (entry.list, *entry.details.values()) for action in _of_read(read))


def _of_read(read: Read) -> Iterator[str]:
    match read.action:
        case None:
            yield action_of(read.operation)
        case str():
            yield read.action
        case _:
            yield from read.action
    if read.under:
        yield from _of_read(read.under)
    if read.bulk and read.bulk.single:
        yield from _of_read(read.bulk.single)
    if read.unless:
        yield from _of_read(read.unless[1])


def write_actions(entry: ResourceType) -> frozenset[str]:
    """Every action that changing, creating and deleting takes, as far as the type's writes go."""
    writes = [*entry.writes, *(write for write in (entry.create, entry.delete) if write)]
    return frozenset(action for write in writes for action in _of_write(write))


def _of_write(write: Write) -> Iterable[str]:
    return write.actions or tuple(action_of(operation) for operation in write.operations)


@dataclass(frozen=True, slots=True, order=True)
class StateObject:
    """An object in S3 that holds Terraform state. `kms_key` is the ARN of the key it is encrypted with, if the code
    names it."""

    bucket: str
    key: str
    region: str | None = None
    kms_key: str | None = None

    @property
    def arn(self) -> str:
        area = (self.region or "").split("-")[0]
        partition = {"cn": "aws-cn", "us": "aws-us-gov" if "-gov-" in (self.region or "") else "aws"}.get(area, "aws")
        return f"arn:{partition}:s3:::{self.bucket}/{self.key}"


def policy(
    types: Iterable[str], *, write: bool = False, data: Iterable[str] = (), states: Iterable[StateObject] = ()
) -> dict[str, Json]:
    """An IAM policy document that allows exactly what these types need: reading, with `write` repairing too.

    `data` are the types of data sources, whose reads it allows as well, and `states` the objects with Terraform's
    state, which are only ever read.

    Types without an entry are left out: nothing is asked about them. One statement a service, sorted.
    """
    actions: set[str] = set(_ALWAYS)
    for name in types:
        entry = TYPES.get(name)
        if entry is not None:
            actions |= read_actions(entry) | (write_actions(entry) if write else _NONE)
    for name in data:
        if name in DATA_SOURCES:
            actions.update(action for read in DATA_SOURCES[name].reads for action in _of_read(read))
    services: dict[str, list[str]] = {}
    for action in sorted(actions):
        services.setdefault(action.partition(":")[0], []).append(action)
    statements: list[Json] = [
        {"Sid": _sid(service), "Effect": "Allow", "Action": list(names), "Resource": "*"}
        for service, names in services.items()
    ]
    statements += _of_states(sorted(set(states)))
    return {"Version": "2012-10-17", "Statement": statements}


def _of_states(states: Sequence[StateObject]) -> Iterator[Json]:
    if states:
        arns: list[Json] = [state.arn for state in states]
        yield {"Sid": "ReconcileState", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": arns}
    keys: list[Json] = [*sorted({state.kms_key for state in states if state.kms_key})]
    if keys:
        yield {"Sid": "ReconcileStateKey", "Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": keys}


def _sid(service: str) -> str:
    return "Reconcile" + "".join(part.capitalize() for part in service.split("-"))
