"""The reader on answers made up for it: waves, bulk reads, nesting, what is not there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

import pytest

from reconciler.aws.caller import Pages
from reconciler.aws.failure import CallFailed, Kind, kind_of
from reconciler.aws.reader import Described, Reader
from reconciler.aws.records import items_of, value_of
from reconciler.resources.spec import At, Bulk, Read, ResourceType, Scope

SCOPE = Scope("eu-west-1", "123456789012")
Answers = Mapping[str, Callable[[dict[str, Any]], Any]]


class Fake:
    """Answers by operation: a page, or a list of pages; an exception is raised."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._memo: dict[str, Future[Pages]] = {}

    def call(self, operation: str, params: Mapping[str, Any], page: int | None = None) -> Future[Pages]:
        key = f"{operation} {json.dumps(params, sort_keys=True)}"
        if key not in self._memo:
            self.asked.append((operation, dict(params)))
            future: Future[Pages] = Future()
            try:
                answer = self.answers[operation](dict(params))
                future.set_result(answer if isinstance(answer, list) else [answer])
            except CallFailed as failure:
                future.set_exception(failure)
            self._memo[key] = future
        return self._memo[key]


def entry(listing: Read, attributes: Mapping[str, Any], **more: Any) -> ResourceType:
    return ResourceType(name="aws_thing", list=listing, id=At("Id"), attributes=attributes, **more)


def described(fake: Fake, kind: ResourceType) -> list[Described]:
    reader = Reader(fake, SCOPE)
    views, gaps = reader.records(kind)
    assert gaps == []
    return reader.describe(kind, views)


def attributes(fake: Fake, kind: ResourceType) -> list[Mapping[str, Any]]:
    return [d.resource.attributes for d in described(fake, kind) if d.resource]


def things(*ids: str) -> Callable[[dict[str, Any]], Any]:
    return lambda _: {"Things": [{"Id": i} for i in ids]}


def refuse(code: str, operation: str = "x:Y") -> CallFailed:
    return CallFailed(operation, Kind.REFUSED, code, "")


LIST = Read("x:List", "Things")


def test_details_that_use_one_another_are_read_in_order() -> None:
    details = {
        "third": Read("x:Third", "", {"Key": At("second.Key")}),
        "first": Read("x:First", "", {"Id": At("Id")}),
        "second": Read("x:Second", "", {"Name": At("first.Name")}),
    }
    fake = Fake(
        {
            "x:List": things("a", "b"),
            "x:First": lambda p: {"Name": p["Id"] * 2},
            "x:Second": lambda p: {"Key": p["Name"] + "!"},
            "x:Third": lambda p: {"Value": p["Key"] + "?"},
        }
    )
    assert attributes(fake, entry(LIST, {"v": At("third.Value")}, details=details)) == [{"v": "aa!?"}, {"v": "bb!?"}]
    assert [name for name, _ in fake.asked] == ["x:List", *["x:First"] * 2, *["x:Second"] * 2, *["x:Third"] * 2]


def test_what_depends_on_a_failed_detail_is_unread_with_its_reason() -> None:
    def fail(_: dict[str, Any]) -> Any:
        raise refuse("Boom", "x:First")

    details = {"first": Read("x:First"), "second": Read("x:Second", "", {"Name": At("first.Name")})}
    fake = Fake({"x:List": things("a"), "x:First": fail})
    (found,) = described(fake, entry(LIST, {"id": At("Id"), "v": At("second.Value")}, details=details))
    assert found.resource is not None and found.gap is not None
    assert (found.resource.attributes, found.resource.unread) == ({"id": "a"}, {"v"})
    assert (found.gap.id, found.gap.attributes, found.gap.reason) == ("a", ("v",), "Boom: x:First")


def test_details_that_wait_for_each_other_are_a_bug() -> None:
    details = {"a": Read("x:A", "", {"P": At("b.V")}), "b": Read("x:B", "", {"P": At("a.V")})}
    with pytest.raises(RuntimeError, match="wait for each other"):
        described(Fake({"x:List": things("a")}), entry(LIST, {}, details=details))


def test_a_bulk_read_serves_all_records() -> None:
    details = {"all": Read("x:All", "Items", bulk=Bulk("Of", At("Id"), many=True))}
    fake = Fake(
        {
            "x:List": things("a", "b", "c"),
            "x:All": lambda _: [{"Items": [{"Of": "a", "V": 1}]}, {"Items": [{"Of": "a", "V": 2}]}],
        }
    )
    found = attributes(fake, entry(LIST, {"v": At("all")}, details=details))
    assert [len(one["v"]) for one in found] == [2, 0, 0]
    assert len(fake.asked) == 2


