"""Commits made beside the work tree and pushed over real transports."""

from __future__ import annotations

import hashlib
import socket
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.errors import RepositoryError
from reconciler.repo import BOT, Person, Repository, StaleBranch
from reconciler.sandbox.github import Fault
from tests.support.github import Hosted, git, new_repository, write

FILES = {"main.tf": "a = 1\n", "run.sh": "#!/bin/sh\n", "gone.tf": "x\n", "dir/in.tf": "y\n"}


@pytest.fixture
def work(tmp_path: Path) -> Path:
    made = new_repository(tmp_path / "work", FILES)
    (made / "run.sh").chmod(0o755)
    git(made, "commit", "--quiet", "--all", "--message=mode")
    return made


def everything(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Every file of the work tree and the index: mode, time of change, content."""
    found: dict[str, tuple[int, int, str]] = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if inside.parts[0] == ".git" and inside.as_posix() not in (".git/index", ".git/HEAD", ".git/config"):
            continue
        facts = path.lstat()
        content = b"" if path.is_dir() else path.read_bytes()
        when = 0 if path.is_dir() else facts.st_mtime_ns
        found[inside.as_posix()] = (facts.st_mode, when, hashlib.sha256(content).hexdigest())
    return found


def clean(_: Path) -> None:
    """As cloned."""


def dirty(folder: Path) -> None:
    """Changed, staged, staged and changed again, removed, renamed, untracked, ignored."""
    write(folder, {"main.tf": "a = 99\n", "staged.tf": "s\n", "both.tf": "1\n", ".gitignore": "*.log\n", "x.log": "l"})
    git(folder, "add", "staged.tf", "both.tf")
    git(folder, "mv", "dir/in.tf", "dir/out.tf")
    git(folder, "rm", "--quiet", "--cached", "gone.tf")
    write(folder, {"both.tf": "2\n", "untracked.tf": "u\n"})


def detached(folder: Path) -> None:
    git(folder, "checkout", "--quiet", "--detach")


def in_a_merge(folder: Path) -> None:
    git(folder, "checkout", "--quiet", "-b", "side")
    write(folder, {"main.tf": "a = 7\n"})
    git(folder, "commit", "--quiet", "--all", "--message=side")
    git(folder, "checkout", "--quiet", "main")
    write(folder, {"main.tf": "a = 8\n"})
    git(folder, "commit", "--quiet", "--all", "--message=main")
    with pytest.raises(AssertionError):
        git(folder, "merge", "--quiet", "side")


def hooks_and_signing(folder: Path) -> None:
    hooks = folder / ".git/hooks"
    for name in ("pre-commit", "commit-msg", "pre-push", "reference-transaction", "post-index-change"):
        (hooks / name).write_text("#!/bin/sh\necho hook ran >&2\nexit 1\n")
        (hooks / name).chmod(0o755)
    settings = {
        "commit.gpgSign": "true",
        "gpg.program": "/bin/false",
        "push.gpgSign": "true",
        "user.useConfigOnly": "true",
        "core.autocrlf": "true",
        "core.splitIndex": "true",
        "core.fsmonitor": "/bin/false",
        "log.showSignature": "true",
        "i18n.commitEncoding": "latin1",
        "i18n.logOutputEncoding": "latin1",
        "push.followTags": "true",
        "push.recurseSubmodules": "on-demand",
        "core.sparseCheckout": "true",
        "color.ui": "always",
        "status.relativePaths": "true",
        "diff.renames": "copies",
    }
    for key, value in settings.items():
        git(folder, "-c", "core.hooksPath=/dev/null", "config", key, value)


@pytest.mark.parametrize("state", [clean, dirty, detached, in_a_merge, hooks_and_signing])
def test_work_tree_and_index_stay_byte_identical(
    tmp_path: Path, work: Path, state: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "hub.git")
    git(work, "remote", "add", "origin", (tmp_path / "hub.git").as_uri())
    state(work)
    monkeypatch.setenv("HOME", str(tmp_path))
    before = everything(work)
    with Repository.open(work / "dir") as repository:
        base = repository.head()
        made = repository.commit(
            "reconcile/adopt/x", base, {"main.tf": b"a = 2\r\n", "run.sh": b"", "new/n.tf": b"n", "gone.tf": None}, "ü"
        )
        repository.push("reconcile/adopt/x", None)
        repository.fetch()
        repository.notes.append(made, "{}")
        repository.notes.push()
        repository.work_tree().paths()
        repository.dirty()
        assert everything(work) == before
        commit, tree = repository.show(made), repository.tree(made)
        assert (commit.parents, commit.author, commit.committer, commit.message) == ((base,), BOT, BOT, "ü")
        assert (tree.read("main.tf"), tree.read("new/n.tf"), tree.read("dir/in.tf")) == (b"a = 2\r\n", b"n", b"y\n")
        assert "gone.tf" not in tree.paths()
        assert tree.entries["run.sh"].mode == "100755"
        assert repository.remote_branches() == {"reconcile/adopt/x": made}
    assert git(work, "branch", "--list", "reconcile/*") == ""
    assert git(tmp_path / "hub.git", "fsck", "--strict", "--no-dangling") == ""


def test_the_same_commit_is_not_made_twice(work: Path) -> None:
    with Repository.open(work) as repository:
        base, message = repository.head(), "Adopt\n\nReconcile-Id: 1"
        first = repository.commit("b", base, {"main.tf": b"2"}, message)
        assert repository.commit("b", base, {"main.tf": b"2", "absent.tf": None}, message + "\n\n") == first
        assert repository.commit("b", base, {"main.tf": b"a = 1\n", "absent/x": None}, message) == base
        assert repository.commit("b", base, {}, message) == base
        others = [
            repository.commit("b", base, {"main.tf": b"3"}, message),
            repository.commit("b", base, {"main.tf": b"2"}, "other"),
            repository.commit("b", first, {"main.tf": b"3"}, message),
            repository.commit("b", base, {"main.tf": b"2"}, message, author=Person("Ann", "ann@example.com")),
        ]
        assert len({first, base, *others}) == 6


def test_a_fresh_clone_recognises_the_commit_that_is_pushed(estate: Hosted) -> None:
    made = estate.branch("reconcile/x", {"main.tf": b"a = 2\n"}, "m")
    address = estate.url.replace("://", f"://x:{estate.hub.token}@")
    git(estate.work.parent, "clone", "--quiet", address, "fresh")
    with Repository.open(estate.work.parent / "fresh") as fresh:
        assert fresh.commit("reconcile/x", fresh.head(), {"main.tf": b"a = 2\n"}, "m") == made


def test_files_become_folders_and_back(work: Path) -> None:
    with Repository.open(work) as repository:
        base = repository.head()
        for files in ({"main.tf/x.tf": b"x"}, {"dir": b"x"}, {"main.tf/x": None, "dir/in.tf/y": b""}):
            try:
                repository.commit("b", base, files, "m")
            except RepositoryError as error:
                assert "in the way" in str(error)
            else:
                assert files == {}
        made = repository.commit("b", base, {"dir/in.tf": None}, "m")
        assert repository.commit("b", made, {"dir": b"x"}, "m") != made


@pytest.mark.parametrize(
    "path", ["../x", "/etc/x", "a/../../x", ".git/config", "a/.GIT/hooks/x", "", "a//b", "./a", "a\0b"]
)
def test_no_path_leaves_the_repository(work: Path, path: str) -> None:
    with Repository.open(work) as repository, pytest.raises(RepositoryError, match="not a path"):
        repository.commit("b", "HEAD", {path: b"x"}, "m")


def test_links_are_written_through_and_not_out(work: Path) -> None:
    (work / "mod").symlink_to("dir")
    (work / "out").symlink_to("../elsewhere")
    (work / "alias.tf").symlink_to("main.tf")
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message=links")
    with Repository.open(work) as repository:
        base = repository.head()
        made = repository.commit("b", base, {"mod/in.tf": b"1", "mod/new.tf": b"2", "alias.tf": b"3"}, "m")
        assert repository.changed(base, made) == ("dir/in.tf", "dir/new.tf", "main.tf")
        assert repository.tree(made).read("alias.tf") == b"3"
        with pytest.raises(RepositoryError, match="outside"):
            repository.commit("b", base, {"out/x.tf": b""}, "m")
        with pytest.raises(RepositoryError, match="two different contents"):
            repository.commit("b", base, {"alias.tf": b"1", "main.tf": b"2"}, "m")
        assert repository.commit("b", base, {"alias.tf": b"1", "main.tf": b"1"}, "m") != base


def test_many_files_at_once(work: Path) -> None:
    files = {f"baselines/s/{n}.json": b"%d" % n for n in range(3_000)}
    with Repository.open(work) as repository:
        made = repository.commit("b", "HEAD", dict(files), "m")
        assert repository.holds(made, {**files, "absent": None})
        assert not repository.holds(made, {**files, "main.tf": None})
        assert not repository.holds(made, {"baselines/s/1.json": b"2"})
        assert len(repository.files(made, "baselines/s")) == 3_000


# -- pushing --------------------------------------------------------------------------------------------------


def test_leases(estate: Hosted) -> None:
    repository, branch = estate.repository, "reconcile/x"
    base = repository.head()
    first = repository.commit(branch, base, {"main.tf": b"1"}, "m")
    assert repository.push(branch, None) == first
    assert repository.push(branch, None) == first  # there already
    second = repository.commit(branch, base, {"main.tf": b"2"}, "m")
    for stale in (None, base):
        with pytest.raises(StaleBranch, match="expected") as caught:
            repository.push(branch, stale)
        assert "fetch" in (caught.value.hint or "")
    assert repository.push(branch, first) == second  # not a fast forward, and allowed
    person = estate.push_as("ann", branch, {"main.tf": "by ann"})
    repository.commit(branch, base, {"main.tf": b"3"}, "m")
    with pytest.raises(StaleBranch):
        repository.push(branch, second)
    with pytest.raises(StaleBranch):
        repository.delete(branch, second)
    assert repository.remote_branches("reconcile/") == {branch: person}
    repository.delete(branch, person)
    repository.delete(branch, person)
    assert repository.remote_branches("reconcile/") == {}
    with pytest.raises(StaleBranch, match="gone"):
        repository.push(branch, person)


def test_fetching_and_the_default_branch(estate: Hosted) -> None:
    repository = estate.repository
    assert repository.find("refs/remotes/origin/main") == repository.head()
    pushed = estate.push_as("ann", "main", {"main.tf": "new"})
    estate.push_as("ann", "topic", {"main.tf": "t"}, base="main")
    assert repository.find(pushed) is None
    repository.fetch("main")
    assert repository.resolve("refs/remotes/origin/main") == pushed
    assert repository.find("refs/remotes/origin/topic") is None
    assert repository.default_branch() == "main"
    with pytest.raises(RepositoryError, match="no such branch"):
        repository.fetch("absent")


def test_remotes(work: Path) -> None:
    with Repository.open(work) as repository:
        with pytest.raises(RepositoryError, match="no remote 'origin'") as caught:
            repository.remote()
        assert "git remote add" in (caught.value.hint or "")
        git(work, "config", "url.git@github.com:.insteadOf", "gh:")
        git(work, "remote", "add", "upstream", "gh:acme/estate.git")
        remote = repository.remote()
        assert (remote.name, str(remote.hosted)) == ("upstream", "github.com/acme/estate")
        git(work, "remote", "add", "fork", "https://github.com/ann/estate")
        with pytest.raises(RepositoryError, match="no remote 'origin'") as caught:
            repository.remote()
        assert "fork, upstream" in (caught.value.hint or "")
        assert str(repository.remote("fork").hosted) == "github.com/ann/estate"


def test_the_token_is_in_the_environment_alone(
    estate: Hosted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Trace2 records the command line of every process that git starts; the curl trace every header."""
    trace, curl = tmp_path / "trace", tmp_path / "curl"
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(trace))
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "plain"))
    monkeypatch.setenv("GIT_TRACE_CURL", str(curl))
    token = estate.hub.token
    secrets = [token, b64encode(f"x-access-token:{token}".encode()).decode()]
    made = estate.branch("reconcile/x", {"main.tf": b"2"})
    estate.repository.notes.append(made, "{}")
    estate.repository.notes.push()
    with pytest.raises(StaleBranch) as caught:
        estate.repository.push("reconcile/x", None, commit="HEAD")
    estate.hub.fail(Fault(500, path=".git"))
    with pytest.raises(RepositoryError) as failed:
        estate.repository.fetch()
    assert "git-remote-http" in trace.read_text()
    assert "Authorization: Basic <redacted>" in curl.read_text()
    seen = [path for path in tmp_path.rglob("*") if path.is_file() and "hub" not in path.parts]
    texts = [path.read_bytes().decode("latin-1") for path in seen]
    texts += [repr(error) + str(error) + str(error.hint) for error in (caught.value, failed.value)]
    texts += [repr(estate.repository), *capfd.readouterr()]
    for secret in secrets:
        assert not any(secret in text for text in texts)


