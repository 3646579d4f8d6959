"""A GitHub of one's own on a free loopback port: REST API and smart-HTTP git over the same bare repositories.

It stands in for the real one in the tour and in the tests, and is as strict: what GitHub refuses it refuses.
"""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
import traceback
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from reconciler.records import dataclass
from reconciler.sandbox import git_server
from reconciler.sandbox.github_call import Answer, Call, decoded
from reconciler.sandbox.github_routes import find
from reconciler.sandbox.github_state import MergeMethod, Refused, Repo, State, User
from reconciler.sandbox.github_views import Views

_API: Final = "/api/v3"
_DOCS: Final = "https://docs.github.com/rest"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to the REST API and its answer; `path` without the API's prefix, JSON bodies decoded."""

    method: str
    path: str
    query: Mapping[str, str]
    request: Any
    status: int
    response: Any
    user: str | None


@dataclass(slots=True)
class Fault:
    """What to answer instead: to the next `times` requests whose method and path (a part of it) fit."""

    status: int
    times: int = 1
    method: str | None = None
    path: str = ""
    message: str = "Server Error"
    retry_after: int | None = None
    after: bool = False
    """Whether the request is carried out all the same, so that only its answer is lost."""

    def fits(self, method: str, path: str) -> bool:
        return self.times > 0 and self.method in (None, method) and self.path in path


class GitHubDouble:
    """Serves while open; use as a context manager. `folder` holds the repositories.

    `url` is the base of the REST API (GITHUB_API_URL), `token` that of the bot `reconcile[bot]`.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.state = State(folder)
        self.exchanges: list[Exchange] = []
        self.faults: list[Fault] = []
        self.crashes: list[str] = []
        self.lock = threading.RLock()
        self.bot = self.state.user("reconcile[bot]", "Bot")
        self.token = self.bot.token
        self._server = _Server(self, port)
        self.web = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.url = self.web + _API
        self.views = Views(self.url, self.web)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def __enter__(self) -> GitHubDouble:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()

    def create_repository(self, owner: str, name: str, default_branch: str = "main") -> str:
        """An empty repository; returns its address for `git clone` (needs a token as the password)."""
        with self.lock:
            self.state.create_repo(owner, name, default_branch)
        return self.clone_url(owner, name)

    def clone_url(self, owner: str, name: str) -> str:
        return f"{self.web}/{owner}/{name}.git"

    def git_dir(self, owner: str, name: str) -> Path:
        """The bare repository on disk."""
        return self.state.repo(owner, name).git.path

    def user_token(self, login: str) -> str:
        """The token of another user, who is made where there is none."""
        with self.lock:
            return self.state.user(login).token

    def merge(self, owner: str, name: str, number: int, method: MergeMethod = "merge", by: str = "reviewer") -> str:
        """Merge a pull request as `by` does with the button; returns the commit of the base branch.

        Raises Refused where GitHub would not merge it.
        """
        with self.lock:
            return self.state.merge(self.state.repo(owner, name), number, self.state.user(by), method)

    def protect(self, owner: str, name: str, branch: str) -> None:
        """Refuse pushes to `branch` from now on."""
        self.state.repo(owner, name).git.protect(branch)

    def fail(self, fault: Fault) -> None:
        with self.lock:
            self.faults.append(fault)

    def fault(self, method: str, path: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.fits(method, path):
                    fault.times -= 1
                    return fault
        return None

    def answer(self, method: str, path: str, query: str, authorization: str, data: bytes) -> tuple[Answer, User | None]:
        """What the REST API says; `path` without its prefix."""
        fault = self.fault(method, path)
        if fault is not None and not fault.after:
            return _failed(fault), None
        with self.lock:
            user = self.state.by_token(decoded(authorization))
            try:
                answer = self._routed(user, method, path, query, authorization, data)
            except Refused as refused:
                answer = _refusal(refused)
        return (_failed(fault) if fault else answer), user

    def _routed(self, user: User | None, method: str, path: str, query: str, authorization: str, data: bytes) -> Answer:
        if user is None:
            raise Refused(401, "Bad credentials" if authorization else "Requires authentication")
        handler, params = find(method, path)
        try:
            body = json.loads(data) if data.strip() else None
        except ValueError:
            raise Refused(400, "Problems parsing JSON") from None
        params = {name: unquote(value) for name, value in params.items()}
        url = f"{self.url}{path}"
        call = Call(self.state, self.views, user, url, params, dict(parse_qsl(query)), body)
        if "repo" in params:
            call.repo.follow()
        return handler(call)

    def pushed(self, path: str, by: User) -> None:
        """After a push: pull requests follow their branches."""
        owner, name = path.strip("/").split("/")[:2]
        with self.lock:
            self.state.repo(owner, name.removesuffix(".git")).follow(by)

    def repo(self, owner: str, name: str) -> Repo:
        return self.state.repo(owner, name)


def _failed(fault: Fault) -> Answer:
    headers = (("Retry-After", str(fault.retry_after)),) if fault.retry_after is not None else ()
    return Answer(fault.status, {"message": fault.message, "documentation_url": _DOCS}, headers)


def _refusal(refused: Refused) -> Answer:
    body: dict[str, object] = {"message": refused.message}
    if refused.errors:
        body["errors"] = refused.errors
    return Answer(refused.status, body | {"documentation_url": _DOCS, "status": str(refused.status)}, refused.headers)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, double: GitHubDouble, port: int) -> None:
        self.double = double
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End connections that clients keep alive, so that their threads end too."""
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Keep the trace of a bug of the double; a client that went away is none."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            self.double.crashes.append(traceback.format_exc())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is the standard library's
        """Nothing: results belong to standard output and progress to whoever runs the double."""

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    def _serve(self) -> None:
        data = self._body()
        path, _, query = self.path.partition("?")
        if path == _API or path.startswith(_API + "/"):
            self._rest(path.removeprefix(_API) or "/", query, data)
        elif ".git/" in path:
            self._git(path, query, data)
        else:
            self._send(404, [("Content-Type", "text/plain")], b"Not Found")

    def _rest(self, path: str, query: str, data: bytes) -> None:
        double = self.server.double
        answer, user = double.answer(self.command, path, query, self.headers.get("Authorization", ""), data)
        shown = dict(parse_qsl(query))
        sent = _json(data)
        login = user.login if user else None
        double.exchanges.append(Exchange(self.command, unquote(path), shown, sent, answer.status, answer.body, login))
        limits = [("X-RateLimit-Limit", "5000"), ("X-RateLimit-Remaining", "4999"), ("X-RateLimit-Reset", "2000000000")]
        headers = [("Content-Type", "application/json; charset=utf-8"), *limits, *answer.headers]
        self._send(answer.status, headers, b"" if answer.body is None else json.dumps(answer.body).encode())

    def _git(self, path: str, query: str, data: bytes) -> None:
        double = self.server.double
        user = double.state.by_token(decoded(self.headers.get("Authorization", "")))
        if user is None:
            return self._send(401, [("WWW-Authenticate", 'Basic realm="GitHub"')], b"")
        fault = double.fault(self.command, path)
        if fault is not None:
            return self._send(fault.status, [("Content-Type", "text/plain")], fault.message.encode())
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = git_server.GitRequest(self.command, unquote(path), query, headers, data, user.login)
        answer = git_server.answer(double.state.folder, request)
        if path.endswith("/git-receive-pack"):
            double.pushed(unquote(path), user)
        return self._send(answer.status, list(answer.headers), answer.body)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks: list[bytes] = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _json(data: bytes) -> Any:
    try:
        return json.loads(data) if data.strip() else None
    except ValueError:
        return None
