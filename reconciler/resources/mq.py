"""Amazon MQ brokers."""

from __future__ import annotations

from typing import Any, Final

from reconciler.model import Json
from reconciler.resources.convert import tag_map
from reconciler.resources.shapes import Field, Shape, flag, getters, names_of, number, one, parameters, value
from reconciler.resources.shapes import read as read_shape
from reconciler.resources.spec import At, Read, ResourceType
from reconciler.resources.writing import setter, tag_object, tag_write

_GONE: Final = frozenset(("NotFoundException",))


def _word(on: Any) -> Json:
    return "true" if on else "false"


_LDAP: Final[Shape] = {
    "hosts": Field("Hosts", default=[]),
    "role_base": value("RoleBase"),
    "role_name": value("RoleName"),
    "role_search_matching": value("RoleSearchMatching"),
    "role_search_subtree": flag("RoleSearchSubtree"),
    "service_account_username": value("ServiceAccountUsername"),
    "user_base": value("UserBase"),
    "user_role_name": value("UserRoleName"),
    "user_search_matching": value("UserSearchMatching"),
    "user_search_subtree": flag("UserSearchSubtree"),
}
_SETTINGS: Final[Shape] = {
    "authentication_strategy": value("AuthenticationStrategy"),
    "auto_minor_version_upgrade": flag("AutoMinorVersionUpgrade"),
    "data_replication_mode": value("DataReplicationMode"),
    "engine_version": value("EngineVersion"),
    "host_instance_type": value("HostInstanceType"),
    "logs": one(
        "Logs",
        {"audit": Field("Audit", _word, lambda word: word == "true", ""), "general": flag("General")},
        cleared={"General": False},
    ),
    "maintenance_window_start_time": one(
        "MaintenanceWindowStartTime",
        {"day_of_week": value("DayOfWeek"), "time_of_day": value("TimeOfDay"), "time_zone": value("TimeZone")},
    ),
    "security_groups": names_of("SecurityGroups", cleared=[]),
}
_FACTS: Final[Shape] = {
    "deployment_mode": value("DeploymentMode"),
    "encryption_options": one(
        "EncryptionOptions",
        {"kms_key_id": value("KmsKeyId"), "use_aws_owned_key": flag("UseAwsOwnedKey", default=True)},
    ),
    "engine_type": value("EngineType"),
    "ldap_server_metadata": one("LdapServerMetadata", _LDAP),
    "pending_data_replication_mode": value("PendingDataReplicationMode"),
    "publicly_accessible": flag("PubliclyAccessible"),
    "storage_type": value("StorageType"),
    "subnet_ids": names_of("SubnetIds"),
}
_INSTANCE: Final[Shape] = {
    "console_url": value("ConsoleURL"),
    "endpoints": Field("Endpoints", default=[]),
    "ip_address": value("IpAddress"),
}
_CONFIGURATION: Final[Shape] = {"id": value("Id"), "revision": number("Revision")}


def _configuration(found: Any) -> Json:
    """What is to come with the next restart, else what is."""
    current = found.get("Pending") or found.get("Current")
    return [read_shape(_CONFIGURATION, current)] if current else []


def _configuration_back(wanted: Any) -> Json:
    return next(({"Id": block["id"], "Revision": block["revision"]} for block in wanted or ()), None)


_BROKER: Final = ResourceType(
    name="aws_mq_broker",
    kept=frozenset(("encryption_options", "logs", "logs.audit")),
    list=Read("mq:ListBrokers", "BrokerSummaries", page=100),
    id=At("BrokerId"),
    natural_keys=(("broker_name",),),
    details={"broker": Read("mq:DescribeBroker", "", {"BrokerId": At("BrokerId")}, absent=_GONE)},
    exists=lambda record, _: record["broker"] is not None,
    attributes={
        **getters(_SETTINGS, "broker"),
        **getters(_FACTS, "broker"),
        "arn": At("BrokerArn"),
        "broker_name": At("BrokerName"),
        "configuration": At("broker.Configurations", _configuration, []),
        "id": At("BrokerId"),
        "instances": At("broker.BrokerInstances", lambda found: [read_shape(_INSTANCE, item) for item in found], []),
        "tags": At("broker.Tags", tag_map, {}),
    },
    config_only=frozenset(("apply_immediately", "data_replication_primary_broker_arn")),
    # Each user takes a call, RabbitMQ tells of none, and passwords are never told.
    unchecked=frozenset(("ldap_server_metadata.service_account_password", "user")),
    writes=(
        setter(
            "mq:UpdateBroker",
            {"BrokerId": "id"},
            {"configuration": ("Configuration", _configuration_back), **parameters(_SETTINGS)},
        ),
        tag_write("mq:CreateTags", "mq:DeleteTags", {"ResourceArn": "arn"}, form=tag_object),
    ),
)

TYPES: Final = (_BROKER,)
