"""EventBridge beside its rules: buses and who may put events on them, archives, connections, API destinations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from reconciler.model import Json, Operation
from reconciler.resources.convert import document, parts, tags
from reconciler.resources.events import BUSES, tags_of_events
from reconciler.resources.shapes import Shape, getters, json_text, many, number, one, told, value, write
from reconciler.resources.shapes import read as read_shape
from reconciler.resources.spec import At, Child, Read, Record, ResourceType, Scope, Semantics, Subject, Write, dig
from reconciler.resources.writing import operation, stuck_in, tag_write

_GONE: Final = frozenset(("ResourceNotFoundException",))

# -- buses ----------------------------------------------------------------------------------------------------

_BUS_SETTINGS: Final[Shape] = {
    "dead_letter_config": one("DeadLetterConfig", {"arn": value("Arn")}),
    "description": value("Description", cleared=""),
    "kms_key_identifier": value("KmsKeyIdentifier", cleared=""),
}


def _update_bus(subject: Subject) -> Iterable[Operation]:
    yield operation("events:UpdateEventBus", {"Name": subject.id, **write(_BUS_SETTINGS, subject.known)})


_BUS: Final = ResourceType(
    name="aws_cloudwatch_event_bus",
    list=BUSES,
    id=At("Name"),
    by_id=lambda name, scope: {"Name": name, "Arn": scope.arn("events", f"event-bus/{name}")},
    natural_keys=(("name",),),
    details={
        "bus": Read("events:DescribeEventBus", "", {"Name": At("Name")}, absent=_GONE),
        "tags": tags_of_events("event-bus"),
    },
    exists=lambda record, _: record["bus"] is not None,
    attributes={
        **getters(_BUS_SETTINGS, "bus"),
        "arn": At("Arn"),
        "id": At("Name"),
        "name": At("Name"),
        "tags": tags("tags"),
    },
    config_only=frozenset(("event_source_name",)),
    writes=(
        Write(("events:UpdateEventBus",), frozenset(_BUS_SETTINGS), _update_bus),
        tag_write("events:TagResource", "events:UntagResource", {"ResourceARN": "arn"}),
    ),
    aws_owned=lambda record, _: record["Name"] == "default",
)

# -- policies of buses ----------------------------------------------------------------------------------------


def _put_policy(subject: Subject) -> Iterable[Operation]:
    wanted = subject.known
    given: dict[str, Json] = {"EventBusName": wanted.get("event_bus_name") or "default", "Policy": wanted["policy"]}
    yield operation("events:PutPermission", given)


def _remove_policy(subject: Subject) -> Iterable[Operation]:
    bus = subject.known.get("event_bus_name") or "default"
    yield operation("events:RemovePermission", {"EventBusName": bus, "RemoveAllPermissions": True})


_POLICY: Final = ResourceType(
    name="aws_cloudwatch_event_bus_policy",
    list=BUSES,
    expand=lambda record, _: [record] if record.get("Policy") else [],
    id=At("Name"),
    natural_keys=(("event_bus_name",),),
    attributes={"event_bus_name": At("Name"), "id": At("Name"), "policy": At("Policy", document)},
    semantics={"policy": Semantics.POLICY},
    writes=(Write(("events:PutPermission",), frozenset(("policy",)), _put_policy),),
    create=Write(("events:PutPermission",), frozenset(), _put_policy),
    delete=Write(("events:RemovePermission",), frozenset(), _remove_policy),
    children=(Child("aws_cloudwatch_event_permission", "event_bus_name", ("policy",), key="event_bus_name"),),
)


def _statements(record: Record, _scope: Scope) -> Iterable[Record]:
    """A bus's record, once for each statement of its policy."""
    if not record.get("Policy"):
        return
    found: Any = json.loads(record["Policy"]).get("Statement") or []
    for statement in cast("list[dict[str, Any]]", found if isinstance(found, list) else [found]):
        yield {**record, "statement": statement}


def _principal(record: Record, _scope: Scope) -> Json:
    """An account's number, where it is written as the ARN of its root."""
    given = record["statement"].get("Principal")
    named = dig(record, "statement.Principal.AWS") if isinstance(given, dict) else given
    if isinstance(named, str) and named.startswith("arn:"):
        return named.split(":")[4]
    return named if isinstance(named, str) else json.dumps(given, sort_keys=True)


