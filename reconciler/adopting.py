"""Adopt: edits that make the code say what is live, most local first.

`candidates` only proposes; whoever asks evaluates each edited tree and keeps the first that `planning.proves`. Places
to edit, from the innermost outwards: the literal that the value comes from, wherever it is written; the expression
that computes it, where that is a document written in place; the argument of the resource; that of a module call. A
default that one resource alone has moved away from is overruled where the value was left out.
"""

from __future__ import annotations

import difflib
import json
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from reconciler import importing, schema
from reconciler.errors import EvaluationError
from reconciler.hcl import edit, parse, sources
from reconciler.hcl import syntax as s
from reconciler.hcl.tree import SourceTree, normal
from reconciler.iam_policy import parse as parse_policy
from reconciler.model import (
    UNKNOWN,
    Change,
    Edit,
    ModuleStep,
    NoOrigin,
    Origin,
    Path,
    Plain,
    Resource,
    Span,
    format_path,
    value_at,
)
from reconciler.planning import Cause, Drifted, why_no_origin
from reconciler.records import dataclass
from reconciler.redaction import mentions_secret
from reconciler.resources.spec import Semantics
from reconciler.schema.shape import Attribute, Block
from reconciler.semantics import Rules, Shape, kind_of, names, shape_at, widened

_MOST = 6  # candidates of one cause: each costs an evaluation

Place = Callable[[], Sequence[Edit]]
"""One way to settle one change; raises EvaluationError where it turns out to be none."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Edited files by path, and their unified diff."""

    files: Mapping[str, bytes]
    diff: str


def candidates(
    cause: Cause,
    tree: SourceTree,
    root: str,
    own: SourceTree | None = None,
    installed: Mapping[str, str] | None = None,
) -> Iterator[Candidate]:
    """Ways to adopt all of the cause, best first; none where `why_not` says why.

    Only files of `own` are edited (default: of `tree`): what was brought from elsewhere is not ours. `installed` says
    where in the tree modules lie that are not local, by key.
    """
    files = _Files(tree, _editable(own or tree), installed or {})
    ways: dict[tuple[str, Path], list[Place]] = {}
    for entry in cause.drifted:
        if _refused(entry) is not None:
            return
        if entry.resource is None:
            ways[entry.name, ()] = [_Import(files, normal(root), entry)]
            continue
        places = _Places(files, normal(root), entry, entry.resource, alone=len(cause.drifted) == 1)
        for change in entry.settled:
            ways[entry.name, change.path] = places.of(change)
        if entry.live is None:
            ways[entry.name, ()] = [places.without_resource]
    seen: set[str] = set()
    for number in range(_MOST):
        if not ways or not all(ways.values()) or all(number >= len(w) for w in ways.values()):
            return
        found = _candidate(files, [w[min(number, len(w) - 1)] for w in ways.values()])
        if found is not None and found.diff and found.diff not in seen:
            seen.add(found.diff)
            yield found


def why_not(cause: Cause, own: SourceTree | None = None) -> str:
    """Why a cause has no candidate, or none that could be proven, in words for a person."""
    editable = _editable(own) if own else None
    for entry in cause.drifted:
        reason = _refused(entry)
        if reason is not None:
            return f"{entry.name}: {reason}"
        for change in entry.settled:
            foreign = _foreign(entry, change, editable) if editable is not None else None
            if foreign is not None:
                what = f"{entry.name} {format_path(change.path)} is set at {foreign}"
                return f"{what}, in a module that is not in this repository and leaves its caller no say"
            if entry.resource is not None and not isinstance(entry.resource.origins.get(change.path), Origin):
                why = why_no_origin(entry.resource, change.path)
                return f"{entry.name} {format_path(change.path)} cannot be set at one place: {why}"
    return "no edit was found that changes exactly this"


def _editable(tree: SourceTree) -> frozenset[str]:
    return frozenset(tree.paths())


def _foreign(entry: Drifted, change: Change, editable: frozenset[str]) -> Span | None:
    """Where the value is written, or left out, if that is in a file that is not ours."""
    if entry.resource is None:
        return None
    origin = entry.resource.origins.get(change.path)
    span = origin.span if origin is not None and origin.span is not None else entry.resource.source
    return span if span.file not in editable else None


