"""Questions to a running provider whose answers its schema does not hold, asked as plans of made-up resources.

- The default of an attribute is what the provider plans for a new resource that leaves it out. Blocks are filled in
  one level deeper at a time, so that attributes of nested blocks show theirs, and blocks that are left out show
  whether the provider computes them.
- A change forces replacement where the provider says so for a resource that differs in nothing else.

Values are made up by type and name. Where the provider refuses them it mostly says which attribute it misses or
dislikes; that one is set, or gets another kind of value, and the question is asked again. What stays refused is
listed, and means: not known to have a default, not known to force replacement.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeAlias, cast

from reconciler.model import UNKNOWN, Json, Plain, Unknown
from reconciler.records import dataclass
from reconciler.schema.plugin import Planned, ProviderDied, ProviderError, ProviderPath, ProviderProcess
from reconciler.schema.shape import Attribute, Block, NestedBlock, Type

Names: TypeAlias = tuple[str, ...]
"""A path without indices: ("environment", "variables")."""
Config: TypeAlias = "dict[str, Plain]"

TRIES: Final = 24
ENOUGH: Final = 600
"""Attributes beyond which fewer questions are asked, because the provider takes seconds for each.

It concerns half a dozen types (aws_wafv2_web_acl, aws_quicksight_dashboard …): of blocks deep in them it stays unknown
whether they are computed where they are left out, and whether adding or removing them forces replacement.
"""
STATED_PATH: Final = re.compile(r"\bPath: (\S.*?)\s+(?:Given )?Value|at attribute (\S+) is not")
VALID_VALUES: Final = re.compile(r"[Vv]alid [Vv]alues(?: are)?: \[([^\]]*?)\s*\]")
CHOICES: Final[Mapping[str, Mapping[Names, tuple[str, str]]]] = {
    "aws_directory_service_trust": {("trust_direction",): ("One-Way: Outgoing", "One-Way: Incoming")},
    "aws_fsx_lustre_file_system": {("deployment_type",): ("PERSISTENT_2", "PERSISTENT_1")},
    "aws_kinesis_firehose_delivery_stream": {("destination",): ("extended_s3", "http_endpoint")},
}
"""Values that no refusal names in a way that can be understood: what to set, and to what else to change it."""
VARIANTS: Final[Mapping[str, Mapping[Names, tuple[str, str]]]] = {
    name: {("load_balancer_type",): ("network", "gateway")} for name in ("aws_alb", "aws_lb")
}
"""What brings out defaults that the plainest resource hides, because they mean nothing to it."""
STRINGS: Final[tuple[tuple[str | Unknown, str], ...]] = (
    ("a", "b"),
    ("arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/b"),
    ("10.0.0.0/16", "10.1.0.0/16"),
    ("10.0.0.1", "10.0.0.2"),
    ("2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z"),
    ("1h0m0s", "2h0m0s"),
    ("1", "2"),
    ("true", "false"),
    ("{}", '{"a":1}'),
    ("1.2.3", "1.2.4"),
    ("mon:03:00-mon:04:00", "tue:03:00-tue:04:00"),
    (UNKNOWN, "b"),  # what is known only after apply is not looked up or checked
)
"""Kinds of strings, each as a pair of different ones: what to configure, and what to have had before."""
BY_NAME: Final = (
    (re.compile(r"(^|_)arns?$"), 1),
    (re.compile(r"cidr(_block)?s?$"), 2),
    (re.compile(r"_at$"), 4),
    (re.compile(r"(^|_)(policy|json)$|^policy_|_document$"), 8),
)


@dataclass(frozen=True, slots=True)
class Region:
    """Where the made-up resources would be, so that what depends on it is told from a default."""

    name: str
    tags: Mapping[str, str]


@dataclass(slots=True)
class Facts:
    """What was learnt of one type. `refused` are the questions that got no answer, with the provider's reason."""

    defaults: dict[Names, Json] = field(default_factory=dict[Names, Json])
    nulls: set[Names] = field(default_factory=set[Names])
    computed_blocks: set[Names] = field(default_factory=set[Names])
    replacing: set[Names] = field(default_factory=set[Names])
    refused: list[str] = field(default_factory=list[str])

    def agreeing(self, other: Facts, depth: int | None = None) -> Facts:
        """The defaults that are the same in `other`, which knows them to `depth`; the rest as it is here."""
        same = {
            path: value
            for path, value in self.defaults.items()
            if other.defaults.get(path) == value or (depth is not None and len(path) > depth)
        }
        return replace(self, defaults=same)


