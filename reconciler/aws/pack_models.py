"""Makes the packed descriptions of `models`: `python -m reconciler.aws.pack_models`, from the installed botocore."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from reconciler.aws.models import FILE, KINDS, MSGPACK, packed
from reconciler.resources import TYPES
from reconciler.resources.data_sources import DATA_SOURCES
from reconciler.resources.spec import Read

_DATA: Final = ("endpoints", "partitions", "sdk-default-configuration", "_retry")
_PROSE: Final = frozenset(("documentation", "documentationUrl", "examples"))
_ELSE: Final = ("sts:GetCallerIdentity", "s3:GetObject")  # who we are, and Terraform's state
_WHOLE: Final = ("sts",)  # botocore itself asks it for credentials
_ORDER: Final = ("member", "key", "value")


def operations() -> dict[str, set[str]]:
    """What reading asks for, by service."""
    found: dict[str, set[str]] = {}
    reads = [read for entry in TYPES.values() for read in (entry.list, *entry.details.values())]
    reads += [read for source in DATA_SOURCES.values() for read in source.reads]
    for name in (*_ELSE, *(name for read in reads for name in _asked(read))):
        service, _, operation = name.partition(":")
        found.setdefault(service, set()).add(operation)
    return found


def _asked(read: Read) -> Iterator[str]:
    yield read.operation
    if read.under:
        yield from _asked(read.under)
    if read.bulk and read.bulk.single:
        yield from _asked(read.bulk.single)
    if read.unless:
        yield from _asked(read.unless[1])


def build() -> bytes:
    """The file's content; the same botocore and the same entries give the same descriptions."""
    import botocore
    from botocore.loaders import Loader

    botocores = Loader()
    wanted = operations()
    services = {name: _service(botocores, name, wanted[name]) for name in sorted(wanted)}
    data = {name: packed(_only(botocores.load_data(name), wanted)) for name in _DATA}
    return MSGPACK.packb({"botocore": botocore.__version__, "services": services, "data": data})


def _service(botocores: Any, service: str, wanted: Collection[str]) -> dict[str, Any]:
    from botocore.exceptions import DataNotFoundError, UnknownServiceError

    found: dict[str, Any] = {}
    for kind in KINDS:
        try:
            model = botocores.load_service_model(service, kind)
        except (DataNotFoundError, UnknownServiceError):
            found[kind] = packed(None)
            continue
        if kind == "service-2":
            names = list(model["operations"]) if service in _WHOLE else sorted(wanted)
            found["operations"] = names
            model = _pruned(model, names)
        elif kind == "paginators-1":
            model = {"pagination": {name: how for name, how in model["pagination"].items() if name in wanted}}
        found[kind] = packed(model)
    return found


def _pruned(model: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The description of some operations and of the shapes that they are made of, without prose."""
    chosen = {name: _plain(what) for name, what in model["operations"].items() if name in names}
    waiting = [part["shape"] for what in chosen.values() for part in _parts_of_operation(what)]
    kept: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in kept:
            kept.add(name)
            waiting += [part["shape"] for part in _parts_of_shape(model["shapes"][name])]
    shapes = {name: _without_prose(shape) for name, shape in model["shapes"].items() if name in kept}
    rest = {name: part for name, part in model.items() if name not in _PROSE}
    return {**rest, "operations": chosen, "shapes": shapes}


def _parts_of_operation(operation: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (operation[side] for side in ("input", "output") if side in operation)
    yield from operation.get("errors", ())


def _parts_of_shape(shape: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from shape.get("members", {}).values()
    yield from (shape[name] for name in _ORDER if name in shape)


def _without_prose(shape: Mapping[str, Any]) -> dict[str, Any]:
    """A member may be called "documentation"; its own prose goes alone."""
    plain = _plain(shape)
    if "members" in plain:
        plain["members"] = {name: _plain(member) for name, member in plain["members"].items()}
    return plain | {name: _plain(plain[name]) for name in _ORDER if name in plain}


def _plain(description: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in description.items() if name not in _PROSE}


def _only(data: Any, services: Iterable[str]) -> Any:
    """Of the endpoints of all services, those of these: by name, or by what they sign or address with."""
    if "partitions" not in data or "services" not in data["partitions"][0]:
        return data
    from botocore.loaders import Loader

    botocores = Loader()
    names = set(services)
    for service in list(names):
        metadata = botocores.load_service_model(service, "service-2")["metadata"]
        names |= {metadata.get("endpointPrefix", service), metadata.get("signingName", service)}
    partitions = [
        {**partition, "services": {name: what for name, what in partition["services"].items() if name in names}}
        for partition in data["partitions"]
    ]
    return {**data, "partitions": partitions}


def main() -> int:
    content = build()
    FILE.write_bytes(content)
    print(f"{FILE.name}: {len(content):,} bytes", file=sys.stderr)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