def _refused(entry: Drifted) -> str | None:
    for change in entry.settled:
        if change.sensitive or mentions_secret(widened(change.live)):
            return f"{format_path(change.path)} is secret and does not belong into code"
        if change.code is UNKNOWN:
            return f"{format_path(change.path)} is not known before a deploy"
    return None


# -- files ----------------------------------------------------------------------------------------------------


class _Files:
    """Parsed files of the tree, of which those that are `editable` may be edited."""

    def __init__(self, tree: SourceTree, editable: frozenset[str], installed: Mapping[str, str]) -> None:
        self.tree = tree
        self.editable = editable
        self.installed = installed
        self._sources: dict[str, edit.Source] = {}

    def source(self, path: str) -> edit.Source:
        """Raises EvaluationError where the file is not in the tree, or is no Terraform."""
        if path not in self._sources:
            try:
                content = self.tree.read(path)
            except KeyError:
                raise EvaluationError("the file is not in this repository", where=path) from None
            self._sources[path] = edit.Source.parse(path, content)
        return self._sources[path]

    def blocks(self, folder: str, kind: str) -> Iterator[tuple[edit.Source, s.Block]]:
        """The top-level blocks of a kind in the .tf files of a folder."""
        for path in self.tree.paths():
            if _in_folder(path, folder):
                source = self.source(path)
                yield from ((source, block) for block in source.body.blocks if block.type == kind)


def _candidate(files: _Files, places: Iterable[Place]) -> Candidate | None:
    """All edits together; None where they cannot be made."""
    by_file: dict[str, dict[Edit, None]] = {}
    try:
        for place in places:
            for change in place():
                if change.span.file not in files.editable:
                    raise EvaluationError("the file is not of this repository", where=str(change.span))
                by_file.setdefault(change.span.file, {})[change] = None
        edited = {p: edit.apply(p, files.source(p).text, list(edits)) for p, edits in by_file.items()}
    except EvaluationError:
        return None
    diff = "".join(_diff(path, files.source(path).text, text) for path, text in sorted(edited.items()))
    return Candidate({path: parse.encode(text) for path, text in edited.items()}, diff)


def _diff(path: str, before: str, after: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)


# -- places ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Import:
    """A new resource at the end of the root module, for what nothing manages."""

    files: _Files
    root: str
    entry: Drifted

    def __call__(self) -> Sequence[Edit]:
        live = self.entry.live
        if live is None:
            raise EvaluationError("it is not there", where=self.entry.name)
        bodies = [self.files.source(p).body for p in self.files.tree.paths() if _in_folder(p, self.root)]
        taken = frozenset[str]().union(*(importing.taken(body, live.type) for body in bodies))
        name, nested = importing.written(self.entry, live, taken)
        source = self.files.source(importing.home(self.files.tree, self.root))
        resource = source.insert_resource(live.type, name, nested)
        return (*resource, *source.insert_import(f"{live.type}.{name}", live.import_id or live.id))


def _in_folder(path: str, folder: str) -> bool:
    return posixpath.dirname(path) == folder and path.endswith(".tf")


