"""One evaluation: every variable, local, output, module call, provider and resource, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias, assert_never, cast

from reconciler.hcl import ephemeral, parse, providers, static
from reconciler.hcl.access import arrived
from reconciler.hcl.blocks import BodyPlan
from reconciler.hcl.calls import Brought, Calls, check_providers, provider_config
from reconciler.hcl.content import Problems
from reconciler.hcl.expressions import evaluate
from reconciler.hcl.functions import FunctionContext, Place, Unavailable
from reconciler.hcl.graph import ordered
from reconciler.hcl.instances import Instance, Node, Repeated, World, repetition
from reconciler.hcl.making import Resources
from reconciler.hcl.module import Module, ProviderKey, ResourceConfig, ResourceKey
from reconciler.hcl.references import Reference
from reconciler.hcl.rules import check
from reconciler.hcl.scope import Detached, ExpressionError, Scope
from reconciler.hcl.syntax import Expression
from reconciler.hcl.tree import ParseCache, SourceTree
from reconciler.hcl.unmade import Unmade
from reconciler.hcl.values import SENSITIVE, Value
from reconciler.hcl.variables import Argument, Constraint, Sources, constraint_of, value_of
from reconciler.model import Gap, ModuleStep, Plain, Span

StepKind: TypeAlias = Literal["var", "local", "output", "call", "provider", "resource"]


class Step(NamedTuple):
    """A node of the graph: something that a module declares, for all instances of that module at once.

    `key` has one element for what is named, two for a provider ("" where it has no alias), three for a resource.
    """

    node: Node
    kind: StepKind
    key: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.key[0]

    @property
    def provider(self) -> ProviderKey:
        return self.key[0], self.key[1] or None

    @property
    def resource(self) -> ResourceKey:
        return cast(ResourceKey, self.key)

    def __str__(self) -> str:
        words = self.key[1:] if self.key[0] == "resource" else self.key
        prefix = {"call": ["module"], "resource": []}.get(self.kind, [self.kind])
        return ".".join([*([str(self.node)] if self.node.path else []), *prefix, *filter(None, words)])


class Session:
    """Build it, `run` it, then read the instances of `root`."""

    def __init__(
        self,
        tree: SourceTree,
        root: str,
        *,
        workspace: str,
        folder: str | None = None,
        brought: Brought,
        prior: Mapping[str, Mapping[str, Plain]],
        answers: Mapping[str, Mapping[str, Plain]],
        cache: ParseCache | None,
    ) -> None:
        self.problems = Problems()
        self.gaps: list[Gap] = []
        self.resources = Resources(self.problems, prior, answers)
        self.world = World(root, workspace, FunctionContext(tree, root, self._render, Place(folder)))
        self.root = Calls(tree, brought, self.problems, cache).grow(root)
        self.top = Instance(self.root, self.world)
        self.root.instances.append(self.top)
        self.sources = Sources(tree, self.root.module, self.problems, cache)
        self._templates: dict[tuple[str, str], Expression] = {}
        self._constraints: dict[int, Constraint] = {}
        self._doomed: dict[Step, Unavailable] = {}
        self._refused: dict[int, Mapping[static.Owner, str]] = {}

    def run(self, environment: Mapping[str, str], arguments: tuple[Argument, ...]) -> None:
        """Everything is evaluated; what went wrong is in `problems` and stands where its value would."""
        self.sources.gather(environment, arguments)
        check_providers(self.root, self.problems)
        used = self._used_providers()
        for module in {id(node.module): node.module for node in self.root.walk()}.values():
            configured = {step.provider for step in used if step.node.module is module}
            self._refused[id(module)] = static.check(module, self.problems, configured)
            self.world.ephemeral = self.world.ephemeral or ephemeral.present_in(module)
        declared = (step for node in self.root.walk() for step in _declared(node))
        steps = (step for step in declared if step.kind != "provider" or step in used)
        locals_: list[tuple[Node, str]] = []
        for step in ordered(steps, self._needs, self._cycle):
            self._take(step)
            if step.kind == "local":
                locals_.append((step.node, step.name))
        for node in self.root.walk():
            for instance in node.instances:
                self._check(instance)
        Unmade(self.world, self.problems, self._constraint, self._refusals, self._planned, locals_).check(self.root)

    # -- the order --

    def _used_providers(self) -> set[Step]:
        """Terraform does not look at a provider that no resource uses."""
        keys = {
            (node, providers.local_name(config.type, config.provider))
            for node in self.root.walk()
            for config in node.module.resources.values()
        }
        found = (provider_config(*key) for key in keys)
        return {Step(node, "provider", (name, alias or "")) for node, (name, alias) in filter(None, found)}

    def _refusals(self, module: Module) -> Mapping[static.Owner, str]:
        return self._refused[id(module)]

    def _planned(self, config: ResourceConfig) -> BodyPlan | None:
        """None where there is no schema, or the body does not fit it."""
        try:
            return self.resources.plan_of(config, config.schema) if config.schema is not None else None
        except Unavailable:
            return None

    def _refusal(self, step: Step) -> str | None:
        """What is wrong with a reference in `step`, whatever its values are."""
        node, owner = step.node, (step.kind, *step.key)
        if step.kind == "var":
            if node.parent is None or node.call is None:
                return None
            node, owner = node.parent, ("argument", node.call.name, step.name)
        return self._refused[id(node.module)].get(owner)

    def _needs(self, step: Step) -> list[Step]:
        node, refusal = step.node, self._refusal(step)
        if refusal is not None:
            self._doomed[step] = Unavailable(refusal)
        found = [Step(node.parent, "call", (node.call.name,))] if node.parent and node.call else []
        if step.kind == "var":
            term = node.call.arguments.get(step.name) if node.call else None
            if term is not None and node.parent is not None:
                found += self._targets(node.parent, step, term.occurrences())
            return found
        found += self._targets(node, step, _occurrences(step))
        if step.kind == "resource":
            config = node.module.resources[step.resource]
            found = _not_itself(step, config, found)
            provider = provider_config(node, providers.local_name(config.type, config.provider))
            found += [Step(provider[0], "provider", (provider[1][0], provider[1][1] or ""))] if provider else []
            if config.mode == "data":
                found += _awaited(node, config)
        return found

    def _targets(self, node: Node, step: Step, occurrences: Iterable[tuple[Reference, Span]]) -> list[Step]:
        found: dict[Step, None] = {}
        for reference, span in occurrences:
            targets = _steps_of(node, reference)
            if targets is None and step not in self._doomed:
                self.problems.error(f"{reference} is not declared in this module.", span)
                self._doomed[step] = Unavailable(f"{reference}, which {span} refers to, is not declared")
            found.update(dict.fromkeys(targets or ()))
        return list(found)

    def _cycle(self, steps: list[Step]) -> None:
        names = " -> ".join(map(str, [*steps, steps[0]]))
        itself = _own_mention(steps[0]) if len(steps) == 1 else None
        place = itself or _span_of(steps[0])
        self.problems.error(f"Cycle: {names}.", place, "Each of them needs the one that follows.")
        for step in steps:
            self._doomed[step] = Unavailable(f"it is part of a cycle: {names}")

    def _take(self, step: Step) -> None:
        doom = self._doomed.get(step)
        for instance in step.node.instances:
            if doom is not None:
                self._fail(instance, step, doom)
                continue
            try:
                self._handle(instance, step)
            except ExpressionError as error:
                self.problems.error(error.what, error.span)
                self._fail(instance, step, Unavailable(str(error)))
            except Unavailable as error:
                self._fail(instance, step, error)

    def _fail(self, instance: Instance, step: Step, why: Unavailable) -> None:
        match step.kind:
            case "var":
                instance.variables[step.name] = why
            case "local":
                instance.locals[step.name] = why
            case "output":
                instance.outputs[step.name] = why
            case "call":
                instance.calls[step.name] = why
                self._gap(instance, step.name, why.what)
            case "provider":
                instance.providers[step.provider] = why
            case "resource":
                instance.broken[step.resource] = why

    def _gap(self, instance: Instance, call: str, reason: str) -> None:
        self.gaps.append(Gap(reason, address=f"{instance.where}module.{call}"))

    # -- the steps --

    def _variable(self, instance: Instance, step: Step) -> None:
        node, name = step.node, step.name
        variable = node.module.variables[name]
        hop = f"{variable.span} var.{name}"
        value: Value | None = None
        at = variable.span
        if instance.parent is None or node.call is None:
            given = self.sources.given.get(name)
            if given is not None:
                value, at = given.value, given.span or at
        else:
            term = node.call.arguments.get(name)
            at = term.span if term else node.call.span
            if term is not None:
                value = evaluate(term.node, instance.parent.scope(term.file, instance.names))
                if self.world.ephemeral and not variable.ephemeral:
                    ephemeral.refuse(value, f'The variable "{name}", which does not say `ephemeral = true`,', at)
                value = arrived(value, f"{term.span} module.{node.call.name}.{name}")
        instance.variables[name] = value_of(variable, self._constraint(node, name), value, at, hop)

    def _constraint(self, node: Node, name: str) -> Constraint:
        variable = node.module.variables[name]
        known = self._constraints.get(id(variable))
        if known is None:
            known = self._constraints[id(variable)] = constraint_of(variable.type)
        return known

    def _local(self, instance: Instance, step: Step) -> None:
        term = step.node.module.locals[step.name]
        value = evaluate(term.node, instance.scope(term.file))
        instance.locals[step.name] = arrived(value, f"{term.span} local.{step.name}")

    def _output(self, instance: Instance, step: Step) -> None:
        output = step.node.module.outputs[step.name]
        scope = instance.scope(output.span.file)
        check(output.preconditions, scope, f"{instance.where}output.{output.name}", self.problems)
        if output.value is None:
            raise Unavailable(f"the output {output.name} at {output.span} has no value")
        value = evaluate(output.value.node, scope.of(output.value.file))
        if self.world.ephemeral:
            ephemeral.check_output(output, value, root=instance.parent is None)
        value = arrived(value, f"{output.value.span} output.{output.name}")
        instance.outputs[output.name] = value.marked(SENSITIVE) if output.sensitive else value

    def _call(self, instance: Instance, step: Step) -> None:
        config, name = step.node.module.calls[step.name], step.name
        if name in step.node.missing:
            raise Unavailable(step.node.missing[name])
        child = step.node.children[name]
        for argument, term in config.arguments.items():
            if argument not in child.module.variables:
                self.problems.error(f'The module "{name}" has no variable "{argument}".', term.span)
        repeated = repetition(config.count, config.for_each, instance.scope(config.span.file))
        called: Repeated[Instance] = Repeated(repeated.kind, reason=repeated.reason)
        for key, names in repeated.items.items():
            called.items[key] = Instance(child, self.world, instance, (*instance.steps, ModuleStep(name, key)), names)
        child.instances.extend(called.items.values())
        instance.calls[name] = called
        if called.kind == "undetermined":
            self._gap(instance, name, called.reason)

    def _provider(self, instance: Instance, step: Step) -> None:
        config = step.node.module.providers[step.provider]
        if providers.source_of(step.node.module, step.name) != providers.AWS:
            instance.providers[config.key] = providers.unconfigured(step.name)
        else:
            scope = instance.scope(config.span.file)
            instance.providers[config.key] = providers.configure(config, scope, self.problems)

    def _resource(self, instance: Instance, step: Step) -> None:
        config = step.node.module.resources[step.resource]
        instance.resources[config.key] = self.resources.make(instance, config)

    def _handle(self, instance: Instance, step: Step) -> None:
        match step.kind:
            case "var":
                self._variable(instance, step)
            case "local":
                self._local(instance, step)
            case "output":
                self._output(instance, step)
            case "call":
                self._call(instance, step)
            case "provider":
                self._provider(instance, step)
            case "resource":
                self._resource(instance, step)
            case _:
                assert_never(step.kind)

    def _check(self, instance: Instance) -> None:
        """What is looked at when all values are there."""
        module = instance.node.module
        refused = self._refused[id(module)]
        for name, variable in module.variables.items():
            if not isinstance(instance.variables.get(name), Unavailable) and ("validation", name) not in refused:
                scope = instance.scope(variable.span.file)
                check(variable.validations, scope, f"{instance.where}var.{name}", self.problems, at=variable.span)
        for name, config in module.checks.items():
            if ("check", name) in refused:
                continue
            scope = instance.scope(config.span.file)
            check(config.rules, scope, f"{instance.where}check.{name}", self.problems, warning=True)

    def _render(self, text: str, name: str, variables: Mapping[str, Value]) -> Value:
        """A template file's value; the tree of its text is kept, for the memo goes by identity."""
        template = self._templates.get((name, text))
        if template is None:
            template = self._templates[name, text] = parse.parse_template(text, file=name)
        names = ", ".join(sorted(variables)) or "none"
        environment = Detached(f"a template sees its own variables only: {names}.", self.world.context, self.world.memo)
        return evaluate(template, Scope(name, environment, variables))


