"""What real Terraform applies for the oracle: the golden folders put together as modules of few root modules.

Folders whose resources would be one and the same (two roles of one name) go to different estates, each with an
endpoint of its own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

from reconciler.hcl.evaluate import evaluate
from reconciler.hcl.tree import MemoryTree
from reconciler.resources import TYPES
from reconciler.sandbox.aws_endpoint import AwsEndpoint
from reconciler.sandbox.demo import estate_files
from reconciler.semantics import has_unknown
from tests.resources.golden import GOLDEN
from tests.support.agreement import PROVIDER
from tests.support.terraform import Terraform, TerraformFailed, resources_of


@dataclass(frozen=True, slots=True)
class Planned:
    """What a plan says of a resource: top-level attributes it changes, and those that it cannot tell yet.

    Nothing `changed`: it would make or replace the whole resource.
    """

    changed: frozenset[str]
    unknown: frozenset[str]


@dataclass(slots=True)
class Applied:
    """A root module as Terraform left it: a repository of one commit, its state beside the code.

    `folder` is the repository, `root` where the root module is in it.
    """

    name: str
    folder: Path
    root: str
    endpoint: AwsEndpoint
    terraform: Terraform
    state: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def refresh(self) -> dict[str, Planned]:
        """Asks Terraform: `state` becomes what it finds live now; the answer is what it would change, by address.

        The state file stays as the apply left it. Raises TerraformFailed where it refuses to work with what is live.
        """
        self.terraform.run("plan", "-no-color", "-parallelism=16", "-out=planned", "-detailed-exitcode", ok=(0, 2))
        shown = json.loads(self.terraform.run("show", "-json", "planned").stdout)
        self.state = resources_of(shown["prior_state"]["values"]["root_module"])
        return dict(filter(None, map(_difference, shown["resource_changes"])))

    def managed(self) -> list[dict[str, Any]]:
        return [resource for resource in self.state if resource["mode"] == "managed"]

    def clone(self, name: str) -> Path:
        """The code alone, beside the folder."""
        target = self.folder.with_name(name)
        shutil.rmtree(target, ignore_errors=True)
        git(self.folder.parent, "clone", "--quiet", str(self.folder), str(target))
        return target

    def recorded(self, name: str, record: Callable[[Path], None]) -> Path:
        """The code with the baseline that `record` writes by the state, without the state."""
        target = self.clone(name)
        there = target / self.root / "terraform.tfstate"
        shutil.copy(self.folder / self.root / "terraform.tfstate", there)
        record(target)
        there.unlink()
        commit(target, "The baseline")
        return target


def git(folder: Path, *args: str) -> None:
    person = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example")
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *person, *args], cwd=folder, env=env, check=True, capture_output=True, timeout=60)


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def _difference(planned: dict[str, Any]) -> tuple[str, Planned] | None:
    change = planned["change"]
    if planned["mode"] != "managed" or change["actions"] in (["no-op"], ["read"]):
        return None
    before: dict[str, Any] = change["before"] or {}
    after: dict[str, Any] = change["after"] or {}
    unknown: dict[str, Any] = change["after_unknown"] or {}
    names = {name for name in before if not _some(unknown.get(name)) and _other(before[name], after.get(name))}
    names |= {name for name in after.keys() & before.keys() if _length(before[name]) != _length(after[name])}
    untold = frozenset(name for name, marks in unknown.items() if _some(marks))
    if "create" in change["actions"] and before:  # of a new one, everything is as if nobody had set it
        causes = {str(path[0]) for path in change.get("replace_paths") or ()}
        untold, names = untold | (names - causes), names & causes
    return planned["address"], Planned(frozenset("tags" if name == "tags_all" else name for name in names), untold)


def _other(before: Any, after: Any) -> bool:
    return bool(before or after) and _plain(before) != _plain(after)


def _plain(value: Any) -> Any:
    """Parts of the provider tell "" from null in blocks, and JSON from the same without blanks; services do not."""
    match value:
        case list():
            return [_without_nothing(item) for item in cast("list[Any]", value)]
        case str() if value.startswith(("{", "[")):
            with suppress(ValueError):
                return json.loads(value)
            return value
        case _:
            return value


def _without_nothing(value: Any) -> Any:
    """A block without what is null, empty or false in it."""
    match value:
        case dict():
            inner = {name: _without_nothing(item) for name, item in cast("dict[str, Any]", value).items()}
            return {name: item for name, item in inner.items() if item}
        case list():
            return [_without_nothing(item) for item in cast("list[Any]", value)]
        case _:
            return _plain(value)


def _length(value: Any) -> int:
    """Of blocks, which are there although not all in them is known."""
    return len(cast("list[Any]", value)) if isinstance(value, list) else 0


def _some(marks: Any) -> bool:
    """Something in the value is only known after apply."""
    match marks:
        case dict():
            return any(map(_some, cast("dict[str, Any]", marks).values()))
        case list():
            return any(map(_some, cast("list[Any]", marks)))
        case _:
            return bool(marks)


# -- putting folders together -----------------------------------------------------------------------------------


def distinct(types: Iterable[str] | None = None) -> dict[str, Path]:
    """One golden folder for each main.tf (links share theirs), by the first type that has it."""
    wanted = set(types) if types else None
    found: dict[Path, str] = {}
    for path in sorted(GOLDEN.iterdir()):
        main = path / "main.tf"
        if main.exists() and path.name in TYPES and (wanted is None or path.name in wanted):
            found.setdefault(main.resolve(), path.name)
    return {name: main.parent for main, name in found.items()}


def lay_out(folders: dict[str, Path], root: Path) -> None:
    """`root` becomes a root module that calls each folder as a module of its name.

    What an earlier folder has taken the name of (two roles called "plain") is given a name of its own.
    """
    # moto's server drops a connection now and then; a resource whose creation failed is made anew.
    calls, taken = [PROVIDER.replace("max_retries                 = 1", "max_retries                 = 4")], set[_Key]()
    networks = 0
    for number, (name, folder) in enumerate(folders.items()):
        target = root / "modules" / name
        target.mkdir(parents=True)
        for file in folder.iterdir():
            if file.is_file() and file.suffix not in (".json", ".tf"):
                shutil.copy(file, target / file.name)
                shutil.copy(file, root / file.name)  # what is named from where Terraform runs
        text = (folder / "main.tf").read_text()
        for _, attributes, values in _keys(folder) & taken:
            for attribute, value in zip(attributes, values, strict=True):
                if not attribute.endswith(_CALLED):
                    continue
                text = re.sub(rf'(?m)^(\s*{attribute}\s*=\s*"{re.escape(value)})"', rf'\g<1>-{number}"', text)
        (target / "main.tf").write_text(_NETWORK.sub(lambda found, first=networks: _moved(found, first), text))
        networks += max((int(found[1]) + 1 for found in _NETWORK.finditer(text)), default=0)
        taken |= _keys(target)
        calls.append(f'module "{name}" {{\n  source = "./modules/{name}"\n}}\n')
    (root / "main.tf").write_text("\n".join(calls))


_CALLED = ("name", "bucket", "fqdn", "family")
"""How the attributes end that hold what a resource is called: the rest of its key stays as it is."""

_OCTET = r"(?:\d+|\$\{[\w.]+\})"
_NETWORK = re.compile(rf'"10\.([0-2])\.({_OCTET}\.{_OCTET}(?:/(?:1[6-9]|2\d|3[0-2]))?)"')
"""Networks of a folder's own: every folder gets its own range, so that no two look alike."""


