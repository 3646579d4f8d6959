"""Estates of any size: the code, what boto3 creates for it, and the ids that Terraform's state starts from.

Creating thousands of resources with Terraform takes an hour (a queue alone waits 25 s). So each group is created over
boto3, and the state names every resource with no more than its id; one `terraform apply -refresh-only` fills it in.
"""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from reconciler import schema
from tests.support.agreement import PROVIDER, REGION

Client = Callable[[str], Any]
Made = tuple[str, dict[str, Any]]
"""A resource type and the attributes that its state starts from."""

ACCOUNT: Final = "123456789012"
TAGS: Final = {"Owner": "bench", "Stage": "test"}
_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}],
}
_ALLOW: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}],
}


@dataclass(frozen=True, slots=True)
class Group:
    """Resources that belong together. `code` is a template: COUNT is how many, name(KIND) the name of one.

    `make` creates number `name` and tells what the state needs; `shared` creates what all of them use, once, and its
    attributes are those of the resource `shared` in the code. `service` is what AWS's signature calls it.
    """

    name: str
    service: str
    code: str
    make: Callable[[Client, str, Mapping[str, Any]], Iterable[Made]]
    shared: Callable[[Client], tuple[Made, Mapping[str, Any]]] | None = None

    def seed(self, client: Client, count: int) -> list[dict[str, Any]]:
        """Creates `count` of each; their resources as a state file has them."""
        context: Mapping[str, Any] = {}
        found: list[dict[str, Any]] = []
        if self.shared:
            (type_name, attributes), context = self.shared(client)
            found.append(_in_state(type_name, "shared", [_instance(type_name, attributes)]))
        names = [f"bench-{number:05d}" for number in range(count)]
        with ThreadPoolExecutor(4) as pool:  # the endpoint takes one call at a time
            made = list(pool.map(lambda name: list(self.make(client, name, context)), names))
        for kind in range(len(made[0]) if made else 0):
            type_name = made[0][kind][0]
            instances = [_instance(type_name, one[kind][1], number) for number, one in enumerate(made)]
            found.append(_in_state(type_name, "bench", instances))
        return found


def _instance(type_name: str, attributes: Mapping[str, Any], key: int | None = None) -> dict[str, Any]:
    known = schema.resource(type_name)
    assert known is not None, type_name
    index: dict[str, Any] = {} if key is None else {"index_key": key}
    return {**index, "schema_version": known.version, "attributes": dict(attributes)}


def _in_state(type_name: str, name: str, instances: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    provider = 'provider["registry.terraform.io/hashicorp/aws"]'
    return {"mode": "managed", "type": type_name, "name": name, "provider": provider, "instances": list(instances)}


def state(resources: Sequence[Mapping[str, Any]]) -> str:
    document = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": str(uuid.uuid4())}
    return json.dumps({**document, "outputs": {}, "resources": list(resources)})


def code(sizes: Iterable[tuple[Group, int]]) -> str:
    return PROVIDER + "".join(group.code.replace("COUNT", str(count)) for group, count in sizes)


# -- the groups -----------------------------------------------------------------------------------------------

_TAGS_CODE = '  tags  = { Owner = "bench", Stage = "test" }\n'
_NAME = '"${format("bench-%05d", count.index)}"'


def _code(text: str) -> str:
    return text.replace("NAME", _NAME).replace("  TAGS\n", _TAGS_CODE).replace("TRUST", _json(_TRUST)).replace(
        "ALLOW", _json(_ALLOW)
    )  # fmt: skip


def _json(value: Any) -> str:
    return f"jsonencode({json.dumps(value)})"


def _pairs(key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    return [{key: k, value: v} for k, v in TAGS.items()]


def _security_group(client: Client, name: str, _: Mapping[str, Any]) -> Iterator[Made]:
    ec2 = client("ec2")
    tags = [{"ResourceType": "security-group", "Tags": _pairs()}]
    made = ec2.create_security_group(GroupName=name, Description="bench", TagSpecifications=tags)["GroupId"]
    web = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[web])
    yield "aws_security_group", {"id": made}


def _queue(client: Client, name: str, _: Mapping[str, Any]) -> Iterator[Made]:
    attributes = {"VisibilityTimeout": "60", "MaximumMessageSize": "262144"}
    made = client("sqs").create_queue(QueueName=name, Attributes=attributes, tags=TAGS)
    yield "aws_sqs_queue", {"id": made["QueueUrl"]}


def _policy(client: Client) -> tuple[Made, Mapping[str, Any]]:
    made = client("iam").create_policy(PolicyName="bench-shared", PolicyDocument=json.dumps(_ALLOW))
    arn = made["Policy"]["Arn"]
    return ("aws_iam_policy", {"id": arn}), {"arn": arn}


def _role(client: Client, name: str, shared: Mapping[str, Any]) -> Iterator[Made]:
    iam = client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(_TRUST), Tags=_pairs())
    iam.put_role_policy(RoleName=name, PolicyName="send", PolicyDocument=json.dumps(_ALLOW))
    iam.attach_role_policy(RoleName=name, PolicyArn=shared["arn"])
    yield "aws_iam_role", {"id": name}
    yield "aws_iam_role_policy", {"id": f"{name}:send"}
    yield "aws_iam_role_policy_attachment", {"id": f"{name}-1", "role": name, "policy_arn": shared["arn"]}


