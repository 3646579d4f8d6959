"""The tree of modules, its instances, and how often each module and resource is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import cached_property
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar

from reconciler.hcl import functions, providers, values
from reconciler.hcl.access import AccessError, arrived, child
from reconciler.hcl.blocks import convert_at
from reconciler.hcl.content import Term
from reconciler.hcl.expressions import evaluate
from reconciler.hcl.functions import Unavailable
from reconciler.hcl.module import CallConfig, Module, ProviderKey, ResourceConfig, ResourceKey
from reconciler.hcl.providers import Configured
from reconciler.hcl.references import ModuleOutput, Reference
from reconciler.hcl.scope import ExpressionError, Scope
from reconciler.hcl.tree import relative
from reconciler.hcl.values import DYNAMIC, EPHEMERAL, NUMBER, SENSITIVE, STRING, MapOf, ObjectOf, SetOf, TupleOf, Value
from reconciler.model import Address, Key, ModuleStep, NoOrigin
from reconciler.records import dataclass

T = TypeVar("T")
Found: TypeAlias = "Value | Unavailable"


@dataclass(eq=False)
class Node:
    """A call of a module in the tree of calls, however often it is there. The root is called by nobody."""

    module: Module
    path: tuple[str, ...] = ()
    parent: Node | None = None
    call: CallConfig | None = None
    children: dict[str, Node] = field(default_factory=dict[str, "Node"])
    missing: dict[str, str] = field(default_factory=dict[str, str])
    instances: list[Instance] = field(default_factory=list["Instance"])

    def walk(self) -> Iterator[Node]:
        """This node and all below it."""
        pending: list[Node] = [self]
        while pending:
            node = pending.pop()
            yield node
            pending.extend(reversed(node.children.values()))

    def above(self) -> Iterator[Node]:
        """This node and all above it."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent

    def __str__(self) -> str:
        return ".".join(f"module.{name}" for name in self.path)


# -- how often ------------------------------------------------------------------------------------------------

Kind: TypeAlias = Literal["single", "count", "for_each", "undetermined"]


@dataclass(slots=True)
class Repeated(Generic[T]):
    """Something by instance key. Where how often it is there cannot be told, `reason` says why."""

    kind: Kind
    items: dict[Key, T] = field(default_factory=dict[Key, T])
    reason: str = ""


def repetition(count: Term | None, for_each: Term | None, scope: Scope) -> Repeated[Mapping[str, Value]]:
    """The instance keys, and the names (each, count) that an instance sees. Raises ExpressionError and Unavailable."""
    if count is not None:
        return _by_count(evaluate(count.node, scope.of(count.file)), count)
    if for_each is not None:
        return _by_for_each(evaluate(for_each.node, scope.of(for_each.file)), for_each)
    return Repeated("single", {None: {}})


def _by_count(value: Value, term: Term) -> Repeated[Mapping[str, Value]]:
    if EPHEMERAL in value.marks:
        raise ExpressionError("count must not be an ephemeral value: how many there are is kept.", term.span)
    number = convert_at(value, NUMBER, term)
    if number.null:
        raise ExpressionError("count must be a whole number, not null.", term.span)
    if not number.known:
        return Repeated("undetermined", reason=_unknown_reason("count", value, term))
    amount = number.number
    if amount < 0 or amount != amount.to_integral_value():
        raise ExpressionError("count must be a whole number, zero or greater.", term.span)
    if amount > MAX_INSTANCES:
        raise ExpressionError(f"count is {amount}; more than {MAX_INSTANCES} instances are not supported.", term.span)
    names: dict[Key, Mapping[str, Value]] = {}
    for index in range(int(amount)):
        names[index] = {"count": Value(_COUNT, {"index": values.number(index)})}
    return Repeated("count", names)


MAX_INSTANCES: Final = 1_000_000
_COUNT: Final = ObjectOf((("index", NUMBER),))


