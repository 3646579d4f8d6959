"""The bare repository behind a repository of the double: what GitHub does with git on its side."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import field
from functools import cached_property
from pathlib import Path
from typing import Final

from reconciler.errors import ReconcilerError
from reconciler.records import dataclass
from reconciler.sandbox.git_server import clean_environment

NOBODY: Final = "GitHub", "noreply@github.com"
_HOOK: Final = """#!/bin/sh
if grep -qxF "$1" "$GIT_DIR/protected" 2>/dev/null; then
  echo "error: GH006: Protected branch update failed for $1." >&2
  exit 1
fi
"""
_FORMAT: Final = "%x00".join(("%H", "%T", "%P", "%an", "%ae", "%aI", "%cn", "%ce", "%cI", "%B"))


class Conflict(Exception):
    """The two sides cannot be merged."""


@dataclass(frozen=True, slots=True)
class GitCommit:
    sha: str
    tree: str
    parents: tuple[str, ...]
    author: tuple[str, str, str]
    committer: tuple[str, str, str]
    message: str


@dataclass(frozen=True, slots=True)
class GitEntry:
    mode: str
    type: str
    sha: str
    size: int | None
    path: str


@dataclass(frozen=True, slots=True)
class GitChange:
    """A file that differs; `patch` is the unified diff from its first hunk on, "" for a binary file."""

    path: str
    status: str
    sha: str
    additions: int
    deletions: int
    patch: str


@dataclass
class BareRepository:
    path: Path
    _commits: dict[str, GitCommit] = field(default_factory=dict[str, GitCommit])
    _mergeable: dict[tuple[str, str], bool] = field(default_factory=dict[tuple[str, str], bool])

    @classmethod
    def create(cls, path: Path, default_branch: str) -> BareRepository:
        path.parent.mkdir(parents=True, exist_ok=True)
        made = cls(path)
        made._git("init", "--quiet", "--bare", f"--initial-branch={default_branch}", str(path), cwd=path.parent)
        for key, value in (("http.receivepack", "true"), ("receive.autogc", "false"), ("gc.auto", "0")):
            made._git("config", key, value)
        made._git("config", "uploadpack.allowAnySHA1InWant", "true")
        hook = path / "hooks" / "update"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(_HOOK)
        hook.chmod(0o755)
        return made

    def protect(self, branch: str) -> None:
        """Refuse pushes to `branch` from now on, as a protected branch does."""
        with (self.path / "protected").open("a") as listing:
            listing.write(f"refs/heads/{branch}\n")

    # -- reading ----------------------------------------------------------------------------------------------

    def refs(self, under: str = "refs/") -> dict[str, str]:
        out = self._text("for-each-ref", "--format=%(refname) %(objectname)", under)
        return dict(line.split(" ") for line in out.splitlines())

    def branches(self) -> dict[str, str]:
        return {ref.removeprefix("refs/heads/"): sha for ref, sha in self.refs("refs/heads/").items()}

    def resolve(self, name: str) -> str | None:
        """The commit that a branch, tag, full ref or id names."""
        for ref in (f"refs/heads/{name}", f"refs/tags/{name}", name):
            done = self._attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
            if done.returncode == 0:
                return done.stdout.decode().split()[-1]
        return None

    def kind(self, sha: str) -> str | None:
        done = self._attempt("cat-file", "-t", sha)
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def blob(self, sha: str) -> bytes:
        return self._git("cat-file", "blob", sha)

    def commit(self, sha: str) -> GitCommit:
        if sha not in self._commits:
            self.log(sha, limit=1)
        return self._commits[sha]

    def log(self, *revisions: str, limit: int = 1000, path: str | None = None) -> list[GitCommit]:
        """Newest first."""
        args = ["log", "-z", f"-{limit}", f"--format=tformat:{_FORMAT}", *revisions]
        fields = self._text(*args, "--", *([path] if path else [])).split("\0")
        found: list[GitCommit] = []
        for at in range(0, len(fields) - 9, 10):
            sha, tree, parents, *people, message = fields[at : at + 10]
            author, committer = (people[0], people[1], people[2]), (people[3], people[4], people[5])
            found.append(GitCommit(sha, tree, tuple(parents.split()), author, committer, message.rstrip("\n")))
        self._commits.update({commit.sha: commit for commit in found})
        return found

    def tree(self, sha: str, *, recursive: bool = False) -> list[GitEntry]:
        out = self._text("ls-tree", "-z", "--long", *(["-r", "-t"] if recursive else []), sha)
        found: list[GitEntry] = []
        for line in out.split("\0"):
            if line:
                facts, _, path = line.partition("\t")
                mode, kind, object_id, size = facts.split()
                found.append(GitEntry(mode, kind, object_id, None if size == "-" else int(size), path))
        return found

    def at(self, commit: str, path: str) -> tuple[str, str] | None:
        """(type, id) of what `path` is at `commit`."""
        done = self._attempt("rev-parse", "--verify", "--quiet", f"{commit}:{path}")
        if done.returncode != 0:
            return None
        sha = done.stdout.decode().strip()
        return (self.kind(sha) or "", sha)

    def merge_base(self, one: str, other: str) -> str | None:
        done = self._attempt("merge-base", one, other)
        return done.stdout.decode().strip() or None

    def contains(self, newer: str, older: str) -> bool:
        return self._attempt("merge-base", "--is-ancestor", older, newer).returncode == 0

    def count(self, revisions: str) -> int:
        return int(self._text("rev-list", "--count", revisions))

    def changes(self, base: str, head: str) -> list[GitChange]:
        """Files that differ between two commits, with their patches."""
        common = ("diff-tree", "-r", "-z", "--no-renames", base, head)
        raw = self._text(*common, "--raw", "--abbrev=40").split("\0")
        counts = {
            line.split("\t")[2]: line.split("\t") for line in self._text(*common, "--numstat").split("\0") if line
        }
        names = {"A": "added", "D": "removed", "M": "modified", "T": "changed"}
        found: list[GitChange] = []
        for facts, path in zip(raw[::2], raw[1::2], strict=False):
            _, _, old, new, letter = facts.split(" ")
            added, deleted, _ = counts[path]
            diff = self._text("diff-tree", "-p", "--no-renames", base, head, "--", path)
            at = diff.find("\n@@ ")
            sha = new if letter[0] != "D" else old
            patch = diff[at + 1 :] if at >= 0 else ""
            numbers = (int(added), int(deleted)) if added != "-" else (0, 0)
            found.append(GitChange(path, names[letter[0]], sha, *numbers, patch))
        return found

    # -- writing ----------------------------------------------------------------------------------------------

    def set_ref(self, ref: str, new: str, old: str | None = None) -> bool:
        """Whether `ref` could be set: with `old` only from there."""
        return self._attempt("update-ref", ref, new, *([old] if old is not None else [])).returncode == 0

    def delete_ref(self, ref: str) -> bool:
        return self._attempt("update-ref", "-d", ref).returncode == 0

    def mergeable(self, base: str, head: str) -> bool:
        if (base, head) not in self._mergeable:
            try:
                self.merged_tree(base, head)
            except Conflict:
                self._mergeable[base, head] = False
            else:
                self._mergeable[base, head] = True
        return self._mergeable[base, head]

    def merged_tree(self, base: str, head: str) -> str:
        """The tree of a three-way merge. Raises Conflict."""
        done = self._attempt("merge-tree", "--write-tree", "--no-messages", base, head)
        if done.returncode == 1:
            raise Conflict
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip()
            raise ReconcilerError(f"git merge-tree failed: {said[:300]}", hint="the sandbox needs git 2.38 or newer")
        return done.stdout.decode().split()[0]

    def new_commit(self, tree: str, parents: list[str], message: str, author: tuple[str, str]) -> str:
        env = {"GIT_AUTHOR_NAME": author[0], "GIT_AUTHOR_EMAIL": author[1]}
        env |= {"GIT_COMMITTER_NAME": NOBODY[0], "GIT_COMMITTER_EMAIL": NOBODY[1]}
        args = [arg for parent in parents for arg in ("-p", parent)]
        return self._git("commit-tree", tree, *args, "-F", "-", data=message.encode(), env=env).decode().strip()

    def rebased(self, base: str, head: str) -> str:
        """`head`'s own commits replayed onto `base`. Raises Conflict."""
        folder = Path(tempfile.mkdtemp(prefix="rebase-", dir=self.path.parent))
        env = {"GIT_COMMITTER_NAME": NOBODY[0], "GIT_COMMITTER_EMAIL": NOBODY[1]}
        try:
            self._git("worktree", "add", "--quiet", "--detach", str(folder / "tree"), base)
            done = self._attempt("cherry-pick", "--allow-empty", f"{base}..{head}", cwd=folder / "tree", env=env)
            if done.returncode != 0:
                raise Conflict
            return self._git("rev-parse", "HEAD", cwd=folder / "tree").decode().strip()
        finally:
            shutil.rmtree(folder)
            self._git("worktree", "prune")

    @cached_property
    def _environment(self) -> dict[str, str]:
        return clean_environment()

    def _text(self, *args: str) -> str:
        return self._git(*args).decode("utf-8", "replace")

    def _git(self, *args: str, data: bytes = b"", env: dict[str, str] | None = None, cwd: Path | None = None) -> bytes:
        done = self._attempt(*args, data=data, env=env, cwd=cwd)
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip()
            raise ReconcilerError(f"git {args[0]} failed in the sandbox: {said[:400]}")
        return done.stdout

    def _attempt(
        self, *args: str, data: bytes = b"", env: dict[str, str] | None = None, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        environment = self._environment | (env or {})
        where = cwd or self.path
        return subprocess.run(["git", *args], cwd=where, env=environment, input=data, capture_output=True, timeout=120)
