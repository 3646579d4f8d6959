"""The white space that `terraform fmt` would leave, for native syntax: indents, spaces, aligned "=" and comments.

Only white space between tokens changes. What else `terraform fmt` does (unwrapping "${x}", quoting labels) is not done.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import field
from itertools import pairwise
from typing import Final

from reconciler.hcl.lexer import Lexer, Text, Token
from reconciler.records import dataclass

_OPENS: Final = frozenset(("LBRACE", "LSQB", "LPAR", "INTERP_START", "DIRECTIVE_START"))
_CLOSES: Final = frozenset(("RBRACE", "RSQB", "RPAR", "TEMPLATE_END"))
_NAMES: Final = frozenset(("NAME", "FOR", "IN", "IF", "ELSE", "ENDIF", "ENDFOR"))
_NUMBERS: Final = frozenset(("INT_LITERAL", "FLOAT_LITERAL"))
_BEFORE_NEGATION: Final = frozenset(
    (
        "LPAR", "LBRACE", "LSQB", "EQ", "COLON", "COMMA", "QMARK", "PLUS", "ASTERISK", "SPLAT", "SLASH", "PERCENT",
        "MINUS", "DOUBLE_EQ", "NEQ", "GT", "GEQ", "LT", "LEQ", "DOUBLE_AMP", "DOUBLE_PIPE", "NOT", "",
    )
)  # fmt: skip
_INDENT: Final = 2


@dataclass(slots=True)
class _Piece:
    kind: str
    text: str
    spaces: int = 0

    @property
    def bracket(self) -> int:
        return (self.kind in _OPENS) - (self.kind in _CLOSES)

    @property
    def ends_line(self) -> bool:
        return self.kind == "NEWLINE" or (self.kind == "COMMENT" and self.text.endswith("\n"))


_NONE: Final = _Piece("", "")


@dataclass(slots=True)
class _Line:
    """What is before an assignment's "=", from there on, and the comment that ends the line."""

    lead: list[_Piece]
    assign: list[_Piece] = field(default_factory=list["_Piece"])
    comment: list[_Piece] = field(default_factory=list["_Piece"])


def formatted(text: str) -> str:
    """`text` as `terraform fmt` spaces it. Raises SyntaxProblem where it is no native syntax."""
    tokens = Lexer(Text("<text>", text)).with_layout()
    lines = list(map(_cells, _lines(list(_pieces(text, tokens)))))
    _indent(lines)
    for line in lines:
        _space(line.lead)
        _space(line.assign)
    _align(lines, lambda line: line.assign, lambda line: _columns(line.lead))
    _align(lines, lambda line: line.comment, lambda line: _columns(line.lead) + _columns(line.assign))
    pieces = (piece for line in lines for piece in (*line.lead, *line.assign, *line.comment))
    end = tokens[-1][2] if tokens else 0
    return "".join(" " * piece.spaces + piece.text for piece in pieces) + " " * len(text[end:])


def _pieces(text: str, tokens: list[Token]) -> Iterator[_Piece]:
    """Quotes become QUOTE_START and QUOTE_END."""
    inside: list[str] = []
    for kind, start, end, _ in tokens:
        name = kind
        if kind == "DBLQUOTE":
            if inside and inside[-1] == kind:
                inside.pop()
                name = "QUOTE_END"
            else:
                inside.append(kind)
                name = "QUOTE_START"
        elif kind in ("INTERP_START", "DIRECTIVE_START"):
            inside.append(kind)
        elif kind == "TEMPLATE_END":
            inside.pop()
        yield _Piece(name, text[start:end])


def _lines(pieces: list[_Piece]) -> Iterator[list[_Piece]]:
    line: list[_Piece] = []
    for piece in pieces:
        line.append(piece)
        if piece.ends_line:
            yield line
            line = []
    yield line


def _cells(pieces: list[_Piece]) -> _Line:
    line = _Line(pieces)
    if len(pieces) > 1 and pieces[-1].kind == "COMMENT":
        line.lead, line.comment = pieces[:-1], pieces[-1:]
    equals = next((i for i, piece in enumerate(line.lead) if i and piece.kind == "EQ"), None)
    if equals is not None and sum(piece.bracket for piece in line.lead[equals:]) == 0:
        line.lead, line.assign = line.lead[:equals], line.lead[equals:]
    return line


