"""An AWS endpoint on a free loopback port: moto in a child process, counting calls, able to add latency.

Run as a module it serves: `python -m reconciler.sandbox.aws_endpoint PORT`. Beside AWS it answers GET /__counts,
POST /__reset (forgets the counts) and POST /__delay?ms=N.
"""

from __future__ import annotations

import collections
import http.client
import io
import json
import logging
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs

from reconciler.errors import ReconcilerError

_HOST = "127.0.0.1"
# What moto lacks and provider 5 asks for: when it plans, and after it created.
_ANSWERS = {
    "application-autoscaling:ListTagsForResource": b'{"Tags":{}}',
    "states:ValidateStateMachineDefinition": b'{"result":"OK","diagnostics":[],"truncated":false}',
    "states:ListStateMachineVersions": b'{"stateMachineVersions":[]}',
}


class AwsEndpoint:
    """A running endpoint; use as a context manager. `url` is what boto3 and the provider take as endpoint."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://{_HOST}:{self.port}"
        # A file, for nobody reads along: a pipe that is full would stop the child.
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "reconciler.sandbox.aws_endpoint", str(self.port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
        )
        try:
            self._await()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> AwsEndpoint:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Of the process that serves."""
        return self._process.pid

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._said.close()

    def counts(self) -> dict[str, int]:
        """Calls since the last reset, by "service:Operation" (REST services: by method and path)."""
        return json.loads(self._ask("GET", "/__counts"))

    def reset_counts(self) -> None:
        self._ask("POST", "/__reset")

    def delay(self, milliseconds: float) -> None:
        """Every call from now on takes this much longer."""
        self._ask("POST", f"/__delay?ms={milliseconds}")

    def _await(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                self._said.seek(0)
                said = self._said.read().decode(errors="replace")
                hint = "install the sandbox extra: pip install 'reconciler[sandbox]'" if "moto" in said else None
                raise ReconcilerError(f"the AWS endpoint did not start: {said.strip()[-400:]}", hint=hint)
            try:
                self._ask("GET", "/__counts")
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise ReconcilerError(f"the AWS endpoint did not answer within {seconds:.0f} s")

    def _ask(self, method: str, path: str) -> bytes:
        connection = http.client.HTTPConnection(_HOST, self.port, timeout=10)
        try:
            connection.request(method, path)
            return connection.getresponse().read()
        finally:
            connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


class _Counted:
    """WSGI middleware around moto; one call at a time, for moto is not safe for concurrent writers."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._one_at_a_time = threading.Lock()
        self._lock = threading.Lock()
        self._counts: collections.Counter[str] = collections.Counter()
        self._delay = 0.0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        path = environ.get("PATH_INFO", "")
        if path.startswith("/__"):
            return self._control(path, environ, start_response)
        operation = _operation(environ, path)
        with self._lock:
            self._counts[operation] += 1
        if self._delay:
            time.sleep(self._delay)
        if operation in _ANSWERS:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            return _answer(start_response, _ANSWERS[operation], "x-amz-json-1.0")
        with self._one_at_a_time:
            return self._inner(environ, start_response)

    def _control(self, path: str, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        with self._lock:
            if path == "/__reset":
                self._counts.clear()
            elif path == "/__delay":
                self._delay = float(parse_qs(environ.get("QUERY_STRING", ""))["ms"][0]) / 1000
            return _answer(start_response, json.dumps(self._counts).encode(), "json")


def _answer(start_response: Any, body: bytes, kind: str) -> list[bytes]:
    start_response("200 OK", [("Content-Type", f"application/{kind}"), ("Content-Length", str(len(body)))])
    return [body]


def _operation(environ: dict[str, Any], path: str) -> str:
    signed = re.search(r"Credential=[^/]*/\d+/[^/]+/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
    service = signed[1] if signed else "?"
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return f"{service}:{target.rsplit('.', 1)[-1]}"
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(body)
    action = re.search(rb"(?:^|&)Action=(\w+)", body)
    if action:
        return f"{service}:{action[1].decode()}"
    query = re.sub(r"=[^&]*", "", environ.get("QUERY_STRING", ""))
    return f"{service}:{environ['REQUEST_METHOD']} {re.sub(r'/[^/]*[0-9][^/]*', '/*', path)}" + (query and f"?{query}")


def _signed(_request: Any) -> None:
    """Whatever the signature: who may do what is enforced, not who is who."""


def _mend_moto() -> None:
    """moto forgets a queue's policy whenever another attribute is set, and never tells its redrive allow policy.

    Where it enforces IAM, it takes signatures of requests with a query for wrong. It ties an attachment of a transit
    gateway to the default route table and does not find that tie when it is to be taken away. It does not list the
    authorizers of an HTTP API.
    """
    from moto.apigatewayv2.responses import ApiGatewayV2Response  # pyright: ignore[reportMissingTypeStubs]
    from moto.ec2.models.transit_gateway_route_tables import (  # pyright: ignore[reportMissingTypeStubs]
        TransitGatewayRelations,
        TransitGatewayRouteTableBackend,
    )
    from moto.iam.access_control import IAMRequestBase  # pyright: ignore[reportMissingTypeStubs]
    from moto.sqs.models import Queue  # pyright: ignore[reportMissingTypeStubs]

    whole: Any = Queue._set_attributes  # pyright: ignore[reportPrivateUsage]

    def set_attributes(self: Any, attributes: dict[str, Any], now: float | None = None) -> None:
        kept = {} if "Policy" in attributes or not hasattr(self, "_policy_json") else {"Policy": self.policy}
        whole(self, {**attributes, **kept}, now)

    Queue._set_attributes = set_attributes  # pyright: ignore[reportPrivateUsage]
    Queue.BASE_ATTRIBUTES = [*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"]
    untie: Any = TransitGatewayRouteTableBackend.disassociate_transit_gateway_route_table

    def disassociate(self: Any, tgw_attach_id: str, tgw_rt_id: str) -> Any:
        tie = TransitGatewayRelations(self, tgw_attach_id, tgw_rt_id, state="associated")
        self.transit_gateway_associations.setdefault(tgw_attach_id, tie)
        return untie(self, tgw_attach_id, tgw_rt_id)

    def get_authorizers(self: Any) -> tuple[int, dict[str, str], str]:
        api = self.apigatewayv2_backend.get_api(self.path.split("/")[-2])
        return 200, {}, json.dumps({"items": [authorizer.to_json() for authorizer in api.authorizers.values()]})

    TransitGatewayRouteTableBackend.disassociate_transit_gateway_route_table = disassociate
    ApiGatewayV2Response.get_authorizers = get_authorizers  # pyright: ignore[reportAttributeAccessIssue]
    IAMRequestBase.check_signature = _signed  # pyright: ignore[reportAttributeAccessIssue]
    Queue.redrive_allow_policy = None  # pyright: ignore[reportAttributeAccessIssue]


def _serve(port: int) -> None:
    # Slow to import, an extra, and untyped.
    from moto.moto_server import werkzeug_app  # pyright: ignore[reportMissingTypeStubs]
    from werkzeug.serving import run_simple

    from reconciler.sandbox.unlisted import mend

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    _mend_moto()
    mend()
    run_simple(
        _HOST,
        port,
        _Counted(werkzeug_app.DomainDispatcherApplication(werkzeug_app.create_backend_app)),
        threaded=True,
    )


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
