"""Files at a commit and in the work tree."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from reconciler.errors import RepositoryError
from reconciler.hcl.tree import git_blob_id
from reconciler.repo import Repository
from tests.support.github import git, new_repository, write


def links(folder: Path, targets: dict[str, str]) -> None:
    for path, target in targets.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).symlink_to(target)


def test_a_commit_is_read_and_not_the_work_tree(tmp_path: Path) -> None:
    work = new_repository(tmp_path / "work", {"main.tf": "a = 1\r\n", "m/x.tf": b"\xff\x00"})
    write(work, {"main.tf": "changed", "new.tf": ""})
    with Repository.open(work) as repository:
        tree = repository.tree()
        assert list(tree.paths()) == ["m/x.tf", "main.tf"]
        assert tree.read("main.tf") == b"a = 1\r\n"
        assert tree.read("m/x.tf") == b"\xff\x00"
        assert tree.blob_id("main.tf") == git_blob_id(b"a = 1\r\n") == git(work, "rev-parse", "HEAD:main.tf")
        assert tree.commit == git(work, "rev-parse", "HEAD")
        for absent in ("new.tf", "m", "", f"../{work.name}/main.tf", "/etc/passwd"):
            with pytest.raises(KeyError):
                tree.read(absent)


def test_work_tree_has_tracked_and_new_files_and_no_ignored_ones(tmp_path: Path) -> None:
    work = new_repository(tmp_path / "work", {"main.tf": "a", "gone.tf": "g", ".gitignore": "*.log\n.terraform/\n"})
    write(work, {"main.tf": "changed", "new.tf": "n", "x.log": "l", ".terraform/p": "p"})
    (work / "gone.tf").unlink()
    with Repository.open(work) as repository:
        tree = repository.work_tree()
        assert list(tree.paths()) == [".gitignore", "main.tf", "new.tf"]
        assert tree.read("main.tf") == b"changed"
        assert tree.blob_id("main.tf") == git_blob_id(b"changed")
        assert repository.dirty() == ("gone.tf", "main.tf", "new.tf")
        (work / "new.tf").unlink()
        with pytest.raises(KeyError):
            tree.read("new.tf")


LINKS = {
    "to-file.tf": "real/main.tf",
    "dot.tf": "./real/../real/main.tf",
    "chain.tf": "to-file.tf",
    "mod": "real",
    "deep/mod": "../mod",
    "envs/prod/common": "../../real",
    "nowhere.tf": "absent.tf",
    "outside.tf": "../../../etc/passwd",
    "absolute.tf": "/etc/passwd",
    "self": "self",
    "ping": "pong",
    "pong": "ping",
    "up/here": "..",
    "ring/one": "../ring2",
    "ring2/two": "../ring",
    "through.tf": "mod/main.tf",
}
SEEN = {
    "to-file.tf",
    "dot.tf",
    "chain.tf",
    "mod/main.tf",
    "mod/sub/a.tf",
    "deep/mod/main.tf",
    "deep/mod/sub/a.tf",
    "envs/prod/common/main.tf",
    "envs/prod/common/sub/a.tf",
    "through.tf",
    "real/main.tf",
    "real/sub/a.tf",
}


def test_links_lead_to_what_is_inside(tmp_path: Path) -> None:
    work = new_repository(tmp_path / "work", {"real/main.tf": "a", "real/sub/a.tf": "b"})
    links(work, LINKS)
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message=links")
    with Repository.open(work) as repository:
        for tree in (repository.tree(), repository.work_tree()):
            assert set(tree.paths()) == SEEN
            assert tree.read("envs/prod/common/sub/a.tf") == b"b"
            assert tree.blob_id("chain.tf") == git_blob_id(b"a")


def test_links_that_multiply_are_stopped(tmp_path: Path) -> None:
    work = new_repository(tmp_path / "work", {"d0/a.tf": "a"})
    for level in range(1, 40):
        links(work, {f"d{level}/{side}": f"../d{level - 1}" for side in "ab"})
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message=bomb")
    started = time.monotonic()
    with Repository.open(work) as repository, pytest.raises(RepositoryError, match="multiply"):
        repository.tree()
    assert time.monotonic() - started < 60


def test_folder_that_became_a_link_hides_its_files(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    write(outside, {"main.tf": "secret"})
    work = new_repository(tmp_path / "work", {"d/main.tf": "a"})
    (work / "d/main.tf").unlink()
    (work / "d").rmdir()
    (work / "d").symlink_to(outside)
    with Repository.open(work) as repository:
        assert list(repository.work_tree().paths()) == []


def test_submodule_is_absent(tmp_path: Path) -> None:
    inner = new_repository(tmp_path / "inner", {"x.tf": "x"})
    work = new_repository(tmp_path / "work", {"main.tf": "a"})
    git(work, "submodule", "--quiet", "add", str(inner), "sub")
    git(work, "commit", "--quiet", "--message=sub")
    with Repository.open(work) as repository:
        for tree in (repository.tree(), repository.work_tree()):
            assert list(tree.paths()) == [".gitmodules", "main.tf"]


def test_names_of_every_kind(tmp_path: Path) -> None:
    names = ["ü.tf", "a b.tf", 'q"uote.tf', "tab\t.tf", "line\nfeed.tf", "-dash.tf", ":(top)x.tf", "*.tf"]
    work = new_repository(tmp_path / "work", {name: name for name in names})
    with Repository.open(work) as repository:
        for tree in (repository.tree(), repository.work_tree()):
            assert set(tree.paths()) == set(names)
            assert all(tree.read(name) == name.encode() for name in names)
        made = repository.commit("x", "HEAD", {name: b"new" for name in names if "\n" not in name}, "m")
        assert repository.tree(made).read("*.tf") == b"new"
        last = repository.last_change(":(top)x.tf", made)
        assert last is not None
        assert last.id == made


def test_ten_thousand_files(tmp_path: Path) -> None:
    work = new_repository(tmp_path / "work", {f"d{n % 100}/f{n}.tf": f"a = {n}\n" for n in range(10_000)})
    with Repository.open(work) as repository:
        started = time.monotonic()
        tree = repository.tree()
        assert len(tree.paths()) == 10_000
        assert [tree.read(f"d{n % 100}/f{n}.tf") for n in range(2_000)][1999] == b"a = 1999\n"
        assert time.monotonic() - started < 5


def test_sha256(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    git(work, "init", "--quiet", "--initial-branch=main", "--object-format=sha256")
    write(work, {"main.tf": "a"})
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message=first")
    with Repository.open(work) as repository:
        assert len(repository.head()) == 64
        made = repository.commit("x", "HEAD", {"main.tf": b"b", "n.tf": b"n"}, "m")
        assert repository.tree(made).read("main.tf") == b"b"
        removed = repository.commit("x", made, {"main.tf": None}, "m")
        assert list(repository.tree(removed).paths()) == ["n.tf"]


def test_damaged_and_missing_objects(tmp_path: Path) -> None:
    work = new_repository(tmp_path / "work", {"main.tf": "a = 1\n" * 100, "other.tf": "b"})
    objects = work / ".git/objects"
    blobs = [git(work, "rev-parse", f"HEAD:{name}") for name in ("main.tf", "other.tf")]
    damaged, missing = (objects / blob[:2] / blob[2:] for blob in blobs)
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes()[:20])
    missing.unlink()
    with Repository.open(work) as repository:
        tree = repository.tree()
        for name in ("main.tf", "other.tf"):
            with pytest.raises(RepositoryError, match="damaged or missing") as caught:
                tree.read(name)
            assert "fsck" in (caught.value.hint or "")
    root = git(work, "rev-parse", "HEAD^{tree}")
    (objects / root[:2] / root[2:]).unlink()
    with Repository.open(work) as repository, pytest.raises(RepositoryError, match="damaged or missing"):
        repository.tree()
