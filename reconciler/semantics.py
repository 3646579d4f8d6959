"""Whether two values mean the same: by the provider's types, and by what the service makes of them.

`canonical` maps values that Terraform or the service hold for equal to one and the same; values that mean different
things stay different. null, "", false, 0, [] and {} are one value where a type says what they are zero of: the
provider's SDK cannot tell them apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias, cast

from reconciler import container_definitions, iam_policy
from reconciler.model import UNKNOWN, Json, Path, Plain, Unknown
from reconciler.resources.spec import Semantics
from reconciler.schema.shape import Attribute, Block, NestedBlock, Type

Shape: TypeAlias = "Type | Attribute | Block | NestedBlock"
Rules: TypeAlias = Mapping[str, Semantics]
"""Service semantics by dotted path of names, as `ResourceType.semantics` has them."""

NO_RULES: Final[Rules] = {}
_DOCUMENTS = frozenset(
    {Semantics.JSON, Semantics.POLICY, Semantics.EVENT_PATTERN, Semantics.REDRIVE, Semantics.CONTAINERS}
)
_PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1"}
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?\Z")


def names(path: Path) -> str:
    """The dotted path without indices, as rules are keyed: ("ingress", 0, "protocol") -> "ingress.protocol"."""
    return ".".join(step for step in path if isinstance(step, str))


def element_shape(shape: Shape) -> Shape | None:
    """What a list, set or map holds; None for everything else."""
    match shape:
        case Attribute():
            return element_shape(shape.type)
        case NestedBlock():
            return None if shape.nesting in ("single", "group") else shape.block
        case ("list" | "set" | "map", element):
            return cast("Type", element)
        case _:
            return None


def kind_of(shape: Shape) -> str:
    """ "string", "number", "bool", "dynamic", "list", "set", "map", "object" or "tuple"."""
    match shape:
        case Attribute():
            return kind_of(shape.type)
        case NestedBlock():
            return "object" if shape.nesting in ("single", "group") else shape.nesting
        case Block():
            return "object"
        case str():
            return shape
        case (kind, _):
            return kind


def members(shape: Shape) -> Mapping[str, Shape]:
    """The attributes and blocks of an object; empty for everything else."""
    match shape:
        case Attribute():
            return members(shape.type)
        case NestedBlock():
            return members(shape.block) if shape.nesting in ("single", "group") else {}
        case Block():
            return {**shape.attributes, **shape.blocks}
        case ("object", attributes):
            return cast("Mapping[str, Shape]", attributes)
        case _:
            return {}


def shape_at(block: Block, path: Path) -> Shape:
    """The schema at an attribute path; "dynamic" where it says nothing."""
    shape: Shape = block
    for step in path:
        if isinstance(step, int):
            shape = element_shape(shape) or "dynamic"
        else:
            shape = members(shape).get(step) or element_shape(shape) or "dynamic"
    return shape


def is_document(at: str, rules: Rules) -> bool:
    """The string at `at` holds a JSON document."""
    return rules.get(at) in _DOCUMENTS


def has_unknown(value: Plain) -> bool:
    match value:
        case Unknown():
            return True
        case list():
            return any(map(has_unknown, value))
        case dict():
            return any(map(has_unknown, value.values()))
        case _:
            return False


def equivalent(shape: Shape, a: Plain, b: Plain, rules: Rules = NO_RULES, at: str = "") -> bool:
    """Whether `a` and `b` mean the same; a value with anything unknown in it equals nothing but itself."""
    if b is None and rules.get(at) is Semantics.WHERE_TOLD:
        return True
    left, right = canonical(shape, a, rules, at), canonical(shape, b, rules, at)
    if left == right and type(left) is type(right):
        return True
    if rules.get(at) is Semantics.RECORD_NAME:
        return _within_zone(left, right)
    if rules.get(at) is Semantics.VERSION:
        return _one_version(left, right)
    return rules.get(at) is Semantics.NAME_OR_ARN and _named(left, right)


def widened(value: Json) -> Plain:
    """The same value; every Json is a Plain, which invariance keeps a type checker from seeing."""
    return cast("Plain", value)


def known(value: Plain) -> Json:
    """`value` as JSON; a part of it that is not known is null."""
    match value:
        case Unknown():
            return None
        case list():
            return [known(item) for item in value]
        case dict():
            return {key: known(item) for key, item in value.items()}
        case _:
            return value


def token(shape: Shape, value: Plain, rules: Rules = NO_RULES, at: str = "") -> str | None:
    """`canonical` as text; None for what is zero."""
    found = canonical(shape, value, rules, at)
    return None if found is None else json.dumps(found, sort_keys=True, ensure_ascii=False)


def canonical(shape: Shape, value: Plain, rules: Rules = NO_RULES, at: str = "") -> Plain:
    """The one form of all values that mean the same as `value`; idempotent for values without documents."""
    if value is None or value is UNKNOWN:
        return value
    rule = rules.get(at)
    match kind_of(shape), value:
        case "string", str() | bool() | int() | float():
            return _string(_text(value), rule)
        case "number", str() | bool() | int() | float():
            number = _number(value)
            return None if number == 0 or (rule is Semantics.PORT and number == -1) else number
        case "bool", _:
            return value in (True, "true", "1", 1) or None
        case ("list" | "set" | "tuple") as kind, list():
            items = [canonical(_inner(shape, i), item, rules, at) for i, item in enumerate(value)]
            ordered = kind != "set" and rule is not Semantics.UNORDERED
            return (items if ordered else _sorted(items, distinct=kind == "set")) or None
        case "map", dict():
            inner = _inner(shape)
            fold = rule is Semantics.CASELESS
            return {(k.lower() if fold else k): canonical(inner, v, rules, at) for k, v in value.items()} or None
        case "object", dict():
            return _object(shape, value, rules, at)
        case _:
            return plain(value)


def _object(shape: Shape, value: dict[str, Plain], rules: Rules, at: str) -> Plain:
    inside = members(shape)
    out: dict[str, Plain] = {}
    for name, item in value.items():
        found = canonical(inside.get(name, "dynamic"), item, rules, f"{at}.{name}" if at else name)
        if found is not None:
            out[name] = found
    return out


def _inner(shape: Shape, index: int = 0) -> Shape:
    inner = element_shape(shape)
    if inner is not None:
        return inner
    match shape.type if isinstance(shape, Attribute) else shape:
        case ("tuple", elements) if index < len(elements):
            return cast("Shape", elements[index])
        case _:
            return "dynamic"


def _text(value: bool | float | str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(_number(value))


def _number(value: bool | float | str) -> int | float | str:
    """A number as JSON writes it once: int where integral; text that is no number stays."""
    if isinstance(value, bool):
        return int(value)
    try:
        exact = Decimal(value if isinstance(value, str) else repr(value))
        return value if not exact.is_finite() else int(exact) if exact == exact.to_integral_value() else float(exact)
    except (InvalidOperation, ValueError, OverflowError):
        return value


def _string(text: str, rule: Semantics | None) -> Plain:
    match rule:
        case None | Semantics.UNORDERED | Semantics.NAME_OR_ARN | Semantics.VERSION | Semantics.WHERE_TOLD:
            return text or None
        case Semantics.CASELESS:
            return text.lower() or None
        case Semantics.DNS_NAME | Semantics.RECORD_NAME:
            return text.lower().replace("\\052", "*").removesuffix(".") or None
        case Semantics.ALIAS_NAME:
            return text.lower().removesuffix(".").removeprefix("dualstack.") or None
        case Semantics.TRIMMED:
            return text.strip() or None
        case Semantics.URL:
            return text.removeprefix("https://") or None
        case Semantics.NUMBER:
            return _text(_number(text)) or None
        case Semantics.DURATION:
            return _duration(text) or None
        case Semantics.PORT:
            return None if text in ("-1", "0") else text or None
        case Semantics.PROTOCOL:
            return _PROTOCOLS.get(text.lower(), text.lower()) or None
        case Semantics.JSON | Semantics.POLICY | Semantics.EVENT_PATTERN | Semantics.REDRIVE | Semantics.CONTAINERS:
            return _document(text, rule)


def _duration(text: str) -> Plain:
    """Seconds, for a duration as Go writes it ("1m30s")."""
    match = _DURATION.match(text)
    if not text or match is None:
        return text
    hours, minutes, seconds = (Decimal(part or 0) for part in match.groups())
    return _number(str(hours * 3600 + minutes * 60 + seconds)) or "0"


def _document(text: str, rule: Semantics) -> Plain:
    if rule is Semantics.POLICY:
        policy = iam_policy.parse(text)
        if policy is None:
            return text or None
        return widened(iam_policy.canonical(policy)) if policy else None
    try:
        found: Plain = json.loads(text)
    except (ValueError, RecursionError):
        return text or None
    if found in (None, {}):
        return None
    match rule:
        case Semantics.EVENT_PATTERN:
            return _pattern(found)
        case Semantics.REDRIVE:
            return _redrive(found)
        case Semantics.CONTAINERS:
            return {"containers": plain(widened(container_definitions.canonical(known(found))))}
        case _:
            # A document that is a plain string must not be mistaken for text that is no document.
            return {"json": plain(found)}


def _pattern(value: Plain, name: str = "") -> Plain:
    """Alternatives have no order; a `numeric` matcher does: [">", 0, "<=", 5]."""
    match value:
        case dict():
            return {key: _pattern(item, key) for key, item in value.items()}
        case list():
            items = [_pattern(item) for item in value]
            return items if name == "numeric" else _sorted(items, distinct=True)
        case _:
            return plain(value)


def _redrive(value: Plain) -> Plain:
    """A redrive or redrive-allow policy: numbers may be strings, the queues allowed have no order."""
    match value:
        case dict():
            return {key: _redrive(item) for key, item in value.items()}
        case list():
            return _sorted([_redrive(item) for item in value], distinct=True)
        case str() | int() | float():
            return _text(_number(value) if not isinstance(value, bool) else value)
        case _:
            return value


def plain(value: Plain) -> Plain:
    """`value` with its numbers written in one way."""
    match value:
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case float():
            return cast("Plain", _number(value))
        case _:
            return value


def _sorted(items: Iterable[Plain], *, distinct: bool) -> list[Plain]:
    keyed = [(json.dumps(item, sort_keys=True, default=repr), item) for item in items]
    if distinct:
        keyed = list(dict(keyed).items())
    return [item for _, item in sorted(keyed, key=lambda pair: pair[0])]


def _named(a: Plain, b: Plain) -> bool:
    """One of them is an ARN, the other the end of it."""
    if not (isinstance(a, str) and isinstance(b, str)) or a.startswith("arn:") == b.startswith("arn:"):
        return False
    arn, name = (a, b) if a.startswith("arn:") else (b, a)
    resource = arn.split(":", 5)[-1]
    return resource == name or (resource.endswith((f"/{name}", f":{name}")) and bool(name))


def _within_zone(a: Plain, b: Plain) -> bool:
    """One of them is the beginning of the other; the name of the zone itself may be none at all."""
    short, full = sorted((a or "", b or ""), key=lambda name: len(str(name)))
    return not short or str(full).startswith(f"{short}.")


def _one_version(a: Plain, b: Plain) -> bool:
    """One of them is the beginning of the other."""
    short, full = sorted((str(a or ""), str(b or "")), key=len)
    return bool(short) and full.startswith(f"{short}.")


# -- for snapshots --------------------------------------------------------------------------------------------


def normalised(shape: Shape, value: Json, rules: Rules = NO_RULES, at: str = "") -> Json:
    """`value` as snapshots hold it: Terraform's own form, but sets sorted and documents written in one way.

    Unlike `canonical` it drops nothing and stays fit to be shown to people.
    """
    match kind_of(shape), value:
        case "string", str() if is_document(at, rules):
            return _normal_document(value, rules[at])
        case ("list" | "set" | "tuple") as kind, list():
            items = [normalised(_inner(shape, i), item, rules, at) for i, item in enumerate(value)]
            unordered = kind == "set" or rules.get(at) is Semantics.UNORDERED
            return cast("Json", _sorted(cast("list[Plain]", items), distinct=False)) if unordered else items
        case "map", dict():
            return {key: normalised(_inner(shape), value[key], rules, at) for key in sorted(value)}
        case "object", dict():
            inside = members(shape)
            return {
                name: normalised(inside.get(name, "dynamic"), value[name], rules, f"{at}.{name}" if at else name)
                for name in sorted(value)
            }
        case _:
            return cast("Json", plain(widened(value)))


def _normal_document(text: str, rule: Semantics) -> Json:
    if rule is Semantics.POLICY:
        policy = iam_policy.parse(text)
        found: Json = iam_policy.normalised(policy) if policy else None
    else:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
    return text if found is None else json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
