"""Resource types that need no provider's schema table: Terraform's own, and those of providers that touch no cloud.

Their instances cannot be compared with anything live; that their types are known keeps what refers to them exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reconciler.hcl import remote_state, values
from reconciler.hcl.shapes import shape_of
from reconciler.schema import Attribute, Block, ResourceSchema, Type

_STRINGS: Final[Type] = ("map", "string")


def _computed(type_: Type = "string", *, sensitive: bool = False) -> Attribute:
    return Attribute(type_, computed=True, sensitive=sensitive)


def _optional(type_: Type = "string", *, computed: bool = False) -> Attribute:
    return Attribute(type_, optional=True, computed=computed)


def _type(**attributes: Attribute) -> ResourceSchema:
    return ResourceSchema(0, Block({"id": _computed(), **attributes}))


RESOURCES: Final[Mapping[str, ResourceSchema]] = {
    "terraform_data": _type(
        input=_optional("dynamic"), output=_computed("dynamic"), triggers_replace=_optional("dynamic")
    ),
    "null_resource": _type(triggers=_optional(_STRINGS)),
}

DATA_SOURCES: Final[Mapping[str, ResourceSchema]] = {
    remote_state.TYPE: remote_state.SCHEMA,
    "null_data_source": _type(
        inputs=_optional(_STRINGS),
        outputs=_computed(_STRINGS),
        random=_computed(),
        has_computed_default=_optional(computed=True),
    ),
}

# Terraform's own resource promises an id; no provider's does.
_IDS = shape_of(RESOURCES["terraform_data"].block).unset
_IDS["id"] = values.not_null(values.unknown(values.STRING))
