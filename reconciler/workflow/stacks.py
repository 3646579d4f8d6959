"""Which folders of a repository are stacks: those that `reconcile.yaml` names, else every root module."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from reconciler.config import Config, StackConfig
from reconciler.errors import ReconcilerError, UsageError
from reconciler.hcl import parse, syntax
from reconciler.hcl.tree import ParseCache, SourceTree, join
from reconciler.hcl.variables import Argument
from reconciler.records import dataclass

_SUSPECT: Final = re.compile(rb'^\s*("?provider"?|"?backend"?|"?cloud"?|"?module"?)\b', re.MULTILINE)
_CODE: Final = (".tf", ".tf.json")
_LABELS: Final = {"provider": 1, "terraform": 0, "module": 1, "backend": 1, "cloud": 0}


@dataclass(frozen=True, slots=True)
class Stack:
    """A root module: `path` is its folder from the repository root ("" is the root), `name` names its baseline."""

    name: str
    path: str
    workspace: str | None = None
    variables: tuple[Argument, ...] = ()


def find_stacks(
    tree: SourceTree, config: Config, *, cache: ParseCache | None, states: Collection[str] = (), fallback: str = "root"
) -> tuple[Stack, ...]:
    """Every stack, by name. `states`: folders with a state file beside the code; `fallback` names the root folder."""
    if config.stacks:
        return tuple(sorted(map(_configured, config.stacks), key=lambda stack: stack.name))
    roots, called = _scan(tree, cache)
    paths = sorted((roots | set(states)) - called)
    return tuple(sorted(_named(paths, fallback), key=lambda s: s.name))


def _configured(stack: StackConfig) -> Stack:
    path = "" if stack.path == "." else stack.path
    files: list[Argument] = [("var-file", join(path, name)) for name in stack.var_files]
    values: list[Argument] = [("var", f"{name}={value}") for name, value in sorted(stack.vars.items())]
    return Stack(stack.name, path, stack.workspace, (*files, *values))


def choose(stacks: tuple[Stack, ...], names: Collection[str], under: str) -> tuple[Stack, ...]:
    """The stacks that the command line means: by name, and those at, under or above the folder `under`.

    Raises UsageError where a name is no stack's, or nothing is left.
    """
    known = {stack.name for stack in stacks}
    unknown = sorted(set(names) - known)
    if unknown:
        hint = f"the stacks are: {', '.join(sorted(known))}" if known else "no folder here is a Terraform root module"
        raise UsageError(f"there is no stack {unknown[0]!r}", hint=hint)
    chosen = [stack for stack in stacks if not names or stack.name in names]
    inside = [stack for stack in chosen if not under or stack.path == under or stack.path.startswith(f"{under}/")]
    if not inside and under:  # somewhere within a stack
        inside = [stack for stack in chosen if under.startswith(f"{stack.path}/") or not stack.path]
    if not inside:
        raise UsageError(
            "there is no Terraform root module here",
            where=under or ".",
            hint="a stack is a folder with a provider or backend block, or one that reconcile.yaml lists",
        )
    return tuple(inside)


def _scan(tree: SourceTree, cache: ParseCache | None) -> tuple[set[str], set[str]]:
    """Folders with a provider or backend block, and folders that local modules are called from."""
    roots: set[str] = set()
    called: set[str] = set()
    for path in tree.paths():
        if not path.endswith(_CODE) or "/.terraform/" in f"/{path}":
            continue
        content = tree.read(path)
        if not _SUSPECT.search(content) and not path.endswith(".json"):
            continue
        folder = path.rpartition("/")[0]
        try:
            body = parse.body_of(parse.parse_file(path, content, cache, tree.blob_id(path)), _LABELS)
        except ReconcilerError:
            roots.add(folder)  # broken code is reported by the stack's own evaluation
            continue
        if any(_configures(block) for block in body.blocks):
            roots.add(folder)
        called.update(join(folder, source) for source in _local_sources(body))
    return roots, called


def _configures(block: syntax.Block) -> bool:
    if block.type == "terraform":
        inner = parse.body_of(block.body, _LABELS)
        return any(nested.type in ("backend", "cloud") for nested in inner.blocks)
    return block.type == "provider"


def _local_sources(body: syntax.Body) -> Iterator[str]:
    for block in body.blocks:
        if block.type != "module":
            continue
        for argument in parse.body_of(block.body, {}).arguments:
            match argument:
                case syntax.Argument("source", syntax.Literal(str(source))) if source.startswith(("./", "../")):
                    yield source
                case _:
                    pass


def _named(paths: list[str], fallback: str) -> Iterator[Stack]:
    """Each named by its last folder where that is unique, else by its whole path."""
    last: Mapping[str, int] = Counter(path.rpartition("/")[2] for path in paths)
    for path in paths:
        name = path.rpartition("/")[2]
        if not path:
            name = fallback
        elif last[name] > 1 or name == fallback:
            name = path.replace("/", "-")
        yield Stack(name, path)
