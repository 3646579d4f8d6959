"""An HTTP proxy before an AWS endpoint that answers wrongly on demand."""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass(slots=True)
class Fault:
    """What to do to calls whose text ("service operation path?query body") has `match`, the first `times` times.

    `kind`: "error" (status, code), "slow" (seconds), "reset", "cut" (half of the body), "cut_json" (the same, with an
    honest Content-Length), "empty" (200 without a body), "page" (status, an HTML page).
    """

    match: str
    kind: str
    times: int = 1_000_000
    status: int = 500
    code: str = "InternalError"
    seconds: float = 0
    hits: int = 0


@dataclass(slots=True)
class Faulty:
    target: str
    faults: list[Fault] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    _server: Any = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Faulty:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def add(self, match: str, kind: str, **how: Any) -> Fault:
        fault = Fault(match, kind, **how)
        self.faults.append(fault)
        return fault

    def fault_for(self, text: str) -> Fault | None:
        with self._lock:
            self.log.append(text)
            for fault in self.faults:
                if re.search(fault.match, text) and fault.hits < fault.times:
                    fault.hits += 1
                    return fault
        return None


def _handler(proxy: Faulty) -> type[BaseHTTPRequestHandler]:
    target = urlsplit(proxy.target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Quiet."""

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            operation = self.headers.get("X-Amz-Target", "").rsplit(".", 1)[-1]
            credential = re.search(r"Credential=[^/]*/\d+/[^/]+/([^/]+)/", self.headers.get("Authorization", ""))
            service = credential[1] if credential else ""
            fault = proxy.fault_for(f"{service} {operation} {self.command} {self.path} {body.decode(errors='replace')}")
            if fault and fault.kind == "slow":
                time.sleep(fault.seconds)
            if fault and fault.kind == "reset":
                self.connection.close()
                self.close_connection = True
                return
            if fault and fault.kind == "error":
                kind, content = _error(service, operation, fault.code)
                self.reply(fault.status, {"Content-Type": kind, "x-amzn-ErrorType": fault.code}, content)
                return
            if fault and fault.kind == "page":
                self.reply(fault.status, {"Content-Type": "text/html"}, b"<!doctype html>\n<h1>Broken</h1>\n")
                return
            status, headers, content = self.forward(body)
            if fault and fault.kind == "empty":
                content = b""
            if fault and fault.kind == "cut_json":
                content = content[: len(content) // 2]
            self.reply(status, headers, content, cut=bool(fault and fault.kind == "cut"))

        def forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            connection = http.client.HTTPConnection(str(target.hostname), target.port, timeout=30)
            try:
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
                kept = {k: v for k, v in answer.getheaders() if k.lower() not in _OWN}
                return answer.status, kept, answer.read()
            finally:
                connection.close()

        def reply(self, status: int, headers: dict[str, str], content: bytes, *, cut: bool = False) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content[: len(content) // 2] if cut else content)
            if cut:
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer  # noqa: N815

    return Handler


_OWN = ("content-length", "connection", "transfer-encoding", "date", "server")


def _error(service: str, operation: str, code: str) -> tuple[str, bytes]:
    """An error in the protocol that the service speaks."""
    if operation or service in ("lambda", "scheduler", "pipes", "apigateway"):
        return "application/x-amz-json-1.1", json.dumps({"__type": code, "message": "on demand"}).encode()
    error = f"<Error><Code>{code}</Code><Message>on demand</Message></Error>"
    if service == "s3":
        return "application/xml", error.encode()
    if service == "ec2":
        return "text/xml", f"<Response><Errors>{error}</Errors><RequestID>1</RequestID></Response>".encode()
    return "text/xml", f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>".encode()