def test_a_batch_asks_for_as_many_as_it_may_and_finds_the_one_that_is_gone() -> None:
    def describe(params: dict[str, Any]) -> Any:
        if "c" in params["Ids"]:
            raise refuse("NotFound")
        return {"Items": [{"Id": i, "V": i * 2} for i in params["Ids"]]}

    read = Read(
        "x:Describe", "Items", bulk=Bulk("Id", At("Id"), parameter="Ids", size=4), absent=frozenset(("NotFound",))
    )
    fake = Fake({"x:List": things(*"abcdef"), "x:Describe": describe})
    kind = entry(LIST, {"v": At("d.V")}, details={"d": read}, exists=lambda record, _: record["d"] is not None)
    assert [one["v"] for one in attributes(fake, kind)] == ["aa", "bb", "dd", "ee", "ff"]
    assert [p["Ids"] for n, p in fake.asked if n == "x:Describe"] == [
        [*"abcd"],
        [*"ef"],
        ["a", "b"],
        ["c", "d"],
        ["c"],
        ["d"],
    ]


SINGLE = Read("x:TagsOf", "Tags", {"Id": At("Id")})
TAGS = {"tags": Read("x:Tags", "Items", bulk=Bulk("Id", At("Id"), path="Tags", single=SINGLE))}


def test_few_records_are_asked_singly_and_many_in_bulk() -> None:
    fake = Fake(
        {
            "x:List": things(*"ab"),
            "x:Tags": lambda _: {"Items": [{"Id": "c", "Tags": "bulk"}]},
            "x:TagsOf": lambda _: {"Tags": "single"},
        }
    )
    assert [one["t"] for one in attributes(fake, entry(LIST, {"t": At("tags")}, details=TAGS))] == ["single"] * 2
    fake.answers = {**fake.answers, "x:Many": things(*"abcdef")}
    many = entry(Read("x:Many", "Things"), {"t": At("tags")}, details=TAGS)
    assert [one["t"] for one in attributes(fake, many)] == [None, None, "bulk", None, None, None]


def test_a_bulk_read_that_knows_nobody_is_not_believed() -> None:
    fake = Fake(
        {"x:List": things(*"abcdef"), "x:Tags": lambda _: {"Items": []}, "x:TagsOf": lambda p: {"Tags": p["Id"]}}
    )
    assert [one["t"] for one in attributes(fake, entry(LIST, {"t": At("tags")}, details=TAGS))] == [*"abcdef"]


def test_nobody_has_tags() -> None:
    fake = Fake({"x:List": things(*"abcdef"), "x:Tags": lambda _: {"Items": []}, "x:TagsOf": lambda _: {"Tags": []}})
    assert [one["t"] for one in attributes(fake, entry(LIST, {"t": At("tags")}, details=TAGS))] == [None] * 6
    assert len(fake.asked) == 2 + 3


def test_where_not_every_endpoint_knows_the_kind_everybody_is_asked_before_nobody_has_tags() -> None:
    details = {"tags": Read("x:Tags", "Items", bulk=Bulk("Id", At("Id"), path="Tags", single=SINGLE, doubtful=True))}
    only_the_last = lambda p: {"Tags": "late"} if p["Id"] == "f" else {}  # noqa: E731
    fake = Fake({"x:List": things(*"abcdef"), "x:Tags": lambda _: {"Items": []}, "x:TagsOf": only_the_last})
    found = [one["t"] for one in attributes(fake, entry(LIST, {"t": At("tags")}, details=details))]
    assert found == [None] * 5 + ["late"]


VERSIONS = {
    "all": Read(
        "x:Versions",
        "Items",
        bulk=Bulk(
            "Id",
            At("Id"),
            many=True,
            single=Read("x:VersionsOf", "Items", {"Id": At("Id")}),
            current=True,
            only=lambda i: "N" in i,
        ),
    )
}


@pytest.mark.parametrize("ids", ["ab", "abcdef"])
def test_a_bulk_read_that_has_not_heard_the_question_is_not_believed(ids: str) -> None:
    """It tells everybody, but nothing of what it was asked for."""
    fake = Fake(
        {
            "x:List": things(*ids),
            "x:Versions": lambda _: {"Items": [{"Id": i} for i in ids]},
            "x:VersionsOf": lambda p: {"Items": [{"N": p["Id"] * 2}]},
        }
    )
    kind = entry(LIST, {"n": lambda record, _: [i["N"] for i in record["all"]]}, details=VERSIONS)
    assert [one["n"] for one in attributes(fake, kind)] == [[i * 2] for i in ids]


def test_a_bulk_read_that_has_heard_is_believed_for_few_records_too() -> None:
    fake = Fake({"x:List": things("a", "b"), "x:Versions": lambda _: {"Items": [{"Id": "a", "N": 1}, {"Id": "b"}]}})
    kind = entry(LIST, {"n": lambda record, _: [i["N"] for i in record["all"]]}, details=VERSIONS)
    assert [one["n"] for one in attributes(fake, kind)] == [[1], []]


