"""The shape of one resource type's entry: data and pure functions, interpreted by `aws/`, never doing I/O.

Words: a *record* is what AWS answered for one resource: the item of the listing read, plus one key per detail read,
plus "parent" (the record that a nested read ran under). Answers are as boto3 gives them, but for times, which are
text ("2024-01-31T10:00:00Z"), and blobs, which are base64 text. Paths into records are dotted: "attributes.QueueArn".

Every function of an entry takes (record, scope); `At` is the one that is data. A function that looks at a detail
which could not be read is stopped there, and exactly what it computes becomes a gap: entries handle no failures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from enum import Enum, auto
from typing import Any, Final, TypeAlias, cast

from reconciler.model import Json, Operation, Plain
from reconciler.records import dataclass

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

    def arn(self, service: str, resource: str) -> str:
        """arn:aws:sqs:eu-west-1:123456789012:name, for what the API does not spell out."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


Getter: TypeAlias = Callable[[Record, Scope], Any]


class Untold(Enum):
    """What a getter answers where AWS's answer does not say, and Terraform's state keeps what it has.

    The attribute is then unchecked for this resource. (null says that there is none.)
    """

    UNTOLD = auto()


UNTOLD: Final = Untold.UNTOLD


@dataclass(frozen=True, slots=True)
class At:
    """The value at a dotted path of the record, converted; `default` where there is none (or it is null)."""

    path: str = ""
    convert: Callable[[Any], Json] | None = None
    default: Json = None

    def __call__(self, record: Record, scope: Scope) -> Any:  # noqa: ARG002 - every getter takes it
        found = dig(record, self.path)
        if found is None:
            return self.default
        return self.convert(found) if self.convert else found


# -- reading --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bulk:
    """Makes a detail read answer for many records at once: a record gets the item whose `key` equals its own `of`.

    `parameter` takes the keys, `size` at a time; None: one run of the read serves every record. With `many` the
    record gets the list of all its items (maybe empty), else the one item or None; `path` is what it gets of an item.
    `single` asks for one record what the bulk read tells later or may be refused (the Tagging API lags behind): it is
    used for a handful of records (unless the bulk read is `current`: never behind), where the bulk read fails or tells
    nothing of anybody (and a few asked singly, or any where it is `doubtful`, do have something), and before what it
    tells is called a difference. Items that `only` is false for tell nothing.
    """

    key: str
    of: Getter
    parameter: str | None = None
    size: int = 100
    many: bool = False
    path: str = ""
    single: Read | None = None
    current: bool = False
    doubtful: bool = False
    only: Callable[[Record], bool] | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """One AWS operation. Identical calls are made once per scan, whoever asks; every page is fetched.

    `operation`  "service:Operation" in boto3's service names and AWS's operation names.
    `path`       to the items in the answer, lists on the way flattened ("Reservations.Instances"); "" the answer.
    `params`     its parameters; a Getter is asked with the record that the read runs for (`under`, or the detail's).
    `under`      runs this read once for each record of another; the items then carry that record as "parent".
    `hides`      attributes, by name, that every resource found under a parent has, asked with the parent: when that
                 one call fails, exactly these resources are a gap (without it: all of the type).
    `wrap`       the key to put items under that are no objects: ListQueues gives texts, so wrap="QueueUrl".
    `itself`     the record that it runs under is an item too (called for or not): a function beside its aliases.
    `each`       cuts an item into the records that count, before another read runs under them. For `list` alone.
    `when`       asked like `params`: false skips the call as if there was nothing.
    `absent`     error codes that say "there is none"; any other error is a gap.
    `action`     the IAM action(s) where it is not `operation` with IAM's prefix of the service.
    `page`       page size to ask for where AWS's model does not tell the maximum; 0 asks for none.
    `unless`     (says, read): where no item says what it was asked for, the endpoint has not heard all of the question,
                 and `read` is made instead. For `list` alone, under nothing.
    """

    operation: str
    path: str = ""
    params: Mapping[str, Getter | Json] = field(default_factory=dict[str, "Getter | Json"])
    under: Read | None = None
    hides: Mapping[str, Getter] = field(default_factory=dict[str, Getter])
    itself: bool = False
    each: Callable[[Record, Scope], Iterable[Record]] | None = None
    wrap: str = ""
    when: Getter | None = None
    absent: frozenset[str] = frozenset()
    action: str | tuple[str, ...] | None = None
    bulk: Bulk | None = None
    page: int | None = None
    unless: tuple[Callable[[Record], bool], Read] | None = None


