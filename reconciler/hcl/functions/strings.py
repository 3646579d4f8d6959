"""Functions on strings. Characters are grapheme clusters where Terraform counts them so."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from reconciler.hcl import values
from reconciler.hcl.functions import regexes
from reconciler.hcl.functions.spec import LARGEST, LONGEST, Call, FunctionError, Parameter, Table, Unavailable
from reconciler.hcl.graphemes import clusters
from reconciler.hcl.values import BOOL, NUMBER, STRING, ListOf, Value

TABLE = Table()
_TEXT = Parameter("str", STRING, dynamic=True)
_PLAIN = Parameter("str", STRING)
_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_TRAILING_NEWLINES = re.compile(r"(?:\r\n?|\n)*\Z")


@TABLE.add("upper", _TEXT, result=STRING)
def _upper(call: Call) -> Value:
    return values.string("".join(_simple_case(c, str.upper) for c in call.text(0)))


@TABLE.add("lower", _TEXT, result=STRING)
def _lower(call: Call) -> Value:
    return values.string("".join(_simple_case(c, str.lower) for c in call.text(0)))


def _simple_case(character: str, change: Callable[[str], str]) -> str:
    """Go changes case character by character, never into several."""
    changed = change(character)
    if len(changed) > 1:
        changed = "i" if character == "\u0130" and change is str.lower else character.title()
    return changed if len(changed) == 1 else character


@TABLE.add("title", _PLAIN, result=STRING)
def _title(call: Call) -> Value:
    out: list[str] = []
    previous = " "
    for character in call.text(0):
        out.append(_simple_case(character, str.title) if _separates(previous) else character)
        previous = character
    return values.string("".join(out))


def _separates(character: str) -> bool:
    """As Go's strings.Title sees it: an ASCII letter, digit or underscore never does, other characters if spaces."""
    if character.isascii():
        return not (character.isalnum() or character == "_")
    return not character.isalpha() and not character.isnumeric() and character in _SPACES


@TABLE.add("strrev", _TEXT, result=STRING)
def _strrev(call: Call) -> Value:
    return values.string("".join(reversed(clusters(call.text(0)))))


@TABLE.add(
    "substr", _TEXT, Parameter("offset", NUMBER, dynamic=True), Parameter("length", NUMBER, dynamic=True), result=STRING
)
def _substr(call: Call) -> Value:
    offset, length = call.integer(1), call.integer(2)
    characters = clusters(call.text(0))
    if offset < 0:
        offset += len(characters)
    elif length == 0:
        return values.string("")
    rest = characters[max(offset, 0) :]
    # With a negative offset Terraform does not stop at a length of 0.
    return values.string("".join(rest if length <= 0 else rest[:length]))


@TABLE.add("join", Parameter("separator", STRING), variadic=Parameter("lists", ListOf(STRING)), result=STRING)
def _join(call: Call) -> Value:
    lists = call.args[1:]
    if not lists:
        raise FunctionError("at least one list is required")
    if not all(map(values.wholly_known, lists)):
        return values.unknown(STRING)
    texts: list[str] = []
    for position, one in enumerate(lists, 1):
        for index, item in enumerate(one.items):
            if item.null:
                raise FunctionError(f"element {index} is null; cannot concatenate null values", position)
            texts.append(item.text)
    return values.string(call.text(0).join(texts))


@TABLE.add("split", Parameter("separator", STRING), _PLAIN, result=ListOf(STRING))
def _split(call: Call) -> Value:
    separator, text = call.text(0), call.text(1)
    if text.count(separator) > LARGEST:
        raise Unavailable(f"the result is too large: more than {LARGEST} elements")
    return values.list_of([values.string(part) for part in (text.split(separator) if separator else text)], STRING)


@TABLE.add("sort", Parameter("list", ListOf(STRING), unknown=True), result=ListOf(STRING))
def _sort(call: Call) -> Value:
    given = call.args[0]
    if not given.known:
        return values.unknown(call.type, given.refinement)
    if not values.wholly_known(given):
        count = len(given.items)
        return values.unknown(call.type, values.Refinement(min_length=count, max_length=count))
    for index, item in enumerate(given.items):
        if item.null:
            raise FunctionError(f"given list element {index} is null; a null string cannot be sorted")
    return values.list_of(sorted(given.items, key=lambda item: item.text.encode(errors="surrogatepass")), STRING)