def _topic(client: Client, name: str, _: Mapping[str, Any]) -> Iterator[Made]:
    sns = client("sns")
    topic = sns.create_topic(Name=name, Tags=_pairs())["TopicArn"]
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    made = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, ReturnSubscriptionArn=True)
    yield "aws_sns_topic", {"id": topic}
    yield "aws_sns_topic_subscription", {"id": made["SubscriptionArn"]}


def _lambda_role(client: Client) -> tuple[Made, Mapping[str, Any]]:
    made = client("iam").create_role(RoleName="bench-lambda", AssumeRolePolicyDocument=json.dumps(_TRUST))
    return ("aws_iam_role", {"id": "bench-lambda"}), {"arn": made["Role"]["Arn"]}


def _archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("main.py", "def handler(event, context): pass\n")
    return buffer.getvalue()


def _function(client: Client, name: str, shared: Mapping[str, Any]) -> Iterator[Made]:
    lambda_ = client("lambda")
    made = lambda_.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=shared["arn"],
        Handler="main.handler",
        Code={"ZipFile": _archive()},
        Tags=TAGS,
    )
    source = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"
    lambda_.add_permission(
        FunctionName=name,
        StatementId="events",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=source,
    )
    yield "aws_lambda_function", {"id": name, "function_name": name, "arn": made["FunctionArn"]}
    yield "aws_lambda_permission", {"id": "events", "statement_id": "events", "function_name": name}


def _table(client: Client, name: str, _: Mapping[str, Any]) -> Iterator[Made]:
    client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=_pairs(),
    )
    yield "aws_dynamodb_table", {"id": name}


def _rule(client: Client, name: str, _: Mapping[str, Any]) -> Iterator[Made]:
    events = client("events")
    events.put_rule(Name=name, EventPattern='{"source":["bench"]}', Tags=_pairs())
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": queue}])
    yield "aws_cloudwatch_event_rule", {"id": name, "name": name, "event_bus_name": "default"}
    target = {"id": f"{name}-queue", "rule": name, "target_id": "queue", "event_bus_name": "default"}
    yield "aws_cloudwatch_event_target", {**target, "arn": queue}


def _log_group(client: Client, name: str, _: Mapping[str, Any]) -> Iterator[Made]:
    logs = client("logs")
    logs.create_log_group(logGroupName=name, tags=TAGS)
    logs.put_retention_policy(logGroupName=name, retentionInDays=30)
    yield "aws_cloudwatch_log_group", {"id": name}


def _alarm(client: Client, name: str, _: Mapping[str, Any]) -> Iterator[Made]:
    client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/SQS",
        MetricName="ApproximateAgeOfOldestMessage",
        Dimensions=[{"Name": "QueueName", "Value": name}],
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=300,
        ComparisonOperator="GreaterThanThreshold",
        Tags=_pairs(),
    )
    yield "aws_cloudwatch_metric_alarm", {"id": name}


