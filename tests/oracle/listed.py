"""What is known to be otherwise, each with the reason. What is listed here and no longer needed fails the oracle.

Names are "type.attribute". "golden", "wide" and "demo" are the estates; without a list of them a line is for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ESTATES: Final = ("golden", "wide", "demo")


@dataclass(frozen=True, slots=True)
class Listed:
    """`sometimes`: chance (of order, or time) decides whether it is needed, so that nothing follows if it is not."""

    reason: str
    estates: tuple[str, ...] = ESTATES
    sometimes: bool = False


GOLDEN: Final = ("golden",)

_NO_ACCOUNT: Final = Listed("the provider leaves the account out: skip_requesting_account_id", ("wide",))

# Where Terraform's refreshed state of an untouched estate and our reading are not the same.
DISPUTED: Final[Mapping[str, Listed]] = {
    "aws_api_gateway_rest_api.execution_arn": _NO_ACCOUNT,
    "aws_api_gateway_stage.execution_arn": _NO_ACCOUNT,
    "aws_apigatewayv2_api.execution_arn": _NO_ACCOUNT,
    "aws_apigatewayv2_stage.execution_arn": _NO_ACCOUNT,
    "aws_eip.arn": _NO_ACCOUNT,
    "aws_vpc_endpoint_service.arn": _NO_ACCOUNT,
    "aws_vpc_security_group_egress_rule.arn": _NO_ACCOUNT,
    "aws_vpc_security_group_ingress_rule.arn": _NO_ACCOUNT,
    "aws_cognito_user_pool_domain.aws_account_id": Listed("moto makes up another at every read", GOLDEN),
}

# What a scan of an untouched estate finds, because the emulator keeps less than it takes. Terraform's plan has to say
# the same of each: a difference that Terraform does not see cannot be listed.
FORGOTTEN: Final[Mapping[str, Listed]] = {}

# What lives in an untouched estate and no code describes: "type" -> what made it.
STRAY: Final[Mapping[str, Listed]] = {}

# Why a resource of an untouched estate cannot be compared: pattern of the reason -> why that is as it has to be.
UNVERIFIED: Final[Mapping[str, Listed]] = {}

# Mutations that the emulator takes and keeps nothing of: nothing is to be seen of them, by Terraform neither.
UNKEPT: Final[Mapping[str, Listed]] = {}

# Mapped attributes that can be changed and that no mutation reaches.
UNTRIED: Final[Mapping[str, Listed]] = {}


def stale(table: Mapping[str, Listed], estate: str, needed: set[str]) -> list[str]:
    """What is listed for the estate and was not needed in it."""
    return [
        name for name, entry in table.items() if estate in entry.estates and not entry.sometimes and name not in needed
    ]
