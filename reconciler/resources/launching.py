"""What machines are launched from, and the groups that launch them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from reconciler.model import Json, Operation
from reconciler.resources.convert import Convert, name_prefix, names, parts, tag_map, tags, text
from reconciler.resources.instances import METADATA
from reconciler.resources.shapes import Field, Shape, flag, getters, many, never, number, one, value
from reconciler.resources.spec import At, Attributes, Bulk, Read, Record, ResourceType, Scope, Subject, Write, dig
from reconciler.resources.writing import ec2_tags, operation, setter

# -- templates ------------------------------------------------------------------------------------------------


def _spelled(key: str) -> Field:
    """A boolean that Terraform has as text, so that it may be left out."""
    return Field(key, text, never, "")


_DISK: Final[Shape] = {
    "delete_on_termination": _spelled("DeleteOnTermination"),
    "encrypted": _spelled("Encrypted"),
    "iops": number("Iops"),
    "kms_key_id": value("KmsKeyId"),
    "snapshot_id": value("SnapshotId"),
    "throughput": number("Throughput"),
    "volume_initialization_rate": number("VolumeInitializationRate"),
    "volume_size": number("VolumeSize"),
    "volume_type": value("VolumeType"),
}
_MAPPING: Final[Shape] = {
    "device_name": value("DeviceName"),
    "ebs": one("Ebs", _DISK),
    "no_device": value("NoDevice"),
    "virtual_name": value("VirtualName"),
}
_CPU: Final[Shape] = {
    "amd_sev_snp": value("AmdSevSnp"),
    "core_count": number("CoreCount"),
    "threads_per_core": number("ThreadsPerCore"),
}
_PLACEMENT: Final[Shape] = {
    "affinity": value("Affinity"),
    "availability_zone": value("AvailabilityZone"),
    "group_name": value("GroupName"),
    "host_id": value("HostId"),
    "host_resource_group_arn": value("HostResourceGroupArn"),
    "partition_number": number("PartitionNumber"),
    "spread_domain": value("SpreadDomain"),
    "tenancy": value("Tenancy"),
}
_NAMES: Final[Shape] = {
    "enable_resource_name_dns_a_record": flag("EnableResourceNameDnsARecord"),
    "enable_resource_name_dns_aaaa_record": flag("EnableResourceNameDnsAAAARecord"),
    "hostname_type": value("HostnameType"),
}
_TAGGED: Final[Shape] = {
    "resource_type": value("ResourceType"),
    "tags": Field("Tags", tag_map, never, {}),
}
_DATA: Final[Shape] = {
    "block_device_mappings": many("BlockDeviceMappings", _MAPPING),
    "cpu_options": one("CpuOptions", _CPU),
    "credit_specification": one("CreditSpecification", {"cpu_credits": value("CpuCredits")}),
    "disable_api_stop": flag("DisableApiStop"),
    "disable_api_termination": flag("DisableApiTermination"),
    "ebs_optimized": _spelled("EbsOptimized"),
    "enclave_options": one("EnclaveOptions", {"enabled": flag("Enabled")}),
    "hibernation_options": one("HibernationOptions", {"configured": flag("Configured")}),
    "iam_instance_profile": one("IamInstanceProfile", {"arn": value("Arn"), "name": value("Name")}),
    "image_id": value("ImageId"),
    "instance_initiated_shutdown_behavior": value("InstanceInitiatedShutdownBehavior"),
    "instance_type": value("InstanceType"),
    "kernel_id": value("KernelId"),
    "key_name": value("KeyName"),
    "license_specification": many(
        "LicenseSpecifications", {"license_configuration_arn": value("LicenseConfigurationArn")}
    ),
    "maintenance_options": one("MaintenanceOptions", {"auto_recovery": value("AutoRecovery")}),
    "metadata_options": one("MetadataOptions", METADATA),
    "monitoring": one("Monitoring", {"enabled": flag("Enabled")}),
    "placement": one("Placement", _PLACEMENT),
    "private_dns_name_options": one("PrivateDnsNameOptions", _NAMES),
    "ram_disk_id": value("RamDiskId"),
    "security_group_names": Field("SecurityGroups", names, default=[]),
    "tag_specifications": many("TagSpecifications", _TAGGED),
    "user_data": value("UserData"),
    "vpc_security_group_ids": Field("SecurityGroupIds", names, default=[]),
}


_SAID: Final = getters(_DATA, "latest.LaunchTemplateData")


def _credits(record: Record, scope: Scope) -> Json:
    """The provider looks at them where the machines are burstable alone."""
    burstable = re.match(r"t\d", str(dig(record, "latest.LaunchTemplateData.InstanceType") or ""))
    return _SAID["credit_specification"](record, scope) if burstable else []


def _set_default(subject: Subject) -> Iterable[Operation]:
    wanted = (subject.after or {}).get("default_version")
    if wanted:
        yield operation("ec2:ModifyLaunchTemplate", {"LaunchTemplateId": subject.id, "DefaultVersion": text(wanted)})


_TEMPLATE: Final = ResourceType(
    name="aws_launch_template",
    list=Read("ec2:DescribeLaunchTemplates", "LaunchTemplates", page=200),
    id=At("LaunchTemplateId"),
    natural_keys=(("name",),),
    details={
        # One call tells the latest version of every template.
        "latest": Read(
            "ec2:DescribeLaunchTemplateVersions",
            "LaunchTemplateVersions",
            {"Versions": ["$Latest"]},
            bulk=Bulk("LaunchTemplateId", At("LaunchTemplateId")),
            page=200,
        )
    },
    exists=lambda record, _: bool(record["latest"]),
    attributes={
        **_SAID,
        "credit_specification": _credits,
        "arn": lambda record, scope: scope.arn("ec2", f"launch-template/{record['LaunchTemplateId']}"),
        "default_version": At("DefaultVersionNumber"),
        "description": At("latest.VersionDescription", default=""),
        "id": At("LaunchTemplateId"),
        "latest_version": At("LatestVersionNumber"),
        "name": At("LaunchTemplateName"),
        "name_prefix": name_prefix("LaunchTemplateName"),
        "tags": tags(),
    },
    config_only=frozenset(("update_default_version",)),
    unchecked=frozenset(
        (
            "capacity_reservation_specification",
            "elastic_gpu_specifications",
            "elastic_inference_accelerator",
            "instance_market_options",
            "instance_requirements",
            "network_interfaces",
        )
    ),
    moving=frozenset(("latest_version",)),
    # What a version says is never changed, and a new one would lack what is not read here: it is not written.
    writes=(Write(("ec2:ModifyLaunchTemplate",), frozenset(("default_version",)), _set_default), ec2_tags()),
)

# -- groups ---------------------------------------------------------------------------------------------------

_FROM: Final[Shape] = {
    "id": value("LaunchTemplateId"),
    "name": value("LaunchTemplateName"),
    "version": value("Version"),
}
_RANGE: Final[Shape] = {
    "max_healthy_percentage": number("MaxHealthyPercentage", zero=True),
    "min_healthy_percentage": number("MinHealthyPercentage", zero=True),
}


def _policies(found: Any) -> Json:
    """AWS's own choice is as good as none."""
    return [] if found == ["Default"] else found


