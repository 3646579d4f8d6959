"""Real Terraform applies a configuration; our attributes are those of its refreshed state, one by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.model import Provider
from tests.support.agreement import REGION, applied
from tests.support.terraform import needs_provider

ESTATES = Path(__file__).with_name("estates")


def agree(folder: str, provider: Provider | None = None) -> None:
    with applied(ESTATES / folder, provider=provider) as estate:
        found = estate.disagreements()
        compared = {resource["type"] for resource in estate.managed()} - set(estate.unsupported())
    assert not found, "\n".join(map(str, found))
    assert len(compared) > 10


@needs_provider
@pytest.mark.terraform
def test_what_is_written_in_more_than_one_way() -> None:
    agree(
        "edges",
        Provider(
            region=REGION,
            access_key="test",
            secret_key="test",
            s3_use_path_style=True,
            default_tags=(("Stage", "live"), ("Team", "core")),
            ignore_tags=("Ignored",),
            ignore_tag_prefixes=("kubernetes.io/",),
        ),
    )


@needs_provider
@pytest.mark.oracle
def test_the_first_slice() -> None:
    """Queues, functions and IPv6 networks take the provider half a minute each."""
    agree("first")
