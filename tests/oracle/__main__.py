"""python -m tests.oracle [--estate NAME ...] [--seed N] [--rounds N] [--referee N] [--json]

Applies estates with real Terraform (on PATH; RECONCILE_TF_MIRROR names the provider mirror) to the emulator, compares
our reading with Terraform's attribute by attribute, drifts them and prints who found what. Exit code 1: something is
wrong. --rounds 0 compares only; without --rounds every mutation is tried. Terraform plans after every N-th round only
with --referee N, which takes a fraction of the time.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.oracle.estates import LAYOUTS
from tests.oracle.table import document, lines
from tests.oracle.trial import Outcome, run
from tests.support.terraform import HAVE_PROVIDER


def _tell(lines: str) -> None:
    if lines:
        print(lines, file=sys.stderr, flush=True)  # noqa: T201


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description="Agreement with real Terraform.")
    parser.add_argument("--estate", action="append", choices=sorted(LAYOUTS), help="may be repeated; all of them")
    parser.add_argument("--seed", type=int, default=1, help="which mutations in which order (1)")
    parser.add_argument("--rounds", type=int, help="rounds of drift; until every mutation was tried")
    parser.add_argument("--referee", type=int, default=1, help="Terraform looks after every N-th round (1)")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    asked = parser.parse_args()
    if not HAVE_PROVIDER:
        parser.error("terraform has to be on PATH; RECONCILE_TF_MIRROR has to name a mirror with the AWS provider")
    outcomes: list[Outcome] = []
    for name in asked.estate or LAYOUTS:
        with tempfile.TemporaryDirectory(prefix="oracle-") as scratch:
            outcomes.append(
                run(name, Path(scratch), seed=asked.seed, rounds=asked.rounds, every=asked.referee, tell=_tell)
            )
        if not asked.json:
            print("\n".join(lines(outcomes[-1])), flush=True)  # noqa: T201
    if asked.json:
        print(json.dumps([document(outcome) for outcome in outcomes], indent=1))  # noqa: T201
    return 1 if any(outcome.wrong for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
