"""The three-way comparison: which side moved, at which path, and what is left alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from reconciler import drift, severity
from reconciler.drift import compare, digest, fingerprint, managed_elsewhere, removed, unmanaged
from reconciler.model import UNKNOWN, Address, Gap, LiveResource, Provider
from reconciler.resources import TYPES
from reconciler.resources.spec import Child, Semantics
from tests.core.support import changes_of, compared, context, entry, live, resource

QUEUE = "aws_sqs_queue"


@pytest.mark.parametrize(
    ("code", "base", "there", "status", "cause"),
    [
        (60, 60, 60, "in_sync", None),
        (60, 30, 60, "in_sync", None),
        (60, None, 60, "in_sync", None),
        (60, "60", "60", "in_sync", None),
        (60, 60, 5, "drifted", "live_changed"),
        (60, 30, 30, "pending", "code_changed"),
        (60, 30, 5, "conflict", "both_changed"),
    ],
)
def test_which_side_moved(code: Any, base: Any, there: Any, status: str, cause: str | None) -> None:
    name = "visibility_timeout_seconds"
    found = compared(QUEUE, {name: code}, {name: base}, {name: there})
    assert found.status == status
    assert [change.cause for change in found.changes] == ([cause] if cause else [])


def test_without_a_baseline_a_difference_is_drift_of_unknown_cause() -> None:
    found = compared(QUEUE, {"delay_seconds": 1}, None, {"delay_seconds": 2})
    assert (found.status, found.changes[0].cause, found.changes[0].baseline) == ("drifted", "unknown", None)


def test_a_baseline_that_knows_nothing_of_an_attribute_counts_as_none() -> None:
    found = compared(QUEUE, {"delay_seconds": 1}, {"name": "x"}, {"name": "x", "delay_seconds": 2})
    assert changes_of(found) == {"delay_seconds": (1, 2, "unknown")}


def test_drift_beside_a_due_deploy_is_drift_with_both_causes() -> None:
    base = {"delay_seconds": 0, "receive_wait_time_seconds": 0}
    found = compared(
        QUEUE, {"delay_seconds": 5, "receive_wait_time_seconds": 0}, base, {**base, "receive_wait_time_seconds": 9}
    )
    assert found.status == "drifted"
    assert {c.cause for c in found.changes} == {"code_changed", "live_changed"}


def test_an_unset_attribute_has_the_providers_default() -> None:
    base = {"visibility_timeout_seconds": 30}
    assert compared(QUEUE, {"name": "x"}, None, {"name": "x", **base}).status == "in_sync"
    found = compared(QUEUE, {"name": "x"}, {"name": "x", **base}, {"name": "x", "visibility_timeout_seconds": 5})
    assert changes_of(found) == {"visibility_timeout_seconds": (30, 5, "live_changed")}
    assert found.changes[0].declared


def test_a_description_set_by_hand_would_be_removed_by_terraform() -> None:
    found = compared(
        "aws_iam_policy", {"name": "x"}, {"name": "x", "description": None}, {"name": "x", "description": "hi"}
    )
    assert changes_of(found) == {"description": (None, "hi", "live_changed")}


def test_what_the_provider_computes_is_compared_with_the_baseline_alone() -> None:
    base = {"name": "x", "kms_data_key_reuse_period_seconds": 300}
    there = {**base, "kms_data_key_reuse_period_seconds": 600}
    assert compared(QUEUE, {"name": "x"}, None, there).status == "in_sync"
    found = compared(QUEUE, {"name": "x"}, base, there)
    assert changes_of(found) == {"kms_data_key_reuse_period_seconds": (None, 600, "live_changed")}
    assert not found.changes[0].declared


def test_read_only_attributes_are_noise() -> None:
    base = {"function_name": "f", "last_modified": "1", "version": "1"}
    found = compared(
        "aws_lambda_function", {"function_name": "f"}, base, {**base, "last_modified": "2", "version": "2"}
    )
    assert found.status == "in_sync"


def test_an_unknown_value_is_never_drift_from_the_code() -> None:
    found = compared(QUEUE, {"kms_master_key_id": UNKNOWN}, None, {"kms_master_key_id": "k"})
    assert (found.status, found.unchecked) == ("in_sync", ("kms_master_key_id",))
    base = {"kms_master_key_id": "k"}
    assert compared(QUEUE, {"kms_master_key_id": UNKNOWN}, base, base).unchecked == ()
    found = compared(QUEUE, {"kms_master_key_id": UNKNOWN}, base, {"kms_master_key_id": "other"})
    assert changes_of(found) == {"kms_master_key_id": (UNKNOWN, "other", "live_changed")}


def test_a_list_that_is_partly_unknown_is_unknown_as_a_whole() -> None:
    code = {"function_name": "f", "layers": ["a", UNKNOWN]}
    found = compared("aws_lambda_function", code, None, {"function_name": "f", "layers": ["z"]})
    assert (found.status, found.unchecked) == ("in_sync", ("layers",))


def test_entries_of_a_map_are_told_one_by_one_and_empty_text_is_not_absent() -> None:
    code = {"environment": [{"variables": {"A": "1", "B": "", "C": "x"}}]}
    there = {"environment": [{"variables": {"A": "2", "C": "x", "D": ""}}]}
    assert changes_of(compared("aws_lambda_function", code, None, there)) == {
        "environment[0].variables.A": ("1", "2", "unknown"),
        "environment[0].variables.B": ("", None, "unknown"),
        "environment[0].variables.D": (None, "", "unknown"),
    }


def test_a_block_that_is_there_or_not() -> None:
    code = {"function_name": "f", "dead_letter_config": [{"target_arn": "a"}]}
    gone = {"function_name": "f", "dead_letter_config": []}
    assert changes_of(compared("aws_lambda_function", code, code, gone)) == {
        "dead_letter_config[0]": ({"target_arn": "a"}, None, "live_changed")
    }
    assert changes_of(compared("aws_lambda_function", gone, gone, code)) == {
        "dead_letter_config[0]": (None, {"target_arn": "a"}, "live_changed")
    }


def test_a_block_that_was_taken_away_may_have_had_what_the_provider_made_up() -> None:
    """The id of a bucket's notification: the code leaves it out, and the baseline has it."""
    block = {"queue_arn": "arn:aws:sqs:eu-west-1:1:work", "events": ["s3:ObjectCreated:*"]}
    base = {"bucket": "x", "queue": [{**block, "id": "tf-s3-queue-1"}]}
    found = compared("aws_s3_bucket_notification", {"bucket": "x", "queue": [block]}, base, {**base, "queue": []})
    assert (found.status, [change.cause for change in found.changes]) == ("drifted", ["live_changed"])
    moved = {**block, "events": ["s3:ObjectRemoved:*"]}
    found = compared("aws_s3_bucket_notification", {"bucket": "x", "queue": [moved]}, base, {**base, "queue": []})
    assert found.status == "conflict"


