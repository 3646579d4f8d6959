"""States that real Terraform wrote, and files that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import ConfigError
from reconciler.model import Address, ModuleStep
from reconciler.terraform import S3, Elsewhere, Local, State, files_under, load, locate, parse_state
from tests.support.terraform import Terraform, needs_terraform, resources_of

CODE = """
variable "secret" {
  default   = "hush"
  sensitive = true
}
resource "terraform_data" "one" {
  input = { name = "a", token = var.secret }
}
resource "terraform_data" "counted" {
  count = 2
  input = count.index
}
resource "terraform_data" "named" {
  for_each = toset(["a", "b \\"c\\" [0]", "d.e", "\u00fc/${"\\\\"}"])
  input    = each.key
}
module "outer" {
  source   = "./outer"
  for_each = toset(["x.y", "z\\""])
}
data "terraform_remote_state" "none" {
  backend  = "local"
  config   = { path = "${path.module}/other.tfstate" }
  defaults = { here = "no" }
}
output "plain" { value = [1, 2.5, null] }
output "secret" {
  value     = var.secret
  sensitive = true
}
"""
OUTER = 'module "inner" {\n  source = "../inner"\n  count  = 2\n}\n'
INNER = 'resource "terraform_data" "deep" {\n  for_each = { k = 1 }\n  input    = each.value\n}\n'
OTHER = '{"version": 4, "serial": 1, "lineage": "a", "outputs": {}, "resources": []}'


def write(folder: Path, files: dict[str, str]) -> Terraform:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Terraform(folder)


def no_object(_location: S3) -> bytes | None:
    raise AssertionError("nothing is in S3")


def read(folder: Path, backend: str | None = None, workspace: str = "default", **config: Any) -> State | None:
    return load(locate(backend, config, workspace), files_under(folder), no_object)


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    folder = tmp_path_factory.mktemp("state")
    files = {"main.tf": CODE, "outer/main.tf": OUTER, "inner/main.tf": INNER, "other.tfstate": OTHER}
    terraform = write(folder, files)
    terraform.init()
    terraform.apply()
    terraform.run("taint", "terraform_data.counted[1]")
    return terraform


@needs_terraform
@pytest.mark.terraform
def test_every_instance_is_as_terraform_shows_it(applied: Terraform) -> None:
    state = read(applied.folder)
    assert state is not None
    shown = {one["address"]: one for one in resources_of(applied.state()["values"]["root_module"])}
    ours = state.resources | state.data
    assert set(ours) == set(shown)
    assert len(state.resources) == 1 + 2 + 4 + 2 * 2
    for address, one in shown.items():
        found = ours[address]
        assert found.attributes["input" if one["mode"] == "managed" else "outputs"] is not None or found.tainted
        assert found.address == Address.parse(address)
        assert found.schema_version == one["schema_version"]
        assert found.tainted == one.get("tainted", False)
        assert found.source == one["provider_name"] == "terraform.io/builtin/terraform"
        assert found.provider == "terraform"
        if one["mode"] == "managed":
            assert found.id == one["values"]["id"]
    deep = state.resources['module.outer["x.y"].module.inner[1].terraform_data.deep["k"]']
    assert deep.address.modules == (ModuleStep("outer", "x.y"), ModuleStep("inner", 1))


@needs_terraform
@pytest.mark.terraform
def test_sensitive_paths_and_outputs(applied: Terraform) -> None:
    state = read(applied.folder)
    assert state is not None
    assert ("input", "token") in state.resources["terraform_data.one"].sensitive
    assert state.resources['terraform_data.named["a"]'].sensitive == frozenset()
    assert state.outputs["plain"].value == [1, 2.5, None]
    assert state.outputs["plain"].type == ["tuple", ["number", "number", "dynamic"]]
    assert not state.outputs["plain"].sensitive
    assert state.outputs["secret"].sensitive
    assert state.terraform_version.startswith("1.")
    assert state.serial >= 1
    assert state.lineage


@needs_terraform
@pytest.mark.terraform
def test_deposed_objects_are_left_out(tmp_path: Path) -> None:
    terraform = write(tmp_path, {"main.tf": 'resource "terraform_data" "one" {}\n'})
    terraform.init()
    terraform.apply()
    path = tmp_path / "terraform.tfstate"
    document = json.loads(path.read_text())
    instances = document["resources"][0]["instances"]
    old = instances[0] | {"deposed": "0a1b2c3d", "attributes": instances[0]["attributes"] | {"id": "old"}}
    instances.insert(0, old)
    path.write_text(json.dumps(document))
    shown = terraform.state()["values"]["root_module"]["resources"]
    assert sorted(one.get("deposed_key", "") for one in shown) == ["", "0a1b2c3d"]  # Terraform takes it for one, too
    state = read(tmp_path)
    assert state is not None
    assert [one.id for one in state.resources.values()] == [
        one["values"]["id"] for one in shown if "deposed_key" not in one
    ]


@needs_terraform
@pytest.mark.terraform
def test_workspaces_and_paths(tmp_path: Path) -> None:
    code = 'resource "terraform_data" "one" {\n  input = terraform.workspace\n}\n'
    backend = 'terraform {\n  backend "local" {\n    path = "kept/it.json"\n    workspace_dir = "spaces"\n  }\n}\n'
    for name, extra, config in (
        ("plain", "", {}),
        ("set", backend, {"path": "kept/it.json", "workspace_dir": "spaces"}),
    ):
        folder = tmp_path / name
        terraform = write(folder, {"main.tf": code + extra})
        terraform.init()
        assert read(folder, "local" if extra else None, **config) is None
        terraform.apply()
        terraform.run("workspace", "new", "blue")
        terraform.apply()
        for workspace in ("default", "blue"):
            state = read(folder, "local" if extra else None, workspace, **config)
            assert state is not None
            assert state.resources["terraform_data.one"].attributes["input"] == {"value": workspace, "type": "string"}
        assert read(folder, "local" if extra else None, "green", **config) is None


EMPTY = '{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "outputs": {}, "resources": %s}'
BAD = [
    ("[]", "not a JSON object"),
    ("{", "no JSON"),
    ("\x00\x01", "no JSON"),
    ("[" * 100_000, "nested too deeply"),
    ('{"a": 1}', "is no Terraform state"),
    ('{"version": 3, "modules": []}', "has state format 3, not 4"),
    ('{"version": 5}', "has state format 5, not 4"),
    ('{"version": true}', "has state format True"),
    ('{"serial": 1, "lineage": "a", "meta": {}, "encrypted_data": "aGk=", "encryption_version": "v0"}', "encrypted"),
    (EMPTY % "{}", "a list was expected"),
    (EMPTY % "[{}]", "damaged state|instance"),
    (EMPTY % '[{"mode": "managed", "type": "a", "name": "b", "instances": [{}]}]', "damaged state: KeyError"),
    (EMPTY % '[{"mode": "managed", "type": "a", "name": "b", "provider": "x", "instances": [{}]}]', "unknown provider"),
]


@pytest.mark.parametrize(("text", "expected"), BAD)
def test_what_is_no_state_is_told(text: str, expected: str) -> None:
    if expected == "damaged state|instance":
        assert parse_state(text.encode(), "x") == parse_state((EMPTY % "[]").encode(), "x")  # a resource of nothing
        return
    with pytest.raises(ConfigError, match=expected) as caught:
        parse_state(text.encode(), "infra/terraform.tfstate")
    assert caught.value.where == "infra/terraform.tfstate"
    assert caught.value.hint
    assert "aGk=" not in str(caught.value)


def test_an_empty_file_is_an_empty_state() -> None:
    assert parse_state(b"", "x") == State()
    assert parse_state(b" \n", "x") == State()


@pytest.mark.parametrize(
    ("provider", "name", "source"),
    [
        ('provider["registry.terraform.io/hashicorp/aws"]', "aws", "registry.terraform.io/hashicorp/aws"),
        ('provider["registry.terraform.io/hashicorp/aws"].west', "aws.west", "registry.terraform.io/hashicorp/aws"),
        (
            'module.a.module.b.provider["registry.opentofu.org/hashicorp/aws"].x-1',
            "aws.x-1",
            "registry.opentofu.org/hashicorp/aws",
        ),
    ],
)
def test_providers(provider: str, name: str, source: str) -> None:
    one = {"mode": "managed", "type": "aws_vpc", "name": "b", "provider": provider}
    one["instances"] = [{"index_key": "k", "attributes_flat": {"id": "vpc-1", "tags.%": "0"}}]  # type: ignore[assignment]
    state = parse_state((EMPTY % json.dumps([one])).encode(), "x")
    found = state.resources['aws_vpc.b["k"]']
    assert (found.provider, found.source, found.id, dict(found.attributes)) == (name, source, "vpc-1", {})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
INSTANCES = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("index_key", "attributes", "sensitive_attributes", "schema_version", "status"), JSON),
)
RESOURCES = st.fixed_dictionaries(
    {"provider": st.just('provider["a/b/aws"]') | JSON, "instances": st.lists(INSTANCES, max_size=2) | JSON},
    optional=dict.fromkeys(("mode", "type", "name", "module"), JSON),
)


@given(
    st.fixed_dictionaries({"version": st.just(4)}, optional={"resources": st.lists(RESOURCES) | JSON, "outputs": JSON})
)
def test_whatever_is_in_it_is_a_state_or_a_config_error(document: dict[str, Any]) -> None:
    try:
        assert isinstance(parse_state(json.dumps(document).encode(), "x"), State)
    except ConfigError as error:
        assert error.where == "x"


S3_CONFIG: dict[str, Any] = {"bucket": "b", "key": "a/t.tfstate", "region": "eu-west-1"}


@pytest.mark.parametrize(
    ("config", "workspace", "key"),
    [
        (S3_CONFIG, "default", "a/t.tfstate"),
        (S3_CONFIG, "blue", "env:/blue/a/t.tfstate"),
        (S3_CONFIG | {"workspace_key_prefix": "spaces"}, "blue", "spaces/blue/a/t.tfstate"),
        (S3_CONFIG | {"workspace_key_prefix": "spaces"}, "default", "a/t.tfstate"),
    ],
)
def test_where_s3_keeps_it(config: dict[str, Any], workspace: str, key: str) -> None:
    found = locate("s3", config, workspace)
    assert isinstance(found, S3)
    assert (found.bucket, found.key, found.provider.region) == ("b", key, "eu-west-1")


def test_how_to_sign_in_to_s3() -> None:
    role = {"role_arn": "arn:aws:iam::1:role/a", "external_id": "e", "session_name": "s"}
    for given_role in ({"assume_role": role}, {"assume_role": [role]}, role):
        extra = {"endpoints": [{"s3": "http://localhost:1"}], "sts_endpoint": "http://localhost:2", "profile": "p"}
        keys = {"access_key": "AKIA", "secret_key": "hush", "sse_customer_key": "key"}
        found = locate("s3", S3_CONFIG | given_role | extra | keys | {"use_path_style": True}, "default")
        assert isinstance(found, S3)
        provider = found.provider
        assert provider.assume_role[0].role_arn == "arn:aws:iam::1:role/a"
        assert (provider.assume_role[0].external_id, provider.assume_role[0].session_name) == ("e", "s")
        assert provider.endpoints == (("s3", "http://localhost:1"), ("sts", "http://localhost:2"))
        assert provider.s3_use_path_style
        assert provider.profile == "p"
        assert "hush" not in repr(found)
        assert "'key'" not in repr(found)


@pytest.mark.parametrize(
    ("backend", "config", "reason"),
    [
        ("s3", {"bucket": "b"}, "has no key: run `terraform init`"),
        ("s3", {}, "has no bucket and key"),
        ("cloud", {}, "HCP Terraform"),
        ("remote", {}, "HCP Terraform"),
        ("gcs", {"bucket": "b"}, '"gcs" is not read'),
    ],
)
def test_what_is_not_read(backend: str, config: dict[str, Any], reason: str) -> None:
    found = locate(backend, config)
    assert isinstance(found, Elsewhere)
    assert reason in found.reason
    assert load(found, lambda _path: b"", no_object) is None


def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "terraform.tfstate").mkdir()
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(Local("terraform.tfstate"), files_under(tmp_path), no_object)
