"""Both ways at once: AWS's objects as Terraform's blocks, and blocks as AWS's objects, from one table.

    _RETRY: Shape = {"attempts": number("MaximumRetryAttempts", zero=True), "age": number("MaximumEventAgeInSeconds")}
    _TARGET: Shape = {"arn": value("Arn"), "retry_policy": one("RetryPolicy", _RETRY), "tags": mapping("Tags")}

    read(_TARGET, {"Arn": "a"})                      {"arn": "a", "retry_policy": [], "tags": {}}
    write(_TARGET, {"arn": "a", "tags": {}})         {"Arn": "a"}

For types whose API takes and gives the same objects. A key may be dotted where AWS nests what Terraform does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from reconciler.model import Json
from reconciler.records import dataclass
from reconciler.resources.convert import Convert, boolean, document, names
from reconciler.resources.spec import At, dig


def _same(given: Any) -> Json:
    return given


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute and the member of AWS's object that it is.

    `default` is the state's value where AWS has none; `cleared` is what AWS is given where Terraform has nothing
    (null, "", an empty collection; 0 unless `zero`): None leaves the member out. `inner` is what a block holds.
    """

    key: str
    read: Convert = _same
    write: Convert = _same
    default: Json = None
    cleared: Json = None
    zero: bool = True
    inner: Mapping[str, Field] | None = None


Shape: TypeAlias = Mapping[str, Field]


def value(key: str, default: Json = "", *, cleared: Json = None) -> Field:
    """Text as it is."""
    return Field(key, default=default, cleared=cleared)


def never(_given: Any) -> Json:
    """Writes nothing."""
    return None


def told(key: str, default: Json = "") -> Field:
    """Text that AWS's answers alone have."""
    return Field(key, write=never, default=default)


def number(key: str, *, zero: bool = False, default: Json = 0, cleared: Json = None) -> Field:
    """A number. Without `zero`, 0 means that it is not set."""
    return Field(key, default=default, cleared=cleared, zero=zero)


def flag(key: str, *, default: bool = False) -> Field:
    """A boolean, always given."""
    return Field(key, boolean, bool, default, default)


def switch(key: str, on: str = "ENABLED", off: str = "DISABLED") -> Field:
    """A boolean that AWS writes as one of two words."""
    return Field(key, lambda word: word == on, lambda wanted: on if wanted else off, default=False)


def names_of(key: str, *, cleared: Json = None) -> Field:
    """A set of strings."""
    return Field(key, names, names, [], cleared)


def listed(key: str, *, cleared: Json = None) -> Field:
    """A list of strings, in order."""
    return Field(key, default=[], cleared=cleared)


def mapping(key: str, *, cleared: Json = None) -> Field:
    """A map of strings."""
    return Field(key, default={}, cleared=cleared)


def json_text(key: str, *, cleared: Json = None) -> Field:
    """A JSON document, which AWS takes and gives as text."""
    return Field(key, document, default="", cleared=cleared)


def one(key: str, shape: Shape, *, cleared: Json = None, unless: Callable[[Any], bool] | None = None) -> Field:
    """A block of at most one. It is there when AWS has the object, `unless` that object says that it is not."""

    def reading(given: Any) -> Json:
        return [] if unless and unless(given) else [read(shape, given)]

    return Field(key, reading, lambda blocks: write(shape, (blocks or [{}])[0] or {}), [], cleared, inner=shape)


def many(key: str, shape: Shape, *, cleared: Json = None) -> Field:
    """A repeated block."""
    return Field(
        key,
        lambda given: [read(shape, item) for item in given],
        lambda blocks: [write(shape, item) for item in blocks],
        [],
        cleared,
        inner=shape,
    )


def camel(name: str) -> str:
    """batch_size -> BatchSize: as most of AWS names its members."""
    return "".join(part.capitalize() for part in name.split("_"))


def texts(names: str) -> dict[str, Field]:
    """texts("queue_name virtual_host"): AWS's members of these names."""
    return {name: value(camel(name)) for name in names.split()}


def numbers(names: str, *, zero: bool = False) -> dict[str, Field]:
    return {name: number(camel(name), zero=zero) for name in names.split()}


def read(shape: Shape, given: Any) -> dict[str, Json]:
    """AWS's object as Terraform's."""
    found: dict[str, Json] = {}
    for name, field in shape.items():
        there = dig(given, field.key)
        found[name] = field.default if there is None else field.read(there)
    return found


def write(shape: Shape, block: Mapping[str, Any]) -> dict[str, Json]:
    """Terraform's object as AWS's, without what is not set."""
    out: dict[str, Any] = {}
    for name, field in shape.items():
        given = block.get(name)
        unset = given is None or given == "" or given in ([], {}) or (not field.zero and given == 0)
        made = field.cleared if unset else field.write(given)
        if made is not None:
            *above, last = field.key.split(".")
            inner = out
            for step in above:
                inner = inner.setdefault(step, {})
            inner[last] = made
    return out


def parameters(shape: Shape) -> dict[str, tuple[str, Convert]]:
    """`shape` for a `setter`: each attribute alone, as the parameter that it is or what stands for none."""

    def alone(name: str) -> Convert:
        return lambda wanted: write({name: shape[name]}, {name: wanted}).get(shape[name].key)

    return {name: (field.key, alone(name)) for name, field in shape.items()}


def getters(shape: Shape, at: str = "") -> dict[str, At]:
    """`shape` for the top-level attributes of a type, whose object is at the path `at` of the record."""
    return {
        name: At(f"{at}.{field.key}" if at else field.key, field.read, field.default) for name, field in shape.items()
    }
