"""Running git: without a prompt, a hook or a pager, bounded in time, the token in the environment only."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import threading
from base64 import b64encode
from collections.abc import Collection, Mapping
from dataclasses import field
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, BinaryIO, Final, cast
from urllib.parse import urlsplit

from reconciler.errors import RepositoryError
from reconciler.records import dataclass

if TYPE_CHECKING:
    from git import Git

LOCAL_SECONDS: Final = 120.0
NETWORK_SECONDS: Final = 300.0
_OLDEST: Final = (2, 31)  # the first that takes configuration, and so the token, from the environment

_ENVIRONMENT: Final = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",  # set and empty: git asks no helper program either
    "SSH_ASKPASS_REQUIRE": "never",
    "GCM_INTERACTIVE": "never",
    "GIT_EDITOR": ":",
    "GIT_PAGER": "cat",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",  # reading must not refresh the index
    "GIT_TRACE_REDACT": "1",
}
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_CONFIG: Final = (
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    ("credential.interactive", "false"),
    ("gc.auto", "0"),
    ("http.lowSpeedLimit", "1"),
    ("http.lowSpeedTime", "60"),
    ("maintenance.auto", "false"),
    ("push.gpgSign", "false"),
)
# What a hook of another repository leaves in the environment would lead git there (`git rev-parse --local-env-vars`).
_INHERITED: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY")

_PROBLEMS: Final = (
    (r"not a git repository", "not a git repository", "run inside a clone, or name its folder"),
    (
        r"dubious ownership|unsafe repository",
        "the repository belongs to another user, so git refuses to read it",
        "if you trust it: git config --global --add safe.directory <its folder>",
    ),
    (
        r"could not read (Username|Password)|Authentication failed|HTTP Basic: Access denied|returned error: 401",
        "the remote refused the credentials",
        "set GITHUB_TOKEN to a valid token with contents: write on this repository",
    ),
    (
        r"returned error: 403|Permission to .* denied|Write access to repository not granted",
        "the credentials do not allow this",
        "give the token contents: write on this repository",
    ),
    (r"couldn't find remote ref", "the remote has no such branch", "check `git ls-remote`"),
    (
        r"Repository not found|repository '.*' not found|returned error: 404|does not appear to be a git repository",
        "the remote repository is not there or the credentials do not show it",
        "check `git remote -v` and what the token has access to",
    ),
    (
        (
            r"Could not resolve host|Failed to connect|Connection (refused|timed out|reset)|Couldn't connect|"
            r"Could not read from remote repository|early EOF|RPC failed|returned error: 5\d\d|unable to access"
        ),
        "the remote could not be reached",
        "check the network and the remote's address, then run again: nothing was lost",
    ),
    (
        (
            r"corrupt|is empty|bad object|unable to (read|stream|unpack) |inflate:|hash mismatch|missing blob|"
            r"missing tree|not a tree object|Could not read [0-9a-f]{40}|garbage at end"
        ),
        "the repository's objects are damaged or missing",
        "run `git fsck`, then fetch or clone again",
    ),
    (r"unable to create .*\.lock|Unable to create", "another git process holds a lock", "wait for it, then run again"),
    (r"No space left", "the disk is full", "free some space, then run again"),
)


def problem(operation: str, stderr: str) -> RepositoryError:
    """What git said about `operation`, as an error with a hint; secrets in it are masked."""
    said = masked(stderr).strip()
    last = next((line for line in reversed(said.splitlines()) if re.match(r"(fatal|error): ", line)), "")
    detail = re.sub(r"^(fatal|error): ", "", last or said[-400:])
    for pattern, what, hint in _PROBLEMS:
        if re.search(pattern, said, re.IGNORECASE):
            folder = re.search(r"repository at '([^']+)'", said)
            hint = hint.replace("<its folder>", folder[1]) if folder else hint
            return RepositoryError(f"{what} ({detail})" if detail else what, where=f"git {operation}", hint=hint)
    return RepositoryError(detail or "git failed and said nothing", where=f"git {operation}")


def masked(text: str) -> str:
    """`text` without the user information of URLs and without Authorization values."""
    text = re.sub(r"(\w+://)[^/\s@]+@", r"\1***@", text)
    return re.sub(r"(?i)(authorization:\s*)(\w+\s+)?\S+", r"\1***", text)


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    out: bytes
    err: str


@dataclass(slots=True)
class Runner:
    """git in `folder`. `pinned` are environment variables that hold for every command."""

    folder: Path
    pinned: Mapping[str, str] = field(default_factory=dict[str, str])
    _git: Git | None = None

    def attempt(
        self,
        *args: str,
        data: bytes = b"",
        env: Mapping[str, str] | None = None,
        config: Collection[tuple[str, str]] = (),
        seconds: float = LOCAL_SECONDS,
    ) -> Done:
        """Run `git *args` with `data` on its standard input. Raises RepositoryError where it outlasts `seconds`."""
        with tempfile.TemporaryFile() as stdin:
            stdin.write(data)
            stdin.seek(0)
            started = self.start(*args, stdin=stdin, env=env, config=config)
            try:
                out, err = started.communicate(timeout=seconds)
            except BaseException as error:
                _kill(started)
                if isinstance(error, subprocess.TimeoutExpired):
                    raise RepositoryError(
                        f"no answer within {seconds:.0f} s",
                        where=f"git {args[0]}",
                        hint="check the network and whether another git process hangs",
                    ) from None
                raise
        return Done(started.returncode, out, err.decode("utf-8", "replace"))

    def run(
        self,
        *args: str,
        data: bytes = b"",
        env: Mapping[str, str] | None = None,
        config: Collection[tuple[str, str]] = (),
        seconds: float = LOCAL_SECONDS,
    ) -> bytes:
        """As `attempt`, but raises RepositoryError where git fails; returns its standard output."""
        done = self.attempt(*args, data=data, env=env, config=config, seconds=seconds)
        if done.code != 0:
            raise problem(args[0], done.err)
        return done.out

    def text(self, *args: str, data: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        return self.run(*args, data=data, env=env).decode("utf-8", "surrogateescape").rstrip("\n")

    def start(
        self,
        *args: str,
        stdin: IO[bytes] | int,
        env: Mapping[str, str] | None = None,
        config: Collection[tuple[str, str]] = (),
    ) -> subprocess.Popen[bytes]:
        git = self._git or self._load()
        environment = {**_ENVIRONMENT, **self.pinned, **(env or {}), **_configured([*_CONFIG, *config])}
        process = git.execute(
            [git.GIT_PYTHON_GIT_EXECUTABLE or "git", *args],
            as_process=True,
            istream=cast("BinaryIO", stdin),  # handed to Popen as it is, which takes PIPE as well
            env=environment,
            start_new_session=True,  # no terminal to prompt on, and one group to end
        )
        started = cast("subprocess.Popen[bytes] | None", process.proc)  # pyright: ignore[reportUnknownMemberType]
        process.proc = None  # ours to end: the wrapper would terminate it when collected
        if started is None:
            raise RepositoryError("git did not start", where=f"git {args[0]}")
        return started

    def _load(self) -> Git:
        needed = ".".join(map(str, _OLDEST))
        missing = RepositoryError("git is not installed", hint=f"install git {needed} or newer")
        try:
            from git import Git
            from git.exc import GitCommandNotFound
        except ImportError as error:  # GitPython looks for the binary when imported
            raise missing from error
        self._git = Git(str(self.folder))
        try:
            told = self.text("version")
        except GitCommandNotFound as error:
            raise missing from error
        found = re.search(r"(\d+)\.(\d+)", told)
        if found is None or (int(found[1]), int(found[2])) < _OLDEST:
            raise RepositoryError(f"{told} is too old", hint=f"install git {needed} or newer")
        return self._git


def pinned(folder: Path) -> dict[str, str]:
    """The environment that keeps git in the repository around `folder`, where the inherited one leads elsewhere."""
    if not any(name in os.environ for name in _INHERITED):
        return {}
    for parent in (folder, *folder.parents):
        if (parent / ".git").exists():
            return {"GIT_DIR": str(parent / ".git"), "GIT_WORK_TREE": str(parent)}
    return {"GIT_DIR": str(folder)}


def pinned_to(root: Path, git_dir: Path, common_dir: Path) -> dict[str, str]:
    if not any(name in os.environ for name in _INHERITED):
        return {}
    places = (git_dir, root, common_dir, git_dir / "index", common_dir / "objects")
    return {name: str(place) for name, place in zip(_INHERITED, places, strict=True)}


def authorization(url: str, token: str | None) -> list[tuple[str, str]]:
    """Configuration that sends `token` to `url` alone, never in clear text over a network.

    Credential helpers and headers that a checkout action stored do not answer beside it.
    """
    parts = urlsplit(url)
    if not token or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)):
        return []
    basic = b64encode(f"x-access-token:{token}".encode()).decode()
    key = f"http.{url}.extraheader"
    return [("credential.helper", ""), (key, ""), (key, f"Authorization: Basic {basic}")]


def _configured(pairs: Collection[tuple[str, str]]) -> dict[str, str]:
    """`pairs` as GIT_CONFIG_* variables, after those that the environment has already."""
    inherited = os.environ.get("GIT_CONFIG_COUNT", "")
    first = int(inherited) if inherited.isdigit() else 0
    env = {"GIT_CONFIG_COUNT": str(first + len(pairs))}
    for number, (key, value) in enumerate(pairs, first):
        env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return env


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End git and its children (ssh, remote helpers), which share its process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


class Objects:
    """Blobs by id, over one `git cat-file --batch`; safe to share between threads."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Objects:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            if self._process:
                _kill(self._process)
            self._process = None

    def read(self, object_id: str) -> bytes:
        """Raises RepositoryError where the object is missing or damaged."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._process = self._runner.start("cat-file", "--batch", stdin=subprocess.PIPE)
            process = self._process
            assert process.stdin and process.stdout
            try:
                process.stdin.write(object_id.encode("ascii") + b"\n")
                process.stdin.flush()
            except BrokenPipeError:
                return self._died(process, object_id)
            header = process.stdout.readline().split()
            if len(header) == 3:
                data = process.stdout.read(int(header[2]) + 1)
                if len(data) == int(header[2]) + 1:
                    return data[:-1]
            elif header[1:] == [b"missing"]:
                raise problem("cat-file", f"fatal: missing blob {object_id}")
            return self._died(process, object_id)

    def _died(self, process: subprocess.Popen[bytes], object_id: str) -> bytes:
        self._process = None
        process.kill()
        _, err = process.communicate()
        said = err.decode("utf-8", "replace") or f"fatal: bad object {object_id}"
        raise problem("cat-file", said)