def rule(port: int, *blocks: str, **changes: Any) -> dict[str, Any]:
    blank = {"description": "", "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": False}
    return {"from_port": port, "to_port": port, "protocol": "tcp", "cidr_blocks": list(blocks), **blank, **changes}


GROUP = "aws_security_group"
A, B, C = rule(443, "10.0.0.0/8"), rule(80, "10.1.0.0/16"), rule(22, "192.0.2.1/32")


def test_elements_of_a_set_are_paired_in_any_order() -> None:
    assert compared(GROUP, {"ingress": [A, B]}, None, {"ingress": [B, A]}).status == "in_sync"


def test_a_rule_that_changed_is_named_by_the_codes_order() -> None:
    wide = rule(80, "0.0.0.0/0", "10.1.0.0/16")
    found = compared(GROUP, {"ingress": [A, B]}, {"ingress": [A, B]}, {"ingress": [wide, A]})
    assert changes_of(found) == {
        "ingress[1].cidr_blocks": (["10.1.0.0/16"], ["0.0.0.0/0", "10.1.0.0/16"], "live_changed")
    }
    assert found.severity == "critical"


def test_rules_added_and_removed_are_whole_elements() -> None:
    found = compared(GROUP, {"ingress": [A, B]}, {"ingress": [A, B]}, {"ingress": [C, A]})
    assert changes_of(found) == {"ingress[1]": (B, None, "live_changed"), "ingress[2]": (None, C, "live_changed")}


