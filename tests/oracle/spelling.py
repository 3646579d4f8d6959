"""Terraform's values as parameters of an AWS operation, by nothing but botocore's description of it.

Members are found by their names: "minimum_length" is MinimumLength, "kms_key_id" is KMSKeyID. What is called
otherwise is named by whoever asks, so that this is independent of what the entries say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

Names = Mapping[str, str]
"""Dotted attribute ("email_configuration.from_email_address") -> member, where it is not called alike."""


def spelled(shape: Any, value: Any, names: Names, at: str = "") -> Any:
    """`value` (a block or an attribute) as the botocore shape takes it; None where there is nothing to say."""
    match shape.type_name:
        case "structure":
            return _structure(shape, value, names, at)
        case "list":
            items = cast("list[Any]", value if isinstance(value, list) else [value])
            return [spelled(shape.member, item, names, at) for item in items]
        case "boolean":
            return value == "true" if isinstance(value, str) else bool(value)
        case "integer" | "long":
            return int(value)
        case "string":
            return str(value)
        case _:
            return value


def _structure(shape: Any, value: Any, names: Names, at: str) -> Any:
    block = cast("list[Any]", value)[0] if isinstance(value, list) and value else value
    found: dict[str, Any] = {}
    for name, item in cast("dict[str, Any]", block or {}).items():
        inner = f"{at}.{name}" if at else name
        member = names.get(inner) or member_of(shape, name)
        if member is not None and item not in (None, "", [], {}):
            found[member] = spelled(shape.members[member], item, names, inner)
    return found


def member_of(shape: Any, name: str) -> str | None:
    """The member that is called like the attribute."""
    plain = name.replace("_", "")
    return next((member for member in shape.members if member.lower() == plain), None)
