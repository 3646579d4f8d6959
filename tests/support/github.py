"""A hosted repository with a clone of it, for tests: real git over the double's HTTP."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reconciler.forge import GitHub
from reconciler.repo import Repository
from reconciler.sandbox.github import GitHubDouble
from tests.support.github_openapi import violations

OWNER, NAME = "acme", "estate"


def git(folder: Path, *args: str, **env: str) -> str:
    """Run git as a person would, in `folder`, apart from this machine's configuration; returns its output."""
    person = {f"GIT_{role}_{fact}": value for role in ("AUTHOR", "COMMITTER") for fact, value in _DEV.items()}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = clean | person | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"} | env
    command = ["git", "-c", "protocol.file.allow=always", *args]
    done = subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True, timeout=60)
    if done.returncode != 0:
        raise AssertionError(f"git {' '.join(args)}: {done.stderr}")
    return done.stdout.strip()


_DEV = {"NAME": "Dev", "EMAIL": "dev@example.com"}


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content.encode() if isinstance(content, str) else content)


def new_repository(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """A repository at `folder` whose first commit on main holds `files`."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    write(folder, files)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=first")
    return folder


@dataclass
class Hosted:
    """`work` is a clone by a developer of acme/estate on `hub`; `repository` and `forge` use the bot's token."""

    hub: GitHubDouble
    url: str
    work: Path
    repository: Repository
    forge: GitHub

    def branch(self, name: str, files: Mapping[str, bytes | None], message: str = "change") -> str:
        """Commit on the default branch's remote state and push, as the bot; returns the commit."""
        self.repository.fetch()
        made = self.repository.commit(name, "refs/remotes/origin/main", files, message)
        self.repository.push(name, self.repository.remote_branches(name).get(name))
        return made

    def push_as(self, login: str, branch: str, files: Mapping[str, str], *, base: str | None = None) -> str:
        """A person's commit on a branch (made from `base` where it is new), pushed; returns the commit."""
        clone = self.work.parent / f"clone-of-{login}"
        address = self.url.replace("://", f"://{login}:{self.hub.user_token(login)}@")
        if not clone.exists():
            git(self.work.parent, "clone", "--quiet", address, str(clone))
        git(clone, "fetch", "--quiet")
        git(clone, "checkout", "--quiet", "-B", branch, f"origin/{base or branch}")
        write(clone, files)
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", f"--message=by {login}")
        git(clone, "push", "--quiet", "origin", branch)
        return git(clone, "rev-parse", "HEAD")


@contextmanager
def hosted(folder: Path, files: Mapping[str, str | bytes]) -> Generator[Hosted]:
    """Everything that is said to the double's REST API meanwhile must be as GitHub describes it."""
    with GitHubDouble(folder / "hub") as hub:
        url = hub.create_repository(OWNER, NAME)
        work = new_repository(folder / "work", files)
        git(work, "remote", "add", "origin", url)
        with (
            Repository.open(work, token=hub.token) as repository,
            GitHub(hub.url, OWNER, NAME, hub.token, pause=False) as forge,
        ):
            repository.push("main", None, commit="HEAD")
            repository.fetch()
            yield Hosted(hub, url, work, repository, forge)
        wrong = [*hub.crashes, *violations(hub.exchanges)]
        assert not wrong, "\n".join(wrong)
