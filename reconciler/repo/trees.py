"""Files at a commit or in the work tree, as a `SourceTree`."""

from __future__ import annotations

import os
import posixpath
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from reconciler.errors import RepositoryError
from reconciler.hcl.tree import git_blob_id
from reconciler.records import dataclass
from reconciler.repo.process import Objects, Runner

_LINK: Final = "120000"
SUBMODULE: Final = "160000"
_HOPS: Final = 40
_MOST_LINKED: Final = 100_000


@dataclass(frozen=True, slots=True)
class Entry:
    mode: str
    id: str


class GitTree:
    """The files of one commit. Blobs are read when asked for; safe to share between threads.

    A symbolic link stands for what it leads to inside the tree; one that leads outside, nowhere or in a circle is
    absent, and so is a submodule.
    """

    def __init__(self, commit: str, entries: Mapping[str, Entry], objects: Objects) -> None:
        self.commit = commit
        self.entries = entries
        self._objects = objects
        self._links = Links.of(entries, lambda path: objects.read(entries[path].id))
        self._files = self._links.files(entries)
        self._paths = tuple(sorted(self._files))

    def paths(self) -> Sequence[str]:
        return self._paths

    def read(self, path: str) -> bytes:
        return self._objects.read(self.blob_id(path))

    def blob_id(self, path: str) -> str:
        return self.entries[self._files[path]].id

    def real(self, path: str) -> str | None:
        """Where a file written to `path` would land, links followed; None where that is outside the tree."""
        return self._links.real(path)

    def is_folder(self, path: str) -> bool:
        at = bisect_left(self._paths, f"{path}/")
        return at < len(self._paths) and self._paths[at].startswith(f"{path}/")


class WorkTree:
    """The files of the work tree: tracked, and untracked where no ignore rule names them. Read once, then kept."""

    def __init__(self, root: Path, entries: Mapping[str, Entry]) -> None:
        self._root = root
        self._contents: dict[str, bytes] = {}
        self._files = Links.of(entries, lambda path: os.fsencode(_link(root / path))).files(entries)
        self._paths = tuple(sorted(self._files))

    def paths(self) -> Sequence[str]:
        return self._paths

    def read(self, path: str) -> bytes:
        real = self._files[path]
        if real not in self._contents:
            try:
                self._contents[real] = (self._root / real).read_bytes()
            except FileNotFoundError:
                raise KeyError(path) from None
            except OSError as error:
                raise RepositoryError(f"cannot be read: {error.strerror}", where=path) from error
        return self._contents[real]

    def blob_id(self, path: str) -> str:
        return git_blob_id(self.read(path))


def listed(runner: Runner, commit: str) -> dict[str, Entry]:
    """Every entry of `commit` by path."""
    found: dict[str, Entry] = {}
    for line in runner.run("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0"):
        if line:
            facts, _, path = line.partition(b"\t")
            mode, _, object_id = facts.decode("ascii").split(" ")
            found[path.decode("utf-8", "surrogateescape")] = Entry(mode, object_id)
    return found


def on_disk(runner: Runner, root: Path) -> dict[str, Entry]:
    """Every file of the work tree by path; an entry's id is its path."""
    listing = runner.run("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--full-name")
    found: dict[str, Entry] = {}
    for raw in listing.split(b"\0"):
        path = raw.decode("utf-8", "surrogateescape")
        if not path:
            continue
        if (root / path).is_symlink():
            found[path] = Entry(_LINK, path)
        elif (root / path).is_file():
            found[path] = Entry("100644", path)
    links = {path for path, entry in found.items() if entry.mode == _LINK}
    # A tracked file whose folder has become a link is gone, whatever lies behind the link.
    return {path: entry for path, entry in found.items() if not links or links.isdisjoint(folders(path))}


def folders(path: str) -> Iterator[str]:
    """Every folder that `path` is in."""
    steps = path.split("/")
    return ("/".join(steps[:n]) for n in range(1, len(steps)))


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError as error:
        raise RepositoryError(f"cannot be read: {error.strerror}", where=str(path)) from error


@dataclass(frozen=True, slots=True)
class Links:
    """The symbolic links of a tree. `paths` are all its entries, sorted."""

    targets: Mapping[str, str]
    paths: Sequence[str]

    @classmethod
    def of(cls, entries: Mapping[str, Entry], target: Callable[[str], bytes]) -> Links:
        links = [path for path, entry in entries.items() if entry.mode == _LINK]
        targets = {path: target(path).decode("utf-8", "surrogateescape") for path in links}
        return cls(targets, sorted(entries) if targets else ())

    def files(self, entries: Mapping[str, Entry]) -> dict[str, str]:
        """Every file with the path of the entry that holds it, those that links lead to included."""
        files = {path: path for path, entry in entries.items() if entry.mode not in (_LINK, SUBMODULE)}
        behind = ((link, *found) for link in self.targets for found in self.behind(link, link, ()))
        for count, (link, path, real) in enumerate(behind):
            if count > _MOST_LINKED:
                raise RepositoryError("symbolic links multiply the files of the tree without bound", where=link)
            if entries[real].mode != SUBMODULE:
                files[path] = real
        return files

    def behind(self, link: str, shown: str, above: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """What `link` leads to, as (path under `shown`, real path). `above` are the folders being shown already."""
        real = self.real(link)
        if real is None:
            return
        first = bisect_left(self.paths, real)
        if first < len(self.paths) and self.paths[first] == real:
            if real not in self.targets:
                yield shown, real
            return
        if any(folder == real or folder.startswith(f"{real}/") for folder in (*above, posixpath.dirname(shown))):
            return  # a circle
        for index in range(bisect_left(self.paths, f"{real}/"), len(self.paths)):
            path = self.paths[index]
            if not path.startswith(f"{real}/"):
                break
            inner = shown + path[len(real) :]
            if path in self.targets:
                yield from self.behind(path, inner, (*above, real))
            else:
                yield inner, path

    def real(self, path: str) -> str | None:
        """Where `path` leads, every link on the way followed; None where that is outside, the root or a circle."""
        waiting = path.split("/")[::-1]
        done: list[str] = []
        hops = 0
        while waiting:
            step = waiting.pop()
            if step == "..":
                if not done:
                    return None
                done.pop()
            elif step not in ("", "."):
                done.append(step)
                target = self.targets.get("/".join(done))
                if target is not None:
                    hops += 1
                    if hops > _HOPS or target.startswith("/"):
                        return None
                    done.pop()
                    waiting += target.split("/")[::-1]
        return "/".join(done) or None
