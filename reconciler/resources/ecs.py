"""ECS: clusters, services, task definitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from reconciler.model import Json, Operation, Plain
from reconciler.resources.convert import document, parts, tags
from reconciler.resources.shapes import (
    Shape,
    flag,
    getters,
    many,
    mapping,
    names_of,
    number,
    one,
    parameters,
    switch,
    value,
    write,
)
from reconciler.resources.spec import (
    UNTOLD,
    At,
    Bulk,
    Getter,
    Read,
    Record,
    ResourceType,
    Scope,
    Semantics,
    Subject,
    Write,
    dig,
)
from reconciler.resources.writing import PASS_ROLE, operation, setter, stuck_in, tag_list, tag_write

_GONE: Final = frozenset(("ClusterNotFoundException", "ServiceNotFoundException"))
_CLUSTERS: Final = Read("ecs:ListClusters", "clusterArns", wrap="clusterArn", page=100)


def _tags(ids: str = "arn") -> Write:
    return tag_write(
        "ecs:TagResource",
        "ecs:UntagResource",
        {"resourceArn": ids},
        form=lambda given: tag_list(given, "key", "value"),
        tags="tags",
        keys="tagKeys",
    )


# -- clusters -------------------------------------------------------------------------------------------------

_LOG: Final[Shape] = {
    "cloud_watch_encryption_enabled": flag("cloudWatchEncryptionEnabled"),
    "cloud_watch_log_group_name": value("cloudWatchLogGroupName"),
    "s3_bucket_encryption_enabled": flag("s3EncryptionEnabled"),
    "s3_bucket_name": value("s3BucketName"),
    "s3_key_prefix": value("s3KeyPrefix"),
}
_CLUSTER_SETTINGS: Final[Shape] = {
    "configuration": one(
        "configuration",
        {
            "execute_command_configuration": one(
                "executeCommandConfiguration",
                {
                    "kms_key_id": value("kmsKeyId"),
                    "log_configuration": one("logConfiguration", _LOG),
                    "logging": value("logging"),
                },
            ),
            "managed_storage_configuration": one(
                "managedStorageConfiguration",
                {
                    "fargate_ephemeral_storage_kms_key_id": value("fargateEphemeralStorageKmsKeyId"),
                    "kms_key_id": value("kmsKeyId"),
                },
            ),
        },
        cleared={},
    ),
    "service_connect_defaults": one(
        "serviceConnectDefaults", {"namespace": value("namespace", cleared="")}, cleared={"namespace": ""}
    ),
    "setting": many("settings", {"name": value("name"), "value": value("value")}, cleared=[]),
}


_CLUSTER: Final = ResourceType(
    name="aws_ecs_cluster",
    list=_CLUSTERS,
    id=At("clusterArn"),
    by_id=lambda arn, _: {"clusterArn": arn},
    import_id=At("clusterArn", lambda arn: str(arn).rsplit("/", 1)[-1]),
    natural_keys=(("name",),),
    details={
        "cluster": Read(
            "ecs:DescribeClusters",
            "clusters",
            {"include": ["CONFIGURATIONS", "SETTINGS", "TAGS"]},
            absent=_GONE,
            bulk=Bulk("clusterArn", At("clusterArn"), parameter="clusters", size=100),
        )
    },
    exists=lambda record, _: dig(record["cluster"], "status") not in (None, "INACTIVE"),
    attributes={
        **getters(_CLUSTER_SETTINGS, "cluster"),
        "arn": At("clusterArn"),
        "id": At("clusterArn"),
        "name": At("clusterArn", lambda arn: str(arn).rsplit("/", 1)[-1]),
        "tags": tags("cluster.tags"),
    },
    writes=(
        setter(
            "ecs:UpdateCluster",
            {"cluster": "id"},
            parameters(_CLUSTER_SETTINGS),
        ),
        _tags(),
    ),
)

# -- services -------------------------------------------------------------------------------------------------

_DEPLOYMENT: Final[Shape] = {
    "alarms": one(
        "deploymentConfiguration.alarms",
        {"alarm_names": names_of("alarmNames", cleared=[]), "enable": flag("enable"), "rollback": flag("rollback")},
        cleared={"alarmNames": [], "enable": False, "rollback": False},
    ),
    "deployment_circuit_breaker": one(
        "deploymentConfiguration.deploymentCircuitBreaker",
        {"enable": flag("enable"), "rollback": flag("rollback")},
        cleared={"enable": False, "rollback": False},
    ),
    "deployment_maximum_percent": number("deploymentConfiguration.maximumPercent", zero=True),
    "deployment_minimum_healthy_percent": number("deploymentConfiguration.minimumHealthyPercent", zero=True),
}
_REGISTRY: Final[Shape] = {
    "container_name": value("containerName"),
    "container_port": number("containerPort"),
    "port": number("port"),
    "registry_arn": value("registryArn"),
}
_SERVICE_SETTINGS: Final[Shape] = {
    "availability_zone_rebalancing": value("availabilityZoneRebalancing"),
    "capacity_provider_strategy": many(
        "capacityProviderStrategy",
        {"base": number("base"), "capacity_provider": value("capacityProvider"), "weight": number("weight")},
        cleared=[],
    ),
    "desired_count": number("desiredCount", zero=True),
    "enable_ecs_managed_tags": flag("enableECSManagedTags"),
    "enable_execute_command": flag("enableExecuteCommand"),
    "health_check_grace_period_seconds": number("healthCheckGracePeriodSeconds", zero=True, cleared=0),
    "load_balancer": many(
        "loadBalancers",
        {
            "container_name": value("containerName"),
            "container_port": number("containerPort"),
            "elb_name": value("loadBalancerName"),
            "target_group_arn": value("targetGroupArn"),
        },
        cleared=[],
    ),
    "network_configuration": one(
        "networkConfiguration.awsvpcConfiguration",
        {
            "assign_public_ip": switch("assignPublicIp"),
            "security_groups": names_of("securityGroups"),
            "subnets": names_of("subnets"),
        },
    ),
    "ordered_placement_strategy": many(
        "placementStrategy", {"field": value("field"), "type": value("type")}, cleared=[]
    ),
    "placement_constraints": many(
        "placementConstraints", {"expression": value("expression"), "type": value("type")}, cleared=[]
    ),
    "platform_version": value("platformVersion"),
    "propagate_tags": value("propagateTags"),
    "service_registries": many("serviceRegistries", _REGISTRY, cleared=[]),
    "task_definition": value("taskDefinition"),
}


def _of_deployment(getter: Getter) -> Getter:
    """Where a service has no such configuration, Terraform leaves its state as it is."""

    def get(record: Record, scope: Scope) -> Any:
        return getter(record, scope) if dig(record["service"], "deploymentConfiguration") else UNTOLD

    return get


def _percent(key: str) -> Getter:
    """ECS always has one."""

    def get(record: Record, _scope: Scope) -> Any:
        found = dig(record["service"], f"deploymentConfiguration.{key}")
        return UNTOLD if found is None else found

    return get


def _service_by_id(arn: str, scope: Scope) -> Record:
    """The cluster is in the ARN, but in ARNs of before 2018."""
    steps = arn.split("/")
    cluster = steps[1] if len(steps) == 3 else "default"
    return {"serviceArn": arn, "parent": {"clusterArn": scope.arn("ecs", f"cluster/{cluster}")}}


def _update_service(subject: Subject) -> Iterable[Operation]:
    """What UpdateService does not name stays; of the deployment configuration all is named."""
    wanted = subject.known
    changed = {name: field for name, field in _SERVICE_SETTINGS.items() if name in subject.changed}
    if subject.changed & _DEPLOYMENT.keys():
        changed |= _DEPLOYMENT
    given = write(changed, wanted)
    if given:
        yield operation("ecs:UpdateService", {"cluster": wanted.get("cluster"), "service": subject.id, **given})


def _untagged(values: Mapping[str, Plain]) -> Mapping[str, Plain]:
    """Where the code does not say from where tags come, NONE is as good as nothing, and all else is a difference."""
    return {"propagate_tags": "NONE"} if values.get("propagate_tags") in (None, "") else {}


_SERVICE: Final = ResourceType(
    name="aws_ecs_service",
    kept=frozenset(("alarms", "deployment_circuit_breaker", "deployment_controller")),
    planned=_untagged,
    list=Read(
        "ecs:ListServices",
        "serviceArns",
        {"cluster": At("clusterArn")},
        under=_CLUSTERS,
        hides={"cluster": At("clusterArn")},
        wrap="serviceArn",
        absent=_GONE,
        page=100,
    ),
    id=At("serviceArn"),
    by_id=_service_by_id,
    import_id=lambda record, _: "/".join(str(record["serviceArn"]).split("/")[-2:]),
    natural_keys=(("name", "cluster"),),
    details={
        "service": Read(
            "ecs:DescribeServices",
            "services",
            {"cluster": At("parent.clusterArn"), "include": ["TAGS"]},
            absent=_GONE,
            bulk=Bulk("serviceArn", At("serviceArn"), parameter="services", size=10),
        )
    },
    exists=lambda record, _: dig(record["service"], "status") == "ACTIVE",
    attributes={
        **{name: _of_deployment(getter) for name, getter in getters(_DEPLOYMENT, "service").items()},
        "deployment_maximum_percent": _percent("maximumPercent"),
        "deployment_minimum_healthy_percent": _percent("minimumHealthyPercent"),
        **getters(_SERVICE_SETTINGS, "service"),
        "cluster": At("parent.clusterArn"),
        "deployment_controller": lambda record, _: [
            {"type": dig(record["service"], "deploymentController.type") or "ECS"}
        ],
        "iam_role": At("service.roleArn", default=""),
        "id": At("serviceArn"),
        "launch_type": At("service.launchType", default=""),
        "name": At("serviceArn", lambda arn: str(arn).rsplit("/", 1)[-1]),
        "scheduling_strategy": At("service.schedulingStrategy", default="REPLICA"),
        "tags": tags("service.tags"),
    },
    config_only=frozenset(("force_delete", "force_new_deployment", "triggers", "wait_for_steady_state")),
    # ECS tells these of each deployment apart, with defaults of its own.
    unchecked=frozenset(("service_connect_configuration", "volume_configuration", "vpc_lattice_configurations")),
    semantics={
        "cluster": Semantics.NAME_OR_ARN,
        "iam_role": Semantics.NAME_OR_ARN,
        "task_definition": Semantics.NAME_OR_ARN,
    },
    writes=(
        Write(
            ("ecs:UpdateService",),
            frozenset((*_SERVICE_SETTINGS, *_DEPLOYMENT)),
            _update_service,
            ("ecs:UpdateService", PASS_ROLE),
            stuck_in({**_SERVICE_SETTINGS, **_DEPLOYMENT}),
        ),
        _tags("id"),
    ),
)

# -- task definitions -----------------------------------------------------------------------------------------

_AUTHORIZATION: Final[Shape] = {"access_point_id": value("accessPointId"), "iam": value("iam")}
_VOLUME: Final[Shape] = {
    "configure_at_launch": flag("configuredAtLaunch"),
    "docker_volume_configuration": one(
        "dockerVolumeConfiguration",
        {
            "autoprovision": flag("autoprovision"),
            "driver": value("driver"),
            "driver_opts": mapping("driverOpts"),
            "labels": mapping("labels"),
            "scope": value("scope"),
        },
    ),
    "efs_volume_configuration": one(
        "efsVolumeConfiguration",
        {
            "authorization_config": one("authorizationConfig", _AUTHORIZATION),
            "file_system_id": value("fileSystemId"),
            "root_directory": value("rootDirectory"),
            "transit_encryption": value("transitEncryption"),
            "transit_encryption_port": number("transitEncryptionPort"),
        },
    ),
    "fsx_windows_file_server_volume_configuration": one(
        "fsxWindowsFileServerVolumeConfiguration",
        {
            "authorization_config": one(
                "authorizationConfig",
                {"credentials_parameter": value("credentialsParameter"), "domain": value("domain")},
            ),
            "file_system_id": value("fileSystemId"),
            "root_directory": value("rootDirectory"),
        },
    ),
    "host_path": value("host.sourcePath"),
    "name": value("name"),
}
_TASK: Final[Shape] = {
    "cpu": value("cpu"),
    "enable_fault_injection": flag("enableFaultInjection"),
    "ephemeral_storage": one("ephemeralStorage", {"size_in_gib": number("sizeInGiB")}),
    "execution_role_arn": value("executionRoleArn"),
    "family": value("family"),
    "inference_accelerator": many(
        "inferenceAccelerators", {"device_name": value("deviceName"), "device_type": value("deviceType")}
    ),
    "ipc_mode": value("ipcMode"),
    "memory": value("memory"),
    "network_mode": value("networkMode"),
    "pid_mode": value("pidMode"),
    "placement_constraints": many("placementConstraints", {"expression": value("expression"), "type": value("type")}),
    "requires_compatibilities": names_of("requiresCompatibilities"),
    "runtime_platform": one(
        "runtimePlatform",
        {"cpu_architecture": value("cpuArchitecture"), "operating_system_family": value("operatingSystemFamily")},
        unless=lambda given: not given,
    ),
    "task_role_arn": value("taskRoleArn"),
    "volume": many("volumes", _VOLUME),
}


def _proxy(given: Any) -> Json:
    properties = {pair["name"]: pair.get("value") or "" for pair in parts(given, "properties")}
    kind = given.get("type") or ""
    return [{"container_name": given.get("containerName"), "properties": properties, "type": kind}]


def _family(arn: Any) -> str:
    return str(arn).rsplit("/", 1)[-1].rsplit(":", 1)[0]


_TASK_DEFINITION: Final = ResourceType(
    name="aws_ecs_task_definition",
    list=Read(
        "ecs:ListTaskDefinitions", "taskDefinitionArns", {"status": "ACTIVE"}, wrap="taskDefinitionArn", page=100
    ),
    # The state's id is the family, which all revisions have in common.
    id=At("taskDefinitionArn"),
    id_from_live=False,
    by_id=lambda arn, _: {"taskDefinitionArn": arn},
    import_id=At("taskDefinitionArn"),
    natural_keys=(("arn",), ("family",)),
    details={
        "described": Read(
            "ecs:DescribeTaskDefinition",
            "",
            {"taskDefinition": At("taskDefinitionArn"), "include": ["TAGS"]},
            absent=frozenset(("ClientException",)),
        )
    },
    exists=lambda record, _: dig(record["described"], "taskDefinition.status") == "ACTIVE",
    attributes={
        **getters(_TASK, "described.taskDefinition"),
        "arn": At("taskDefinitionArn"),
        "arn_without_revision": At("taskDefinitionArn", lambda arn: str(arn).rsplit(":", 1)[0]),
        "container_definitions": At("described.taskDefinition.containerDefinitions", document),
        "family": At("taskDefinitionArn", _family),
        "id": At("taskDefinitionArn", _family),
        "proxy_configuration": At("described.taskDefinition.proxyConfiguration", _proxy, []),
        "revision": At("taskDefinitionArn", lambda arn: int(str(arn).rsplit(":", 1)[-1])),
        "tags": tags("described.tags"),
    },
    config_only=frozenset(("skip_destroy", "track_latest")),
    semantics={"container_definitions": Semantics.CONTAINERS},
    writes=(_tags(),),
)

TYPES: Final = (_CLUSTER, _SERVICE, _TASK_DEFINITION)
