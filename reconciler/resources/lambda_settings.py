"""What becomes of asynchronous calls of functions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.lambda_ import FUNCTIONS
from reconciler.resources.shapes import Shape, getters, number, one, value, write
from reconciler.resources.spec import At, Attributes, Read, Record, ResourceType, Scope, Semantics, Subject, Write, dig
from reconciler.resources.writing import operation

_UNPUBLISHED: Final = "$LATEST"


def _nowhere(found: Any) -> bool:
    return not found.get("Destination")


_TO: Final[Shape] = {"destination": value("Destination")}
_SETTINGS: Final[Shape] = {
    "destination_config": one(
        "DestinationConfig",
        {"on_failure": one("OnFailure", _TO, unless=_nowhere), "on_success": one("OnSuccess", _TO, unless=_nowhere)},
        unless=lambda found: not (dig(found, "OnFailure.Destination") or dig(found, "OnSuccess.Destination")),
    ),
    "maximum_event_age_in_seconds": number("MaximumEventAgeInSeconds"),
    "maximum_retry_attempts": number("MaximumRetryAttempts", zero=True),
}


def _function(record: Record, _scope: Scope) -> str:
    return str(dig(record, "parent.FunctionName"))


def _qualifier(record: Record, _scope: Scope) -> str:
    """An alias or version; the function as a whole is told as $LATEST, or not at all."""
    steps = str(record["FunctionArn"]).split(":")
    return steps[7] if len(steps) > 7 and steps[7] != _UNPUBLISHED else ""


def _id(record: Record, scope: Scope) -> str:
    qualifier = _qualifier(record, scope)
    return f"{_function(record, scope)}:{qualifier}" if qualifier else _function(record, scope)


def _named(attributes: Attributes) -> dict[str, Json]:
    return {"FunctionName": attributes["function_name"], "Qualifier": attributes.get("qualifier") or None}


def _put(subject: Subject) -> Iterable[Operation]:
    """The whole of it: what is left out is taken away."""
    given = {**_named(subject.known), **write(_SETTINGS, subject.known)}
    yield operation("lambda:PutFunctionEventInvokeConfig", given)


def _delete(subject: Subject) -> Iterable[Operation]:
    yield operation("lambda:DeleteFunctionEventInvokeConfig", _named(subject.known))


_PUTTING: Final = ("lambda:PutFunctionEventInvokeConfig",)

_INVOKE: Final = ResourceType(
    name="aws_lambda_function_event_invoke_config",
    list=Read(
        "lambda:ListFunctionEventInvokeConfigs",
        "FunctionEventInvokeConfigs",
        {"FunctionName": At("FunctionName")},
        under=FUNCTIONS,
        hides={"function_name": At("FunctionName")},
        absent=frozenset(("ResourceNotFoundException",)),
    ),
    id=_id,
    # The state's id has the function as the code names it: by name or by ARN.
    id_from_live=False,
    import_id=_id,
    natural_keys=(("function_name", "qualifier"),),
    attributes={**getters(_SETTINGS), "function_name": _function, "id": _id, "qualifier": _qualifier},
    semantics={"function_name": Semantics.NAME_OR_ARN},
    writes=(Write(_PUTTING, frozenset(_SETTINGS), _put),),
    create=Write(_PUTTING, frozenset(), _put),
    delete=Write(("lambda:DeleteFunctionEventInvokeConfig",), frozenset(), _delete),
)

TYPES: Final = (_INVOKE,)
