"""Commits of other repositories, over real transports."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reconciler.errors import RepositoryError
from reconciler.hcl.tree import SourceTree
from reconciler.repo import Packages
from tests.support.github import Hosted, git, new_repository, write

FIRST = {"main.tf": "one\n", "a/main.tf": "inner\n", "a/policy.json": "{}\n"}


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """main: two commits and v1 (annotated) on the first; dev/x and a branch that is called as a tag is."""
    folder = new_repository(tmp_path / "there", FIRST)
    git(folder, "tag", "--annotate", "--message=one", "v1")
    git(folder, "branch", "v1", "HEAD")
    git(folder, "checkout", "--quiet", "-b", "dev/x")
    commit(folder, {"main.tf": "dev\n"})
    git(folder, "checkout", "--quiet", "main")
    commit(folder, {"main.tf": "two\n"})
    git(folder, "tag", "main", "v1^{}")  # the branch that HEAD names goes before it
    git(folder, "branch", "--force", "v1", "dev/x")  # the tag goes before it
    return folder


def commit(folder: Path, files: dict[str, str]) -> str:
    write(folder, files)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=more")
    return git(folder, "rev-parse", "HEAD")


@contextmanager
def opened(folder: Path, **given: str) -> Generator[Packages]:
    with Packages(folder / "cache", lambda _: None, **given) as packages:
        yield packages


def says(tree: SourceTree) -> str:
    return tree.read("main.tf").decode().strip()


def test_refs_mean_what_they_mean_to_git(there: Path, tmp_path: Path) -> None:
    """The judge is `git checkout <ref>` in a fresh clone, as Terraform's getter does it."""
    first, second = git(there, "rev-parse", "v1^{}"), git(there, "rev-parse", "refs/heads/main")
    refs = ["", "main", "v1", "dev/x", "origin/dev/x", "origin", "heads/main", "tags/main", "refs/tags/v1", "HEAD"]
    refs += ["remotes/origin/v1", "heads/main~1", "HEAD^", "origin/dev/x~1"]
    refs += [first, second, first[:10], git(there, "rev-parse", "v1")]
    for number, ref in enumerate(refs):
        clone = tmp_path / f"clone{number}"
        git(tmp_path, "clone", "--quiet", f"file://{there}", str(clone))
        if ref:
            git(clone, "checkout", "--quiet", ref)
        with opened(tmp_path) as packages:
            tree = packages.tree(f"file://{there}", ref)
            assert says(tree) == (clone / "main.tf").read_text().strip(), ref
            assert list(tree.paths()) == sorted(FIRST)


def test_a_shallow_ref_is_a_branch_or_a_tag(there: Path, tmp_path: Path) -> None:
    with opened(tmp_path) as packages:
        for ref in ("", "v1", "dev/x"):
            clone = tmp_path / f"clone-{ref.replace('/', '-')}"
            branch = ["--branch", ref] if ref else []
            git(tmp_path, "clone", "--quiet", "--depth=1", *branch, f"file://{there}", str(clone))
            found = says(packages.tree(f"file://{there}", ref, 1))
            assert found == (clone / "main.tf").read_text().strip(), ref
        with pytest.raises(RepositoryError, match="a depth is for branches and tags alone"):
            packages.tree(f"file://{there}", git(there, "rev-parse", "dev/x"), 1)
        with pytest.raises(RepositoryError, match="no branch or tag 'heads/main'"):
            packages.tree(f"file://{there}", "heads/main", 1)


@pytest.mark.parametrize("ref", ["nope", "--upload-pack=touch x", "main:a", "deadbee", "a" * 40, "v1..main", ":/more"])
def test_a_ref_that_is_not_there(there: Path, tmp_path: Path, ref: str) -> None:
    with opened(tmp_path) as packages, pytest.raises(RepositoryError):
        packages.tree(f"file://{there}", ref)
        if ref == ":/more":  # git takes that for the youngest commit that says so
            raise RepositoryError("")


def test_a_commit_is_fetched_once_and_a_branch_is_asked_for_again(there: Path, tmp_path: Path) -> None:
    url, pinned = f"file://{there}", git(there, "rev-parse", "v1^{}")
    with opened(tmp_path) as packages:
        assert says(packages.tree(url, pinned)) == "one"
        assert says(packages.tree(url, "dev/x")) == "dev"
    commit(there, {"main.tf": "three\n"})
    with opened(tmp_path) as packages:
        assert says(packages.tree(url)) == "three"
        commit(there, {"main.tf": "four\n"})
        assert says(packages.tree(url)) == "three", "one answer for as long as we look"
    there.rename(tmp_path / "gone")
    with opened(tmp_path) as packages:
        assert says(packages.tree(url, pinned)) == "one", "kept"
        with pytest.raises(RepositoryError, match="not there"):
            packages.tree(url, "dev/x")


def test_runs_at_the_same_time(there: Path, tmp_path: Path) -> None:
    found: list[str] = []

    def run() -> None:
        with opened(tmp_path) as packages:
            found.extend([says(packages.tree(f"file://{there}", ref)) for ref in ("main", "v1", "HEAD~1")])

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["two", "one", "one"] * 6
    assert not list((tmp_path / "cache").glob("new-*")), "nothing half done is left"


