"""Our dataclasses behave as the standard ones."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from dataclasses import field
from typing import Any, Generic, TypeVar

import pytest

from reconciler import records

T = TypeVar("T")
Maker = Callable[..., Any]


class Kinds:
    """The same classes, made by one of the two."""

    def __init__(self, make: Maker) -> None:
        @make(frozen=True, slots=True)
        class Point:
            x: int
            y: int = 2
            names: list[str] = field(default_factory=list)
            secret: str = field(default="s", repr=False)
            aside: int = field(default=0, compare=False)

            def __add__(self, other: Any) -> Any:
                return dataclasses.replace(self, x=self.x + other.x)

        @make(frozen=True, slots=True)
        class Named(Point):
            label: str = "l"

        @make(slots=True)
        class Counter(Generic[T]):
            start: int
            made: dict[str, int] = field(init=False)

            def __post_init__(self) -> None:
                self.made = {"start": self.start}

        @make(frozen=True)
        class Unkeyed:
            """It has a text."""

            size: int

            def __hash__(self) -> int:
                return 7

        @make(eq=False)
        class Same:
            size: int = 1

        @make(frozen=True, slots=True)
        class Empty:
            pass

        @make(frozen=True, slots=True)
        class One:
            values: frozenset[int]
            loose: list[int] = field(default_factory=list, hash=False)

        self.point, self.named, self.counter, self.unkeyed = Point, Named, Counter, Unkeyed
        self.same, self.empty, self.one = Same, Empty, One


OURS, STANDARD = Kinds(records.dataclass), Kinds(dataclasses.dataclass)

QUESTIONS: dict[str, Callable[[Kinds], Any]] = {
    "positions and names": lambda k: [k.point(1), k.point(1, 3), k.point(x=1, names=["a"]), k.named(1, label="m")],
    "too few": lambda k: k.point(),
    "too many": lambda k: k.point(1, 2, [], "s", 0, 9),
    "unknown": lambda k: k.point(1, z=3),
    "one list each": lambda k: k.point(1).names is k.point(1).names,
    "equal": lambda k: [k.point(1) == k.point(1), k.point(1) == k.point(2), k.point(1) == k.named(1), k.point(1) == 1],
    "compared without": lambda k: k.point(1, aside=4) == k.point(1),
    "hashed": lambda k: [
        hash(k.one(frozenset((1,)), [1])) == hash(k.one(frozenset((1,)), [2])),
        k.one(frozenset((1,)), [1]) == k.one(frozenset((1,)), [2]),
        hash(k.unkeyed(1)),
        hash(k.empty()) == hash(k.empty()),
    ],
    "unhashable inside": lambda k: hash(k.point(1)),
    "unhashable": lambda k: hash(k.counter(1)),
    "by identity": lambda k: [k.same() == k.same(), len({k.same(), k.same()})],
    "frozen": lambda k: setattr(k.point(1), "x", 2),
    "frozen below": lambda k: setattr(k.named(1), "label", "x"),
    "kept": lambda k: delattr(k.point(1), "x"),
    "slots": lambda k: [hasattr(k.point(1), "__dict__"), hasattr(k.unkeyed(1), "__dict__")],
    "set later": lambda k: k.counter(3).made,
    "changed": lambda k: [dataclasses.replace(k.named(1), y=5), k.point(1) + k.point(2)],
    "not replaced": lambda k: dataclasses.replace(k.counter(1), made={}),
    "as a mapping": lambda k: [dataclasses.asdict(k.named(1)), [f.name for f in dataclasses.fields(k.named)]],
    "copied": lambda k: [copy.copy(k.point(1, names=["a"])), copy.deepcopy(k.named(1))],
    "matched": lambda k: [k.point.__match_args__, k.counter.__match_args__],
    "text": lambda k: k.unkeyed.__doc__,
}


def answer(question: Callable[[Kinds], Any], kinds: Kinds) -> str:
    try:
        return repr(question(kinds))
    except Exception as error:  # noqa: BLE001 - whichever it is, both raise it
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("name", QUESTIONS)
def test_as_the_standard_ones(name: str) -> None:
    assert answer(QUESTIONS[name], OURS) == answer(QUESTIONS[name], STANDARD)


@records.dataclass(frozen=True, slots=True)
class Kept:
    a: int
    b: tuple[str, ...] = ()


def test_pickled() -> None:
    assert pickle.loads(pickle.dumps(Kept(1, ("x",)))) == Kept(1, ("x",))  # noqa: S301 - our own


def test_that_it_is_about_itself_is_printed_once() -> None:
    counter = OURS.counter(1)
    counter.made["self"] = counter
    assert repr(counter).endswith("made={'start': 1, 'self': ...})")