def _declared(node: Node) -> Iterator[Step]:
    module = node.module
    yield from (Step(node, "call", (name,)) for name in module.calls)
    yield from (Step(node, "var", (name,)) for name in module.variables)
    yield from (Step(node, "local", (name,)) for name in module.locals)
    yield from (Step(node, "provider", (name, alias or "")) for name, alias in module.providers)
    yield from (Step(node, "resource", key) for key in module.resources)
    yield from (Step(node, "output", (name,)) for name in module.outputs)


def _occurrences(step: Step) -> Iterable[tuple[Reference, Span]]:
    module = step.node.module
    match step.kind:
        case "local":
            return module.locals[step.name].occurrences()
        case "output":
            return module.outputs[step.name].occurrences
        case "call":
            call = module.calls[step.name]
            return [found for term in (call.count, call.for_each) if term for found in term.occurrences()]
        case "provider":
            return module.providers[step.provider].content.occurrences()
        case "resource":
            return module.resources[step.resource].occurrences
        case "var":
            return ()


def _steps_of(node: Node, reference: Reference) -> list[Step] | None:
    """What has to be there before `reference` can be looked up in `node`; None where it is not declared."""
    module = node.module
    match reference.kind:
        case "var":
            return [Step(node, "var", reference.names)] if reference.names[0] in module.variables else None
        case "local":
            return [Step(node, "local", reference.names)] if reference.names[0] in module.locals else None
        case "resource" | "data" | "ephemeral":
            key = (reference.kind, reference.names[0], reference.names[1])
            return [Step(node, "resource", key)] if key in module.resources and key not in module.scoped else None
        case "module":
            return _module_steps(node, *reference.names)
        case "each" | "count" | "self" | "path" | "terraform":
            return []


