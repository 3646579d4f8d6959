"""Functions that convert between types and that set or take away marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reconciler.hcl import values
from reconciler.hcl.convert import ConversionError, conversion, convert
from reconciler.hcl.functions.spec import Call, FunctionError, Parameter, Table
from reconciler.hcl.values import (
    BOOL,
    DYNAMIC,
    EPHEMERAL,
    NUMBER,
    SENSITIVE,
    STRING,
    ListOf,
    MapOf,
    SetOf,
    Type,
    Value,
    friendly,
)

TABLE = Table()
_CONVERTED = Parameter("v", DYNAMIC, null=True, marked=True, dynamic=True)
_ALL = Parameter("value", DYNAMIC, null=True, unknown=True, dynamic=True, marked=True)


def _add_conversion(name: str, wanted: Type) -> None:
    def type_(args: Sequence[Value]) -> Type:
        given = args[0].type
        if given != wanted and conversion(given, wanted, unsafe=True) is None:
            raise FunctionError(f"cannot convert {friendly(given)} to {friendly(wanted)}", 0)
        return wanted

    @TABLE.add(
        name,
        Parameter("v", DYNAMIC, null=True, marked=True, dynamic=True),
        result=type_,
        nullable=True,
        keeps_marks=True,
    )
    def _convert(call: Call) -> Value:
        try:
            return convert(call.args[0], wanted)
        except ConversionError as error:
            raise FunctionError(_refusal(call.args[0], wanted, error), 0) from error


def _refusal(value: Value, wanted: Type, error: ConversionError) -> str:
    given = friendly(value.type)
    if SENSITIVE in values.deep_marks(value):
        return f"cannot convert this sensitive {given} to {friendly(wanted)}"
    if isinstance(value.raw, str) and wanted == BOOL:
        return f'cannot convert "{value.raw}" to bool; only the strings "true" or "false" are allowed'
    if isinstance(value.raw, str) and wanted == NUMBER:
        return f'cannot convert "{value.raw}" to number; given string must be a decimal representation of a number'
    return f"cannot convert {given} to {friendly(wanted)}: {error}"


for _name, _type in {
    "tostring": STRING,
    "tonumber": NUMBER,
    "tobool": BOOL,
    "tolist": ListOf(DYNAMIC),
    "toset": SetOf(DYNAMIC),
    "tomap": MapOf(DYNAMIC),
}.items():
    _add_conversion(_name, _type)


def _same_type(args: Sequence[Value]) -> Type:
    return args[0].type


@TABLE.add("sensitive", _ALL, result=_same_type, nullable=True)
def _sensitive(call: Call) -> Value:
    return call.args[0].marked(SENSITIVE)


@TABLE.add("nonsensitive", _ALL, result=_same_type, nullable=True)
def _nonsensitive(call: Call) -> Value:
    value = call.args[0]
    return replace(value, marks=value.marks - {SENSITIVE})


@TABLE.add("issensitive", _ALL, result=BOOL, nullable=True)
def _issensitive(call: Call) -> Value:
    value = call.args[0]
    if SENSITIVE in value.marks:
        return values.TRUE
    return values.FALSE if value.known else values.unknown(BOOL)


@TABLE.add("ephemeralasnull", _ALL, result=_same_type, nullable=True)
def _ephemeralasnull(call: Call) -> Value:
    return _without_ephemeral(call.args[0])


def _without_ephemeral(value: Value) -> Value:
    if EPHEMERAL in value.marks:
        return values.null(value.type).with_marks(value.marks - {EPHEMERAL})
    if EPHEMERAL not in values.deep_marks(value):
        return value
    return values.rebuilt(value, [_without_ephemeral(item) for item in value.items])
