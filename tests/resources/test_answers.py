"""What AWS's answers leave out or spell out where there is nothing: both are read alike, whoever answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import botocore.session
import pytest

from reconciler import schema
from reconciler.aws.reader import Reader
from reconciler.resources import TYPES
from reconciler.semantics import equivalent
from tests.resources.golden import every_type, expected, folder, read_all
from tests.support.recorded import Replay

_SESSION = botocore.session.get_session()
# What asks for the next page.
_TOKENS = ("token", "marker", "position")

# "type.attribute" that says something else then, and why.
SAYS_MORE = {
    "aws_config_configuration_recorder.recording_group": "an object with nothing in it is an exclusion, or none",
    "aws_s3_bucket_lifecycle_configuration.rule": "a rule with an empty prefix is one of the old kind",
    "aws_s3_bucket_website_configuration.routing_rules": "a document as it is told",
    "aws_vpc_endpoint_service.private_dns_name_configuration": "Terraform has the block wherever EC2 tells one",
}


def _sparse(value: Any, _shape: Any) -> Any:
    """Without empty lists, empty texts and nulls. (An empty object may mean that something is on.)"""
    if isinstance(value, dict):
        return {name: _sparse(item, None) for name, item in value.items() if item not in ("", [], None)}
    return [_sparse(item, None) for item in value] if isinstance(value, list) else value


def _lavish(value: Any, shape: Any) -> Any:
    """With everything that AWS's model knows of: empty lists and maps, and texts that are empty."""
    if shape is None:
        return value
    if shape.type_name == "structure" and isinstance(value, dict):
        told = {name: _lavish(item, shape.members.get(name)) for name, item in value.items()}
        return {
            **{name: _nothing(member) for name, member in shape.members.items() if _fits(name, member)},
            **told,
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [_lavish(item, shape.member) for item in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {name: _lavish(item, shape.value) for name, item in value.items()}
    return value


def _nothing(member: Any) -> Any:
    return {"list": list, "map": dict, "string": str}[member.type_name]()


def _fits(name: str, member: Any) -> bool:
    if member.type_name == "string":
        return not member.enum and not any(word in name.lower() for word in _TOKENS)
    return member.type_name in ("list", "map")


def _changed(replay: Replay, change: Callable[[Any, Any], Any]) -> None:
    for call in replay.calls():
        service, _, operation = call["operation"].partition(":")
        model = _SESSION.get_service_model(service).operation_model(operation)
        call["pages"] = [change(page, model.output_shape) for page in call["pages"]]


@pytest.mark.parametrize("change", [_sparse, _lavish])
@pytest.mark.parametrize("type_name", every_type())
def test_nothing_told_is_nothing_left_out(type_name: str, change: Callable[[Any, Any], Any]) -> None:
    entry, replay = TYPES[type_name], Replay(folder(type_name) / "aws.json")
    _changed(replay, change)
    found = {one["id"]: one["attributes"] for one in read_all(Reader(replay, replay.scope), entry, replay.wanted)}
    wanted = {one["id"]: one["attributes"] for one in expected(type_name)}
    assert found.keys() == wanted.keys()
    known = schema.resource(type_name)
    assert known is not None
    shapes = {**known.block.attributes, **known.block.blocks}
    other = {
        name: (wanted[id_][name], attributes.get(name))
        for id_, attributes in found.items()
        for name in wanted[id_]
        if f"{type_name}.{name}" not in SAYS_MORE
        and not equivalent(shapes[name], wanted[id_][name], attributes.get(name), entry.semantics, name)
    }
    assert not other
