"""Bodies whose pieces know the file they stand in: overrides may bring some of a block from another file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from decimal import Decimal
from functools import cached_property

from reconciler.hcl import parse, syntax
from reconciler.hcl.references import Reference, body_occurrences, occurrences, references, walk
from reconciler.hcl.syntax import At, Expression
from reconciler.model import Diagnostic, Key, Path, Span, quoted
from reconciler.records import dataclass
from reconciler.schema import Block as SchemaBlock

Traversal = tuple[str | int, ...]


def span_of(file: str, at: At) -> Span:
    return Span(file, *at)


@dataclass(slots=True)
class Problems:
    """Diagnostics in the order in which they were found, each once."""

    found: dict[Diagnostic, None] = field(default_factory=dict[Diagnostic, None])

    def error(self, summary: str, span: Span | None = None, detail: str = "") -> None:
        self.found[Diagnostic("error", summary, span, detail)] = None

    def warn(self, summary: str, span: Span | None = None, detail: str = "") -> None:
        self.found[Diagnostic("warning", summary, span, detail)] = None


@dataclass(frozen=True, eq=False)
class Term:
    """An expression, the file it stands in, and (`at`) the argument that it is the value of."""

    file: str
    node: Expression
    at: At

    @cached_property
    def references(self) -> frozenset[Reference]:
        return references(self.node)

    def occurrences(self) -> Iterator[tuple[Reference, Span]]:
        for reference, at in occurrences(self.node):
            yield reference, span_of(self.file, at)

    @cached_property
    def names(self) -> frozenset[str]:
        """Every bare name in it, whatever it stands for."""
        return frozenset(node.name for node in walk(self.node) if isinstance(node, syntax.Name))

    @property
    def span(self) -> Span:
        """Of the expression alone."""
        return span_of(self.file, self.node.at)


@dataclass(frozen=True, slots=True)
class Part:
    """A nested block and the file it stands in."""

    file: str
    block: syntax.Block

    @property
    def span(self) -> Span:
        return span_of(self.file, self.block.at)

    @property
    def header(self) -> Span:
        return span_of(self.file, self.block.header)

    @property
    def kind(self) -> str:
        """The type of block that this is or, for a `dynamic` block, that it makes."""
        dynamic = self.block.type == "dynamic" and self.block.labels
        return self.block.labels[0] if dynamic else self.block.type


@dataclass(frozen=True, slots=True)
class Content:
    arguments: Mapping[str, Term]
    blocks: tuple[Part, ...] = ()

    def without(self, names: Iterable[str]) -> Content:
        """Without the arguments and blocks of these names."""
        gone = frozenset(names)
        kept = {name: term for name, term in self.arguments.items() if name not in gone}
        return Content(kept, tuple(part for part in self.blocks if part.block.type not in gone))

    def of(self, kind: str) -> tuple[Part, ...]:
        """The nested blocks of type `kind`, dynamic ones not among them."""
        return tuple(part for part in self.blocks if part.block.type == kind)

    def occurrences(self) -> Iterator[tuple[Reference, Span]]:
        """Everything that the body refers to, and where."""
        for term in self.arguments.values():
            yield from term.occurrences()
        for part in self.blocks:
            inside = syntax.Body((), (part.block,), part.block.at)
            yield from ((found, span_of(part.file, at)) for found, at in body_occurrences(inside))

    def references(self) -> frozenset[Reference]:
        return frozenset(reference for reference, _ in self.occurrences())


def content_of(file: str, body: syntax.Body, problems: Problems) -> Content:
    """The body's arguments by name; an argument set twice is an error, the first counts.

    A body of a .tf.json file whose blocks nobody told apart (see `native`) has arguments alone.
    """
    body = native(body, {}, file, problems)
    arguments: dict[str, Term] = {}
    for argument in body.arguments:
        if argument.name in arguments:
            problems.error(f'The argument "{argument.name}" is set twice.', span_of(file, argument.at))
        else:
            arguments[argument.name] = Term(file, argument.value, argument.at)
            for at in _twice_in_json(argument.value) if file.endswith(".json") else ():
                problems.error("An object in JSON has each property once only.", span_of(file, at))
    return Content(arguments, tuple(Part(file, block) for block in body.blocks))


def merged(base: Content, override: Content) -> Content:
    """As Terraform merges an override: argument by argument, and all blocks of a type replaced at once."""
    replaced = {part.kind for part in override.blocks if part.block.type != "lifecycle"}
    kept = [part for part in base.blocks if part.kind not in replaced]
    lifecycles = [part for part in override.blocks if part.block.type == "lifecycle"]
    if lifecycles:
        kept = [_merged_lifecycle(part, lifecycles[0]) if part.block.type == "lifecycle" else part for part in kept]
    present = any(part.block.type == "lifecycle" for part in kept)
    added = [part for part in override.blocks if part.block.type != "lifecycle" or not present]
    return Content({**base.arguments, **override.arguments}, (*kept, *added))


def _merged_lifecycle(base: Part, override: Part) -> Part:
    """Both stay in the base's file: what matters of a lifecycle block (names, flags) does not depend on it."""
    new = {argument.name for argument in override.block.body.arguments}
    arguments = tuple(a for a in base.block.body.arguments if a.name not in new) + override.block.body.arguments
    blocks = base.block.body.blocks + override.block.body.blocks
    return Part(base.file, replace(base.block, body=replace(base.block.body, arguments=arguments, blocks=blocks)))


# -- JSON bodies ----------------------------------------------------------------------------------------------


