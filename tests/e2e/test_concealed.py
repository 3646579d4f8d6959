"""What the code has and cannot be told (modules not there, unknown instances) is neither unmanaged nor gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import REGION, World, world

CODE = f"""
provider "aws" {{
  region = "{REGION}"
}}
data "http" "x" {{
  url = "https://names.example.com"
}}
resource "aws_sqs_queue" "plain" {{
  name = "plain"
}}
"""
EACH = """
resource "aws_sqs_queue" "each" {
  for_each = toset(jsondecode(data.http.x.response_body))
  name     = each.key
}
"""
COUNTED = """
resource "aws_sqs_queue" "each" {
  count = data.http.x.status_code == 200 ? 1 : 0
  name  = "inside"
}
"""
ABSENT = """
module "each" {
  source  = "terraform-aws-modules/sqs/aws"
  version = "4.0.0"
}
"""
UNKNOWN = """
module "each" {
  source   = "./inner"
  for_each = toset(jsondecode(data.http.x.response_body))
}
"""
INNER = 'resource "aws_sqs_queue" "q" {\n  name = "inside"\n}\n'
CASES = {
    "a resource for each of what is not known": (EACH, None, "each", "inside"),
    "a resource as often as is not known": (COUNTED, None, "each", 0),
    "a module that is not there": (ABSENT, "module.each", "q", None),
    "a module for each of what is not known": (UNKNOWN, 'module.each["inside"]', "q", None),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("concealed")) as made:
        yield made


def found(report: dict[str, Any]) -> dict[str, str]:
    resources = (r for stack in report["stacks"] for r in stack["resources"])
    return {r["address"] or r["id"].rpartition("/")[2]: r["status"] for r in resources}


def state(urls: dict[str, str], module: str | None, name: str, key: str | int | None) -> str:
    def queue(module: str | None, name: str, key: str | int | None, url: str) -> dict[str, Any]:
        attributes = {"id": url, "url": url, "name": url.rpartition("/")[2]}
        instance = {"schema_version": 0, "attributes": attributes} | ({} if key is None else {"index_key": key})
        place = {"mode": "managed", "type": "aws_sqs_queue", "name": name, "instances": [instance]}
        provider = 'provider["registry.terraform.io/hashicorp/aws"]'
        return {**place, "provider": provider} | ({} if module is None else {"module": module})

    resources = [queue(None, "plain", None, urls["plain"]), queue(module, name, key, urls["inside"])]
    head = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "outputs": {}}
    return json.dumps({**head, "resources": resources})


@pytest.mark.parametrize(("code", "module", "name", "key"), CASES.values(), ids=CASES)
def test_it_is_neither_unmanaged_nor_gone(
    made: World, code: str, module: str | None, name: str, key: str | int | None
) -> None:
    sqs = made.client("sqs")
    urls = {q: sqs.create_queue(QueueName=q)["QueueUrl"] for q in ("plain", "inside", "loose")}
    for url in urls.values():
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"MaximumMessageSize": "262144"})
    kept = Path(made.clone, "terraform.tfstate")
    kept.unlink(missing_ok=True)
    ignored = {".gitignore": "*.tfstate\n", "inner/main.tf": INNER, "reconcile.yaml": "stacks:\n  - path: .\n"}
    made.commit({"main.tf": CODE + code, **ignored}, "code")
    # Without a record of it, what is loose may be it; with one, all else is nobody's.
    alone = found(made.scan())
    assert alone.pop("aws_sqs_queue.plain") == "in_sync"
    assert set(alone.values()) <= {"unverified"}
    kept.write_text(state(urls, module, name, key))
    recorded = found(made.scan())
    assert recorded.pop("loose") == "unmanaged"
    assert recorded.pop("aws_sqs_queue.plain") == "in_sync"
    assert set(recorded.values()) <= {"unverified"}
