resource "aws_kms_key" "this" {
  description = "kinesis-stream"
}

resource "aws_kinesis_stream" "provisioned" {
  name                = "kinesis-provisioned"
  shard_count         = 2
  retention_period    = 48
  shard_level_metrics = ["IncomingBytes", "OutgoingBytes"]
  encryption_type     = "KMS"
  kms_key_id          = aws_kms_key.this.arn

  tags = {
    Owner = "ledger"
  }
}

resource "aws_kinesis_stream" "on_demand" {
  name                      = "kinesis-on-demand"
  enforce_consumer_deletion = true

  stream_mode_details {
    stream_mode = "ON_DEMAND"
  }
}
