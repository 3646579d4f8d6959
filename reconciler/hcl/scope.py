"""What an expression is evaluated in: the names that it sees, and the file that it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Protocol

from reconciler.errors import EvaluationError
from reconciler.hcl import functions
from reconciler.hcl.access import AccessError
from reconciler.hcl.references import ModuleOutput, Reference
from reconciler.hcl.syntax import Expression
from reconciler.hcl.values import Value
from reconciler.model import Span
from reconciler.records import dataclass


class ExpressionError(EvaluationError):
    """The expression is wrong; `span` is the part that is."""

    def __init__(self, what: str, span: Span) -> None:
        super().__init__(what, where=str(span))
        self.span = span


class Environment(Protocol):
    """What names outside of the expression stand for: a module instance."""

    @property
    def memo(self) -> dict[str, dict[int, Any]]: ...

    @property
    def context(self) -> functions.FunctionContext: ...

    def lookup(self, reference: Reference) -> Value:
        """Raises AccessError where it is not declared, Unavailable where it cannot be had."""
        ...

    def output(self, output: ModuleOutput) -> Value: ...

    def provided(self, provider: str) -> Mapping[str, functions.Function]:
        """The functions of the provider with this local name. Raises AccessError where the module requires no such
        provider, Unavailable where its functions are its own secret."""
        ...


@dataclass(slots=True)
class Detached:
    """An environment without anything to refer to: templates, tfvars files, defaults, backends."""

    why: str
    context: functions.FunctionContext = field(default_factory=functions.FunctionContext)
    memo: dict[str, dict[int, Any]] = field(default_factory=dict[str, dict[int, Any]])

    def lookup(self, reference: Reference) -> Value:
        raise AccessError(f"{reference}: {self.why}")

    def output(self, output: ModuleOutput) -> Value:
        return self.lookup(output.reference)

    def provided(self, provider: str) -> Mapping[str, functions.Function]:
        raise functions.Unavailable(f"what provider::{provider} is cannot be told here: {self.why}")


@dataclass(slots=True)
class Progress:
    """How far an evaluation has come: the errors met so far, and how much work it was."""

    failures: list[ExpressionError | functions.Unavailable] = field(
        default_factory=list["ExpressionError | functions.Unavailable"]
    )
    work: int = 0


@dataclass(slots=True)
class Scope:
    """`names` are those of `for`, `dynamic` and the instance (each, count, self); they hide everything else.

    `memo` keeps what is the same whenever a node of this file is evaluated, by the node's id. All scopes of one
    evaluation share its `progress`: Terraform goes on after an error with a value that tells what is certain of it none
    the less, and the branch of a conditional that is not taken may fail.
    """

    file: str
    environment: Environment
    names: Mapping[str, Value] = field(default_factory=dict[str, Value])
    item: Value | None = None
    progress: Progress = field(default_factory=Progress)
    memo: dict[int, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.memo = self.environment.memo.setdefault(self.file, {})

    def of(self, file: str) -> Scope:
        """The same scope for an expression that stands in `file`."""
        return self if file == self.file else Scope(file, self.environment, self.names, self.item, self.progress)

    def within(self, names: Mapping[str, Value]) -> Scope:
        return Scope(self.file, self.environment, names, self.item, self.progress)

    def with_item(self, item: Value | None) -> Scope:
        """For what follows a splat."""
        return Scope(self.file, self.environment, self.names, item, self.progress)

    @property
    def failures(self) -> list[ExpressionError | functions.Unavailable]:
        return self.progress.failures

    def fail(self, what: str, node: Expression) -> None:
        self.failures.append(ExpressionError(what, self.span(node)))

    def span(self, node: Expression) -> Span:
        return Span(self.file, *node.at)
