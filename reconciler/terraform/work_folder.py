"""The working directory that `terraform init` leaves beside the code (.terraform): modules, backend, workspace."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Final, cast

from reconciler.errors import ConfigError
from reconciler.model import Json
from reconciler.records import dataclass

DATA_DIR: Final = ".terraform"
MAX_FILE: Final = 4 << 20  # bytes: modules bring pictures and archives that no evaluation reads


@dataclass(frozen=True, slots=True)
class Installed:
    """`directories`: module key ("vpc", "network.vpc") -> its directory from the repository's root.

    `sources`: module key -> the address that it was installed from, as `terraform init` wrote it down. `files`: what
    lies in those directories inside .terraform, by path from the repository's root: lay it over the tree of a commit,
    which does not have it.
    """

    directories: Mapping[str, str] = field(default_factory=dict[str, str])
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


@dataclass(frozen=True, slots=True)
class Initialised:
    """The backend as the last `init` settled it, -backend-config included."""

    type: str
    config: Mapping[str, Json]


def installed(repository: Path, root: str, data_dir: str = DATA_DIR) -> Installed:
    """The modules that `terraform init` brought for the root module in the directory `root` of the repository.

    `data_dir` is TF_DATA_DIR where that is set. Raises ConfigError where modules.json is damaged.
    """
    where = posixpath.join(root, data_dir, "modules/modules.json")
    content = _read(repository / where, where)
    if content is None:
        return Installed()
    entries = list(_entries(content, root, where))
    directories = {key: path for key, path, _ in entries}
    brought = posixpath.normpath(posixpath.join(root, data_dir))
    files: dict[str, bytes] = {}
    for directory in sorted(set(directories.values())):
        if directory.startswith(f"{brought}/"):
            files.update(_files(repository, directory))
    return Installed(directories, {key: source for key, _, source in entries if source is not None}, files)


def parse_modules(content: bytes, root: str, where: str) -> dict[str, str]:
    """Module key -> directory from the repository's root, of a modules.json.

    The root module (key "") and directories outside the repository are left out.
    """
    return {key: path for key, path, _ in _entries(content, root, where)}


def _entries(content: bytes, root: str, where: str) -> Iterator[tuple[str, str, str | None]]:
    """Key, directory, and source where there is one."""
    modules = _object(content, where).get("Modules")
    for item in modules if isinstance(modules, list) else [modules]:
        key, directory = (item.get("Key"), item.get("Dir")) if isinstance(item, dict) else (None, None)
        if not isinstance(key, str) or not isinstance(directory, str):
            raise _damaged("an entry without Key and Dir", where)
        path = posixpath.normpath(posixpath.join(root, directory.replace("\\", "/")))
        if key and path != ".." and not path.startswith(("../", "/")):
            source = item.get("Source") if isinstance(item, dict) else None
            yield key, path, source if isinstance(source, str) else None


def initialised(folder: Path, data_dir: str = DATA_DIR) -> Initialised | None:
    """What the last `terraform init` in `folder` settled on; None where there was none or it needs no settings."""
    where = f"{data_dir}/terraform.tfstate"
    content = _read(folder / where, where)
    if content is None:
        return None
    backend = _object(content, where).get("backend")
    if backend is None:
        return None
    if not isinstance(backend, dict) or not isinstance(backend.get("type"), str):
        raise _damaged("a backend without type", where)
    config = backend.get("config")
    given = {name: value for name, value in config.items() if value is not None} if isinstance(config, dict) else {}
    return Initialised(str(backend["type"]), given)


def selected_workspace(folder: Path, data_dir: str = DATA_DIR) -> str:
    """The workspace that `terraform workspace select` chose in `folder`; TF_WORKSPACE is for the caller to know."""
    content = _read(folder / data_dir / "environment", f"{data_dir}/environment")
    return (content or b"").decode(errors="replace").strip() or "default"


def _files(repository: Path, directory: str) -> Iterator[tuple[str, bytes]]:
    top = repository / directory
    for path in sorted(top.rglob("*")):
        inner = path.relative_to(top)
        if ".git" in inner.parts or not path.is_file() or path.stat().st_size > MAX_FILE:
            continue
        yield posixpath.join(directory, inner.as_posix()), path.read_bytes()


def _read(path: Path, where: str) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=where, hint="Make it readable.") from error


def _object(content: bytes, where: str) -> dict[str, Json]:
    try:
        document: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _damaged(f"no JSON ({error})", where) from error
    if not isinstance(document, dict):
        raise _damaged("no JSON object", where)
    return cast("dict[str, Json]", document)


def _damaged(what: str, where: str) -> ConfigError:
    return ConfigError(f"the file has {what}", where=where, hint="Run `terraform init` again.")
