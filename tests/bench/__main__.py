"""The command: `python -m tests.bench [language|calls|time ...]`; tables or JSON on standard output."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

from tests.bench import calls, language, times
from tests.bench.contest import BenchError
from tests.bench.estates import GROUPS
from tests.support.terraform import TerraformFailed

_PARTS = ("language", "calls", "time")
_EPILOG = """
On two cores: language about 2 minutes, of which 50,000 instances are most; calls 20 s for 10 of each, 1 minute for
100, 8 minutes for 1,000; time 2 minutes for the small estate (Terraform applies it), 5 for the large one.
calls and time need terraform on PATH and RECONCILE_TF_MIRROR, a folder that holds registry.terraform.io/hashicorp/aws.
"""


def main() -> int:
    given = _arguments()
    started = time.monotonic()
    out: dict[str, Any] = {"format": "reconcile.bench/v1"}
    missed: list[str] = []
    try:
        for part in given.parts or _PARTS:
            rows, table, failures = _run(part, given)
            out[part] = [row.as_json() for row in rows]
            missed += failures
            if not given.json:
                print(_laid_out(table), end="\n\n", flush=True)  # noqa: T201
    except (BenchError, TerraformFailed) as error:
        _say(f"the benchmark is void: {error}")
        return 1
    out |= {"missed": missed, "seconds": round(time.monotonic() - started, 1)}
    if given.json:
        print(json.dumps(out, indent=2))  # noqa: T201
    else:
        print("\n".join(missed) or "every target is met", f"({out['seconds']:.0f} s)")  # noqa: T201
    return 1 if missed and given.check else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="How fast, how large and how many calls, against Terraform on the same endpoint in the same run.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(_PARTS)}; all of them by default")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of tables")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a target is missed")
    parser.add_argument("--instances", type=_numbers, default=[1000, 10_000, 50_000], help="sizes for language")
    parser.add_argument("--sizes", type=_numbers, default=[10, 100, 1000], help="sizes for calls, 10,100,1000")
    parser.add_argument("--groups", type=_groups, default=[], help=f"groups for calls, of: {'; '.join(GROUPS)}")
    parser.add_argument("--estates", default="small,large", help="estates for time: small, large or both")
    parser.add_argument("--scale", type=float, default=1.0, help="shrinks the large estate for time: 0.1")
    given = parser.parse_args()
    if set(given.parts) - set(_PARTS):
        parser.error(f"the parts are {', '.join(_PARTS)}")
    return given


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def _groups(text: str) -> list[str]:
    names = [name.strip() for name in text.split(";")]
    if unknown := set(names) - set(GROUPS):
        raise argparse.ArgumentTypeError(f"no such group: {', '.join(sorted(unknown))}")
    return names


def _run(part: str, given: argparse.Namespace) -> tuple[Sequence[Any], list[list[str]], list[str]]:
    if part == "language":
        rows = list(language.measure(given.instances, _say))
        return rows, language.table(rows), language.missed(rows)
    if part == "calls":
        counted = calls.measure(given.sizes, given.groups, _say)
        return counted, calls.table(counted), calls.missed(counted)
    timed = list(times.measure(given.estates.split(","), given.scale, _say))
    return timed, times.table(timed), times.missed(timed)


def _laid_out(table: list[list[str]]) -> str:
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    rule = ["-" * width for width in widths]
    return "\n".join(
        "  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in line).rstrip()
        for line in (enumerate(zip(row, widths, strict=True)) for row in (table[0], rule, *table[1:]))
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
