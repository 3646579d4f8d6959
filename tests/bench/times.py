"""Wall-clock time of `reconcile scan`, start-up included, against `terraform plan -refresh-only`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from reconciler.sandbox.aws_endpoint import AwsEndpoint
from reconciler.sandbox.demo import estate_files
from tests.bench.contest import Contest, Run, commit, contest, environment
from tests.bench.estates import GROUPS
from tests.support.terraform import Terraform

_LARGE: Final = (("security group", 1000), ("queue", 1000), ("role, policy, attachment", 500))
_DEMO: Final = "infra/payments"


@dataclass(frozen=True, slots=True)
class Row:
    estate: str
    latency: int  # milliseconds added to every call
    terraform: float  # seconds, the best of the runs
    ours: float
    terraform_calls: int
    our_calls: int
    target: float

    @property
    def ratio(self) -> float:
        return self.terraform / self.ours

    def as_json(self) -> dict[str, Any]:
        rounded = {"terraform": round(self.terraform, 2), "ours": round(self.ours, 2)}
        return {**asdict(self), **rounded, "ratio": round(self.ratio, 2)}


def measure(estates: Sequence[str], scale: float, say: Callable[[str], None]) -> Generator[Row]:
    """`estates`: "small", "large" or both; `scale` shrinks the large one."""
    if "small" in estates:
        with _demo(say) as it:
            yield _row(it, "demo estate", 0, 20, 3, say)
            yield _row(it, "demo estate", 100, 20, 2, say)
    if "large" in estates:
        sizes = [(GROUPS[name], max(1, int(count * scale))) for name, count in _LARGE]
        named = ", ".join(f"{count} x {group.name}" for group, count in sizes)
        with contest(sizes, lambda text: say(f"time, large estate: {text}")) as it:
            yield _row(it, named, 0, 4, 2, say)
            yield _row(it, named, 100, 8, 1, say)


def _row(it: Contest, name: str, latency: int, target: float, runs: int, say: Callable[[str], None]) -> Row:
    it.endpoint.delay(latency)
    say(f"time, {name} with {latency} ms: terraform plan -refresh-only")
    theirs = _best(it.refresh() for _ in range(runs))
    say(f"time, {name} with {latency} ms: reconcile scan")
    ours = _best(it.scan(allowed=("in_sync", "unmanaged")) for _ in range(runs + 1))
    it.endpoint.delay(0)
    return Row(name, latency, theirs.seconds, ours.seconds, theirs.total, ours.total, target)


def _best(runs: Iterable[Run]) -> Run:
    return min(runs, key=lambda run: run.seconds)


@contextmanager
def _demo(say: Callable[[str], None]) -> Generator[Contest]:
    """The estate of `reconcile demo`, applied by Terraform."""
    with tempfile.TemporaryDirectory(prefix="reconcile-bench-") as scratch, AwsEndpoint() as endpoint:
        folder = Path(scratch, "estate")
        for path, content in estate_files():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        (folder / ".gitignore").write_text(".terraform*\nterraform.tfstate*\n")
        commit(folder)
        terraform = Terraform(folder / _DEMO, env={"AWS_ENDPOINT_URL": endpoint.url})
        say("time, demo estate: terraform apply")
        terraform.init()
        terraform.apply()
        terraform.run("apply", "-refresh-only", "-auto-approve", "-no-color")
        yield Contest(endpoint, folder, terraform, environment(endpoint.url, Path(scratch, "cache")))


def table(rows: Sequence[Row]) -> list[list[str]]:
    lines = [["time", "added latency", "terraform", "ours", "faster", "target", "calls"]]
    for row in rows:
        seconds = [f"{row.terraform:.2f} s", f"{row.ours:.2f} s"]
        calls = f"{row.terraform_calls} / {row.our_calls}"
        lines.append([row.estate, f"{row.latency} ms", *seconds, f"{row.ratio:.1f}x", f"{row.target:g}x", calls])
    return lines


def missed(rows: Sequence[Row]) -> list[str]:
    return [
        f"time: {row.ratio:.1f} times faster on {row.estate} with {row.latency} ms, wanted are {row.target:g}"
        for row in rows
        if row.ratio < row.target
    ]
