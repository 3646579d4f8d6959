"""Data sources of single services: by name, nearly all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from reconciler.model import UNKNOWN, Json
from reconciler.resources.convert import boolean, names, tag_map, tags
from reconciler.resources.data_sources import Arguments, DataSource, Kept, argument, each, first, merged, named
from reconciler.resources.spec import At, Getter, Read, Record, Scope, dig


def _absent(*codes: str) -> frozenset[str]:
    return frozenset(codes)


def _tagged(detail: str = "tags") -> Getter:
    """Tags that a detail finds as a list of pairs."""
    return lambda record, _: tag_map(record[detail])


def _paths(table: str, prefix: str = "") -> dict[str, Getter]:
    """ "arn=Arn name=Name": attributes that are as AWS has them."""
    pairs = (pair.split("=") for pair in table.split())
    return {name: At(f"{prefix}{path}") for name, path in pairs}


# -- queues and topics ------------------------------------------------------------------------------------------

_QUEUE: Final = DataSource(
    "aws_sqs_queue",
    Read(
        "sqs:GetQueueUrl",
        "",
        {"QueueName": At("name")},
        absent=_absent("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"),
    ),
    {
        "arn": first("attributes", "QueueArn"),
        "id": At("QueueUrl"),
        "name": argument("name"),
        "tags": merged("tags"),
        "url": At("QueueUrl"),
    },
    details={
        "attributes": Read(
            "sqs:GetQueueAttributes", "Attributes", {"QueueUrl": At("QueueUrl"), "AttributeNames": ["All"]}
        ),
        "tags": Read("sqs:ListQueueTags", "Tags", {"QueueUrl": At("QueueUrl")}),
    },
)


def _topics(found: Sequence[Record], arguments: Arguments) -> Sequence[Record]:
    return [topic for topic in found if str(topic["TopicArn"]).rsplit(":", 1)[-1] == arguments.get("name")]


_TOPIC: Final = DataSource(
    "aws_sns_topic",
    Read("sns:ListTopics", "Topics"),
    {"arn": At("TopicArn"), "id": At("TopicArn"), "name": argument("name"), "tags": _tagged()},
    _topics,
    details={"tags": Read("sns:ListTagsForResource", "Tags", {"ResourceArn": At("TopicArn")})},
)

# -- parameters -------------------------------------------------------------------------------------------------


def _decrypted(arguments: Record, _scope: Scope) -> bool:
    return bool(arguments.get("with_decryption", True))


def _open(record: Record, _scope: Scope) -> Json:
    return None if record.get("Type") == "SecureString" else record.get("Value")


_PARAMETER: Final = DataSource(
    "aws_ssm_parameter",
    Read(
        "ssm:GetParameter",
        "Parameter",
        {"Name": At("name"), "WithDecryption": _decrypted},
        absent=_absent("ParameterNotFound"),
    ),
    {
        **_paths("arn=ARN id=Name name=Name type=Type value=Value version=Version"),
        "insecure_value": _open,
        "with_decryption": argument("with_decryption", default=True),
    },
)

_PARAMETERS: Final = DataSource(
    "aws_ssm_parameters_by_path",
    Read(
        "ssm:GetParametersByPath",
        "Parameters",
        {"Path": At("path"), "Recursive": At("recursive"), "WithDecryption": _decrypted},
        page=10,
    ),
    {
        "arns": each("ARN"),
        "id": argument("path"),
        "names": each("Name"),
        "recursive": argument("recursive", default=False),
        "types": each("Type"),
        "values": each("Value"),
        "with_decryption": argument("with_decryption", default=True),
    },
    several=True,
)

# -- Route 53 ---------------------------------------------------------------------------------------------------


def _zones(found: Sequence[Record], arguments: Arguments) -> Sequence[Record]:
    """By id, else by name and kind."""
    wanted = arguments.get("zone_id")
    if wanted:
        return [zone for zone in found if _zone_id(zone["Id"]) == _zone_id(wanted)]
    name = str(arguments.get("name") or "").rstrip(".").lower()
    private = bool(arguments.get("private_zone", False))
    return [
        zone
        for zone in found
        if str(zone["Name"]).rstrip(".").lower() == name and bool(dig(zone, "Config.PrivateZone")) == private
    ]


def _zone_id(value: Any) -> str:
    return str(value).rsplit("/", 1)[-1]


def _servers(record: Record, _scope: Scope) -> Any:
    servers = dig(next(iter(record["zone"]), None), "DelegationSet.NameServers")
    return sorted(servers) if servers else UNKNOWN


def _first_server(record: Record, scope: Scope) -> Any:
    servers = _servers(record, scope)
    return servers[0] if servers is not UNKNOWN else UNKNOWN


_ZONE: Final = DataSource(
    "aws_route53_zone",
    Read("route53:ListHostedZones", "HostedZones"),
    {
        "arn": lambda r, scope: f"arn:{scope.partition}:route53:::hostedzone/{_zone_id(r['Id'])}",
        "caller_reference": At("CallerReference"),
        "comment": At("Config.Comment"),
        "id": At("Id", _zone_id),
        "name": At("Name", lambda name: str(name).rstrip(".")),
        "name_servers": _servers,
        "primary_name_server": _first_server,
        "private_zone": At("Config.PrivateZone", default=False),
        "resource_record_set_count": At("ResourceRecordSetCount"),
        "tags": _tagged(),
        "zone_id": At("Id", _zone_id),
    },
    _zones,
    details={
        "zone": Read("route53:GetHostedZone", "", {"Id": At("Id", _zone_id)}),
        "tags": Read(
            "route53:ListTagsForResource",
            "ResourceTagSet.Tags",
            {"ResourceType": "hostedzone", "ResourceId": At("Id", _zone_id)},
        ),
    },
    unable=frozenset(("tags", "vpc_id")),
)

# -- functions --------------------------------------------------------------------------------------------------


def _invoke(arn: str, scope: Scope) -> str:
    path = f"2015-03-31/functions/{arn}/invocations"
    return f"arn:{scope.partition}:apigateway:{scope.region}:lambda:path/{path}"


def _unqualified(record: Record) -> str:
    arn = str(dig(record, "Configuration.FunctionArn"))
    return ":".join(arn.split(":")[:7])


def _qualified(record: Record) -> str:
    """With the version or alias that was asked for: $LATEST where there is none."""
    asked = record["arguments"].get("qualifier")
    return f"{_unqualified(record)}:{asked or dig(record, 'Configuration.Version') or '$LATEST'}"


def _variables(found: Any) -> Json:
    return [{"variables": found["Variables"]}] if found.get("Variables") else []


def _one(**paths: str) -> Callable[[Any], Json]:
    return lambda found: [{name: dig(found, path) for name, path in paths.items()}]


def _network(found: Any) -> Json:
    if not found.get("VpcId"):
        return []
    return [
        {
            "ipv6_allowed_for_dual_stack": bool(found.get("Ipv6AllowedForDualStack")),
            "security_group_ids": names(found.get("SecurityGroupIds") or ()),
            "subnet_ids": names(found.get("SubnetIds") or ()),
            "vpc_id": found["VpcId"],
        }
    ]


_FUNCTION: Final = DataSource(
    "aws_lambda_function",
    Read(
        "lambda:GetFunction",
        "",
        {"FunctionName": At("function_name"), "Qualifier": At("qualifier")},
        absent=_absent("ResourceNotFoundException"),
    ),
    {
        "architectures": At("Configuration.Architectures"),
        "arn": lambda r, _: _unqualified(r),
        "dead_letter_config": At("Configuration.DeadLetterConfig", _one(target_arn="TargetArn"), []),
        "description": At("Configuration.Description"),
        "environment": At("Configuration.Environment", _variables, []),
        "function_name": argument("function_name"),
        "handler": At("Configuration.Handler"),
        "id": At("Configuration.FunctionName"),
        "image_uri": At("Code.ImageUri"),
        "invoke_arn": lambda r, scope: _invoke(_unqualified(r), scope),
        "kms_key_arn": At("Configuration.KMSKeyArn"),
        "last_modified": At("Configuration.LastModified"),
        "layers": At("Configuration.Layers", lambda found: [layer["Arn"] for layer in found], []),
        "memory_size": At("Configuration.MemorySize"),
        "qualified_arn": lambda r, _: _qualified(r),
        "qualified_invoke_arn": lambda r, scope: _invoke(_qualified(r), scope),
        "reserved_concurrent_executions": At("Concurrency.ReservedConcurrentExecutions", default=-1),
        "role": At("Configuration.Role"),
        "runtime": At("Configuration.Runtime"),
        "source_code_size": At("Configuration.CodeSize"),
        "tags": At("Tags", tag_map, {}),
        "timeout": At("Configuration.Timeout"),
        "tracing_config": At("Configuration.TracingConfig", _one(mode="Mode")),
        "version": At("Configuration.Version"),
        "vpc_config": At("Configuration.VpcConfig", _network, []),
    },
)

# -- storage ----------------------------------------------------------------------------------------------------

_BUCKET: Final = DataSource(
    "aws_s3_bucket",
    Read("s3:GetBucketLocation", "", {"Bucket": At("bucket")}, absent=_absent("NoSuchBucket")),
    {
        "arn": lambda r, scope: f"arn:{scope.partition}:s3:::{r['arguments']['bucket']}",
        "bucket": argument("bucket"),
        "id": argument("bucket"),
        "region": lambda r, _: _location(r),
        "bucket_domain_name": lambda r, scope: (
            f"{r['arguments']['bucket']}.s3.amazonaws.com" if scope.partition == "aws" else UNKNOWN
        ),
        "bucket_regional_domain_name": lambda r, scope: (
            f"{r['arguments']['bucket']}.s3.{_location(r)}.amazonaws.com" if scope.partition == "aws" else UNKNOWN
        ),
    },
)


def _location(record: Record) -> str:
    """S3's oldest regions have names of their own there."""
    found = record.get("LocationConstraint")
    return "us-east-1" if not found else "eu-west-1" if found == "EU" else str(found)


