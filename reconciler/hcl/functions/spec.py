"""What a function is: its parameters, the type of its result, and how it is called.

Terraform decides the type of a result before it computes it, so a call with unknown arguments still has a type; and it
says for each parameter whether the function itself deals with null, unknown and marked arguments. Both matter for what
comes out, so both are part of the table.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field
from typing import Final, Protocol, TypeAlias

from reconciler.errors import EvaluationError
from reconciler.hcl import numbers, values
from reconciler.hcl.convert import ConversionError, convert
from reconciler.hcl.values import DYNAMIC, Type, Value, friendly
from reconciler.records import dataclass


class FunctionError(EvaluationError):
    """A call that Terraform refuses too; `argument` counts from 0, None where the call as a whole is at fault."""

    def __init__(self, reason: str, argument: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.argument = argument


class Unavailable(FunctionError):
    """A call that Terraform can answer and this program cannot; `try` and `can` must not swallow it."""


class Files(Protocol):
    """The files of the tree at the commit, by posix path relative to the repository root."""

    def paths(self) -> Sequence[str]: ...
    def read(self, path: str) -> bytes: ...


RenderTemplate: TypeAlias = Callable[[str, str, Mapping[str, Value]], Value]
"""(text of the template, its name for messages, its variables) -> its value."""


@dataclass(slots=True)
class Place:
    """Where the repository lies: `name` is that of its folder where that is known, `pretended` is for a while."""

    name: str | None = None
    pretended: str | None = None

    def folders(self) -> tuple[str, str]:
        """Two places to pretend that have nothing in common but the name of the folder."""
        return f"/somewhere/{self.name or 'alpha'}", f"/quite/other/place/{self.name or 'beta'}"

    @contextmanager
    def at(self, folder: str) -> Generator[None]:
        self.pretended = folder
        try:
            yield
        finally:
            self.pretended = None


@dataclass(frozen=True, slots=True)
class FunctionContext:
    """What functions may see of the world: the tree, and the directory of the root module in it ("" for its root)."""

    files: Files | None = None
    base: str = ""
    render: RenderTemplate | None = None
    place: Place = field(default_factory=Place)

    @property
    def cwd(self) -> str | None:
        """The directory that Terraform is run in, an absolute path; None where it is not known."""
        return posixpath.join(self.place.pretended, self.base).rstrip("/") if self.place.pretended else None

    def locate(self, path: str) -> str:
        """`path` as the functions of files take it, relative to the repository root. Raises Unavailable."""
        if self.cwd is not None and path.startswith("/"):
            path = posixpath.relpath(path, self.cwd)
        if path.startswith(("/", "~")):
            raise Unavailable(f"{path} is outside the repository", 0)
        located = posixpath.normpath(posixpath.join(self.base, path))
        if located == ".." or located.startswith("../"):
            raise Unavailable(f"{path} is outside the repository", 0)
        return "" if located == "." else located


@dataclass(frozen=True, slots=True)
class Parameter:
    """`null`, `unknown`, `dynamic`, `marked`: the function itself deals with such arguments."""

    name: str
    type: Type = DYNAMIC
    null: bool = False
    unknown: bool = False
    dynamic: bool = False
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of a call, converted to the types of the parameters, and the type that was decided on."""

    args: Sequence[Value]
    type: Type
    context: FunctionContext

    def text(self, index: int) -> str:
        return self.args[index].text

    def integer(self, index: int) -> int:
        return integer(self.args[index], index)


Rule: TypeAlias = Callable[[Sequence[Value]], Type]
Run: TypeAlias = Callable[[Call], Value]


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    parameters: tuple[Parameter, ...]
    variadic: Parameter | None
    result: Type | Rule
    run: Run
    not_null: bool
    keeps_marks: bool = False

    def parameter(self, index: int) -> Parameter:
        if index < len(self.parameters):
            return self.parameters[index]
        assert self.variadic is not None
        return self.variadic


