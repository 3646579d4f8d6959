"""Answers the data sources that only the cloud can: what cannot be answered stays unknown, never wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from reconciler.aws import Cloud
from reconciler.errors import CloudError
from reconciler.hcl.evaluate import DataRequest
from reconciler.model import Gap, Plain

Answer = Mapping[str, Plain]


def answer(
    requests: Sequence[DataRequest], cloud: Cloud, given: Mapping[str, Answer]
) -> tuple[dict[str, Answer], list[Gap]]:
    """`given` with an answer for each request that can be answered; what failed to be read is a gap."""
    answers = dict(given)
    gaps: list[Gap] = []
    for request in requests:
        reader = _READERS.get(request.type)
        if reader is None or request.address in answers:
            continue
        try:
            answers[request.address] = reader(request, cloud)
        except CloudError as error:
            gaps.append(Gap(str(error), address=request.address, region=request.provider.region))
    return answers, gaps


def _caller_identity(request: DataRequest, cloud: Cloud) -> Answer:
    identity = cloud.identity(request.provider)
    return {"id": identity.account, "account_id": identity.account, "arn": identity.arn}


_READERS: Final[Mapping[str, Callable[[DataRequest, Cloud], Answer]]] = {
    "aws_caller_identity": _caller_identity,
}