_TABLE: Final = DataSource(
    "aws_dynamodb_table",
    Read("dynamodb:DescribeTable", "Table", {"TableName": At("name")}, absent=_absent("ResourceNotFoundException")),
    {
        **_paths("arn=TableArn id=TableName name=TableName stream_arn=LatestStreamArn stream_label=LatestStreamLabel"),
        "attribute": At(
            "AttributeDefinitions",
            lambda found: [{"name": a["AttributeName"], "type": a["AttributeType"]} for a in found],
            [],
        ),
        "billing_mode": At("BillingModeSummary.BillingMode", default="PROVISIONED"),
        "deletion_protection_enabled": At("DeletionProtectionEnabled", default=False),
        "hash_key": lambda r, _: _key(r, "HASH"),
        "range_key": Kept(lambda r, _: _key(r, "RANGE")),
        "read_capacity": At("ProvisionedThroughput.ReadCapacityUnits"),
        "stream_enabled": At("StreamSpecification.StreamEnabled", default=False),
        "tags": _tagged(),
        "write_capacity": At("ProvisionedThroughput.WriteCapacityUnits"),
    },
    details={"tags": Read("dynamodb:ListTagsOfResource", "Tags", {"ResourceArn": At("TableArn")})},
)


def _key(record: Record, kind: str) -> Json:
    return next((key["AttributeName"] for key in record.get("KeySchema") or () if key["KeyType"] == kind), None)


