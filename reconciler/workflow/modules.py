"""Modules that are not in the repository: as `terraform init` installed them, else fetched where that is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from reconciler import terraform
from reconciler.config import FILE, Config
from reconciler.errors import RepositoryError
from reconciler.hcl import sources
from reconciler.hcl.calls import Brought, Wanted, wanted
from reconciler.hcl.tree import Mounted, Overlay, ParseCache, SourceTree, join
from reconciler.records import dataclass
from reconciler.repo import Packages

_AT_ONCE: Final = 4
_MOST_CALLS: Final = 1000
_DEEPEST: Final = 20


@dataclass(frozen=True, slots=True)
class Modules:
    """`tree` has the modules in their places, which `brought` names; `own` is the repository's alone."""

    tree: SourceTree
    own: SourceTree
    brought: Brought


def complete(
    own: SourceTree,
    root: str,
    data_dir: str,
    installed: terraform.Installed,
    packages: Packages | None,
    cache: ParseCache | None,
) -> Modules:
    """The code of the root module in `root` with every module that can be had.

    Each is where Terraform would have put it, so that `path.module` says the same. What cannot be fetched is in
    `absent` with the reason.
    """
    base = Overlay(own, installed.files) if installed.files else own
    place = join(root, join(data_dir, "modules"))
    if place.startswith(("/", "..")):  # outside of the repository
        place = join(root, join(terraform.DATA_DIR, "modules"))
    tree, found = base, Brought(installed.directories, sources=installed.sources)
    mounts: dict[str, SourceTree] = {}
    if packages is None:  # not allowed
        return Modules(base, own, found)
    for round_ in range(_DEEPEST + 1):
        calls = wanted(tree, root, found, cache)
        if not calls:
            break
        directories, absent, came_from = dict(found.directories), dict(found.absent), dict(found.sources)
        for call, fetched in _fetched(calls, packages, round_ == _DEEPEST or len(mounts) + len(calls) > _MOST_CALLS):
            if isinstance(fetched, str):
                absent[call.key] = fetched
            else:
                folder = join(place, call.key)
                mounts[folder] = fetched[0]
                directories[call.key] = join(folder, fetched[1])
                came_from.pop(call.key, None)
        tree, found = Mounted(base, mounts), Brought(directories, absent, came_from)
    return Modules(tree, own, found)


_Fetched = tuple[SourceTree, str] | str


def _fetched(calls: Sequence[Wanted], packages: Packages, too_many: bool) -> list[tuple[Wanted, _Fetched]]:
    if too_many:
        return [(call, "modules call modules without end") for call in calls]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(zip(calls, pool.map(partial(_fetch, packages), calls), strict=True))


def _fetch(packages: Packages, call: Wanted) -> _Fetched:
    """The package's tree and the folder of the module in it, or why there is none."""
    try:
        asked = sources.git_source(call.source)
        if asked is None:
            return "it is not fetched by git; run `terraform init` in the directory of its root module"
        if set(asked.folder) & set("*?["):
            return "a pattern for its folder is not supported; name the folder"
        return packages.tree(asked.url, asked.ref, asked.depth), asked.folder
    except sources.InvalidSource as error:
        return str(error)
    except RepositoryError as error:
        return f"{error.what} ({error.where})" if error.where else error.what


def refused(config: Config, url: str) -> str | None:
    """Why the configuration does not allow to fetch from `url`; None where it does."""
    if any(sources.covers(prefix, url) for prefix in config.fetch):
        return None
    return f"{FILE} does not allow to fetch from {sources.shown(url)}: name its host in modules.fetch"
