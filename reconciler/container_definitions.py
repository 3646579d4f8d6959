"""What ECS makes of the container definitions of a task: the same, with defaults filled in and some lists sorted."""

from __future__ import annotations

import json
from typing import Final, TypeAlias, cast

from reconciler.model import Json

Object: TypeAlias = "dict[str, Json]"

# Maps whose keys are people's own; all other names are the API's, which takes them in any case.
_MAPS: Final = frozenset(("dockerlabels", "options", "labels", "driveropts"))
_HEALTH: Final[Object] = {"interval": 30, "retries": 3, "timeout": 5}


def canonical(definitions: Json) -> Json:
    """The one form of all lists of definitions that ECS takes for the same."""
    if not isinstance(definitions, list):
        return definitions
    return sorted((_container(one) if isinstance(one, dict) else one for one in definitions), key=_order)


def _order(item: Json) -> str:
    name = item.get("name") if isinstance(item, dict) else None
    return f"{name} {json.dumps(item, sort_keys=True)}"


def _container(given: Object) -> Object:
    definition = cast("Object", _compact(given))
    for name in ("environment", "secrets"):
        pairs = definition.get(name)
        if isinstance(pairs, list):
            definition[name] = sorted(pairs, key=_order)
    if definition.get("cpu") == 0:
        del definition["cpu"]
    health = definition.get("healthcheck")
    if isinstance(health, dict):
        definition["healthcheck"] = {**_HEALTH, **health}
    ports = definition.get("portmappings")
    if isinstance(ports, list):
        definition["portmappings"] = [_port(mapping) if isinstance(mapping, dict) else mapping for mapping in ports]
    definition["essential"] = not any(name.lower() == "essential" and value is False for name, value in given.items())
    return definition


def _port(mapping: Object) -> Object:
    """A task with a network of its own has the container's port as its host's; 0 is any."""
    dropped = {"hostport"} if mapping.get("hostport") in (0, mapping.get("containerport")) else set[str]()
    dropped |= {"protocol"} if mapping.get("protocol") == "tcp" else set[str]()
    return {name: value for name, value in mapping.items() if name not in dropped}


def _compact(value: Json) -> Json:
    """Without what says nothing: null, false, "", [] and {}."""
    match value:
        case dict():
            kept = {k.lower(): item if k.lower() in _MAPS else _compact(item) for k, item in value.items()}
            return {k: item for k, item in kept.items() if item is not False and item not in (None, "", [], {})}
        case list():
            return [item for item in map(_compact, value) if item not in (None, {})]
        case _:
            return value
