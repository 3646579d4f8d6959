"""What a command works with: the repository at a commit, its configuration, its stacks, the cloud."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property
from pathlib import Path

from reconciler import aws, baseline, config, terraform
from reconciler.cache import DiskCache
from reconciler.config import Config
from reconciler.errors import ReconcilerError, RepositoryError
from reconciler.hcl import remote_state
from reconciler.hcl.evaluate import Evaluation, Inputs
from reconciler.hcl.tree import SourceTree
from reconciler.hcl.variables import Argument
from reconciler.model import Finding, Provider, Snapshot
from reconciler.records import dataclass
from reconciler.redaction import Redactor
from reconciler.repo import Packages, Repository, hosted
from reconciler.report import Scan, StackScan
from reconciler.resources.spec import Scope
from reconciler.workflow import modules, scanning
from reconciler.workflow.managed import Managed
from reconciler.workflow.modules import Modules
from reconciler.workflow.scanning import Compared
from reconciler.workflow.second_look import second_look
from reconciler.workflow.stacks import Stack, choose, find_stacks
from reconciler.workflow.state import StackState, load_state, located, read_outputs
from reconciler.workflow.survey import Code, Survey, survey


def _nothing(text: str) -> None:  # noqa: ARG001
    return


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line says. `environment` is the process's; `progress` takes a line, "" clears it."""

    path: Path = Path()
    ref: str = "HEAD"
    work_tree: bool = False
    stacks: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    variables: tuple[Argument, ...] = ()
    workspace: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    progress: Callable[[str], None] = _nothing

    @property
    def hash_key(self) -> bytes | None:
        key = self.environment.get("RECONCILE_HASH_KEY")
        return key.encode() if key else None

    @property
    def data_dir(self) -> str:
        """Where Terraform keeps what it brings along, from the root module's folder."""
        return self.environment.get("TF_DATA_DIR") or terraform.DATA_DIR

    @property
    def token(self) -> str | None:
        return self.environment.get("GITHUB_TOKEN") or self.environment.get("GH_TOKEN")


@dataclass(frozen=True, slots=True)
class Observed:
    """A stack with everything compared. `survey` None: the code cannot be evaluated."""

    stack: Stack
    survey: Survey | None
    compared: tuple[Compared, ...]
    report: StackScan


