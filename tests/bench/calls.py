"""API calls of a scan against those of `terraform plan -refresh-only`, per group of types and size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from tests.bench.contest import Run, contest
from tests.bench.estates import GROUPS

TARGET: Final = 2.5
_SHARED: Final = "who am I, tags of all services"


@dataclass(frozen=True, slots=True)
class Row:
    group: str
    size: int
    terraform: int
    ours: int

    @property
    def ratio(self) -> float:
        return self.terraform / max(self.ours, 1)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": round(self.ratio, 2)}


def measure(sizes: Sequence[int], names: Sequence[str], say: Callable[[str], None]) -> list[Row]:
    """A row per group and size, then what cannot be told apart by group, then all together."""
    groups = [group for name, group in GROUPS.items() if not names or name in names]
    rows: list[Row] = []
    for size in sizes:
        with contest(
            [(group, size) for group in groups], lambda text, n=size: say(f"calls, {n} of each: {text}")
        ) as it:
            say(f"calls, {size} of each: terraform plan -refresh-only")
            theirs = it.refresh()
            say(f"calls, {size} of each: reconcile scan")
            ours = it.scan()
        mine = [Row(group.name, size, theirs.of(group.service), ours.of(group.service)) for group in groups]
        rows += [*mine, _rest(mine, size, theirs, ours), Row("all", size, theirs.total, ours.total)]
    return rows


def _rest(rows: Sequence[Row], size: int, theirs: Run, ours: Run) -> Row:
    return Row(
        _SHARED,
        size,
        theirs.total - sum(row.terraform for row in rows),
        ours.total - sum(row.ours for row in rows),
    )


def table(rows: Sequence[Row]) -> list[list[str]]:
    """One line per group; for each size Terraform's calls, ours, and how many times fewer."""
    sizes = sorted({row.size for row in rows})
    lines = [["calls", *(text for size in sizes for text in (f"terraform, {size}", "ours", "fewer"))]]
    for name in dict.fromkeys(row.group for row in rows):
        line = [name]
        for size in sizes:
            row = next(row for row in rows if (row.group, row.size) == (name, size))
            line += [str(row.terraform), str(row.ours), f"{row.ratio:.1f}x"]
        lines.append(line)
    return lines


def missed(rows: Sequence[Row]) -> list[str]:
    return [
        f"calls: {row.ratio:.1f} times fewer with {row.size} of each, wanted are {TARGET}"
        for row in rows
        if row.group == "all" and row.ratio < TARGET
    ]
