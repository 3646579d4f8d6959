"""Input variables: type constraints, where their values come from, and which source wins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, TypeAlias

from reconciler.hcl import convert, parse, syntax, values
from reconciler.hcl.access import arrived
from reconciler.hcl.content import Problems, Term, content_of, native, span_of, unquoted
from reconciler.hcl.convert import ConversionError, Defaults
from reconciler.hcl.expressions import evaluate
from reconciler.hcl.module import Module, VariableConfig
from reconciler.hcl.references import walk
from reconciler.hcl.scope import Detached, ExpressionError, Scope
from reconciler.hcl.syntax import Expression
from reconciler.hcl.tree import ParseCache, SourceTree, files_in, join, normal
from reconciler.hcl.values import (
    BOOL,
    DYNAMIC,
    EPHEMERAL,
    NUMBER,
    SENSITIVE,
    STRING,
    ListOf,
    MapOf,
    Primitive,
    SetOf,
    TupleOf,
    Type,
    Value,
)
from reconciler.model import NoOrigin, Span
from reconciler.records import dataclass

Argument: TypeAlias = "tuple[Literal['var', 'var-file'], str]"
"""("var", "name=value") or ("var-file", path from the repository root), in the order of the command line."""

_PRIMITIVE: Final = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": DYNAMIC}
_LEGACY: Final[Mapping[str, Type]] = {"list": ListOf(DYNAMIC), "map": MapOf(DYNAMIC), "set": SetOf(DYNAMIC)}
_PREFIX: Final = "TF_VAR_"


# -- type constraints -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Constraint:
    """A variable's declared type, with the defaults of its optional attributes."""

    type: Type = DYNAMIC
    defaults: Defaults | None = None
    literal: bool = True  # a value from the environment or the command line is the string itself

    def apply(self, value: Value) -> Value:
        """Raises ConversionError."""
        return convert.convert_to(value, self.type, self.defaults)


def constraint_of(term: Term | None) -> Constraint:
    """Raises ExpressionError where the type is none."""
    if term is None:
        return Constraint()
    node = term.node
    if term.file.endswith(".json"):
        node = unquoted(node)
    type_, defaults = _constraint(node, term.file)
    literal = isinstance(type_, Primitive) and type_ != DYNAMIC
    return Constraint(type_, defaults, literal)


def _constraint(node: Expression, file: str) -> tuple[Type, Defaults | None]:
    match node:
        case syntax.Name(name) if name in _PRIMITIVE:
            return _PRIMITIVE[name], None
        case syntax.Name(name) if name in _LEGACY:
            return _LEGACY[name], None
        case syntax.Parentheses(inner):
            return _constraint(inner, file)
        case syntax.Call("list" | "set" | "map" as kind, (element,)):
            type_, defaults = _constraint(element, file)
            made: Type = {"list": ListOf, "set": SetOf, "map": MapOf}[kind](type_)
            return made, Defaults(made, children={"": defaults}) if defaults else None
        case syntax.Call("tuple", (syntax.Tuple(items),)):
            parts = [_constraint(item, file) for item in items]
            made = TupleOf(tuple(type_ for type_, _ in parts))
            children = {str(index): defaults for index, (_, defaults) in enumerate(parts) if defaults}
            return made, Defaults(made, children=children) if children else None
        case syntax.Call("object", (syntax.Object(items),)):
            return _object_constraint(items, file)
        case _:
            raise ExpressionError("This is no valid type constraint.", span_of(file, node.at))


def _object_constraint(items: Sequence[syntax.Item], file: str) -> tuple[Type, Defaults | None]:
    types: dict[str, Type] = {}
    optional: set[str] = set()
    defaults: dict[str, Value] = {}
    children: dict[str, Defaults] = {}
    for item in items:
        name = item.key.value if isinstance(item.key, syntax.Literal) else None
        if not isinstance(name, str):
            raise ExpressionError("An object's attributes are named by identifiers.", span_of(file, item.key.at))
        node = item.value
        if isinstance(node, syntax.Call) and node.name == "optional":
            if len(node.arguments) not in (1, 2):
                raise ExpressionError("optional() takes a type and, if wanted, a default.", span_of(file, node.at))
            optional.add(name)
            types[name], inner = _constraint(node.arguments[0], file)
            if len(node.arguments) == 2:
                defaults[name] = _default(node.arguments[1], types[name], inner, file)
        else:
            types[name], inner = _constraint(node, file)
        if inner is not None:
            children[name] = inner
    made = values.object_type(types, optional)
    return made, Defaults(made, defaults, children) if defaults or children else None


def _default(node: Expression, type_: Type, inner: Defaults | None, file: str) -> Value:
    value = constant_value(node, file)
    try:
        return convert.convert_to(value, type_, inner)
    except ConversionError as error:
        raise ExpressionError(
            f"Invalid default of an optional attribute: {error.what}.", span_of(file, node.at)
        ) from error


# -- constants ------------------------------------------------------------------------------------------------


def constant_value(node: Expression, file: str) -> Value:
    """The value of an expression without references and functions. Raises ExpressionError."""
    call = next((part for part in walk(node) if isinstance(part, syntax.Call)), None)
    if call is not None:
        raise ExpressionError("Functions may not be called here.", span_of(file, call.at))
    return evaluate(node, Scope(file, Detached("variables may not be used here.")))


