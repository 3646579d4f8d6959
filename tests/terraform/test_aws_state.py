"""A state of the AWS provider: aliases, modules, sensitive attributes, data sources, schema versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler import schema
from reconciler.sandbox.aws_endpoint import AwsEndpoint
from reconciler.terraform import files_under, load, locate
from tests.support.terraform import Terraform, needs_provider, resources_of

PROVIDER = """
provider "aws" {
  %s
  region                      = "%s"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  endpoints {
    sns = "%s"
    sts = "%s"
    ssm = "%s"
  }
}
"""
CODE = """
resource "aws_sns_topic" "here" {
  for_each = toset(["a", "b"])
  name     = each.key
}
module "there" {
  source    = "./there"
  providers = { aws = aws.west }
}
data "aws_caller_identity" "me" {}
"""
THERE = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
resource "aws_sns_topic" "it" {
  name = "there"
}
resource "aws_ssm_parameter" "secret" {
  name  = "p"
  type  = "SecureString"
  value = sensitive("hush")
}
"""


@needs_provider
@pytest.mark.oracle
def test_state_of_the_aws_provider(aws: AwsEndpoint, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there/main.tf").write_text(THERE)
    endpoints = (aws.url, aws.url, aws.url)
    west = PROVIDER % ('alias = "west"', "us-west-2", *endpoints)
    (tmp_path / "main.tf").write_text(CODE + PROVIDER % ("", "eu-west-1", *endpoints) + west)
    terraform = Terraform(tmp_path)
    terraform.init()
    terraform.apply()
    state = load(locate(None, {}), files_under(tmp_path), lambda _location: None)
    assert state is not None
    shown = {one["address"]: one for one in resources_of(terraform.state()["values"]["root_module"])}
    assert set(state.resources | state.data) == set(shown)
    for address, found in (state.resources | state.data).items():
        assert found.id == shown[address]["values"]["id"]
        assert dict(found.attributes) == shown[address]["values"]
        assert found.source == schema.PROVIDER_SOURCE
        kind = schema.resource if address in state.resources else schema.data_source
        known = kind(found.address.type)
        assert known is not None
        assert found.schema_version == known.version
        assert set(found.attributes) == set(known.block.attributes) | set(known.block.blocks)
    providers = {address: found.provider for address, found in state.resources.items()}
    assert providers['aws_sns_topic.here["a"]'] == "aws"
    assert providers["module.there.aws_sns_topic.it"] == "aws.west"
    assert ("value",) in state.resources["module.there.aws_ssm_parameter.secret"].sensitive