def _moved(found: re.Match[str], first: int) -> str:
    return f'"10.{first + int(found[1])}.{found[2]}"'


_Key: TypeAlias = "tuple[str, tuple[str, ...], tuple[str, ...]]"


def _keys(folder: Path) -> set[_Key]:
    """What the folder's resources are called: type, attributes, values, as far as it is known before they are there."""
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".json"}
    found: set[_Key] = set()
    for resource in evaluate(MemoryTree(files), ".").resources:
        spec = TYPES.get(resource.type)
        for key in spec.natural_keys if spec else ():
            values = [resource.values.get(name) for name in key]
            told = any(value not in (None, "") for value in values) and not any(map(has_unknown, values))
            if told and not any("." in name for name in key):
                found.add((resource.type, key, tuple("" if value is None else str(value) for value in values)))
    return found


APART: Final = {"aws_default_vpc_dhcp_options": "the provider takes every set of options with AWS's own values for it"}
"""Types whose folders cannot be applied beside the others, and why; they are an estate of their own."""


def _together() -> dict[str, Path]:
    return {name: folder for name, folder in distinct().items() if name not in APART}


@dataclass(frozen=True, slots=True)
class Layout:
    """A configuration to apply. `write` puts the repository's files into a folder; `root` is the root module in it."""

    name: str
    write: Callable[[Path], None]
    root: str = "."
    region: str = "eu-west-1"


def _write_demo(folder: Path) -> None:
    for path, content in estate_files():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _write_wide(folder: Path) -> None:
    shutil.copytree(Path(__file__).parent / "estates" / "wide", folder, dirs_exist_ok=True)


LAYOUTS: Final = {
    layout.name: layout
    for layout in (
        Layout("golden", lambda folder: lay_out(_together(), folder)),
        Layout("apart", lambda folder: lay_out(distinct(APART), folder)),
        Layout("wide", _write_wide, region="us-east-1"),
        Layout("demo", _write_demo, root="infra/payments"),
    )
}


@contextmanager
def applied(layout: Layout, scratch: Path) -> Generator[Applied]:
    """Applies the configuration to an endpoint of its own."""
    folder = scratch / layout.name
    folder.mkdir(parents=True)
    layout.write(folder)
    (folder / ".gitignore").write_text(".terraform*\nterraform.tfstate*\nplanned\n")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder, "The estate")
    with AwsEndpoint() as endpoint:
        terraform = Terraform(folder / layout.root, env={"AWS_ENDPOINT_URL": endpoint.url})
        estate = Applied(layout.name, folder, layout.root, endpoint, terraform)
        terraform.init()
        _apply(terraform)
        yield estate


def _apply(terraform: Terraform) -> None:
    """Once more where it failed: a dropped connection is no verdict."""
    try:
        terraform.apply(parallelism=24)
    except TerraformFailed as failure:
        print(f"applying again: {errors(str(failure))}", file=sys.stderr)  # noqa: T201
        terraform.apply(parallelism=24)


def errors(text: str) -> str:
    """What went wrong, without the progress of what did not; of a provider that broke, where it did."""
    if "panic:" in text:
        broke = text.partition("panic:")[2]
        frames = [line.strip() for line in broke.splitlines() if "/internal/service/" in line]
        return "\n".join([f"panic: {broke.strip().splitlines()[0]}", *frames[:6]])
    return text.partition("and before that")[0].strip()[:4000]
