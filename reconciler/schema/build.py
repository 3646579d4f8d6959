"""Makes the packaged table from a provider binary: `python -m reconciler.schema.build PROVIDER_BINARY`.

Minutes of work, no network, no credentials; the same binary gives the same bytes. Progress and what the provider
refused to answer go to standard error.
"""

from __future__ import annotations

import argparse
import re
import signal
import sys
import time
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from reconciler.errors import ReconcilerError, UsageError
from reconciler.schema.plugin import ProviderProcess, ProviderSchema
from reconciler.schema.probe import Asker, Facts, Interview, Region, learned
from reconciler.schema.shape import ResourceSchema
from reconciler.schema.table import pack

REGIONS = (Region("us-east-1", {}), Region("eu-west-2", {"a": "b"}))
"""A default is what both answer alike."""
EVERY = 100  # types from one line of progress to the next


def build(binary: Path, version: str, only: str = "*") -> bytes:
    """The table's content. `only` is a pattern of resource types; the others keep their bare schema."""
    with ProviderProcess(binary) as process:
        schema = process.schema()
    facts = interview(binary, schema, only)
    _say(summary(list(facts.values())))
    resources = {
        name: ResourceSchema(found.version, learned(found.block, facts[name]) if name in facts else found.block)
        for name, found in schema.resources.items()
    }
    provider = {"aws": ResourceSchema(0, schema.provider)}
    return pack(version, {"resource": resources, "data": schema.data_sources, "provider": provider})


def interview(binary: Path, schema: ProviderSchema, only: str) -> dict[str, Facts]:
    """What the provider answers, by resource type."""
    names = [name for name in schema.resources if fnmatchcase(name, only)]
    facts: dict[str, Facts] = {}
    for first, region in zip((True, False), REGIONS, strict=True):
        with Asker(binary, schema.provider, region) as asker:
            for count, name in enumerate(names, start=1):
                questions = Interview(asker, name, schema.resources[name].block)
                brief = questions.large and not first
                questions.ask_defaults(nested=not brief)
                if first:
                    questions.ask_replacing()
                    facts[name] = questions.facts
                    for refusal in questions.facts.refused:
                        _say(f"  {name}: {refusal}")
                else:
                    facts[name] = facts[name].agreeing(questions.facts, 1 if brief else None)
                if count % EVERY == 0 or count == len(names):
                    _say(f"{region.name}: {count} of {len(names)} types")
    return facts


def summary(facts: Sequence[Facts]) -> str:
    """Counts for the person who reads the progress."""
    defaults = sum(len(found.defaults) for found in facts)
    replacing = sum(len(found.replacing) for found in facts)
    refused = sum(len(found.refused) for found in facts)
    return f"{defaults} defaults, {replacing} attributes and blocks that force replacement, {refused} questions refused"


def version_of(binary: Path) -> str:
    """The version in the binary's name: terraform-provider-aws_v5.100.0_x5 -> 5.100.0."""
    match = re.search(r"_v(\d+\.\d+\.\d+)", binary.name)
    if match is None:
        raise UsageError("the binary's name tells no version", where=str(binary), hint="Give --version X.Y.Z.")
    return match[1]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 where the table was written, 1 where it could not be made, 64 for wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m reconciler.schema.build", description=__doc__)
    parser.add_argument("binary", type=Path, help="an unpacked terraform-provider-aws")
    parser.add_argument("--version", help="the provider's version, where the binary's name does not tell")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="ask about these types only, for trying it out")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("aws.bin"))
    options = parser.parse_args(arguments)
    start = time.monotonic()
    try:
        table = build(options.binary, options.version or version_of(options.binary), options.only)
    except ReconcilerError as error:
        _say(f"{error}\n{error.hint or ''}".rstrip())
        return error.exit_code
    options.output.write_bytes(table)
    _say(f"{options.output}: {len(table)} bytes, {time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(1))  # so that the provider is ended, too
    sys.exit(main())
