"""Functions: what rides along, what is refused and why, and exact texts that Terraform 1.11.4 gave."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.hcl import functions, values
from reconciler.hcl.functions import FunctionContext, FunctionError, Unavailable, call
from reconciler.hcl.graphemes import clusters
from reconciler.hcl.tree import MemoryTree
from reconciler.hcl.values import SENSITIVE, STRING, ListOf, Value
from reconciler.model import UNKNOWN, Origin, Plain, Span

plain = values.from_plain


def at(line: int) -> Origin:
    return Origin(Span("main.tf", 0, 1, line))


def text(line: int, content: str = "x") -> Value:
    return values.string(content, at(line))


def ask(name: str, *arguments: Plain, context: FunctionContext | None = None) -> Plain:
    return values.to_plain(call(name, [plain(argument) for argument in arguments], context))


# -- origins --------------------------------------------------------------------------------------------------

LIST = values.tuple_of([text(1, "a"), text(2, "b")])
MAP = values.object_of({"k": text(3, "v")})


@pytest.mark.parametrize(
    ("name", "arguments", "line"),
    [
        ("element", [LIST, plain(1)], 2),
        ("lookup", [MAP, plain("k")], 3),
        ("lookup", [MAP, plain("no"), text(4)], 4),
        ("coalesce", [values.null(), plain(""), text(5)], 5),
        ("one", [values.tuple_of([text(6)])], 6),
        ("sensitive", [text(7)], 7),
        ("nonsensitive", [text(7)], 7),
        ("max", [values.number(1, at(8)), values.number(2, at(9))], 9),
        ("tostring", [values.number(60, at(10))], 10),
    ],
)
def test_a_value_that_is_passed_through_keeps_its_origin(name: str, arguments: list[Value], line: int) -> None:
    assert call(name, arguments).origin == at(line)


@pytest.mark.parametrize(
    ("name", "arguments", "lines"),
    [
        ("concat", [LIST, LIST], [1, 2, 1, 2]),
        ("flatten", [values.tuple_of([LIST, text(3)])], [1, 2, 3]),
        ("reverse", [LIST], [2, 1]),
        ("slice", [LIST, plain(1), plain(2)], [2]),
        ("tolist", [LIST], [1, 2]),
        ("toset", [LIST], [1, 2]),
        ("sort", [LIST], [1, 2]),
        ("distinct", [LIST], [1, 2]),
        ("values", [MAP], [3]),
        ("merge", [MAP, values.object_of({"z": text(4)})], [3, 4]),
        ("tomap", [MAP], [3]),
        ("zipmap", [plain(["a", "b"]), LIST], [1, 2]),
        ("setunion", [values.set_of([text(1, "a")]), values.set_of([text(2, "b")])], [1, 2]),
        ("compact", [values.list_of([text(1, ""), text(2)])], [2]),
    ],
)
def test_elements_that_are_passed_through_keep_theirs(name: str, arguments: list[Value], lines: list[int]) -> None:
    assert [item.origin for item in call(name, arguments).items] == [at(line) for line in lines]


@pytest.mark.parametrize(
    ("name", "arguments"), [("upper", [text(1)]), ("format", [text(1, "%s"), text(2)]), ("length", [LIST])]
)
def test_what_is_computed_has_no_origin(name: str, arguments: list[Value]) -> None:
    assert call(name, arguments).origin is None


# -- marks ----------------------------------------------------------------------------------------------------


def test_marks_of_elements_and_of_the_whole() -> None:
    secret = values.object_of({"a": values.string("x").marked(SENSITIVE)})
    assert not call("keys", [secret]).marks
    assert not call("length", [secret]).marks
    assert call("keys", [secret.marked(SENSITIVE)]).marks == {SENSITIVE}
    assert call("jsonencode", [secret]).marks == {SENSITIVE}
    assert call("values", [secret]).items[0].marks == {SENSITIVE}
    assert call("issensitive", [secret]).raw is False


# -- files ----------------------------------------------------------------------------------------------------

TREE = MemoryTree({"infra/f.txt": b"hi", "infra/sub/a.json": b"{}", "modules/m/t.tftpl": b"${x}", "bad.bin": b"\xff"})


def render(text: str, name: str, variables: Mapping[str, Value]) -> Value:
    return values.string(f"{name}: {text} {sorted(variables)}")


CONTEXT = FunctionContext(TREE, "infra", render)


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("file", ["f.txt"], "hi"),
        ("file", ["./sub/../f.txt"], "hi"),
        ("file", ["../infra/f.txt"], "hi"),
        ("fileexists", ["nope"], False),
        ("fileset", ["", "**"], ["f.txt", "sub/a.json"]),
        ("fileset", [".", "../*/f.*"], ["f.txt"]),
        ("fileset", ["..", "{modules,infra}/**/*.t*"], ["infra/f.txt", "modules/m/t.tftpl"]),
        ("filemd5", ["f.txt"], "49f68a5c8493ec2c0bf489821c21fc3b"),
        ("filebase64", ["../bad.bin"], "/w=="),
        ("templatefile", ["../modules/m/t.tftpl", {"x": 1}], "../modules/m/t.tftpl: ${x} ['x']"),
        ("abspath", ["f.txt"], UNKNOWN),
    ],
)
def test_files_of_the_tree(name: str, arguments: list[Plain], result: Plain) -> None:
    assert ask(name, *arguments, context=CONTEXT) == result


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "~/.aws/credentials", "sub/../../../x"])
@pytest.mark.parametrize("name", ["file", "fileexists", "filebase64", "filesha256"])
def test_nothing_outside_of_the_tree_is_read(name: str, path: str) -> None:
    with pytest.raises(Unavailable, match="outside the repository"):
        ask(name, path, context=CONTEXT)


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("file", ["nope.txt"], "no file exists"),
        ("file", ["sub"], "is a directory"),
        ("file", ["../bad.bin"], "not valid UTF-8"),
        ("templatefile", ["f.txt", []], "must be a map"),
        ("templatefile", ["f.txt", {"a b": 1}], "must be an identifier"),
    ],
)
def test_errors_of_files(name: str, arguments: list[Plain], reason: str) -> None:
    with pytest.raises(FunctionError, match=reason) as caught:
        ask(name, *arguments, context=CONTEXT)
    assert not isinstance(caught.value, Unavailable)


# -- errors ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments", "argument", "reason"),
    [
        ("upper", [], None, "expects 1 argument"),
        ("upper", ["a", "b"], None, "only 1 argument"),
        ("upper", [[]], 0, 'invalid value for "str" parameter: string required, but have tuple'),
        ("upper", ["a", None], None, "only 1"),
        ("split", [",", ["a"]], 1, 'invalid value for "str" parameter'),
        ("join", [",", ["a", None]], 1, "element 1 is null"),
        ("nope", [], None, 'no function named "nope"'),
        ("regex", ["(", "a"], 0, "invalid regexp pattern"),
        ("tonumber", ["x"], 0, 'cannot convert "x" to number'),
        ("yamldecode", ["a: [1"], 0, "invalid YAML"),
        ("jsondecode", ["{"], None, "invalid JSON"),
        ("log", [-1, 2], None, "no number"),
    ],
)
def test_errors_say_where_and_why(name: str, arguments: list[Plain], argument: int | None, reason: str) -> None:
    with pytest.raises(FunctionError, match=reason) as caught:
        ask(name, *arguments)
    assert caught.value.argument == argument


def test_an_error_about_a_secret_does_not_tell_it() -> None:
    secret = values.string("s3cret").marked(SENSITIVE)
    for name in ("tonumber", "base64decode"):
        with pytest.raises(FunctionError) as caught:
            call(name, [secret])
        assert "s3cret" not in str(caught.value), name


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("base64gzip", ["x"]),
        ("indent", [10**9, "a\nb"]),
        ("format", ["%2000000d", 1]),
        ("setproduct", [list(range(400)), list(range(400))]),
        ("tonumber", ["1e99999"]),
    ],
)
def test_what_only_terraform_can_tell(name: str, arguments: list[Plain]) -> None:
    with pytest.raises(FunctionError) as caught:
        ask(name, *arguments)
    assert name == "tonumber" or isinstance(caught.value, Unavailable)


def test_what_depends_on_the_moment_is_unknown() -> None:
    for name in ("timestamp", "plantimestamp", "uuid"):
        assert call(name, []).raw is UNKNOWN
        assert call(name, []).definitely_not_null
    assert ask("bcrypt", "secret") is UNKNOWN


# -- exact texts ----------------------------------------------------------------------------------------------

WORDS = " ".join(["word"] * 25)


@pytest.mark.parametrize(
    ("value", "yaml"),
    [
        (
            {"a": 1, "b": "x", "c": [1, {"d": 3}], "e": {}, "f": [], "g": None},
            '"a": 1\n"b": "x"\n"c":\n- 1\n- "d": 3\n"e": {}\n"f": []\n"g": null\n',
        ),
        ("a\nb\n", "|\n  a\n  b\n"),
        ({"a": "x\n\n", "b": "  y\nx"}, '"a": |+\n  x\n\n"b": |2-\n    y\n  x\n'),
        (1.5, "1.5\n...\n"),
        ([[1, 2], [[3]]], "- - 1\n  - 2\n- - - 3\n"),
        (WORDS, f'"{WORDS[:84]}\n  {WORDS[85:]}"\n'),
        (["\U0001f600é\u2028"], '- "\\U0001F600é\\L"\n'),
        ({"m\nn": [1]}, "? |-\n  m\n  n\n: - 1\n"),
    ],
)
def test_yamlencode(value: Plain, yaml: str) -> None:
    assert ask("yamlencode", value) == yaml


@pytest.mark.parametrize(
    ("yaml", "value"),
    [
        ("yes", True), ("014", 14), ("0o14", 12), ("1_000", "1_000"), ("0x1F", 31), ("~", None), ("'12'", "12"),
        ("2020-01-02", "2020-01-02T00:00:00Z"),
        ("a: &x {b: 1}\nc: {<<: *x, d: 2}", {"a": {"b": 1}, "c": {"b": 1, "d": 2}}),
        ("!!int \"12\"", "12"), ("-0x1f", "-0x1f"), ("a: |\n  12\n", {"a": "12\n"}),
    ],
)  # fmt: skip
def test_yamldecode(yaml: str, value: Plain) -> None:
    assert ask("yamldecode", yaml) == value


def test_a_yaml_document_that_doubles_at_each_line_is_refused() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 40)]
    with pytest.raises(FunctionError, match="too large"):
        ask("yamldecode", "\n".join(lines))


@pytest.mark.parametrize("document", ["[" * 100_000, '{"a":' * 50_000])
@pytest.mark.parametrize("name", ["jsondecode", "yamldecode"])
def test_deep_documents_are_refused(name: str, document: str) -> None:
    with pytest.raises(FunctionError):
        ask(name, document)


def test_jsonencode() -> None:
    assert ask("jsonencode", {"b": '<&>\u2028"é\x07', "a": [1.5, 1e30, None]}) == (
        '{"a":[1.5,1000000000000000000000000000000,null],"b":"\\u003c\\u0026\\u003e\\u2028\\"é\\u0007"}'
    )


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("e\u0301x", ["e\u0301", "x"]),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467!", ["\U0001f468\u200d\U0001f469\u200d\U0001f467", "!"]),
        ("\U0001f1e9\U0001f1ea\U0001f1eb", ["\U0001f1e9\U0001f1ea", "\U0001f1eb"]),
        ("a\r\nb", ["a", "\r\n", "b"]),
        ("\u1100\u1161\u11a8\uac00", ["\u1100\u1161\u11a8", "\uac00"]),
        ("", []),
    ],
)
def test_graphemes(text: str, parts: list[str]) -> None:
    assert clusters(text) == parts


@settings(deadline=None)  # the first text loads the tables
@given(st.text(max_size=30))
def test_graphemes_lose_nothing(content: str) -> None:
    assert "".join(clusters(content)) == content


@given(st.sampled_from(sorted(functions.FUNCTIONS)), st.lists(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(UNKNOWN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
), max_size=4))  # fmt: skip
def test_no_arguments_end_in_a_traceback(name: str, arguments: list[Plain]) -> None:
    try:
        call(name, [plain(argument) for argument in arguments], CONTEXT)
    except FunctionError as error:
        assert error.reason


def test_names_in_the_core_namespace() -> None:
    assert ask("core::upper", "a") == "A"
    assert call("tolist", [values.list_of([], STRING)]).type == ListOf(STRING)
