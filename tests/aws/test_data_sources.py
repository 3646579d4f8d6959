"""Data sources that the cloud answers: as real Terraform has them, and what becomes of those without an answer."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import boto3
import pytest

from reconciler.aws import Cloud, Settings
from reconciler.hcl.evaluate import Inputs, evaluate
from reconciler.hcl.tree import MemoryTree
from reconciler.model import UNKNOWN, NoOrigin
from reconciler.resources.data_sources import DATA_SOURCES
from reconciler.resources.permissions import policy
from reconciler.sandbox.aws_endpoint import AwsEndpoint
from reconciler.workflow.data_sources import answer
from reconciler.workflow.stacks import Stack
from reconciler.workflow.state import StackState, read_outputs
from reconciler.workflow.survey import Code, Survey, survey
from tests.aws import data_fixtures
from tests.aws.faulty import Faulty
from tests.support.agreement import PROVIDER, REGION
from tests.support.terraform import Terraform, needs_provider, needs_terraform

ESTATE = Path(__file__).with_name("estates") / "data" / "main.tf"

# Entries without a place in the estate: the emulator has none of them.
NOT_THERE = {"aws_prefix_list"}


@pytest.fixture(scope="module")
def made() -> Iterator[AwsEndpoint]:
    with AwsEndpoint() as endpoint:
        data_fixtures.make(lambda service: _client(endpoint, service))
        yield endpoint


def _client(endpoint: AwsEndpoint, service: str) -> Any:
    return _client_of(endpoint.url, service)


def _client_of(url: str, service: str) -> Any:
    session: Any = boto3.session.Session()
    return session.client(
        service,
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def surveyed(
    endpoint: AwsEndpoint, code: str, root: Path | None = None, files: Mapping[str, str] | None = None
) -> Survey:
    return surveyed_at(endpoint.url, code, root, files)


def surveyed_at(url: str, code: str, root: Path | None = None, files: Mapping[str, str] | None = None) -> Survey:
    """What the workflow makes of the code: all three sides, and the last evaluation."""
    tree = MemoryTree({"main.tf": (PROVIDER + code).encode(), **{k: v.encode() for k, v in (files or {}).items()}})
    stack = Stack("data", "")
    with Cloud(Settings(endpoint_url=url)) as cloud:
        read = read_outputs(root or Path("/nowhere"), tree, stack, cloud)
        whole = Code(stack, tree, Inputs(), None, tree)
        elsewhere = {"terraform_remote_state": read}
        return survey(whole, cloud, StackState(), {}, whole.evaluate(), loose=False, elsewhere=elsewhere)


def test_every_entry_is_in_the_estate() -> None:
    text = ESTATE.read_text()
    assert {name for name in DATA_SOURCES if f'data "{name}"' not in text} == NOT_THERE


def test_every_one_of_the_estate_is_answered(made: AwsEndpoint) -> None:
    found = surveyed(made, ESTATE.read_text())
    assert list(found.gaps) == []
    assert found.evaluation.data == ()


def differences(theirs: Any, ours: Any, at: str) -> Iterator[str]:
    """Where ours is known and not Terraform's."""
    if ours is UNKNOWN:
        return
    left, right = _parts(theirs), _parts(ours)
    if left is not None and right is not None and left.keys() == right.keys():
        for step in left:
            yield from differences(left[step], right[step], f"{at}.{step}")
    elif theirs != ours or type(theirs) is not type(ours):
        yield f"{at}: terraform {theirs!r}, ours {ours!r}"


def _parts(value: Any) -> dict[Any, Any] | None:
    if isinstance(value, dict):
        return cast("dict[Any, Any]", value)
    return dict(enumerate(cast("list[Any]", value))) if isinstance(value, list) else None


