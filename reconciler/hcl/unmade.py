"""What Terraform refuses of blocks that are not there: resources, modules and `dynamic` contents without instances.

Terraform looks at every block once before it plans, with values that are all unknown but of the types that are
declared; so a mistake is one even where `count` is 0. Here only that is looked at which the evaluation itself has not
seen, for that knows more of the rest. What is found are errors of expressions; there are no values to be had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from reconciler.hcl import functions, values
from reconciler.hcl.blocks import BodyPlan, Decoder, Dynamic, Known, Nest, convert_at
from reconciler.hcl.content import Problems, Term
from reconciler.hcl.convert import ConversionError
from reconciler.hcl.expressions import evaluate
from reconciler.hcl.functions import Unavailable
from reconciler.hcl.instances import Found, Node, World, repetition
from reconciler.hcl.module import CallConfig, Module, ResourceConfig, ResourceKey, Rule
from reconciler.hcl.references import ModuleOutput, Reference
from reconciler.hcl.scope import ExpressionError, Scope
from reconciler.hcl.tree import relative
from reconciler.hcl.values import BOOL, EPHEMERAL, NUMBER, SENSITIVE, STRING, ObjectOf, Value
from reconciler.hcl.variables import Constraint

ConstraintOf: TypeAlias = Callable[[Node, str], Constraint]
Refusals: TypeAlias = Callable[[Module], Mapping[tuple[str, ...], str]]

_COUNT: Final = Value(ObjectOf((("index", NUMBER),)), {"index": values.unknown(NUMBER)})
_EACH: Final = Value(
    ObjectOf((("key", STRING), ("value", values.DYNAMIC))), {"key": values.unknown(STRING), "value": values.unknown()}
)


@dataclass(eq=False)
class Shade:
    """A module as it is before anything is known of it: the environment that expressions are evaluated in."""

    node: Node
    world: World
    constraint: ConstraintOf
    locals: dict[str, Found] = field(default_factory=dict[str, "Found"])

    @property
    def memo(self) -> dict[str, dict[int, Any]]:
        return self.world.memo

    @property
    def context(self) -> functions.FunctionContext:
        return self.world.context

    def scope(self, file: str, names: Mapping[str, Value] | None = None) -> Scope:
        return Scope(file, self, names or {})

    def lookup(self, reference: Reference) -> Value:
        match reference.kind:
            case "var":
                return self._variable(reference.names[0])
            case "local":
                found = self.locals.get(reference.names[0])
                if found is None or isinstance(found, Unavailable):
                    raise found or Unavailable(f"{reference} is not declared")
                return found
            case "path":
                return self._path(reference.names[0])
            case "terraform":
                return values.unknown(BOOL if reference.names == ("applying",) else STRING)
            case "resource" | "data" | "ephemeral" | "module" | "self" | "each" | "count":
                return values.unknown()

    def output(self, output: ModuleOutput) -> Value:
        return self.lookup(output.reference)

    def _variable(self, name: str) -> Value:
        variable = self.node.module.variables.get(name)
        if variable is None:
            raise Unavailable(f"var.{name} is not declared")
        try:
            type_ = self.constraint(self.node, name).type
        except ExpressionError as error:
            raise Unavailable(error.what) from error
        found = values.unknown(type_)
        marks = [mark for mark, on in ((SENSITIVE, variable.sensitive), (EPHEMERAL, variable.ephemeral)) if on]
        return found.marked(*marks) if marks else found

    def _path(self, name: str) -> Value:
        match name:
            case "module":
                return values.string(relative(self.node.module.directory, self.world.root))
            case "root":
                return values.string(".")
            case _:
                return values.unknown(STRING)


def _names(block: CallConfig | ResourceConfig) -> dict[str, Value]:
    names = {"count": _COUNT} if block.count is not None else {}
    return names | ({"each": _EACH} if block.for_each is not None else {})


@dataclass(slots=True)
class Unmade:
    """Looks at what an evaluation has left out. `locals_` are the local values of all modules, in their order."""

    world: World
    problems: Problems
    constraint: ConstraintOf
    refusals: Refusals
    plan_of: Callable[[ResourceConfig], BodyPlan | None]
    locals_: Iterable[tuple[Node, str]]
    _shades: dict[Node, Shade] = field(default_factory=dict[Node, Shade])
    _ordered: dict[Node, list[str]] = field(default_factory=dict[Node, list[str]])

    def __post_init__(self) -> None:
        for node, name in self.locals_:
            self._ordered.setdefault(node, []).append(name)

    def check(self, root: Node) -> None:
        for node in root.walk():
            if not node.instances:
                self._absent(node)
            else:
                self._present(node)

    # -- what has to be looked at --

    def _present(self, node: Node) -> None:
        """Of a module that is there, what has no instances."""
        for key, config in node.module.resources.items():
            if self._made(node, key):
                self._within(node, key, config)
            else:
                self._resource(node, key, config)

    def _made(self, node: Node, key: ResourceKey) -> bool:
        """Whether the resource has instances, or cannot be told of."""
        for instance in node.instances:
            repeated = instance.resources.get(key)
            if repeated is None or repeated.kind == "undetermined" or repeated.items:
                return True
        return False

    def _absent(self, node: Node) -> None:
        """Everything of a module that has no instances."""
        module = node.module
        if node.call is not None and node.parent is not None:
            self._arguments(node, node.parent, node.call)
        for name in self._ordered.get(node, ()):
            self._shade(node)
            self._refused(node, ("local", name), lambda name=name: self._local(node, name))
        for name, variable in module.variables.items():
            self._rules(node, ("validation", name), variable.validations, {})
        for name, output in module.outputs.items():
            self._term(node, ("output", name), output.value)
            self._rules(node, ("output", name), output.preconditions, {})
        for name, call in module.calls.items():
            self._repetition(node, ("call", name), call)
        for key, config in module.resources.items():
            self._repetition(node, ("resource", *key), config)
            self._resource(node, key, config)
        for name, check in module.checks.items():
            self._rules(node, ("check", name), check.rules, {})

    # -- how --

    def _shade(self, node: Node) -> Shade:
        known = self._shades.get(node)
        if known is None:
            known = self._shades[node] = Shade(node, self.world, self.constraint)
            for name in self._ordered.get(node, ()):
                term = node.module.locals[name]
                try:
                    known.locals[name] = evaluate(term.node, known.scope(term.file))
                except (ExpressionError, Unavailable) as error:
                    known.locals[name] = error if isinstance(error, Unavailable) else Unavailable(error.what)
        return known

    def _refused(self, node: Node, owner: tuple[str, ...], look: Callable[[], object]) -> None:
        """Looks, unless a reference is wrong already; an error goes to the problems."""
        if owner in self.refusals(node.module):
            return
        try:
            look()
        except ExpressionError as error:
            self.problems.error(error.what, error.span)
        except Unavailable:
            return

    def _evaluated(self, node: Node, term: Term, names: Mapping[str, Value]) -> Value:
        return evaluate(term.node, self._shade(node).scope(term.file, names))

    def _local(self, node: Node, name: str) -> None:
        self._evaluated(node, node.module.locals[name], {})

    def _term(
        self, node: Node, owner: tuple[str, ...], term: Term | None, names: Mapping[str, Value] | None = None
    ) -> None:
        if term is not None:
            self._refused(node, owner, lambda: self._evaluated(node, term, names or {}))

    def _repetition(self, node: Node, owner: tuple[str, ...], block: CallConfig | ResourceConfig) -> None:
        if block.count is not None or block.for_each is not None:
            scope = self._shade(node).scope(block.span.file)
            self._refused(node, owner, lambda: repetition(block.count, block.for_each, scope))

    def _arguments(self, node: Node, parent: Node, call: CallConfig) -> None:
        for name, term in call.arguments.items():
            if name not in node.module.variables:
                continue
            self._refused(
                parent, ("argument", call.name, name), lambda name=name, term=term: self._argument(node, name, term)
            )

    def _argument(self, node: Node, name: str, term: Term) -> None:
        assert node.parent is not None
        assert node.call is not None
        value = self._evaluated(node.parent, term, _names(node.call))
        try:
            self.constraint(node, name).apply(value)
        except ConversionError as error:
            raise ExpressionError(f'Invalid value for the variable "{name}": {error.what}.', term.span) from error
        if value.null and not node.module.variables[name].nullable and node.module.variables[name].default is None:
            raise ExpressionError(f'The required variable "{name}" is null, but must not be.', term.span)

    def _rules(self, node: Node, owner: tuple[str, ...], rules: Iterable[Rule], names: Mapping[str, Value]) -> None:
        for rule in rules:
            for term, type_ in ((rule.condition, BOOL), (rule.message, STRING)):
                if term is not None:
                    self._refused(
                        node,
                        owner,
                        lambda term=term, type_=type_: convert_at(self._evaluated(node, term, names), type_, term),
                    )

    def _resource(self, node: Node, key: ResourceKey, config: ResourceConfig) -> None:
        owner = ("resource", *key)
        if owner in self.refusals(node.module):
            return
        names = _names(config)
        body = self.plan_of(config)
        if body is not None:
            scope = self._shade(node).scope(config.span.file, names)
            Decoder(self.problems).decode(body, scope, Known())
        self._rules(node, owner, config.preconditions, names)
        self._rules(node, owner, config.postconditions, names | {"self": values.unknown()})

    def _within(self, node: Node, key: ResourceKey, config: ResourceConfig) -> None:
        """The contents of `dynamic` blocks of a resource that is there."""
        body = self.plan_of(config) if config.content.blocks else None
        if body is None or not any(map(_dynamic, body.nests)) or ("resource", *key) in self.refusals(node.module):
            return
        scope = self._shade(node).scope(config.span.file, _names(config))
        nests = tuple(nest for nest in body.nests if _dynamic(nest))
        Decoder(self.problems).decode(BodyPlan(body.shape, (), nests), scope, Known())


def _dynamic(nest: Nest) -> bool:
    """Whether blocks of it are made by a loop, at any depth."""
    return any(isinstance(block, Dynamic) or any(map(_dynamic, block.content.nests)) for block in nest.blocks)
