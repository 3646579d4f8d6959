"""A long comparison with real Terraform: `python -m tests.hcl.differential --n 50000 --seed 1`.

Prints each disagreement made as small as can be, with both answers; exits with 1 where there is one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.hcl.generator import Generator, Node
from tests.hcl.oracle import Answer, Judge, judged
from tests.hcl.wild import Wild

BATCH = 400
CANDIDATES = 300


def shrink(node: Node, judge: Judge) -> Node:
    """The smallest expression found in `node` that both sides still disagree on."""
    while True:
        candidates = sorted({str(smaller): smaller for smaller in node.smaller()}.values(), key=lambda n: len(str(n)))
        candidates = [candidate for candidate in candidates if len(str(candidate)) < len(str(node))][:CANDIDATES]
        wrong = (
            {text for text, _, _ in judged([str(candidate) for candidate in candidates], judge)}
            if candidates
            else set()
        )
        smallest = next((candidate for candidate in candidates if str(candidate) in wrong), None)
        if smallest is None:
            return node
        node = smallest


Disagreement = tuple[str, Answer, Answer]
"""(expression, Terraform's answer, ours)"""


def compare(count: int, generator: Generator, judge: Judge, *, shrinking: int = 10**6) -> Iterator[Disagreement]:
    """The disagreements on `count` expressions as they are found, the first `shrinking` of them made small."""
    seen: set[str] = set()
    for start in range(0, count, BATCH):
        nodes = {str(node): node for node in (generator.expression() for _ in range(min(BATCH, count - start)))}
        for text, theirs, mine in judged(list(nodes), judge):
            small = str(shrink(nodes[text], judge)) if len(seen) < shrinking else text
            if small not in seen:
                seen.add(small)
                yield from judged([small], judge) or [(text, theirs, mine)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-shrink", action="store_true")
    parser.add_argument("--plain", action="store_true", help="without the corners of the language")
    options = parser.parse_args()
    begin = time.monotonic()
    found = 0
    generator = Generator(options.seed) if options.plain else Wild(options.seed)
    with tempfile.TemporaryDirectory(prefix="judge-") as folder:
        shrinking = 0 if options.no_shrink else 10**6
        for text, theirs, mine in compare(options.n, generator, Judge(Path(folder)), shrinking=shrinking):
            found += 1
            sys.stdout.write(f"{text}\n  Terraform: {theirs}\n  ours:      {mine}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{options.n} expressions, {found} disagreements, {time.monotonic() - begin:.0f} s\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
