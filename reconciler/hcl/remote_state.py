"""`terraform_remote_state`: what it takes, and the outputs of another state as a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from reconciler import schema
from reconciler.hcl import convert, values
from reconciler.hcl.shapes import type_of
from reconciler.hcl.values import SENSITIVE, Value
from reconciler.model import Json, Plain
from reconciler.schema import Attribute, Block, ResourceSchema

TYPE: Final = "terraform_remote_state"
SCHEMA: Final = ResourceSchema(
    0,
    Block(
        {
            "backend": Attribute("string", required=True),
            "config": Attribute("dynamic", optional=True),
            "defaults": Attribute("dynamic", optional=True),
            "outputs": Attribute("dynamic", optional=True, computed=True),
            "workspace": Attribute("string", optional=True),
        }
    ),
)


def answered(value: Json, type_: Json, *, sensitive: bool) -> dict[str, Plain]:
    """One output of a state, as an answer to the data source has it: `type_` is Terraform's JSON encoding."""
    return cast("dict[str, Plain]", {"value": value, "type": type_, "sensitive": sensitive})


def outputs(answer: Mapping[str, Plain], defaults: Value | None) -> Value:
    """The object of all outputs: `answer` has each as `answered` made it; `defaults` are for those that it lacks.

    What the state keeps as sensitive is so here too: Terraform itself forgets that, and a report must not.
    """
    found = dict(defaults.entries) if defaults is not None and not defaults.null else {}
    for name, output in answer.items():
        given = cast("dict[str, Any]", output)
        value = convert.from_plain(given["value"], type_of(_type(given["type"])))
        found[name] = value.marked(SENSITIVE) if given["sensitive"] else value
    return values.object_of(found)


def _type(encoded: Any) -> schema.Type:
    if isinstance(encoded, str):
        return cast("schema.Type", encoded)
    if not isinstance(encoded, list):
        return "dynamic"
    kind, inner = cast("list[Any]", encoded)[:2]
    if kind == "object":
        return ("object", {name: _type(part) for name, part in inner.items()})
    if kind == "tuple":
        return ("tuple", tuple(_type(part) for part in inner))
    return (kind, _type(inner))