def _bucket(client: Client, name: str, _: Mapping[str, Any]) -> Iterator[Made]:
    s3 = client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": _pairs()})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    sides = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(sides, True))
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    parts = ("versioning", "public_access_block", "server_side_encryption_configuration")
    for type_name in ("aws_s3_bucket", *(f"aws_s3_bucket_{part}" for part in parts)):
        yield type_name, {"id": name, "bucket": name}


def _key(client: Client, name: str, _: Mapping[str, Any]) -> Iterator[Made]:
    kms = client("kms")
    made = kms.create_key(Description=name, KeyUsage="ENCRYPT_DECRYPT", Tags=_pairs("TagKey", "TagValue"))[
        "KeyMetadata"
    ]["KeyId"]
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=made)
    yield "aws_kms_key", {"id": made}
    yield "aws_kms_alias", {"id": f"alias/{name}"}


def _parameter(client: Client, name: str, _: Mapping[str, Any]) -> Iterator[Made]:
    client("ssm").put_parameter(Name=f"/bench/{name}", Value="on", Type="String", Tags=_pairs())
    yield "aws_ssm_parameter", {"id": f"/bench/{name}"}


def _secret(client: Client, name: str, _: Mapping[str, Any]) -> Iterator[Made]:
    made = client("secretsmanager").create_secret(Name=name, Tags=_pairs())
    yield "aws_secretsmanager_secret", {"id": made["ARN"]}


def _zone(client: Client) -> tuple[Made, Mapping[str, Any]]:
    comment = {"Comment": "Managed by Terraform"}
    made = client("route53").create_hosted_zone(Name="bench.example", CallerReference="bench", HostedZoneConfig=comment)
    zone = made["HostedZone"]["Id"].rsplit("/", 1)[-1]
    return ("aws_route53_zone", {"id": zone}), {"zone": zone}


def _record(client: Client, name: str, shared: Mapping[str, Any]) -> Iterator[Made]:
    zone = shared["zone"]
    record = {"Name": f"{name}.bench.example", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "10.0.0.1"}]}
    batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
    made = {"id": f"{zone}_{record['Name']}_A", "zone_id": zone, "name": record["Name"], "type": "A"}
    yield "aws_route53_record", made


