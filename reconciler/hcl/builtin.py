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


def _required(type_: Type) -> Attribute:
    return Attribute(type_, required=True)


def _optional(type_: Type = "string", *, computed: bool = False) -> Attribute:
    return Attribute(type_, optional=True, computed=computed)


def _type(**attributes: Attribute) -> ResourceSchema:
    return ResourceSchema(0, Block({"id": _computed(), **attributes}))


_KEPT: Final = {"keepers": _optional(_STRINGS)}
_LETTERS: Final = {
    "length": _required("number"),
    "override_special": _optional(),
    **{f"min_{kind}": _optional("number", computed=True) for kind in ("lower", "numeric", "special", "upper")},
    **{kind: _optional("bool", computed=True) for kind in ("lower", "number", "numeric", "special", "upper")},
}

RESOURCES: Final[Mapping[str, ResourceSchema]] = {
    "terraform_data": _type(
        input=_optional("dynamic"), output=_computed("dynamic"), triggers_replace=_optional("dynamic")
    ),
    "null_resource": _type(triggers=_optional(_STRINGS)),
    "random_id": _type(
        **_KEPT,
        byte_length=_required("number"),
        prefix=_optional(),
        **{name: _computed() for name in ("b64_std", "b64_url", "dec", "hex")},
    ),
    "random_integer": _type(
        **_KEPT, min=_required("number"), max=_required("number"), seed=_optional(), result=_computed("number")
    ),
    "random_password": _type(
        **_KEPT, **_LETTERS, result=_computed(sensitive=True), bcrypt_hash=_computed(sensitive=True)
    ),
    "random_pet": _type(
        **_KEPT,
        length=_optional("number", computed=True),
        prefix=_optional(),
        separator=_optional(computed=True),
    ),
    "random_shuffle": _type(
        **_KEPT,
        input=_required(("list", "string")),
        result_count=_optional("number"),
        seed=_optional(),
        result=_computed(("list", "string")),
    ),
    "random_string": _type(**_KEPT, **_LETTERS, result=_computed()),
    "random_uuid": _type(**_KEPT, result=_computed()),
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