def _metrics(found: Any) -> Json:
    return names(str(metric["Metric"]) for metric in found)


def _granularity(record: Record, _scope: Scope) -> str:
    return next((str(m.get("Granularity") or "") for m in parts(record, "EnabledMetrics")), "1Minute")


def _suspended(found: Any) -> Json:
    return names(str(process["ProcessName"]) for process in found)


def _own_tags(record: Record, _scope: Scope) -> Json:
    return [
        {
            "key": tag["Key"],
            "propagate_at_launch": bool(tag.get("PropagateAtLaunch")),
            "value": tag.get("Value") or "",
        }
        for tag in parts(record, "Tags")
        if not str(tag["Key"]).startswith("aws:")
    ]


def _tag(subject: Subject) -> Iterable[Operation]:
    before, after = ({t["key"]: t for t in parts(dict(side or {}), "tag")} for side in (subject.before, subject.after))

    def written(tag: Mapping[str, Any]) -> Json:
        own = {"Key": tag["key"], "Value": tag["value"], "PropagateAtLaunch": tag["propagate_at_launch"]}
        return {**own, "ResourceId": subject.id, "ResourceType": "auto-scaling-group"}

    added = [written(after[key]) for key in sorted(after) if before.get(key) != after[key]]
    gone = [written(before[key]) for key in sorted(before) if key not in after]
    if added:
        yield operation("autoscaling:CreateOrUpdateTags", {"Tags": added})
    if gone:
        yield operation("autoscaling:DeleteTags", {"Tags": gone})


def _balance(subject: Subject) -> Iterable[Operation]:
    before, after = (_arns(side, "target_group_arns") for side in (subject.before, subject.after))
    for verb, arns in (("Attach", after - before), ("Detach", before - after)):
        if arns:
            given: dict[str, Json] = {"AutoScalingGroupName": subject.id, "TargetGroupARNs": names(arns)}
            yield operation(f"autoscaling:{verb}LoadBalancerTargetGroups", given)


def _suspend(subject: Subject) -> Iterable[Operation]:
    before, after = (_arns(side, "suspended_processes") for side in (subject.before, subject.after))
    for verb, processes in (("Suspend", after - before), ("Resume", before - after)):
        if processes:
            given: dict[str, Json] = {"AutoScalingGroupName": subject.id, "ScalingProcesses": names(processes)}
            yield operation(f"autoscaling:{verb}Processes", given)


def _arns(side: Attributes | None, name: str) -> set[str]:
    return set(cast("list[str]", (side or {}).get(name) or []))


