"""What the data sources of the tests find, made with boto3."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

TAGS = [{"Key": "Name", "Value": "acme"}, {"Key": "Stage", "Value": "live"}]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
Client = Callable[[str], Any]


def make(client: Client) -> None:
    _network(client("ec2"), client("elbv2"))
    _identity(client)
    _services(client)
    _storage(client)


def _tagged(resource: str, name: str) -> list[dict[str, Any]]:
    return [{"ResourceType": resource, "Tags": [{"Key": "Name", "Value": name}, {"Key": "Stage", "Value": "live"}]}]


def _network(ec2: Any, elb: Any) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16", TagSpecifications=_tagged("vpc", "acme"))["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnets = [
        ec2.create_subnet(
            VpcId=vpc,
            CidrBlock=f"10.7.{n}.0/24",
            AvailabilityZone=f"eu-west-1{zone}",
            TagSpecifications=_tagged("subnet", f"acme-{zone}"),
        )["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    group = ec2.create_security_group(
        GroupName="acme-web", Description="Web", VpcId=vpc, TagSpecifications=_tagged("security-group", "web")
    )["GroupId"]
    gateway = ec2.create_internet_gateway(TagSpecifications=_tagged("internet-gateway", "acme"))
    gateway = gateway["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc, TagSpecifications=_tagged("route-table", "acme"))
    table = table["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[0])
    ec2.create_managed_prefix_list(
        PrefixListName="acme",
        MaxEntries=5,
        AddressFamily="IPv4",
        Entries=[{"Cidr": "10.1.0.0/16", "Description": "office"}],
        TagSpecifications=_tagged("prefix-list", "acme"),
    )
    elb.create_load_balancer(
        Name="acme", Subnets=subnets, SecurityGroups=[group], Scheme="internal", Type="application", Tags=TAGS
    )
    elb.create_target_group(Name="acme", Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip", Tags=TAGS)


def _identity(client: Client) -> None:
    iam, kms, secrets = client("iam"), client("kms"), client("secretsmanager")
    iam.create_account_alias(AccountAlias="acme-live")
    iam.create_role(
        RoleName="acme", AssumeRolePolicyDocument=json.dumps(TRUST), Description="Runs", Path="/svc/", Tags=TAGS
    )
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
    iam.create_policy(PolicyName="acme", PolicyDocument=json.dumps(document), Description="Reads", Tags=TAGS)
    iam.create_user(UserName="ada", Path="/people/", Tags=TAGS)
    key = kms.create_key(Description="Acme's", Tags=[{"TagKey": "Stage", "TagValue": "live"}])["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/acme", TargetKeyId=key)
    secrets.create_secret(Name="acme/db", Description="Database", SecretString='{"password":"s3cret"}', Tags=TAGS)


def _services(client: Client) -> None:
    client("sqs").create_queue(QueueName="acme", tags={"Stage": "live"})
    client("sns").create_topic(Name="acme", Tags=TAGS)
    ssm = client("ssm")
    ssm.put_parameter(Name="/acme/url", Value="https://acme.example", Type="String")
    ssm.put_parameter(Name="/acme/token", Value="hush", Type="SecureString")
    route53 = client("route53")
    route53.create_hosted_zone(
        Name="acme.example", CallerReference="one", HostedZoneConfig={"Comment": "Public", "PrivateZone": False}
    )
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("main.py", "def handler(event, context): pass\n")
    client("lambda").create_function(
        FunctionName="acme",
        Runtime="python3.12",
        Role="arn:aws:iam::123456789012:role/svc/acme",
        Handler="main.handler",
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": {"STAGE": "live"}},
        Tags={"Stage": "live"},
        Timeout=20,
    )
    client("events").create_event_bus(Name="acme")
    logs = client("logs")
    logs.create_log_group(logGroupName="/acme/app", tags={"Stage": "live"})
    logs.create_log_group(logGroupName="/acme/app2")
    logs.put_retention_policy(logGroupName="/acme/app", retentionInDays=30)
    client("ecs").create_cluster(clusterName="acme", tags=[{"key": "Stage", "value": "live"}])
    client("ecr").create_repository(repositoryName="acme", tags=TAGS)
    client("acm").request_certificate(DomainName="acme.example", ValidationMethod="DNS", Tags=TAGS)


def _storage(client: Client) -> None:
    client("s3").create_bucket(Bucket="acme-files", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client("dynamodb").create_table(
        TableName="acme",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=TAGS,
    )
