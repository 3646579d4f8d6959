"""A module's configuration: what its files declare, before anything is evaluated. `loading.load` makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from reconciler import schema
from reconciler.hcl.content import Content, Part, Term
from reconciler.hcl.references import Reference
from reconciler.model import Path, Span
from reconciler.records import dataclass

Mode = Literal["resource", "data", "ephemeral"]
ResourceKey = tuple[Mode, str, str]
ProviderKey = tuple[str, str | None]
"""Local name and alias."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition that must hold, and what to say where it does not."""

    condition: Term
    message: Term | None
    span: Span


@dataclass(frozen=True, slots=True)
class VariableConfig:
    name: str
    span: Span
    type: Term | None
    default: Term | None
    nullable: bool
    sensitive: bool
    ephemeral: bool
    validations: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class OutputConfig:
    name: str
    span: Span
    value: Term | None
    sensitive: bool
    ephemeral: bool
    preconditions: tuple[Rule, ...]
    occurrences: tuple[tuple[Reference, Span], ...]
    awaited: Term | None = None  # depends_on


@dataclass(frozen=True, slots=True, eq=False)
class ResourceConfig:
    """`content` is without what Terraform itself reads. `occurrences` are the references of all of the block."""

    mode: Mode
    type: str
    name: str
    span: Span
    header: Span
    content: Content
    count: Term | None
    for_each: Term | None
    provider: ProviderKey | None
    depends_on: frozenset[Reference]
    ignore_changes: frozenset[Path]
    preconditions: tuple[Rule, ...]
    postconditions: tuple[Rule, ...]
    occurrences: tuple[tuple[Reference, Span], ...]
    actions: tuple[Part, ...] = ()  # provisioners, and how they connect
    awaited: Term | None = None  # depends_on
    triggers: Term | None = None  # replace_triggered_by
    check: str | None = None  # the check block that it stands in, outside of which nothing may refer to it

    @property
    def key(self) -> ResourceKey:
        return (self.mode, self.type, self.name)

    @property
    def schema(self) -> schema.Block | None:
        return schema_of(self.mode, self.type)


@dataclass(frozen=True, slots=True)
class CallConfig:
    name: str
    span: Span
    source: str | None
    count: Term | None
    for_each: Term | None
    providers: Mapping[ProviderKey, ProviderKey]
    depends_on: frozenset[Reference]
    arguments: Mapping[str, Term]
    source_span: Span  # of the `source`, else of the call
    awaited: Term | None = None  # depends_on


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    key: ProviderKey
    span: Span
    content: Content


@dataclass(frozen=True, slots=True)
class CheckConfig:
    name: str
    span: Span
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A `moved`, `import` or `removed` block, or a `backend` (labels: its type)."""

    kind: str
    labels: tuple[str, ...]
    span: Span
    header: Span
    content: Content


@dataclass(slots=True)
class Module:
    """`sources` are the providers' sources by local name, `required` the names that the module requires, `proxies`
    the configurations that a caller must pass.

    `scoped` are the data sources of check blocks, which nothing else may refer to.
    """

    directory: str
    variables: dict[str, VariableConfig] = field(default_factory=dict[str, VariableConfig])
    locals: dict[str, Term] = field(default_factory=dict[str, Term])
    outputs: dict[str, OutputConfig] = field(default_factory=dict[str, OutputConfig])
    resources: dict[ResourceKey, ResourceConfig] = field(default_factory=dict[ResourceKey, ResourceConfig])
    calls: dict[str, CallConfig] = field(default_factory=dict[str, CallConfig])
    providers: dict[ProviderKey, ProviderConfig] = field(default_factory=dict[ProviderKey, ProviderConfig])
    sources: dict[str, str] = field(default_factory=dict[str, str])
    required: set[str] = field(default_factory=set[str])
    proxies: set[ProviderKey] = field(default_factory=set[ProviderKey])
    backend: Statement | None = None
    statements: list[Statement] = field(default_factory=list[Statement])
    checks: dict[str, CheckConfig] = field(default_factory=dict[str, CheckConfig])
    scoped: set[ResourceKey] = field(default_factory=set[ResourceKey])
    files: tuple[str, ...] = ()


def schema_of(mode: Mode, type_name: str) -> schema.Block | None:
    """What a resource or data source of this type may hold; None where the type is not known to us."""
    match mode:
        case "resource":
            from reconciler.hcl.builtin import RESOURCES

            found = RESOURCES.get(type_name) or schema.resource(type_name)
        case "data":
            from reconciler.hcl.builtin import DATA_SOURCES

            found = DATA_SOURCES.get(type_name) or schema.data_source(type_name)
        case "ephemeral":
            found = None
    return found.block if found else None
