"""A clone as the reconciler uses it: it reads commits, and writes new ones beside the work tree, never in it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from types import TracebackType
from typing import Final

from reconciler.errors import RepositoryError
from reconciler.records import dataclass
from reconciler.repo.history import LOG_FORMAT, Commit, Person, parse_log
from reconciler.repo.notes import Notes
from reconciler.repo.process import (
    NETWORK_SECONDS,
    Done,
    Objects,
    Runner,
    authorization,
    masked,
    pinned,
    pinned_to,
    problem,
)
from reconciler.repo.remote import Remote, hosted
from reconciler.repo.trees import GitTree, WorkTree, folders, listed, on_disk

BOT: Final = Person("reconcile", "reconcile@noreply.invalid")
_OURS: Final = "refs/reconcile/heads/"


class StaleBranch(RepositoryError):
    """The remote branch is no longer where it was expected: somebody else pushed."""


@dataclass(slots=True)
class Repository:
    """Open with `Repository.open`; close it, or use it as a context manager. No method changes work tree or index.

    Commits made here are kept under `refs/reconcile/heads/<branch>` until pushed, so no local branch moves.
    """

    root: Path
    shallow: bool
    _runner: Runner
    _objects: Objects
    _token: str | None = field(default=None, repr=False)

    @classmethod
    def open(cls, path: Path | str = ".", *, token: str | None = None) -> Repository:
        """The repository around `path`. `token` is sent to its HTTPS remote alone (or to HTTP on loopback)."""
        folder = Path(path).resolve()
        if not folder.exists():
            raise RepositoryError("no such folder", where=str(path))
        folder = folder if folder.is_dir() else folder.parent
        runner = Runner(folder, pinned(folder))
        done = runner.attempt("rev-parse", "--is-bare-repository", "--is-inside-work-tree", "--is-shallow-repository")
        if done.code != 0:
            error = problem("rev-parse", done.err)
            raise RepositoryError(error.what, where=str(folder), hint=error.hint)
        bare, inside, shallow = done.out.decode().split()
        if inside != "true":
            what = "a bare repository has no work tree" if bare == "true" else "inside the .git folder"
            raise RepositoryError(what, where=str(folder), hint="clone it, and run inside the clone")
        lines = runner.text("rev-parse", "--show-toplevel", "--absolute-git-dir", "--git-common-dir").split("\n")
        root, git_dir = Path(lines[0]), Path(lines[1])
        runner = Runner(root, pinned_to(root, git_dir, (folder / lines[2]).resolve()))
        return cls(root, shallow == "true", runner, Objects(runner), token or None)

    def __enter__(self) -> Repository:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._objects.close()

    # -- reading ----------------------------------------------------------------------------------------------

    def head(self) -> str:
        """The commit that is checked out. Raises RepositoryError where there is none yet."""
        return self.resolve("HEAD")

    def branch(self) -> str | None:
        """The branch that is checked out; None where HEAD is detached."""
        done = self._runner.attempt("symbolic-ref", "--quiet", "--short", "HEAD")
        return done.out.decode("utf-8", "replace").strip() if done.code == 0 else None

    def resolve(self, ref: str) -> str:
        """The id of the commit that `ref` names. Raises RepositoryError where it names none."""
        found = self.find(ref)
        if found:
            return found
        if self._runner.attempt("rev-parse", "--verify", "--quiet", "HEAD").code != 0:
            raise RepositoryError("the repository has no commits", where=str(self.root), hint="commit the code first")
        hint = "check the spelling, or fetch it first: git fetch"
        if self.shallow:
            hint = f"the clone is shallow: {_DEEPEN}"
        raise RepositoryError(f"no commit is named {ref!r}", where=str(self.root), hint=hint)

    def find(self, ref: str) -> str | None:
        """As `resolve`, but None where there is no such commit."""
        _plain(ref)
        done = self._runner.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        if done.code == 0:
            return done.out.decode("ascii").split()[-1]
        if "fatal" in done.err and "Needed a single revision" not in done.err:
            raise problem("rev-parse", done.err)
        return None

    def tree(self, ref: str = "HEAD") -> GitTree:
        """The files at a commit."""
        commit = self.resolve(ref)
        return GitTree(commit, listed(self._runner, commit), self._objects)

    def work_tree(self) -> WorkTree:
        """The files as they lie on disk: tracked ones, and untracked ones that are not ignored."""
        return WorkTree(self.root, on_disk(self._runner, self.root))

    def dirty(self) -> tuple[str, ...]:
        """Paths that differ from the commit that is checked out, untracked ones included."""
        out = self._runner.run("status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all")
        entries = out.decode("utf-8", "surrogateescape").split("\0")
        return tuple(sorted(entry[3:] for entry in entries if entry))

    def files(self, ref: str, under: str = "") -> tuple[str, ...]:
        """Paths at `ref`, all or those in the folder `under`, sorted; links and submodules left out."""
        at = listed(self._runner, self.resolve(ref))
        prefix = f"{under.rstrip('/')}/" if under else ""
        return tuple(sorted(p for p, e in at.items() if p.startswith(prefix) and e.mode.startswith("100")))

    # -- history ----------------------------------------------------------------------------------------------

    def show(self, ref: str) -> Commit:
        return self._log("-1", self.resolve(ref))[0]

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether `newer` contains `older`. Raises RepositoryError where a shallow clone cannot tell."""
        args = ("merge-base", "--is-ancestor", self.resolve(older), self.resolve(newer))
        done = self._runner.attempt(*args)
        if done.code not in (0, 1):
            raise problem("merge-base", done.err)
        if done.code == 1:
            self._needs_history()
        return done.code == 0

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor; None where there is none."""
        done = self._runner.attempt("merge-base", self.resolve(one), self.resolve(other))
        if done.code not in (0, 1):
            raise problem("merge-base", done.err)
        if done.code == 1:
            self._needs_history()
        return done.out.decode("ascii").strip() or None

    def changed(self, since: str, ref: str = "HEAD", under: str = "") -> tuple[str, ...]:
        """Paths that differ between two commits, sorted; a renamed file counts as two."""
        args = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", self.resolve(since), self.resolve(ref)]
        out = self._runner.run(*args, *(["--", under] if under else [])).decode("utf-8", "surrogateescape")
        return tuple(sorted(path for path in out.split("\0") if path))

    def last_change(self, path: str, ref: str = "HEAD") -> Commit | None:
        """The latest commit that touched `path`; None where it is in no commit of `ref`."""
        return self._one("-1", self.resolve(ref), "--", path)

    def added(self, path: str, ref: str = "HEAD", *, mainline: bool = True) -> Commit | None:
        """The commit that put `path` where it is now: on the main line (the merge), or the one on its branch."""
        line = ("--first-parent", "--diff-merges=first-parent") if mainline else ()
        return self._one("-1", *line, "--no-renames", "--diff-filter=A", self.resolve(ref), "--", path)

    def log(self, ref: str = "HEAD", *paths: str, limit: int = 100) -> tuple[Commit, ...]:
        """The latest commits, newest first, all or those that touched `paths`."""
        self._needs_history()
        return self._log(f"-{limit}", self.resolve(ref), "--", *paths)

    def _one(self, *args: str) -> Commit | None:
        found = self._log(*args)
        if self.shallow and (not found or self._at_boundary(found[0])):
            self._needs_history()
        return found[0] if found else None

    def _log(self, *args: str) -> tuple[Commit, ...]:
        return parse_log(self._runner.run("log", "-z", "--no-show-signature", "--encoding=UTF-8", LOG_FORMAT, *args))

    def _at_boundary(self, commit: Commit) -> bool:
        """Whether the clone was cut off at `commit`, so that every file seems to be added there."""
        raw = self._runner.text("cat-file", "commit", commit.id)
        return not commit.parents and "\nparent " in raw.partition("\n\n")[0]

    def _needs_history(self) -> None:
        if self.shallow:
            raise RepositoryError("the clone is shallow and this needs history", where=str(self.root), hint=_DEEPEN)

    # -- writing ----------------------------------------------------------------------------------------------

    def commit(
        self,
        branch: str,
        base: str,
        files: Mapping[str, bytes | None],
        message: str,
        *,
        author: Person = BOT,
        committer: Person | None = None,
    ) -> str:
        """A commit on `base` with `files` written (None: removed), for `branch`; returns its id. Nothing is pushed.

        Modes stay as they are; a path behind a symbolic link changes the file it leads to. Where `files` change
        nothing the commit is `base`; where `branch`, made here or fetched, is that very commit already, it is that one.
        """
        self._branch(branch)
        parent = self.tree(base)
        tree = self._written(parent, files)
        if tree == self._runner.text("rev-parse", f"{parent.commit}^{{tree}}"):
            self._runner.run("update-ref", _OURS + branch, parent.commit)
            return parent.commit
        message = message.rstrip() + "\n"
        made = self._same(branch, tree, parent.commit, message, author)
        if made is None:
            by = committer or author
            identity = {"GIT_AUTHOR_NAME": author.name, "GIT_AUTHOR_EMAIL": author.email}
            identity |= {"GIT_COMMITTER_NAME": by.name, "GIT_COMMITTER_EMAIL": by.email}
            args = ("-c", "i18n.commitEncoding=UTF-8", "commit-tree", "--no-gpg-sign", tree, "-p", parent.commit)
            made = self._runner.text(*args, "-F", "-", data=message.encode(), env=identity)
        self._runner.run("update-ref", _OURS + branch, made)
        return made

    def holds(self, ref: str, files: Mapping[str, bytes | None]) -> bool:
        """Whether the tree at `ref` has exactly these contents at these paths (None: absent)."""
        tree = self.tree(ref)
        present = set(tree.paths())
        return all(
            path not in present if content is None else path in present and tree.read(path) == content
            for path, content in files.items()
        )

    def _written(self, parent: GitTree, files: Mapping[str, bytes | None]) -> str:
        """The id of the parent's tree with `files` written into it, by way of an index of its own."""
        places = _places(parent, files)
        contents = [content for content in places.values() if content is not None]
        with tempfile.TemporaryDirectory(prefix="reconcile-") as folder:
            for number, content in enumerate(contents):
                Path(folder, str(number)).write_bytes(content)
            names = "".join(f"{Path(folder, str(number))}\n" for number in range(len(contents)))
            hashed = iter(
                self._runner.text("hash-object", "-w", "--no-filters", "--stdin-paths", data=names.encode()).split()
            )
            lines: list[str] = []
            for path, content in places.items():
                if content is None:
                    lines.append(f"0 {'0' * len(parent.commit)}\t{path}\0")
                else:
                    mode = parent.entries[path].mode if path in parent.entries else "100644"
                    lines.append(f"{mode} {next(hashed)}\t{path}\0")
            env = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
            plain = ("-c", "core.splitIndex=false", "-c", "index.sparse=false")
            self._runner.run(*plain, "read-tree", parent.commit, env=env)
            data = "".join(lines).encode("utf-8", "surrogateescape")
            self._runner.run(*plain, "update-index", "-z", "--index-info", data=data, env=env)
            return self._runner.text(*plain, "write-tree", "--missing-ok", env=env)

    def _same(self, branch: str, tree: str, parent: str, message: str, author: Person) -> str | None:
        """The commit of `branch` where it says and holds the same already."""
        refs = [_OURS + branch, *(f"refs/remotes/{name}/{branch}" for name in self._remote_names())]
        for ref in refs:
            found = self.find(ref)
            if found is not None:
                commit = self.show(found)
                same = (commit.tree, commit.parents, commit.author) == (tree, (parent,), author)
                if same and commit.message == message.rstrip("\n"):
                    return found
        return None

    # -- the remote -------------------------------------------------------------------------------------------

    def remote(self, name: str | None = None) -> Remote:
        """The remote called `name`; without it the only one, or `origin`. Raises RepositoryError without one."""
        names = self._remote_names()
        if name is None:
            name = names[0] if len(names) == 1 else "origin"
        if name not in names:
            hint = f"name one of: {', '.join(names)}" if names else "add one: git remote add origin <address>"
            raise RepositoryError(f"there is no remote {name!r}", where=str(self.root), hint=hint)
        url = self._runner.text("remote", "get-url", "--push", "--", name)
        return Remote(name, url, self._runner.text("remote", "get-url", "--", name), hosted(url))

    def default_branch(self, remote: str | None = None) -> str:
        """The branch that the remote's HEAD names: as the clone recorded it, else the remote is asked."""
        name = self.remote(remote).name
        done = self._runner.attempt("symbolic-ref", "--quiet", f"refs/remotes/{name}/HEAD")
        if done.code == 0:
            return done.out.decode().strip().removeprefix(f"refs/remotes/{name}/")
        out = self._network(name, "ls-remote", "--symref", "--", name, "HEAD").decode("utf-8", "replace")
        for line in out.splitlines():
            if line.startswith("ref: refs/heads/"):
                return line.removeprefix("ref: refs/heads/").split("\t")[0]
        raise RepositoryError("the remote has no default branch", where=name, hint="push a first commit to it")

    def remote_branches(self, under: str = "", remote: str | None = None) -> dict[str, str]:
        """Branches as the remote has them now, all or those whose name starts with `under`, with their commits."""
        name = self.remote(remote).name
        out = self._network(name, "ls-remote", "--heads", "--", name).decode("utf-8", "replace")
        pairs = (line.split("\t") for line in out.splitlines())
        heads = {ref.removeprefix("refs/heads/"): commit for commit, ref in pairs}
        return {branch: commit for branch, commit in heads.items() if branch.startswith(under)}

    def fetch(self, *branches: str, remote: str | None = None) -> None:
        """Bring the remote's branches to refs/remotes; without names those that the clone is configured for."""
        name = self.remote(remote).name
        specs = [f"+refs/heads/{self._branch(b)}:refs/remotes/{name}/{b}" for b in branches]
        quiet = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance")
        self._network(name, "fetch", *quiet, "--", name, *specs)

    def push(
        self, branch: str, expected_old: str | None, *, commit: str | None = None, remote: str | None = None
    ) -> str:
        """Set the remote's `branch` to `commit` (default: what `commit()` made for it), provided that it is at
        `expected_old` now (None: not there at all). Returns the commit; that it is there already is success.

        Raises StaleBranch where the branch has moved, RepositoryError where the remote refuses or does not answer.
        """
        made = self.resolve(commit or _OURS + self._branch(branch))
        self._pushed(branch, expected_old, made, remote)
        return made

    def delete(self, branch: str, expected_old: str, *, remote: str | None = None) -> None:
        """Remove the remote's `branch`, provided that it is at `expected_old`. That it is gone is success."""
        self._pushed(branch, expected_old, "", remote)

    def _pushed(self, branch: str, expected_old: str | None, new: str, remote: str | None) -> None:
        name = self.remote(remote).name
        ref = f"refs/heads/{self._branch(branch)}"
        lease = f"--force-with-lease={ref}:{expected_old or ''}"
        plain = ("--porcelain", "--no-verify", "--no-signed", "--no-follow-tags", "--recurse-submodules=no")
        done = self._attempt_network(name, "push", *plain, lease, "--", name, f"{new}:{ref}")
        if done.code == 0:
            return
        there = self.remote_branches(branch, name).get(branch)
        if there == (new or None):
            return  # somebody, or an earlier attempt of ours, was there first with the same
        if there != expected_old:
            found = f"at {there[:12]}" if there else "gone"
            wanted = f"at {expected_old[:12]}" if expected_old else "absent"
            raise StaleBranch(
                f"the branch {branch} is {found}, expected {wanted}",
                where=f"git push {name}",
                hint="somebody pushed to it meanwhile: fetch, look at what changed, and run again",
            )
        raise _refused(done.out.decode("utf-8", "replace"), done.err, name)

    @property
    def notes(self) -> Notes:
        """Provenance in refs/notes/reconcile; `remote()` is where it is fetched from and pushed to."""
        return Notes(self._runner, self.resolve, lambda: self.remote().name, self._attempt_network, BOT)

    def _network(self, remote: str, *args: str) -> bytes:
        done = self._attempt_network(remote, *args)
        if done.code != 0:
            raise problem(args[0], done.err)
        return done.out

    def _attempt_network(self, remote: str, *args: str) -> Done:
        there = self.remote(remote)
        config = [pair for url in {there.url, there.fetch_url} for pair in authorization(url, self._token)]
        return self._runner.attempt(*args, config=config, seconds=NETWORK_SECONDS)

    def _remote_names(self) -> list[str]:
        return self._runner.text("remote").split()

    def _branch(self, name: str) -> str:
        _plain(name)
        if self._runner.attempt("check-ref-format", f"refs/heads/{name}").code != 0:
            raise RepositoryError(f"not a branch name: {name!r}", where=str(self.root))
        return name


