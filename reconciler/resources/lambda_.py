"""Functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import block, blocks, items, names, parts, tags
from reconciler.resources.spec import At, Bulk, Read, Record, ResourceType, Scope, Subject, Write, dig
from reconciler.resources.writing import PASS_ROLE, operation, setter, tag_object, tag_write

_GONE: Final = frozenset(("ResourceNotFoundException",))
FUNCTIONS: Final = Read("lambda:ListFunctions", "Functions", page=50)


def is_version(item: Record) -> bool:
    """It was told as a version, with the ARN of one."""
    return str(item.get("FunctionArn")).endswith(f":{item.get('Version')}")


# Every published version of every function, for the newest one's ARN. Where versions are told, ARNs end with them, the
# unpublished one's too; an endpoint that leaves them out has not heard what it was asked for.
_VERSIONS: Final = Read(
    "lambda:ListFunctions",
    "Functions",
    {"FunctionVersion": "ALL"},
    page=50,
    bulk=Bulk(
        "FunctionName",
        At("FunctionName"),
        many=True,
        single=Read("lambda:ListVersionsByFunction", "Versions", {"FunctionName": At("FunctionName")}, absent=_GONE),
        current=True,
        only=is_version,
    ),
)
# Tags, reserved concurrency and the image, which the listing lacks.
_FUNCTION: Final = Read("lambda:GetFunction", "", {"FunctionName": At("FunctionName")}, absent=_GONE)
_SIGNING: Final = Read(
    "lambda:GetFunctionCodeSigningConfig",
    "CodeSigningConfigArn",
    {"FunctionName": At("FunctionName")},
    when=lambda record, _: record.get("PackageType") != "Image",
    absent=_GONE,
)


def _newest(record: Record) -> Record:
    published = [version for version in parts(record, "versions") if str(version["Version"]).isdigit()]
    return max(published, key=lambda version: int(version["Version"]), default=record)


def _qualified_arn(record: Record, _scope: Scope) -> str:
    """As the newest version's is told; the listing of functions tells the plain one."""
    versions = parts(record, "versions")
    newest = _newest(record)
    if newest is record and versions:
        newest = versions[0]  # the unpublished one
    arn, version = str(newest["FunctionArn"]), str(newest["Version"])
    return arn if versions or arn.endswith(f":{version}") else f"{arn}:{version}"


def invoke_arn(arn: str, scope: Scope) -> str:
    """What API Gateway calls a function by."""
    return f"arn:{scope.partition}:apigateway:{scope.region}:lambda:path/2015-03-31/functions/{arn}/invocations"


_Make = Callable[[dict[str, Any]], Json]
# How each attribute is set. A block that is gone is set to what a function without it has.
_CONFIGURATION: Final[dict[str, tuple[str, Callable[[Any], Json]]]] = {
    "description": ("Description", lambda value: value or ""),
    "handler": ("Handler", lambda value: value or None),
    "kms_key_arn": ("KMSKeyArn", lambda value: value or ""),
    "layers": ("Layers", lambda value: value or []),
    "memory_size": ("MemorySize", lambda value: value or 128),
    "role": ("Role", lambda value: value),
    "runtime": ("Runtime", lambda value: value or None),
    "timeout": ("Timeout", lambda value: value or 3),
}


_LOGGING: Final = {
    "application_log_level": "ApplicationLogLevel",
    "log_format": "LogFormat",
    "log_group": "LogGroup",
    "system_log_level": "SystemLogLevel",
}
# Lambda asks on the caller's behalf when a function's network changes.
_NETWORK_ACTIONS: Final = ("ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs")


def _as_block(make: _Make) -> Callable[[Any], Json]:
    return lambda value: make(value[0] if value else {})


_BLOCKS: Final[dict[str, tuple[str, Callable[[Any], Json]]]] = {
    "dead_letter_config": ("DeadLetterConfig", _as_block(lambda b: {"TargetArn": b.get("target_arn") or ""})),
    "environment": ("Environment", _as_block(lambda b: {"Variables": b.get("variables") or {}})),
    "ephemeral_storage": ("EphemeralStorage", _as_block(lambda b: {"Size": b.get("size") or 512})),
    "image_config": (
        "ImageConfig",
        _as_block(
            lambda b: {
                "Command": b.get("command") or [],
                "EntryPoint": b.get("entry_point") or [],
                "WorkingDirectory": b.get("working_directory") or "",
            }
        ),
    ),
    "logging_config": (
        "LoggingConfig",
        _as_block(lambda b: {key: b[name] for name, key in _LOGGING.items() if b.get(name)} or {"LogFormat": "Text"}),
    ),
    "snap_start": ("SnapStart", _as_block(lambda b: {"ApplyOn": b.get("apply_on") or "None"})),
    "tracing_config": ("TracingConfig", _as_block(lambda b: {"Mode": b.get("mode") or "PassThrough"})),
    "vpc_config": (
        "VpcConfig",
        _as_block(
            lambda b: {
                "SubnetIds": b.get("subnet_ids") or [],
                "SecurityGroupIds": b.get("security_group_ids") or [],
                "Ipv6AllowedForDualStack": bool(b.get("ipv6_allowed_for_dual_stack")),
            }
        ),
    ),
    "file_system_config": (
        "FileSystemConfigs",
        lambda value: [{"Arn": b["arn"], "LocalMountPath": b["local_mount_path"]} for b in parts(value or [])],
    ),
}


