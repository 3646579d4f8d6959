"""`moved`, `removed` and `import` blocks: what they say, and what Terraform refuses of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.hcl import refusals, static, syntax, values
from reconciler.hcl.blocks import convert_at
from reconciler.hcl.constants import flag
from reconciler.hcl.content import Content, Term, address_text, content_of, traversal
from reconciler.hcl.expressions import evaluate
from reconciler.hcl.functions import Unavailable
from reconciler.hcl.instances import Instance, Node, repetition
from reconciler.hcl.module import Statement
from reconciler.hcl.references import Reference, traversal_at
from reconciler.hcl.scope import ExpressionError, Scope
from reconciler.hcl.session import Session
from reconciler.hcl.settings import provider_key
from reconciler.hcl.values import EPHEMERAL, STRING, ListOf, TupleOf, Value
from reconciler.model import Address, Key, ModuleStep, Span
from reconciler.records import dataclass


@dataclass(frozen=True, slots=True)
class Moved:
    """`source` and `target` are addresses within every instance of the module that is called by `modules`."""

    source: str
    target: str
    modules: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Import:
    """`to` gets the live resource `id`; None where the id is known only after apply."""

    to: Address
    id: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Removed:
    """`source` is no longer managed; `destroy`: it is to be deleted too."""

    source: str
    destroy: bool
    modules: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """A module (`resource` is None) or a resource in it, as a statement names it."""

    text: str
    modules: tuple[ModuleStep, ...]
    resource: Address | None

    @property
    def keyed(self) -> bool:
        return (self.resource.key if self.resource else self.modules[-1].key) is not None

    @property
    def keys(self) -> bool:
        return self.keyed or any(step.key is not None for step in self.modules)


def _endpoint(text: str) -> _Endpoint | None:
    """None where the text is no address of a module or resource."""
    text = text.removeprefix("resource.") if text.count(".") > 1 else text
    try:
        inside = Address.parse(f"{text}.a.b")
    except ValueError:
        pass
    else:
        return _Endpoint(text, inside.modules, None)
    try:
        found = Address.parse(text)
    except ValueError:
        return None
    return _Endpoint(text, found.modules, found)


class Statements:
    """Reads the blocks of a session that has run; what is wrong with them goes to its problems."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._problems = session.problems

    def _of(self, kind: str) -> Iterator[tuple[Node, Statement]]:
        for node in self._session.root.walk():
            for statement in node.module.statements:
                if statement.kind == kind:
                    yield node, statement

    def _named(self, statement: Statement, name: str) -> _Endpoint | None:
        term = statement.content.arguments.get(name)
        if term is None:
            self._problems.error(f'A block "{statement.kind}" needs an address as "{name}".', statement.header)
            return None
        text = address_text(term.node) if not isinstance(term.node, syntax.Literal) else None
        found = _endpoint(text) if text else None
        if found is None:
            what = f'"{name}" must be the address of a module or resource, with nothing in it to be computed.'
            self._problems.error(what, term.span)
        return found

    # -- moved --

    def moved(self) -> list[Moved]:
        found: list[Moved] = []
        seen: dict[tuple[tuple[str, ...], str], dict[str, Moved]] = {}
        ways: dict[tuple[tuple[str, ...], str], str] = {}
        for node, statement in self._of("moved"):
            source, target = self._named(statement, "from"), self._named(statement, "to")
            if source is None or target is None:
                continue
            one = Moved(source.text, target.text, node.path, statement.span)
            problem = _mismatch(source, target) or self._stays(node, source, target)
            ways[node.path, one.source] = one.target
            if _comes_back(node.path, one.source, ways):
                problem = problem or f"The moves from {one.source} on lead back to it."
            for way, here, there in (("from", one.source, one.target), ("to", one.target, one.source)):
                others = seen.setdefault((node.path, f"{way} {here}"), {})
                for other in others.keys() - {there}:
                    place = others[other].span
                    problem = problem or f"Ambiguous moves: {place} has another address than {there} for {here}."
                others[there] = one
            if problem:
                self._problems.error(problem, statement.header)
            found.append(one)
        return found

    def _stays(self, node: Node, source: _Endpoint, target: _Endpoint) -> str | None:
        if source.text == target.text:
            return f"This moves {source.text} to where it is."
        keyed = source.keyed or target.keyed
        if any(_exists(instance, source, keyed=keyed) for instance in node.instances):
            return f"{source.text} is moved, but it is still there in the configuration."
        return None

    # -- removed --

    def removed(self) -> list[Removed]:
        found: list[Removed] = []
        for node, statement in self._of("removed"):
            source = self._named(statement, "from")
            if source is None:
                continue
            if source.resource is not None and source.resource.mode == "data":
                what = "Data sources are not removed from anything: nothing is there of them but what was read."
                self._problems.error(what, statement.content.arguments["from"].span)
                continue
            self._removed(statement)
            if source.keys:
                what = "No instance keys are allowed here: all instances of it are removed."
                self._problems.error(what, statement.content.arguments["from"].span)
                continue
            place = _declared_at(node, source)
            if place is not None:
                self._problems.error(f"{source.text} is removed at {statement.span}, but still declared.", place)
            found.append(Removed(source.text, _destroys(statement.content), node.path, statement.span))
        return found

    def _removed(self, statement: Statement) -> None:
        """What the nested blocks may say."""
        parts = statement.content.of("lifecycle")
        for part in parts:
            content = content_of(part.file, part.block.body, self._problems)
            refusals.arguments(content, frozenset({"destroy"}), "the lifecycle of what is removed", self._problems)
            refusals.blocks(content, (), "the lifecycle of what is removed", self._problems)
            flag(content, "destroy", self._problems)
        for part in statement.content.of("provisioner"):
            when = [one.value for one in part.block.body.arguments if one.name == "when"]
            if not when or traversal(when[0]) != ("destroy",):
                self._problems.error("A provisioner here needs `when = destroy`.", part.header)

    # -- import --

    def imports(self) -> list[Import]:
        found: dict[str, Import] = {}
        for node, statement in self._of("import"):
            if node.parent is not None:
                self._problems.error("Blocks of type import stand in the root module only.", statement.header)
                continue
            try:
                for one in self._import(statement):
                    other = found.setdefault(str(one.to), one)
                    if other.span != one.span:
                        what = f"{one.to} is imported twice. The first import is at {other.span}."
                        self._problems.error(what, statement.content.arguments["to"].span)
            except ExpressionError as error:
                self._problems.error(error.what, error.span)
            except Unavailable as error:
                self._problems.warn(f"This import cannot be told: {error.what}", statement.span)
        return list(found.values())

    def _import(self, statement: Statement) -> Iterator[Import]:
        arguments = statement.content.arguments
        to, ident, for_each = arguments.get("to"), arguments.get("id"), arguments.get("for_each")
        if to is None or ident is None:
            missing = "to" if to is None else "id"
            self._problems.error(f'A block "import" needs the argument "{missing}".', statement.header)
            return
        top = self._session.top
        provider = arguments.get("provider")
        if provider is not None and provider_key(provider.node) is None:
            self._problems.error("A provider is named as in aws or aws.west.", provider.span)
        if isinstance(to.node, syntax.Literal) and not to.file.endswith(".json"):
            raise ExpressionError("This is no address of a resource: it is not quoted.", to.span)
        self._static(statement, ("for_each",), static.NOWHERE)
        repeated = _repeated(for_each, top.scope(statement.span.file))
        if repeated:
            self._static(statement, ("id",), static.Place(each=for_each is not None))
        for names in repeated:
            scope = top.scope(to.file, names)
            address = _address(to, scope)
            if address is None:
                raise ExpressionError("This is no address of a resource.", to.span)
            endpoint = _Endpoint(str(address), address.modules, address)
            if not _exists(top, endpoint, keyed=True):
                raise ExpressionError(f"There is no {address} in the configuration to import into.", to.span)
            if any(_mentions(reference, address) for reference in ident.references):
                raise ExpressionError(
                    f"The id cannot refer to {address} itself, which is still to be imported.", ident.span
                )
            yield Import(address, _import_id(ident, scope), statement.span)

    def _static(self, statement: Statement, names: Iterable[str], place: static.Place) -> None:
        """References of the arguments that are wrong whatever their values are. Raises Unavailable."""
        module = self._session.root.module
        checked = static.References(module, self._problems, frozenset())
        checked.terms(("import",), (statement.content.arguments.get(name) for name in names), place)
        for what in checked.refused.values():
            raise Unavailable(what)


