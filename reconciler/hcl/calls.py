"""The tree of module calls: which module each call leads to, and which provider configuration a name in it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Final

from reconciler.hcl import providers, sources
from reconciler.hcl.content import Problems
from reconciler.hcl.functions import Unavailable
from reconciler.hcl.instances import Instance, Node
from reconciler.hcl.loading import load
from reconciler.hcl.module import CallConfig, Module, ProviderKey, ResourceConfig
from reconciler.hcl.providers import Configured
from reconciler.hcl.tree import ParseCache, SourceTree, join
from reconciler.model import Span
from reconciler.records import dataclass

MAX_CALLS: Final = 100_000
"""How many calls of modules there may be in all."""

_BUCKETS: Final = ("s3::", "gcs::")  # whose short forms Terraform writes down in other words


@dataclass(frozen=True, slots=True)
class Brought:
    """Modules that are not local, by key ("vpc", "network.vpc"): in which directory of the tree each of them lies, or
    (`absent`) why it is not there. `sources`: the addresses that they came from, where that is known."""

    directories: Mapping[str, str] = field(default_factory=dict[str, str])
    absent: Mapping[str, str] = field(default_factory=dict[str, str])
    sources: Mapping[str, str] = field(default_factory=dict[str, str])

    def directory(self, key: str, source: str) -> str | None:
        """Where the module is that a call of `source` leads to; None where it is not there, or another one is."""
        return None if self.changed(key, source) else self.directories.get(key)

    def changed(self, key: str, source: str) -> bool:
        """The module that is there came from somewhere else. Raises InvalidSource."""
        recorded = self.sources.get(key)
        if recorded is None or recorded == source:
            return False
        found = sources.address(source)
        return not found.startswith(_BUCKETS) and _address(recorded) != found


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call of a module that is not in the tree."""

    key: str
    source: str
    span: Span


def wanted(tree: SourceTree, root: str, brought: Brought, cache: ParseCache | None) -> list[Wanted]:
    """The calls that lead nowhere yet, of the root module in `root` and of every module that is there."""
    found: list[Wanted] = []
    for node in Calls(tree, brought, Problems(), cache).grow(root).walk():
        for name in node.missing:
            call, key = node.module.calls[name], ".".join((*node.path, name))
            if call.source and _fetchable(call.source) and brought.directory(key, call.source) is None:
                found.append(Wanted(key, call.source, call.source_span))
    return [call for call in found if call.key not in brought.absent]


def _fetchable(source: str) -> bool:
    try:
        sources.address(source)
    except sources.InvalidSource:
        return False
    return not sources.is_local(source)


def _address(recorded: str) -> str:
    """Older versions of Terraform wrote down what the code said."""
    try:
        return sources.address(recorded)
    except sources.InvalidSource:
        return recorded


class Calls:
    """Loads each directory once, however often it is called."""

    def __init__(self, tree: SourceTree, brought: Brought, problems: Problems, cache: ParseCache | None) -> None:
        self._tree = tree
        self._brought = brought
        self._problems = problems
        self._cache = cache
        self._modules: dict[str, Module] = {}
        self._packages: dict[Node, str] = {}

    def grow(self, root: str) -> Node:
        """The root module with everything that it calls; a call that leads nowhere is in `missing` of its caller."""
        top = Node(self._load(root))
        self._packages = {top: ""}
        waiting = [top]
        calls = 0
        while waiting:
            node = waiting.pop()
            for name, call in node.module.calls.items():
                calls += 1
                found = self._called(node, call) if calls <= MAX_CALLS else f"more than {MAX_CALLS} calls of modules"
                if isinstance(found, Module):
                    child = node.children[name] = Node(found, (*node.path, name), node, call)
                    self._packages[child] = self._package(node, call, found.directory)
                    waiting.append(child)
                else:
                    node.missing[name] = found
        return top

    def _load(self, directory: str) -> Module:
        if directory not in self._modules:
            self._modules[directory] = load(self._tree, directory, self._problems, self._cache)
        return self._modules[directory]

    def _called(self, node: Node, call: CallConfig) -> Module | str:
        """The module that is called, or why it is not there."""
        if call.source is None:
            return f"module.{call.name} at {call.span} has no source"
        directory: str | None
        if sources.is_local(call.source):
            directory = join(node.module.directory, call.source.replace("\\", "/"))
            package = self._packages[node]
            if package and directory != package and not directory.startswith(f"{package}/"):
                self._problems.error(f'The module "{call.source}" leads outside of the package.', call.source_span)
                return f"module.{call.name} at {call.source_span} leads outside of the package"
        else:
            directory = self._outside(node, call, call.source)
            if directory is None:
                return self._absent(node, call, call.source)
        if any(directory == above.module.directory for above in node.above()):
            self._problems.error(f'The module in "{directory}" calls itself.', call.span)
            return f"module.{call.name} at {call.span} calls itself"
        module = None if directory.startswith("..") else self._load(directory)
        if module is None or not module.files:
            self._problems.error(f'There is no module in "{directory}".', call.span)
            return f'there is no module in "{directory}", which {call.span} calls'
        return module

    def _outside(self, node: Node, call: CallConfig, source: str) -> str | None:
        try:
            sources.address(source)
        except sources.InvalidSource as error:
            self._problems.error(f"{str(error)[0].upper()}{str(error)[1:]}.", call.source_span)
            return None
        return self._brought.directory(_key(node, call), source)

    def _absent(self, node: Node, call: CallConfig, source: str) -> str:
        what = f"the module {sources.shown(source)} at {call.source_span}"
        why = self._brought.absent.get(_key(node, call))
        if why is not None:
            return f"{what} is not there: {why}"
        hint = "run `terraform init` in the directory of its root module"
        recorded = self._brought.sources.get(_key(node, call))
        if recorded is not None:
            return f"{what} is not installed, but {sources.shown(recorded)} is: {hint}"
        return f"{what} is not installed: {hint}"

    def _package(self, node: Node, call: CallConfig, directory: str) -> str:
        """The folder that local modules within what `call` leads to may not leave; "" is the repository."""
        if call.source is None or sources.is_local(call.source):
            return self._packages[node]
        folder = sources.folder_of(call.source)
        return directory.removesuffix(f"/{folder}") if folder else directory


