"""The packaged table: how records are packed into one file, and read from it one at a time.

    magic, u32 length of the index | index | chunks

The index (zlib, msgpack) says which chunk holds which names; a chunk (zlib) is a run of records (msgpack) in name
order, some 32 KB unpacked, so that reading one type inflates one chunk. A record is [version, block]; a block is
[{name: attribute}, {name: nested block}] plus a third item where it is deprecated; an attribute is [flags, type] plus
its default where it has one; a nested block is [nesting, min, max, block, flags].
"""

from __future__ import annotations

import importlib
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from reconciler.errors import ConfigError
from reconciler.schema.shape import Attribute, Block, NestedBlock, Nesting, ResourceSchema, Type

MSGPACK: Final[Any] = importlib.import_module("msgpack")  # it has no types
MAGIC: Final = b"RCSCHEMA1\n"  # the format's version is in it: what an old reader cannot read it must not try
CHUNK: Final = 32 * 1024
FLAGS: Final = (
    "required",
    "optional",
    "computed",
    "sensitive",
    "write_only",
    "deprecated",
    "forces_replacement",
    "planned_null",
)
NESTINGS: Final[tuple[Nesting, ...]] = ("single", "list", "set", "map", "group")

Kind: TypeAlias = Literal["resource", "data", "provider"]
Records: TypeAlias = Mapping[Kind, Mapping[str, ResourceSchema]]


def pack(version: str, records: Records) -> bytes:
    """The table as a file's content; the same records give the same bytes."""
    chunks: list[bytes] = []
    index: dict[str, object] = {"version": version}
    for kind in sorted(records):
        runs: list[tuple[int, list[str]]] = []
        for names, chunk in _chunks(records[kind]):
            runs.append((len(chunk), names))
            chunks.append(chunk)
        index[kind] = runs
    head = zlib.compress(_dump(index), 9)
    return b"".join([MAGIC, struct.pack("<I", len(head)), head, *chunks])


def _chunks(schemas: Mapping[str, ResourceSchema]) -> Iterator[tuple[list[str], bytes]]:
    names: list[str] = []
    records: list[bytes] = []
    for name in sorted(schemas):
        names.append(name)
        records.append(_dump(_pack_schema(schemas[name])))
        if sum(map(len, records)) >= CHUNK:
            yield names, zlib.compress(_dump(records), 9)
            names, records = [], []
    if names:
        yield names, zlib.compress(_dump(records), 9)


def _dump(value: object) -> bytes:
    return MSGPACK.packb(value, use_bin_type=True)


def _load(data: bytes) -> Any:
    return MSGPACK.unpackb(data, raw=False, strict_map_key=False)


def _pack_schema(schema: ResourceSchema) -> object:
    return [schema.version, _pack_block(schema.block)]


def _pack_block(block: Block) -> object:
    attributes = {name: _pack_attribute(block.attributes[name]) for name in sorted(block.attributes)}
    blocks = {name: _pack_nested(block.blocks[name]) for name in sorted(block.blocks)}
    return [attributes, blocks, *([True] if block.deprecated else [])]


def _pack_attribute(attribute: Attribute) -> object:
    flags = sum(getattr(attribute, name) << bit for bit, name in enumerate(FLAGS))
    return [flags, attribute.type, *([attribute.default] if attribute.default is not None else [])]


def _pack_nested(nested: NestedBlock) -> object:
    kind = NESTINGS.index(nested.nesting)
    flags = nested.computed | nested.forces_replacement << 1
    return [kind, nested.min_items, nested.max_items, _pack_block(nested.block), flags]


class Table:
    """An open table. Raises ConfigError where `path` holds none that this version can read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with path.open("rb") as file:
                if file.read(len(MAGIC)) != MAGIC:
                    raise self._broken("does not start as a table of this version does")
                (length,) = struct.unpack("<I", file.read(4))
                index = _load(zlib.decompress(file.read(length)))
        except (OSError, struct.error, zlib.error, ValueError) as error:
            raise self._broken(f"cannot be read: {error}") from error
        self.version: str = index.pop("version")
        self._where: dict[tuple[str, str], tuple[int, int, int]] = {}  # -> chunk's offset, its length, place in it
        self._names: dict[str, list[str]] = {}
        offset = len(MAGIC) + 4 + length
        for kind, runs in index.items():
            self._names[kind] = [name for _, names in runs for name in names]
            for size, names in runs:
                self._where.update({(kind, name): (offset, size, place) for place, name in enumerate(names)})
                offset += size

    def _broken(self, what: str) -> ConfigError:
        hint = "Install the package again, or make the table anew with `python -m reconciler.schema.build`."
        return ConfigError(f"the provider's schema table {what}", where=self._path.name, hint=hint)

    def names(self, kind: Kind) -> tuple[str, ...]:
        """Sorted."""
        return tuple(self._names.get(kind, ()))

    def get(self, kind: Kind, name: str) -> ResourceSchema | None:
        """None where the provider has no such type."""
        where = self._where.get((kind, name))
        if where is None:
            return None
        offset, size, place = where
        try:
            with self._path.open("rb") as file:
                file.seek(offset)
                chunk = zlib.decompress(file.read(size))
        except (OSError, zlib.error) as error:
            raise self._broken(f"is damaged at {name}: {error}") from error
        version, block = _load(_load(chunk)[place])
        return ResourceSchema(version, _unpack_block(block))


def _unpack_block(packed: Any) -> Block:
    attributes, blocks, *deprecated = packed
    return Block(
        {name: _unpack_attribute(*rest) for name, rest in attributes.items()},
        {name: _unpack_nested(*rest) for name, rest in blocks.items()},
        bool(deprecated),
    )


def _unpack_attribute(flags: int, type_: Any, default: Any = None) -> Attribute:
    on = [bool(flags >> bit & 1) for bit in range(len(FLAGS))]
    return Attribute(_unpack_type(type_), *on[:6], default=default, forces_replacement=on[6], planned_null=on[7])


def _unpack_nested(kind: int, min_items: int, max_items: int, block: Any, flags: int) -> NestedBlock:
    return NestedBlock(NESTINGS[kind], _unpack_block(block), min_items, max_items, bool(flags & 1), bool(flags & 2))


def _unpack_type(packed: Any) -> Type:
    match packed:
        case str():
            return packed
        case ["object", attributes]:
            return "object", {name: _unpack_type(type_) for name, type_ in attributes.items()}
        case ["tuple", elements]:
            return "tuple", tuple(_unpack_type(element) for element in elements)
        case [kind, element]:
            return kind, _unpack_type(element)
        case _:
            raise ConfigError(f"unknown type {packed!r} in the provider's schema table")
