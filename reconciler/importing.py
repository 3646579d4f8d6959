"""Taking what nothing manages into the code: a resource that says what is live, and an `import` block for it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from reconciler import schema
from reconciler.errors import EvaluationError
from reconciler.hcl.edit import Nested, Raw
from reconciler.hcl.syntax import Body
from reconciler.hcl.tree import SourceTree
from reconciler.model import LiveResource, Plain
from reconciler.planning import Drifted
from reconciler.redaction import Secrecy, mentions_secret
from reconciler.resources.spec import ResourceType
from reconciler.schema.shape import Attribute, Block, NestedBlock
from reconciler.semantics import Shape, canonical, element_shape, is_document, kind_of, members, widened

_NEVER = frozenset({"id", "arn", "tags_all", "timeouts"})


def written(entry: Drifted, live: LiveResource, taken: frozenset[str]) -> tuple[str, Nested]:
    """The name of a new resource (not one of `taken`) and its block.

    Raises EvaluationError where it cannot be written down.
    """
    described = schema.resource(live.type)
    where = entry.name
    if described is None or (entry.spec.import_id is not None and live.import_id is None):
        raise EvaluationError("what `terraform import` would take for it is not known", where=where)
    secrecy = Secrecy(entry.context.redactor, entry.spec.semantics)
    values = {n: v for n, v in live.attributes.items() if _wanted(n, described.block, widened(v), entry.spec)}
    for name, value in values.items():
        if mentions_secret(secrecy.shown(members(described.block)[name], (name,), widened(value))):
            raise EvaluationError(f"{name} is secret and does not belong into code", where=where)
    made = block("", described.block, {n: widened(v) for n, v in values.items()})
    arguments = dict(made.arguments)
    if entry.provider.name not in ("", "aws"):
        arguments = {"provider": Raw(entry.provider.name), **arguments}
    return _name(live, taken), Nested("resource", (), arguments, made.blocks)


def home(tree: SourceTree, root: str) -> str:
    """The file of the root module that new resources go to: main.tf, else the first one."""
    files = [path for path in tree.paths() if posixpath.dirname(path) == root and path.endswith(".tf")]
    if not files:
        raise EvaluationError("the root module has no .tf file", where=root or ".")
    wanted = posixpath.join(root, "main.tf")
    return wanted if wanted in files else files[0]


def taken(body: Body, type_name: str) -> frozenset[str]:
    """The names of the resources of a type in a file."""
    blocks = (b for b in body.blocks if b.type == "resource" and b.labels[:1] == (type_name,))
    return frozenset(b.labels[1] for b in blocks if len(b.labels) > 1)


def _wanted(name: str, described: Block, value: Plain, spec: ResourceType) -> bool:
    """Worth an argument: what the code has to say so that a plan shows nothing, and what says what it is."""
    shape = members(described).get(name)
    if (
        shape is None
        or name in _NEVER
        or name in spec.config_only
        or name in spec.unchecked
        or name.endswith("_prefix")
    ):
        return False
    if isinstance(shape, NestedBlock):
        return value not in (None, []) and not (shape.computed or shape.block.deprecated)
    if not isinstance(shape, Attribute) or not worth_saying(shape, value) or shape.deprecated:
        return False
    key = {part.partition(".")[0] for parts in spec.natural_keys[:1] for part in parts}
    rules = element_shape(shape) is not None and kind_of(element_shape(shape) or "string") == "object"
    return shape.required or not shape.computed or name in key or rules or is_document(name, spec.semantics)


def _name(live: LiveResource, used: frozenset[str]) -> str:
    named = (
        live.attributes.get("name") or live.attributes.get("bucket") or live.attributes.get("function_name") or live.id
    )
    name = re.sub(r"[^a-z0-9]+", "_", str(named).rpartition("/")[2].lower()).strip("_")[-40:].strip("_") or "imported"
    name = name if name[0].isalpha() else f"r_{name}"
    number = 1
    while (name if number == 1 else f"{name}_{number}") in used:
        number += 1
    return name if number == 1 else f"{name}_{number}"


# -- values as arguments --------------------------------------------------------------------------------------


def block(name: str, shape: Shape, value: Mapping[str, Plain], *, loose: bool = False) -> Nested:
    """A block with what is not zero, not read-only and not the default.

    `loose`: of an attribute that is written as blocks. Its schema does not say what is required, and ports are: zero
    is said there.
    """
    inside = members(shape)
    arguments: dict[str, Plain | Raw] = {}
    blocks: list[Nested] = []
    for key in (key for key in inside if key in value):
        member, item = inside[key], value[key]
        as_block = member.as_block if isinstance(member, Attribute) else None
        if isinstance(member, NestedBlock) or (as_block is not None and item):
            items = item if isinstance(item, list) else [item]
            body = member.block if isinstance(member, NestedBlock) else as_block
            loosely = isinstance(member, Attribute)
            blocks += [block(key, body or Block({}), part, loose=loosely) for part in items if isinstance(part, dict)]
        elif worth_saying(member, item) or (loose and isinstance(item, int | float) and not isinstance(item, bool)):
            arguments[key] = argument(member, item)
    return Nested(name, (), arguments, blocks)


def worth_saying(member: Shape, value: Plain) -> bool:
    found = canonical(member, value)
    if not isinstance(member, Attribute):
        return found is not None
    default = canonical(member, widened(member.default))
    return member.required or (not member.read_only and found is not None and (default is None or found != default))


def argument(shape: Shape, value: Plain) -> Plain:
    """A live value as an argument: what is null inside objects of no fixed shape is left out."""
    match value:
        case list():
            return [argument(element_shape(shape) or "dynamic", item) for item in value]
        case dict() if kind_of(shape) == "object" and not isinstance(shape, Block):
            return value
        case dict():
            return {key: item for key, item in value.items() if item is not None}
        case _:
            return value
