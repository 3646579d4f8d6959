"""Disks and keys of machines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import name_prefix, parts, tags
from reconciler.resources.spec import At, Read, Record, ResourceType, Scope, Subject, Write
from reconciler.resources.writing import ec2_tags, operation, tag_write

# -- keys -----------------------------------------------------------------------------------------------------

_KEY: Final = ResourceType(
    name="aws_key_pair",
    list=Read("ec2:DescribeKeyPairs", "KeyPairs"),
    id=At("KeyName"),
    natural_keys=(("key_name",),),
    attributes={
        "arn": lambda record, scope: scope.arn("ec2", f"key-pair/{record['KeyName']}"),
        "fingerprint": At("KeyFingerprint", default=""),
        "id": At("KeyName"),
        "key_name": At("KeyName"),
        "key_name_prefix": name_prefix("KeyName"),
        "key_pair_id": At("KeyPairId"),
        "key_type": At("KeyType", default=""),
        "tags": tags(),
    },
    # Told without its comment; the provider keeps what the code says. The fingerprint tells another key.
    unchecked=frozenset(("public_key",)),
    writes=(tag_write("ec2:CreateTags", "ec2:DeleteTags", {"Resources": "key_pair_id"}, keys="Tags", several=True),),
)

# -- volumes --------------------------------------------------------------------------------------------------

VOLUMES: Final = Read("ec2:DescribeVolumes", "Volumes", page=500)


_ROOTS: Final = ("/dev/sda1", "/dev/xvda")


def _made_with_a_machine(record: Record, _scope: Scope) -> bool:
    """What a machine starts from, and what goes with it."""
    return bool(record.get("DeleteOnTermination")) or record.get("Device") in _ROOTS


def _of_a_machine(record: Record, scope: Scope) -> bool:
    return any(_made_with_a_machine(found, scope) for found in parts(record, "Attachments"))


def _modify(subject: Subject) -> Iterable[Operation]:
    """Sizes only grow, so they are not written."""
    after: dict[str, Any] = dict(subject.after or {})
    keys = {"iops": "Iops", "throughput": "Throughput", "type": "VolumeType"}
    given: dict[str, Json] = {keys[name]: after[name] for name in keys if name in subject.changed and after.get(name)}
    if given:
        yield operation("ec2:ModifyVolume", {"VolumeId": subject.id, **given})


_VOLUME: Final = ResourceType(
    name="aws_ebs_volume",
    list=VOLUMES,
    id=At("VolumeId"),
    natural_keys=(("tags.Name",),),
    attributes={
        "arn": lambda record, scope: scope.arn("ec2", f"volume/{record['VolumeId']}"),
        "availability_zone": At("AvailabilityZone"),
        "create_time": At("CreateTime"),
        "encrypted": At("Encrypted", default=False),
        "id": At("VolumeId"),
        "iops": At("Iops", default=0),
        "kms_key_id": At("KmsKeyId", default=""),
        "multi_attach_enabled": At("MultiAttachEnabled", default=False),
        "outpost_arn": At("OutpostArn", default=""),
        "size": At("Size"),
        "snapshot_id": At("SnapshotId", default=""),
        "tags": tags(),
        "throughput": At("Throughput", default=0),
        "type": At("VolumeType"),
    },
    config_only=frozenset(("final_snapshot",)),
    writes=(Write(("ec2:ModifyVolume",), frozenset(("iops", "throughput", "type")), _modify), ec2_tags()),
    aws_owned=_of_a_machine,
)

# -- what they are attached to ----------------------------------------------------------------------------------


def _attached(record: Record, _scope: Scope) -> Iterable[Record]:
    """The attachments that a machine was not made with."""
    return [found for found in parts(record, "Attachments") if found.get("State") in ("attached", "attaching", "busy")]


def _attachment_id(record: Record, _scope: Scope) -> str:
    return f"{record['Device']}:{record['VolumeId']}:{record['InstanceId']}"


def _link(name: str) -> Write:
    def build(subject: Subject) -> Iterable[Operation]:
        keys = {"Device": "device_name", "InstanceId": "instance_id", "VolumeId": "volume_id"}
        yield operation(name, {key: subject.known[attribute] for key, attribute in keys.items()})

    return Write((name,), frozenset(), build)


_ATTACHMENT: Final = ResourceType(
    name="aws_volume_attachment",
    list=VOLUMES,
    expand=_attached,
    # Terraform's id is a number that it makes of these.
    id=_attachment_id,
    id_from_live=False,
    import_id=_attachment_id,
    natural_keys=(("device_name", "volume_id", "instance_id"),),
    attributes={"device_name": At("Device"), "instance_id": At("InstanceId"), "volume_id": At("VolumeId")},
    config_only=frozenset(("force_detach", "id", "skip_destroy", "stop_instance_before_detaching")),
    create=_link("ec2:AttachVolume"),
    delete=_link("ec2:DetachVolume"),
    aws_owned=_made_with_a_machine,
)

TYPES: Final = (_KEY, _VOLUME, _ATTACHMENT)
