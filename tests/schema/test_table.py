"""The packaged table: what it knows, how large and how fast it is, and how a broken one is told."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import schema
from reconciler.errors import ConfigError
from reconciler.schema.shape import Attribute, Block, NestedBlock, ResourceSchema, Type
from reconciler.schema.table import MAGIC, Table, pack

PACKAGED = Path(schema.__file__).with_name("aws.bin")


def resource(name: str) -> ResourceSchema:
    found = schema.resource(name)
    assert found is not None, name
    return found


def test_size_and_speed() -> None:
    assert PACKAGED.stat().st_size < 600_000
    Table(PACKAGED)  # imports what it needs
    seconds: list[float] = []
    for _ in range(20):  # the fastest counts: this machine may be busy
        start = time.perf_counter()
        Table(PACKAGED).get("resource", "aws_sqs_queue")
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.005


def test_importing_the_package_opens_nothing() -> None:
    code = "import sys, reconciler.schema as s; assert not {'msgpack', 'reconciler.schema.table'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_type_can_be_read() -> None:
    assert len(schema.resource_names()) == 1526
    assert len(schema.data_source_names()) > 600
    assert schema.PROVIDER_VERSION == "5.100.0"
    defaults = forcing = 0
    for name in schema.resource_names():
        for path, attribute in resource(name).block.walk():
            assert attribute.required or attribute.optional or attribute.computed, (name, path)
            assert not (attribute.required and attribute.default is not None), (name, path)
            defaults += attribute.default is not None
            forcing += attribute.forces_replacement
    assert defaults > 3000
    assert forcing > 3000
    for name in schema.data_source_names():
        assert schema.data_source(name) is not None


def test_unknown_types_are_none() -> None:
    assert schema.resource("aws_sqs_quue") is None
    assert schema.data_source("aws_sqs_queues_of_mine") is None
    assert schema.data_source("aws_sns_topic_subscription") is None  # a resource, no data source


# What the provider's documentation states; a wrong probe would contradict it.
DEFAULTS = [
    ("aws_sqs_queue", "visibility_timeout_seconds", 30),
    ("aws_sqs_queue", "message_retention_seconds", 345600),
    ("aws_sqs_queue", "max_message_size", 262144),
    ("aws_sqs_queue", "delay_seconds", 0),
    ("aws_sqs_queue", "fifo_queue", False),
    ("aws_lambda_function", "memory_size", 128),
    ("aws_lambda_function", "timeout", 3),
    ("aws_lambda_function", "package_type", "Zip"),
    ("aws_lambda_function", "publish", False),
    ("aws_iam_role", "path", "/"),
    ("aws_iam_role", "max_session_duration", 3600),
    ("aws_dynamodb_table", "billing_mode", "PROVISIONED"),
    ("aws_kms_key", "customer_master_key_spec", "SYMMETRIC_DEFAULT"),
    ("aws_cloudwatch_event_rule", "event_bus_name", "default"),
    ("aws_security_group", "description", "Managed by Terraform"),
    ("aws_vpc", "instance_tenancy", "default"),
    ("aws_subnet", "map_public_ip_on_launch", False),
    ("aws_kinesis_stream", "retention_period", 24),
    ("aws_lb_target_group", "deregistration_delay", "300"),
    ("aws_lb_target_group", "health_check.interval", 30),
    ("aws_lb_target_group", "health_check.healthy_threshold", 3),
    ("aws_db_instance", "backup_retention_period", None),  # computed
    ("aws_sqs_queue", "kms_data_key_reuse_period_seconds", None),  # computed
    ("aws_sqs_queue", "name", None),
    ("aws_iam_role", "assume_role_policy", None),  # required
    ("aws_vpc", "tags_all", None),  # of the provider block, not of the type
]


@pytest.mark.parametrize(("type_name", "path", "default"), DEFAULTS, ids=lambda value: str(value))
def test_defaults(type_name: str, path: str, default: object) -> None:
    attributes = {".".join(names): found for names, found in resource(type_name).block.walk()}
    assert attributes[path].default == default


REPLACING = [
    ("aws_sqs_queue", ("name",), True),
    ("aws_sqs_queue", ("fifo_queue",), True),
    ("aws_sqs_queue", ("visibility_timeout_seconds",), False),
    ("aws_sqs_queue", ("tags", "Owner"), False),
    ("aws_security_group", ("description",), True),
    ("aws_security_group", ("vpc_id",), True),
    ("aws_security_group", ("ingress", 0, "cidr_blocks"), False),
    ("aws_subnet", ("cidr_block",), True),
    ("aws_vpc", ("enable_dns_support",), False),
    ("aws_iam_role", ("name",), True),
    ("aws_iam_role", ("description",), False),
    ("aws_lambda_function", ("function_name",), True),
    ("aws_lambda_function", ("environment", 0, "variables", "MODE"), False),
    ("aws_dynamodb_table", ("hash_key",), True),
    ("aws_dynamodb_table", ("range_key",), True),
    ("aws_dynamodb_table", ("read_capacity",), False),
    ("aws_instance", ("ami",), True),
    ("aws_instance", ("root_block_device", 0, "encrypted"), True),
    ("aws_instance", ("root_block_device", 0, "volume_size"), False),
    ("aws_launch_configuration", ("root_block_device",), True),
    ("aws_ecs_task_definition", ("volume", 0, "name"), True),  # in a set: any change replaces
    ("aws_lb", ("internal",), True),
    ("aws_lb", ("idle_timeout",), False),
    ("aws_route", ("destination_cidr_block",), True),
    ("aws_iam_role_policy_attachment", ("policy_arn",), True),
    ("aws_sns_topic_subscription", ("endpoint",), True),
    ("aws_sns_topic_subscription", ("filter_policy",), False),
    ("aws_kms_key", ("customer_master_key_spec",), True),
    ("aws_vpc_security_group_ingress_rule", ("security_group_id",), True),
    ("aws_vpc_security_group_ingress_rule", ("cidr_ipv4",), False),
    ("aws_sqs_queue", ("no_such_attribute",), False),
]


@pytest.mark.parametrize(("type_name", "path", "forces"), REPLACING, ids=lambda value: str(value))
def test_what_forces_replacement(type_name: str, path: tuple[str | int, ...], forces: bool) -> None:
    assert resource(type_name).forces_replacement(path) is forces


def test_nesting_and_flags() -> None:
    group = resource("aws_security_group").block.attributes["ingress"]
    assert group.optional
    assert group.computed
    as_block = group.as_block
    assert as_block is not None
    assert as_block.attributes["cidr_blocks"].type == ("list", "string")
    assert resource("aws_sqs_queue").block.attributes["tags"].as_block is None
    function = resource("aws_lambda_function").block
    assert function.blocks["environment"].nesting == "list"
    assert function.blocks["environment"].max_items == 1
    assert not function.blocks["environment"].computed
    assert resource("aws_lb").block.blocks["subnet_mapping"].computed
    secret = resource("aws_secretsmanager_secret_version").block.attributes
    assert secret["secret_string"].sensitive
    assert secret["secret_string_wo"].write_only
    assert secret["arn"].read_only
    assert schema.provider().blocks["default_tags"].block.attributes["tags"].type == ("map", "string")
    assert "sqs" in schema.provider().blocks["endpoints"].block.attributes


TYPES: st.SearchStrategy[Type] = st.recursive(
    st.sampled_from(["string", "number", "bool", "dynamic"]),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["list", "set", "map"]), inner),
        st.tuples(st.just("object"), st.dictionaries(st.sampled_from("abc"), inner)),
        st.tuples(st.just("tuple"), st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)
ATTRIBUTES = st.builds(
    Attribute,
    TYPES,
    *[st.booleans()] * 6,
    default=st.none() | st.booleans() | st.integers(0, 9) | st.text("ab", max_size=2) | st.just([]),
    forces_replacement=st.booleans(),
)


def blocks(depth: int = 2) -> st.SearchStrategy[Block]:
    nested = (
        st.dictionaries(
            st.sampled_from("xyz"),
            st.builds(
                NestedBlock,
                st.sampled_from(["single", "list", "set", "map", "group"]),
                blocks(depth - 1),
                st.integers(0, 2),
                st.integers(0, 9),
                st.booleans(),
                st.booleans(),
            ),
            max_size=2,
        )
        if depth
        else st.just({})
    )
    return st.builds(Block, st.dictionaries(st.sampled_from("abcd"), ATTRIBUTES, max_size=3), nested, st.booleans())


@given(st.dictionaries(st.text("abc_", min_size=1), st.builds(ResourceSchema, st.integers(0, 9), blocks())))
def test_what_is_packed_is_read_back(records: dict[str, ResourceSchema]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.bin"
        path.write_bytes(pack("1.2.3", {"resource": records, "data": {}}))
        table = Table(path)
        assert table.version == "1.2.3"
        assert table.names("resource") == tuple(sorted(records))
        assert {name: table.get("resource", name) for name in records} == records
        assert table.get("data", "a") is None


@pytest.mark.parametrize("content", [b"", MAGIC, MAGIC + b"\xff\0\0\0nothing", b"RCSCHEMA9\n" + b"x" * 40])
def test_a_broken_table_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "aws.bin"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"aws\.bin: the provider's schema table") as caught:
        Table(path)
    assert "reconciler.schema.build" in (caught.value.hint or "")


def test_a_damaged_record_is_told(tmp_path: Path) -> None:
    content = bytearray(PACKAGED.read_bytes())
    content[-5000:] = b"\0" * 5000
    path = tmp_path / "aws.bin"
    path.write_bytes(content)
    table = Table(path)
    with pytest.raises(ConfigError, match="damaged at"):
        table.get("resource", table.names("resource")[-1])


def test_a_missing_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        Table(tmp_path / "aws.bin")
