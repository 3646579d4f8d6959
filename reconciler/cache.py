"""Parsed syntax trees on disk, by key: safe against concurrent runs, and a lost entry only costs time."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from pathlib import Path

_KEEP_DAYS = 30


class DiskCache:
    """One file an entry under `folder`; a folder that cannot be written to makes a cache that keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writable = True

    @classmethod
    def default(cls) -> DiskCache:
        """Under $RECONCILE_CACHE_DIR, else $XDG_CACHE_HOME, else ~/.cache; made private to the user."""
        chosen = os.environ.get("RECONCILE_CACHE_DIR")
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
        return cls(Path(chosen) if chosen else base / "reconcile" / "syntax")

    def get(self, key: str) -> bytes | None:
        try:
            return self._path(key).read_bytes()
        except OSError:
            return None

    def put(self, key: str, data: bytes) -> None:
        if not self._writable:
            return
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._write(path, data)
            self._forget_old()
        except OSError:
            self._writable = False  # full or read-only: parse again next time

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key

    def _write(self, path: Path, data: bytes) -> None:
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise

    def _forget_old(self) -> None:
        """Once a day, drop what was written long ago."""
        now = time.time()
        marker = self._folder / "swept"
        if marker.exists() and now - marker.stat().st_mtime < 24 * 3600:
            return
        marker.touch()
        for path in self._folder.glob("??/*"):
            with contextlib.suppress(OSError):  # another run was faster
                if now - path.stat().st_mtime > _KEEP_DAYS * 24 * 3600:
                    path.unlink()
