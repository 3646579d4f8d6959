"""Where a backend keeps its state: a file, an object in S3, or somewhere that is not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Final, TypeAlias

from reconciler.model import AssumeRole, Plain, Provider
from reconciler.records import dataclass

DEFAULT: Final = "default"
FILE: Final = "terraform.tfstate"


@dataclass(frozen=True, slots=True)
class Local:
    """A state file; `path` is absolute or relative to the directory of the root module."""

    path: str


@dataclass(frozen=True, slots=True)
class S3:
    """An object in S3; `provider` says how to sign in: region, endpoints, profile, keys, roles, path style.

    `customer_key` is the base64 key where the bucket encrypts with one of the customer's (SSE-C), `kms_key` the ARN of
    the KMS key that the backend block names.
    """

    bucket: str
    key: str
    provider: Provider
    customer_key: str | None = field(default=None, repr=False)
    kms_key: str | None = None

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The state cannot be read, for `reason`; identity falls back on baseline and natural keys."""

    reason: str


Location: TypeAlias = Local | S3 | Elsewhere


def locate(backend: str | None, config: Mapping[str, Plain], workspace: str = DEFAULT) -> Location:
    """Where the state of `workspace` is. `backend` is the block's label, None without one, "cloud" for HCP Terraform.

    `config` are the block's arguments; nested blocks may be an object or a list of one.
    """
    match backend:
        case None | "local":
            return _local(config, workspace)
        case "s3":
            return _s3(config, workspace)
        case "cloud" | "remote":
            return Elsewhere("the state is kept by HCP Terraform, which is not read")
        case _:
            return Elsewhere(f'state in the backend "{backend}" is not read, only "local" and "s3"')


def _local(config: Mapping[str, Plain], workspace: str) -> Location:
    if workspace == DEFAULT:
        return Local(_text(config, "path") or FILE)
    folder = _text(config, "workspace_dir") or "terraform.tfstate.d"
    return Local(f"{folder}/{workspace}/{FILE}")


def _s3(config: Mapping[str, Plain], workspace: str) -> Location:
    bucket, key = _text(config, "bucket"), _text(config, "key")
    if bucket is None or key is None:
        missing = " and ".join(name for name in ("bucket", "key") if _text(config, name) is None)
        return Elsewhere(f'the backend "s3" has no {missing}: run `terraform init` here with -backend-config')
    if workspace != DEFAULT:
        prefix = _text(config, "workspace_key_prefix")
        key = f"{'env:' if prefix is None else prefix}/{workspace}/{key}".lstrip("/")
    path_style = config.get("use_path_style", config.get("force_path_style"))
    provider = Provider(
        name="backend.s3",
        region=_text(config, "region"),
        endpoints=_endpoints(config),
        assume_role=_roles(config),
        profile=_text(config, "profile"),
        access_key=_text(config, "access_key"),
        secret_key=_text(config, "secret_key"),
        token=_text(config, "token"),
        s3_use_path_style=path_style is True or path_style == "true",
    )
    return S3(bucket, key.lstrip("/"), provider, _text(config, "sse_customer_key"), _text(config, "kms_key_id"))


def _endpoints(config: Mapping[str, Plain]) -> tuple[tuple[str, str], ...]:
    given = _block(config, "endpoints")
    old = {"s3": "endpoint", "sts": "sts_endpoint", "iam": "iam_endpoint"}
    found = ((service, _text(given, service) or _text(config, name)) for service, name in old.items())
    return tuple((service, url) for service, url in found if url)


def _roles(config: Mapping[str, Plain]) -> tuple[AssumeRole, ...]:
    """The role of `assume_role`, or of the older arguments at the top of the block."""
    given = _block(config, "assume_role") or config
    arn = _text(given, "role_arn")
    if arn is None:
        return ()
    role = AssumeRole(
        arn,
        session_name=_text(given, "session_name"),
        external_id=_text(given, "external_id"),
        duration=_text(given, "duration"),
        policy=_text(given, "policy") or _text(given, "assume_role_policy"),
    )
    return (role,)


def _text(config: Mapping[str, Plain], name: str) -> str | None:
    value = config.get(name)
    return value if isinstance(value, str) and value else None


def _block(config: Mapping[str, Plain], name: str) -> Mapping[str, Plain]:
    value = config.get(name)
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, dict) else {}
