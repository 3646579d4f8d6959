"""Traffic with the GitHub double against GitHub's own description of its REST API.

tests/forge/github-openapi.json.xz is the part of `@octokit/openapi` (npm) that the double serves, made by
`python -m tests.support.github_openapi api.github.com.json`. It is under the MIT licence: Copyright (c) 2020 Octokit
contributors; see tests/forge/github-openapi.LICENSE.
"""

# pyright: basic
from __future__ import annotations

import json
import lzma
import re
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from reconciler.sandbox.github import Exchange
from reconciler.sandbox.github_routes import routes

RESOURCE = Path(__file__).parent.parent / "forge" / "github-openapi.json.xz"
# What GitHub does and its description does not say.
_UNTOLD = {
    ("DELETE", "/repos/{owner}/{repo}/issues/{issue_number}/labels", 204),
    ("GET", "/repos/{owner}/{repo}/git/commits/{commit_sha}", 422),
}
_NULL_DESCRIPTION = re.compile(r"(\d+/)?labels/\d+/description: None ")  # in lists of pull requests; elsewhere told
_COMMON = {400, 401, 403, 404, 422, 429, 500, 502, 503}


def violations(exchanges: Iterable[Exchange]) -> list[str]:
    """What in the requests and answers is not as described, each as "METHOD path status: what"."""
    found: list[str] = []
    for exchange in exchanges:
        said = f"{exchange.method} {exchange.path} {exchange.status}"
        found += [f"{said}: {what}" for what in _check(exchange)]
    return found


def _check(exchange: Exchange) -> list[str]:
    template, operation = _operation(exchange.method, exchange.path)
    if operation is None:
        return ["no such operation"] if exchange.status != 404 else []
    found: list[str] = []
    accepted = exchange.status < 400
    known = {
        p["name"]: p.get("schema", {}) for p in map(_resolved, operation.get("parameters", [])) if p["in"] == "query"
    }
    for name, value in exchange.query.items():
        if name not in known:
            found.append(f"query {name}: not described")
        elif accepted:
            typed: Any = int(value) if known[name].get("type") == "integer" else value
            found += [f"query {name}: {what}" for what in _problems(known[name], typed)]
    sent = exchange.request
    if exchange.path.endswith("/labels") and isinstance(sent, list):
        sent = {"labels": sent}  # GitHub takes the bare list of PyGithub; its description refuses it
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content and accepted and sent is not None:
        found += [f"request {what}" for what in _problems(content["schema"], sent)]
    return found + _answer_problems(exchange, template, operation)


def _answer_problems(exchange: Exchange, template: str, operation: dict[str, Any]) -> list[str]:
    if (exchange.method, template, exchange.status) in _UNTOLD:
        return []
    answer = operation["responses"].get(str(exchange.status))
    if answer is None:
        return [] if exchange.status in _COMMON else [f"status not among {sorted(operation['responses'])}"]
    schema = _resolved(answer).get("content", {}).get("application/json", {}).get("schema")
    found = [] if schema is None else _problems(schema, exchange.response)
    return [f"answer {what}" for what in found if not _NULL_DESCRIPTION.match(what)]


def _problems(schema: dict[str, Any], value: Any) -> list[str]:
    errors = _validator(json.dumps(schema, sort_keys=True)).iter_errors(value)
    return [f"{'/'.join(map(str, error.path))}: {error.message[:160]}" for error in errors]


@cache
def _description() -> dict[str, Any]:
    return _nullable(json.loads(lzma.decompress(RESOURCE.read_bytes())))


def _nullable(node: Any) -> Any:
    """`node` with null among the choices of what is nullable: the validator looks at `nullable` beside `type` only."""
    if isinstance(node, list):
        return [_nullable(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    made = {key: _nullable(value) for key, value in node.items()}
    if made.get("nullable") is True:
        if isinstance(made.get("enum"), list) and None not in made["enum"]:
            made["enum"].append(None)
        for choice in ("anyOf", "oneOf"):
            if isinstance(made.get(choice), list):
                made[choice].append({"enum": [None], "nullable": True})
    return made


@cache
def _paths() -> list[tuple[re.Pattern[str], str]]:
    paths = sorted(_description()["paths"], key=lambda path: (path.count("{"), -len(path)))
    return [(re.compile(_pattern(path)), path) for path in paths]


def _pattern(path: str) -> str:
    """{ref}, {path}, {branch} and {basehead} may hold slashes; an empty {path} is the root."""
    return re.sub(r"\\{(\w+)\\}", lambda m: ".*" if m[1] in _WITH_SLASHES else "[^/]+", re.escape(path))


_WITH_SLASHES = {"ref", "path", "branch", "basehead"}


def _operation(method: str, path: str) -> tuple[str, dict[str, Any] | None]:
    for pattern, template in _paths():
        operation = _description()["paths"][template].get(method.lower())
        if operation and pattern.fullmatch(path):
            return template, operation
    return "", None


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        _, _, kind, name = node["$ref"].split("/")
        node = _description()["components"][kind][name]
    return node


@cache
def _validator(schema: str) -> Any:
    from openapi_schema_validator import OAS30ReadValidator
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT4

    resource: Any = Resource.from_contents(_description(), default_specification=DRAFT4)
    registry: Any = Registry().with_resource("urn:github", resource)
    return OAS30ReadValidator(json.loads(schema.replace('"#/', '"urn:github#/')), registry=registry)


# -- making the resource --------------------------------------------------------------------------------------


def prune(description: dict[str, Any]) -> dict[str, Any]:
    """Only the operations that the double serves, with the schemas that they use; no examples, no prose."""
    paths: dict[str, Any] = {}
    for path, item in description["paths"].items():
        sample = re.sub(r"\{(\w+)\}", lambda m: "1" if m[1].endswith(("number", "id")) else "x", path)
        kept = {
            m: _bare(op)
            for m, op in item.items()
            if any(r[0] == m.upper() and r[1].fullmatch(sample) for r in routes())
        }
        if kept:
            paths[path] = kept
    components: dict[str, dict[str, Any]] = {}
    _collect(paths, description["components"], components)
    return {"openapi": description["openapi"], "info": description["info"], "paths": paths, "components": components}


def _bare(node: Any, *, names: bool = False) -> Any:
    """Without prose and examples; `names`: the keys are names of properties or media types, so all stay."""
    if isinstance(node, list):
        return [_bare(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if names or key not in _PROSE}
    return {key: _bare(value, names=not names and key in ("properties", "content")) for key, value in kept.items()}


_PROSE = {"description", "discriminator", "example", "examples", "externalDocs", "operationId", "summary", "tags"}
_PROSE |= {"title", "x-github"}


def _collect(node: Any, components: dict[str, Any], into: dict[str, dict[str, Any]]) -> None:
    if isinstance(node, dict):
        target = node.get("$ref")
        if isinstance(target, str):
            _, _, kind, name = target.split("/")
            if name not in into.setdefault(kind, {}):
                into[kind][name] = _bare(components[kind][name])
                _collect(into[kind][name], components, into)
        for value in node.values():
            _collect(value, components, into)
    elif isinstance(node, list):
        for value in node:
            _collect(value, components, into)


if __name__ == "__main__":
    pruned = prune(json.loads(Path(sys.argv[1]).read_text()))
    text = json.dumps(pruned, separators=(",", ":"), sort_keys=True)
    RESOURCE.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(pruned['paths'])} paths, {RESOURCE.stat().st_size} bytes")  # noqa: T201