GROUPS: Final[Mapping[str, Group]] = {
    group.name: group
    for group in (
        Group(
            "security group",
            "ec2",
            _code("""
resource "aws_security_group" "bench" {
  count       = COUNT
  name        = NAME
  description = "bench"
  ingress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["10.0.0.0/8"]
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
  TAGS
}
"""),
            _security_group,
        ),
        Group(
            "queue",
            "sqs",
            _code("""
resource "aws_sqs_queue" "bench" {
  count                      = COUNT
  name                       = NAME
  visibility_timeout_seconds = 60
  TAGS
}
"""),
            _queue,
        ),
        Group(
            "role, policy, attachment",
            "iam",
            _code("""
resource "aws_iam_policy" "shared" {
  name   = "bench-shared"
  policy = ALLOW
}

resource "aws_iam_role" "bench" {
  count              = COUNT
  name               = NAME
  assume_role_policy = TRUST
  TAGS
}

resource "aws_iam_role_policy" "bench" {
  count  = COUNT
  name   = "send"
  role   = aws_iam_role.bench[count.index].name
  policy = ALLOW
}

resource "aws_iam_role_policy_attachment" "bench" {
  count      = COUNT
  role       = aws_iam_role.bench[count.index].name
  policy_arn = aws_iam_policy.shared.arn
}
"""),
            _role,
            _policy,
        ),
        Group(
            "topic, subscription",
            "sns",
            _code(f"""
resource "aws_sns_topic" "bench" {{
  count = COUNT
  name  = NAME
  TAGS
}}

resource "aws_sns_topic_subscription" "bench" {{
  count     = COUNT
  topic_arn = aws_sns_topic.bench[count.index].arn
  protocol  = "sqs"
  endpoint  = "arn:aws:sqs:{REGION}:{ACCOUNT}:${{format("bench-%05d", count.index)}}"
}}
"""),
            _topic,
        ),
        Group(
            "function, permission",
            "lambda",
            _code(f"""
resource "aws_iam_role" "shared" {{
  name               = "bench-lambda"
  assume_role_policy = TRUST
}}

resource "aws_lambda_function" "bench" {{
  count         = COUNT
  function_name = NAME
  role          = aws_iam_role.shared.arn
  runtime       = "python3.12"
  handler       = "main.handler"
  filename      = "function.zip"
  TAGS
}}

resource "aws_lambda_permission" "bench" {{
  count         = COUNT
  statement_id  = "events"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.bench[count.index].function_name
  principal     = "events.amazonaws.com"
  source_arn    = "arn:aws:events:{REGION}:{ACCOUNT}:rule/${{format("bench-%05d", count.index)}}"
}}
"""),
            _function,
            _lambda_role,
        ),
        Group(
            "table",
            "dynamodb",
            _code("""
resource "aws_dynamodb_table" "bench" {
  count        = COUNT
  name         = NAME
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  TAGS
}
"""),
            _table,
        ),
        Group(
            "event rule, target",
            "events",
            _code(f"""
resource "aws_cloudwatch_event_rule" "bench" {{
  count         = COUNT
  name          = NAME
  event_pattern = jsonencode({{ source = ["bench"] }})
  TAGS
}}

resource "aws_cloudwatch_event_target" "bench" {{
  count     = COUNT
  rule      = aws_cloudwatch_event_rule.bench[count.index].name
  target_id = "queue"
  arn       = "arn:aws:sqs:{REGION}:{ACCOUNT}:${{format("bench-%05d", count.index)}}"
}}
"""),
            _rule,
        ),
        Group(
            "log group",
            "logs",
            _code("""
resource "aws_cloudwatch_log_group" "bench" {
  count             = COUNT
  name              = NAME
  retention_in_days = 30
  TAGS
}
"""),
            _log_group,
        ),
        Group(
            "alarm",
            "monitoring",
            _code("""
resource "aws_cloudwatch_metric_alarm" "bench" {
  count               = COUNT
  alarm_name          = NAME
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = NAME }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 300
  comparison_operator = "GreaterThanThreshold"
  TAGS
}
"""),
            _alarm,
        ),
        Group(
            "bucket with three parts",
            "s3",
            _code("""
resource "aws_s3_bucket" "bench" {
  count  = COUNT
  bucket = NAME
  TAGS
}

resource "aws_s3_bucket_versioning" "bench" {
  count  = COUNT
  bucket = aws_s3_bucket.bench[count.index].id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "bench" {
  count                   = COUNT
  bucket                  = aws_s3_bucket.bench[count.index].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "bench" {
  count  = COUNT
  bucket = aws_s3_bucket.bench[count.index].id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}
"""),
            _bucket,
        ),
        Group(
            "key, alias",
            "kms",
            _code("""
resource "aws_kms_key" "bench" {
  count       = COUNT
  description = NAME
  TAGS
}

resource "aws_kms_alias" "bench" {
  count         = COUNT
  name          = "alias/${format("bench-%05d", count.index)}"
  target_key_id = aws_kms_key.bench[count.index].key_id
}
"""),
            _key,
        ),
        Group(
            "parameter",
            "ssm",
            _code("""
resource "aws_ssm_parameter" "bench" {
  count = COUNT
  name  = "/bench/${format("bench-%05d", count.index)}"
  type  = "String"
  value = "on"
  TAGS
}
"""),
            _parameter,
        ),
        Group(
            "secret",
            "secretsmanager",
            _code("""
resource "aws_secretsmanager_secret" "bench" {
  count = COUNT
  name  = NAME
  TAGS
}
"""),
            _secret,
        ),
        Group(
            "DNS record",
            "route53",
            _code("""
resource "aws_route53_zone" "shared" {
  name = "bench.example"
}

resource "aws_route53_record" "bench" {
  count   = COUNT
  zone_id = aws_route53_zone.shared.zone_id
  name    = "${format("bench-%05d", count.index)}.bench.example"
  type    = "A"
  ttl     = 60
  records = ["10.0.0.1"]
}
"""),
            _record,
            _zone,
        ),
    )
}
