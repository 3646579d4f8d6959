"""Which element of a list or set of objects on one side is which on the others.

Rows come in the code's order; what only live has comes after it, then what only the baseline has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from reconciler.model import UNKNOWN, Plain
from reconciler.records import dataclass
from reconciler.schema.shape import Attribute, NestedBlock
from reconciler.semantics import Rules, Shape, canonical, members

_ALIKE: Final = 0.5  # elements that share no more than this of what they say are different things
_MANY: Final = 10_000  # pairs; beyond this, lists are compared position by position

Flat: TypeAlias = "dict[tuple[str, ...], object]"
Pairs: TypeAlias = "dict[int, int]"


@dataclass(frozen=True, slots=True)
class Row:
    """One element on each side; None where the side has none."""

    code: Plain
    base: Plain
    live: Plain


def unordered_rows(
    shape: Shape, code: Sequence[Plain], base: Sequence[Plain], live: Sequence[Plain], rules: Rules, at: str
) -> list[Row]:
    """Rows of a set."""
    codes, bases, lives = (_Elements(shape, side, rules, at) for side in (code, base, live))
    return _rows(code, base, live, _best_pairs(codes, lives), _best_pairs(lives, bases), _best_pairs(codes, bases))


def ordered_rows(
    shape: Shape, code: Sequence[Plain], base: Sequence[Plain], live: Sequence[Plain], rules: Rules, at: str
) -> list[Row]:
    """Rows of a list: by position, unless elements were added or taken away."""
    codes, bases, lives = (_Elements(shape, side, rules, at) for side in (code, base, live))
    return _rows(code, base, live, _in_order(codes, lives), _in_order(lives, bases), _in_order(codes, bases))


def _rows(
    code: Sequence[Plain],
    base: Sequence[Plain],
    live: Sequence[Plain],
    of_live: Pairs,
    of_base: Pairs,
    of_code: Pairs,
) -> list[Row]:
    """`of_live`: code -> live, `of_base`: live -> baseline, `of_code`: code -> baseline."""
    taken = set(of_base.values())
    rows: list[Row] = []
    alone = set(range(len(base))) - taken
    for index, element in enumerate(code):
        partner = of_live.get(index)
        recorded = of_base.get(partner) if partner is not None else None
        if recorded is None:
            recorded = of_code.get(index)
            recorded = recorded if recorded in alone else None
            alone.discard(-1 if recorded is None else recorded)
        rows.append(Row(element, _pick(base, recorded), _pick(live, partner)))
    paired = set(of_live.values())
    rows += [Row(None, _pick(base, of_base.get(i)), item) for i, item in enumerate(live) if i not in paired]
    return rows + [Row(None, base[index], None) for index in sorted(alone)]


def _pick(items: Sequence[Plain], index: int | None) -> Plain:
    return None if index is None else items[index]


class _Elements:
    """One side's elements, flattened to what each says: {path: canonical value}, zero values left out."""

    def __init__(self, shape: Shape, items: Sequence[Plain], rules: Rules, at: str) -> None:
        self.open = _computed_names(shape)
        self.flat: list[Flat] = [_flatten(canonical(shape, item, rules, at)) for item in items]

    def __len__(self) -> int:
        return len(self.flat)

    def likeness(self, index: int, other: _Elements, there: int) -> float:
        """0 to 1: how much of what the two say is the same. What one leaves to the provider does not count."""
        mine, theirs = self.flat[index], other.flat[there]
        said = {
            path
            for path in mine.keys() | theirs.keys()
            if not (path[0] in self.open and (path not in mine or path not in theirs))
            and mine.get(path) is not UNKNOWN
            and theirs.get(path) is not UNKNOWN
        }
        if not said:
            return 1.0
        return sum(1 for path in said if path in mine and path in theirs and mine[path] == theirs[path]) / len(said)


def _computed_names(shape: Shape) -> frozenset[str]:
    found = members(shape).items()
    return frozenset(
        name
        for name, member in found
        if isinstance(member, Attribute | NestedBlock)
        and (member.computed or (isinstance(member, Attribute) and member.default is not None))
    )


def _flatten(value: Plain, path: tuple[str, ...] = ()) -> Flat:
    match value:
        case dict():
            return {k: v for name, item in value.items() for k, v in _flatten(item, (*path, name)).items()}
        case None:
            return {}
        case list() if all(isinstance(item, str | int | float) for item in value):
            return {(*path, f"={item}"): True for item in value}
        case list():
            return {k: v for i, item in enumerate(value) for k, v in _flatten(item, (*path, str(i))).items()}
        case _:
            return {path or ("",): value}


def _said(flat: Flat) -> str:
    return repr(sorted(flat.items(), key=repr))


def _best_pairs(left: _Elements, right: _Elements) -> Pairs:
    """The most alike first; elements that are hardly alike stay alone."""
    pairs: Pairs = {}
    waiting: dict[str, list[int]] = {}
    for there in range(len(right) - 1, -1, -1):
        waiting.setdefault(_said(right.flat[there]), []).append(there)
    for here in range(len(left)):
        same = waiting.get(_said(left.flat[here]))
        if same:
            pairs[here] = same.pop()
    taken = set(pairs.values())
    rest = [i for i in range(len(right)) if i not in taken]
    scored = [(left.likeness(i, right, j), i, j) for i in range(len(left)) if i not in pairs for j in rest]
    for likeness, here, there in sorted(scored, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if likeness > _ALIKE and here not in pairs and there not in taken:
            pairs[here] = there
            taken.add(there)
    return pairs


def _in_order(left: _Elements, right: _Elements) -> Pairs:
    """The pairing that keeps the order and is most alike in all."""
    height, width = len(left), len(right)
    if height == width or height * width > _MANY:
        return {i: i for i in range(min(height, width))}
    best = [[0.0] * (width + 1) for _ in range(height + 1)]
    for i in range(height - 1, -1, -1):
        for j in range(width - 1, -1, -1):
            paired = left.likeness(i, right, j) + 0.01 + best[i + 1][j + 1]
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    pairs: Pairs = {}
    i = j = 0
    while i < height and j < width:
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            pairs[i] = j
            i, j = i + 1, j + 1
    return pairs
