"""A Terraform provider binary, spoken to over the plugin protocol, version 5 (go-plugin handshake, gRPC, msgpack).

Only the build tool imports this: grpcio, grpcio-tools and msgpack are development dependencies. The messages are
compiled from plugin.proto when the module is first used, so there is no generated code; their untyped objects do not
leave this module.
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeAlias, cast

from reconciler.errors import ReconcilerError
from reconciler.model import UNKNOWN, Plain, Unknown
from reconciler.records import dataclass
from reconciler.schema.shape import Attribute, Block, NestedBlock, Nesting, ResourceSchema, Type

PROTOCOL: Final = "5"
COOKIE: Final = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"  # public: go-plugin's greeting
NOWHERE: Final = "http://127.0.0.1:9"
NESTING: Final[Mapping[int, Nesting]] = {1: "single", 2: "list", 3: "set", 4: "map", 5: "group"}
ERROR: Final = 1
UNKNOWN_EXTENSION: Final = 0  # the msgpack extension type of an unknown value; 12 is one with refinements

ProviderPath: TypeAlias = tuple[int | str, ...]
"""Attribute names, list indices and map keys. A step into a set is left out by the provider: the path ends there."""


class ProviderError(ReconcilerError):
    """The provider answered with errors: `complaints` are their texts, each with the path that it is about or ()."""

    def __init__(self, where: str, complaints: tuple[tuple[ProviderPath, str], ...]) -> None:
        super().__init__("; ".join(text for _, text in complaints), where=where)
        self.complaints = complaints


class ProviderDied(ReconcilerError):
    """The provider process ended (a panic kills every call in flight) or does not answer."""


@dataclass(frozen=True, slots=True)
class ProviderSchema:
    provider: Block
    resources: Mapping[str, ResourceSchema]
    data_sources: Mapping[str, ResourceSchema]


@dataclass(frozen=True, slots=True)
class Planned:
    """`replace` are the paths whose change makes the provider ask for a new resource."""

    state: Plain
    replace: frozenset[ProviderPath]


class ProviderProcess:
    """One running provider. `with ProviderProcess(binary) as provider: provider.schema()`."""

    def __init__(self, binary: Path) -> None:
        self._folder = tempfile.mkdtemp(prefix="reconcile-provider-")  # mode 0700: the socket in it has no TLS
        env = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "TF_"))}
        env |= {"TF_PLUGIN_MAGIC_COOKIE": COOKIE, "PLUGIN_PROTOCOL_VERSIONS": PROTOCOL}
        env |= {"PLUGIN_UNIX_SOCKET_DIR": self._folder, "AWS_EC2_METADATA_DISABLED": "true", "HOME": self._folder}
        env |= {"HTTP_PROXY": NOWHERE, "HTTPS_PROXY": NOWHERE}  # some plans would like to look something up in AWS
        try:
            self._process = subprocess.Popen(
                [binary], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            shutil.rmtree(self._folder)
            hint = "Give the path of an unpacked terraform-provider-aws binary for this machine."
            raise ProviderDied(f"cannot be started: {error.strerror}", where=str(binary), hint=hint) from error
        self._channel = self._connect(binary)

    def _connect(self, binary: Path) -> Any:
        """Read the one line with which go-plugin tells its socket: core|app|network|address|protocol."""
        stdout = self._process.stdout
        assert stdout is not None
        greeting = stdout.readline().decode(errors="replace").strip()
        fields = greeting.split("|")
        if len(fields) < 5 or (fields[0], fields[1], fields[2], fields[4]) != ("1", PROTOCOL, "unix", "grpc"):
            self._stop()
            hint = f"Only providers that speak protocol {PROTOCOL} over gRPC can be asked."
            raise ProviderDied(f"is no such provider: it said {greeting!r}", where=str(binary), hint=hint)
        threading.Thread(target=lambda: [None for _ in stdout], daemon=True).start()  # or it blocks on a full pipe
        options = [("grpc.max_receive_message_length", 256 << 20), ("grpc.default_authority", "localhost")]
        return _module("grpc").insecure_channel(f"unix:{fields[3]}", options=options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._channel.close()
        self._stop()

    def _stop(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _call(self, method: str, request: str, response: str, timeout: float, **fields: object) -> Any:
        grpc = _module("grpc")
        rpc = self._channel.unary_unary(
            f"/tfplugin5.Provider/{method}",
            request_serializer=_messages()[request].SerializeToString,
            response_deserializer=_messages()[response].FromString,
        )
        try:
            answer = rpc(_messages()[request](**fields), timeout=timeout)
        except grpc.RpcError as error:
            raise ProviderDied(f"{error.code().name}: {error.details()}", where=method) from error
        errors = [d for d in answer.diagnostics if d.severity == ERROR]
        if errors:
            raise ProviderError(method, tuple((_path(d.attribute), f"{d.summary}: {d.detail}") for d in errors))
        return answer

    def schema(self) -> ProviderSchema:
        """Everything the provider declares, without its descriptions."""
        answer = self._call("GetSchema", "GetProviderSchemaRequest", "GetProviderSchemaResponse", timeout=300)
        return ProviderSchema(
            _block(answer.provider.block),
            {name: _schema(answer.resource_schemas[name]) for name in sorted(answer.resource_schemas)},
            {name: _schema(answer.data_source_schemas[name]) for name in sorted(answer.data_source_schemas)},
        )

    def configure(self, config: Plain) -> None:
        """`config` has every attribute and block of the provider's block, null where it is not set."""
        self._call(
            "Configure", "ConfigureRequest", "ConfigureResponse", 60, terraform_version="1.11.4", config=_encode(config)
        )

    def plan(self, type_name: str, prior: Plain, config: Plain, proposed: Plain) -> Planned:
        """What the provider plans. Raises ProviderError where it refuses, ProviderDied where it panics."""
        answer = self._call(
            "PlanResourceChange",
            "PlanResourceChangeRequest",
            "PlanResourceChangeResponse",
            timeout=900,  # the largest types take a minute
            type_name=type_name,
            prior_state=_encode(prior),
            config=_encode(config),
            proposed_new_state=_encode(proposed),
        )
        return Planned(_decode(answer.planned_state), frozenset(map(_path, answer.requires_replace)))