def _condition(record: Record, _scope: Scope) -> Json:
    found: Any = dig(record, "statement.Condition")
    if isinstance(found, str):  # some emulators keep the text
        found = json.loads(found)
    return [
        {"key": key, "type": kind, "value": wanted}
        for kind, tests in cast("dict[str, dict[str, Any]]", found or {}).items()
        for key, wanted in tests.items()
    ]


def _permission_id(record: Record, _scope: Scope) -> str:
    bus, statement = record["Name"], str(record["statement"].get("Sid") or "")
    return statement if bus == "default" else f"{bus}/{statement}"


def _named_permission(attributes: Mapping[str, Json]) -> dict[str, Json]:
    bus = attributes.get("event_bus_name") or "default"
    return {"EventBusName": bus, "StatementId": attributes["statement_id"]}


def _put_permission(subject: Subject) -> Iterable[Operation]:
    wanted = subject.known
    conditions: list[Json] = [
        {"Key": c["key"], "Type": c["type"], "Value": c["value"]} for c in parts(dict(wanted), "condition")
    ]
    yield operation(
        "events:PutPermission",
        {
            **_named_permission(wanted),
            "Action": wanted.get("action") or "events:PutEvents",
            "Principal": wanted["principal"],
            "Condition": conditions[0] if conditions else None,
        },
    )


def _remove_permission(subject: Subject) -> Iterable[Operation]:
    yield operation("events:RemovePermission", _named_permission(subject.known))


_PERMISSION: Final = ResourceType(
    name="aws_cloudwatch_event_permission",
    list=BUSES,
    expand=_statements,
    id=_permission_id,
    natural_keys=(("event_bus_name", "statement_id"),),
    attributes={
        "action": At("statement.Action"),
        "condition": _condition,
        "event_bus_name": At("Name"),
        "id": _permission_id,
        "principal": _principal,
        "statement_id": At("statement.Sid"),
    },
    writes=(Write(("events:PutPermission",), frozenset(("action", "condition", "principal")), _put_permission),),
    create=Write(("events:PutPermission",), frozenset(), _put_permission),
    delete=Write(("events:RemovePermission",), frozenset(), _remove_permission),
    # The bus's policy is what its permissions make together: nobody's own resource where the code has permissions.
    children=(Child("aws_cloudwatch_event_bus_policy", "event_bus_name", ("principal",), key="event_bus_name"),),
)

# -- archives -------------------------------------------------------------------------------------------------

_ARCHIVE_SETTINGS: Final[Shape] = {
    "description": value("Description", cleared=""),
    "event_pattern": json_text("EventPattern"),
    "retention_days": number("RetentionDays", zero=True, cleared=0),
}


_STUCK: Final = stuck_in(_ARCHIVE_SETTINGS)


def _update_archive(subject: Subject) -> Iterable[Operation]:
    yield operation("events:UpdateArchive", {"ArchiveName": subject.id, **write(_ARCHIVE_SETTINGS, subject.known)})


_ARCHIVE: Final = ResourceType(
    name="aws_cloudwatch_event_archive",
    list=Read("events:ListArchives", "Archives", page=100),
    id=At("ArchiveName"),
    by_id=lambda name, _: {"ArchiveName": name},
    natural_keys=(("name",),),
    details={"archive": Read("events:DescribeArchive", "", {"ArchiveName": At("ArchiveName")}, absent=_GONE)},
    exists=lambda record, _: record["archive"] is not None,
    attributes={
        **getters(_ARCHIVE_SETTINGS, "archive"),
        "arn": At("archive.ArchiveArn"),
        "event_source_arn": At("archive.EventSourceArn"),
        "id": At("ArchiveName"),
        "name": At("ArchiveName"),
    },
    semantics={"event_pattern": Semantics.EVENT_PATTERN},
    writes=(Write(("events:UpdateArchive",), frozenset(_ARCHIVE_SETTINGS), _update_archive, stuck=_STUCK),),
)

# -- connections ----------------------------------------------------------------------------------------------