def _by_for_each(value: Value, term: Term) -> Repeated[Mapping[str, Value]]:
    marks = values.deep_marks(value) if isinstance(value.type, SetOf) else value.marks
    if EPHEMERAL in marks:
        raise ExpressionError("for_each must not be an ephemeral value: the addresses are kept.", term.span)
    if SENSITIVE in marks:
        raise ExpressionError("for_each must not be a sensitive value: it would show in addresses.", term.span)
    if value.null:
        raise ExpressionError("for_each must be a map, or a set of strings, not null.", term.span)
    if value.type != DYNAMIC and not isinstance(value.type, MapOf | ObjectOf | SetOf):
        kind = values.friendly(value.type)
        raise ExpressionError(f"for_each must be a map, or a set of strings, not a {kind}.", term.span)
    if not value.known:
        return Repeated("undetermined", reason=_unknown_reason("for_each", value, term))
    names: dict[Key, Mapping[str, Value]] = {}
    hop = f"{term.span} for_each"
    for key, item in values.children(value):
        if isinstance(value.type, SetOf):
            if item.type not in (STRING, DYNAMIC) or item.null:
                raise ExpressionError("The elements of a set in for_each must be strings.", term.span)
            if not item.known:
                return Repeated("undetermined", reason=_unknown_reason("for_each", item, term))
            key = item.text
        each = arrived(child(value, item), hop)
        names[key] = {"each": Value(ObjectOf((("key", STRING), ("value", each.type))), _each(str(key), each))}
    return Repeated("for_each", names)


def _each(key: str, value: Value) -> Mapping[str, Value]:
    return {"key": values.string(key, NoOrigin("the key of for_each")), "value": value}


def _unknown_reason(what: str, value: Value, term: Term) -> str:
    why = f": {value.origin.reason}" if isinstance(value.origin, NoOrigin) else ""
    return f"{what} at {term.span} depends on what is known only after apply{why}"


# -- instances ------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class ResourceInstance:
    """One instance of a resource or data source. `value` is what references to it see."""

    config: ResourceConfig
    address: Address
    value: Value
    provider: Configured | None = None
    unverified: str | None = None


@dataclass
class World:
    """What all module instances see alike."""

    root: str
    workspace: str
    context: functions.FunctionContext
    memo: dict[str, dict[int, Any]] = field(default_factory=dict[str, dict[int, Any]])
    ephemeral: bool = False  # whether any value may be


