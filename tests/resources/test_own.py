"""What AWS does by itself, and what it does not let be written: single entries, on records as boto3 gives them."""

from __future__ import annotations

import json

import pytest

from reconciler.model import Json
from reconciler.resources import TYPES
from reconciler.resources.spec import UNTOLD, Scope, Subject

SCOPE = Scope("eu-west-1", "123456789012")


@pytest.mark.parametrize(
    ("manager", "aliases", "owned"),
    [
        ("CUSTOMER", [], False),
        ("CUSTOMER", ["alias/orders"], False),
        ("AWS", ["alias/aws/s3"], True),
        # An emulator's key of AWS's own calls itself a customer's; only AWS has aliases that begin so.
        ("CUSTOMER", ["alias/orders", "alias/aws/secretsmanager"], True),
    ],
)
def test_keys_under_reserved_aliases_are_of_aws(manager: str, aliases: list[str], owned: bool) -> None:
    aws_owned = TYPES["aws_kms_key"].aws_owned
    assert aws_owned is not None
    assert aws_owned({"KeyId": "k", "metadata": {"KeyManager": manager}, "aliases": aliases}, SCOPE) is owned


_SIDES = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def _rules(algorithm: str, **key: bool) -> Json:
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
    return {"Rules": [{**default, **key}]}


@pytest.mark.parametrize(
    ("type_name", "told", "usual"),
    [
        ("public_access_block", dict.fromkeys(_SIDES, True), True),
        ("public_access_block", {**dict.fromkeys(_SIDES, True), "BlockPublicAcls": False}, False),
        ("public_access_block", {}, False),
        ("server_side_encryption_configuration", _rules("AES256", BucketKeyEnabled=False), True),
        ("server_side_encryption_configuration", _rules("AES256"), True),
        ("server_side_encryption_configuration", _rules("AES256", BucketKeyEnabled=True), False),
        ("server_side_encryption_configuration", _rules("aws:kms", BucketKeyEnabled=False), False),
    ],
)
def test_what_every_new_bucket_has_is_usual(type_name: str, told: Json, usual: bool) -> None:
    entry = TYPES[f"aws_s3_bucket_{type_name}"]
    (side,) = entry.details
    record = {"Name": "orders", side: told}
    assert entry.usual is not None
    assert entry.usual({name: get(record, SCOPE) for name, get in entry.attributes.items()}) is usual


@pytest.mark.parametrize(
    ("arn", "parent", "owned"),
    [
        ("function:f", {"FunctionName": "f"}, False),
        ("function:f:live", {"Name": "live", "AliasArn": "f:live"}, False),
        ("function:f", {"Name": "live", "AliasArn": "f:live"}, True),
    ],
)
def test_a_url_told_for_an_alias_that_may_be_the_function_s_is_not_unmanaged(
    arn: str, parent: Json, owned: bool
) -> None:
    entry = TYPES["aws_lambda_function_url"]
    record = {"FunctionArn": f"arn:aws:lambda:eu-west-1:123456789012:{arn}", "parent": parent}
    assert entry.aws_owned is not None
    assert entry.aws_owned(record, SCOPE) is owned


def test_a_gateway_whose_address_is_not_told_keeps_what_the_state_has() -> None:
    get = TYPES["aws_nat_gateway"].attributes["allocation_id"]
    assert get({"NatGatewayAddresses": []}, SCOPE) is UNTOLD
    assert get({"NatGatewayAddresses": [{"AllocationId": "eipalloc-1"}]}, SCOPE) == "eipalloc-1"
    assert get({"NatGatewayAddresses": [{"PrivateIp": "10.0.0.1"}]}, SCOPE) == ""


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([], "f:$LATEST"),
        ([{"FunctionArn": "f:$LATEST", "Version": "$LATEST"}], "f:$LATEST"),
        ([{"FunctionArn": "f", "Version": "$LATEST"}], "f"),
        ([{"FunctionArn": f"f:{n}", "Version": n} for n in ("$LATEST", "2", "10")], "f:10"),
    ],
)
def test_a_function_s_qualified_arn_is_its_newest_version_s(versions: Json, expected: str) -> None:
    get = TYPES["aws_lambda_function"].attributes["qualified_arn"]
    assert get({"FunctionArn": "f", "Version": "$LATEST", "versions": versions}, SCOPE) == expected


