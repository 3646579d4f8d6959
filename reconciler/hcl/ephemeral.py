"""Ephemeral values: they are there while Terraform runs, and nothing that is kept may hold them."""

from __future__ import annotations

from reconciler.hcl import values
from reconciler.hcl.module import Module, OutputConfig
from reconciler.hcl.scope import ExpressionError
from reconciler.hcl.values import EPHEMERAL, Value
from reconciler.model import Span


def refuse(value: Value, what: str, span: Span) -> None:
    """Raises ExpressionError where something in `value` is ephemeral."""
    if EPHEMERAL in values.deep_marks(value):
        raise ExpressionError(f"{what} cannot be ephemeral: it is kept.", span)


def check_output(config: OutputConfig, value: Value, *, root: bool) -> None:
    """Raises ExpressionError where the output of a module, or of the `root` one, may not be what it is."""
    assert config.value is not None
    if not config.ephemeral:
        refuse(value, f'The output "{config.name}", which does not say `ephemeral = true`,', config.value.span)
    elif root:
        raise ExpressionError("The outputs of a root module are kept: they cannot be ephemeral.", config.span)
    elif EPHEMERAL not in value.marks:
        what = f'The output "{config.name}" is declared as ephemeral, so its value must be.'
        raise ExpressionError(what, config.value.span)


def present_in(module: Module) -> bool:
    """Whether anything of `module` is ephemeral of itself."""
    return (
        any(variable.ephemeral for variable in module.variables.values())
        or any(output.ephemeral for output in module.outputs.values())
        or any(key[0] == "ephemeral" for key in module.resources)
    )