# -- the rest ---------------------------------------------------------------------------------------------------


def _bare_arn(arn: Any) -> str:
    return str(arn).removesuffix(":*")


_GROUP: Final = DataSource(
    "aws_cloudwatch_log_group",
    Read("logs:DescribeLogGroups", "logGroups", {"logGroupNamePrefix": At("name")}),
    {
        "arn": At("arn", _bare_arn),
        "creation_time": At("creationTime"),
        "id": At("logGroupName"),
        "kms_key_id": At("kmsKeyId"),
        "log_group_class": At("logGroupClass"),
        "name": At("logGroupName"),
        "retention_in_days": At("retentionInDays"),
        "tags": merged("tags"),
    },
    named("logGroupName"),
    details={"tags": Read("logs:ListTagsForResource", "tags", {"resourceArn": At("arn", _bare_arn)})},
)

_BUS: Final = DataSource(
    "aws_cloudwatch_event_bus",
    Read("events:DescribeEventBus", "", {"Name": At("name")}, absent=_absent("ResourceNotFoundException")),
    {
        **_paths("arn=Arn description=Description id=Name kms_key_identifier=KmsKeyIdentifier name=Name"),
        "dead_letter_config": At("DeadLetterConfig", _one(arn="Arn"), []),
    },
)


def _active(found: Sequence[Record], _arguments: Arguments) -> Sequence[Record]:
    return [cluster for cluster in found if cluster.get("status") != "INACTIVE"]


