"""The shape of one resource type's entry: data and pure functions, interpreted by `aws/`, never doing I/O.

Words: a *record* is what AWS answered for one resource: the item of the bulk read, plus one key per detail read,
plus "parent" (the record that a nested read ran under). Paths into records are dotted: "Attributes.QueueArn".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, TypeAlias, cast

from reconciler.model import Json, Operation

Record: TypeAlias = Mapping[str, Any]
Attributes: TypeAlias = Mapping[str, Json]


def dig(record: Any, path: str) -> Any:
    """The value at the dotted path, None where any step is absent; "" is the record itself."""
    found: Any = record
    for step in path.split(".") if path else ():
        if not isinstance(found, dict):
            return None
        found = cast("dict[str, Any]", found).get(step)
    return found


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a record was read: what ids and ARNs need besides the record."""

    region: str
    account: str
    partition: str = "aws"


@dataclass(frozen=True, slots=True)
class From:
    """A parameter taken from the record that a read runs under: From("QueueUrl")."""

    path: str


@dataclass(frozen=True, slots=True)
class Read:
    """One AWS operation.

    `operation` is "service:Operation" in boto3's service names. `items` is the path to the list in the answer; ""
    makes the whole answer one record. `under` runs this read once per record of another; the item then carries that
    record as "parent". `absent` are the error codes that say "there is none" (any other error is a gap). `action`
    is the IAM action where it is not `service:Operation`. Identical calls are made once per scan, whoever asks.
    `batch` = (parameter, how many at once, path of the key in the item) turns a detail read into a bulk one.
    """

    operation: str
    items: str = ""
    params: Mapping[str, object] = field(default_factory=dict[str, object])
    under: Read | None = None
    absent: frozenset[str] = frozenset()
    action: str | None = None
    batch: tuple[str, int, str] | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """Where an attribute comes from: a path into the record, a pure converter, what stands for absent."""

    path: str = ""
    convert: Callable[[Any], Json] | None = None
    default: Json = None
    scoped: Callable[[Record, Scope], Json] | None = None  # for what needs the scope; replaces path and convert


class Semantics(Enum):
    """How two values of an attribute are the same although they are written differently."""

    JSON = auto()  # any JSON document
    POLICY = auto()  # an IAM policy document
    EVENT_PATTERN = auto()
    REDRIVE = auto()  # JSON whose numbers may be strings
    CASELESS = auto()
    DNS_NAME = auto()  # case and trailing dot
    NUMBER = auto()  # a number in a string
    UNORDERED = auto()  # a list whose order means nothing
    DURATION = auto()  # "60s" is "1m0s"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a write is about. `before` None: create. `after` None: delete. `changed`: top-level attributes."""

    id: str
    before: Attributes | None
    after: Attributes | None
    changed: frozenset[str]
    scope: Scope


@dataclass(frozen=True, slots=True)
class Write:
    """How some attributes are set. `build` is pure; swapping before and after must give the inverse operations."""

    operations: tuple[str, ...]  # "service:Operation", every one that `build` may return
    attributes: frozenset[str]  # the top-level attributes that it settles
    build: Callable[[Subject], Iterable[Operation]]
    actions: tuple[str, ...] = ()  # IAM actions where they are not the operations' names


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One Terraform resource type: how it is read, recognised, compared and written.

    Every attribute of the provider's schema is in exactly one of `attributes`, `config_only` (never live:
    force_destroy, filename …) or `unchecked` (live, but no reader maps it); a test holds that.
    """

    name: str
    list: Read
    id: Callable[[Record, Scope], str]
    attributes: Mapping[str, Field]
    details: Mapping[str, Read] = field(default_factory=dict[str, Read])
    # One listed record -> the records of this type in it (rules of a group, attachments of a role). Runs after
    # `details`; `exists` drops records that turn out to have nothing of this type.
    expand: Callable[[Record, Scope], Iterable[Record]] | None = None
    exists: Callable[[Record], bool] | None = None
    # Attributes that name one resource among its kind, best first; each a tuple that must match as a whole.
    # They are computed from the listed record alone where `key_from_list` is true, so details can be skipped.
    natural_keys: tuple[tuple[str, ...], ...] = ()
    key_from_list: bool = True
    config_only: frozenset[str] = frozenset()
    unchecked: frozenset[str] = frozenset()
    semantics: Mapping[str, Semantics] = field(default_factory=dict[str, Semantics])  # by path, "target.input"
    writes: tuple[Write, ...] = ()
    create: Write | None = None
    delete: Write | None = None
    # AWS's own: default VPC, service-linked roles … never reported as unmanaged.
    aws_owned: Callable[[Record], bool] | None = None
    # (attribute of this type, other type): what a separate resource manages instead, e.g. an SQS queue's policy.
    also_managed_by: tuple[tuple[str, str], ...] = ()
    regional: bool = True  # False: IAM, Route 53, CloudFront …
