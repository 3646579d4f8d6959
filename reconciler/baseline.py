"""Snapshots and revert plans as files: what they are called, what is in them, and whether they are as written.

    baselines/<stack>/<address>.json            reconcile.snapshot/v1, one resource a file
    baselines/<stack>/remediations/<id>.yaml    reconcile.plan/v1, one revert a file

Both are rendered to bytes and parsed from bytes; git carries them. Each holds a digest of the rest of itself: it tells
an edit by hand, or a merge gone wrong, from what was reviewed. It is no signature; the review is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, cast
from urllib.parse import quote

from reconciler import schema
from reconciler.drift import attributes_recorded
from reconciler.errors import ConfigError
from reconciler.hcl.tree import SourceTree
from reconciler.model import Address, Json, LiveResource, Operation, Snapshot, format_path, parse_path
from reconciler.redaction import Redactor, Secrecy
from reconciler.resources.spec import ResourceType
from reconciler.reverting import PlanItem, PlannedChange, RevertPlan

FOLDER: Final = "baselines"
SNAPSHOT_FORMAT: Final = "reconcile.snapshot/v1"
PLAN_FORMAT: Final = "reconcile.plan/v1"
_LONGEST: Final = 200  # bytes of a file name; file systems take 255

_RECORD_AGAIN: Final = "Take the file from an earlier commit, or write it anew: `reconcile baseline record`."
_PROPOSE_AGAIN: Final = "Run `reconcile propose` for a plan of what is live now; plans are not edited by hand."


# -- names ----------------------------------------------------------------------------------------------------


def snapshot_path(stack: str, address: str, folder: str = FOLDER) -> str:
    """baselines/payments/aws_sqs_queue.work%5B%22a%22%5D.json"""
    return f"{folder}/{_file_name(stack)}/{_file_name(address)}.json"


def plan_path(stack: str, plan_id: str, folder: str = FOLDER) -> str:
    return f"{folder}/{_file_name(stack)}/remediations/{_file_name(plan_id)}.yaml"


def _file_name(text: str) -> str:
    """Percent-encoded; of what is too long, the start and a hash. The file itself tells its address."""
    name = quote(text, safe="")
    if name.startswith("."):
        name = "%2E" + name[1:]
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - 17]}~{hashlib.sha256(text.encode()).hexdigest()[:16]}"


# -- snapshots ------------------------------------------------------------------------------------------------


def record(
    address: str, live: LiveResource, spec: ResourceType, redactor: Redactor, marks: frozenset[Any] = frozenset()
) -> Snapshot:
    """The snapshot of `live`: what can be configured of it, normalised, secrets as keyed hashes.

    `marks` are the paths that the code marks sensitive.
    """
    secrecy = Secrecy(redactor, spec.semantics, marks)
    described = schema.resource(live.type)
    attributes = attributes_recorded(live.type, live.attributes, spec, secrecy)
    return Snapshot(address, live.type, live.id, attributes, described.version if described else 0)


def render(snapshot: Snapshot) -> bytes:
    """The file's content; the same snapshot gives the same bytes."""
    content: dict[str, Json] = {
        "format": SNAPSHOT_FORMAT,
        "address": snapshot.address,
        "type": snapshot.type,
        "id": snapshot.id,
        "schema_version": snapshot.schema_version,
        "attributes": dict(snapshot.attributes),
    }
    content["digest"] = _digest(content)
    return (json.dumps(content, sort_keys=True, indent=2, ensure_ascii=False) + "\n").encode()


def parse(path: str, content: bytes) -> Snapshot:
    """The snapshot in the file at `path`. Raises ConfigError where it is damaged, or not as it was written."""
    try:
        found: Json = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"the snapshot is no JSON: {error}", where=path, hint=_RECORD_AGAIN) from error
    data = _checked(path, found, SNAPSHOT_FORMAT, "snapshot", _RECORD_AGAIN)
    match data:
        case {
            "address": str(address),
            "type": str(type_name),
            "id": str(id_),
            "attributes": dict(attributes),
            "schema_version": int(version),
        }:
            return Snapshot(address, type_name, id_, attributes, version)
        case _:
            raise ConfigError("the snapshot lacks what every snapshot has", where=path, hint=_RECORD_AGAIN)


def load(tree: SourceTree, stack: str, folder: str = FOLDER) -> dict[str, Snapshot]:
    """Every snapshot of the stack, by address. Raises ConfigError on the first that cannot be trusted."""
    found: dict[str, Snapshot] = {}
    prefix = f"{folder}/{_file_name(stack)}/"
    for path in tree.paths():
        if path.startswith(prefix) and path.endswith(".json") and "/" not in path[len(prefix) :]:
            snapshot = parse(path, tree.read(path))
            if snapshot_path(stack, snapshot.address, folder) != path:
                what = f"the snapshot is of {snapshot.address}, which its name does not say"
                raise ConfigError(what, where=path, hint=_RECORD_AGAIN)
            found[snapshot.address] = snapshot
    return found


def _checked(path: str, found: Json, wanted: str, what: str, hint: str) -> dict[str, Json]:
    """`found` as an object of this format whose digest is right, without the digest."""
    if not isinstance(found, dict):
        raise ConfigError(f"the {what} is no object", where=path, hint=hint)
    if found.get("format") != wanted:
        written = found.get("format")
        raise ConfigError(f"the {what} is in format {written!r}; this version reads {wanted}", where=path, hint=hint)
    rest = {key: value for key, value in found.items() if key != "digest"}
    if found.get("digest") != _digest(rest):
        raise ConfigError(f"the {what} was changed by hand: its digest does not match", where=path, hint=hint)
    return rest