def native(body: syntax.Body, blocks: Mapping[str, int], file: str, problems: Problems) -> syntax.Body:
    """A body of a .tf.json file with its blocks (type -> number of labels) told from its arguments."""
    if body.json is None:
        return body

    def refuse(problem: parse.SyntaxProblem) -> None:
        problems.error(problem.reason, Span(file, 0, 0, problem.line))

    return parse.body_of(body, blocks, file, refuse)


def native_by_schema(
    body: syntax.Body, schema: SchemaBlock, file: str, problems: Problems, also: Mapping[str, int] | None = None
) -> syntax.Body:
    """The same at every depth, for a body that `schema` describes; `also` are blocks that Terraform itself knows."""
    if body.json is None:
        return body
    nested = {name: block.block for name, block in schema.blocks.items()}
    as_block = {name: attribute.as_block for name, attribute in schema.attributes.items()}
    dynamic = nested | {name: block for name, block in as_block.items() if block is not None}
    kinds = {name: int(block.nesting == "map") for name, block in schema.blocks.items()}
    body = native(body, {**kinds, "dynamic": 1, **(also or {})}, file, problems)
    return replace(body, blocks=tuple(_native_block(block, dynamic, file, problems) for block in body.blocks))


def _native_block(
    block: syntax.Block, nested: Mapping[str, SchemaBlock], file: str, problems: Problems
) -> syntax.Block:
    if block.type != "dynamic":
        schema = nested.get(block.type)
        return block if schema is None else replace(block, body=native_by_schema(block.body, schema, file, problems))
    body = native(block.body, {"content": 0}, file, problems)
    schema = nested.get(block.labels[0]) if block.labels else None
    if schema is not None:
        contents = (replace(one, body=native_by_schema(one.body, schema, file, problems)) for one in body.blocks)
        body = replace(body, blocks=tuple(contents))
    return replace(block, body=body)


def _twice_in_json(node: Expression) -> Iterator[At]:
    """Where an object has a property again: native syntax takes the last, JSON refuses it."""
    for part in walk(node):
        if isinstance(part, syntax.Object):
            seen: set[object] = set()
            for item in part.items:
                key = item.key.value if isinstance(item.key, syntax.Literal) else None
                if key is not None and key in seen:
                    yield item.key.at
                seen.add(key)


# -- constants ------------------------------------------------------------------------------------------------


def constant(node: Expression) -> syntax.Literal | None:
    """The literal that `node` is; None where it has to be evaluated."""
    match node:
        case syntax.Literal():
            return node
        case syntax.Parentheses(inner):
            return constant(inner)
        case syntax.Unary("!", operand):
            found = constant(operand)
            return replace(found, value=not found.value) if found and isinstance(found.value, bool) else None
        case _:
            return None


def text(term: Term | None) -> str | None:
    """An argument that must be a literal string; None where it is absent or something else."""
    found = constant(term.node) if term is not None else None
    return found.value if found and isinstance(found.value, str) else None


def traversal(node: Expression) -> Traversal | None:
    """`aws.west`, `tags["Owner"]`, `ingress[0]` as their steps, quoted or not; None for anything else."""
    node = unquoted(node)
    steps: list[str | int] = []
    while True:
        match node:
            case syntax.Name(name):
                return (name, *reversed(steps))
            case syntax.Attribute(source, name):
                steps.append(name)
                node = source
            case syntax.Index(source, syntax.Literal(key)) if isinstance(key, str):
                steps.append(key)
                node = source
            case syntax.Index(source, syntax.Literal(Decimal() as key)) if key == int(key):
                steps.append(int(key))
                node = source
            case _:
                return None


def unquoted(node: Expression) -> Expression:
    """What a quoted reference stands for, as JSON and old code have it; a string that is none stays one."""
    if isinstance(node, syntax.Literal) and isinstance(node.value, str):
        try:
            return parse.parse_expression(node.value, line=node.at[2])
        except parse.SyntaxProblem:
            return node
    return node


def items_of(node: Expression) -> Sequence[Expression] | None:
    """The items of a list that is written out."""
    return node.items if isinstance(node, syntax.Tuple) else None


def targets(node: Expression) -> frozenset[Reference]:
    """What a list such as `depends_on` refers to; in JSON its items are strings."""
    found: set[Reference] = set()
    for item in items_of(node) or ():
        found.update(references(unquoted(item)))
    return frozenset(found)


def ignored_paths(node: Expression) -> frozenset[Path] | None:
    """`ignore_changes`: the empty path stands for all; None where it is neither `all` nor a list of attributes."""
    if traversal(node) == ("all",):
        return frozenset([()])
    items = items_of(node)
    if items is None:
        return None
    paths = [traversal(item) for item in items]
    return frozenset(path if path != ("*",) else () for path in paths if path is not None)


def address_text(node: Expression, key_of: Callable[[Expression], Key] | None = None) -> str | None:
    """A written address as Terraform prints it; None where `node` is none. `key_of` evaluates instance keys."""
    steps: list[str] = []
    node = unquoted(node)
    while True:
        match node:
            case syntax.Name(name):
                return "".join([name, *reversed(steps)])
            case syntax.Attribute(source, name):
                steps.append(f".{name}")
                node = source
            case syntax.Index(source, expression):
                key = key_of(expression) if key_of else _literal_key(expression)
                if key is None:
                    return None
                steps.append(f"[{key}]" if isinstance(key, int) else f"[{quoted(key)}]")
                node = source
            case _:
                return None


def _literal_key(node: Expression) -> Key:
    match node:
        case syntax.Literal(str(key)):
            return key
        case syntax.Literal(Decimal() as key) if key == int(key):
            return int(key)
        case _:
            return None