class Asker:
    """A configured provider that is started again whenever a question makes it panic."""

    def __init__(self, binary: Path, provider: Block, region: Region) -> None:
        self._binary = binary
        self.region = region
        config = build(provider, lambda _path, _attribute: None, lambda path, _nested: path == ("default_tags",))
        config |= {"region": region.name, "access_key": "none", "secret_key": "none", "max_retries": 1}
        config |= {f"skip_{what}": True for what in ("credentials_validation", "region_validation")}
        config |= {"skip_requesting_account_id": True, "skip_metadata_api_check": "true"}
        config["default_tags"] = [{"tags": dict(region.tags)}]
        self._config: Plain = config
        self._process = self._start()

    def _start(self) -> ProviderProcess:
        process = ProviderProcess(self._binary)
        try:
            process.configure(self._config)
        except BaseException:
            process.close()
            raise
        return process

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.close()

    def plan(self, type_name: str, prior: Plain, config: Plain, proposed: Plain) -> Planned:
        """As ProviderProcess.plan, but the next question still works after a ProviderDied."""
        try:
            return self._process.plan(type_name, prior, config, proposed)
        except ProviderDied:
            self._process.close()
            self._process = self._start()
            raise


def build(
    block: Block,
    leaf: Callable[[Names, Attribute], Plain],
    keep: Callable[[Names, NestedBlock], bool],
    prefix: Names = (),
) -> Config:
    """A value of the block's type: attributes by `leaf`, one of each nested block that `keep` wants."""
    value: Config = {name: leaf((*prefix, name), attribute) for name, attribute in block.attributes.items()}
    for name, nested in block.blocks.items():
        path = (*prefix, name)
        kept = keep(path, nested)
        inner = build(nested.block, leaf, keep, path) if kept or nested.nesting == "group" else None
        match nested.nesting:
            case "list" | "set":
                value[name] = [inner] if kept else []
            case "map":
                value[name] = {"a": inner} if kept else {}
            case "single" | "group":
                value[name] = inner
    return value


def sample(type_: Type, name: str, turn: int, kind: int | None, region: str) -> Plain:
    """A made-up value, another one for each `turn` (0 or 1); `kind` chooses among STRINGS, None goes by the name."""
    match type_:
        case "bool":
            return bool(turn)
        case "number":
            return turn + 1
        case str():
            return _string(name, turn, kind, region)
        case ("object", attributes):
            return {inner: sample(of, inner, turn, kind, region) for inner, of in attributes.items()}
        case ("tuple", elements):
            return [sample(of, name, turn, kind, region) for of in elements]
        case ("map", element):
            return {"a": sample(element, name, turn, kind, region)}
        case (_, element):
            return [sample(element, name, turn, kind, region)]


def _string(name: str, turn: int, kind: int | None, region: str) -> str | Unknown:
    if kind is None:
        if re.search(r"(^|_)region(_name)?$", name) and turn == 0:
            return region
        if name == "availability_zone":
            return region + "ab"[turn]
        kind = next((kind for pattern, kind in BY_NAME if pattern.search(name)), 0)
    return STRINGS[kind][turn]


def elements(value: Plain) -> list[Plain]:
    """The blocks in a nested block's value, whatever its nesting."""
    match value:
        case list():
            return value
        case dict():
            return [value]
        case _:
            return []


@dataclass(slots=True)
class Lessons:
    """What refusals taught: what has to be set, which of STRINGS it wants, which values it takes."""

    needed: set[Names] = field(default_factory=set[Names])
    kinds: dict[Names, int] = field(default_factory=dict[Names, int])
    choices: dict[Names, tuple[str, str]] = field(default_factory=dict[Names, tuple[str, str]])

    def copy(self) -> Lessons:
        return Lessons(set(self.needed), dict(self.kinds), dict(self.choices))


