"""The block `terraform`: which versions and providers a module wants, and where its state is."""

from __future__ import annotations

import re
from typing import Final

from reconciler.hcl import constants, refusals, syntax
from reconciler.hcl.content import Content, Part, Problems, Term, content_of, items_of, native, span_of, traversal
from reconciler.hcl.module import Module, ProviderKey, Statement
from reconciler.hcl.references import walk
from reconciler.hcl.values import STRING
from reconciler.hcl.versions import TERRAFORM, InvalidConstraint, allows, parsed, possible
from reconciler.model import Span

_SHOWN: Final = ".".join(map(str, TERRAFORM))
_BACKENDS: Final = frozenset(
    {"azurerm", "consul", "cos", "gcs", "http", "inmem", "kubernetes", "local", "oss", "pg", "remote", "s3"}
)
_PART: Final = re.compile(r"[^\W_](?:(?:[^\W_]|-)*[^\W_])?\Z")
_CLOUD: Final = frozenset({"hostname", "organization", "token"})
_WORKSPACES: Final = frozenset({"name", "tags", "project"})


class Settings:
    """Reads the blocks `terraform` of one module into it; what is wrong with them goes to the problems."""

    def __init__(self, module: Module, problems: Problems) -> None:
        self._module = module
        self._problems = problems
        self._required: Part | None = None

    def read(self, content: Content, *, override: bool) -> None:
        version, experiments = content.arguments.get("required_version"), content.arguments.get("experiments")
        if version is not None:
            self._required_version(version)
        if experiments is not None:
            what = "Experiments are for alpha releases of Terraform only."
            self._problems.error(what, span_of(experiments.file, experiments.at))
        for part in content.blocks:
            match part.block.type:
                case "required_providers":
                    self._required_providers(part, override=override)
                case "backend" | "cloud":
                    self._backend(part, override=override)
                case _:
                    pass

    def _required_version(self, term: Term) -> None:
        if term.node == syntax.Literal(None, term.node.at):
            return
        text = constants.plain(term, STRING, self._problems)
        if not isinstance(text, str):
            return
        try:
            if any(constraint.prerelease for constraint in parsed(text)):
                self._problems.error("A required_version may not name a prerelease.", term.span)
            elif not possible(text):
                self._problems.error(f'There is no version of Terraform that meets "{text}".', term.span)
            elif not allows(text, TERRAFORM):
                detail = "Where the language of that version differs, so may what is found here."
                what = f'The code wants Terraform "{text}"; it is read as Terraform {_SHOWN} reads it.'
                self._problems.warn(what, term.span, detail)
        except InvalidConstraint as error:
            self._problems.error(f"{error}.", term.span)

    # -- backends --

    def _backend(self, part: Part, *, override: bool) -> None:
        kind, labels = part.block.type, part.block.labels
        if len(labels) != (1 if kind == "backend" else 0):
            wanted = "one label, its type" if kind == "backend" else "no label"
            self._problems.error(f'A block "{kind}" takes {wanted}.', part.header)
            return
        if self._module.backend is not None and not override:
            self._problems.error("A second backend.", part.header, f"Another: {self._module.backend.span}.")
            return
        body = native(part.block.body, {"workspaces": 0}, part.file, self._problems)
        inner = content_of(part.file, body, self._problems)
        self._module.backend = Statement("backend", labels or ("cloud",), part.span, part.header, inner)
        if kind == "cloud":
            refusals.arguments(inner, _CLOUD, "a block cloud", self._problems)
            refusals.blocks(inner, ("workspaces",), "a block cloud", self._problems)
            for nested in inner.of("workspaces"):
                workspaces = content_of(nested.file, nested.block.body, self._problems)
                refusals.arguments(workspaces, _WORKSPACES, "a block workspaces", self._problems)
        elif labels[0] == "local":
            refusals.arguments(inner, frozenset({"path", "workspace_dir"}), "a local backend", self._problems)
            refusals.blocks(inner, (), "a local backend", self._problems)
        elif labels[0] not in _BACKENDS:
            self._problems.error(f'There is no backend of type "{labels[0]}".', part.header)

    # -- providers --

    def _required_providers(self, part: Part, *, override: bool) -> None:
        if part.block.labels:
            self._problems.error('A block "required_providers" takes no label.', part.header)
        if self._required is not None and not override:
            at = f"The first one is at {self._required.header}."
            self._problems.error("A module has one block required_providers only.", part.header, at)
            return
        self._required = self._required or part
        body = native(part.block.body, {}, part.file, self._problems)
        content = content_of(part.file, body, self._problems)
        refusals.blocks(content, (), "a block required_providers", self._problems)
        for name, term in content.arguments.items():
            local_name(name, span_of(term.file, term.at), self._problems)
            self._module.required.add(name)
            if isinstance(term.node, syntax.Object):
                self._provider(name, term.node, term.file)
            elif isinstance(term.node, syntax.Literal) and term.node.value is not None:
                constraint(term, self._problems)
            else:
                self._problems.error("What a provider requires is an object, or a version constraint.", term.span)

    def _provider(self, name: str, wanted: syntax.Object, file: str) -> None:
        for item in wanted.items:
            term = Term(file, item.value, item.at)
            match item.key.value if isinstance(item.key, syntax.Literal) else None:
                case "source":
                    self._source(name, term)
                case "version":
                    self._version(term)
                case "configuration_aliases":
                    self._aliases(name, term)
                case _:
                    what = 'Only "source", "version" and "configuration_aliases" are expected here.'
                    self._problems.error(what, span_of(file, item.key.at))

    def _version(self, term: Term) -> None:
        if isinstance(term.node, syntax.Literal) and not isinstance(term.node.value, str):
            self._problems.error("A version constraint must be a string.", term.span)
        else:
            constraint(term, self._problems)

    def _source(self, name: str, term: Term) -> None:
        text = term.node.value if isinstance(term.node, syntax.Literal) else None
        if not isinstance(text, str):
            self._problems.error("The source of a provider must be a string that is written out.", term.span)
            return
        parts = text.split("/")
        if not 1 <= len(parts) <= 3 or not all(map(_PART.match, parts[-2:])) or not parts[0]:
            self._problems.error(f'"{text}" is no source of a provider: [HOST/][NAMESPACE/]TYPE.', term.span)
            return
        self._module.sources[name] = text

    def _aliases(self, name: str, term: Term) -> None:
        items = items_of(term.node)
        if items is None:
            self._problems.error("configuration_aliases must be a list that is written out.", term.span)
            return
        for item in items:
            at = span_of(term.file, item.at)
            key = provider_key(item)
            quoted = isinstance(item, syntax.Literal) and not term.file.endswith(".json")
            if key is None or quoted:
                self._problems.error("An alias is named as in aws.west.", at)
            elif key[0] != name:
                self._problems.error(f'An alias of "{name}" begins with its name, as in {name}.west.', at)
            else:
                self._module.proxies.add(key)


def local_name(name: str, at: Span, problems: Problems) -> None:
    """What a module may call a provider."""
    if not _PART.match(name) or name != name.lower():
        problems.error(f'No provider may have the name "{name}": lower-case letters, digits and dashes only.', at)


def constraint(term: Term, problems: Problems) -> None:
    """An argument that must be a version constraint."""
    if any(isinstance(part, syntax.Name | syntax.Call) for part in walk(term.node)):
        problems.error("A version constraint must be written out.", term.span)
        return
    text = constants.plain(term, STRING, problems)
    try:
        if isinstance(text, str):
            parsed(text)
    except InvalidConstraint as error:
        problems.error(f"{error}.", term.span)


def provider_key(node: syntax.Expression) -> ProviderKey | None:
    """`aws` or `aws.west`; None for anything else."""
    match traversal(node):
        case (str(name),):
            return (name, None)
        case (str(name), str(alias)):
            return (name, alias)
        case _:
            return None
