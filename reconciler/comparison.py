"""Three sides of one resource laid over one another: code, baseline and live, attribute path by attribute path.

Each side becomes a tree of dicts with canonical text at its leaves; elements of sets and lists of objects are paired
first, so that the same key means the same element on every side. What is left to the provider (unset and computed)
or unknown takes live's value on the code side, as Terraform plans it, and is remembered as such: there, baseline
and live alone are compared. deepdiff tells where trees that are not equal differ.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Final, Protocol, TypeAlias, cast

from reconciler.model import UNKNOWN, Path, Plain
from reconciler.pairing import Row, ordered_rows, unordered_rows
from reconciler.records import dataclass
from reconciler.redaction import UNKEYED, Secrecy, mentions_secret
from reconciler.schema.shape import Attribute, Block, NestedBlock
from reconciler.semantics import Rules, Shape, element_shape, equivalent, has_unknown, kind_of, members, names, token


class _Difference(Protocol):
    """What deepdiff's tree view holds, as far as it is used here."""

    def path(self, *, output_format: str) -> list[int | str]: ...


Tree: TypeAlias = "str | None | dict[int | str, Tree]"
"""None: nothing there. Text: a canonical leaf. Dict: an object by name, a map by key, a list by index."""

_PRIMITIVE = frozenset({"string", "number", "bool", "dynamic"})
_LISTS = frozenset({"list", "set", "tuple"})
_ABSENT: Final[dict[str, Plain]] = {}


@dataclass(frozen=True, slots=True)
class Sides:
    """The values of one place as they are written on each side."""

    code: Plain
    base: Plain
    live: Plain


@dataclass(frozen=True, slots=True)
class Trees:
    code: Tree
    base: Tree
    live: Tree