@needs_provider
@pytest.mark.terraform
def test_terraform_has_the_same(made: AwsEndpoint, tmp_path: Path) -> None:
    shutil.copy(ESTATE, tmp_path / "main.tf")
    (tmp_path / "provider.tf").write_text(PROVIDER)
    terraform = Terraform(tmp_path, env={"AWS_ENDPOINT_URL": made.url})
    terraform.init()
    theirs = terraform.plan("-parallelism=16")["planned_values"]["outputs"]
    evaluation = surveyed(made, ESTATE.read_text()).evaluation
    assert theirs.keys() == evaluation.outputs.keys()
    wrong = [
        line
        for name, output in evaluation.outputs.items()
        for line in differences(theirs[name]["value"], output.value, name)
    ]
    assert not wrong, "\n".join(wrong)
    told = [part for output in evaluation.outputs.values() for part in _parts(output.value).values()]  # pyright: ignore
    assert sum(part is not UNKNOWN for part in told) > 300


ANSWERLESS = {
    'data "aws_vpc" "it" { tags = { Name = "nobody" } }': "nothing matches",
    'data "aws_vpc" "it" { id = "vpc-00000000000000000" }': "nothing matches",
    'data "aws_subnet" "it" { tags = { Stage = "live" } }': "2 match its arguments",
    'data "aws_iam_role" "it" { name = "nobody" }': "nothing matches",
    'data "aws_cloudwatch_log_group" "it" { name = "/acme" }': "nothing matches",
    'data "aws_route53_zone" "it" { tags = { Stage = "live" } }': "selecting by tags is not supported",
    'data "aws_route_tables" "it" { tags = { Stage = "test" } }': "nothing matches",
    'data "aws_ami" "it" { owners = ["amazon"] }': "match its arguments",
    'data "aws_ssm_parameter" "it" { name = "/acme/none" }': "nothing matches",
}


@pytest.mark.parametrize("block", ANSWERLESS)
def test_no_answer_is_a_gap_and_unknown(made: AwsEndpoint, block: str) -> None:
    type_name = block.split('"')[1]
    found = surveyed(made, f'{block}\noutput "it" {{ value = data.{type_name}.it }}')
    (gap,) = found.gaps
    assert gap.address == f"data.{type_name}.it"
    assert ANSWERLESS[block] in gap.reason
    assert "main.tf" in gap.reason
    assert found.evaluation.outputs["it"].unknown


def test_a_failed_read_is_a_gap_of_that_one_alone(faulty: Faulty) -> None:
    _client_of(faulty.url, "sqs").create_queue(QueueName="acme")
    _client_of(faulty.url, "iam").create_role(RoleName="acme", AssumeRolePolicyDocument="{}")
    faulty.add("Action=GetRole&", "error", status=403, code="AccessDenied")
    code = """
    data "aws_sqs_queue" "it" { name = "acme" }
    data "aws_iam_role" "it" { name = "acme" }
    output "queue" { value = data.aws_sqs_queue.it.arn }
    output "role" { value = data.aws_iam_role.it.arn }
    """
    found = surveyed_at(faulty.url, code)
    (gap,) = found.gaps
    assert gap.address == "data.aws_iam_role.it"
    assert "iam:GetRole" in gap.reason
    assert found.evaluation.outputs["queue"].value == "arn:aws:sqs:eu-west-1:123456789012:acme"
    assert found.evaluation.outputs["role"].unknown


def test_what_is_not_read_says_so(made: AwsEndpoint) -> None:
    code = """
    data "aws_eks_cluster" "it" { name = "acme" }
    resource "aws_sqs_queue" "it" { name = data.aws_eks_cluster.it.version }
    """
    (queue,) = surveyed(made, code).evaluation.resources
    why = queue.origins[("name",)]
    assert isinstance(why, NoOrigin)
    assert "there is no reader for aws_eks_cluster yet" in why.reason


def test_secrets_stay_marked(made: AwsEndpoint) -> None:
    code = """
    data "aws_ssm_parameter" "it" { name = "/acme/token" }
    resource "aws_sqs_queue" "it" { name = data.aws_ssm_parameter.it.value }
    """
    (queue,) = surveyed(made, code).evaluation.resources
    assert queue.values["name"] == "hush"
    assert ("name",) in queue.sensitive


