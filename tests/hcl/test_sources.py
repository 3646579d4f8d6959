"""Addresses of modules, as Terraform reads them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.hcl.sources import Git, InvalidSource, address, covers, git_source, is_local, shown, valid_prefix
from tests.support.github import git, new_repository
from tests.support.terraform import Terraform, needs_terraform

FETCHED = {
    "git::https://h.example/r.git": Git("https://h.example/r.git"),
    "git::https://h.example/r.git//": Git("https://h.example/r.git"),
    "git::https://h.example/r.git//a/?ref=v1.0": Git("https://h.example/r.git", "a", "v1.0"),
    "git::https://h.example/r.git//a/b/../b?ref=v1.0&depth=1": Git("https://h.example/r.git", "a/b", "v1.0", 1),
    "git::https://h.example/r.git?ref=": Git("https://h.example/r.git"),
    "git::https://h.example/r.git?depth=2&ref=dev%2Fx": Git("https://h.example/r.git", "", "dev/x", 2),
    "git::ssh://git@h.example/r.git//a": Git("ssh://git@h.example/r.git", "a"),
    "git::ssh://git@h.example:22/r.git": Git("ssh://git@h.example:22/r.git"),
    "git@h.example:o/r.git//a?ref=v1.0": Git("ssh://git@h.example/o/r.git", "a", "v1.0"),
    "git@h.example:/o/r.git?ref=dev/x&depth=1": Git("ssh://git@h.example/o/r.git", "", "dev/x", 1),
    "git::git@h.example:o/r.git//a/b": Git("ssh://git@h.example/o/r.git", "a/b"),
    "git://h.example/r.git//a": Git("git://h.example/r.git", "a"),
    "github.com/o/r": Git("https://github.com/o/r.git"),
    "github.com/o/r?ref=v1.0": Git("https://github.com/o/r.git", "", "v1.0"),
    "github.com/o/r.git//a?ref=v1.0": Git("https://github.com/o/r.git", "a", "v1.0"),
    "github.com/o/r/a": Git("https://github.com/o/r.git", "a"),
    "github.com/o/r/a//b": Git("https://github.com/o/r.git", "a/b"),
    "git::github.com/o/r": Git("https://github.com/o/r.git"),
}
OTHERS = {
    "o/r/aws": "registry.terraform.io/o/r/aws",
    "o/r/aws//a/../b": "registry.terraform.io/o/r/aws//b",
    "app.terraform.io/o/r/aws": "app.terraform.io/o/r/aws",
    "gitlab.com/o/r/aws": "gitlab.com/o/r/aws",
    "https://h.example/r.zip": "https://h.example/r.zip",
    "hg::https://h.example/r": "hg::https://h.example/r",
    "ssh://git@h.example/r": "ssh://git@h.example/r",
    "./x": "./x",
    ".//x/../y/": "./y",
    "../../x/../y": "../../y",
}
REFUSED = (
    *("foo", "foo/bar", "github.com/o", "gitlab.com/o/r", "o/r/AWS", "o-/r/aws", "user@h.example:o/r", ""),
    *("git::ssh://git@h.example:o/r.git", "git::https://h.example/r.git//../a", "o/r/aws//../x", "git::./x"),
)


@pytest.fixture(scope="module")
def redirected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder of repositories, and the environment in which git takes them for those of every host."""
    root = tmp_path_factory.mktemp("sources")
    output = 'output "o" {\n  value = 1\n}\n'
    files = dict.fromkeys(("main.tf", "a/main.tf", "a/b/main.tf", "b/main.tf"), output)
    work = new_repository(root / "o" / "r.git", files)
    git(work, "tag", "v1.0")
    git(work, "branch", "dev/x")
    for name in ("r.git", "o/r"):
        (root / name).symlink_to(work)
    hosts = ("https://h.example/", "ssh://git@h.example/", "ssh://git@h.example:22/", "git://h.example/")
    pairs = [(f"url.file://{root}/.insteadOf", host) for host in (*hosts, "https://github.com/")]
    env = {"GIT_CONFIG_COUNT": str(len(pairs)), "GIT_CONFIG_GLOBAL": os.devnull}
    for number, (key, value) in enumerate(pairs):
        env |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    yield root, env