@dataclass(frozen=True, slots=True)
class _Places:
    """Where in the code the changes of one resource can be settled; `alone`: no other has the same cause."""

    files: _Files
    root: str
    entry: Drifted
    resource: Resource
    alone: bool
    block: Block = field(init=False)

    def __post_init__(self) -> None:
        described = schema.resource(self.resource.type)
        object.__setattr__(self, "block", described.block if described else Block({}))

    @property
    def rules(self) -> Rules:
        return self.entry.spec.semantics

    def of(self, change: Change) -> list[Place]:
        """The ways to settle a change, innermost first."""
        path, shape = change.path, shape_at(self.block, change.path)
        live, code = widened(change.live), change.code
        ways: list[Place] = []
        origin = self.resource.origins.get(path)
        overruled = self._overruled(path, live)
        if overruled is not None and self.alone:
            ways.append(overruled)
        if isinstance(origin, Origin):
            ways.append(lambda: self._at_literal(origin, shape, path, code, live))
            variable = self._variable(origin)
            if variable is not None:
                ways.append(lambda: self._at_call(variable, _fitted(shape, live, code, self.rules, names(path))))
        elif isinstance(origin, NoOrigin) and origin.span is not None:
            span = origin.span
            ways.append(lambda: self._at_document(span, shape, path, code, live))
        if live is None:
            ways.append(lambda: self._removed(path))
        elif code is None or origin is None:
            ways.append(lambda: self._added(path, shape, live))
        if overruled is not None and not self.alone:
            ways.append(overruled)
        return ways

    # -- where it is written --------------------------------------------------------------------------------

    def _at_literal(self, origin: Origin, shape: Shape, path: Path, code: Plain, live: Plain) -> Sequence[Edit]:
        """The literal itself; what live has not is taken away, unless something else needs it to be there."""
        source = self.files.source(origin.span.file)
        if (live is None or _is_unset(shape, live)) and (not origin.via or isinstance(path[-1], int)):
            return self._removed(path)
        node = source.node(origin.span)
        value = _fitted(shape, live, code, self.rules, names(path))
        old = code if isinstance(code, list | dict) else None
        return source.replace(node, value, old=old, ordered=kind_of(shape) != "set")

    def _at_document(self, span: Span, shape: Shape, path: Path, code: Plain, live: Plain) -> Sequence[Edit]:
        """A document that is written in place: what did not change keeps its references."""
        source = self.files.source(span.file)
        node = source.node(span)
        fitted = _fitted(shape, live, code, self.rules, names(path))
        match node:
            case s.Call("jsonencode", (inner,)) if isinstance(code, str) and isinstance(fitted, str):
                return source.replace(inner, json.loads(fitted), old=json.loads(code))
            case s.Tuple() | s.Object():
                return source.replace(node, fitted, old=code, ordered=kind_of(shape) != "set")
            case _:
                raise EvaluationError("the value is computed", where=str(span))

    def _overruled(self, path: Path, live: Plain) -> Place | None:
        """In the object that has left an optional attribute out: the default stays what it is for all others."""
        for length in range(len(path), 0, -1):
            origin, inner = self.resource.origins.get(path[:length]), path[length:]
            if isinstance(origin, Origin):
                if origin.left_out is None or any(isinstance(step, int) for step in inner):
                    return None
                span, name = origin.left_out
                value = _with(value_at(dict(self.resource.values), path[:length]), inner, live)
                return lambda: self._entry(span, name, importing.argument(shape_at(self.block, path[:length]), value))
        return None

    def _entry(self, span: Span, name: str, value: Plain) -> Sequence[Edit]:
        source = self.files.source(span.file)
        node = source.node(span)
        if not isinstance(node, s.Object):
            raise EvaluationError("the object is put together elsewhere", where=str(span))
        return source.insert_element(node, value, key=name)

    # -- in the resource ------------------------------------------------------------------------------------

    def _body(self, path: Path) -> tuple[edit.Source, s.Body]:
        """The body that the attribute at `path` is, or would be, an argument or block of."""
        container = path[:-1]
        while container and not isinstance(container[-1], int):
            container = container[:-1]
        origin = self.resource.origins.get(container) if container else None
        span = origin.span if isinstance(origin, Origin) else self.resource.source
        source = self.files.source(span.file)
        return source, source.block(span.start).body

    def _added(self, path: Path, shape: Shape, live: Plain) -> Sequence[Edit]:
        """Something that the code does not have: an argument, an entry of a map, an element, a block."""
        if isinstance(shape, Attribute) and _is_nothing(shape, live):
            raise EvaluationError("live does not say what it is", where=str(self.resource.source))
        parent, last = path[:-1], path[-1]
        holder = shape_at(self.block, parent) if parent else self.block
        if isinstance(last, int):
            return self._added_element(parent, holder, shape, live)
        if kind_of(holder) == "map":
            written = self.resource.origins.get(parent)
            if isinstance(written, Origin):
                source = self.files.source(written.span.file)
                node = source.node(written.span)
                if isinstance(node, s.Object):
                    return source.insert_element(node, importing.argument(shape, live), key=str(last))
            elif written is None:
                return self._added(parent, holder, {str(last): live})
            raise EvaluationError("the map is put together elsewhere", where=str(self.resource.source))
        source, body = self._body(path)
        return source.set_attributes(body, {str(last): importing.argument(shape, live)})

    def _added_element(self, parent: Path, holder: Shape, shape: Shape, live: Plain) -> Sequence[Edit]:
        name = str(parent[-1])
        if not isinstance(live, dict):
            raise EvaluationError("only objects are added", where=str(self.resource.source))
        first = self.resource.origins.get((*parent, 0))
        written = self.resource.origins.get(parent)
        if isinstance(written, Origin) and isinstance(holder, Attribute):
            source = self.files.source(written.span.file)
            node = _node_or_none(source, written.span)
            if isinstance(node, s.Tuple):
                return source.insert_element(node, importing.argument(shape, live))
        if isinstance(first, Origin) and first.via:
            raise EvaluationError("the blocks are made by a dynamic block", where=str(first.span))
        source, body = self._body(parent)
        loose = isinstance(holder, Attribute)
        return source.insert_block(body, importing.block(name, shape, live, loose=loose))

    def _removed(self, path: Path) -> Sequence[Edit]:
        origin, last = self.resource.origins.get(path), path[-1]
        if not isinstance(origin, Origin):
            raise EvaluationError("what is to go is not written anywhere", where=str(self.resource.source))
        source = self.files.source(origin.span.file)
        if isinstance(last, int):
            node = _node_or_none(source, origin.span)
            parent = self.resource.origins.get(path[:-1])
            if node is not None and isinstance(parent, Origin):
                holder = source.node(parent.span)
                if isinstance(holder, s.Tuple):
                    return source.remove_element(holder, [item.at[:2] for item in holder.items].index(node.at[:2]))
            return source.remove_block(source.block(origin.span.start))
        parent = self.resource.origins.get(path[:-1]) if len(path) > 1 else None
        if isinstance(parent, Origin):
            holder = _node_or_none(source, parent.span)
            if isinstance(holder, s.Object):
                return source.remove_element(holder, str(last))
        return source.remove_attribute(source.block(origin.span.start).body, str(last))

    def without_resource(self) -> Sequence[Edit]:
        """The code without the resource; with several instances there is no block of this one alone."""
        if self.resource.address.key is not None or any(step.key is not None for step in self.resource.address.modules):
            raise EvaluationError("it is one of several instances", where=str(self.resource.source))
        source = self.files.source(self.resource.source.file)
        return source.remove_block(source.block(self.resource.source.start))

    # -- at a module call -----------------------------------------------------------------------------------

    def _variable(self, origin: Origin) -> str | None:
        """The variable of the resource's module whose default `origin` is."""
        if not self.resource.address.modules:
            return None
        try:
            block = self.files.source(origin.span.file).block(origin.span.start)
        except EvaluationError:
            return None
        return block.labels[0] if block.type == "variable" and block.labels else None

    def _at_call(self, variable: str, value: Plain) -> Sequence[Edit]:
        """An argument of the module call, so that other callers keep the default."""
        folder = self.root
        steps = self.resource.address.modules
        for number, step in enumerate(steps):
            source, block = self._call(folder, step)
            if number + 1 == len(steps):
                return source.set_attributes(block.body, {variable: value})
            folder = self._callee(folder, _source_of(block), steps[: number + 1])
        raise EvaluationError("the module call was not found", where=self.root)

    def _callee(self, folder: str, source: str, steps: Sequence[ModuleStep]) -> str:
        if sources.is_local(source):
            return normal(posixpath.join(folder, source))
        found = self.files.installed.get(".".join(step.name for step in steps))
        if found is None:
            raise EvaluationError("the module is not there", where=folder)
        return found

    def _call(self, folder: str, step: ModuleStep) -> tuple[edit.Source, s.Block]:
        for source, block in self.files.blocks(folder, "module"):
            if block.labels[:1] == (step.name,):
                return source, block
        raise EvaluationError(f"the call of module {step.name} was not found", where=folder)


