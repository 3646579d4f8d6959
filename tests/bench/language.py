"""The language: lines parsed per second; seconds and memory to evaluate configurations of any size.

Two kinds of configuration are made: resources with for_each over a map in a tfvars file, and a module with for_each.
Each figure is taken in a process of its own, in seconds of CPU time: parsing with an empty cache and a full one,
evaluation with everything parsed before.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from reconciler.hcl.evaluate import evaluate
from reconciler.hcl.parse import parse_file
from reconciler.hcl.tree import MemoryTree
from reconciler.sandbox.demo import estate_files

TARGET: Final = 1.0  # seconds to evaluate 1,000 instances
GROWTH: Final = 2.0  # times more per instance for the largest than for the smallest that counts as linear

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


def code() -> MemoryTree:
    """What people write: the packaged estate, and the configurations that the tests of the language evaluate."""
    files = {path: content for path, content in estate_files() if path.endswith((".tf", ".tfvars"))}
    estates = Path(__file__).parents[1] / "hcl" / "estates"
    files |= {str(path.relative_to(estates)): path.read_bytes() for path in sorted(estates.rglob("*.tf"))}
    return MemoryTree(files)


@dataclass(frozen=True, slots=True)
class Parsed:
    files: int
    lines: int
    megabytes: float
    cold: float  # seconds
    warm: float

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "lines_per_second": {"cold": self.lines / self.cold, "warm": self.lines / self.warm}}


@dataclass(frozen=True, slots=True)
class Evaluated:
    kind: str
    instances: int
    parsed: Parsed
    seconds: float
    megabytes: float  # resident, at the peak

    @property
    def per_thousand(self) -> float:
        return self.seconds / self.instances * 1000

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "parsed": self.parsed.as_json(), "seconds_per_1000": self.per_thousand}


_MAKERS: Final[Mapping[str, Callable[[int], MemoryTree]]] = {"for_each": with_for_each, "modules": with_modules}


def _parsing(tree: MemoryTree, cache: Cache) -> Parsed:
    texts = [tree.read(path) for path in tree.paths()]
    seconds: list[float] = []
    for _ in ("cold", "warm"):
        start = time.process_time()
        for path in tree.paths():
            parse_file(path, tree.read(path), cache, tree.blob_id(path))
        seconds.append(max(time.process_time() - start, 1e-6))
    lines, size = sum(text.count(b"\n") for text in texts), sum(map(len, texts)) / 1e6
    return Parsed(len(texts), lines, size, *seconds)


def _parsed() -> Parsed:
    evaluate(with_modules(8), "")  # grammar and schema are loaded once per process, whatever is evaluated
    return _parsing(code(), Cache())


def _evaluated(kind: str, instances: int) -> Evaluated:
    tree, cache = _MAKERS[kind](instances), Cache()
    evaluate(_MAKERS[kind](8), "")
    parsed = _parsing(tree, cache)
    start = time.process_time()
    evaluation = evaluate(tree, "", None, cache)
    seconds = time.process_time() - start
    assert not evaluation.failed
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Evaluated(kind, len(evaluation.resources), parsed, seconds, memory)


def measure(sizes: Sequence[int], say: Callable[[str], None]) -> Iterator[Parsed | Evaluated]:
    context = multiprocessing.get_context("spawn")
    say("language: parsing")
    with context.Pool(1) as pool:
        yield pool.apply(_parsed)
    for kind in _MAKERS:
        for size in sizes:
            say(f"language: {size} instances, {kind}")
            with context.Pool(1) as pool:
                yield pool.apply(_evaluated, (kind, size))


def table(rows: Sequence[Parsed | Evaluated]) -> list[list[str]]:
    lines = [["language", "parsed cold", "parsed warm", "evaluated in", "per 1,000", "memory"]]
    for row in rows:
        parsed = row if isinstance(row, Parsed) else row.parsed
        rates = [
            f"{parsed.lines / seconds:,.0f} lines/s, {parsed.megabytes / seconds:.2f} MB/s"
            for seconds in (parsed.cold, parsed.warm)
        ]
        if isinstance(row, Parsed):
            lines.append([f"{row.files} files, {row.lines:,} lines", *rates, "", "", ""])
        else:
            what = f"{row.instances:,} instances, {row.kind}"
            figures = [f"{row.seconds:.2f} s", f"{row.per_thousand:.3f} s", f"{row.megabytes:.0f} MB"]
            lines.append([what, *rates, *figures])
    return lines


def missed(rows: Sequence[Parsed | Evaluated]) -> list[str]:
    found: list[str] = []
    for kind in _MAKERS:
        mine = sorted((r for r in rows if isinstance(r, Evaluated) and r.kind == kind), key=lambda r: r.instances)
        found += [
            f"language: {row.seconds:.2f} s for {row.instances} instances ({kind}), wanted is {TARGET:g}"
            for row in mine
            if row.instances <= 1000 and row.seconds > TARGET
        ]
        if mine and mine[-1].per_thousand > GROWTH * mine[0].per_thousand:
            found.append(
                f"language: {mine[-1].instances} instances ({kind}) take {mine[-1].per_thousand:.2f} s per 1,000, "
                f"{mine[0].instances} take {mine[0].per_thousand:.2f}: not linear"
            )
    return found
