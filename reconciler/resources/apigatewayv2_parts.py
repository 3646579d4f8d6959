"""What HTTP and WebSocket APIs have beside their routes: models, responses, links into networks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.model import Json, Operation
from reconciler.resources.apigatewayv2 import READ, WRITING, api_id, tagging, under_api, update
from reconciler.resources.convert import document, names, tags
from reconciler.resources.shapes import Shape, getters, mapping, value
from reconciler.resources.shapes import write as write_shape
from reconciler.resources.spec import At, Getter, Read, Record, ResourceType, Scope, Semantics, Subject, Write, dig
from reconciler.resources.writing import operation, stuck_in

_GONE: Final = frozenset(("NotFoundException",))

# -- models ---------------------------------------------------------------------------------------------------

_MODEL: Final[Shape] = {
    "content_type": value("ContentType"),
    "description": value("Description", cleared=""),
    "name": value("Name"),
    "schema": value("Schema"),
}

_MODEL_TYPE: Final = ResourceType(
    name="aws_apigatewayv2_model",
    list=under_api("Models"),
    id=At("ModelId"),
    natural_keys=(("api_id", "name"),),
    import_id=lambda record, _: f"{dig(record, 'parent.ApiId')}/{record['ModelId']}",
    attributes={
        **getters(_MODEL),
        "api_id": api_id,
        "id": At("ModelId"),
        "schema": At("Schema", document, ""),
    },
    semantics={"schema": Semantics.JSON},
    writes=(update("apigatewayv2:UpdateModel", "ModelId", _MODEL),),
)

# -- responses of integrations and routes -----------------------------------------------------------------------


def _websocket(record: Record, _scope: Scope) -> bool:
    """HTTP APIs have none."""
    return dig(record, "parent.ProtocolType") == "WEBSOCKET"


def _responses(kind: str) -> Read:
    """Of each integration, of each route: one call."""
    return Read(
        f"apigatewayv2:Get{kind}Responses",
        "Items",
        {"ApiId": At("parent.ApiId"), f"{kind}Id": At(f"{kind}Id")},
        under=under_api(f"{kind}s"),
        hides={"api_id": At("parent.ApiId"), f"{kind.lower()}_id": At(f"{kind}Id")},
        when=_websocket,
        absent=_GONE,
        page=0,
        action=READ,
    )


def _update_response(kind: str, shape: Shape) -> Write:
    name = f"apigatewayv2:Update{kind}Response"

    def build(subject: Subject) -> Iterable[Operation]:
        known = subject.known
        named: dict[str, Json] = {"ApiId": known["api_id"], f"{kind}Id": known[f"{kind.lower()}_id"]}
        changed = {attribute: field for attribute, field in shape.items() if attribute in subject.changed}
        given = write_shape(changed, subject.after or {})
        if given:
            yield operation(name, {**named, f"{kind}ResponseId": subject.id, **given})

    return Write((name,), frozenset(shape), build, WRITING, stuck_in(shape))


def _response_type(kind: str, key: str, shape: Shape) -> ResourceType:
    own = f"{kind}ResponseId"
    word = kind.lower()

    def place(record: Record, _scope: Scope) -> str:
        steps = ("parent.parent.ApiId", f"parent.{kind}Id", own)
        return "/".join(str(dig(record, step)) for step in steps)

    parent: Getter = At(f"parent.{kind}Id")
    return ResourceType(
        name=f"aws_apigatewayv2_{word}_response",
        list=_responses(kind),
        id=At(own),
        natural_keys=(("api_id", f"{word}_id", key),),
        import_id=place,
        attributes={**getters(shape), "api_id": At("parent.parent.ApiId"), "id": At(own), f"{word}_id": parent},
        writes=(_update_response(kind, shape),),
    )


_INTEGRATION_RESPONSE: Final = _response_type(
    "Integration",
    "integration_response_key",
    {
        "content_handling_strategy": value("ContentHandlingStrategy"),
        "integration_response_key": value("IntegrationResponseKey"),
        "response_templates": mapping("ResponseTemplates", cleared={}),
        "template_selection_expression": value("TemplateSelectionExpression", cleared=""),
    },
)
_ROUTE_RESPONSE: Final = _response_type(
    "Route",
    "route_response_key",
    {
        "model_selection_expression": value("ModelSelectionExpression", cleared=""),
        "response_models": mapping("ResponseModels", cleared={}),
        "route_response_key": value("RouteResponseKey"),
    },
)

# -- links into networks --------------------------------------------------------------------------------------


def _link_arn(record: Record, scope: Scope) -> str:
    return f"arn:{scope.partition}:apigateway:{scope.region}::/vpclinks/{record['VpcLinkId']}"


def _rename(subject: Subject) -> Iterable[Operation]:
    yield operation("apigatewayv2:UpdateVpcLink", {"VpcLinkId": subject.id, "Name": subject.known["name"]})


_LINK: Final = ResourceType(
    name="aws_apigatewayv2_vpc_link",
    list=Read("apigatewayv2:GetVpcLinks", "Items", page=0, action=READ),
    id=At("VpcLinkId"),
    natural_keys=(("name",),),
    attributes={
        "arn": _link_arn,
        "id": At("VpcLinkId"),
        "name": At("Name"),
        "security_group_ids": At("SecurityGroupIds", names, []),
        "subnet_ids": At("SubnetIds", names, []),
        "tags": tags(),
    },
    writes=(Write(("apigatewayv2:UpdateVpcLink",), frozenset(("name",)), _rename, WRITING), tagging()),
)

TYPES: Final = (_MODEL_TYPE, _INTEGRATION_RESPONSE, _ROUTE_RESPONSE, _LINK)
