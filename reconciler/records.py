"""`dataclass`, made cheaply: a short command imports three hundred of them and uses a third.

The standard one compiles half a dozen functions for each class that is defined; that was more than half of what all
imports of a scan took together. This one compiles the constructor alone, when the first object is made; comparing,
hashing and printing need no code of their own. The classes are dataclasses in every other respect: `fields`, `replace`,
`asdict`, `field`, pickling, matching.
"""

from __future__ import annotations

import dataclasses
import reprlib
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NoReturn

__all__ = ["dataclass"]

_MISSING: Final = dataclasses.MISSING


def _dataclass(
    cls: type[Any] | None = None, /, *, frozen: bool = False, slots: bool = False, eq: bool = True, order: bool = False
) -> Any:
    """As `dataclasses.dataclass`, as far as this package uses it."""
    if order:  # rare: nothing to gain
        return dataclasses.dataclass(cls, frozen=frozen, slots=slots, eq=eq, order=order)  # pyright: ignore

    def make(chosen: type[Any]) -> type[Any]:
        return _made(chosen, frozen=frozen, slots=slots, eq=eq)

    return make if cls is None else make(cls)


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _dataclass


def _made(cls: type[Any], *, frozen: bool, slots: bool, eq: bool) -> type[Any]:
    own = dict(vars(cls))
    owner: list[type[Any]] = []
    methods: dict[str, Any] = {"__init__": _on_demand(owner, "__init__", _constructor), "__repr__": _repr}
    if eq:
        methods["__eq__"] = _on_demand(owner, "__eq__", _equality)
        if own.get("__hash__") is None:  # a class that says how it is equal has None there
            setattr(cls, "__hash__", _on_demand(owner, "__hash__", _hashing) if frozen else None)  # noqa: B010
    if frozen:
        methods |= {"__setattr__": _no_setting, "__delattr__": _no_deleting}
    if frozen and slots:
        methods |= {"__getstate__": _state, "__setstate__": _restore}
    if own.get("__doc__") is None:
        cls.__doc__ = cls.__name__  # the standard one works out a signature
    for name, method in methods.items():
        if name not in own:
            setattr(cls, name, method)
    owner.append(dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls))
    return owner[0]


def _on_demand(owner: list[type[Any]], name: str, build: Callable[[type[Any]], Callable[..., Any]]) -> Any:
    """A method that is built, and takes its own place, when it is first called."""

    def stand_in(*args: Any, **kwargs: Any) -> Any:
        method = build(owner[0])
        setattr(owner[0], name, method)
        return method(*args, **kwargs)

    return stand_in


def _equality(cls: type[Any]) -> Callable[[Any, Any], Any]:
    key = _key(field.name for field in dataclasses.fields(cls) if field.compare)

    def equal(self: Any, other: Any) -> Any:
        return key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented

    return equal


def _hashing(cls: type[Any]) -> Callable[[Any], int]:
    key = _key(field.name for field in dataclasses.fields(cls) if (field.compare if field.hash is None else field.hash))

    def hashed(self: Any) -> int:
        return hash(key(self))

    return hashed


def _key(names: Iterable[str]) -> Callable[[Any], Any]:
    found = list(names)
    return attrgetter(*found) if found else lambda _: ()


@reprlib.recursive_repr()
def _repr(self: Any) -> str:
    told = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{type(self).__qualname__}({', '.join(told)})"


def _no_setting(self: Any, name: str, value: object) -> NoReturn:  # noqa: ARG001
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _no_deleting(self: Any, name: str) -> NoReturn:  # noqa: ARG001
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _restore(self: Any, state: list[Any]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


# -- the constructor --------------------------------------------------------------------------------------------------


def _constructor(cls: type[Any]) -> Callable[..., None]:
    fields = dataclasses.fields(cls)
    known: dict[str, Any] = {"_set": object.__setattr__, "_missing": _MISSING}
    for field in fields:
        known[f"_of_{field.name}"] = field.default if field.default is not _MISSING else field.default_factory
    parameters = ["self", *(_parameter(field) for field in fields if field.init)]
    body = [*_assignments(cls, fields), *(["self.__post_init__()"] if hasattr(cls, "__post_init__") else [])]
    text = f"def __init__({', '.join(parameters)}):\n " + "\n ".join(body or ["pass"])
    exec(text, known)  # noqa: S102 - names of fields are all that it is made of
    made: Callable[..., None] = known["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _parameter(field: dataclasses.Field[Any]) -> str:
    if field.default is not _MISSING:
        return f"{field.name}=_of_{field.name}"
    return f"{field.name}=_missing" if field.default_factory is not _MISSING else field.name


def _assignments(cls: type[Any], fields: tuple[dataclasses.Field[Any], ...]) -> Iterator[str]:
    frozen = cls.__setattr__ is _no_setting
    for field in fields:
        name, value = field.name, field.name
        if field.default_factory is not _MISSING:
            value = f"{name} if {name} is not _missing else _of_{name}()" if field.init else f"_of_{name}()"
        elif not field.init:
            if field.default is _MISSING:
                continue  # __post_init__ sets it
            value = f"_of_{name}"
        yield f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}"
