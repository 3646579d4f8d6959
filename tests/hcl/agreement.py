"""Our evaluation against Terraform's plan of the same configuration."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path as Folder
from typing import Any

from reconciler import schema
from reconciler.hcl.evaluate import Evaluation, Inputs, evaluate
from reconciler.hcl.tree import MemoryTree
from reconciler.model import UNKNOWN, Path, Resource, format_path
from tests.support.terraform import Terraform, resources_of


def tree_of(folder: Folder) -> MemoryTree:
    files = [path for path in folder.rglob("*") if path.is_file() and ".terraform" not in path.parts]
    return MemoryTree({path.relative_to(folder).as_posix(): path.read_bytes() for path in files})


def planned(source: Folder, work: Folder, root: str = "", *arguments: str, env: Mapping[str, str] | None = None) -> Any:
    """Terraform's plan of `source` without any state, in a copy at `work`."""
    shutil.copytree(source, work, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".terraform*"))
    terraform = Terraform(work / root, env=dict(env or {}))
    terraform.init()
    return terraform.plan("-refresh=false", *arguments)


def evaluated(source: Folder, root: str = "", inputs: Inputs | None = None) -> Evaluation:
    return evaluate(tree_of(source), root, inputs)


def disagreements(evaluation: Evaluation, plan: Any) -> list[str]:
    """One line for each difference; none where we agree on every configured attribute."""
    found = [f"{d.span}: {d.summary}" for d in evaluation.diagnostics if d.severity == "error"]
    resources = resources_of(plan["planned_values"].get("root_module", {}))
    theirs = {r["address"]: r for r in resources if r["mode"] == "managed"}
    changes = {c["address"]: c["change"] for c in plan.get("resource_changes", [])}
    ours = {str(resource.address): resource for resource in evaluation.resources}
    found += [f"{address}: only Terraform has it" for address in sorted(theirs.keys() - ours.keys())]
    found += [f"{address}: only we have it" for address in sorted(ours.keys() - theirs.keys())]
    for address in sorted(ours.keys() & theirs.keys()):
        resource = ours[address]
        supported = resource.type.startswith(("aws_", "terraform_data", "null_"))
        if resource.unverified is not None and resource.type.startswith("aws_"):
            found.append(f"{address}: unverified: {resource.unverified}")
        elif supported:
            values, change = theirs[address].get("values", {}), changes.get(address, {})
            after, secret = change.get("after_unknown", {}), change.get("after_sensitive", {})
            for name, value in resource.values.items():
                found += _different(f"{address} {name}", value, values.get(name), _under(after, name))
                if value is not None:
                    found += _different_secrets(f"{address} {name}", resource, name, _under(secret, name))
            known = schema.resource(resource.type)
            if known is not None and change:  # a state has besides what the cloud answered
                found += _missed(address, resource.values, values, after, known.block)
    return found + list(_different_outputs(evaluation, plan))


def _missed(path: str, ours: Mapping[str, Any], theirs: Any, unknown: Any, block: schema.Block) -> Iterator[str]:
    """What Terraform plans of a configuration's block and we don't have: it can only be what the provider adds."""
    for name, attribute in block.attributes.items():
        own, planned, where = ours.get(name), theirs.get(name), f"{path} {name}"
        if own is None and not attribute.computed and name != "id":
            if _any(_under(unknown, name)) or (planned and not isinstance(planned, str | int | float)):  # no default
                yield f"{where}: nothing to us, to Terraform {json.dumps(planned)} (unknown: {_under(unknown, name)})"
        elif attribute.type[0] == "map" and isinstance(own, dict) and isinstance(planned, dict) and name != "tags_all":
            yield from (f"{where}.{key}: only Terraform has it" for key in planned.keys() - own.keys())
    for name, nested in block.blocks.items():
        own, planned, marks = ours.get(name), theirs.get(name), _under(unknown, name)
        where = f"{path} {name}"
        if own in (None, []) and not nested.computed and (planned not in (None, [], {}) or marks is True):
            yield f"{where}: no block to us, to Terraform {json.dumps(planned)} (unknown: {marks})"
        elif isinstance(own, dict) and isinstance(planned, dict):
            yield from _missed(where, own, planned, marks, nested.block)
        elif isinstance(own, list) and isinstance(planned, list):
            for index, (mine, its) in enumerate(zip(own, planned, strict=False)):
                if isinstance(mine, dict):
                    yield from _missed(f"{where}[{index}]", mine, its, _under(marks, index), nested.block)


def _different_outputs(evaluation: Evaluation, plan: Any) -> Iterator[str]:
    theirs = plan["planned_values"].get("outputs", {})
    changes = plan.get("output_changes", {})
    for name, output in evaluation.outputs.items():
        change = changes.get(name, {})
        yield from _different(f"output.{name}", output.value, change.get("after"), change.get("after_unknown", False))
        if output.sensitive != bool(theirs.get(name, {}).get("sensitive", False)):
            yield f"output.{name}: sensitive is {output.sensitive}"
    yield from (f"output.{name}: only Terraform has it" for name in changes.keys() - evaluation.outputs.keys())


def _different_secrets(path: str, resource: Resource, name: str, theirs: Any) -> Iterator[str]:
    ours = {where for where in resource.sensitive if where[0] == name}
    if ours != set(_marked(theirs, (name,))):
        yield f"{path}: sensitive at {sorted(map(format_path, ours))} to us, at {json.dumps(theirs)} to Terraform"


def _marked(sensitive: Any, path: Path) -> Iterator[Path]:
    """The paths that after_sensitive marks."""
    if sensitive is True:
        yield path
    elif isinstance(sensitive, dict):
        for key, inner in sensitive.items():
            yield from _marked(inner, (*path, key))
    elif isinstance(sensitive, list):
        for index, inner in enumerate(sensitive):
            yield from _marked(inner, (*path, index))


def _under(unknown: Any, step: int | str) -> Any:
    """What after_unknown says below one step."""
    if unknown is True:
        return True
    if isinstance(unknown, dict):
        return unknown.get(step, False)
    if isinstance(unknown, list):
        return unknown[step] if isinstance(step, int) and step < len(unknown) else False
    return False


def _any(marks: Any) -> bool:
    """Something is marked, at whatever depth."""
    inner = marks.values() if isinstance(marks, dict) else marks if isinstance(marks, list) else None
    return bool(marks) if inner is None else any(map(_any, inner))


def _different(path: str, ours: Any, theirs: Any, unknown: Any) -> Iterator[str]:
    if ours is None or (ours == [] and theirs is None and not unknown):  # not set, which says nothing; as good as null
        return
    if ours is UNKNOWN:
        if unknown is not True:
            yield f"{path}: unknown to us, to Terraform {json.dumps(theirs)[:200]} (unknown: {unknown})"
    elif unknown is True:
        yield f"{path}: {ours!r} to us, unknown to Terraform"
    elif isinstance(ours, dict) and isinstance(theirs, dict | None):
        for key, value in ours.items():
            yield from _different(f"{path}.{key}", value, (theirs or {}).get(key), _under(unknown, key))
    elif isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            yield f"{path}: {ours!r:.200} to us, {theirs!r:.200} to Terraform"
        for index, value in enumerate(ours[: len(theirs)]):
            yield from _different(f"{path}[{index}]", value, theirs[index], _under(unknown, index))
    elif not _same(ours, theirs):
        yield f"{path}: {ours!r} to us, {theirs!r} to Terraform"


def _same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    return ours == theirs
