"""Firehose delivery streams, with one of ten kinds of destination."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from reconciler.model import Json, Operation
from reconciler.resources.convert import part, parts, tags
from reconciler.resources.reading import tags_in_bulk
from reconciler.resources.shapes import (
    Field,
    Shape,
    flag,
    getters,
    listed,
    many,
    mapping,
    names_of,
    number,
    one,
    told,
    value,
    write,
)
from reconciler.resources.shapes import read as read_shape
from reconciler.resources.spec import At, Read, Record, ResourceType, Scope, Subject, Write, dig
from reconciler.resources.writing import PASS_ROLE, operation, tag_write

_GONE: Final = frozenset(("ResourceNotFoundException",))

# -- parts of destinations ------------------------------------------------------------------------------------


def _only_enabled(shape: Shape) -> Callable[[Any], Json]:
    """Where it is off, AWS still has what it was like when it was on."""

    def reading(given: Any) -> Json:
        enabled = bool(dig(given, "Enabled"))
        return [{"enabled": enabled, **(read_shape(shape, given) if enabled else {})}]

    return reading


def _switched(key: str, shape: Shape) -> Field:
    whole: Shape = {"enabled": flag("Enabled"), **shape}
    return Field(key, _only_enabled(shape), lambda blocks: write(whole, blocks[0]), [], {"Enabled": False}, inner=whole)


_LOGGING: Final = _switched(
    "CloudWatchLoggingOptions", {"log_group_name": value("LogGroupName"), "log_stream_name": value("LogStreamName")}
)
_SECRET: Final = _switched(
    "SecretsManagerConfiguration", {"role_arn": value("RoleARN"), "secret_arn": value("SecretARN")}
)
_BUFFERING: Final[Shape] = {
    "buffering_interval": number("BufferingHints.IntervalInSeconds", zero=True),
    "buffering_size": number("BufferingHints.SizeInMBs", zero=True),
}
_PROCESSOR: Final[Shape] = {
    "parameters": many(
        "Parameters", {"parameter_name": value("ParameterName"), "parameter_value": value("ParameterValue")}
    ),
    "type": value("Type"),
}
_PROCESSING: Final = one(
    "ProcessingConfiguration",
    {"enabled": flag("Enabled"), "processors": many("Processors", _PROCESSOR, cleared=[])},
    cleared={"Enabled": False},
)
_KEY: Final = Field(
    "EncryptionConfiguration",
    lambda given: dig(given, "KMSEncryptionConfig.AWSKMSKeyARN") or "",
    lambda arn: {"KMSEncryptionConfig": {"AWSKMSKeyARN": arn}},
    "",
    {"NoEncryptionConfig": "NoEncryption"},
)
_S3: Final[Shape] = {
    **_BUFFERING,
    "bucket_arn": value("BucketARN"),
    "cloudwatch_logging_options": _LOGGING,
    "compression_format": value("CompressionFormat"),
    "error_output_prefix": value("ErrorOutputPrefix", cleared=""),
    "kms_key_arn": _KEY,
    "prefix": value("Prefix", cleared=""),
    "role_arn": value("RoleARN"),
}
_VPC: Final[Shape] = {
    "role_arn": value("RoleARN"),
    "security_group_ids": names_of("SecurityGroupIds"),
    "subnet_ids": names_of("SubnetIds"),
    "vpc_id": told("VpcId"),
}
# What all destinations but S3 have.
_COMMON: Final[Shape] = {
    "cloudwatch_logging_options": _LOGGING,
    "processing_configuration": _PROCESSING,
    "retry_duration": number("RetryOptions.DurationInSeconds", zero=True),
    "s3_backup_mode": value("S3BackupMode"),
    "s3_configuration": one("S3DestinationDescription", _S3),
}

# -- conversion of formats ------------------------------------------------------------------------------------

_ORC: Final[Shape] = {
    "block_size_bytes": number("BlockSizeBytes", default=268435456),
    "bloom_filter_columns": listed("BloomFilterColumns"),
    "bloom_filter_false_positive_probability": number("BloomFilterFalsePositiveProbability", zero=True, default=0.05),
    "compression": value("Compression", "SNAPPY"),
    "dictionary_key_threshold": number("DictionaryKeyThreshold", zero=True),
    "enable_padding": flag("EnablePadding"),
    "format_version": value("FormatVersion", "V0_12"),
    "padding_tolerance": number("PaddingTolerance", zero=True, default=0.05),
    "row_index_stride": number("RowIndexStride", default=10000),
    "stripe_size_bytes": number("StripeSizeBytes", default=67108864),
}
_PARQUET: Final[Shape] = {
    "block_size_bytes": number("BlockSizeBytes", default=268435456),
    "compression": value("Compression", "SNAPPY"),
    "enable_dictionary_compression": flag("EnableDictionaryCompression"),
    "max_padding_bytes": number("MaxPaddingBytes", zero=True),
    "page_size_bytes": number("PageSizeBytes", default=1048576),
    "writer_version": value("WriterVersion", "V1"),
}
_OPEN_X: Final[Shape] = {
    "case_insensitive": flag("CaseInsensitive", default=True),
    "column_to_json_key_mappings": mapping("ColumnToJsonKeyMappings"),
    "convert_dots_in_json_keys_to_underscores": flag("ConvertDotsInJsonKeysToUnderscores"),
}
_DESERIALIZER: Final[Shape] = {
    "hive_json_ser_de": one("HiveJsonSerDe", {"timestamp_formats": listed("TimestampFormats")}),
    "open_x_json_ser_de": one("OpenXJsonSerDe", _OPEN_X),
}
_SERIALIZER: Final[Shape] = {"orc_ser_de": one("OrcSerDe", _ORC), "parquet_ser_de": one("ParquetSerDe", _PARQUET)}
_SCHEMA: Final[Shape] = {
    "catalog_id": value("CatalogId"),
    "database_name": value("DatabaseName"),
    "region": value("Region"),
    "role_arn": value("RoleARN"),
    "table_name": value("TableName"),
    "version_id": value("VersionId"),
}
_CONVERSION: Final[Shape] = {
    "enabled": flag("Enabled"),
    "input_format_configuration": one("InputFormatConfiguration", {"deserializer": one("Deserializer", _DESERIALIZER)}),
    "output_format_configuration": one("OutputFormatConfiguration", {"serializer": one("Serializer", _SERIALIZER)}),
    "schema_configuration": one("SchemaConfiguration", _SCHEMA),
}


def _no_conversion(given: Any) -> bool:
    return not any(given.values())


# -- destinations ---------------------------------------------------------------------------------------------

_EXTENDED: Final[Shape] = {
    **_S3,
    "custom_time_zone": value("CustomTimeZone"),
    "data_format_conversion_configuration": one(
        "DataFormatConversionConfiguration", _CONVERSION, cleared={"Enabled": False}, unless=_no_conversion
    ),
    "dynamic_partitioning_configuration": one(
        "DynamicPartitioningConfiguration",
        {"enabled": flag("Enabled"), "retry_duration": number("RetryOptions.DurationInSeconds", zero=True)},
    ),
    "file_extension": value("FileExtension", cleared=""),
    "processing_configuration": _PROCESSING,
    "s3_backup_configuration": one("S3BackupDescription", _S3),
    "s3_backup_mode": value("S3BackupMode"),
}
_SEARCH: Final[Shape] = {
    **_COMMON,
    **_BUFFERING,
    "cluster_endpoint": value("ClusterEndpoint"),
    "domain_arn": value("DomainARN"),
    "index_name": value("IndexName"),
    "index_rotation_period": value("IndexRotationPeriod"),
    "role_arn": value("RoleARN"),
    "type_name": value("TypeName"),
    "vpc_config": one("VpcConfigurationDescription", _VPC),
}
_PAIR: Final[Shape] = {"name": value("AttributeName"), "value": value("AttributeValue")}
_TABLE: Final[Shape] = {
    "database_name": value("DestinationDatabaseName"),
    "s3_error_output_prefix": value("S3ErrorOutputPrefix"),
    "table_name": value("DestinationTableName"),
    "unique_keys": listed("UniqueKeys"),
}
_DESTINATIONS: Final[dict[str, tuple[str, Shape]]] = {
    "elasticsearch": ("ElasticsearchDestinationDescription", _SEARCH),
    "extended_s3": ("ExtendedS3DestinationDescription", _EXTENDED),
    "http_endpoint": (
        "HttpEndpointDestinationDescription",
        {
            **_COMMON,
            **_BUFFERING,
            "name": value("EndpointConfiguration.Name"),
            "request_configuration": one(
                "RequestConfiguration",
                {"common_attributes": many("CommonAttributes", _PAIR), "content_encoding": value("ContentEncoding")},
            ),
            "role_arn": value("RoleARN"),
            "secrets_manager_configuration": _SECRET,
            "url": value("EndpointConfiguration.Url"),
        },
    ),
    "iceberg": (
        "IcebergDestinationDescription",
        {
            **_COMMON,
            **_BUFFERING,
            "catalog_arn": value("CatalogConfiguration.CatalogARN"),
            "destination_table_configuration": many("DestinationTableConfigurationList", _TABLE),
            "role_arn": value("RoleARN"),
        },
    ),
    "opensearch": (
        "AmazonopensearchserviceDestinationDescription",
        {
            **_SEARCH,
            "document_id_options": one(
                "DocumentIdOptions", {"default_document_id_format": value("DefaultDocumentIdFormat")}
            ),
        },
    ),
    "opensearchserverless": (
        "AmazonOpenSearchServerlessDestinationDescription",
        {
            **_COMMON,
            **_BUFFERING,
            "collection_endpoint": value("CollectionEndpoint"),
            "index_name": value("IndexName"),
            "role_arn": value("RoleARN"),
            "vpc_config": one("VpcConfigurationDescription", _VPC),
        },
    ),
    "redshift": (
        "RedshiftDestinationDescription",
        {
            **_COMMON,
            "cluster_jdbcurl": value("ClusterJDBCURL"),
            "copy_options": value("CopyCommand.CopyOptions"),
            "data_table_columns": value("CopyCommand.DataTableColumns"),
            "data_table_name": value("CopyCommand.DataTableName"),
            "role_arn": value("RoleARN"),
            "s3_backup_configuration": one("S3BackupDescription", _S3),
            "secrets_manager_configuration": _SECRET,
            "username": value("Username"),
        },
    ),
    "snowflake": (
        "SnowflakeDestinationDescription",
        {
            **_COMMON,
            **_BUFFERING,
            "account_url": value("AccountUrl"),
            "content_column_name": value("ContentColumnName"),
            "data_loading_option": value("DataLoadingOption"),
            "database": value("Database"),
            "metadata_column_name": value("MetaDataColumnName"),
            "role_arn": value("RoleARN"),
            "schema": value("Schema"),
            "secrets_manager_configuration": _SECRET,
            "snowflake_role_configuration": _switched(
                "SnowflakeRoleConfiguration", {"snowflake_role": value("SnowflakeRole")}
            ),
            "snowflake_vpc_configuration": one(
                "SnowflakeVpcConfiguration", {"private_link_vpce_id": value("PrivateLinkVpceId")}
            ),
            "table": value("Table"),
            "user": value("User"),
        },
    ),
    "splunk": (
        "SplunkDestinationDescription",
        {
            **_COMMON,
            **_BUFFERING,
            "hec_acknowledgment_timeout": number("HECAcknowledgmentTimeoutInSeconds", zero=True),
            "hec_endpoint": value("HECEndpoint"),
            "hec_endpoint_type": value("HECEndpointType"),
            "hec_token": value("HECToken"),
            "secrets_manager_configuration": _SECRET,
        },
    ),
}


def _kind(destination: Mapping[str, Any]) -> str:
    """Every stream to S3 has an extended description beside the plain one, and so have some others."""
    described = (kind for kind, (key, _) in _DESTINATIONS.items() if kind != "extended_s3" and destination.get(key))
    return next(described, "extended_s3")


def _first(record: Record) -> dict[str, Any]:
    found = parts(record["stream"], "Destinations")
    return found[0] if found else {}


def _usual(kind: str, role: str) -> dict[str, str]:
    """What AWS adds to a Lambda processor by itself."""
    size = "0.25" if kind == "splunk" else "1"
    usual = {"NumberOfRetries": "3", "BufferIntervalInSeconds": "60", "BufferSizeInMBs": size}
    return {**usual, "RoleArn": role} if role else usual


def _without_usual(kind: str, block: dict[str, Any]) -> None:
    usual = _usual(kind, "" if kind == "splunk" else str(block.get("role_arn") or ""))
    for processing in block["processing_configuration"]:
        for processor in processing["processors"]:
            if processor["type"] == "Lambda":
                processor["parameters"] = [
                    p for p in processor["parameters"] if usual.get(p["parameter_name"]) != p["parameter_value"]
                ]


def _configuration(kind: str) -> Callable[[Record, Scope], Json]:
    key, shape = _DESTINATIONS[kind]

    def get(record: Record, _scope: Scope) -> Json:
        destination = _first(record)
        if _kind(destination) != kind or not destination.get(key):
            return []
        block: dict[str, Any] = read_shape(shape, destination[key])
        _without_usual(kind, block)
        return [block]

    return get


_ENCRYPTION: Final = "DeliveryStreamEncryptionConfiguration"


def _encryption(record: Record, _scope: Scope) -> Json:
    found = part(record["stream"], _ENCRYPTION)
    if found.get("Status") != "ENABLED":
        return [{"enabled": False, "key_arn": "", "key_type": "AWS_OWNED_CMK"}]
    return [{"enabled": True, "key_arn": found.get("KeyARN") or "", "key_type": found.get("KeyType")}]


def _set_encryption(subject: Subject) -> Iterable[Operation]:
    wanted = next(iter(parts(dict(subject.after or {}), "server_side_encryption")), None)
    stream: dict[str, Json] = {"DeliveryStreamName": subject.known["name"]}
    if wanted and wanted.get("enabled"):
        given = write({"key_arn": value("KeyARN"), "key_type": value("KeyType")}, wanted)
        encryption: dict[str, Json] = {"KeyType": "AWS_OWNED_CMK", **given}
        yield operation(
            "firehose:StartDeliveryStreamEncryption",
            {**stream, "DeliveryStreamEncryptionConfigurationInput": encryption},
        )
    else:
        yield operation("firehose:StopDeliveryStreamEncryption", stream)


def _update(subject: Subject) -> Iterable[Operation]:
    """AWS takes it for the version that it is at, which each update counts up."""
    there: Any = dict(subject.before or {})
    was = next(iter(parts(there, "extended_s3_configuration")), None) or {}
    for wanted in parts(dict(subject.after or {}), "extended_s3_configuration"):
        # What never was needs no word that it is not.
        given = write({name: field for name, field in _EXTENDED.items() if was.get(name) or wanted.get(name)}, wanted)
        backup = given.pop("S3BackupDescription", None)
        if backup:
            given["S3BackupUpdate"] = backup
        yield operation(
            "firehose:UpdateDestination",
            {
                "DeliveryStreamName": subject.known["name"],
                "CurrentDeliveryStreamVersionId": there.get("version_id") or "1",
                "DestinationId": there.get("destination_id") or "destinationId-000000000001",
                "ExtendedS3DestinationUpdate": given,
            },
        )


_SOURCES: Final[Shape] = {
    "kinesis_source_configuration": one(
        "Source.KinesisStreamSourceDescription",
        {"kinesis_stream_arn": value("KinesisStreamARN"), "role_arn": value("RoleARN")},
    ),
    "msk_source_configuration": one(
        "Source.MSKSourceDescription",
        {
            "authentication_configuration": one(
                "AuthenticationConfiguration", {"connectivity": value("Connectivity"), "role_arn": value("RoleARN")}
            ),
            "msk_cluster_arn": value("MSKClusterARN"),
            "read_from_timestamp": value("ReadFromTimestamp"),
            "topic_name": value("TopicName"),
        },
    ),
}


def _arn(record: Record, scope: Scope) -> str:
    return scope.arn("firehose", f"deliverystream/{record['DeliveryStreamName']}")


_STREAM: Final = ResourceType(
    name="aws_kinesis_firehose_delivery_stream",
    kept=frozenset(
        ("server_side_encryption", *(f"{kind}_configuration.processing_configuration" for kind in _DESTINATIONS))
    ),
    # Pages have no token, and one holds more than an account may have.
    list=Read("firehose:ListDeliveryStreams", "DeliveryStreamNames", {"Limit": 10000}, wrap="DeliveryStreamName"),
    id=_arn,
    by_id=lambda arn, _: {"DeliveryStreamName": arn.rsplit("/", 1)[-1]},
    natural_keys=(("name",),),
    details={
        "stream": Read(
            "firehose:DescribeDeliveryStream",
            "DeliveryStreamDescription",
            {"DeliveryStreamName": At("DeliveryStreamName")},
            absent=_GONE,
        ),
        "tags": tags_in_bulk(
            "firehose:deliverystream",
            _arn,
            Read(
                "firehose:ListTagsForDeliveryStream",
                "Tags",
                {"DeliveryStreamName": At("DeliveryStreamName")},
                absent=_GONE,
            ),
        ),
    },
    exists=lambda record, _: record["stream"] is not None,
    attributes={
        **getters(_SOURCES, "stream"),
        **{f"{kind}_configuration": _configuration(kind) for kind in _DESTINATIONS},
        "arn": At("stream.DeliveryStreamARN"),
        "destination": lambda record, _: _kind(_first(record)),
        "destination_id": lambda record, _: _first(record).get("DestinationId"),
        "id": _arn,
        "name": At("DeliveryStreamName"),
        "server_side_encryption": _encryption,
        "tags": tags("tags"),
        "version_id": At("stream.VersionId"),
    },
    moving=frozenset(("version_id",)),
    # Given once and never told.
    unchecked=frozenset(
        (
            "http_endpoint_configuration.access_key",
            "redshift_configuration.password",
            "snowflake_configuration.key_passphrase",
            "snowflake_configuration.private_key",
        )
    ),
    writes=(
        Write(
            ("firehose:UpdateDestination",),
            frozenset(("extended_s3_configuration",)),
            _update,
            ("firehose:UpdateDestination", PASS_ROLE),
        ),
        Write(
            ("firehose:StartDeliveryStreamEncryption", "firehose:StopDeliveryStreamEncryption"),
            frozenset(("server_side_encryption",)),
            _set_encryption,
        ),
        tag_write("firehose:TagDeliveryStream", "firehose:UntagDeliveryStream", {"DeliveryStreamName": "name"}),
    ),
)

TYPES: Final = (_STREAM,)