@dataclass(frozen=True, slots=True)
class Gather:
    """For types whose resources AWS does not keep apart: one aws_security_group_rule may be several rules of a group.

    `pick` gets the records of this type whose attribute `by` is as wanted, and the wanted attributes (of the code or
    the state); it answers the records that together are the resource, none where it is not there. The attributes are
    then those that `merge` makes of theirs. `parts` names other types whose resources are a part of this one under
    their own name: type -> its attribute, and the attribute (a set) of this type that has to hold its value. `alone`
    gives the id of a record that is a resource by itself where nothing manages it ("" where it is none); None: what
    nothing manages is told under another type's name, or with what it belongs to.
    """

    by: str
    pick: Callable[[Sequence[Attributes], Attributes], Sequence[Attributes]]
    merge: Callable[[Sequence[Attributes], Attributes], Attributes]
    parts: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, "tuple[str, str]"])
    alone: Getter | None = None


# -- comparing ------------------------------------------------------------------------------------------------


class Semantics(Enum):
    """How two values of an attribute are the same although they are written differently."""

    JSON = auto()  # any JSON document
    POLICY = auto()  # an IAM policy document
    EVENT_PATTERN = auto()
    REDRIVE = auto()  # JSON whose numbers may be strings
    CASELESS = auto()
    DNS_NAME = auto()  # case and trailing dot
    ALIAS_NAME = auto()  # as DNS_NAME, and "dualstack." may be left out
    RECORD_NAME = auto()  # as DNS_NAME, and the name of the zone may be left out
    NUMBER = auto()  # a number in a string
    UNORDERED = auto()  # a list whose order means nothing
    DURATION = auto()  # "60s" is "1m0s"
    PORT = auto()  # -1 is none
    PROTOCOL = auto()  # "6" is "tcp", "all" is "-1"
    CONTAINERS = auto()  # a JSON list of ECS container definitions
    URL = auto()  # "https://" may be left out
    WHERE_TOLD = auto()  # null is whatever is wanted: AWS has it for some kinds of the resource alone
    TRIMMED = auto()  # space around it means nothing
    NAME_OR_ARN = auto()  # an ARN is the name or id that it ends with
    VERSION = auto()  # "15" is any version of that kind, "15.4" too


@dataclass(frozen=True, slots=True)
class Child:
    """Another type whose resources are a part of this one: inline and standalone rules, a queue's policy.

    A resource of `type` belongs to the one whose attribute `key` equals its attribute `by`. Where the code leaves
    `attributes` of the parent unset, its children tell what differs there; where it sets them, live children that
    nothing manages are not unmanaged.
    """

    type: str
    by: str
    attributes: tuple[str, ...]
    key: str = "id"


# -- writing --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subject:
    """What a write is about. `before` None: create. `after` None: delete. `changed`: top-level attributes."""

    id: str
    before: Attributes | None
    after: Attributes | None
    changed: frozenset[str]
    scope: Scope

    @property
    def known(self) -> Attributes:
        """The attributes that name the resource: as wanted, else as they are."""
        return self.after if self.after is not None else self.before or {}


def _nothing(_subject: Subject) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Write:
    """How some attributes are set. `build` is pure; swapping before and after must give the inverse operations.

    `stuck` names the changed attributes that the operations have no way to set to what is wanted: mostly those that are
    to be unset, for what many operations leave out stays as it is.
    """

    operations: tuple[str, ...]  # "service:Operation", every one that `build` may return
    attributes: frozenset[str]  # the top-level attributes that it settles; empty for create and delete
    build: Callable[[Subject], Iterable[Operation]]
    actions: tuple[str, ...] = ()  # IAM actions where they are not the operations' names
    stuck: Callable[[Subject], Iterable[str]] = _nothing