def _is_nothing(shape: Attribute, live: Plain) -> bool:
    """What is read where AWS does not say. Providers refuse to be told so, or take it for an argument left out."""
    if live == "":
        return shape.computed or bool(shape.default)
    return live == 0 and not isinstance(live, bool) and shape.computed and shape.default is None


def _is_unset(shape: Shape, live: Plain) -> bool:
    """What is as good as an argument left out, and is safer so: "" is no word of an enumeration."""
    return live == "" and isinstance(shape, Attribute) and not (shape.required or shape.computed or shape.default)


def _source_of(block: s.Block) -> str:
    for argument in block.body.arguments:
        if argument.name == "source" and isinstance(argument.value, s.Literal):
            return str(argument.value.value)
    raise EvaluationError("the module has no source", where=str(block.at[2]))


def _node_or_none(source: edit.Source, span: Span) -> s.Expression | None:
    try:
        return source.node(span)
    except edit.EditProblem:
        return None


def _with(value: Plain, path: Path, new: Plain) -> Plain:
    """A map with `new` at `path`; null takes an entry away."""
    if not path:
        return new
    step, rest = str(path[0]), path[1:]
    entries = dict(value) if isinstance(value, dict) else {}
    entries[step] = _with(entries.get(step), rest, new)
    return {key: item for key, item in entries.items() if key != step or item is not None}