@dataclass(frozen=True, slots=True)
class Table:
    """The functions of one family, filled by decorating their implementations."""

    functions: dict[str, Function] = field(default_factory=dict[str, Function])

    def add(
        self,
        name: str,
        *parameters: Parameter,
        variadic: Parameter | None = None,
        result: Type | Rule,
        nullable: bool = False,
        keeps_marks: bool = False,
    ) -> Callable[[Run], Run]:
        """`nullable`: the result may be null (or is passed through, so nothing more is known of it).

        `keeps_marks`: an unknown result has the marks of the arguments that the function deals with itself; Terraform
        forgets those of most functions.
        """

        def register(run: Run) -> Run:
            self.functions[name] = Function(name, parameters, variadic, result, run, not nullable, keeps_marks)
            return run

        return register


# -- the call -------------------------------------------------------------------------------------------------


def invoke(function: Function, arguments: Sequence[Value], context: FunctionContext) -> Value:
    """Raises FunctionError."""
    _check_count(function, len(arguments))
    args = [_converted(function.parameter(index), index, value) for index, value in enumerate(arguments)]
    decidable = _check(function, args)
    marks = frozenset[str]()
    known = True
    for index, value in enumerate(args):
        parameter = function.parameter(index)
        if not parameter.marked:
            marks |= values.deep_marks(value)
            args[index] = values.unmark_deep(value)
        known = known and (value.known or parameter.unknown)
    if function.keeps_marks and not known:
        marks = marks.union(*(value.marks for value in args))
    if not decidable:
        return values.unknown().with_marks(marks)
    type_ = function.result(args) if callable(function.result) else function.result
    result = _run(function, Call(args, type_, context)) if known else values.unknown(type_)
    if function.not_null:
        result = values.not_null(result)
    return result.with_marks(marks)


LONGEST: Final = 10_000_000
"""Characters of a string that a function may make."""
LARGEST: Final = 1_000_000
"""Elements of a collection that a function may make."""


def _run(function: Function, call: Call) -> Value:
    try:
        result = function.run(call)
    except numbers.NumberTooLarge as error:
        raise Unavailable("a number is too large to be computed with") from error
    except numbers.Undefined as error:
        raise FunctionError("the result is no number") from error
    except (values.InconsistentTypes, ConversionError) as error:
        raise FunctionError(str(error)) from error
    if isinstance(result.raw, str) and len(result.raw) > LONGEST:
        raise Unavailable(f"the result is too long: {len(result.raw)} characters")
    if isinstance(result.raw, tuple | Mapping) and len(result.raw) > LARGEST:
        raise Unavailable(f"the result is too large: {len(result.raw)} elements")
    return result


def _check_count(function: Function, given: int) -> None:
    least = len(function.parameters)
    if given < least:
        bound = "at least " if function.variadic else ""
        missing = function.parameters[given].name
        raise FunctionError(f'{function.name}() expects {bound}{least} argument(s); missing value for "{missing}"')
    if given > least and function.variadic is None:
        raise FunctionError(f"{function.name}() expects only {least} argument(s)")


def _converted(parameter: Parameter, index: int, value: Value) -> Value:
    try:
        converted = convert(value, parameter.type)
    except ConversionError as error:
        raise invalid(parameter, index, str(error)) from error
    if converted.type != DYNAMIC and not values.conforms(converted.type, parameter.type):
        # A set whose length is unknown becomes a list whose elements have not been converted.
        raise invalid(parameter, index, f"{friendly(parameter.type)} required, but received {friendly(converted.type)}")
    return converted


def _check(function: Function, args: Sequence[Value]) -> bool:
    """Whether the types of the arguments are all there to decide on the type of the result."""
    for index, value in enumerate(args):
        parameter = function.parameter(index)
        if value.null and not parameter.null:
            raise invalid(parameter, index, "argument must not be null")
        if value.type == DYNAMIC and not parameter.dynamic:
            return False
    return True


def invalid(parameter: Parameter, index: int, reason: str) -> FunctionError:
    return FunctionError(f'invalid value for "{parameter.name}" parameter: {reason}', index)


def integer(value: Value, argument: int | None = None) -> int:
    """A known number as a machine integer. Raises FunctionError."""
    whole = numbers.to_int(value.number) if value.number.is_finite() else None
    if whole is None:
        raise FunctionError("a whole number is required", argument)
    if not -(2**63) <= whole < 2**63:
        raise FunctionError("the number is too large for an integer", argument)
    return whole
