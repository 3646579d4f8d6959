"""data "aws_iam_policy_document", byte for byte as the AWS provider computes it.

The provider merges statements by Sid, writes a list of one as a string, sorts actions, resources and principals
backwards, keeps documents from elsewhere as they are, and goes through sets in the order of its own hashes.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, Final, TypeAlias, TypeVar, cast

from reconciler.hcl.functions import FunctionError
from reconciler.model import Json, Plain
from reconciler.records import dataclass

T = TypeVar("T")
Strings: TypeAlias = "str | list[str]"
_OLD: Final = "2008-10-17"


@dataclass(slots=True)
class _Principal:
    type: str
    identifiers: Strings


@dataclass(slots=True)
class _Condition:
    test: str
    variable: str
    values: list[str]


@dataclass(slots=True)
class _Statement:
    sid: str = ""
    effect: str = ""
    actions: Json = None
    not_actions: Json = None
    resources: Json = None
    not_resources: Json = None
    principals: list[_Principal] = field(default_factory=list[_Principal])
    not_principals: list[_Principal] = field(default_factory=list[_Principal])
    conditions: list[_Condition] = field(default_factory=list[_Condition])

    def json(self) -> dict[str, Json]:
        found: dict[str, Json] = {
            "Sid": self.sid,
            "Effect": self.effect,
            "Action": self.actions,
            "NotAction": self.not_actions,
            "Resource": self.resources,
            "NotResource": self.not_resources,
            "Principal": _principals_json(self.principals),
            "NotPrincipal": _principals_json(self.not_principals),
            "Condition": _conditions_json(self.conditions),
        }
        return {name: value for name, value in found.items() if value not in (None, "")}


@dataclass(slots=True)
class _Document:
    version: str = ""
    id: str = ""
    statements: list[_Statement] = field(default_factory=list[_Statement])

    def merge(self, other: _Document) -> None:
        self.id = other.id or self.id
        self.version = max(self.version, other.version)
        for new in other.statements:
            same = [index for index, old in enumerate(self.statements) if new.sid and old.sid == new.sid]
            if same:
                self.statements[same[0]] = new
            else:
                self.statements.append(new)

    def json(self) -> dict[str, Json]:
        statements: list[Json] = [statement.json() for statement in self.statements]
        found: dict[str, Json] = {"Version": self.version, "Id": self.id, "Statement": statements}
        return {name: value for name, value in found.items() if value}


def compute(arguments: Mapping[str, Plain]) -> Mapping[str, Plain]:
    """`json`, `minified_json` and `id`, from the data source's arguments. Raises FunctionError."""
    for name in ("source_json", "override_json"):
        if arguments.get(name):
            raise FunctionError(f"{name} is not supported any more: use {name.split('_')[0]}_policy_documents")
    merged = _Document()
    sids: set[str] = set()
    for source in _texts(arguments.get("source_policy_documents")):
        document = _parsed(source, "source_policy_documents")
        for sid in (statement.sid for statement in document.statements if statement.sid):
            if sid in sids:
                raise FunctionError(f"duplicate Sid ({sid}) in source_policy_documents")
            sids.add(sid)
        merged.merge(document)
    merged.merge(_configured(arguments))
    for override in _texts(arguments.get("override_policy_documents")):
        merged.merge(_parsed(override, "override_policy_documents"))
    content = merged.json()
    text = _go_json(content, indent=2)
    return {"json": text, "minified_json": _go_json(content), "id": str(_hashcode(text))}


def _go_json(content: Json, indent: int | None = None) -> str:
    separators = (",", ": ") if indent else (",", ":")
    text = json.dumps(content, ensure_ascii=False, indent=indent, separators=separators)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _texts(found: Plain) -> list[str]:
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


def _blocks(found: Plain) -> list[Mapping[str, Plain]]:
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _text(block: Mapping[str, Plain], name: str, default: str = "") -> str:
    found = block.get(name)
    return found if isinstance(found, str) else default


# -- what the configuration says ------------------------------------------------------------------------------


def _configured(arguments: Mapping[str, Plain]) -> _Document:
    document = _Document(_text(arguments, "version", "2012-10-17"), _text(arguments, "policy_id"))
    sids: set[str] = set()
    for block in _blocks(arguments.get("statement")):
        statement = _statement(block, document.version)
        if statement.sid in sids:
            raise FunctionError(f"duplicate Sid ({statement.sid}) among the statements")
        sids.update([statement.sid] if statement.sid else [])
        document.statements.append(statement)
    return document


def _statement(block: Mapping[str, Plain], version: str) -> _Statement:
    return _Statement(
        sid=_text(block, "sid"),
        effect=_text(block, "effect", "Allow"),
        actions=_several(_texts(block.get("actions"))),
        not_actions=_several(_texts(block.get("not_actions"))),
        resources=_several(_texts(block.get("resources")), version),
        not_resources=_several(_texts(block.get("not_resources")), version),
        principals=_principals(block.get("principals"), version),
        not_principals=_principals(block.get("not_principals"), version),
        conditions=_conditions(block.get("condition"), version),
    )


def _several(items: Sequence[str], version: str | None = None) -> Any:
    """One as a string, several sorted backwards; with `version`, &{...} becomes ${...}. None where there are none."""
    if version is not None:
        items = [_variables(item, version) for item in items]
    if len(items) == 1:
        return items[0]
    return sorted(items, key=_bytes, reverse=True) or None


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _variables(text: str, version: str) -> str:
    if version == _OLD and "&{" in text:
        raise FunctionError(f"found &{{ sequence in ({text}), which is not supported in document version {_OLD}")
    return text.replace("&{", "${")