def test_a_rule_that_is_told_twice_is_one() -> None:
    get = TYPES["aws_security_group"].attributes["egress"]
    everywhere = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "UserIdGroupPairs": [{"GroupId": "sg-2"}]}
    record = {
        "GroupId": "sg-1",
        "OwnerId": "1",
        "IpPermissionsEgress": [everywhere, {**everywhere, "Ipv6Ranges": None}],
    }
    (rule,) = get(record, SCOPE)
    assert (rule["cidr_blocks"], rule["security_groups"]) == (["0.0.0.0/0"], ["sg-2"])


def test_the_current_version_of_a_secret_is_not_changed_by_a_plan() -> None:
    """AWS takes AWSCURRENT from no version unless it is named, and the one that has it is another resource."""
    (write,) = TYPES["aws_secretsmanager_secret_version"].writes
    same: dict[str, Json] = {"secret_id": "arn", "version_id": "v1"}
    before, after = {**same, "version_stages": ["AWSPREVIOUS"]}, {**same, "version_stages": ["AWSCURRENT", "mine"]}
    subject = Subject("arn|v1", before, after, frozenset({"version_stages"}), SCOPE)
    assert [o.parameters["VersionStage"] for o in write.build(subject)] == ["mine", "AWSPREVIOUS"]


def test_a_condition_that_was_kept_as_text() -> None:
    getter = TYPES["aws_cloudwatch_event_permission"].attributes["condition"]
    told = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    expected = [{"key": "aws:PrincipalOrgID", "type": "StringEquals", "value": "o-1"}]
    for given in (told, json.dumps(told)):
        assert getter({"statement": {"Condition": given}}, SCOPE) == expected
    assert getter({"statement": {}}, SCOPE) == []


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ([], {}),
        ([{}], {"Prefix": ""}),
        ([{"prefix": "", "tag": [], "and": []}], {"Prefix": ""}),
        ([{"prefix": "a/"}], {"Prefix": "a/"}),
    ],
)
def test_a_lifecycle_filter_is_written_as_the_provider_writes_it(said: list[Json], written: dict[str, Json]) -> None:
    """Else it is read again as another than the code has."""
    (write,) = TYPES["aws_s3_bucket_lifecycle_configuration"].writes
    rule: Json = {"id": "r", "status": "Enabled", "filter": said, "expiration": [{"days": 1}]}
    subject = Subject("b", {"bucket": "b"}, {"bucket": "b", "rule": [rule]}, frozenset({"rule"}), SCOPE)
    (operation,) = write.build(subject)
    configuration = json.loads(json.dumps(operation.parameters["LifecycleConfiguration"]))
    assert configuration["Rules"][0]["Filter"] == written


@pytest.mark.parametrize(("protocol", "stuck"), [("", ["health_check"]), (None, ["health_check"]), ("HTTP", [])])
def test_a_health_check_cannot_be_rid_of_a_protocol(protocol: str | None, stuck: list[str]) -> None:
    """A function's target group has none, until somebody gives it one."""
    was: Json = [{"enabled": True, "protocol": "HTTPS"}]
    wanted: Json = [{"enabled": True, "protocol": protocol}]
    changed = frozenset(("health_check",))
    subject = Subject("arn", {"health_check": was}, {"health_check": wanted}, changed, Scope("eu-west-1", "1"))
    writes = TYPES["aws_lb_target_group"].writes
    assert [name for write in writes for name in write.stuck(subject)] == stuck