class Session:
    """One command's view of the repository. Use `Session.open`."""

    def __init__(self, settings: Settings, repository: Repository, cloud: aws.Cloud) -> None:
        self.settings = settings
        self.repository = repository
        self.cloud = cloud
        self.redactor = Redactor.of(settings.hash_key)
        self.cache = DiskCache.default()
        self._brought: dict[str, Modules] = {}
        self._packages: Packages | None = None

    @classmethod
    @contextlib.contextmanager
    def open(cls, settings: Settings) -> Generator[Session]:
        with Repository.open(settings.path, token=settings.token) as repository:
            repository.resolve(settings.ref)  # says clearly what is wrong with a repository without commits
            with aws.Cloud(progress=_told(settings.progress)) as cloud:
                session = cls(settings, repository, cloud)
                try:
                    yield session
                finally:
                    session.close()

    def close(self) -> None:
        if self._packages is not None:
            self._packages.close()

    @cached_property
    def commit(self) -> str:
        return self.repository.resolve(self.settings.ref)

    @cached_property
    def tree(self) -> SourceTree:
        return self.repository.work_tree() if self.settings.work_tree else self.repository.tree(self.commit)

    @cached_property
    def config(self) -> Config:
        try:
            content = self.tree.read(config.FILE)
        except KeyError:
            return Config()
        return config.parse(content)

    @cached_property
    def stacks(self) -> tuple[Stack, ...]:
        """Those that the command is about."""
        return choose(self.every_stack, self.settings.stacks, self._under())

    @cached_property
    def every_stack(self) -> tuple[Stack, ...]:
        root = self.repository.root.name or "root"
        return find_stacks(self.tree, self.config, cache=self.cache, fallback=root)

    def _under(self) -> str:
        """The folder that the command stands in, from the repository's root."""
        path = self.settings.path.resolve()
        path = path if path.is_dir() else path.parent
        relative = path.relative_to(self.repository.root.resolve()).as_posix()
        return "" if relative == "." else relative

    # -- one stack ------------------------------------------------------------------------------------------------

    def code(self, stack: Stack) -> Code:
        given: list[Argument] = [(kind, self._located(kind, value)) for kind, value in self.settings.variables]
        root, data = self.repository.root, self.settings.data_dir
        found = self._modules(stack)
        chosen = self.settings.workspace or stack.workspace
        inputs = Inputs(
            arguments=(*stack.variables, *given),
            environment=self.settings.environment,
            workspace=chosen or terraform.selected_workspace(root / stack.path, data),
            installed=found.brought.directories,
            absent=found.brought.absent,
            sources=found.brought.sources,
            folder=root.resolve().name or None,
        )
        return Code(stack, found.tree, inputs, self.cache, found.own)

    def _modules(self, stack: Stack) -> Modules:
        """Once for each stack: a branch that a module is fetched from stays where it is for as long as we look."""
        if stack.path not in self._brought:
            data = self.settings.data_dir
            installed = terraform.installed(self.repository.root, stack.path, data)
            packages = self._sources() if self.config.fetch else None
            self._brought[stack.path] = modules.complete(self.tree, stack.path, data, installed, packages, self.cache)
        return self._brought[stack.path]

    def _sources(self) -> Packages:
        """What modules are fetched with. The forge's token is for the forge that the repository itself is at."""
        if self._packages is None:
            try:
                there = hosted(self.repository.remote().fetch_url)
            except RepositoryError:  # it has no remote
                there = None
            host, token, config = there.host if there else "", self.settings.token, self.config
            self._packages = Packages(
                Packages.default_folder(), lambda url: modules.refused(config, url), token=token, host=host
            )
        return self._packages

    def _located(self, kind: str, value: str) -> str:
        """A --var-file is named from where the command stands, as for terraform."""
        if kind != "var-file":
            return value
        path = (self.settings.path / value).resolve()
        root = self.repository.root.resolve()
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else value

    def snapshots(self, stack: Stack) -> dict[str, Snapshot]:
        return baseline.load(self.tree, stack.name, self.config.baselines)

    def evaluate(self, stack: Stack) -> Evaluation:
        """The code alone, without the cloud."""
        return self.code(stack).evaluate()

    def observe(self, stack: Stack, *, lean: bool = False) -> Observed:
        """Read and compare everything. Raises CloudError where nothing of the cloud can be read.

        `lean`: the findings alone are of interest, so live attributes that none can depend on may be left out.
        """
        started = time.monotonic()
        before = self.cloud.calls.by_operation
        self.settings.progress(f"{stack.name}: evaluating the code")
        code = self.code(stack)
        first = code.evaluate()
        if first.failed:
            failed = StackScan(stack.name, stack.path, diagnostics=first.diagnostics, complete=False)
            return Observed(stack, None, (), replace(failed, seconds=time.monotonic() - started))
        state = self._state(code, first)
        elsewhere = {remote_state.TYPE: read_outputs(self.repository.root, self.tree, stack, self.cloud)}
        found = survey(
            code,
            self.cloud,
            state,
            self.snapshots(stack),
            first,
            loose=self.config.unmanaged,
            lean=lean,
            elsewhere=elsewhere,
        )
        self.settings.progress(f"{stack.name}: comparing")
        everything = scanning.compare(found, self.redactor, self.config)
        again = second_look(found, everything, self.cloud)
        if again is not found:
            found, everything = again, scanning.compare(again, self.redactor, self.config)
        compared = tuple(c for c in everything if self._targeted(c.finding))
        gaps = (*found.evaluation.gaps, *dict.fromkeys(found.gaps))
        report = StackScan(
            stack.name,
            stack.path,
            tuple(c.finding for c in compared),
            gaps,
            found.evaluation.diagnostics,
            complete=not gaps and not found.evaluation.failed,
            calls=_since(before, self.cloud.calls.by_operation),
            seconds=time.monotonic() - started,
        )
        self.settings.progress("")
        return Observed(stack, found, compared, report)

    def observe_all(self, *, lean: bool = False) -> list[Observed]:
        """Every stack of the command. What one stack manages is unmanaged in none, and nothing is unmanaged twice."""
        observed = [self.observe(stack, lean=lean) for stack in self.stacks]
        if not any(c.finding.status == "unmanaged" for entry in observed for c in entry.compared):
            return observed
        managed = Managed()
        for entry in observed:
            if entry.survey is not None:
                managed.observed(entry.survey, entry.compared)
        seen = {entry.stack for entry in observed if entry.survey is not None}
        for stack in self.every_stack:
            if stack not in seen:
                self._unobserved(stack, managed)
        return [_without(entry, managed) for entry in observed]

    def _unobserved(self, stack: Stack, managed: Managed) -> None:
        """What a stack that was not read manages: as state and baseline say, else whatever its code could mean."""
        try:
            code, snapshots = self.code(stack), self.snapshots(stack)
            evaluation = code.evaluate()
        except ReconcilerError:
            return  # its own scan says so
        try:
            known = self._state(code, evaluation).known
        except ReconcilerError:
            known = None
        managed.baseline(snapshots.values())
        managed.state(known or {})
        if known is None and not snapshots:
            managed.code(evaluation.resources)

    def _state(self, code: Code, evaluation: Evaluation) -> StackState:
        folder = self.repository.root / code.stack.path
        location = located(folder, evaluation, code.inputs.workspace, self.settings.data_dir)
        return load_state(self.repository.root, self.tree, code.stack, location, self.cloud)

    def _targeted(self, finding: Finding) -> bool:
        if not self.settings.targets:
            return True
        address = str(finding.address) if finding.address else finding.id or ""
        return any(address == t or address.startswith((f"{t}.", f"{t}[")) for t in self.settings.targets)

    def scan(self, observed: Sequence[Observed]) -> Scan:
        return Scan(self.repository.root.name, self.commit, tuple(o.report for o in observed))

    def scope(self, provider: Provider) -> Scope:
        return self.cloud.scope(provider)


def _without(observed: Observed, managed: Managed) -> Observed:
    """`observed` without unmanaged resources that something manages; what is left of them is taken from now on."""
    if observed.survey is None:
        return observed
    stubs = {managed.key(stub.type, live): stub for stub, live in observed.survey.loose if live is not None}
    kept: list[Compared] = []
    for compared in observed.compared:
        if compared.finding.status == "unmanaged" and compared.live is not None:
            key = managed.key(compared.live.type, compared.live)
            if managed.has(key, stubs.get(key), compared.live):
                continue
            managed.take(key)
        kept.append(compared)
    report = replace(observed.report, findings=tuple(compared.finding for compared in kept))
    return replace(observed, compared=tuple(kept), report=report)


def _since(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    counts = {name: count - before.get(name, 0) for name, count in after.items()}
    return {name: count for name, count in counts.items() if count}


def _told(progress: Callable[[str], None]) -> aws.Progress:
    def tell(what: str, done: int, known: int) -> None:
        progress(f"reading AWS: {done} of {known} ({what})")

    return tell
