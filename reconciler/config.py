"""`reconcile.yaml`: optional, small, and strict. Every error names file, line and key.

version: 1
stacks:
  - name: payments
    path: infra/payments
    workspace: production
    var_files: [production.tfvars]
    vars: {region: eu-west-1}
ignore:
  - {type: aws_cloudwatch_log_group, name: "/aws/lambda/*"}
unmanaged: {enabled: true}
pull_requests: {open: 5, per_hour: 2, prefer: both}
plans: {days: 14, operations: 50}
modules: {fetch: [github.com/acme]}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from fnmatch import fnmatchcase
from typing import Any, Final, Literal, TypeAlias, cast

from reconciler.errors import ConfigError
from reconciler.hcl import sources
from reconciler.model import Json, LiveResource
from reconciler.records import dataclass

FILE: Final = "reconcile.yaml"
Preference: TypeAlias = Literal["adopt", "revert", "both"]


@dataclass(frozen=True, slots=True)
class StackConfig:
    """A root module with its inputs. `path` and `var_files` are relative: to the repository, and to `path`."""

    name: str
    path: str
    workspace: str | None = None
    var_files: tuple[str, ...] = ()
    vars: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """Live resources that are not reported as unmanaged. All that is given must fit; globs, but for tags' keys."""

    type: str = "*"
    name: str | None = None  # the id or the attribute `name`
    arn: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])

    def fits(self, live: LiveResource) -> bool:
        if not fnmatchcase(live.type, self.type):
            return False
        names = [live.id, *(str(live.attributes[n]) for n in ("name", "bucket") if live.attributes.get(n))]
        if self.name is not None and not any(fnmatchcase(name, self.name) for name in names):
            return False
        if self.arn is not None and not fnmatchcase(str(live.attributes.get("arn") or live.id), self.arn):
            return False
        there = live.attributes.get("tags_all") or live.attributes.get("tags")
        tags = there if isinstance(there, dict) else {}
        return all(key in tags and fnmatchcase(str(tags[key]), value) for key, value in self.tags.items())


@dataclass(frozen=True, slots=True)
class Config:
    """`stacks` None: every root module of the repository is one. `fetch` are the prefixes of addresses ("https://",
    "github.com/acme") that modules may be fetched from by git."""

    stacks: tuple[StackConfig, ...] | None = None
    ignore: tuple[IgnoreRule, ...] = ()
    baselines: str = "baselines"
    unmanaged: bool = True
    open_pull_requests: int = 5
    pull_requests_per_hour: int = 2
    prefer: Preference = "both"
    plan_days: int = 14
    plan_operations: int = 50
    fetch: tuple[str, ...] = ()

    def ignored(self, live: LiveResource) -> bool:
        return any(rule.fits(live) for rule in self.ignore)


