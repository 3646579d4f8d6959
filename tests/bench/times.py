"""Wall-clock time of `reconcile scan`, start-up included, against `terraform plan -refresh-only`.

The two take turns, so that what else the machine does hits both; each figure is the median of its runs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from reconciler.sandbox.aws_endpoint import AwsEndpoint
from reconciler.sandbox.demo import estate_files
from tests.bench.contest import Contest, Run, commit, contest, environment, fill_in
from tests.bench.estates import GROUPS
from tests.support.terraform import Terraform

_LARGE: Final = (("security group", 1000), ("queue", 1000), ("role, policy, attachment", 500))
_DEMO: Final = "infra/payments"
_ALLOWED: Final = ("in_sync", "unmanaged")
SMALL: Final = 20  # times faster
BUSY: Final = 0.1


@dataclass(frozen=True, slots=True)
class Row:
    estate: str
    latency: int  # milliseconds added to every call
    terraform: float  # seconds, the median of the runs
    ours: float
    terraform_cpu: float
    our_cpu: float
    terraform_calls: int
    our_calls: int
    target: float
    others: float  # the largest share of the processors that somebody else had during a run

    @property
    def ratio(self) -> float:
        return self.terraform / self.ours

    def as_json(self) -> dict[str, Any]:
        rounded = {name: round(value, 2) for name, value in asdict(self).items() if isinstance(value, float)}
        return {**asdict(self), **rounded, "ratio": round(self.ratio, 2), "busy": self.busy}

    @property
    def busy(self) -> bool:
        """Whether the machine had so much else to do that the figures say little."""
        return self.others > BUSY


def measure(estates: Sequence[str], scale: float, say: Callable[[str], None]) -> Generator[Row]:
    """`estates`: "small", "large" or both; `scale` shrinks the large one."""
    if "small" in estates:
        with _demo(say) as it:
            yield _row(it, "demo estate", 0, SMALL, 5, say)
            yield _row(it, "demo estate", 100, SMALL, 3, say)
        few = [(group, 5) for group in GROUPS.values()]
        with contest(few, lambda text: say(f"time, 5 of each: {text}")) as it:
            yield _row(it, f"5 of each of {len(few)} groups", 0, SMALL, 5, say)
    if "large" in estates:
        sizes = [(GROUPS[name], max(1, int(count * scale))) for name, count in _LARGE]
        named = ", ".join(f"{count} x {group.name}" for group, count in sizes)
        with contest(sizes, lambda text: say(f"time, large estate: {text}")) as it:
            yield _row(it, named, 0, 4, 3, say)
            yield _row(it, named, 100, 8, 1, say)


def _row(it: Contest, name: str, latency: int, target: float, runs: int, say: Callable[[str], None]) -> Row:
    theirs: list[Run] = []
    ours: list[Run] = []
    it.scan(allowed=_ALLOWED)  # parses the code once: it stays in the cache from then on
    it.endpoint.delay(latency)
    for run in range(1, runs + 1):
        say(f"time, {name} with {latency} ms, run {run} of {runs}")
        theirs.append(it.refresh())
        ours.append(it.scan(allowed=_ALLOWED))
    it.endpoint.delay(0)
    return Row(
        name,
        latency,
        terraform=median(run.seconds for run in theirs),
        ours=median(run.seconds for run in ours),
        terraform_cpu=median(run.cpu for run in theirs),
        our_cpu=median(run.cpu for run in ours),
        terraform_calls=theirs[-1].total,
        our_calls=ours[-1].total,
        target=target,
        others=max(run.others for run in (*theirs, *ours)),
    )


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
        fill_in(terraform)
        yield Contest(endpoint, folder, terraform, environment(endpoint.url, Path(scratch, "cache")))


def table(rows: Sequence[Row]) -> list[list[str]]:
    lines = [["time", "added latency", "terraform", "ours", "faster", "target", "CPU", "calls", "machine"]]
    for row in rows:
        seconds = [f"{row.terraform:.2f} s", f"{row.ours:.2f} s"]
        ratios = [f"{row.ratio:.1f}x", f"{row.target:g}x"]
        both = [f"{row.terraform_cpu:.2f} / {row.our_cpu:.2f} s", f"{row.terraform_calls} / {row.our_calls}"]
        machine = f"busy: others had {row.others:.0%}" if row.busy else "quiet"
        lines.append([row.estate, f"{row.latency} ms", *seconds, *ratios, *both, machine])
    return lines


def missed(rows: Sequence[Row]) -> list[str]:
    return [
        f"time: {row.ratio:.1f} times faster on {row.estate} with {row.latency} ms, wanted are {row.target:g}"
        + (f" (others had {row.others:.0%} of the machine meanwhile)" if row.busy else "")
        for row in rows
        if row.ratio < row.target
    ]
