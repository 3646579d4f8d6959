"""The tokens of native syntax, as Terraform's scanner and its newline rules make them.

Newlines are tokens only where they end something (in bodies and object constructors), never inside parentheses,
brackets, `for` and interpolations. `for`, `in`, `if` are keywords only in their places. A string without
interpolation is one STRING token; others are opened into their parts, heredocs line by line.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn, TypeAlias

from reconciler.errors import EvaluationError
from reconciler.records import dataclass

Token: TypeAlias = tuple[str, int, int, int]
"""(terminal, start, end, line): characters of the text, end exclusive; line 1-based."""

MAX_NESTING: Final = 64
"""How deep braces, brackets, parentheses and interpolations may nest."""


class SyntaxProblem(EvaluationError):
    """The text is no Terraform. `file`, `line` (1-based) and `reason` say where and why."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(reason, where=f"{file}:{line}", hint="correct the file: `terraform fmt` names the same place")
        self.file = file
        self.line = line
        self.reason = reason


@dataclass(slots=True)
class Text:
    """A file's characters, and where positions in it are reported."""

    file: str
    text: str
    first_line: int = 1

    def line(self, position: int) -> int:
        return self.text.count("\n", 0, position) + self.first_line

    def reject(self, reason: str, position: int) -> NoReturn:
        raise SyntaxProblem(self.file, self.line(position), reason)


_MAIN = re.compile(
    r"""[ \t]*+(?:
      ([A-Za-z_][A-Za-z0-9_-]*+(?![^\x00-\x7f]))                      # 1 an ASCII name
    | (\r?\n)                                                         # 2
    | ("[^"\\$%\r\n]*+(?:\\[^\r\n][^"\\$%\r\n]*+)*+")                 # 3 a string without interpolation
    | (\#[^\n]*+\n?|//[^\n]*+\n?)                                     # 4
    | (/\*)                                                           # 5
    | <<(-?)([^\W\d][\w-]*+)\r?\n                                     # 6, 7 a heredoc begins
    | (\.\.\.|[=!<>]=|=>|&&|\|\||::|~\}|[.,=()\[\]{}*/+\-<>!?:%])     # 8
    | ([0-9](?:[0-9.]|[eE][+-]?[0-9])*(?<!\.))                        # 9 a number: `1...` ends before the dots
    | (")                                                             # 10
    | (\Z)                                                            # 11
    )""",
    re.VERBOSE,
)
_NAME, _NEWLINE, _PLAIN, _COMMENT, _LONG_COMMENT = 1, 2, 3, 4, 5
_HEREDOC, _SYMBOL, _NUMBER, _QUOTE, _END = 7, 8, 9, 10, 11
_QUOTED = re.compile(r'(\$\{~?|%\{~?)|(")|(\$\$\{~?|%%\{~?|[$%]|(?:\\[^\r\n]|[^$%"\\\r\n])+)')
_LINE = re.compile(r"(\$\{~?|%\{~?)|(\$\$\{~?|%%\{~?|[$%]|[^$%\r\n]+)?(\r?\n)?")

_TYPES: Final = {
    "...": "ELLIPSIS", "==": "DOUBLE_EQ", "!=": "NEQ", "<=": "LEQ", ">=": "GEQ", "=>": "FOR_OBJECT_ARROW",
    "&&": "DOUBLE_AMP", "||": "DOUBLE_PIPE", "::": "COLONS", ".": "DOT", ",": "COMMA", "=": "EQ", "(": "LPAR",
    ")": "RPAR", "[": "LSQB", "]": "RSQB", "{": "LBRACE", "}": "RBRACE", "*": "ASTERISK", "/": "SLASH", "+": "PLUS",
    "-": "MINUS", "<": "LT", ">": "GT", "!": "NOT", "?": "QMARK", ":": "COLON", "%": "PERCENT", "~}": "TEMPLATE_END",
}  # fmt: skip
_BRACKETS: Final = frozenset("()[]{}") | {"~}"}
_KEYWORDS: Final = {"for": "FOR", "in": "IN", "if": "IF", "else": "ELSE", "endif": "ENDIF", "endfor": "ENDFOR"}
_ENDS_TERM: Final = frozenset(
    ("NAME", "INT_LITERAL", "FLOAT_LITERAL", "STRING", "DBLQUOTE", "RPAR", "RSQB", "RBRACE", "HEREDOC_END", "SPLAT")
)
GO_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
)
"""What Terraform trims as white space."""

