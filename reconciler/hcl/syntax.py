"""The syntax tree of Terraform's language: plain data, free of file names, so that it can be cached by blob id.

`at` is where a node stands: (start, end, line), characters of the text (end exclusive), line 1-based.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias, assert_never

from reconciler.records import dataclass

At: TypeAlias = tuple[int, int, int]


# -- expressions ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """null, true, false, a number, or a quoted string or heredoc without interpolation (`at` covers the quotes)."""

    value: None | bool | Decimal | str
    at: At


@dataclass(frozen=True, slots=True)
class Template:
    """A string with interpolation or directives. Escapes, strip markers and heredoc indents are already applied.

    Text parts are str literals. A template that is one single interpolation passes its value through unconverted.
    """

    parts: tuple[Expression, ...]
    at: At


@dataclass(frozen=True, slots=True)
class TemplateIf:
    condition: Expression
    then: Template
    otherwise: Template | None
    at: At


@dataclass(frozen=True, slots=True)
class TemplateFor:
    key: str | None
    value: str
    collection: Expression
    body: Template
    at: At


@dataclass(frozen=True, slots=True)
class Tuple:
    items: tuple[Expression, ...]
    at: At


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of an object constructor. A bare name as key is a Literal; `(expr)` and templates are expressions."""

    key: Expression
    value: Expression
    at: At


@dataclass(frozen=True, slots=True)
class Object:
    items: tuple[Item, ...]
    at: At


@dataclass(frozen=True, slots=True)
class Name:
    """The root of a traversal: var, local, each, aws_sqs_queue, a `for` variable …"""

    name: str
    at: At


@dataclass(frozen=True, slots=True)
class Attribute:
    """`source.name`"""

    source: Expression
    name: str
    at: At


@dataclass(frozen=True, slots=True)
class Index:
    """`source[key]`, and the legacy `source.0` with a number as key."""

    source: Expression
    key: Expression
    at: At


@dataclass(frozen=True, slots=True)
class SplatItem:
    """Stands for the element inside `Splat.each`."""

    at: At


@dataclass(frozen=True, slots=True)
class Splat:
    """`source[*]each` (full) or `source.*each`; `each` is an expression over SplatItem."""

    source: Expression
    each: Expression
    full: bool
    at: At


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments)`; `expand` is true for `f(xs...)`. Provider functions are named "provider::aws::arn_parse"."""

    name: str
    arguments: tuple[Expression, ...]
    expand: bool
    at: At


@dataclass(frozen=True, slots=True)
class Unary:
    operator: str
    operand: Expression
    at: At


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Expression
    right: Expression
    at: At


@dataclass(frozen=True, slots=True)
class Conditional:
    condition: Expression
    then: Expression
    otherwise: Expression
    at: At


@dataclass(frozen=True, slots=True)
class ForTuple:
    key: str | None
    value: str
    collection: Expression
    body: Expression
    condition: Expression | None
    at: At


@dataclass(frozen=True, slots=True)
class ForObject:
    key: str | None
    value: str
    collection: Expression
    body_key: Expression
    body: Expression
    grouped: bool
    condition: Expression | None
    at: At


@dataclass(frozen=True, slots=True)
class Parentheses:
    inner: Expression
    at: At


Expression: TypeAlias = (
    Literal
    | Template
    | TemplateIf
    | TemplateFor
    | Tuple
    | Object
    | Name
    | Attribute
    | Index
    | SplatItem
    | Splat
    | Call
    | Unary
    | Binary
    | Conditional
    | ForTuple
    | ForObject
    | Parentheses
)


# -- structure ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Argument:
    """`name = value`; `at` covers all of it, without the line's comment and newline."""

    name: str
    value: Expression
    at: At


@dataclass(frozen=True, slots=True)
class Block:
    """`type "label" { body }`; `at` covers all of it, `header` from the type to before the brace."""

    type: str
    labels: tuple[str, ...]
    body: Body
    at: At
    header: At


@dataclass(frozen=True, slots=True)
class Body:
    """The inside of a file or block. `at` covers what is between the braces (or the whole file).

    `json` is set for the body of a .tf.json file, whose arguments and blocks only a schema can tell apart:
    `parse.body_of(body, blocks)` decodes it, and is the identity for native syntax.
    """

    arguments: tuple[Argument, ...]
    blocks: tuple[Block, ...]
    at: At
    json: Object | None = None


def children(node: Expression | Item) -> tuple[Expression | Item, ...]:
    """The nodes directly under `node`, in the order of the text."""
    match node:
        case Literal() | Name() | SplatItem():
            return ()
        case Template(parts=inner) | Tuple(items=inner) | Object(items=inner) | Call(arguments=inner):
            return inner
        case TemplateIf(condition, then, otherwise):
            return (condition, then) if otherwise is None else (condition, then, otherwise)
        case Conditional(first, second, third):
            return (first, second, third)
        case TemplateFor(collection=first, body=second) | Splat(source=first, each=second):
            return (first, second)
        case Item(first, second) | Index(first, second) | Binary(left=first, right=second):
            return (first, second)
        case Attribute(source=inner) | Unary(operand=inner) | Parentheses(inner=inner):
            return (inner,)
        case ForTuple(collection=first, body=second, condition=third):
            return (first, second) if third is None else (first, second, third)
        case ForObject(collection=first, body_key=key, body=second, condition=third):
            return (first, key, second) if third is None else (first, key, second, third)
        case _:
            assert_never(node)
