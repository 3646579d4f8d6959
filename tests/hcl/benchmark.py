"""How fast and how large: `python -m tests.hcl.benchmark [INSTANCES ...]` (1000, 10000 and 50000 by default).

For each number two estates are made: resources with for_each over a map in a tfvars file, and a module with for_each.
Printed are lines parsed per second, cold and from the cache, seconds of CPU time to evaluate with everything parsed
before, the same per 1,000 instances, and the memory at its peak (each number runs in a process of its own).
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable

from reconciler.hcl.evaluate import evaluate
from reconciler.hcl.parse import parse_file
from reconciler.hcl.tree import MemoryTree

PROVIDER = """
provider "aws" {
  region = "eu-west-1"
  default_tags {
    tags = { Team = "core" }
  }
}
"""
QUEUES = (
    PROVIDER
    + """
variable "queues" {
  type = map(object({ timeout = optional(number, 30), retention = number, tags = map(string) }))
}

locals {
  prefix = "prod"
}

resource "aws_sqs_queue" "q" {
  for_each                   = var.queues
  name                       = "${local.prefix}-${each.key}"
  visibility_timeout_seconds = each.value.timeout
  message_retention_seconds  = each.value.retention
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dlq[each.key].arn
    maxReceiveCount     = 5
  })
  tags = merge(each.value.tags, { Name = each.key })
}

resource "aws_sqs_queue" "dlq" {
  for_each = var.queues
  name     = "${local.prefix}-${each.key}-dlq"
}
"""
)
CALL = (
    PROVIDER
    + """
variable "names" {
  type = list(string)
}

module "service" {
  source   = "./service"
  for_each = toset(var.names)
  name     = each.key
  settings = { timeout = 30 }
}

output "names" {
  value = [for m in module.service : m.name]
}
"""
)
SERVICE = """
variable "name" {
  type = string
}

variable "settings" {
  type = object({ timeout = number, retries = optional(number, 3) })
}

locals {
  full = "app-${var.name}"
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_sqs_queue" "q" {
  name                       = local.full
  visibility_timeout_seconds = var.settings.timeout
  tags                       = { Name = local.full }
}

resource "aws_sqs_queue" "d" {
  name = "${local.full}-dlq"
}

resource "aws_iam_role" "r" {
  name               = local.full
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_security_group" "s" {
  name = local.full
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}

output "name" {
  value = local.full
}
"""


class Cache:
    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self._kept.get(key)

    def put(self, key: str, data: bytes) -> None:
        self._kept[key] = data


def with_for_each(instances: int) -> MemoryTree:
    entries = [
        f'  q{i} = {{ timeout = {i % 100}, retention = 345600, tags = {{ Owner = "o{i % 7}" }} }}'
        for i in range(instances // 2)
    ]
    variables = "\n".join(["queues = {", *entries, "}", ""])
    return MemoryTree({"main.tf": QUEUES.encode(), "terraform.tfvars": variables.encode()})


def with_modules(instances: int) -> MemoryTree:
    names = "\n".join(["names = [", *(f'  "s{i}",' for i in range(instances // 4)), "]", ""])
    return MemoryTree(
        {"main.tf": CALL.encode(), "service/main.tf": SERVICE.encode(), "terraform.tfvars": names.encode()}
    )


def parsing(tree: MemoryTree, cache: Cache) -> float:
    """Lines per second of CPU time."""
    lines = sum(tree.read(path).count(b"\n") for path in tree.paths())
    start = time.process_time()
    for path in tree.paths():
        parse_file(path, tree.read(path), cache, tree.blob_id(path))
    return lines / max(time.process_time() - start, 1e-6)


def measure(kind: str, instances: int) -> str:
    makers: dict[str, Callable[[int], MemoryTree]] = {"for_each": with_for_each, "modules": with_modules}
    tree, cache = makers[kind](instances), Cache()
    evaluate(makers[kind](8), "")  # grammar and schema are loaded once per process, whatever is evaluated
    cold, warm = parsing(tree, cache), parsing(tree, cache)
    start = time.process_time()
    evaluation = evaluate(tree, "", None, cache)
    seconds = time.process_time() - start
    assert not evaluation.failed
    count = len(evaluation.resources)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{kind:9} {count:6} instances: parsed {cold:9.0f} lines/s cold, {warm:9.0f} warm; "
        f"evaluated in {seconds:6.2f} s ({seconds / count * 1000:.3f} s per 1,000), {memory:5.0f} MB"
    )


def main() -> None:
    numbers = [int(number) for number in sys.argv[1:]] or [1000, 10_000, 50_000]
    context = multiprocessing.get_context("spawn")
    for kind in ("for_each", "modules"):
        for number in numbers:
            with context.Pool(1) as pool:
                sys.stdout.write(pool.apply(measure, (kind, number)) + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
