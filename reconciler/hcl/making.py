"""Instances of resources and data sources: their bodies decoded, their data computed or asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Literal

from reconciler import schema
from reconciler.hcl import convert, providers, remote_state, values
from reconciler.hcl.blocks import BodyPlan, Decoder, Known, plan
from reconciler.hcl.calls import configured
from reconciler.hcl.content import Problems
from reconciler.hcl.data import PURE
from reconciler.hcl.derived import derive
from reconciler.hcl.functions import FunctionError, Unavailable
from reconciler.hcl.instances import Instance, Node, Repeated, ResourceInstance, repetition
from reconciler.hcl.module import ResourceConfig, ResourceKey
from reconciler.hcl.normal import ways_of
from reconciler.hcl.planned import on_sdk, tags_all
from reconciler.hcl.providers import Configured
from reconciler.hcl.references import Reference
from reconciler.hcl.rules import check
from reconciler.hcl.scope import Scope
from reconciler.hcl.shapes import BlockObject, configured_plain, given_children
from reconciler.hcl.suppressed import suppress
from reconciler.hcl.values import EPHEMERAL, SENSITIVE, Value
from reconciler.model import Address, Key, NoOrigin, Plain, Provider, Span
from reconciler.records import dataclass
from reconciler.resources.data_sources import DATA_SOURCES


@dataclass(frozen=True, slots=True)
class DataRequest:
    """A data source to be read live: its arguments are all known. `arguments` holds what the configuration sets."""

    address: str
    type: str
    arguments: Mapping[str, Plain]
    provider: Provider
    source: Span


@dataclass(slots=True)
class Resources:
    """Makes the instances of all resources. `prior` and `answers` are by address."""

    problems: Problems
    prior: Mapping[str, Mapping[str, Plain]]
    answers: Mapping[str, Mapping[str, Plain]]
    requests: list[DataRequest] = field(default_factory=list[DataRequest])
    _plans: dict[int, BodyPlan | Unavailable] = field(default_factory=dict[int, "BodyPlan | Unavailable"])

    def make(self, instance: Instance, config: ResourceConfig) -> Repeated[ResourceInstance]:
        """Raises ExpressionError and Unavailable where it cannot be told how many there are."""
        repeated = repetition(config.count, config.for_each, instance.scope(config.span.file))
        found: Repeated[ResourceInstance] = Repeated(repeated.kind, reason=repeated.reason)
        if repeated.items:
            maker = _Maker(self, instance, config)
            found.items = {key: maker.make(key, names) for key, names in repeated.items.items()}
        return found

    def plan_of(self, config: ResourceConfig, block: schema.Block) -> BodyPlan:
        """Raises Unavailable where the body is not what the schema wants."""
        known = self._plans.get(id(config))
        if known is None:
            before = len(self.problems.found)
            known = plan(config.content, block, self.problems, config.header, ways_of(config.type))
            if len(self.problems.found) > before:
                known = Unavailable(list(self.problems.found)[before].summary)
            self._plans[id(config)] = known
        if isinstance(known, Unavailable):
            raise known
        return known


class _Maker:
    """Makes the instances of one resource in one module instance."""

    def __init__(self, resources: Resources, instance: Instance, config: ResourceConfig) -> None:
        self._resources = resources
        self._problems = resources.problems
        self._instance = instance
        self._config = config
        self._decoder = Decoder(self._problems, kept=instance.world.ephemeral)
        mode: Literal["managed", "data"] = "managed" if config.mode == "resource" else "data"
        self._whole = Address(config.type, config.name, None, instance.steps, mode)
        self._why = NoOrigin(_why(self._whole))
        self._provider: Configured | None = None
        self._body: BodyPlan | None = None
        self._unverified: str | None = None
        try:
            self._prepare()
        except Unavailable as error:
            self._unverified = error.what

    def _prepare(self) -> None:
        """Raises Unavailable."""
        config, module = self._config, self._instance.node.module
        name = providers.local_name(config.type, config.provider)[0]
        source = providers.source_of(module, name)
        block = config.schema
        if block is None:
            what = (
                f"the type {config.type} is not known"
                if source == providers.AWS
                else f"the provider {source} is not supported"
            )
            raise Unavailable(what)
        self._body = self._resources.plan_of(config, block)
        if source == providers.AWS:
            self._provider = configured(self._instance, config, self._problems)
            self._decoder.sdk = config.mode == "resource" and on_sdk(block)
            if self._provider.provider.unknown and config.mode == "resource":
                settings = ", ".join(self._provider.provider.unknown)
                self._unverified = f"its provider's {settings} cannot be told"
        elif config.mode == "resource":
            self._unverified = f"the provider {source} is not supported"

    def make(self, key: Key, names: Mapping[str, Value]) -> ResourceInstance:
        address = replace(self._whole, key=key)
        if self._body is None:
            return ResourceInstance(self._config, address, self._opaque(address), self._provider, self._unverified)
        scope = self._instance.scope(self._config.span.file, names)
        check(self._config.preconditions, scope, str(address), self._problems)
        self._decoder.failed.clear()
        made = self._data(address, scope) if address.mode == "data" else self._managed(address, scope)
        if self._config.postconditions:
            after = scope.within({**names, "self": made.value})
            check(self._config.postconditions, after, str(address), self._problems)
        return made

    def _opaque(self, address: Address) -> Value:
        """An instance of a type without schema: what is known of it is what it is live, and might be secret."""
        known = self._resources.prior if address.mode == "managed" else self._resources.answers
        attributes = known.get(str(address))
        if self._config.mode == "ephemeral":
            return values.unknown().with_origin(self._why).marked(EPHEMERAL)
        if attributes is None:
            return values.unknown().with_origin(self._why)
        return values.from_plain(dict(attributes)).marked(SENSITIVE)

    def _decode(self, scope: Scope, prior: Mapping[str, Plain] | None) -> BlockObject:
        assert self._body is not None
        return self._decoder.decode(self._body, scope, Known(prior, self._why, exists=prior is not None))

    def _finished(self, address: Address, block: BlockObject) -> ResourceInstance:
        failed = self._decoder.failed
        unverified = self._unverified or (failed[0].what if failed else None)
        return ResourceInstance(self._config, address, Value(block.shape.type, block), self._provider, unverified)

    def _managed(self, address: Address, scope: Scope) -> ResourceInstance:
        prior = self._resources.prior.get(str(address)) if self._resources.prior else None
        block = self._decode(scope, prior)
        derive(address.type, block, exists=prior is not None)
        suppress(address.type, block, exists=prior is not None)
        if self._provider is not None and "tags_all" in block.shape.types and "tags" in block.shape.types:
            tags = block.given.get("tags")
            if not isinstance(tags, Unavailable):
                settings, defaults = self._provider.provider, self._provider.default_tags
                merged = tags_all(tags, defaults, settings, sdk=self._decoder.sdk, exists=prior is not None)
                block.given = {**block.given, "tags_all": merged}
        return self._finished(address, block)

    # -- data sources --

    def _data(self, address: Address, scope: Scope) -> ResourceInstance:
        block = self._decode(scope, None)
        if (
            not self._decoder.failed
            and not self._deferred()
            and all(_settled(v) for _, v in given_children(Value(block.shape.type, block)))
        ):
            block.prior, block.answered = self._answer(address, block), True
            if str(address) in self._resources.answers:
                block.given = _with_answer(address, block)
        return self._finished(address, block)

    def _answer(self, address: Address, block: BlockObject) -> Mapping[str, Plain] | None:
        arguments = configured_plain(Value(block.shape.type, block))
        assert isinstance(arguments, dict)
        provider = self._provider or providers.unconfigured()
        compute = PURE.get(address.type)
        if compute is not None:
            try:
                found = compute(arguments, provider)
            except FunctionError as error:
                self._problems.error(f"{address}: {error.what}.", self._config.header)
                self._decoder.failed.append(Unavailable(error.what))
                return None
            if found is not None:
                return found
        known = self._resources.answers.get(str(address))
        if known is None:
            self._resources.requests.append(
                DataRequest(str(address), address.type, arguments, provider.provider, self._config.span)
            )
        return known

    def _deferred(self) -> bool:
        """It has to wait for resources that are still to be made."""
        after = _after(self._instance.node, self._config.depends_on)
        for node in self._instance.node.above():
            if node.parent is not None and node.call is not None:
                after += _after(node.parent, node.call.depends_on)
        return any(str(made.address) not in self._resources.prior for made in after)


def _after(node: Node, targets: frozenset[Reference]) -> list[ResourceInstance]:
    """The managed resources that `depends_on` in `node` leads to."""
    found: list[ResourceInstance] = []
    for reference in targets:
        if reference.kind == "resource":
            found += _made(node, ("resource", reference.names[0], reference.names[1]))
        elif reference.kind == "module" and reference.names[0] in node.children:
            for inner in node.children[reference.names[0]].walk():
                for key in inner.module.resources:
                    found += _made(inner, key) if key[0] == "resource" else []
    return found


def _made(node: Node, key: ResourceKey) -> list[ResourceInstance]:
    repeated = [instance.resources[key] for instance in node.instances if key in instance.resources]
    return [made for several in repeated for made in several.items.values()]


def _why(address: Address) -> str:
    if address.mode == "managed" or address.type in DATA_SOURCES or address.type in (*PURE, remote_state.TYPE):
        return f"known only after apply: {address}"
    return f"the data source {address} is not read: there is no reader for {address.type} yet"


def _with_answer(address: Address, block: BlockObject) -> Mapping[str, Value | Unavailable]:
    """What is given, or what the answer has of it where that is more: the tags that chose it are not all it has."""
    answer = block.prior
    if answer is None:
        return block.given
    given = dict(block.given)
    if address.type == remote_state.TYPE:
        defaults = given.get("defaults")
        given["outputs"] = remote_state.outputs(answer, defaults if isinstance(defaults, Value) else None)
        return given
    for name, value in block.given.items():
        if isinstance(value, Value) and name in answer and values.to_plain(value) != answer[name]:
            found = convert.from_plain(answer[name], block.shape.types[name])
            given[name] = found.with_marks(values.deep_marks(value))
    return given


def _settled(value: Value) -> bool:
    return value.known and all(_settled(item) for _, item in given_children(value))
