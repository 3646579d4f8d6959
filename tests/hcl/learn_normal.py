"""Asks a real AWS provider how it rewrites strings while it plans: `python -m tests.hcl.learn_normal PROVIDER_BINARY`.

Each string of each resource type (built on the provider's SDK; the framework rewrites nothing) is planned with a few
telling values. What comes back tells which of the known ways it is rewritten in, if any. Ten minutes; the result is
reconciler/hcl/normal.json.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reconciler.hcl import normal
from reconciler.hcl.planned import on_sdk
from reconciler.schema import Attribute, Block, NestedBlock
from reconciler.schema.plugin import ProviderDied, ProviderError, ProviderProcess
from reconciler.schema.probe import Asker, Names, Region, build, elements, sample

REGION = "eu-west-1"
PROBES = (
    '{ "Version": "2012-10-17",\n "Statement": [ {"b":"x>y", "a" : ["y"]} ], "A": 1.0 }',
    '[ {"z": 1, "a":null, "m": {}} ]',
    "MiXed.Example.COM.",
    "TCP",
    "all",
    " a b\n",
    "",
    "6",
    '[{"name": "b", "EntryPoint": ["x"], "cpu": 0, "user": null}, {"name": "a"}]',
)
TOO_MANY = 400
"""Strings beyond which a type is left out: it takes the provider seconds to answer (aws_quicksight_dashboard …)."""


def settable(attribute: Attribute) -> bool:
    return (attribute.optional or attribute.required) and not attribute.write_only


def strings(block: Block, prefix: Names = (), depth: int = 3) -> Iterator[Names]:
    """The paths of all strings that a configuration may set."""
    for name, attribute in block.attributes.items():
        inside = attribute.as_block
        if not settable(attribute) or (*prefix, name) == ("id",):
            continue
        if attribute.type == "string":
            yield (*prefix, name)
        elif inside is not None:
            yield from ((*prefix, name, inner) for inner, found in inside.attributes.items() if found.type == "string")
    for name, nested in block.blocks.items() if depth else ():
        if name != "timeouts":
            yield from strings(nested.block, (*prefix, name), depth - 1)


def configuration(block: Block, group: list[Names], probe: str) -> Any:
    """The strings of `group` set to `probe`, with the blocks that they are in and all that is required."""
    wanted = set(group)
    within = {path[:length] for path in wanted for length in range(1, len(path))}

    def leaf(path: Names, attribute: Attribute) -> Any:
        if path in wanted:
            return probe
        inside = attribute.as_block
        if inside is not None and path in within:
            return [{name: inner((*path, name), found) for name, found in inside.attributes.items()}]
        return sample(attribute.type, path[-1], 0, None, REGION) if attribute.required else None

    def inner(path: Names, attribute: Attribute) -> Any:
        return probe if path in wanted else sample(attribute.type, path[-1], 0, None, REGION)

    def keep(path: Names, nested: NestedBlock) -> bool:
        return path in within or (nested.min_items > 0 and (len(path) == 1 or path[:-1] in within))

    return build(block, leaf, keep)


def at(state: Any, path: Names) -> Any:
    for step in path:
        found = elements(state)
        state = found[0].get(step) if len(found) == 1 and isinstance(found[0], dict) else None
    return state


class Answers:
    """What each string of one type comes back as, by probe; a probe that is refused is missing."""

    def __init__(self, asker: Asker, name: str, block: Block) -> None:
        self._asker, self._name, self._block = asker, name, block
        self.found: dict[Names, dict[str, Any]] = {}

    def ask(self, group: list[Names], probe: str) -> None:
        config = configuration(self._block, group, probe)
        try:
            state = self._asker.plan(self._name, None, config, config).state
        except (ProviderError, ProviderDied):
            if len(group) > 1:
                self.ask(group[: len(group) // 2], probe)
                self.ask(group[len(group) // 2 :], probe)
            return
        for path in group:
            self.found.setdefault(path, {})[probe] = at(state, path)

    def ways(self) -> Iterator[tuple[str, str]]:
        """(path, way) of each string that is rewritten in a way that we know."""
        for path, answers in sorted(self.found.items()):
            attribute = self._block.attributes.get(path[0]) if len(path) == 1 else None
            decided = attribute is not None and attribute.computed and attribute.optional
            ways = [way for way in (self._way(path, answers),) if way]
            ways += [normal.KEEPS_EMPTY] if decided and answers.get("") == "" else []
            if ways:
                yield ".".join(path), "+".join(ways)

    def _way(self, path: Names, answers: dict[str, Any]) -> str | None:
        known = {probe: answer for probe, answer in answers.items() if probe and isinstance(answer, str)}
        known = {probe: answer for probe, answer in known.items() if answer != "[]"}  # of what it refuses otherwise
        if all(probe == answer for probe, answer in known.items()):
            return None
        fits = [way for way in normal.WAYS if all(normal.rewrite(way, p) == a for p, a in known.items())]
        if not fits and not any(answer in ("", "unknown", "[]") for answer in known.values()):
            sys.stderr.write(f"{self._name}.{'.'.join(path)}: rewritten in no way that is known: {known}\n")
        return fits[0] if fits else None


def learn(binary: Path) -> dict[str, dict[str, str]]:
    with ProviderProcess(binary) as process:
        schema = process.schema()
    learned: dict[str, dict[str, str]] = {}
    with Asker(binary, schema.provider, Region(REGION, {})) as asker:
        for name, found in sorted(schema.resources.items()):
            paths = list(strings(found.block)) if on_sdk(found.block) else []
            if len(paths) > TOO_MANY:
                sys.stderr.write(f"{name}: left out for its {len(paths)} strings\n")
                continue
            answers = Answers(asker, name, found.block)
            groups: dict[Names, list[Names]] = {}
            for path in paths:
                groups.setdefault(path[:1] if len(path) > 1 else (), []).append(path)
            for group in groups.values():
                for probe in PROBES:
                    answers.ask(group, probe)
            ways = dict(answers.ways())
            if ways:
                learned[name] = ways
    return learned


def main() -> None:
    learned = learn(Path(sys.argv[1]))
    target = Path(normal.__file__).with_name("normal.json")
    target.write_text(json.dumps(learned, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