@dataclass(slots=True)
class Comparison:
    """One resource's sides, aligned. Fill it with `attribute` and `leaf`, then ask `declared` and `left_open`.

    `skip` holds dotted names that are not compared; `elsewhere` top-level names that are not where the code leaves
    them unset, because other resources answer for them; `kept` dotted names that the provider leaves alone where they
    are unset. Without a baseline (`has_base` false) live stands for it.
    """

    rules: Rules
    secrecy: Secrecy
    has_base: bool
    differences_only: bool = False
    skip: frozenset[str] = frozenset()
    elsewhere: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    trees: Trees = field(default_factory=lambda: Trees({}, {}, {}))
    shown: dict[Path, tuple[Shape, Sides]] = field(default_factory=dict[Path, "tuple[Shape, Sides]"])
    undeclared: set[Path] = field(default_factory=set[Path])
    unknown: set[Path] = field(default_factory=set[Path])
    unrecorded: set[Path] = field(default_factory=set[Path])  # the baseline does not tell

    def attribute(self, name: str, shape: Attribute | NestedBlock, sides: Sides, *, recorded: bool) -> None:
        """Lay a top-level attribute or block down; `recorded`: the baseline has a word on it.

        With `differences_only`, what all sides write in the same way is left out.
        """
        same = sides.code == sides.live and (not self.has_base or not recorded or sides.base == sides.live)
        if self.differences_only and same and sides.code is not None:
            return
        found = self._member((name,), shape, sides, declared=True, recorded=recorded)
        if found is not None:
            self._put((name,), found)

    def leaf(self, path: Path, shape: Shape, sides: Sides, *, recorded: bool) -> None:
        """Lay down the entry of a map (a tag), whatever holds it."""
        if self.has_base and not recorded:
            self.unrecorded.add(path)
            sides = Sides(sides.code, sides.live, sides.live)
        self._put(path, self._entry(path, shape, sides, declared=True))

    def _put(self, path: Path, found: Trees) -> None:
        for tree, value in (
            (self.trees.code, found.code),
            (self.trees.base, found.base),
            (self.trees.live, found.live),
        ):
            for step in path[:-1]:
                assert isinstance(tree, dict)
                tree = tree.setdefault(step, {})
            assert isinstance(tree, dict)
            if value is not None:
                tree[path[-1]] = value

    # -- asking ------------------------------------------------------------------------------------------------

    def declared(self) -> list[Path]:
        """Where live is not what the code says."""
        return _differing(self.trees.code, self.trees.live)

    def left_open(self) -> list[Path]:
        """Where live is not what the baseline says, and the code leaves it open or cannot tell yet."""
        if not self.has_base:
            return []
        return [p for p in _differing(self.trees.base, self.trees.live) if under(p, self.undeclared | self.unknown)]

    def at(self, path: Path) -> Trees:
        return Trees(_dig(self.trees.code, path), _dig(self.trees.base, path), _dig(self.trees.live, path))

    def said(self, path: Path, tree: Tree) -> Tree:
        """What of a tree at `path` the code has a word on: of a block that is gone, live tells no more of the rest."""
        if not isinstance(tree, dict):
            return tree
        left = self.undeclared | self.unknown
        return {step: self.said((*path, step), inner) for step, inner in tree.items() if (*path, step) not in left}

    def effective(self, path: Path) -> Plain:
        """The value that a deploy of the code would leave at `path`: what it does not say is as live has it."""
        return self._rebuilt(path, _dig(self.trees.code, path))

    def _rebuilt(self, path: Path, tree: Tree) -> Plain:
        shape, sides = self.shown[path]
        kind = kind_of(shape)
        if not isinstance(tree, dict):
            return sides.code
        if kind == "object":
            laid = [name for name in members(shape) if (*path, name) in self.shown]
            return {name: self._rebuilt((*path, name), tree.get(name)) for name in laid}
        if kind == "map":
            return {str(key): self._rebuilt((*path, key), entry) for key, entry in tree.items()}
        return [self._rebuilt((*path, index), tree[index]) for index in sorted(tree, key=int)]

    # -- laying down -------------------------------------------------------------------------------------------

    def _member(self, path: Path, shape: Shape, sides: Sides, *, declared: bool, recorded: bool = True) -> Trees | None:
        """An attribute or block of an object; None where it is not to be compared."""
        if names(path) in self.skip or (isinstance(shape, Attribute) and (shape.read_only or shape.write_only)):
            return None
        if self.has_base and not recorded:
            self.unrecorded.add(path)
            sides = Sides(sides.code, sides.live, sides.live)
        if declared and _unset(shape, sides.code):
            default = shape.default if isinstance(shape, Attribute) else None
            if default is not None:
                sides = Sides(cast("Plain", default), sides.base, sides.live)
            elif len(path) == 1 and path[0] in self.elsewhere:
                return None
            elif _deprecated(shape):
                return None  # it says what another attribute or resource says, in an older way
            elif (
                not _computed(shape)
                and names(path) in self.kept
                and isinstance(shape, NestedBlock)
                and _says(sides.live)
            ):
                # The provider minds a block less than what is in it: that has to be as an empty block would have it.
                sides = Sides([{}], sides.base, sides.live)
            elif _computed(shape) or names(path) in self.kept:
                self.undeclared.add(path)
                declared = False
        return self._value(path, shape, sides, declared=declared)

    def _value(self, path: Path, shape: Shape, sides: Sides, *, declared: bool) -> Trees:
        code = sides.code if declared else sides.live
        if code is UNKNOWN or (isinstance(code, list) and _opaque(shape, code)):
            self.unknown.add(path)
            declared, code = False, sides.live
        sides = Sides(code, sides.base, sides.live)
        self.shown[path] = (shape, sides)
        kind, inner = kind_of(shape), element_shape(shape)
        if kind in _PRIMITIVE or names(path) in self.rules or (kind in _LISTS and not _has_parts(inner)):
            return self._leaf(path, shape, sides)
        if kind == "map":
            return self._map(path, inner or "dynamic", sides, declared=declared)
        if kind in _LISTS:
            return self._elements(path, kind, inner or "dynamic", sides, declared=declared)
        return self._object(path, shape, sides, declared=declared)

    def _object(self, path: Path, shape: Shape, sides: Sides, *, declared: bool) -> Trees:
        code, base, live = (_mapping(side) for side in (sides.code, sides.base, sides.live))
        out: tuple[dict[int | str, Tree], ...] = ({}, {}, {})
        for name, member in members(shape).items():
            if live and name not in live and code.get(name) is None:
                continue  # neither says anything of it
            inner = Sides(code.get(name), base.get(name), live.get(name))
            found = self._member((*path, name), member, inner, declared=declared)
            if found is not None:
                for tree, value in zip(out, (found.code, found.base, found.live), strict=True):
                    if value is not None:
                        tree[name] = value
        present = (isinstance(side, dict) for side in (sides.code, sides.base, sides.live))
        return Trees(*(tree if there else None for tree, there in zip(out, present, strict=True)))

    def _map(self, path: Path, inner: Shape, sides: Sides, *, declared: bool) -> Trees:
        code, base, live = (_mapping(side) for side in (sides.code, sides.base, sides.live))
        out: tuple[dict[int | str, Tree], ...] = ({}, {}, {})
        for key in {**code, **live, **base}:
            entry = Sides(code.get(key), base.get(key), live.get(key))
            found = self._entry((*path, key), inner, entry, declared=declared)
            for tree, value in zip(out, (found.code, found.base, found.live), strict=True):
                if value is not None:
                    tree[key] = value
        return Trees(*out)

    def _entry(self, path: Path, shape: Shape, sides: Sides, *, declared: bool) -> Trees:
        """In a map, "" is there and null is not."""
        found = self._value(path, shape, sides, declared=declared)
        shown = self.shown[path][1]
        pairs = ((found.code, shown.code), (found.base, shown.base), (found.live, shown.live))
        return Trees(*('""' if tree is None and value is not None else tree for tree, value in pairs))

    def _elements(self, path: Path, kind: str, inner: Shape, sides: Sides, *, declared: bool) -> Trees:
        code, base, live = (_items(side) for side in (sides.code, sides.base, sides.live))
        rows = ordered_rows if kind != "set" else unordered_rows
        at = names(path)
        out: tuple[dict[int | str, Tree], ...] = ({}, {}, {})
        for index, row in enumerate(rows(inner, code, base, live, self.rules, at)):
            found = self._row((*path, index), inner, row, declared=declared)
            for tree, value in zip(out, (found.code, found.base, found.live), strict=True):
                if value is not None:
                    tree[index] = value
        return Trees(*out)

    def _row(self, path: Path, inner: Shape, row: Row, *, declared: bool) -> Trees:
        found = self._value(path, inner, Sides(row.code, row.base, row.live), declared=declared)
        here = Trees(
            found.code if row.code is not None or not declared else None,
            found.base if row.base is not None else None,
            found.live if row.live is not None else None,
        )
        self.shown[path] = (inner, Sides(row.code, row.base, row.live))
        return here

    def _leaf(self, path: Path, shape: Shape, sides: Sides) -> Trees:
        at = names(path)
        live = self._token(shape, sides.live, at)
        same = equivalent(shape, sides.code, sides.live, self.rules, at)
        code = live if same else self._token(shape, sides.code, at)
        return Trees(code, self._base(path, shape, sides, Trees(code, None, live)), live)

    def _base(self, path: Path, shape: Shape, sides: Sides, beside: Trees) -> Tree:
        """The baseline's leaf. A recorded secret is told apart by its hash alone."""
        at = names(path)
        if not mentions_secret(sides.base):
            same = equivalent(shape, sides.base, sides.live, self.rules, at)
            return beside.live if same else self._token(shape, sides.base, at)
        for value, tree in ((sides.live, beside.live), (sides.code, beside.code)):
            if has_unknown(value) or not self.secrecy.redactor.keyed or UNKEYED["redacted"] in _texts(sides.base):
                continue
            if self.secrecy.shown(shape, path, value, record=True) == sides.base:
                return tree
        if not self.secrecy.redactor.keyed or UNKEYED["redacted"] in _texts(sides.base):
            self.unrecorded.add(path)
            return beside.live
        return "recorded " + json.dumps(sides.base, sort_keys=True)

    def _token(self, shape: Shape, value: Plain, at: str) -> str | None:
        return None if has_unknown(value) else token(shape, value, self.rules, at)


