"""EventBridge pipes: from a source, by way of an enrichment, to a target."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import name_prefix, names, tags
from reconciler.resources.shapes import (
    Field,
    Shape,
    flag,
    getters,
    listed,
    many,
    mapping,
    names_of,
    never,
    number,
    numbers,
    one,
    texts,
    told,
    value,
    write,
)
from reconciler.resources.spec import At, Read, ResourceType, Semantics, Subject, Write
from reconciler.resources.writing import PASS_ROLE, operation, tag_object, tag_write

_GONE: Final = frozenset(("NotFoundException",))

# -- where events come from: what UpdatePipe does not take is only `told` -------------------------------------

_BATCH: Final[Shape] = numbers("batch_size maximum_batching_window_in_seconds")
_DEAD_LETTERS: Final = one("DeadLetterConfig", texts("arn"), cleared={})
_STREAM: Final[Shape] = {
    **_BATCH,
    **numbers("maximum_record_age_in_seconds maximum_retry_attempts", zero=True),
    **numbers("parallelization_factor"),
    **texts("on_partial_batch_item_failure"),
    "dead_letter_config": _DEAD_LETTERS,
    "starting_position": told("StartingPosition"),
}
_BROKER: Final[Shape] = {
    **_BATCH,
    "credentials": one("Credentials", texts("basic_auth")),
    "queue_name": told("QueueName"),
}
_KAFKA: Final[Shape] = {
    **_BATCH,
    "consumer_group_id": told("ConsumerGroupID"),
    "starting_position": told("StartingPosition"),
    "topic_name": told("TopicName"),
}
_MANAGED_LOGIN: Final[Shape] = {
    "client_certificate_tls_auth": value("ClientCertificateTlsAuth"),
    "sasl_scram_512_auth": value("SaslScram512Auth"),
}
_KAFKA_LOGIN: Final[Shape] = {
    **_MANAGED_LOGIN,
    "basic_auth": value("BasicAuth"),
    "sasl_scram_256_auth": value("SaslScram256Auth"),
}
_SOURCE: Final[Shape] = {
    "activemq_broker_parameters": one("ActiveMQBrokerParameters", _BROKER),
    "dynamodb_stream_parameters": one("DynamoDBStreamParameters", _STREAM),
    "filter_criteria": one(
        "FilterCriteria",
        {"filter": many("Filters", texts("pattern"), cleared=[])},
        cleared={},
        unless=lambda given: not given.get("Filters"),
    ),
    "kinesis_stream_parameters": one(
        "KinesisStreamParameters", {**_STREAM, "starting_position_timestamp": told("StartingPositionTimestamp")}
    ),
    "managed_streaming_kafka_parameters": one(
        "ManagedStreamingKafkaParameters", {**_KAFKA, "credentials": one("Credentials", _MANAGED_LOGIN)}
    ),
    "rabbitmq_broker_parameters": one("RabbitMQBrokerParameters", {**_BROKER, "virtual_host": told("VirtualHost")}),
    "self_managed_kafka_parameters": one(
        "SelfManagedKafkaParameters",
        {
            **_KAFKA,
            "additional_bootstrap_servers": Field("AdditionalBootstrapServers", names, never, []),
            "credentials": one("Credentials", _KAFKA_LOGIN),
            "server_root_ca_certificate": value("ServerRootCaCertificate"),
            "vpc": one("Vpc", {"security_groups": names_of("SecurityGroup"), "subnets": names_of("Subnets")}),
        },
    ),
    "sqs_queue_parameters": one("SqsQueueParameters", _BATCH),
}

# -- where they go --------------------------------------------------------------------------------------------

_HTTP: Final[Shape] = {
    "header_parameters": mapping("HeaderParameters"),
    "path_parameter_values": listed("PathParameterValues"),
    "query_string_parameters": mapping("QueryStringParameters"),
}
_PAIR: Final[Shape] = texts("name value")
_REQUIREMENT: Final[Shape] = texts("type value")
_BATCH_JOB: Final[Shape] = {
    **texts("job_definition job_name"),
    "array_properties": one("ArrayProperties", numbers("size")),
    "container_overrides": one(
        "ContainerOverrides",
        {
            "command": listed("Command"),
            "environment": many("Environment", _PAIR),
            "instance_type": value("InstanceType"),
            "resource_requirement": many("ResourceRequirements", _REQUIREMENT),
        },
    ),
    "depends_on": many("DependsOn", {"job_id": value("JobId"), "type": value("Type")}),
    "parameters": mapping("Parameters"),
    "retry_strategy": one("RetryStrategy", numbers("attempts")),
}
_CONTAINER: Final[Shape] = {
    **numbers("cpu memory memory_reservation"),
    "command": listed("Command"),
    "environment": many("Environment", {"name": value("name"), "value": value("value")}),
    "environment_file": many("EnvironmentFiles", {"type": value("type"), "value": value("value")}),
    "name": value("Name"),
    "resource_requirement": many("ResourceRequirements", {"type": value("type"), "value": value("value")}),
}
_OVERRIDES: Final[Shape] = {
    **texts("cpu execution_role_arn memory task_role_arn"),
    "container_override": many("ContainerOverrides", _CONTAINER),
    "ephemeral_storage": one("EphemeralStorage", {"size_in_gib": number("sizeInGiB")}),
    "inference_accelerator_override": many(
        "InferenceAcceleratorOverrides", {"device_name": value("deviceName"), "device_type": value("deviceType")}
    ),
}
_ECS_TASK: Final[Shape] = {
    **texts("group launch_type platform_version propagate_tags reference_id task_definition_arn"),
    **numbers("task_count"),
    "capacity_provider_strategy": many(
        "CapacityProviderStrategy",
        {"base": number("base"), "capacity_provider": value("capacityProvider"), "weight": number("weight")},
    ),
    "enable_ecs_managed_tags": flag("EnableECSManagedTags"),
    "enable_execute_command": flag("EnableExecuteCommand"),
    "network_configuration": one(
        "NetworkConfiguration",
        {
            "aws_vpc_configuration": one(
                "awsvpcConfiguration",
                {
                    "assign_public_ip": value("AssignPublicIp"),
                    "security_groups": names_of("SecurityGroups"),
                    "subnets": names_of("Subnets"),
                },
            )
        },
    ),
    "overrides": one("Overrides", _OVERRIDES),
    "placement_constraint": many("PlacementConstraints", {"expression": value("expression"), "type": value("type")}),
    "placement_strategy": many("PlacementStrategy", {"field": value("field"), "type": value("type")}),
    "tags": Field(
        "Tags",
        lambda given: {tag["Key"]: tag["Value"] for tag in given},
        lambda wanted: [{"Key": key, "Value": wanted[key]} for key in sorted(wanted)],
        {},
    ),
}
_TARGET: Final[Shape] = {
    "batch_job_parameters": one("BatchJobParameters", _BATCH_JOB),
    "cloudwatch_logs_parameters": one("CloudWatchLogsParameters", texts("log_stream_name timestamp")),
    "ecs_task_parameters": one("EcsTaskParameters", _ECS_TASK),
    "eventbridge_event_bus_parameters": one(
        "EventBridgeEventBusParameters",
        {**texts("detail_type endpoint_id source time"), "resources": names_of("Resources")},
    ),
    "http_parameters": one("HttpParameters", _HTTP),
    "input_template": value("InputTemplate", cleared=""),
    "kinesis_stream_parameters": one("KinesisStreamParameters", texts("partition_key")),
    "lambda_function_parameters": one("LambdaFunctionParameters", texts("invocation_type")),
    "redshift_data_parameters": one(
        "RedshiftDataParameters",
        {
            **texts("database db_user secret_manager_arn statement_name"),
            "sqls": names_of("Sqls"),
            "with_event": flag("WithEvent"),
        },
    ),
    "sagemaker_pipeline_parameters": one(
        "SageMakerPipelineParameters", {"pipeline_parameter": many("PipelineParameterList", _PAIR)}
    ),
    "sqs_queue_parameters": one("SqsQueueParameters", texts("message_deduplication_id message_group_id")),
    "step_function_state_machine_parameters": one("StepFunctionStateMachineParameters", texts("invocation_type")),
}
_S3: Final[Shape] = texts("bucket_name bucket_owner output_format prefix")
_LOGS: Final[Shape] = {
    "cloudwatch_logs_log_destination": one("CloudwatchLogsLogDestination", texts("log_group_arn")),
    "firehose_log_destination": one("FirehoseLogDestination", texts("delivery_stream_arn")),
    "include_execution_data": names_of("IncludeExecutionData", cleared=[]),
    "level": value("Level"),
    "s3_log_destination": one("S3LogDestination", _S3),
}

# -- pipes ----------------------------------------------------------------------------------------------------

_NO_ENRICHMENT: Final[dict[str, Json]] = {"InputTemplate": ""}
_SETTINGS: Final[Shape] = {
    "description": value("Description", cleared=""),
    "desired_state": value("DesiredState", "RUNNING"),
    "enrichment": value("Enrichment", cleared=""),
    "enrichment_parameters": one(
        "EnrichmentParameters",
        {"http_parameters": one("HttpParameters", _HTTP), "input_template": value("InputTemplate", cleared="")},
        cleared=_NO_ENRICHMENT,
        unless=lambda given: not any(given.values()),
    ),
    "kms_key_identifier": value("KmsKeyIdentifier", cleared=""),
    "log_configuration": one(
        "LogConfiguration", _LOGS, cleared={"Level": "OFF"}, unless=lambda given: not any(given.values())
    ),
    "role_arn": value("RoleArn"),
    "source_parameters": one("SourceParameters", _SOURCE, unless=lambda given: not any(given.values())),
    "target": value("Target"),
    "target_parameters": one(
        "TargetParameters", _TARGET, cleared={"InputTemplate": ""}, unless=lambda given: not any(given.values())
    ),
}


def _update(subject: Subject) -> Iterable[Operation]:
    """UpdatePipe always takes the role; what else it does not name stays."""
    changed = {name: field for name, field in _SETTINGS.items() if name in subject.changed or name == "role_arn"}
    yield operation("pipes:UpdatePipe", {"Name": subject.id, **write(changed, subject.known)})


_PIPE: Final = ResourceType(
    name="aws_pipes_pipe",
    list=Read("pipes:ListPipes", "Pipes"),
    id=At("Name"),
    by_id=lambda name, _: {"Name": name},
    natural_keys=(("name",),),
    details={"pipe": Read("pipes:DescribePipe", "", {"Name": At("Name")}, absent=_GONE)},
    exists=lambda record, _: record["pipe"] is not None,
    attributes={
        **getters(_SETTINGS, "pipe"),
        "arn": At("pipe.Arn"),
        "id": At("Name"),
        "name": At("Name"),
        "name_prefix": name_prefix("Name"),
        "source": At("pipe.Source"),
        "tags": tags("pipe.Tags"),
    },
    semantics={"source_parameters.filter_criteria.filter.pattern": Semantics.EVENT_PATTERN},
    writes=(
        Write(("pipes:UpdatePipe",), frozenset(_SETTINGS), _update, ("pipes:UpdatePipe", PASS_ROLE)),
        tag_write(
            "pipes:TagResource",
            "pipes:UntagResource",
            {"resourceArn": "arn"},
            form=tag_object,
            tags="tags",
            keys="tagKeys",
        ),
    ),
)

TYPES: Final = (_PIPE,)
