"""Bodies by their schema: planned once for a resource, decoded once for each of its instances.

A plan pairs each argument with its attribute and each nested or `dynamic` block with its schema. What does not depend
on the instance (each, count, self, the iterator of a dynamic block) is evaluated once and shared by all instances.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from functools import partial
from typing import Final, TypeAlias

from reconciler import schema
from reconciler.hcl import convert, ephemeral, values
from reconciler.hcl.access import arrived, child
from reconciler.hcl.content import Content, Part, Problems, Term, content_of
from reconciler.hcl.expressions import evaluate
from reconciler.hcl.functions import Unavailable
from reconciler.hcl.planned import counts_as_unset, settled
from reconciler.hcl.references import iterator_of
from reconciler.hcl.scope import ExpressionError, Scope
from reconciler.hcl.shapes import BlockObject, Shape, collection_of, configured_plain, shape_of
from reconciler.hcl.values import DYNAMIC, STRING, ObjectOf, SetOf, Type, Value
from reconciler.model import UNKNOWN, NoOrigin, Origin, Plain, Span
from reconciler.records import dataclass

_INSTANCE: Final = frozenset({"each", "count", "self"})
_DYNAMIC_ARGUMENTS: Final = frozenset({"for_each", "iterator", "labels"})

Shared: TypeAlias = "dict[int, Value]"
"""Values that all instances of a resource have in common, by the id of their term."""
Ways: TypeAlias = Mapping[str, str]
"""How the provider rewrites strings, by their path from here: "policy", "ingress.protocol"; "" is the place itself."""


@dataclass(frozen=True, slots=True)
class Setting:
    """An argument and its attribute. `varies`: it may differ between instances."""

    name: str
    term: Term
    type: Type
    attribute: schema.Attribute
    varies: bool
    ways: Ways


@dataclass(frozen=True, slots=True)
class Static:
    part: Part
    content: BodyPlan


@dataclass(frozen=True, slots=True)
class Dynamic:
    part: Part
    for_each: Term
    iterator: str
    labels: Term | None
    content: BodyPlan


@dataclass(frozen=True, slots=True)
class Nest:
    """All nested blocks of one kind. `as_attribute`: they are another way to write an attribute's value."""

    name: str
    nesting: schema.Nesting
    shape: Shape
    blocks: tuple[Static | Dynamic, ...]
    as_attribute: bool
    most: int


@dataclass(frozen=True, slots=True)
class BodyPlan:
    shape: Shape
    settings: tuple[Setting, ...]
    nests: tuple[Nest, ...]


# -- planning -------------------------------------------------------------------------------------------------


def plan(content: Content, block: schema.Block, problems: Problems, at: Span, ways: Ways | None = None) -> BodyPlan:
    """What is not expected in the body, or is missing, goes to `problems`; the rest is planned.

    `at` is where what is missing is reported, `ways` what the provider rewrites.
    """
    return _Planner(problems).plan(content, block, at, frozenset(), ways or {})


def _below(ways: Ways, name: str) -> Ways:
    prefix = f"{name}."
    found = {path.removeprefix(prefix): way for path, way in ways.items() if path.startswith(prefix)}
    return found | ({"": ways[name]} if name in ways else {})


