"""Things that talk to the cloud."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.model import Json, Operation
from reconciler.resources.spec import At, Read, ResourceType, Subject, Write
from reconciler.resources.writing import operation


def _update(subject: Subject) -> Iterable[Operation]:
    after = subject.after or {}
    given: dict[str, Json] = {"thingName": subject.id}
    if "attributes" in subject.changed:
        given["attributePayload"] = {"attributes": after.get("attributes") or {}, "merge": False}
    if "thing_type_name" in subject.changed:
        wanted = after.get("thing_type_name")
        given |= {"thingTypeName": wanted} if wanted else {"removeThingType": True}
    yield operation("iot:UpdateThing", given)


_THING: Final = ResourceType(
    name="aws_iot_thing",
    list=Read("iot:ListThings", "things", page=250),
    id=At("thingName"),
    natural_keys=(("name",),),
    attributes={
        "arn": At("thingArn"),
        "attributes": At("attributes", default={}),
        # A thing speaks under its own name unless it says otherwise when it connects.
        "default_client_id": At("thingName"),
        "id": At("thingName"),
        "name": At("thingName"),
        "thing_type_name": At("thingTypeName", default=""),
        "version": At("version"),
    },
    moving=frozenset(("version",)),
    writes=(Write(("iot:UpdateThing",), frozenset(("attributes", "thing_type_name")), _update),),
)

TYPES: Final = (_THING,)