def _comes_back(module: tuple[str, ...], source: str, ways: Mapping[tuple[tuple[str, ...], str], str]) -> bool:
    """Whether the moves of a module lead from `source` to itself."""
    seen = {source}
    target = ways.get((module, source))
    while target is not None and target not in seen:
        seen.add(target)
        target = ways.get((module, target))
    return target == source


def _mismatch(source: _Endpoint, target: _Endpoint) -> str | None:
    if (source.resource is None) != (target.resource is None):
        return '"from" and "to" must both name resources, or both name modules.'
    return None


def _exists(instance: Instance, endpoint: _Endpoint, *, keyed: bool) -> bool:
    """Whether the configuration has it; `keyed`: that very instance of it. What cannot be told is there."""
    inside: Instance | None = instance
    for position, step in enumerate(endpoint.modules):
        called = inside.calls.get(step.name) if inside is not None else None
        if called is None:
            return False
        if isinstance(called, Unavailable) or called.kind == "undetermined":
            return True
        if endpoint.resource is None and position == len(endpoint.modules) - 1 and not keyed:
            return True
        inside = called.items.get(step.key)
    if endpoint.resource is None or inside is None:
        return inside is not None
    resource = endpoint.resource
    key = ("data" if resource.mode == "data" else "resource", resource.type, resource.name)
    if not keyed or key not in inside.resources:
        return key in inside.node.module.resources
    repeated = inside.resources[key]
    return repeated.kind == "undetermined" or resource.key in repeated.items


