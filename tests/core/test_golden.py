"""No golden folder drifts: what real Terraform applied, read back, is found again and is in sync with its code.

The folders' `expected.json` equals Terraform's own state (that is tested where they are recorded), so every difference
that shows here would be noise. Then each attribute that a resource has is changed, and must be found.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import pytest

from reconciler import schema
from reconciler.drift import compare
from reconciler.hcl.evaluate import Inputs, evaluate
from reconciler.hcl.tree import MemoryTree
from reconciler.identity import Match, Records, match
from reconciler.model import LiveResource, Path, Provider, Resource
from reconciler.resources import TYPES
from reconciler.resources.spec import ResourceType
from reconciler.schema.shape import Attribute
from reconciler.semantics import equivalent, has_unknown, names
from tests.core.support import context
from tests.core.test_properties import leaves, mutated
from tests.resources.golden import GOLDEN, expected

FOLDERS = sorted(path.name for path in GOLDEN.iterdir() if (path / "expected.json").exists() and path.name in TYPES)


EMULATOR = {
    ("aws_kinesis_stream", "tags"): "moto forgets tags on the way",
    ("aws_kms_key", "rotation_period_in_days"): "moto knows no period",
    ("aws_lambda_function", "dead_letter_config"): "moto keeps none",
    ("aws_api_gateway_rest_api", "binary_media_types"): "moto keeps none",
    ("aws_route53_zone", "vpc"): "moto forgets the networks of a zone",
    ("aws_sns_topic", "tracing_config"): "moto keeps none",
    ("aws_lambda_permission", "event_source_token"): "moto keeps none",
    ("aws_lambda_permission", "function_url_auth_type"): "moto keeps none",
    ("aws_acm_certificate", "validation_method"): "moto says DNS of all",
    ("aws_acm_certificate", "key_algorithm"): "moto makes RSA keys only",
    ("aws_dynamodb_table", "table_class"): "moto keeps none",
    ("aws_ecs_service", "availability_zone_rebalancing"): "moto keeps none",
    ("aws_ecs_service", "ordered_placement_strategy"): "moto keeps none",
    ("aws_appsync_graphql_api", "api_type"): "moto keeps none",
    ("aws_appsync_graphql_api", "introspection_config"): "moto keeps none",
    ("aws_sesv2_configuration_set", "tracking_options"): "moto gives an empty block",
    ("aws_sesv2_configuration_set", "vdm_options"): "moto gives an empty block",
    ("aws_launch_template", "tag_specifications"): "moto takes the template's own tags for the machines'",
}
"""What the provider wrote and moto does not give back, so that Terraform's own plan differs too."""

NAMELESS = {
    "aws_ebs_volume.plain": "no Name",
    "aws_efs_file_system.plain": "neither creation token nor Name",
    "aws_eip.plain": "neither tag nor instance",
    "aws_instance.plain": "no Name",
    "aws_internet_gateway.loose": "neither tag nor network",
}
"""What only state or a baseline can tell from others of its kind."""


@dataclass(frozen=True)
class Stub:
    type: str
    id: str
    keys: dict[str, Any]
    provider: Provider
    aws_owned: bool = False


def folder(type_name: str) -> tuple[list[Resource], dict[str, Match], dict[str, dict[str, Any]]]:
    """The resources of the type, what they match, and what is live by id."""
    files = {path.name: path.read_bytes() for path in (GOLDEN / type_name).iterdir() if path.is_file()}
    tree = MemoryTree({name: text for name, text in files.items() if not name.endswith(".json")})
    there = {entry["id"]: entry["attributes"] for entry in expected(type_name)}
    found = evaluate(tree, ".")
    for _ in range(2):
        resources = [r for r in found.resources if r.type == type_name]
        stubs = [Stub(type_name, id_, values, r.provider) for r in resources[:1] for id_, values in there.items()]
        matches = match(resources, stubs, Records(), TYPES)
        prior = {a: {**there[m.id], "id": m.id} for a, m in matches.items() if m.id is not None}
        found = evaluate(tree, ".", Inputs(prior=prior))
    return [r for r in found.resources if r.type == type_name], matches, there


def skipped(path: Path, spec: ResourceType) -> bool:
    """The path, or what leads to it, is not compared."""
    dotted = names(path).split(".")
    return any(".".join(dotted[:n]) in spec.config_only | spec.unchecked for n in range(1, len(dotted) + 1))


def said_at(resource: Resource, path: Path) -> bool:
    """The code says something at the path; what it leaves out inside a block may be the provider's."""
    value: Any = resource.values
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return False
        if value is None:
            return False
    return True


def live_of(type_name: str, id_: str, attributes: dict[str, Any]) -> LiveResource:
    return LiveResource(type_name, id_, attributes, "eu-west-1", "123456789012")


@pytest.mark.parametrize("type_name", FOLDERS)
def test_nothing_drifts(type_name: str) -> None:
    resources, matches, there = folder(type_name)
    assert resources
    for resource in resources:
        found = matches[str(resource.address)]
        assert (found.reason is None) != (str(resource.address) in NAMELESS), (str(resource.address), found)
        if found.id is None:
            continue  # its key is known only when other resources are
        finding = compare(resource, None, live_of(type_name, found.id, there[found.id]), TYPES[type_name], context())
        changes = {str(c.path[0]): c for c in finding.changes if (type_name, str(c.path[0])) not in EMULATOR}
        assert changes == {}, str(resource.address)
        assert finding.status != "unverified", finding.reason


@pytest.mark.parametrize("type_name", FOLDERS)
def test_every_change_is_found(type_name: str) -> None:
    resources, matches, there = folder(type_name)
    described, spec = schema.resource(type_name), TYPES[type_name]
    assert described is not None
    for resource in resources:
        id_ = matches[str(resource.address)].id
        if id_ is None:
            continue
        before = compare(resource, None, live_of(type_name, id_, there[id_]), spec, context())
        for path, _ in leaves(described.block, there[id_]):
            name = str(path[0])
            shape = described.block.attributes.get(name) or described.block.blocks[name]
            said = resource.values.get(name)
            if name in ("id", "tags_all") or said in (None, [], "") or has_unknown(said) or name not in spec.attributes:
                continue
            if (isinstance(shape, Attribute) and shape.read_only) or skipped(path, spec):
                continue
            if not said_at(resource, path):
                continue
            now = copy.deepcopy(there[id_])
            if name == "tags":
                now.pop("tags_all", None)
            now = mutated(now, path)
            if equivalent(shape, now[name], there[id_][name], spec.semantics, name):
                continue
            finding = compare(resource, None, live_of(type_name, id_, now), spec, context())
            known = {c.path[0] for c in before.changes}
            assert {c.path[0] for c in finding.changes} - known == {name} - known, (str(resource.address), path)
