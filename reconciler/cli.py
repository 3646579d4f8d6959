"""The command `reconcile`: flags, printing, exit codes; no decisions."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reconciler.errors import ReconcilerError, UsageError

if TYPE_CHECKING:
    from reconciler.hcl.variables import Argument
    from reconciler.workflow import Settings

app = typer.Typer(
    name="reconcile",
    no_args_is_help=False,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
baseline_app = typer.Typer(help="The snapshots beside the commits.", no_args_is_help=True)
app.add_typer(baseline_app, name="baseline")

DONE, ERROR, INCOMPLETE, REFUSED = 0, 1, 3, 4
_SECONDS_BETWEEN_LINES = 5


class Format(StrEnum):
    text = "text"
    json = "json"
    markdown = "markdown"
    sarif = "sarif"
    junit = "junit"
    html = "html"


class EvaluateFormat(StrEnum):
    text = "text"
    json = "json"


class Prefer(StrEnum):
    adopt = "adopt"
    revert = "revert"


class FailOn(StrEnum):
    any = "any"
    high = "high"
    critical = "critical"
    never = "never"


PathArgument = Annotated[Path, typer.Argument(help="A folder in the repository.", show_default=False)]
StackOption = Annotated[list[str] | None, typer.Option("--stack", help="Only this stack (by name); repeatable.")]
RefOption = Annotated[str, typer.Option("--ref", help="The commit, branch or tag to evaluate.")]
WorkTreeOption = Annotated[bool, typer.Option("--work-tree", help="Evaluate the files as they lie, not a commit.")]
TargetOption = Annotated[list[str] | None, typer.Option("--target", help="Only this address; repeatable.")]
VarOption = Annotated[list[str] | None, typer.Option("--var", help="NAME=VALUE, as terraform's -var; repeatable.")]
VarFileOption = Annotated[list[str] | None, typer.Option("--var-file", help="As terraform's -var-file; repeatable.")]
WorkspaceOption = Annotated[str | None, typer.Option("--workspace", help="The Terraform workspace.")]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", help="Write the result here instead.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; always ends in SystemExit with one of the documented codes."""
    try:
        code = app(args=arguments, standalone_mode=False)
    except ReconcilerError as error:
        _explain(error)
        sys.exit(error.exit_code)
    except typer.TyperException as error:
        said = (
            error.format_message() if isinstance(error, typer.BadParameter) else getattr(error, "message", str(error))
        )
        _say(f"reconcile: {said}")
        _say("Try 'reconcile --help'.")
        sys.exit(UsageError.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        _say("reconcile: interrupted; nothing was left half done")
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ERROR)
    except Exception as error:  # a person never sees a traceback, unless asked for
        if os.environ.get("RECONCILE_DEBUG"):
            raise
        _say(f"reconcile: this is a bug: {type(error).__name__}: {error}")
        _say("Run again with RECONCILE_DEBUG=1 for the details, and report them.")
        sys.exit(ERROR)
    sys.exit(code if isinstance(code, int) else DONE)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Keeps AWS and the Terraform code of a repository the same thing.

    Without a command it scans every stack of the repository it stands in and prints what differs; nothing changes.

    \b
    Examples:
      reconcile                                   what differs, here
      reconcile scan --stack payments --format json
      reconcile evaluate --format json            what the code says, without the cloud
      reconcile baseline record                   snapshot what is live beside the code
      reconcile propose --dry-run                 the pull requests that would settle it
      reconcile demo                              the whole story on an embedded AWS and GitHub

    \b
    Exit codes: 0 nothing found, 1 error, 2 drift found, 3 the scan is incomplete, 4 refused by a guardrail, 64 usage.
    """
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"reconcile {installed('reconciler')}")
        raise typer.Exit(DONE)
    if context.invoked_subcommand is None:
        raise typer.Exit(_scan(_settings(Path())))


@app.command()
def scan(
    path: PathArgument = Path(),
    stack: StackOption = None,
    ref: RefOption = "HEAD",
    work_tree: WorkTreeOption = False,
    target: TargetOption = None,
    var: VarOption = None,
    var_file: VarFileOption = None,
    workspace: WorkspaceOption = None,
    format: Annotated[Format, typer.Option("--format", "-f", help="How to print it.")] = Format.text,  # noqa: A002
    output: OutputOption = None,
    fail_on: Annotated[FailOn, typer.Option(help="Exit 2 only from this severity on.")] = FailOn.any,
    quiet: QuietOption = False,
) -> None:
    """Compare code, baseline and live, and print what differs; changes nothing.

    \b
    Examples:
      reconcile scan
      reconcile scan infra/payments --format markdown --output drift.md
      reconcile scan --ref origin/main --target 'aws_sqs_queue.work["ledger"]' --fail-on high
    """
    settings = _settings(path, stack, ref, work_tree, target, var, var_file, workspace, quiet)
    raise typer.Exit(_scan(settings, format, output, fail_on))


def _scan(
    settings: Settings, kind: Format = Format.text, output: Path | None = None, fail_on: FailOn = FailOn.any
) -> int:
    from reconciler import report, workflow

    scanned = workflow.scan(settings)
    _print(report.render(scanned, kind.value, colour=output is None and _colour()), output)
    return scanned.exit_code(fail_on.value)


@app.command()
def evaluate(
    path: PathArgument = Path(),
    stack: StackOption = None,
    ref: RefOption = "HEAD",
    work_tree: WorkTreeOption = False,
    target: TargetOption = None,
    var: VarOption = None,
    var_file: VarFileOption = None,
    workspace: WorkspaceOption = None,
    live: Annotated[bool, typer.Option("--live", help="Read the cloud for what is known only there.")] = False,
    format: Annotated[EvaluateFormat, typer.Option("--format", "-f")] = EvaluateFormat.text,  # noqa: A002
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Print the desired state that the code describes, without the cloud unless --live.

    \b
    Examples:
      reconcile evaluate
      reconcile evaluate infra/payments --format json --var environment=staging
    """
    from reconciler import workflow
    from reconciler.report.desired import render_desired

    settings = _settings(path, stack, ref, work_tree, target, var, var_file, workspace, quiet)
    desired = workflow.desired(settings, live=live)
    _print(render_desired(desired, format.value, colour=output is None and _colour()), output)
    raise typer.Exit(ERROR if any(d.has_errors for d in desired) else DONE)