_DEEPEN: Final = "run `git fetch --unshallow`, or check out with fetch-depth: 0"


def _plain(ref: str) -> None:
    """Refuse what git would take for an option, a range or two names."""
    if not ref or ref.startswith("-") or ".." in ref or any(c.isspace() or not c.isprintable() for c in ref):
        raise RepositoryError(f"not a commit or branch name: {ref!r}")


def _places(parent: GitTree, files: Mapping[str, bytes | None]) -> dict[str, bytes | None]:
    """`files` by the path of the entry that each lands in; what is to be removed and is not there is left out."""
    places: dict[str, bytes | None] = {}
    for path, content in sorted(files.items()):
        steps = path.split("/")
        if any(step in ("", ".", "..") or step.lower() == ".git" for step in steps) or "\0" in path:
            raise RepositoryError("not a path of a file in the repository", where=repr(path))
        real = parent.real(path)
        if real is None:
            raise RepositoryError("a symbolic link leads outside the repository here", where=path)
        if content is None and real not in parent.entries:
            continue
        _fits(parent, path, real)
        if places.setdefault(real, content) != content:
            raise RepositoryError(f"two different contents for {real}", where=path)
    return places


def _fits(parent: GitTree, path: str, real: str) -> None:
    """Raise where writing `real` would take a submodule, a folder or a file on its way out of the tree."""
    entry = parent.entries.get(real)
    if (entry and not entry.mode.startswith("100")) or any(f in parent.entries for f in folders(real)):
        raise RepositoryError("a submodule or a file is in the way", where=path)
    if parent.is_folder(real):
        raise RepositoryError("a folder is in the way", where=path)


def _refused(out: str, err: str, remote: str) -> RepositoryError:
    """Why the remote did not take a push whose lease held."""
    rejected = re.search(r"^!\t\S+\t\[(?:remote )?rejected\] \((.*)\)$", out, re.MULTILINE)
    if rejected is None:
        return problem("push", err)
    said = [line.removeprefix("remote: ").strip() for line in err.splitlines() if line.startswith("remote: ")]
    detail = " ".join([rejected[1], *said])[:600]
    hint = "look at the branch protection and rules of the remote, or push through a pull request"
    return RepositoryError(f"the remote refused the push: {masked(detail)}", where=f"git push {remote}", hint=hint)
