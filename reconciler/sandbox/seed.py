"""Builds the sandbox's estate in AWS as a deploy would: from the evaluated code, dependencies first, over boto3.

Only the sandbox does this: `reconcile` itself creates nothing but links (rules, attachments, subscriptions …).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from reconciler.errors import ReconcilerError
from reconciler.hcl.evaluate import Evaluation
from reconciler.hcl.tree import SourceTree
from reconciler.model import UNKNOWN, Json, Plain, Resource
from reconciler.records import dataclass
from reconciler.semantics import widened

Values = dict[str, Any]
Prior = Mapping[str, Mapping[str, Plain]]
Client = Callable[[str], Any]
"""service -> boto3 client of the endpoint"""


@dataclass(frozen=True, slots=True)
class _Place:
    client: Client
    tree: SourceTree
    root: str


def seed(evaluate: Callable[[Prior], Evaluation], client: Client, tree: SourceTree, root: str) -> int:
    """Create every resource that the code describes; returns how many.

    `evaluate` takes the attributes of what exists by address. Each round creates what has become fully known.
    """
    place = _Place(client, tree, root)
    prior: dict[str, Mapping[str, Plain]] = {}
    while True:
        resources = evaluate(prior).resources
        waiting = [r for r in resources if str(r.address) not in prior]
        ready = [r for r in waiting if not _has_unknown(dict(r.values))]
        if waiting and not ready:
            named = ", ".join(f"{r.address} ({r.unverified or 'waits for another'})" for r in waiting[:3])
            raise ReconcilerError(f"the estate cannot be created: {named}")
        for resource in ready:
            prior[str(resource.address)] = _create(place, resource)
        if not waiting:
            return len(prior)


def _has_unknown(value: Plain) -> bool:
    if isinstance(value, dict):
        return any(_has_unknown(v) for v in value.values())
    if isinstance(value, list):
        return any(_has_unknown(v) for v in value)
    return value is UNKNOWN


def _create(place: _Place, resource: Resource) -> Mapping[str, Plain]:
    creator = _CREATORS.get(resource.type)
    if creator is None:
        raise ReconcilerError(f"the sandbox cannot create {resource.address}: no creator for {resource.type}")
    values: Values = {k: v for k, v in resource.values.items() if v is not None}
    created: dict[str, Plain] = {**resource.values}
    for name, value in creator(place, values).items():
        created[name] = widened(value)
    return created


# -- one creator a type: configured values in, computed attributes out ------------------------------------------


def _tags(values: Values) -> list[dict[str, str]]:
    return [{"Key": k, "Value": v} for k, v in values.get("tags_all", {}).items()]


def _tag_specification(values: Values, kind: str) -> list[dict[str, Any]]:
    tags = _tags(values)
    return [{"ResourceType": kind, "Tags": tags}] if tags else []


def _vpc(place: _Place, v: Values) -> dict[str, Json]:
    ec2 = place.client("ec2")
    vpc = ec2.create_vpc(CidrBlock=v["cidr_block"], TagSpecifications=_tag_specification(v, "vpc"))["Vpc"]["VpcId"]
    for attribute, name in (("enable_dns_support", "EnableDnsSupport"), ("enable_dns_hostnames", "EnableDnsHostnames")):
        if attribute in v:
            ec2.modify_vpc_attribute(VpcId=vpc, **{name: {"Value": v[attribute]}})
    return {"id": vpc}


def _subnet(place: _Place, v: Values) -> dict[str, Json]:
    answer = place.client("ec2").create_subnet(
        VpcId=v["vpc_id"],
        CidrBlock=v["cidr_block"],
        AvailabilityZone=v["availability_zone"],
        TagSpecifications=_tag_specification(v, "subnet"),
    )
    return {"id": answer["Subnet"]["SubnetId"]}


def _permission(rule: Values) -> dict[str, Any]:
    described = {"Description": rule["description"]} if rule.get("description") else {}
    permission: dict[str, Any] = {"IpProtocol": rule["protocol"]}
    if rule["protocol"] != "-1":
        permission |= {"FromPort": rule["from_port"], "ToPort": rule["to_port"]}
    if rule.get("cidr_blocks"):
        permission["IpRanges"] = [{"CidrIp": c, **described} for c in rule["cidr_blocks"]]
    if rule.get("security_groups"):
        permission["UserIdGroupPairs"] = [{"GroupId": g, **described} for g in rule["security_groups"]]
    return permission


def _security_group(place: _Place, v: Values) -> dict[str, Json]:
    ec2 = place.client("ec2")
    group = ec2.create_security_group(
        GroupName=v["name"],
        Description=v.get("description", "Managed by Terraform"),
        VpcId=v["vpc_id"],
        TagSpecifications=_tag_specification(v, "security-group"),
    )["GroupId"]
    # A new group lets everything out; Terraform removes that rule first, and so do we.
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=everything)
    if v.get("ingress"):
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[_permission(r) for r in v["ingress"]])
    if v.get("egress"):
        ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[_permission(r) for r in v["egress"]])
    return {"id": group, "arn": f"arn:aws:ec2:{ec2.meta.region_name}:123456789012:security-group/{group}"}


def _rule(direction: str) -> Callable[[_Place, Values], dict[str, Json]]:
    def create(place: _Place, v: Values) -> dict[str, Json]:
        inline = {
            "protocol": v["ip_protocol"],
            "from_port": v.get("from_port"),
            "to_port": v.get("to_port"),
            "description": v.get("description"),
            "cidr_blocks": [v["cidr_ipv4"]] if "cidr_ipv4" in v else [],
            "security_groups": [v["referenced_security_group_id"]] if "referenced_security_group_id" in v else [],
        }
        answer = getattr(place.client("ec2"), f"authorize_security_group_{direction}")(
            GroupId=v["security_group_id"],
            IpPermissions=[_permission(inline)],
            TagSpecifications=_tag_specification(v, "security-group-rule"),
        )
        return {"id": answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]}

    return create


_QUEUE_ATTRIBUTES = {
    "max_message_size": "MaximumMessageSize",
    "visibility_timeout_seconds": "VisibilityTimeout",
    "message_retention_seconds": "MessageRetentionPeriod",
    "redrive_policy": "RedrivePolicy",
    "policy": "Policy",
    "sqs_managed_sse_enabled": "SqsManagedSseEnabled",
}


def _queue(place: _Place, v: Values) -> dict[str, Json]:
    sqs = place.client("sqs")
    v = {"max_message_size": 262144} | v  # the provider's default; the service has another of its own
    attributes = {name: _text(v[key]) for key, name in _QUEUE_ATTRIBUTES.items() if key in v}
    url = sqs.create_queue(QueueName=v["name"], Attributes=attributes, tags=v.get("tags_all", {}))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return {"id": url, "url": url, "arn": arn}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _queue_policy(place: _Place, v: Values) -> dict[str, Json]:
    place.client("sqs").set_queue_attributes(QueueUrl=v["queue_url"], Attributes={"Policy": v["policy"]})
    return {"id": v["queue_url"]}


def _topic(place: _Place, v: Values) -> dict[str, Json]:
    attributes = {"DisplayName": v["display_name"]} if "display_name" in v else {}
    arn = place.client("sns").create_topic(Name=v["name"], Attributes=attributes, Tags=_tags(v))["TopicArn"]
    return {"id": arn, "arn": arn}


def _subscription(place: _Place, v: Values) -> dict[str, Json]:
    attributes: dict[str, str] = {}
    if "raw_message_delivery" in v:
        attributes["RawMessageDelivery"] = _text(v["raw_message_delivery"])
    if "filter_policy" in v:
        attributes["FilterPolicy"] = v["filter_policy"]
    arn = place.client("sns").subscribe(
        TopicArn=v["topic_arn"],
        Protocol=v["protocol"],
        Endpoint=v["endpoint"],
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return {"id": arn, "arn": arn}


def _role(place: _Place, v: Values) -> dict[str, Json]:
    optional = {"Description": v["description"]} if "description" in v else {}
    role = place.client("iam").create_role(
        RoleName=v["name"],
        AssumeRolePolicyDocument=v["assume_role_policy"],
        MaxSessionDuration=v.get("max_session_duration", 3600),
        Tags=_tags(v),
        **optional,
    )["Role"]
    return {"id": v["name"], "arn": role["Arn"], "unique_id": role["RoleId"]}


def _role_policy(place: _Place, v: Values) -> dict[str, Json]:
    place.client("iam").put_role_policy(RoleName=v["role"], PolicyName=v["name"], PolicyDocument=v["policy"])
    return {"id": f"{v['role']}:{v['name']}"}


def _policy(place: _Place, v: Values) -> dict[str, Json]:
    optional = {"Description": v["description"]} if "description" in v else {}
    created = place.client("iam").create_policy(
        PolicyName=v["name"], PolicyDocument=v["policy"], Tags=_tags(v), **optional
    )
    arn = created["Policy"]["Arn"]
    return {"id": arn, "arn": arn}


def _attachment(place: _Place, v: Values) -> dict[str, Json]:
    place.client("iam").attach_role_policy(RoleName=v["role"], PolicyArn=v["policy_arn"])
    return {"id": f"{v['role']}/{v['policy_arn']}"}


def _function(place: _Place, v: Values) -> dict[str, Json]:
    folder, _, name = v["filename"].rpartition("/")
    code = place.tree.read(_resolve(place.root, folder, name))
    function = place.client("lambda").create_function(
        FunctionName=v["function_name"],
        Role=v["role"],
        Runtime=v["runtime"],
        Handler=v["handler"],
        Code={"ZipFile": code},
        MemorySize=v["memory_size"],
        Timeout=v["timeout"],
        Environment={"Variables": v["environment"][0]["variables"]},
        Tags=v.get("tags_all", {}),
    )
    return {"id": v["function_name"], "arn": function["FunctionArn"]}


def _resolve(root: str, folder: str, name: str) -> str:
    """A path as Terraform writes it, relative to the root module, as a path of the tree."""
    steps: list[str] = []
    for step in f"{root}/{folder}/{name}".split("/"):
        if step == "..":
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)


def _event_rule(place: _Place, v: Values) -> dict[str, Json]:
    names = {"event_pattern": "EventPattern", "schedule_expression": "ScheduleExpression", "description": "Description"}
    arn = place.client("events").put_rule(
        Name=v["name"], Tags=_tags(v), **{name: v[key] for key, name in names.items() if key in v}
    )["RuleArn"]
    return {"id": v["name"], "arn": arn}


def _event_target(place: _Place, v: Values) -> dict[str, Json]:
    place.client("events").put_targets(Rule=v["rule"], Targets=[{"Id": v["target_id"], "Arn": v["arn"]}])
    return {"id": f"{v['rule']}-{v['target_id']}"}


def _bucket(place: _Place, v: Values) -> dict[str, Json]:
    s3 = place.client("s3")
    s3.create_bucket(Bucket=v["bucket"], CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    s3.put_bucket_tagging(Bucket=v["bucket"], Tagging={"TagSet": _tags(v)})
    return {"id": v["bucket"], "arn": f"arn:aws:s3:::{v['bucket']}"}


def _versioning(place: _Place, v: Values) -> dict[str, Json]:
    status = v["versioning_configuration"][0]["status"]
    place.client("s3").put_bucket_versioning(Bucket=v["bucket"], VersioningConfiguration={"Status": status})
    return {"id": v["bucket"]}


_PUBLIC_ACCESS = {
    "block_public_acls": "BlockPublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "ignore_public_acls": "IgnorePublicAcls",
    "restrict_public_buckets": "RestrictPublicBuckets",
}


def _public_access(place: _Place, v: Values) -> dict[str, Json]:
    place.client("s3").put_public_access_block(
        Bucket=v["bucket"],
        PublicAccessBlockConfiguration={name: v.get(key, False) for key, name in _PUBLIC_ACCESS.items()},
    )
    return {"id": v["bucket"]}


_CREATORS: dict[str, Callable[[_Place, Values], dict[str, Json]]] = {
    "aws_vpc": _vpc,
    "aws_subnet": _subnet,
    "aws_security_group": _security_group,
    "aws_vpc_security_group_ingress_rule": _rule("ingress"),
    "aws_vpc_security_group_egress_rule": _rule("egress"),
    "aws_sqs_queue": _queue,
    "aws_sqs_queue_policy": _queue_policy,
    "aws_sns_topic": _topic,
    "aws_sns_topic_subscription": _subscription,
    "aws_iam_role": _role,
    "aws_iam_role_policy": _role_policy,
    "aws_iam_policy": _policy,
    "aws_iam_role_policy_attachment": _attachment,
    "aws_lambda_function": _function,
    "aws_cloudwatch_event_rule": _event_rule,
    "aws_cloudwatch_event_target": _event_target,
    "aws_s3_bucket": _bucket,
    "aws_s3_bucket_versioning": _versioning,
    "aws_s3_bucket_public_access_block": _public_access,
}