def _module(name: str) -> Any:
    """An untyped third-party module, imported when first needed."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        hint = "Install the development dependencies: pip install --group dev."
        raise ReconcilerError(f"needs {error.name}", where="reconciler.schema.build", hint=hint) from error


@cache
def _messages() -> Mapping[str, Any]:
    """The message classes of plugin.proto by name."""
    protoc, pb2 = _module("grpc_tools.protoc"), _module("google.protobuf.descriptor_pb2")
    source = Path(__file__).with_name("plugin.proto")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "descriptors"
        code = protoc.main(["protoc", f"-I{source.parent}", f"--descriptor_set_out={out}", source.name])
        if code != 0:
            raise ReconcilerError(f"protoc exits with {code}", where=str(source))
        files = pb2.FileDescriptorSet.FromString(out.read_bytes()).file
    classes = cast("dict[str, Any]", _module("google.protobuf.message_factory").GetMessages(files))
    return {name.removeprefix("tfplugin5."): message for name, message in classes.items()}


def _schema(schema: Any) -> ResourceSchema:
    return ResourceSchema(int(schema.version), _block(schema.block))


def _block(block: Any) -> Block:
    return Block(
        {a.name: _attribute(a) for a in sorted(block.attributes, key=lambda a: a.name)},
        {
            b.type_name: NestedBlock(NESTING[b.nesting], _block(b.block), int(b.min_items), int(b.max_items))
            for b in sorted(block.block_types, key=lambda b: b.type_name)
        },
        bool(block.deprecated),
    )


def _attribute(a: Any) -> Attribute:
    return Attribute(
        type=_type(_module("json").loads(a.type)),
        required=a.required,
        optional=a.optional,
        computed=a.computed,
        sensitive=a.sensitive,
        write_only=a.write_only,
        deprecated=a.deprecated,
    )


def _type(encoded: Any) -> Type:
    match encoded:
        case str():
            return encoded
        case ["object", attributes, *_]:  # a third item names the optional ones; no provider's schema has it
            return "object", {name: _type(attributes[name]) for name in sorted(attributes)}
        case ["tuple", elements]:
            return "tuple", tuple(_type(element) for element in elements)
        case ["list" | "set" | "map" as kind, element]:
            return kind, _type(element)
        case _:
            raise ReconcilerError(f"unknown type encoding {encoded!r}", where="GetSchema")


def _encode(value: Plain) -> Any:
    msgpack = _module("msgpack")

    def unknown(value: object) -> Any:
        if value is UNKNOWN:
            return msgpack.ExtType(UNKNOWN_EXTENSION, b"\0")
        raise TypeError(f"not a Terraform value: {value!r}")

    return _messages()["DynamicValue"](msgpack=msgpack.packb(value, default=unknown, use_bin_type=True))


def _decode(value: Any) -> Plain:
    if not value.msgpack:
        return _module("json").loads(value.json or b"null")
    return _module("msgpack").unpackb(value.msgpack, raw=False, ext_hook=_unknown, strict_map_key=False)


def _unknown(_code: int, _data: bytes) -> Unknown:
    return UNKNOWN


def _path(path: Any) -> ProviderPath:
    return tuple(getattr(step, step.WhichOneof("selector")) for step in path.steps)
