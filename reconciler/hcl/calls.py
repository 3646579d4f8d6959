"""The tree of module calls: which module each call leads to, and which provider configuration a name in it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reconciler.hcl import providers
from reconciler.hcl.content import Problems
from reconciler.hcl.functions import Unavailable
from reconciler.hcl.instances import Instance, Node
from reconciler.hcl.loading import load
from reconciler.hcl.module import CallConfig, Module, ProviderKey, ResourceConfig
from reconciler.hcl.providers import Configured
from reconciler.hcl.tree import ParseCache, SourceTree, join

MAX_CALLS: Final = 100_000
"""How many calls of modules there may be in all."""


class Calls:
    """Loads each directory once, however often it is called."""

    def __init__(
        self, tree: SourceTree, installed: Mapping[str, str], problems: Problems, cache: ParseCache | None
    ) -> None:
        self._tree = tree
        self._installed = installed
        self._problems = problems
        self._cache = cache
        self._modules: dict[str, Module] = {}

    def grow(self, root: str) -> Node:
        """The root module with everything that it calls; a call that leads nowhere is in `missing` of its caller."""
        top = Node(self._load(root))
        waiting = [top]
        calls = 0
        while waiting:
            node = waiting.pop()
            for name, call in node.module.calls.items():
                calls += 1
                found = self._called(node, call) if calls <= MAX_CALLS else f"more than {MAX_CALLS} calls of modules"
                if isinstance(found, Module):
                    node.children[name] = Node(found, (*node.path, name), node, call)
                    waiting.append(node.children[name])
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
        if call.source.startswith(("./", "../")):
            directory = join(node.module.directory, call.source)
        else:
            directory = self._installed.get(".".join((*node.path, call.name)))
            if directory is None:
                hint = "run `terraform init` in the directory of its root module"
                return f"the module {call.source} at {call.span} is not installed: {hint}"
        if any(directory == above.module.directory for above in node.above()):
            self._problems.error(f'The module in "{directory}" calls itself.', call.span)
            return f"module.{call.name} at {call.span} calls itself"
        module = None if directory.startswith("..") else self._load(directory)
        if module is None or not module.files:
            self._problems.error(f'There is no module in "{directory}".', call.span)
            return f'there is no module in "{directory}", which {call.span} calls'
        return module


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
