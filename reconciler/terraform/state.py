"""Terraform's state, format 4: every managed resource with its id and attributes, data sources, outputs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Final, Literal, cast

from reconciler.errors import ConfigError
from reconciler.model import Address, Json, Path
from reconciler.records import dataclass

FORMAT: Final = 4
_PROVIDER = re.compile(r'(?:^|\.)provider\["([^"]+)"\](?:\.([^\W\d][\w-]*))?\Z')


@dataclass(frozen=True, slots=True)
class StateResource:
    """One resource instance as it was when Terraform last wrote the state.

    `provider` is the configuration that it was made with, "aws" or "aws.west" (of the module that it names, if the
    module has one of its own); `source` the provider's address. `attributes` are as the provider wrote them under
    `schema_version`, empty where Terraform 0.11 wrote them in its flat form. `sensitive` are the paths that Terraform
    knew to be so besides those that the schema names.
    """

    address: Address
    provider: str
    source: str
    id: str | None
    attributes: Mapping[str, Json]
    sensitive: frozenset[Path] = frozenset()
    schema_version: int = 0
    tainted: bool = False


@dataclass(frozen=True, slots=True)
class StateOutput:
    """`type` is Terraform's JSON encoding, "string" or ["list", "string"]."""

    value: Json
    type: Json
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """`resources` and `data` are by address in the state's order; deposed objects are left out."""

    resources: Mapping[str, StateResource] = field(default_factory=dict[str, StateResource])
    data: Mapping[str, StateResource] = field(default_factory=dict[str, StateResource])
    outputs: Mapping[str, StateOutput] = field(default_factory=dict[str, StateOutput])
    terraform_version: str = ""
    lineage: str = ""
    serial: int = 0


def parse_state(text: bytes, where: str) -> State:
    """Understand a state file; an empty one is an empty state, as for Terraform.

    `where` names the file in errors. Raises ConfigError where it is no state, of another format, or encrypted by a
    tool other than the store that it lies in.
    """
    if not text.strip():
        return State()
    document = _document(text, where)
    try:
        instances = [StateReader(where).instance(*pair) for pair in _instances(document)]
        return State(
            {str(found.address): found for found in instances if found.address.mode == "managed"},
            {str(found.address): found for found in instances if found.address.mode == "data"},
            {name: _output(output) for name, output in _mapping(document.get("outputs")).items()},
            str(document.get("terraform_version", "")),
            str(document.get("lineage", "")),
            int(cast("int", document.get("serial", 0))),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unusable(f"is a damaged state: {type(error).__name__}: {error}", where) from error


def _document(text: bytes, where: str) -> dict[str, Json]:
    try:
        document: object = json.loads(text)
    except RecursionError as error:
        raise _unusable("is nested too deeply to be a state", where) from error
    except ValueError as error:
        raise _unusable(f"is no JSON: {error}", where) from error
    if not isinstance(document, dict):
        raise _unusable("is no Terraform state: it is not a JSON object", where)
    state = cast("dict[str, Json]", document)
    if "encrypted_data" in state or "encryption_version" in state:
        hint = "Remove the state encryption of the tool that wrote it, or let baselines and natural keys identify."
        raise ConfigError("the state is encrypted by the tool that wrote it", where=where, hint=hint)
    version = state.get("version")
    if version != FORMAT or isinstance(version, bool):
        hint = "Run any `terraform apply` with Terraform 0.12 or newer: it writes format 4."
        what = "is no Terraform state" if version is None else f"has state format {version!r}, not {FORMAT}"
        raise ConfigError(f"the file {what}", where=where, hint=hint)
    return state


def _unusable(what: str, where: str) -> ConfigError:
    hint = "Is a terraform run writing it just now? Otherwise restore it, e.g. from terraform.tfstate.backup."
    return ConfigError(f"the file {what}", where=where, hint=hint)


def _instances(document: Mapping[str, Json]) -> Iterator[tuple[dict[str, Json], dict[str, Json]]]:
    """Each current instance with the resource that it is of."""
    for resource in _list(document.get("resources")):
        parent = _mapping(resource)
        for item in _list(parent.get("instances")):
            instance = _mapping(item)
            if not instance.get("deposed"):
                yield parent, instance


@dataclass(frozen=True, slots=True)
class StateReader:
    """Reads instances; `where` names the state in errors."""

    where: str

    def instance(self, resource: Mapping[str, Json], instance: Mapping[str, Json]) -> StateResource:
        address = self._address(resource, instance.get("index_key"))
        source, provider = self._provider(str(resource["provider"]), address)
        attributes = _mapping(instance.get("attributes"))
        found = attributes.get("id", _mapping(instance.get("attributes_flat")).get("id"))
        return StateResource(
            address,
            provider,
            source,
            found if isinstance(found, str) else None,
            attributes,
            frozenset(map(_path, _list(instance.get("sensitive_attributes")))),
            int(cast("int", instance.get("schema_version", 0))),
            instance.get("status") == "tainted",
        )

    def _address(self, resource: Mapping[str, Json], key: Json) -> Address:
        mode: Literal["managed", "data"] = "data" if resource["mode"] == "data" else "managed"
        if not isinstance(key, int | str | None) or isinstance(key, bool):
            raise _unusable(f"has a resource with the instance key {key!r}", self.where)
        type_, name = str(resource["type"]), str(resource["name"])
        modules = ()
        if module := resource.get("module"):
            modules = Address.parse(f"{module}.{type_}.{name}").modules
        return Address(type_, name, key, modules, mode)

    def _provider(self, text: str, address: Address) -> tuple[str, str]:
        match = _PROVIDER.search(text)
        if match is None:
            raise _unusable(f"has the resource {address} of an unknown provider {text!r}", self.where)
        source, alias = match.groups()
        name = source.rpartition("/")[2]
        return source, f"{name}.{alias}" if alias else name


def _path(steps: Json) -> Path:
    """[{"type": "get_attr", "value": "a"}, {"type": "index", "value": {"value": 0, "type": "number"}}] -> ("a", 0)."""
    path: list[int | str] = []
    for item in _list(steps):
        step = _mapping(item)
        value = step["value"]
        if step["type"] == "index":
            value = _mapping(value)["value"]
        if not isinstance(value, int | str):
            break  # an element of a set is named by its value: the path ends at the set
        path.append(value)
    return tuple(path)


def _output(output: Json) -> StateOutput:
    found = _mapping(output)
    return StateOutput(found.get("value"), found.get("type"), bool(found.get("sensitive")))


def _mapping(value: Json) -> dict[str, Json]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError(f"an object was expected, not {json.dumps(value)[:40]}")
    return value


def _list(value: Json) -> list[Json]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError(f"a list was expected, not {json.dumps(value)[:40]}")
    return value
