"""What is named by something that cannot be told is not missing; with something that is missing itself, it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.world import REGION, World, world

PROVIDER = f'provider "aws" {{\n  region = "{REGION}"\n}}\n'
# Live: a VPC tagged "net", a group "app" in it, a queue "named".
DOUBTFUL = {
    "an output of a state that is not there": (
        'data "terraform_remote_state" "x" {\n  backend = "local"\n  config  = { path = "nowhere.tfstate" }\n}',
        "data.terraform_remote_state.x.outputs.vpc",
    ),
    "a data source of another provider": (
        'data "http" "x" {\n  url = "https://net.example.com"\n}',
        "data.http.x.response_body",
    ),
    "a type that nobody reads": (
        'resource "aws_gamelift_alias" "x" {\n  name = "x"\n  routing_strategy {\n    type = "TERMINAL"\n  }\n}',
        "aws_gamelift_alias.x.id",
    ),
}
MISSING = {
    "what is missing": ('resource "aws_vpc" "x" {\n  cidr_block = "10.9.0.0/16"\n}', "aws_vpc.x.id"),
    "what is missing with something else": (
        """
resource "aws_vpc" "y" {
  cidr_block = "10.9.0.0/16"
}
resource "aws_subnet" "x" {
  vpc_id     = aws_vpc.y.id
  cidr_block = "10.9.0.0/24"
}
""",
        "aws_subnet.x.vpc_id",
    ),
}


def group(vpc: str, tail: str = "") -> str:
    return f'resource "aws_security_group" "app" {{\n  name   = "app"\n  vpc_id = {vpc}\n{tail}}}\n'


def status(report: dict[str, Any]) -> dict[str, str]:
    return {r["address"] or r["type"]: r["status"] for stack in report["stacks"] for r in stack["resources"]}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("uncertain")) as made:
        ec2 = made.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        ec2.create_security_group(GroupName="app", Description="Managed by Terraform", VpcId=vpc)
        yield made


@pytest.mark.parametrize("case", DOUBTFUL)
def test_what_depends_on_what_cannot_be_told_is_unverified(made: World, case: str) -> None:
    """Beside it what is missing is, though something else cannot be told."""
    source, vpc = DOUBTFUL[case]
    queue = 'resource "aws_sqs_queue" "gone" {\n  name = "gone"\n}\n'
    made.commit({"main.tf": f"{PROVIDER}{source}\n{group(vpc)}{queue}"}, case)
    found = status(made.scan())
    assert found["aws_security_group.app"] == "unverified"
    assert found["aws_sqs_queue.gone"] == "missing"
    assert "unmanaged" not in found.values(), "the live group may be it"


@pytest.mark.parametrize("case", MISSING)
def test_what_depends_on_what_is_missing_is_missing(made: World, case: str) -> None:
    """Though another resource is of a type that nobody reads."""
    (source, vpc), (other, _) = MISSING[case], DOUBTFUL["a type that nobody reads"]
    other = other.replace('"x"', '"other"')
    made.commit({"main.tf": f"{PROVIDER}{source}\n{other}\n{group(vpc)}"}, case)
    assert status(made.scan())["aws_security_group.app"] == "missing"


def test_a_group_that_another_stack_cannot_tell_is_not_unmanaged_in_this(made: World) -> None:
    source, vpc = DOUBTFUL["a data source of another provider"]
    here = 'resource "aws_security_group" "web" {\n  name = "web"\n}\n'
    one, two = f"{PROVIDER}{source}\n{group(vpc)}", f"{PROVIDER}{here}"
    made.commit({"main.tf": "", "one/main.tf": one, "two/main.tf": two}, "two stacks")
    found = status(made.scan())
    assert (found["aws_security_group.app"], found["aws_security_group.web"]) == ("unverified", "missing")
    assert "unmanaged" not in found.values()
    alone = status(made.scan("--stack", "two"))
    assert "unmanaged" not in alone.values(), "nor where that stack is not even scanned"
    state = made.clone / "one/terraform.tfstate"
    state.write_text("{")
    alone = status(made.scan("--stack", "two"))
    assert "unmanaged" not in alone.values(), "even where its state cannot be read"
    state.unlink()
    made.commit({"one/main.tf": PROVIDER}, "no such group")
    assert "unmanaged" in status(made.scan()).values()
    made.commit({"one/main.tf": "", "two/main.tf": ""}, "nothing")
