resource "aws_iam_role" "this" {
  name = "firehose"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "firehose.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_s3_bucket" "this" {
  bucket = "firehose-orders"
}

resource "aws_kinesis_stream" "this" {
  name        = "firehose-orders"
  shard_count = 1
}

resource "aws_kinesis_firehose_delivery_stream" "full" {
  name        = "orders"
  destination = "extended_s3"

  extended_s3_configuration {
    role_arn            = aws_iam_role.this.arn
    bucket_arn          = aws_s3_bucket.this.arn
    prefix              = "orders/!{timestamp:yyyy}/"
    error_output_prefix = "errors/"
    buffering_interval  = 120
    buffering_size      = 64
    compression_format  = "GZIP"
    kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/11111111-1111-1111-1111-111111111111"
    s3_backup_mode      = "Enabled"

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = "/firehose/orders"
      log_stream_name = "delivery"
    }

    processing_configuration {
      enabled = true

      processors {
        type = "Lambda"

        parameters {
          parameter_name  = "LambdaArn"
          parameter_value = "arn:aws:lambda:eu-west-1:123456789012:function:clean:$LATEST"
        }
        parameters {
          parameter_name  = "BufferSizeInMBs"
          parameter_value = "2"
        }
      }
    }

    s3_backup_configuration {
      role_arn   = aws_iam_role.this.arn
      bucket_arn = aws_s3_bucket.this.arn
      prefix     = "backup/"
    }
  }

  tags = {
    Owner = "orders"
  }
}

resource "aws_kinesis_firehose_delivery_stream" "converted" {
  name        = "converted"
  destination = "extended_s3"

  kinesis_source_configuration {
    kinesis_stream_arn = aws_kinesis_stream.this.arn
    role_arn           = aws_iam_role.this.arn
  }

  extended_s3_configuration {
    role_arn       = aws_iam_role.this.arn
    bucket_arn     = aws_s3_bucket.this.arn
    buffering_size = 128

    data_format_conversion_configuration {
      input_format_configuration {
        deserializer {
          open_x_json_ser_de {
            case_insensitive = false
          }
        }
      }
      output_format_configuration {
        serializer {
          parquet_ser_de {
            compression = "GZIP"
          }
        }
      }
      schema_configuration {
        database_name = "orders"
        table_name    = "orders"
        role_arn      = aws_iam_role.this.arn
        region        = "eu-west-1"
      }
    }
  }
}

resource "aws_kinesis_firehose_delivery_stream" "http" {
  name        = "http"
  destination = "http_endpoint"

  http_endpoint_configuration {
    url                = "https://example.com/ingest"
    name               = "partner"
    access_key         = "s3cret"
    role_arn           = aws_iam_role.this.arn
    buffering_size     = 15
    buffering_interval = 600
    s3_backup_mode     = "FailedDataOnly"

    request_configuration {
      content_encoding = "GZIP"

      common_attributes {
        name  = "tenant"
        value = "acme"
      }
    }

    s3_configuration {
      role_arn           = aws_iam_role.this.arn
      bucket_arn         = aws_s3_bucket.this.arn
      buffering_size     = 10
      buffering_interval = 400
      compression_format = "GZIP"
    }
  }
}
