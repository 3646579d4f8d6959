"""Terraform code to desired state: `evaluate(tree, root, inputs)`. Values in, values out; no cloud, no file system."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field

from reconciler.hcl import values
from reconciler.hcl.calls import Brought
from reconciler.hcl.content import Content, Problems, content_of
from reconciler.hcl.functions import Unavailable
from reconciler.hcl.instances import Instance, Node, ResourceInstance
from reconciler.hcl.making import DataRequest
from reconciler.hcl.module import ResourceConfig
from reconciler.hcl.origins import Origins
from reconciler.hcl.providers import Configured
from reconciler.hcl.scope import ExpressionError
from reconciler.hcl.session import Session
from reconciler.hcl.shapes import BlockObject, configured_plain, sensitive_paths
from reconciler.hcl.statements import Import, Moved, Removed, Statements
from reconciler.hcl.tree import ParseCache, SourceTree, normal
from reconciler.hcl.values import SENSITIVE, Value
from reconciler.hcl.variables import Argument, constant_value
from reconciler.model import Address, Diagnostic, Gap, Plain, Provider, Resource, Span
from reconciler.records import dataclass

__all__ = ["Backend", "DataRequest", "Evaluation", "Import", "Inputs", "Moved", "Output", "Removed", "evaluate"]


@dataclass(frozen=True, slots=True)
class Inputs:
    """What an evaluation is given besides the tree.

    `arguments` are --var and --var-file in the order of the command line, `environment` may hold TF_VAR_name,
    `installed` says in which directory of the tree a module lies that is not local (by its key in modules.json, "vpc"
    or "network.vpc"), `sources` from which address it came, `absent` why it is not there. `prior` are the live
    attributes of managed resources and `data` the answers to data sources, both by address: what the configuration
    leaves to the provider is taken from them. `folder` is the name of the folder that holds the tree, which a root
    module right in it may ask for (`basename(path.cwd)`).
    """

    arguments: tuple[Argument, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    workspace: str = "default"
    prior: Mapping[str, Mapping[str, Plain]] = field(default_factory=dict[str, "Mapping[str, Plain]"])
    data: Mapping[str, Mapping[str, Plain]] = field(default_factory=dict[str, "Mapping[str, Plain]"])
    installed: Mapping[str, str] = field(default_factory=dict[str, str])
    absent: Mapping[str, str] = field(default_factory=dict[str, str])
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """`value` has UNKNOWN where it is known only after apply; `unknown` says that it has so anywhere."""

    value: Plain
    unknown: bool
    sensitive: bool


@dataclass(frozen=True, slots=True)
class Backend:
    """Where the state is. `type` is "s3", "local" …, or "cloud"; `config` holds what the block sets."""

    type: str
    config: Mapping[str, Plain]
    span: Span


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`resources` are the managed instances, parents first, by address; `gaps` are modules that could not be entered.

    `data` are the live data sources whose answers are still missing: evaluate again with them in Inputs.data.
    """

    resources: tuple[Resource, ...]
    data: tuple[DataRequest, ...]
    outputs: Mapping[str, Output]
    diagnostics: tuple[Diagnostic, ...]
    backend: Backend | None = None
    moved: tuple[Moved, ...] = ()
    imports: tuple[Import, ...] = ()
    removed: tuple[Removed, ...] = ()
    gaps: tuple[Gap, ...] = ()
    data_types: frozenset[str] = frozenset()  # of all data sources that the code has, asked for or not

    @property
    def failed(self) -> bool:
        """Something is wrong with the code."""
        return any(diagnostic.severity == "error" for diagnostic in self.diagnostics)


def evaluate(tree: SourceTree, root: str, inputs: Inputs | None = None, cache: ParseCache | None = None) -> Evaluation:
    """The desired state that the root module in the directory `root` of `tree` describes.

    What is wrong with the code is in `diagnostics`, and makes only what needs it unverified. Raises nothing for code,
    however broken.
    """
    with _collector_paused():
        return _evaluated(tree, root, inputs or Inputs(), cache)


