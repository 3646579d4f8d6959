"""Functions on files: they see the tree at the commit and nothing else, by paths relative to the root module."""

from __future__ import annotations

import base64
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from reconciler.hcl import values
from reconciler.hcl.functions import globs
from reconciler.hcl.functions.hashing import HASHES
from reconciler.hcl.functions.spec import Call, Files, FunctionError, Parameter, Table, Unavailable
from reconciler.hcl.values import BOOL, DYNAMIC, STRING, SetOf, Type, Value

TABLE = Table()
_PATH = Parameter("path", STRING, marked=True)
_UNMARKED_PATH = Parameter("path", STRING)
_IDENTIFIER: Final = re.compile(r"[^\W\d][\w-]*\Z")


def _files(call: Call) -> Files:
    if call.context.files is None:
        raise Unavailable("there are no files here")
    return call.context.files


def _bytes(call: Call) -> bytes:
    path, files = call.text(0), _files(call)
    located = call.context.locate(path)
    try:
        return files.read(located)
    except KeyError as error:
        if _is_directory(files.paths(), located):
            raise FunctionError(f"failed to read file: {path} is a directory", 0) from error
        reason = "this function works only with files that are distributed as part of the configuration source code"
        raise FunctionError(f'no file exists at "{path}"; {reason}', 0) from error


def _is_directory(paths: Sequence[str], path: str) -> bool:
    return not path or any(other.startswith(path + "/") for other in paths)


def _text(call: Call) -> str:
    try:
        return _bytes(call).decode()
    except UnicodeDecodeError as error:
        raise FunctionError(f"contents of {call.text(0)} are not valid UTF-8; use filebase64() instead") from error


@TABLE.add("file", _PATH, result=STRING, keeps_marks=True)
def _file(call: Call) -> Value:
    return values.string(_text(call)).with_marks(call.args[0].marks)


@TABLE.add("filebase64", _PATH, result=STRING, keeps_marks=True)
def _filebase64(call: Call) -> Value:
    return values.string(base64.b64encode(_bytes(call)).decode()).with_marks(call.args[0].marks)


def _add_hash(name: str, hash_: Callable[[bytes], str]) -> None:
    @TABLE.add(f"file{name}", _UNMARKED_PATH, result=STRING)
    def _hash(call: Call) -> Value:
        return values.string(hash_(_bytes(call)))


for _name, _hash_function in HASHES.items():
    _add_hash(_name, _hash_function)


@TABLE.add("fileexists", _PATH, result=BOOL, keeps_marks=True)
def _fileexists(call: Call) -> Value:
    paths, located = _files(call).paths(), call.context.locate(call.text(0))
    if "\0" in located:
        raise FunctionError("a path has no null character in it", 0)
    if _is_directory(paths, located):
        raise FunctionError(f"{call.text(0)} is a directory, not a file", 0)
    return values.boolean(located in paths).with_marks(call.args[0].marks)


@TABLE.add("fileset", _PATH, Parameter("pattern", STRING, marked=True), result=SetOf(STRING), keeps_marks=True)
def _fileset(call: Call) -> Value:
    folder = call.context.locate(call.text(0))
    pattern = posixpath.normpath(posixpath.join(folder, call.text(1)))
    if pattern.startswith(("/", "../")):
        raise Unavailable(f"{call.text(1)} is outside the repository", 1)
    if len(pattern) > globs.LONGEST:
        raise Unavailable("the pattern is too long", 1)
    try:
        matching = sorted(set(globs.find(_files(call).paths(), pattern)))
    except globs.BadPattern as error:
        raise FunctionError(f'failed to glob pattern "{pattern}": syntax error in pattern') from error
    found = [posixpath.relpath(path, folder or ".") for path in matching]
    marks = call.args[0].marks | call.args[1].marks
    return values.set_of(map(values.string, found), STRING).with_marks(marks)


# -- templates ------------------------------------------------------------------------------------------------


@TABLE.add("templatefile", _PATH, Parameter("vars", DYNAMIC), result=DYNAMIC, nullable=True, keeps_marks=True)
def _templatefile(call: Call) -> Value:
    rendered = _rendered(call, _text(call), call.text(0))
    return rendered.with_marks(call.args[0].marks)


def _template_type(args: Sequence[Value]) -> Type:
    if args[0].type not in (STRING, DYNAMIC):
        raise FunctionError("invalid template value: a string is required", 0)
    return STRING


@TABLE.add("templatestring", Parameter("template", dynamic=True), Parameter("vars"), result=_template_type)
def _templatestring(call: Call) -> Value:
    return _rendered(call, call.text(0), "<templatestring argument>")


def _rendered(call: Call, text: str, name: str) -> Value:
    variables = call.args[1].raw
    if not isinstance(variables, Mapping):
        raise FunctionError("invalid vars value: must be a map", 1)
    for variable in variables:
        if not _IDENTIFIER.match(variable):
            raise FunctionError(f'invalid template variable name "{variable}": it must be an identifier', 1)
    if call.context.render is None:
        raise Unavailable("there is nothing to render templates with here")
    rendered = call.context.render(text, name, variables)
    if rendered.null:
        raise FunctionError(f"the result of the template {name} is null")
    return rendered


# -- paths ----------------------------------------------------------------------------------------------------


@TABLE.add("basename", _UNMARKED_PATH, result=STRING)
def _basename(call: Call) -> Value:
    path = call.text(0)
    name = posixpath.basename(path.rstrip("/"))
    return values.string(name or ("/" if path else "."))


@TABLE.add("dirname", _UNMARKED_PATH, result=STRING)
def _dirname(call: Call) -> Value:
    folder, _, _ = call.text(0).rpartition("/")
    return values.string(_clean(folder + "/" if "/" in call.text(0) else ""))


def _clean(path: str) -> str:
    cleaned = posixpath.normpath(path)
    return "/" + cleaned.lstrip("/") if cleaned.startswith("/") else cleaned


@TABLE.add("abspath", _UNMARKED_PATH, result=STRING)
def _abspath(call: Call) -> Value:
    """Known only where the path is absolute already, or somebody pretends to know where the repository lies."""
    path, cwd = call.text(0), call.context.cwd
    if cwd is not None:
        path = posixpath.join(cwd, path)
    return values.string(_clean(path)) if path.startswith("/") else values.unknown(STRING)


@TABLE.add("pathexpand", _UNMARKED_PATH, result=STRING)
def _pathexpand(call: Call) -> Value:
    path = call.text(0)
    if path.startswith("~") and path[1:2] not in ("", "/"):
        raise FunctionError("cannot expand user-specific home dir")
    return values.unknown(STRING) if path.startswith("~") else values.string(path)