def test_an_element_that_all_sides_hold_differently() -> None:
    base, now = rule(443, "10.0.0.0/9"), rule(443, "10.0.0.0/10")
    found = compared(GROUP, {"ingress": [A]}, {"ingress": [base]}, {"ingress": [now]})
    assert changes_of(found) == {"ingress[0].cidr_blocks": (["10.0.0.0/8"], ["10.0.0.0/10"], "both_changed")}


def test_a_deploy_is_due_for_a_new_rule() -> None:
    found = compared(GROUP, {"ingress": [A, B]}, {"ingress": [A]}, {"ingress": [A]})
    assert (found.status, changes_of(found)) == ("pending", {"ingress[1]": (B, None, "code_changed")})


def test_inline_rules_that_the_code_leaves_out_are_compared_with_the_baseline() -> None:
    base = {"name": "x", "ingress": [A]}
    assert compared(GROUP, {"name": "x"}, base, base).status == "in_sync"
    found = compared(GROUP, {"name": "x"}, base, {"name": "x", "ingress": [A, C]})
    assert changes_of(found) == {"ingress[1]": (None, C, "live_changed")}
    assert not found.changes[0].declared
    gone = compared(GROUP, {"name": "x"}, base, {"name": "x", "ingress": []})
    assert [(c.baseline, c.live) for c in gone.changes] == [(A, None)]


def test_standalone_rules_answer_for_what_the_group_leaves_open() -> None:
    spec = entry(GROUP, children=(Child("aws_vpc_security_group_ingress_rule", "security_group_id", ("ingress",)),))
    child = resource("aws_vpc_security_group_ingress_rule.r", {"security_group_id": "id-1"})
    group = resource(f"{GROUP}.x", {"name": "x"})
    there = live(GROUP, {"name": "x", "ingress": [C]})
    assert managed_elsewhere(group, there, spec, {child.type: [child]}) == {"ingress"}
    other = resource("aws_vpc_security_group_ingress_rule.r", {"security_group_id": "sg-other"})
    assert managed_elsewhere(group, there, spec, {child.type: [other]}) == frozenset()
    ctx = context(elsewhere=frozenset({"ingress"}))
    base = {"name": "x", "ingress": [A]}
    assert compared(GROUP, {"name": "x"}, base, {"name": "x", "ingress": [C]}, spec=spec, ctx=ctx).status == "in_sync"
    declared = compared(GROUP, {"name": "x", "ingress": [A]}, base, {"name": "x", "ingress": [C]}, spec=spec, ctx=ctx)
    assert set(changes_of(declared)) == {"ingress[0]", "ingress[1]"}


def test_lists_of_blocks_keep_their_order_and_find_what_was_taken_away() -> None:
    kind = "aws_wafv2_ip_set"
    assert compared(kind, {"addresses": ["a", "b"]}, None, {"addresses": ["b", "a"]}).status == "in_sync"
    kind = "aws_route53_record"
    assert compared(kind, {"records": ["a", "b"]}, None, {"records": ["b", "a"]}).status == "in_sync"
    kind = "aws_ecs_service"
    first, second = {"type": "spread", "field": "a"}, {"type": "binpack", "field": "b"}
    both, one = {"ordered_placement_strategy": [first, second]}, {"ordered_placement_strategy": [second]}
    assert changes_of(compared(kind, both, both, one)) == {
        "ordered_placement_strategy[0]": (first, None, "live_changed")
    }
    swapped = compared(kind, both, None, {"ordered_placement_strategy": [second, first]})
    assert set(changes_of(swapped)) == {
        f"ordered_placement_strategy[{i}].{name}" for i in (0, 1) for name in ("field", "type")
    }


