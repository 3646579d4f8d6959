"""IAM policy documents as IAM understands them: which differences in writing mean nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import cast
from urllib.parse import unquote

from reconciler.model import Json

_ROOT = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):root\Z")
_ACTIONS = frozenset({"Action", "NotAction"})
_PRINCIPALS = frozenset({"Principal", "NotPrincipal"})
_DEFAULT_VERSION = "2008-10-17"  # what IAM takes where a document has none


def parse(text: str) -> dict[str, Json] | None:
    """The document in `text`, URL-encoded or not; None where it is no JSON object."""
    if text.lstrip()[:3].lower() in ("%7b", "%20", "%0a"):
        text = unquote(text)
    try:
        found: Json = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def canonical(document: dict[str, Json]) -> Json:
    """Equal for two documents exactly where IAM makes no difference between them."""
    return _document(document, str.lower)


def normalised(document: dict[str, Json]) -> Json:
    """One way of writing `document` that keeps its names as they are written, for snapshots and people."""
    return _document(document, str)


def _document(document: dict[str, Json], fold: Callable[[str], str]) -> Json:
    rest = {k: v for k, v in document.items() if k not in ("Statement", "Version") and v not in (None, "")}
    statements = [_statement(s, fold) for s in _listed(document.get("Statement"))]
    out: dict[str, Json] = {**rest, "Version": document.get("Version") or _DEFAULT_VERSION}
    return {**out, "Statement": _distinct(statements)}


def _statement(statement: Json, fold: Callable[[str], str]) -> Json:
    if not isinstance(statement, dict):
        return statement
    out: dict[str, Json] = {}
    for name, value in statement.items():
        if name in _PRINCIPALS:
            out[name] = _principals(value)
        elif name == "Condition":
            out[name] = _conditions(value, fold)
        elif name in _ACTIONS:
            out[name] = _distinct([fold(v) if isinstance(v, str) else v for v in _listed(value)])
        elif name in ("Resource", "NotResource"):
            out[name] = _distinct(_listed(value))
        else:
            out[name] = value
    return {name: value for name, value in out.items() if value not in (None, "", {})}


def _principals(value: Json) -> Json:
    if value == "*":
        return {"AWS": ["*"]}
    if not isinstance(value, dict):
        return value
    out: dict[str, Json] = {}
    for kind, names in value.items():
        out[kind] = _distinct([_account(n) if kind == "AWS" else n for n in _listed(names)])
    return out


def _account(principal: Json) -> Json:
    root = _ROOT.match(principal) if isinstance(principal, str) else None
    return root[1] if root else principal


def _conditions(value: Json, fold: Callable[[str], str]) -> Json:
    """Condition keys ("aws:SourceArn") have no case; values are strings, a single one is a list of one."""
    if not isinstance(value, dict):
        return value
    out: dict[str, Json] = {}
    for operator, tests in value.items():
        if isinstance(tests, dict) and tests:
            out[operator] = {fold(key): _distinct([_text(v) for v in _listed(wanted)]) for key, wanted in tests.items()}
    return out


def _text(value: Json) -> Json:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(int(value)) if value == int(value) else str(value)
        case str() if value.lower() in ("true", "false"):
            return value.lower()
        case _:
            return value


def _listed(value: Json) -> list[Json]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _distinct(values: list[Json]) -> Json:
    """As a set: sorted, each once."""
    by_text = {json.dumps(v, sort_keys=True): v for v in values}
    return cast("Json", [by_text[text] for text in sorted(by_text)])
