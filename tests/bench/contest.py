"""Terraform and `reconcile scan`, one after the other on the same estate: the same endpoint, the same state file."""

from __future__ import annotations

import compileall
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import boto3
from botocore.config import Config

import reconciler
from reconciler.sandbox.aws_endpoint import AwsEndpoint
from tests.bench.estates import Group, code, state
from tests.support.agreement import REGION
from tests.support.terraform import Terraform, TerraformFailed

_T = TypeVar("_T")
_PARALLEL: Final = 10  # Terraform's default, and what people run


class BenchError(Exception):
    """The contest is void: one of the two failed, or they saw something else than an undrifted estate."""


@dataclass(frozen=True, slots=True)
class Run:
    """One command: wall-clock seconds, start-up included; CPU seconds; and calls by "service:Operation".

    `others` is the share of the machine's processors that neither the command nor the endpoint had, but somebody.
    """

    seconds: float
    calls: Mapping[str, int]
    cpu: float
    others: float

    @property
    def total(self) -> int:
        return sum(self.calls.values())

    def of(self, service: str) -> int:
        return sum(count for name, count in self.calls.items() if name.partition(":")[0] == service)


@dataclass(slots=True)
class Contest:
    """An estate that is live, in a state file and in a repository."""

    endpoint: AwsEndpoint
    repository: Path
    terraform: Terraform
    env: dict[str, str] = field(default_factory=dict[str, str])

    def refresh(self) -> Run:
        """`terraform plan -refresh-only`. Raises BenchError where it finds a difference.

        Its provider does not try again, so that its calls can be counted: where the emulator drops a connection, the
        whole run is made again.
        """

        def run() -> None:
            done = self.terraform.run("plan", "-refresh-only", "-no-color", "-input=false", f"-parallelism={_PARALLEL}")
            if "No changes." not in done.stdout:
                raise BenchError(f"terraform sees drift where none is:\n{done.stdout[-2000:]}")

        return _patiently(lambda: self._measured(run))

    def scan(self, *, allowed: Sequence[str] = ("in_sync",)) -> Run:
        """`reconcile scan`. Raises BenchError where it finds a difference, or does not see everything."""

        def run() -> None:
            command = [sys.executable, "-m", "reconciler.cli", "scan", "--quiet", "--format", "json"]
            done = subprocess.run(
                command, cwd=self.repository, env=self.env, capture_output=True, text=True, timeout=900
            )
            if done.returncode not in (0, 2):
                raise BenchError(f"the scan ended with {done.returncode}: {done.stderr[-2000:]}{done.stdout[-2000:]}")
            _check(json.loads(done.stdout), allowed)

        return self._measured(run)

    def _measured(self, run: Callable[[], None]) -> Run:
        self.endpoint.reset_counts()
        before = _Clocks.now(self.endpoint.pid)
        run()
        after = _Clocks.now(self.endpoint.pid)
        return Run(
            after.wall - before.wall, self.endpoint.counts(), after.children - before.children, after.others(before)
        )


@dataclass(frozen=True, slots=True)
class _Clocks:
    """Seconds: on the wall; of CPU that commands had which have ended; that the endpoint had; that all had together."""

    wall: float
    children: float
    endpoint: float
    busy: float

    @classmethod
    def now(cls, endpoint: int) -> _Clocks:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        tick = os.sysconf("SC_CLK_TCK")
        try:
            user, nice, system = map(int, Path("/proc/stat").read_text().split()[1:4])
            # The name, in brackets, may have spaces in it; the fields after it are counted from the third.
            mine = Path(f"/proc/{endpoint}/stat").read_text().rpartition(")")[2].split()[11:13]
        except OSError:  # no Linux: who else was busy cannot be told
            return cls(time.monotonic(), used.ru_utime + used.ru_stime, 0, 0)
        return cls(
            time.monotonic(),
            used.ru_utime + used.ru_stime,
            sum(map(int, mine)) / tick,
            (user + nice + system) / tick,
        )

    def others(self, before: _Clocks) -> float:
        ours = self.children - before.children + self.endpoint - before.endpoint
        processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return max(0.0, self.busy - before.busy - ours) / ((self.wall - before.wall) * processors)


def _check(report: Mapping[str, Any], allowed: Sequence[str]) -> None:
    if not report["complete"]:
        raise BenchError(f"the scan is incomplete: {json.dumps(report['stacks'][0]['gaps'][:3])}")
    for stack in report["stacks"]:
        odd = [r for r in stack["resources"] if r["status"] not in allowed]
        if odd:
            raise BenchError(f"the scan sees differences where none are: {json.dumps(odd[:2], indent=1)}")


@contextmanager
def contest(sizes: Sequence[tuple[Group, int]], say: Callable[[str], None]) -> Generator[Contest]:
    """An estate of so many of each group, created, committed and in Terraform's state."""
    with tempfile.TemporaryDirectory(prefix="reconcile-bench-") as scratch, AwsEndpoint() as endpoint:
        folder = Path(scratch, "estate")
        folder.mkdir()
        say("creating the estate")
        client = clients(endpoint.url)
        resources = [resource for group, count in sizes for resource in group.seed(client, count)]
        (folder / "main.tf").write_text(code(sizes))
        (folder / "function.zip").write_bytes(b"")
        (folder / ".gitignore").write_text(".terraform*\nterraform.tfstate*\n")
        commit(folder)
        (folder / "terraform.tfstate").write_text(state(resources))
        terraform = Terraform(folder, env={"AWS_ENDPOINT_URL": endpoint.url})
        say("letting Terraform fill in its state")
        terraform.init()
        fill_in(terraform)
        yield Contest(endpoint, folder, terraform, environment(endpoint.url, Path(scratch, "cache")))


def fill_in(terraform: Terraform) -> None:
    """Terraform's state becomes what is live: once more where the emulator dropped a connection."""
    _patiently(lambda: terraform.run("apply", "-refresh-only", "-auto-approve", "-no-color", "-parallelism=50"))


def _patiently(run: Callable[[], _T]) -> _T:
    """Up to three times, where Terraform fails."""
    for _ in range(2):
        with suppress(TerraformFailed):
            return run()
    return run()


def environment(url: str, cache: Path) -> dict[str, str]:
    """What the scan runs with. It is installed as pip installs it: with its bytecode."""
    for package in reconciler.__path__:
        compileall.compile_dir(package, quiet=2)
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "GIT_", "GITHUB_", "TF_", "RECONCILE_"))}
    return {
        **clean,
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "RECONCILE_CACHE_DIR": str(cache),
    }


def commit(folder: Path) -> None:
    """Makes the folder a repository of one commit."""
    who = ("-c", "user.name=Bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgSign=false")
    for arguments in (("init", "--quiet"), ("add", "--all"), (*who, "commit", "--quiet", "--message", "The estate")):
        subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def clients(url: str) -> Callable[[str], Any]:
    """Thread-safe boto3 clients by service, made once."""
    session: Any = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    made: dict[str, Any] = {}
    settings = Config(s3={"addressing_style": "path"}, max_pool_connections=16)
    services = "ec2 sqs iam sns lambda dynamodb events logs cloudwatch s3 kms ssm secretsmanager route53"
    for service in services.split():
        made[service] = session.client(service, endpoint_url=url, config=settings)
    return made.__getitem__