def looked_at(shape: Attribute | NestedBlock, code: Plain, *, recorded: bool, kept: bool) -> bool:
    """Comparing a top-level attribute takes live's value, as far as the schema tells.

    `recorded`: the baseline has a word on it; `kept`: see `Comparison`.
    """
    if isinstance(shape, Attribute) and (shape.read_only or shape.write_only):
        return False
    if not _unset(shape, code) or (isinstance(shape, Attribute) and shape.default is not None):
        return True
    if _deprecated(shape):
        return False
    return recorded or not (_computed(shape) or kept)


def sort_key(path: Path) -> list[tuple[int, str]]:
    """Attributes by name, elements by number."""
    return [(0, f"{step:08}") if isinstance(step, int) else (1, step) for step in path]


def under(path: Path, prefixes: Iterable[Path]) -> bool:
    """Some of `prefixes` is `path` or leads to it."""
    return any(path[: len(prefix)] == prefix for prefix in prefixes)


def _says(blocks: Plain) -> bool:
    """Something is set in one of them."""
    return isinstance(blocks, list) and any(value is not None for block in blocks for value in _mapping(block).values())


def _unset(shape: Shape, value: Plain) -> bool:
    """The configuration leaves it out. The provider takes "" for unset where it may compute a string."""
    if isinstance(shape, NestedBlock):
        return value in (None, [])
    return value is None or (value == "" and isinstance(shape, Attribute) and shape.computed)