@app.command()
def explain(
    address: Annotated[str, typer.Argument(help="A resource, as Terraform writes it.")],
    path: PathArgument = Path(),
    stack: StackOption = None,
    ref: RefOption = "HEAD",
    work_tree: WorkTreeOption = False,
    var: VarOption = None,
    var_file: VarFileOption = None,
    workspace: WorkspaceOption = None,
    live: Annotated[bool, typer.Option(help="Show the baseline and live sides too.")] = True,
    quiet: QuietOption = False,
) -> None:
    """Show where each desired value of a resource comes from, and its three sides.

    \b
    Examples:
      reconcile explain 'module.messaging.aws_sqs_queue.work["ledger"]'
      reconcile explain aws_iam_policy.break_glass --no-live
    """
    from reconciler import workflow
    from reconciler.report.explanation import render_explanation

    settings = _settings(path, stack, ref, work_tree, [address], var, var_file, workspace, quiet)
    _print(render_explanation(workflow.explain(settings, live=live), colour=_colour()), None)


@app.command()
def propose(
    path: PathArgument = Path(),
    stack: StackOption = None,
    target: TargetOption = None,
    var: VarOption = None,
    var_file: VarFileOption = None,
    workspace: WorkspaceOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the pull requests instead of opening them.")
    ] = False,
    report_file: Annotated[Path | None, typer.Option("--report", help="Work from a saved scan (JSON).")] = None,
    prefer: Annotated[Prefer | None, typer.Option(help="The first choice where both are possible.")] = None,
    quiet: QuietOption = False,
) -> None:
    """Open, refresh and close the pull requests that settle what differs.

    \b
    Examples:
      reconcile propose --dry-run
      reconcile propose --target 'aws_sqs_queue.work["ledger"]' --prefer revert
    """
    from reconciler import workflow
    from reconciler.report.proposals import render_proposals

    settings = _settings(path, stack, target=target, var=var, var_file=var_file, workspace=workspace, quiet=quiet)
    proposed = workflow.propose(settings, dry_run=dry_run, prefer=prefer.value if prefer else None, saved=report_file)
    _print(render_proposals(proposed, dry_run=dry_run, colour=_colour()), None)
    raise typer.Exit(DONE if proposed.complete else INCOMPLETE)


