"""One AWS call, done well: every page, retried where that helps, limited, counted; or CallFailed."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, Protocol

from reconciler.aws.calls import CallLog
from reconciler.aws.failure import EXPIRED, CallFailed, Kind, kind_of
from reconciler.aws.limits import Breaker, Limiter
from reconciler.aws.session import ProviderSession, Settings

Pages = list[dict[str, Any]]


Progress = Callable[[str, int, int], None]
_TIMEOUTS: Final = 3
"""How often a call may go unanswered before it is given up."""


class Caller(Protocol):
    """What the reader needs: identical calls are made once. The future raises CallFailed."""

    def call(self, operation: str, params: Mapping[str, Any], page: int | None = None) -> Future[Pages]: ...


class AwsCaller:
    """Calls with the credentials and the region of one provider configuration."""

    def __init__(
        self, session: ProviderSession, settings: Settings, log: CallLog, progress: Progress | None = None
    ) -> None:
        self.session = session
        self.answered = False  # anything but "who am I"
        self.failures: list[CallFailed] = []
        self._progress = progress
        self._asked = self._done = 0
        self._settings = settings
        self._log = log
        self._lock = threading.Lock()
        self._memo: dict[tuple[str, str, int | None], Future[Pages]] = {}
        self._pools: dict[str, tuple[ThreadPoolExecutor, Limiter]] = {}
        self._pagings: dict[str, tuple[dict[str, Any], int | None] | None] = {}
        self._breaker = Breaker()
        self._renewed = 0.0
        self._random = random.Random()  # noqa: S311 - jitter

    def call(self, operation: str, params: Mapping[str, Any], page: int | None = None) -> Future[Pages]:
        key = (operation, json.dumps(params, sort_keys=True, default=str), page)
        with self._lock:
            if key not in self._memo:
                pool, _ = self._pool(operation.partition(":")[0])
                self._asked += 1
                self._memo[key] = pool.submit(self._remembered, operation, dict(params), page)
            return self._memo[key]

    def once(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """One call that changes something: not remembered, and retried only where AWS surely did not act on it."""
        self._pool(operation.partition(":")[0])
        return self._attempts(operation, dict(params), repeatable=False)

    def body(self, operation: str, params: Mapping[str, Any], name: str) -> bytes:
        """As `once`, for an answer that is a stream. Raises CallFailed, also where the stream breaks off."""
        answer = self.once(operation, params)
        try:
            return answer[name].read()
        except Exception as error:
            raise _failure(operation, error) from error

    def forget(self) -> None:
        """From now on everything is asked again."""
        with self._lock:
            self._memo.clear()

    def close(self) -> None:
        for pool, _ in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)

    def _pool(self, service: str) -> tuple[ThreadPoolExecutor, Limiter]:
        if service not in self._pools:
            start = self._settings.concurrency
            limiter = Limiter(limit=start, most=start * 2)
            self._pools[service] = (ThreadPoolExecutor(start * 2, f"aws-{service}"), limiter)
        return self._pools[service]

    def _remembered(self, operation: str, params: dict[str, Any], page: int | None) -> Pages:
        try:
            pages = self._read(operation, params, page)
        except CallFailed as failure:
            if failure.kind is Kind.REFUSED:
                self.answered = True
            self.failures.append(failure)
            raise
        finally:
            with self._lock:
                self._done += 1
                done, asked = self._done, self._asked
            if self._progress:
                self._progress(operation, done, asked)
        self.answered = self.answered or operation != "sts:GetCallerIdentity"
        return pages

    def _read(self, operation: str, params: dict[str, Any], page: int | None) -> Pages:
        from botocore.exceptions import BotoCoreError, PaginationError
        from botocore.paginate import Paginator

        paging = self._paging(operation)
        if paging is None:
            return [self._attempts(operation, params)]
        config, biggest = paging
        size = biggest if page is None else page

        def one_page(**given: Any) -> dict[str, Any]:
            return self._attempts(operation, given)

        service, _, name = operation.partition(":")
        model = self.session.model(service, name)
        options = {"PageSize": size} if size and config.get("limit_key") else {}
        try:
            return list(Paginator(one_page, config, model).paginate(**params, PaginationConfig=options))  # pyright: ignore
        except PaginationError as error:
            raise CallFailed(operation, Kind.SERVER, "PaginationError", str(error)) from error
        except BotoCoreError as error:
            raise _failure(operation, error) from error

    def _paging(self, operation: str) -> tuple[dict[str, Any], int | None] | None:
        """How the operation pages, and its biggest page where the model tells."""
        if operation not in self._pagings:
            self._pagings[operation] = self._paging_of(operation)
        return self._pagings[operation]

    def _paging_of(self, operation: str) -> tuple[dict[str, Any], int | None] | None:
        service, _, name = operation.partition(":")
        found = self.session.model(service, name)
        inputs: dict[str, Any] = found.input_shape.members if found.input_shape else {}
        config = self.session.pagination(service, name) or _guess(found, inputs)
        if config is None:
            return None
        limit = inputs.get(config.get("limit_key") or "")
        return config, limit.metadata.get("max") if limit is not None and limit.type_name == "integer" else None

    def _attempts(self, operation: str, params: dict[str, Any], *, repeatable: bool = True) -> dict[str, Any]:
        self._breaker.check(operation)
        _, limiter = self._pools[operation.partition(":")[0]]
        start, attempt = time.monotonic(), 0
        while True:
            attempt += 1
            try:
                with limiter.slot():
                    answer = self._send(operation, params, retry=attempt > 1)
            except CallFailed as failure:
                if failure.kind is Kind.THROTTLED:
                    limiter.throttled()
                delay = self._delay(failure, attempt)
                safe = repeatable or not failure.sent or failure.kind is Kind.THROTTLED
                if not safe or delay is None or time.monotonic() - start + delay > self._settings.deadline:
                    if failure.kind.transient:
                        self._breaker.failed(operation, failure)
                    raise
                time.sleep(delay)
            else:
                limiter.answered()
                self._breaker.answered(operation)
                return answer

    def _delay(self, failure: CallFailed, attempt: int) -> float | None:
        """Seconds until the next attempt, None where there should be none."""
        if failure.code in EXPIRED and attempt == 1:
            self._renew()
            return 0.0
        if not failure.kind.transient:
            return None
        # Throttling passes, and the limiter slows all of us down; so it gets twice the patience.
        # What hangs mostly goes on hanging, and each time costs the whole timeout.
        attempts = self._settings.attempts * (2 if failure.kind is Kind.THROTTLED else 1)
        attempts = min(attempts, _TIMEOUTS) if failure.code == "ReadTimeoutError" else attempts
        return self._random.uniform(0, min(5.0, 0.1 * 2**attempt)) if attempt < attempts else None

    def _renew(self) -> None:
        with self._lock:
            if time.monotonic() - self._renewed > 5:
                self._renewed = time.monotonic()
                self.session.forget_clients()

    def _send(self, operation: str, params: dict[str, Any], *, retry: bool) -> dict[str, Any]:
        from botocore import xform_name
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        service, _, name = operation.partition(":")
        client = self.session.client(service, name)
        start = time.monotonic()
        try:
            answer: dict[str, Any] = getattr(client, xform_name(name))(**params)
        except (ClientError, BotoCoreError, ResponseParserError) as error:
            raise _failure(operation, error) from error
        except CallFailed as failure:  # raised by our own check of the answer
            raise CallFailed(operation, failure.kind, failure.code, failure.message) from failure
        finally:
            self._log.add(operation, time.monotonic() - start, retry=retry)
        answer.pop("ResponseMetadata", None)
        return answer


def _guess(model: Any, inputs: Mapping[str, Any]) -> dict[str, Any] | None:
    """Operations with a token in and out that botocore has no paginator for."""
    outputs: Mapping[str, Any] = model.output_shape.members if model.output_shape else {}
    for taken, given in (("NextToken",) * 2, ("nextToken",) * 2, ("Marker", "NextMarker"), ("position",) * 2):
        if taken in inputs and given in outputs:
            limit = next((n for n in ("MaxResults", "maxResults", "Limit", "limit") if n in inputs), None)
            lists = [n for n, shape in outputs.items() if shape.type_name == "list"]
            config = {"input_token": taken, "output_token": given, "result_key": lists or [given]}
            return config | ({"limit_key": limit} if limit else {})
    return None


def _one_line(message: str | None) -> str:
    """What a person should read of it: no page that a proxy or a broken endpoint answers with."""
    text = " ".join((message or "").split())
    return "" if text.startswith("<") else text


def _said(error: Mapping[str, Any]) -> tuple[str, str]:
    """Code and message; also of a refusal in XML where the service speaks JSON, which botocore leaves unread."""
    code, text = str(error.get("Code", "Unknown")), str(error.get("Message") or "")
    if code.isdigit() and (found := re.search(r"<Code>([\w.]+)</Code>(?:\s*<Message>([^<]*)</Message>)?", text)):
        return found[1], _one_line(found[2])
    return code, _one_line(text)


def _failure(operation: str, error: Exception) -> CallFailed:
    from botocore import exceptions
    from botocore.parsers import ResponseParserError

    if isinstance(error, exceptions.ClientError):
        said = error.response
        code, message = _said(said.get("Error", {}))
        status = said.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return CallFailed(operation, kind_of(code, status, message), code, message)
    name = type(error).__name__
    not_sent = (exceptions.EndpointConnectionError, exceptions.ConnectTimeoutError, exceptions.ProxyConnectionError)
    if isinstance(error, not_sent):
        return CallFailed(operation, Kind.UNREACHABLE, name, str(error), sent=False)
    if isinstance(error, exceptions.HTTPClientError):  # resets, timeouts, cut answers
        return CallFailed(operation, Kind.UNREACHABLE, name, str(error))
    if isinstance(error, (ResponseParserError, exceptions.IncompleteReadError)):
        return CallFailed(operation, Kind.SERVER, name, "the answer can't be read")
    # botocore quotes the parameters that it refuses; they may be secret.
    said = re.sub(r"value: .*?(?=, type: |, valid |$)", "value: ...", str(error), flags=re.MULTILINE)
    return CallFailed(operation, kind_of(name, 0), name, said, sent=False)
