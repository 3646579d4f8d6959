"""What can go wrong between us and AWS: never a false "missing", never a hang, complete where retries suffice."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest
from botocore.session import Session

from reconciler.aws import Cloud, Listing, Reading, Settings, Stub
from reconciler.errors import CloudError, ConfigError
from reconciler.model import AssumeRole, Operation, Provider
from reconciler.sandbox.aws_endpoint import AwsEndpoint
from tests.aws.conftest import REGION
from tests.aws.faulty import Faulty

ACCOUNT = "123456789012"
QUEUES = [f"queue-{n}" for n in range(6)]
TYPES = ["aws_sqs_queue", "aws_iam_role", "aws_iam_role_policy", "aws_cloudwatch_event_target", "aws_s3_bucket"]
QUICK = {"connect_timeout": 2, "read_timeout": 1, "deadline": 20}


def client(url: str, provider: Provider, service: str) -> Any:
    session = Session()
    session.set_credentials(provider.access_key, "test")
    return session.create_client(service, region_name=REGION, endpoint_url=url)


@pytest.fixture
def estate(moto: AwsEndpoint, provider: Provider) -> Provider:
    """Six queues, a role with a policy, a rule with a target on each of two buses, a bucket."""
    sqs, iam, events = (client(moto.url, provider, name) for name in ("sqs", "iam", "events"))
    for name in QUEUES:
        sqs.create_queue(QueueName=name, tags={"Team": "core"})
    iam.create_role(RoleName="role", AssumeRolePolicyDocument='{"Statement": []}')
    document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}'
    iam.put_role_policy(RoleName="role", PolicyName="send", PolicyDocument=document)
    events.create_event_bus(Name="other")
    for bus in ("default", "other"):
        events.put_rule(Name="rule", EventBusName=bus, EventPattern='{"source": ["a"]}')
        events.put_targets(Rule="rule", EventBusName=bus, Targets=[{"Id": "t", "Arn": f"arn:aws:sqs:{REGION}:1:q"}])
    location = {"LocationConstraint": REGION}
    client(moto.url, provider, "s3").create_bucket(Bucket="bucket", CreateBucketConfiguration=location)
    return provider


def scan(url: str, provider: Provider, types: list[str] = TYPES, **settings: Any) -> tuple[Listing, Reading, Cloud]:
    with Cloud(Settings(endpoint_url=url, **{**QUICK, **settings})) as cloud:
        listing = cloud.list(types, provider)
        return listing, cloud.describe(listing.stubs), cloud


def complete(reading: Reading) -> bool:
    found = [live.type for live in reading.resources]
    return [found.count(name) for name in TYPES] == [6, 1, 1, 2, 1]


def test_without_faults_everything_is_there(faulty: Faulty, estate: Provider) -> None:
    listing, reading, cloud = scan(faulty.url, estate)
    assert (listing.gaps, reading.gaps) == ((), ())
    assert complete(reading)
    assert cloud.calls.by_operation["sqs:ListQueues"] == 1
    assert cloud.calls.by_operation["iam:GetAccountAuthorizationDetails"] == 1, "role and role policy share it"
    assert cloud.calls.total == len(faulty.log), "every call is counted"


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("error", {"status": 500, "code": "InternalError"}),
        ("error", {"status": 503, "code": "ServiceUnavailable"}),
        ("error", {"status": 400, "code": "ThrottlingException"}),
        ("error", {"status": 400, "code": "RequestLimitExceeded"}),
        ("error", {"status": 403, "code": "RequestThrottled"}),
        ("error", {"status": 429, "code": "TooManyRequestsException"}),
        ("reset", {}),
        ("cut", {}),
        ("cut_json", {}),
        ("empty", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else value.get("code", ""),
)
def test_what_passes_is_retried(faulty: Faulty, estate: Provider, kind: str, how: dict[str, Any]) -> None:
    """Each of these operations fails twice, then works."""
    for match in (
        "ListQueues",
        "GetQueueAttributes",
        "Action=ListRoles",
        "GetAccountAuth",
        "ListTargetsByRule",
        r"\?acl",
    ):
        faulty.add(match, kind, times=2, **how)
    listing, reading, cloud = scan(faulty.url, estate)
    assert (listing.gaps, reading.gaps) == ((), ())
    assert complete(reading)
    assert cloud.calls.retried == 12


@pytest.mark.parametrize("kind", ["reset", "cut", "cut_json", "empty"])
@pytest.mark.parametrize("operation", ["ListQueues", "ListRoles", "ListRules", r"s3  GET /\?", "GetAccountAuth"])
def test_an_unreadable_listing_is_a_gap_never_nothing(
    faulty: Faulty, estate: Provider, kind: str, operation: str
) -> None:
    faulty.add(operation, kind)
    listing, reading, _ = scan(faulty.url, estate, attempts=2)
    assert listing.gaps or reading.gaps
    hidden = {gap.type for gap in (*listing.gaps, *reading.gaps)}
    found = [live.type for live in reading.resources]
    for name, count in zip(TYPES, [6, 1, 1, 2, 1], strict=True):
        assert name in hidden or found.count(name) == count


def test_denied_details_hide_only_what_they_tell(faulty: Faulty, estate: Provider) -> None:
    faulty.add(r"s3  GET /bucket\?cors", "error", status=403, code="AccessDenied")
    _, reading, _ = scan(faulty.url, estate)
    (gap,) = reading.gaps
    assert gap.attributes == ("cors_rule",)
    assert gap.reason.startswith("AccessDenied: s3:GetBucketCors")
    (bucket,) = [live for live in reading.resources if live.type == "aws_s3_bucket"]
    assert bucket.unread == {"cors_rule"}
    assert "cors_rule" not in bucket.attributes
    assert bucket.id == gap.id


def test_denied_attributes_of_queues_hide_the_queues(faulty: Faulty, estate: Provider) -> None:
    faulty.add("GetQueueAttributes", "error", status=403, code="AccessDenied")
    _, reading, _ = scan(faulty.url, estate)
    assert sorted((gap.type, str(gap.id).rsplit("/", 1)[-1]) for gap in reading.gaps) == [
        ("aws_sqs_queue", name) for name in QUEUES
    ]


def test_a_denied_nested_read_hides_what_is_under_it(faulty: Faulty, estate: Provider) -> None:
    faulty.add('ListTargetsByRule.*"other"', "error", status=400, code="AccessDeniedException")
    listing, reading, _ = scan(faulty.url, estate)
    (gap,) = listing.gaps
    assert gap.type == "aws_cloudwatch_event_target"
    assert dict(gap.within) == {"rule": "rule", "event_bus_name": "other"}
    (target,) = [live for live in reading.resources if live.type == "aws_cloudwatch_event_target"]
    assert target.attributes["event_bus_name"] == "default"


def test_a_denied_parent_hides_its_children(faulty: Faulty, estate: Provider) -> None:
    faulty.add('ListRules.*"other"', "error", status=400, code="AccessDeniedException")
    listing, _, _ = scan(faulty.url, estate)
    (gap,) = listing.gaps
    assert dict(gap.within) == {"event_bus_name": "other"}


def test_a_page_that_answers_is_not_quoted(faulty: Faulty, estate: Provider) -> None:
    faulty.add("GET /2015-03-31/functions", "page")
    listing, _, _ = scan(faulty.url, estate, ["aws_lambda_function", "aws_sqs_queue"])
    (gap,) = listing.gaps
    assert (gap.type, gap.reason) == (
        "aws_lambda_function",
        "HTTP 500: lambda:ListFunctions (the answer gives no reason)",
    )


def test_tags_are_read_singly_where_the_bulk_read_is_denied(faulty: Faulty, estate: Provider) -> None:
    faulty.add("GetResources", "error", status=400, code="AccessDeniedException")
    _, reading, cloud = scan(faulty.url, estate)
    assert reading.gaps == ()
    queues = [live for live in reading.resources if live.type == "aws_sqs_queue"]
    assert [live.attributes["tags_all"] for live in queues] == [{"Team": "core"}] * 6
    assert cloud.calls.by_operation["sqs:ListQueueTags"] == 6


def test_throttling_slows_down_and_completes(faulty: Faulty, estate: Provider) -> None:
    faulty.add("GetQueueAttributes", "error", times=20, status=400, code="ThrottlingException")
    _, reading, cloud = scan(faulty.url, estate, deadline=60)
    assert complete(reading)
    assert cloud.calls.retried == 20


def test_what_hangs_ends_as_a_gap(faulty: Faulty, estate: Provider) -> None:
    faulty.add("GetQueueAttributes", "slow", seconds=4)
    start = time.monotonic()
    _, reading, _ = scan(faulty.url, estate, read_timeout=0.3, attempts=2)
    assert time.monotonic() - start < 15
    assert {gap.type for gap in reading.gaps} == {"aws_sqs_queue"}
    assert "ReadTimeoutError" in reading.gaps[0].reason


def test_what_hangs_is_asked_three_times_at_most(faulty: Faulty, estate: Provider) -> None:
    fault = faulty.add("ListQueues", "slow", seconds=4)
    listing, _, _ = scan(faulty.url, estate, read_timeout=0.3, attempts=6)
    assert [gap.type for gap in listing.gaps] == ["aws_sqs_queue"]
    assert fault.hits == 3


def test_a_service_that_is_down_is_given_up_soon(moto: AwsEndpoint, faulty: Faulty, provider: Provider) -> None:
    """A hundred calls do not each spend their retries."""
    sqs = client(moto.url, provider, "sqs")
    for number in range(100):
        sqs.create_queue(QueueName=f"q{number}")
    fault = faulty.add("GetQueueAttributes", "error", status=500)
    start = time.monotonic()
    _, reading, _ = scan(faulty.url, provider, ["aws_sqs_queue"], concurrency=4)
    assert len(reading.gaps) == 100
    assert fault.hits < 100
    assert time.monotonic() - start < 20


def test_a_page_token_that_repeats_is_a_gap(faulty: Faulty, estate: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    from reconciler.aws.caller import AwsCaller

    real = AwsCaller._send

    def stuck(self: AwsCaller, operation: str, params: dict[str, Any], *, retry: bool) -> dict[str, Any]:
        answer = real(self, operation, {k: v for k, v in params.items() if k != "NextToken"}, retry=retry)
        return {**answer, "NextToken": "again"} if operation == "sqs:ListQueues" else answer

    monkeypatch.setattr(AwsCaller, "_send", stuck)
    listing, _, _ = scan(faulty.url, estate)
    (gap,) = listing.gaps
    assert (gap.type, "PaginationError" in gap.reason) == ("aws_sqs_queue", True)


def test_credentials_that_expire_in_the_middle_leave_gaps(faulty: Faulty, estate: Provider) -> None:
    faulty.add("GetQueueAttributes", "error", status=400, code="ExpiredToken")
    _, reading, _ = scan(faulty.url, estate)
    assert {gap.type for gap in reading.gaps} == {"aws_sqs_queue"}
    assert "ExpiredToken" in reading.gaps[0].reason


def test_credentials_that_can_be_renewed_are(faulty: Faulty, estate: Provider) -> None:
    faulty.add("ListQueues", "error", times=1, status=400, code="ExpiredToken")
    _, reading, _ = scan(faulty.url, estate)
    assert complete(reading)


# -- nothing can be read at all -------------------------------------------------------------------------------


def test_nobody_answers(provider: Provider) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with Cloud(Settings(endpoint_url=url, attempts=2)) as cloud, pytest.raises(CloudError) as caught:
            cloud.list(TYPES, provider)
    assert "EndpointConnectionError" in caught.value.what
    assert caught.value.where == "sts:GetCallerIdentity"
    assert "AWS_ENDPOINT_URL" in str(caught.value.hint)


def test_no_credentials(moto: AwsEndpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with Cloud(Settings(endpoint_url=moto.url)) as cloud, pytest.raises(CloudError) as caught:
        cloud.identity(Provider(region=REGION))
    assert caught.value.what == "no AWS credentials"
    assert "AWS_PROFILE" in str(caught.value.hint)


def test_a_profile_that_is_not_there(moto: AwsEndpoint) -> None:
    with Cloud(Settings(endpoint_url=moto.url)) as cloud, pytest.raises(CloudError, match="nobody"):
        cloud.identity(Provider(region=REGION, profile="nobody"))


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId"])
def test_credentials_that_aws_refuses(faulty: Faulty, provider: Provider, code: str) -> None:
    faulty.add("GetCallerIdentity", "error", status=403, code=code)
    with Cloud(Settings(endpoint_url=faulty.url)) as cloud, pytest.raises(CloudError) as caught:
        cloud.list(TYPES, provider)
    assert caught.value.what.startswith(code)
    assert "sign in again" in str(caught.value.hint)


def test_everything_is_denied(faulty: Faulty, estate: Provider) -> None:
    faulty.add("^(?!sts)", "error", status=403, code="AccessDenied")
    with Cloud(Settings(endpoint_url=faulty.url)) as cloud, pytest.raises(CloudError) as caught:
        cloud.list(TYPES, estate)
    assert "nothing could be read: AccessDenied" in caught.value.what
    assert "reconcile permissions" in str(caught.value.hint)


def test_no_region(moto: AwsEndpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with Cloud(Settings(endpoint_url=moto.url)) as cloud, pytest.raises(ConfigError, match="no AWS region"):
        cloud.identity(Provider(access_key="a", secret_key="b"))


def test_the_wrong_account(moto: AwsEndpoint, provider: Provider) -> None:
    other = Provider(region=REGION, access_key="a", secret_key="b", allowed_account_ids=("999999999999",))
    with Cloud(Settings(endpoint_url=moto.url)) as cloud, pytest.raises(CloudError, match="does not allow"):
        cloud.list(["aws_sqs_queue"], other)


# -- whose credentials, where ---------------------------------------------------------------------------------


def test_a_chain_of_roles(moto: AwsEndpoint) -> None:
    roles = (
        AssumeRole("arn:aws:iam::111111111111:role/first", external_id="xyz", duration="1h"),
        AssumeRole("arn:aws:iam::222222222222:role/second", session_name="s" * 80),
    )
    with Cloud(Settings(endpoint_url=moto.url)) as cloud:
        who = cloud.identity(Provider(region=REGION, access_key="a", secret_key="b", assume_role=roles))
    assert who.account == "222222222222"
    assert who.arn == "arn:aws:sts::222222222222:assumed-role/second/" + "s" * 64


def test_endpoints_of_the_provider_and_of_the_environment(
    moto: AwsEndpoint, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = Provider(
        region=REGION,
        access_key=provider.access_key,
        secret_key="test",
        endpoints=tuple((name, moto.url) for name in ("sts", "eventbridge", "sfn")),
    )
    with Cloud(Settings(attempts=1, connect_timeout=1)) as cloud:
        assert cloud.list(["aws_cloudwatch_event_rule"], named).gaps == ()
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto.url)
    plain = Provider(region=REGION, access_key=provider.access_key, secret_key="test")
    with Cloud() as cloud:
        assert cloud.list(TYPES, plain).gaps == ()


def test_what_listings_show_late_is_found_by_its_id(moto: AwsEndpoint, faulty: Faulty, estate: Provider) -> None:
    """SQS lists new queues up to a minute late: a known URL is asked for directly before it is called missing."""
    with Cloud(Settings(endpoint_url=faulty.url)) as cloud:
        url = f"{moto.url}/{ACCOUNT}/"
        there, gone = (Stub.of("aws_sqs_queue", url + name, estate) for name in ("queue-0", "nothing"))
        reading = cloud.describe([there, gone])
    assert reading.gaps == ()
    assert [live and live.attributes["name"] for live in reading.found] == ["queue-0", None]


def test_writing_makes_reading_fresh(moto: AwsEndpoint, estate: Provider) -> None:
    with Cloud(Settings(endpoint_url=moto.url)) as cloud:
        stub = cloud.list(["aws_sqs_queue"], estate).stubs[0]
        given = {"QueueUrl": stub.id, "Attributes": {"VisibilityTimeout": "77"}}
        cloud.run(Operation("sqs", "SetQueueAttributes", given), estate)
        (live,) = cloud.describe([stub], exact=True).resources
    assert live.attributes["visibility_timeout_seconds"] == 77


def test_a_write_that_aws_may_have_acted_on_is_not_repeated(faulty: Faulty, estate: Provider) -> None:
    fault = faulty.add("CreateQueue", "reset")
    with Cloud(Settings(endpoint_url=faulty.url)) as cloud, pytest.raises(CloudError) as caught:
        cloud.run(Operation("sqs", "CreateQueue", {"QueueName": "new"}), estate)
    assert fault.hits == 1
    assert caught.value.where == "sqs:CreateQueue"


def test_an_operation_that_aws_does_not_have(moto: AwsEndpoint, provider: Provider) -> None:
    with Cloud(Settings(endpoint_url=moto.url)) as cloud, pytest.raises(CloudError, match="no such operation"):
        cloud.run(Operation("sqs", "Explode", {}), provider)


def test_a_type_that_nobody_reads_is_a_gap(moto: AwsEndpoint, provider: Provider) -> None:
    with Cloud(Settings(endpoint_url=moto.url)) as cloud:
        listing = cloud.list(["aws_no_such_thing"], provider)
    assert [gap.type for gap in listing.gaps] == ["aws_no_such_thing"]