DEFAULTS = Provider(region="eu-west-1", default_tags=(("Env", "prod"), ("Team", "a")))


def test_each_tag_is_reported_once() -> None:
    code = {"tags": {"Own": "1", "Team": "b"}, "tags_all": {"Own": "1", "Team": "b", "Env": "prod"}}
    there = {
        "tags": {"Own": "2", "New": "x"},
        "tags_all": {"Own": "2", "Env": "test", "Team": "b", "New": "x", "aws:x": "y"},
    }
    found = compared(QUEUE, code, None, there, provider=DEFAULTS)
    assert changes_of(found) == {
        "tags.Own": ("1", "2", "unknown"),
        "tags.New": (None, "x", "unknown"),
        "tags_all.Env": ("prod", "test", "unknown"),
    }
    assert found.severity == "low"


def test_ignored_tags_of_the_provider() -> None:
    provider = Provider(region="eu-west-1", ignore_tags=("A",), ignore_tag_prefixes=("kubernetes.io/",))
    there = {"tags": {"A": "1", "kubernetes.io/x": "1", "B": "1"}}
    assert set(changes_of(compared(QUEUE, {}, None, there, provider=provider))) == {"tags.B"}


def test_tags_without_tags_all_in_the_code_inherit_the_defaults() -> None:
    there = {"tags_all": {"Env": "prod", "Team": "a", "Own": "1"}}
    assert compared(QUEUE, {"tags": {"Own": "1"}}, None, there, provider=DEFAULTS).status == "in_sync"
    assert compared(QUEUE, {"tags": UNKNOWN}, None, there, provider=DEFAULTS).unchecked == ("tags",)


@pytest.mark.parametrize(
    ("ignored", "left"),
    [
        ({("tags",)}, {"delay_seconds"}),
        ({("tags", "Own")}, {"delay_seconds", "tags.New", "tags_all.Env"}),
        ({("delay_seconds",)}, {"tags.Own", "tags.New", "tags_all.Env"}),
        ({()}, set()),
    ],
)
def test_ignore_changes(ignored: set[Any], left: set[str]) -> None:
    code = {"tags": {"Own": "1"}, "delay_seconds": 1}
    there = {"tags_all": {"Own": "2", "New": "x", "Env": "test", "Team": "a"}, "delay_seconds": 2}
    found = compared(QUEUE, code, None, there, provider=DEFAULTS, ignore_changes=frozenset(ignored))
    assert set(changes_of(found)) == left


def test_coverage_is_partial_only_where_the_code_says_something_that_nobody_compared() -> None:
    spec = entry(QUEUE, unchecked=frozenset({"policy"}), config_only=frozenset({"name_prefix"}))
    assert compared(QUEUE, {"delay_seconds": 1}, None, {"delay_seconds": 1}, spec=spec).unchecked == ()
    found = compared(QUEUE, {"policy": "{}", "name_prefix": "x"}, None, {"policy": "{...}"}, spec=spec)
    assert (found.status, found.unchecked) == ("in_sync", ("policy",))


def test_what_could_not_be_read_is_not_null() -> None:
    desired = resource(f"{QUEUE}.x", {"policy": "{}", "delay_seconds": 1})
    there = LiveResource(QUEUE, "id-1", {"delay_seconds": 1}, "eu-west-1", "1", unread=frozenset({"policy"}))
    found = compare(desired, None, there, entry(QUEUE), context())
    assert (found.status, found.unchecked) == ("in_sync", ("policy",))


