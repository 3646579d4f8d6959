"""The values that flow between the parts: frozen, comparable, free of I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from enum import Enum
from typing import Final, Literal, TypeAlias

from reconciler.records import dataclass

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"


class Unknown(Enum):
    """The one value that cannot be computed before apply; it is never drift and is never written."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN

Plain: TypeAlias = "None | bool | int | float | str | Unknown | list[Plain] | dict[str, Plain]"
"""A Terraform value as JSON has it, with UNKNOWN at any depth. Numbers are int where integral, else float."""

Key: TypeAlias = "int | str | None"
Path: TypeAlias = tuple[int | str, ...]
"""Attribute path: ("ingress", 0, "cidr_blocks")."""

_IDENTIFIER = re.compile(r"[^\W\d][\w-]*\Z")
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_UNESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def quoted(text: str) -> str:
    """`text` as Terraform writes an instance key: in double quotes, escaped."""
    return '"' + "".join(_ESCAPES.get(c, c) for c in text) + '"'


def value_at(value: Plain, path: Path) -> Plain:
    """The value at the path; None where there is nothing."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def format_path(path: Path) -> str:
    """("ingress", 0, "cidr_blocks") -> 'ingress[0].cidr_blocks'; keys that are no identifiers are quoted."""
    out = ""
    for step in path:
        if isinstance(step, int):
            out += f"[{step}]"
        elif _IDENTIFIER.match(step):
            out += f".{step}" if out else step
        else:
            out += f"[{quoted(step)}]"
    return out


_STEP = re.compile(r'\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\.?([^\W\d][\w-]*)')


def _unquote(text: str) -> str:
    return re.sub(r"\\(.)", lambda m: _UNESCAPES.get(m[1], m[1]), text)


def parse_path(text: str) -> Path:
    """The inverse of `format_path`. Raises ValueError where `text` is no path."""
    steps: list[int | str] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            raise ValueError(f"not an attribute path: {text!r}")
        index, key, name = match.groups()
        steps.append(int(index) if index is not None else name if name is not None else _unquote(key))
        position = match.end()
    return tuple(steps)


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (end exclusive) of `file`; `line` is 1-based and of `start`."""

    file: str
    start: int
    end: int
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class ModuleStep:
    name: str
    key: Key = None

    def __str__(self) -> str:
        return f"module.{self.name}{_key(self.key)}"


def _key(key: Key) -> str:
    match key:
        case None:
            return ""
        case int():
            return f"[{key}]"
        case str():
            return f"[{quoted(key)}]"


@dataclass(frozen=True, slots=True)
class Address:
    """A resource instance as Terraform writes it: module.a["x"].aws_sqs_queue.work[0]."""

    type: str
    name: str
    key: Key = None
    modules: tuple[ModuleStep, ...] = ()
    mode: Literal["managed", "data"] = "managed"

    def __str__(self) -> str:
        steps = [*map(str, self.modules), *(["data"] if self.mode == "data" else []), self.type, self.name]
        return ".".join(steps) + _key(self.key)

    @property
    def whole(self) -> Address:
        """The resource without its instance key."""
        return Address(self.type, self.name, None, self.modules, self.mode)

    @classmethod
    def parse(cls, text: str) -> Address:
        """Raises ValueError where `text` names no resource."""
        steps = list(_address_steps(text))
        modules: list[ModuleStep] = []
        while len(steps) > 2 and steps[0] == ("module", None):
            modules.append(ModuleStep(*steps[1]))
            steps = steps[2:]
        mode: Literal["managed", "data"] = "managed"
        if steps and steps[0] == ("data", None):
            mode, steps = "data", steps[1:]
        if len(steps) != 2 or steps[0][1] is not None:
            raise ValueError(f"not a resource address: {text!r}")
        return cls(steps[0][0], *steps[1], tuple(modules), mode)


def _address_steps(text: str) -> Iterator[tuple[str, Key]]:
    """Each name with the instance key that follows it."""
    position = 0
    pattern = re.compile(r'([^\W\d][\w-]*)(?:\[(?:(\d+)|"((?:[^"\\]|\\.)*)")\])?(\.|\Z)')
    while position < len(text):
        match = pattern.match(text, position)
        if match is None:
            raise ValueError(f"not a resource address: {text!r}")
        name, index, key, _ = match.groups()
        yield name, int(index) if index is not None else _unquote(key) if key is not None else None
        position = match.end()


# -- what the code says ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Origin:
    """The literal that a desired value comes from unchanged, and the way it took.

    `via` lists the hops from the literal outwards, each as "file:line what", e.g. "main.tf:3 var.timeout".
    `left_out`: the literal is the default of an optional attribute: the object that does not have it, and its name.
    """

    span: Span
    via: tuple[str, ...] = ()
    left_out: tuple[Span, str] | None = None