@needs_terraform
def test_terraform_installs_from_the_same_addresses(redirected: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    calls = {f"m{number}": source for number, source in enumerate(FETCHED)}
    (tmp_path / "main.tf").write_text(
        "".join(f'module "{name}" {{\n  source = {json.dumps(source)}\n}}\n' for name, source in calls.items())
    )
    Terraform(tmp_path, env=redirected[1]).run("get")
    installed = json.loads((tmp_path / ".terraform/modules/modules.json").read_text())["Modules"]
    theirs = {entry["Key"]: (entry["Source"], entry["Dir"]) for entry in installed if entry["Key"]}
    ours = {
        name: (address(source), "/".join(filter(None, (".terraform/modules", name, FETCHED[source].folder))))
        for name, source in calls.items()
    }
    assert ours == theirs


@needs_terraform
def test_terraform_refuses_the_same_addresses(tmp_path: Path) -> None:
    calls = {f"m{number}": source for number, source in enumerate(REFUSED)}
    (tmp_path / "main.tf").write_text(
        "".join(f'module "{name}" {{\n  source = {json.dumps(source)}\n}}\n' for name, source in calls.items())
    )
    said = Terraform(tmp_path).run("get", "-no-color", check=False)
    assert said.stderr.count("Error: Invalid module source address") == len(REFUSED), said.stderr


@pytest.mark.parametrize("source", FETCHED)
def test_what_git_is_to_fetch(source: str) -> None:
    assert git_source(source) == FETCHED[source]
    assert git_source(address(source)) == FETCHED[source], "what was written down means the same"


@pytest.mark.parametrize("source", OTHERS)
def test_what_git_does_not_fetch(source: str) -> None:
    assert git_source(source) is None
    assert address(source) == OTHERS[source]
    assert is_local(source) is source.startswith(".")


@pytest.mark.parametrize("source", REFUSED)
def test_what_is_no_address(source: str) -> None:
    with pytest.raises(InvalidSource):
        address(source)


def test_a_key_in_the_address_is_not_taken() -> None:
    with pytest.raises(InvalidSource, match="ssh agent") as caught:
        git_source("git::ssh://git@h.example/r?sshkey=c2VjcmV0")
    assert "c2VjcmV0" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("git::https://me:secret@h.example/r", "git::https://***@h.example/r"),
        ("git::https://token@h.example/r", "git::https://***@h.example/r"),
        ("git::ssh://git@h.example/r?sshkey=abc&ref=v1", "git::ssh://git@h.example/r?sshkey=***&ref=v1"),
        ("git@h.example:o/r", "git@h.example:o/r"),
    ],
)
def test_secrets_are_not_shown(source: str, expected: str) -> None:
    assert shown(source) == expected


@pytest.mark.parametrize(
    ("prefix", "url", "expected"),
    [
        ("https://", "https://h.example/o/r.git", True),
        ("https://", "ssh://git@h.example/o/r.git", False),
        ("h.example", "https://h.example/o/r.git", True),
        ("h.example", "ssh://git@H.example/o/r.git", True),
        ("h.example", "git://h.example/o/r.git", False),
        ("h.example", "file:///h.example/r", False),
        ("h.example", "https://h.example.evil/o/r", False),
        ("h.example", "https://h.example@evil.example/o/r", False),
        ("h.example", "https://h.example:8443/o/r", False),
        ("h.example:8443", "https://h.example:8443/o/r", True),
        ("h.example/o", "https://h.example/o/r.git", True),
        ("h.example/o/", "https://h.example//o/r.git", True),
        ("h.example/o", "https://h.example/other/r.git", False),
        ("h.example/o/r", "https://h.example/o/r.git", True),
        ("h.example/o/r", "https://h.example/o/r.git/x", False),
        ("h.example/o/r", "https://h.example/o/r2.git", False),
        ("h.example/o", "https://h.example/o/../evil/r", False),
        ("h.example/o", "https://h.example/o/%2e%2e/evil/r", False),
        ("h.example/o", "https://h.example/o/..%2fevil/r", False),
        ("h.example/o", "https://h.example/o\\..\\evil", False),
        ("h.example/o", "https://h.example/O/r", False),
        ("file:///srv/modules", "file:///srv/modules/a", True),
        ("file:///srv/modules", "file:///srv/modules-of-others/a", False),
        ("file://", "file:///srv", True),
        ("http://h.example", "https://h.example/o/r", False),
        ("https://", "ext::sh -c evil", False),
        ("https://", "https:///nohost", False),
    ],
)
def test_what_a_prefix_covers(prefix: str, url: str, expected: bool) -> None:
    assert valid_prefix(prefix)
    assert covers(prefix, url) is expected


@pytest.mark.parametrize("prefix", ["", "/", "ext://x", "h.example/..", "me@h.example", "h example", "s3://bucket"])
def test_what_is_no_prefix(prefix: str) -> None:
    assert not valid_prefix(prefix)