MISSING: list[tuple[dict[str, Any], bool, str]] = [
    ({}, True, "missing"),
    ({"recorded": True}, False, "missing"),
    ({"tracked": True}, False, "pending"),
    ({}, False, "missing"),
    ({"gaps": [Gap("AccessDenied: sqs:ListQueues", QUEUE)]}, True, "unverified"),
    ({"gaps": [Gap("AccessDenied", QUEUE, "us-east-1")]}, True, "missing"),
    ({"gaps": [Gap("AccessDenied", "aws_sns_topic")]}, True, "missing"),
    ({"gaps": [Gap("Throttled", QUEUE, id="another")]}, True, "missing"),
    ({"gaps": [Gap("Throttled", QUEUE, id="id-1")]}, True, "unverified"),
    ({"gaps": [Gap("no credentials")]}, False, "unverified"),
    ({"gaps": [Gap("Throttled", QUEUE, attributes=("policy",))]}, True, "missing"),
    ({"unverified": "two queues are called x"}, True, "unverified"),
]


@pytest.mark.parametrize(("ctx", "recorded", "status"), MISSING)
def test_what_is_not_there(ctx: dict[str, Any], recorded: bool, status: str) -> None:
    found = compared(QUEUE, {"name": "x"}, {"name": "x"} if recorded else None, None, ctx=context(**ctx))
    assert found.status == status
    assert found.reason


def test_what_cannot_be_compared_says_why() -> None:
    desired = resource("aws_sqs_queue.x", {}, unverified="var.x is not set")
    assert compare(desired, None, live(QUEUE, {}), entry(QUEUE), context()).reason == "var.x is not set"
    found = compare(resource("aws_nothing.x", {}), None, None, None, context())
    assert found.status == "unverified" and "no type of the provider" in str(found.reason)
    found = compare(resource("aws_sqs_queue.x", {}), None, None, None, context())
    assert "not supported yet" in str(found.reason)
    found = compare(
        resource("aws_sqs_queue.x", {}, provider=Provider(unknown=("region",))), None, None, entry(QUEUE), context()
    )
    assert "region" in str(found.reason)


def test_what_the_code_no_longer_has() -> None:
    address = Address.parse("aws_sqs_queue.old")
    found = removed(address, live(QUEUE, {}), None, context())
    assert found is not None and found.status == "pending"
    assert removed(address, None, None, context()) is None
    hidden = removed(address, None, None, context([Gap("AccessDenied", QUEUE)]))
    assert hidden is not None and hidden.status == "unverified"


def test_severity_of_what_nobody_manages() -> None:
    assert unmanaged(live("aws_sqs_queue", {}), context()).severity == "medium"
    assert unmanaged(live("aws_iam_role", {}), context()).severity == "high"
    open_ = {"cidr_ipv4": "0.0.0.0/0", "from_port": 22}
    found = unmanaged(live("aws_vpc_security_group_ingress_rule", open_), context())
    assert (found.severity, found.address) == ("critical", None)
    assert unmanaged(live("aws_vpc_security_group_egress_rule", open_), context()).severity == "high"
    everybody = {"principal": "*", "source_arn": ""}
    assert unmanaged(live("aws_lambda_permission", everybody), context()).severity == "critical"
    assert unmanaged(live("aws_lambda_permission", {**everybody, "source_arn": "arn"}), context()).severity == "high"


WIDE = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]})
TIED = json.dumps(
    {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "sqs:SendMessage",
                "Resource": "*",
                "Condition": {"ArnEquals": {"aws:SourceArn": "x"}},
            }
        ]
    }
)


@pytest.mark.parametrize(
    ("code", "there", "level"),
    [(TIED, WIDE, "critical"), (WIDE, TIED, "high"), (None, TIED, "high"), (None, WIDE, "critical")],
)
def test_a_policy_that_lets_everybody_in_is_critical(code: Any, there: Any, level: severity.Severity) -> None:
    spec = entry(QUEUE, semantics={"policy": Semantics.POLICY})
    found = compared(QUEUE, {"policy": code}, {"policy": code}, {"policy": there}, spec=spec)
    assert found.severity == level


def test_fingerprints_hold_still_and_tell_apart() -> None:
    one = compared(QUEUE, {"delay_seconds": 1}, None, {"delay_seconds": 2})
    same = compared(QUEUE, {"delay_seconds": "1"}, {"delay_seconds": 1}, {"delay_seconds": 2})
    other = compared(QUEUE, {"delay_seconds": 1}, None, {"delay_seconds": 3})
    assert one.fingerprint != other.fingerprint
    assert one.fingerprint == fingerprint(one)
    assert same.fingerprint != "" and len(one.fingerprint) == 16


