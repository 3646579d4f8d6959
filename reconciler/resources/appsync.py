"""GraphQL APIs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.model import Operation
from reconciler.resources.convert import tags
from reconciler.resources.shapes import Shape, flag, getters, many, number, one, value
from reconciler.resources.shapes import write as write_shape
from reconciler.resources.spec import At, Read, ResourceType, Subject, Write
from reconciler.resources.writing import PASS_ROLE, operation, tag_object, tag_write

_FUNCTION: Final[Shape] = {
    "authorizer_result_ttl_in_seconds": number("authorizerResultTtlInSeconds", zero=True),
    "authorizer_uri": value("authorizerUri"),
    "identity_validation_expression": value("identityValidationExpression"),
}
_OPENID: Final[Shape] = {
    "auth_ttl": number("authTTL"),
    "client_id": value("clientId"),
    "iat_ttl": number("iatTTL"),
    "issuer": value("issuer"),
}
_POOL: Final[Shape] = {
    "app_id_client_regex": value("appIdClientRegex"),
    "aws_region": value("awsRegion"),
    "user_pool_id": value("userPoolId"),
}
_PROVIDERS: Final[Shape] = {
    "authentication_type": value("authenticationType"),
    "lambda_authorizer_config": one("lambdaAuthorizerConfig", _FUNCTION),
    "openid_connect_config": one("openIDConnectConfig", _OPENID),
    "user_pool_config": one("userPoolConfig", _POOL),
}
_METRICS: Final[Shape] = {
    "data_source_level_metrics_behavior": value("dataSourceLevelMetricsBehavior"),
    "operation_level_metrics_config": value("operationLevelMetricsConfig"),
    "resolver_level_metrics_behavior": value("resolverLevelMetricsBehavior"),
}
_LOG: Final[Shape] = {
    "cloudwatch_logs_role_arn": value("cloudWatchLogsRoleArn"),
    "exclude_verbose_content": flag("excludeVerboseContent"),
    "field_log_level": value("fieldLogLevel"),
}
_SETTINGS: Final[Shape] = {
    **_PROVIDERS,
    "additional_authentication_provider": many("additionalAuthenticationProviders", _PROVIDERS),
    "enhanced_metrics_config": one("enhancedMetricsConfig", _METRICS),
    "introspection_config": value("introspectionConfig"),
    "log_config": one("logConfig", _LOG),
    "merged_api_execution_role_arn": value("mergedApiExecutionRoleArn"),
    "name": value("name"),
    "query_depth_limit": number("queryDepthLimit", zero=True),
    "resolver_count_limit": number("resolverCountLimit", zero=True),
    "user_pool_config": one("userPoolConfig", {**_POOL, "default_action": value("defaultAction")}),
    "xray_enabled": flag("xrayEnabled"),
}


def _update(subject: Subject) -> Iterable[Operation]:
    """The whole of it: what is left out is taken away."""
    yield operation("appsync:UpdateGraphqlApi", {"apiId": subject.id, **write_shape(_SETTINGS, subject.after or {})})


_API: Final = ResourceType(
    name="aws_appsync_graphql_api",
    list=Read("appsync:ListGraphqlApis", "graphqlApis", page=25),
    id=At("apiId"),
    natural_keys=(("name",),),
    attributes={
        **getters(_SETTINGS),
        "api_type": At("apiType", default=""),
        "arn": At("arn"),
        "id": At("apiId"),
        "tags": tags("tags"),
        "uris": At("uris", default={}),
        "visibility": At("visibility", default=""),
    },
    # The provider sends the schema and never reads it.
    config_only=frozenset(("schema",)),
    writes=(
        Write(("appsync:UpdateGraphqlApi",), frozenset(_SETTINGS), _update, ("appsync:UpdateGraphqlApi", PASS_ROLE)),
        tag_write(
            "appsync:TagResource",
            "appsync:UntagResource",
            {"resourceArn": "arn"},
            form=tag_object,
            tags="tags",
            keys="tagKeys",
        ),
    ),
)

TYPES: Final = (_API,)
