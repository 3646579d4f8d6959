"""Addresses of modules, as a call's `source` gives them and as Terraform reads them. Nothing here fetches anything."""

from __future__ import annotations

import posixpath
import re
from typing import Final
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from reconciler.records import dataclass

REGISTRY: Final = "registry.terraform.io"
_SCHEMES: Final = ("https", "http", "ssh", "git", "file")  # what git itself fetches over
_FORCED: Final = re.compile(r"([A-Za-z0-9]+)::(.+)", re.DOTALL)
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_SCP: Final = re.compile(r"git@([^:]+):/?(.+)", re.DOTALL)
_HOST: Final = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d+)?")
_NAME: Final = r"[0-9A-Za-z](?:[0-9A-Za-z_-]{0,62}[0-9A-Za-z])?"
_REGISTRY_NAME: Final = re.compile(rf"(?:([^/]+\.[^/]+)/)?({_NAME})/({_NAME})/([0-9a-z]{{1,64}})")
_NO_REGISTRY: Final = ("github.com", "bitbucket.org")
_USER: Final = re.compile(r"(//)(?!git@)[^/@\s]+@")


class InvalidSource(ValueError):
    """Terraform takes no such source; the text says why."""


@dataclass(frozen=True, slots=True)
class Git:
    """A repository to fetch from, and where in it the module lies.

    `folder` is from the repository's root, "" for the root; `ref` "" is the default branch; `depth` 0: all.
    """

    url: str
    folder: str = ""
    ref: str = ""
    depth: int = 0

    @property
    def scheme(self) -> str:
        return urlsplit(self.url).scheme.lower()


def is_local(source: str) -> bool:
    return source.startswith(("./", "../", ".\\", "..\\"))


def shown(source: str) -> str:
    """`source` without the secrets that it may hold, for people to read."""
    return re.sub(r"([?&]sshkey=)[^&]*", r"\1***", _USER.sub(r"\1***@", source))


def address(source: str) -> str:
    """As `terraform init` writes it down. Raises InvalidSource."""
    if is_local(source):
        return _clean_local(source)
    registry = _registry(source)
    return registry if registry is not None else _with_folder(*_detected(source))


def folder_of(source: str) -> str:
    """Where in its package the module of a source that is not local lies. Raises InvalidSource."""
    return _split(source)[1] if _registry(source) is not None else _detected(source)[1]


def git_source(source: str) -> Git | None:
    """What git is to fetch; None where the module comes from a registry, an archive or a bucket.

    Raises InvalidSource.
    """
    if is_local(source) or _registry(source) is not None:
        return None
    package, folder = _detected(source)
    forced = _FORCED.fullmatch(package)
    url = forced[2] if forced else package
    scheme = _SCHEME.match(url)
    if (forced[1] if forced else scheme[1] if scheme else "") != "git":
        return None
    return _asked(url, folder)


def covers(prefix: str, url: str) -> bool:
    """Whether what `url` names lies under `prefix`: [scheme://]host[/path], step by step.

    A prefix without a scheme stands for https and ssh. A path that could lead elsewhere is under no prefix.
    """
    scheme, _, rest = prefix.rpartition("://")
    wanted = (scheme.lower(),) if scheme else ("https", "ssh")
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return False
    steps = _steps(unquote(parts.path))
    if parts.scheme.lower() not in wanted or steps is None or (not host and parts.scheme != "file"):
        return False
    if not rest.strip("/"):
        return True
    asked = _steps(rest)
    there = [host.lower(), *steps] if host else steps
    if asked is None:
        return False
    if host:
        asked = [asked[0].lower(), *asked[1:]]
    return there[: len(asked)] == asked or [*there[:-1], there[-1].removesuffix(".git")] == asked


def valid_prefix(prefix: str) -> bool:
    scheme, _, rest = prefix.rpartition("://")
    named = scheme.lower() in _SCHEMES if scheme else bool(rest.strip("/"))
    steps = _steps(rest)
    if not named or steps is None:
        return False
    return scheme.lower() == "file" or not steps or _HOST.fullmatch(steps[0]) is not None


# -- reading an address ---------------------------------------------------------------------------------------


def _steps(path: str) -> list[str] | None:
    """The steps of a path; None where one of them could lead up, or is not what it seems."""
    steps = [step for step in path.split("/") if step]
    odd = any(step in (".", "..") for step in steps) or re.search(r"[\\\s\x00-\x1f\x7f%]", path)
    return None if odd else steps


def _clean_local(source: str) -> str:
    clean = posixpath.normpath(source.replace("\\", "/"))
    return clean if clean.startswith("..") else f"./{clean}" if clean != "." else "./"


