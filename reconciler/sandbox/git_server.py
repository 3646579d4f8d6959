"""Smart-HTTP git as a server gives it: `git http-backend` over a folder of bare repositories."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from reconciler.records import dataclass

_SECONDS = 120


@dataclass(frozen=True, slots=True)
class GitRequest:
    """`path` is below the folder of repositories: /owner/name.git/info/refs. `headers` by lower-case name."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    user: str


@dataclass(frozen=True, slots=True)
class GitAnswer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def clean_environment() -> dict[str, str]:
    """The environment without what would lead git elsewhere or make it behave as its user likes."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return env | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}


def answer(root: Path, request: GitRequest) -> GitAnswer:
    """What git says to `request`, by CGI."""
    env = clean_environment() | {
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": request.path,
        "QUERY_STRING": request.query,
        "REQUEST_METHOD": request.method,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        "REMOTE_USER": request.user,
        "REMOTE_ADDR": "127.0.0.1",
    }
    done = subprocess.run(["git", "http-backend"], input=request.body, env=env, capture_output=True, timeout=_SECONDS)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    status = 200
    headers: list[tuple[str, str]] = []
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(": ")
        if name.lower() == "status":
            status = int(value.split()[0])
        elif name:
            headers.append((name, value))
    if not headers:
        return GitAnswer(500, (("Content-Type", "text/plain"),), done.stderr or b"git http-backend said nothing")
    return GitAnswer(status, tuple(headers), body)