def test_the_digest_ties_a_plan_to_a_state_but_not_to_noise() -> None:
    spec, redactor = entry("aws_lambda_function"), context().redactor
    there = live("aws_lambda_function", {"function_name": "f", "layers": ["a"], "last_modified": "1"})
    noise = live("aws_lambda_function", {"function_name": "f", "layers": ["a"], "last_modified": "2"})
    moved = live("aws_lambda_function", {"function_name": "f", "layers": ["b"], "last_modified": "1"})
    assert digest(there.type, there, spec, redactor) == digest(there.type, noise, spec, redactor)
    assert digest(there.type, there, spec, redactor) != digest(there.type, moved, spec, redactor)


def test_a_secret_is_seen_to_change_and_is_not_seen() -> None:
    kind = "aws_secretsmanager_secret_version"
    redactor = context().redactor
    base = {"secret_string": redactor.recorded("old")}
    found = compared(kind, {"secret_string": "old"}, base, {"secret_string": "stolen"})
    assert found.changes[0].cause == "live_changed" and found.changes[0].sensitive
    assert "stolen" not in repr(found) and "old" not in repr(found)
    rotated = compared(kind, {"secret_string": "new"}, base, {"secret_string": "old"})
    assert rotated.changes[0].cause == "code_changed"
    unkeyed = compared(kind, {"secret_string": "a"}, {"secret_string": {"redacted": "unkeyed"}}, {"secret_string": "b"})
    assert unkeyed.changes[0].cause == "unknown"


def test_a_secret_in_a_map_of_variables_is_hidden_and_compared() -> None:
    code = {"environment": [{"variables": {"DB_PASSWORD": "hunter22", "MODE": "a"}}]}
    there = {"environment": [{"variables": {"DB_PASSWORD": "hunter23", "MODE": "b"}}]}
    found = compared("aws_lambda_function", code, None, there)
    assert changes_of(found)["environment[0].variables.MODE"] == ("a", "b", "unknown")
    assert found.changes[0].sensitive and "hunter" not in repr(found)


def test_marks_of_the_code_hide_what_is_under_them() -> None:
    found = compared(QUEUE, {"name": "a"}, None, {"name": "b"}, sensitive=frozenset({("name",)}))
    assert found.changes[0].sensitive
    assert '"b"' not in json.dumps(found.changes[0].live)


def test_what_a_deploy_would_leave() -> None:
    desired = resource(f"{GROUP}.x", {"name": "x", "ingress": [A]})
    there = live(GROUP, {"name": "x", "ingress": [C], "egress": [B], "vpc_id": "vpc-1", "description": "d"})
    left = drift.laid_down(desired, entry(GROUP), context(), there)
    assert left["ingress"] == [A] and left["egress"] == [B] and left["vpc_id"] == "vpc-1"


def test_what_a_redirect_leaves_open_is_what_the_request_has() -> None:
    type_name = "aws_lb_listener_rule"
    spec = replace(entry(type_name), planned=TYPES[type_name].planned, kept=TYPES[type_name].kept)
    code = {"action": [{"type": "redirect", "redirect": [{"port": "443", "status_code": "HTTP_301"}]}]}
    usual = {"host": "#{host}", "path": "/#{path}", "port": "443", "protocol": "#{protocol}", "query": "#{query}"}

    def found(**changes: str) -> dict[str, Any]:
        redirect = {**usual, "status_code": "HTTP_301", **changes}
        there = {"action": [{"type": "redirect", "redirect": [redirect]}]}
        return changes_of(compared(type_name, code, None, there, spec=spec))

    assert found() == {}
    assert found(host="evil.example") == {"action[0].redirect[0].host": ("#{host}", "evil.example", "unknown")}