def test_nothing_in_the_repository_is_run(there: Path, tmp_path: Path) -> None:
    """Neither a filter that its attributes ask for, nor a hook of ours or of a template."""
    template = tmp_path / "template"
    ran = tmp_path / "ran"
    for hook in ("post-checkout", "reference-transaction", "post-merge"):
        write(template, {f"hooks/{hook}": f"#!/bin/sh\ntouch {ran}\n"})
        (template / "hooks" / hook).chmod(0o755)
    config = tmp_path / "config"
    config.write_text(
        f'[init]\n  templateDir = {template}\n[core]\n  hooksPath = {template}/hooks\n[filter "x"]\n'
        f"  smudge = touch {ran}\n  required = true\n"
    )
    commit(there, {".gitattributes": "* filter=x\n"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", str(config))
        with opened(tmp_path) as packages:
            assert says(packages.tree(f"file://{there}")) == "two"
    assert not ran.exists()


def test_what_is_not_allowed_is_not_asked_for(there: Path, tmp_path: Path) -> None:
    with (
        Packages(tmp_path / "cache", lambda url: f"not {url}") as packages,
        pytest.raises(RepositoryError, match=f"not file://{there}"),
    ):
        packages.tree(f"file://{there}")
    assert not (tmp_path / "cache").exists()


def test_submodules_come_along(there: Path, tmp_path: Path) -> None:
    inner = new_repository(tmp_path / "inner", {"main.tf": "submodule\n"})
    git(there, "submodule", "--quiet", "add", "../inner", "deps/inner")
    git(there, "submodule", "--quiet", "add", f"file://{inner}", "deps/other")
    commit(there, {})
    with opened(tmp_path) as packages:
        tree = packages.tree(f"file://{there}")
        assert {"deps/inner/main.tf", "deps/other/main.tf", "a/main.tf"} < set(tree.paths())
        assert tree.read("deps/inner/main.tf") == b"submodule\n"
    only = f"file://{there}"
    with (
        Packages(tmp_path / "cache", lambda url: None if url == only else "not allowed") as packages,
        pytest.raises(RepositoryError, match="the submodule deps/inner: not allowed"),
    ):
        packages.tree(only)


def test_a_cache_that_cannot_be_written_to(there: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with Packages(blocked / "cache", lambda _: None) as packages:
        assert says(packages.tree(f"file://{there}", "v1")) == "one"


def test_inside_a_hook_of_another_repository(
    there: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, estate: Hosted
) -> None:
    monkeypatch.setenv("GIT_DIR", str(estate.work / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(estate.work / ".git/index"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(estate.work / ".git/objects"))
    with opened(tmp_path) as packages:
        assert says(packages.tree(f"file://{there}", "HEAD~1")) == "one"
    with opened(tmp_path) as packages:
        assert says(packages.tree(f"file://{there}", git(there, "rev-parse", "v1^{}"))) == "one"


# -- over a network -------------------------------------------------------------------------------------------


@pytest.fixture
def daemon(there: Path) -> Iterator[str]:
    """git's own protocol."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["git", "daemon", "--reuseaddr", "--listen=127.0.0.1", f"--port={port}", "--export-all"]
    with subprocess.Popen([*command, f"--base-path={there.parent}", str(there.parent)]) as process:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"git://127.0.0.1:{port}/there"
        process.terminate()


def test_over_the_git_protocol(daemon: str, tmp_path: Path) -> None:
    with opened(tmp_path) as packages:
        assert [says(packages.tree(daemon, ref)) for ref in ("", "v1", "HEAD~1")] == ["two", "one", "one"]


def test_over_ssh(there: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for ssh that notes what it is given and runs the command here."""
    command = tmp_path / "ssh"
    command.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\nfor last; do :; done\nexec sh -c "$last"\n')
    command.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(command))
    with opened(tmp_path) as packages:
        assert says(packages.tree(f"ssh://git@h.example{there}", "dev/x")) == "dev"
        with pytest.raises(RepositoryError, match="strange hostname"):
            packages.tree("ssh://-oProxyCommand=touch${IFS}x/r")
    assert "git@h.example git-upload-pack" in (tmp_path / "asked").read_text()


def test_the_token_is_for_its_own_host_and_the_second_attempt(estate: Hosted, tmp_path: Path) -> None:
    url, token = estate.url, estate.hub.token
    host = url.split("/")[2]
    with opened(tmp_path, token=token, host=host) as packages:
        assert packages.tree(url).read("main.tf") == b"a = 1\n"
    for given in ({"token": token, "host": "h.example"}, {"token": "wrong", "host": host}, {}):
        with opened(tmp_path / "other", **given) as packages, pytest.raises(RepositoryError) as caught:
            packages.tree(url)
        assert token not in str(caught.value)


def test_nobody_is_there(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with opened(tmp_path) as packages, pytest.raises(RepositoryError, match="could not be reached") as caught:
        packages.tree(f"http://me:secret@127.0.0.1:{port}/o/r.git")
    assert "secret" not in str(caught.value)