def test_what_several_ask_alike_is_asked_once(made: AwsEndpoint) -> None:
    code = "\n".join(f'data "aws_iam_policy" "p{n}" {{ name = "acme" }}' for n in range(20))
    assert surveyed(made, code).gaps == []
    with Cloud(Settings(endpoint_url=made.url)) as cloud:
        evaluation = evaluate(MemoryTree({"main.tf": (PROVIDER + code).encode()}), "")
        answers, _ = answer(evaluation.data, cloud, {})
        assert len(answers) == 20
        assert cloud.calls.by_operation["iam:ListPolicies"] <= 3  # its pages
        assert cloud.calls.by_operation["iam:GetPolicyVersion"] == 1


def test_permissions_have_their_reads() -> None:
    (statement,) = [
        one
        for one in cast("list[dict[str, Any]]", policy([], data=["aws_subnet", "aws_unheard_of"])["Statement"])
        if one["Sid"] == "ReconcileEc2"
    ]
    assert statement["Action"] == ["ec2:DescribeSubnets"]


# -- the outputs of another state -------------------------------------------------------------------------------

STATE: dict[str, Any] = {
    "version": 4,
    "terraform_version": "1.11.4",
    "serial": 1,
    "lineage": "x",
    "outputs": {
        "ids": {"value": ["a", "b"], "type": ["list", "string"]},
        "vpc": {"value": {"id": "vpc-1", "size": 3}, "type": ["object", {"id": "string", "size": "number"}]},
        "nothing": {"value": None, "type": "string"},
    },
    "resources": [],
}
SECRET = {"password": {"value": "hush", "type": "string", "sensitive": True}}
REMOTE = """
data "terraform_remote_state" "it" {
  backend  = "local"
  config   = { path = "network.tfstate" }
  defaults = { ids = ["none"], zone = "a" }
}
output "all" { value = data.terraform_remote_state.it.outputs }
output "same" { value = data.terraform_remote_state.it.outputs.ids == tolist(["a", "b"]) }
"""


@needs_terraform
def test_remote_state_as_terraform_has_it(made: AwsEndpoint, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(REMOTE)
    (tmp_path / "network.tfstate").write_text(json.dumps(STATE))
    terraform = Terraform(tmp_path)
    terraform.init()
    theirs = terraform.plan()["planned_values"]["outputs"]
    found = surveyed(made, REMOTE, root=tmp_path)
    assert list(found.gaps) == []
    assert {name: output.value for name, output in found.evaluation.outputs.items()} == {
        name: output["value"] for name, output in theirs.items()
    }


def test_remote_state_in_the_tree_keeps_its_secrets(made: AwsEndpoint) -> None:
    state = {**STATE, "outputs": {**STATE["outputs"], **SECRET}}
    code = REMOTE + 'output "secret" { value = data.terraform_remote_state.it.outputs.password }'
    outputs = surveyed(made, code, files={"network.tfstate": json.dumps(state)}).evaluation.outputs
    assert outputs["secret"].value == "hush"
    assert outputs["secret"].sensitive


def test_remote_state_in_s3(made: AwsEndpoint) -> None:
    key = "env:/live/network.tfstate"
    _client(made, "s3").put_object(Bucket="acme-files", Key=key, Body=json.dumps(STATE).encode())
    config = f"""
      bucket = "acme-files"
      key = "network.tfstate"
      region = "eu-west-1"
      access_key = "test"
      secret_key = "test"
      use_path_style = true
      endpoints = {{ s3 = "{made.url}", sts = "{made.url}" }}
    """
    code = f"""
    data "terraform_remote_state" "it" {{
      backend   = "s3"
      workspace = "live"
      config    = {{ {config} }}
    }}
    output "vpc" {{ value = data.terraform_remote_state.it.outputs.vpc.id }}
    """
    found = surveyed(made, code)
    assert list(found.gaps) == []
    assert found.evaluation.outputs["vpc"].value == "vpc-1"


def test_remote_state_that_is_not_there(made: AwsEndpoint) -> None:
    found = surveyed(made, REMOTE)
    (gap,) = found.gaps
    assert gap.address == "data.terraform_remote_state.it"
    assert "there is no state at network.tfstate" in gap.reason