@dataclass(eq=False)
class Instance:
    """A module instance: the environment that its expressions are evaluated in."""

    node: Node
    world: World
    parent: Instance | None = None
    steps: tuple[ModuleStep, ...] = ()
    names: Mapping[str, Value] = field(default_factory=dict[str, Value])
    variables: dict[str, Found] = field(default_factory=dict[str, Found])
    locals: dict[str, Found] = field(default_factory=dict[str, Found])
    outputs: dict[str, Found] = field(default_factory=dict[str, Found])
    resources: dict[ResourceKey, Repeated[ResourceInstance]] = field(
        default_factory=dict[ResourceKey, Repeated[ResourceInstance]]
    )
    broken: dict[ResourceKey, Unavailable] = field(default_factory=dict[ResourceKey, Unavailable])
    calls: dict[str, Repeated[Instance] | Unavailable] = field(
        default_factory=dict[str, 'Repeated["Instance"] | Unavailable']
    )
    providers: dict[ProviderKey, Configured | Unavailable] = field(
        default_factory=dict[ProviderKey, "Configured | Unavailable"]
    )
    whole: dict[ResourceKey, Value] = field(default_factory=dict[ResourceKey, Value])

    @property
    def memo(self) -> dict[str, dict[int, Any]]:
        return self.world.memo

    @property
    def context(self) -> functions.FunctionContext:
        return self.world.context

    @cached_property
    def where(self) -> str:
        """The prefix of addresses in this module."""
        return "".join(f"{step}." for step in self.steps)

    def scope(self, file: str, names: Mapping[str, Value] | None = None) -> Scope:
        return Scope(file, self, names or {})

    def provided(self, provider: str) -> Mapping[str, functions.Function]:
        return providers.functions_of(self.node.module, provider)

    def lookup(self, reference: Reference) -> Value:
        match reference.kind:
            case "var":
                return self._stored(self.variables, reference, "input variable")
            case "local":
                return self._stored(self.locals, reference, "local value")
            case "resource" | "data" | "ephemeral":
                type_name, name = reference.names
                return self.resource((reference.kind, type_name, name), reference)
            case "module":
                return self._module(reference.names[0])
            case "path":
                return self._path(reference.names[0])
            case "terraform":
                if reference.names == ("applying",):
                    return values.boolean(False).marked(EPHEMERAL)  # noqa: FBT003 - the value itself
                if reference.names != ("workspace",):
                    raise AccessError(f"There is no {reference}.")
                return values.string(self.world.workspace, NoOrigin("the workspace"))
            case "each" | "count" | "self":
                raise AccessError(f"{reference} is not to be used here.")

    def _stored(self, found: Mapping[str, Found], reference: Reference, what: str) -> Value:
        value = found.get(reference.names[0])
        if value is None:
            raise AccessError(f"There is no {what} {reference}.")
        if isinstance(value, Unavailable):
            raise value
        return value

    def _path(self, name: str) -> Value:
        origin = NoOrigin("a path")
        match name:
            case "module":
                return values.string(relative(self.node.module.directory, self.world.root), origin)
            case "root":
                return values.string(".", origin)
            case "cwd":
                if self.world.context.cwd is None:
                    raise Unavailable("path.cwd differs from machine to machine")
                return values.string(self.world.context.cwd, origin)
            case _:
                raise AccessError(f"There is no path.{name}.")

    # -- resources --

    def resource(self, key: ResourceKey, reference: Reference) -> Value:
        """All instances of a resource together, as references see them."""
        known = self.whole.get(key)
        if known is not None:
            return known
        if key in self.broken:
            raise self.broken[key]
        repeated = self.resources.get(key)
        if repeated is None:
            raise AccessError(f"There is no resource {reference}.")
        known = self.whole[key] = _together(repeated)
        return known

    # -- modules --

    def _called(self, name: str) -> Repeated[Instance]:
        called = self.calls.get(name)
        if isinstance(called, Unavailable):
            raise called
        if called is None:
            raise AccessError(f"There is no module.{name}.")
        return called

    def _module(self, name: str) -> Value:
        """All outputs of all instances; the order of evaluation has them all there."""
        called = self._called(name)
        items = {key: instance.all_outputs() for key, instance in called.items.items()}
        return _joined(called.kind, items, called.reason)

    def all_outputs(self) -> Value:
        return values.object_of({name: self._output(name) for name in self.node.module.outputs})

    def _output(self, name: str) -> Value:
        value = self.outputs.get(name)
        if value is None:
            raise AccessError(f"There is no output module.{self.node.path[-1]}.{name}.")
        if isinstance(value, Unavailable):
            raise value
        return value

    def output(self, output: ModuleOutput) -> Value:
        name, wanted = output.reference.names
        called = self._called(name)
        if called.kind == "undetermined":
            return values.unknown().with_origin(NoOrigin(called.reason))
        if called.kind == "single" and output.keyed:
            raise AccessError(f"module.{name} has neither count nor for_each: it takes no key.")
        if called.kind == "for_each" and not output.keyed and wanted in called.items:
            return called.items[wanted].all_outputs()
        if called.kind != "single" and not output.keyed:
            raise AccessError(f"module.{name} has {called.kind}: name the instance, as in module.{name}[KEY].{wanted}.")
        key = output.key
        if called.kind == "for_each" and isinstance(key, int):
            key = str(key)
        elif called.kind == "count" and isinstance(key, str) and key.isdigit():
            key = int(key)
        if key not in called.items:
            raise AccessError(f"There is no instance module.{name}[{output.key!r}].")
        return called.items[key]._output(wanted)


def _together(repeated: Repeated[ResourceInstance]) -> Value:
    return _joined(repeated.kind, {key: item.value for key, item in repeated.items.items()}, repeated.reason)


def _joined(kind: Kind, items: Mapping[Key, Value], reason: str) -> Value:
    match kind:
        case "single":
            return items[None]
        case "count":
            return Value(TupleOf(tuple(item.type for item in items.values())), tuple(items.values()))
        case "for_each":
            entries = dict(values.by_key({str(key): item for key, item in items.items()}))
            return Value(ObjectOf(tuple((key, item.type) for key, item in entries.items())), entries)
        case "undetermined":
            return values.unknown().with_origin(NoOrigin(reason))
