"""What is slow to import is imported when it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from reconciler.resources import TYPES


def modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_importing_the_edge_imports_no_botocore() -> None:
    loaded = modules_after("import reconciler.aws\nreconciler.aws.Cloud()")
    assert not {name for name in loaded if name.startswith(("botocore", "boto3"))}


def test_a_type_imports_its_own_file() -> None:
    loaded = modules_after("from reconciler.resources import TYPES\nTYPES['aws_sqs_queue']")
    assert "reconciler.resources.sqs" in loaded
    assert "reconciler.resources.iam" not in loaded


@pytest.mark.parametrize("name", ["aws_no_such_thing", "aws_sqs_nothing", "aws_sqs", "sqs", ""])
def test_types_that_are_not_there(name: str) -> None:
    assert name not in TYPES
    assert TYPES.get(name) is None