# -- values as the code writes them ---------------------------------------------------------------------------


def _fitted(shape: Shape, live: Plain, code: Plain, rules: Rules, at: str) -> Plain:
    """Live, written as the code writes it wherever both mean the same."""
    rule = rules.get(at)
    if isinstance(live, str) and isinstance(code, str) and rule is not None:
        documents = _document(live, rule), _document(code, rule)
        if all(isinstance(document, dict | list) for document in documents):
            return json.dumps(_like(*documents, rule), ensure_ascii=False)
    unordered = kind_of(shape) == "set" or rule is Semantics.UNORDERED
    if unordered and isinstance(live, list) and isinstance(code, list):
        return [item for item in code if item in live] + [item for item in live if item not in code]
    if kind_of(shape) == "string" and isinstance(code, str) and live is not None and not isinstance(live, list | dict):
        return str(live) if not isinstance(live, bool) else str(live).lower()
    if kind_of(shape) == "number" and isinstance(live, str) and re.fullmatch(r"-?\d+", live):
        return int(live)
    return live


def _document(text: str, rule: Semantics) -> Plain:
    if rule is Semantics.POLICY:
        return widened(parse_policy(text))
    try:
        return json.loads(text)
    except ValueError:
        return None


def _like(live: Plain, code: Plain, rule: Semantics) -> Plain:
    """`live` in the order and form of `code`: a single value stays single, elements keep their places."""
    if _meaning(live, rule) == _meaning(code, rule):
        return code
    match live, code:
        case dict(), dict():
            kept = {key: _like(live[key], code[key], rule) for key in code if key in live}
            return kept | {key: value for key, value in live.items() if key not in code}
        case list(), list() if rule is not Semantics.JSON:
            return _like_list(live, code, rule)
        case list(), str() if len(live) == 1:
            return live[0]
        case str(), list() if rule is not Semantics.JSON:
            return [live]
        case _:
            return live


def _like_list(live: list[Plain], code: list[Plain], rule: Semantics) -> list[Plain]:
    rest, out = list(live), list[Plain]()
    for item in code:
        same = next((other for other in rest if _meaning(other, rule) == _meaning(item, rule)), None)
        if same is None and isinstance(item, dict) and item.get("Sid"):
            same = next((o for o in rest if isinstance(o, dict) and o.get("Sid") == item["Sid"]), None)
        if same is not None:
            rest.remove(same)
            out.append(_like(same, item, rule))
        elif isinstance(item, dict) and len(live) == len(code) and (near := _nearest(rest, item)) is not None:
            rest.remove(near)
            out.append(_like(near, item, rule))
    return out + rest


def _nearest(rest: Sequence[Plain], item: Mapping[str, Plain]) -> Plain:
    """The object that shares most with `item`, if anything."""
    scored = [(sum(1 for k, v in o.items() if item.get(k) == v), o) for o in rest if isinstance(o, dict)]
    best = max(scored, key=lambda pair: pair[0], default=(0, None))
    return best[1] if best[0] else None


def _meaning(value: Plain, rule: Semantics) -> str:
    """Order and single values apart, what a part of a document says."""
    if rule is not Semantics.JSON and isinstance(value, list):
        parts = sorted({_meaning(item, rule) for item in value})
        return parts[0] if len(parts) == 1 and not isinstance(value[0], dict | list) else f"[{','.join(parts)}]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{k}:{_meaning(v, rule)}" for k, v in sorted(value.items())) + "}"
    return str(value) if rule is Semantics.REDRIVE else json.dumps(value, sort_keys=True, default=repr)
