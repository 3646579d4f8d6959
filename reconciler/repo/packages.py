"""Other repositories, one commit of each: where the modules come from that code names by a git address.

Nothing is checked out: files are read from git's objects, so no hook, filter or attribute of a repository is ever
followed. Each commit is kept in a bare repository of its own, made beside its place and then moved there, so that
runs at the same time do not see half of one, and none is fetched twice.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import posixpath
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Generator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, TypeAlias
from urllib.parse import urlsplit, urlunsplit

from reconciler.errors import RepositoryError
from reconciler.hcl.tree import Mounted, SourceTree
from reconciler.records import dataclass
from reconciler.repo.process import NETWORK_SECONDS, Done, Objects, Runner, authorization, pinned_to, problem
from reconciler.repo.trees import SUBMODULE, Entry, GitTree, listed

_REMOTE: Final = "reconcile-module"  # the address goes into the environment: it may hold a password
_ASK_SECONDS: Final = 60.0
_KEEP_DAYS: Final = 30
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_QUIET: Final = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance")
_REFUSED: Final = re.compile(r"could not read (Username|Password)|Authentication failed|HTTP Basic|: 40[134]|not found")
_NESTED: Final = 10  # submodules in submodules

Allowed: TypeAlias = Callable[[str], "str | None"]
"""Why an address may not be fetched from; None where it may."""


@dataclass(frozen=True, slots=True)
class _Advertised:
    """What a remote has: commits by full name of the ref, tags peeled; `default` is the branch that its HEAD names."""

    refs: Mapping[str, str]
    default: str

    def find(self, ref: str, *, shallow: bool) -> str | None:
        """The commit that `git checkout <ref>` takes in a fresh clone (`shallow`: `git clone --branch <ref>`)."""
        if not ref:
            return self.refs.get("HEAD")
        heads = {name.removeprefix("refs/heads/"): c for name, c in self.refs.items() if name.startswith("refs/heads/")}
        if shallow:
            return heads.get(ref) or self.refs.get(f"refs/tags/{ref}")
        if ref == self.default and ref in heads:
            return heads[ref]
        here = {name: commit for name, commit in self.refs.items() if name == "HEAD" or name.startswith("refs/tags/")}
        here |= {f"refs/remotes/origin/{name}": commit for name, commit in heads.items()}
        if self.default in heads:
            here |= {"refs/remotes/origin/HEAD": heads[self.default], f"refs/heads/{self.default}": heads[self.default]}
        for form in ("%s", "refs/%s", "refs/tags/%s", "refs/heads/%s", "refs/remotes/%s", "refs/remotes/%s/HEAD"):
            if form % ref in here:
                return here[form % ref]
        return heads.get(ref)


class Packages:
    """Trees of other repositories; use it as a context manager. Safe to share between threads.

    `token` is sent, after the user's own git settings did not do, to repositories on `host` alone.
    """

    def __init__(self, folder: Path, allowed: Allowed, *, token: str | None = None, host: str = "") -> None:
        self._folder = folder
        self._allowed = allowed
        self._token, self._host = token, host
        self._lock = threading.Lock()
        self._advertised: dict[str, _Advertised | RepositoryError] = {}
        self._trees: dict[tuple[str, str], SourceTree] = {}
        self._objects: list[Objects] = []
        self._temporary: tempfile.TemporaryDirectory[str] | None = None

    @classmethod
    def default_folder(cls) -> Path:
        """Under $RECONCILE_CACHE_DIR, else $XDG_CACHE_HOME, else ~/.cache."""
        chosen = os.environ.get("RECONCILE_CACHE_DIR")
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
        return Path(chosen) / "modules" if chosen else base / "reconcile" / "modules"

    def __enter__(self) -> Packages:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        for objects in self._objects:
            objects.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def tree(self, url: str, ref: str = "", depth: int = 0) -> SourceTree:
        """The files at `ref` (a branch, tag or commit; "" is the default branch), those of its submodules included.

        A full commit id that was fetched before is not asked for again; anything else is looked up anew. Raises
        RepositoryError where the address is not allowed, does not answer or has no such ref.
        """
        return self._tree(url, ref, depth, 0)

    def _tree(self, url: str, ref: str, depth: int, level: int) -> SourceTree:
        why = self._allowed(url)
        if why is not None:
            raise RepositoryError(why)
        commit = self._commit(url, ref, depth)
        with self._lock:
            known = self._trees.get((url, commit))
        if known is None:
            known = self._read(url, commit, level)
            with self._lock:
                known = self._trees.setdefault((url, commit), known)
        return known

    # -- which commit -----------------------------------------------------------------------------------------

    def _commit(self, url: str, ref: str, depth: int) -> str:
        if _COMMIT.fullmatch(ref):
            if depth:
                raise RepositoryError("a depth is for branches and tags alone, and the ref is a commit")
            return ref
        advertised = self._refs(url)
        found = advertised.find(ref, shallow=depth > 0)
        if found is not None:
            return found
        if not ref:
            raise RepositoryError("the repository has no commits")
        if depth:
            raise RepositoryError(f"the repository has no branch or tag {ref!r}")
        return self._named_otherwise(url, ref)

    def _refs(self, url: str) -> _Advertised:
        with self._lock:
            known = self._advertised.get(url)
        if known is None:
            place = self._place()
            outside = Runner(place, {"GIT_CEILING_DIRECTORIES": str(place), **pinned_to(place, place, place)})
            try:
                known = _advertised(self._network(outside, url, "ls-remote", "--symref", _REMOTE))
            except RepositoryError as error:
                known = error
            with self._lock:
                self._advertised[url] = known
        if isinstance(known, RepositoryError):
            raise known
        return known

    def _named_otherwise(self, url: str, ref: str) -> str:
        """A shortened id, `v1~2`, what `git describe` says: only the whole history can tell."""
        if ref.startswith("-") or not ref.isprintable():
            raise RepositoryError(f"the ref {ref!r} is no name of a commit")
        short = re.fullmatch(r"[0-9a-f]{7,39}", ref)
        known = [path.name for path in self._place().glob(f"{_hashed(url)}/{ref}*")] if short else []
        if len(known) == 1:
            return known[0]
        with self._made() as (folder, runner):
            self._history(url, runner)
            done = runner.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
            if done.code != 0:
                raise RepositoryError(f"the repository has no branch, tag or commit {ref!r}")
            commit = done.out.decode("ascii").strip()
            self._keep(folder, url, commit)
        return commit

    # -- its files --------------------------------------------------------------------------------------------

    def _read(self, url: str, commit: str, level: int) -> SourceTree:
        folder = self._kept(url, commit)
        if not folder.is_dir():
            self._fetch(url, commit)
        with contextlib.suppress(OSError):
            os.utime(folder)  # in use
        runner = self._runner(folder)
        entries = listed(runner, commit)
        objects = Objects(runner)
        with self._lock:
            self._objects.append(objects)
        tree = GitTree(commit, entries, objects)
        return self._with_submodules(url, tree, entries, runner, level)

    def _with_submodules(
        self, url: str, tree: GitTree, entries: Mapping[str, Entry], runner: Runner, level: int
    ) -> SourceTree:
        """Terraform fetches them too; a module that lacks a part of itself would say something else."""
        wanted = {path: entry.id for path, entry in entries.items() if entry.mode == SUBMODULE}
        if not wanted:
            return tree
        if level == _NESTED:
            raise RepositoryError(f"submodules within submodules, more than {_NESTED} deep")
        addresses = _submodules(runner, tree.commit) if ".gitmodules" in entries else {}
        mounts: dict[str, SourceTree] = {}
        for path, commit in wanted.items():
            if path not in addresses:
                raise RepositoryError(f"the submodule {path} has no address in .gitmodules")
            try:
                mounts[path] = self._tree(_resolved(url, addresses[path]), commit, 0, level + 1)
            except RepositoryError as error:
                raise RepositoryError(f"the submodule {path}: {error.what}", hint=error.hint) from error
        return Mounted(tree, mounts)

    def _fetch(self, url: str, commit: str) -> None:
        with self._made() as (folder, runner):
            try:
                self._network(runner, url, "fetch", *_QUIET, "--depth=1", _REMOTE, commit)
            except RepositoryError as refused:
                if runner.attempt("cat-file", "-e", f"{commit}^{{commit}}").code != 0:
                    self._all_of(url, commit, runner, refused)
            self._keep(folder, url, commit)

    def _all_of(self, url: str, commit: str, runner: Runner, refused: RepositoryError) -> None:
        """Old servers give no commit by its id, and plain HTTP no part of a history."""
        if refused.where != "git fetch":
            raise refused
        self._history(url, runner)
        if runner.attempt("cat-file", "-e", f"{commit}^{{commit}}").code != 0:
            raise RepositoryError(f"the repository has no commit {commit}") from refused

    def _history(self, url: str, runner: Runner) -> None:
        """All branches and tags, named as in a clone."""
        specs = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
        head = f"refs/heads/{self._refs(url).default}"
        if head in self._refs(url).refs:
            specs.append(f"+{head}:{head}")
        self._network(runner, url, "fetch", *_QUIET, _REMOTE, *specs)
        runner.run("symbolic-ref", "HEAD", head)

    # -- git, and where it keeps things -----------------------------------------------------------------------

    def _network(self, runner: Runner, url: str, *args: str) -> bytes:
        done = self._attempt(runner, url, (), args)
        if done.code != 0 and _REFUSED.search(done.err):
            header = authorization(url, self._token) if urlsplit(url).netloc.lower() == self._host else []
            done = self._attempt(runner, url, header, args) if header else done
        if done.code != 0:
            raise problem(args[0], done.err)
        return done.out

    def _attempt(self, runner: Runner, url: str, header: Collection[tuple[str, str]], args: tuple[str, ...]) -> Done:
        schemes = ":".join(dict.fromkeys(("https", "ssh", urlsplit(url).scheme.lower())))
        env = {"GIT_ALLOW_PROTOCOL": schemes, "GIT_PROTOCOL_FROM_USER": "0"}
        if "GIT_SSH_COMMAND" not in os.environ and "GIT_SSH" not in os.environ:
            env["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes"
        config = [(f"remote.{_REMOTE}.url", url), *header]
        seconds = _ASK_SECONDS if args[0] == "ls-remote" else NETWORK_SECONDS
        return runner.attempt(*args, env=env, config=config, seconds=seconds)

    def _runner(self, folder: Path) -> Runner:
        inherited = pinned_to(folder, folder, folder)
        return Runner(folder, {"GIT_ALTERNATE_OBJECT_DIRECTORIES": "", **inherited, "GIT_DIR": str(folder)})

    @contextlib.contextmanager
    def _made(self) -> Generator[tuple[Path, Runner]]:
        """An empty repository, gone again where it was not moved to its place."""
        folder = Path(tempfile.mkdtemp(prefix="new-", dir=self._place()))
        try:
            for name in ("objects", "refs"):  # by hand: `git init` refuses to where the environment has a work tree
                (folder / name).mkdir()
            (folder / "HEAD").write_text("ref: refs/heads/none\n")
            (folder / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
            yield folder, self._runner(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _keep(self, folder: Path, url: str, commit: str) -> None:
        kept = self._kept(url, commit)
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        with contextlib.suppress(OSError):  # another run was faster, with the same
            folder.rename(kept)
        if not kept.is_dir():
            raise RepositoryError("the commit was fetched and could not be kept", where=str(kept))

    def _kept(self, url: str, commit: str) -> Path:
        return self._place() / _hashed(url) / commit

    def _place(self) -> Path:
        """The cache folder; one for this run alone where that cannot be written to."""
        with self._lock:
            if self._temporary is not None:
                return Path(self._temporary.name)
            try:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                if not os.access(self._folder, os.W_OK):
                    raise PermissionError(str(self._folder))
                _swept(self._folder)
            except OSError:
                self._temporary = tempfile.TemporaryDirectory(prefix="reconcile-")
                return Path(self._temporary.name)
            return self._folder


def _hashed(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:32]


def _swept(folder: Path) -> None:
    """Once a day, drop what nobody used for long, and what runs left that were ended. Raises OSError."""
    now, marker = time.time(), folder / "swept"
    if marker.exists() and now - marker.stat().st_mtime < 24 * 3600:
        return
    marker.touch()
    for path in (*folder.glob("new-*"), *folder.glob("*/*")):
        days = 1 if path.name.startswith("new-") else _KEEP_DAYS
        with contextlib.suppress(OSError):  # another run was faster
            if path.is_dir() and now - path.stat().st_mtime > days * 24 * 3600:
                gone = folder / f"new-gone-{path.name}"
                path.rename(gone)
                shutil.rmtree(gone, ignore_errors=True)


def _advertised(out: bytes) -> _Advertised:
    """The output of `git ls-remote --symref`."""
    refs: dict[str, str] = {}
    default = ""
    for line in out.decode("utf-8", "replace").splitlines():
        what, _, name = line.partition("\t")
        if what.startswith("ref: "):
            default = what.removeprefix("ref: refs/heads/") if name == "HEAD" else default
        else:
            refs[name.removesuffix("^{}")] = what  # a tag's commit comes after the tag
    return _Advertised(refs, default)


def _submodules(runner: Runner, commit: str) -> dict[str, str]:
    """Path -> address, as .gitmodules says."""
    out = runner.run("config", "--blob", f"{commit}:.gitmodules", "-z", "--list").decode("utf-8", "surrogateescape")
    found: dict[str, dict[str, str]] = {}
    for item in out.split("\0"):
        key, _, value = item.partition("\n")
        match = re.fullmatch(r"submodule\.(.+)\.(path|url)", key)
        if match:
            found.setdefault(match[1], {})[match[2]] = value
    return {entry["path"]: entry["url"] for entry in found.values() if len(entry) == 2}


def _resolved(url: str, address: str) -> str:
    """A submodule's address, which may be relative to that of the repository it is in."""
    scp = re.fullmatch(r"([^@/]+@[^:/]+):(?!//)(.+)", address)
    if scp:
        return f"ssh://{scp[1]}/{scp[2].lstrip('/')}"
    if not address.startswith(("./", "../")):
        return f"file://{address}" if address.startswith("/") else address
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=posixpath.normpath(posixpath.join(parts.path.rstrip("/"), address))))
