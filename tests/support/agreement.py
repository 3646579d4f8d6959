"""Our reading against Terraform's: apply a configuration to the sandbox, refresh, compare every attribute of the state.

    python -m tests.support.agreement FOLDER [TYPE ...]

applies FOLDER once to a fresh endpoint and prints every disagreement. In a test:

    with applied(folder) as estate:
        assert estate.disagreements() == []

Values are compared as the product compares them (reconciler.semantics.canonical). What emulator or provider get wrong
is in KNOWN, each with its reason. A folder needs no provider block; files beside the .tf files are copied.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from reconciler import schema
from reconciler.aws import Cloud, Settings, Stub
from reconciler.model import Gap, LiveResource, Provider
from reconciler.resources import TYPES
from reconciler.resources.spec import ResourceType, dig
from reconciler.sandbox.aws_endpoint import AwsEndpoint
from reconciler.semantics import equivalent, widened
from tests.support.terraform import Terraform, resources_of

REGION = "eu-west-1"

PROVIDER = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  s3_use_path_style           = true
  max_retries                 = 1
}
"""

# "type.attribute" -> why Terraform's refreshed state and we can't agree on moto.
KNOWN: Mapping[str, str] = {
    "aws_network_acl_rule.icmp_code": "moto forgets it, the provider keeps what the code says",
    "aws_network_acl_rule.icmp_type": "moto forgets it, the provider keeps what the code says",
    "aws_ecs_service.placement_constraints": "moto forgets it; the state keeps the code's until it is refreshed",
    "aws_acm_certificate.status": "moto issues a certificate a minute after it was asked for",
    "aws_db_parameter_group.parameter": "moto does not say who set a parameter; the provider takes none for set",
    "aws_cognito_user_pool_domain.aws_account_id": "moto makes up another at every read",
    "aws_cloudwatch_log_subscription_filter.distribution": "moto always answers ByLogStream",
}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """`path` None: the resource as a whole."""

    address: str
    type: str
    path: str | None
    terraform: Any
    ours: Any

    def __str__(self) -> str:
        return f"{self.address}.{self.path}\n    terraform: {self.terraform!r}\n    ours:      {self.ours!r}"


@dataclass(slots=True)
class Estate:
    """What was applied. `state` are the resources of the refreshed state, as `terraform show -json` has them."""

    endpoint: AwsEndpoint
    terraform: Terraform
    provider: Provider
    state: list[dict[str, Any]]

    def cloud(self) -> Cloud:
        return Cloud(Settings(endpoint_url=self.endpoint.url))

    def refresh(self) -> None:
        """Reads the state again, as Terraform finds it live now."""
        self.terraform.apply("-refresh-only", parallelism=16)
        self.state = resources_of(self.terraform.state()["values"]["root_module"])

    def managed(self, types: Iterable[str] | None = None) -> list[dict[str, Any]]:
        wanted = set(types) if types else None
        return [r for r in self.state if r["mode"] == "managed" and (wanted is None or r["type"] in wanted)]

    def unsupported(self) -> list[str]:
        return sorted({r["type"] for r in self.managed() if r["type"] not in TYPES})

    def disagreements(self, types: Iterable[str] | None = None) -> list[Disagreement]:
        """Of every supported type in the state; gaps and missing resources are disagreements too."""
        resources = [r for r in self.managed(types) if r["type"] in TYPES]
        with self.cloud() as cloud:
            lives, gaps = read(cloud, resources, self.provider)
        found = [Disagreement(gap.type or "?", gap.type or "?", gap.id, "", gap.reason) for gap in gaps]
        for resource, live in zip(resources, lives, strict=True):
            found += compare(resource, live, self.provider)
        return found


def read(
    cloud: Cloud, resources: list[dict[str, Any]], provider: Provider
) -> tuple[list[LiveResource | None], list[Gap]]:
    """The live resource of each state resource, found as a scan finds it: through listings, then details."""
    types = {r["type"] for r in resources}
    listing = cloud.list(types, provider)
    by_id = {(stub.type, stub.id): stub for stub in listing.stubs}
    stubs: list[Stub | None] = []
    for resource in resources:
        entry, values = TYPES[resource["type"]], resource["values"]
        if entry.gather:
            stubs.append(Stub.of(entry.name, str(values["id"]), provider, wanted=values))
        elif entry.id_from_live:
            stubs.append(by_id.get((entry.name, str(values["id"]))))
        else:
            stubs.append(next((s for s in listing.stubs if s.type == entry.name and _same_key(entry, s, values)), None))
    reading = cloud.describe([stub for stub in stubs if stub])
    found = iter(reading.found)
    return [next(found) if stub else None for stub in stubs], [*listing.gaps, *reading.gaps]


def _same_key(entry: ResourceType, stub: Stub, values: Mapping[str, Any]) -> bool:
    shapes = _shapes(entry.name)

    def alike(name: str) -> bool:
        if name not in shapes:  # a path into an attribute
            return stub.keys.get(name) == dig(dict(values), name)
        return equivalent(shapes[name], values.get(name), widened(stub.keys.get(name)), entry.semantics, name)

    return any(all(map(alike, key)) for key in entry.natural_keys)


