"""References that Terraform refuses before it evaluates anything, so that neither `try` nor a branch not taken helps.

A reference has to lead to something that is declared; each, count and self have to mean something where it stands;
and the steps behind a resource have to fit its schema, and its count or for_each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import field, replace
from decimal import Decimal
from typing import Final, TypeAlias

from reconciler import schema
from reconciler.hcl import values
from reconciler.hcl.access import AccessError, attribute, index
from reconciler.hcl.content import Content, Part, Problems, Term, items_of, span_of, unquoted
from reconciler.hcl.module import CallConfig, Mode, Module, ProviderKey, ResourceConfig, Rule
from reconciler.hcl.references import Key, Step, Traversal, block_traversals, traversal_at, traversals
from reconciler.hcl.shapes import type_of
from reconciler.hcl.values import Value
from reconciler.records import dataclass

Owner: TypeAlias = "tuple[str, ...]"
"""What a reference stands in: ("local", name), ("resource", mode, type, name), ("argument", call, name) …"""

_ATTRIBUTES: Final[Mapping[str, frozenset[str]]] = {
    "path": frozenset({"module", "root", "cwd"}),
    "terraform": frozenset({"workspace", "applying"}),
    "each": frozenset({"key", "value"}),
    "count": frozenset({"index"}),
}
_TYPED: Final[Mapping[str, Mode]] = {"data": "data", "ephemeral": "ephemeral", "resource": "resource"}
_RESERVED: Final = frozenset({"template", "lazy", "arg"})


class Refused(Exception):
    """What is wrong with a reference."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which of the names that are not there everywhere mean something; `own` is what `self` stands for."""

    each: bool = False
    count: bool = False
    own: ResourceConfig | None = None
    check: str | None = None

    def of(self, own: ResourceConfig) -> Place:
        return Place(self.each, self.count, own, self.check)


NOWHERE: Final = Place()


@dataclass(slots=True)
class References:
    """Looks through the references of a module; those that are wrong go to `problems`, and their owner to `refused`."""

    module: Module
    problems: Problems
    providers: Set[ProviderKey]
    refused: dict[Owner, str] = field(default_factory=dict[Owner, str])

    def check(self) -> None:
        module = self.module
        for name, term in module.locals.items():
            self.terms(("local", name), [term], NOWHERE)
        for name, output in module.outputs.items():
            self.terms(("output", name), [output.value], NOWHERE)
            self.rules(("output", name), output.preconditions, NOWHERE)
            self.awaited(("output", name), output.awaited)
        for name, variable in module.variables.items():
            self.rules(("validation", name), variable.validations, NOWHERE)
        for key, provider in module.providers.items():
            if key in self.providers:
                self.content(("provider", key[0], key[1] or ""), provider.content, NOWHERE)
        for name, call in module.calls.items():
            self._call(name, call)
        for key, config in module.resources.items():
            self._resource(("resource", *key), config)
        for name, check in module.checks.items():
            self.rules(("check", name), check.rules, Place(check=name))

    def _call(self, name: str, call: CallConfig) -> None:
        self.terms(("call", name), [call.count, call.for_each], NOWHERE)
        self.awaited(("call", name), call.awaited)
        repeated = call.for_each is not None or call.count is not None  # where there are none, either is taken for one
        place = Place(each=repeated, count=repeated)
        for argument, term in call.arguments.items():
            self.terms(("argument", name, argument), [term], place)

    def _resource(self, owner: Owner, config: ResourceConfig) -> None:
        self.terms(owner, [config.count, config.for_each], NOWHERE)
        self.awaited(owner, config.awaited)
        place = Place(config.for_each is not None, config.count is not None, check=config.check)
        for found in traversals(config.triggers.node) if config.triggers is not None else ():
            if found.root in ("each", "count"):
                self._judge(owner, found, config.triggers.file if config.triggers else "", place)
        self.content(owner, config.content, place)
        self.rules(owner, config.preconditions, place)
        self.rules(owner, config.postconditions, place.of(config))
        self.content(owner, Content({}, tuple(map(_action, config.actions))), place.of(config))

    def rules(self, owner: Owner, rules: Iterable[Rule], place: Place) -> None:
        self.terms(owner, (term for rule in rules for term in (rule.condition, rule.message)), place)

    def terms(self, owner: Owner, terms: Iterable[Term | None], place: Place) -> None:
        for term in terms:
            for found in traversals(term.node) if term is not None else ():
                self._judge(owner, found, term.file if term else "", place)

    def awaited(self, owner: Owner, term: Term | None) -> None:
        """A list `depends_on`, whose items may be quoted."""
        for item in (items_of(term.node) if term is not None else None) or ():
            found = traversal_at(unquoted(item))
            if found is not None and term is not None:
                self._judge(owner, found, term.file, NOWHERE)

    def content(self, owner: Owner, content: Content, place: Place) -> None:
        self.terms(owner, content.arguments.values(), place)
        for part in content.blocks:
            for found in block_traversals(part.block):
                self._judge(owner, found, part.file, place)

    def _judge(self, owner: Owner, found: Traversal, file: str, place: Place) -> None:
        try:
            self._refer(found, place)
        except (Refused, AccessError) as error:
            span = span_of(file, found.at)
            self.problems.error(str(error) if isinstance(error, Refused) else error.what, span)
            self.refused.setdefault(owner, f"{found} at {span} is no valid reference")

    # -- by what a reference begins with; each raises Refused and AccessError --

    def _refer(self, found: Traversal, place: Place) -> None:
        match found.root:
            case "var" | "local" | "path" | "terraform" | "each" | "count":
                self._attribute(found.root, _name(found), place)
            case "module":
                if _name(found) not in self.module.calls:
                    raise Refused(f"{found.root}.{_name(found)} is not declared in this module.")
            case "self":
                if place.own is None:
                    raise Refused("self is not to be used here: it is for postconditions and provisioners only.")
                self._steps(place.own, found.steps)
            case "data" | "ephemeral" | "resource":
                what = f'"{found.root}" must be followed by a type and a name.'
                type_name, name, rest = _two(found.steps, what)
                self._resource_reference(_TYPED[found.root], type_name, name, rest, place)
            case root if root in _RESERVED:
                raise Refused(f'The name "{root}" is reserved; a resource of such a type is resource.{root}.NAME.')
            case type_name:
                what = f'"{type_name}" alone refers to nothing: a resource is named by its type and name.'
                if not found.steps or not isinstance(found.steps[0], str):
                    raise Refused(what)
                self._resource_reference("resource", type_name, found.steps[0], found.steps[1:], place)

    def _attribute(self, root: str, name: str, place: Place) -> None:
        known = _ATTRIBUTES.get(root)
        if known is None:
            declared = self.module.variables if root == "var" else self.module.locals
            if name not in declared:
                raise Refused(f"{root}.{name} is not declared in this module.")
        elif (root == "each" and not place.each) or (root == "count" and not place.count):
            argument = "for_each" if root == "each" else "count"
            raise Refused(f'{root}.{name} is not to be used here: there is no "{argument}" that it could stand for.')
        elif name not in known:
            raise Refused(f"There is no {root}.{name}, only {', '.join(f'{root}.{one}' for one in sorted(known))}.")

    def _resource_reference(self, mode: Mode, type_name: str, name: str, rest: tuple[Step, ...], place: Place) -> None:
        config = self.module.resources.get((mode, type_name, name))
        written = f"{type_name}.{name}" if mode == "resource" else f"{mode}.{type_name}.{name}"
        if config is None or (config.check is not None and config.check != place.check):
            raise Refused(f"{written} is not declared in this module.")
        repeated = "count" if config.count is not None else "for_each" if config.for_each is not None else None
        if rest and isinstance(rest[0], Key):
            if repeated is None:
                raise Refused(f"{written} has neither count nor for_each: it takes no key.")
            rest = rest[1:]
        elif rest and repeated is not None:
            raise Refused(f"{written} has {repeated}: name the instance, as in {written}[KEY].{rest[0]}.")
        self._steps(config, rest)

    def _steps(self, config: ResourceConfig, rest: tuple[Step, ...]) -> None:
        if config.schema is not None:
            follow(config.schema, rest)


