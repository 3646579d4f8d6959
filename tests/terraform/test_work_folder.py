"""What `terraform init` leaves in .terraform."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from reconciler.errors import ConfigError
from reconciler.terraform import initialised, installed, selected_workspace
from reconciler.terraform.work_folder import parse_modules
from tests.support.terraform import Terraform, needs_terraform

ROOT = "infra/pay"
OUTPUT = 'output "who" {\n  value = "%s"\n}\n'


@needs_terraform
@pytest.mark.terraform
def test_installed_modules(tmp_path: Path) -> None:
    """A module that was downloaded (from git, with one of its own in it), a linked one, and one of the repository."""
    elsewhere = tmp_path / "elsewhere"
    repository = tmp_path / "repository"
    files = {
        elsewhere / "main.tf": OUTPUT % "copied" + 'module "deep" {\n  source = "./deep"\n}\n',
        elsewhere / "deep/main.tf": OUTPUT % "deep",
        elsewhere / "deep/policy.json.tftpl": "{}",
        repository / "infra/modules/near/main.tf": OUTPUT % "near",
        repository / ROOT / "main.tf": f'module "far" {{\n  source = "git::file://{elsewhere}"\n}}\n'
        f'module "linked" {{\n  source = "{elsewhere}"\n}}\n'
        'module "near" {\n  source = "../modules/near"\n}\n',
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    commit = ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "a"]
    for command in (["init", "--quiet"], ["add", "."], commit):
        subprocess.run(["git", "-C", elsewhere, *command], check=True)
    Terraform(repository / ROOT).init()
    found = installed(repository, ROOT)
    brought = f"{ROOT}/.terraform/modules"
    assert found.directories == {
        "far": f"{brought}/far",
        "far.deep": f"{brought}/far/deep",
        "linked": f"{brought}/linked",
        "near": "infra/modules/near",
    }  # linked.deep is a directory outside the repository; it is found from that of `linked`
    names = ("deep/main.tf", "deep/policy.json.tftpl", "main.tf")
    assert sorted(found.files) == [f"{brought}/{module}/{name}" for module in ("far", "linked") for name in names]
    assert found.files[f"{brought}/far/deep/main.tf"] == files[elsewhere / "deep/main.tf"].encode()


def test_nothing_was_initialised(tmp_path: Path) -> None:
    assert installed(tmp_path, ROOT).directories == {}
    assert initialised(tmp_path) is None
    assert selected_workspace(tmp_path) == "default"


MODULES = '{"Modules": [{"Key": "", "Source": "", "Dir": "."}, {"Key": "a.b", "Source": "x", "Dir": "%s"}]}'


@pytest.mark.parametrize(
    ("directory", "root", "expected"),
    [
        (".terraform/modules/a.b/sub", "", ".terraform/modules/a.b/sub"),
        (".terraform/modules/a.b", "infra", "infra/.terraform/modules/a.b"),
        ("../near", "infra/pay", "infra/near"),
        ("../../..", "infra/pay", None),
        ("/elsewhere", "infra/pay", None),
        (".terraform\\\\modules\\\\a", "infra", "infra/.terraform/modules/a"),
    ],
)
def test_directories(directory: str, root: str, expected: str | None) -> None:
    """None: outside the repository."""
    found = parse_modules((MODULES % directory).encode(), root, "modules.json")
    assert found == ({} if expected is None else {"a.b": expected})


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"Modules": [1]}', '{"Modules": [{"Key": "a"}]}', "[" * 99_999])
def test_a_damaged_list_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / ROOT / ".terraform/modules/modules.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(ConfigError, match=f"{ROOT}/.terraform/modules/modules.json: ") as caught:
        installed(tmp_path, ROOT)
    assert caught.value.hint == "Run `terraform init` again."


@pytest.mark.parametrize("content", ["x", "[]", '{"backend": {}}', '{"backend": 1}'])
def test_damaged_settings_are_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / ".terraform/terraform.tfstate"
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(ConfigError, match=r"\.terraform/terraform\.tfstate: "):
        initialised(tmp_path)


def test_large_files_are_left_where_they_are(tmp_path: Path) -> None:
    folder = tmp_path / ".terraform/modules/a"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git/config").write_text("x")
    (folder / "main.tf").write_text("")
    (folder / "film.bin").write_bytes(b"\0" * (5 << 20))
    (folder.parent / "modules.json").write_text(MODULES % ".terraform/modules/a")
    assert list(installed(tmp_path, "").files) == [".terraform/modules/a/main.tf"]