@contextmanager
def _collector_paused() -> Generator[None]:
    """An evaluation makes a great many objects, keeps nearly all of them, and makes hardly any cycles: looking through
    them again and again for cycles takes a third of the time, and more the more there are."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _evaluated(tree: SourceTree, root: str, inputs: Inputs, cache: ParseCache | None) -> Evaluation:
    session = Session(
        tree,
        normal(root),
        workspace=inputs.workspace,
        folder=inputs.folder,
        brought=Brought(inputs.installed, inputs.absent, inputs.sources),
        prior=inputs.prior,
        answers=inputs.data,
        cache=cache,
    )
    session.run(inputs.environment, inputs.arguments)
    outputs, backend = _outputs(session), _backend(session)
    statements = Statements(session)
    moved, imports, removed = statements.moved(), statements.imports(), statements.removed()
    return Evaluation(
        tuple(_resources(session.root)),
        tuple(session.resources.requests),
        outputs,
        tuple(session.problems.found),
        backend,
        tuple(moved),
        tuple(imports),
        tuple(removed),
        tuple(session.gaps),
        _data_types(session.root),
    )


def _data_types(root: Node) -> frozenset[str]:
    return frozenset(key[1] for node in root.walk() for key in node.module.resources if key[0] == "data")


# -- resources ------------------------------------------------------------------------------------------------


def _resources(root: Node) -> Iterator[Resource]:
    for node in root.walk():
        for instance in node.instances:
            for key in sorted(node.module.resources):
                if key[0] == "resource":
                    yield from _instances_of(instance, node.module.resources[key])


def _instances_of(instance: Instance, config: ResourceConfig) -> Iterator[Resource]:
    broken = instance.broken.get(config.key)
    repeated = instance.resources.get(config.key)
    reason = broken.what if broken else repeated.reason if repeated else "it was not evaluated"
    if repeated is None or repeated.kind == "undetermined":
        address = Address(config.type, config.name, None, instance.steps)
        yield Resource(address, {}, config.span, ignore_changes=config.ignore_changes, unverified=reason)
        return
    for made in repeated.items.values():
        yield _resource(made)


def _resource(made: ResourceInstance) -> Resource:
    config, value = made.config, made.value
    block = value.raw if isinstance(value.raw, BlockObject) else None
    plain = configured_plain(value) if block is not None else {}
    assert isinstance(plain, dict)
    return Resource(
        made.address,
        plain,
        config.span,
        _provider_of(made.provider),
        Origins(value),
        frozenset(sensitive_paths(value)) if block is not None else frozenset(),
        config.ignore_changes,
        made.unverified,
    )


def _provider_of(configured: Configured | None) -> Provider:
    return configured.provider if configured is not None else Provider()


# -- the rest -------------------------------------------------------------------------------------------------


def _outputs(session: Session) -> dict[str, Output]:
    found: dict[str, Output] = {}
    for name, config in session.root.module.outputs.items():
        value = session.top.outputs.get(name)
        if not isinstance(value, Value):
            found[name] = Output(None, unknown=True, sensitive=config.sensitive)
            continue
        try:
            plain = values.to_plain(value)
            secret = SENSITIVE in values.deep_marks(value)
            known = values.wholly_known(value)
        except Unavailable:
            found[name] = Output(None, unknown=True, sensitive=config.sensitive)
            continue
        if secret and not config.sensitive:
            what = f'The output "{name}" holds a sensitive value, so it must say `sensitive = true`.'
            session.problems.error(what, config.span)
        found[name] = Output(plain, not known, secret)
    return found


def _backend(session: Session) -> Backend | None:
    statement = session.root.module.backend
    if statement is None:
        return None
    content = statement.content
    config = _constants(content, session.problems)
    for part in content.blocks:
        config[part.block.type] = _constants(content_of(part.file, part.block.body, session.problems), session.problems)
    return Backend(statement.labels[0], config, statement.span)


def _constants(content: Content, problems: Problems) -> dict[str, Plain]:
    found: dict[str, Plain] = {}
    for name, term in content.arguments.items():
        try:
            found[name] = values.to_plain(constant_value(term.node, term.file))
        except ExpressionError as error:
            problems.error(error.what, error.span)
    return found