def _concurrency(subject: Subject) -> Iterable[Operation]:
    wanted = (subject.after or {}).get("reserved_concurrent_executions")
    if wanted is None or wanted == -1:
        yield operation("lambda:DeleteFunctionConcurrency", {"FunctionName": subject.id})
    else:
        given: dict[str, Json] = {"FunctionName": subject.id, "ReservedConcurrentExecutions": wanted}
        yield operation("lambda:PutFunctionConcurrency", given)


def _signing(subject: Subject) -> Iterable[Operation]:
    wanted = (subject.after or {}).get("code_signing_config_arn")
    if wanted:
        given: dict[str, Json] = {"FunctionName": subject.id, "CodeSigningConfigArn": wanted}
        yield operation("lambda:PutFunctionCodeSigningConfig", given)
    else:
        yield operation("lambda:DeleteFunctionCodeSigningConfig", {"FunctionName": subject.id})


def _snap_start(value: Any) -> Json:
    if dig(value, "ApplyOn") in (None, "None"):
        return []
    return [{"apply_on": value["ApplyOn"], "optimization_status": value.get("OptimizationStatus") or ""}]


_FUNCTION_TYPE: Final = ResourceType(
    name="aws_lambda_function",
    list=FUNCTIONS,
    id=At("FunctionName"),
    natural_keys=(("function_name",),),
    details={"function": _FUNCTION, "signing": _SIGNING, "versions": _VERSIONS},
    exists=lambda record, _: record["function"] is not None,
    attributes={
        "architectures": At("Architectures", default=["x86_64"]),
        "arn": At("FunctionArn"),
        "code_sha256": At("CodeSha256"),
        "code_signing_config_arn": At("signing", default=""),
        "dead_letter_config": At("DeadLetterConfig", block(target_arn="TargetArn"), []),
        "description": At("Description", default=""),
        "environment": At("Environment", block(variables=At("Variables")), []),
        "ephemeral_storage": At("EphemeralStorage", block(size="Size"), [{"size": 512}]),
        "file_system_config": At("FileSystemConfigs", blocks(arn="Arn", local_mount_path="LocalMountPath"), []),
        "function_name": At("FunctionName"),
        "handler": At("Handler", default=""),
        "id": At("FunctionName"),
        "image_config": At(
            "ImageConfigResponse.ImageConfig",
            block(
                command=At("Command"),
                entry_point=At("EntryPoint"),
                working_directory=At("WorkingDirectory"),
            ),
            [],
        ),
        "image_uri": At("function.Code.ImageUri", default=""),
        "invoke_arn": lambda record, scope: invoke_arn(record["FunctionArn"], scope),
        "kms_key_arn": At("KMSKeyArn", default=""),
        "last_modified": At("LastModified"),
        "layers": At("Layers", items("Arn"), []),
        "logging_config": At(
            "LoggingConfig",
            block(
                application_log_level=At("ApplicationLogLevel", default=""),
                log_format=At("LogFormat"),
                log_group=At("LogGroup"),
                system_log_level=At("SystemLogLevel", default=""),
            ),
            [],
        ),
        "memory_size": At("MemorySize", default=128),
        "package_type": At("PackageType", default="Zip"),
        "qualified_arn": _qualified_arn,
        "qualified_invoke_arn": lambda record, scope: invoke_arn(_qualified_arn(record, scope), scope),
        "reserved_concurrent_executions": At("function.Concurrency.ReservedConcurrentExecutions", default=-1),
        "role": At("Role"),
        "runtime": At("Runtime", default=""),
        "signing_job_arn": At("SigningJobArn", default=""),
        "signing_profile_version_arn": At("SigningProfileVersionArn", default=""),
        "snap_start": At("SnapStart", _snap_start, []),
        "source_code_size": At("CodeSize"),
        "tags": tags("function.Tags"),
        "timeout": At("Timeout", default=3),
        "tracing_config": At("TracingConfig", block(mode="Mode"), []),
        "version": lambda record, _: _newest(record)["Version"],
        "vpc_config": At(
            "VpcConfig",
            lambda found: (
                block(
                    ipv6_allowed_for_dual_stack=At("Ipv6AllowedForDualStack", default=False),
                    security_group_ids=At("SecurityGroupIds", names, []),
                    subnet_ids=At("SubnetIds", names, []),
                    vpc_id=At("VpcId"),
                )(found)
                if found.get("VpcId") or found.get("SubnetIds")
                else []
            ),
            [],
        ),
    },
    config_only=frozenset(
        (
            "filename",
            "publish",
            "replace_security_groups_on_destroy",
            "replacement_security_group_ids",
            "s3_bucket",
            "s3_key",
            "s3_object_version",
            "skip_destroy",
            "source_code_hash",
        )
    ),
    writes=(
        # One call for all: while a function updates, Lambda refuses the next one.
        setter(
            "lambda:UpdateFunctionConfiguration",
            {"FunctionName": "id"},
            {**_CONFIGURATION, **_BLOCKS},
            actions=("lambda:UpdateFunctionConfiguration", PASS_ROLE, *_NETWORK_ACTIONS),
        ),
        Write(
            ("lambda:PutFunctionConcurrency", "lambda:DeleteFunctionConcurrency"),
            frozenset(("reserved_concurrent_executions",)),
            _concurrency,
        ),
        Write(
            ("lambda:PutFunctionCodeSigningConfig", "lambda:DeleteFunctionCodeSigningConfig"),
            frozenset(("code_signing_config_arn",)),
            _signing,
        ),
        tag_write("lambda:TagResource", "lambda:UntagResource", {"Resource": "arn"}, form=tag_object),
    ),
)

TYPES: Final = (_FUNCTION_TYPE,)