def _action(part: Part) -> Part:
    """A provisioner without what is a word in it, not a reference."""
    kept = tuple(one for one in part.block.body.arguments if one.name not in ("when", "on_failure"))
    return replace(part, block=replace(part.block, body=replace(part.block.body, arguments=kept)))


def _name(found: Traversal) -> str:
    step = found.steps[0] if found.steps else None
    if not isinstance(step, str):
        raise Refused(f'"{found.root}" alone refers to nothing: it takes a name, as in {found.root}.NAME.')
    return step


def _two(steps: tuple[Step, ...], what: str) -> tuple[str, str, tuple[Step, ...]]:
    match steps:
        case (str(type_name), str(name), *rest):
            return type_name, name, tuple(rest)
        case _:
            raise Refused(what)


# -- steps by a schema ----------------------------------------------------------------------------------------


def follow(block: schema.Block, steps: tuple[Step, ...]) -> None:
    """Raises Refused and AccessError where no value of `block` could be taken apart like this."""
    while steps:
        name, *after = steps
        if not isinstance(name, str):
            raise Refused("Attributes are taken by their names here, as in .NAME, not by an index.")
        if name in block.attributes:
            _taken(values.unknown(type_of(block.attributes[name].type)), after)
            return
        nested = block.blocks.get(name)
        if nested is None:
            raise Refused(f'This object does not have an attribute named "{name}".')
        block, steps = nested.block, tuple(after)
        if not steps or nested.nesting in ("single", "group"):
            continue
        if nested.nesting == "set":
            raise Refused(f'The blocks "{name}" are a set: its elements have no keys. Use a for expression instead.')
        if nested.nesting == "list" and not isinstance(steps[0], Key):
            raise Refused(f'The blocks "{name}" are a list: one of them is .{name}[0].')
        steps = steps[1:]


def _taken(value: Value, steps: Iterable[Step]) -> None:
    for step in steps:
        value = attribute(value, step) if isinstance(step, str) else index(value, _key(step))


def _key(key: Key) -> Value:
    match key.value:
        case None:
            return values.null(values.DYNAMIC)
        case bool():
            return values.boolean(key.value)
        case Decimal():
            return values.number(key.value)
        case str():
            return values.string(key.value)


def check(module: Module, problems: Problems, providers: Set[ProviderKey]) -> Mapping[Owner, str]:
    """What is refused of `module`, by what it stands in. Of its providers only those count that are used."""
    found = References(module, problems, providers)
    found.check()
    return found.refused
