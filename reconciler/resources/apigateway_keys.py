"""Keys of callers, and the plans that say how much they may ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.apigateway import ABSENT, GET, PATCHING, Patches, patch, tagging, update
from reconciler.resources.convert import fields, part, parts, tags
from reconciler.resources.shapes import Shape, getters, number, one, value
from reconciler.resources.spec import At, Getter, Read, Record, ResourceType, Scope, Subject, Write, dig
from reconciler.resources.writing import operation


def arn_of(kind: str, key: str = "id") -> Getter:
    """arn:aws:apigateway:eu-west-1::/apikeys/abc"""
    return lambda record, scope: f"arn:{scope.partition}:apigateway:{scope.region}::/{kind}/{record[key]}"


# -- keys -----------------------------------------------------------------------------------------------------

_KEY: Final = ResourceType(
    name="aws_api_gateway_api_key",
    list=Read("apigateway:GetApiKeys", "items", {"includeValues": True}, page=500, action=GET),
    id=At("id"),
    natural_keys=(("name",),),
    attributes={
        "arn": arn_of("apikeys"),
        "created_date": At("createdDate"),
        "customer_id": At("customerId", default=""),
        "description": At("description", default=""),
        "enabled": At("enabled", default=False),
        "id": At("id"),
        "last_updated_date": At("lastUpdatedDate"),
        "name": At("name"),
        "tags": tags("tags"),
        "value": At("value", default=""),
    },
    moving=frozenset(("last_updated_date",)),
    writes=(
        update(
            "apigateway:UpdateApiKey",
            {"apiKey": "id"},
            {"customer_id": "/customerId", "description": "/description", "enabled": "/enabled", "name": "/name"},
        ),
        tagging(),
    ),
)

# -- plans ----------------------------------------------------------------------------------------------------

_LIMITS: Final[Shape] = {
    "burst_limit": number("burstLimit", zero=True),
    "rate_limit": number("rateLimit", zero=True),
}
_QUOTA: Final[Shape] = {
    "limit": number("limit", zero=True),
    "offset": number("offset", zero=True),
    "period": value("period"),
}
_PLAN: Final[Shape] = {
    "description": value("description"),
    "name": value("name"),
    "product_code": value("productCode"),
    "quota_settings": one("quota", _QUOTA),
    "throttle_settings": one("throttle", _LIMITS),
}
_LIMIT: Final = fields(burst_limit=At("burstLimit", default=0), rate_limit=At("rateLimit", default=0))


def _stages(found: Any) -> Json:
    return [
        {
            "api_id": stage.get("apiId"),
            "stage": stage.get("stage"),
            "throttle": [{"path": path, **_LIMIT(limit)} for path, limit in sorted(part(stage, "throttle").items())],
        }
        for stage in found
    ]


def _by_stage(side: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """ "api:stage" -> limits by path."""
    return {
        f"{stage['api_id']}:{stage['stage']}": {limit["path"]: limit for limit in stage.get("throttle") or ()}
        for stage in parts(dict(side), "api_stages")
    }


def _set_stages(subject: Subject) -> Iterable[Operation]:
    before, after = (_by_stage(side or {}) for side in (subject.before, subject.after))
    patches: Patches = [patch("remove", "/apiStages", name) for name in sorted(before) if name not in after]
    for name in sorted(after):
        known = before.get(name)
        if known is None:
            patches.append(patch("add", "/apiStages", name))
        for path, limit in sorted(after[name].items()):
            if (known or {}).get(path) != limit:
                at = f"/apiStages/{name}/throttle/{path}"
                keys = (("burst_limit", "burstLimit"), ("rate_limit", "rateLimit"))
                patches += [patch("replace", f"{at}/{key}", limit.get(own) or 0) for own, key in keys]
        gone = sorted((known or {}).keys() - after[name].keys())
        patches += [patch("remove", f"/apiStages/{name}/throttle/{path}") for path in gone]
    if patches:
        yield operation("apigateway:UpdateUsagePlan", {"usagePlanId": subject.id, "patchOperations": patches})


def _set_block(attribute: str, path: str, shape: Shape) -> Write:
    """As a whole: what is wanted, or none."""

    def build(subject: Subject) -> Iterable[Operation]:
        wanted = parts(dict(subject.after or {}), attribute)
        there = parts(dict(subject.before or {}), attribute)
        patches: Patches = [] if wanted else [patch("remove", path)]
        for block in wanted:
            op = "replace" if there else "add"
            patches = [patch(op, f"{path}/{shape[name].key}", block.get(name) or 0) for name in sorted(shape)]
        yield operation("apigateway:UpdateUsagePlan", {"usagePlanId": subject.id, "patchOperations": patches})

    return Write(("apigateway:UpdateUsagePlan",), frozenset((attribute,)), build, PATCHING)


_PLANS: Final = Read("apigateway:GetUsagePlans", "items", page=500, action=GET)

_USAGE_PLAN: Final = ResourceType(
    name="aws_api_gateway_usage_plan",
    list=_PLANS,
    id=At("id"),
    natural_keys=(("name",),),
    attributes={
        **getters(_PLAN),
        "api_stages": At("apiStages", _stages, []),
        "arn": arn_of("usageplans"),
        "id": At("id"),
        "tags": tags("tags"),
    },
    writes=(
        update(
            "apigateway:UpdateUsagePlan",
            {"usagePlanId": "id"},
            {"description": "/description", "name": "/name", "product_code": "/productCode"},
        ),
        Write(("apigateway:UpdateUsagePlan",), frozenset(("api_stages",)), _set_stages, PATCHING),
        _set_block("quota_settings", "/quota", _QUOTA),
        _set_block("throttle_settings", "/throttle", _LIMITS),
        tagging(),
    ),
)

# -- keys of plans --------------------------------------------------------------------------------------------


def _member_id(record: Record, _scope: Scope) -> str:
    return f"{dig(record, 'parent.id')}/{record['id']}"


def _add(subject: Subject) -> Iterable[Operation]:
    known = subject.known
    given: dict[str, Json] = {"usagePlanId": known["usage_plan_id"], "keyId": known["key_id"]}
    yield operation("apigateway:CreateUsagePlanKey", {**given, "keyType": known.get("key_type") or "API_KEY"})


def _remove(subject: Subject) -> Iterable[Operation]:
    known = subject.known
    given: dict[str, Json] = {"usagePlanId": known["usage_plan_id"], "keyId": known["key_id"]}
    yield operation("apigateway:DeleteUsagePlanKey", given)


_PLAN_KEY: Final = ResourceType(
    name="aws_api_gateway_usage_plan_key",
    list=Read(
        "apigateway:GetUsagePlanKeys",
        "items",
        {"usagePlanId": At("id")},
        under=_PLANS,
        hides={"usage_plan_id": At("id")},
        absent=ABSENT,
        page=500,
        action=GET,
    ),
    # The state's id is the key's alone, which may belong to several plans.
    id=_member_id,
    id_from_live=False,
    import_id=_member_id,
    natural_keys=(("usage_plan_id", "key_id"),),
    attributes={
        "id": At("id"),
        "key_id": At("id"),
        "key_type": At("type", default="API_KEY"),
        "name": At("name", default=""),
        "usage_plan_id": At("parent.id"),
    },
    # A secret, which the provider's schema does not call one; the key itself is compared.
    unchecked=frozenset(("value",)),
    create=Write(("apigateway:CreateUsagePlanKey",), frozenset(), _add, ("apigateway:POST",)),
    delete=Write(("apigateway:DeleteUsagePlanKey",), frozenset(), _remove, ("apigateway:DELETE",)),
)

TYPES: Final = (_KEY, _USAGE_PLAN, _PLAN_KEY)