def _indent(lines: list[_Line]) -> None:
    """One level for each line that opens more brackets than it closes, until as many are closed."""
    open_brackets: list[int] = []
    for line in lines:
        if not line.lead:
            continue
        first = line.lead[0]
        if first.kind == "NEWLINE":
            first.spaces = 0
            continue
        change = _net_brackets(line)
        if change < 0:
            _close(open_brackets, -change)
        first.spaces = _INDENT * len(open_brackets)
        if change > 0:
            open_brackets.append(change)


def _net_brackets(line: _Line) -> int:
    change = 0
    for piece in line.lead:
        change += piece.bracket
        if piece.kind == "HEREDOC_START":
            break
    return change + sum(piece.bracket for piece in line.assign)


def _close(open_brackets: list[int], closed: int) -> None:
    while closed > 0 and open_brackets:
        if closed < open_brackets[-1]:
            open_brackets[-1] -= closed
            return
        closed -= open_brackets.pop()


def _space(cell: list[_Piece]) -> None:
    if cell and cell[0].kind == "EQ":
        cell[0].spaces = 1
    before = _NONE
    for subject, after in pairwise(cell):
        after.spaces = int(_spaced(before, subject, after))
        before = subject


def _spaced(before: _Piece, subject: _Piece, after: _Piece) -> bool:
    """Whether there is a space between `subject` and `after`."""
    left, right = subject.kind, after.kind
    if right == "NEWLINE" or _glued(left, right):
        return False
    if left == "COMMA":
        return True
    if left in ("STRING_CHARS", "QUOTE_START", "HEREDOC_START") or right in (
        "STRING_CHARS",
        "QUOTE_END",
        "HEREDOC_END",
    ):
        return False
    if subject.text == "in" and left in _NAMES and before.kind in _NAMES:
        return True
    if right == "LSQB" and (left in _NAMES or left in _NUMBERS or left in _CLOSES):
        return False
    if left == "NOT":
        return False
    if left == "MINUS":
        return before.kind not in _BEFORE_NEGATION
    if left == "LBRACE" or right == "RBRACE":
        return not (left == "LBRACE" and right == "RBRACE")
    if (left in ("INTERP_START", "DIRECTIVE_START") and right == "LBRACE") or (left, right) == (
        "RBRACE",
        "TEMPLATE_END",
    ):
        return True
    if left == "TEMPLATE_END" and right in ("INTERP_START", "DIRECTIVE_START"):
        return False
    return left not in _OPENS and right not in _CLOSES


def _glued(left: str, right: str) -> bool:
    return (
        (left in _NAMES and right in ("LPAR", "COLONS"))
        or (left == "COLONS" and right in _NAMES)
        or "DOT" in (left, right)
        or right in ("COMMA", "ELLIPSIS")
    )


def _align(lines: list[_Line], cell: Callable[[_Line], list[_Piece]], columns: Callable[[_Line], int]) -> None:
    """Put the cell of each line of a run of lines that have one into the same column."""
    run: list[tuple[list[_Piece], int]] = []
    for line in (*lines, _Line([])):
        pieces = cell(line)
        if pieces:
            run.append((pieces, columns(line)))
            continue
        widest = max((width for _, width in run), default=0)
        for aligned, width in run:
            aligned[0].spaces = widest - width + 1
        run = []


def _columns(cell: list[_Piece]) -> int:
    return sum(piece.spaces + graphemes(piece.text) for piece in cell)


def graphemes(text: str) -> int:
    """How many columns the text takes: characters as readers see them, nearly."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    count, joined = 0, False
    for character in text.replace("\r\n", "\n"):
        extends = unicodedata.category(character) in ("Mn", "Me", "Mc") or character in "\u200d\ufe0f"
        modifies = "\U0001f3fb" <= character <= "\U0001f3ff"
        count += not (count and (extends or modifies or joined))
        joined = character == "\u200d"
    return count
