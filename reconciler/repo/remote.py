"""Where a repository is hosted, from the address of its remote."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from reconciler.records import dataclass

_SCP = re.compile(r"(?:[^@/\s]+@)?(?P<host>\[[0-9a-fA-F:]+\]|[^:/\s\[\]]+):(?P<path>(?!//)\S+)")


@dataclass(frozen=True, slots=True)
class Hosted:
    """`host` has the port where the address names one and it is HTTP's; ssh's port says nothing about the forge."""

    host: str
    owner: str
    name: str

    def __str__(self) -> str:
        return f"{self.host}/{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True)
class Remote:
    """`url` is what git would push to. `hosted` is None where that is no owner/name on a host (a local path)."""

    name: str
    url: str
    fetch_url: str
    hosted: Hosted | None


def hosted(url: str) -> Hosted | None:
    """https://host/owner/name(.git), ssh://git@host:22/owner/name, git@host:owner/name, git://host/owner/name."""
    if "://" in url:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return None
        if parts.scheme not in ("http", "https", "ssh", "git", "git+ssh", "ssh+git") or not parts.hostname:
            return None
        host, path = parts.hostname, parts.path
        if port and parts.scheme in ("http", "https"):
            host = f"{host}:{port}"
    else:
        match = _SCP.fullmatch(url)
        if match is None or re.match(r"[A-Za-z]:[\\/]", url):
            return None
        host, path = match["host"].lower(), match["path"]
    steps = [step for step in path.split("/") if step]
    if len(steps) < 2:
        return None
    name = steps[-1].removesuffix(".git")
    host = "github.com" if host == "ssh.github.com" else host  # where ssh is only let through on port 443
    return Hosted(host, steps[-2], name) if name else None
