"""Shipped tables and kept trees: the pinned grammar's, checked, and never run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.hcl import codec, grammar
from reconciler.hcl.parse import SyntaxProblem, parse_file
from reconciler.hcl.tree import git_blob_id
from tests.hcl import syntax_text


class Kept(dict[str, bytes]):
    """A cache in memory."""

    def put(self, key: str, data: bytes) -> None:
        self[key] = data


SOURCES = {
    "main.tf": syntax_text.estate().encode(),
    "empty.tf": b"",
    "deep.tf": b"a {\n" * 60 + b"}\n" * 60,
    "chain.tf": b"a = " + b"-" * 100 + b"1\n",
    "brackets.tf": b"a = " + b"[{a=" * 30 + b"1" + b"}]" * 30 + b"\n",
    "x.tf.json": b'{"resource": {"a": {"b": {"c": "${d}", "e": [1.50, null, true]}}}}',
    "x.tfvars.json": b'{"c": "${d}"}',
}


def test_shipped_tables_are_those_of_the_pinned_grammar() -> None:
    shipped = Path(grammar.__file__).with_name(grammar.SHIPPED).read_bytes()
    assert grammar.build() == shipped, "run: python -m reconciler.hcl.grammar"


def test_a_patch_that_does_not_apply_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar, "_PATCHES", (("no such rule", ""),))
    with pytest.raises(AssertionError, match="no such rule"):
        grammar.source()


def test_parsing_needs_neither_lark_nor_hcl2_nor_a_writable_place(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from reconciler.hcl.parse import parse_file\n"
        "parse_file('main.tf', b'a = 1\\n')\n"
        "assert not {'lark', 'hcl2'} & set(sys.modules), 'imported'\n"
    )
    tmp_path.chmod(0o500)
    environment = {"PYTHONPATH": str(Path(grammar.__file__).parents[2]), "HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", SOURCES)
def test_trees_come_back_as_they_were(path: str) -> None:
    content = SOURCES[path]
    body = parse_file(path, content)
    assert codec.loads(codec.dumps(body)) == body
    cache = Kept()
    assert parse_file(path, content, cache, git_blob_id(content)) == body
    (kept,) = cache.values()
    assert parse_file(path, b"not read: (((", cache, git_blob_id(content)) == body
    assert list(cache.values()) == [kept]


def test_the_same_blob_under_other_names_is_read_as_they_say() -> None:
    content, cache = b'{"a": "${b}"}', Kept()
    trees = [parse_file(p, content, cache, git_blob_id(content)) for p in ("a.tf.json", "a.tfvars.json")]
    assert trees[0] != trees[1]
    assert len(cache) == 2
    with pytest.raises(SyntaxProblem):
        parse_file("a.tf", content, cache, git_blob_id(content))


@pytest.mark.parametrize("damage", [b"", b"x", b"\x00" * 16, b"\x00" * 200])
def test_damaged_entries_are_ignored_and_written_again(damage: bytes) -> None:
    content, cache = SOURCES["main.tf"], Kept()
    body = parse_file("main.tf", content, cache, git_blob_id(content))
    ((key, kept),) = cache.items()
    for bad in (damage, kept[:-1], kept[:100] + damage + kept[101:]):
        cache[key] = bad
        assert parse_file("main.tf", content, cache, git_blob_id(content)) == body
        assert cache[key] == kept


def test_bytes_that_are_no_tree_are_damage_even_with_a_good_checksum() -> None:
    import msgpack  # pyright: ignore[reportMissingTypeStubs]

    for wrong in (None, [], [1, 2, 3, 4], [[["a", [99], [0, 0, 0]]], [], [0, 0, 0], None], {"a": 1}):
        packed: bytes = msgpack.packb(wrong)
        with pytest.raises(codec.Damaged):
            codec.loads(codec.checksum(packed) + packed)
