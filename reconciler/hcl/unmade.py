"""What Terraform refuses of blocks that are not there: resources, modules and `dynamic` contents without instances.

Terraform looks at every block once before it plans, with values that are all unknown but of the types that are
declared; so a mistake is one even where `count` is 0. Here only that is looked at which the evaluation itself has not
seen, for that knows more of the rest. What is found are errors of expressions; there are no values to be had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import Any, Final, TypeAlias

from reconciler.hcl import ephemeral, functions, providers, values
from reconciler.hcl.access import attribute, index
from reconciler.hcl.blocks import BodyPlan, Decoder, Dynamic, Known, Nest, convert_at
from reconciler.hcl.content import Problems, Term
from reconciler.hcl.expressions import evaluate
from reconciler.hcl.functions import Unavailable
from reconciler.hcl.instances import Found, Node, World, repetition
from reconciler.hcl.module import CallConfig, Module, OutputConfig, ResourceConfig, ResourceKey, Rule
from reconciler.hcl.references import ModuleOutput, Reference
from reconciler.hcl.rules import check
from reconciler.hcl.scope import ExpressionError, Scope
from reconciler.hcl.tree import relative
from reconciler.hcl.values import BOOL, EPHEMERAL, NUMBER, SENSITIVE, STRING, ListOf, MapOf, ObjectOf, Value
from reconciler.hcl.variables import Constraint, value_of
from reconciler.records import dataclass

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
    given: dict[str, Value] = field(default_factory=dict[str, Value])

    @property
    def memo(self) -> dict[str, dict[int, Any]]:
        return self.world.memo

    @property
    def context(self) -> functions.FunctionContext:
        return self.world.context

    def scope(self, file: str, names: Mapping[str, Value] | None = None) -> Scope:
        return Scope(file, self, names or {})

    def provided(self, provider: str) -> Mapping[str, functions.Function]:
        return providers.functions_of(self.node.module, provider)

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
                applying = reference.names == ("applying",)
                return values.unknown(BOOL).marked(EPHEMERAL) if applying else values.unknown(STRING)
            case "module":
                return self._module(reference.names[0])
            case "ephemeral":
                return values.unknown().marked(EPHEMERAL)
            case "resource" | "data" | "self" | "each" | "count":
                return values.unknown()

    def output(self, output: ModuleOutput) -> Value:
        name, wanted = output.reference.names
        found = self._module(name)
        if output.keyed:
            key = output.key
            found = index(found, values.string(key) if isinstance(key, str) else values.number(key or 0))
        return attribute(found, wanted)

    def _module(self, name: str) -> Value:
        """Outputs are of any type, but there are no others."""
        child, call = self.node.children.get(name), self.node.module.calls.get(name)
        if child is None or call is None:
            return values.unknown()
        outputs = ObjectOf(tuple((output, values.DYNAMIC) for output in sorted(child.module.outputs)))
        if call.count is not None:
            return values.unknown(ListOf(outputs))
        return values.unknown(MapOf(outputs) if call.for_each is not None else outputs)

    def _variable(self, name: str) -> Value:
        if name in self.given:
            return self.given[name]
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
            for name in module.variables:
                self._variable(node, node.parent, node.call, name)
        for name in self._ordered.get(node, ()):
            self._shade(node)
            self._refused(node, ("local", name), lambda name=name: self._local(node, name))
        for name, output in module.outputs.items():
            self._refused(node, ("output", name), lambda output=output: self._output(node, output))
            if ("output", name) not in self.refusals(module):
                where = f"{node}.output.{name}"
                check(output.preconditions, self._shade(node).scope(output.span.file), where, self.problems)
        for name, call in module.calls.items():
            self._repetition(node, ("call", name), call)
        for key, resource in module.resources.items():
            self._repetition(node, ("resource", *key), resource)
            self._resource(node, key, resource)
        for name, config in module.checks.items():
            self._rules(node, ("check", name), config.rules, {})

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

    def _output(self, node: Node, output: OutputConfig) -> None:
        if output.value is not None:
            value = self._evaluated(node, output.value, {})
            if self.world.ephemeral:
                ephemeral.check_output(output, value, root=False)

    def _repetition(self, node: Node, owner: tuple[str, ...], block: CallConfig | ResourceConfig) -> None:
        if block.count is not None or block.for_each is not None:
            scope = self._shade(node).scope(block.span.file)
            self._refused(node, owner, lambda: repetition(block.count, block.for_each, scope))

    def _variable(self, node: Node, parent: Node, call: CallConfig, name: str) -> None:
        """What is given to a variable, or its default, has to fit it, even its validations where it can be told."""
        variable, term = node.module.variables[name], call.arguments.get(name)
        if ("argument", call.name, name) in self.refusals(parent.module):
            return
        at = term.span if term is not None else call.span
        try:
            value = self._evaluated(parent, term, _names(call)) if term is not None else None
            if value is not None and self.world.ephemeral and not variable.ephemeral:
                ephemeral.refuse(value, f'The variable "{name}", which does not say `ephemeral = true`,', at)
            given = value_of(variable, self.constraint(node, name), value, at, "")
        except ExpressionError as error:
            self.problems.error(error.what, error.span)
            return
        except Unavailable:
            return
        if variable.validations and ("validation", name) not in self.refusals(node.module):
            whole = self._shade(node)
            seen = Shade(node, whole.world, whole.constraint, whole.locals, {name: given})
            check(variable.validations, seen.scope(variable.span.file), f"{node}.var.{name}", self.problems, at=at)

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
            Decoder(self.problems, kept=self.world.ephemeral).decode(body, scope, Known())
        self._rules(node, owner, config.preconditions, names)
        self._rules(node, owner, config.postconditions, names | {"self": values.unknown()})

    def _within(self, node: Node, key: ResourceKey, config: ResourceConfig) -> None:
        """The contents of `dynamic` blocks of a resource that is there."""
        body = self.plan_of(config) if config.content.blocks else None
        if body is None or not any(map(_dynamic, body.nests)) or ("resource", *key) in self.refusals(node.module):
            return
        scope = self._shade(node).scope(config.span.file, _names(config))
        nests = tuple(nest for nest in body.nests if _dynamic(nest))
        Decoder(self.problems, kept=self.world.ephemeral).decode(BodyPlan(body.shape, (), nests), scope, Known())


def _dynamic(nest: Nest) -> bool:
    """Whether blocks of it are made by a loop, at any depth."""
    return any(isinstance(block, Dynamic) or any(map(_dynamic, block.content.nests)) for block in nest.blocks)
