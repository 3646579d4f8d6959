"""Provider configurations as resources see them: region, credentials, default tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reconciler import schema
from reconciler.hcl import functions, values
from reconciler.hcl.access import AccessError
from reconciler.hcl.blocks import Decoder, Known, plan
from reconciler.hcl.content import Problems
from reconciler.hcl.module import Module, ProviderConfig, ProviderKey
from reconciler.hcl.scope import Scope
from reconciler.hcl.shapes import BlockObject
from reconciler.hcl.values import Value, to_plain
from reconciler.model import AssumeRole, Plain, Provider
from reconciler.records import dataclass

AWS: Final = "hashicorp/aws"
_TERRAFORM: Final = "terraform.io/builtin/terraform"


@dataclass(frozen=True, slots=True)
class Configured:
    """A provider's configuration, evaluated. `default_tags` keep the origins that `provider` has no place for."""

    provider: Provider
    default_tags: Value | None = None


def source_of(module: Module, name: str) -> str:
    """The source of the provider that the module calls `name`, without the registry's host: "hashicorp/aws"."""
    source = module.sources.get(name, f"hashicorp/{name}" if name != "terraform" else _TERRAFORM)
    parts = source.lower().split("/")
    return source if source == _TERRAFORM else "/".join(parts[-2:] if len(parts) > 1 else ["hashicorp", *parts])


def functions_of(module: Module, name: str) -> Mapping[str, functions.Function]:
    """Raises AccessError where the module does not say that it requires the provider, Unavailable where the provider's
    functions are not known."""
    if name not in module.required:
        raise AccessError(f'a block required_providers must say what "{name}" is')
    source = source_of(module, name)
    if source != AWS:
        raise functions.Unavailable(f"the functions of the provider {source} are its own")
    return functions.AWS


def local_name(type_name: str, key: ProviderKey | None) -> ProviderKey:
    """The provider that a resource uses: the one it names, else the one that its type begins with."""
    return key or (type_name.split("_", 1)[0], None)


def unconfigured(name: str = "aws") -> Configured:
    """A provider without any block: everything comes from its environment."""
    return Configured(Provider(name))


def configure(config: ProviderConfig, scope: Scope, problems: Problems) -> Configured:
    """The AWS provider as `config` has it."""
    body = plan(config.content, schema.provider(), problems, config.span)
    decoder = Decoder(problems)
    block = decoder.decode(body, scope, Known())
    reader = _Reader(block)
    tags = _default_tags(block)
    name, alias = config.key
    provider = Provider(
        name=f"{name}.{alias}" if alias else name,
        region=reader.text("region"),
        endpoints=reader.endpoints(),
        assume_role=reader.assume_roles(),
        default_tags=_pairs(tags),
        ignore_tags=reader.nested_texts("ignore_tags", "keys"),
        ignore_tag_prefixes=reader.nested_texts("ignore_tags", "key_prefixes"),
        allowed_account_ids=reader.texts("allowed_account_ids"),
        forbidden_account_ids=reader.texts("forbidden_account_ids"),
        profile=reader.text("profile"),
        access_key=reader.text("access_key"),
        secret_key=reader.text("secret_key"),
        token=reader.text("token"),
        s3_use_path_style=reader.flag("s3_use_path_style"),
        max_retries=reader.whole("max_retries"),
        unknown=tuple(dict.fromkeys(reader.unknown)),
    )
    return Configured(provider, tags)


def _default_tags(block: BlockObject) -> Value | None:
    given = block.given.get("default_tags")
    for inner in given.items if isinstance(given, Value) and given.known and not given.null else ():
        if isinstance(inner.raw, BlockObject):
            tags = inner.raw.given.get("tags")
            if isinstance(tags, Value) and not tags.null:
                return tags
    return None


class _Reader:
    """Reads settings as plain data, and keeps the names of those that are unknown or failed."""

    def __init__(self, block: BlockObject) -> None:
        self._block = block
        self.unknown: list[str] = [name for name, item in block.given.items() if not isinstance(item, Value)]

    def _plain(self, name: str) -> Plain:
        found = self._block.given.get(name)
        if not isinstance(found, Value):
            return None
        if not _settled(found):
            self.unknown.append(name)
            return None
        return to_plain(found)

    def text(self, name: str) -> str | None:
        found = self._plain(name)
        return found if isinstance(found, str) and found else None

    def flag(self, name: str) -> bool:
        return self._plain(name) is True

    def whole(self, name: str) -> int | None:
        found = self._plain(name)
        return found if isinstance(found, int) else None

    def texts(self, name: str) -> tuple[str, ...]:
        return _texts(self._plain(name))

    def _blocks(self, name: str) -> list[BlockObject]:
        found = self._block.given.get(name)
        if not isinstance(found, Value) or found.null:
            return []
        if not found.known:
            self.unknown.append(name)
            return []
        return [item.raw for item in found.items if isinstance(item.raw, BlockObject)]

    def nested_texts(self, block: str, name: str) -> tuple[str, ...]:
        found: list[str] = []
        for inner in self._blocks(block):
            reader = _Reader(inner)
            found += reader.texts(name)
            self.unknown += [block for _ in reader.unknown]
        return tuple(found)

    def endpoints(self) -> tuple[tuple[str, str], ...]:
        found: dict[str, str] = {}
        for inner in self._blocks("endpoints"):
            reader = _Reader(inner)
            found |= {name: url for name in inner.given if (url := reader.text(name))}
            self.unknown += ["endpoints" for _ in reader.unknown]
        return tuple(sorted(found.items()))

    def assume_roles(self) -> tuple[AssumeRole, ...]:
        found: list[AssumeRole] = []
        for inner in self._blocks("assume_role"):
            reader = _Reader(inner)
            role = reader.text("role_arn")
            if role:
                found.append(
                    AssumeRole(
                        role,
                        reader.text("session_name"),
                        reader.text("external_id"),
                        reader.text("duration"),
                        reader.text("policy"),
                    )
                )
            self.unknown += ["assume_role" for _ in reader.unknown]
        return tuple(found)


def _pairs(tags: Value | None) -> tuple[tuple[str, str], ...]:
    """Those that are known: the values of resources have the unknown ones in their tags_all."""
    if tags is None or not isinstance(tags.raw, Mapping):
        return ()
    return tuple((key, value.text) for key, value in tags.entries.items() if isinstance(value.raw, str))


def _settled(value: Value) -> bool:
    return values.wholly_known(value)


def _texts(found: Plain) -> tuple[str, ...]:
    return tuple(item for item in found if isinstance(item, str)) if isinstance(found, list) else ()
