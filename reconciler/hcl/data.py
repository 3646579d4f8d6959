"""Data sources that need no cloud, computed as the provider computes them.

A pure data source is a function of its evaluated arguments and its provider's configuration to attributes as plain
data. None means that it cannot be computed here after all: then it is one to be read live.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

from reconciler.hcl import iam_document
from reconciler.hcl.functions import FunctionError
from reconciler.hcl.providers import Configured
from reconciler.hcl.values import to_plain
from reconciler.model import Plain

Arguments: TypeAlias = Mapping[str, Plain]
Attributes: TypeAlias = Mapping[str, Plain]
Compute: TypeAlias = Callable[[Arguments, Configured], "Attributes | None"]

_PARTITIONS: Final = {
    "cn-": ("aws-cn", "amazonaws.com.cn"),
    "us-gov-": ("aws-us-gov", "amazonaws.com"),
    "us-isob-": ("aws-iso-b", "sc2s.sgov.gov"),
    "us-isof-": ("aws-iso-f", "csp.hci.ic.gov"),
    "us-iso-": ("aws-iso", "c2s.ic.gov"),
    "eu-isoe-": ("aws-iso-e", "cloud.adc-e.uk"),
}
_OWN_SUFFIX: Final = {
    "aws-iso": {"cloudhsm", "config", "logs", "workspaces"},
    "aws-iso-b": {"dms", "logs"},
    "aws-cn": {"codedeploy", "elasticmapreduce", "logs"},
}
"""Services whose principal ends with the partition's own domain."""


@cache
def _regions() -> Mapping[str, Mapping[str, str]]:
    """What the provider knows of each region by heart."""
    return json.loads(Path(__file__).with_name("regions.json").read_text(encoding="utf-8"))


def partition_of(region: str) -> tuple[str, str]:
    """The partition that a region is in, and the domain of that partition."""
    return next((found for prefix, found in _PARTITIONS.items() if region.startswith(prefix)), ("aws", "amazonaws.com"))


def _region_named(arguments: Arguments, provider: Configured, name: str = "region") -> str | None:
    given = arguments.get(name)
    return given if isinstance(given, str) and given else provider.provider.region


def _text(arguments: Arguments, name: str) -> str:
    found = arguments.get(name)
    return found if isinstance(found, str) else ""


def _document(arguments: Arguments, _provider: Configured) -> Attributes:
    return {"version": "2012-10-17", **iam_document.compute(arguments)}


def _partition(_arguments: Arguments, provider: Configured) -> Attributes | None:
    if provider.provider.region is None:
        return None
    name, suffix = partition_of(provider.provider.region)
    reverse = ".".join(reversed(suffix.split(".")))
    return {"id": name, "partition": name, "dns_suffix": suffix, "reverse_dns_prefix": reverse}


def _region(arguments: Arguments, provider: Configured) -> Attributes | None:
    endpoint = _text(arguments, "endpoint")
    name = _region_named(arguments, provider, "name")
    if endpoint:
        name = next((region for region, facts in _regions().items() if facts["endpoint"] == endpoint), None)
    facts = _regions().get(name) if name else None
    if name is None or facts is None:
        return None
    return {"id": name, "name": name, "description": facts["description"], "endpoint": facts["endpoint"]}


def _arn(arguments: Arguments, _provider: Configured) -> Attributes:
    arn = _text(arguments, "arn")
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        raise FunctionError(f'"{arn}" is no ARN')
    names = ("partition", "service", "region", "account", "resource")
    return {"id": arn, **dict(zip(names, parts[1:], strict=True))}


def _service_principal(arguments: Arguments, provider: Configured) -> Attributes | None:
    region, service = _region_named(arguments, provider), _text(arguments, "service_name")
    if region is None:
        return None
    partition, domain = partition_of(region)
    suffix = domain if service in _OWN_SUFFIX.get(partition, ()) else "amazonaws.com"
    return {"id": f"{service}.{region}.{suffix}", "name": f"{service}.{suffix}", "region": region, "suffix": suffix}


def _default_tags(_arguments: Arguments, provider: Configured) -> Attributes | None:
    if provider.provider.region is None:
        return None
    tags = to_plain(provider.default_tags) if provider.default_tags is not None else {}
    return {"id": partition_of(provider.provider.region)[0], "tags": tags}


def _account(fact: str, resource: str) -> Compute:
    """Of a service that acts from an account of its own, which the provider knows by region."""

    def compute(arguments: Arguments, provider: Configured) -> Attributes | None:
        region = _region_named(arguments, provider)
        account = _regions().get(region, {}).get(fact) if region else None
        if account is None or provider.provider.region is None:
            return None
        partition = partition_of(provider.provider.region)[0]
        return {"id": account, "arn": f"arn:{partition}:iam::{account}:{resource}"}

    return compute


def _billing_account(_arguments: Arguments, provider: Configured) -> Attributes | None:
    if provider.provider.region is None:
        return None
    account = "386209384616"
    return {"id": account, "arn": f"arn:{partition_of(provider.provider.region)[0]}:iam::{account}:root"}


def _beanstalk_zone(arguments: Arguments, provider: Configured) -> Attributes | None:
    region = _region_named(arguments, provider)
    zone = _regions().get(region, {}).get("beanstalk_zone") if region else None
    return {"id": zone, "region": region} if zone else None


def _log_delivery_user(arguments: Arguments, provider: Configured) -> Attributes | None:
    region = _region_named(arguments, provider)
    if region is None or partition_of(region)[0] != "aws":
        return None
    return {"id": "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"}


def _balancer_zone(arguments: Arguments, provider: Configured) -> Attributes | None:
    region, kind = _region_named(arguments, provider), _text(arguments, "load_balancer_type") or "application"
    zone = _regions().get(region, {}).get(f"{kind}_zone") if region else None
    return {"id": zone, "load_balancer_type": kind} if zone else None


PURE: Final[Mapping[str, Compute]] = {
    "aws_arn": _arn,
    "aws_billing_service_account": _billing_account,
    "aws_cloudfront_log_delivery_canonical_user_id": _log_delivery_user,
    "aws_cloudtrail_service_account": _account("cloudtrail_account", "root"),
    "aws_default_tags": _default_tags,
    "aws_elastic_beanstalk_hosted_zone": _beanstalk_zone,
    "aws_elb_service_account": _account("elb_account", "root"),
    "aws_iam_policy_document": _document,
    "aws_lb_hosted_zone_id": _balancer_zone,
    "aws_partition": _partition,
    "aws_redshift_service_account": _account("redshift_account", "user/logs"),
    "aws_region": _region,
    "aws_service_principal": _service_principal,
}