def test_the_token_stays_with_its_address(estate: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    """A header that a checkout action stored does not go beside ours; helpers are not asked."""
    git(estate.work, "config", f"http.{estate.hub.web}/.extraheader", "Authorization: Basic d3Jvbmc6d3Jvbmc=")
    git(estate.work, "config", "credential.helper", "!echo helper ran >&2; false")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "kept")
    assert "main" in estate.repository.remote_branches()
    with Repository.open(estate.work, token="wrong") as repository:
        with pytest.raises(RepositoryError, match="refused the credentials") as caught:
            repository.fetch()
        assert "helper" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "goes"),
    [
        ("https://github.com/a/b", True),
        ("http://127.0.0.1:80/a/b", True),
        ("http://github.com/a/b", False),
        ("git@github.com:a/b", False),
        ("file:///a/b", False),
    ],
)
def test_where_the_token_goes(url: str, goes: bool) -> None:
    from reconciler.repo.process import authorization

    pairs = authorization(url, "secret")
    assert bool(pairs) == goes
    assert all(key in ("credential.helper", f"http.{url}.extraheader") for key, _ in pairs)


def test_a_remote_that_never_answers(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.repo.repository.NETWORK_SECONDS", 1.0)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        git(work, "remote", "add", "origin", f"http://127.0.0.1:{listening.getsockname()[1]}/a/b.git")
        with Repository.open(work) as repository, pytest.raises(RepositoryError, match="no answer within 1 s"):
            repository.fetch()


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("http://127.0.0.1:9/a/b.git", "could not be reached"),
        ("http://ann:secret@127.0.0.1:9/a/b.git", "could not be reached"),
        ("/nowhere/at/all.git", "not there"),
    ],
)
def test_a_remote_that_is_not_there(work: Path, url: str, what: str) -> None:
    git(work, "remote", "add", "origin", url)
    with Repository.open(work) as repository, pytest.raises(RepositoryError, match=what) as caught:
        repository.push("b", None, commit="HEAD")
    assert "secret" not in str(caught.value)


def test_a_repository_that_is_not_there(estate: Hosted) -> None:
    git(estate.work, "remote", "set-url", "origin", f"{estate.hub.web}/acme/absent.git")
    with pytest.raises(RepositoryError, match="not there or the credentials do not show it"):
        estate.repository.fetch()


def test_what_cannot_be_written_is_said(work: Path) -> None:
    write(work, {".git/refs/reconcile": "in the way"})
    with Repository.open(work) as repository, pytest.raises(RepositoryError, match="refs/reconcile"):
        repository.commit("b", "HEAD", {"x": b"1"}, "m")