class Interview:
    """All questions about one type."""

    def __init__(self, asker: Asker, type_name: str, block: Block) -> None:
        self._asker = asker
        self._type = type_name
        self._block = block
        self._blocks = {path: nested for path, nested in walk_blocks(block) if path != ("timeouts",)}
        choices: dict[Names, tuple[str, str]] = {**CHOICES.get(type_name, {})}
        self._base = Lessons(set(choices), choices=choices)  # of the plainest question; every other starts with it
        self._lessons = self._base
        self.large = sum(len(nested.block.attributes) for nested in self._blocks.values()) > ENOUGH
        self.facts = Facts()

    # -- what a new resource looks like ---------------------------------------------------------------------

    def ask_defaults(self, *, nested: bool = True) -> None:
        """Fill `facts.defaults` and `facts.computed_blocks`; not `nested`: only those of the type's own attributes."""
        refused = self._ask_new((), 0)
        if refused:
            self.facts.refused.append(refused)
        else:
            self._base = self._needed_only(self._lessons)
            self._ask_variant(VARIANTS.get(self._type, {}))
        if nested:
            self._divide((), self._ask_new_in)

    def _ask_variant(self, choices: Mapping[Names, tuple[str, str]]) -> None:
        """Adds the defaults of a resource that is set up in this way, where the plainest one shows none."""
        if not choices:
            return
        plainest, base = self.facts, self._base
        needed, chosen = base.needed | set(choices), {**base.choices, **choices}
        self.facts, self._base = Facts(), Lessons(needed, dict(base.kinds), chosen)
        if refused := self._ask_new((), 0):
            plainest.refused.append(refused)
        plainest.defaults = {**self.facts.defaults, **plainest.defaults}
        self.facts, self._base = plainest, base

    def _needed_only(self, lessons: Lessons) -> Lessons:
        """Without what a refusal named although it need not be set: what is set shows no default."""
        for path in sorted(lessons.needed - self._base.needed):
            fewer = lessons.copy()
            fewer.needed.remove(path)
            self._base = fewer
            if self._ask_new((), 0, learning=False) is None:
                lessons = fewer
        return lessons

    def _ask_new_in(self, root: Names, *, whole: bool) -> str | None:
        """Ask with what is under `root` filled in one level more at a time; not `whole`: only `root` itself."""
        refusals = [self._ask_new(root, depth) for depth in self._depths(root, whole=whole, deepest=True)]
        return next(filter(None, refusals), None)

    def _ask_new(self, root: Names, depth: int, *, learning: bool = True) -> str | None:
        def keep(path: Names, nested: NestedBlock) -> bool:
            return (_related(path, root) and len(path) <= depth) or self._must(path, nested)

        def config() -> tuple[Plain, Config]:
            return None, build(self._block, self._leaf(), keep)

        answer = self._ask(config, f"defaults {_where(root, depth)}", learning=learning)
        if isinstance(answer, str):
            return answer
        asked, planned = answer
        if isinstance(planned.state, dict):
            self._note_new(self._block, asked, planned.state, ())
        return None

    def _note_new(self, block: Block, asked: Config, planned: Config, prefix: Names) -> None:
        for name, attribute in block.attributes.items():
            value = planned.get(name)
            if attribute.optional and attribute.computed and asked[name] is None and value is None:
                self.facts.nulls.add((*prefix, name))
            if attribute.optional and asked[name] is None and value is not None and _known(value):
                self.facts.defaults[*prefix, name] = cast("Json", value)
        for name, nested in block.blocks.items():
            path = (*prefix, name)
            before, after = elements(asked[name]), elements(planned.get(name))
            if not before and not _known(planned.get(name)):
                self.facts.computed_blocks.add(path)
            if nested.nesting == "map":
                before, after = ([v for m in side for v in cast("Config", m).values()] for side in (before, after))
            if len(before) == len(after) == 1 and isinstance(before[0], dict) and isinstance(after[0], dict):
                self._note_new(nested.block, before[0], after[0], path)

    # -- what makes a new one --------------------------------------------------------------------------------

    def ask_replacing(self) -> None:
        """Fill `facts.replacing`: each attribute on its own, then blocks as a whole, then their absence."""
        names = [(name,) for name, attribute in self._block.attributes.items() if _settable(attribute)]
        for group in [names] if self.large else [[name] for name in names]:
            if refused := self._ask_change((), group, f"a change of {', '.join(name for (name,) in group)}"):
                self.facts.refused.append(refused)
        self._divide((), self._ask_blocks)

    def _ask_blocks(self, root: Names, *, whole: bool) -> str | None:
        """Ask for the attributes in the blocks under `root`, then for the blocks: those of one depth at a time."""
        refusals = [self._ask_change(root, (), f"a change {_where(root)}", whole=whole)]
        for depth in self._depths(root, whole=whole):
            for turn, what in enumerate(("a removal", "an addition")):
                refusals += [self._ask_change(root, (), f"{what} {_where(root, depth)}", depth, turn, whole=whole)]
        return next(filter(None, refusals), None)

    def _ask_change(
        self,
        root: Names,
        attributes: Sequence[Names],
        question: str,
        depth: int = 0,
        turn: int = 0,
        *,
        whole: bool = True,
    ) -> str | None:
        """Plan a resource that differs in `attributes`; if none, in all under `root`, or in its blocks at `depth`.

        Those are removed (`turn` 0) or added. The prior state has the values that are made up to be different:
        providers check the configuration, not the state.
        """

        def inside(path: Names) -> bool:
            near = len(path) <= len(root) or (whole and not (self.large and self._in_set(path)))
            return not attributes and near and _related(path, root)

        def changed(path: Names) -> bool:
            if attributes or depth:
                return path in attributes
            return len(path) > 1 and inside(path[:-1]) and path[: len(root)] == root

        def keep(path: Names, nested: NestedBlock) -> bool:
            return inside(path) or self._must(path, nested)

        def without(path: Names, nested: NestedBlock) -> bool:
            gone = len(path) == depth and path[: len(root)] == root and nested.min_items == 0
            return keep(path, nested) and not gone

        def config() -> tuple[Config, Config]:
            before, after = (without, keep) if turn else (keep, without)
            prior = build(self._block, self._leaf(changed, 1), before)
            return prior | ({"id": "a"} if "id" in prior else {}), build(self._block, self._leaf(changed), after)

        answer = self._ask(config, question)
        if isinstance(answer, str):
            return answer
        found = {self._names(path) for path in answer[1].replace}
        if attributes:
            self.facts.replacing.update(found.intersection(attributes))
        else:
            self.facts.replacing.update(path for path in found if path and path[: len(root)] == root)
        return None

    def _in_set(self, path: Names) -> bool:
        """A block above is in a set: whatever forces replacement there, the provider says it of the set."""
        return any(self._blocks[path[:length]].nesting == "set" for length in range(1, len(path)))

    # -- asking ----------------------------------------------------------------------------------------------

    def _divide(self, root: Names, ask: Callable[..., str | None]) -> None:
        """Ask about all that is under `root` at once; where that is refused, about its parts."""
        under = self._under(root)
        if not under or ask(root, whole=True) is None:
            return
        if root and (refused := ask(root, whole=False)):
            self.facts.refused.append(refused)
        for path in under:
            if len(path) == len(root) + 1:
                self._divide(path, ask)

    def _depths(self, root: Names, *, whole: bool, deepest: bool = False) -> list[int]:
        """The depths of the blocks under `root`; of too many blocks only the first, and the `deepest` where asked."""
        under = self._under(root) if whole else [root]
        depths = sorted(set(map(len, under)))
        if sum(len(self._blocks[path].block.attributes) for path in under if path) > ENOUGH:
            return [depths[0], *depths[-1:] * deepest]
        return depths

    def _under(self, root: Names) -> list[Names]:
        return [path for path in self._blocks if path[: len(root)] == root]

    def _leaf(
        self, changed: Callable[[Names], bool] = lambda _path: False, turn: int = 0
    ) -> Callable[[Names, Attribute], Plain]:
        """Sets what is required, what the provider was found to need, and what a question is about."""
        lessons, prior, region = self._lessons, bool(turn), self._asker.region.name

        def leaf(path: Names, attribute: Attribute) -> Plain:
            needed, differs = path in lessons.needed, changed(path)
            wanted = attribute.required or needed or differs
            if not wanted or attribute.read_only or (attribute.write_only and prior) or path[:1] == ("timeouts",):
                return None
            if path in lessons.choices:
                return lessons.choices[path][turn if differs else 0]
            if needed and attribute.type == "bool":
                return not (differs and prior)  # what is missed is mostly a switch that has to be on
            name = path[len(path) - 1]
            return sample(attribute.type, name, turn if differs else 0, lessons.kinds.get(path), region)

        return leaf

    def _must(self, path: Names, nested: NestedBlock) -> bool:
        return nested.min_items > 0 or path in self._lessons.needed

    def _ask(
        self, config: Callable[[], tuple[Plain, Config]], question: str, *, learning: bool = True
    ) -> tuple[Config, Planned] | str:
        """The configuration that the provider took, and its plan; or why it refuses whatever it is given."""
        self._lessons = self._base.copy()
        reason = ""
        for _ in range(TRIES):
            prior, wanted = config()
            proposed = propose(self._block, prior, wanted) if isinstance(prior, dict) else wanted
            try:
                return wanted, self._asker.plan(self._type, prior, wanted, proposed)
            except ProviderDied as error:
                return f"{question}: the provider panics ({error.what.partition(':')[0]})"
            except ProviderError as error:
                reason = f"{question}: {' '.join(error.what.split())[:160]}"
                if not learning or not self._learn(error):
                    break
        return reason

    def _learn(self, error: ProviderError) -> bool:
        """Set what the refusal names, or give it another value. False where there is nothing left to try."""
        named: set[Names] = set()
        learnt = False
        for raw, text in error.complaints:
            path = self._names(raw)
            if (stated := STATED_PATH.search(text)) is not None:
                path = self._names(_plain_steps(stated[1] or stated[2]))
            if (valid := VALID_VALUES.search(text)) is not None and valid[1]:
                choices = (valid[1].split()[0], valid[1].split()[-1])
                learnt |= self._lessons.choices.get(path) != choices
                self._lessons.choices[path] = choices
            elif path:
                named.add(path)
        words = set(re.findall(r"\w+", error.what))
        named |= {(name,) for name in (*self._block.attributes, *self._block.blocks) if name in words}
        varied = [self._vary(path) for path in sorted(named)]
        if learnt or any(varied):
            return True
        lower = {word.lower() for word in words}
        switches = [name for name, found in self._block.attributes.items() if found.type == "bool"]
        varied = [self._vary((name,)) for name in switches if name.split("_")[0] in lower]
        return any(varied)

    def _vary(self, path: Names) -> bool:
        """Set what is not set; give what is set another kind of value. False where that is not possible."""
        attribute, lessons = self._attribute(path), self._lessons
        if path not in lessons.needed and (attribute is None or attribute.optional):
            lessons.needed.add(path)
            return True
        kind = lessons.kinds.get(path, -1) + 1
        if attribute is None or attribute.read_only or kind >= len(STRINGS):
            return False
        lessons.kinds[path] = kind
        return True

    def _attribute(self, path: Names) -> Attribute | None:
        block = self._block if len(path) == 1 else self._blocks[path[:-1]].block
        return block.attributes.get(path[len(path) - 1])

    def _names(self, path: ProviderPath) -> Names:
        """The path without indices and keys, as far as the schema knows it."""
        block, names = self._block, list[str]()
        for step in path:
            if not isinstance(step, str):
                continue
            if step in block.attributes:
                return (*names, step)
            if step in block.blocks:
                names.append(step)
                block = block.blocks[step].block
        return tuple(names)


