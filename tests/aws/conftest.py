from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import pytest

from reconciler.model import Provider
from reconciler.sandbox.aws_endpoint import AwsEndpoint
from tests.aws.faulty import Faulty

REGION = "eu-west-1"


@pytest.fixture(scope="session")
def endpoint() -> Iterator[AwsEndpoint]:
    with AwsEndpoint() as running:
        yield running


@pytest.fixture
def moto(endpoint: AwsEndpoint) -> AwsEndpoint:
    """The endpoint of this folder's tests, emptied."""
    request = urllib.request.Request(f"{endpoint.url}/moto-api/reset", method="POST")  # noqa: S310
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310
    return endpoint


@pytest.fixture
def faulty(moto: AwsEndpoint) -> Iterator[Faulty]:
    """A proxy before the endpoint, without faults until a test adds them."""
    with Faulty(moto.url) as proxy:
        yield proxy


@pytest.fixture
def provider() -> Provider:
    return Provider(region=REGION, access_key="test", secret_key="test", s3_use_path_style=True)
