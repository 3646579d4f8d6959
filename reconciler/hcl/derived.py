"""What the AWS provider works out while it plans from what else the configuration says, instead of leaving it to AWS.

The domains that a new certificate has to be validated for are known by then, so that `for_each` can go over them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from reconciler.hcl import values
from reconciler.hcl.functions import Unavailable
from reconciler.hcl.shapes import BlockObject
from reconciler.hcl.values import STRING, SetOf, Value
from reconciler.model import UNKNOWN, Plain

_Derive: TypeAlias = Callable[[BlockObject], Mapping[str, Plain]]
_NAMES: Final = "subject_alternative_names"


def derive(type_name: str, block: BlockObject, *, exists: bool) -> None:
    """Changes what `block` is given where the provider does, and lets it know what is left out and known all the same.

    Of what `exists` already, what is left out is what it is live.
    """
    work_out = _DERIVED.get(type_name)
    if work_out is None:
        return
    found = work_out(block)
    if not exists:
        block.prior = found


def _certificate(block: BlockObject) -> Mapping[str, Plain]:
    """The domain is one of the names, as ACM has it; each name is validated by a DNS record of its own."""
    domain, given = block.given.get("domain_name"), block.given.get(_NAMES)
    if not isinstance(domain, Value) or not isinstance(domain.raw, str) or isinstance(given, Unavailable):
        return {}
    known = given.items if given is not None and not given.null and values.wholly_known(given) else ()
    names = values.ordered(values.distinct([*known, domain.unmarked()]))
    plain: dict[str, Plain] = {_NAMES: [name.text for name in names]}
    if given is not None and not given.null:
        block.given = {**block.given, _NAMES: replace(given, type=SetOf(STRING), raw=names)}
    method = block.given.get("validation_method")
    if isinstance(method, Value) and method.raw == "DNS":
        plain["domain_validation_options"] = [
            {"domain_name": name, **dict.fromkeys(_RECORD, UNKNOWN)}
            for name in sorted({name.text.removesuffix(".") for name in names})
        ]
    return plain


_RECORD: Final = ("resource_record_name", "resource_record_type", "resource_record_value")


def _function(block: BlockObject) -> Mapping[str, Plain]:
    """An environment without variables is none."""
    environment = block.given.get("environment")
    if isinstance(environment, Value) and isinstance(environment.raw, tuple):
        kept = tuple(item for item in environment.raw if not _empty(item))
        block.given = {**block.given, "environment": replace(environment, raw=kept)}
    return {}


def _empty(environment: Value) -> bool:
    variables = environment.raw.given.get("variables") if isinstance(environment.raw, BlockObject) else None
    return variables is None or (isinstance(variables, Value) and not variables.raw)


_REUSE: Final = "kms_data_key_reuse_period_seconds"


def _queue(block: BlockObject) -> Mapping[str, Plain]:
    """A queue that is encrypted with a key of SQS itself reuses no data key, and so for no time."""
    managed = block.given.get("sqs_managed_sse_enabled")
    if not isinstance(managed, Value) or managed.raw is not True:
        return {}
    block.given = {name: value for name, value in block.given.items() if name != _REUSE}
    return {_REUSE: 0}


_DERIVED: Final[Mapping[str, _Derive]] = {
    "aws_acm_certificate": _certificate,
    "aws_lambda_function": _function,
    "aws_sqs_queue": _queue,
}