def parse(content: bytes, where: str = FILE) -> Config:
    """The configuration in `content`. Raises ConfigError, which names line and key."""
    import yaml  # slow to import

    try:
        node = cast("Any", yaml.compose(content, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark: Any = getattr(error, "problem_mark", None)
        place = f"{where}:{mark.line + 1}" if mark else where
        problem = getattr(error, "problem", None) or error
        raise ConfigError(f"this is no YAML: {problem}", where=place, hint="mend the line") from error
    if node is None:
        return Config()
    return _config(_Node(node, where, ""))


class _Node:
    """A YAML node that knows its place. Takes what is asked for; `done` refuses what nobody asked for."""

    def __init__(self, node: Any, where: str, key: str) -> None:
        self._node, self._file, self.key = node, where, key

    def fail(self, what: str) -> ConfigError:
        key = f"{self.key}: " if self.key else ""
        return ConfigError(f"{key}{what}", where=f"{self._file}:{self._node.start_mark.line + 1}", hint=_HINT)

    def mapping(self, *allowed: str) -> dict[str, _Node]:
        """The entries by key; raises where a key is not one of `allowed` (none given: any)."""
        import yaml

        if not isinstance(self._node, yaml.MappingNode):
            raise self.fail("keys and values are wanted here")
        found: dict[str, _Node] = {}
        for key_node, value in cast("list[tuple[Any, Any]]", self._node.value):
            name = str(key_node.value)
            entry = _Node(value, self._file, f"{self.key}.{name}" if self.key else name)
            if allowed and name not in allowed:
                raise _Node(key_node, self._file, entry.key).fail(f"no such key; known are {', '.join(allowed)}")
            if name in found:
                raise _Node(key_node, self._file, entry.key).fail("the key is there twice")
            found[name] = entry
        return found

    def is_list(self) -> bool:
        import yaml

        return isinstance(self._node, yaml.SequenceNode)

    def items(self) -> list[_Node]:
        import yaml

        if not isinstance(self._node, yaml.SequenceNode):
            raise self.fail("a list is wanted here")
        nodes = cast("list[Any]", self._node.value)
        return [_Node(node, self._file, f"{self.key}[{index}]") for index, node in enumerate(nodes)]

    def _scalar(self, *tags: str) -> str:
        import yaml

        if not isinstance(self._node, yaml.ScalarNode) or self._node.tag.rpartition(":")[2] not in tags:
            wanted = {"str": "a text", "int": "a number", "bool": "true or false"}[tags[0]]
            raise self.fail(f"{wanted} is wanted here")
        return str(self._node.value)

    def text(self) -> str:
        return self._scalar("str")

    def value(self) -> str:
        """A Terraform variable as the command line takes it: numbers and booleans as they are written."""
        return self._scalar("str", "int", "float", "bool")

    def flag(self) -> bool:
        return self._scalar("bool").lower() in ("true", "yes", "on")

    def number(self, least: int, most: int) -> int:
        text = self._scalar("int")
        if not text.isdigit() or not least <= int(text) <= most:
            raise self.fail(f"a number from {least} to {most} is wanted here")
        return int(text)

    def path(self) -> str:
        """Relative to what it is in, and never out of it."""
        text = self.text().strip("/") or "."
        if self.text().startswith("/") or ".." in text.split("/"):
            raise self.fail(f"{self.text()!r} leads out of the repository")
        return "/".join(step for step in text.split("/") if step not in ("", ".")) or "."

    def one_of(self, *values: str) -> str:
        text = self.text()
        if text not in values:
            raise self.fail(f"one of {', '.join(values)} is wanted here")
        return text


_HINT: Final = "docs/schemas/config-v1.json describes every key"


def _config(node: _Node) -> Config:
    top = node.mapping("version", "stacks", "ignore", "baselines", "unmanaged", "pull_requests", "plans", "modules")
    if "version" in top:
        top["version"].number(1, 1)
    pulls = top["pull_requests"].mapping("open", "per_hour", "prefer") if "pull_requests" in top else {}
    plans = top["plans"].mapping("days", "operations") if "plans" in top else {}
    unmanaged = top["unmanaged"].mapping("enabled") if "unmanaged" in top else {}
    modules = top["modules"].mapping("fetch") if "modules" in top else {}
    blank = Config()
    return Config(
        _stacks(top["stacks"]) if "stacks" in top else None,
        tuple(_rule(entry) for entry in top["ignore"].items()) if "ignore" in top else (),
        top["baselines"].path() if "baselines" in top else blank.baselines,
        unmanaged["enabled"].flag() if "enabled" in unmanaged else True,
        pulls["open"].number(0, 1000) if "open" in pulls else blank.open_pull_requests,
        pulls["per_hour"].number(0, 1000) if "per_hour" in pulls else blank.pull_requests_per_hour,
        cast("Preference", pulls["prefer"].one_of("adopt", "revert", "both")) if "prefer" in pulls else blank.prefer,
        plans["days"].number(1, 365) if "days" in plans else blank.plan_days,
        plans["operations"].number(1, 10_000) if "operations" in plans else blank.plan_operations,
        _fetch(modules["fetch"]) if "fetch" in modules else (),
    )


EVERYWHERE: Final = ("https://", "ssh://")


def _fetch(node: _Node) -> tuple[str, ...]:
    if not node.is_list():
        return EVERYWHERE if node.flag() else ()
    for entry in node.items():
        if not sources.valid_prefix(entry.text()):
            raise entry.fail(f"{entry.text()!r} is no host, host/path or scheme://host/path to fetch modules from")
    return tuple(entry.text() for entry in node.items())


def _stacks(node: _Node) -> tuple[StackConfig, ...]:
    found: list[StackConfig] = []
    for entry in node.items():
        keys = entry.mapping("name", "path", "workspace", "var_files", "vars")
        if "path" not in keys:
            raise entry.fail("a stack needs a path")
        path = keys["path"].path()
        name = keys["name"].text() if "name" in keys else path.rpartition("/")[2]
        if not name or any(stack.name == name for stack in found):
            raise entry.fail(f"another stack is called {name!r} already" if name else "a stack needs a name")
        found.append(
            StackConfig(
                name,
                path,
                keys["workspace"].text() if "workspace" in keys else None,
                tuple(file.text() for file in keys["var_files"].items()) if "var_files" in keys else (),
                {k: v.value() for k, v in keys["vars"].mapping().items()} if "vars" in keys else {},
            )
        )
    return tuple(found)


def _rule(node: _Node) -> IgnoreRule:
    keys = node.mapping("type", "name", "arn", "tags")
    if not keys:
        raise node.fail("a rule that says nothing would ignore everything")
    return IgnoreRule(
        keys["type"].text() if "type" in keys else "*",
        keys["name"].text() if "name" in keys else None,
        keys["arn"].text() if "arn" in keys else None,
        {k: v.value() for k, v in keys["tags"].mapping().items()} if "tags" in keys else {},
    )


def json_schema() -> dict[str, Json]:
    """For editors; published as docs/schemas/config-v1.json."""
    text: Json = {"type": "string"}
    texts: Json = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}

    def keys(properties: dict[str, Json], required: list[Json] | None = None) -> dict[str, Json]:
        out: dict[str, Json] = {"type": "object", "additionalProperties": False, "properties": properties}
        return {**out, "required": required} if required else out

    stack = keys(
        {"name": text, "path": text, "workspace": text, "var_files": {"type": "array", "items": text}, "vars": texts},
        ["path"],
    )
    rule = {**keys({"type": text, "name": text, "arn": text, "tags": texts}), "minProperties": 1}
    prefer: Json = {"enum": ["adopt", "revert", "both"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "reconcile.yaml",
        **keys(
            {
                "version": {"const": 1},
                "stacks": {"type": "array", "items": stack},
                "ignore": {"type": "array", "items": rule},
                "baselines": text,
                "unmanaged": keys({"enabled": {"type": "boolean"}}),
                "pull_requests": keys({"open": _range(0, 1000), "per_hour": _range(0, 1000), "prefer": prefer}),
                "plans": keys({"days": _range(1, 365), "operations": _range(1, 10_000)}),
                "modules": keys({"fetch": {"anyOf": [{"type": "boolean"}, {"type": "array", "items": text}]}}),
            }
        ),
    }


def _range(least: int, most: int) -> Json:
    return {"type": "integer", "minimum": least, "maximum": most}
