"""Container definitions as the AWS provider plans them: read into the fields of ECS's API and written out again.

The names of fields count in any case and come out as the API writes them, what is null goes, containers and their
environments are sorted by name, and elements that say nothing are left out of a container's own lists.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, TypeAlias, cast

Kind: TypeAlias = "str | list[Kind] | dict[str, Kind]"
"""A text, "choice" (a text that is not there when it is empty), "number", "count" (not there when it is 0), "always" (a
number that is 0 where it is not given), "flag", "map" of texts; a list of some kind; fields by their names."""

_NAMED_VALUE: Final[Kind] = {"name": "text", "value": "text"}
_SECRETS: Final[Kind] = [{"name": "text", "valueFrom": "text"}]
_CONTAINER: Final[dict[str, Kind]] = {
    "command": ["text"],
    "cpu": "count",
    "credentialSpecs": ["text"],
    "dependsOn": [{"condition": "choice", "containerName": "text"}],
    "disableNetworking": "flag",
    "dnsSearchDomains": ["text"],
    "dnsServers": ["text"],
    "dockerLabels": "map",
    "dockerSecurityOptions": ["text"],
    "entryPoint": ["text"],
    "environment": [_NAMED_VALUE],
    "environmentFiles": [{"type": "choice", "value": "text"}],
    "essential": "flag",
    "extraHosts": [{"hostname": "text", "ipAddress": "text"}],
    "firelensConfiguration": {"options": "map", "type": "choice"},
    "healthCheck": {
        "command": ["text"],
        "interval": "number",
        "retries": "number",
        "startPeriod": "number",
        "timeout": "number",
    },
    "hostname": "text",
    "image": "text",
    "interactive": "flag",
    "links": ["text"],
    "linuxParameters": {
        "capabilities": {"add": ["text"], "drop": ["text"]},
        "devices": [{"containerPath": "text", "hostPath": "text", "permissions": ["text"]}],
        "initProcessEnabled": "flag",
        "maxSwap": "number",
        "sharedMemorySize": "number",
        "swappiness": "number",
        "tmpfs": [{"containerPath": "text", "mountOptions": ["text"], "size": "always"}],
    },
    "logConfiguration": {"logDriver": "choice", "options": "map", "secretOptions": _SECRETS},
    "memory": "number",
    "memoryReservation": "number",
    "mountPoints": [{"containerPath": "text", "readOnly": "flag", "sourceVolume": "text"}],
    "name": "text",
    "portMappings": [
        {
            "appProtocol": "choice",
            "containerPort": "number",
            "containerPortRange": "text",
            "hostPort": "number",
            "name": "text",
            "protocol": "choice",
        }
    ],
    "privileged": "flag",
    "pseudoTerminal": "flag",
    "readonlyRootFilesystem": "flag",
    "repositoryCredentials": {"credentialsParameter": "text"},
    "resourceRequirements": [{"type": "choice", "value": "text"}],
    "restartPolicy": {"enabled": "flag", "ignoredExitCodes": ["number"], "restartAttemptPeriod": "number"},
    "secrets": _SECRETS,
    "startTimeout": "number",
    "stopTimeout": "number",
    "systemControls": [{"namespace": "text", "value": "text"}],
    "ulimits": [{"hardLimit": "always", "name": "choice", "softLimit": "always"}],
    "user": "text",
    "versionConsistency": "choice",
    "volumesFrom": [{"readOnly": "flag", "sourceContainer": "text"}],
    "workingDirectory": "text",
}
_SORTED: Final = ("environment", "secrets")


class _Misfit(ValueError):
    """A value is not of the kind that ECS takes; the provider refuses it."""


def as_planned(text: str) -> list[Any] | None:
    """The definitions as the provider writes them; None for what it refuses."""
    try:
        given = json.loads(text)
        containers = [_container(one) for one in _checked(given, list)]
    except (ValueError, RecursionError):
        return None
    return sorted(containers, key=_name) if all(containers) else None


def _name(item: Mapping[str, Any]) -> bytes:
    return cast(str, item.get("name") or "").encode()


def _container(given: Any) -> dict[str, Any]:
    found = _fields(given, _CONTAINER)
    for name, value in found.items():
        if isinstance(value, list) and isinstance(cast("list[Kind]", _CONTAINER[name])[0], dict):
            found[name] = [item for item in cast("list[Any]", value) if item]
    for name in _SORTED:
        if name in found:
            found[name] = sorted(found[name], key=_name)
    return {name: _written(value, _CONTAINER[name]) for name, value in found.items()}


def _fields(given: Any, kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """Without what is as if it was not given."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise _Misfit
    found: dict[str, Any] = {}
    names = _names(frozenset(kinds))
    for key, value in cast("dict[str, Any]", given).items():
        name = names.get(key.lower())
        if name is not None and value is not None:
            found[name] = _read(value, kinds[name])
    left_out = {"choice": "", "count": 0, "always": 0}
    return {name: value for name, value in found.items() if left_out.get(str(kinds[name]), ...) != value}


@cache
def _names(names: frozenset[str]) -> Mapping[str, str]:
    return {name.lower(): name for name in names}


def _read(value: Any, kind: Kind) -> Any:
    match kind:
        case dict():
            return _fields(value, kind)
        case [inner]:
            return [_element(item, inner) for item in _checked(value, list)]
        case "map":
            return {key: _element(item, "text") for key, item in _checked(value, dict).items()}
        case "flag":
            return _checked(value, bool)
        case "text" | "choice":
            return _checked(value, str)
        case _:
            if isinstance(value, bool):
                raise _Misfit
            return _checked(value, int)


def _checked(value: Any, wanted: type[Any]) -> Any:
    if not isinstance(value, wanted):
        raise _Misfit
    return value


def _element(value: Any, kind: Kind) -> Any:
    """Nothing, in a list or map, is an empty text or 0."""
    if value is None and not isinstance(kind, dict):
        return "" if kind == "text" else 0
    return _fields(value, kind) if isinstance(kind, dict) else _read(value, kind)


def _written(value: Any, kind: Kind) -> Any:
    match kind:
        case dict():
            always = {name: 0 for name, inner in kind.items() if inner == "always"}
            return {**always, **{name: _written(item, kind[name]) for name, item in value.items()}}
        case [inner]:
            return [_written(item, inner) for item in value]
        case _:
            return value
