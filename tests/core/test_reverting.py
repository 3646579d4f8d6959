"""Revert plans: what they do, and what they never do."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from reconciler import resources, reverting
from reconciler.drift import compare, unmanaged
from reconciler.errors import StalePlan, UnsafePlan
from reconciler.model import Hold, Operation, Resource, Revert, Snapshot
from reconciler.planning import Cause, Drifted, causes
from reconciler.resources.spec import ResourceType, Scope, Subject, Write
from reconciler.resources.writing import setter
from reconciler.reverting import ABSENT, Limits, RevertPlan, check_place, check_plan, check_state, revert, revert_plan
from tests.core.support import SCOPE, context, entry, live, resource

QUEUE = "aws_sqs_queue"
RULE = "aws_vpc_security_group_ingress_rule"
NAMES = {"delay_seconds": "DelaySeconds", "policy": "Policy"}


def set_attributes(subject: Subject) -> Iterable[Operation]:
    after = subject.after or {}
    values = {NAMES[name]: str(after.get(name) or "") for name in sorted(subject.changed & NAMES.keys())}
    yield Operation("sqs", "SetQueueAttributes", {"QueueUrl": subject.id, "Attributes": values})  # pyright: ignore


def tag(subject: Subject) -> Iterable[Operation]:
    before, after = ((side or {}).get("tags_all") or {} for side in (subject.before, subject.after))
    assert isinstance(before, dict) and isinstance(after, dict)
    gone = sorted(before.keys() - after.keys())
    if gone:
        yield Operation("sqs", "UntagQueue", {"QueueUrl": subject.id, "TagKeys": list(gone)})
    new = {k: v for k, v in after.items() if before.get(k) != v}
    if new:
        yield Operation("sqs", "TagQueue", {"QueueUrl": subject.id, "Tags": new})


SQS = entry(
    QUEUE,
    writes=(
        Write(("sqs:SetQueueAttributes",), frozenset(NAMES), set_attributes),
        Write(("sqs:TagQueue", "sqs:UntagQueue"), frozenset({"tags", "tags_all"}), tag),
    ),
)


def make(subject: Subject) -> Iterable[Operation]:
    after = subject.after or {}
    yield Operation(
        "ec2", "AuthorizeSecurityGroupIngress", {"GroupId": after["security_group_id"], "Cidr": after["cidr_ipv4"]}
    )


def unmake(subject: Subject) -> Iterable[Operation]:
    yield Operation("ec2", "RevokeSecurityGroupIngress", {"SecurityGroupRuleIds": [subject.id]})


LINK = entry(
    RULE,
    create=Write(("ec2:AuthorizeSecurityGroupIngress",), frozenset(), make),
    delete=Write(("ec2:RevokeSecurityGroupIngress",), frozenset(), unmake),
)


def drifted(
    desired: Resource, there: dict[str, Any] | None, spec: ResourceType = SQS, base: dict[str, Any] | None = None
) -> Drifted:
    found = live(desired.type, there, "u1") if there is not None else None
    snapshot = Snapshot(str(desired.address), desired.type, "u1", base) if base is not None else None
    ctx = context(recorded=True)
    return Drifted(compare(desired, snapshot, found, spec, ctx), desired, snapshot, found, spec, ctx, SCOPE)


def test_live_is_set_back_to_the_code_and_the_inverse_undoes_it() -> None:
    entry_ = drifted(resource(f"{QUEUE}.q", {"delay_seconds": 0}), {"delay_seconds": 5, "tags_all": {}})
    found = revert(entry_)
    assert isinstance(found, Revert)
    assert [dict(o.parameters)["Attributes"] for o in found.operations] == [{"DelaySeconds": ""}]
    assert [dict(o.parameters)["Attributes"] for o in found.inverse] == [{"DelaySeconds": "5"}]
    assert found.precondition.startswith("sha256:")


def test_only_what_drifted_is_written() -> None:
    base = {"delay_seconds": 0, "policy": "", "tags_all": {}}
    code = {"delay_seconds": 0, "policy": "{new}"}
    found = revert(drifted(resource(f"{QUEUE}.q", code), {**base, "delay_seconds": 5}, base=base))
    assert isinstance(found, Revert)
    assert "Policy" not in json.dumps([dict(o.parameters) for o in found.operations])


def test_tags_are_set_back_one_by_one() -> None:
    code = {"tags": {"A": "1"}, "tags_all": {"A": "1", "Env": "prod"}}
    there = {"tags": {"A": "2", "C": "3"}, "tags_all": {"A": "2", "C": "3"}}
    found = revert(drifted(resource(f"{QUEUE}.q", code), there))
    assert isinstance(found, Revert)
    assert [
        (o.operation, dict(o.parameters).get("Tags", dict(o.parameters).get("TagKeys"))) for o in found.operations
    ] == [
        ("UntagQueue", ["C"]),
        ("TagQueue", {"A": "1", "Env": "prod"}),
    ]


def test_what_the_code_leaves_open_goes_back_to_the_baseline() -> None:
    spec = entry(QUEUE, writes=(replace(SQS.writes[0], attributes=frozenset({"policy"})),))
    base, there = {"policy": "{old}"}, {"policy": "{new}"}
    found = revert(drifted(resource(f"{QUEUE}.q", {}), there, spec, base))
    assert isinstance(found, Revert)
    assert dict(found.operations[0].parameters)["Attributes"] == {"Policy": "{old}"}


def test_a_link_that_is_gone_is_made_again() -> None:
    desired = resource(f"{RULE}.r", {"security_group_id": "sg-1", "cidr_ipv4": "10.0.0.0/8", "ip_protocol": "tcp"})
    found = revert(drifted(desired, None, LINK))
    assert isinstance(found, Revert)
    assert [str(o) for o in found.operations] == ["ec2:AuthorizeSecurityGroupIngress"]
    assert [str(o) for o in found.inverse] == ["ec2:RevokeSecurityGroupIngress"]
    assert found.precondition == ABSENT


POLICY = entry(
    "aws_iam_group_policy",
    natural_keys=(("group", "name"),),
    create=Write(
        ("iam:PutGroupPolicy",),
        frozenset(),
        lambda subject: [Operation("iam", "PutGroupPolicy", {"PolicyName": (subject.after or {})["name"]})],
    ),
)


def test_a_link_whose_name_was_made_up_is_made_again_under_that_name() -> None:
    desired = resource("aws_iam_group_policy.p", {"group": "dev", "name_prefix": "devs", "policy": "{}"})
    base = {"group": "dev", "name": "devs2026", "name_prefix": "devs", "policy": "{}"}
    found = revert(drifted(desired, None, POLICY, base))
    assert isinstance(found, Revert)
    assert dict(found.operations[0].parameters) == {"PolicyName": "devs2026"}


@pytest.mark.parametrize("short", ["", "www"])
def test_a_record_is_made_again_under_its_full_name(short: str) -> None:
    desired = resource("aws_route53_record.r", {"zone_id": "Z1", "name": short, "type": "A", "records": ["192.0.2.1"]})
    full = f"{short}.example.com".removeprefix(".")
    found = revert(
        drifted(desired, None, resources.TYPES["aws_route53_record"], {"name": full, "zone_id": "Z1", "type": "A"})
    )
    assert isinstance(found, Revert)
    assert f'"Name": "{full}"' in json.dumps(dict(found.operations[0].parameters))
    assert "zone" in held(drifted(desired, None, resources.TYPES["aws_route53_record"]))


def test_held_where_nobody_knows_the_name_that_was_made_up() -> None:
    desired = resource("aws_iam_group_policy.p", {"group": "dev", "name_prefix": "devs", "policy": "{}"})
    assert "its name was made up" in held(drifted(desired, None, POLICY))


def test_a_rule_that_nobody_manages_can_be_taken_away() -> None:
    ctx = context()
    there = live(RULE, {"security_group_id": "sg-1", "cidr_ipv4": "0.0.0.0/0"}, "sgr-1")
    entry_ = Drifted(unmanaged(there, ctx), None, None, there, LINK, ctx, SCOPE)
    found = revert(entry_)
    assert isinstance(found, Revert) and str(found.operations[0]) == "ec2:RevokeSecurityGroupIngress"


def held(entry_: Drifted) -> str:
    found = revert(entry_)
    assert isinstance(found, Hold)
    return found.reason


def test_held_where_no_operation_does_it() -> None:
    assert "fifo_queue" in held(drifted(resource(f"{QUEUE}.q", {"fifo_queue": False}), {"fifo_queue": True}))


def test_held_where_what_is_to_be_unset_cannot_be() -> None:
    """The rest is not written without it: what was reviewed is done, or nothing."""
    spec = entry(
        QUEUE, writes=(setter("sqs:Set", {"Url": "id"}, {"delay_seconds": "Delay", "kms_master_key_id": "Key"}),)
    )
    found = drifted(resource(f"{QUEUE}.q", {"delay_seconds": 3}), {"delay_seconds": 5, "kms_master_key_id": "k"}, spec)
    assert "sqs:Set has no way to set kms_master_key_id back" in held(found)
    key = ("Key", lambda wanted: wanted or "")
    clears = setter("sqs:Set", {"Url": "id"}, {"delay_seconds": "Delay", "kms_master_key_id": key})
    cleared = revert(replace(found, spec=entry(QUEUE, writes=(clears,))))
    assert isinstance(cleared, Revert)
    assert [dict(o.parameters) for o in cleared.operations] == [{"Url": "u1", "Delay": 3, "Key": ""}]


def test_held_where_what_is_gone_is_no_link() -> None:
    assert "deploy" in held(drifted(resource(f"{QUEUE}.q", {"name": "q"}), None))


def test_held_where_nobody_manages_what_is_no_link() -> None:
    there = live(QUEUE, {"name": "q"})
    entry_ = Drifted(unmanaged(there, context()), None, None, there, SQS, context(), SCOPE)
    assert "import" in held(entry_)


def test_held_where_a_secret_would_have_to_be_written() -> None:
    def build(subject: Subject) -> Iterable[Operation]:
        after = subject.after or {}
        yield Operation(
            "lambda", "UpdateFunctionConfiguration", {"Environment": after["environment"], "T": after["timeout"]}
        )

    write = Write(("lambda:UpdateFunctionConfiguration",), frozenset({"timeout", "environment"}), build)
    spec = entry("aws_lambda_function", writes=(write,))
    block = [{"variables": {"DB_PASSWORD": "hunter2-hunter2"}}]
    desired = resource("aws_lambda_function.f", {"environment": block, "timeout": 3})
    reason = held(drifted(desired, {"environment": block, "timeout": 9}, spec))
    assert "DB_PASSWORD" in reason and "hunter2" not in reason


def plan() -> RevertPlan:
    entry_ = drifted(resource(f"{QUEUE}.q", {"delay_seconds": 0}), {"delay_seconds": 5})
    (cause,) = causes("s", [entry_])
    found = revert_plan(cause, "2026-12-01")
    assert isinstance(found, RevertPlan)
    return found


TYPES = {QUEUE: SQS, RULE: LINK}


def test_a_plan_that_may_run() -> None:
    check_plan(plan(), TYPES, "2026-12-01", Limits(accounts=frozenset({SCOPE.account})))


@pytest.mark.parametrize(
    ("change", "limits", "today", "error", "words"),
    [
        ({}, Limits(), "2026-12-02", StalePlan, "expired"),
        ({}, Limits(operations=0), "2026-11-01", UnsafePlan, "more than"),
        ({}, Limits(accounts=frozenset({"1"})), "2026-11-01", UnsafePlan, "account"),
        ({"type": "aws_x"}, Limits(), "2026-11-01", UnsafePlan, "no type"),
        ({"action": "delete"}, Limits(), "2026-11-01", UnsafePlan, "never deleted"),
        ({"operations": (Operation("sqs", "DeleteQueue", {}),)}, Limits(), "2026-11-01", UnsafePlan, "destroys"),
        ({"operations": (Operation("iam", "CreateUser", {}),)}, Limits(), "2026-11-01", UnsafePlan, "ever changed"),
        ({"inverse": (Operation("iam", "CreateUser", {}),)}, Limits(), "2026-11-01", UnsafePlan, "ever changed"),
    ],
)
def test_a_plan_that_may_not(
    change: dict[str, Any], limits: Limits, today: str, error: type[Exception], words: str
) -> None:
    made = plan()
    made = replace(made, items=(replace(made.items[0], **change),))
    with pytest.raises(error, match=words):
        check_plan(made, TYPES, today, limits)


def test_a_key_is_enabled_by_a_plan_and_never_disabled() -> None:
    """Disabling is how enabling is taken back."""
    made, key = plan(), {"KeyId": "k"}
    on, off = Operation("kms", "EnableKey", key), Operation("kms", "DisableKey", key)
    item = replace(made.items[0], type="aws_kms_key", operations=(on,), inverse=(off,))
    check_plan(replace(made, items=(item,)), resources.TYPES, "2026-11-01", Limits())
    item = replace(item, operations=(off,), inverse=(on,))
    with pytest.raises(UnsafePlan, match="would stop everybody"):
        check_plan(replace(made, items=(item,)), resources.TYPES, "2026-11-01", Limits())


def test_the_wrong_account_or_region_is_refused() -> None:
    item = plan().items[0]
    check_place(item, SCOPE, SQS, "x")
    for wrong in (Scope("us-east-1", SCOPE.account), Scope(SCOPE.region, "999999999999")):
        with pytest.raises(UnsafePlan, match=wrong.account):
            check_place(item, wrong, SQS, "x")
    check_place(item, Scope("us-east-1", SCOPE.account), entry(QUEUE, regional=False), "x")


def test_a_state_that_the_reviewer_did_not_see_is_refused() -> None:
    item, redactor = plan().items[0], context().redactor
    check_state(item, live(QUEUE, {"delay_seconds": 5}, "u1"), SQS, redactor, "x")
    for now in (live(QUEUE, {"delay_seconds": 6}, "u1"), live(QUEUE, {"delay_seconds": 5}, "u2"), None):
        with pytest.raises(StalePlan, match="since the plan was reviewed"):
            check_state(item, now, SQS, redactor, "x")


def test_a_cause_is_reverted_whole_or_not_at_all() -> None:
    good = drifted(resource(f"{QUEUE}.q", {"delay_seconds": 0}), {"delay_seconds": 5})
    bad = drifted(resource(f"{QUEUE}.r", {"fifo_queue": False}), {"fifo_queue": True})
    found = revert_plan(Cause("id", "s", (good, bad)), "2026-12-01")
    assert isinstance(found, Hold) and f"{QUEUE}.r" in found.reason


def test_short_words_are_no_secrets() -> None:
    assert reverting.secret_texts(QUEUE, {"name": "abc"}, secrecy=_secrecy()) == set()


def _secrecy() -> Any:
    from reconciler.redaction import Secrecy

    return Secrecy(context().redactor, {})


@pytest.mark.parametrize("type_name", list(resources.TYPES))
def test_what_an_entry_writes_may_be_written(type_name: str) -> None:
    """A plan that could be merged and never run would be worse than none: its inverse counts, too."""
    spec = resources.TYPES[type_name]
    writes = [*spec.writes, *([spec.create] if spec.create else []), *([spec.delete] if spec.delete else [])]
    assert not {name for write in writes for name in write.operations} & reverting._NEVER  # pyright: ignore[reportPrivateUsage]
