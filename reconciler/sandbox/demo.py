"""The tour: the whole story on an embedded AWS and an embedded GitHub, through the real command line.

Every step runs `reconcile` as a person or a pipeline would, in a child process with nothing but environment
variables that point to loopback; what people do (deploying, drifting, merging) goes over boto3, git and PyGithub.
"""

from __future__ import annotations

import contextlib
import importlib.resources
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from reconciler.errors import ReconcilerError, UsageError
from reconciler.hcl.evaluate import Evaluation, Inputs, evaluate
from reconciler.hcl.tree import MemoryTree
from reconciler.records import dataclass
from reconciler.sandbox import hands
from reconciler.sandbox.aws_endpoint import AwsEndpoint
from reconciler.sandbox.github import GitHubDouble
from reconciler.sandbox.seed import Prior, seed

_OWNER, _NAME = "acme", "infrastructure"
_STACK = "infra/payments"
_REGION = "eu-west-1"
_ACCOUNT = "123456789012"


def run(*, keep: bool = False, folder: Path | None = None, colour: bool = False) -> int:
    """Run the tour; returns the exit code: 0 when the last scan finds nothing to reconcile."""
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        work = _folder(folder, stack, keep=keep)
        tour = _Tour(work, colour)
        code = 1
        try:
            code = tour.tell(stack)
            tour.say(f"\nDone in {time.monotonic() - started:.0f} s.")
        finally:
            if keep:
                tour.hold()
    return code


def _folder(folder: Path | None, stack: contextlib.ExitStack, *, keep: bool) -> Path:
    if folder is None:
        made = Path(tempfile.mkdtemp(prefix="reconcile-demo-"))
        if not keep:
            stack.callback(shutil.rmtree, made, ignore_errors=True)
        return made
    if folder.exists() and any(folder.iterdir()):
        raise UsageError("the demo wants a new or an empty folder", where=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


@dataclass(slots=True)
class _Tour:
    work: Path
    colour: bool
    steps: int = 0
    exports: dict[str, str] = field(default_factory=dict[str, str])
    clients: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def clone(self) -> Path:
        return self.work / _NAME

    # -- the story ------------------------------------------------------------------------------------------------

    def tell(self, stack: contextlib.ExitStack) -> int:
        self.step("Start an AWS endpoint and a GitHub on loopback")
        aws = stack.enter_context(AwsEndpoint())
        github = stack.enter_context(GitHubDouble(self.work / "github"))
        self.exports = dict(_exports(aws, github, self.work))
        self.say(f"  AWS     {aws.url}\n  GitHub  {github.url}")
        repository = self._repository(github)

        self.step("Commit the Terraform code of a small payments system, and deploy it")
        self._commit_estate(github)
        self.say(f"  {self._deploy()} resources are live")

        self.step("Record what is live beside the code")
        self.reconcile("baseline", "record", show=False)
        self.git("add", "baselines")
        self.git("commit", "--quiet", "--message", "Record the baseline")
        self.git("push", "--quiet", "origin", "main")
        files = len(list((self.clone / "baselines").rglob("*.json")))
        self.say(f"  {files} snapshots under baselines/, one file per resource")
        self.reconcile("scan", expect=0)

        self.step("Drift it by hand, as people do")
        for line in hands.drift(self.client):
            self.say(f"  - {line}")

        self.step("Scan")
        self.reconcile("scan", expect=2)

        self.step("Open pull requests")
        self.reconcile("propose", expect=0)
        self.reconcile("propose", expect=0, show=False)
        pulls = sorted(repository.get_pulls(state="open"), key=lambda pull: pull.number)
        self._show(pulls)

        self.step("Merge them all")
        for pull in pulls:
            pull.merge(merge_method="merge")
            self.say(f"  merged #{pull.number} {pull.title}")
        self.git("pull", "--quiet", "origin", "main")

        self.step("Apply what the merges approved, twice: the second time does nothing")
        self.reconcile("apply", expect=0)
        self.reconcile("apply", expect=0)

        self.step("Scan again")
        return self.reconcile("scan", expect=0)

    def _repository(self, github: GitHubDouble) -> Any:
        from github import Auth, Github

        github.create_repository(_OWNER, _NAME)
        client = Github(auth=Auth.Token(github.token), base_url=github.url, seconds_between_writes=0)
        return client.get_repo(f"{_OWNER}/{_NAME}")

    def _commit_estate(self, github: GitHubDouble) -> None:
        for path, content in [*estate_files(), ("reconcile.yaml", _CONFIG)]:
            target = self.clone / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("remote", "add", "origin", github.clone_url(_OWNER, _NAME))
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "The payments system")
        self.git("push", "--quiet", "--set-upstream", "origin", "main")

    def _deploy(self) -> int:
        tree = MemoryTree(dict(estate_files()))
        caller = {"id": _ACCOUNT, "account_id": _ACCOUNT, "arn": f"arn:aws:iam::{_ACCOUNT}:root", "user_id": "demo"}

        def evaluated(prior: Prior) -> Evaluation:
            data = {"data.aws_caller_identity.current": caller}
            return evaluate(tree, _STACK, Inputs(prior=prior, data=data))

        return seed(evaluated, self.client, tree, _STACK)

    def _show(self, pulls: list[Any]) -> None:
        """One adopt and one revert, as their reviewers see them."""
        for kind in ("adopt", "revert"):
            chosen = next((p for p in pulls if any(label.name == kind for label in p.labels)), None)
            if chosen is None:
                continue
            self.say(f"\n--- #{chosen.number} {chosen.title} {'-' * max(3, 80 - len(chosen.title))}")
            self.say(_indent(_shortened(chosen.body or "")))
            if kind == "adopt":
                self.say(_indent("\n".join(_patches(chosen))))

    # -- the hands ------------------------------------------------------------------------------------------------

    def client(self, service: str) -> Any:
        import boto3

        if service not in self.clients:
            self.clients[service] = boto3.client(  # pyright: ignore[reportUnknownMemberType, reportCallIssue, reportArgumentType]
                service,  # pyright: ignore[reportArgumentType]
                region_name=_REGION,
                endpoint_url=self.exports["AWS_ENDPOINT_URL"],
                aws_access_key_id=self.exports["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=self.exports["AWS_SECRET_ACCESS_KEY"],
            )
        return self.clients[service]

    def git(self, *arguments: str) -> None:
        done = subprocess.run(
            ["git", *_COMMIT_AS, *arguments], cwd=self.clone, env=self.env(), capture_output=True, text=True, timeout=60
        )
        if done.returncode:
            raise ReconcilerError(f"git {arguments[0]} failed in the demo: {done.stderr.strip()[-400:]}")

    def reconcile(self, *arguments: str, expect: int = 0, show: bool = True) -> int:
        """Run the command; its output is the tour's. Any other exit code than the expected ends the tour."""
        self.say(self._dim(f"\n  $ reconcile {' '.join(arguments)}"))
        command = [sys.executable, "-m", "reconciler.cli", *arguments]
        done = subprocess.run(command, cwd=self.clone, env=self.env(), capture_output=True, text=True, timeout=300)
        if show:
            self.say(_indent(done.stdout.rstrip()))
        if done.returncode != expect:
            self.say(_indent(done.stdout.rstrip() if not show else ""))
            self.say(_indent(done.stderr.rstrip()))
            raise ReconcilerError(
                f"`reconcile {' '.join(arguments)}` ended with {done.returncode}, expected {expect}",
                hint="this is a bug: the tour must always end well",
            )
        return done.returncode

    def env(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "GIT_", "GITHUB_", "TF_"))}
        return {**clean, **self.exports}

    def hold(self) -> None:
        """Wait for Ctrl-C, with what a person needs to try commands of their own."""
        self.say("\nStill running; in another terminal:\n")
        for name, value in self.exports.items():
            self.say(f"  export {name}={value}")
        self.say(f"  cd {self.clone}\n  reconcile scan\n\nCtrl-C ends it.")
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)

    # -- words ----------------------------------------------------------------------------------------------------

    def step(self, text: str) -> None:
        self.steps += 1
        headline = f"\n{self.steps}. {text}"
        self.say(f"\033[1m{headline}\033[0m" if self.colour else headline)

    def _dim(self, text: str) -> str:
        return f"\033[2m{text}\033[0m" if self.colour else text

    def say(self, text: str) -> None:
        if text:
            print(text, flush=True)  # noqa: T201 - the tour's only job is to tell


