"""Provenance beside the commits: `refs/notes/reconcile`, one record a line.

Notes are absent from a fresh clone and two runs may write at once, so `push` merges what others wrote and tries again.
A merge keeps every line of both sides, sorted, so a record must be a line that makes sense by itself (JSON).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from reconciler.errors import RepositoryError
from reconciler.records import dataclass
from reconciler.repo.history import Person
from reconciler.repo.process import Done, Runner, problem

REF: Final = "refs/notes/reconcile"
_INCOMING: Final = "refs/notes/reconcile-incoming"
_ATTEMPTS: Final = 8


@dataclass(frozen=True, slots=True)
class Notes:
    _runner: Runner
    _resolve: Callable[[str], str]
    _remote: Callable[[], str]
    _network: Callable[..., Done]
    _person: Person

    def read(self, ref: str) -> tuple[str, ...]:
        """The records of a commit; none where it has no note."""
        commit = self._resolve(ref)
        done = self._runner.attempt("notes", f"--ref={REF}", "show", commit)
        if done.code == 0:
            return tuple(line for line in done.out.decode("utf-8", "replace").splitlines() if line)
        if "no note found" in done.err.lower():
            return ()
        raise problem("notes", done.err)

    def append(self, ref: str, record: str) -> None:
        """Add a record (one line) to a commit; a record that is there already is not repeated."""
        if not record.strip() or len(record.splitlines()) != 1:
            raise ValueError("a record is one line")
        commit = self._resolve(ref)
        records = self.read(commit)
        if record not in records:
            text = "\n".join([*records, record]) + "\n"
            args = ("notes", f"--ref={REF}", "add", "--force", "-F", "-", commit)
            self._runner.run(*args, data=text.encode(), env=self._identity())

    def fetch(self) -> None:
        """Bring the remote's notes here and merge them with ours. A remote without notes is fine."""
        remote = self._remote()
        quiet = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance")
        done = self._network(remote, "fetch", *quiet, "--", remote, f"+{REF}:{_INCOMING}")
        if done.code != 0:
            if "couldn't find remote ref" in done.err:
                return
            raise problem("fetch", done.err)
        if self._runner.attempt("show-ref", "--verify", "--quiet", REF).code != 0:
            self._runner.run("update-ref", REF, _INCOMING)
        else:
            merge = ("notes", f"--ref={REF}", "merge", "--quiet", "-s", "cat_sort_uniq", _INCOMING)
            self._runner.run(*merge, env=self._identity())
        self._runner.run("update-ref", "-d", _INCOMING)

    def push(self) -> None:
        """Send our notes to the remote, merging what others sent meanwhile. Raises RepositoryError where that fails."""
        remote = self._remote()
        for _ in range(_ATTEMPTS):
            self.fetch()
            if self._runner.attempt("show-ref", "--verify", "--quiet", REF).code != 0:
                return  # nothing to send
            plain = ("--porcelain", "--no-verify", "--no-signed", "--no-follow-tags", "--recurse-submodules=no")
            done = self._network(remote, "push", *plain, "--", remote, f"{REF}:{REF}")
            if done.code == 0:
                return
            if not any(
                said in done.out
                for said in (b"(fetch first)", b"(non-fast-forward)", b"failed to ", b"(cannot lock ref")
            ):
                raise problem("push", done.err)
        raise RepositoryError(
            f"others pushed notes at the same time, {_ATTEMPTS} times in a row",
            where=f"git push {remote} {REF}",
            hint="run again: the notes are kept here until then",
        )

    def _identity(self) -> dict[str, str]:
        name, email = self._person.name, self._person.email
        return {
            "GIT_AUTHOR_NAME": name,
            "GIT_AUTHOR_EMAIL": email,
            "GIT_COMMITTER_NAME": name,
            "GIT_COMMITTER_EMAIL": email,
        }
