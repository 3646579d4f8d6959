"""What is known to be otherwise, each with the reason. What is listed here and no longer needed fails the oracle.

Names are "type.attribute". The estates are those of `estates.LAYOUTS`; without a list of them a line is for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ESTATES: Final = ("golden", "apart", "wide", "demo")


@dataclass(frozen=True, slots=True)
class Listed:
    """`sometimes`: chance (of order, or time) decides whether it is needed, so that nothing follows if it is not.

    `modes`: by what a scan may know the resources when it is needed.
    """

    reason: str
    estates: tuple[str, ...] = ESTATES
    sometimes: bool = False
    modes: tuple[str, ...] = ("state", "nothing", "baseline")


GOLDEN: Final = ("golden",)

_NO_ACCOUNT: Final = Listed("the provider leaves the account out: skip_requesting_account_id", ("wide",))

_KEPT_TAGS: Final = "the provider leaves tags as they were in the state when the last one is gone (not tags_all)"

# Where Terraform's refreshed state of an untouched estate and our reading are not the same.
DISPUTED: Final[Mapping[str, Listed]] = {
    "aws_api_gateway_rest_api.execution_arn": _NO_ACCOUNT,
    "aws_db_parameter_group.parameter": Listed(
        "moto does not say who set a parameter; the provider takes none", GOLDEN
    ),
    "aws_api_gateway_stage.execution_arn": _NO_ACCOUNT,
    "aws_apigatewayv2_api.execution_arn": _NO_ACCOUNT,
    "aws_apigatewayv2_stage.execution_arn": _NO_ACCOUNT,
    "aws_eip.arn": _NO_ACCOUNT,
    "aws_ses_domain_identity.arn": _NO_ACCOUNT,
    "aws_vpc_endpoint_service.arn": _NO_ACCOUNT,
    "aws_vpc_security_group_egress_rule.arn": _NO_ACCOUNT,
    "aws_vpc_security_group_ingress_rule.arn": _NO_ACCOUNT,
    "aws_cognito_user_pool_domain.aws_account_id": Listed("moto makes up another at every read", GOLDEN),
}

_FORGETS: Final = "moto keeps nothing of it"
_EVERYWHERE: Final = ("golden", "wide")

# The same, where it takes a change to show: by "type.attribute", with the reason.
DRIFTED: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            "aws_cloudwatch_event_target.dead_letter_config",
            "aws_cloudwatch_event_target.input_transformer",
            "aws_cloudwatch_event_target.retry_policy",
        ),
        "the provider does not look where there is none any more",
    ),
    "aws_cloudwatch_event_target.sagemaker_pipeline_target": "the provider's plan leaves it alone",
    "aws_cognito_user_pool.alias_attributes": "moto forgets it; the provider does not look where there is none",
    "aws_secretsmanager_secret.replica": "moto's listing does not say that a secret is kept in other regions",
    "aws_lambda_event_source_mapping.destination_config": "an empty one is none, for the provider's plan, too",
    "aws_lambda_event_source_mapping.filter_criteria": "moto keeps an empty one where AWS keeps none",
    **dict.fromkeys(
        ("aws_ecs_service.deployment_maximum_percent", "aws_ecs_service.deployment_minimum_healthy_percent"),
        "moto keeps of the deployment configuration what was given last",
    ),
    "aws_pipes_pipe.target_parameters": "moto keeps an empty one where AWS keeps none",
    "aws_sns_topic_subscription.filter_policy_scope": "one that a filter policy left behind is none",
    "aws_lambda_alias.routing_config": "moto keeps an empty one where AWS keeps none",
    "aws_vpc_security_group_egress_rule.tags": _KEPT_TAGS,
    "aws_vpc_security_group_ingress_rule.tags": _KEPT_TAGS,
}

# What a scan of an untouched estate finds, because the emulator keeps less than it takes. Terraform's plan has to say
# the same of each: a difference that Terraform does not see cannot be listed.
FORGOTTEN: Final[Mapping[str, Listed]] = {
    "aws_acm_certificate.key_algorithm": Listed("moto makes RSA_2048 of every one", GOLDEN),
    "aws_acm_certificate.validation_method": Listed("moto makes DNS of every one", GOLDEN),
    "aws_api_gateway_rest_api.binary_media_types": Listed(_FORGETS, GOLDEN),
    "aws_appsync_graphql_api.api_type": Listed(_FORGETS, _EVERYWHERE),
    "aws_appsync_graphql_api.introspection_config": Listed(_FORGETS, _EVERYWHERE),
    "aws_dynamodb_table.table_class": Listed(_FORGETS, GOLDEN),
    "aws_ec2_transit_gateway_vpc_attachment.tags": Listed(_FORGETS, GOLDEN),
    "aws_ec2_transit_gateway_vpc_attachment.tags_all": Listed(_FORGETS, ("wide",)),
    "aws_ecs_service.availability_zone_rebalancing": Listed(_FORGETS, _EVERYWHERE),
    "aws_ecs_service.enable_ecs_managed_tags": Listed(_FORGETS, GOLDEN),
    "aws_ecs_service.enable_execute_command": Listed(_FORGETS, GOLDEN),
    "aws_ecs_service.health_check_grace_period_seconds": Listed(_FORGETS, GOLDEN),
    "aws_ecs_service.ordered_placement_strategy": Listed(_FORGETS, GOLDEN),
    "aws_glue_registry.tags": Listed(_FORGETS, GOLDEN),
    "aws_glue_registry.tags_all": Listed(_FORGETS, ("wide",)),
    "aws_iam_user.permissions_boundary": Listed(_FORGETS, GOLDEN),
    "aws_kinesis_stream.tags": Listed(_FORGETS, GOLDEN),
    "aws_kinesis_stream.tags_all": Listed(_FORGETS, ("wide",)),
    "aws_kms_key.rotation_period_in_days": Listed(_FORGETS, GOLDEN),
    "aws_lambda_function.dead_letter_config": Listed(_FORGETS, GOLDEN),
    "aws_lambda_function.image_config": Listed("moto gives an empty one to functions that are no image", GOLDEN),
    "aws_launch_template.tag_specifications": Listed("moto adds the tags of the template itself", GOLDEN),
    "aws_network_acl.ingress": Listed("moto forgets what kind of ICMP", GOLDEN),
    "aws_route53_health_check.request_interval": Listed("moto gives 30 to checks that have none", _EVERYWHERE),
    "aws_route53_zone.vpc": Listed(_FORGETS, GOLDEN),
    "aws_s3_bucket_notification.eventbridge": Listed(_FORGETS, GOLDEN),
    "aws_sesv2_configuration_set.tracking_options": Listed("moto gives an empty block", GOLDEN),
    "aws_sesv2_configuration_set.vdm_options": Listed("moto gives an empty block", GOLDEN),
    "aws_sns_topic.tracing_config": Listed(_FORGETS, GOLDEN),
    "aws_default_vpc_dhcp_options.tags": Listed("moto loses those that are given too soon", ("apart",), sometimes=True),
    "aws_vpc_dhcp_options.tags": Listed(_FORGETS, GOLDEN),
}

# What lives in an untouched estate and no code describes: "type" -> what made it.
STRAY: Final[Mapping[str, Listed]] = {
    "aws_network_interface": Listed("moto does not mark those that gateways and endpoints brought along", GOLDEN),
    "aws_s3_bucket_versioning": Listed("a bucket with object lock has it on; the code need not say so", GOLDEN),
}

# What the code describes and an untouched estate does not have: "type" -> what became of it.
LOST: Final[Mapping[str, Listed]] = {
    "aws_secretsmanager_secret_version": Listed(
        "moto rotates to a version without a value", GOLDEN, modes=("nothing",)
    ),
}

# Why a resource of an untouched estate cannot be compared: pattern of the reason -> why that is as it has to be.
UNVERIFIED: Final[Mapping[str, Listed]] = {
    "is not supported yet": Listed("no entry for the type", _EVERYWHERE, sometimes=True),
    "it is in no state and no baseline, and .* left to the provider": Listed(
        "nothing in the code tells it from others", _EVERYWHERE, modes=("nothing",)
    ),
    r"\d live resources have": Listed(
        "the code says the same of several", _EVERYWHERE, sometimes=True, modes=("nothing",)
    ),
    "it depends on what cannot be told": Listed("a part of one of those", GOLDEN, modes=("nothing",)),
}


def stale(table: Mapping[str, Listed], estate: str, needed: set[str]) -> list[str]:
    """What is listed for the estate and was not needed in it."""
    return [
        name for name, entry in table.items() if estate in entry.estates and not entry.sometimes and name not in needed
    ]