# EventBridge keeps secrets and the values of parameters that are secret to itself.
_PARAMETER: Final[Shape] = {
    "is_value_secret": value("IsValueSecret", default=False),
    "key": value("Key"),
    "value": value("Value"),
}
_HTTP: Final[Shape] = {
    "body": many("BodyParameters", _PARAMETER),
    "header": many("HeaderParameters", _PARAMETER),
    "query_string": many("QueryStringParameters", _PARAMETER),
}
_AUTH: Final[Shape] = {
    "api_key": one("ApiKeyAuthParameters", {"key": value("ApiKeyName")}),
    "basic": one("BasicAuthParameters", {"username": value("Username")}),
    "invocation_http_parameters": one("InvocationHttpParameters", _HTTP),
    "oauth": one(
        "OAuthParameters",
        {
            "authorization_endpoint": value("AuthorizationEndpoint"),
            "client_parameters": one("ClientParameters", {"client_id": value("ClientID")}),
            "http_method": value("HttpMethod"),
            "oauth_http_parameters": one("OAuthHttpParameters", _HTTP),
        },
    ),
}
_PRIVATE: Final[Shape] = {
    "resource_parameters": one(
        "ResourceParameters",
        {
            "resource_association_arn": told("ResourceAssociationArn"),
            "resource_configuration_arn": value("ResourceConfigurationArn"),
        },
    )
}
_CONNECTION_SETTINGS: Final[Shape] = {
    "description": value("Description", cleared=""),
    "invocation_connectivity_parameters": one("InvocationConnectivityParameters", _PRIVATE),
    "kms_key_identifier": value("KmsKeyIdentifier", cleared=""),
}


def _update_connection(subject: Subject) -> Iterable[Operation]:
    yield operation("events:UpdateConnection", {"Name": subject.id, **write(_CONNECTION_SETTINGS, subject.known)})


_CONNECTION: Final = ResourceType(
    name="aws_cloudwatch_event_connection",
    list=Read("events:ListConnections", "Connections", page=100),
    id=At("Name"),
    by_id=lambda name, _: {"Name": name},
    natural_keys=(("name",),),
    details={"connection": Read("events:DescribeConnection", "", {"Name": At("Name")}, absent=_GONE)},
    exists=lambda record, _: record["connection"] is not None,
    attributes={
        **getters(_CONNECTION_SETTINGS, "connection"),
        "arn": At("connection.ConnectionArn"),
        "auth_parameters": At("connection.AuthParameters", lambda found: [read_shape(_AUTH, found)], []),
        "authorization_type": At("connection.AuthorizationType"),
        "id": At("Name"),
        "name": At("Name"),
        "secret_arn": At("connection.SecretArn"),
    },
    unchecked=frozenset(
        (
            "auth_parameters.api_key.value",
            "auth_parameters.basic.password",
            "auth_parameters.oauth.client_parameters.client_secret",
            *(
                f"auth_parameters.{where}.{kind}.value"
                for where in ("invocation_http_parameters", "oauth.oauth_http_parameters")
                for kind in ("body", "header", "query_string")
            ),
        )
    ),
    writes=(Write(("events:UpdateConnection",), frozenset(_CONNECTION_SETTINGS), _update_connection),),
)

# -- API destinations -----------------------------------------------------------------------------------------

_DESTINATION_SETTINGS: Final[Shape] = {
    "connection_arn": value("ConnectionArn"),
    "description": value("Description", cleared=""),
    "http_method": value("HttpMethod"),
    "invocation_endpoint": value("InvocationEndpoint"),
    "invocation_rate_limit_per_second": number("InvocationRateLimitPerSecond", cleared=300),
}


def _update_destination(subject: Subject) -> Iterable[Operation]:
    yield operation("events:UpdateApiDestination", {"Name": subject.id, **write(_DESTINATION_SETTINGS, subject.known)})


_DESTINATION: Final = ResourceType(
    name="aws_cloudwatch_event_api_destination",
    list=Read("events:ListApiDestinations", "ApiDestinations", page=100),
    id=At("Name"),
    by_id=lambda name, _: {"Name": name},
    natural_keys=(("name",),),
    details={"destination": Read("events:DescribeApiDestination", "", {"Name": At("Name")}, absent=_GONE)},
    exists=lambda record, _: record["destination"] is not None,
    attributes={
        **getters(_DESTINATION_SETTINGS, "destination"),
        "arn": At("destination.ApiDestinationArn"),
        "id": At("Name"),
        "name": At("Name"),
    },
    writes=(Write(("events:UpdateApiDestination",), frozenset(_DESTINATION_SETTINGS), _update_destination),),
)

TYPES: Final = (_BUS, _POLICY, _PERMISSION, _ARCHIVE, _CONNECTION, _DESTINATION)