# -- the entry ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One Terraform resource type: how it is read, recognised, compared and written.

    Reading goes: `list` -> `expand` -> identity (`id`, `natural_keys`) -> `details` -> `exists` -> `attributes`.
    Every attribute of the provider's schema is in exactly one of `attributes`, `config_only` (never live:
    force_destroy, filename ...) or `unchecked` (live, but no reader maps it); a test holds that. `timeouts` and
    `tags_all` need no mention: "tags" maps all live tags, and the reader tells tags from tags_all.
    """

    name: str
    list: Read
    id: Getter  # the id of Terraform's state
    attributes: Mapping[str, Getter]
    # One listed record -> the records of this type in it (statements of a policy, attachments of a role).
    expand: Callable[[Record, Scope], Iterable[Record]] | None = None
    # Each becomes a key of the record. They may use one another's answers; what is independent runs at once.
    details: Mapping[str, Read] = field(default_factory=dict[str, Read])
    # False: nothing of this type is there after all (a queue without a policy).
    exists: Getter | None = None
    # Where Terraform, once it knows the resource, takes one that does not exist for empty as long as its parent is
    # listed: its attributes then, by its id.
    emptied: Callable[[str], Attributes] | None = None
    gather: Gather | None = None
    # Attributes (or dotted paths into them, "tags.Name", "dns_config.0.namespace_id") that name one resource among its
    # kind, best first; each a tuple that must match as a whole, null being a value like any other. The empty tuple:
    # there is one at most.
    natural_keys: tuple[tuple[str, ...], ...] = ()
    # False where `id`, `natural_keys` or `aws_owned` need details: these are then read while listing.
    key_from_list: bool = True
    # False where Terraform makes the id up (attachments): find it in the state by its natural key instead.
    id_from_live: bool = True
    # The record to start details from, made of the id alone: what listings show late or not at all is still found.
    by_id: Callable[[str, Scope], Record] | None = None
    import_id: Getter | None = None  # what `terraform import` takes, where it is not `id`; None: it takes nothing
    config_only: frozenset[str] = frozenset()
    unchecked: frozenset[str] = frozenset()
    # Dotted names that the provider leaves as they are where the code does not set them, although its schema does not
    # say so (it suppresses that difference): compared with the baseline alone, as computed ones are.
    kept: frozenset[str] = frozenset()
    # Top-level names that AWS counts up by itself whenever anything is written: read for the writes, never compared.
    moving: frozenset[str] = frozenset()
    # What the provider's plan makes of the code's values where it customizes the difference: the attributes it changes.
    planned: Callable[[Mapping[str, Plain]], Mapping[str, Plain]] | None = None
    # The most that the provider takes of a number, where AWS takes more: code cannot say what is live then.
    most: Mapping[str, int] = field(default_factory=dict[str, int])
    semantics: Mapping[str, Semantics] = field(default_factory=dict[str, Semantics])  # by path, "target.input"
    writes: tuple[Write, ...] = ()
    create: Write | None = None
    delete: Write | None = None
    # AWS's own: default VPC, service-linked roles ... never reported as unmanaged.
    aws_owned: Getter | None = None
    # Its attributes are those that AWS gives everything of its kind by itself: not reported as unmanaged either.
    usual: Callable[[Attributes], bool] | None = None
    # The type of a resource that makes one of these what AWS's own is (the main table): where the code has such a
    # resource, being AWS's own does not tell which of two that are alike the code means.
    made_owned_by: str | None = None
    children: tuple[Child, ...] = ()
    # What comes with it and nobody has to manage: type -> the attribute with its id, as live or the state has it, and
    # one that both share: where no id is known, it is the only such resource that is as bare as it was made ("": none).
    brings: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, "tuple[str, str]"])
    # Types that the same thing of AWS may be managed as instead, under the same id: not unmanaged where it is.
    twins: tuple[str, ...] = ()
    regional: bool = True  # False: IAM, Route 53, CloudFront ...: read once per account, whatever the region
