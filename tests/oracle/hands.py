"""Plain clients, as somebody at a terminal has them, and what AWS's own description of its operations says."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from botocore.session import Session

from reconciler.model import Operation


class Refused(Exception):
    """AWS (the emulator) does not take the mutation; `nothing` was changed by it, as far as one can know."""

    def __init__(self, text: str, *, nothing: bool = True) -> None:
        super().__init__(text)
        self.nothing = nothing


@dataclass(slots=True)
class Hands:
    """Plain botocore clients, as somebody at a terminal has them: nothing of the product but an entry's operations."""

    url: str
    region: str
    _clients: dict[str, Any] = field(default_factory=dict[str, Any])
    _session: Session = field(default_factory=Session)

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._session.set_credentials("test", "test")
            once = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
            self._clients[service] = self._session.create_client(
                service, region_name=self.region, endpoint_url=self.url, config=once
            )
        return self._clients[service]

    def bad_choices(self, operation: Operation) -> Iterator[tuple[str, list[str]]]:
        """Texts in the parameters that AWS takes no such value for, with those that it takes."""
        model = self._session.get_service_model(operation.service).operation_model(operation.operation)
        if model.input_shape is not None:
            yield from _bad_choices(model.input_shape, operation.parameters)

    def input_of(self, service: str, operation: str) -> Any:
        """botocore's shape of the parameters."""
        return self._session.get_service_model(service).operation_model(operation).input_shape

    def ask(self, service: str, method: str, **parameters: Any) -> Any:
        """What is live, to tell what is to be changed there."""
        try:
            return getattr(self.client(service), method)(**parameters)
        except (BotoCoreError, ClientError, ResponseParserError) as error:
            raise Refused(f"{service}:{method}: {error}") from error

    @staticmethod
    def archive() -> bytes:
        """Code of a function, as good as any."""
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("main.py", "def handler(event, context): ...")
        return content.getvalue()

    def run(self, operation: Operation) -> None:
        client = self.client(operation.service)
        method = {v: k for k, v in client.meta.method_to_api_mapping.items()}[operation.operation]
        try:
            getattr(client, method)(**operation.parameters)
        except (BotoCoreError, ClientError, ResponseParserError) as error:
            raise Refused(f"{operation}: {error}") from error


def _bad_choices(shape: Any, value: Any) -> Iterator[tuple[str, list[str]]]:
    match value:
        case dict() if shape.type_name == "structure":
            for name, item in cast("dict[str, Any]", value).items():
                if name in shape.members:
                    yield from _bad_choices(shape.members[name], item)
        case dict() if shape.type_name == "map":
            for item in cast("dict[str, Any]", value).values():
                yield from _bad_choices(shape.value, item)
        case list() if shape.type_name == "list":
            for item in cast("list[Any]", value):
                yield from _bad_choices(shape.member, item)
        case str() if shape.type_name == "string" and shape.enum and value not in shape.enum:
            yield value, list(shape.enum)
        case _:
            return