@app.command()
def apply(
    path: PathArgument = Path(),
    stack: StackOption = None,
    ref: RefOption = "HEAD",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Carry out the revert plans that a merge approved.

    Each plan is refused unless live is exactly what its reviewer saw; what was written is read again. Running it
    once more does nothing.

    \b
    Examples:
      reconcile apply --dry-run
      reconcile apply --ref origin/main
    """
    from reconciler import workflow
    from reconciler.report.proposals import render_outcomes

    settings = _settings(path, stack, ref, quiet=quiet)
    outcomes = workflow.apply(settings, dry_run=dry_run)
    _print(render_outcomes(outcomes, dry_run=dry_run, colour=_colour()), None)
    results = {outcome.result for outcome in outcomes}
    raise typer.Exit(ERROR if "failed" in results else REFUSED if "refused" in results else DONE)


@app.command()
def channels(
    path: PathArgument = Path(),
    stack: StackOption = None,
    var: VarOption = None,
    var_file: VarFileOption = None,
    workspace: WorkspaceOption = None,
    quiet: QuietOption = False,
) -> None:
    """Show who can reach whom, and what each finding does to it: opens, breaks or weakens.

    \b
    Examples:
      reconcile channels
      reconcile channels --stack payments
    """
    from reconciler import workflow

    settings = _settings(path, stack, var=var, var_file=var_file, workspace=workspace, quiet=quiet)
    _print("\n".join(workflow.reach(settings)), None)


@app.command()
def permissions(
    path: PathArgument = Path(),
    stack: StackOption = None,
    write: Annotated[bool, typer.Option("--write", help="What repairing needs, too.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Print the least-privilege IAM policy for this repository.

    \b
    Examples:
      reconcile permissions > reader.json
      reconcile permissions --write --stack payments > writer.json
    """
    from reconciler import workflow

    _print(workflow.permissions(_settings(path, stack, quiet=quiet), write=write), None)


@baseline_app.command("record")
def baseline_record(
    path: PathArgument = Path(),
    stack: StackOption = None,
    target: TargetOption = None,
    var: VarOption = None,
    var_file: VarFileOption = None,
    workspace: WorkspaceOption = None,
    quiet: QuietOption = False,
) -> None:
    """Write a snapshot of what is live for every resource of the code into the work tree, to be committed.

    \b
    Examples:
      reconcile baseline record && git add baselines && git commit -m "Record the baseline"
    """
    from reconciler import workflow

    settings = _settings(path, stack, target=target, var=var, var_file=var_file, workspace=workspace, quiet=quiet)
    recorded = workflow.record_baseline(settings)
    for line in recorded.lines:
        typer.echo(line)
    raise typer.Exit(DONE if recorded.complete else INCOMPLETE)


@baseline_app.command("show")
def baseline_show(
    address: Annotated[str | None, typer.Argument(help="Only this resource.")] = None,
    path: Annotated[Path, typer.Option("--path", help="A folder in the repository.")] = Path(),
    stack: StackOption = None,
    ref: RefOption = "HEAD",
) -> None:
    """Print the snapshots at a commit."""
    from reconciler import workflow

    for line in workflow.show_baseline(_settings(path, stack, ref), address):
        typer.echo(line)


@baseline_app.command("verify")
def baseline_verify(path: PathArgument = Path(), stack: StackOption = None, ref: RefOption = "HEAD") -> None:
    """Check that every snapshot and plan is what was recorded: format, digest, name."""
    from reconciler import workflow

    count = workflow.verify_baseline(_settings(path, stack, ref))
    typer.echo(f"{count} files under baselines/ are as they were recorded")


@app.command()
def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave it running and print what to export.")] = False,
    folder: Annotated[Path | None, typer.Option(help="Work in this (new or empty) folder.")] = None,
) -> None:
    """The whole story, in under a minute, on an embedded AWS and GitHub.

    It creates a small payments system, drifts it by hand, scans, opens pull requests, merges, applies and scans again.
    """
    from reconciler.sandbox import demo as tour

    raise typer.Exit(tour.run(keep=keep, folder=folder, colour=_colour()))


# -- plumbing ---------------------------------------------------------------------------------------------------


def _settings(
    path: Path,
    stack: list[str] | None = None,
    ref: str = "HEAD",
    work_tree: bool = False,
    target: list[str] | None = None,
    var: list[str] | None = None,
    var_file: list[str] | None = None,
    workspace: str | None = None,
    quiet: bool = False,
) -> Settings:
    from reconciler.workflow import Settings

    return Settings(
        path=path,
        ref=ref,
        work_tree=work_tree,
        stacks=tuple(stack or ()),
        targets=tuple(target or ()),
        variables=_in_order(var or [], var_file or []),
        workspace=workspace or os.environ.get("TF_WORKSPACE"),
        environment=dict(os.environ),
        progress=_silent if quiet else _Progress(),
    )


def _in_order(var: list[str], var_file: list[str]) -> tuple[Argument, ...]:
    """--var and --var-file in the order of the command line: the last one wins, as in Terraform."""
    values, files = list(var), list(var_file)
    ordered: list[Argument] = []
    for word in sys.argv[1:]:
        option = word.split("=", 1)[0]
        if option == "--var" and values:
            ordered.append(("var", values.pop(0)))
        elif option == "--var-file" and files:
            ordered.append(("var-file", files.pop(0)))
    return (*ordered, *(("var-file", name) for name in files), *(("var", value) for value in values))


class _Progress:
    """What is going on, on standard error: one line that changes in a terminal, a line now and then elsewhere."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._last = time.monotonic()

    def __call__(self, text: str) -> None:
        if self._live:
            sys.stderr.write(f"\r\033[K{text[:100]}" if text else "\r\033[K")
            sys.stderr.flush()
        elif text and time.monotonic() - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            _say(text)


def _silent(text: str) -> None:  # noqa: ARG001
    return


def _colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _print(text: str, output: Path | None) -> None:
    """To standard output, or whole into a file or not at all."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    text = text if text.endswith("\n") else text + "\n"
    if output is None:
        typer.echo(text, nl=False)
        return
    partial = output.with_name(output.name + ".partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(output)
    except OSError as error:
        raise UsageError(f"cannot write: {error.strerror}", where=str(output)) from error


def _explain(error: ReconcilerError) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    _say(f"reconcile: {error}")
    if error.hint:
        _say(f"  {error.hint}")


_say: Callable[[Any], None] = lambda text: typer.echo(text, err=True)  # noqa: E731


if __name__ == "__main__":
    main()
