"""A state that real Terraform wrote to S3 (moto): backend settings from code and from `init -backend-config`."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from reconciler.sandbox.aws_endpoint import AwsEndpoint
from reconciler.terraform import S3, initialised, load, locate, selected_workspace
from tests.support.terraform import Terraform, needs_terraform

CODE = """
terraform {
  backend "s3" {
    key    = "teams/pay/terraform.tfstate"
    region = "eu-west-1"
  }
}
resource "terraform_data" "one" {
  input = terraform.workspace
}
output "who" {
  value = terraform.workspace
}
"""


def get_object(location: S3) -> bytes | None:
    """As the AWS edge does it."""
    provider = location.provider
    client = boto3.client(
        "s3",
        region_name=provider.region,
        endpoint_url=dict(provider.endpoints)["s3"],
        aws_access_key_id=provider.access_key,
        aws_secret_access_key=provider.secret_key,
    )
    try:
        return client.get_object(Bucket=location.bucket, Key=location.key)["Body"].read()
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "NoSuchKey":
            return None
        raise


@needs_terraform
@pytest.mark.terraform
def test_state_in_s3(aws: AwsEndpoint, tmp_path: Path) -> None:
    boto3.client(
        "s3", endpoint_url=aws.url, region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
    ).create_bucket(Bucket="states")
    (tmp_path / "main.tf").write_text(CODE)
    settings = [f'endpoints={{s3="{aws.url}",sts="{aws.url}"}}', "bucket=states", "use_path_style=true"]
    settings += ["skip_credentials_validation=true", "skip_requesting_account_id=true", "skip_region_validation=true"]
    settings += ["access_key=test", "secret_key=test", "encrypt=true", "use_lockfile=true"]
    terraform = Terraform(tmp_path)
    assert initialised(tmp_path) is None
    terraform.run("init", "-no-color", *(f"-backend-config={setting}" for setting in settings))
    found = initialised(tmp_path)
    assert found is not None
    assert found.type == "s3"
    location = locate(found.type, found.config)
    assert isinstance(location, S3)
    assert load(location, lambda _path: None, get_object) is None  # not written yet
    terraform.apply()
    assert selected_workspace(tmp_path) == "default"
    terraform.run("workspace", "new", "blue")
    terraform.apply()
    assert selected_workspace(tmp_path) == "blue"
    for workspace in ("default", "blue"):
        state = load(locate(found.type, found.config, workspace), lambda _path: None, get_object)
        assert state is not None
        assert state.resources["terraform_data.one"].attributes["input"] == {"value": workspace, "type": "string"}
        assert state.outputs["who"].value == workspace
