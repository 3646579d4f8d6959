"""Whole scans of the golden folders' resources, all types at once, where operations are denied: no false finding.

A scan that reads every type asks some hundred operations. Several are denied at a time, of different services, each
once; `EVERY` of these groups are tried (1: all of them, by hand: it takes a quarter of an hour).
"""

from __future__ import annotations

import itertools
import os
import random
from pathlib import Path

import pytest

from reconciler.report.scan import Scan
from tests.oracle.estates import LAYOUTS, applied
from tests.support.sabotage import Estate, denied, operations, wrong
from tests.support.terraform import needs_provider

EVERY = int(os.environ.get("RECONCILE_DENIED_EVERY", "8"))
AT_ONCE = 4


def groups(whole: Scan, seed: int = 1) -> list[tuple[str, ...]]:
    """Every operation once, few together and these of different services where there are any left."""
    names = operations(whole)
    random.Random(seed).shuffle(names)
    by_service = [list(group) for _, group in itertools.groupby(sorted(names, key=_service), key=_service)]
    spread = [name for row in itertools.zip_longest(*by_service) for name in row if name is not None]
    return [tuple(spread[start : start + AT_ONCE]) for start in range(0, len(spread), AT_ONCE)]


def _service(operation: str) -> str:
    return operation.partition(":")[0]


def scanned(estate: Estate, names: tuple[str, ...]) -> Scan:
    return estate.scan(lambda name: denied(name) if name in names else None)


@needs_provider
@pytest.mark.oracle
@pytest.mark.timeout(1800)
def test_whatever_is_denied_there_is_no_false_finding(tmp_path: Path) -> None:
    with applied(LAYOUTS["golden"], tmp_path) as made:
        here = {"AWS_ENDPOINT_URL": made.endpoint.url, "RECONCILE_HASH_KEY": "test"}
        estate = Estate(made.folder, {**os.environ, **here})
        whole = estate.scan()
        tried = groups(whole)[::EVERY]
        bad: dict[str, object] = {}
        for names in tried:
            if wrong(whole, scanned(estate, names)):
                bad |= {name: found for name in names if (found := wrong(whole, scanned(estate, (name,))))}
        assert bad == {}
    assert len(tried) > 5
