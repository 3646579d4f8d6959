"""What the provider takes for the same list of container definitions, and what not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.container_definitions import canonical
from reconciler.resources.spec import Semantics
from reconciler.semantics import equivalent

API: dict[str, Any] = {"name": "api", "image": "nginx"}
WEB: dict[str, Any] = {"containerPort": 80}


def with_(**more: Any) -> list[Any]:
    return [{**API, **more}]


SAME: list[tuple[str, Any, Any]] = [
    ("order of containers", [API, {"name": "proxy"}], [{"name": "proxy"}, API]),
    ("essential", with_(), with_(essential=True)),
    ("no cpu", with_(), with_(cpu=0)),
    ("empty lists", with_(), with_(environment=[], mountPoints=[], volumesFrom=[], portMappings=[], systemControls=[])),
    ("null", with_(), with_(command=None)),
    ("false", with_(), with_(privileged=False)),
    ("protocol", with_(portMappings=[WEB]), with_(portMappings=[{**WEB, "protocol": "tcp"}])),
    ("any host port", with_(portMappings=[WEB]), with_(portMappings=[{**WEB, "hostPort": 0}])),
    ("the container's host port", with_(portMappings=[WEB]), with_(portMappings=[{**WEB, "hostPort": 80}])),
    (
        "order of the environment",
        with_(environment=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]),
        with_(environment=[{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]),
    ),
    (
        "order of secrets",
        with_(secrets=[{"name": "A", "valueFrom": "x"}, {"name": "B", "valueFrom": "y"}]),
        with_(secrets=[{"name": "B", "valueFrom": "y"}, {"name": "A", "valueFrom": "x"}]),
    ),
    (
        "health check",
        with_(healthCheck={"command": ["CMD", "true"]}),
        with_(healthCheck={"command": ["CMD", "true"], "interval": 30, "retries": 3, "timeout": 5}),
    ),
    ("case of the API's names", with_(portMappings=[WEB]), [{"Name": "api", "Image": "nginx", "PortMappings": [WEB]}]),
    ("an empty environment variable", with_(environment=[{}]), with_()),
]

DIFFERENT: list[tuple[str, Any, Any]] = [
    ("image", with_(), with_(image="nginx:2")),
    ("not essential", with_(), with_(essential=False)),
    ("cpu", with_(), with_(cpu=10)),
    ("order of a command", with_(command=["a", "b"]), with_(command=["b", "a"])),
    ("udp", with_(portMappings=[WEB]), with_(portMappings=[{**WEB, "protocol": "udp"}])),
    ("another host port", with_(portMappings=[WEB]), with_(portMappings=[{**WEB, "hostPort": 8080}])),
    ("a value", with_(environment=[{"name": "A", "value": "1"}]), with_(environment=[{"name": "A", "value": "2"}])),
    ("case of a label", with_(dockerLabels={"Team": "x"}), with_(dockerLabels={"team": "x"})),
    ("an empty label", with_(dockerLabels={"a": "", "b": "c"}), with_(dockerLabels={"b": "c"})),
    ("one container less", [API, {"name": "proxy"}], [API]),
]


def alike(one: Any, other: Any) -> bool:
    rules = {"container_definitions": Semantics.CONTAINERS}
    return equivalent("string", json.dumps(one), json.dumps(other), rules, "container_definitions")


@pytest.mark.parametrize(("what", "one", "other"), SAME, ids=[what for what, _, _ in SAME])
def test_the_same(what: str, one: Any, other: Any) -> None:
    assert alike(one, other), what


@pytest.mark.parametrize(("what", "one", "other"), DIFFERENT, ids=[what for what, _, _ in DIFFERENT])
def test_different(what: str, one: Any, other: Any) -> None:
    assert not alike(one, other), what


@pytest.mark.parametrize("odd", [None, "text", 3, {}, [None], ["x"], [{"environment": "x", "portMappings": ["y", 1]}]])
def test_what_is_no_list_of_definitions_is_taken_as_it_is(odd: Any) -> None:
    assert alike(odd, odd)
    assert canonical(canonical(odd)) == canonical(odd)
