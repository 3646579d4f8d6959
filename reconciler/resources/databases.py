"""Relational databases: instances, clusters, and the groups of parameters that they run with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import Convert, name_prefix, names, parts, tags
from reconciler.resources.reading import tags_in_bulk
from reconciler.resources.shapes import Shape, number, one
from reconciler.resources.spec import At, Read, Record, ResourceType, Scope, Semantics, Subject, Write, dig
from reconciler.resources.writing import PASS_ROLE, operation, setter, tag_write

# Engines whose instances and clusters are types of their own.
_OTHERS: Final = ("docdb", "neptune")


def _tags(kind: str, arn: str, gone: str) -> Read:
    single = Read("rds:ListTagsForResource", "TagList", {"ResourceName": At(arn)}, absent=frozenset((gone,)))
    return tags_in_bulk(f"rds:{kind}", At(arn), single, doubtful=True)


def _tagging() -> Write:
    return tag_write("rds:AddTagsToResource", "rds:RemoveTagsFromResource", {"ResourceName": "arn"})


# -- parameters -----------------------------------------------------------------------------------------------


def _parameters(found: Any) -> Json:
    """Those that somebody set."""
    return [
        {
            "apply_method": parameter.get("ApplyMethod") or "",
            "name": str(parameter["ParameterName"]).lower(),
            "value": parameter.get("ParameterValue") or "",
        }
        for parameter in found
        if parameter.get("ParameterValue") is not None
    ]


def _by_name(side: Mapping[str, Json] | None) -> dict[str, dict[str, Any]]:
    return {parameter["name"]: parameter for parameter in parts(dict(side or {}), "parameter")}


def _set_parameters(modify: str, reset: str, key: str) -> Write:
    """Twenty at a time."""

    def build(subject: Subject) -> Iterable[Operation]:
        before, after = _by_name(subject.before), _by_name(subject.after)
        changed = [after[name] for name in sorted(after) if before.get(name) != after[name]]
        gone = [before[name] for name in sorted(before) if name not in after]
        for name, wanted, told in ((reset, gone, False), (modify, changed, True)):
            for start in range(0, len(wanted), 20):
                given: list[Json] = [_written(p, told=told) for p in wanted[start : start + 20]]
                yield operation(name, {key: subject.known["name"], "Parameters": given})

    return Write((modify, reset), frozenset(("parameter",)), build)


def _written(parameter: Mapping[str, Any], *, told: bool) -> Json:
    given = {"ParameterName": parameter["name"], "ApplyMethod": parameter.get("apply_method") or "immediate"}
    return {**given, "ParameterValue": parameter["value"]} if told else given


def _group_type(name: str, kind: str) -> ResourceType:
    """`kind`: "DB" or "DBCluster"."""
    key = f"{kind}ParameterGroupName"
    gone = "DBParameterGroupNotFound"
    return ResourceType(
        name=name,
        list=Read(f"rds:Describe{kind}ParameterGroups", f"{kind}ParameterGroups", page=100),
        id=At(key),
        natural_keys=(("name",),),
        details={
            "parameters": Read(
                f"rds:Describe{kind}Parameters",
                "Parameters",
                {key: At(key), "Source": "user"},
                absent=frozenset((gone,)),
                page=100,
            ),
            "tags": _tags("pg" if kind == "DB" else "cluster-pg", f"{kind}ParameterGroupArn", gone),
        },
        attributes={
            "arn": At(f"{kind}ParameterGroupArn"),
            "description": At("Description", default=""),
            "family": At("DBParameterGroupFamily"),
            "id": At(key),
            "name": At(key),
            "name_prefix": name_prefix(key),
            "parameter": At("parameters", _parameters, []),
            "tags": tags("tags"),
        },
        config_only=frozenset(("skip_destroy",)) if kind == "DB" else frozenset(),
        writes=(
            _set_parameters(f"rds:Modify{kind}ParameterGroup", f"rds:Reset{kind}ParameterGroup", key),
            _tagging(),
        ),
        aws_owned=lambda record, _: str(record[key]).startswith("default."),
    )


_GROUP: Final = _group_type("aws_db_parameter_group", "DB")
_CLUSTER_GROUP: Final = _group_type("aws_rds_cluster_parameter_group", "DBCluster")

# -- instances ------------------------------------------------------------------------------------------------


def _security_groups(found: Any) -> Json:
    return names(str(group["VpcSecurityGroupId"]) for group in found)


def _first(path: str, key: str) -> At:
    return At(path, lambda found: str(found[0].get(key) or "") if found else "", "")


def _or(usual: Json) -> Convert:
    return lambda wanted: usual if wanted in (None, "") else wanted


def _endpoint(record: Record, _scope: Scope) -> str:
    address, port = dig(record, "Endpoint.Address"), dig(record, "Endpoint.Port")
    return f"{address}:{port}" if address else ""


def _told(**keys: str) -> dict[str, At]:
    """Texts, "" where there is none."""
    return {name: At(key, default="") for name, key in keys.items()}


def _flags(**keys: str) -> dict[str, At]:
    return {name: At(key, bool, default=False) for name, key in keys.items()}


def _numbers(**keys: str) -> dict[str, At]:
    return {name: At(key, default=0) for name, key in keys.items()}


_INSTANCE_WRITES: Final[Mapping[str, str | tuple[str, Convert]]] = {
    "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
    "backup_retention_period": ("BackupRetentionPeriod", _or(0)),
    "backup_window": "PreferredBackupWindow",
    "ca_cert_identifier": "CACertificateIdentifier",
    "copy_tags_to_snapshot": ("CopyTagsToSnapshot", bool),
    "deletion_protection": ("DeletionProtection", bool),
    "iam_database_authentication_enabled": ("EnableIAMDatabaseAuthentication", bool),
    "instance_class": "DBInstanceClass",
    "maintenance_window": "PreferredMaintenanceWindow",
    "monitoring_interval": ("MonitoringInterval", _or(0)),
    "multi_az": ("MultiAZ", bool),
    "option_group_name": "OptionGroupName",
    "parameter_group_name": "DBParameterGroupName",
    "publicly_accessible": ("PubliclyAccessible", bool),
    "vpc_security_group_ids": ("VpcSecurityGroupIds", lambda wanted: names(wanted) if wanted else None),
}


def _grow(subject: Subject) -> Iterable[Operation]:
    """Not to grow is to have as much as there is."""
    after = subject.after or {}
    most = after.get("max_allocated_storage") or after.get("allocated_storage")
    named: dict[str, Json] = {"DBInstanceIdentifier": subject.known["identifier"]}
    yield operation("rds:ModifyDBInstance", {**named, "MaxAllocatedStorage": most})


def _now(write: Write) -> Write:
    """What is set back is wanted at once, not in the next maintenance window."""

    def build(subject: Subject) -> Iterable[Operation]:
        for found in write.build(subject):
            yield Operation(found.service, found.operation, {**found.parameters, "ApplyImmediately": True})

    return Write(write.operations, write.attributes, build, write.actions)


_INSTANCE: Final = ResourceType(
    name="aws_db_instance",
    list=Read("rds:DescribeDBInstances", "DBInstances", page=100),
    id=At("DbiResourceId"),
    import_id=At("DBInstanceIdentifier"),
    natural_keys=(("identifier",),),
    attributes={
        **_told(
            address="Endpoint.Address",
            arn="DBInstanceArn",
            availability_zone="AvailabilityZone",
            backup_target="BackupTarget",
            backup_window="PreferredBackupWindow",
            ca_cert_identifier="CACertificateIdentifier",
            character_set_name="CharacterSetName",
            custom_iam_instance_profile="CustomIamInstanceProfile",
            db_name="DBName",
            db_subnet_group_name="DBSubnetGroup.DBSubnetGroupName",
            engine="Engine",
            engine_lifecycle_support="EngineLifecycleSupport",
            engine_version="EngineVersion",
            engine_version_actual="EngineVersion",
            hosted_zone_id="Endpoint.HostedZoneId",
            id="DbiResourceId",
            identifier="DBInstanceIdentifier",
            instance_class="DBInstanceClass",
            kms_key_id="KmsKeyId",
            license_model="LicenseModel",
            maintenance_window="PreferredMaintenanceWindow",
            monitoring_role_arn="MonitoringRoleArn",
            nchar_character_set_name="NcharCharacterSetName",
            network_type="NetworkType",
            performance_insights_kms_key_id="PerformanceInsightsKMSKeyId",
            replica_mode="ReplicaMode",
            resource_id="DbiResourceId",
            status="DBInstanceStatus",
            storage_type="StorageType",
            timezone="Timezone",
            username="MasterUsername",
        ),
        **_flags(
            auto_minor_version_upgrade="AutoMinorVersionUpgrade",
            copy_tags_to_snapshot="CopyTagsToSnapshot",
            customer_owned_ip_enabled="CustomerOwnedIpEnabled",
            dedicated_log_volume="DedicatedLogVolume",
            deletion_protection="DeletionProtection",
            iam_database_authentication_enabled="IAMDatabaseAuthenticationEnabled",
            multi_az="MultiAZ",
            performance_insights_enabled="PerformanceInsightsEnabled",
            publicly_accessible="PubliclyAccessible",
            storage_encrypted="StorageEncrypted",
        ),
        **_numbers(
            allocated_storage="AllocatedStorage",
            backup_retention_period="BackupRetentionPeriod",
            iops="Iops",
            max_allocated_storage="MaxAllocatedStorage",
            monitoring_interval="MonitoringInterval",
            performance_insights_retention_period="PerformanceInsightsRetentionPeriod",
            storage_throughput="StorageThroughput",
        ),
        "enabled_cloudwatch_logs_exports": At("EnabledCloudwatchLogsExports", names, []),
        "endpoint": _endpoint,
        "identifier_prefix": name_prefix("DBInstanceIdentifier"),
        "option_group_name": _first("OptionGroupMemberships", "OptionGroupName"),
        "parameter_group_name": _first("DBParameterGroups", "DBParameterGroupName"),
        "port": At("Endpoint.Port", default=0),
        "replicas": At("ReadReplicaDBInstanceIdentifiers", default=[]),
        "tags": tags("TagList"),
        "vpc_security_group_ids": At("VpcSecurityGroups", _security_groups, []),
    },
    config_only=frozenset(
        (
            "allow_major_version_upgrade",
            "apply_immediately",
            "blue_green_update",
            "delete_automated_backups",
            "final_snapshot_identifier",
            "manage_master_user_password",
            "password",
            "password_wo",
            "password_wo_version",
            "restore_to_point_in_time",
            "s3_import",
            "skip_final_snapshot",
            "snapshot_identifier",
            "upgrade_storage_config",
        )
    ),
    semantics={"engine_version": Semantics.VERSION},
    unchecked=frozenset(
        (
            "database_insights_mode",
            "domain",
            "domain_auth_secret_arn",
            "domain_dns_ips",
            "domain_fqdn",
            "domain_iam_role_name",
            "domain_ou",
            "latest_restorable_time",
            "listener_endpoint",
            "master_user_secret",
            "master_user_secret_kms_key_id",
            "replicate_source_db",
        )
    ),
    writes=(
        _now(
            setter(
                "rds:ModifyDBInstance",
                {"DBInstanceIdentifier": "identifier"},
                _INSTANCE_WRITES,
                actions=("rds:ModifyDBInstance", PASS_ROLE),
            )
        ),
        Write(("rds:ModifyDBInstance",), frozenset(("max_allocated_storage",)), _grow),
        _tagging(),
    ),
    # Members of clusters are other types.
    aws_owned=lambda record, _: bool(record.get("DBClusterIdentifier")) or record.get("Engine") in _OTHERS,
)

# -- clusters -------------------------------------------------------------------------------------------------

_SERVERLESS: Final[Shape] = {
    "max_capacity": number("MaxCapacity", zero=True),
    "min_capacity": number("MinCapacity", zero=True),
    "seconds_until_auto_pause": number("SecondsUntilAutoPause"),
}
_CLUSTER_WRITES: Final[Mapping[str, str | tuple[str, Convert]]] = {
    "backup_retention_period": ("BackupRetentionPeriod", _or(1)),
    "copy_tags_to_snapshot": ("CopyTagsToSnapshot", bool),
    "db_cluster_parameter_group_name": "DBClusterParameterGroupName",
    "deletion_protection": ("DeletionProtection", bool),
    "iam_database_authentication_enabled": ("EnableIAMDatabaseAuthentication", bool),
    "port": "Port",
    "preferred_backup_window": "PreferredBackupWindow",
    "preferred_maintenance_window": "PreferredMaintenanceWindow",
    "vpc_security_group_ids": ("VpcSecurityGroupIds", lambda wanted: names(wanted) if wanted else None),
}

_CLUSTER: Final = ResourceType(
    name="aws_rds_cluster",
    list=Read("rds:DescribeDBClusters", "DBClusters", page=100),
    id=At("DBClusterIdentifier"),
    natural_keys=(("cluster_identifier",),),
    attributes={
        **_told(
            arn="DBClusterArn",
            cluster_identifier="DBClusterIdentifier",
            cluster_resource_id="DbClusterResourceId",
            cluster_scalability_type="ClusterScalabilityType",
            database_name="DatabaseName",
            db_cluster_instance_class="DBClusterInstanceClass",
            db_cluster_parameter_group_name="DBClusterParameterGroup",
            db_subnet_group_name="DBSubnetGroup",
            db_system_id="DBSystemId",
            endpoint="Endpoint",
            engine="Engine",
            engine_lifecycle_support="EngineLifecycleSupport",
            engine_mode="EngineMode",
            engine_version="EngineVersion",
            engine_version_actual="EngineVersion",
            hosted_zone_id="HostedZoneId",
            id="DBClusterIdentifier",
            kms_key_id="KmsKeyId",
            master_username="MasterUsername",
            monitoring_role_arn="MonitoringRoleArn",
            network_type="NetworkType",
            performance_insights_kms_key_id="PerformanceInsightsKMSKeyId",
            preferred_backup_window="PreferredBackupWindow",
            preferred_maintenance_window="PreferredMaintenanceWindow",
            reader_endpoint="ReaderEndpoint",
            storage_type="StorageType",
        ),
        **_flags(
            copy_tags_to_snapshot="CopyTagsToSnapshot",
            deletion_protection="DeletionProtection",
            enable_http_endpoint="HttpEndpointEnabled",
            iam_database_authentication_enabled="IAMDatabaseAuthenticationEnabled",
            performance_insights_enabled="PerformanceInsightsEnabled",
            storage_encrypted="StorageEncrypted",
        ),
        **_numbers(
            allocated_storage="AllocatedStorage",
            backtrack_window="BacktrackWindow",
            backup_retention_period="BackupRetentionPeriod",
            iops="Iops",
            monitoring_interval="MonitoringInterval",
            performance_insights_retention_period="PerformanceInsightsRetentionPeriod",
            port="Port",
        ),
        "availability_zones": At("AvailabilityZones", names, []),
        "cluster_identifier_prefix": name_prefix("DBClusterIdentifier"),
        "cluster_members": At(
            "DBClusterMembers", lambda found: names(str(m["DBInstanceIdentifier"]) for m in found), []
        ),
        "enabled_cloudwatch_logs_exports": At("EnabledCloudwatchLogsExports", names, []),
        "iam_roles": At("AssociatedRoles", lambda found: names(str(role["RoleArn"]) for role in found), []),
        "serverlessv2_scaling_configuration": At("ServerlessV2ScalingConfiguration", one("", _SERVERLESS).read, []),
        "tags": tags("TagList"),
        "vpc_security_group_ids": At("VpcSecurityGroups", _security_groups, []),
    },
    config_only=frozenset(
        (
            "allow_major_version_upgrade",
            "apply_immediately",
            "delete_automated_backups",
            "enable_global_write_forwarding",
            "final_snapshot_identifier",
            "manage_master_user_password",
            "master_password",
            "master_password_wo",
            "master_password_wo_version",
            "restore_to_point_in_time",
            "s3_import",
            "skip_final_snapshot",
            "snapshot_identifier",
            "source_region",
        )
    ),
    semantics={"engine_version": Semantics.VERSION},
    unchecked=frozenset(
        (
            "ca_certificate_identifier",
            "ca_certificate_valid_till",
            "database_insights_mode",
            "db_instance_parameter_group_name",
            "domain",
            "domain_iam_role_name",
            "enable_local_write_forwarding",
            "global_cluster_identifier",
            "master_user_secret",
            "master_user_secret_kms_key_id",
            "replication_source_identifier",
            "scaling_configuration",
        )
    ),
    writes=(_now(setter("rds:ModifyDBCluster", {"DBClusterIdentifier": "id"}, _CLUSTER_WRITES)), _tagging()),
    aws_owned=lambda record, _: record.get("Engine") in _OTHERS,
)

TYPES: Final = (_GROUP, _CLUSTER_GROUP, _INSTANCE, _CLUSTER)