def _deprecated(shape: Shape) -> bool:
    if isinstance(shape, NestedBlock):
        return shape.block.deprecated and shape.computed
    return isinstance(shape, Attribute) and shape.deprecated and not shape.required


def _computed(shape: Shape) -> bool:
    """The provider keeps what is there, or makes it up."""
    return isinstance(shape, Attribute | NestedBlock) and shape.computed


def _opaque(shape: Shape, items: list[Plain]) -> bool:
    """Elements cannot be told apart: some are unknown, or are parts of one leaf that is partly unknown."""
    return any(item is UNKNOWN for item in items) or (
        not _has_parts(element_shape(shape)) and any(map(has_unknown, items))
    )


def _has_parts(shape: Shape | None) -> bool:
    return isinstance(shape, Block) or (shape is not None and kind_of(shape) in ("object", "map"))


def _mapping(value: Plain) -> Mapping[str, Plain]:
    return value if isinstance(value, dict) else _ABSENT


def _items(value: Plain) -> list[Plain]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _texts(value: Plain) -> set[str]:
    match value:
        case str():
            return {value, *(["unkeyed"] if '"unkeyed"' in value else [])}
        case dict():
            return {text for item in value.values() for text in _texts(item)}
        case list():
            return {text for item in value for text in _texts(item)}
        case _:
            return set()


def _dig(tree: Tree, path: Path) -> Tree:
    for step in path:
        tree = tree.get(step) if isinstance(tree, dict) else None
    return tree


def _differing(a: Tree, b: Tree) -> list[Path]:
    """The paths at which two trees differ, none of which leads to another."""
    if a == b:
        return []
    from deepdiff import DeepDiff  # slow to import, and most resources are in sync

    found = cast(
        "Mapping[str, Iterable[_Difference]]", DeepDiff(a, b, view="tree", threshold_to_diff_deeper=0, verbose_level=0)
    )
    paths = [tuple(item.path(output_format="list")) for items in found.values() for item in items]
    return sorted(paths, key=sort_key)
