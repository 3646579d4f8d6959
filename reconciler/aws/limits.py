"""How hard a service may be asked: grows while AWS answers, halves when it throttles; gives up on what stays down."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import field

from reconciler.aws.failure import CallFailed
from reconciler.records import dataclass


@dataclass(slots=True)
class Limiter:
    """Calls in flight to one service of one region: additive increase, multiplicative decrease."""

    limit: float = 16
    most: int = 32
    _in_flight: int = 0
    _resume: float = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def slot(self) -> Generator[None]:
        with self._changed:
            while True:
                pause = self._resume - time.monotonic()
                if pause <= 0 and self._in_flight < max(1, int(self.limit)):
                    break
                self._changed.wait(pause if pause > 0 else None)
            self._in_flight += 1
        try:
            yield
        finally:
            with self._changed:
                self._in_flight -= 1
                self._changed.notify()

    def answered(self) -> None:
        with self._changed:
            self.limit = min(self.most, self.limit + 1 / self.limit)
            self._changed.notify()

    def throttled(self) -> None:
        """Halves the limit, once per burst, and lets the service breathe."""
        with self._changed:
            now = time.monotonic()
            if now >= self._resume:
                self.limit = max(1, self.limit / 2)
                self._resume = now + 0.2


@dataclass(slots=True)
class Breaker:
    """Stops asking for what failed transiently `after` times in a row, every retry spent; tries again after `rest` s.

    Without it, a thousand calls to an endpoint that is down would each wait for their own retries.
    """

    after: int = 3
    rest: float = 15
    _failures: dict[str, int] = field(default_factory=dict[str, int])
    _last: dict[str, tuple[float, CallFailed]] = field(default_factory=dict[str, tuple[float, CallFailed]])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, operation: str) -> None:
        """Raises the last failure of an operation that is down."""
        with self._lock:
            if self._failures.get(operation, 0) >= self.after:
                since, failure = self._last[operation]
                if time.monotonic() - since < self.rest:
                    raise failure

    def failed(self, operation: str, failure: CallFailed) -> None:
        with self._lock:
            self._failures[operation] = self._failures.get(operation, 0) + 1
            self._last[operation] = (time.monotonic(), failure)

    def answered(self, operation: str) -> None:
        if self._failures.get(operation):
            with self._lock:
                self._failures[operation] = 0
