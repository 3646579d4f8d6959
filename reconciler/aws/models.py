"""The parts of botocore's service descriptions that reading takes, packed into one file that opens at once.

botocore keeps megabytes of JSON for each service, and looks through hundreds of folders for them: a second of a short
scan. `models.bin` has the same descriptions, without prose, of the operations that the entries of `resources` read by
alone (`python -m reconciler.aws.pack_models` makes it). Whatever is not in there comes from botocore's own files, as
it does where botocore is older than the pack or was told of other descriptions.

The file: msgpack of {"botocore": version, "services": {service: {"operations": [...], kind: packed}}, "data": {name:
packed}}; `packed` is zlib of msgpack, of null where the service has no such description.
"""

from __future__ import annotations

import functools
import importlib
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

MSGPACK: Final[Any] = importlib.import_module("msgpack")  # it has no types
FILE: Final = Path(__file__).with_name("models.bin")
KINDS: Final = ("service-2", "endpoint-rule-set-1", "paginators-1")


class PackedLoader:
    """botocore's data loader, served from the pack as far as that goes.

    `whole` are services to take botocore's full description of; a client made before is to be made again.
    """

    def __init__(self, inner: Any, pack: Mapping[str, Any]) -> None:
        self.whole: set[str] = set()
        self._inner = inner
        self._services: Mapping[str, Any] = pack["services"]
        self._data: Mapping[str, bytes] = pack["data"]

    def knows(self, service: str, operation: str) -> bool:
        """Whether the pack describes the operation, and is used for its service."""
        return service in self._services and operation in self._services[service]["operations"]

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        known = self._services.get(service_name, {})
        if type_name not in known or service_name in self.whole or api_version is not None:
            return self._inner.load_service_model(service_name, type_name, api_version)
        found = _unpacked(known[type_name])
        if found is None:
            from botocore.exceptions import DataNotFoundError

            raise DataNotFoundError(data_path=f"{service_name}/{type_name}")
        return found

    def load_data(self, name: str) -> Any:
        return self.load_data_with_path(name)[0]

    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        """As botocore's: the data, and where it is from without the file's ending."""
        if name in self._data:
            return _unpacked(self._data[name]), str(FILE.with_suffix(""))
        return self._inner.load_data_with_path(name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def in_front_of(inner: Any, data_path: str | None) -> PackedLoader | None:
    """A loader in front of botocore's, None where the pack must not be used. `data_path` is botocore's setting."""
    import botocore

    if data_path or Path("~/.aws/models").expanduser().exists():
        return None  # somebody wants other descriptions
    pack = contents()
    return PackedLoader(inner, pack) if _numbers(botocore.__version__) >= _numbers(pack["botocore"]) else None


@functools.cache
def contents() -> Mapping[str, Any]:
    """The pack, its descriptions still packed. An unreadable file is an empty pack."""
    try:
        return cast("Mapping[str, Any]", MSGPACK.unpackb(FILE.read_bytes()))
    except OSError:
        return {"botocore": "0", "services": {}, "data": {}}


def packed(value: object) -> bytes:
    return zlib.compress(MSGPACK.packb(value), 9)


@functools.cache
def _unpacked(data: bytes) -> Any:
    """Shared by all who ask, as what botocore's loader gives is."""
    return MSGPACK.unpackb(zlib.decompress(data))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
