"""A whole world on loopback: an AWS endpoint, a GitHub with a repository, a clone, and the command as people run it."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from reconciler.hcl.evaluate import Evaluation, Inputs, evaluate
from reconciler.hcl.tree import MemoryTree
from reconciler.sandbox.aws_endpoint import AwsEndpoint
from reconciler.sandbox.demo import estate_files
from reconciler.sandbox.github import GitHubDouble
from reconciler.sandbox.seed import Prior, seed

STACK = "infra/payments"
CALLER = {"data.aws_caller_identity.current": {"id": "123456789012", "account_id": "123456789012"}}

OWNER, NAME = "acme", "infrastructure"
REGION = "eu-west-1"


@dataclass(slots=True)
class World:
    aws: AwsEndpoint
    github: GitHubDouble
    clone: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "GIT_", "GITHUB_", "TF_"))}
        basic = base64.b64encode(f"x-access-token:{self.github.token}".encode()).decode()
        return {
            **clean,
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            "GITHUB_API_URL": self.github.url,
            "GITHUB_TOKEN": self.github.token,
            "RECONCILE_HASH_KEY": "test",
            "RECONCILE_CACHE_DIR": str(self.clone.parent / "cache"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{self.github.clone_url(OWNER, NAME)}.extraheader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
            **self.extra,
        }

    def reconcile(
        self, *args: str, code: int | None = None, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the command in the clone; with `code`, that must be its exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "reconciler.cli", *args],
            cwd=cwd or self.clone,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert "Traceback" not in done.stderr, done.stderr
        if code is not None:
            assert done.returncode == code, f"{args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def scan(self, *args: str, code: int | None = None) -> dict[str, Any]:
        return json.loads(self.reconcile("scan", "--format", "json", *args, code=code).stdout)

    def git(self, *args: str) -> str:
        person = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example")
        done = subprocess.run(
            ["git", *person, *args],
            cwd=self.clone,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"git {args}: {done.stderr}"
        return done.stdout

    def commit(self, files: dict[str, str | bytes], message: str = "change", *, push: bool = True) -> str:
        for path, content in files.items():
            target = self.clone / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        if push:
            self.git("push", "--quiet", "origin", "main")
        return self.git("rev-parse", "HEAD").strip()

    def client(self, service: str) -> Any:
        return self.client_in(service, REGION)

    def client_in(self, service: str, region: str) -> Any:
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.aws.url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def repository(self) -> Any:
        """PyGithub's view, for what people do: merging, closing."""
        from github import Auth, Github

        client = Github(auth=Auth.Token(self.github.token), base_url=self.github.url, seconds_between_writes=0)
        return client.get_repo(f"{OWNER}/{NAME}")


def seed_payments(made: World) -> None:
    """Commits the payments system and makes what its code describes."""
    files = dict(estate_files())
    made.commit(dict(files), "The payments system")
    tree = MemoryTree(files)

    def evaluated(prior: Prior) -> Evaluation:
        return evaluate(tree, STACK, Inputs(prior=prior, data=CALLER))

    seed(evaluated, made.client, tree, STACK)


@contextmanager
def world(folder: Path, aws: AwsEndpoint | None = None) -> Iterator[World]:
    """`aws`: an endpoint that is there already."""
    with GitHubDouble(folder / "github") as github:
        github.create_repository(OWNER, NAME)
        endpoint = aws or AwsEndpoint()
        try:
            made = World(endpoint, github, folder / NAME)
            made.clone.mkdir()
            made.git("init", "--quiet", "--initial-branch", "main")
            made.git("remote", "add", "origin", github.clone_url(OWNER, NAME))
            yield made
        finally:
            if aws is None:
                endpoint.close()
