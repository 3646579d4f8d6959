"""The build tool against a real provider binary, with Terraform's own reading of the provider as the judge."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, cast

import pytest

from reconciler import schema
from reconciler.schema import build
from reconciler.schema.shape import Block, Type
from reconciler.schema.table import Table
from tests.support.terraform import MIRROR, Terraform, needs_provider

FEW = "aws_s[qn]s_*"


def binary() -> Path:
    found = sorted(Path(MIRROR).glob(f"{schema.PROVIDER_SOURCE}/{schema.PROVIDER_VERSION}/*/terraform-provider-aws_*"))
    if not found:
        pytest.skip(f"no binary of provider {schema.PROVIDER_VERSION} in the mirror")
    return found[0]


def make(output: Path, only: str) -> Table:
    assert build.main([str(binary()), "--only", only, "--output", str(output)]) == 0
    return Table(output)


@needs_provider
@pytest.mark.terraform
def test_two_builds_are_the_same_and_as_packaged(tmp_path: Path) -> None:
    one, two = make(tmp_path / "one", FEW), make(tmp_path / "two", FEW)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert one.version == two.version == schema.PROVIDER_VERSION
    for name in schema.resource_names():
        if name.startswith(("aws_sqs_", "aws_sns_")):
            assert one.get("resource", name) == schema.resource(name), name
    assert one.names("resource") == schema.resource_names()


@needs_provider
@pytest.mark.oracle
@pytest.mark.timeout(1800)
def test_the_packaged_table_is_what_the_tool_makes(tmp_path: Path) -> None:
    """For a third of the types; none of the few that take minutes each."""
    made = make(tmp_path / "made", "aws_[deins]*")
    asked = [name for name in schema.resource_names() if name[4] in "deins"]
    assert len(asked) > 400
    assert [name for name in asked if made.get("resource", name) != schema.resource(name)] == []
    assert all(made.get("data", name) == schema.data_source(name) for name in schema.data_source_names())


def as_terraform_prints(type_: Type) -> Any:
    return json.loads(json.dumps(type_))


def agree(ours: Block, theirs: dict[str, Any], where: str) -> None:
    """Every attribute and block with every flag; Terraform leaves out what is false."""
    attributes = cast("dict[str, Any]", theirs.get("attributes", {}))
    assert list(ours.attributes) == sorted(attributes), where
    for name, attribute in ours.attributes.items():
        judge = attributes[name]
        flags = ("required", "optional", "computed", "sensitive", "write_only", "deprecated")
        assert {flag for flag in flags if getattr(attribute, flag)} == {flag for flag in flags if judge.get(flag)}, (
            where
        )
        assert as_terraform_prints(attribute.type) == judge["type"], f"{where}.{name}"
    blocks = cast("dict[str, Any]", theirs.get("block_types", {}))
    assert list(ours.blocks) == sorted(blocks), where
    for name, nested in ours.blocks.items():
        judge = blocks[name]
        limits = (judge["nesting_mode"], judge.get("min_items", 0), judge.get("max_items", 0))
        assert (nested.nesting, nested.min_items, nested.max_items) == limits, f"{where}.{name}"
        agree(nested.block, judge["block"], f"{where}.{name}")


@needs_provider
@pytest.mark.terraform
def test_every_schema_is_as_terraform_prints_it(tmp_path: Path) -> None:
    terraform = Terraform(tmp_path)
    version = f'version = "{schema.PROVIDER_VERSION}"'
    source = f'terraform {{\n  required_providers {{\n    aws = {{ source = "hashicorp/aws", {version} }}\n  }}\n}}\n'
    (tmp_path / "main.tf").write_text(source)
    terraform.init()
    printed = json.loads(terraform.run("providers", "schema", "-json").stdout)
    judge = printed["provider_schemas"][schema.PROVIDER_SOURCE]
    assert sorted(judge["resource_schemas"]) == list(schema.resource_names())
    assert sorted(judge["data_source_schemas"]) == list(schema.data_source_names())
    for name, theirs in judge["resource_schemas"].items():
        ours = schema.resource(name)
        assert ours is not None
        assert ours.version == theirs["version"], name
        agree(ours.block, theirs["block"], name)
    for name, theirs in judge["data_source_schemas"].items():
        ours = schema.data_source(name)
        assert ours is not None
        agree(ours.block, theirs["block"], f"data.{name}")
    agree(schema.provider(), judge["provider"]["block"], "provider")


def test_no_provider_binary_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    absent = tmp_path / "terraform-provider-aws_v5.100.0"
    assert build.main([str(absent), "--output", str(tmp_path / "out")]) == 1
    assert "No such file" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_another_program_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "terraform-provider-aws_v5.100.0"
    shutil.copy(shutil.which("true") or "/bin/true", other)
    assert build.main([str(other), "--output", str(tmp_path / "out")]) == 1
    assert "is no such provider" in capsys.readouterr().err


def test_a_name_without_a_version_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main([str(tmp_path / "provider"), "--output", str(tmp_path / "out")]) == 64
    assert "--version" in capsys.readouterr().err
