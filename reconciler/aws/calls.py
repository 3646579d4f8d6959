"""What was asked of AWS, and how long it took: the report's `api_calls`."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import field

from reconciler.records import dataclass


@dataclass(frozen=True, slots=True)
class CallCounts:
    """Calls as they went over the wire, retries included. Keys are "service:Operation"; seconds are summed."""

    total: int
    retried: int
    by_operation: dict[str, int]
    seconds: dict[str, float]

    def slowest(self, count: int = 5) -> list[tuple[str, float]]:
        """The operations that took longest on average, with seconds per call."""
        means = {name: self.seconds[name] / calls for name, calls in self.by_operation.items()}
        return sorted(means.items(), key=lambda item: -item[1])[:count]


@dataclass(slots=True)
class CallLog:
    """Collects the counts of one Cloud from all threads."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _calls: Counter[str] = field(default_factory=Counter[str])
    _seconds: Counter[str] = field(default_factory=Counter[str])
    _retried: int = 0

    def add(self, operation: str, seconds: float, *, retry: bool = False) -> None:
        with self._lock:
            self._calls[operation] += 1
            self._seconds[operation] += seconds  # pyright: ignore[reportArgumentType] - Counter adds floats too
            self._retried += retry

    def counts(self) -> CallCounts:
        with self._lock:
            return CallCounts(
                sum(self._calls.values()), self._retried, dict(sorted(self._calls.items())), dict(self._seconds)
            )