def _template(found: Any) -> Json:
    """By its id alone: AWS takes one of the two."""
    for block in parts(found):
        if block.get("id"):
            return {"LaunchTemplateId": block["id"], "Version": block.get("version") or "$Default"}
    return None


def _or(usual: Json) -> Convert:
    return lambda wanted: usual if wanted is None or wanted == [] else wanted


def _subnets(wanted: Any) -> Json:
    return ",".join(sorted(wanted or ())) or None


_UPDATED: Final[Mapping[str, str | tuple[str, Convert]]] = {
    "capacity_rebalance": ("CapacityRebalance", bool),
    "default_cooldown": ("DefaultCooldown", _or(300)),
    "desired_capacity": "DesiredCapacity",
    "health_check_grace_period": ("HealthCheckGracePeriod", _or(300)),
    "health_check_type": ("HealthCheckType", _or("EC2")),
    "launch_template": ("LaunchTemplate", _template),
    "max_instance_lifetime": ("MaxInstanceLifetime", _or(0)),
    "max_size": "MaxSize",
    "min_size": "MinSize",
    "protect_from_scale_in": ("NewInstancesProtectedFromScaleIn", bool),
    "termination_policies": ("TerminationPolicies", _or(["Default"])),
    "vpc_zone_identifier": ("VPCZoneIdentifier", _subnets),
}

_GROUP: Final = ResourceType(
    name="aws_autoscaling_group",
    list=Read("autoscaling:DescribeAutoScalingGroups", "AutoScalingGroups", page=100),
    id=At("AutoScalingGroupName"),
    natural_keys=(("name",),),
    attributes={
        "arn": At("AutoScalingGroupARN"),
        "availability_zones": At("AvailabilityZones", names, []),
        "capacity_rebalance": At("CapacityRebalance", default=False),
        "context": At("Context", default=""),
        "default_cooldown": At("DefaultCooldown"),
        "default_instance_warmup": At("DefaultInstanceWarmup", default=0),
        "desired_capacity": At("DesiredCapacity"),
        "desired_capacity_type": At("DesiredCapacityType", default=""),
        "enabled_metrics": At("EnabledMetrics", _metrics, []),
        "health_check_grace_period": At("HealthCheckGracePeriod", default=0),
        "health_check_type": At("HealthCheckType", default=""),
        "id": At("AutoScalingGroupName"),
        "instance_maintenance_policy": At("InstanceMaintenancePolicy", one("", _RANGE).read, []),
        "launch_configuration": At("LaunchConfigurationName", default=""),
        "launch_template": At("LaunchTemplate", one("", _FROM).read, []),
        "load_balancers": At("LoadBalancerNames", names, []),
        "max_instance_lifetime": At("MaxInstanceLifetime", default=0),
        "max_size": At("MaxSize"),
        "metrics_granularity": _granularity,
        "min_size": At("MinSize"),
        "name": At("AutoScalingGroupName"),
        "name_prefix": name_prefix("AutoScalingGroupName"),
        "placement_group": At("PlacementGroup", default=""),
        "predicted_capacity": At("PredictedCapacity", default=0),
        "protect_from_scale_in": At("NewInstancesProtectedFromScaleIn", default=False),
        "service_linked_role_arn": At("ServiceLinkedRoleARN", default=""),
        "suspended_processes": At("SuspendedProcesses", _suspended, []),
        "tag": _own_tags,
        "target_group_arns": At("TargetGroupARNs", names, []),
        "termination_policies": At("TerminationPolicies", _policies, []),
        "vpc_zone_identifier": At("VPCZoneIdentifier", lambda found: names(filter(None, str(found).split(","))), []),
        "warm_pool_size": At("WarmPoolSize", default=0),
    },
    config_only=frozenset(
        (
            "force_delete",
            "force_delete_warm_pool",
            "ignore_failed_scaling_activities",
            "initial_lifecycle_hook",
            "instance_refresh",
            "min_elb_capacity",
            "wait_for_capacity_timeout",
            "wait_for_elb_capacity",
        )
    ),
    unchecked=frozenset(
        (
            "availability_zone_distribution",
            "capacity_reservation_specification",
            "mixed_instances_policy",
            "traffic_source",
            "warm_pool",
        )
    ),
    writes=(
        setter("autoscaling:UpdateAutoScalingGroup", {"AutoScalingGroupName": "id"}, _UPDATED),
        Write(("autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags"), frozenset(("tag",)), _tag),
        Write(
            ("autoscaling:AttachLoadBalancerTargetGroups", "autoscaling:DetachLoadBalancerTargetGroups"),
            frozenset(("target_group_arns",)),
            _balance,
        ),
        Write(
            ("autoscaling:ResumeProcesses", "autoscaling:SuspendProcesses"),
            frozenset(("suspended_processes",)),
            _suspend,
        ),
    ),
)

TYPES: Final = (_TEMPLATE, _GROUP)
