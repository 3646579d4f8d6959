"""Amazon MSK: Kafka clusters, provisioned and serverless, and their policies.

ListClustersV2 tells a cluster whole but for the addresses of its brokers. What changes a cluster's settings keeps it
busy for up to an hour, one change at a time: tags and policies alone are reset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import document
from reconciler.resources.shapes import Field, Shape, flag, getters, many, names_of, number, one, value
from reconciler.resources.spec import At, Getter, Read, Record, ResourceType, Scope, Semantics, Subject, Write
from reconciler.resources.writing import operation, tag_object, tag_write

_GONE: Final = frozenset(("NotFoundException",))
_CLUSTERS: Final = Read("kafka:ListClustersV2", "ClusterInfoList", page=100)
_ARN: Final = At("ClusterArn")


def _is(kind: str) -> Callable[[Record, Scope], tuple[Record, ...]]:
    return lambda record, _: (record,) if record.get("ClusterType") == kind else ()


def _uuid(record: Record, _: Scope) -> Json:
    """arn:aws:kafka:eu-west-1:123456789012:cluster/orders/5f0c-1 -> "5f0c-1"."""
    return str(record["ClusterArn"]).rpartition("/")[2]


def _sorted(addresses: str) -> Json:
    """The provider sorts what AWS gives in any order."""
    return ",".join(sorted(addresses.split(",")))


# -- provisioned ----------------------------------------------------------------------------------------------

_BROKERS: Final = {
    "bootstrap_brokers": "BootstrapBrokerString",
    "bootstrap_brokers_public_sasl_iam": "BootstrapBrokerStringPublicSaslIam",
    "bootstrap_brokers_public_sasl_scram": "BootstrapBrokerStringPublicSaslScram",
    "bootstrap_brokers_public_tls": "BootstrapBrokerStringPublicTls",
    "bootstrap_brokers_sasl_iam": "BootstrapBrokerStringSaslIam",
    "bootstrap_brokers_sasl_scram": "BootstrapBrokerStringSaslScram",
    "bootstrap_brokers_tls": "BootstrapBrokerStringTls",
    "bootstrap_brokers_vpc_connectivity_sasl_iam": "BootstrapBrokerStringVpcConnectivitySaslIam",
    "bootstrap_brokers_vpc_connectivity_sasl_scram": "BootstrapBrokerStringVpcConnectivitySaslScram",
    "bootstrap_brokers_vpc_connectivity_tls": "BootstrapBrokerStringVpcConnectivityTls",
}
_ENABLED_SASL: Final[Shape] = {"iam": flag("Iam.Enabled"), "scram": flag("Scram.Enabled")}
_VPC_CLIENTS: Final[Shape] = {"sasl": one("Sasl", _ENABLED_SASL), "tls": flag("Tls.Enabled")}
_CONNECTIVITY: Final[Shape] = {
    "public_access": one("PublicAccess", {"type": value("Type")}),
    "vpc_connectivity": one("VpcConnectivity", {"client_authentication": one("ClientAuthentication", _VPC_CLIENTS)}),
}
_THROUGHPUT: Final[Shape] = {"enabled": flag("Enabled"), "volume_throughput": number("VolumeThroughput")}
_VOLUMES: Final[Shape] = {
    "provisioned_throughput": one("ProvisionedThroughput", _THROUGHPUT),
    "volume_size": number("VolumeSize"),
}
_NODES: Final[Shape] = {
    "az_distribution": value("BrokerAZDistribution"),
    "client_subnets": names_of("ClientSubnets"),
    "connectivity_info": one("ConnectivityInfo", _CONNECTIVITY),
    "instance_type": value("InstanceType"),
    "security_groups": names_of("SecurityGroups"),
    "storage_info": one("StorageInfo", {"ebs_storage_info": one("EbsStorageInfo", _VOLUMES)}),
}
_CLIENTS: Final[Shape] = {
    "sasl": one("Sasl", _ENABLED_SASL),
    "tls": one("Tls", {"certificate_authority_arns": names_of("CertificateAuthorityArnList")}),
    "unauthenticated": flag("Unauthenticated.Enabled"),
}
_IN_TRANSIT: Final[Shape] = {"client_broker": value("ClientBroker"), "in_cluster": flag("InCluster")}
_ENCRYPTION: Final[Shape] = {
    "encryption_at_rest_kms_key_arn": value("EncryptionAtRest.DataVolumeKMSKeyId"),
    "encryption_in_transit": one("EncryptionInTransit", _IN_TRANSIT),
}
_LOGS: Final[Shape] = {
    "cloudwatch_logs": one("CloudWatchLogs", {"enabled": flag("Enabled"), "log_group": value("LogGroup")}),
    "firehose": one("Firehose", {"delivery_stream": value("DeliveryStream"), "enabled": flag("Enabled")}),
    "s3": one("S3", {"bucket": value("Bucket"), "enabled": flag("Enabled"), "prefix": value("Prefix")}),
}
_EXPORTERS: Final[Shape] = {
    "jmx_exporter": one("JmxExporter", {"enabled_in_broker": flag("EnabledInBroker")}),
    "node_exporter": one("NodeExporter", {"enabled_in_broker": flag("EnabledInBroker")}),
}
_PROVISIONED: Final[Shape] = {
    "broker_node_group_info": one("BrokerNodeGroupInfo", _NODES),
    "client_authentication": one("ClientAuthentication", _CLIENTS),
    "encryption_info": one("EncryptionInfo", _ENCRYPTION),
    "enhanced_monitoring": value("EnhancedMonitoring"),
    "kafka_version": value("CurrentBrokerSoftwareInfo.KafkaVersion"),
    "logging_info": one("LoggingInfo", {"broker_logs": one("BrokerLogs", _LOGS)}),
    "number_of_broker_nodes": number("NumberOfBrokerNodes"),
    "open_monitoring": one("OpenMonitoring", {"prometheus": one("Prometheus", _EXPORTERS)}),
    "storage_mode": value("StorageMode"),
    "zookeeper_connect_string": Field("ZookeeperConnectString", _sorted, default=""),
    "zookeeper_connect_string_tls": Field("ZookeeperConnectStringTls", _sorted, default=""),
}


def _configuration(software: Any) -> Json:
    if not software.get("ConfigurationArn"):
        return []
    return [{"arn": software["ConfigurationArn"], "revision": software.get("ConfigurationRevision", 0)}]


_ADDRESSES: Final = Read("kafka:GetBootstrapBrokers", "", {"ClusterArn": _ARN}, absent=_GONE)
_TAGS: Final = tag_write("kafka:TagResource", "kafka:UntagResource", {"ResourceArn": "arn"}, form=tag_object)
_NAMED: Final[dict[str, Getter]] = {
    "arn": _ARN,
    "cluster_name": At("ClusterName"),
    "cluster_uuid": _uuid,
    "id": _ARN,
    "tags": At("Tags", default={}),
}
_MINDED_LESS: Final = (
    "encryption_info",
    "encryption_info.encryption_in_transit",
    "logging_info",
    "logging_info.broker_logs",
    "logging_info.broker_logs.cloudwatch_logs",
    "logging_info.broker_logs.firehose",
    "logging_info.broker_logs.s3",
    "open_monitoring",
    "open_monitoring.prometheus",
    "open_monitoring.prometheus.jmx_exporter",
    "open_monitoring.prometheus.node_exporter",
)
_CLUSTER: Final = ResourceType(
    name="aws_msk_cluster",
    kept=frozenset(_MINDED_LESS),
    list=_CLUSTERS,
    expand=_is("PROVISIONED"),
    id=_ARN,
    natural_keys=(("cluster_name",),),
    details={"addresses": _ADDRESSES},
    attributes={
        **_NAMED,
        **getters(_PROVISIONED, "Provisioned"),
        **{name: At(f"addresses.{key}", _sorted, "") for name, key in _BROKERS.items()},
        "configuration_info": At("Provisioned.CurrentBrokerSoftwareInfo", _configuration, []),
        "current_version": At("CurrentVersion"),
    },
    moving=frozenset(("current_version",)),
    writes=(_TAGS,),
)

# -- serverless -----------------------------------------------------------------------------------------------

_IAM_ALONE: Final[Shape] = {"sasl": one("Sasl", {"iam": one("Iam", {"enabled": flag("Enabled")})})}
_VPC: Final[Shape] = {"security_group_ids": names_of("SecurityGroupIds"), "subnet_ids": names_of("SubnetIds")}
_SERVERLESS: Final = ResourceType(
    name="aws_msk_serverless_cluster",
    list=_CLUSTERS,
    expand=_is("SERVERLESS"),
    id=_ARN,
    natural_keys=(("cluster_name",),),
    details={"addresses": _ADDRESSES},
    attributes={
        **_NAMED,
        "bootstrap_brokers_sasl_iam": At("addresses.BootstrapBrokerStringSaslIam", _sorted, ""),
        **getters({"client_authentication": one("ClientAuthentication", _IAM_ALONE)}, "Serverless"),
        **getters({"vpc_config": many("VpcConfigs", _VPC)}, "Serverless"),
    },
    writes=(_TAGS,),
)

# -- policies -------------------------------------------------------------------------------------------------


def _put(subject: Subject) -> Iterable[Operation]:
    """Over the version that was read, so that nobody else's change is lost."""
    wanted, version = subject.known, (subject.before or {}).get("current_version")
    read = {"CurrentVersion": version} if version else {}
    yield operation("kafka:PutClusterPolicy", {"ClusterArn": wanted["cluster_arn"], "Policy": wanted["policy"], **read})


def _take_away(subject: Subject) -> Iterable[Operation]:
    yield operation("kafka:DeleteClusterPolicy", {"ClusterArn": subject.known["cluster_arn"]})


_PUT: Final = Write(("kafka:PutClusterPolicy",), frozenset(("policy",)), _put)
_POLICY: Final = ResourceType(
    name="aws_msk_cluster_policy",
    list=Read(
        "kafka:GetClusterPolicy",
        "",
        {"ClusterArn": _ARN},
        under=_CLUSTERS,
        hides={"cluster_arn": _ARN},
        absent=_GONE,
    ),
    id=At("parent.ClusterArn"),
    natural_keys=(("cluster_arn",),),
    attributes={
        "cluster_arn": At("parent.ClusterArn"),
        "current_version": At("CurrentVersion"),
        "id": At("parent.ClusterArn"),
        "policy": At("Policy", document, ""),
    },
    moving=frozenset(("current_version",)),
    semantics={"policy": Semantics.POLICY},
    writes=(_PUT,),
    create=_PUT,
    delete=Write(("kafka:DeleteClusterPolicy",), frozenset(), _take_away),
)

TYPES: Final = (_CLUSTER, _SERVERLESS, _POLICY)