def _module_steps(node: Node, call: str, output: str | None = None) -> list[Step] | None:
    if call not in node.module.calls:
        return None
    found = [Step(node, "call", (call,))]
    child = node.children.get(call)
    if child is None:
        return found
    if output is not None and output in child.module.outputs:
        return [*found, Step(child, "output", (output,))]
    return found + [Step(child, "output", (name,)) for name in child.module.outputs]


def _awaited(node: Node, config: ResourceConfig) -> Iterator[Step]:
    """All resources of the modules that a data source waits for, by its own `depends_on` or that of its module."""
    waiting = [(node, config.depends_on)]
    waiting += [(above.parent, above.call.depends_on) for above in node.above() if above.parent and above.call]
    for where, targets in waiting:
        for reference in targets:
            if reference.kind == "module" and reference.names[0] in where.children:
                for inner in where.children[reference.names[0]].walk():
                    yield from (Step(inner, "resource", key) for key in inner.module.resources)
            else:
                yield from _steps_of(where, reference) or ()


def _not_itself(step: Step, config: ResourceConfig, needs: list[Step]) -> list[Step]:
    """A resource may name itself in `depends_on`, where that means nothing, but nowhere else."""
    own = [reference for reference, _ in config.occurrences if step in (_steps_of(step.node, reference) or ())]
    return [need for need in needs if need != step] if len(own) == 1 and own[0] in config.depends_on else needs


def _own_mention(step: Step) -> Span | None:
    """Where a step refers to itself."""
    return next(
        (span for reference, span in _occurrences(step) if step in (_steps_of(step.node, reference) or ())), None
    )


def _span_of(step: Step) -> Span | None:
    module = step.node.module
    match step.kind:
        case "var":
            return module.variables[step.name].span
        case "local":
            return module.locals[step.name].span
        case "output":
            return module.outputs[step.name].span
        case "call":
            return module.calls[step.name].span
        case "provider":
            return module.providers[step.provider].span
        case "resource":
            return module.resources[step.resource].header
