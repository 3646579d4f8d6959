"""What moto makes and does not list, or tells otherwise than AWS does: mended where resources are read by it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

# pyright: reportMissingTypeStubs=false, reportAttributeAccessIssue=false, reportPrivateUsage=false

Answer = tuple[int, dict[str, str], str]


def mend() -> None:
    """Patches moto's classes; called once, by the process that serves."""
    _apis()
    _schemas()
    _mail()
    _policies()
    _clusters()


def _apis() -> None:
    """Models and responses of routes are made and not listed; a domain name never gets ready."""
    from moto.apigatewayv2.models import DomainName
    from moto.apigatewayv2.responses import ApiGatewayV2Response

    def get_models(self: Any) -> Answer:
        api = self.apigatewayv2_backend.get_api(self.path.split("/")[-2])
        return 200, {}, json.dumps({"items": [model.to_json() for model in api.models.values()]})

    def get_route_responses(self: Any) -> Answer:
        steps = self.path.split("/")
        route = self.apigatewayv2_backend.get_api(steps[-4]).get_route(steps[-2])
        return 200, {}, json.dumps({"items": [found.to_json() for found in route.route_responses.values()]})

    plain = DomainName.to_json

    def to_json(self: Any) -> dict[str, Any]:
        told = plain(self)
        ready = [{**found, "domainNameStatus": "AVAILABLE"} for found in told["domainNameConfigurations"] or ()]
        return {
            **told,
            "domainNameConfigurations": ready,
            "mutualTlsAuthentication": told["mutualTlsAuthentication"] or None,
        }

    ApiGatewayV2Response.get_models = get_models
    ApiGatewayV2Response.get_route_responses = get_route_responses
    DomainName.to_json = to_json


def _schemas() -> None:
    """Schemas are made and not listed."""
    from moto.core.responses import ActionResult
    from moto.glue.responses import GlueResponse

    def list_schemas(self: Any) -> ActionResult:
        schemas = [
            schema.as_dict()
            for registry in self.glue_backend.registries.values()
            for schema in registry.schemas.values()
        ]
        return ActionResult({"Schemas": schemas})

    GlueResponse.list_schemas = list_schemas


def _mail() -> None:
    """Whether mail is sent at all is told inside of itself."""
    from moto.ses.models import ConfigurationSet

    plain = ConfigurationSet.to_dict_v2

    def to_dict_v2(self: Any) -> dict[str, Any]:
        sending: Any = self.enabled
        if not isinstance(sending, dict):
            sending = {"SendingEnabled": bool(sending)}
        return {**plain(self), "SendingOptions": sending}

    ConfigurationSet.to_dict_v2 = to_dict_v2


def _policies() -> None:
    """API Gateway escapes an API's policy once more than others do."""
    from moto.apigateway.models import RestAPI

    plain = RestAPI.to_dict

    def to_dict(self: Any) -> dict[str, Any]:
        told = plain(self)
        policy = told.get("policy")
        escaped = json.dumps(policy)[1:-1] if isinstance(policy, str) and policy else policy
        return {**told, "policy": escaped}

    RestAPI.to_dict = to_dict


def _clusters() -> None:
    """Kafka clusters never get ready, lack their names in their ARNs, and tell neither all they have nor their brokers.

    What is left out by who made a cluster, moto tells as "string" or an empty object; AWS does not tell it.
    """
    from moto.kafka.exceptions import NotFoundException
    from moto.kafka.models import FakeKafkaCluster, KafkaBackend
    from moto.kafka.responses import KafkaResponse

    make, describe, describe_v2 = (
        FakeKafkaCluster.__init__,
        KafkaBackend.describe_cluster,
        KafkaBackend.describe_cluster_v2,
    )
    create_v2 = KafkaBackend.create_cluster_v2

    def made(self: Any, *args: Any, **given: Any) -> None:
        make(self, *args, **{**given, "state": "ACTIVE"})

    def arn(self: Any) -> str:
        return (
            f"arn:aws:kafka:{self.region_name}:{self.account_id}:cluster/{self.cluster_name}/"
            f"{self.cluster_id}-{1 if self.cluster_type == 'PROVISIONED' else 's1'}"
        )

    def told(self: Any, cluster_arn: str) -> dict[str, Any]:
        if cluster_arn not in self.clusters:
            raise NotFoundException("The cluster does not exist.")
        return _told(describe(self, cluster_arn), self.clusters[cluster_arn])

    def told_v2(self: Any, cluster_arn: str) -> dict[str, Any]:
        if cluster_arn not in self.clusters:
            raise NotFoundException("The cluster does not exist.")
        found = describe_v2(self, cluster_arn)
        if "provisioned" in found:
            found["provisioned"] = _told(found["provisioned"], self.clusters[cluster_arn])
        return found

    def policy(self: Any, cluster_arn: str) -> tuple[str, str]:
        if cluster_arn not in self.policies:
            raise NotFoundException("The cluster has no policy.")
        return self.policies[cluster_arn]["policy"], self.policies[cluster_arn]["current_version"]

    def created_v2(self: Any, **given: Any) -> Any:
        answer = create_v2(self, **given)
        provisioned: dict[str, Any] = given.get("provisioned") or {}
        for name, member in _CLUSTER_SETTINGS.items():
            if provisioned.get(member) is not None:
                setattr(self.clusters[answer[0]], name, provisioned[member])
        return answer

    def brokers(self: Any) -> str:
        arn = unquote(self.parsed_url.path.split("/clusters/")[-1].removesuffix("/bootstrap-brokers"))
        name = self.kafka_backend.describe_cluster_v2(arn)["clusterName"]
        return json.dumps(
            {
                "bootstrapBrokerStringTls": f"b-2.{name}.kafka.test:9094,b-1.{name}.kafka.test:9094",
                "bootstrapBrokerStringSaslIam": f"b-2.{name}.kafka.test:9098,b-1.{name}.kafka.test:9098",
            }
        )

    FakeKafkaCluster.__init__ = made
    FakeKafkaCluster._generate_arn = arn
    KafkaBackend.describe_cluster = told
    KafkaBackend.describe_cluster_v2 = told_v2
    KafkaBackend.create_cluster_v2 = created_v2
    KafkaBackend.get_cluster_policy = policy
    KafkaResponse.get_bootstrap_brokers = brokers


_CLUSTER_SETTINGS = {
    "client_authentication": "clientAuthentication",
    "configuration_info": "configurationInfo",
    "encryption_info": "encryptionInfo",
    "enhanced_monitoring": "enhancedMonitoring",
    "logging_info": "loggingInfo",
    "open_monitoring": "openMonitoring",
}
"""What a cluster is made of, by moto's name and AWS's: moto's newer way to make one forgets it."""


def _told(found: dict[str, Any], cluster: Any) -> dict[str, Any]:
    software = {"kafkaVersion": cluster.kafka_version}
    if cluster.configuration_info:
        software["configurationArn"] = cluster.configuration_info["arn"]
        software["configurationRevision"] = cluster.configuration_info["revision"]
    kept = {name: value for name, value in found.items() if value not in ({}, None)}
    return {**kept, "currentBrokerSoftwareInfo": software}
