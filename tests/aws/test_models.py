"""The packed descriptions: what reading needs of botocore's, no more; botocore's own for all else."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from reconciler.aws import models, pack_models
from reconciler.aws.session import ProviderSession, Settings
from reconciler.model import Provider

PROVIDER = Provider("aws", "eu-west-1", access_key="a", secret_key="b")
REMEDY = "run `python -m reconciler.aws.pack_models` and commit reconciler/aws/models.bin"


def _opened(value: Any) -> Any:
    if isinstance(value, bytes):
        return _opened(models.MSGPACK.unpackb(zlib.decompress(value)))
    return {name: _opened(part) for name, part in value.items()} if isinstance(value, dict) else value


@pytest.fixture(scope="module")
def pack() -> Any:
    return models.contents()


def test_the_pack_has_every_operation_that_is_read_by(pack: Any) -> None:
    missing = {
        f"{service}:{name}"
        for service, names in pack_models.operations().items()
        for name in names - set(pack["services"].get(service, {}).get("operations", ()))
    }
    assert not missing, REMEDY


def test_the_pack_is_what_the_locked_botocore_says(pack: Any) -> None:
    if botocore.__version__ != pack["botocore"]:
        pytest.skip(f"the pack is of botocore {pack['botocore']}")
    assert _opened(pack) == _opened(models.MSGPACK.unpackb(pack_models.build())), REMEDY


@pytest.mark.parametrize("service", ["ec2", "s3", "iam", "sqs"])
def test_operations_have_the_shapes_that_botocore_gives_them(pack: Any, service: str) -> None:
    mine = ServiceModel(models.PackedLoader(Loader(), pack).load_service_model(service, "service-2"), service)
    theirs = ServiceModel(Loader().load_service_model(service, "service-2"), service)
    for name in mine.operation_names:
        for side in ("input_shape", "output_shape"):
            ours, whole = getattr(mine.operation_model(name), side), getattr(theirs.operation_model(name), side)
            assert _outline(ours) == _outline(whole), name


def _outline(shape: Any, above: tuple[str, ...] = ()) -> Any:
    if shape is None or shape.name in above:
        return None
    above = (*above, shape.name)
    facts: list[Any] = [shape.type_name, shape.serialization, shape.metadata]
    match shape.type_name:
        case "structure":
            return facts, {name: _outline(member, above) for name, member in shape.members.items()}
        case "list":
            return facts, _outline(shape.member, above)
        case "map":
            return facts, _outline(shape.key, above), _outline(shape.value, above)
        case _:
            return facts


def test_what_the_pack_leaves_out_comes_from_botocore() -> None:
    session = ProviderSession(PROVIDER, Settings())
    lean = session.client("sqs", "ListQueues")
    assert not hasattr(lean, "send_message")
    whole = session.client("sqs", "SendMessage")
    assert hasattr(whole, "send_message")
    assert session.client("sqs", "ListQueues") is whole
    assert session.model("sqs", "SendMessage").input_shape.members["MessageBody"].type_name == "string"
    assert session.client("organizations", "ListAccounts")


def test_who_wants_other_descriptions_gets_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pack: dict[str, Any]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert models.in_front_of(Loader(), None) is not None
    assert models.in_front_of(Loader(), str(tmp_path)) is None
    monkeypatch.setattr(botocore, "__version__", "1.40.0")
    assert models.in_front_of(Loader(), None) is None
    monkeypatch.setattr(botocore, "__version__", f"{pack['botocore']}.1")
    (tmp_path / ".aws" / "models").mkdir(parents=True)
    assert models.in_front_of(Loader(), None) is None
