"""Functions of the AWS provider itself, which a configuration calls as provider::aws::arn_parse(…)."""

from __future__ import annotations

from typing import Final

from reconciler.hcl import values
from reconciler.hcl.functions.spec import Call, FunctionError, Parameter, Table
from reconciler.hcl.values import STRING, Value, object_type

TABLE = Table()
_PARTS: Final = ("partition", "service", "region", "account_id", "resource")
_ARN: Final = Parameter("arn", STRING)


def _parsed(text: str) -> dict[str, str]:
    if not text.startswith("arn:"):
        raise FunctionError(f'"{text}" is no ARN: it does not begin with "arn:"', 0)
    parts = text.split(":", 5)[1:]
    if len(parts) < len(_PARTS):
        raise FunctionError(f'"{text}" is no ARN: it has not enough sections', 0)
    return dict(zip(_PARTS, parts, strict=True))


def _built(parts: dict[str, str]) -> str:
    return ":".join(["arn", *(parts[name] for name in _PARTS)])


@TABLE.add("arn_parse", _ARN, result=object_type(dict.fromkeys(_PARTS, STRING)), nullable=True)
def _arn_parse(call: Call) -> Value:
    return values.object_of({name: values.string(part) for name, part in _parsed(call.text(0)).items()})


@TABLE.add("arn_build", *(Parameter(name, STRING) for name in _PARTS), result=STRING, nullable=True)
def _arn_build(call: Call) -> Value:
    return values.string(_built({name: call.text(index) for index, name in enumerate(_PARTS)}))


@TABLE.add("trim_iam_role_path", _ARN, result=STRING, nullable=True)
def _trim_iam_role_path(call: Call) -> Value:
    parts = _parsed(call.text(0))
    kind, *path = parts["resource"].split("/")
    if parts["service"] != "iam" or parts["region"] or kind != "role" or not path:
        raise FunctionError(f'"{call.text(0)}" is not the ARN of an IAM role', 0)
    return values.string(_built({**parts, "resource": f"role/{path[-1]}"}))