def _declared_at(node: Node, endpoint: _Endpoint) -> Span | None:
    inside = node
    for position, step in enumerate(endpoint.modules):
        call = inside.module.calls.get(step.name)
        if call is None:
            return None
        if endpoint.resource is None and position == len(endpoint.modules) - 1:
            return call.span
        child = inside.children.get(step.name)
        if child is None:
            return None
        inside = child
    resource = endpoint.resource
    config = inside.module.resources.get(("resource", resource.type, resource.name)) if resource else None
    return config.header if config is not None else None


def _destroys(content: Content) -> bool:
    for part in content.of("lifecycle"):
        for argument in part.block.body.arguments:
            if argument.name == "destroy" and isinstance(argument.value, syntax.Literal):
                return argument.value.value is not False
    return True


def _repeated(for_each: Term | None, scope: Scope) -> list[Mapping[str, Value]]:
    """The names that each import sees. Raises ExpressionError and Unavailable.

    Unlike elsewhere Terraform takes a list, a sensitive value and null for granted here.
    """
    if for_each is None:
        return [{}]
    found = evaluate(for_each.node, scope.of(for_each.file))
    if EPHEMERAL in found.marks:
        raise ExpressionError("for_each must not be an ephemeral value: the addresses are kept.", for_each.span)
    found = values.unmark_deep(found)
    if found.null:
        return []
    if isinstance(found.type, ListOf | TupleOf) and found.known:
        pairs = enumerate(found.items)
        return [{"each": values.object_of({"key": values.number(key), "value": item})} for key, item in pairs]
    return list(repetition(None, for_each, scope).items.values()) if not _marked(for_each, scope) else []


def _mentions(reference: Reference, address: Address) -> bool:
    return not address.modules and reference.kind == "resource" and reference.names == (address.type, address.name)


def _marked(for_each: Term, scope: Scope) -> bool:
    return bool(values.deep_marks(evaluate(for_each.node, scope.of(for_each.file))))


def _import_id(term: Term, scope: Scope) -> str | None:
    found = convert_at(evaluate(term.node, scope.of(term.file)), STRING, term)
    if found.null or found.raw == "":
        raise ExpressionError("The id of what is imported must not be null or empty.", term.span)
    return found.raw if isinstance(found.raw, str) else None


def _address(term: Term, scope: Scope) -> Address | None:
    def key_of(node: syntax.Expression) -> Key:
        if not isinstance(node, syntax.Literal) and traversal_at(node) is None:
            raise ExpressionError("The key of an instance is written out here, or a reference.", scope.span(node))
        found = values.to_plain(evaluate(node, scope))
        return found if isinstance(found, str | int) and not isinstance(found, bool) else None

    text = address_text(term.node, key_of)
    try:
        return Address.parse(text) if text else None
    except ValueError:
        return None