@TABLE.add("chomp", _PLAIN, result=STRING)
def _chomp(call: Call) -> Value:
    return values.string(_TRAILING_NEWLINES.sub("", call.text(0), count=1))


@TABLE.add("indent", Parameter("spaces", NUMBER), _PLAIN, result=STRING)
def _indent(call: Call) -> Value:
    spaces, text = call.integer(0), call.text(1)
    if spaces < 0:
        raise FunctionError("the number of spaces must not be negative", 0)
    if spaces * (text.count("\n") + 1) > LONGEST:
        raise Unavailable("the result is too long", 0)
    return values.string(text.replace("\n", "\n" + " " * spaces))


@TABLE.add("trimspace", _PLAIN, result=STRING)
def _trimspace(call: Call) -> Value:
    return values.string(call.text(0).strip(_SPACES))


@TABLE.add("trim", _PLAIN, Parameter("cutset", STRING), result=STRING)
def _trim(call: Call) -> Value:
    text, cutset = call.text(0), call.text(1)
    return values.string(text.strip(cutset) if cutset else text)


@TABLE.add("trimprefix", _PLAIN, Parameter("prefix", STRING), result=STRING)
def _trimprefix(call: Call) -> Value:
    return values.string(call.text(0).removeprefix(call.text(1)))


@TABLE.add("trimsuffix", _PLAIN, Parameter("suffix", STRING), result=STRING)
def _trimsuffix(call: Call) -> Value:
    return values.string(call.text(0).removesuffix(call.text(1)))


@TABLE.add("startswith", Parameter("str", STRING, unknown=True), Parameter("prefix", STRING), result=BOOL)
def _startswith(call: Call) -> Value:
    prefix = call.text(1)
    if call.args[0].known:
        return values.boolean(call.text(0).startswith(prefix))
    known = call.args[0].refinement.prefix
    if not prefix or known.startswith(prefix):
        return values.TRUE
    if known and len(known.encode()) >= len(prefix.encode()):
        return values.FALSE
    return values.unknown(BOOL)


@TABLE.add("endswith", _PLAIN, Parameter("suffix", STRING), result=BOOL)
def _endswith(call: Call) -> Value:
    return values.boolean(call.text(0).endswith(call.text(1)))


@TABLE.add("strcontains", _PLAIN, Parameter("substr", STRING), result=BOOL, nullable=True)
def _strcontains(call: Call) -> Value:
    return values.boolean(call.text(1) in call.text(0))


@TABLE.add("replace", _PLAIN, Parameter("substr", STRING), Parameter("replace", STRING), result=STRING)
def _replace(call: Call) -> Value:
    text, wanted, replacement = call.text(0), call.text(1), call.text(2)
    if len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/"):
        return values.string(regexes.replace_all(wanted[1:-1], text, replacement))
    if (text.count(wanted) + 1) * len(replacement) > LONGEST:
        raise Unavailable("the result is too long")
    return values.string(text.replace(wanted, replacement))


def _pattern_type(args: Sequence[Value]) -> values.Type:
    return regexes.result_type(args[0].text) if args[0].known else values.DYNAMIC


def _pattern_types(args: Sequence[Value]) -> values.Type:
    return ListOf(_pattern_type(args))


@TABLE.add("regex", Parameter("pattern", STRING), Parameter("string", STRING), result=_pattern_type)
def _regex(call: Call) -> Value:
    found = next(regexes.matches(call.text(0), call.text(1)), None)
    if found is None:
        raise FunctionError("pattern did not match any part of the given string")
    return found


@TABLE.add("regexall", Parameter("pattern", STRING), Parameter("string", STRING), result=_pattern_types)
def _regexall(call: Call) -> Value:
    assert isinstance(call.type, ListOf)
    return values.list_of(list(regexes.matches(call.text(0), call.text(1))), call.type.element)