def _principals(found: Plain, version: str) -> list[_Principal]:
    blocks = [(_text(block, "type"), _texts(block.get("identifiers"))) for block in _blocks(found)]
    ordered = _in_hash_order(blocks, lambda block: _principal_hash(*block))
    return [_Principal(kind, _several(identifiers, version) or []) for kind, identifiers in ordered]


def _conditions(found: Plain, version: str) -> list[_Condition]:
    blocks = [(_text(block, "test"), _text(block, "variable"), _texts(block.get("values"))) for block in _blocks(found)]
    ordered = _in_hash_order(blocks, lambda block: _condition_hash(*block))
    return [
        _Condition(test, variable, [_variables(value, version) for value in values])
        for test, variable, values in ordered
    ]


# -- documents from elsewhere ---------------------------------------------------------------------------------


def _parsed(text: str, where: str) -> _Document:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise FunctionError(f"{where} holds what is no JSON: {error}") from error
    if not isinstance(content, dict):
        raise FunctionError(f"{where} holds a document that is no JSON object")
    fields = _by_name(cast("dict[str, Any]", content))
    statements: Any = fields.get("statement") or []
    if not isinstance(statements, list):
        raise FunctionError(f"{where} holds a document whose Statement is no list")
    document = _Document(str(fields.get("version") or ""), str(fields.get("id") or ""))
    document.statements = [_parsed_statement(statement, where) for statement in cast("list[Any]", statements)]
    return document


def _by_name(content: Mapping[str, Any]) -> dict[str, Any]:
    """Go finds a field whatever the case of its letters."""
    return {name.lower(): value for name, value in content.items()}


def _parsed_statement(content: Any, where: str) -> _Statement:
    if not isinstance(content, dict):
        raise FunctionError(f"{where} holds a statement that is no JSON object")
    fields = _by_name(cast("dict[str, Any]", content))
    return _Statement(
        sid=str(fields.get("sid") or ""),
        effect=str(fields.get("effect") or ""),
        actions=fields.get("action"),
        not_actions=fields.get("notaction"),
        resources=fields.get("resource"),
        not_resources=fields.get("notresource"),
        principals=list(_parsed_principals(fields.get("principal"))),
        not_principals=list(_parsed_principals(fields.get("notprincipal"))),
        conditions=list(_parsed_conditions(fields.get("condition"))),
    )


def _parsed_principals(content: Any) -> Iterator[_Principal]:
    match content:
        case str():
            yield _Principal("*", ["*"])
        case dict():
            for kind, identifiers in cast("dict[str, Any]", content).items():
                listed = identifiers if isinstance(identifiers, str) else [str(item) for item in identifiers]
                yield _Principal(kind, listed)
        case _:
            return


def _parsed_conditions(content: Any) -> Iterator[_Condition]:
    for test, variables in cast("dict[str, dict[str, Any]]", content or {}).items():
        for variable, values in variables.items():
            match values:
                case bool():
                    yield _Condition(test, variable, ["true" if values else "false"])
                case list():
                    yield _Condition(test, variable, [_scalar(value) for value in cast("list[Any]", values)])
                case _:
                    yield _Condition(test, variable, [_scalar(values)])


def _scalar(value: Any) -> str:
    if not isinstance(value, str):
        raise FunctionError(f"the condition value {value!r} is no string")
    return value


# -- as JSON --------------------------------------------------------------------------------------------------


def _principals_json(principals: Sequence[_Principal]) -> Json:
    if not principals:
        return None
    if len(principals) == 1 and principals[0].type == "*" and principals[0].identifiers in ("*", ["*"]):
        return "*"
    found: dict[str, Any] = {}
    for principal in principals:
        before = found.get(principal.type)
        if isinstance(principal.identifiers, list):
            start: list[str] = [] if before is None else [before] if isinstance(before, str) else before
            found[principal.type] = start + sorted(principal.identifiers, key=_bytes, reverse=True)
        elif before is None:
            found[principal.type] = principal.identifiers
        else:
            start = [before] if isinstance(before, str) else before
            found[principal.type] = [*start, principal.identifiers]
    return dict(sorted(found.items()))


def _conditions_json(conditions: Sequence[_Condition]) -> Json:
    """Values of the same test and variable come together, in their order; a single one is no list."""
    found: dict[str, dict[str, list[str]]] = {}
    for condition in conditions:
        found.setdefault(condition.test, {}).setdefault(condition.variable, []).extend(condition.values)
    content: dict[str, Any] = {}
    for test, variables in sorted(found.items()):
        content[test] = {name: values[0] if len(values) == 1 else values for name, values in sorted(variables.items())}
    return content or None


# -- the provider's sets --------------------------------------------------------------------------------------


def _hashcode(text: str) -> int:
    return zlib.crc32(text.encode(errors="surrogatepass"))


def _in_hash_order(items: Iterable[T], serialized: Callable[[T], str]) -> list[T]:
    """As the provider's SDK goes through a set: by the hash of each element, compared as text."""
    return sorted(items, key=lambda item: str(_hashcode(serialized(item))))


def _principal_hash(kind: str, identifiers: Sequence[str]) -> str:
    inner = "".join(f"{item};" for item in _in_hash_order(identifiers, lambda item: f"{item};"))
    return f"identifiers:{{{inner}}};type:{kind};"


def _condition_hash(test: str, variable: str, values: Sequence[str]) -> str:
    return f"test:{test};values:({''.join(f'{value};' for value in values)});variable:{variable};"