def _digest(content: Mapping[str, Json]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


# -- revert plans ---------------------------------------------------------------------------------------------

_HEADING: Final = """\
# A revert plan: merging it approves it, `reconcile apply` carries it out as it stands here, if live still is what
# `precondition` says and `expires` is not over. Edits by hand are refused: the digest would not match.
"""


def render_plan(plan: RevertPlan) -> bytes:
    """The file's content; the same plan gives the same bytes."""
    import yaml  # slow to import

    content = plan_content(plan)
    content["digest"] = _digest(content)
    text = yaml.dump(content, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=120)
    return (_HEADING + text).encode()


def plan_content(plan: RevertPlan) -> dict[str, Json]:
    """The plan as JSON, without its digest."""
    return {
        "format": PLAN_FORMAT,
        "id": plan.id,
        "stack": plan.stack,
        "title": plan.title,
        "expires": plan.expires,
        "findings": [_item_content(item) for item in plan.items],
    }


def _item_content(item: PlanItem) -> dict[str, Json]:
    return {
        "address": item.address,
        "type": item.type,
        "id": item.id,
        "account": item.account,
        "region": item.region,
        "action": item.action,
        "fingerprint": item.fingerprint,
        "changes": [{"path": format_path(c.path), "before": c.before, "after": c.after} for c in item.changes],
        "precondition": item.precondition,
        "operations": [_operation_content(o) for o in item.operations],
        "inverse": [_operation_content(o) for o in item.inverse],
    }


def _operation_content(operation: Operation) -> dict[str, Json]:
    return {
        "service": operation.service,
        "operation": operation.operation,
        "parameters": dict(operation.parameters),
    }


def parse_plan(path: str, content: bytes) -> RevertPlan:
    """The plan in the file at `path`. Raises ConfigError where it is damaged, or not as it was written."""
    import yaml  # slow to import

    try:
        found = cast("Json", yaml.load(content, Loader=_loader()))  # noqa: S506 - a SafeLoader that takes less
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise ConfigError(f"the plan is no YAML that can be read: {error}", where=path, hint=_PROPOSE_AGAIN) from error
    data = _checked(path, found, PLAN_FORMAT, "plan", _PROPOSE_AGAIN)
    try:
        return _plan(data)
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"the plan lacks what every plan has: {error}", where=path, hint=_PROPOSE_AGAIN) from error


def load_plans(tree: SourceTree, stack: str, folder: str = FOLDER) -> dict[str, RevertPlan]:
    """Every plan of the stack, by the path of its file."""
    prefix = f"{folder}/{_file_name(stack)}/remediations/"
    found: dict[str, RevertPlan] = {}
    for path in tree.paths():
        if path.startswith(prefix) and path.endswith(".yaml"):
            plan = parse_plan(path, tree.read(path))
            if plan.stack != stack or plan_path(stack, plan.id, folder) != path:
                what = f"the plan is {plan.id} of stack {plan.stack}, which its place does not say"
                raise ConfigError(what, where=path, hint=_PROPOSE_AGAIN)
            found[path] = plan
    return found


def _plan(data: Mapping[str, Json]) -> RevertPlan:
    return RevertPlan(
        _text(data, "id"),
        _text(data, "stack"),
        _text(data, "title"),
        tuple(_item(entry) for entry in _entries(data, "findings")),
        _text(data, "expires"),
    )


def _item(data: Mapping[str, Json]) -> PlanItem:
    action = _text(data, "action")
    if action not in ("update", "create", "delete"):
        raise ValueError(f"action {action!r}")
    address = _text(data, "address")
    if address:  # what no code manages has none
        Address.parse(address)
    return PlanItem(
        address=address,
        type=_text(data, "type"),
        id=_text(data, "id"),
        account=_text(data, "account"),
        region=_text(data, "region"),
        action=action,
        fingerprint=_text(data, "fingerprint"),
        changes=tuple(
            PlannedChange(parse_path(_text(c, "path")), c["before"], c["after"]) for c in _entries(data, "changes")
        ),
        precondition=_text(data, "precondition"),
        operations=tuple(_operation(o) for o in _entries(data, "operations")),
        inverse=tuple(_operation(o) for o in _entries(data, "inverse")),
    )


def _operation(data: Mapping[str, Json]) -> Operation:
    parameters = data["parameters"]
    if not isinstance(parameters, dict):
        raise TypeError("parameters")
    return Operation(_text(data, "service"), _text(data, "operation"), parameters)


def _text(data: Mapping[str, Json], key: str) -> str:
    value = data[key]
    if not isinstance(value, str):
        raise TypeError(key)
    return value


def _entries(data: Mapping[str, Json], key: str) -> list[dict[str, Json]]:
    value = data[key]
    if not isinstance(value, list):
        raise TypeError(key)
    entries = [entry for entry in value if isinstance(entry, dict)]
    if len(entries) != len(value):
        raise TypeError(key)
    return entries


def _dumper() -> Any:
    """Every value in full: an alias would make a reviewer look for what it stands for."""
    import yaml

    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
            return True

    return Plain


def _loader() -> Any:
    """Neither aliases nor a key twice: what is read must be what runs."""
    import yaml

    class Strict(yaml.SafeLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("aliases are not taken")
            return super().compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            keys = [key.value for key, _ in node.value]
            if len(keys) != len(set(keys)):
                raise yaml.YAMLError(f"a key is there twice{node.start_mark}")
            return super().construct_mapping(node, deep)

    return cast("Callable[..., Any]", Strict)