def test_an_optional_block_that_says_nothing_is_as_if_it_were_not_there() -> None:
    type_name = "aws_cognito_user_pool_client"
    spec = replace(entry(type_name), kept=TYPES[type_name].kept)
    silent = {"access_token": None, "id_token": None, "refresh_token": None}

    def found(units: dict[str, Any]) -> dict[str, Any]:
        return changes_of(compared(type_name, {"name": "n"}, None, {"name": "n", **units}, spec=spec))

    assert found({"token_validity_units": []}) == found({"token_validity_units": [silent]}) == {}
    usual = {"access_token": "hours", "id_token": "hours", "refresh_token": "days"}
    assert found({"token_validity_units": [usual]}) == {}
    assert list(found({"token_validity_units": [{**usual, "id_token": "minutes"}]})) == [
        "token_validity_units[0].id_token"
    ]


def test_a_value_that_is_no_secret_is_compared_as_the_value() -> None:
    type_name = "aws_ssm_parameter"
    spec = replace(entry(type_name), planned=TYPES[type_name].planned)

    def found(live: str) -> list[str]:
        code = {"name": "n", "type": "String", "insecure_value": "a"}
        return list(
            changes_of(compared(type_name, code, None, {"name": "n", "type": "String", "value": live}, spec=spec))
        )

    assert (found("a"), found("b")) == ([], ["value"])


def test_ports_mean_nothing_where_all_protocols_are_allowed() -> None:
    type_name = "aws_security_group_rule"
    spec = replace(entry(type_name), planned=TYPES[type_name].planned, semantics=TYPES[type_name].semantics)

    def found(protocol: str, live_protocol: str) -> dict[str, Any]:
        code = {"protocol": protocol, "from_port": 0, "to_port": 65535}
        return changes_of(
            compared(type_name, code, None, {"protocol": live_protocol, "from_port": 0, "to_port": 0}, spec=spec)
        )

    assert found("all", "-1") == found("-1", "-1") == {}
    assert found("tcp", "tcp") == {"to_port": (65535, 0, "unknown")}


BUS = "arn:aws:events:eu-west-1:123456789012:event-bus/shop"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:work"


@pytest.mark.parametrize(
    ("type_name", "code", "within", "hidden"),
    [
        ("aws_lambda_alias", {"name": "live", "function_name": FUNCTION}, {"function_name": "work"}, True),
        ("aws_lambda_alias", {"name": "live", "function_name": "work"}, {"function_name": FUNCTION}, True),
        ("aws_lambda_alias", {"name": "live", "function_name": UNKNOWN}, {"function_name": "work"}, True),
        ("aws_lambda_alias", {"name": "live", "function_name": "other"}, {"function_name": "work"}, False),
        ("aws_cloudwatch_event_rule", {"name": "r", "event_bus_name": BUS}, {"event_bus_name": "shop"}, True),
        ("aws_cloudwatch_event_rule", {"name": "r"}, {"event_bus_name": "default"}, True),
        ("aws_ecs_service", {"name": "s", "cluster": "web"}, {"cluster": "arn:aws:ecs:e:1:cluster/web"}, True),
    ],
)
def test_what_is_hidden_is_not_missing_whatever_name_the_code_has_for_its_parent(
    type_name: str, code: dict[str, Any], within: dict[str, Any], hidden: bool
) -> None:
    gap = Gap("AccessDenied: x:List", type_name, "eu-west-1", within=tuple(within.items()))
    found = compared(type_name, code, None, None, spec=TYPES[type_name], ctx=context([gap], recorded=True))
    assert found.status == ("unverified" if hidden else "missing")


def test_a_bus_may_be_named_by_its_arn() -> None:
    code = {"name": "r", "event_bus_name": BUS}
    assert compared("aws_cloudwatch_event_rule", code, None, {**code, "event_bus_name": "shop"}).status == "drifted"
    spec = TYPES["aws_cloudwatch_event_rule"]
    found = compared("aws_cloudwatch_event_rule", code, None, {**code, "event_bus_name": "shop"}, spec=spec)
    assert "event_bus_name" not in changes_of(found)
