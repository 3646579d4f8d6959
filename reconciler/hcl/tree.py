"""The files that Terraform code is evaluated from: a tree at a commit, possibly edited in memory.

Paths are posix, relative to the repository root, without "." or ".." steps. Nothing here opens a file.
"""

from __future__ import annotations

import hashlib
import posixpath
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Protocol


class SourceTree(Protocol):
    """Files by path."""

    def paths(self) -> Sequence[str]:
        """All files, sorted."""
        ...

    def read(self, path: str) -> bytes:
        """Raises KeyError where there is no such file."""
        ...

    def blob_id(self, path: str) -> str:
        """git's id of the content (40 hex digits). Raises KeyError where there is no such file."""
        ...


class ParseCache(Protocol):
    """Where lowered syntax trees are kept between runs. Losing an entry costs time, never correctness."""

    def get(self, key: str) -> bytes | None: ...

    def put(self, key: str, data: bytes) -> None: ...


def git_blob_id(content: bytes) -> str:
    """The id that git gives a file of this content."""
    digest = hashlib.sha1(b"blob %d\0" % len(content), usedforsecurity=False)
    digest.update(content)
    return digest.hexdigest()


class MemoryTree:
    """A tree that is all in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = dict(files)
        self._paths = sorted(self._files)

    def paths(self) -> Sequence[str]:
        return self._paths

    def read(self, path: str) -> bytes:
        return self._files[path]

    def blob_id(self, path: str) -> str:
        return git_blob_id(self._files[path])


class Overlay:
    """A tree with some files replaced or added (bytes) or taken away (None)."""

    def __init__(self, base: SourceTree, changes: Mapping[str, bytes | None]) -> None:
        self._base = base
        self._changes = dict(changes)
        removed = {path for path, content in self._changes.items() if content is None}
        added = {path for path, content in self._changes.items() if content is not None}
        self._paths = sorted((set(base.paths()) - removed) | added)

    def paths(self) -> Sequence[str]:
        return self._paths

    def read(self, path: str) -> bytes:
        if path not in self._changes:
            return self._base.read(path)
        content = self._changes[path]
        if content is None:
            raise KeyError(path)
        return content

    def blob_id(self, path: str) -> str:
        return git_blob_id(self.read(path)) if path in self._changes else self._base.blob_id(path)


class Mounted:
    """A tree with other trees in some of its folders; what the tree itself has there is not seen."""

    def __init__(self, base: SourceTree, mounts: Mapping[str, SourceTree]) -> None:
        self._base = base
        self._mounts = dict(mounts)
        paths = [path for path in base.paths() if self._mount(path) is None]
        for folder, tree in self._mounts.items():
            paths += [path for path in (f"{folder}/{inner}" for inner in tree.paths()) if self._mount(path) == folder]
        self._paths = sorted(paths)

    def paths(self) -> Sequence[str]:
        return self._paths

    def read(self, path: str) -> bytes:
        tree, inner = self._place(path)
        return tree.read(inner)

    def blob_id(self, path: str) -> str:
        tree, inner = self._place(path)
        return tree.blob_id(inner)

    def _mount(self, path: str) -> str | None:
        """The innermost folder with a tree of its own that `path` lies in."""
        at = path.rfind("/")
        while at > 0:
            if path[:at] in self._mounts:
                return path[:at]
            at = path.rfind("/", 0, at)
        return None

    def _place(self, path: str) -> tuple[SourceTree, str]:
        folder = self._mount(path)
        return (self._base, path) if folder is None else (self._mounts[folder], path[len(folder) + 1 :])


def normal(path: str) -> str:
    """`path` without "." and ".." steps; the root is "". A path that leaves the tree starts with ".."."""
    path = posixpath.normpath(path) if path else "."
    return "" if path == "." else path


def join(directory: str, path: str) -> str:
    """`path` as seen from `directory`."""
    return normal(posixpath.join(directory, path))


def relative(path: str, start: str) -> str:
    """How `path` is reached from the directory `start`; "." where they are the same."""
    return posixpath.relpath(path or ".", start or ".")


def files_in(tree: SourceTree, directory: str) -> list[str]:
    """Names of the files directly in `directory`, sorted."""
    prefix = f"{directory}/" if directory else ""
    paths = tree.paths()
    found: list[str] = []
    for index in range(bisect_left(paths, prefix), len(paths)):
        if not paths[index].startswith(prefix):
            break
        name = paths[index][len(prefix) :]
        if "/" not in name:
            found.append(name)
    return found
