"""From a Terraform provider configuration to botocore clients: credentials, roles, regions, endpoints."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from reconciler.aws.failure import CallFailed, Kind
from reconciler.aws.models import PackedLoader, in_front_of
from reconciler.errors import CloudError, ConfigError
from reconciler.model import AssumeRole, Provider
from reconciler.records import dataclass

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.config import Config
    from botocore.session import Session

# Terraform's names for `endpoints { }` where they are not boto3's with the hyphens left out.
_ENDPOINT_NAMES: Final = {
    "appautoscaling": "application-autoscaling",
    "cloudwatchevents": "events",
    "eventbridge": "events",
    "cloudwatchlog": "logs",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "configservice": "config",
    "databasemigration": "dms",
    "databasemigrationservice": "dms",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "elasticsearch": "es",
    "elasticsearchservice": "es",
    "iotcore": "iot",
    "msk": "kafka",
    "opensearchservice": "opensearch",
    "prometheus": "amp",
    "prometheusservice": "amp",
    "resourcegroupstagging": "resourcegroupstaggingapi",
    "s3api": "s3",
    "sfn": "stepfunctions",
}
_SESSION_NAME: Final = "reconcile"


@dataclass(frozen=True, slots=True)
class Settings:
    """How AWS is asked. Seconds; `attempts` of one call, the first included; `deadline` bounds them all together."""

    connect_timeout: float = 5
    read_timeout: float = 30
    attempts: int = 6
    deadline: float = 120
    concurrency: int = 16  # calls in flight per service to start with; adapts up to twice that
    endpoint_url: str | None = None  # for every service, before what AWS_ENDPOINT_URL says


class ProviderSession:
    """Clients for one provider configuration, made when first asked for and shared by all threads."""

    def __init__(self, provider: Provider, settings: Settings) -> None:
        self._provider = provider
        self._settings = settings
        self._clients: dict[str, BaseClient] = {}
        self._models: dict[str, Any] = {}
        self._lock = threading.RLock()
        self._endpoints = {_boto3_name(name): url for name, url in provider.endpoints if url}
        self._session = self._signed_in()
        self.region: Final = self._region()

    def client(self, service: str, operation: str) -> BaseClient:
        """boto3's client for `service`, able to do `operation`. Raises CloudError where botocore can't make one."""
        with self._lock:
            self._describe(service, operation)
            if service not in self._clients:
                self._clients[service] = self._make(self._session, service)
            return self._clients[service]

    def forget_clients(self) -> None:
        """Makes new clients from credentials looked up again: the old ones were said to be expired."""
        with self._lock:
            self._clients.clear()
            self._session = self._signed_in()

    def model(self, service: str, operation: str) -> Any:
        """botocore's description of the operation."""
        with self._lock:
            self._describe(service, operation)
            if service not in self._models:
                self._models[service] = self._session.get_service_model(service)
            return self._models[service].operation_model(operation)

    def _describe(self, service: str, operation: str) -> None:
        """Takes botocore's full description of the service where the pack does not have the operation."""
        loader = self._session.get_component("data_loader")
        if isinstance(loader, PackedLoader) and service not in loader.whole and not loader.knows(service, operation):
            loader.whole.add(service)
            self._clients.pop(service, None)
            self._models.pop(service, None)

    def pagination(self, service: str, operation: str) -> dict[str, Any] | None:
        """botocore's description of how `operation` pages, None where it has none."""
        try:
            return self._session.get_paginator_model(service).get_paginator(operation)
        except ValueError:
            return None
        except Exception as error:
            if type(error).__name__ == "UnknownServiceError" or type(error).__name__ == "DataNotFoundError":
                return None  # a service without any paginator
            raise

    def _make(self, session: Session, service: str) -> BaseClient:
        from botocore.exceptions import BotoCoreError

        endpoint = self._endpoints.get(service) or self._settings.endpoint_url
        try:
            client = session.create_client(  # pyright: ignore[reportCallIssue, reportUnknownVariableType]
                service,  # pyright: ignore[reportArgumentType]
                region_name=self.region,
                endpoint_url=endpoint,
                config=self._config(service, endpoint),
            )
        except (BotoCoreError, ValueError) as error:
            raise CloudError(str(error), where=f"client for {service}") from error
        client.meta.events.register("after-call", _refuse_truncated)  # pyright: ignore[reportUnknownMemberType]
        return client  # pyright: ignore[reportUnknownVariableType]

    def _config(self, service: str, endpoint: str | None) -> Config:
        from botocore.config import Config

        settings = self._settings
        elsewhere = endpoint or os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT_URL_S3")
        path_style = service == "s3" and (self._provider.s3_use_path_style or bool(elsewhere))
        return Config(
            connect_timeout=settings.connect_timeout,
            read_timeout=settings.read_timeout,
            retries={"total_max_attempts": 1, "mode": "standard"},  # the caller retries, counts and limits
            max_pool_connections=settings.concurrency * 2,
            user_agent_extra="reconcile",
            s3={"addressing_style": "path"} if path_style else {},
        )

    def _signed_in(self) -> Session:
        from botocore.exceptions import BotoCoreError

        provider = self._provider
        try:
            session = _new_session(provider.profile)
            if provider.access_key and provider.secret_key:
                session.set_credentials(provider.access_key, provider.secret_key, provider.token)
            elif session.get_credentials() is None:
                raise CloudError(
                    "no AWS credentials",
                    where=f"provider {provider.name!r}",
                    hint="set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in",
                )
            for step in provider.assume_role:
                session = self._assuming(session, step)
        except BotoCoreError as error:
            hint = "check the profile, or sign in again"
            raise CloudError(str(error), where=f"credentials of provider {provider.name!r}", hint=hint) from error
        return session

    def _assuming(self, source: Session, step: AssumeRole) -> Session:
        """A session whose credentials are those of the role, fetched when needed and before they expire."""
        from botocore.credentials import CredentialProvider, DeferredRefreshableCredentials

        def fetch() -> dict[str, str]:
            client: Any = self._make(source, "sts")
            found: dict[str, str] = client.assume_role(**_assume_role_parameters(step))["Credentials"]
            names = {"access_key": "AccessKeyId", "secret_key": "SecretAccessKey", "token": "SessionToken"}
            return {name: found[key] for name, key in names.items()} | {"expiry_time": found["Expiration"]}

        class _Role(CredentialProvider):
            METHOD = "assume-role"

            def load(self) -> Any:
                return DeferredRefreshableCredentials(refresh_using=fetch, method="assume-role")

        session = _new_session(None)
        session.get_component("credential_provider").insert_before("env", _Role())
        return session

    def _region(self) -> str:
        found = self._provider.region or os.environ.get("AWS_REGION") or self._session.get_config_variable("region")
        if not found:
            hint = "set `region` in the provider block, or AWS_REGION"
            raise ConfigError("no AWS region", where=f"provider {self._provider.name!r}", hint=hint)
        return str(found)


