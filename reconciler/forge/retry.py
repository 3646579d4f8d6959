"""Which requests to GitHub are sent again by themselves. Imports PyGithub: import this only to make a client."""

from __future__ import annotations

from typing import Final

from github import GithubRetry
from urllib3 import BaseHTTPResponse

_ATTEMPTS: Final = 4
_MOST_WAIT: Final = 60
_REFUSED: Final = frozenset({403, 429})
_REPEATABLE: Final = frozenset({"DELETE", "GET", "HEAD", "PATCH", "PUT"})


class Retry(GithubRetry):
    """A POST that may have been carried out is not sent again: only one that a rate limit refused."""

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        if method.upper() == "POST":
            return status_code in _REFUSED
        return super().is_retry(method, status_code, has_retry_after)

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        wanted = super().get_retry_after(response)
        return None if wanted is None else min(wanted, _MOST_WAIT)


def retry(backoff: float) -> Retry:
    """At most four more attempts, `backoff` (seconds) doubling, never waiting for more than a minute each."""
    return Retry(
        total=_ATTEMPTS,
        backoff_factor=backoff,
        allowed_methods=_REPEATABLE,
        secondary_rate_wait=_MOST_WAIT,
        max_rate_limit_wait=_MOST_WAIT,
    )