_CLUSTER: Final = DataSource(
    "aws_ecs_cluster",
    Read(
        "ecs:DescribeClusters",
        "clusters",
        {
            "clusters": lambda arguments, _: [arguments["cluster_name"]],
            "include": ["CONFIGURATIONS", "SETTINGS", "TAGS"],
        },
        absent=_absent("ClusterNotFoundException"),
    ),
    {
        **_paths("arn=clusterArn cluster_name=clusterName id=clusterArn status=status"),
        "setting": At("settings", lambda found: [{"name": s["name"], "value": s["value"]} for s in found], []),
        "tags": tags("tags"),
    },
    _active,
)


def _encryption(found: Any) -> Json:
    return [{"encryption_type": found.get("encryptionType"), "kms_key": found.get("kmsKey") or ""}]


def _scanning(found: Any) -> Json:
    return [{"scan_on_push": boolean(found.get("scanOnPush", False))}]


_REPOSITORY: Final = DataSource(
    "aws_ecr_repository",
    Read(
        "ecr:DescribeRepositories",
        "repositories",
        {
            "registryId": At("registry_id"),
            "repositoryNames": lambda arguments, _: [arguments["name"]],
        },
        absent=_absent("RepositoryNotFoundException"),
        page=0,
    ),
    {
        **_paths("arn=repositoryArn id=repositoryName image_tag_mutability=imageTagMutability name=repositoryName"),
        **_paths("registry_id=registryId repository_url=repositoryUri"),
        "encryption_configuration": At("encryptionConfiguration", _encryption, []),
        "image_scanning_configuration": At("imageScanningConfiguration", _scanning, []),
        "tags": _tagged(),
    },
    details={"tags": Read("ecr:ListTagsForResource", "tags", {"resourceArn": At("repositoryArn")})},
)


# -- certificates -----------------------------------------------------------------------------------------------


def _certificates(found: Sequence[Record], arguments: Arguments) -> Sequence[Record]:
    """Of the domain; the newest where the block asks for that and AWS tells."""
    domain = arguments.get("domain")
    left = [one for one in found if one.get("DomainName") == domain]
    types = arguments.get("types")
    if types:
        left = [one for one in left if one.get("Type") in types]
    if not arguments.get("most_recent") or len(left) < 2:
        return left
    latest = max(str(one.get("NotBefore") or one.get("CreatedAt") or "") for one in left)
    return [one for one in left if str(one.get("NotBefore") or one.get("CreatedAt") or "") == latest]


_CERTIFICATE: Final = DataSource(
    "aws_acm_certificate",
    Read(
        "acm:ListCertificates",
        "CertificateSummaryList",
        {
            "CertificateStatuses": lambda arguments, _: sorted(arguments.get("statuses") or ["ISSUED"]),
            "Includes": lambda arguments, _: (
                {"keyTypes": sorted(arguments["key_types"])} if arguments.get("key_types") else None
            ),
        },
        page=1000,
    ),
    {
        "arn": At("CertificateArn"),
        "domain": argument("domain"),
        "id": At("CertificateArn"),
        "most_recent": argument("most_recent", default=False),
        "status": first("certificate", "Status"),
        "tags": _tagged(),
    },
    _certificates,
    details={
        "certificate": Read("acm:DescribeCertificate", "Certificate", {"CertificateArn": At("CertificateArn")}),
        "tags": Read("acm:ListTagsForCertificate", "Tags", {"CertificateArn": At("CertificateArn")}),
    },
    unable=frozenset(("tags",)),
)

DATA_SOURCES: Final = (
    _BUCKET,
    _BUS,
    _CERTIFICATE,
    _CLUSTER,
    _FUNCTION,
    _GROUP,
    _PARAMETER,
    _PARAMETERS,
    _QUEUE,
    _REPOSITORY,
    _TABLE,
    _TOPIC,
    _ZONE,
)