def compare(
    resource: Mapping[str, Any],
    live: LiveResource | None,
    provider: Provider | None = None,
    known: Mapping[str, str] = KNOWN,
) -> list[Disagreement]:
    """Attribute by attribute, as far as the entry maps them; what is in `known` is passed over.

    A tag that repeats a default tag of `provider` stays in `tags` where the configuration says it; live has it in
    tags_all alone.
    """
    address, type_name, values = resource["address"], resource["type"], resource["values"]
    if live is None:
        return [Disagreement(address, type_name, None, values.get("id"), "not found")]
    entry, shapes = TYPES[type_name], _shapes(type_name)
    found: list[Disagreement] = []
    for name in sorted({*entry.attributes, *(("tags_all",) if "tags" in entry.attributes else ())}):
        if f"{type_name}.{name}" in known or name not in live.attributes:
            continue
        theirs, ours = (_without(side.get(name), _inside(entry, name)) for side in (values, live.attributes))
        ours = _where_told(theirs, ours, entry, name)
        if name == "tags" and provider is not None:
            theirs = {key: value for key, value in (theirs or {}).items() if (key, value) not in provider.default_tags}
        if "security_group" in type_name and name in ("ingress", "egress"):
            theirs, ours = _single_rules(theirs), _single_rules(ours)
        if not equivalent(shapes[name], theirs, ours, entry.semantics, name):
            found.append(Disagreement(address, type_name, name, theirs, ours))
    if live.id != str(values.get("id")) and entry.id_from_live:
        found.append(Disagreement(address, type_name, "id", values.get("id"), live.id))
    return found


_PEERS = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups")


def _single_rules(blocks: Any) -> list[dict[str, Any]]:
    """A block for each peer: how the state groups them is how the configuration did, and means nothing."""
    found: list[dict[str, Any]] = []
    for block in cast("list[dict[str, Any]]", blocks or []):
        rest = {name: value for name, value in block.items() if name not in (*_PEERS, "self")}
        peers = [{kind: [peer]} for kind in _PEERS for peer in block.get(kind) or []]
        found += [{**rest, **peer} for peer in [*peers, *([{"self": True}] if block.get("self") else [])]]
    return found


def _shapes(type_name: str) -> dict[str, Any]:
    known = schema.resource(type_name)
    assert known is not None
    return {**known.block.attributes, **known.block.blocks}


def _inside(entry: ResourceType, attribute: str) -> list[list[str]]:
    """What is never live or not mapped in an attribute's blocks, as the names that lead there."""
    dotted = [name.split(".") for name in entry.config_only | entry.unchecked]
    return [steps[1:] for steps in dotted if len(steps) > 1 and steps[0] == attribute]


def _without(value: Any, paths: list[list[str]]) -> Any:
    if isinstance(value, list):
        return [_without(item, paths) for item in cast("list[Any]", value)]
    if not isinstance(value, dict) or not paths:
        return cast("Any", value)
    gone = {steps[0] for steps in paths if len(steps) == 1}
    return {
        name: _without(item, [steps[1:] for steps in paths if len(steps) > 1 and steps[0] == name])
        for name, item in cast("dict[str, Any]", value).items()
        if name not in gone
    }


def _where_told(theirs: Any, ours: Any, entry: ResourceType, at: str) -> Any:
    """Ours without what the provider leaves out of the state where the code does not set it (`ResourceType.kept`)."""
    if at in entry.kept and not theirs:
        return theirs
    if isinstance(theirs, dict) and isinstance(ours, dict):
        pairs = cast("tuple[dict[str, Any], dict[str, Any]]", (theirs, ours))
        return {name: _where_told(pairs[0].get(name), item, entry, f"{at}.{name}") for name, item in pairs[1].items()}
    if isinstance(theirs, list) and isinstance(ours, list):
        lists = cast("tuple[list[Any], list[Any]]", (theirs, ours))
        if len(lists[0]) == len(lists[1]):
            return [_where_told(a, b, entry, at) for a, b in zip(*lists, strict=True)]
    return cast("Any", ours)


@contextmanager
def applied(folder: Path, *, provider: Provider | None = None) -> Generator[Estate]:
    """Applies the configuration in `folder` (copied) to a fresh endpoint."""
    with tempfile.TemporaryDirectory(prefix="agreement-") as scratch, AwsEndpoint() as endpoint:
        work = Path(scratch)
        for file in folder.iterdir():
            if file.is_file():
                shutil.copy(file, work / file.name)
        if not any('provider "aws"' in f.read_text() for f in work.glob("*.tf")):
            (work / "provider.tf").write_text(PROVIDER)
        terraform = Terraform(work, env={"AWS_ENDPOINT_URL": endpoint.url})
        terraform.init()
        terraform.apply(parallelism=16)
        default = Provider(region=REGION, access_key="test", secret_key="test", s3_use_path_style=True)
        estate = Estate(endpoint, terraform, provider or default, [])
        estate.refresh()
        yield estate


def main(folder: str, *types: str) -> int:
    with applied(Path(folder)) as estate:
        found = estate.disagreements(types or None)
        for disagreement in found:
            print(disagreement)  # noqa: T201
        compared = [r for r in estate.managed(types or None) if r["type"] in TYPES]
        print(f"{len(compared)} resources compared, {len(found)} disagreements")  # noqa: T201
        if estate.unsupported():
            print("no entry yet:", ", ".join(estate.unsupported()))  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
