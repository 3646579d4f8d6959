"""A directory's files to a module: blocks gathered by what they declare, overrides merged, JSON told from blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from reconciler import schema
from reconciler.hcl import constants, parse, refusals, syntax
from reconciler.hcl.constants import flag
from reconciler.hcl.content import (
    Content,
    Part,
    Problems,
    Term,
    content_of,
    ignored_paths,
    merged,
    native,
    native_by_schema,
    span_of,
    targets,
    text,
)
from reconciler.hcl.module import (
    CallConfig,
    CheckConfig,
    Mode,
    Module,
    OutputConfig,
    ProviderConfig,
    ProviderKey,
    ResourceConfig,
    Rule,
    Statement,
    VariableConfig,
    schema_of,
)
from reconciler.hcl.references import Reference
from reconciler.hcl.settings import Settings, constraint, local_name, provider_key
from reconciler.hcl.tree import ParseCache, SourceTree, files_in, join
from reconciler.model import Path, Span
from reconciler.records import dataclass

_ROOT: Final = {
    "variable": 1,
    "locals": 0,
    "output": 1,
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "module": 1,
    "provider": 1,
    "terraform": 0,
    "moved": 0,
    "import": 0,
    "removed": 0,
    "check": 1,
}
_NESTED: Final[Mapping[str, Mapping[str, int]]] = {
    "variable": {"validation": 0},
    "output": {"precondition": 0},
    "terraform": {"backend": 1, "cloud": 0, "required_providers": 0, "provider_meta": 1},
    "lifecycle": {"precondition": 0, "postcondition": 0},
    "check": {"data": 2, "assert": 0},
    "removed": {"lifecycle": 0, "provisioner": 1, "connection": 0},
}
_INNER: Final[Mapping[str, Mapping[str, int]]] = {
    "assert": {},
    "connection": {},
    "lifecycle": _NESTED["lifecycle"],
    "postcondition": {},
    "precondition": {},
    "provisioner": {"connection": 0},
    "validation": {},
}
"""What is in blocks that mean the same wherever they stand."""
_RESOURCE_BLOCKS: Final = {"lifecycle": 0, "connection": 0, "provisioner": 1}
_ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    "variable": frozenset({"type", "default", "description", "sensitive", "ephemeral", "nullable"}),
    "output": frozenset({"value", "description", "sensitive", "ephemeral", "depends_on"}),
    "moved": frozenset({"from", "to"}),
    "check": frozenset(),
    "terraform": frozenset({"required_version", "experiments", "language"}),
    "import": frozenset({"to", "id", "provider", "for_each"}),
    "removed": frozenset({"from"}),
}
_NO_OTHER_BLOCKS: Final = frozenset(
    {"variable", "output", "locals", "terraform", "moved", "import", "removed", "check"}
)
_META: Final = frozenset({"count", "for_each", "provider", "depends_on"})
_CALL_META: Final = frozenset({"source", "version", "count", "for_each", "providers", "depends_on"})
_FILES: Final = (".tf", ".tf.json")
_OVERRIDES: Final = ("override.tf", "override.tf.json")


def is_configuration(name: str) -> bool:
    """A file name that Terraform reads as configuration."""
    hidden = name.startswith(".") or name.endswith("~") or (name.startswith("#") and name.endswith("#"))
    return name.endswith(_FILES) and not hidden


def _is_override(name: str) -> bool:
    return name in _OVERRIDES or name.endswith(tuple(f"_{suffix}" for suffix in _OVERRIDES))


def load(tree: SourceTree, directory: str, problems: Problems, cache: ParseCache | None = None) -> Module:
    """The module in `directory`. What is wrong with it goes to `problems`; the rest is there nevertheless."""
    names = [name for name in files_in(tree, directory) if is_configuration(name)]
    loader = _Loader(Module(directory, files=tuple(join(directory, name) for name in names)), problems)
    for name in sorted(names, key=_is_override):
        path = join(directory, name)
        try:
            body = parse.parse_file(path, tree.read(path), cache, tree.blob_id(path))
        except parse.SyntaxProblem as problem:
            problems.error(problem.what, Span(problem.file, 0, 0, problem.line))
            continue
        loader.add(path, native(body, _ROOT, path, problems), override=_is_override(name))
    return loader.finish()


@dataclass(slots=True)
class _Declared:
    labels: tuple[str, ...]
    part: Part
    content: Content


class _Loader:
    """Gathers the blocks of all files by what they declare, then makes the module of them."""

    def __init__(self, module: Module, problems: Problems) -> None:
        self._module = module
        self._problems = problems
        self._named: dict[str, dict[tuple[str, ...], _Declared]] = {}
        self._listed: list[_Declared] = []
        self._settings = Settings(module, problems)

    def add(self, file: str, body: syntax.Body, *, override: bool) -> None:
        for argument in body.arguments:
            self._problems.error(
                f'"{argument.name}" is no block and stands outside of one.', span_of(file, argument.at)
            )
        for block in body.blocks:
            part = Part(file, block)
            wanted = _ROOT.get(block.type)
            if wanted is None:
                self._problems.error(f'Blocks of type "{block.type}" are not expected here.', part.header)
            elif len(block.labels) != wanted:
                self._problems.error(f'A block "{block.type}" needs {wanted} labels.', part.header)
            else:
                self._declare(part, override=override)

    def _declare(self, part: Part, *, override: bool) -> None:
        content = self._content(part)
        match part.block.type:
            case "locals":
                self._locals(content, override=override)
            case "terraform":
                self._settings.read(content, override=override)
            case "moved" | "import" | "removed":
                self._listed.append(_Declared((), part, content))
            case kind:
                self._keyed(kind, _Declared(part.block.labels, part, content), override=override)

    def _content(self, part: Part) -> Content:
        block, body = part.block, part.block.body
        known: schema.Block | None = None
        if body.json is not None:
            if block.type in ("resource", "data"):
                known = schema_of("data" if block.type == "data" else "resource", block.labels[0])
            elif block.type == "provider" and block.labels[0] == "aws":
                known = schema.provider()
        if known is not None:
            body = native_by_schema(body, known, part.file, self._problems, _RESOURCE_BLOCKS)
        else:
            also = _RESOURCE_BLOCKS if block.type in ("resource", "data", "ephemeral") else {}
            body = native(body, {**also, **_NESTED.get(block.type, {})}, part.file, self._problems)
        content = content_of(part.file, self._told_apart(body, part.file), self._problems)
        if block.type in _NO_OTHER_BLOCKS:
            refusals.blocks(content, _NESTED.get(block.type, ()), f'a block "{block.type}"', self._problems)
        allowed = _ALLOWED.get(block.type)
        for name, term in content.arguments.items() if allowed is not None else ():
            if allowed is not None and name not in allowed:
                summary = f'An argument named "{name}" is not expected in a block "{block.type}".'
                self._problems.error(summary, span_of(term.file, term.at))
        return content

    def _told_apart(self, body: syntax.Body, file: str) -> syntax.Body:
        """`body` with the JSON of the blocks in it that Terraform itself knows told apart, too."""
        if all(block.body.json is None for block in body.blocks):
            return body

        def told(block: syntax.Block) -> syntax.Block:
            if block.type not in _INNER:
                return block
            inner = native(block.body, _INNER[block.type], file, self._problems)
            return replace(block, body=self._told_apart(inner, file))

        return replace(body, blocks=tuple(told(block) for block in body.blocks))

    def _keyed(self, kind: str, new: _Declared, *, override: bool) -> None:
        known = self._named.setdefault(kind, {})
        key = new.labels
        if kind == "provider":
            key = (*key, text(new.content.arguments.get("alias")) or "")
        old = known.get(key)
        what = f"{kind} {' '.join(f'{chr(34)}{label}{chr(34)}' for label in new.labels)}"
        if override and old is not None:
            known[key] = _Declared(old.labels, old.part, merged(old.content, new.content))
        elif override and kind != "provider":
            self._problems.error(f"There is no {what} for this override to change.", new.part.header)
        elif old is not None:
            detail = f"The first one is at {old.part.header}."
            self._problems.error(f"Duplicate {what}.", new.part.header, detail)
        else:
            known[key] = new

    def _locals(self, content: Content, *, override: bool) -> None:
        for name, term in content.arguments.items():
            old = self._module.locals.get(name)
            if override and old is None:
                self._problems.error(
                    f"There is no local.{name} for this override to change.", span_of(term.file, term.at)
                )
            elif not override and old is not None:
                at = span_of(old.file, old.at)
                self._problems.error(
                    f"Duplicate local.{name}.", span_of(term.file, term.at), f"The first one is at {at}."
                )
            else:
                self._module.locals[name] = term

    # -- what the blocks say --

    def finish(self) -> Module:
        module = self._module
        self._labels()
        for (name,), declared in self._named.get("variable", {}).items():
            module.variables[name] = self._variable(name, declared)
        for (name,), declared in self._named.get("output", {}).items():
            module.outputs[name] = self._output(name, declared)
        modes: tuple[Mode, ...] = ("resource", "data", "ephemeral")
        for mode in modes:
            for (type_name, name), declared in self._named.get(mode, {}).items():
                module.resources[mode, type_name, name] = self._resource(mode, type_name, name, declared)
        for (name,), declared in self._named.get("module", {}).items():
            module.calls[name] = self._call(name, declared)
        for (name, alias), declared in self._named.get("provider", {}).items():
            key = (name, alias or None)
            refusals.provider(declared.content, self._problems)
            local_name(name, declared.part.header, self._problems)
            if "version" in declared.content.arguments:
                constraint(declared.content.arguments["version"], self._problems)
            content = declared.content.without(("alias", "version"))
            module.providers[key] = ProviderConfig(key, declared.part.span, content)
        for (name,), declared in self._named.get("check", {}).items():
            self._check(name, declared)
        for declared in self._listed:
            block = declared.part.block
            statement = Statement(block.type, block.labels, declared.part.span, declared.part.header, declared.content)
            module.statements.append(statement)
        return module

    def _labels(self) -> None:
        """What is declared by its labels has names that can be referred to."""
        for kind in ("output", "module", "resource", "data", "ephemeral", "check"):
            for labels, declared in self._named.get(kind, {}).items():
                for label in labels:
                    refusals.name(label, declared.part.header, self._problems)

    def _rules(self, parts: Sequence[Part], variable: str | None = None) -> tuple[Rule, ...]:
        return tuple(refusals.rules(parts, self._problems, variable))

    def _variable(self, name: str, declared: _Declared) -> VariableConfig:
        content = declared.content
        refusals.variable_name(name, declared.part.header, self._problems)
        constants.text(content, "description", self._problems)
        return VariableConfig(
            name,
            declared.part.span,
            content.arguments.get("type"),
            content.arguments.get("default"),
            flag(content, "nullable", self._problems, default=True),
            flag(content, "sensitive", self._problems),
            flag(content, "ephemeral", self._problems),
            self._rules(content.of("validation"), name),
        )

    def _output(self, name: str, declared: _Declared) -> OutputConfig:
        content = declared.content
        value = content.arguments.get("value")
        if value is None:
            self._problems.error(f'The output "{name}" has no value.', declared.part.header)
        constants.text(content, "description", self._problems)
        depends_on = content.arguments.get("depends_on")
        if depends_on is not None:
            refusals.depends_on(depends_on, self._problems)
        occurrences = list(content.without(("depends_on",)).occurrences())
        occurrences += [(target, depends_on.span) for target in targets(depends_on.node)] if depends_on else []
        return OutputConfig(
            name,
            declared.part.span,
            value,
            flag(content, "sensitive", self._problems),
            flag(content, "ephemeral", self._problems),
            self._rules(content.of("precondition")),
            tuple(occurrences),
            depends_on,
        )

    def _resource(
        self, mode: Mode, type_name: str, name: str, declared: _Declared, check: str | None = None
    ) -> ResourceConfig:
        content = _escaped(declared.content, self._problems)
        arguments = content.arguments
        refusals.actions(content, mode, self._problems)
        count, for_each = self._repetition(content)
        lifecycle = self._lifecycle(content, mode, type_name)
        rules = {kind: self._rules(lifecycle.of(kind)) for kind in ("precondition", "postcondition")}
        ignored = lifecycle.arguments.get("ignore_changes")
        ignore_changes = ignored_paths(ignored.node) if ignored else frozenset[Path]()
        quoted = ignored and isinstance(ignored.node, syntax.Literal) and not ignored.file.endswith(".json")
        if ignored and (ignore_changes is None or quoted):
            self._problems.error("ignore_changes must be `all` or a list of attributes.", ignored.span)
        provider = arguments.get("provider")
        depends_on = self._depends_on(content)
        body = content.without(_META | _RESOURCE_BLOCKS.keys())
        occurrences = [*body.occurrences(), *lifecycle.without(("ignore_changes",)).occurrences()]
        occurrences += [found for term in (count, for_each) if term is not None for found in term.occurrences()]
        occurrences += [(target, arguments["depends_on"].span) for target in depends_on]
        return ResourceConfig(
            mode,
            type_name,
            name,
            declared.part.span,
            declared.part.header,
            body,
            count,
            for_each,
            self._provider(provider) if provider else None,
            depends_on,
            ignore_changes or frozenset(),
            rules["precondition"],
            rules["postcondition"],
            tuple(occurrences),
            (*content.of("provisioner"), *content.of("connection")),
            arguments.get("depends_on"),
            lifecycle.arguments.get("replace_triggered_by"),
            check,
        )

    def _depends_on(self, content: Content) -> frozenset[Reference]:
        term = content.arguments.get("depends_on")
        if term is None:
            return frozenset()
        refusals.depends_on(term, self._problems)
        return targets(term.node)

    def _lifecycle(self, content: Content, mode: Mode, type_name: str) -> Content:
        parts = content.of("lifecycle")
        refusals.repeated(parts, self._problems)
        for part in parts:
            found = content_of(part.file, part.block.body, self._problems)
            refusals.unlabelled(part, self._problems)
            refusals.blocks(found, _NESTED["lifecycle"], "a block lifecycle", self._problems)
            refusals.lifecycle(found, mode, type_name, self._problems)
            return found
        return Content({})

    def _repetition(self, content: Content) -> tuple[Term | None, Term | None]:
        count, for_each = content.arguments.get("count"), content.arguments.get("for_each")
        if count is not None and for_each is not None:
            self._problems.error('"count" and "for_each" exclude each other.', for_each.span)
            return None, for_each
        return count, for_each

    def _provider(self, term: Term) -> ProviderKey | None:
        key = provider_key(term.node)
        if key is None:
            self._problems.error("A provider is named as in aws or aws.west.", term.span)
        return key

    def _call(self, name: str, declared: _Declared) -> CallConfig:
        content, arguments = declared.content, declared.content.arguments
        count, for_each = self._repetition(content)
        source = text(arguments.get("source"))
        if source is None:
            self._problems.error(f'The module "{name}" needs a source, a literal string.', declared.part.header)
        version = arguments.get("version")
        if version is not None:
            constraint(version, self._problems)
            if source is not None and source.startswith(("./", "../")):
                what = "A local module has no version: it is part of the same tree."
                self._problems.error(what, arguments["source"].span)
        passed = arguments.get("providers")
        providers = self._passed(passed) if passed is not None else {}
        depends_on = self._depends_on(content)
        refusals.blocks(content, (), "a call of a module", self._problems)
        own = content.without(_CALL_META).arguments
        span = declared.part.span
        at = arguments["source"].span if "source" in arguments else span
        awaited = arguments.get("depends_on")
        return CallConfig(name, span, source, count, for_each, providers, depends_on, own, at, awaited)

    def _passed(self, term: Term) -> dict[ProviderKey, ProviderKey]:
        """The provider configurations that a call hands on, by what they are called inside."""
        found: dict[ProviderKey, ProviderKey] = {}
        if not isinstance(term.node, syntax.Object):
            self._problems.error("providers must be a map that is written out.", term.span)
            return found
        for item in term.node.items:
            inner, outer = provider_key(item.key), provider_key(item.value)
            if inner is None or outer is None:
                at = item.value if inner is not None else item.key
                self._problems.error("A provider is named as in aws or aws.west.", span_of(term.file, at.at))
            elif inner in found:
                self._problems.error("This provider is passed already.", span_of(term.file, item.at))
            else:
                found[inner] = outer
        return found

    def _check(self, name: str, declared: _Declared) -> None:
        module = self._module
        refusals.check(declared.content, declared.part.header, self._problems)
        for part in declared.content.of("data"):
            if len(part.block.labels) != 2:
                self._problems.error('A block "data" needs 2 labels.', part.header)
                continue
            type_name, label = part.block.labels
            inner = _Declared(part.block.labels, part, self._content(part))
            refusals.checked_data(inner.content, self._problems)
            if ("data", type_name, label) in module.resources:
                first = module.resources["data", type_name, label].header
                self._problems.error(f'Duplicate data "{type_name}" "{label}".', part.header, f"Another is at {first}.")
            module.resources["data", type_name, label] = self._resource("data", type_name, label, inner, name)
            module.scoped.add(("data", type_name, label))
        rules = self._rules(declared.content.of("assert"))
        module.checks[name] = CheckConfig(name, declared.part.span, rules)


def _escaped(content: Content, problems: Problems) -> Content:
    """With what stands in a block "_": arguments that are named as Terraform's own are."""
    arguments, blocks = dict(content.arguments), [part for part in content.blocks if part.block.type != "_"]
    for part in content.of("_"):
        inner = content_of(part.file, part.block.body, problems)
        arguments |= inner.arguments
        blocks += inner.blocks
    return Content(arguments, tuple(blocks))
