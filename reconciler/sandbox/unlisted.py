"""What moto makes and does not list, or tells otherwise than AWS does: mended where resources are read by it."""

from __future__ import annotations

import json
from typing import Any

# pyright: reportMissingTypeStubs=false, reportAttributeAccessIssue=false

Answer = tuple[int, dict[str, str], str]


def mend() -> None:
    """Patches moto's classes; called once, by the process that serves."""
    _apis()
    _schemas()
    _mail()
    _policies()


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
