from __future__ import annotations

from collections.abc import Iterator

import pytest

from reconciler.sandbox.aws_endpoint import AwsEndpoint


@pytest.fixture
def aws() -> Iterator[AwsEndpoint]:
    """A fresh AWS endpoint (moto) on loopback."""
    with AwsEndpoint() as endpoint:
        yield endpoint
