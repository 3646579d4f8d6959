"""What the AWS provider makes of a configuration while it plans: unknown collections, values that count as unset, tags.

Most of its resources are built on an SDK that keeps state as flat text. There a list, set or map of primitives is
unknown as soon as one element is, null entries of maps vanish, and an empty value of an attribute that the provider
computes counts as none. Resources built on its newer framework keep what the configuration says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reconciler import schema
from reconciler.hcl import values
from reconciler.hcl.normal import KEEPS_EMPTY, rewrite
from reconciler.hcl.shapes import zero
from reconciler.hcl.values import STRING, ListOf, MapOf, ObjectOf, Primitive, SetOf, Value
from reconciler.model import NoOrigin, Provider

_TAGS = MapOf(STRING)


def on_sdk(block: schema.Block) -> bool:
    """Whether a resource is built on the SDK: that lets every configuration set an id, the framework never does."""
    ident = block.attributes.get("id")
    return ident is not None and ident.optional


def settled(value: Value, attribute: schema.Attribute, ways: Mapping[str, str]) -> Value:
    """`value` of `attribute` as the SDK holds it; `ways` says how strings in it are rewritten (see blocks.Ways)."""
    match value.type:
        case Primitive():
            way = ways.get("")
            return _rewritten(value, way) if way else value
        case ListOf(Primitive()) | SetOf(Primitive()):
            return value if values.wholly_known(value) else _unknown(value)
        case MapOf(Primitive()) if isinstance(value.raw, Mapping):
            if not values.wholly_known(value):
                return _unknown(value)
            if any(item.null for item in value.raw.values()):
                return replace(value, raw={key: item for key, item in value.raw.items() if not item.null})
            return value
        case ListOf(ObjectOf()) | SetOf(ObjectOf()) if isinstance(value.raw, tuple):
            items = [_settled_object(item, attribute, ways) for item in value.raw]
            is_set = isinstance(value.type, SetOf)
            return replace(value, raw=values.ordered(values.distinct(items)) if is_set else tuple(items))
        case _:
            return value


def _settled_object(value: Value, attribute: schema.Attribute, ways: Mapping[str, str]) -> Value:
    """A block that is written as an object: what it leaves out is zero in a set."""
    if not isinstance(value.raw, Mapping):
        return value
    entries: dict[str, Value] = {}
    for name, item in value.raw.items():
        way = ways.get(name)
        found = settled(item, attribute, {"": way} if way else {})
        entries[name] = zero(found.type) if found.null and attribute.type[0] == "set" else found
    return replace(value, raw=entries)


def _rewritten(value: Value, way: str) -> Value:
    if not isinstance(value.raw, str):
        return value
    text = rewrite(way, value.raw)
    return value if text == value.raw else replace(value, raw=text)


def _unknown(value: Value) -> Value:
    marks = values.deep_marks(value)
    return values.unknown(value.type).with_marks(marks).with_origin(value.origin)


def counts_as_unset(value: Value, attribute: schema.Attribute, ways: Mapping[str, str]) -> bool:
    """The SDK sees nothing in it, so that the provider decides; an empty list of blocks is something to it, though."""
    if not attribute.computed or attribute.as_block is not None or ways.get("", "").endswith(KEEPS_EMPTY):
        return False
    empty = value.raw == () and not isinstance(value.type, ListOf)  # a list that is empty is one
    return value.raw == "" or empty or (isinstance(value.raw, Mapping) and not value.raw)


def tags_all(tags: Value | None, defaults: Value | None, provider: Provider, *, sdk: bool, exists: bool) -> Value:
    """The tags that a resource gets: its own over the provider's default ones.

    `exists`: the resource is there already, so that "known after apply" is known by now.
    """
    own, given = _entries(tags), _entries(defaults)
    if given is None and not exists:
        given = {}  # the provider plans without default tags that it does not know yet
    if own is None or given is None:
        source = tags if own is None else defaults
        return values.unknown(_TAGS).with_origin(source.origin if source else None)
    marks = frozenset[str]().union(*(source.marks for source in (tags, defaults) if source is not None))
    kept = {name: tag for name, tag in {**given, **own}.items() if not _ignored(name, provider)}
    if sdk:
        kept = {name: tag for name, tag in kept.items() if not tag.null}
    if sdk and not exists:
        empty = [name for name, tag in kept.items() if tag.raw == ""]
        if not kept or any(name in own or not own for name in empty):
            return values.unknown(_TAGS).with_origin(NoOrigin("the provider decides while it applies"))
        kept |= {name: values.unknown(STRING) for name in empty}
    elif not sdk:
        kept = {name: values.string("") if tag.null else tag for name, tag in kept.items()}
    return Value(_TAGS, dict(values.by_key(kept)), marks)


def _entries(tags: Value | None) -> Mapping[str, Value] | None:
    """None where they are not all known."""
    if tags is None or tags.null:
        return {}
    return tags.entries if values.wholly_known(tags) else None


def _ignored(name: str, provider: Provider) -> bool:
    return name in provider.ignore_tags or name.startswith(provider.ignore_tag_prefixes)
