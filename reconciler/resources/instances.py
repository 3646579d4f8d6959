"""Machines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import names, parts, tags
from reconciler.resources.shapes import Shape, flag, number, one, value
from reconciler.resources.shapes import write as write_shape
from reconciler.resources.spec import At, Bulk, Child, Getter, Read, Record, ResourceType, Scope, Subject, Write, dig
from reconciler.resources.volumes import VOLUMES
from reconciler.resources.writing import ec2_tags, operation

_GONE: Final = ("shutting-down", "terminated")
# Tags of services that make machines and take them away again.
_MAKERS: Final = ("aws:autoscaling:", "aws:ec2:fleet-id", "aws:ec2spot:", "aws:eks:", "aws:batch:")


def _alive(record: Record, _scope: Scope) -> Iterable[Record]:
    return [] if dig(record, "State.Name") in _GONE else [record]


def _of_a_service(record: Record, _scope: Scope) -> bool:
    return any(str(tag.get("Key")).startswith(_MAKERS) for tag in parts(record, "Tags"))


def _first(record: Record) -> Record:
    """The interface that a machine is known by."""
    found = parts(record, "NetworkInterfaces")
    return next((i for i in found if dig(i, "Attachment.DeviceIndex") == 0), found[0] if found else {})


def _of_first(read: Callable[[Record], Json]) -> Getter:
    return lambda record, _: read(_first(record))


def _profile(found: Any) -> Json:
    return str(found).rsplit("/", 1)[-1]


def _groups(record: Record, _scope: Scope) -> Json:
    return names(str(group["GroupId"]) for group in parts(record, "SecurityGroups"))


def _secondary(found: Record) -> Json:
    others = [a for a in parts(found, "PrivateIpAddresses") if not a.get("Primary")]
    return names(str(a["PrivateIpAddress"]) for a in others)


def _root_id(record: Record, _scope: Scope) -> str:
    mapped = parts(record, "BlockDeviceMappings")
    return next(
        (str(dig(m, "Ebs.VolumeId")) for m in mapped if m.get("DeviceName") == record.get("RootDeviceName")), ""
    )


def _root(record: Record, _scope: Scope) -> Json:
    volume: Record | None = record["root"]
    if not volume:
        return []
    mapped = parts(record, "BlockDeviceMappings")
    ends = next(
        (dig(m, "Ebs.DeleteOnTermination") for m in mapped if m.get("DeviceName") == record["RootDeviceName"]), None
    )
    return [
        {
            "delete_on_termination": bool(ends),
            "device_name": record["RootDeviceName"],
            "encrypted": bool(volume.get("Encrypted")),
            "iops": volume.get("Iops") or 0,
            "kms_key_id": volume.get("KmsKeyId") or "",
            "throughput": volume.get("Throughput") or 0,
            "volume_id": volume["VolumeId"],
            "volume_size": volume.get("Size"),
            "volume_type": volume.get("VolumeType"),
        }
    ]


METADATA: Final[Shape] = {
    "http_endpoint": value("HttpEndpoint"),
    "http_protocol_ipv6": value("HttpProtocolIpv6"),
    "http_put_response_hop_limit": number("HttpPutResponseHopLimit"),
    "http_tokens": value("HttpTokens"),
    "instance_metadata_tags": value("InstanceMetadataTags"),
}
_NAMES: Final[Shape] = {
    "enable_resource_name_dns_a_record": flag("EnableResourceNameDnsARecord"),
    "enable_resource_name_dns_aaaa_record": flag("EnableResourceNameDnsAAAARecord"),
    "hostname_type": value("HostnameType"),
}


def _setting(name: str, key: str) -> Read:
    """A call for each machine: made where the code says something of it."""
    return Read(
        "ec2:DescribeInstanceAttribute",
        key,
        {"InstanceId": At("InstanceId"), "Attribute": name},
        absent=frozenset(("InvalidInstanceID.NotFound",)),
    )


def _set_groups(subject: Subject) -> Iterable[Operation]:
    wanted: Any = (subject.after or {}).get("vpc_security_group_ids")
    if wanted:
        yield operation("ec2:ModifyInstanceAttribute", {"InstanceId": subject.id, "Groups": names(wanted)})


def _switch(attribute: str, key: str, *, default: bool = False) -> Write:
    def build(subject: Subject) -> Iterable[Operation]:
        wanted = (subject.after or {}).get(attribute)
        switched = default if wanted is None else bool(wanted)
        yield operation("ec2:ModifyInstanceAttribute", {"InstanceId": subject.id, key: {"Value": switched}})

    return Write(("ec2:ModifyInstanceAttribute",), frozenset((attribute,)), build)


def _set_metadata(subject: Subject) -> Iterable[Operation]:
    for wanted in parts(dict(subject.after or {}), "metadata_options"):
        given = write_shape(METADATA, wanted)
        yield operation("ec2:ModifyInstanceMetadataOptions", {"InstanceId": subject.id, **given})


def _watch(subject: Subject) -> Iterable[Operation]:
    name = "ec2:MonitorInstances" if (subject.after or {}).get("monitoring") else "ec2:UnmonitorInstances"
    yield operation(name, {"InstanceIds": [subject.id]})


_INSTANCE: Final = ResourceType(
    name="aws_instance",
    list=Read("ec2:DescribeInstances", "Reservations.Instances", page=1000),
    expand=_alive,
    id=At("InstanceId"),
    natural_keys=(("tags.Name",),),
    details={
        "root": Read(VOLUMES.operation, VOLUMES.path, bulk=Bulk("VolumeId", _root_id, "VolumeIds", 200), page=0),
        "no_stop": _setting("disableApiStop", "DisableApiStop"),
        "no_end": _setting("disableApiTermination", "DisableApiTermination"),
        "shutdown": _setting("instanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior"),
    },
    attributes={
        "ami": At("ImageId"),
        "arn": lambda record, scope: scope.arn("ec2", f"instance/{record['InstanceId']}"),
        "availability_zone": At("Placement.AvailabilityZone"),
        "disable_api_stop": At("no_stop.Value", default=False),
        "disable_api_termination": At("no_end.Value", default=False),
        "ebs_optimized": At("EbsOptimized", default=False),
        "enclave_options": At("EnclaveOptions", one("", {"enabled": flag("Enabled")}).read, []),
        "hibernation": At("HibernationOptions.Configured", default=False),
        "iam_instance_profile": At("IamInstanceProfile.Arn", _profile, ""),
        "id": At("InstanceId"),
        "instance_initiated_shutdown_behavior": At("shutdown.Value", default=""),
        "instance_lifecycle": At("InstanceLifecycle", default=""),
        "instance_state": At("State.Name"),
        "instance_type": At("InstanceType"),
        "key_name": At("KeyName", default=""),
        "metadata_options": At("MetadataOptions", one("", METADATA).read, []),
        "monitoring": At("Monitoring.State", lambda state: state in ("enabled", "pending"), default=False),
        "outpost_arn": At("OutpostArn", default=""),
        "placement_group": At("Placement.GroupName", default=""),
        "primary_network_interface_id": _of_first(lambda found: found.get("NetworkInterfaceId") or ""),
        "private_dns": At("PrivateDnsName", default=""),
        "private_dns_name_options": At("PrivateDnsNameOptions", one("", _NAMES).read, []),
        "private_ip": At("PrivateIpAddress", default=""),
        "public_dns": At("PublicDnsName", default=""),
        "public_ip": At("PublicIpAddress", default=""),
        "root_block_device": _root,
        "secondary_private_ips": _of_first(_secondary),
        "source_dest_check": At("SourceDestCheck", default=True),
        "spot_instance_request_id": At("SpotInstanceRequestId", default=""),
        "subnet_id": At("SubnetId", default=""),
        "tags": tags(),
        "tenancy": At("Placement.Tenancy", default=""),
        "vpc_security_group_ids": _groups,
    },
    config_only=frozenset(
        (
            "get_password_data",
            "password_data",
            "user_data_replace_on_change",
            "volume_tags",
        )
    ),
    unchecked=frozenset(
        (
            "associate_public_ip_address",
            "capacity_reservation_specification",
            "cpu_core_count",
            "cpu_options",
            "cpu_threads_per_core",
            "credit_specification",
            "ebs_block_device",
            "enable_primary_ipv6",
            "ephemeral_block_device",
            "host_id",
            "host_resource_group_arn",
            "instance_market_options",
            "ipv6_address_count",
            "ipv6_addresses",
            "launch_template",
            "maintenance_options",
            "network_interface",
            "placement_partition_number",
            "root_block_device.tags",
            "root_block_device.tags_all",
            "security_groups",
            # The state has a hash of what the code says.
            "user_data",
            "user_data_base64",
        )
    ),
    kept=frozenset(("metadata_options", "root_block_device")),
    writes=(
        Write(("ec2:ModifyInstanceAttribute",), frozenset(("vpc_security_group_ids",)), _set_groups),
        _switch("disable_api_stop", "DisableApiStop"),
        _switch("disable_api_termination", "DisableApiTermination"),
        _switch("source_dest_check", "SourceDestCheck", default=True),
        Write(("ec2:ModifyInstanceMetadataOptions",), frozenset(("metadata_options",)), _set_metadata),
        Write(("ec2:MonitorInstances", "ec2:UnmonitorInstances"), frozenset(("monitoring",)), _watch),
        ec2_tags(),
    ),
    aws_owned=_of_a_service,
    children=(
        Child(
            "aws_network_interface_sg_attachment",
            "network_interface_id",
            ("vpc_security_group_ids",),
            key="primary_network_interface_id",
        ),
    ),
)

TYPES: Final = (_INSTANCE,)
