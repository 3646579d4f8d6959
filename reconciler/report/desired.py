"""The desired state: reconcile.desired/v1, and a short form for people."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from reconciler import schema
from reconciler.hcl.evaluate import Evaluation
from reconciler.model import UNKNOWN, Diagnostic, Json, Path, Plain, Resource, Unknown, format_path
from reconciler.records import dataclass
from reconciler.report.scan import diagnostic_json
from reconciler.schema.shape import Block

FORMAT: Final = "reconcile.desired/v1"


@dataclass(frozen=True, slots=True)
class Desired:
    """One stack's code, evaluated."""

    stack: str
    commit: str
    resources: tuple[Resource, ...]
    outputs: dict[str, Json]
    diagnostics: tuple[Diagnostic, ...]

    @classmethod
    def of(cls, stack: str, commit: str, evaluation: Evaluation, targets: Collection[str] = ()) -> Desired:
        """`targets` are addresses; what is under one belongs to it. Sensitive values are left out.

        A module that could not be entered is a warning.
        """
        chosen = [r for r in evaluation.resources if not targets or _under(str(r.address), targets)]
        outputs: dict[str, Json] = {
            name: {
                "value": None if output.sensitive else _known(output.value),
                "unknown": output.unknown,
                "sensitive": output.sensitive,
            }
            for name, output in sorted(evaluation.outputs.items())
        }
        missing = (Diagnostic("warning", f"{gap.address}: {gap.reason}") for gap in evaluation.gaps)
        return cls(stack, commit, tuple(chosen), outputs, (*evaluation.diagnostics, *missing))

    @property
    def has_errors(self) -> bool:
        return any(diagnostic.severity == "error" for diagnostic in self.diagnostics)


def _under(address: str, targets: Collection[str]) -> bool:
    return any(address == t or address.startswith((f"{t}.", f"{t}[")) for t in targets)


def render_desired(desired: Sequence[Desired], form: str, *, colour: bool = False) -> str:
    """One JSON document: an object for one stack, a list for several; or text."""
    if form == "json":
        documents = [_document(entry) for entry in desired]
        content: Json = documents[0] if len(documents) == 1 else list(documents)
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    return "\n".join(line for entry in desired for line in _text(entry, colour)) + "\n"


def _document(desired: Desired) -> dict[str, Json]:
    return {
        "format": FORMAT,
        "stack": desired.stack,
        "commit": desired.commit,
        "resources": [_resource(resource) for resource in desired.resources],
        "outputs": desired.outputs,
        "diagnostics": [diagnostic_json(d) for d in desired.diagnostics],
    }


def _resource(resource: Resource) -> dict[str, Json]:
    unknown: list[Path] = []
    secret = _secret_paths(resource)
    values = {name: _shown(value, (name,), secret, unknown) for name, value in sorted(resource.values.items())}
    return {
        "address": str(resource.address),
        "type": resource.type,
        "mode": resource.address.mode,
        "source": {"file": resource.source.file, "line": resource.source.line},
        "values": values,
        "unknown": list[Json](format_path(path) for path in unknown),
        "sensitive": list[Json](sorted(format_path(path) for path in secret)),
        "unverified": resource.unverified,
    }


def _secret_paths(resource: Resource) -> frozenset[Path]:
    """What the code marks, and what the schema says is sensitive and the code sets."""
    found = set(resource.sensitive)
    described = schema.resource(resource.type)
    if described is not None:
        for name, value in resource.values.items():
            found.update(_by_schema(described.block, name, value, (name,)))
    return frozenset(found)


def _by_schema(block: Block, name: str, value: Plain, path: Path) -> Iterator[Path]:
    attribute, nested = block.attributes.get(name), block.blocks.get(name)
    if attribute is not None and attribute.sensitive and value is not None:
        yield path
    if nested is None:
        return
    items = value if isinstance(value, list) else [value]
    for index, item in enumerate(items):
        if isinstance(item, dict):
            at = (*path, index) if isinstance(value, list) else path
            for key, inner in item.items():
                yield from _by_schema(nested.block, key, inner, (*at, key))


def _shown(value: Plain, path: Path, secret: frozenset[Path], unknown: list[Path]) -> Json:
    match value:
        case Unknown():
            unknown.append(path)
            return None
        case dict():
            return {k: _shown(v, (*path, k), secret, unknown) for k, v in value.items()}
        case list():
            return [_shown(v, (*path, i), secret, unknown) for i, v in enumerate(value)]
        case _:
            return {"redacted": True} if path in secret and value is not None else value


def _known(value: Plain) -> Json:
    match value:
        case Unknown():
            return None
        case dict():
            return {k: _known(v) for k, v in value.items()}
        case list():
            return [_known(v) for v in value]
        case _:
            return value


def _text(desired: Desired, colour: bool) -> Iterator[str]:
    yield f"{_bold(colour, desired.stack)}  {len(desired.resources)} resources at {desired.commit[:12]}"
    for diagnostic in desired.diagnostics:
        where = f"{diagnostic.span}: " if diagnostic.span else ""
        yield f"  {diagnostic.severity}: {where}{diagnostic.summary}"
    for resource in desired.resources:
        content = _resource(resource)
        yield f"  {_bold(colour, content['address'])}  {resource.source}"
        if resource.unverified:
            yield f"      unverified: {resource.unverified}"
        values = content["values"]
        for name, value in values.items() if isinstance(values, dict) else ():
            shown = "(known after apply)" if resource.values[name] is UNKNOWN else json.dumps(value, ensure_ascii=False)
            yield f"      {name} = {shown}"


def _bold(colour: bool, text: object) -> str:
    return f"\x1b[1m{text}\x1b[0m" if colour else str(text)