def test_nested_reads_carry_their_parent() -> None:
    inner = Read("x:Inner", "Names", {"Id": At("Id"), "Of": {"Up": [At("Id")]}}, under=LIST, wrap="Name")
    fake = Fake({"x:List": things("a", "b"), "x:Inner": lambda p: {"Names": [p["Id"] + "1", p["Of"]["Up"][0] + "2"]}})
    reader = Reader(fake, SCOPE)
    assert [(r["Name"], r["parent"]["Id"]) for r in reader.rows(inner).records] == [
        ("a1", "a"),
        ("a2", "a"),
        ("b1", "b"),
        ("b2", "b"),
    ]


@pytest.mark.parametrize(("heard", "expected"), [(True, ["a1", "b1"]), (False, ["a2", "b2"])])
def test_an_endpoint_that_has_not_heard_all_is_asked_otherwise(heard: bool, expected: list[str]) -> None:
    instead = Read("x:Of", "Things", {"Id": At("Id")}, under=LIST)
    fake = Fake(
        {
            "x:List": things("a", "b"),
            "x:Every": lambda _: {"Things": [{"Id": "a1", **({"N": 1} if heard else {})}, {"Id": "b1"}]},
            "x:Of": lambda p: {"Things": [{"Id": p["Id"] + "2"}]},
        }
    )
    every = Read("x:Every", "Things", unless=(lambda item: "N" in item, instead))
    assert [r["Id"] for r in Reader(fake, SCOPE).rows(every).records] == expected
    assert [r["Id"] for r in Reader(Fake({"x:Every": things()}), SCOPE).rows(every).records] == []


def test_when_says_no() -> None:
    detail = Read("x:Never", when=lambda record, _: record["Id"] == "b")
    fake = Fake({"x:List": things("a", "b"), "x:Never": lambda _: {"V": 1}})
    found = attributes(fake, entry(LIST, {"v": At("d.V", default=0)}, details={"d": detail}))
    assert [one["v"] for one in found] == [0, 1]


def test_an_answer_that_is_not_as_expected_is_a_gap_of_that_attribute() -> None:
    fake = Fake({"x:List": things("a")})
    kind = entry(LIST, {"ok": At("Id"), "odd": lambda record, _: record["Nothing"]["More"]})
    (found,) = described(fake, kind)
    assert found.gap is not None and found.resource is not None
    assert found.gap.attributes == ("odd",)
    assert "KeyError" in found.gap.reason
    assert found.resource.attributes == {"ok": "a"}


def test_paths_into_answers() -> None:
    pages: Pages = [{"R": [{"I": [1, 2]}, {"I": [3]}]}, {"R": []}, {}, {"R": [{"I": None}]}]
    assert list(items_of(pages, "R.I")) == [1, 2, 3]
    assert value_of([{"A": [1]}, {"A": [2]}], "A") == [1, 2]
    assert value_of([{"A": {"B": None}}], "A.B") is None
    assert value_of([{"A": 0}], "A") == 0


@pytest.mark.parametrize(
    ("code", "status", "message", "kind"),
    [
        ("Throttling", 400, "", Kind.THROTTLED),
        ("AWS.SimpleQueueService.RequestThrottled", 403, "", Kind.THROTTLED),
        ("com.amazonaws.x#TooManyRequestsException", 429, "", Kind.THROTTLED),
        ("ResourceConflictException", 409, "An update is in progress for resource", Kind.THROTTLED),
        ("ResourceConflictException", 409, "The statement id already exists", Kind.REFUSED),
        ("AccessDenied", 403, "", Kind.DENIED),
        ("Whatever", 403, "", Kind.DENIED),
        ("ExpiredToken", 403, "", Kind.CREDENTIALS),
        ("SignatureDoesNotMatch", 403, "", Kind.CREDENTIALS),
        ("InternalError", 500, "", Kind.SERVER),
        ("Whatever", 502, "", Kind.SERVER),
        ("NoSuchBucketPolicy", 404, "", Kind.REFUSED),
    ],
)
def test_kinds_of_failures(code: str, status: int, message: str, kind: Kind) -> None:
    assert kind_of(code, status, message) is kind


def test_an_error_without_a_code_is_told_by_its_status() -> None:
    assert str(CallFailed("x:List", Kind.REFUSED, "400", "")) == "HTTP 400: x:List (the answer gives no reason)"
    assert str(CallFailed("x:List", Kind.DENIED, "AccessDenied", "")) == "AccessDenied: x:List"
    assert "HTTP 404: not found" in str(CallFailed("x:List", Kind.REFUSED, "404", "not found").as_error())