@dataclass(frozen=True, slots=True)
class _Planner:
    problems: Problems

    def plan(self, content: Content, block: schema.Block, at: Span, varying: frozenset[str], ways: Ways) -> BodyPlan:
        """`varying` are names whose values differ from one decoding to the next, besides each, count and self."""
        shape = shape_of(block)
        settings: list[Setting] = []
        for name, term in content.arguments.items():
            attribute = block.attributes.get(name)
            if attribute is None:
                hint = " Did you mean a block?" if name in block.blocks else ""
                self.problems.error(f'An argument named "{name}" is not expected here.{hint}', term.span)
            elif attribute.read_only:
                self.problems.error(f'The argument "{name}" is decided by the provider and cannot be set.', term.span)
            else:
                varies = not term.names.isdisjoint(_INSTANCE | varying)  # hidden in a `for` or not: costs only time
                settings.append(Setting(name, term, shape.types[name], attribute, varies, _below(ways, name)))
        nests = tuple(self._nests(content, block, varying, ways))
        present = content.arguments.keys() | {nest.name for nest in nests}
        required = [name for name, attribute in block.attributes.items() if attribute.required]
        required += [name for name, nested in block.blocks.items() if nested.min_items > 0]
        for name in required:
            if name not in present:
                self.problems.error(f'"{name}" is required, but is not set.', at)
        return BodyPlan(shape, tuple(settings), nests)

    def _nests(self, content: Content, block: schema.Block, varying: frozenset[str], ways: Ways) -> Iterable[Nest]:
        kinds: dict[str, list[Part]] = {}
        for part in content.blocks:
            kinds.setdefault(part.kind, []).append(part)
        for kind, parts in kinds.items():
            nested, attribute = block.blocks.get(kind), block.attributes.get(kind)
            if nested is not None:
                nesting, inner = nested.nesting, nested.block
            elif attribute is not None and (as_block := attribute.as_block) is not None:
                nesting, inner = ("set" if attribute.type[0] == "set" else "list"), as_block
            else:
                self.problems.error(f'Blocks of type "{kind}" are not expected here.', parts[0].header)
                continue
            if kind in content.arguments:
                self.problems.error(f'"{kind}" is set as an argument and as a block.', parts[0].header)
            below = _below(ways, kind)
            planned = [p for part in parts if (p := self._block(part, inner, varying, below)) is not None]
            most = nested.max_items if nested is not None else 0
            yield Nest(kind, nesting, shape_of(inner), tuple(planned), nested is None, most)

    def _block(self, part: Part, block: schema.Block, varying: frozenset[str], ways: Ways) -> Static | Dynamic | None:
        if part.block.type != "dynamic":
            content = content_of(part.file, part.block.body, self.problems)
            return Static(part, self.plan(content, block, part.header, varying, ways))
        outer = content_of(part.file, part.block.body, self.problems)
        inner = [nested for nested in outer.blocks if nested.block.type == "content"]
        for_each = outer.arguments.get("for_each")
        if for_each is None or len(inner) != 1 or len(inner) != len(outer.blocks):
            self.problems.error('A block "dynamic" needs the argument "for_each" and one block "content".', part.header)
            return None
        for name in outer.arguments.keys() - _DYNAMIC_ARGUMENTS:
            self.problems.error(f'An argument named "{name}" is not expected here.', outer.arguments[name].span)
        iterator = iterator_of(part.block)
        content = content_of(part.file, inner[0].block.body, self.problems)
        content_plan = self.plan(content, block, part.header, varying | {iterator}, ways)
        return Dynamic(part, for_each, iterator, outer.arguments.get("labels"), content_plan)


