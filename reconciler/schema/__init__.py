"""What the AWS provider knows of its types, as data: no provider is needed to ask.

    >>> from reconciler import schema
    >>> queue = schema.resource("aws_sqs_queue")
    >>> queue.block.attributes["visibility_timeout_seconds"].default
    30

Facts come from the provider itself: its schema; the plan of an empty resource (defaults); plans with a value changed
(what forces replacement). `python -m reconciler.schema.build PROVIDER_BINARY` makes aws.bin, the packaged table, for
another version of the provider. The table opens in about a millisecond when a type is first asked for; types are
read from it one at a time and kept.

A type that is None here is unknown to the provider: misspelt, or of another version.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.schema.shape import Attribute, Block, NestedBlock, Nesting, ResourceSchema, Type

if TYPE_CHECKING:
    from reconciler.schema.table import Table

__all__ = [
    "PROVIDER_SOURCE",
    "PROVIDER_VERSION",
    "Attribute",
    "Block",
    "NestedBlock",
    "Nesting",
    "ResourceSchema",
    "Type",
    "data_source",
    "data_source_names",
    "provider",
    "resource",
    "resource_names",
]

PROVIDER_SOURCE: Final = "registry.terraform.io/hashicorp/aws"
PROVIDER_VERSION: str
"""The version of the provider that was asked, "5.100.0"; read from the table when first used."""


@cache
def _table() -> Table:
    from reconciler.schema.table import Table

    return Table(Path(__file__).with_name("aws.bin"))


@cache
def resource(type_name: str) -> ResourceSchema | None:
    """The managed resource type, "aws_sqs_queue"; None where the provider has none of this name."""
    return _table().get("resource", type_name)


@cache
def data_source(type_name: str) -> ResourceSchema | None:
    """The data source, "aws_iam_policy_document"; None where the provider has none of this name."""
    return _table().get("data", type_name)


@cache
def provider() -> Block:
    """The block `provider "aws"`."""
    found = _table().get("provider", "aws")
    assert found is not None
    return found.block


def resource_names() -> tuple[str, ...]:
    """Every managed resource type, sorted."""
    return _table().names("resource")


def data_source_names() -> tuple[str, ...]:
    """Every data source, sorted."""
    return _table().names("data")


def __getattr__(name: str) -> str:
    if name == "PROVIDER_VERSION":
        return _table().version
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
