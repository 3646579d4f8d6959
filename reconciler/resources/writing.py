"""Builders for the writes that most types have: set what changed, tag and untag."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.shapes import Shape, write
from reconciler.resources.spec import Attributes, Subject, Write

Value = Callable[[Any], Json]

PASS_ROLE: Final = "iam:PassRole"  # noqa: S105 - what handing a role to a service takes, beside the operation itself
_UNSET: Final[tuple[Json, ...]] = (None, "", [], {})
TAG_ATTRIBUTES: Final = frozenset(("tags", "tags_all"))


def operation(name: str, parameters: Mapping[str, Json]) -> Operation:
    """operation("sqs:TagQueue", {...}); parameters that are None are left out."""
    service, _, action = name.partition(":")
    return Operation(service, action, {key: value for key, value in parameters.items() if value is not None})


def setter(
    name: str,
    ids: Mapping[str, str],
    parameters: Mapping[str, str | tuple[str, Value]],
    under: str = "",
    actions: tuple[str, ...] = (),
) -> Write:
    """A write that sets each changed attribute through a parameter of one operation.

    `ids`: parameter -> attribute that names the resource. `parameters`: attribute -> parameter, or parameter and
    converter (which gets None where the attribute is unset, and says with None to leave the parameter out). `under`
    is the parameter that holds the parameters ("Attributes").
    """

    def given(attribute: str, after: Attributes) -> tuple[str, Json]:
        how = parameters[attribute]
        parameter, convert = how if isinstance(how, tuple) else (how, None)
        return parameter, convert(after.get(attribute)) if convert else after.get(attribute)

    def build(subject: Subject) -> Iterable[Operation]:
        changed = (given(attribute, subject.after or {}) for attribute in sorted(subject.changed & parameters.keys()))
        told: dict[str, Json] = {parameter: value for parameter, value in changed if value is not None}
        if told:
            named = identifiers(subject, ids)
            yield operation(name, {**named, under: told} if under else {**named, **told})

    stuck = _stuck(parameters.keys(), lambda attribute, after: given(attribute, after)[1] is not None)
    return Write((name,), frozenset(parameters), build, actions, stuck)


def stuck_in(shape: Shape) -> Callable[[Subject], Iterable[str]]:
    """`Write.stuck` of operations that leave as it is what they are not told, built from `shape`."""
    return _stuck(shape.keys(), lambda name, after: bool(write({name: shape[name]}, after)))


def _stuck(names: Set[str], told: Callable[[str, Attributes], bool]) -> Callable[[Subject], Iterable[str]]:
    """Which of `names` are to be unset, and the operation is `told` nothing of it."""

    def stuck(subject: Subject) -> Iterable[str]:
        after = subject.after or {}
        return [name for name in sorted(subject.changed & names) if after.get(name) in _UNSET and not told(name, after)]

    return stuck


def identifiers(subject: Subject, ids: Mapping[str, str]) -> dict[str, Json]:
    """`ids`: parameter -> attribute; "id" is the resource's id even where it is no attribute."""
    known = subject.before or subject.known
    return {p: known.get(a) if known.get(a) is not None or a != "id" else subject.id for p, a in ids.items()}


def live_tags(attributes: Attributes | None) -> dict[str, Json]:
    """All tags that a side has: tags_all where it is known, else tags."""
    found = (attributes or {}).get("tags_all")
    found = found if found is not None else (attributes or {}).get("tags")
    return found if isinstance(found, dict) else {}


def tag_list(tags: Mapping[str, Json], key: str = "Key", value: str = "Value") -> list[Json]:
    return [{key: k, value: v} for k, v in sorted(tags.items())]


def tag_object(tags: Mapping[str, Json]) -> dict[str, Json]:
    return dict(sorted(tags.items()))


def tag_write(
    tag: str,
    untag: str,
    ids: Mapping[str, str],
    *,
    form: Callable[[Mapping[str, Json]], Json] = tag_list,
    tags: str = "Tags",
    keys: str = "TagKeys",
    several: bool = False,
    actions: tuple[str, ...] = (),
) -> Write:
    """Tags what is new or different, untags what is gone. `several`: the id parameter takes a list."""

    def build(subject: Subject) -> Iterable[Operation]:
        before, after = live_tags(subject.before), live_tags(subject.after)
        named = identifiers(subject, ids)
        if several:
            named = {parameter: [value] for parameter, value in named.items()}
        added = {k: v for k, v in after.items() if before.get(k) != v}
        gone = sorted(before.keys() - after.keys())
        if added:
            yield operation(tag, {**named, tags: form(added)})
        if gone:
            yield operation(untag, {**named, keys: [{"Key": k} for k in gone] if keys == tags else list(gone)})

    return Write((tag, untag), TAG_ATTRIBUTES, build, actions)


def ec2_tags() -> Write:
    """Tags of anything in EC2, by its id."""
    return tag_write("ec2:CreateTags", "ec2:DeleteTags", {"Resources": "id"}, keys="Tags", several=True)
