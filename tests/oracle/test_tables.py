"""What the oracle's tables name is there: a name that nothing has would silently do nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reconciler import schema
from reconciler.resources import TYPES
from reconciler.semantics import Shape, element_shape, kind_of, members
from tests.oracle.by_hand import BY_HAND
from tests.oracle.hints import COUPLED, HINTS, LISTED, NEEDED, WHERE_THERE
from tests.oracle.listed import DISPUTED, DRIFTED, FORGOTTEN
from tests.oracle.wholes import WHOLES


def _named() -> Iterator[tuple[str, str]]:
    for table in (DISPUTED, DRIFTED, FORGOTTEN, HINTS, LISTED, NEEDED, WHERE_THERE, WHOLES):
        for name in table:
            yield name.partition(".")[0], name.partition(".")[2]
    for type_name, groups in COUPLED.items():
        yield from ((type_name, name) for group in groups for name in group)
    for type_name, hands in BY_HAND.items():
        yield from ((type_name, name) for name in hands)


def _is_there(type_name: str, path: str) -> bool:
    known = schema.resource(type_name)
    shape: Shape | None = known.block if known and type_name in TYPES else None
    for step in path.replace("[]", "").split("."):
        while shape is not None and not members(shape) and kind_of(shape) in ("list", "set"):
            shape = element_shape(shape)
        if shape is None:
            return False
        if kind_of(shape) == "map":
            return True
        shape = members(shape).get(step)
    return shape is not None


@pytest.mark.parametrize(("type_name", "path"), sorted(set(_named())))
def test_what_is_named_is_in_the_schema(type_name: str, path: str) -> None:
    assert _is_there(type_name, path)
