"""What is known of a resource type, a data source or the provider's own block: frozen, shared, never to be changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Literal, TypeAlias

from reconciler.model import Json, Path
from reconciler.records import dataclass

Type: TypeAlias = """
    str
    | tuple[Literal['list', 'set', 'map'], Type]
    | tuple[Literal['object'], Mapping[str, Type]]
    | tuple[Literal['tuple'], tuple[Type, ...]]
"""
"""Terraform's own JSON encoding of a type, with tuples for lists so that nobody can change a shared one.

"string", "number", "bool", "dynamic"; ("set", "string"); ("list", ("object", {"id": "string"})). `match` takes it
apart: `case str(): …`, `case ("object", attributes): …`, `case ("tuple", elements): …`, `case (kind, element): …`.
"""

Nesting: TypeAlias = Literal["single", "list", "set", "map", "group"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute. At least one of required, optional, computed is true.

    `default` is what the provider plans where a configuration leaves the attribute out, None where that is null or
    known only after apply. `forces_replacement`: a change of the value makes the provider plan a new resource.
    `planned_null`: it is computed, and yet null is planned where it is left out; one that has a default as well is
    null where its block has blocks in it.
    """

    type: Type
    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False
    write_only: bool = False
    deprecated: bool = False
    default: Json = None
    forces_replacement: bool = False
    planned_null: bool = False

    @property
    def read_only(self) -> bool:
        """Computed by the provider alone; a configuration cannot set it."""
        return not (self.required or self.optional)

    @property
    def as_block(self) -> Block | None:
        """The block that a configuration may write instead of the value, for lists and sets of objects.

        Terraform's "attributes as blocks" (aws_security_group.ingress): one block per element; what a block leaves
        out is null.
        """
        match self.type:
            case ("list" | "set", ("object", attributes)):
                return Block({name: Attribute(type_, optional=True) for name, type_ in attributes.items()})
            case _:
                return None


@dataclass(frozen=True, slots=True)
class NestedBlock:
    """`max_items` 0: no limit.

    `computed`: where a configuration has no such block, the provider decides (known after apply); otherwise no block
    means none. `forces_replacement`: adding or removing a block makes a new resource; in a set, changing one does too.
    """

    nesting: Nesting
    block: Block
    min_items: int = 0
    max_items: int = 0
    computed: bool = False
    forces_replacement: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Attributes and nested blocks, each sorted by name. No name is in both."""

    attributes: Mapping[str, Attribute]
    blocks: Mapping[str, NestedBlock] = field(default_factory=dict[str, "NestedBlock"])
    deprecated: bool = False

    def walk(self, prefix: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Attribute]]:
        """Every attribute at any depth with its path of names (no indices)."""
        for name, attribute in self.attributes.items():
            yield (*prefix, name), attribute
        for name, nested in self.blocks.items():
            yield from nested.block.walk((*prefix, name))


@dataclass(frozen=True, slots=True)
class ResourceSchema:
    """`version` is the schema version that Terraform's state carries for this type (0 for data sources)."""

    version: int
    block: Block

    def forces_replacement(self, path: Path) -> bool:
        """A change at `path` (attribute names, indices, map keys) makes a new resource.

        A path that ends at a block stands for one that is added or removed, with all that is in it.
        """
        block = self.block
        for place, step in enumerate(path):
            if isinstance(step, int):
                continue
            if (attribute := block.attributes.get(step)) is not None:
                return attribute.forces_replacement
            if (nested := block.blocks.get(step)) is None:
                return False
            block = nested.block
            whole = all(isinstance(rest, int) for rest in path[place + 1 :])
            if nested.forces_replacement and (whole or nested.nesting == "set"):
                return True
            if whole:
                return any(attribute.forces_replacement for _, attribute in block.walk())
        return False
