"""Mutated configurations: whatever the code says, an evaluation ends, and ends in diagnostics, not in a traceback."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest

from reconciler.hcl.evaluate import Inputs, evaluate
from reconciler.hcl.tree import MemoryTree
from tests.hcl.agreement import tree_of
from tests.hcl.configurations import configurations

ESTATES = Path(__file__).parent / "estates"
TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|[A-Za-z_][\w.]*|\d+|\S')
POOL = (
    *("null", "true", '""', '"x"', "0", "-1", "1e309", "[]", "{}", "[null]", "{ a = null }", "each.key", "each.value"),
    *("count.index", "self", "local", "var", "local.x", "module.m", "aws_sqs_queue.q", "path.module", "path.cwd"),
    *("terraform.workspace", "data.aws_region.r.name", "timestamp()", "file(path.module)", "sensitive(1)", "[1]..."),
    *("for_each", "count", "dynamic", "content", "provider", "depends_on", "lifecycle", "source", "(", ")", "{", "}"),
    *("${", "%{ if true }", "<<E", "? :", "&&", "...", "[*]", ".*.", "[0]", '["k"]', "*", "="),
    *("[for x in []: x]", "{for k, v in {}: k => v}"),
)


class Cache:
    """Trees of the files that a mutation leaves alone."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self._kept.get(key)

    def put(self, key: str, data: bytes) -> None:
        self._kept[key] = data


CACHE = Cache()


def mutated(text: str, chance: random.Random) -> str:
    """`text` with a few tokens deleted, doubled, exchanged or replaced."""
    for _ in range(chance.randint(1, 4)):
        tokens = list(TOKEN.finditer(text))
        if not tokens:
            return text
        one, other = chance.choice(tokens), chance.choice(tokens)
        start, end = one.span()
        match chance.randrange(6):
            case 0:
                text = text[:start] + text[end:]
            case 1:
                text = text[:end] + " " + one[0] + text[end:]
            case 2:
                text = text[:start] + other[0] + text[end:]
            case 3:
                low, high = sorted((one.start(), other.start()))
                text = text[:low] + text[high:] if high - low < 400 else text
            case 4:
                low, high = sorted((one.start(), other.start()))
                text = text[:high] + text[low:high] + text[high:] if high - low < 400 else text
            case _:
                text = text[:start] + chance.choice(POOL) + text[end:]
    return text


def check(tree: MemoryTree, root: str, seed: int) -> None:
    chance = random.Random(seed)
    files = {path: tree.read(path) for path in tree.paths()}
    changeable = [path for path in files if path.endswith((".tf", ".tfvars", ".json", ".tftpl", ".yaml"))]
    for path in chance.sample(changeable, min(len(changeable), chance.randint(1, 2))):
        files[path] = mutated(files[path].decode(), chance).encode(errors="surrogatepass")
    start = time.process_time()
    evaluation = evaluate(MemoryTree(files), root, Inputs(prior={"aws_sqs_queue.q": {"arn": None, "tags": []}}), CACHE)
    assert time.process_time() - start < 20
    for resource in evaluation.resources:
        assert str(resource.address)
        assert len(resource.origins) >= 0


@pytest.mark.parametrize("name", sorted(folder.name for folder in ESTATES.iterdir() if folder.is_dir()))
def test_mutated_estates(name: str) -> None:
    tree = tree_of(ESTATES / name)
    for seed in range(25):
        check(tree, "live/prod" if name == "layers" else "", seed)


def test_mutated_random_configurations() -> None:
    for seed in range(60):
        tree = MemoryTree({path: text.encode() for path, text in configurations(seed, 1).items()})
        check(tree, "", seed)


@pytest.mark.oracle
@pytest.mark.parametrize("name", sorted(folder.name for folder in ESTATES.iterdir() if folder.is_dir()))
def test_many_mutated_estates(name: str) -> None:
    tree = tree_of(ESTATES / name)
    for seed in range(1000, 2000):
        check(tree, "live/prod" if name == "layers" else "", seed)