def _split(source: str) -> tuple[str, str]:
    """The package, and the folder in it that `//` names; a query belongs to the package."""
    end = source.find("?")
    end = len(source) if end < 0 else end
    start = source.find("://", 0, end)
    at = source.find("//", start + 3 if start >= 0 else 0, end)
    if at < 0:
        return source, ""
    return source[:at] + source[end:], _clean(source[at + 2 : end])


def _clean(folder: str) -> str:
    if not folder:
        return ""
    clean = posixpath.normpath(folder)
    return "" if clean == "." else clean


def _registry(source: str) -> str | None:
    package, folder = _split(source)
    found = _REGISTRY_NAME.fullmatch(package)
    if found is None or (found[1] or "").lower() in _NO_REGISTRY:
        return None
    host = (found[1] or REGISTRY).lower()
    return _with_folder("/".join((host, found[2], found[3], found[4])), _inside(source, folder))


def _inside(source: str, folder: str) -> str:
    if folder == ".." or folder.startswith(("../", "/")):
        raise InvalidSource(f"the folder {folder!r} of the module {shown(source)} leads outside of its package")
    return folder


def _with_folder(package: str, folder: str) -> str:
    if not folder:
        return package
    base, mark, query = package.partition("?")
    return f"{base}//{folder}{mark}{query}"


def _detected(source: str) -> tuple[str, str]:
    """The package as an address with a scheme, "git::" before it where git is to fetch it, and the folder in it."""
    package, folder = _split(source)
    _inside(source, folder)
    forced = _FORCED.fullmatch(package)
    plain = forced[2] if forced else package
    if _SCHEME.match(plain):
        _parsed(source, plain)
        return package, folder
    found = _short(source, plain)
    kind, found_url = found if found else (None, plain)
    if found is None:
        if not plain.startswith("/"):
            raise InvalidSource(
                f"the module {shown(source)} is neither in a registry nor at an address; "
                'for a folder beside this one, begin with "./"'
            )
        kind, found_url = None, f"file://{plain}"
    found_url, inner = _split(found_url)
    kind = forced[1] if forced else kind
    return (f"{kind}::{found_url}" if kind else found_url), _inside(source, _clean(posixpath.join(inner, folder)))


def _parsed(source: str, url: str) -> None:
    try:
        urlsplit(url).port  # noqa: B018  (looked at when asked for)
    except ValueError as error:
        raise InvalidSource(f"the module {shown(source)} is at no valid address ({error})") from None


def _short(source: str, plain: str) -> tuple[str | None, str] | None:
    """The forms without a scheme that Terraform knows: what fetches it (None: its scheme says), and its address."""
    if plain.startswith("github.com/"):
        path, mark, query = plain.partition("?")
        steps = path.split("/")
        if len(steps) < 3:
            raise InvalidSource(f"the module {shown(source)} must be github.com/<owner>/<repository>")
        name = "/".join(steps[:3])
        name = name if name.endswith(".git") else f"{name}.git"
        inner = f"//{'/'.join(steps[3:])}" if len(steps) > 3 else ""
        return "git", f"https://{name}{inner}{mark}{query}"
    if plain.startswith("bitbucket.org/"):
        path, mark, query = plain.partition("?")
        return "git", f"https://{path if path.endswith('.git') else f'{path}.git'}{mark}{query}"
    scp = _SCP.fullmatch(plain)
    if scp is not None:
        path, mark, query = scp[2].partition("?")
        return "git", f"ssh://git@{scp[1]}/{path}" + (f"?{urlencode(sorted(parse_qsl(query)))}" if mark else "")
    if ".googleapis.com/" in plain or plain.startswith("www.googleapis.com/"):
        return "gcs", f"https://{plain}"
    if ".amazonaws.com/" in plain:
        return "s3", f"https://{plain}"
    return None


def _asked(url: str, folder: str) -> Git:
    url, fragment_mark, fragment = url.partition("#")
    base, mark, query = url.partition("?")
    given = parse_qsl(query, keep_blank_values=True)
    first = dict(reversed(given))
    rest = sorted((name, value) for name, value in given if name not in ("ref", "depth", "sshkey"))
    if first.get("sshkey"):
        raise InvalidSource("a source that brings its own ssh key is not supported: let the ssh agent have the key")
    depth = first.get("depth", "")
    url = base + (f"?{urlencode(rest)}" if mark and rest else "") + fragment_mark + fragment
    deep = int(depth) if re.fullmatch(r"\+?\d{1,9}", depth) else 0
    return Git(url, folder, first.get("ref", ""), deep)