def _key(node: Node, call: CallConfig) -> str:
    """As modules.json has it."""
    return ".".join((*node.path, call.name))


# -- providers ------------------------------------------------------------------------------------------------


def provider_config(node: Node, key: ProviderKey) -> tuple[Node, ProviderKey] | None:
    """Where the configuration that `key` names in `node` stands; None where there is none."""
    while node.parent is not None and node.call is not None:
        passed = node.call.providers.get(key)
        if passed is not None:
            key = passed
        elif key in node.module.providers:
            return node, key
        elif key[1] is not None:
            return None
        else:
            key = (_same_provider(node, node.parent, key[0]), None)
        node = node.parent
    return (node, key) if key in node.module.providers else None


def _same_provider(node: Node, outer: Node, name: str) -> str:
    """What the caller of `node` calls the provider that is `name` in it."""
    source = providers.source_of(node.module, name)
    named = [local for local in outer.module.sources if providers.source_of(outer.module, local) == source]
    return named[0] if named and name not in named else name


def configured(instance: Instance, config: ResourceConfig, problems: Problems) -> Configured:
    """The provider of a resource. Raises Unavailable where its configuration cannot be had."""
    key = providers.local_name(config.type, config.provider)
    found = provider_config(instance.node, key)
    if found is None:
        if key[1] is None:
            return providers.unconfigured(key[0])
        problems.error(f"There is no provider {key[0]}.{key[1]}.", config.header)
        raise Unavailable(f"there is no provider {key[0]}.{key[1]}")
    node, own_key = found
    holder: Instance | None = instance
    while holder is not None and holder.node is not node:
        holder = holder.parent
    configuration = holder.providers.get(own_key) if holder else None
    if isinstance(configuration, Unavailable):
        raise Unavailable(f"its provider cannot be configured: {configuration.what}")
    if configuration is None:
        raise Unavailable(f"its provider {key[0]} was not configured")
    return configuration


def check_providers(root: Node, problems: Problems) -> None:
    """Configurations of providers that are named must be there, be it for what has no instances."""
    for name, alias in sorted(
        (key for key in root.module.proxies if key[1] and key not in root.module.providers), key=str
    ):
        problems.error(f"The root module wants a provider {name}.{alias} passed to it, but nobody calls it.")
    for node in root.walk():
        for config in node.module.resources.values():
            key = config.provider
            if key is not None and key[1] is not None and provider_config(node, key) is None:
                problems.error(f"There is no provider {key[0]}.{key[1]}.", config.header)
        for child in node.children.values():
            _check_passed(node, child, problems)


def _check_passed(node: Node, child: Node, problems: Problems) -> None:
    assert child.call is not None
    passed, module = child.call.providers, node.module
    for name, alias in child.module.proxies:
        if alias is not None and (name, alias) not in passed and (name, alias) not in child.module.providers:
            what = f'The module "{child.call.name}" wants a provider {name}.{alias} passed to it.'
            problems.error(what, child.call.span)
    handed = node.call.providers if node.call is not None else dict[ProviderKey, ProviderKey]()
    for name, alias in passed.values():
        key = (name, alias)
        if alias is not None and key not in module.providers and key not in module.proxies and key not in handed:
            problems.error(f"There is no provider {name}.{alias} to be passed on.", child.call.span)
