"""What an expression or a body refers to, found without evaluating it.

Terraform orders its work by these references whatever the values are: a reference in the branch of a conditional that
is not taken is one all the same, so that a cycle is a cycle.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, Literal, TypeAlias, assert_never

from reconciler.hcl import syntax
from reconciler.hcl.syntax import At, Expression
from reconciler.records import dataclass

Kind: TypeAlias = Literal[
    "var", "local", "resource", "data", "ephemeral", "module", "each", "count", "self", "path", "terraform"
]

_ONE_NAME: Final[dict[str, Kind]] = {
    "var": "var",
    "local": "local",
    "each": "each",
    "count": "count",
    "path": "path",
    "terraform": "terraform",
}
_TWO_NAMES: Final[dict[str, Kind]] = {"data": "data", "ephemeral": "ephemeral", "resource": "resource"}


@dataclass(frozen=True, slots=True)
class Reference:
    """`names`: (name,) of a variable or local, (type, name) of a resource, (call,) or (call, output) of a module."""

    kind: Kind
    names: tuple[str, ...]

    def __str__(self) -> str:
        match self.kind:
            case "resource":
                return ".".join(self.names)
            case "self":
                return "self"
            case "var" | "local" | "data" | "ephemeral" | "module" | "each" | "count" | "path" | "terraform":
                return ".".join((self.kind, *self.names))
            case _:
                assert_never(self.kind)


@dataclass(frozen=True, slots=True)
class ModuleOutput:
    """`module.call.output`, or `module.call[key].output` with a literal key (`keyed`)."""

    reference: Reference
    keyed: bool = False
    key: int | str | None = None


def root_name(expression: Expression) -> str | None:
    """The name that a traversal starts with."""
    while isinstance(expression, syntax.Attribute | syntax.Index):
        expression = expression.source
    return expression.name if isinstance(expression, syntax.Name) else None


def reference_at(node: Expression) -> Reference | None:
    """The reference that `node` is, as a whole: `var.x` but neither `var` nor `var.x.y`."""
    match node:
        case syntax.Name("self"):
            return Reference("self", ())
        case syntax.Attribute(syntax.Name(root), name):
            if root in _ONE_NAME:
                return Reference(_ONE_NAME[root], (name,))
            if root == "module":
                return Reference("module", (name,))
            if root in _TWO_NAMES or root == "self":
                return None
            return Reference("resource", (root, name))
        case syntax.Attribute(syntax.Attribute(syntax.Name(root), type_), name) if root in _TWO_NAMES:
            return Reference(_TWO_NAMES[root], (type_, name))
        case _:
            return None


def module_output_at(node: Expression) -> ModuleOutput | None:
    """The output of a module call that `node` is, as a whole, where that is plain to see."""
    if not isinstance(node, syntax.Attribute):
        return None
    match node.source:
        case syntax.Attribute(syntax.Name("module"), call):
            return ModuleOutput(Reference("module", (call, node.name)))
        case syntax.Index(syntax.Attribute(syntax.Name("module"), call), syntax.Literal(key)):
            if isinstance(key, str):
                return ModuleOutput(Reference("module", (call, node.name)), keyed=True, key=key)
            if key is not None and not isinstance(key, bool) and key == int(key):
                return ModuleOutput(Reference("module", (call, node.name)), keyed=True, key=int(key))
            return None
        case _:
            return None


_Pending: TypeAlias = list[tuple[Expression, frozenset[str]]]


def occurrences(expression: Expression, bound: frozenset[str] = frozenset()) -> Iterator[tuple[Reference, At]]:
    """Everything that `expression` refers to, and where. `bound` are names that mean something else, as in a `for`."""
    pending: _Pending = [(expression, bound)]
    while pending:
        node, names = pending.pop()
        if isinstance(node, syntax.Name | syntax.Attribute | syntax.Index) and root_name(node) not in names:
            output = module_output_at(node)
            reference = output.reference if output else reference_at(node)
            if reference is not None:
                yield reference, node.at
                continue
        pending.extend(_parts(node, names))


def references(expression: Expression) -> frozenset[Reference]:
    """Everything that `expression` refers to."""
    return frozenset(reference for reference, _ in occurrences(expression))


def walk(expression: Expression) -> Iterator[Expression]:
    """`expression` and every expression in it."""
    pending = [expression]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(part for part, _ in _parts(node, frozenset()))


def _parts(node: Expression, bound: frozenset[str]) -> Iterator[tuple[Expression, frozenset[str]]]:  # noqa: C901 - a case each
    match node:
        case syntax.Literal() | syntax.Name() | syntax.SplatItem():
            return
        case syntax.Template(parts):
            yield from ((part, bound) for part in parts)
        case syntax.TemplateIf(condition, then, otherwise):
            yield from ((part, bound) for part in (condition, then, *([otherwise] if otherwise else [])))
        case syntax.TemplateFor(key, value, collection, body):
            yield collection, bound
            yield body, bound | _names(key, value)
        case syntax.Tuple(items):
            yield from ((item, bound) for item in items)
        case syntax.Object(items):
            for item in items:
                yield item.key, bound
                yield item.value, bound
        case syntax.Attribute(source):
            yield source, bound
        case syntax.Index(source, key):
            yield source, bound
            yield key, bound
        case syntax.Splat(source, each):
            yield source, bound
            yield each, bound
        case syntax.Call(_, arguments):
            yield from ((argument, bound) for argument in arguments)
        case syntax.Unary(_, operand):
            yield operand, bound
        case syntax.Binary(_, left, right):
            yield left, bound
            yield right, bound
        case syntax.Conditional(condition, then, otherwise):
            yield from ((part, bound) for part in (condition, then, otherwise))
        case syntax.ForTuple() | syntax.ForObject():
            yield from _for_parts(node, bound)
        case syntax.Parentheses(inner):
            yield inner, bound
        case _:
            assert_never(node)


def _for_parts(
    node: syntax.ForTuple | syntax.ForObject, bound: frozenset[str]
) -> Iterator[tuple[Expression, frozenset[str]]]:
    yield node.collection, bound
    inner = bound | _names(node.key, node.value)
    if isinstance(node, syntax.ForObject):
        yield node.body_key, inner
    yield node.body, inner
    if node.condition is not None:
        yield node.condition, inner


def _names(*names: str | None) -> frozenset[str]:
    return frozenset(name for name in names if name is not None)


def body_occurrences(body: syntax.Body) -> Iterator[tuple[Reference, At]]:
    """The same of a body and its nested blocks, `dynamic` blocks and their iterators included."""
    for expression, names in _expressions(body):
        yield from occurrences(expression, names)


def _expressions(body: syntax.Body) -> Iterator[tuple[Expression, frozenset[str]]]:
    """Every expression of a body, and the names that mean something of their own in it."""
    pending = [(body, frozenset[str]())]
    while pending:
        inside, names = pending.pop()
        yield from ((argument.value, names) for argument in inside.arguments)
        for block in inside.blocks:
            if block.type == "dynamic" and block.labels:
                yield from _dynamic_expressions(block, names)
                content = names | {iterator_of(block)}
                pending.extend((nested.body, content) for nested in block.body.blocks if nested.type == "content")
            else:
                pending.append((block.body, names))


def _dynamic_expressions(block: syntax.Block, bound: frozenset[str]) -> Iterator[tuple[Expression, frozenset[str]]]:
    """`labels` sees the iterator, `for_each` does not, and `iterator` is a bare name."""
    content = bound | {iterator_of(block)}
    for argument in block.body.arguments:
        if argument.name != "iterator":
            yield argument.value, content if argument.name == "labels" else bound


def iterator_of(block: syntax.Block) -> str:
    """The name that stands for the element in a `dynamic` block: its label, or what `iterator` says."""
    for argument in block.body.arguments:
        if argument.name == "iterator":
            match argument.value:
                case syntax.Name(name) | syntax.Literal(str(name)):
                    return name
                case _:
                    break
    return block.labels[0]


# -- traversals -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Key:
    """A literal key in brackets, or the number of the legacy `list.0`."""

    value: None | bool | Decimal | str


Step: TypeAlias = "str | Key"
"""An attribute's name, or a key."""


