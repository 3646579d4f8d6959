"""From reductions of the grammar to the syntax tree: one function per rule of the grammar, by its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias, cast

from reconciler.hcl import syntax as s
from reconciler.hcl.lexer import Text, Token
from reconciler.hcl.templates import Marker, assemble, normal, unescape

Action: TypeAlias = "Callable[[Text, list[Any]], Any]"
"""Children are tokens (tuples), nodes, or what other actions return."""

MAX_DEPTH: Final = 128
"""How deep an expression may nest; chains of operators and attributes count."""
MAX_NUMBER_DIGITS: Final = 10_000

_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


def _at(token: Token) -> s.At:
    return token[1:]


def _spanning(first: s.At, last: s.At) -> s.At:
    return (first[0], last[1], first[2])


def _nodes(children: list[Any]) -> tuple[Any, ...]:
    """The children that are no tokens."""
    return tuple(child for child in children if type(child) is not tuple)


# -- structure ------------------------------------------------------------------------------------------------


def _start(source: Text, children: list[Any]) -> s.Body:  # noqa: ARG001
    return children[0]


def _body(source: Text, children: list[Any]) -> s.Body:
    arguments: list[s.Argument] = []
    blocks: list[s.Block] = []
    for child in children:
        if isinstance(child, s.Argument):
            arguments.append(child)
        elif isinstance(child, s.Block):
            blocks.append(child)
    if len(arguments) > 1:
        _distinct(source, arguments)
    return s.Body(tuple(arguments), tuple(blocks), (0, len(source.text), source.first_line))


def _distinct(source: Text, arguments: Sequence[s.Argument]) -> None:
    first: dict[str, s.Argument] = {}
    for argument in arguments:
        if first.setdefault(argument.name, argument) is not argument:
            line = first[argument.name].at[2]
            source.reject(f'the argument "{argument.name}" is already set on line {line}', argument.at[0])


def _attribute(source: Text, children: list[Any]) -> s.Argument:
    _, start, end, line = children[0]
    value: s.Expression = children[2]
    if value.at[1] - value.at[0] > MAX_DEPTH:
        check_depth(source, value)
    return s.Argument(source.text[start:end], value, (start, value.at[1], line))


def _block(source: Text, children: list[Any]) -> s.Block:
    name: Token = children[0]
    brace = next(i for i, child in enumerate(children) if type(child) is tuple and child[0] == "LBRACE")
    labels = tuple(_label(source, child) for child in children[1:brace])
    opening, closing = children[brace], children[-1]
    inside = (opening[2], closing[1], opening[3])
    content = _nodes(children[brace:])
    if not content:
        body = s.Body((), (), inside)
    elif isinstance(content[0], s.Argument):
        body = s.Body(content, (), inside)
    else:
        body = s.Body(content[0].arguments, content[0].blocks, inside)
    last = children[brace - 1]
    header = (name[1], _end(last), name[3])
    return s.Block(source.text[name[1] : name[2]], labels, body, (name[1], closing[2], name[3]), header)


def _end(child: Any) -> int:
    return cast(Token, child)[2] if type(child) is tuple else child.at[1]


def _label(source: Text, child: Any) -> str:
    if type(child) is tuple:
        return source.text[child[1] : child[2]]
    if not isinstance(child, s.Literal):
        source.reject("a label cannot hold ${ } or %{ }", child.at[0])
    return cast(str, child.value)


# -- terms ----------------------------------------------------------------------------------------------------


def _identifier(source: Text, children: list[Any]) -> s.Expression:
    _, start, end, line = children[0]
    name = source.text[start:end]
    at = (start, end, line)
    return s.Literal(_CONSTANTS[name], at) if name in _CONSTANTS else s.Name(name, at)


def _number(source: Text, children: list[Any]) -> s.Literal:
    _, start, end, line = children[0]
    text = source.text[start:end]
    try:
        value = Decimal(text)
    except InvalidOperation:
        source.reject(f"{text} is no number", start)
    if end - start > MAX_NUMBER_DIGITS or not -MAX_NUMBER_DIGITS <= value.adjusted() <= MAX_NUMBER_DIGITS:
        source.reject(f"numbers can have up to {MAX_NUMBER_DIGITS} digits", start)
    return s.Literal(value, (start, end, line))


def _string(source: Text, children: list[Any]) -> s.Literal | s.Template:
    first: Token = children[0]
    if len(children) == 1:
        _, start, end, line = first
        return s.Literal(normal(unescape(source, start + 1, end - 1)), (start, end, line))
    at = (first[1], children[-1][2], first[3])
    return assemble(source, children[1:-1], at, quoted=True)


def _heredoc(source: Text, children: list[Any]) -> s.Literal | s.Template:
    first, last = children[0], children[-1]
    flush = source.text[first[1] + 2] == "-"
    return assemble(source, children[1:-1], (first[1], last[2], first[3]), quoted=False, flush=flush)


def _template(source: Text, children: list[Any]) -> s.Literal | s.Template:
    if not children:
        return s.Literal("", (0, 0, source.first_line))
    first, last = children[0], children[-1]
    start = first.at if isinstance(first, Marker) else _at(first)
    end = last.at if isinstance(last, Marker) else _at(last)
    found = assemble(source, children, _spanning(start, end), quoted=False)
    check_depth(source, found)
    return found


def _parentheses(source: Text, children: list[Any]) -> s.Parentheses:  # noqa: ARG001
    opening, inner, closing = children
    return s.Parentheses(inner, (opening[1], closing[2], opening[3]))


def _tuple(source: Text, children: list[Any]) -> s.Tuple:  # noqa: ARG001
    return s.Tuple(_nodes(children), (children[0][1], children[-1][2], children[0][3]))


def _object(source: Text, children: list[Any]) -> s.Object:  # noqa: ARG001
    return s.Object(_nodes(children), (children[0][1], children[-1][2], children[0][3]))


def _object_elem(source: Text, children: list[Any]) -> s.Item:
    key, _, value = children
    at = _spanning(key.at, value.at)
    if isinstance(key, s.Name):
        key = s.Literal(normal(key.name), key.at)
    elif isinstance(key, s.Literal) and (key.value is None or isinstance(key.value, bool)):
        key = s.Literal(source.text[key.at[0] : key.at[1]], key.at)
    return s.Item(key, value, at)


def _function_call(source: Text, children: list[Any]) -> s.Call:
    first: Token = children[0]
    end: int = children[-1][2]
    named = next(i for i, child in enumerate(children) if type(child) is tuple and child[0] == "LPAR")
    name = "".join(source.text[token[1] : token[2]] for token in children[:named])
    arguments: tuple[s.Expression, ...] = ()
    expand = False
    if len(children) - named == 3:
        arguments, expand = children[named + 1].items
    return s.Call(name, arguments, expand, (first[1], end, first[3]))


class _Arguments:
    """What a call holds, until the call is complete."""

    __slots__ = ("items",)

    def __init__(self, arguments: tuple[s.Expression, ...], *, expand: bool) -> None:
        self.items = (arguments, expand)


def _arguments(source: Text, children: list[Any]) -> _Arguments:  # noqa: ARG001
    last = children[-1]
    return _Arguments(_nodes(children), expand=type(last) is tuple and last[0] == "ELLIPSIS")


# -- operators ------------------------------------------------------------------------------------------------


def _operator(source: Text, children: list[Any]) -> str:
    _, start, end, _ = children[0]
    return source.text[start:end]


def _binary_term(source: Text, children: list[Any]) -> list[Any]:  # noqa: ARG001
    return children


def _binary_op(source: Text, children: list[Any]) -> s.Binary:  # noqa: ARG001
    left, (operator, right) = children
    return s.Binary(operator, left, right, _spanning(left.at, right.at))


def _unary_op(source: Text, children: list[Any]) -> s.Unary:
    (_, start, end, line), operand = children
    return s.Unary(source.text[start:end], operand, (start, operand.at[1], line))


def _conditional(source: Text, children: list[Any]) -> s.Conditional:  # noqa: ARG001
    condition, _, then, _, otherwise = children
    return s.Conditional(condition, then, otherwise, _spanning(condition.at, otherwise.at))


# -- traversal ------------------------------------------------------------------------------------------------


def _step(source: Text, children: list[Any]) -> list[Any]:  # noqa: ARG001
    """What follows a term, until the term is there: the tokens and nodes of `.name`, `.0`, `[key]`, `[*]…`, `.*…`."""
    return children


def _traversed(source: Text, children: list[Any]) -> s.Expression:
    term, step = children
    return _apply(source, term, step)


def _apply(source: Text, term: s.Expression, step: list[Any], depth: int = 0) -> s.Expression:
    """`term` followed by one step, which stands inside of `depth` splats."""
    start, _, line = term.at
    second = step[1]
    if type(second) is not tuple:  # [key]
        return s.Index(term, second, (start, step[2][2], line))
    kind, first, last, _ = cast(Token, second)
    if kind == "NAME":
        return s.Attribute(term, source.text[first:last], (start, last, line))
    if kind == "INT_LITERAL":
        return s.Index(term, s.Literal(Decimal(source.text[first:last]), _at(cast(Token, second))), (start, last, line))
    return _splat(source, term, step, depth)


def _splat(source: Text, term: s.Expression, step: list[Any], depth: int) -> s.Splat:
    if depth > MAX_DEPTH:
        source.reject(f"the expression nests more than {MAX_DEPTH} levels deep", term.at[0])
    full = step[0][0] == "LSQB"
    marker_end: int = step[2][2] if full else step[1][2]
    each: s.Expression = s.SplatItem((step[0][1], marker_end, step[0][3]))
    for inner in step[3 if full else 2 :]:
        each = _apply(source, each, inner, depth + 1)
    return s.Splat(term, each, full, (term.at[0], each.at[1], term.at[2]))


# -- for ------------------------------------------------------------------------------------------------------


def _for_intro(source: Text, children: list[Any]) -> list[Any]:
    """[key or None, value, collection]"""
    names = [source.text[c[1] : c[2]] for c in children if type(c) is tuple and c[0] == "NAME"]
    return [names[0] if len(names) == 2 else None, names[-1], _nodes(children)[0]]


def _for_cond(source: Text, children: list[Any]) -> s.Expression:  # noqa: ARG001
    return children[1]


def _for_tuple(source: Text, children: list[Any]) -> s.ForTuple:  # noqa: ARG001
    (key, value, collection), body, *condition = _nodes(children)
    at = (children[0][1], children[-1][2], children[0][3])
    return s.ForTuple(key, value, collection, body, condition[0] if condition else None, at)


def _for_object(source: Text, children: list[Any]) -> s.ForObject:  # noqa: ARG001
    (key, value, collection), body_key, body, *condition = _nodes(children)
    grouped = any(type(child) is tuple and child[0] == "ELLIPSIS" for child in children)
    at = (children[0][1], children[-1][2], children[0][3])
    return s.ForObject(key, value, collection, body_key, body, grouped, condition[0] if condition else None, at)


# -- templates ------------------------------------------------------------------------------------------------


def _marker(kind: str) -> Action:
    def action(source: Text, children: list[Any]) -> Marker:
        first, last = children[0], children[-1]
        names = tuple(source.text[c[1] : c[2]] for c in children if type(c) is tuple and c[0] == "NAME")
        inner = _nodes(children)
        return Marker(
            kind,
            (first[1], last[2], first[3]),
            trims_left=source.text[first[2] - 1] == "~",
            trims_right=source.text[last[1]] == "~",
            expression=inner[0] if inner else None,
            names=names,
        )

    return action


ACTIONS: Final[dict[str, Action]] = {
    "start": _start,
    "body": _body,
    "attribute": _attribute,
    "block": _block,
    "identifier": _identifier,
    "int_lit": _number,
    "float_lit": _number,
    "string": _string,
    "heredoc": _heredoc,
    "template": _template,
    "parentheses": _parentheses,
    "tuple": _tuple,
    "object": _object,
    "object_elem": _object_elem,
    "function_call": _function_call,
    "arguments": _arguments,
    "conditional": _conditional,
    "binary_operator": _operator,
    "binary_term": _binary_term,
    "binary_op": _binary_op,
    "unary_op": _unary_op,
    "braces_index": _step,
    "short_index": _step,
    "get_attr": _step,
    "attr_splat": _step,
    "full_splat": _step,
    "index_expr_term": _traversed,
    "get_attr_expr_term": _traversed,
    "attr_splat_expr_term": _traversed,
    "full_splat_expr_term": _traversed,
    "for_intro": _for_intro,
    "for_cond": _for_cond,
    "for_tuple_expr": _for_tuple,
    "for_object_expr": _for_object,
    "interpolation": _marker("$"),
    "template_if_start": _marker("if"),
    "template_else": _marker("else"),
    "template_endif": _marker("endif"),
    "template_for_start": _marker("for"),
    "template_endfor": _marker("endfor"),
}


def check_depth(source: Text, root: s.Expression) -> None:
    """Refuse what would be too deep for the recursion of those who walk the tree."""
    level: list[s.Expression | s.Item] = [root]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in s.children(node)]
        if not level:
            return
    source.reject(f"the expression nests more than {MAX_DEPTH} levels deep", root.at[0])