def _new_session(profile: str | None) -> Session:
    from botocore.session import Session

    session = Session(profile=profile)
    packed = in_front_of(session.get_component("data_loader"), session.get_config_variable("data_path"))
    if packed is not None:
        session.register_component("data_loader", packed)
    parsers = session.get_component("response_parser_factory")
    parsers.set_parser_defaults(timestamp_parser=_timestamp, blob_parser=_as_it_is)
    return session


def _timestamp(value: Any) -> str:
    """Times as Terraform writes them: UTC, whole seconds."""
    from botocore.utils import parse_timestamp

    moment: datetime = parse_timestamp(value)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _as_it_is(value: str) -> str:
    return value


def _refuse_truncated(http_response: Any, parsed: dict[str, Any], model: Any, **_: object) -> None:
    """botocore takes a cut or empty body for an answer without members; as a listing that would be a false "none"."""
    if http_response.status_code >= 300 or model.has_streaming_output:
        return
    if not model.name.startswith(("List", "Describe", "Get", "Search", "Batch")) or model.output_shape is None:
        return
    if parsed.keys() - {"ResponseMetadata", "message"}:
        return
    body = http_response.content
    in_body = [m for m in model.output_shape.members.values() if "location" not in m.serialization]
    payload = model.output_shape.serialization.get("payload")
    if not body.strip():
        if in_body and not payload:
            raise CallFailed(model.name, Kind.SERVER, "EmptyAnswer", "the answer has no body")
    elif body.lstrip()[:1] == b"{":
        _require_json(model.name, body)


def _require_json(operation: str, body: bytes) -> None:
    import json

    try:
        json.loads(body)
    except ValueError as error:
        raise CallFailed(operation, Kind.SERVER, "TruncatedAnswer", f"the answer is no JSON: {error}") from error


def _assume_role_parameters(step: AssumeRole) -> dict[str, Any]:
    given: dict[str, Any] = {
        "RoleArn": step.role_arn,
        "RoleSessionName": (step.session_name or _SESSION_NAME)[:64],
        "ExternalId": step.external_id,
        "Policy": step.policy,
        "DurationSeconds": _seconds(step.duration) if step.duration else None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _seconds(duration: str) -> int:
    """Go's duration: "1h30m" -> 5400. Raises ConfigError."""
    units = {"h": 3600, "m": 60, "s": 1}
    parts = re.findall(r"(\d+(?:\.\d+)?)(h|m|s)", duration)
    if not parts or "".join(n + u for n, u in parts) != duration:
        raise ConfigError(f"not a duration: {duration!r}", where="assume_role", hint='write it like "1h" or "900s"')
    return int(sum(float(n) * units[u] for n, u in parts))


def _boto3_name(terraform_name: str) -> str:
    if terraform_name in _ENDPOINT_NAMES:
        return _ENDPOINT_NAMES[terraform_name]
    known = _hyphenless()
    return known.get(terraform_name.replace("_", "").replace("-", ""), terraform_name)


def _hyphenless_of(load: Callable[[], list[str]]) -> dict[str, str]:
    return {name.replace("-", ""): name for name in load()}


_services: dict[str, str] = {}


def _hyphenless() -> dict[str, str]:
    if not _services:
        from botocore.session import Session

        _services.update(_hyphenless_of(Session().get_available_services))
    return _services
