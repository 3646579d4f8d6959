"""Reports: the format of the contract, six forms, and pull requests that nothing from the cloud can break."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from markdown_it import MarkdownIt

from reconciler import report
from reconciler.drift import unmanaged
from reconciler.errors import ConfigError
from reconciler.hcl.evaluate import evaluate
from reconciler.hcl.tree import MemoryTree
from reconciler.model import UNKNOWN, Change, Diagnostic, Finding, Gap, Operation, Span
from reconciler.report import Scan, StackScan
from reconciler.report.desired import Desired, render_desired
from reconciler.report.gaps import hidden
from reconciler.report.pull_request import LIMIT, Marker, Proposal, body
from reconciler.reverting import PlanItem, PlannedChange, RevertPlan
from tests.core.support import compared, context, live

SCHEMAS = Path(__file__).parents[2] / "docs/schemas"
NASTY = "a|b`c``d @everyone --> <!-- <script>alert(1)</script> \x1b[31m \u202e\n```\n</failure>"


def drifted(value: str = "b") -> Finding:
    return compared(
        "aws_sqs_queue",
        {"policy": "a", "delay_seconds": 1},
        {"policy": "a", "delay_seconds": 1},
        {"policy": value, "delay_seconds": 2},
    )


def scan(*findings: Finding, complete: bool = True, **changes: Any) -> Scan:
    gaps = () if complete else (Gap("AccessDenied: sqs:ListQueues", "aws_sqs_queue", "eu-west-1"),)
    stack = StackScan(
        "payments", "infra/payments", findings, gaps, complete=complete, calls={"sqs:ListQueues": 1}, seconds=2.123
    )
    return Scan("github.com/o/r", "abc123", (replace(stack, **changes),))


EVERY_KIND = scan(
    drifted(NASTY),
    compared("aws_sqs_queue", {"name": "x"}, None, {"name": "x"}),
    compared("aws_sqs_queue", {"name": "x"}, {"name": "x"}, None),
    compared("aws_sqs_queue", {"policy": UNKNOWN}, {"policy": "a"}, {"policy": "b"}),
    compared("aws_sqs_queue", {"name": "x"}, None, None, ctx=context(unverified=NASTY)),
    compared("aws_db_instance", {"password": "hunter2"}, None, {"password": "hunter3"}),
    unmanaged(live("aws_sqs_queue", {}, NASTY), context()),
    complete=False,
    diagnostics=(Diagnostic("error", f"broken {NASTY}", Span("main.tf", 1, 2, 3), "detail"),),
)


def test_json_is_the_format_of_the_contract() -> None:
    document = json.loads(report.render(EVERY_KIND, "json"))
    described = json.loads((SCHEMAS / "scan-v1.json").read_text())
    jsonschema.Draft202012Validator.check_schema(described)
    jsonschema.Draft202012Validator(described).validate(document)
    stack = document["stacks"][0]
    assert stack["summary"]["drifted"] == 3 and stack["api_calls"] == {
        "total": 1,
        "by_operation": {"sqs:ListQueues": 1},
    }
    assert stack["resources"][0]["changes"][0] == {
        "path": "delay_seconds",
        "code": 1,
        "baseline": 1,
        "live": 2,
        "declared": True,
        "sensitive": False,
        "cause": "live_changed",
    }
    assert document["complete"] is False and stack["seconds"] == 2.12


def test_a_saved_report_comes_back() -> None:
    again = report.parse("f", report.render(EVERY_KIND, "json"))
    assert report.to_json(again) == report.to_json(EVERY_KIND)
    assert again.findings[0][1].changes == EVERY_KIND.findings[0][1].changes


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "reconcile.scan/v2"}', '{"format": "reconcile.scan/v1"}'])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        report.parse("scan.json", text)
    assert "scan.json" in str(caught.value)


@pytest.mark.parametrize("form", report.FORMATS)
def test_no_secret_gets_into_any_form(form: report.Format) -> None:
    assert "hunter" not in report.render(EVERY_KIND, form)


@pytest.mark.parametrize("form", ["text", "markdown", "html", "junit"])
def test_nothing_from_the_cloud_steers_a_terminal(form: report.Format) -> None:
    text = report.render(EVERY_KIND, form)
    assert "\x1b" not in text and "\u202e" not in text


def test_text_for_people() -> None:
    text = report.render(scan(drifted()), "text")
    assert "payments (infra/payments)" in text and "main.tf:3" in text
    assert "delay_seconds: 1 → 2" in text and "1 to reconcile" in text
    assert "\x1b[" in report.render(scan(drifted()), "text", colour=True)
    clean = report.render(scan(), "text")
    assert clean.endswith("nothing to reconcile\n")
    assert "incomplete" in report.render(scan(complete=False), "text")


def test_what_differs_inside_a_document_is_shown_and_nothing_else() -> None:
    one = {"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "Allow", "Action": "sqs:A", "Resource": "r"}]}
    two = {**one, "Statement": [{**one["Statement"][0], "Action": ["sqs:A", "sqs:B"]}]}  # pyright: ignore
    found = compared("aws_sqs_queue", {"policy": json.dumps(one)}, None, {"policy": json.dumps(two)})
    text = report.render(scan(found), "text")
    assert 'policy:\n             Statement[0].Action[1]: (not set) → "sqs:B"\n' in text
    bodied = body(proposal(finding=found))
    assert '+        "sqs:B"' in bodied and "from the code to live" in bodied


def test_sarif() -> None:
    document = json.loads(report.render(EVERY_KIND, "sarif"))
    results = document["runs"][0]["results"]
    assert {r["ruleId"] for r in results} == {"drift/drifted", "drift/missing", "drift/unmanaged"}
    assert results[0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "main.tf"},
        "region": {"startLine": 3},
    }
    assert document["runs"][0]["invocations"][0]["executionSuccessful"] is False


def test_junit() -> None:
    suite = ElementTree.fromstring(report.render(EVERY_KIND, "junit"))[0]  # noqa: S314 - our own
    assert suite.attrib["failures"] == "5" and suite.attrib["errors"] == "1" and suite.attrib["skipped"] == "1"
    assert len(suite.findall(".//failure")) == 5


def test_html_stands_alone_and_runs_nothing() -> None:
    page = report.render(EVERY_KIND, "html")
    assert "<script" not in page and "http" not in page and "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("found", "complete", "fail_on", "code"),
    [
        ((), True, "any", 0),
        ((drifted(),), True, "any", 2),
        ((drifted(),), False, "any", 2),
        ((), False, "any", 3),
        ((drifted(),), True, "never", 0),
        ((), False, "never", 0),
        ((drifted(),), True, "critical", 0),
        ((drifted(),), True, "high", 2),
        ((compared("aws_sqs_queue", {"tags": {"A": "1"}}, None, {}),), True, "high", 0),
        (
            (compared("aws_sqs_queue", {"delay_seconds": 1}, {"delay_seconds": 0}, {"delay_seconds": 0}),),
            True,
            "any",
            0,
        ),
    ],
)
def test_exit_codes(found: tuple[Finding, ...], complete: bool, fail_on: report.FailOn, code: int) -> None:
    assert scan(*found, complete=complete).exit_code(fail_on) == code


# -- pull requests --------------------------------------------------------------------------------------------


def proposal(**changes: Any) -> Proposal:
    finding = changes.pop("finding", drifted())
    given = {
        "kind": "adopt",
        "stack": "payments",
        "id": "abc",
        "fingerprint": "f00",
        "subject": "aws_sqs_queue.x: policy",
    }
    return Proposal(**{**given, "severity": "high", "findings": (finding,), **changes})


def test_names() -> None:
    found = proposal()
    assert found.branch == "reconcile/adopt/payments/abc"
    assert found.labels == ("drift", "adopt", "severity:high")
    assert found.title == "Adopt drift: aws_sqs_queue.x: policy"
    assert len(proposal(subject="x" * 500).title) == 120


@pytest.mark.parametrize("stack", ["a b", "../x", "a//b", "x.lock", "ü", "-", "a@{b", "~^:?*[\\"])
def test_branches_are_such_that_git_takes_them(stack: str) -> None:
    import subprocess

    name = proposal(stack=stack).branch
    assert subprocess.run(["git", "check-ref-format", "--branch", name], capture_output=True).returncode == 0, name


def test_the_body_says_what_to_decide_on() -> None:
    text = body(
        proposal(diff="--- a/main.tf\n+++ b/main.tf\n-x\n+y\n", history=("2026-01-01 ann: sqs:SetQueueAttributes",))
    )
    for part in ("How to decide", '| `policy` | `"a"` | `"a"` | `"b"` | live moved |', "main.tf:3", "```diff", "ann"):
        assert part in text
    assert text.endswith(str(proposal().marker))


def test_a_revert_shows_its_operations_and_their_inverse() -> None:
    operation = Operation("sqs", "SetQueueAttributes", {"Attributes": {"DelaySeconds": "1"}})
    item = PlanItem(
        "aws_sqs_queue.x",
        "aws_sqs_queue",
        "u",
        "1",
        "eu-west-1",
        "update",
        "f",
        (PlannedChange(("delay_seconds",), 2, 1),),
        "sha256:x",
        (operation,),
        (operation,),
    )
    text = body(proposal(kind="revert", plan=RevertPlan("abc", "payments", "t", (item,), "2026-12-01")))
    assert 'sqs:SetQueueAttributes {"Attributes": {"DelaySeconds": "1"}}' in text
    assert "2026-12-01" in text and "account 1, eu-west-1" in text and "undo" in text


def test_nothing_from_the_cloud_breaks_out_of_the_body() -> None:
    nasty = unmanaged(live("aws_sqs_queue", {}, NASTY), context())
    text = body(
        proposal(
            finding=drifted(NASTY),
            diff=f"+{NASTY}\n",
            subject=NASTY,
            history=(NASTY,),
            findings=(drifted(NASTY), nasty),
        )
    )
    marker = text.rindex("<!-- reconcile:v1:")
    assert not re.search(r"@\w", text)
    assert text.count("-->") == 1 and text.index("-->") > marker
    tokens = [
        token for top in MarkdownIt("commonmark").enable("table").parse(text) for token in (top, *(top.children or ()))
    ]
    html = [token.content.strip() for token in tokens if token.type in ("html_block", "html_inline")]
    assert html == [str(proposal().marker)]
    assert len([token for token in tokens if token.type == "td_open"]) == 5 * len(drifted(NASTY).changes)
    assert not [token for token in tokens if token.type in ("link_open", "image")]


def test_the_marker_survives_any_length() -> None:
    long = replace(drifted(), changes=tuple(Change((f"a{n}",), "x" * 150, None, "y" * 150) for n in range(2000)))
    text = body(proposal(finding=long, diff="+" + "z" * 80_000))
    assert len(text) <= LIMIT and "Shortened" in text and "How to decide" in text
    assert Marker.find(text) == proposal().marker


def test_markers() -> None:
    marker = Marker("revert", "a --> b", "id", "f")
    assert Marker.find(f"x\n{marker}") == marker and str(marker).count("-->") == 1
    later = Marker("adopt", "s", "2", "g")
    assert Marker.find(f"{marker}\n{later}") == later
    for text in ("", "<!-- reconcile:v1:{} -->", "<!-- reconcile:v1:{x -->", '<!-- reconcile:v1:{"kind":"x"} -->'):
        assert Marker.find(text) is None


def test_a_link_to_the_source() -> None:
    text = body(proposal(source_url="https://github.com/o/r/blob/abc/{file}#L{line}"))
    assert "[`main.tf:3`](https://github.com/o/r/blob/abc/main.tf#L3)" in text


def test_resources_that_cannot_be_compared_are_listed_too() -> None:
    text = report.render(
        scan(compared("aws_sqs_queue", {"name": "x"}, None, None, ctx=context(unverified="two fit"))), "text"
    )
    assert "not verified" in text and "two fit" in text


def test_the_desired_state_is_the_format_of_the_contract() -> None:
    estate = Path(__file__).parents[2] / "reconciler/sandbox/estate"
    files = {str(path.relative_to(estate)): path.read_bytes() for path in estate.rglob("*") if path.is_file()}
    broken = {
        "broken/main.tf": b'resource "aws_sqs_queue" "q" {\n  name = var.nothing\n}\noutput "o" {\n  value = 1\n}\n'
    }
    described = json.loads((SCHEMAS / "desired-v1.json").read_text())
    jsonschema.Draft202012Validator.check_schema(described)
    for root in ("infra/payments", "broken"):
        found = Desired.of("payments", "abc", evaluate(MemoryTree({**files, **broken}), root))
        document = json.loads(render_desired([found], "json"))
        jsonschema.Draft202012Validator(described).validate(document)
        assert document["resources"]


def test_what_one_reason_hides_in_many_places_is_one_line() -> None:
    where = [(("event_bus_name", name),) for name in "abcde"]
    gaps = [
        Gap("AccessDenied: events:ListRules", "aws_cloudwatch_event_rule", within=where[0]),
        Gap("AccessDenied: sns:ListTopics", "aws_sns_topic"),
        *(Gap("HTTP 400: events:ListRules", "aws_cloudwatch_event_rule", within=place) for place in (*where, where[0])),
        Gap("AccessDenied: sqs:GetQueueAttributes", "aws_sqs_queue", id="q", attributes=("policy",)),
        Gap("broken"),
    ]
    assert list(hidden(gaps)) == [
        ("aws_cloudwatch_event_rule of event_bus_name a", "AccessDenied: events:ListRules"),
        ("aws_sns_topic", "AccessDenied: sns:ListTopics"),
        (
            "aws_cloudwatch_event_rule of event_bus_name a, event_bus_name b, event_bus_name c and 2 more",
            "HTTP 400: events:ListRules",
        ),
        ("q (policy)", "AccessDenied: sqs:GetQueueAttributes"),
        ("everything", "broken"),
    ]
    assert list(hidden([Gap("r", "t", within=where[0]), Gap("r", "t")])) == [("t", "r")]
