"""File systems, where they are mounted and through which access points."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import names, parts, tags
from reconciler.resources.shapes import Shape, getters, number, one, value
from reconciler.resources.spec import At, Read, Record, ResourceType, Scope, Subject, Write
from reconciler.resources.writing import operation, tag_write

_GONE: Final = frozenset(("FileSystemNotFound",))
_SYSTEMS: Final = Read("efs:DescribeFileSystems", "FileSystems", page=100)
_TAGGING: Final = tag_write("efs:TagResource", "efs:UntagResource", {"ResourceId": "id"})


def _present(record: Record, _scope: Scope) -> Iterable[Record]:
    return () if record.get("LifeCycleState") in ("deleting", "deleted") else (record,)


def _dns_name(record: Record, scope: Scope) -> str:
    suffix = "amazonaws.com.cn" if scope.partition == "aws-cn" else "amazonaws.com"
    return f"{record['FileSystemId']}.efs.{scope.region}.{suffix}"


# -- file systems ---------------------------------------------------------------------------------------------

_TRANSITIONS: Final = {
    "transition_to_archive": "TransitionToArchive",
    "transition_to_ia": "TransitionToIA",
    "transition_to_primary_storage_class": "TransitionToPrimaryStorageClass",
}


def _lifecycle(found: Any) -> Json:
    return [{name: policy.get(key) or "" for name, key in _TRANSITIONS.items()} for policy in found]


def _set_lifecycle(subject: Subject) -> Iterable[Operation]:
    wanted: list[Json] = [
        {key: block[name] for name, key in _TRANSITIONS.items() if block.get(name)}
        for block in parts(dict(subject.after or {}), "lifecycle_policy")
    ]
    yield operation("efs:PutLifecycleConfiguration", {"FileSystemId": subject.id, "LifecyclePolicies": wanted})


def _set_throughput(subject: Subject) -> Iterable[Operation]:
    wanted = subject.known
    mode = wanted.get("throughput_mode") or "bursting"
    given: dict[str, Json] = {"FileSystemId": subject.id, "ThroughputMode": mode}
    if mode == "provisioned":
        given["ProvisionedThroughputInMibps"] = wanted.get("provisioned_throughput_in_mibps")
    yield operation("efs:UpdateFileSystem", given)


def _set_protection(subject: Subject) -> Iterable[Operation]:
    blocks = parts(dict(subject.after or {}), "protection")
    wanted = next((str(block["replication_overwrite"]) for block in blocks if block.get("replication_overwrite")), "")
    if wanted in ("ENABLED", "", "DISABLED"):  # REPLICATING is what AWS makes of it
        given: dict[str, Json] = {"ReplicationOverwriteProtection": wanted or "ENABLED"}
        yield operation("efs:UpdateFileSystemProtection", {"FileSystemId": subject.id, **given})


def _size(found: Any) -> Json:
    return [
        {
            "value": found.get("Value") or 0,
            "value_in_ia": found.get("ValueInIA") or 0,
            "value_in_standard": found.get("ValueInStandard") or 0,
        }
    ]


_FILE_SYSTEM: Final = ResourceType(
    name="aws_efs_file_system",
    list=_SYSTEMS,
    expand=_present,
    id=At("FileSystemId"),
    natural_keys=(("creation_token",), ("tags.Name",)),
    details={
        "lifecycle": Read(
            "efs:DescribeLifecycleConfiguration",
            "LifecyclePolicies",
            {"FileSystemId": At("FileSystemId")},
            absent=_GONE,
        )
    },
    attributes={
        "arn": At("FileSystemArn"),
        "availability_zone_id": At("AvailabilityZoneId", default=""),
        "availability_zone_name": At("AvailabilityZoneName", default=""),
        "creation_token": At("CreationToken"),
        "dns_name": _dns_name,
        "encrypted": At("Encrypted", default=False),
        "id": At("FileSystemId"),
        "kms_key_id": At("KmsKeyId", default=""),
        "lifecycle_policy": At("lifecycle", _lifecycle, []),
        "name": At("Name", default=""),
        "number_of_mount_targets": At("NumberOfMountTargets", default=0),
        "owner_id": At("OwnerId"),
        "performance_mode": At("PerformanceMode"),
        "protection": At(
            "FileSystemProtection",
            lambda found: [{"replication_overwrite": found.get("ReplicationOverwriteProtection") or ""}],
            [],
        ),
        "provisioned_throughput_in_mibps": At("ProvisionedThroughputInMibps", default=0),
        "size_in_bytes": At("SizeInBytes", _size, []),
        "tags": tags(),
        "throughput_mode": At("ThroughputMode", default=""),
    },
    kept=frozenset(("protection",)),
    writes=(
        Write(("efs:PutLifecycleConfiguration",), frozenset(("lifecycle_policy",)), _set_lifecycle),
        Write(
            ("efs:UpdateFileSystem",),
            frozenset(("provisioned_throughput_in_mibps", "throughput_mode")),
            _set_throughput,
        ),
        Write(("efs:UpdateFileSystemProtection",), frozenset(("protection",)), _set_protection),
        _TAGGING,
    ),
)

# -- mount targets --------------------------------------------------------------------------------------------


def _arn_of_system(record: Record, scope: Scope) -> str:
    return scope.arn("elasticfilesystem", f"file-system/{record['FileSystemId']}")


def _set_groups(subject: Subject) -> Iterable[Operation]:
    wanted = (subject.after or {}).get("security_groups") or None
    if wanted:
        yield operation("efs:ModifyMountTargetSecurityGroups", {"MountTargetId": subject.id, "SecurityGroups": wanted})


_MOUNT_TARGET: Final = ResourceType(
    name="aws_efs_mount_target",
    list=Read(
        "efs:DescribeMountTargets",
        "MountTargets",
        {"FileSystemId": At("FileSystemId")},
        under=_SYSTEMS,
        hides={"file_system_id": At("FileSystemId")},
        absent=_GONE,
        page=100,
    ),
    expand=_present,
    id=At("MountTargetId"),
    natural_keys=(("file_system_id", "subnet_id"),),
    details={
        "groups": Read(
            "efs:DescribeMountTargetSecurityGroups",
            "SecurityGroups",
            {"MountTargetId": At("MountTargetId")},
            absent=frozenset(("MountTargetNotFound",)),
        )
    },
    attributes={
        "availability_zone_id": At("AvailabilityZoneId"),
        "availability_zone_name": At("AvailabilityZoneName"),
        "dns_name": _dns_name,
        "file_system_arn": _arn_of_system,
        "file_system_id": At("FileSystemId"),
        "id": At("MountTargetId"),
        "ip_address": At("IpAddress"),
        "mount_target_dns_name": lambda r, scope: f"{r['AvailabilityZoneName']}.{_dns_name(r, scope)}",
        "network_interface_id": At("NetworkInterfaceId"),
        "owner_id": At("OwnerId"),
        "security_groups": At("groups", names, []),
        "subnet_id": At("SubnetId"),
    },
    writes=(Write(("efs:ModifyMountTargetSecurityGroups",), frozenset(("security_groups",)), _set_groups),),
)

# -- access points --------------------------------------------------------------------------------------------

_ACCESS: Final[Shape] = {
    "posix_user": one(
        "PosixUser",
        {
            "gid": number("Gid", zero=True),
            "secondary_gids": value("SecondaryGids", []),
            "uid": number("Uid", zero=True),
        },
    ),
    "root_directory": one(
        "RootDirectory",
        {
            "creation_info": one(
                "CreationInfo",
                {
                    "owner_gid": number("OwnerGid", zero=True),
                    "owner_uid": number("OwnerUid", zero=True),
                    "permissions": value("Permissions"),
                },
            ),
            "path": value("Path"),
        },
    ),
}

_ACCESS_POINT: Final = ResourceType(
    name="aws_efs_access_point",
    list=Read("efs:DescribeAccessPoints", "AccessPoints", page=100),
    expand=_present,
    id=At("AccessPointId"),
    natural_keys=(("file_system_id", "tags.Name"), ("file_system_id", "root_directory")),
    attributes={
        **getters(_ACCESS),
        "arn": At("AccessPointArn"),
        "file_system_arn": _arn_of_system,
        "file_system_id": At("FileSystemId"),
        "id": At("AccessPointId"),
        "owner_id": At("OwnerId"),
        "tags": tags(),
    },
    writes=(_TAGGING,),
)

TYPES: Final = (_FILE_SYSTEM, _MOUNT_TARGET, _ACCESS_POINT)