@dataclass(frozen=True, slots=True)
class Traversal:
    """Names and literal keys from a root on, as far as they go: `aws_vpc.main[0].id`."""

    root: str
    steps: tuple[Step, ...]
    at: At

    def __str__(self) -> str:
        shown = (f"[{step.value!r}]" if isinstance(step, Key) else f".{step}" for step in self.steps)
        return self.root + "".join(shown)


def traversal_at(node: Expression) -> Traversal | None:
    """What `node` is as a whole; None where something in it is computed."""
    steps: list[Step] = []
    at = node.at
    while True:
        match node:
            case syntax.Name(name):
                return Traversal(name, tuple(reversed(steps)), at)
            case syntax.Attribute(source, name):
                steps.append(name)
            case syntax.Index(source, syntax.Literal(key)):
                steps.append(Key(key))
            case _:
                return None
        node = source


def traversals(expression: Expression, bound: frozenset[str] = frozenset()) -> Iterator[Traversal]:
    """Every reference in `expression` with all that follows it. `bound` are names that mean something else."""
    pending: _Pending = [(expression, bound)]
    while pending:
        node, names = pending.pop()
        if isinstance(node, syntax.Name | syntax.Attribute | syntax.Index):
            found = traversal_at(node)
            if found is not None:
                if found.root not in names:
                    yield found
                continue
        pending.extend(_parts(node, names))


def block_traversals(block: syntax.Block) -> Iterator[Traversal]:
    """The same of a nested block, `dynamic` blocks and their iterators included."""
    inside = syntax.Body((), (block,), block.at)
    for expression, names in _expressions(inside):
        yield from traversals(expression, names)