# What encloses a token. Newlines count in the first two.
_BODY, _OBJECT, _GROUP, _FOR, _TEMPLATE = range(5)
_CLOSES: Final = {"(": ")", "[": "]", "{": "}", "${": "}", "%{": "}", "": ""}


@dataclass(slots=True)
class _Frame:
    kind: int
    opener: str
    at: int
    in_value: bool = False  # of a body: past the "=" of an argument
    heredoc: str | None = None  # of a template: the marker that ends the heredoc it stands in


class Lexer:
    """One pass over `source.text[start:end]`."""

    def __init__(self, source: Text, start: int = 0, end: int | None = None) -> None:
        self.source = source
        self.text = source.text
        self.position = start
        self.end = len(source.text) if end is None else end
        self.line = source.line(start)
        self.tokens: list[Token] = [("$START", start, start, self.line)]
        self.frame = _Frame(_BODY, "", start)
        self.frames: list[_Frame] = []
        self.layout: list[Token] | None = None  # where it is a list, it gets every newline and comment

    def with_layout(self) -> list[Token]:
        """The tokens of a file as a formatter needs them: every NEWLINE and COMMENT, no NL and $END."""
        self.layout = []
        tokens = [token for token in self.body() if token[0] not in ("NL", "$END")]
        return sorted(tokens + self.layout, key=lambda token: token[1])

    def body(self) -> list[Token]:
        """The tokens of a file."""
        self._main()
        return self._finished(newline=True)

    def expression(self) -> list[Token]:
        """The tokens of an expression that stands alone: newlines do not count."""
        self.frame = _Frame(_GROUP, "", self.position)
        self._main()
        return self._finished(newline=False)

    def template(self) -> list[Token]:
        """The tokens of a template that stands alone (a file, a JSON string)."""
        self._lines(None, begins_line=False)
        self._main()
        return self._finished(newline=False)

    def _finished(self, *, newline: bool) -> list[Token]:
        if self.frames:
            self._unclosed()
        if newline and self.tokens[-1][0] != "NL":
            self.tokens.append(("NL", self.end, self.end, self.line))
        self.tokens.append(("$END", self.end, self.end, self.line))
        return self.tokens[1:]

    def _unclosed(self) -> NoReturn:
        frame = self.frame
        closer = _CLOSES[frame.opener]
        self.source.reject(f'there is no "{closer}" for this "{frame.opener}"', frame.at)

    def _main(self) -> None:
        """Everything outside of string literals."""
        text, end, match, tokens = self.text, self.end, _MAIN.match, self.tokens
        while True:
            found = match(text, self.position, end)
            if found is None:
                self._unusual()
                continue
            kind = found.lastindex
            start, self.position = found.span(kind or 0)
            if kind == _NAME:
                word = found[1]
                tokens.append((self._keyword(word) if word in _KEYWORDS else "NAME", start, self.position, self.line))
            elif kind == _SYMBOL:
                self._symbol(found[_SYMBOL], start)
            elif kind == _PLAIN:
                tokens.append(("STRING", start, self.position, self.line))
            elif kind == _NEWLINE:
                if self.layout is not None:
                    self.layout.append(("NEWLINE", start, self.position, self.line))
                self._newline(start)
            elif kind == _NUMBER:
                pointed = "." in found[_NUMBER]
                tokens.append(("FLOAT_LITERAL" if pointed else "INT_LITERAL", start, self.position, self.line))
            elif kind == _COMMENT:
                if self.layout is not None:
                    self.layout.append(("COMMENT", start, self.position, self.line))
                if text[self.position - 1] == "\n":
                    self._newline(self.position - 1)
            elif kind == _END:
                return
            else:
                self._long(kind or 0, found, start)

    def _long(self, kind: int, found: re.Match[str], start: int) -> None:
        """What can go over several lines."""
        if kind == _LONG_COMMENT:
            close = self.text.find("*/", self.position, self.end)
            if close < 0:
                self.source.reject('there is no "*/" for this "/*"', start)
            self.position = close + 2
            if self.layout is not None:
                self.layout.append(("COMMENT", start, self.position, self.line))
            self.line += self.text.count("\n", start, close)
        elif kind == _QUOTE:
            self.tokens.append(("DBLQUOTE", start, self.position, self.line))
            self._quoted()
        else:
            opener = self.text.index("<<", found.start())
            self.position = found.end()
            if not is_name(found[_HEREDOC]):
                self.source.reject(f'"{found[_HEREDOC]}" cannot mark the end of a heredoc', opener)
            self.tokens.append(("HEREDOC_START", opener, self.position, self.line))
            self.line += 1
            self._lines(found[_HEREDOC], begins_line=True)

    def _newline(self, start: int) -> None:
        frame = self.frame
        if frame.kind <= _OBJECT:
            if self.tokens[-1][0] not in ("NL", "$START"):
                self.tokens.append(("NL", start, self.position, self.line))
            frame.in_value = False
        self.line += 1

    def _symbol(self, symbol: str, start: int) -> None:
        if symbol in _BRACKETS:
            if symbol in "([{":
                self._open(symbol, start)
            else:
                self._close(symbol, start)
            return
        kind = _TYPES[symbol]
        if symbol == "=":
            self.frame.in_value = True
        elif symbol == "*" and self._splats():
            kind = "SPLAT"
        self.tokens.append((kind, start, self.position, self.line))

    def _splats(self) -> bool:
        """A "*" here is no multiplication: it follows a dot, or a bracket without a newline that would count."""
        previous = self.tokens[-1][0]
        if previous == "LSQB":
            return self.frames[-1].kind > _OBJECT or self._same_line()
        return previous == "DOT"

    def _same_line(self) -> bool:
        return self.line == self.tokens[-1][3]

    def _open(self, symbol: str, start: int) -> None:
        if symbol != "{":
            kind = _GROUP
        elif self.frame.kind == _BODY and not self.frame.in_value:
            kind = _BODY
        else:
            kind = _OBJECT
        self._push(_Frame(kind, symbol, start))
        self.tokens.append((_TYPES[symbol], start, self.position, self.line))

    def _push(self, frame: _Frame) -> None:
        if len(self.frames) >= MAX_NESTING:
            self.source.reject(f"nested more than {MAX_NESTING} levels deep", frame.at)
        self.frames.append(self.frame)
        self.frame = frame

    def _close(self, symbol: str, start: int) -> None:
        frame = self.frame
        if symbol[-1] != _CLOSES[frame.opener] or (symbol == "~}" and frame.kind != _TEMPLATE):
            opened = f', and "{frame.opener}" of line {self.source.line(frame.at)} is open' if frame.opener else ""
            self.source.reject(f'this "{symbol}" closes nothing{opened}', start)
        self.frame = self.frames.pop()
        if symbol == "]" and self.tokens[-1][0] == "SPLAT" and self.frame.kind <= _OBJECT and not self._same_line():
            self.source.reject("[*] must be on one line here", start)
        if frame.kind != _TEMPLATE:
            self.tokens.append((_TYPES[symbol], start, self.position, self.line))
            return
        self.tokens.append(("TEMPLATE_END", start, self.position, self.line))
        if frame.heredoc is None:
            self._quoted()
        else:
            self._lines(frame.heredoc or None, begins_line=False)

    def _keyword(self, word: str) -> str:
        """NAME, unless the word stands where it is a keyword."""
        previous = self.tokens[-1][0]
        if previous == "DIRECTIVE_START":
            return _KEYWORDS[word] if word != "in" else "NAME"
        match word:
            case "for" if self._begins_for(previous):
                self.frame.kind = _FOR
                return "FOR"
            case "in" if previous == "NAME" and self._names_of_for():
                return "IN"
            case "if" if self.frame.kind == _FOR and (previous in _ENDS_TERM or previous == "ELLIPSIS"):
                return "IF"
            case _:
                return "NAME"

    def _begins_for(self, previous: str) -> bool:
        if self.frame.kind == _OBJECT:
            if previous == "NL" and self.tokens[-2][0] == "LBRACE":
                self.tokens.pop()
                return True
            return previous == "LBRACE"
        return previous == "LSQB" and self.tokens[-2][0] not in _ENDS_TERM

    def _names_of_for(self) -> bool:
        kinds = [token[0] for token in self.tokens[-4:]]
        return kinds[-2:-1] == ["FOR"] or kinds[:3] == ["FOR", "NAME", "COMMA"]

    def _quoted(self) -> None:
        """Inside quotes, up to the end or to the next interpolation."""
        while True:
            start = self.position
            found = _QUOTED.match(self.text, start, self.end)
            if found is None:
                ended = start >= self.end
                what = "this string is not closed" if ended else "a quoted string cannot go over several lines"
                self.source.reject(what, min(start, self.end - 1))
            self.position = found.end()
            if found[1]:
                self._begin_template(found[1], start, None)
                return
            self.tokens.append(("DBLQUOTE" if found[2] else "STRING_CHARS", start, self.position, self.line))
            if found[2]:
                return

    def _lines(self, marker: str | None, *, begins_line: bool) -> None:
        """Inside a heredoc (or a bare template, without marker), up to the end or to the next interpolation."""
        while self.position < self.end:
            start = self.position
            found = _LINE.match(self.text, start, self.end)
            if found is None or found.end() == start:
                self.source.reject("a carriage return must be followed by a newline", start)
            self.position = found.end()
            if found[1]:
                self._begin_template(found[1], start, marker or "")
                return
            ends_line = found[3] is not None
            if ends_line and begins_line and marker and found[0].strip(GO_SPACE) == marker:
                self.position -= len(found[3])
                self.tokens.append(("HEREDOC_END", start, self.position, self.line))
                return
            self.tokens.append(("STRING_CHARS", start, self.position, self.line))
            begins_line = ends_line
            self.line += ends_line
        if marker is not None:
            self.source.reject(f'there is no line "{marker}" that ends the heredoc', self.end)

    def _begin_template(self, opener: str, start: int, heredoc: str | None) -> None:
        interpolation = opener[0] == "$"
        self._push(_Frame(_TEMPLATE, opener[:2], start, heredoc=heredoc))
        self.tokens.append(("INTERP_START" if interpolation else "DIRECTIVE_START", start, self.position, self.line))

    def _unusual(self) -> None:
        """What the main pattern leaves: names beyond ASCII, and what is no token at all."""
        start = self.position
        while self.text[start] in " \t":
            start += 1
        end = start
        while end < self.end and (self.text[end] == "-" or ("a" + self.text[end]).isidentifier()):
            end += 1
        if not is_name(self.text[start:end]):
            self.source.reject(_no_token(self.text[start]), start)
        self.position = end
        self.tokens.append(("NAME", start, end, self.line))


def is_name(text: str) -> bool:
    """`text` is an identifier of HCL: Unicode's, with dashes after the first character."""
    return text.replace("-", "_").isidentifier() and text[0] != "-"


def _no_token(character: str) -> str:
    if "\ud800" <= character <= "\udfff":
        return "the file is not UTF-8"
    if character in "\u201c\u201d\u2018\u2019'`":
        return f"{character} does not quote: use double quotes"
    return f"the character {character!r} means nothing here"
