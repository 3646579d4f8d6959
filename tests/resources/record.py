"""Records golden folders: real Terraform applies golden/<type>/main.tf to the sandbox, and we read it.

    python -m tests.resources.record TYPE ...

prints where our reading differs from the refreshed state (see tests/support/agreement.py, KNOWN), then writes aws.json
and expected.json. A main.tf needs no provider block. Where a type has none yet, write the smallest configuration that
sets as many attributes as the emulator keeps, beside a plain one that sets none.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from reconciler.aws.caller import AwsCaller
from reconciler.aws.calls import CallLog
from reconciler.aws.reader import Reader
from reconciler.aws.session import ProviderSession, Settings
from reconciler.resources import TYPES
from reconciler.resources.spec import Scope
from tests.resources.golden import folder, read_all, replayed, write_expected
from tests.support.agreement import REGION, Estate, applied
from tests.support.recorded import Recorder


def record(type_names: Iterable[str]) -> int:
    """The number of disagreements with Terraform's state. The files are written all the same: look at them.

    Folders whose main.tf are one file (links) are applied once.
    """
    alike: dict[Path, list[str]] = {}
    for name in type_names:
        alike.setdefault((folder(name) / "main.tf").resolve(), []).append(name)
    found = 0
    for names in alike.values():
        with applied(folder(names[0])) as estate:
            found += sum(_record(estate, name) for name in names)
    return found


def _record(estate: Estate, type_name: str) -> int:
    entry = TYPES[type_name]
    disagreements = estate.disagreements([type_name])
    for disagreement in disagreements:
        print(disagreement)  # noqa: T201
    wanted = [r["values"] for r in estate.managed([type_name])] if entry.gather else []
    recorder, scope = _recorder(estate)
    found = read_all(Reader(recorder, scope), entry, wanted)
    recorder.save(folder(type_name) / "aws.json", scope, wanted, estate.endpoint.url)
    write_expected(type_name, replayed(type_name)[0])
    print(f"{type_name}: {len(found)} recorded, {len(disagreements)} disagreements with Terraform")  # noqa: T201
    return len(disagreements)


def _recorder(estate: Estate) -> tuple[Recorder, Scope]:
    settings = Settings(endpoint_url=estate.endpoint.url)
    caller = AwsCaller(ProviderSession(estate.provider, settings), settings, CallLog())
    (who,) = caller.call("sts:GetCallerIdentity", {}).result()
    return Recorder(caller), Scope(REGION, who["Account"])


if __name__ == "__main__":
    if os.environ.get("CI"):
        sys.exit("golden files are not written in CI")
    sys.exit(1 if record(sys.argv[1:]) else 0)