# -- decoding -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of what a configuration leaves out: the live block, and why the rest is unknown.

    `exists`: the resource is there, even where this block of it could not be told from others.
    """

    prior: Mapping[str, Plain] | None = None
    why: NoOrigin | None = None
    exists: bool = False


@dataclass(slots=True)
class Decoder:
    """Decodes bodies for one instance after another; `problems` gets what is wrong with any of them.

    `sdk`: values are those that a resource built on the provider's SDK plans. `kept`: what is decoded is, so that it
    may not be ephemeral.
    """

    problems: Problems
    sdk: bool = False
    kept: bool = False
    shared: Shared = field(default_factory=dict[int, Value])
    failed: list[Unavailable] = field(default_factory=list[Unavailable])

    def decode(self, body: BodyPlan, scope: Scope, known: Known) -> BlockObject:
        """What fails stands in `given` as Unavailable, and in `failed`."""
        given: dict[str, Value | Unavailable] = {}
        for setting in body.settings:
            found = self._guarded(partial(self._setting, setting, scope))
            if self.sdk and isinstance(found, Value) and counts_as_unset(found, setting.attribute, setting.ways):
                if not known.exists:
                    found = values.unknown(setting.type).with_origin(found.origin)
                elif not isinstance(found.raw, tuple):
                    continue
            if not setting.attribute.write_only or isinstance(found, Unavailable):  # no state and no plan has those
                given[setting.name] = found
        for nest in body.nests:
            found = self._guarded(partial(self._nest, nest, scope, known))
            none = isinstance(found, Value) and found.raw == ()
            if not (none and body.shape.decided_by_provider(nest.name)):
                given[nest.name] = found
        return BlockObject(body.shape, given, known.prior, known.why)

    def _guarded(self, decode: Callable[[], Value]) -> Value | Unavailable:
        try:
            return decode()
        except ExpressionError as error:
            self.problems.error(error.what, error.span)
            found = Unavailable(str(error))
        except Unavailable as error:
            found = error
        self.failed.append(found)
        return found

    def _setting(self, setting: Setting, scope: Scope) -> Value:
        if setting.varies:
            return self._value(setting, scope)
        known = self.shared.get(id(setting.term))
        if known is None:
            known = self.shared[id(setting.term)] = self._value(setting, scope)
        return known

    def _value(self, setting: Setting, scope: Scope) -> Value:
        value = evaluate(setting.term.node, scope.of(setting.term.file))
        if value.origin is not None and value.origin.via:
            value = arrived(value, f"{setting.term.span} {setting.name}")
        value = convert_at(value, setting.type, setting.term)
        if self.kept and not setting.attribute.write_only:
            ephemeral.refuse(value, f'The argument "{setting.name}"', setting.term.span)
        return settled(value, setting.attribute, setting.ways) if self.sdk else value

    def _nest(self, nest: Nest, scope: Scope, known: Known) -> Value:
        type_ = collection_of(nest.nesting, nest.shape.type)
        before = _Before(nest, known)
        found: list[Value] = []
        labels: list[str] = []
        for block in nest.blocks:
            match block:
                case Static(part, content):
                    labels += part.block.labels
                    found.append(self._block(nest, content, scope, before, Origin(part.span)))
                case Dynamic():
                    elements = self._elements(block, scope)
                    if elements is None:
                        self._any_element(nest, block, scope)
                        origin = NoOrigin(f"how many there are is known only after apply: {block.part.header}")
                        return values.unknown(type_).with_origin(origin)
                    for key, element in elements:
                        inner = self._iteration(block, key, element, scope)
                        labels += self._labels(block, inner)
                        origin = element.origin or NoOrigin(f"an element of {block.for_each.span}", block.for_each.span)
                        found.append(self._block(nest, block.content, inner, before, origin))
        if nest.most and len(found) > nest.most:
            last = nest.blocks[-1].part.header
            raise ExpressionError(f'No more than {nest.most} blocks "{nest.name}" are allowed.', last)
        return self._collected(nest, type_, found, labels)

    def _block(self, nest: Nest, content: BodyPlan, scope: Scope, before: _Before, origin: Origin | NoOrigin) -> Value:
        count = len(self.failed)
        decoded = self.decode(content, scope, before.next())
        if len(self.failed) > count:
            raise self.failed.pop()
        if nest.nesting == "set":
            decoded.zeros = self.sdk
            decoded.prior = before.like(decoded)
        if nest.as_attribute:
            return Value(nest.shape.type, dict(decoded), origin=origin)
        return Value(nest.shape.type, decoded, origin=origin)

    def _elements(self, block: Dynamic, scope: Scope) -> list[tuple[Value, Value]] | None:
        """Key and value of each element; None where they are not known."""
        collection = evaluate(block.for_each.node, scope.of(block.for_each.file))
        span = block.for_each.span
        if collection.null:
            raise ExpressionError("Cannot use a null value in for_each.", span)
        if not collection.known:
            return None
        if not isinstance(collection.raw, tuple | Mapping):
            raise ExpressionError(f"Cannot use a {values.friendly(collection.type)} value in for_each.", span)
        elements: list[tuple[Value, Value]] = []
        for position, item in values.children(collection):
            element = child(collection, item)
            if isinstance(collection.type, SetOf):
                key = element
            else:
                key = values.string(position) if isinstance(position, str) else values.number(position)
            elements.append((key, element))
        return elements

    def _any_element(self, nest: Nest, block: Dynamic, scope: Scope) -> None:
        """Only for what is wrong with the content whatever the elements are."""
        inner = self._iteration(block, values.unknown(), values.unknown(), scope)
        try:
            self._labels(block, inner)
            self._block(nest, block.content, inner, _Before(nest, Known()), Origin(block.part.span))
        except Unavailable:
            return

    def _iteration(self, block: Dynamic, key: Value, element: Value, scope: Scope) -> Scope:
        type_ = ObjectOf((("key", key.type), ("value", element.type)))
        iterator = Value(type_, {"key": key, "value": element})
        return scope.within({**scope.names, block.iterator: iterator})

    def _labels(self, block: Dynamic, scope: Scope) -> list[str]:
        if block.labels is None:
            return []
        found = evaluate(block.labels.node, scope.of(block.labels.file))
        return [convert_at(label, STRING, block.labels).text for label in found.items]

    def _collected(self, nest: Nest, type_: Type, found: list[Value], labels: list[str]) -> Value:
        match nest.nesting:
            case "list":
                return Value(type_, tuple(found))
            case "set":
                return _set_of_blocks(type_, found)
            case "map":
                return Value(type_, dict(values.by_key(dict(zip(labels, found, strict=False)))))
            case "single" | "group":
                return found[0] if found else values.null(type_)


class _Before:
    """The live blocks of a kind: in a list position tells which is which, in a set what is configured does."""

    def __init__(self, nest: Nest, known: Known) -> None:
        live = known.prior.get(nest.name) if known.prior is not None else None
        blocks = live if isinstance(live, list) else [live]
        self._blocks: list[Mapping[str, Plain]] = [block for block in blocks if isinstance(block, dict)]
        self._ordered = nest.nesting != "set"
        self._known = known
        self._position = 0

    def next(self) -> Known:
        """What is known of the next block."""
        position, self._position = self._position, self._position + 1
        block = self._blocks[position] if self._ordered and position < len(self._blocks) else None
        return Known(block, self._known.why, self._known.exists)

    def like(self, decoded: BlockObject) -> Mapping[str, Plain] | None:
        """The first live block, not taken yet, that has everything that is configured."""
        if not self._blocks:
            return None
        given = {name: configured_plain(item) for name, item in decoded.given.items() if isinstance(item, Value)}
        for position, block in enumerate(self._blocks):
            if all(value is None or value is UNKNOWN or block.get(name) == value for name, value in given.items()):
                return self._blocks.pop(position)
        return None


def _set_of_blocks(type_: Type, found: list[Value]) -> Value:
    """Sets carry the marks of their elements themselves, and show their elements in their own order."""
    marks = frozenset[str]().union(*(_given_marks(block) for block in found))
    if marks:
        found = [_unmarked_block(block) for block in found]
    several = len(found) > 1
    return Value(type_, values.ordered(values.distinct(found)) if several else tuple(found), marks)


def _given_marks(block: Value) -> frozenset[str]:
    if not isinstance(block.raw, BlockObject):
        return values.deep_marks(block)
    given = (item for item in block.raw.given.values() if isinstance(item, Value))
    return block.marks.union(*(_given_marks(item) for item in given))


def _unmarked_block(block: Value) -> Value:
    if isinstance(block.raw, tuple):
        return replace(block.unmarked(), raw=tuple(_unmarked_block(item) for item in block.raw))
    if not isinstance(block.raw, BlockObject):
        return values.unmark_deep(block)
    given = {n: _unmarked_block(item) if isinstance(item, Value) else item for n, item in block.raw.given.items()}
    return replace(block.unmarked(), raw=replace(block.raw, given=given))


def convert_at(value: Value, type_: Type, term: Term) -> Value:
    """`value` as one of `type_`. Raises ExpressionError with the place of `term`."""
    if type_ == DYNAMIC or value.type == type_:
        return value
    try:
        return convert.convert(value, type_)
    except convert.ConversionError as error:
        raise ExpressionError(f"Inappropriate value: {error.what}.", term.span) from error
