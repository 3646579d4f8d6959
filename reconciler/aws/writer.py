"""Carries out `model.Operation`: JSON parameters in, a JSON answer out."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from reconciler.aws.caller import AwsCaller
from reconciler.errors import CloudError
from reconciler.model import Json, Operation


def run(caller: AwsCaller, operation: Operation) -> dict[str, Json]:
    """One call. Raises CallFailed where AWS refuses, CloudError where AWS has no such operation."""
    shape = _input_shape(caller, operation)
    parameters = {
        name: _typed(value, shape.members[name]) if shape and name in shape.members else value
        for name, value in operation.parameters.items()
    }
    answer = caller.once(str(operation), parameters)
    caller.forget()
    return {name: _plain(value) for name, value in answer.items()}


def _input_shape(caller: AwsCaller, operation: Operation) -> Any:
    from botocore.exceptions import BotoCoreError
    from botocore.model import OperationNotFoundError

    try:
        return caller.session.model(operation.service, operation.operation).input_shape
    except (BotoCoreError, OperationNotFoundError) as error:
        hint = "the plan names an operation that this version of botocore does not know"
        raise CloudError("AWS has no such operation", where=str(operation), hint=hint) from error


def _typed(value: Any, shape: Any) -> Any:
    """JSON has no blobs: they are base64 text there."""
    match shape.type_name:
        case "blob" if isinstance(value, str):
            try:
                return base64.b64decode(value, validate=True)
            except binascii.Error as error:
                raise CloudError(f"the parameter {shape.name} is no base64: {error}") from error
        case "structure" if isinstance(value, dict):
            given = cast("Mapping[str, Any]", value)
            return {n: _typed(v, shape.members[n]) if n in shape.members else v for n, v in given.items()}
        case "list" if isinstance(value, list):
            return [_typed(item, shape.member) for item in cast("list[Any]", value)]
        case "map" if isinstance(value, dict):
            return {n: _typed(v, shape.value) for n, v in cast("Mapping[str, Any]", value).items()}
        case _:
            return value


def _plain(value: Any) -> Json:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case bytes():
            return base64.b64encode(value).decode()
        case datetime():
            return value.isoformat()
        case dict():
            return {str(n): _plain(v) for n, v in cast("dict[Any, Any]", value).items()}
        case list() | tuple():
            return [_plain(item) for item in cast("list[Any]", value)]
        case _ if hasattr(value, "read"):
            return base64.b64encode(value.read()).decode()
        case _:
            return str(value)
