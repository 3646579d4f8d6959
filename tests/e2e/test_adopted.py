"""What is live and the provider would refuse does not get into code."""

from __future__ import annotations

from pathlib import Path

from tests.support.world import REGION, world

CODE = f"""
provider "aws" {{
  region = "{REGION}"
}}
resource "aws_sqs_queue" "q" {{
  name             = "q"
  max_message_size = 2048
}}
"""


def test_a_size_that_the_provider_does_not_take_is_not_adopted(tmp_path: Path) -> None:
    """SQS takes messages of 1 MiB; the provider would refuse the whole configuration."""
    with world(tmp_path) as made:
        for name, size in (("q", "1048576"), ("large", "1048576"), ("small", "4096")):
            made.client("sqs").create_queue(QueueName=name, Attributes={"MaximumMessageSize": size})
        made.commit({"main.tf": CODE}, "code")
        told = made.reconcile("propose").stdout.splitlines()
        opened = sorted(line.split("  ")[-2].strip() for line in told if line.startswith("opened"))
        assert len(opened) == 2, told
        assert opened[0].startswith("Adopt drift: aws_sqs_queue") and opened[0].endswith("small is not in the code")
        assert opened[1] == "Revert drift: aws_sqs_queue.q: max_message_size"
        (held,) = (line for line in told if line.startswith("held"))
        assert "large is not in the code" in held and "the provider takes no max_message_size above 262144" in held
