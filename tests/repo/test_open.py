"""What can be opened, and what each of the others is told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.errors import RepositoryError
from reconciler.repo import Repository, hosted
from reconciler.repo.remote import Hosted as Place
from tests.support.github import git, new_repository


def said(error: pytest.ExceptionInfo[RepositoryError]) -> str:
    return f"{error.value} | {error.value.hint}"


def test_from_any_folder_of_it(tmp_path: Path) -> None:
    work = new_repository(tmp_path / "wörk tree", {"a/b/main.tf": "x"})
    for place in (work, work / "a/b", work / "a/b/main.tf", str(work / "a")):
        with Repository.open(place) as repository:
            assert repository.root == work
            assert repository.branch() == "main"


def test_linked_worktree_and_detached_head(tmp_path: Path) -> None:
    work = new_repository(tmp_path / "work", {"main.tf": "x"})
    git(work, "worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    with Repository.open(tmp_path / "linked") as repository:
        assert repository.root == tmp_path / "linked"
        assert repository.branch() is None
        made = repository.commit("b", repository.head(), {"main.tf": b"y"}, "m")
        assert repository.tree(made).read("main.tf") == b"y"
    assert git(tmp_path / "linked", "status", "--porcelain") == ""


@pytest.mark.parametrize("inherited", [{}, {"GIT_DIR": "elsewhere/.git"}, {"GIT_INDEX_FILE": "elsewhere/.git/index"}])
def test_what_a_hook_left_in_the_environment_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inherited: dict[str, str]
) -> None:
    work = new_repository(tmp_path / "work", {"main.tf": "here"})
    elsewhere = new_repository(tmp_path / "elsewhere", {"main.tf": "there"})
    before = (elsewhere / ".git/index").read_bytes()
    for name, value in inherited.items():
        monkeypatch.setenv(name, str(tmp_path / value))
    (work / "sub").mkdir()
    with Repository.open(work / "sub") as repository:
        assert repository.root == work
        assert repository.tree().read("main.tf") == b"here"
        assert repository.work_tree().read("main.tf") == b"here"
        made = repository.commit("b", "HEAD", {"main.tf": b"new"}, "m")
        assert repository.dirty() == ()
    assert (elsewhere / ".git/index").read_bytes() == before
    assert git(work, "cat-file", "-t", made) == "commit"


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError) as caught:
        Repository.open(tmp_path)
    assert "not a git repository" in said(caught)
    assert caught.value.exit_code == 1
    with pytest.raises(RepositoryError, match="no such folder"):
        Repository.open(tmp_path / "absent")


def test_bare_and_inside_git_folder(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "bare.git")
    work = new_repository(tmp_path / "work", {"main.tf": "x"})
    for place, what in ((tmp_path / "bare.git", "bare repository"), (work / ".git", "inside the .git folder")):
        with pytest.raises(RepositoryError, match=what) as caught:
            Repository.open(place)
        assert "inside the clone" in said(caught)


def test_no_commits(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "main.tf").write_text("x")
    with Repository.open(tmp_path) as repository:
        for ask in (repository.head, repository.tree):
            with pytest.raises(RepositoryError, match="no commits"):
                ask()
        assert list(repository.work_tree().paths()) == ["main.tf"]


def test_other_peoples_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = new_repository(tmp_path / "work", {"main.tf": "x"})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(RepositoryError, match="another user") as caught:
        Repository.open(work)
    assert f"safe.directory {work}" in said(caught)


def test_missing_ref(tmp_path: Path) -> None:
    work = new_repository(tmp_path / "work", {"main.tf": "x"})
    with Repository.open(work) as repository:
        with pytest.raises(RepositoryError, match="no commit is named 'v1'") as caught:
            repository.tree("v1")
        assert "fetch" in said(caught)
        assert repository.find("v1") is None
        for blob in (git(work, "rev-parse", "HEAD:main.tf"), "f" * 40):
            assert repository.find(blob) is None


@pytest.mark.parametrize("ref", ["--output=/tmp/x", "-1", "", "a b", "a..b", "x\ny", "\0"])
def test_no_ref_is_taken_for_an_option(tmp_path: Path, ref: str) -> None:
    work = new_repository(tmp_path / "work", {"main.tf": "x"})
    with Repository.open(work) as repository:
        for ask in (repository.resolve, repository.tree, repository.show, repository.files):
            with pytest.raises(RepositoryError, match="not a commit or branch name"):
                ask(ref)
        with pytest.raises(RepositoryError, match="not a commit or branch name"):
            repository.commit(ref, "HEAD", {}, "m")


def test_shallow_says_so_where_history_is_needed(tmp_path: Path) -> None:
    work = new_repository(tmp_path / "work", {"main.tf": "x", "old.tf": "x"})
    git(work, "commit", "--quiet", "--allow-empty", "--message=second")
    git(tmp_path, "clone", "--quiet", "--depth=1", work.as_uri(), "shallow")
    with Repository.open(work) as full, Repository.open(tmp_path / "shallow") as shallow:
        first, last = full.show("HEAD").parents[0], full.head()
        assert shallow.shallow
        assert shallow.tree().read("main.tf") == b"x"
        assert shallow.is_ancestor(last, last)
        for ask in (
            lambda: shallow.log(),
            lambda: shallow.added("old.tf"),
            lambda: shallow.last_change("old.tf"),
            lambda: shallow.resolve(first),
        ):
            with pytest.raises(RepositoryError, match=r"shallow|no commit") as caught:
                ask()
            assert "fetch-depth: 0" in said(caught)
        made = shallow.commit("b", "HEAD", {"main.tf": b"y"}, "m")
        changed = shallow.last_change("main.tf", made)
        assert changed is not None
        assert changed.id == made


def test_without_git(tmp_path: Path) -> None:
    code = (
        "from reconciler.repo import Repository\nfrom reconciler.errors import RepositoryError\n"
        "try: Repository.open('.')\nexcept RepositoryError as error: print(error)\n"
    )
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | {"PATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("git is not installed", "")


def test_an_old_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\necho git version 2.25.1\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setattr("git.Git.GIT_PYTHON_GIT_EXECUTABLE", str(tmp_path / "git"))
    with pytest.raises(RepositoryError, match=r"git version 2\.25\.1 is too old") as caught:
        Repository.open(tmp_path)
    assert "2.31" in said(caught)


def test_importing_is_cheap() -> None:
    code = "import reconciler.repo, sys; print(sorted({'git', 'gitdb'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://github.com/acme/estate.git", Place("github.com", "acme", "estate")),
        ("https://github.com/acme/estate/", Place("github.com", "acme", "estate")),
        ("https://ann:secret@GitHub.com/acme/estate", Place("github.com", "acme", "estate")),
        ("https://git.example.com:8443/acme/es.tate.git", Place("git.example.com:8443", "acme", "es.tate")),
        ("http://127.0.0.1:5830/acme/estate.git", Place("127.0.0.1:5830", "acme", "estate")),
        ("git@github.com:acme/estate.git", Place("github.com", "acme", "estate")),
        ("github.com:acme/estate", Place("github.com", "acme", "estate")),
        ("ssh://git@github.com/acme/estate.git", Place("github.com", "acme", "estate")),
        ("ssh://git@ssh.github.com:443/acme/estate.git", Place("github.com", "acme", "estate")),
        ("git://github.com/acme/estate", Place("github.com", "acme", "estate")),
        ("org-123@github.com:acme/estate.git", Place("github.com", "acme", "estate")),
        ("file:///srv/git/acme/estate.git", None),
        ("/srv/git/estate.git", None),
        ("../estate.git", None),
        ("C:\\git\\estate", None),
        ("https://github.com/estate", None),
        ("https://github.com:x/acme/estate", None),
    ],
)
def test_where_a_remote_is_hosted(url: str, place: Place | None) -> None:
    assert hosted(url) == place