@dataclass(frozen=True, slots=True)
class NoOrigin:
    """Why a desired value has no single literal, e.g. "computed by format() at main.tf:7", and the way from there."""

    reason: str
    span: Span | None = None
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AssumeRole:
    role_arn: str
    session_name: str | None = None
    external_id: str | None = None
    duration: str | None = None
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """A configured provider "aws": where a resource lives. `name` is "aws" or "aws.alias", "" keys never leave it.

    `unknown` names settings that could not be evaluated: resources under such a provider are unverified.
    """

    name: str = "aws"
    region: str | None = None
    endpoints: tuple[tuple[str, str], ...] = ()
    assume_role: tuple[AssumeRole, ...] = ()
    default_tags: tuple[tuple[str, str], ...] = ()
    ignore_tags: tuple[str, ...] = ()
    ignore_tag_prefixes: tuple[str, ...] = ()
    allowed_account_ids: tuple[str, ...] = ()
    forbidden_account_ids: tuple[str, ...] = ()
    profile: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    s3_use_path_style: bool = False
    max_retries: int | None = None
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource instance as the code describes it.

    `values` holds what the configuration sets, blocks as lists of objects, and `tags_all` where the type has it;
    what is absent is left to the provider. `sensitive` are paths (a prefix covers what is under it).
    `ignore_changes` are paths of lifecycle.ignore_changes; the empty path stands for `all`.
    """

    address: Address
    values: Mapping[str, Plain]
    source: Span
    provider: Provider = Provider()
    origins: Mapping[Path, Origin | NoOrigin] = field(default_factory=dict[Path, "Origin | NoOrigin"])
    sensitive: frozenset[Path] = frozenset()
    ignore_changes: frozenset[Path] = frozenset()
    unverified: str | None = None

    @property
    def type(self) -> str:
        return self.address.type


@dataclass(frozen=True, slots=True)
class Diagnostic:
    severity: Literal["error", "warning"]
    summary: str
    span: Span | None = None
    detail: str = ""


# -- what is live ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LiveResource:
    """What AWS has, in Terraform's attribute names. `id` is the id of Terraform's state.

    `unread` names attributes whose read failed: they are absent from `attributes`, and must not count as null.
    `import_id` is what `terraform import` takes, None where that is not known.
    """

    type: str
    id: str
    attributes: Mapping[str, Json]
    region: str
    account: str
    unread: frozenset[str] = frozenset()
    import_id: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """What could not be read, and why. `address` and `id` None: every resource of `type` (None: any type) is hidden.

    `within` narrows that to the resources that have these attributes (all rules of one event bus). `attributes`
    narrows it to these attributes of the resource; the rest of it was read.
    """

    reason: str
    type: str | None = None
    region: str | None = None
    address: str | None = None
    id: str | None = None
    within: tuple[tuple[str, str], ...] = ()
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One AWS call: boto3's service name, AWS's operation name, its parameters (JSON only)."""

    service: str
    operation: str
    parameters: Mapping[str, Json]

    def __str__(self) -> str:
        return f"{self.service}:{self.operation}"


# -- what was recorded ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The live state of one resource as recorded beside the commits; secrets as {"redacted": "hmac:..."}."""

    address: str
    type: str
    id: str
    attributes: Mapping[str, Json]
    schema_version: int = 0


# -- what differs ---------------------------------------------------------------------------------------------

Status: TypeAlias = Literal["in_sync", "drifted", "missing", "pending", "conflict", "unmanaged", "unverified"]
Severity: TypeAlias = Literal["low", "medium", "high", "critical"]
Cause: TypeAlias = Literal["live_changed", "code_changed", "both_changed", "unknown"]


@dataclass(frozen=True, slots=True)
class Change:
    """One attribute path on the three sides; a side that has nothing there is None."""

    path: Path
    code: Plain
    baseline: Json
    live: Json
    declared: bool = True
    sensitive: bool = False
    cause: Cause = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """A resource and how its three sides stand; `reason` says why it is unverified."""

    status: Status
    type: str
    address: Address | None = None
    id: str | None = None
    severity: Severity = "low"
    changes: tuple[Change, ...] = ()
    source: Span | None = None
    unchecked: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    reason: str | None = None
    fingerprint: str = ""
    region: str | None = None
    account: str | None = None


# -- what to do about it --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters of `span` (empty span: insert) with `text`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Adopt:
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Revert:
    """`precondition` is the digest of the live attributes that the operations apply to."""

    operations: tuple[Operation, ...]
    inverse: tuple[Operation, ...]
    precondition: str


@dataclass(frozen=True, slots=True)
class Hold:
    reason: str


Remedy: TypeAlias = Adopt | Revert | Hold


@dataclass(frozen=True, slots=True)
class Outcome:
    address: str
    result: Literal["applied", "already", "refused", "failed"]
    reason: str = ""