# -- values of variables --------------------------------------------------------------------------------------


def default_of(variable: VariableConfig, constraint: Constraint) -> Value | None:
    """The default, converted. Raises ExpressionError."""
    term = variable.default
    if term is None:
        return None
    value = constant_value(term.node, term.file)
    if value.null and not variable.nullable:
        raise ExpressionError("A default of null is not allowed where nullable is false.", term.span)
    return _applied(variable, constraint, value, term.span)


def value_of(variable: VariableConfig, constraint: Constraint, given: Value | None, at: Span, hop: str) -> Value:
    """What the variable is, given a value or none.

    Raises ExpressionError; `at` is the place that it names where the value is missing or wrong.
    """
    default = default_of(variable, constraint)
    if given is None or (given.null and not variable.nullable and default is not None):
        if default is None:
            what = f'No value for the required variable "{variable.name}".'
            raise ExpressionError(what, at)
        value = default
    else:
        value = _applied(variable, constraint, given, at)
        if value.null and not variable.nullable:
            raise ExpressionError(f'The required variable "{variable.name}" is null, but must not be.', at)
        if not variable.nullable:
            value = values.not_null(value)
    marks = [mark for mark, on in ((SENSITIVE, variable.sensitive), (EPHEMERAL, variable.ephemeral)) if on]
    return arrived(value, hop).marked(*marks) if marks else arrived(value, hop)


def _applied(variable: VariableConfig, constraint: Constraint, value: Value, at: Span) -> Value:
    try:
        return constraint.apply(value)
    except ConversionError as error:
        raise ExpressionError(f'Invalid value for the variable "{variable.name}": {error.what}.', at) from error


@dataclass(frozen=True, slots=True)
class Given:
    """A value from outside of the configuration, and where a problem with it is reported."""

    value: Value
    span: Span | None


class Sources:
    """Values given to the root module's variables, later sources over earlier ones."""

    def __init__(self, tree: SourceTree, module: Module, problems: Problems, cache: ParseCache | None) -> None:
        self._tree = tree
        self._module = module
        self._problems = problems
        self._cache = cache
        self._constraints: dict[str, Constraint] = {}
        self.given: dict[str, Given] = {}

    def constraint(self, name: str) -> Constraint:
        """Raises ExpressionError."""
        if name not in self._constraints:
            self._constraints[name] = constraint_of(self._module.variables[name].type)
        return self._constraints[name]

    def gather(self, environment: Mapping[str, str], arguments: Sequence[Argument]) -> None:
        """The environment, tfvars files of the directory by name, then the command line from left to right."""
        for name in self._module.variables:
            text = environment.get(_PREFIX + name)
            if text is not None:
                self._text(name, text, f"given by the environment variable {_PREFIX}{name}")
        names = files_in(self._tree, self._module.directory)
        fixed = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
        automatic = [name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json"))]
        for name in (*fixed, *sorted(automatic)):
            self._file(join(self._module.directory, name))
        for kind, argument in arguments:
            match kind:
                case "var":
                    self._argument(argument)
                case "var-file":
                    self._file(normal(argument))

    def _argument(self, argument: str) -> None:
        name, equals, text = argument.partition("=")
        if not equals:
            self._problems.error(f'--var takes NAME=VALUE, not "{argument}".')
        elif name.strip() not in self._module.variables:
            self._problems.error(f'--var gives a value to "{name}", but there is no such variable.')
        else:
            self._text(name.strip(), text, "given by --var")

    def _text(self, name: str, text: str, how: str) -> None:
        try:
            if self.constraint(name).literal:
                value = values.string(text)
            else:
                file = f"<value of {name}>"
                value = values.without_origin(constant_value(parse.parse_expression(text, file=file), file))
        except (ExpressionError, parse.SyntaxProblem) as error:
            self._problems.error(f'The value of the variable "{name}", {how}, is not valid: {error.what}')
            return
        self.given[name] = Given(value.with_origin(NoOrigin(how)), None)

    def _file(self, path: str) -> None:
        try:
            body = parse.parse_file(path, self._tree.read(path), self._cache, self._tree.blob_id(path))
        except KeyError:
            self._problems.error(f"There is no file of variables {path} in the tree.")
            return
        except parse.SyntaxProblem as problem:
            self._problems.error(problem.what, Span(problem.file, 0, 0, problem.line))
            return
        body = native(body, {}, path, self._problems)
        for block in body.blocks:
            self._problems.error("A file of variables holds no blocks.", span_of(path, block.at))
        for name, term in content_of(path, body, self._problems).arguments.items():
            if name not in self._module.variables:
                detail = "A value that no variable takes is not used."
                self._problems.warn(f'Value for the undeclared variable "{name}".', span_of(path, term.at), detail)
                continue
            for value in self._constant(term):
                self.given[name] = Given(value, term.span)

    def _constant(self, term: Term) -> Iterator[Value]:
        try:
            yield constant_value(term.node, term.file)
        except ExpressionError as error:
            self._problems.error(error.what, error.span)