_CONFIG = b"""\
# A tour has no time for the usual limits, which keep reviewers from being flooded.
pull_requests: {open: 100, per_hour: 100}
"""
_COMMIT_AS = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example", "-c", "commit.gpgSign=false")


def estate_files() -> Iterator[tuple[str, bytes]]:
    """The packaged Terraform code: (path in the repository, content)."""
    root = importlib.resources.files("reconciler.sandbox") / "estate"

    def walk(folder: Any, prefix: str) -> Iterator[tuple[str, bytes]]:
        for entry in sorted(folder.iterdir(), key=lambda e: e.name):
            if entry.is_dir():
                yield from walk(entry, f"{prefix}{entry.name}/")
            elif entry.name.endswith((".tf", ".tfvars", ".zip")):
                yield f"{prefix}{entry.name}", entry.read_bytes()

    yield from walk(root, "")


def _exports(aws: AwsEndpoint, github: GitHubDouble, work: Path) -> Mapping[str, str]:
    return {
        "AWS_ENDPOINT_URL": aws.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": _REGION,
        "GITHUB_API_URL": github.url,
        "GITHUB_TOKEN": github.token,
        "RECONCILE_HASH_KEY": "demo",
        "RECONCILE_CACHE_DIR": str(work / "cache"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **_git_credentials(github),
    }


def _git_credentials(github: GitHubDouble) -> dict[str, str]:
    """Lets plain `git push` in: a header in the environment, so that no token lies in a URL or a file."""
    import base64

    basic = base64.b64encode(f"x-access-token:{github.token}".encode()).decode()
    address = github.clone_url(_OWNER, _NAME)
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{address}.extraheader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
    }


def _indent(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.splitlines())


def _shortened(body: str, lines: int = 40) -> str:
    shown = body.splitlines()
    return "\n".join([*shown[:lines], f"… {len(shown) - lines} more lines"] if len(shown) > lines else shown)


def _patches(pull: Any) -> Iterator[str]:
    for changed in pull.get_files():
        if not changed.filename.startswith("baselines/"):
            yield f"{changed.filename}\n{changed.patch}"