def _related(path: Names, root: Names) -> bool:
    """`path` leads to `root` or lies under it."""
    shared = min(len(path), len(root))
    return path[:shared] == root[:shared]


def _where(root: Names, depth: int | None = None) -> str:
    return f"in {'.'.join(root) or 'all blocks'}" + ("" if depth is None else f" at depth {depth}")


def walk_blocks(block: Block, prefix: Names = ()) -> Iterator[tuple[Names, NestedBlock]]:
    """Every nested block at any depth."""
    for name, nested in block.blocks.items():
        yield (*prefix, name), nested
        yield from walk_blocks(nested.block, (*prefix, name))


def _plain_steps(text: str) -> tuple[str, ...]:
    """criteria[0].title[Value({...})].comparison -> ("criteria", "title", "comparison")."""
    plain, depth = "", 0
    for char in text:
        depth += (char == "[") - (char == "]")
        plain += char if depth == 0 and char != "]" else ""
    return tuple(plain.split("."))


def _settable(attribute: Attribute) -> bool:
    return not (attribute.read_only or attribute.write_only)


def _known(value: Plain) -> bool:
    match value:
        case list():
            return all(map(_known, value))
        case dict():
            return all(map(_known, value.values()))
        case _:
            return value is not UNKNOWN


def propose(block: Block, prior: Config, config: Config) -> Config:
    """What Terraform proposes: the configuration, with prior values where it leaves a computed attribute out.

    Enough of Terraform's own rule for resources with at most one of each nested block.
    """
    out: Config = {
        name: prior[name] if attribute.computed and config[name] is None else config[name]
        for name, attribute in block.attributes.items()
    }
    for name, nested in block.blocks.items():
        before, after = prior[name], config[name]
        out[name] = after
        with suppress(IndexError, KeyError, TypeError):
            if isinstance(after, list) and isinstance(before, list):
                out[name] = [propose(nested.block, cast("Config", before[0]), cast("Config", after[0]))]
            elif isinstance(after, dict) and isinstance(before, dict) and nested.nesting != "map":
                out[name] = propose(nested.block, before, after)
    return out


def learned(block: Block, facts: Facts, prefix: Names = ()) -> Block:
    """The block with what the interview found."""
    return replace(
        block,
        attributes={
            name: replace(
                attribute,
                default=facts.defaults.get((*prefix, name)),
                forces_replacement=(*prefix, name) in facts.replacing,
                planned_null=(*prefix, name) in facts.nulls,
            )
            for name, attribute in block.attributes.items()
        },
        blocks={
            name: replace(
                nested,
                block=learned(nested.block, facts, (*prefix, name)),
                computed=(*prefix, name) in facts.computed_blocks,
                forces_replacement=(*prefix, name) in facts.replacing,
            )
            for name, nested in block.blocks.items()
        },
    )
